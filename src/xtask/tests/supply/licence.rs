//! Licence expressions (SPDX) against a list of those allowed.

/// Whether an expression can be satisfied by allowed licences alone. An old-style `A/B` is a choice.
pub(crate) fn is_allowed(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader {
        words: &words,
        allowed,
    };
    let answer = reader.any();
    answer && reader.words.is_empty()
}

/// The list `allow` in the section `[licenses]` of deny.toml.
pub(crate) fn allowed_by(deny: &str) -> Vec<String> {
    let section = deny
        .split("\n[")
        .find(|section| section.starts_with("licenses]"))
        .unwrap_or_default();
    let list = section
        .split_once("allow = [")
        .and_then(|(_, rest)| rest.split_once(']'))
        .map_or("", |(list, _)| list);
    list.split('"')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

struct Reader<'a> {
    words: &'a [&'a str],
    allowed: &'a [String],
}

impl Reader<'_> {
    fn next(&mut self) -> &str {
        let Some((first, rest)) = self.words.split_first() else {
            return "";
        };
        self.words = rest;
        first
    }

    fn takes(&mut self, word: &str) -> bool {
        let here = self.words.first() == Some(&word);
        if here {
            self.words = &self.words[1..];
        }
        here
    }

    fn any(&mut self) -> bool {
        let mut answer = self.all();
        while self.takes("OR") {
            answer |= self.all();
        }
        answer
    }

    fn all(&mut self) -> bool {
        let mut answer = self.one();
        while self.takes("AND") {
            answer &= self.one();
        }
        answer
    }

    fn one(&mut self) -> bool {
        if self.takes("(") {
            let answer = self.any();
            return self.takes(")") && answer;
        }
        let mut name = self.next().to_owned();
        if self.takes("WITH") {
            name = format!("{name} WITH {}", self.next());
        }
        self.allowed.contains(&name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_is_read_as_it_is_meant() {
        let allowed: Vec<String> = ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"]
            .map(str::to_owned)
            .into();
        let allowed = |expression: &str| is_allowed(expression, &allowed);

        assert!(
            allowed("MIT")
                && allowed("MIT OR GPL-3.0")
                && allowed("GPL-3.0/MIT")
                && allowed("ISC AND (GPL-3.0 OR MIT)")
        );
        assert!(allowed("Apache-2.0 WITH LLVM-exception OR GPL-3.0"));
        assert!(
            !allowed("GPL-3.0")
                && !allowed("MIT AND GPL-3.0")
                && !allowed("Apache-2.0")
                && !allowed("")
        );
        assert!(!allowed("(MIT OR ISC") && !allowed("ISC AND GPL-3.0 OR GPL-2.0"));
    }

    #[test]
    fn the_list_is_that_of_its_section() {
        let deny = "[bans]\nallow = [\"x\"]\n\n[licenses]\nallow = [\n    \"MIT\",\n    \"ISC\",\n]\n\n[sources]\n";

        assert_eq!(allowed_by(deny), ["MIT", "ISC"]);
    }
}
