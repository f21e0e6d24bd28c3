//! The power goes in the middle of a hundred registrations.
//!
//! A real process, killed with SIGKILL: whatever it acknowledged must survive, exactly once;
//! whatever it did not must not be half there.

#[path = "support/process.rs"]
mod process;

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use process::{Portal, free_port, send};
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
