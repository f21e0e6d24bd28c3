//! What was delivered.

use mail::Kept;

/// Where the token in the link of a letter begins.
const LINK: &str = "?token=";

/// Letters that left together.
pub(crate) struct Post(pub(crate) Vec<Letter>);

/// A letter somebody received.
pub(crate) struct Letter(pub(crate) Kept);

impl Post {
    /// The one letter to an address.
    pub(crate) fn to(&self, email: &str) -> &Letter {
        let mut letters = self.0.iter().filter(|letter| letter.0.to == email);
        match (letters.next(), letters.next()) {
            (Some(letter), None) => letter,
            (None, _) => panic!("no letter to {email}"),
            (Some(_), Some(_)) => panic!("more than one letter to {email}"),
        }
    }

    /// To whom and about what, sorted.
    pub(crate) fn subjects(&self) -> Vec<String> {
        let mut all: Vec<_> = self
            .0
            .iter()
            .map(|letter| format!("{}: {}", letter.0.to, letter.0.subject))
            .collect();
        all.sort();
        all
    }
}

impl Letter {
    /// The six digits.
    pub(crate) fn code(&self) -> String {
        let after = self
            .0
            .text
            .split_once("Your code: ")
            .expect("a letter with a code")
            .1;
        after.chars().filter(char::is_ascii_digit).take(6).collect()
    }

    /// What stands in the link.
    pub(crate) fn token(&self) -> String {
        let after = self
            .0
            .text
            .split_once(LINK)
            .expect("a letter with a link")
            .1;
        after.split_whitespace().next().expect("a token").to_owned()
    }
}
