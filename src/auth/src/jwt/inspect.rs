//! Why a token is refused: the verifier's checks one by one, each with what it found.
//!
//! [`super::verify`] stops at the first fault and says no more than it must; this goes on, because
//! people want to know all that is wrong. Header, key, signature and claims are judged by the
//! verifier's own functions; a test holds both against each other on every hostile token there is.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use wire::{Finding, Inspection, TokenMember};

use super::{CLAIMS, Claims, LONGEST, LONGEST_KID, VerifyingKey, algorithm};
use crate::clock::Timestamp;

/// How API keys begin.
const API_KEY: &str = "wks_";

/// What a token is held against.
pub(crate) struct Expected<'e> {
    pub(crate) issuer: &'e str,
    /// The services'.
    pub(crate) audience: &'e str,
    pub(crate) now: Timestamp,
}

/// What was found.
#[derive(Default)]
pub(crate) struct Looked {
    pub(crate) inspection: Inspection,
    /// The key the header names, known or not.
    pub(crate) kid: Option<String>,
    /// The claims, when header, signature and types are ours: whatever else is wrong with it, it is a
    /// token we signed.
    pub(crate) genuine: Option<Claims>,
}

/// Looks at everything there is in a token. `find` knows the published keys.
pub(crate) fn inspect<'k>(
    text: &str,
    expected: &Expected<'_>,
    find: impl FnOnce(&str) -> Option<&'k VerifyingKey>,
) -> Looked {
    let mut looked = Looked::default();
    let form = form(text);
    let is_whole = form == Finding::Parts;
    looked.say(form);
    if !is_whole {
        return looked;
    }
    let mut parts = text.split('.').map(object);
    let (header, payload) = (parts.next().flatten(), parts.next().flatten());
    let key = looked.header(text, header.as_ref(), find);
    looked.signature(text, key);
    looked.payload(payload.as_ref(), text, key);
    if let Some(claims) = &payload {
        looked.claims(claims, expected);
    }
    looked.inspection.header = members(header);
    looked.inspection.claims = members(payload);
    looked
}

impl Looked {
    fn say(&mut self, finding: Finding) {
        self.inspection.findings.push(finding);
    }

    /// The header's members; the key it names.
    fn header<'k>(
        &mut self,
        text: &str,
        header: Option<&Map<String, Value>>,
        find: impl FnOnce(&str) -> Option<&'k VerifyingKey>,
    ) -> Option<&'k VerifyingKey> {
        let Some(header) = header else {
            self.say(Finding::HeaderUnreadable);
            return None;
        };
        self.say(Finding::Header);
        let text_of = |name: &str| header.get(name).and_then(Value::as_str);
        self.say(match text_of("typ") {
            Some("JWT") => Finding::Type,
            _ => Finding::TypeOther,
        });
        let kid = text_of("kid").filter(|kid| kid.len() <= LONGEST_KID);
        let key = kid.and_then(find);
        let named = text_of("alg").unwrap_or_default();
        self.say(match key {
            _ if named.eq_ignore_ascii_case("none") => Finding::AlgorithmNone,
            Some(key) if named == key.algorithm.as_str() => Finding::Algorithm,
            // Which one it ought to be, only a key can say; that there is none is said next.
            None if ["ES256", "EdDSA", "RS256"].contains(&named) => Finding::Algorithm,
            _ => Finding::AlgorithmOther,
        });
        self.say(match (kid, key) {
            (None, _) => Finding::KeyMissing,
            (_, None) => Finding::KeyUnknown,
            (_, Some(_)) => Finding::KeyPublished,
        });
        if let Some(key) = key {
            let is_ours = super::has_our_header(text, key);
            self.say(if is_ours {
                Finding::HeaderPlain
            } else {
                Finding::HeaderMore
            });
        }
        self.kid = kid.map(str::to_owned);
        key
    }

    fn signature(&mut self, text: &str, key: Option<&VerifyingKey>) {
        self.say(match key {
            None => Finding::SignatureUnchecked,
            Some(key) if is_signed_by(text, key) => Finding::Signature,
            Some(_) => Finding::SignatureWrong,
        });
    }

    /// Whether every claim is there and of its type; who signed it does not matter for that.
    fn payload(
        &mut self,
        claims: Option<&Map<String, Value>>,
        text: &str,
        key: Option<&VerifyingKey>,
    ) {
        let Some(claims) = claims else {
            self.say(Finding::ClaimsUnreadable);
            return;
        };
        let opened = key.and_then(|key| super::open(text, key));
        let is_signed = self.inspection.findings.contains(&Finding::Signature);
        let faults = faults(claims);
        let is_whole = faults.is_empty() && (opened.is_some() || !is_signed);
        self.say(if is_whole {
            Finding::Claims
        } else {
            Finding::ClaimsMissing(faults)
        });
        let has_our_header = self.inspection.findings.contains(&Finding::HeaderPlain);
        self.genuine = opened.filter(|_| has_our_header);
    }

    fn claims(&mut self, claims: &Map<String, Value>, expected: &Expected<'_>) {
        let text_of = |name: &str| claims.get(name).and_then(Value::as_str);
        self.say(match text_of("iss") {
            Some(iss) if iss == expected.issuer => Finding::Issuer,
            Some(iss) if iss.trim_end_matches('/') == expected.issuer.trim_end_matches('/') => {
                Finding::IssuerSlash
            }
            _ => Finding::IssuerOther,
        });
        let is_same = text_of("sub").is_some() && text_of("sub") == text_of("userId");
        self.say(if is_same {
            Finding::Subject
        } else {
            Finding::SubjectOther
        });
        let is_for = |audience: &str| match claims.get("aud") {
            Some(Value::Array(all)) => all.iter().any(|one| one.as_str() == Some(audience)),
            one => one.and_then(Value::as_str) == Some(audience),
        };
        let (services, portal) = (is_for(expected.audience), is_for(expected.issuer));
        self.say(if services {
            Finding::ForServices
        } else {
            Finding::NotForServices
        });
        self.say(if portal {
            Finding::ForPortal
        } else {
            Finding::NotForPortal
        });
        let time_of = |name: &str| claims.get(name).and_then(Value::as_i64);
        self.times(time_of("iat"), time_of("exp"), expected.now);
    }

    /// Those that are there; that one is not, was said before.
    fn times(&mut self, iat: Option<Timestamp>, exp: Option<Timestamp>, now: Timestamp) {
        if let Some(iat) = iat {
            let ago = now.saturating_sub(iat);
            self.say(if iat <= now {
                Finding::Issued(ago)
            } else {
                Finding::IssuedAhead(iat.saturating_sub(now))
            });
        }
        if let (Some(iat), Some(exp)) = (iat, exp) {
            let life = exp.saturating_sub(iat);
            self.say(match super::lives_no_longer_than_ours(iat, exp) {
                true => Finding::Lifetime(life),
                false if iat < exp => Finding::LifetimeTooLong(life),
                false => Finding::LifetimeBackwards,
            });
        }
        if let Some(exp) = exp {
            self.say(if exp <= now {
                Finding::Expired(now.saturating_sub(exp))
            } else {
                Finding::Expires(exp.saturating_sub(now))
            });
        }
    }
}

fn form(text: &str) -> Finding {
    if text.len() > LONGEST {
        return Finding::TooLong;
    }
    let parts = text.split('.').count();
    match u32::try_from(parts).unwrap_or(u32::MAX) {
        3 => Finding::Parts,
        1 if text.starts_with(API_KEY) => Finding::ApiKey,
        count => Finding::PartsOther(count),
    }
}

/// A part that is base64url of a JSON object.
fn object(part: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

fn is_signed_by(text: &str, key: &VerifyingKey) -> bool {
    let signed = text.rsplit_once('.').map(|(message, signature)| {
        jsonwebtoken::crypto::verify(
            signature,
            message.as_bytes(),
            &key.key,
            algorithm(key.algorithm),
        )
    });
    matches!(signed, Some(Ok(true)))
}

/// The claims that keep a payload from being one of ours: each is tried alone in a whole one.
fn faults(claims: &Map<String, Value>) -> Vec<String> {
    let is_fault = |name: &str| {
        let mut tried = whole();
        match claims.get(name) {
            Some(value) => tried.insert(name.to_owned(), value.clone()),
            None => tried.remove(name),
        };
        serde_json::from_value::<Claims>(Value::Object(tried)).is_err()
    };
    let is_text = |name: &str| claims.get(name).is_some_and(Value::is_string);
    let is_given = |name: &str| claims.get(name).is_some_and(|value| !value.is_null());
    let is_wrong = |name: &&str| match *name {
        // A token is made from a session or from a key.
        "sid" if is_given("keyId") => is_given("sid") || !is_text("keyId"),
        "sid" => !is_text("sid"),
        name => is_fault(name),
    };
    let faults = CLAIMS.into_iter().filter(is_wrong);
    faults.map(str::to_owned).collect()
}

/// Claims that read.
fn whole() -> Map<String, Value> {
    let value = |name: &str| match name {
        "iat" | "exp" | "auth_time" | "epoch" => Value::from(0),
        "aud" | "amr" | "permissions" => Value::Array(Vec::new()),
        "email_verified" => Value::Bool(true),
        "tenantId" => Value::Null,
        _ => Value::String(String::new()),
    };
    CLAIMS
        .iter()
        .map(|name| ((*name).to_owned(), value(name)))
        .collect()
}

fn members(object: Option<Map<String, Value>>) -> Vec<TokenMember> {
    let member = |(name, value)| TokenMember {
        name,
        value: match value {
            Value::String(text) => text,
            other => other.to_string(),
        },
    };
    object.into_iter().flatten().map(member).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_set_of_claims_reads_and_names_every_claim_there_is() {
        assert_eq!(faults(&whole()), Vec::<String>::new());
        // One that is not on the list would be one too many here.
        let read: Claims = serde_json::from_value(Value::Object(whole())).expect("reads");
        let written = serde_json::to_value(read).expect("serialises");
        assert_eq!(written.as_object().expect("an object").len(), CLAIMS.len());

        let mut without = whole();
        without.remove("exp");
        without.insert("permissions".to_owned(), Value::from("*"));
        assert_eq!(faults(&without), ["exp", "permissions"]);
    }

    #[test]
    fn what_is_no_token_is_told_by_what_it_looks_like() {
        for (text, found) in [
            ("wks_live_0123", Finding::ApiKey),
            ("nothing", Finding::PartsOther(1)),
            ("a.b", Finding::PartsOther(2)),
            ("a.b.c.d.e", Finding::PartsOther(5)),
        ] {
            assert_eq!(form(text), found);
        }
        assert_eq!(form(&"x".repeat(LONGEST + 1)), Finding::TooLong);
    }

    #[test]
    fn hostile_numbers_in_an_unsigned_token_overflow_nothing() {
        let expected = Expected {
            issuer: "i",
            audience: "a",
            now: 1_767_225_600,
        };
        for (iat, exp) in [
            (i64::MIN, i64::MAX),
            (i64::MAX, i64::MIN),
            (-1, i64::MAX),
            (0, 0),
        ] {
            let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
            let header = part(serde_json::json!({ "alg": "none" }));
            let payload = part(serde_json::json!({ "iat": iat, "exp": exp, "aud": "a" }));
            let looked = inspect(&format!("{header}.{payload}."), &expected, |_| None);
            let findings = looked.inspection.findings;
            assert!(findings.contains(&Finding::AlgorithmNone), "{findings:?}");
            assert!(findings.contains(&Finding::ForServices), "{findings:?}");
            for finding in findings {
                assert!(!finding.sentence().is_empty(), "{finding:?}");
            }
        }
    }
}
