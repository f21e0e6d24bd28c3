//! What hashing costs: measured for `gatehouse hash tune`, counted for the operator's metrics.

use std::time::{Duration, Instant};

use wire::Password;

use crate::Auth;
use crate::client::Client;
use crate::error::Fault;
use crate::hash::Hasher;
use crate::ring::KeyRing;
use crate::secret::SystemEntropy;
use crate::settings::HashCost;

/// How long one password hash of this cost takes on this machine, with nothing else running.
///
/// # Errors
/// When the cost is outside Argon2's range.
pub async fn time_hash(cost: HashCost) -> Result<Duration, Fault> {
    let ring = KeyRing::generate(&SystemEntropy);
    let hasher = Hasher::new(cost, false, ring, &SystemEntropy)?;
    let password = Password::claimed("the time this takes does not depend on it");
    let mut fastest = Duration::MAX;
    // The first one also fetches its memory from the system, as no later one will.
    for _ in 0..3 {
        let permit = hasher.permit(&Client::operator()).await;
        let permit = permit.map_err(|_| Fault::Hashing)?;
        let started = Instant::now();
        permit.hash(&password, &SystemEntropy).await?;
        fastest = fastest.min(started.elapsed());
    }
    Ok(fastest)
}

impl Auth {
    /// How many sign-ins wait for a hash right now: for the operator's metrics.
    pub fn hashes_waiting(&self) -> usize {
        self.hasher().waiting()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_hash_is_timed_and_an_impossible_one_is_refused() {
        let cost = |memory_kib| HashCost {
            memory_kib,
            iterations: 1,
            lanes: 1,
        };

        assert!(
            time_hash(cost(64))
                .await
                .is_ok_and(|took| took > Duration::ZERO)
        );
        assert!(time_hash(cost(1)).await.is_err());
    }
}
