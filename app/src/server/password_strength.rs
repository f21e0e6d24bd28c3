//! `/_sf/password_strength`.

use auth::{Advice, Strength};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use wire::{FieldCode, PasswordRule, Secret};

use super::door::{Door, told};
use super::error::UiError;

/// The longest own word that is looked at: the longest address.
const LONGEST_WORD: usize = 254;

/// How strong a password is, as people read it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StrengthInWords {
    /// 0 to 4; none when nobody had time to look.
    pub score: Option<u8>,
    /// One or two sentences.
    pub sentence: String,
}

/// Says how strong a password would be, for the island that asks while it is typed. Nothing is stored,
/// logged or counted against anybody, and the answer tells of nothing but the password.
#[server(name = PasswordStrength, prefix = "/_sf", endpoint = "password_strength")]
pub async fn password_strength(
    #[server(default)] password: Secret,
    #[server(default)] email: String,
    #[server(default)] username: String,
    #[server(default)] first_name: String,
    #[server(default)] last_name: String,
) -> Result<StrengthInWords, UiError> {
    let door = Door::open()?;
    let mut own: Vec<String> = [email, username, first_name, last_name]
        .into_iter()
        .map(|word| word.chars().take(LONGEST_WORD).collect())
        .collect();
    if let Some(session) = &door.session {
        let user = &session.user;
        let names = [&user.username, &user.first_name, &user.last_name];
        own.push(user.email.clone());
        own.extend(names.into_iter().flatten().cloned());
    }
    match door.auth().password_strength(password.reveal(), &own).await {
        Ok(Some(strength)) => Ok(in_words(strength, door.auth().settings().password)),
        Ok(None) => Ok(StrengthInWords::default()),
        Err(fault) => {
            told(fault);
            Err(UiError::Internal)
        }
    }
}

fn in_words(strength: Strength, rule: PasswordRule) -> StrengthInWords {
    let sentence = match (strength.refusal, strength.advice) {
        (Some(code @ (FieldCode::Required | FieldCode::TooShort | FieldCode::TooLong)), _) => {
            code.sentence("password", rule).into_owned()
        }
        (Some(_), Some(advice)) => format!("Easy to guess. {}", advised(advice)),
        (Some(_), None) => {
            "Easy to guess. A word or two that have nothing to do with it would help.".to_owned()
        }
        (None, _) if strength.score >= 4 => "Strong.".to_owned(),
        (None, _) => "Good.".to_owned(),
    };
    StrengthInWords {
        score: Some(strength.score),
        sentence,
    }
}

fn advised(advice: Advice) -> &'static str {
    match advice {
        Advice::OwnWords => "It is made of your name or address, or of ours.",
        Advice::Common => "Many people use it, or one much like it.",
        Advice::Breached => "It is known from a leak.",
        Advice::Keyboard => "Keys that lie side by side are tried first.",
        Advice::Repeats => "Saying it again does not make it much harder.",
        Advice::Sequence => "Rows like abc or 6543 are tried first.",
        Advice::Date => "Years and dates are tried first.",
        Advice::OneWord => {
            "A single word or name is found quickly. Add some that do not belong to it."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verdict_is_said_in_whole_plain_sentences() {
        let advices = [
            Advice::OwnWords,
            Advice::Common,
            Advice::Breached,
            Advice::Keyboard,
            Advice::Repeats,
            Advice::Sequence,
            Advice::Date,
            Advice::OneWord,
        ];
        let refusals = FieldCode::ALL.iter().copied().map(Some).chain([None]);
        for refusal in refusals {
            for advice in advices.into_iter().map(Some).chain([None]) {
                let strength = Strength {
                    score: 2,
                    refusal,
                    advice,
                };
                let said = in_words(strength, PasswordRule::default()).sentence;
                assert!(said.ends_with('.') && !said.contains('!'), "{said}");
            }
        }
    }

    #[test]
    fn a_missing_length_is_said_by_the_rule_in_force() {
        let strength = Strength {
            score: 1,
            refusal: Some(FieldCode::TooShort),
            advice: None,
        };
        let nist = PasswordRule {
            shortest: 15,
            ..PasswordRule::default()
        };
        assert_eq!(
            in_words(strength, nist).sentence,
            "Use at least 15 characters."
        );
    }
}
