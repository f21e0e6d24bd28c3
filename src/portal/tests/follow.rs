//! A real process whose revocation feed is followed: what another process does is heard, the stream
//! beats while nothing happens, and ends when the portal is told to stop.

#[path = "support/process.rs"]
mod process;

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use process::{Portal, free_port, send};
use serde_json::Value;

/// The stream of the feed, line by line.
struct Following(BufReader<TcpStream>);

impl Following {
    fn open(port: u16) -> Self {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("connects");
        let patience = Some(Duration::from_secs(20));
        stream.set_read_timeout(patience).expect("is set");
        let head = format!(
            "GET /.well-known/revocations/stream HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).expect("asks");
        Self(BufReader::new(stream))
    }

    /// The next document's payload; `None` when the stream has ended.
    fn next(&mut self) -> Option<Value> {
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).expect("reads in time") == 0 {
                return None;
            }
            if let Some(jws) = line.strip_prefix("data: ") {
                let payload = jws.split('.').nth(1).expect("three parts");
                let payload = URL_SAFE_NO_PAD.decode(payload).expect("base64url");
                return Some(serde_json::from_slice(&payload).expect("JSON"));
            }
        }
    }
}

fn gatehouse(data: &Path, port: u16, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gatehouse"))
        .args(arguments)
        .current_dir(data)
        .env("GATEHOUSE_DATA_DIR", data)
        .env(
            "GATEHOUSE_SERVER__PUBLIC_URL",
            format!("http://localhost:{port}"),
        )
        .output()
        .expect("runs")
}

fn text(output: &[u8]) -> String {
    String::from_utf8_lossy(output).into_owned()
}

/// The current key of tokens.
fn current(port: u16, data: &Path) -> String {
    let listed = gatehouse(data, port, &["keys", "list", "--json"]);
    let listed: Value = serde_json::from_slice(&listed.stdout).expect("JSON");
    let keys = listed["signingKeys"].as_array().expect("keys").iter();
    let mut current = keys.filter(|key| key["state"] == "current" && key["purpose"] == "token");
    current.next().expect("there is one")["kid"]
        .as_str()
        .expect("a kid")
        .to_owned()
}

#[test]
fn what_another_process_revokes_is_heard_and_the_stream_beats_and_ends() {
    let data = tempfile::tempdir().expect("a folder");
    let port = free_port();
    let mut portal = Portal::start(data.path(), port);
    let mut following = Following::open(port);
    let first = following.next().expect("comes at once");
    let kid = current(port, data.path());
    let kids = |document: &Value| document["kids"].to_string();
    assert!(kids(&first).contains(&kid));

    // Said, not done.
    let asked = gatehouse(data.path(), port, &["keys", "revoke", &kid]);
    assert!(!asked.status.success());
    assert!(
        text(&asked.stdout).contains("cannot be undone"),
        "{asked:?}"
    );
    assert!(text(&asked.stderr).contains("--yes"), "{asked:?}");
    assert_eq!(current(port, data.path()), kid);

    let done = gatehouse(data.path(), port, &["keys", "revoke", &kid, "--yes"]);
    assert!(done.status.success(), "{done:?}");
    let revoked = Instant::now();
    let heard = loop {
        let document = following.next().expect("goes on");
        if !kids(&document).contains(&kid) {
            break document;
        }
    };
    assert!(
        revoked.elapsed() < Duration::from_secs(10),
        "{:?}",
        revoked.elapsed()
    );
    assert!(heard["seq"].as_i64() > first["seq"].as_i64());
    let (_, set) = send(port, "GET", "/.well-known/jwks.json", "").expect("answers");
    assert!(!set.to_string().contains(&kid));

    let restarted = gatehouse(data.path(), port, &["revocations", "restart"]);
    assert!(restarted.status.success(), "{restarted:?}");
    let anew = loop {
        let document = following.next().expect("goes on");
        if document["stream"] != first["stream"] {
            break document;
        }
    };
    assert_eq!(
        (&anew["since"], &anew["entries"][0]["kind"]),
        (&0.into(), &"all".into())
    );

    // Nothing happens: it beats.
    let quiet = Instant::now();
    let beat = following.next().expect("beats");
    // Clients take 15 s of silence for a dead stream.
    assert!(quiet.elapsed() < Duration::from_secs(15));
    assert_eq!(
        (&beat["since"], &beat["entries"]),
        (&anew["seq"], &Value::Array(Vec::new()))
    );

    let told = Command::new("kill")
        .args(["-TERM", &portal.0.id().to_string()])
        .status();
    assert!(told.expect("runs").success());
    let stopping = Instant::now();
    while following.next().is_some() {}
    assert!(portal.0.wait().expect("ends").success());
    assert!(
        stopping.elapsed() < Duration::from_secs(9),
        "{:?}",
        stopping.elapsed()
    );
}
