//! One record of a file, CSV or JSON, asked by the names of its fields.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::bytes::Bytes;
use super::csv;
use super::json::{self, Object, Shape};
use super::unread::Unread;

/// One record.
pub(super) enum Record {
    Csv(Arc<Header>, csv::Fields),
    Json(Object),
}

/// Which column holds what.
#[derive(Debug)]
pub(super) struct Header {
    columns: HashMap<String, usize>,
    count: usize,
    /// Firebase writes no header, and later columns came with time.
    is_exact: bool,
}

/// Why no record of a file can be read. Each is a sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub(super) enum BadFile {
    #[error("The file cannot be read: {0}.")]
    Io(#[from] io::Error),
    #[error("The file is empty.")]
    Empty,
    #[error("The first line is no header: {0}.")]
    Header(Unread),
    #[error("The header has the column `{0}` twice.")]
    Twice(String),
    #[error("The header lacks the column `{0}`. Is this the right --from?")]
    Lacks(&'static str),
}

/// A file of records.
pub(super) struct Records {
    bytes: Bytes,
    kind: Kind,
}

enum Kind {
    Csv(Arc<Header>),
    Json(Shape),
}

impl Records {
    /// Opens a file. `fixed` are the columns of a CSV file that has no header; `needed` those a header
    /// must have.
    pub(super) fn open(
        path: &Path,
        fixed: Option<&[&str]>,
        needed: &[&'static str],
    ) -> Result<Self, BadFile> {
        Self::of(Bytes::open(path)?, fixed, needed)
    }

    pub(super) fn of(
        mut bytes: Bytes,
        fixed: Option<&[&str]>,
        needed: &[&'static str],
    ) -> Result<Self, BadFile> {
        bytes.skip_mark()?;
        if let Some(shape) = json::begin(&mut bytes)? {
            let kind = Kind::Json(shape);
            return Ok(Self { bytes, kind });
        }
        let header = match fixed {
            Some(names) => Header::fixed(names),
            None => Header::read(&mut bytes, needed)?,
        };
        let kind = Kind::Csv(Arc::new(header));
        Ok(Self { bytes, kind })
    }

    /// The next record and the line it begins on.
    pub(super) fn next(&mut self) -> io::Result<Option<(u64, Result<Record, Unread>)>> {
        Ok(match &self.kind {
            Kind::Csv(header) => csv::next(&mut self.bytes)?
                .map(|(line, fields)| (line, fields.and_then(|fields| header.record(fields)))),
            Kind::Json(shape) => json::next(&mut self.bytes, *shape)?
                .map(|(line, object)| (line, object.map(Record::Json))),
        })
    }

    /// How much of the file was read, from 0 to 1.
    pub(super) fn share(&self) -> Option<f64> {
        let total = self.bytes.total.filter(|total| *total > 0)?;
        #[expect(clippy::cast_precision_loss, reason = "a share for the eye")]
        Some((self.bytes.taken as f64 / total as f64).min(1.0))
    }
}

impl Header {
    fn fixed(names: &[&str]) -> Self {
        let columns = names.iter().enumerate();
        Self {
            columns: columns.map(|(at, name)| ((*name).to_owned(), at)).collect(),
            count: names.len(),
            is_exact: false,
        }
    }

    fn read(bytes: &mut Bytes, needed: &[&'static str]) -> Result<Self, BadFile> {
        let (_, fields) = csv::next(bytes)?.ok_or(BadFile::Empty)?;
        let fields = fields.map_err(BadFile::Header)?;
        let mut columns = HashMap::new();
        for (at, field) in fields.iter().enumerate() {
            let name = std::str::from_utf8(field)
                .map_err(|_| BadFile::Header(Unread::NotText))?
                .trim()
                .to_owned();
            if columns.insert(name.clone(), at).is_some() {
                return Err(BadFile::Twice(name));
            }
        }
        if let Some(name) = needed.iter().find(|name| !columns.contains_key(**name)) {
            return Err(BadFile::Lacks(name));
        }
        Ok(Self {
            count: fields.len(),
            columns,
            is_exact: true,
        })
    }

    fn record(self: &Arc<Self>, fields: csv::Fields) -> Result<Record, Unread> {
        let (found, wanted) = (fields.len(), self.count);
        if found < wanted || (self.is_exact && found > wanted) {
            return Err(Unread::Fields { found, wanted });
        }
        Ok(Record::Csv(Arc::clone(self), fields))
    }
}

impl Record {
    /// A field as text; an empty or absent one is `None`.
    pub(super) fn text(&self, name: &'static str) -> Result<Option<String>, Unread> {
        let text = match self {
            Self::Csv(header, fields) => {
                let field = header.columns.get(name).and_then(|at| fields.get(*at));
                match field {
                    Some(field) => {
                        let text = std::str::from_utf8(field).map_err(|_| Unread::NotText)?;
                        Some(text.to_owned())
                    }
                    None => None,
                }
            }
            Self::Json(object) => match object.get(name) {
                None | Some(Value::Null) => None,
                Some(Value::String(text)) => Some(text.clone()),
                Some(Value::Bool(flag)) => Some(flag.to_string()),
                Some(Value::Number(number)) => Some(number.to_string()),
                Some(_) => return Err(Unread::Malformed(name)),
            },
        };
        Ok(text.filter(|text| !text.trim().is_empty()))
    }

    /// The first of some fields that is there.
    pub(super) fn first(&self, names: &[&'static str]) -> Result<Option<String>, Unread> {
        for name in names {
            if let Some(text) = self.text(name)? {
                return Ok(Some(text));
            }
        }
        Ok(None)
    }

    /// A field that says yes or no; absent is no.
    pub(super) fn flag(&self, name: &'static str) -> Result<bool, Unread> {
        Self::read_flag(self.text(name)?, name)
    }

    /// The same, of a column that stands behind those the header names.
    pub(super) fn flag_at(&self, name: &'static str, at: usize) -> Result<bool, Unread> {
        let Self::Csv(_, fields) = self else {
            return self.flag(name);
        };
        let field = fields.get(at).map(|field| String::from_utf8(field.clone()));
        let text = field.transpose().map_err(|_| Unread::NotText)?;
        Self::read_flag(text.filter(|text| !text.trim().is_empty()), name)
    }

    fn read_flag(text: Option<String>, name: &'static str) -> Result<bool, Unread> {
        let Some(text) = text else {
            return Ok(false);
        };
        match text.trim().to_ascii_lowercase().as_str() {
            "true" | "t" | "1" | "yes" | "y" => Ok(true),
            "false" | "f" | "0" | "no" | "n" => Ok(false),
            _ => Err(Unread::Malformed(name)),
        }
    }

    /// A field that says when.
    pub(super) fn moment(&self, name: &'static str) -> Result<Option<i64>, Unread> {
        let text = self.text(name)?;
        text.map(|text| moment(text.trim()).ok_or(Unread::Malformed(name)))
            .transpose()
    }

    /// A member that is an object or a list.
    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        match self {
            Self::Csv(..) => None,
            Self::Json(object) => object.get(name),
        }
    }
}

/// Seconds or milliseconds since 1970, RFC 3339, or what databases print.
fn moment(text: &str) -> Option<i64> {
    /// Seconds reach it in the year 5138, milliseconds in 1973.
    const MILLISECONDS: i64 = 100_000_000_000;
    // Some write seconds with a fraction.
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_number = [whole, fraction]
        .concat()
        .bytes()
        .all(|byte| byte.is_ascii_digit());
    if is_number && let Ok(number) = whole.parse::<i64>() {
        return Some(if number >= MILLISECONDS {
            number / 1000
        } else {
            number
        });
    }
    let mut standard = text.replacen(' ', "T", 1);
    let has_offset = standard
        .get(10..)
        .is_some_and(|time| time.contains(['Z', 'z', '+', '-']));
    if !has_offset {
        standard.push('Z');
    }
    // PostgreSQL writes an offset in hours alone.
    let hours_alone =
        standard.len() > 3 && matches!(standard.as_bytes()[standard.len() - 3], b'+' | b'-');
    if hours_alone {
        standard.push_str(":00");
    }
    let read = OffsetDateTime::parse(&standard, &Rfc3339).ok()?;
    Some(read.unix_timestamp()).filter(|at| *at >= 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_as_anybody_writes_them() {
        for text in [
            "1700000000",
            "1700000000000",
            "1700000000.0",
            "2023-11-14T22:13:20Z",
            "2023-11-14T22:13:20.123Z",
            "2023-11-14T23:13:20+01:00",
            "2023-11-14 22:13:20",
            "2023-11-14 22:13:20.5+00",
        ] {
            assert_eq!(moment(text), Some(1_700_000_000), "{text}");
        }
        for text in [
            "",
            "yesterday",
            "-5",
            "14.11.2023",
            "1e9",
            "2023-11-14",
            "１",
            "\u{e9}\u{e9}",
        ] {
            assert_eq!(moment(text), None, "{text}");
        }
    }

    fn open(text: &[u8]) -> Result<Records, BadFile> {
        Records::of(Bytes::of(io::Cursor::new(text.to_vec())), None, &["email"])
    }

    #[test]
    fn a_file_that_is_the_wrong_one_is_told_at_once() {
        assert!(matches!(open(b""), Err(BadFile::Empty)));
        assert!(matches!(open(b"id,mail\n"), Err(BadFile::Lacks("email"))));
        assert!(matches!(open(b"email,email\n"), Err(BadFile::Twice(_))));
        assert!(matches!(
            open(b"em\xff\n"),
            Err(BadFile::Header(Unread::NotText))
        ));
        assert!(matches!(open(b"\xff\xfee\0m\0"), Err(BadFile::Header(_))));
        assert!(open(b"\xef\xbb\xbfemail\r\n").is_ok());
        assert!(open(b"\xef\xbb\xbf[]").is_ok());
    }

    #[test]
    fn a_record_is_asked_by_name() {
        let mut records =
            open(b"email , on\na@example.com,TRUE\n,\nb,c,d\nb\xff,maybe\n").expect("opens");
        let mut next = || records.next().expect("reads").expect("is there");

        let (line, record) = next();
        let record = record.expect("reads");
        assert_eq!(line, 2);
        assert_eq!(record.text("email"), Ok(Some("a@example.com".to_owned())));
        assert_eq!(record.flag("on"), Ok(true));
        assert_eq!(record.text("nothing"), Ok(None));
        assert_eq!(next().1.expect("reads").text("email"), Ok(None));
        assert_eq!(
            next().1.err(),
            Some(Unread::Fields {
                found: 3,
                wanted: 2
            })
        );
        let record = next().1.expect("reads");
        assert_eq!(record.text("email"), Err(Unread::NotText));
        assert_eq!(record.flag("on"), Err(Unread::Malformed("on")));
        assert!(records.next().expect("reads").is_none());
    }
}
