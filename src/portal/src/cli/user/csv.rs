//! CSV (RFC 4180), read leniently and written strictly.

use std::borrow::Cow;
use std::io;

use super::bytes::{Bytes, LONGEST_RECORD};
use super::unread::Unread;

/// The fields of one record.
pub(super) type Fields = Vec<Vec<u8>>;

/// The next record and the line it begins on; empty lines are none.
pub(super) fn next(bytes: &mut Bytes) -> io::Result<Option<(u64, Result<Fields, Unread>)>> {
    loop {
        let line = bytes.line;
        if bytes.peek()?.is_empty() {
            return Ok(None);
        }
        let record = Record::read(bytes)?;
        match &record {
            Ok(fields) if fields.len() == 1 && fields[0].is_empty() => {}
            _ => return Ok(Some((line, record))),
        }
    }
}

#[derive(Default)]
struct Record {
    fields: Fields,
    field: Vec<u8>,
    kept: usize,
}

impl Record {
    fn read(bytes: &mut Bytes) -> io::Result<Result<Fields, Unread>> {
        let mut record = Self::default();
        let mut in_quotes = bytes.next_if(b'"')?;
        loop {
            let Some(byte) = bytes.next()? else {
                if in_quotes {
                    return Ok(Err(Unread::OpenQuote));
                }
                break;
            };
            match byte {
                b'"' if in_quotes => {
                    // Doubled: a quote. Alone: the end of the quoted part.
                    if bytes.next_if(b'"')? {
                        record.push(b'"');
                    } else {
                        in_quotes = false;
                    }
                }
                _ if in_quotes => record.push(byte),
                b',' => {
                    record.end_field();
                    in_quotes = bytes.next_if(b'"')?;
                }
                b'\n' => break,
                b'\r' => {
                    bytes.next_if(b'\n')?;
                    break;
                }
                _ => record.push(byte),
            }
        }
        record.end_field();
        Ok(if record.kept > LONGEST_RECORD {
            Err(Unread::TooLong)
        } else {
            Ok(record.fields)
        })
    }

    fn push(&mut self, byte: u8) {
        self.kept += 1;
        if self.kept <= LONGEST_RECORD {
            self.field.push(byte);
        }
    }

    fn end_field(&mut self) {
        self.kept += 1;
        let field = std::mem::take(&mut self.field);
        if self.kept <= LONGEST_RECORD {
            self.fields.push(field);
        }
    }
}

/// One line, its fields quoted where they must be, exactly as they are.
pub(super) fn line<'a>(fields: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<Cow<'_, str>> = fields.into_iter().map(quote).collect();
    quoted.join(",") + "\r\n"
}

fn quote(field: &str) -> Cow<'_, str> {
    if field.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", field.replace('"', "\"\"")).into()
    } else {
        field.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Vec<(u64, Result<Vec<String>, Unread>)> {
        let mut bytes = Bytes::of(io::Cursor::new(text.to_vec()));
        let mut records = Vec::new();
        while let Some((line, record)) = next(&mut bytes).expect("reads") {
            let texts = record.map(|fields| {
                let texts = fields.iter().map(|field| String::from_utf8_lossy(field));
                texts.map(Cow::into_owned).collect()
            });
            records.push((line, texts));
        }
        records
    }

    #[test]
    fn quotes_breaks_and_commas_are_read_as_they_were_meant() {
        let records = read(b"a,\"b,c\",\"d\"\"e\"\r\n\r\n\"two\nlines\",,x\rlast");

        let texts = |texts: &[&str]| Ok(texts.iter().map(|text| (*text).to_owned()).collect());
        assert_eq!(
            records,
            [
                (1, texts(&["a", "b,c", "d\"e"])),
                (3, texts(&["two\nlines", "", "x"])),
                (4, texts(&["last"])),
            ]
        );
    }

    #[test]
    fn a_record_without_end_costs_no_memory_and_the_next_is_read() {
        let mut text = b"a,b\n".to_vec();
        text.extend(vec![b'x'; 10 * LONGEST_RECORD]);
        text.extend(b"\nc,d\n");
        text.extend(vec![b','; 2 * LONGEST_RECORD]);
        text.extend(b"\ne,\"open\n");

        let records = read(&text);

        assert_eq!(records.len(), 5);
        assert_eq!(records[1], (2, Err(Unread::TooLong)));
        assert_eq!(records[2].0, 3);
        assert!(records[2].1.is_ok());
        assert_eq!(records[3].1, Err(Unread::TooLong));
        assert_eq!(records[4], (5, Err(Unread::OpenQuote)));
    }

    #[test]
    fn what_is_written_is_read_back() {
        let fields = [
            "plain",
            "a,b",
            "say \"no\"",
            "two\r\nlines",
            "",
            "=1+1",
            "ünï",
        ];
        let records = read(line(fields).as_bytes());

        assert_eq!(records.len(), 1);
        assert_eq!(records[0].1.as_ref().expect("reads"), &fields);
    }
}
