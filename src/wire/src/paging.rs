//! Lists, a page at a time: newest first, each page beginning where the one before ended.
//!
//! By key, not by number: what is added meanwhile moves nothing, and no page is slower than the
//! first. A cursor is opaque to clients; it says a moment and an id, so it gives nothing away that
//! the list has not shown, and any other text is refused.

use std::fmt;
use std::str::FromStr;

use crate::{Error, FieldCode};

/// How many there are on a page unless said otherwise.
const USUAL: u32 = 50;
/// How many there are at most.
const MOST: u32 = 200;

/// Where a page ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// When its last entry was, in seconds.
    pub at: i64,
    /// The id of that entry: two may be of one second.
    pub id: String,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.at, self.id)
    }
}

impl FromStr for Cursor {
    type Err = FieldCode;

    fn from_str(text: &str) -> Result<Self, FieldCode> {
        let (at, id) = text.split_once('.').ok_or(FieldCode::Invalid)?;
        let plain = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b) || b == b'-';
        if id.len() != 36 || !id.bytes().all(plain) {
            return Err(FieldCode::Invalid);
        }
        Ok(Self {
            at: at.parse().map_err(|_| FieldCode::Invalid)?,
            id: id.to_owned(),
        })
    }
}

/// Which page is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paging {
    /// How many at most.
    pub limit: u32,
    /// After which entry; `None` is the first page.
    pub after: Option<Cursor>,
}

impl Default for Paging {
    fn default() -> Self {
        Self {
            limit: USUAL,
            after: None,
        }
    }
}

impl Paging {
    /// Reads `?limit=&cursor=`. More than 200 is 200.
    ///
    /// # Errors
    /// `limit` invalid unless it is a number from 1; `cursor` invalid unless it is one of ours.
    pub fn read(limit: Option<&str>, cursor: Option<&str>) -> Result<Self, Error> {
        let limit = match limit {
            None => USUAL,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| *limit > 0)
                .ok_or_else(|| Error::field("limit", FieldCode::Invalid))?,
        };
        let after = cursor.map(str::parse).transpose();
        Ok(Self {
            limit: limit.min(MOST),
            after: after.map_err(|code| Error::field("cursor", code))?,
        })
    }

    /// How many rows to read: one more than are shown tells whether there is another page.
    pub fn rows(&self) -> i64 {
        i64::from(self.limit) + 1
    }
}

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where the next one begins; `None` on the last.
    pub next: Option<Cursor>,
}

impl<T> Page<T> {
    /// Makes a page of rows read with [`Paging::rows`]; `cursor` says where a row stands.
    pub fn of(mut rows: Vec<T>, paging: &Paging, cursor: impl Fn(&T) -> Cursor) -> Self {
        let limit = usize::try_from(paging.limit).unwrap_or(usize::MAX);
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| has_more).map(cursor);
        Self { items: rows, next }
    }

    /// The same page of something else.
    pub fn map<U>(self, view: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(view).collect(),
            next: self.next,
        }
    }

    /// The cursor as it crosses the wire.
    pub fn next_cursor(&self) -> Option<String> {
        self.next.as_ref().map(ToString::to_string)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000";

    #[test]
    fn a_cursor_reads_as_it_was_written_and_nothing_else_does() {
        let cursor = Cursor {
            at: 1_767_225_600,
            id: ID.to_owned(),
        };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for text in [
            "",
            ".",
            "1",
            "x.0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000",
            "1.0199aaaa-bbbb-7ccc-8ddd-eeeeffff000' or 1=1",
            "1.0199AAAA-bbbb-7ccc-8ddd-eeeeffff0000",
            "99999999999999999999.0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000",
        ] {
            assert_eq!(text.parse::<Cursor>(), Err(FieldCode::Invalid), "{text}");
        }
    }

    #[test]
    fn no_page_is_endless() {
        let limit = |text| Paging::read(Some(text), None).map(|paging| paging.limit);
        assert_eq!(limit("20"), Ok(20));
        assert_eq!(limit("200000"), Ok(200));
        for text in ["0", "-1", "all", "", "4294967296"] {
            assert!(limit(text).is_err(), "{text}");
        }
        assert_eq!(Paging::read(None, None), Ok(Paging::default()));
        assert!(Paging::read(None, Some("x")).is_err());
    }

    #[test]
    fn only_a_page_with_more_behind_it_leads_on() {
        let paging = Paging {
            limit: 2,
            after: None,
        };
        let cursor = |at: &i64| Cursor {
            at: *at,
            id: ID.to_owned(),
        };
        let page = Page::of(vec![9, 8, 7], &paging, cursor);
        assert_eq!(page.items, [9, 8]);
        assert_eq!(page.next.map(|next| next.at), Some(8));
        assert!(Page::of(vec![9, 8], &paging, cursor).next.is_none());
        assert!(Page::of(Vec::new(), &paging, cursor).next.is_none());
    }
}
