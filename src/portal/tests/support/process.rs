//! The portal as a process of its own, with a database in a folder of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// One request on a connection of its own; `None` when the portal dies before it has answered.
pub(crate) fn send(port: u16, method: &str, path: &str, body: &str) -> Option<(u16, Value)> {
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

pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    listener.local_addr().expect("an address").port()
}

/// The portal as a process; killed, not stopped, when dropped.
pub(crate) struct Portal(pub(crate) Child);

impl Portal {
    pub(crate) fn start(data: &Path, port: u16) -> Self {
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
