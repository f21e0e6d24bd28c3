//! What the token inspector found, each with its sentence. The sentences are ours throughout: nothing
//! of a token's own text is in them.

use serde::{Deserialize, Serialize};

use crate::ErrorCode;

/// How one thing that was looked at stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CheckOutcome {
    /// As it must be.
    Good,
    /// Reason enough to refuse the token.
    Bad,
    /// Neither: not looked at, not told, or no fault.
    Open,
}

/// One finding. Seconds are those from the moment of looking.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// Header, payload and signature.
    Parts,
    /// That many parts.
    PartsOther(u32),
    /// Longer than any token of ours.
    TooLong,
    /// An API key.
    ApiKey,
    /// The header is a JSON object.
    Header,
    /// It is not.
    HeaderUnreadable,
    /// `typ` is `JWT`.
    Type,
    /// It is something else, or missing.
    TypeOther,
    /// `alg` is the key's.
    Algorithm,
    /// It is another one.
    AlgorithmOther,
    /// `alg` says that there is no signature.
    AlgorithmNone,
    /// A published key.
    KeyPublished,
    /// The key that signs next.
    KeyNext,
    /// The key that signs.
    KeyCurrent,
    /// A key that signed before, published for that many seconds more.
    KeyPrevious(i64),
    /// A key of ours that is not published any more, since that many seconds.
    KeyRemoved(i64),
    /// No published key has this name.
    KeyUnknown,
    /// The header names none.
    KeyMissing,
    /// The header says nothing but `typ`, `alg` and `kid`.
    HeaderPlain,
    /// It says more, or something twice.
    HeaderMore,
    /// The signature is the key's.
    Signature,
    /// It is not.
    SignatureWrong,
    /// There is no key to hold it against.
    SignatureUnchecked,
    /// Every claim is there.
    Claims,
    /// The payload is no JSON object.
    ClaimsUnreadable,
    /// These are missing or of another type.
    ClaimsMissing(Vec<String>),
    /// `iss` is this portal.
    Issuer,
    /// It is, but for a slash at its end.
    IssuerSlash,
    /// It is another one.
    IssuerOther,
    /// `sub` and `userId` are the same.
    Subject,
    /// They are not.
    SubjectOther,
    /// `aud` names the services.
    ForServices,
    /// It does not.
    NotForServices,
    /// `aud` names the portal.
    ForPortal,
    /// It does not.
    NotForPortal,
    /// `iat`, that long ago.
    Issued(i64),
    /// `iat`, that far ahead.
    IssuedAhead(i64),
    /// From `iat` to `exp`.
    Lifetime(i64),
    /// The same, and more than a day.
    LifetimeTooLong(i64),
    /// `exp` is not after `iat`.
    LifetimeBackwards,
    /// `exp`, that far ahead.
    Expires(i64),
    /// `exp`, that long ago.
    Expired(i64),
    /// Nobody can know: the signature is not ours.
    StateUnchecked,
    /// Not for whoever asks.
    StateUntold,
    /// The session lives.
    Session,
    /// It has ended, or its account may not sign in.
    SessionEnded,
    /// It is another account's.
    SessionOther,
    /// The API key it was made from opens something.
    OfKey,
    /// That key opens nothing any more.
    OfKeyEnded,
    /// Rights are as the token says.
    Rights,
    /// They have changed since.
    RightsChanged,
    /// Its session acts in another tenant by now, or in none.
    OtherTenant,
}

impl Finding {
    /// What was looked at.
    pub fn check(&self) -> &'static str {
        use Finding as F;
        match self {
            F::Parts | F::PartsOther(_) | F::TooLong | F::ApiKey => "form",
            F::Header | F::HeaderUnreadable | F::HeaderPlain | F::HeaderMore => "header",
            F::Type | F::TypeOther => "typ",
            F::Algorithm | F::AlgorithmOther | F::AlgorithmNone => "alg",
            F::KeyPublished | F::KeyNext | F::KeyCurrent | F::KeyPrevious(_) => "kid",
            F::KeyRemoved(_) | F::KeyUnknown | F::KeyMissing => "kid",
            F::Signature | F::SignatureWrong | F::SignatureUnchecked => "signature",
            F::Claims | F::ClaimsUnreadable | F::ClaimsMissing(_) => "claims",
            F::Issuer | F::IssuerSlash | F::IssuerOther => "iss",
            F::Subject | F::SubjectOther => "sub",
            F::ForServices | F::NotForServices | F::ForPortal | F::NotForPortal => "aud",
            F::Issued(_) | F::IssuedAhead(_) => "iat",
            F::Lifetime(_) | F::LifetimeTooLong(_) | F::LifetimeBackwards => "lifetime",
            F::Expires(_) | F::Expired(_) => "exp",
            F::StateUnchecked | F::StateUntold => "sid",
            F::Session | F::SessionEnded | F::SessionOther => "sid",
            F::OfKey | F::OfKeyEnded => "keyId",
            F::Rights | F::RightsChanged => "epoch",
            F::OtherTenant => "tenantId",
        }
    }

    /// How it stands.
    pub fn outcome(&self) -> CheckOutcome {
        use Finding as F;
        match self {
            F::Parts
            | F::Header
            | F::Type
            | F::Algorithm
            | F::KeyPublished
            | F::KeyNext
            | F::KeyCurrent
            | F::KeyPrevious(_)
            | F::HeaderPlain
            | F::Signature
            | F::Claims
            | F::Issuer
            | F::Subject
            | F::ForServices
            | F::ForPortal
            | F::Issued(_)
            | F::Lifetime(_)
            | F::Expires(_)
            | F::Session
            | F::OfKey
            | F::Rights => CheckOutcome::Good,
            F::SignatureUnchecked
            | F::StateUnchecked
            | F::StateUntold
            | F::NotForPortal
            | F::OtherTenant => CheckOutcome::Open,
            _ => CheckOutcome::Bad,
        }
    }

    /// The same in words.
    pub fn sentence(&self) -> String {
        use Finding as F;
        let fixed = match self {
            F::Parts => "It has three parts: header, payload and signature.",
            F::TooLong => "It is longer than 16 KiB: no token of this portal is.",
            F::ApiKey => {
                "This is an API key and no token. Send it as X-API-Key, or exchange it for a token first."
            }
            F::Header => "The header is readable JSON.",
            F::HeaderUnreadable => {
                "The header is not base64url of a JSON object. Was the beginning of the token cut off?"
            }
            F::Type => "The header’s typ is JWT.",
            F::TypeOther => {
                "The header’s typ is not JWT: this is no access token of this portal, or a verifier that takes other kinds was meant."
            }
            F::Algorithm => "The algorithm is the one of the key.",
            F::AlgorithmOther => "The algorithm is not the one this portal signs with.",
            F::AlgorithmNone => {
                "The header says that there is no signature (alg “none”): anybody could have written it."
            }
            F::KeyPublished => "It names a key this portal publishes.",
            F::KeyNext => "It names the next key, which does not sign yet.",
            F::KeyCurrent => "It names the current key.",
            F::KeyUnknown => {
                "No key this portal publishes has the name in kid. Either another portal signed the token, or the key was taken out since: get a new token."
            }
            F::KeyMissing => "The header names no key (kid), or a name that is none.",
            F::HeaderPlain => "The header says nothing else.",
            F::HeaderMore => {
                "The header says more than typ, alg and kid, or something twice. Such tokens are refused."
            }
            F::Signature => "The signature is genuine.",
            F::SignatureWrong => {
                "The signature does not fit: the token was altered or cut off, or somebody else signed it."
            }
            F::SignatureUnchecked => {
                "The signature was not looked at: there is no key to hold it against."
            }
            F::Claims => "Every claim is there.",
            F::ClaimsUnreadable => {
                "The payload is not base64url of a JSON object. Was the token cut off?"
            }
            F::Issuer => "The issuer (iss) is this portal.",
            F::IssuerSlash => {
                "The issuer (iss) has a slash at its end too many or too few: it must be equal to the letter."
            }
            F::IssuerOther => "The issuer (iss) is not this portal.",
            F::Subject => "sub and userId name the same account.",
            F::SubjectOther => "sub and userId name different accounts.",
            F::ForServices => "It is meant for the services (aud).",
            F::NotForServices => "It is not meant for the services: aud does not name them.",
            F::ForPortal => "It is meant for this portal’s own API as well (aud).",
            F::NotForPortal => {
                "It is not meant for this portal’s own API, which answers it a few questions about the caller and no more."
            }
            F::LifetimeBackwards => "It ends before it begins: exp is not after iat.",
            F::StateUnchecked => {
                "Whether its session lives was not looked at: without a genuine signature nothing in it can be believed."
            }
            F::StateUntold => {
                "Whether its session still lives, and whether rights have changed since, is told to its owner and to admins alone."
            }
            F::Session => "Its session lives.",
            F::SessionEnded => {
                "Its session has ended, or its account may not sign in any more: sign in again."
            }
            F::SessionOther => "Its session is another account’s.",
            F::OfKey => "The API key it was made from still opens what it may.",
            F::OfKeyEnded => {
                "The API key it was made from was revoked, suspended or has expired, or nobody answers for it any more."
            }
            F::Rights => "Rights have not changed since it was signed.",
            F::RightsChanged => {
                "Rights of its account have changed since it was signed: get a new token with the refresh token or the session."
            }
            F::OtherTenant => {
                "Its session acts in another organisation by now. Services take it for the one it names until it ends; the portal does not: get a new token."
            }
            _ => return self.counted(),
        };
        fixed.to_owned()
    }

    /// The sentences that count something.
    fn counted(&self) -> String {
        use Finding as F;
        match self {
            F::PartsOther(1) => {
                "It is one piece without dots; a token has three parts with two dots between them."
                    .to_owned()
            }
            F::PartsOther(5) => {
                "It has five parts: an encrypted token (JWE). This portal’s have three.".to_owned()
            }
            F::PartsOther(count) => format!(
                "It has {count} parts; a token has three. Was it cut off, or is something else with it?"
            ),
            F::KeyPrevious(left) => format!(
                "It names a previous key, which stays published for {} more.",
                span(*left)
            ),
            F::KeyRemoved(since) => format!(
                "It names a key of this portal that was taken out {} ago: what it signed is good no more. Get a new token.",
                span(*since)
            ),
            F::ClaimsMissing(names) if names.is_empty() => {
                "A claim is there twice, or is not what it must be.".to_owned()
            }
            F::ClaimsMissing(names) => {
                format!("Missing, or not of the right type: {}.", names.join(", "))
            }
            F::Issued(ago) => format!("It was issued {} ago.", span(*ago)),
            F::IssuedAhead(ahead) => format!(
                "Its iat is {} ahead: the clock of whoever signed it is wrong.",
                span(*ahead)
            ),
            F::Lifetime(seconds) => format!("It lives for {} in all.", span(*seconds)),
            F::LifetimeTooLong(seconds) => format!(
                "It would live for {}: more than a day is refused, whatever it says.",
                span(*seconds)
            ),
            F::Expires(ahead) => format!("It expires in {}.", span(*ahead)),
            F::Expired(ago) => format!("It expired {} ago.", span(*ago)),
            _ => String::new(),
        }
    }

    /// The code of the contract a refusal for this reason has. Of two reasons the graver one is told:
    /// they are in order.
    pub(super) fn code(&self) -> Option<ErrorCode> {
        if self.outcome() != CheckOutcome::Bad {
            return None;
        }
        Some(match self {
            Self::Expired(_) => ErrorCode::TokenExpired,
            Self::SessionEnded | Self::OfKeyEnded => ErrorCode::TokenRevoked,
            Self::RightsChanged => ErrorCode::TokenStale,
            _ => ErrorCode::InvalidToken,
        })
    }
}

/// `1 second`, `3 minutes`, `5 hours`, `2 days`: whole units, rounded down.
fn span(seconds: i64) -> String {
    let (count, unit) = match seconds {
        ..=59 => (seconds.max(0), "second"),
        60..=3599 => (seconds / 60, "minute"),
        3600..=86_399 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_words() {
        assert_eq!(
            Finding::Expired(185).sentence(),
            "It expired 3 minutes ago."
        );
        assert_eq!(Finding::Expires(1).sentence(), "It expires in 1 second.");
        assert_eq!(
            Finding::Lifetime(900).sentence(),
            "It lives for 15 minutes in all."
        );
        assert_eq!(span(7200), "2 hours");
        assert_eq!(span(i64::MAX), format!("{} days", i64::MAX / 86_400));
    }
}
