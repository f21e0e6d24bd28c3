//! CSV that is read by people with a spreadsheet (RFC 4180; security.md row 78).
//!
//! Whoever chooses a name, an address or a `User-Agent` chooses what stands in a cell. A cell that
//! begins like a formula is run by the spreadsheet of whoever opens the file (OWASP, CSV injection), so
//! it is made to begin with an apostrophe. Every field is quoted, whatever it holds: spreadsheets that
//! part fields at semicolons or tabs would else find another cell inside one.

/// What makes a spreadsheet take a cell for a formula: ASCII, and the same signs in full width, which
/// some take for them.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
/// What some of them skip, or part at, before they look.
const SKIPPED: [char; 4] = ['\t', '\r', '\n', '\0'];

/// A field that no spreadsheet takes for a formula: behind an apostrophe, where it would.
///
/// It promises nothing but that: the text is otherwise what it was. Not for data that is read back by a
/// program, because it adds a character.
pub fn harmless(field: &str) -> String {
    let begins = field.trim_start().starts_with(FORMULA) || field.starts_with(SKIPPED);
    match begins {
        true => format!("'{field}"),
        false => field.to_owned(),
    }
}

/// One line of harmless fields, each in quotes, with its end (RFC 4180 2.1, 2.5 to 2.7).
pub fn line<'a>(fields: impl IntoIterator<Item = &'a str>) -> String {
    let quoted = fields
        .into_iter()
        .map(|field| format!("\"{}\"", harmless(field).replace('"', "\"\"")));
    quoted.collect::<Vec<_>>().join(",") + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_like_a_formula_is_text() {
        for hostile in [
            "=1+1",
            "+cmd|' /C calc'!A0",
            "-2+3",
            "@SUM(1)",
            "\t=1",
            "\r=1",
            "\n=1",
            "\0=1",
            "  =1",
            "\u{a0}=1",
            "＝1+1",
            "＠SUM(1)",
        ] {
            assert_eq!(harmless(hostile), format!("'{hostile}"), "{hostile:?}");
        }
        for plain in ["", "a=1", "ada@example.org", "1-2", "'=1", "{\"a\":\"=1\"}"] {
            assert_eq!(harmless(plain), plain);
        }
    }

    #[test]
    fn no_field_ends_its_cell() {
        assert_eq!(
            line(["a", "b\",=1", "c;=1\r\n=2", ""]),
            "\"a\",\"b\"\",=1\",\"c;=1\r\n=2\",\"\"\r\n"
        );
    }
}
