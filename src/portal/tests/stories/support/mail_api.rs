//! A mail API like Resend's, as far as it matters here: it sends one letter for one key, refuses a
//! key that comes again with other words, and hangs up on the first request instead of answering.

use std::sync::Arc;
use std::time::Duration;

use mail::{Mailer, ResendSettings, Sender};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;
use wire::Secret;

use super::smtp::Copy;

/// What it accepted: the key and the letter.
type Accepted = Arc<Mutex<Vec<(String, Value)>>>;

pub(crate) struct MailApi {
    base_url: String,
    accepted: Accepted,
}

impl MailApi {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("listens");
        let base_url = format!("http://{}", listener.local_addr().expect("an address"));
        let accepted = Accepted::default();
        tokio::spawn({
            let accepted = Arc::clone(&accepted);
            async move {
                while let Ok((peer, _)) = listener.accept().await {
                    answer(peer, &accepted).await;
                }
            }
        });
        Self { base_url, accepted }
    }

    /// A postman who brings letters here.
    pub(crate) fn mailer(&self) -> Mailer {
        Mailer::resend(ResendSettings {
            api_key: Secret::new("re_secret"),
            from: Sender::parse("no-reply@example.com").expect("a sender"),
            base_url: self.base_url.clone(),
            timeout: Duration::from_secs(10),
        })
        .expect("settings hold")
    }

    /// The letters it sent.
    pub(crate) async fn sent(&self) -> Vec<Copy> {
        let accepted = self.accepted.lock().await;
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let copy = |(key, letter): &(String, Value)| Copy {
            id: key.clone(),
            to: text(&letter["to"][0]),
            text: text(&letter["text"]),
        };
        accepted.iter().map(copy).collect()
    }
}

async fn answer(mut peer: TcpStream, accepted: &Accepted) {
    let (key, letter) = read(&mut peer).await;
    let mut accepted = accepted.lock().await;
    let known = accepted.iter().find(|(other, _)| *other == key);
    let (status, body) = match known {
        Some((_, same)) if *same == letter => ("200 OK", "{}"),
        Some(_) => ("409 Conflict", "{\"name\":\"invalid_idempotent_request\"}"),
        None => {
            let is_first = accepted.is_empty();
            accepted.push((key, letter));
            if is_first {
                return;
            }
            ("200 OK", "{}")
        }
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}",
        body.len()
    );
    // Whoever has hung up first has heard enough.
    let _gone = peer
        .write_all(format!("{head}\r\n\r\n{body}").as_bytes())
        .await;
}

/// The key and the letter of one request.
async fn read(peer: &mut TcpStream) -> (String, Value) {
    let mut request = Vec::new();
    loop {
        let mut bytes = [0; 4096];
        let read = peer.read(&mut bytes).await.expect("reads");
        assert!(read > 0, "a whole request");
        request.extend_from_slice(&bytes[..read]);
        let text = String::from_utf8_lossy(&request);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let header = |wanted: &str| {
            let lines = head.lines().filter_map(|line| line.split_once(": "));
            let mut found = lines.filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
            found.next().map(|(_, value)| value.to_owned())
        };
        let length = header("content-length").and_then(|length| length.parse().ok());
        if length.is_some_and(|length: usize| body.len() >= length) {
            let letter = serde_json::from_str(body).expect("JSON");
            return (header("idempotency-key").expect("a key"), letter);
        }
    }
}
