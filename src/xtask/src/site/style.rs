//! One style sheet out of `style/`: the imports of `main.css`, in their order, set in place.
//!
//! `@import "x.css";` becomes the text of the file, `@import "x.css" layer(name);` the text inside that layer. Anything
//! else about an import (media, supports) is refused rather than dropped in silence. Comments do not travel.

use std::fs;
use std::path::Path;

use crate::error::{Doing, Error, Result};

/// How deep imports may nest; deeper is a circle.
const DEPTH: usize = 8;

/// The sheet `name` of `folder` with everything it imports.
pub(crate) fn sheet(folder: &Path, name: &str) -> Result<String> {
    if !folder.join(name).is_file() {
        return Err(Error::missing(
            format!("style/{name}"),
            "it lists the parts of the style sheet by @import",
        ));
    }
    inline(folder, name, 0)
}

fn inline(folder: &Path, name: &str, depth: usize) -> Result<String> {
    if depth > DEPTH {
        return Err(Error::other(format!(
            "style/{name} imports itself, directly or by others."
        )));
    }
    let text = fs::read_to_string(folder.join(name)).doing(format!("Reading style/{name}"))?;
    let mut sheet = String::new();
    for line in without_comments(&text)
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.trim().is_empty())
    {
        let Some(rest) = line.trim_start().strip_prefix("@import") else {
            sheet.push_str(line);
            sheet.push('\n');
            continue;
        };
        let import = Import::parse(rest).ok_or_else(|| {
            Error::other(format!(
                "style/{name}: `{}` is not of the form @import \"x.css\" [layer(name)];",
                line.trim()
            ))
        })?;
        let part = inline(folder, import.file, depth + 1)?;
        match import.layer {
            Some(layer) => sheet.push_str(&format!("@layer {layer} {{\n{part}}}\n")),
            None => sheet.push_str(&part),
        }
    }
    Ok(sheet)
}

struct Import<'a> {
    file: &'a str,
    layer: Option<&'a str>,
}

impl<'a> Import<'a> {
    /// What follows `@import` on its line.
    fn parse(rest: &'a str) -> Option<Self> {
        let rest = rest.trim().strip_suffix(';')?.trim();
        let (target, rest) = match rest.strip_prefix("url(") {
            Some(rest) => rest.split_once(')')?,
            None => rest.split_at_checked(rest.get(1..)?.find(['"', '\''])? + 2)?,
        };
        let file = target
            .trim()
            .trim_matches(['"', '\''])
            .trim_start_matches("./");
        let layer = match rest.trim() {
            "" => None,
            layer => Some(layer.strip_prefix("layer(")?.strip_suffix(')')?),
        };
        (file.ends_with(".css") && !file.contains("..")).then_some(Self { file, layer })
    }
}

/// The text without its comments; what looks like one inside a string stays.
fn without_comments(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    let mut quote = None;
    while let Some(next) = rest.chars().next() {
        if quote.is_none() && rest.starts_with("/*") {
            rest = rest[2..].split_once("*/").map_or("", |(_, after)| after);
            continue;
        }
        let escaped = if next == '\\' {
            rest[1..].chars().next()
        } else {
            None
        };
        match (quote, next) {
            (None, '"' | '\'') => quote = Some(next),
            (Some(open), close) if open == close => quote = None,
            _ => {}
        }
        let taken = next.len_utf8() + escaped.map_or(0, char::len_utf8);
        kept.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_set_in_place_in_their_order_and_layer() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write(
            "main.css",
            "@layer base, parts;\n@import \"a.css\" layer(base);\n@import url('./b.css');\nmain {}\n",
        );
        write("a.css", "a { color: red } /* why */\n");
        write("b.css", "b {}\n");

        let sheet = sheet(folder.path(), "main.css").unwrap();

        assert_eq!(
            sheet,
            "@layer base, parts;\n@layer base {\na { color: red }\n}\nb {}\nmain {}\n"
        );
    }

    #[test]
    fn an_import_that_cannot_be_honoured_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("main.css"), "@import \"a.css\" print;\n").unwrap();

        assert!(sheet(folder.path(), "main.css").is_err());
    }

    #[test]
    fn a_circle_of_imports_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("main.css"), "@import \"main.css\";\n").unwrap();

        assert!(sheet(folder.path(), "main.css").is_err());
    }

    #[test]
    fn only_real_comments_go() {
        let text = "a::after { content: \"/* ok */ \\\" /* ok */\" } /* gone ' */ b {}";

        assert_eq!(
            without_comments(text),
            "a::after { content: \"/* ok */ \\\" /* ok */\" }  b {}"
        );
    }
}
