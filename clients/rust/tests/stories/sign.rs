//! Private keys, and compact JWS made with them, good or bad.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
    RsaKeyPair,
};
use aws_lc_rs::{hmac, rsa};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

pub(crate) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

enum Private {
    Es256(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
    Rs256(RsaKeyPair),
}

pub(crate) struct SigningKey {
    pub(crate) kid: String,
    private: Private,
}

impl SigningKey {
    pub(crate) fn es256(kid: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
        Self::new(kid, Private::Es256(pair))
    }

    pub(crate) fn ed_dsa(kid: &str) -> Self {
        Self::new(
            kid,
            Private::EdDsa(Ed25519KeyPair::generate().expect("a key")),
        )
    }

    pub(crate) fn rs256(kid: &str) -> Self {
        let pair = RsaKeyPair::generate(rsa::KeySize::Rsa2048).expect("a key");
        Self::new(kid, Private::Rs256(pair))
    }

    fn new(kid: &str, private: Private) -> Self {
        let kid = kid.to_owned();
        Self { kid, private }
    }

    pub(crate) fn alg(&self) -> &'static str {
        match self.private {
            Private::Es256(_) => "ES256",
            Private::EdDsa(_) => "EdDSA",
            Private::Rs256(_) => "RS256",
        }
    }

    pub(crate) fn jwk(&self) -> Value {
        let (kid, alg) = (&self.kid, self.alg());
        match &self.private {
            Private::Es256(pair) => {
                let point = pair.public_key().as_ref();
                let (x, y) = (base64url(&point[1..33]), base64url(&point[33..]));
                json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": kid, "alg": alg, "use": "sig" })
            }
            Private::EdDsa(pair) => {
                let x = base64url(pair.public_key());
                json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid, "alg": alg, "use": "sig" })
            }
            Private::Rs256(pair) => {
                // SEQUENCE { INTEGER n, INTEGER e } (RFC 8017, appendix A.1.1), for 2048 bits and the usual exponent.
                let der = pair.public_key().as_ref();
                assert_eq!((der.len(), der[8]), (270, 0));
                let (n, e) = (base64url(&der[9..265]), base64url(&der[267..]));
                json!({ "kty": "RSA", "n": n, "e": e, "kid": kid, "alg": alg, "use": "sig" })
            }
        }
    }

    /// The header's `alg`, `typ` and `kid` are ours unless `header` says otherwise; a member given as null is left out.
    pub(crate) fn jws(&self, typ: &str, header: &Value, payload: &Value) -> String {
        let ours = json!({ "alg": self.alg(), "typ": typ, "kid": self.kid });
        let header = merged(&ours, header);
        self.sign(&header.to_string(), &payload.to_string())
    }

    /// Signs whatever it is given.
    pub(crate) fn sign(&self, header: &str, payload: &str) -> String {
        let signed = format!("{}.{}", base64url(header), base64url(payload));
        #[expect(clippy::disallowed_methods, reason = "ECDSA asks for chance")]
        let chance = SystemRandom::new();
        let message = signed.as_bytes();
        let signature = match &self.private {
            Private::Es256(pair) => pair
                .sign(&chance, message)
                .expect("signed")
                .as_ref()
                .to_vec(),
            Private::EdDsa(pair) => pair.sign(message).as_ref().to_vec(),
            Private::Rs256(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &chance, message, &mut signature)
                    .expect("signed");
                signature
            }
        };
        format!("{signed}.{}", base64url(signature))
    }
}

/// HMAC with somebody's public bytes for a secret.
pub(crate) fn hs256(secret: &[u8], header: &Value, payload: &Value) -> String {
    let signed = format!(
        "{}.{}",
        base64url(header.to_string()),
        base64url(payload.to_string())
    );
    let tag = hmac::sign(
        &hmac::Key::new(hmac::HMAC_SHA256, secret),
        signed.as_bytes(),
    );
    format!("{signed}.{}", base64url(tag))
}

/// `more` over `base`; a member given as null is left out, unless it is the text `"null"`, which stands for a real one.
pub(crate) fn merged(base: &Value, more: &Value) -> Value {
    let mut all = base.clone();
    let members = all.as_object_mut().expect("an object");
    for (name, value) in more.as_object().expect("an object") {
        match value {
            Value::Null => drop(members.remove(name)),
            Value::String(text) if text == "null" => {
                members.insert(name.clone(), Value::Null);
            }
            value => drop(members.insert(name.clone(), value.clone())),
        }
    }
    all
}
