//! The Resend API, played by a listener on the loopback.

use std::time::Duration;

use auth::Postman;
use mail::{Mailer, ResendSettings};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use wire::Secret;

use crate::support::{id, outcome, sender, verify_email};

/// An API that gives one answer and remembers the request.
struct Api {
    base_url: String,
    asked: JoinHandle<String>,
}

async fn api(answer: impl Into<String>) -> Api {
    let answer = answer.into();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("listens");
    let base_url = format!("http://{}", listener.local_addr().expect("an address"));
    let asked = tokio::spawn(async move {
        let (mut peer, _) = listener.accept().await.expect("a caller");
        let request = read_request(&mut peer).await;
        peer.write_all(answer.as_bytes()).await.expect("answers");
        request
    });
    Api { base_url, asked }
}

async fn read_request(peer: &mut TcpStream) -> String {
    let mut request = Vec::new();
    loop {
        let mut bytes = [0; 4096];
        let read = peer.read(&mut bytes).await.expect("reads");
        request.extend_from_slice(&bytes[..read]);
        let text = String::from_utf8_lossy(&request).into_owned();
        if read == 0 || is_whole(&text) {
            return text;
        }
    }
}

fn is_whole(request: &str) -> bool {
    let Some((head, body)) = request.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.parse::<usize>().ok())?
    });
    length.is_some_and(|length| body.len() >= length)
}

fn answer(status: &str, body: &Value) -> String {
    let body = body.to_string();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn settings(api_key: &str, base_url: &str) -> ResendSettings {
    ResendSettings {
        api_key: Secret::new(api_key),
        from: sender(),
        base_url: base_url.to_owned(),
        timeout: Duration::from_secs(10),
    }
}

fn mailer(base_url: &str) -> Mailer {
    Mailer::resend(settings("re_secret", base_url)).expect("settings hold")
}

async fn told(status: &str, name: &str) -> String {
    // The API likes to repeat what it was sent; none of it may reach the log.
    let body = json!({ "name": name, "message": "ada@example.com said re_secret 123456" });
    let api = api(answer(status, &body)).await;
    outcome(mailer(&api.base_url).deliver(&verify_email()).await)
}

#[tokio::test]
async fn a_letter_is_posted_with_its_id_as_the_idempotency_key() {
    let api = api(answer("200 OK", &json!({ "id": "x" }))).await;

    let result = mailer(&api.base_url).deliver(&verify_email()).await;

    assert_eq!(outcome(result), "delivered");
    let request = api.asked.await.expect("asked");
    let (head, body) = request.split_once("\r\n\r\n").expect("a request");
    assert!(head.starts_with("POST /emails HTTP/1.1\r\n"), "{head}");
    for header in [
        "authorization: Bearer re_secret".to_owned(),
        "content-type: application/json".to_owned(),
        format!("idempotency-key: {}-1", id(1)),
    ] {
        assert!(
            head.lines().any(|line| line.eq_ignore_ascii_case(&header)),
            "{header} in {head}"
        );
    }
    let body: Value = serde_json::from_str(body).expect("JSON");
    assert_eq!(body["from"], "Gatehouse <no-reply@id.example.com>");
    assert_eq!(body["to"], json!(["ada@example.com"]));
    assert_eq!(body["subject"], "Confirm your e-mail address");
    assert_eq!(
        body["headers"],
        json!({ "Auto-Submitted": "auto-generated" })
    );
    for part in ["text", "html"] {
        assert!(
            body[part]
                .as_str()
                .is_some_and(|words| words.contains("123 456")),
            "{part}"
        );
    }
}

#[tokio::test]
async fn a_second_attempt_sends_the_same_request() {
    let mut requests = Vec::new();
    for _ in 0..2 {
        let api = api(answer("200 OK", &json!({}))).await;
        mailer(&api.base_url)
            .deliver(&verify_email())
            .await
            .expect("delivered");
        let request = api.asked.await.expect("asked");
        requests.push(
            request
                .split_once("\r\n\r\n")
                .expect("a request")
                .1
                .to_owned(),
        );
    }
    assert_eq!(requests[0], requests[1]);
}

#[tokio::test]
async fn what_may_pass_is_tried_again() {
    for (status, name, said) in [
        (
            "429 Too Many Requests",
            "rate_limit_exceeded",
            "later: the mail API said 429 rate_limit_exceeded",
        ),
        (
            "500 Oops",
            "internal_server_error",
            "later: the mail API said 500 internal_server_error",
        ),
        (
            "429 Too Many Requests",
            "<html>",
            "later: the mail API said 429 ",
        ),
        (
            "401 Unauthorized",
            "missing_api_key",
            "later: the mail API said 401 missing_api_key",
        ),
    ] {
        assert_eq!(told(status, name).await, said);
    }
}

#[tokio::test]
async fn what_may_have_left_is_repeated_under_the_same_key() {
    for (status, name, said) in [
        ("503 Busy", "<html>", "unanswered: the mail API said 503 "),
        (
            "409 Conflict",
            "concurrent_idempotent_requests",
            "unanswered: the mail API said 409 concurrent_idempotent_requests",
        ),
    ] {
        assert_eq!(told(status, name).await, said);
    }
    let api = api("").await;
    let hung_up = outcome(mailer(&api.base_url).deliver(&verify_email()).await);
    assert_eq!(hung_up, "unanswered: the mail API hung up");
}

#[tokio::test]
async fn what_will_not_pass_is_refused() {
    for (status, name, said) in [
        (
            "422 Unprocessable",
            "validation_error",
            "refused: the mail API said 422 validation_error",
        ),
        (
            "400 Bad Request",
            "Ada@example.com",
            "refused: the mail API said 400 ",
        ),
    ] {
        assert_eq!(told(status, name).await, said);
    }
}

#[tokio::test]
async fn a_key_that_was_used_with_other_words_means_the_letter_left() {
    assert_eq!(
        told("409 Conflict", "invalid_idempotent_request").await,
        "delivered"
    );
}

#[tokio::test]
async fn a_redirect_takes_the_key_nowhere() {
    let api =
        api("HTTP/1.1 307 Away\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n")
            .await;

    let result = mailer(&api.base_url).deliver(&verify_email()).await;

    assert_eq!(outcome(result), "refused: the mail API said 307 ");
}

#[tokio::test]
async fn silence_and_absence_are_tried_again() {
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("listens");
    let base_url = format!("http://{}", silent.local_addr().expect("an address"));
    let impatient = ResendSettings {
        timeout: Duration::from_millis(100),
        ..settings("re_secret", &base_url)
    };
    let impatient = Mailer::resend(impatient).expect("settings hold");
    assert_eq!(
        outcome(impatient.deliver(&verify_email()).await),
        "unanswered: no answer in time"
    );

    drop(silent);
    assert_eq!(
        outcome(mailer(&base_url).deliver(&verify_email()).await),
        "later: no connection to the mail API"
    );
}

#[test]
fn a_key_that_is_no_header_and_a_url_that_is_not_private_are_no_settings() {
    let made = |key, base_url| Mailer::resend(settings(key, base_url));
    assert!(made("re_x", mail::RESEND_API).is_ok());
    assert!(made("re_x\r\nX-Evil: 1", mail::RESEND_API).is_err());
    assert!(made("", mail::RESEND_API).is_err());
    assert!(made("re_x", "http://api.example.com").is_err());
}
