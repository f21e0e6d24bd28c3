//! Just enough of Rust's grammar to tell what a source names: comments and literals set aside, `use` trees unfolded.

use std::fs;
use std::path::Path;

/// A source, taken apart.
pub(crate) struct Code {
    /// Every path written out in full, with whether it comes from a `use`.
    paths: Vec<(Vec<String>, bool)>,
    words: Vec<String>,
    texts: Vec<String>,
}

impl Code {
    /// Reads a source text.
    pub(crate) fn of(text: &str) -> Self {
        let (words, texts) = split(text);
        let mut paths = Vec::new();
        let mut at = 0;
        while at < words.len() {
            match words[at].as_str() {
                "use" => {
                    at += 1;
                    unfold(&words, &mut at, &[], &mut paths);
                }
                "crate" if at > 0 && words[at - 1] == "extern" => {
                    paths.extend(words.get(at + 1).map(|name| (vec![name.clone()], true)));
                    at += 1;
                }
                word if is_name(word) => paths.push((path(&words, &mut at), false)),
                // Inside a path after a type (`<T>::name`), or a field: not the root of anything.
                "::" | "."
                    if at > 0
                        && (is_name(&words[at - 1])
                            || matches!(words[at - 1].as_str(), ">" | ")" | "]")) =>
                {
                    at += 2
                }
                _ => at += 1,
            }
        }
        Self {
            paths,
            words,
            texts,
        }
    }

    /// Whether a path of the source begins with `name`, which is a crate or a longer path. A lone word outside a `use`
    /// is a variable, not a crate.
    pub(crate) fn names(&self, name: &str) -> bool {
        let wanted: Vec<&str> = name.split("::").collect();
        self.paths.iter().any(|(path, imported)| {
            let long_enough = *imported || path.len() > 1;
            long_enough
                && path.len() >= wanted.len()
                && path.iter().zip(&wanted).all(|(one, other)| one == other)
        })
    }

    /// Whether anything in it waits.
    pub(crate) fn is_async(&self) -> bool {
        self.words
            .iter()
            .any(|word| word == "async" || word == "await")
    }

    /// The contents of its string literals.
    pub(crate) fn texts(&self) -> &[String] {
        &self.texts
    }
}

/// Whether a literal is a statement for a database. People's sentences begin with a capital and go on in small letters.
pub(crate) fn is_sql(text: &str) -> bool {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let keyword = |word: &str| text.starts_with(word) || text.starts_with(&word.to_uppercase());
    let lower = text.to_lowercase();
    (keyword("select ") && lower.contains(" from "))
        || (keyword("update ") && lower.contains(" set "))
        || [
            "insert into ",
            "delete from ",
            "create table ",
            "create index ",
            "alter table ",
            "pragma ",
        ]
        .into_iter()
        .any(keyword)
}

/// Every Rust file below `folder/below`, by its path relative to `folder`.
pub(crate) fn rust_files(folder: &Path, below: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open = vec![below.to_owned()];
    while let Some(below) = open.pop() {
        for entry in fs::read_dir(folder.join(&below))
            .expect("the folder is there")
            .flatten()
        {
            let path = format!("{below}/{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                open.push(path);
            } else if path.ends_with(".rs") {
                let text = fs::read_to_string(entry.path()).expect("a source is text");
                found.push((path, text));
            }
        }
    }
    found
}

/// One path from its first word on.
fn path(words: &[String], at: &mut usize) -> Vec<String> {
    let mut path = vec![words[*at].clone()];
    *at += 1;
    while words.get(*at).is_some_and(|word| word == "::")
        && words.get(*at + 1).is_some_and(|word| is_name(word))
    {
        path.push(words[*at + 1].clone());
        *at += 2;
    }
    path
}

/// One `use` tree below `prefix`; stops behind it.
fn unfold(
    words: &[String],
    at: &mut usize,
    prefix: &[String],
    paths: &mut Vec<(Vec<String>, bool)>,
) {
    let mut full = prefix.to_vec();
    while let Some(word) = words.get(*at) {
        match word.as_str() {
            "::" => *at += 1,
            "{" => {
                *at += 1;
                while words.get(*at).is_some_and(|word| word != "}") {
                    unfold(words, at, &full, paths);
                    if words.get(*at).is_some_and(|word| word == ",") {
                        *at += 1;
                    }
                }
                *at += 1;
                return;
            }
            "as" => *at += 2,
            "," | "}" | ";" => break,
            name => {
                if is_name(name) {
                    full.push(name.to_owned());
                }
                *at += 1;
            }
        }
    }
    paths.push((full, true));
}

fn is_name(word: &str) -> bool {
    word.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

/// The words and marks of a source without its comments, and the contents of its literals.
fn split(text: &str) -> (Vec<String>, Vec<String>) {
    let (mut words, mut texts) = (Vec::new(), Vec::new());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let taken = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            comment(rest)
        } else if let Some((literal, taken)) = literal(rest) {
            texts.push(literal.to_owned());
            taken
        } else if is_name(rest) {
            let end = rest
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            words.push(rest[..end].to_owned());
            end
        } else if next == '\'' {
            quoted_character(rest)
        } else if rest.starts_with("::") {
            words.push("::".to_owned());
            2
        } else {
            if !next.is_whitespace() {
                words.push(next.to_string());
            }
            next.len_utf8()
        };
        rest = &rest[taken..];
    }
    (words, texts)
}

/// The length of a block comment, which may hold others.
fn comment(rest: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                break;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    at
}

/// The content and the whole length of a string literal, plain or raw, if one begins here.
fn literal(rest: &str) -> Option<(&str, usize)> {
    let body = rest.strip_prefix(['b', 'c']).unwrap_or(rest);
    let raw = body.strip_prefix('r');
    let marks = raw.unwrap_or(body);
    let hashes = raw.map_or(0, |raw| raw.len() - raw.trim_start_matches('#').len());
    let inner = marks[hashes..].strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    let mut escaped = false;
    let end = inner.char_indices().find(|(at, c)| {
        let here = !escaped && inner[*at..].starts_with(&close);
        escaped = raw.is_none() && *c == '\\' && !escaped;
        here
    });
    let length = end.map_or(inner.len(), |(at, _)| at);
    let whole = rest.len() - inner.len() + length + close.len();
    Some((&inner[..length], whole.min(rest.len())))
}

/// The length of a character literal, or of the mark that begins a lifetime.
fn quoted_character(rest: &str) -> usize {
    let mut characters = rest.char_indices().skip(1);
    match (characters.next(), characters.next(), characters.next()) {
        (Some((_, '\\')), _, Some((at, _))) => {
            rest[at..].find('\'').map_or(rest.len(), |end| at + end + 1)
        }
        (Some(_), Some((at, '\'')), _) => at + 1,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_no_code() {
        let text = "// a::b\n/* c::d /* e::f */ g::h */ let s = \"i::j \\\" k::l\"; let r = r#\"m::n \" o::p\"#; '\"'; 'a'; q::r";

        let code = Code::of(text);

        let named: Vec<&str> = ["a", "c", "e", "g", "i", "k", "m", "o", "q"]
            .into_iter()
            .filter(|name| code.names(name))
            .collect();
        assert_eq!(named, ["q"]);
        assert_eq!(code.texts(), ["i::j \\\" k::l", "m::n \" o::p"]);
    }

    #[test]
    fn a_use_tree_is_unfolded() {
        let code = Code::of("pub use a::{b, c::{self, d as e}, f::*};\nuse ::g;\nextern crate h;");

        for name in ["a::b", "a::c", "a::c::d", "a::f", "g", "h"] {
            assert!(code.names(name), "{name}");
        }
        assert!(!code.names("b") && !code.names("a::d") && !code.names("e"));
    }

    #[test]
    fn only_the_root_of_a_path_is_a_crate() {
        let code = Code::of(
            "fn f<'a>(x: &'a T) { crate::a::g(); x.b::<u8>(); <T>::c::d(); let e = 1; ::f::g() }",
        );

        assert!(
            ["a", "b", "c", "e"]
                .into_iter()
                .all(|name| !code.names(name))
        );
        assert!(code.names("f"));
    }
}
