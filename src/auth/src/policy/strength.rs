//! Strength in words, while somebody types. Nothing of it is stored, logged or counted.

use std::sync::Arc;

use tokio::sync::Semaphore;
use wire::{FieldCode, Password};
use zxcvbn::feedback::Warning;

use crate::Auth;
use crate::error::Fault;
use crate::policy::{common, judge, words_of, worth_knowing};

/// How strong a password is that somebody thinks of choosing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Strength {
    /// 0 to 4. Less than 3 is refused.
    pub score: u8,
    /// Why it would be refused.
    pub refusal: Option<FieldCode>,
    /// What makes it easy to guess, where that is known.
    pub advice: Option<Advice>,
}

/// What makes a password easy to guess. The words for it are the page's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// It is made of the person's own name or address, or of the portal's.
    OwnWords,
    /// Many people use it, or one like it.
    Common,
    /// It is known from a leak.
    Breached,
    /// Keys that lie side by side.
    Keyboard,
    /// The same again and again.
    Repeats,
    /// `abc`, `6543`.
    Sequence,
    /// A year or a date.
    Date,
    /// One word, or a name.
    OneWord,
}

impl Auth {
    /// How strong a password would be; `None` while too many ask at once, because nobody waits for it.
    /// Judged like a chosen one, by the same rules in the same order. `own` are addresses and names.
    ///
    /// # Errors
    /// A fault.
    pub async fn password_strength(
        &self,
        typed: &str,
        own: &[String],
    ) -> Result<Option<Strength>, Fault> {
        let Ok(permit) = Arc::clone(self.strength_permits()).try_acquire_owned() else {
            return Ok(None);
        };
        let (auth, password) = (self.clone(), Password::claimed(typed));
        let rule = self.settings().password;
        let own = own.iter().flat_map(|word| words_of(word, [])).collect();
        let judged = tokio::task::spawn_blocking(move || {
            let words = auth.words_beside(own);
            let refusal = Password::chosen(password.reveal(), rule)
                .and_then(|password| judge(&password, &words, auth.breaches()))
                .err();
            let strength = strength(&password, &worth_knowing(&words), refusal);
            // Held until here: a closed connection lets nobody else in early.
            drop(permit);
            strength
        });
        Ok(Some(judged.await.map_err(|_| Fault::Hashing)?))
    }
}

/// As many at once as there are cores; the others do without.
pub(crate) fn permits() -> Arc<Semaphore> {
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    Arc::new(Semaphore::new(cores))
}

fn strength(password: &Password, words: &[&str], refusal: Option<FieldCode>) -> Strength {
    let estimate = zxcvbn::zxcvbn(password.reveal(), words);
    let warning = estimate.feedback().and_then(|feedback| feedback.warning());
    let score = match refusal {
        None => u8::from(estimate.score()),
        Some(FieldCode::TooCommon | FieldCode::Breached) => u8::from(estimate.score()).min(1),
        Some(_) => u8::from(estimate.score()).min(2),
    };
    let advice = match refusal {
        Some(FieldCode::Breached) => Some(Advice::Breached),
        Some(FieldCode::TooCommon) if !common::is_common(password.reveal(), &[]) => {
            Some(Advice::OwnWords)
        }
        Some(FieldCode::TooCommon) => Some(warning.map_or(Advice::Common, advice)),
        Some(_) => warning.map(advice),
        None => None,
    };
    Strength {
        score,
        refusal,
        advice,
    }
}

fn advice(warning: Warning) -> Advice {
    match warning {
        Warning::StraightRowsOfKeysAreEasyToGuess
        | Warning::ShortKeyboardPatternsAreEasyToGuess => Advice::Keyboard,
        Warning::RepeatsLikeAaaAreEasyToGuess
        | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => Advice::Repeats,
        Warning::SequencesLikeAbcAreEasyToGuess => Advice::Sequence,
        Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess => Advice::Date,
        Warning::AWordByItselfIsEasyToGuess
        | Warning::NamesAndSurnamesByThemselvesAreEasyToGuess
        | Warning::CommonNamesAndSurnamesAreEasyToGuess => Advice::OneWord,
        _ => Advice::Common,
    }
}
