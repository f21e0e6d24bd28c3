//! Access tokens (D3, RFC 7519, RFC 8725): what is in them, and what it takes to be let in.
//!
//! One kind of JWT exists. Its algorithm is that of our own key record, never the header's word;
//! `kid` only looks up in our own set; `jku`, `jwk`, `x5u` and the rest are not read at all.

mod inspect;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use wire::Secret;

use crate::clock::Timestamp;
use crate::error::Fault;
use crate::settings::SigningAlgorithm;

pub(crate) use self::inspect::{Expected, Looked, inspect};

/// How far `iat` is set back: Hono compares it without any leeway.
pub(crate) const BACKDATED: i64 = 5;
/// Longest token worth looking at.
const LONGEST: usize = 16 * 1024;
/// Longest life worth believing, in seconds, whatever a token says.
const LONGEST_LIFE: i64 = 86_400;
/// Longest name of a key.
const LONGEST_KID: usize = 64;

/// The names of the claims every access token of a session has (`contract.md`, Access token); one of an
/// API key has `keyId` instead of `sid`.
pub const CLAIMS: [&str; 16] = [
    "iss",
    "aud",
    "sub",
    "userId",
    "sid",
    "jti",
    "iat",
    "exp",
    "auth_time",
    "amr",
    "email",
    "email_verified",
    "role",
    "permissions",
    "tenantId",
    "epoch",
];

/// The claims of an access token, as `contract.md` names them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub(crate) iss: String,
    pub(crate) aud: Vec<String>,
    pub(crate) sub: String,
    #[serde(rename = "userId")]
    pub(crate) user_id: String,
    /// Of a token that was made from a session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sid: Option<String>,
    /// Of one that was made from an API key, instead.
    #[serde(rename = "keyId", default, skip_serializing_if = "Option::is_none")]
    pub(crate) key_id: Option<String>,
    pub(crate) jti: String,
    pub(crate) iat: Timestamp,
    pub(crate) exp: Timestamp,
    pub(crate) auth_time: Timestamp,
    pub(crate) amr: Vec<String>,
    pub(crate) email: String,
    pub(crate) email_verified: bool,
    pub(crate) role: String,
    pub(crate) permissions: Vec<String>,
    #[serde(rename = "tenantId")]
    pub(crate) tenant_id: Option<String>,
    pub(crate) epoch: i64,
}

/// A private key, parsed once.
pub(crate) struct SigningKey {
    pub(crate) kid: String,
    pub(crate) algorithm: SigningAlgorithm,
    pub(crate) key: EncodingKey,
}

/// A public key, parsed once.
pub(crate) struct VerifyingKey {
    pub(crate) kid: String,
    pub(crate) algorithm: SigningAlgorithm,
    pub(crate) key: DecodingKey,
}

/// Why a token is not taken, for the log and for [`crate::TokenError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Not ours, altered, or not a token at all.
    Invalid,
    /// Ours, and past its end.
    Expired,
}

/// Chooses the crypto backend of the JWT library: once, before anything is signed (D3). Calling it
/// again changes nothing.
pub fn install_crypto() {
    let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
}

pub(crate) fn algorithm(algorithm: SigningAlgorithm) -> Algorithm {
    match algorithm {
        SigningAlgorithm::Es256 => Algorithm::ES256,
        SigningAlgorithm::EdDsa => Algorithm::EdDSA,
        SigningAlgorithm::Rs256 => Algorithm::RS256,
    }
}

/// Signs claims.
pub(crate) fn sign(key: &SigningKey, claims: &Claims) -> Result<Secret, Fault> {
    let mut header = Header::new(algorithm(key.algorithm));
    header.kid = Some(key.kid.clone());
    Ok(Secret::new(jsonwebtoken::encode(
        &header, claims, &key.key,
    )?))
}

/// Checks a token's form, signature, issuer and time. `now` is given: the library's own clock is
/// not asked.
pub(crate) fn verify<'k>(
    token: &Secret,
    issuer: &str,
    now: Timestamp,
    find: impl FnOnce(&str) -> Option<&'k VerifyingKey>,
) -> Result<Claims, Refusal> {
    let text = token.reveal();
    if text.len() > LONGEST || text.bytes().filter(|b| *b == b'.').count() != 2 {
        return Err(Refusal::Invalid);
    }
    let key = kid_of(text).and_then(|kid| find(&kid));
    let key = key.filter(|key| has_our_header(text, key));
    let claims = key
        .and_then(|key| open(text, key))
        .ok_or(Refusal::Invalid)?;
    let times_hold = claims.iat <= now && lives_no_longer_than_ours(claims.iat, claims.exp);
    let has_one_origin = claims.sid.is_some() != claims.key_id.is_some();
    if claims.iss != issuer || claims.sub != claims.user_id || !times_hold || !has_one_origin {
        return Err(Refusal::Invalid);
    }
    if claims.exp <= now {
        Err(Refusal::Expired)
    } else {
        Ok(claims)
    }
}

/// Exactly the header we write: no `crit` we do not understand, no key it brings along.
fn has_our_header(text: &str, key: &VerifyingKey) -> bool {
    let mut ours = Header::new(algorithm(key.algorithm));
    ours.kid = Some(key.kid.clone());
    jsonwebtoken::decode_header(text).is_ok_and(|header| header == ours)
}

/// The claims, when the signature is the key's and each of them is of its type.
fn open(text: &str, key: &VerifyingKey) -> Option<Claims> {
    let opened = jsonwebtoken::decode::<Claims>(text, &key.key, &validation(key.algorithm));
    opened.ok().map(|token| token.claims)
}

/// Whether a token ends after it begins, and within a day.
fn lives_no_longer_than_ours(iat: Timestamp, exp: Timestamp) -> bool {
    iat < exp && exp.saturating_sub(iat) <= LONGEST_LIFE
}

/// Whether a text can be the name of a key of ours at all (RFC 7638: base64url of a digest).
pub(crate) fn is_kid(text: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    (1..=64).contains(&text.len()) && text.bytes().all(is_plain)
}

/// The key a token says it was signed with. Not believed: only looked up.
pub(crate) fn kid(token: &Secret) -> Option<String> {
    let text = token.reveal();
    (text.len() <= LONGEST).then(|| kid_of(text))?
}

fn kid_of(text: &str) -> Option<String> {
    let kid = jsonwebtoken::decode_header(text).ok()?.kid?;
    (kid.len() <= LONGEST_KID).then_some(kid)
}

/// The signature and the one algorithm; times, issuer and audience are ours to check, by our clock.
fn validation(of: SigningAlgorithm) -> Validation {
    let mut validation = Validation::new(algorithm(of));
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing_key::make_key;
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    const NOW: Timestamp = 1_767_225_600;
    const ISSUER: &str = "https://portal.example";

    fn claims() -> Claims {
        Claims {
            iss: ISSUER.into(),
            aud: vec!["workflow-api".into(), ISSUER.into()],
            sub: "u".into(),
            user_id: "u".into(),
            sid: Some("s".into()),
            key_id: None,
            jti: "j".into(),
            iat: NOW - BACKDATED,
            exp: NOW + 895,
            auth_time: NOW,
            amr: vec!["pwd".into()],
            email: "ada@example.com".into(),
            email_verified: true,
            role: "user".into(),
            permissions: vec!["workflow:read".into()],
            tenant_id: None,
            epoch: 0,
        }
    }

    fn keys(of: SigningAlgorithm) -> (SigningKey, VerifyingKey) {
        install_crypto();
        let made = make_key(of).expect("a key is made");
        (made.signing, made.verifying)
    }

    /// What the verifier says; each time the inspector must say the same (it tells why).
    fn check(token: &str, key: &VerifyingKey, now: Timestamp) -> Result<Claims, Refusal> {
        let find = |kid: &str| (kid == key.kid).then_some(key);
        let verdict = verify(&Secret::new(token), ISSUER, now, find);
        let expected = Expected {
            issuer: ISSUER,
            audience: "workflow-api",
            now,
        };
        let looked = inspect(token, &expected, find);
        let told = looked.inspection.verdict();
        let same = match &verdict {
            Ok(_) => Ok(()),
            Err(Refusal::Invalid) => Err(wire::ErrorCode::InvalidToken),
            Err(Refusal::Expired) => Err(wire::ErrorCode::TokenExpired),
        };
        assert_eq!(told, same, "{:?}", looked.inspection.findings);
        if let Ok(claims) = &verdict {
            assert_eq!(looked.genuine.as_ref(), Some(claims));
        }
        verdict
    }

    /// A token with this header and payload, signed by the real key as far as it can.
    fn forged(key: &SigningKey, header: &serde_json::Value, payload: &serde_json::Value) -> String {
        let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(payload));
        let signature =
            jsonwebtoken::crypto::sign(message.as_bytes(), &key.key, algorithm(key.algorithm))
                .expect("signs");
        format!("{message}.{signature}")
    }

    #[test]
    fn each_algorithm_signs_what_it_verifies() {
        for of in [
            SigningAlgorithm::Es256,
            SigningAlgorithm::EdDsa,
            SigningAlgorithm::Rs256,
        ] {
            let (signing, verifying) = keys(of);
            let token = sign(&signing, &claims()).expect("signs");
            assert_eq!(
                check(token.reveal(), &verifying, NOW),
                Ok(claims()),
                "{of:?}"
            );
            assert_eq!(
                check(token.reveal(), &verifying, NOW + 895),
                Err(Refusal::Expired),
                "{of:?}"
            );
        }
    }

    #[test]
    fn a_hostile_header_gets_nobody_in() {
        let (signing, verifying) = keys(SigningAlgorithm::Es256);
        let payload = serde_json::to_value(claims()).expect("serialises");
        let kid = signing.kid.clone();
        let header = |extra: serde_json::Value| {
            let mut header = serde_json::json!({ "typ": "JWT", "alg": "ES256", "kid": kid });
            for (name, value) in extra.as_object().expect("an object") {
                header[name] = value.clone();
            }
            header
        };
        let good = forged(&signing, &header(serde_json::json!({})), &payload);
        assert!(
            check(&good, &verifying, NOW).is_ok(),
            "the forger's tool itself works"
        );

        for extra in [
            serde_json::json!({ "alg": "none" }),
            serde_json::json!({ "alg": "HS256" }),
            serde_json::json!({ "alg": "ES384" }),
            serde_json::json!({ "alg": "EdDSA" }),
            serde_json::json!({ "kid": "../../etc/passwd" }),
            serde_json::json!({ "kid": "x".repeat(5000) }),
            serde_json::json!({ "kid": null }),
            serde_json::json!({ "typ": "at+jwt" }),
            serde_json::json!({ "typ": null }),
            serde_json::json!({ "crit": ["exp"] }),
            serde_json::json!({ "b64": false, "crit": ["b64"] }),
        ] {
            let token = forged(&signing, &header(extra.clone()), &payload);
            assert_eq!(
                check(&token, &verifying, NOW),
                Err(Refusal::Invalid),
                "{extra}"
            );
        }
    }

    #[test]
    fn hostile_claims_get_nobody_in() {
        let (signing, verifying) = keys(SigningAlgorithm::Es256);
        let header = serde_json::json!({ "typ": "JWT", "alg": "ES256", "kid": signing.kid });
        for (name, value) in [
            ("exp", serde_json::json!("soon")),
            ("exp", serde_json::json!(-1)),
            ("exp", serde_json::json!(1.5)),
            ("exp", serde_json::json!(1e300)),
            ("exp", serde_json::json!(null)),
            ("exp", serde_json::json!(NOW + 10 * 86_400)),
            ("iat", serde_json::json!(NOW + 60)),
            ("iss", serde_json::json!("https://portal.example.evil")),
            ("iss", serde_json::json!("https://portal.example/")),
            ("sub", serde_json::json!("somebody-else")),
            ("aud", serde_json::json!(null)),
            ("permissions", serde_json::json!("*")),
            ("sid", serde_json::json!(null)),
            ("sid", serde_json::json!(7)),
            ("keyId", serde_json::json!("k")),
            ("keyId", serde_json::json!({})),
        ] {
            let mut payload = serde_json::to_value(claims()).expect("serialises");
            payload[name] = value.clone();
            let token = forged(&signing, &header, &payload);
            assert!(check(&token, &verifying, NOW).is_err(), "{name} = {value}");
        }
    }

    #[test]
    fn an_altered_or_foreign_token_gets_nobody_in() {
        let (signing, verifying) = keys(SigningAlgorithm::Es256);
        let (foreign, _) = keys(SigningAlgorithm::Es256);
        let token = sign(&signing, &claims()).expect("signs");
        let text = token.reveal();

        for at in (0..text.len()).step_by(7) {
            let mut altered = text.as_bytes().to_vec();
            altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).expect("ascii");
            assert!(
                altered == text || check(&altered, &verifying, NOW).is_err(),
                "at {at}"
            );
        }
        let header = serde_json::json!({ "typ": "JWT", "alg": "ES256", "kid": signing.kid });
        let payload = serde_json::to_value(claims()).expect("serialises");
        assert!(check(&forged(&foreign, &header, &payload), &verifying, NOW).is_err());
        for junk in [
            "",
            ".",
            "..",
            "a.b.c",
            "a.b",
            "a.b.c.d",
            &format!("{text}="),
            &format!(" {text}"),
            &"x.".repeat(9000),
        ] {
            assert!(check(junk, &verifying, NOW).is_err(), "{junk:.40}");
        }
    }
}
