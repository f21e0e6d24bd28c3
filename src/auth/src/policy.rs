//! How easily a new password is guessed (D6). Length and normal form are `wire`'s to say.
//!
//! Every password anybody chooses – registering, finishing a registration elsewhere, set-up, command
//! line, reset, change, invitation – is judged by [`Auth::judge_password`] and by nothing else. There
//! are no classes of characters to use and no expiry (SP 800-63B-4 3.1.1.2): a password is refused for
//! being known, not for its looks. Nothing here is asked at sign-in.

mod common;
mod strength;

use wire::{FieldCode, Password};
use zxcvbn::Score;

use crate::Auth;
use crate::breach::BreachFilter;
use crate::error::Fault;

pub(crate) use strength::permits as strength_permits;
pub use strength::{Advice, Strength};

/// What the product calls itself: no password here.
const PRODUCT: [&str; 2] = ["gatehouse", "workflow"];
/// Shorter words are part of everything.
const SHORTEST_WORD: usize = 3;

/// Judges a password somebody wants from now on. `words` are the account's own and the portal's.
///
/// # Errors
/// - [`FieldCode::TooCommon`]: on the bundled list, nothing but `words`, or a pattern anyone would try:
///   either of them repeated, a sequence, a walk over the keyboard, a few digits at its end.
/// - [`FieldCode::Breached`]: in the operator's filter.
/// - [`FieldCode::TooWeak`]: zxcvbn gives it less than 3 of 4 (fewer than 10^8 guesses).
pub(crate) fn judge(
    password: &Password,
    words: &[String],
    breaches: Option<&BreachFilter>,
) -> Result<(), FieldCode> {
    let words = worth_knowing(words);
    if common::is_common(password.reveal(), &words) {
        return Err(FieldCode::TooCommon);
    }
    if breaches.is_some_and(|filter| filter.holds_or_unknown(password)) {
        return Err(FieldCode::Breached);
    }
    if score(password, &words) < Score::Three {
        return Err(FieldCode::TooWeak);
    }
    Ok(())
}

fn score(password: &Password, words: &[&str]) -> Score {
    zxcvbn::zxcvbn(password.reveal(), words).score()
}

fn worth_knowing(words: &[String]) -> Vec<&str> {
    let words = words.iter().map(|word| word.trim());
    words
        .filter(|word| word.chars().count() >= SHORTEST_WORD)
        .collect()
}

impl Auth {
    /// Judges a password somebody wants from now on; the one way to do it. `own` are the words of the
    /// account it is for: [`words_of`] a row, `register::own_words` of a [`wire::NewAccount`].
    /// Runs off the async threads: zxcvbn takes milliseconds on a long password, and the breach filter
    /// is a file. Call it before the hash permit and outside any transaction:
    ///
    /// ```ignore
    /// let password = Password::chosen(typed.reveal(), self.settings().password).map_err(ResetError::Password)?;
    /// let names = [&user.username, &user.first_name, &user.last_name].map(Option::as_deref);
    /// let own = policy::words_of(&user.email, names);
    /// self.judge_password(&password, own).await?.map_err(ResetError::Password)?;
    /// ```
    ///
    /// # Errors
    /// A fault; inside, the [`FieldCode`] of a password that will not do.
    pub(crate) async fn judge_password(
        &self,
        password: &Password,
        own: Vec<String>,
    ) -> Result<Result<(), FieldCode>, Fault> {
        let (auth, password) = (self.clone(), password.clone());
        tokio::task::spawn_blocking(move || {
            judge(&password, &auth.words_beside(own), auth.breaches())
        })
        .await
        .map_err(|_| Fault::Hashing)
    }

    /// The account's words and the portal's: its product's name and its host.
    fn words_beside(&self, mut own: Vec<String>) -> Vec<String> {
        own.extend(PRODUCT.map(str::to_owned));
        own.extend(host_words(&self.settings().public_url));
        own
    }
}

/// The words of an account's owner: no password may be made of them alone. `names` are the username,
/// the first and the last name, as far as they are known.
pub(crate) fn words_of<const N: usize>(email: &str, names: [Option<&str>; N]) -> Vec<String> {
    let (local, domain) = email.split_once('@').unwrap_or((email, ""));
    let mut words = vec![email.to_owned(), local.to_owned(), domain.to_owned()];
    words.extend(parts_of(local));
    words.extend(parts_of(domain));
    for name in names.into_iter().flatten() {
        words.push(name.to_owned());
        words.extend(parts_of(name));
    }
    words
}

/// `login.example.com`, `login`, `example`.
fn host_words(url: &str) -> Vec<String> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', ':']).next().unwrap_or_default();
    let mut words = vec![host.to_owned()];
    words.extend(parts_of(host));
    words
}

/// The words within a name or an address, those of more than three letters: `com` and `org` say nothing.
fn parts_of(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|part| part.chars().count() > SHORTEST_WORD)
        .map(str::to_owned)
}

#[cfg(test)]
mod tests;
