//! The power goes in the middle of a hundred registrations.
//!
//! A real process, killed with SIGKILL: whatever it acknowledged must survive, exactly once;
//! whatever it did not must not be half there.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

const PEOPLE: usize = 100;
const ACKNOWLEDGED_BEFORE_THE_CRASH: usize = 40;
const PASSWORD: &str = "seven quiet otters swim";

#[test]
fn a_crash_in_the_middle_of_registrations_loses_and_doubles_nothing() {
    let data = tempfile::tempdir().expect("a folder");
    let port = free_port();
    let portal = Portal::start(data.path(), port);

    let acknowledged = register_until_killed(portal, port);
    assert!(
        acknowledged.len() >= ACKNOWLEDGED_BEFORE_THE_CRASH,
        "{}",
        acknowledged.len()
    );
    assert!(acknowledged.len() < PEOPLE, "the crash came in the middle");

    let portal = Portal::start(data.path(), port);
    let letters = letters_for(&acknowledged, port);
    for (email, flow) in &acknowledged {
        let codes = &letters[email];
        assert_eq!(codes.len(), 1, "{email} got exactly one letter");
        let body = json!({ "code": codes[0], "registrationToken": flow });
        let (status, answer) =
            post(port, "/api/auth/verify-email", &body).expect("the portal answers");
        assert_eq!(
            (status, answer["user"]["email"].as_str()),
            (200, Some(email.as_str())),
            "{answer}"
        );
    }
    // Those whose answer was lost may try again as if nothing had happened.
    for email in (0..PEOPLE)
        .map(address)
        .filter(|email| !acknowledged.contains_key(email))
    {
        let (status, _) = register(port, &email).expect("the portal answers");
        assert_eq!(status, 202);
    }
    drop(portal);
}

/// Registers people from eight threads and kills the portal once enough are acknowledged. Returns
/// the flow's secret of each that was.
fn register_until_killed(portal: Portal, port: u16) -> HashMap<String, String> {
    let next = AtomicUsize::new(0);
    let portal = Mutex::new(Some(portal));
    let acknowledged = Mutex::new(HashMap::new());
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    if number >= PEOPLE {
                        return;
                    }
                    let Some((202, answer)) = register(port, &address(number)) else {
                        continue;
                    };
                    let flow = answer["registrationToken"]
                        .as_str()
                        .expect("a flow")
                        .to_owned();
                    let mut acknowledged = acknowledged.lock().expect("no thread panicked");
                    acknowledged.insert(address(number), flow);
                    if acknowledged.len() == ACKNOWLEDGED_BEFORE_THE_CRASH {
                        drop(portal.lock().expect("no thread panicked").take());
                    }
                }
            });
        }
    });
    acknowledged.into_inner().expect("no thread panicked")
}

/// Waits until everybody has a letter; then returns the codes of each.
fn letters_for(people: &HashMap<String, String>, port: u16) -> HashMap<String, Vec<String>> {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let (_, mailbox) = send(port, "GET", "/dev/mailbox.json", "").expect("the portal answers");
        let mut codes: HashMap<String, Vec<String>> = HashMap::new();
        for letter in mailbox.as_array().expect("a list") {
            let to = letter["to"].as_str().expect("an address").to_owned();
            codes
                .entry(to)
                .or_default()
                .push(code_in(letter["text"].as_str().expect("a text")));
        }
        if people.keys().all(|email| codes.contains_key(email)) {
            return codes;
        }
        assert!(
            Instant::now() < deadline,
            "{} of {} letters arrived",
            codes.len(),
            people.len()
        );
        std::thread::yield_now();
    }
}

/// The six digits of the line `Your code: 123 456`.
fn code_in(text: &str) -> String {
    let code = text
        .lines()
        .find_map(|line| line.strip_prefix("Your code: "));
    let code = code.unwrap_or_else(|| panic!("no code in:\n{text}"));
    code.chars().filter(|c| !c.is_whitespace()).collect()
}

fn address(number: usize) -> String {
    format!("person{number}@example.com")
}

fn register(port: u16, email: &str) -> Option<(u16, Value)> {
    post(
        port,
        "/api/auth/register",
        &json!({ "email": email, "password": PASSWORD }),
    )
}

fn post(port: u16, path: &str, body: &Value) -> Option<(u16, Value)> {
    send(port, "POST", path, &body.to_string())
}

/// One request on a connection of its own; `None` when the portal dies before it has answered.
fn send(port: u16, method: &str, path: &str, body: &str) -> Option<(u16, Value)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, serde_json::from_str(body).unwrap_or(Value::Null)))
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    listener.local_addr().expect("an address").port()
}

/// The portal as a process; killed, not stopped, when dropped.
struct Portal(Child);

impl Portal {
    fn start(data: &Path, port: u16) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_gatehouse"))
            .args(["serve", "--dev"])
            .current_dir(data)
            .env("GATEHOUSE_DATA_DIR", data)
            .env("GATEHOUSE_SERVER__BIND", format!("127.0.0.1:{port}"))
            .env(
                "GATEHOUSE_SERVER__PUBLIC_URL",
                format!("http://localhost:{port}"),
            )
            .env("GATEHOUSE_LIMITS__MULTIPLIER", "0")
            .env("GATEHOUSE_HASH__MEMORY_KIB", "1024")
            .env("GATEHOUSE_HASH__ITERATIONS", "1")
            .env("GATEHOUSE_HASH__LANES", "1")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the portal starts");
        let mut portal = Self(child);
        portal.wait_until_ready(port);
        portal
    }

    /// The set-up link is printed when everything is up; the socket answers from then on.
    fn wait_until_ready(&mut self, port: u16) {
        let output = self.0.stdout.take().expect("stdout is a pipe");
        let mut lines = BufReader::new(output).lines();
        let said = lines.any(|line| line.is_ok_and(|line| line.starts_with("Set-up link: ")));
        assert!(said, "the portal ended before it was up");
        // Somebody must go on reading, or the portal writes into a closed pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let deadline = Instant::now() + Duration::from_secs(10);
        while send(port, "GET", "/readyz", "").is_none_or(|(status, _)| status != 200) {
            assert!(Instant::now() < deadline, "the portal is not ready");
            std::thread::yield_now();
        }
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
