//! The little of HTTP that a task needs: one request to a server on loopback, one answer.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::error::{Doing, Error, Result};

const PATIENCE: Duration = Duration::from_secs(30);

/// What came back.
pub(crate) struct Answer {
    /// The status code.
    pub(crate) status: u16,
    head: String,
    /// The body as text.
    pub(crate) body: String,
}

impl Answer {
    /// The `name=value` of a cookie the answer sets.
    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (field, value) = line.split_once(':')?;
            let pair = value.split(';').next()?.trim();
            let set = field.eq_ignore_ascii_case("set-cookie") && pair.split_once('=')?.0 == name;
            set.then_some(pair)
        })
    }
}

/// Asks for a path.
pub(crate) fn get(address: SocketAddr, path: &str) -> Result<Answer> {
    ask(
        address,
        &format!(
            "GET {path} HTTP/1.0\r\nHost: localhost:{}\r\n\r\n",
            address.port()
        ),
    )
}

/// Asks for a path as somebody signed in, by their session cookie (`name=value`).
pub(crate) fn get_as(address: SocketAddr, path: &str, cookie: &str) -> Result<Answer> {
    let port = address.port();
    ask(
        address,
        &format!("GET {path} HTTP/1.0\r\nHost: localhost:{port}\r\nCookie: {cookie}\r\n\r\n"),
    )
}

/// Posts JSON as a program would, without cookies or origin.
pub(crate) fn post_json(address: SocketAddr, path: &str, body: &str) -> Result<Answer> {
    let (port, length) = (address.port(), body.len());
    let head = format!(
        "POST {path} HTTP/1.0\r\nHost: localhost:{port}\r\nContent-Type: application/json\r\n"
    );
    ask(
        address,
        &format!("{head}Content-Length: {length}\r\n\r\n{body}"),
    )
}

/// The same with an access token.
pub(crate) fn post_json_by(
    address: SocketAddr,
    path: &str,
    body: &str,
    token: &str,
) -> Result<Answer> {
    let (port, length) = (address.port(), body.len());
    let head = format!(
        "POST {path} HTTP/1.0\r\nHost: localhost:{port}\r\nContent-Type: application/json\r\nAuthorization: Bearer {token}\r\n"
    );
    ask(
        address,
        &format!("{head}Content-Length: {length}\r\n\r\n{body}"),
    )
}

/// HTTP/1.0, so that the server ends the answer by closing and never chunks it.
fn ask(address: SocketAddr, request: &str) -> Result<Answer> {
    let doing = || format!("Asking {address}");
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).doing(doing())?;
    stream.set_read_timeout(Some(PATIENCE)).doing(doing())?;
    stream.write_all(request.as_bytes()).doing(doing())?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).doing(doing())?;
    let text = String::from_utf8_lossy(&bytes);
    parse(&text).ok_or_else(|| Error::other(format!("{address} did not answer in HTTP.")))
}

fn parse(text: &str) -> Option<Answer> {
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Answer {
        status,
        head: head.to_owned(),
        body: body.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_taken_apart() {
        let text = "HTTP/1.1 201 Created\r\nSet-Cookie: other=1\r\nset-cookie: gatehouse=abc; HttpOnly\r\n\r\n{}";

        let answer = parse(text).unwrap();

        assert_eq!((answer.status, answer.body.as_str()), (201, "{}"));
        assert_eq!(answer.cookie("gatehouse"), Some("gatehouse=abc"));
        assert_eq!(answer.cookie("gate"), None);
    }
}
