//! Objects in a JSON file, one by one: an array of them, the array of a wrapper, or one a line.

use std::io;

use serde_json::{Map, Value};

use super::bytes::{Bytes, LONGEST_RECORD};
use super::unread::Unread;

pub(super) type Object = Map<String, Value>;

/// How a file begins whose array stands inside something: Firebase, and `wrangler d1 execute --json`.
const WRAPPERS: [&[u8]; 3] = [b"{\"users\":[", b"{\"results\":[", b"[{\"results\":["];

/// How the objects of a file are set apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// By commas, within brackets.
    Array,
    /// By lines.
    Lines,
}

/// Whether a file is JSON at all; if so, everything in front of its first object is taken.
pub(super) fn begin(bytes: &mut Bytes) -> io::Result<Option<Shape>> {
    let head = bytes.peek()?;
    let mut solid = Vec::new();
    for (at, byte) in head.iter().enumerate() {
        if byte.is_ascii_whitespace() {
            continue;
        }
        solid.push(*byte);
        if WRAPPERS.contains(&solid.as_slice()) {
            bytes.skip(at + 1)?;
            return Ok(Some(Shape::Array));
        }
        if solid.len() > 16 {
            break;
        }
    }
    match solid.first() {
        Some(b'[') => {
            while bytes.next()? != Some(b'[') {}
            Ok(Some(Shape::Array))
        }
        Some(b'{') => Ok(Some(Shape::Lines)),
        _ => Ok(None),
    }
}

/// The next object and the line it begins on.
pub(super) fn next(
    bytes: &mut Bytes,
    shape: Shape,
) -> io::Result<Option<(u64, Result<Object, Unread>)>> {
    let is_between = |byte: &u8| byte.is_ascii_whitespace() || *byte == b',';
    while bytes.peek()?.first().is_some_and(is_between) {
        bytes.next()?;
    }
    let line = bytes.line;
    match bytes.peek()?.first() {
        None => return Ok(None),
        // What follows the array is no account.
        Some(b']') if shape == Shape::Array => return Ok(None),
        Some(_) => {}
    }
    let text = match shape {
        Shape::Array => balanced(bytes)?,
        Shape::Lines => to_end_of_line(bytes)?,
    };
    Ok(Some((line, text.and_then(|text| object(&text)))))
}

fn object(text: &[u8]) -> Result<Object, Unread> {
    std::str::from_utf8(text).map_err(|_| Unread::NotText)?;
    serde_json::from_slice(text).map_err(|_| Unread::NotAnObject)
}

fn to_end_of_line(bytes: &mut Bytes) -> io::Result<Result<Vec<u8>, Unread>> {
    let mut text = Vec::new();
    let mut length = 0;
    while let Some(byte) = bytes.next()? {
        if byte == b'\n' {
            break;
        }
        length += 1;
        if length <= LONGEST_RECORD {
            text.push(byte);
        }
    }
    Ok(within(text, length))
}

/// Everything up to the comma or bracket that ends this value.
fn balanced(bytes: &mut Bytes) -> io::Result<Result<Vec<u8>, Unread>> {
    let mut text = Vec::new();
    let (mut length, mut depth) = (0_usize, 0_u32);
    let (mut in_text, mut is_escaped) = (false, false);
    loop {
        let ends = !in_text && depth == 0 && length > 0;
        if ends && matches!(bytes.peek()?.first(), Some(b',' | b']') | None) {
            break;
        }
        let Some(byte) = bytes.next()? else { break };
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_text => is_escaped = true,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => depth = depth.saturating_add(1),
            b'}' | b']' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        length += 1;
        if length <= LONGEST_RECORD {
            text.push(byte);
        }
    }
    Ok(within(text, length))
}

fn within(text: Vec<u8>, length: usize) -> Result<Vec<u8>, Unread> {
    if length > LONGEST_RECORD {
        Err(Unread::TooLong)
    } else {
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(u64, Result<Object, Unread>)> {
        let mut bytes = Bytes::of(io::Cursor::new(text.as_bytes().to_vec()));
        let shape = begin(&mut bytes).expect("reads").expect("is JSON");
        let mut records = Vec::new();
        while let Some(record) = next(&mut bytes, shape).expect("reads") {
            records.push(record);
        }
        records
    }

    #[test]
    fn objects_are_found_however_they_are_set_apart() {
        for text in [
            r#"[{"id":1},{"id":2}]"#,
            " [\n {\"id\": 1},\n {\"id\": 2}\n]\n",
            "{\"id\":1}\n\n{\"id\":2}",
            r#"{ "users": [ {"id":1} , {"id":2} ], "kind": "x" }"#,
            r#"[ { "results": [{"id":1},{"id":2}], "success": true } ]"#,
        ] {
            let found = read(text);
            let ids: Vec<_> = found
                .iter()
                .map(|(_, object)| object.as_ref().expect("an object")["id"].clone())
                .collect();
            assert_eq!(ids, [1, 2], "{text}");
        }
    }

    #[test]
    fn brackets_and_quotes_in_texts_end_nothing() {
        let found = read(r#"[{"name":"a ] } \" , [ {"},{"name":"b","more":{"deep":[1,{}]}}]"#);

        assert_eq!(found.len(), 2);
        assert_eq!(
            found[0].1.as_ref().expect("an object")["name"],
            "a ] } \" , [ {"
        );
    }

    #[test]
    fn a_broken_record_is_refused_and_the_rest_goes_on() {
        let huge = "x".repeat(2 * LONGEST_RECORD);
        let text = format!("{{\"id\":1}}\n{{\"id\":\n7\n{{\"id\":\"{huge}\"}}\n{{\"id\":2}}");
        let found = read(&text);

        let kinds: Vec<_> = found
            .iter()
            .map(|(_, object)| object.as_ref().err())
            .collect();
        let broken = Some(&Unread::NotAnObject);
        assert_eq!(kinds, [None, broken, broken, Some(&Unread::TooLong), None]);
        assert_eq!(found[4].0, 5, "lines are counted on");

        let found = read(r#"[{"id":1}, nonsense, "text", {"id":}, [1], {"id":2}]"#);
        let kinds: Vec<_> = found.iter().map(|(_, object)| object.is_ok()).collect();
        assert_eq!(kinds, [true, false, false, false, false, true]);
    }

    #[test]
    fn what_is_no_json_is_none() {
        let mut bytes = Bytes::of(io::Cursor::new(b"id,email\n".to_vec()));
        assert_eq!(begin(&mut bytes).expect("reads"), None);
        assert_eq!(bytes.taken, 0);
    }
}
