//! Putting another password in the place of one: what must be compared, compared under one permit.

use wire::Password;

use super::{HashPermit, SALT_LEN, Shared, Verdict};
use crate::error::Fault;
use crate::secret::Entropy;

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Replacement {
    /// The present password is not the one that was claimed.
    WrongClaim,
    /// The new one is one of those the account had.
    Used,
    /// The hash of the new one.
    Fresh(String),
}

impl HashPermit {
    /// Hashes a new password, unless it is one of `had`: the hashes of the account, its present one
    /// first. With a claim, only if that is the present one; an account without a password has none
    /// that could be claimed.
    pub(crate) async fn replace(
        self,
        claimed: Option<&Password>,
        new: &Password,
        had: Vec<String>,
        entropy: &dyn Entropy,
    ) -> Result<Replacement, Fault> {
        let mut salt = [0; SALT_LEN];
        entropy.fill(&mut salt);
        let (claimed, new) = (claimed.cloned(), new.clone());
        self.compute(move |shared| {
            if let Some(claimed) = claimed
                && !shared.is_first_of(&claimed, &had, &salt)?
            {
                return Ok(Replacement::WrongClaim);
            }
            if had.iter().any(|hash| shared.is_used(&new, hash, &salt)) {
                return Ok(Replacement::Used);
            }
            let hash = shared.argon.hash(new.reveal().as_bytes(), &salt)?;
            Ok(Replacement::Fresh(hash))
        })
        .await
    }
}

impl Shared {
    fn is_first_of(&self, claimed: &Password, had: &[String], salt: &[u8]) -> Result<bool, Fault> {
        match had.first() {
            Some(present) => Ok(self.verify(claimed, present, salt)? != Verdict::Wrong),
            None => self.verify(claimed, &self.dummy, salt).map(|_| false),
        }
    }

    /// A hash that does not read any more cannot be compared with: that must not keep anybody from
    /// choosing a password.
    fn is_used(&self, password: &Password, hash: &str, salt: &[u8]) -> bool {
        match self.verify(password, hash, salt) {
            Ok(verdict) => verdict != Verdict::Wrong,
            Err(fault) => {
                tracing::warn!(error = %fault, "a former password could not be compared");
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Client;
    use crate::hash::Hasher;
    use crate::ring::KeyRing;
    use crate::secret::SeededEntropy;
    use crate::settings::HashCost;

    fn hasher() -> Hasher {
        let cheap = HashCost {
            memory_kib: 64,
            iterations: 1,
            lanes: 1,
        };
        let ring = KeyRing::generate(&SeededEntropy::new(9));
        Hasher::new(cheap, true, ring, &SeededEntropy::new(1)).expect("the cost is within range")
    }

    async fn replace(claimed: Option<&str>, new: &str, had: &[&str]) -> Replacement {
        let hasher = hasher();
        let permit = hasher.permit(&Client::operator()).await.expect("a permit");
        permit
            .replace(
                claimed.map(Password::claimed).as_ref(),
                &Password::claimed(new),
                had.iter().map(|hash| (*hash).to_owned()).collect(),
                &SeededEntropy::new(2),
            )
            .await
            .expect("compares")
    }

    async fn hash(password: &str) -> String {
        match replace(None, password, &[]).await {
            Replacement::Fresh(hash) => hash,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn only_the_present_password_can_be_claimed_and_none_that_was_comes_back() {
        let (present, former) = (hash("grey lamps").await, hash("wet otters").await);
        let had = [present.as_str(), former.as_str()];

        for (claimed, new, wanted) in [
            (None, "grey lamps", Some(Replacement::Used)),
            (None, "wet otters", Some(Replacement::Used)),
            (Some("wet otters"), "new", Some(Replacement::WrongClaim)),
            (Some("grey lamps"), "wet otters", Some(Replacement::Used)),
            (Some("grey lamps"), "new", None),
            (None, "new", None),
        ] {
            let came = replace(claimed, new, &had).await;
            match wanted {
                Some(wanted) => assert_eq!(came, wanted, "{claimed:?} {new}"),
                None => assert!(matches!(came, Replacement::Fresh(_)), "{claimed:?} {new}"),
            }
        }
        let nothing = replace(Some(""), "new", &[]).await;
        assert_eq!(nothing, Replacement::WrongClaim, "there is none to claim");
    }

    #[tokio::test]
    async fn a_former_hash_that_does_not_read_keeps_nobody_from_choosing() {
        let came = replace(None, "new", &["$unknown$x", "", "$argon2id$cut"]).await;
        assert!(matches!(came, Replacement::Fresh(_)));
    }
}
