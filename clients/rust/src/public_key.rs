//! A public key and the one algorithm it is for.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RsaPublicKeyComponents,
};

use crate::compact::bytes_of;
use crate::json::{self, Object};

/// What a portal may sign with (RFC 7518, section 3.1; RFC 8037).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// ECDSA over P-256 with SHA-256: what a portal uses unless it is told otherwise.
    Es256,
    /// Ed25519.
    EdDsa,
    /// RSASSA-PKCS1-v1_5 with SHA-256, keys of 2048 bits and more.
    Rs256,
}

impl Algorithm {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Es256, Self::EdDsa, Self::Rs256];

    /// As `alg` says it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
            Self::Rs256 => "RS256",
        }
    }

    /// What a key can be for at all: an `alg` beside it that says another thing is a mistake or a trap.
    fn of(jwk: &Object) -> Option<Self> {
        let member = |name| json::text(jwk.get(name));
        match (member("kty")?, member("crv")) {
            ("EC", Some("P-256")) => Some(Self::Es256),
            ("OKP", Some("Ed25519")) => Some(Self::EdDsa),
            ("RSA", _) => Some(Self::Rs256),
            _ => None,
        }
    }
}

/// Parsed once.
#[derive(Clone)]
pub(crate) struct PublicKey {
    algorithm: Algorithm,
    key: ParsedPublicKey,
}

impl PublicKey {
    /// The `kid` and the key of a JWK (RFC 7517); `None` for whatever is no public signing key for one of the algorithms.
    pub(crate) fn read(jwk: &Object, algorithms: &[Algorithm]) -> Option<(String, Self)> {
        let kid = json::text(jwk.get("kid"))?.to_owned();
        let algorithm = Algorithm::of(jwk).filter(|algorithm| algorithms.contains(algorithm))?;
        let said = |name, right: &str| jwk.get(name).is_none_or(|said| said == right);
        if jwk.contains_key("d") || !said("use", "sig") || !said("alg", algorithm.name()) {
            return None;
        }
        let key = parse(jwk, algorithm)?;
        Some((kid, Self { algorithm, key }))
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.key.verify_sig(message, signature).is_ok()
    }
}

fn parse(jwk: &Object, algorithm: Algorithm) -> Option<ParsedPublicKey> {
    let member = |name| bytes_of(json::text(jwk.get(name))?);
    let of_32 = |name| member(name).filter(|bytes| bytes.len() == 32);
    match algorithm {
        Algorithm::Es256 => {
            // A point, uncompressed (SEC 1, section 2.3.3).
            let point = [[4].as_slice(), &of_32("x")?, &of_32("y")?].concat();
            ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).ok()
        }
        Algorithm::EdDsa => ParsedPublicKey::new(&ED25519, of_32("x")?).ok(),
        Algorithm::Rs256 => {
            // Too short a modulus is refused with each signature; a set should not even seem to have such a key.
            let n = member("n").filter(|n| n.len() >= 256)?;
            let components = RsaPublicKeyComponents { n, e: member("e")? };
            components
                .to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)
                .ok()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn reads(jwk: &Value) -> bool {
        PublicKey::read(jwk.as_object().expect("an object"), &Algorithm::ALL).is_some()
    }

    fn with(name: &str, value: Value) -> Value {
        // The example key of RFC 7515, appendix A.3.
        let mut jwk = json!({
            "kty": "EC", "crv": "P-256", "kid": "k",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        });
        jwk[name] = value;
        jwk
    }

    #[test]
    fn a_public_signing_key_is_read() {
        assert!(reads(&with("alg", json!("ES256"))));
        assert!(reads(&with("use", json!("sig"))));
    }

    #[test]
    fn a_key_that_contradicts_itself_is_not_there() {
        for (name, value) in [
            ("alg", json!("HS256")),
            ("alg", json!("EdDSA")),
            ("alg", json!(null)),
            ("use", json!("enc")),
            ("d", json!("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI")),
            ("crv", json!("P-384")),
            ("kty", json!("oct")),
            ("kid", json!(7)),
            ("kid", json!("")),
            ("x", json!("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVE")),
            // Not on the curve.
            ("x", json!("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")),
        ] {
            assert!(!reads(&with(name, value.clone())), "{name}: {value}");
        }
        assert!(!reads(
            &json!({ "kty": "RSA", "kid": "k", "n": "AQAB", "e": "AQAB" })
        ));
        assert!(!reads(
            &json!({ "kty": "OKP", "crv": "Ed25519", "kid": "k", "x": "AAAA" })
        ));
    }
}
