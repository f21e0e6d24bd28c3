//! One HTTP/1.1 connection that asks, reads the whole answer and asks again. It does as little as can be, since two
//! cores have to carry it and the server both.

use std::fmt;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Why measuring stopped.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }

    /// Names the target it happened at.
    pub(crate) fn at(self, target: &str) -> Self {
        Self(format!("{target}: {}", self.0))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

/// How the end of a body is known.
#[derive(Debug, PartialEq, Eq)]
enum Body {
    Length(usize),
    Chunked,
}

/// A connection that stays open.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(64 * 1024),
        })
    }

    /// Sends the request, reads the answer to its end, returns its status.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> Result<u16, Failure> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            if let Some((status, end)) = answer(&self.buffer)?
                && self.buffer.len() >= end
            {
                return Ok(status);
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(Failure::new("the server closed the connection"));
            }
        }
    }
}

/// The status and the length of the whole answer, once enough of it is there to tell.
fn answer(bytes: &[u8]) -> Result<Option<(u16, usize)>, Failure> {
    let Some((status, start, body)) = head(bytes)? else {
        return Ok(None);
    };
    match body {
        Body::Length(length) => Ok(Some((status, start + length))),
        Body::Chunked => Ok(end_of_chunks(bytes, start)?.map(|end| (status, end))),
    }
}

fn head(bytes: &[u8]) -> Result<Option<(u16, usize, Body)>, Failure> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(start) = response
        .parse(bytes)
        .map_err(|error| Failure::new(error.to_string()))?
    else {
        return Ok(None);
    };
    let mut body = None;
    for header in response.headers.iter() {
        if header.name.eq_ignore_ascii_case("content-length") {
            body = std::str::from_utf8(header.value)
                .ok()
                .and_then(|length| length.parse().ok())
                .map(Body::Length);
        } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
            body = Some(Body::Chunked);
        }
    }
    let body = body.ok_or_else(|| Failure::new("an answer without a length"))?;
    Ok(Some((response.code.unwrap_or(0), start, body)))
}

fn end_of_chunks(bytes: &[u8], mut at: usize) -> Result<Option<usize>, Failure> {
    loop {
        let size = httparse::parse_chunk_size(bytes.get(at..).unwrap_or_default());
        let httparse::Status::Complete((line, size)) =
            size.map_err(|_| Failure::new("a chunk without a size"))?
        else {
            return Ok(None);
        };
        at += line + usize::try_from(size).map_err(|_| Failure::new("a chunk beyond reason"))? + 2;
        if size == 0 {
            return Ok(Some(at));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_with_a_length_ends_there() {
        let bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";

        assert_eq!(answer(bytes).unwrap(), Some((200, bytes.len() + 2)));
        assert_eq!(answer(&bytes[..20]).unwrap(), None);
    }

    #[test]
    fn a_chunked_answer_ends_with_its_empty_chunk() {
        let bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";

        assert_eq!(answer(bytes).unwrap(), Some((200, bytes.len())));
        assert_eq!(answer(&bytes[..bytes.len() - 5]).unwrap(), None);
    }
}
