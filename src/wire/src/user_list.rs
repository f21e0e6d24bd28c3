//! Which accounts a list shows, and in which order.

use std::fmt;

use crate::{Cursor, Error, FieldCode};

/// The longest part of an address or a name that can be found: an address has no more characters.
const LONGEST_PART: usize = 254;

/// An order of accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UserSort {
    /// The newest first.
    #[default]
    Newest,
    /// The oldest first.
    Oldest,
    /// By address.
    Email,
    /// Who signed in last first, who never did last.
    LastLogin,
}

impl UserSort {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Newest, Self::Oldest, Self::Email, Self::LastLogin];

    /// As it crosses the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Newest => "-createdAt",
            Self::Oldest => "createdAt",
            Self::Email => "email",
            Self::LastLogin => "-lastLoginAt",
        }
    }

    /// Reads an order; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.as_str() == text)
    }
}

impl fmt::Display for UserSort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where a page of accounts ended. Like every cursor it says what the list has shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserCursor {
    /// In an order by time.
    Moment(Cursor),
    /// In the order of addresses.
    Email(String),
}

impl UserCursor {
    /// Reads a cursor of a list in this order; `None` for any other text.
    pub fn parse(sort: UserSort, text: &str) -> Option<Self> {
        if sort != UserSort::Email {
            return text.parse().ok().map(Self::Moment);
        }
        let is_address = text.contains('@')
            && text.chars().count() <= LONGEST_PART
            && !text.contains(char::is_control);
        is_address.then(|| Self::Email(text.to_owned()))
    }
}

impl fmt::Display for UserCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Moment(cursor) => cursor.fmt(f),
            Self::Email(email) => f.write_str(email),
        }
    }
}

/// What is searched for: a part of an address, a username or a name; empty for everybody.
///
/// # Errors
/// `q` too long where no address could hold it, invalid with control characters.
pub fn searched(text: &str) -> Result<String, Error> {
    let part = text.trim();
    if part.chars().count() > LONGEST_PART {
        return Err(Error::field("q", FieldCode::TooLong));
    }
    if part.contains(char::is_control) {
        return Err(Error::field("q", FieldCode::Invalid));
    }
    Ok(part.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOMENT: &str = "7.0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000";

    #[test]
    fn a_cursor_belongs_to_its_order() {
        for sort in UserSort::ALL {
            assert_eq!(UserSort::parse(sort.as_str()), Some(sort));
            let (own, foreign) = match sort {
                UserSort::Email => ("ada@example.com", MOMENT),
                _ => (MOMENT, "ada@example.com"),
            };
            let read = UserCursor::parse(sort, own).expect("is one of ours");
            assert_eq!(read.to_string(), own);
            assert_eq!(UserCursor::parse(sort, foreign), None);
        }
        let endless = format!("{}@example.com", "x".repeat(254));
        for text in ["", "a@b\0", &endless] {
            assert_eq!(UserCursor::parse(UserSort::Email, text), None, "{text:?}");
        }
        assert_eq!(UserSort::parse("password_hash"), None);
    }

    #[test]
    fn nobody_searches_for_a_book() {
        assert_eq!(searched(" ada "), Ok("ada".to_owned()));
        assert_eq!(
            searched(&"x".repeat(10_000)),
            Err(Error::field("q", FieldCode::TooLong))
        );
        assert_eq!(searched("a\0b"), Err(Error::field("q", FieldCode::Invalid)));
    }
}
