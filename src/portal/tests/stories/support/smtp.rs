//! A mail server: a process of its own (`tests/smtp/server.py`, aiosmtpd) that can be told how to
//! misbehave.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use mail::{Mailer, Security, Sender, SmtpSettings};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

/// How long a mailer of these stories waits for an answer.
pub(crate) const PATIENCE: Duration = Duration::from_millis(1500);

/// The running process.
pub(crate) struct MailServer {
    process: Child,
    ears: ChildStdin,
    said: UnboundedReceiver<Value>,
    kept: Vec<Copy>,
    port: u16,
}

/// A letter it kept: one arrival, not one letter.
#[derive(Clone, Debug)]
pub(crate) struct Copy {
    pub(crate) id: String,
    pub(crate) to: String,
    pub(crate) text: String,
}

impl MailServer {
    /// `None` on a developer's machine without aiosmtpd; in CI that is a fault, so that no run
    /// passes half.
    #[expect(clippy::print_stdout, reason = "a story that is not told says so")]
    pub(crate) async fn start() -> Option<Self> {
        let python = variable("PYTHON").unwrap_or_else(|| "python3".to_owned());
        if let Err(trouble) = can_import(&python) {
            let cure = "pip install -r end2end/interop/requirements.txt, or set PYTHON";
            assert!(variable("CI").is_none(), "{trouble}: {cure}");
            println!("SKIPPED without a mail server: {trouble} ({cure})");
            return None;
        }
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/smtp/server.py");
        let mut process = Command::new(&python)
            .args(["-B", script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("starts");
        let ears = process.stdin.take().expect("is piped");
        let mouth = BufReader::new(process.stdout.take().expect("is piped"));
        let (tell, said) = unbounded_channel();
        std::thread::spawn(move || {
            for line in mouth.lines().map_while(Result::ok) {
                let _ended = tell.send(serde_json::from_str(&line).expect("JSON"));
            }
        });
        let mut server = Self {
            process,
            ears,
            said,
            kept: Vec::new(),
            port: 0,
        };
        let port = server.hear("port").await;
        server.port = port.as_u64().and_then(|port| port.try_into().ok())?;
        Some(server)
    }

    /// From now on it is like this, to everybody.
    pub(crate) async fn be(&mut self, mode: &str) {
        self.be_to(mode, "").await;
    }

    /// From now on it is like this, to recipients whose address begins so.
    pub(crate) async fn be_to(&mut self, mode: &str, only: &str) {
        let wish = json!({ "mode": mode, "only": only });
        writeln!(self.ears, "{wish}").expect("it listens");
        assert_eq!(self.hear("mode").await, *mode);
    }

    /// Everything that has arrived so far, in its order. Leaves the server fine.
    pub(crate) async fn arrived(&mut self) -> Vec<Copy> {
        // What it says about itself comes after what it said before.
        self.be("fine").await;
        self.kept.clone()
    }

    /// Waits for the next letter to arrive.
    pub(crate) async fn arrival(&mut self) -> Copy {
        let before = self.kept.len();
        while self.kept.len() == before {
            self.listen().await;
        }
        self.kept[before].clone()
    }

    /// Waits until it sits on a letter and does not answer.
    pub(crate) async fn stalls(&mut self) {
        self.hear("stalled").await;
    }

    /// A postman who brings letters here.
    pub(crate) fn mailer(&self) -> Mailer {
        self.mailer_with(Security::Plain)
    }

    pub(crate) fn mailer_with(&self, security: Security) -> Mailer {
        let host = match security {
            Security::Plain => "127.0.0.1",
            Security::Tls | Security::StartTls => "localhost",
        };
        Mailer::smtp(SmtpSettings {
            host: host.to_owned(),
            port: self.port,
            security,
            login: None,
            from: Sender::parse("Gatehouse <no-reply@example.com>").expect("a sender"),
            timeout: PATIENCE,
        })
        .expect("settings hold")
    }

    /// Waits for a word, keeping the letters that are told of meanwhile.
    async fn hear(&mut self, word: &str) -> Value {
        loop {
            let said = self.listen().await;
            if let Some(value) = said.get(word) {
                return value.clone();
            }
        }
    }

    async fn listen(&mut self) -> Value {
        let said = timeout(Duration::from_secs(20), self.said.recv()).await;
        let said = said.expect("says something").expect("lives");
        let text = |name: &str| said[name].as_str().map(str::to_owned);
        if let (Some(id), Some(to), Some(text)) = (text("id"), text("to"), text("text")) {
            self.kept.push(Copy { id, to, text });
        }
        said
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ended = self.process.kill();
        let _reaped = self.process.wait();
    }
}

impl Copy {
    /// The six digits.
    pub(crate) fn code(&self) -> String {
        let (_, after) = self.text.split_once("Your code: ").expect("a code");
        after.chars().filter(char::is_ascii_digit).take(6).collect()
    }
}

fn can_import(python: &str) -> Result<(), String> {
    let tried = Command::new(python)
        .args(["-c", "import aiosmtpd, cryptography"])
        .output();
    match tried {
        Ok(output) if output.status.success() => Ok(()),
        Ok(_) => Err(format!("{python} has no aiosmtpd")),
        Err(error) => Err(format!("{python} does not run: {error}")),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the run tells its tests which Python it prepared"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
