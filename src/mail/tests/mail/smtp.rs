//! SMTP, played by a responder on the loopback.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use auth::{Letter, Postman};
use mail::{Mailer, Security, SmtpLogin, SmtpSettings};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use wire::{Email, Secret};

use crate::support::{id, outcome, sender, verify_email};

/// What the responder says to each command; the usual answer where a test says nothing.
#[derive(Clone, Copy)]
struct Answers {
    ehlo: &'static str,
    auth: &'static str,
    rcpt: &'static str,
    end_of_data: &'static str,
}

const USUAL: Answers = Answers {
    ehlo: "250-mail.example\r\n250-SMTPUTF8\r\n250-8BITMIME\r\n250 AUTH PLAIN",
    auth: "235 2.7.0 welcome",
    rcpt: "250 2.1.5 known",
    end_of_data: "250 2.0.0 taken",
};

struct Server {
    port: u16,
    heard: JoinHandle<String>,
}

async fn server(answers: Answers) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("listens");
    let port = listener.local_addr().expect("an address").port();
    let heard = tokio::spawn(async move {
        let (peer, _) = listener.accept().await.expect("a caller");
        converse(peer, answers).await
    });
    Server { port, heard }
}

/// One conversation; gives back everything the client said.
async fn converse(peer: TcpStream, answers: Answers) -> String {
    let mut peer = BufReader::new(peer);
    let (mut heard, mut in_data) = (String::new(), false);
    say(&mut peer, "220 mail.example").await;
    loop {
        let mut line = String::new();
        if peer.read_line(&mut line).await.unwrap_or(0) == 0 {
            return heard;
        }
        heard.push_str(&line);
        let verb = line.trim_end().to_ascii_uppercase();
        match verb.as_str() {
            "." if in_data => {
                say(&mut peer, answers.end_of_data).await;
                return heard;
            }
            _ if in_data => {}
            "DATA" => {
                in_data = true;
                say(&mut peer, "354 go on").await;
            }
            _ if verb.starts_with("EHLO") => say(&mut peer, answers.ehlo).await,
            _ if verb.starts_with("AUTH") => say(&mut peer, answers.auth).await,
            _ if verb.starts_with("RCPT") => say(&mut peer, answers.rcpt).await,
            _ => say(&mut peer, "250 2.0.0 fine").await,
        }
    }
}

async fn say(peer: &mut BufReader<TcpStream>, words: &str) {
    // A client that has heard enough hangs up first; that is no fault of the responder.
    let _ = peer
        .get_mut()
        .write_all(format!("{words}\r\n").as_bytes())
        .await;
}

fn settings(port: u16) -> SmtpSettings {
    SmtpSettings {
        host: "127.0.0.1".to_owned(),
        port,
        security: Security::for_server("127.0.0.1", port),
        login: None,
        from: sender(),
        timeout: Duration::from_secs(10),
    }
}

fn mailer(port: u16) -> Mailer {
    Mailer::smtp(settings(port)).expect("settings hold")
}

async fn told(answers: Answers) -> String {
    let server = server(answers).await;
    outcome(mailer(server.port).deliver(&verify_email()).await)
}

/// The headers of a message, folded lines joined.
fn headers(heard: &str) -> Vec<String> {
    let data = heard.split_once("DATA\r\n").expect("a message").1;
    let head = data
        .split_once("\r\n\r\n")
        .expect("a head")
        .0
        .replace("\r\n ", " ");
    head.lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_letter_goes_out_with_its_id_as_message_id() {
    let server = server(USUAL).await;

    let result = mailer(server.port).deliver(&verify_email()).await;

    assert_eq!(outcome(result), "delivered");
    let heard = server.heard.await.expect("heard");
    assert!(
        heard.contains("MAIL FROM:<no-reply@id.example.com>"),
        "{heard}"
    );
    assert!(heard.contains("RCPT TO:<ada@example.com>"), "{heard}");
    let headers = headers(&heard);
    for header in [
        "From: Gatehouse <no-reply@id.example.com>",
        "To: ada@example.com",
        "Subject: Confirm your e-mail address",
        "Date: Thu, 01 Jan 2026 14:05:00 +0000",
        &format!("Message-ID: <{}@id.example.com>", id(1)),
        "Auto-Submitted: auto-generated",
    ] {
        assert!(
            headers.iter().any(|line| line == header),
            "{header} in {headers:?}"
        );
    }
    let is_alternative = |line: &String| line.starts_with("Content-Type: multipart/alternative");
    assert!(headers.iter().any(is_alternative), "{headers:?}");
    assert!(
        heard.contains("text/plain; charset=utf-8") && heard.contains("text/html; charset=utf-8")
    );
}

#[tokio::test]
async fn nothing_in_a_letter_adds_a_header_or_a_recipient() {
    let server = server(USUAL).await;
    let hostile = Letter {
        portal: "https://id.example.com>\r\nBcc: eve@evil.example".to_owned(),
        from_device: "x\r\nBcc: eve@evil.example".to_owned(),
        from_address: "192.0.2.7\r\n.\r\nRCPT TO:<eve@evil.example>".to_owned(),
        ..verify_email()
    };

    assert_eq!(
        outcome(mailer(server.port).deliver(&hostile).await),
        "delivered"
    );

    let heard = server.heard.await.expect("heard");
    assert_eq!(heard.matches("RCPT TO").count(), 1, "{heard}");
    assert!(
        !heard.contains("Bcc:") && !heard.contains("evil.example"),
        "{heard}"
    );
    assert!(headers(&heard).contains(&format!("Message-ID: <{}@localhost>", id(1))));
}

#[tokio::test]
async fn a_server_that_says_not_now_gets_it_again() {
    let busy = Answers {
        rcpt: "451 4.7.1 greylisted ada@example.com",
        ..USUAL
    };
    assert_eq!(told(busy).await, "later: the mail server said 451");
    let full = Answers {
        end_of_data: "452 4.3.1 full",
        ..USUAL
    };
    assert_eq!(told(full).await, "later: the mail server said 452");
}

#[tokio::test]
async fn a_server_that_says_no_is_believed() {
    let unknown = Answers {
        rcpt: "550 5.1.1 no such user ada@example.com",
        ..USUAL
    };
    assert_eq!(told(unknown).await, "refused: the mail server said 550");
    let unwanted = Answers {
        end_of_data: "554 5.7.1 we read 123456",
        ..USUAL
    };
    assert_eq!(told(unwanted).await, "refused: the mail server said 554");
}

#[tokio::test]
async fn a_refused_login_can_be_mended_while_the_letter_waits() {
    let server = server(Answers {
        auth: "535 5.7.8 hunter2 is wrong",
        ..USUAL
    })
    .await;
    let login = SmtpLogin {
        user: "portal".to_owned(),
        password: Secret::new("hunter2"),
    };
    let mailer = Mailer::smtp(SmtpSettings {
        login: Some(login),
        ..settings(server.port)
    });

    let result = mailer
        .expect("settings hold")
        .deliver(&verify_email())
        .await;

    assert_eq!(outcome(result), "later: the mail server said 535");
}

#[tokio::test]
async fn a_server_without_encryption_gets_nothing() {
    let server = server(USUAL).await;
    let strict = SmtpSettings {
        security: Security::StartTls,
        ..settings(server.port)
    };

    let result = Mailer::smtp(strict)
        .expect("settings hold")
        .deliver(&verify_email())
        .await;

    let said = outcome(result);
    assert!(
        said.starts_with("later: ") && said.contains("STARTTLS"),
        "{said}"
    );
    let heard = server.heard.await.expect("heard");
    assert!(
        !heard.contains("MAIL FROM") && !heard.contains("DATA"),
        "{heard}"
    );
}

#[tokio::test]
async fn an_address_the_server_cannot_write_is_refused() {
    let ascii_only = Answers {
        ehlo: "250 mail.example",
        ..USUAL
    };
    let server = server(ascii_only).await;
    let to = Email::parse("mıke@example.com").expect("an address");

    let result = mailer(server.port)
        .deliver(&Letter {
            to,
            ..verify_email()
        })
        .await;

    assert_eq!(
        outcome(result),
        "refused: the server takes ASCII addresses only"
    );
}

#[tokio::test]
async fn silence_and_absence_are_tried_again() {
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("listens");
    let port = silent.local_addr().expect("an address").port();
    let impatient = SmtpSettings {
        timeout: Duration::from_millis(100),
        ..settings(port)
    };
    let impatient = Mailer::smtp(impatient).expect("settings hold");
    let said = outcome(impatient.deliver(&verify_email()).await);
    assert_eq!(said, "unanswered: no answer in time");

    drop(silent);
    let said = outcome(mailer(port).deliver(&verify_email()).await);
    assert!(said.starts_with("later: Connection error"), "{said}");
}

/// Takes the first letter, and says so after the client has given up on it; knows no recipient of
/// any other.
async fn late(listener: TcpListener, has_answered: Arc<Notify>) {
    let letters = Arc::new(AtomicUsize::new(0));
    while let Ok((peer, _)) = listener.accept().await {
        let (letters, has_answered) = (Arc::clone(&letters), Arc::clone(&has_answered));
        tokio::spawn(async move {
            let mut peer = BufReader::new(peer);
            say(&mut peer, "220 mail.example").await;
            let (mut line, mut in_data) = (String::new(), false);
            while peer.read_line(&mut line).await.unwrap_or(0) > 0 {
                let verb = std::mem::take(&mut line);
                let is_known = letters.load(Ordering::SeqCst) == 0;
                match verb.trim_end() {
                    "." => {
                        in_data = false;
                        letters.fetch_add(1, Ordering::SeqCst);
                        tokio::time::sleep(Duration::from_millis(300)).await;
                        say(&mut peer, "250 2.0.0 taken").await;
                        has_answered.notify_one();
                    }
                    _ if in_data => {}
                    "DATA" => {
                        in_data = true;
                        say(&mut peer, "354 go on").await;
                    }
                    verb if verb.starts_with("RCPT") && !is_known => {
                        say(&mut peer, "550 5.1.1 unknown").await;
                    }
                    _ => say(&mut peer, "250 2.0.0 fine").await,
                }
            }
        });
    }
}

#[tokio::test]
async fn an_answer_that_came_too_late_is_not_taken_for_the_next_letters() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("listens");
    let port = listener.local_addr().expect("an address").port();
    let has_answered = Arc::new(Notify::new());
    tokio::spawn(late(listener, Arc::clone(&has_answered)));
    let mailer = Mailer::smtp(SmtpSettings {
        timeout: Duration::from_millis(150),
        ..settings(port)
    });
    let mailer = mailer.expect("settings hold");

    let first = outcome(mailer.deliver(&verify_email()).await);
    assert_eq!(first, "unanswered: no answer in time");
    has_answered.notified().await;

    let second = outcome(mailer.deliver(&verify_email()).await);
    assert_eq!(second, "refused: the mail server said 550");
}

#[tokio::test]
async fn an_operator_hears_what_the_server_said() {
    let taken = server(USUAL).await;
    let said = mailer(taken.port).try_out(&verify_email()).await;
    let name = format!("127.0.0.1:{}", taken.port);
    assert_eq!(said, Ok(format!("{name} took the letter: 250 2.0.0 taken")));

    let refuses = server(Answers {
        rcpt: "550 5.7.1 relaying denied",
        ..USUAL
    })
    .await;
    let said = mailer(refuses.port).try_out(&verify_email()).await;
    let said = said.expect_err("is refused");
    assert!(said.contains("refused the letter"), "{said}");
    assert!(
        said.contains("550") && said.contains("relaying denied"),
        "{said}"
    );

    let said = mailer(1).try_out(&verify_email()).await;
    let said = said.expect_err("nobody is there");
    assert!(said.starts_with("127.0.0.1:1 was not spoken to"), "{said}");
}

#[test]
fn plain_smtp_to_another_machine_is_no_setting() {
    let plain = SmtpSettings {
        host: "smtp.example.com".to_owned(),
        security: Security::Plain,
        ..settings(25)
    };
    let said = Mailer::smtp(plain).expect_err("refused").to_string();
    assert_eq!(
        said,
        "mail to another machine must be encrypted: plain SMTP is for a loopback host"
    );
}
