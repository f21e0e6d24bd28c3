//! What everybody tries first: a list, and the patterns people make when a list says no.
//!
//! All of it compares what was typed without its case, in NFC. The list and where it comes from are
//! described in `data/README.md`.

mod pattern;

use std::sync::LazyLock;

use wire::Password;

/// One entry a line, folded, sorted by bytes, at least six characters each.
const LIST: &str = include_str!("../../data/common-passwords.txt");
static ENTRIES: LazyLock<Vec<&str>> = LazyLock::new(|| LIST.lines().collect());

/// How many digits people put before and after a word to please a rule: a year.
const YEAR: usize = 4;
/// And how many signs.
const SIGNS: usize = 3;
/// Three times anything this short is nothing, whatever it says.
const SHORT_UNIT: usize = 4;

/// Whether a password is one of the first anybody would try: of the list, made of `words` alone, a
/// repetition of either, a sequence, a walk over the keyboard, or one of these with a year and a sign.
pub(super) fn is_common(password: &str, words: &[&str]) -> bool {
    let words: Vec<_> = words
        .iter()
        .map(|word| letters(&fold(word)))
        .filter(|word| !word.is_empty())
        .collect();
    let trimmed = password.trim();
    let typed = fold(if trimmed.is_empty() {
        password
    } else {
        trimmed
    });
    let known = Known { words: &words };
    known.holds(&typed)
        || without_separator(&typed).is_some_and(|joined| known.holds(&joined))
        || known.holds(bare(&typed))
        || cores(&typed).any(|core| known.is_word(core))
}

/// Without case, in NFC.
pub(super) fn fold(text: &str) -> Vec<char> {
    let lower = Password::claimed(text).reveal().to_lowercase();
    Password::claimed(&lower).reveal().chars().collect()
}

/// Whether the bundled list has it.
pub(super) fn is_listed(folded: &[char]) -> bool {
    let text: String = folded.iter().collect();
    ENTRIES.binary_search(&text.as_str()).is_ok()
}

struct Known<'a> {
    /// Folded, letters and digits alone.
    words: &'a [Vec<char>],
}

impl Known<'_> {
    fn holds(&self, text: &[char]) -> bool {
        self.is_word(text) || pattern::is_pattern(text) || self.is_repetition(text)
    }

    fn is_word(&self, text: &[char]) -> bool {
        is_listed(text) || self.is_made_of_words(text)
    }

    /// Whether the words of the account and the portal, one after the other, are all there is.
    fn is_made_of_words(&self, text: &[char]) -> bool {
        let text = letters(text);
        // Whether the first so many characters are words.
        let mut reached = vec![false; text.len() + 1];
        reached[0] = !text.is_empty();
        for at in 0..text.len() {
            if reached[at] {
                for word in self
                    .words
                    .iter()
                    .filter(|word| text[at..].starts_with(word))
                {
                    reached[at + word.len()] = true;
                }
            }
        }
        reached[text.len()]
    }

    /// Something twice or more often, its last time perhaps cut short by the sign between.
    fn is_repetition(&self, text: &[char]) -> bool {
        let mut periods = (1..=text.len().div_ceil(2)).filter(|period| {
            let later = text.iter().skip(*period);
            later.eq(text.iter().take(text.len() - period))
        });
        periods.any(|period| {
            let unit = &text[..period];
            (period <= SHORT_UNIT && text.len() >= 3 * period)
                || pattern::is_pattern(bare(unit))
                || cores(unit).any(|core| self.is_word(core))
        })
    }
}

fn letters(text: &[char]) -> Vec<char> {
    text.iter()
        .copied()
        .filter(|c| c.is_alphanumeric())
        .collect()
}

/// `password-password`, `1 2 3 4 5 6`: what is left without the one sign that separates, if there is
/// only one. Several different signs are no separator.
fn without_separator(text: &[char]) -> Option<Vec<char>> {
    let sign = text.iter().find(|c| !c.is_alphanumeric())?;
    let joined: Vec<_> = text.iter().copied().filter(|c| c != sign).collect();
    let is_only_sign = joined.iter().all(|c| c.is_alphanumeric());
    (is_only_sign && !joined.is_empty()).then_some(joined)
}

/// What is left without the years and the signs around it.
fn bare(text: &[char]) -> &[char] {
    let (start, end) = (decoration(text.iter()), decoration(text.iter().rev()));
    text.get(start..text.len() - end).unwrap_or_default()
}

/// What may be meant to be decorated: entries of the list begin and end with digits and signs, too.
fn cores(text: &[char]) -> impl Iterator<Item = &[char]> {
    let most = 2 * SIGNS + YEAR;
    let start = decoration(text.iter()).min(most);
    let end = decoration(text.iter().rev()).min(most);
    let pairs = (0..=start).flat_map(move |start| (0..=end).map(move |end| (start, end)));
    pairs.filter_map(|(start, end)| text.get(start..text.len() - end))
}

/// How much of the beginning is a few signs, digits and signs again. Digits that run in order may be
/// any number; of a longer number, no more than a year is decoration.
fn decoration<'a>(text: impl Iterator<Item = &'a char>) -> usize {
    let text: Vec<_> = text.copied().collect();
    let signs = |from: usize| {
        let rest = text[from..].iter();
        rest.take(SIGNS)
            .take_while(|c| !c.is_alphanumeric())
            .count()
    };
    let before = signs(0);
    let rest = &text[before..];
    let digits = rest.iter().take_while(|c| c.is_ascii_digit()).count();
    if digits > YEAR && !pattern::is_pattern(&rest[..digits]) {
        return before + YEAR;
    }
    let after = if digits > 0 {
        signs(before + digits)
    } else {
        0
    };
    before + digits + after
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers in `docs/security-model.md` and in `data/README.md`.
    #[test]
    fn the_list_has_as_many_entries_as_the_documentation_says() {
        let at_least = |length| {
            let long = ENTRIES
                .iter()
                .filter(|entry| entry.chars().count() >= length);
            long.count()
        };
        assert_eq!(
            (ENTRIES.len(), at_least(12), at_least(15)),
            (21_950, 4_086, 423)
        );
        for document in [
            include_str!("../../data/README.md"),
            include_str!("../../../../docs/security-model.md"),
        ] {
            for number in ["21 950", "4 086", "423"] {
                assert!(document.contains(number), "{number}");
            }
        }
    }

    #[test]
    fn the_list_can_be_searched() {
        assert!(
            ENTRIES.is_sorted_by(|one, next| one < next),
            "sorted, no entry twice"
        );
        for entry in ENTRIES.iter() {
            assert_eq!(fold(entry).iter().collect::<String>(), *entry);
            assert!(
                entry.chars().count() >= 6 && entry.trim() == *entry,
                "{entry}"
            );
        }
    }

    #[test]
    fn every_entry_is_caught_in_any_case_doubled_and_decorated() {
        for entry in ENTRIES.iter() {
            for typed in [
                (*entry).to_owned(),
                entry.to_uppercase(),
                format!("{entry}{entry}"),
                format!("{entry} {entry}"),
                format!("{entry}{entry}{entry}"),
                format!("{entry}2026!"),
                format!(" {entry} "),
            ] {
                // Some letters have no single capital: ß, ŉ.
                let is_lossy = fold(&entry.to_uppercase()) != fold(entry);
                assert!(is_common(&typed, &[]) || is_lossy, "{typed}");
            }
        }
    }

    #[test]
    fn patterns_are_caught() {
        for typed in [
            "abcdefghijkl",
            "lkjihgfedcba",
            "123456789012",
            "098765432109",
            "qwertyuiop12",
            "QWERTYUIOPASDF",
            "asdfghjkl;'#",
            "1qaz2wsx3edc4rfv",
            "q1w2e3r4t5y6u7",
            "йцукенгшщзхъ",
            "aaaaaaaaaaaa",
            "            ",
            "............",
            "abcabcabcabc",
            "1-2-3-4-5-6-7-8-9",
            "password1234",
            "Password 2026!",
            "passwordpassword",
            "Password-Password-",
            "2026password!!",
            "aaaaaabbbbbb",
            "abcdefgh1234",
        ] {
            assert!(is_common(typed, &[]), "{typed}");
        }
    }

    #[test]
    fn what_only_looks_plain_is_left_to_the_estimate() {
        for typed in [
            "correct horse battery staple",
            "correcthorsebatterystaple",
            "zwölf nasse otter singen",
            "lowercaseonlyhere",
            "839201746552",
            "vjm2qpz8vjm2qpz8",
            "?&;)|+passion",
            "😀🐢🌧️🚲 otters",
        ] {
            assert!(!is_common(typed, &[]), "{typed}");
        }
    }

    #[test]
    fn the_words_of_the_account_are_caught_alone_together_and_decorated() {
        let words = ["ada@example.com", "Ada", "Lovelace", "Zoë"];
        for typed in [
            "ada@example.com",
            "lovelace.ada",
            "AdaLovelace1815!",
            "lovelacelovelace",
            "adaexamplecom",
            "zoe\u{308}.lovelace",
        ] {
            assert!(is_common(typed, &words), "{typed}");
        }
        assert!(!is_common("ada paints wet otters", &words));
    }

    #[test]
    fn nothing_is_too_long_or_too_odd_to_be_looked_at() {
        for typed in [
            "",
            " ",
            "\u{0}",
            "\u{308}",
            &"a".repeat(256),
            &"😀".repeat(256),
        ] {
            let _ = is_common(typed, &["", "  ", "@"]);
        }
    }
}
