//! Making keys, and reading them back from where they rest sealed.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
use jsonwebtoken::jwk::{Jwk, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{DecodingKey, EncodingKey};

use super::KeyUse;
use crate::Auth;
use crate::clock::Timestamp;
use crate::error::Fault;
use crate::jwt::{self, SigningKey, VerifyingKey};
use crate::ring::Purpose;
use crate::settings::SigningAlgorithm;
use crate::store::SigningKeyRow;

/// A fresh pair.
pub(crate) struct MadeKey {
    pub(crate) signing: SigningKey,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "read back from the database in the product")
    )]
    pub(crate) verifying: VerifyingKey,
    jwk: Jwk,
    pkcs8: Vec<u8>,
}

impl Auth {
    /// Unseals a stored key.
    pub(super) fn open_key(&self, of: KeyUse, row: &SigningKeyRow) -> Result<SigningKey, Fault> {
        let algorithm = stored_algorithm(row)?;
        let pkcs8 = self
            .ring()
            .open(sealed_for(of), &place(&row.kid), &row.private_sealed)?;
        Ok(SigningKey {
            kid: row.kid.clone(),
            algorithm,
            key: encoding_key(algorithm, &pkcs8)?,
        })
    }

    /// A new key of this use, as it is stored; it signs at once if told since when.
    pub(super) async fn make_row(
        &self,
        of: KeyUse,
        active_at: Option<Timestamp>,
    ) -> Result<SigningKeyRow, Fault> {
        let algorithm = self.settings().algorithm;
        // An RSA pair takes a second to find: not on an async thread.
        let made = tokio::task::spawn_blocking(move || make_key(algorithm))
            .await
            .map_err(|_| Fault::Hashing)??;
        let kid = made.signing.kid.clone();
        Ok(SigningKeyRow {
            private_sealed: self.ring().seal(
                self.entropy(),
                sealed_for(of),
                &place(&kid),
                &made.pkcs8,
            ),
            public_jwk: serde_json::to_string(&made.jwk)
                .map_err(|_| Fault::Inconsistent("a JWK does not serialise"))?,
            algorithm: algorithm.as_str().to_owned(),
            // The first key signs from the moment it is made: by this it is known as the first.
            created_at: active_at.unwrap_or_else(|| self.now()),
            active_at,
            retired_at: None,
            purpose: of.as_str().to_owned(),
            kid,
        })
    }
}

/// A key of one use that was moved among those of the other does not open.
fn sealed_for(of: KeyUse) -> Purpose {
    match of {
        KeyUse::Tokens => Purpose::SigningKey,
        KeyUse::Feed => Purpose::FeedKey,
    }
}

fn place(kid: &str) -> String {
    format!("signing_keys.private_sealed/{kid}")
}

pub(super) fn stored_algorithm(row: &SigningKeyRow) -> Result<SigningAlgorithm, Fault> {
    SigningAlgorithm::parse(&row.algorithm)
        .ok_or(Fault::Inconsistent("signing_keys.algorithm is unknown"))
}

/// Makes a pair. Its randomness is the crypto library's own: a signing key is the one thing a
/// seeded source must never decide.
pub(crate) fn make_key(algorithm: SigningAlgorithm) -> Result<MadeKey, Fault> {
    const FAILED: Fault = Fault::Inconsistent("the crypto library made no key");
    let pkcs8 = match algorithm {
        SigningAlgorithm::Es256 => EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
            .and_then(|pair| pair.to_pkcs8v1())
            .map_err(|_| FAILED)?
            .as_ref()
            .to_vec(),
        SigningAlgorithm::EdDsa => Ed25519KeyPair::generate()
            .and_then(|pair| pair.to_pkcs8v1())
            .map_err(|_| FAILED)?
            .as_ref()
            .to_vec(),
        SigningAlgorithm::Rs256 => {
            let pair = aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048)
                .map_err(|_| FAILED)?;
            let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| FAILED)?;
            der.as_ref().to_vec()
        }
    };
    let key = encoding_key(algorithm, &pkcs8)?;
    let mut jwk = Jwk::from_encoding_key(&key, jwt::algorithm(algorithm))?;
    let kid = jwk.thumbprint(ThumbprintHash::SHA256)?;
    jwk.common.key_id = Some(kid.clone());
    jwk.common.public_key_use = Some(PublicKeyUse::Signature);
    let verifying = VerifyingKey {
        kid: kid.clone(),
        algorithm,
        key: DecodingKey::from_jwk(&jwk)?,
    };
    Ok(MadeKey {
        signing: SigningKey {
            kid,
            algorithm,
            key,
        },
        verifying,
        jwk,
        pkcs8,
    })
}

fn encoding_key(algorithm: SigningAlgorithm, pkcs8: &[u8]) -> Result<EncodingKey, Fault> {
    Ok(match algorithm {
        SigningAlgorithm::Es256 => EncodingKey::from_ec_der(pkcs8),
        SigningAlgorithm::EdDsa => EncodingKey::from_ed_der(pkcs8),
        SigningAlgorithm::Rs256 => EncodingKey::from_rsa_der(pkcs1(pkcs8)?),
    })
}

/// The RSAPrivateKey (RFC 8017 A.1.2) inside PKCS #8, which is what the JWT library wants for RSA:
/// behind 26 bytes of version, algorithm and lengths, the same for every key of 2048 bits.
fn pkcs1(pkcs8: &[u8]) -> Result<&[u8], Fault> {
    match pkcs8.get(26..) {
        Some(inner) if inner.starts_with(&[0x30, 0x82]) => Ok(inner),
        _ => Err(Fault::Inconsistent(
            "a stored RSA key is not PKCS #8 of 2048 bits",
        )),
    }
}
