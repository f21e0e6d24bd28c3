//! How easily a new password is guessed (D6). Length and normal form are `wire`'s to say.

use wire::{FieldCode, Password};
use zxcvbn::Score;

use crate::error::Fault;

/// Words nobody may use as the whole password, beside those of the account itself.
const OUR_WORDS: [&str; 3] = ["gatehouse", "password", "workflow"];

/// Judges a password somebody wants. `words` are the account's own: address, username, names.
///
/// # Errors
/// [`FieldCode::TooCommon`] for one of the words or a list's entry, alone or repeated;
/// [`FieldCode::TooWeak`] below a score of 3 ("safely unguessable" offline needs 10^10 guesses).
pub(crate) fn judge(password: &Password, words: &[&str]) -> Result<(), FieldCode> {
    let mut known: Vec<&str> = OUR_WORDS.to_vec();
    known.extend(
        words
            .iter()
            .copied()
            .filter(|word| word.chars().count() >= 3),
    );
    let lower = password.reveal().to_lowercase();
    if known
        .iter()
        .any(|word| is_only(&lower, &word.to_lowercase()))
    {
        return Err(FieldCode::TooCommon);
    }
    if zxcvbn::zxcvbn(password.reveal(), &known).score() < Score::Three {
        return Err(FieldCode::TooWeak);
    }
    Ok(())
}

/// Whether a text is nothing but a word, once or over and over.
fn is_only(text: &str, word: &str) -> bool {
    !text.is_empty() && text.replace(word, "").is_empty()
}

/// [`judge`], off the async threads: it takes milliseconds on a long password.
pub(crate) async fn judge_apart(
    password: &Password,
    words: Vec<String>,
) -> Result<Result<(), FieldCode>, Fault> {
    let password = password.clone();
    tokio::task::spawn_blocking(move || {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        judge(&password, &words)
    })
    .await
    .map_err(|_| Fault::Hashing)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(password: &str) -> Result<(), FieldCode> {
        judge(
            &Password::claimed(password),
            &["ada@example.com", "ada", "lovelace", "Lovelace"],
        )
    }

    #[test]
    fn a_few_unrelated_words_are_welcome() {
        for password in [
            "correct horse battery staple",
            "grüne tassen fliegen leise",
            "😀 three wet otters 😀",
            "vjm2 qpz8 wtx5 lkd",
        ] {
            assert_eq!(judged(password), Ok(()), "{password}");
        }
    }

    #[test]
    fn what_everybody_tries_first_is_refused() {
        for password in [
            "password1234",
            "aaaaaaaaaaaab",
            "123456789012",
            "qwertyuiop12",
            "passwordpassword",
        ] {
            assert!(judged(password).is_err(), "{password}");
        }
    }

    #[test]
    fn the_persons_own_words_are_no_password() {
        for password in [
            "ada@example.com",
            "lovelacelovelace",
            "LovelaceLovelace",
            "gatehousegatehouse",
        ] {
            assert_eq!(judged(password), Err(FieldCode::TooCommon), "{password}");
        }
    }

    #[test]
    fn the_longest_password_is_judged_too() {
        assert_eq!(judged(&"a".repeat(256)), Err(FieldCode::TooWeak));
    }
}
