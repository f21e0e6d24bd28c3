//! The general limit on the JSON API and on forms: a coarse shield of one process, per network.
//!
//! Limits that protect accounts are counted in the database, by the core; this one only keeps a
//! single network from keeping the process busy (`stack.md` T23, T24).

use std::num::NonZeroU32;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};
use wire::Error;

use crate::Portal;
use crate::api::problem::Problem;

/// Requests a network has in a minute, times `limits.multiplier`.
const PER_MINUTE: f64 = 100.0;
/// The strength of a password is asked for while it is typed. Those questions are counted apart:
/// somebody who types must never use up what the form itself needs.
const STRENGTH: &str = "/_sf/password_strength";
const STRENGTH_PER_MINUTE: f64 = 120.0;
/// A service redeems the tickets of all its users from one address, many at once after a restart. A
/// ticket is 256 random bits: there is nothing to guess.
const REDEEM: &str = "/auth/ws-ticket/redeem";
const REDEEM_PER_MINUTE: f64 = 6000.0;
/// Networks counted apart; beyond them, newcomers share one count, so memory has an end.
const MOST_NETWORKS: usize = 50_000;
const NEWCOMERS: &str = "newcomers";

/// Counts requests by network.
#[derive(Clone)]
pub struct GeneralLimit {
    most: Counter,
    strength: Counter,
    redeem: Counter,
}

#[derive(Clone)]
struct Counter(Option<Arc<DefaultKeyedRateLimiter<String>>>);

impl GeneralLimit {
    /// `multiplier` 0 switches it off.
    pub fn new(multiplier: f64) -> Self {
        Self {
            most: Counter::new(PER_MINUTE * multiplier),
            strength: Counter::new(STRENGTH_PER_MINUTE * multiplier),
            redeem: Counter::new(REDEEM_PER_MINUTE * multiplier),
        }
    }

    /// Seconds to wait, when there have been too many of the kind `path` is.
    pub fn check(&self, path: &str, network: &str) -> Option<u32> {
        let counter = match path.strip_prefix("/api").unwrap_or(path) {
            STRENGTH => &self.strength,
            REDEEM => &self.redeem,
            _ => &self.most,
        };
        counter.check(network)
    }

    /// Forgets networks that have been quiet; called now and then.
    pub fn forget(&self) {
        self.most.forget();
        self.strength.forget();
        self.redeem.forget();
    }
}

impl Counter {
    fn new(per_minute: f64) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0 to 100 000, checked with the settings"
        )]
        let quota = NonZeroU32::new(per_minute.ceil() as u32);
        Self(quota.map(|quota| Arc::new(DefaultKeyedRateLimiter::keyed(Quota::per_minute(quota)))))
    }

    fn check(&self, network: &str) -> Option<u32> {
        let limiter = self.0.as_ref()?;
        let key = if limiter.len() < MOST_NETWORKS {
            network
        } else {
            NEWCOMERS
        };
        let refused = limiter.check_key(&key.to_owned()).err()?;
        let wait = refused.wait_time_from(DefaultClock::default().now());
        Some(
            u32::try_from(wait.as_secs())
                .unwrap_or(u32::MAX)
                .saturating_add(1),
        )
    }

    fn forget(&self) {
        if let Some(limiter) = &self.0 {
            limiter.retain_recent();
        }
    }
}

/// Answers 429 to a network that asks too often: by JSON, or by sending forms.
pub async fn general(State(portal): State<Portal>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let counts = ["/api/", "/auth/", "/_sf/"]
        .iter()
        .any(|prefix| path.starts_with(prefix));
    let client = request
        .extensions()
        .get::<auth::Client>()
        .filter(|_| counts);
    match client.and_then(|client| portal.general_limit.check(path, &client.network())) {
        Some(seconds) => Problem(Error::rate_limited(seconds)).into_response(),
        None => next.run(request).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANY: &str = "/_sf/register";

    #[test]
    fn typing_a_password_uses_nothing_up_but_its_own_count() {
        let limit = GeneralLimit::new(1.0);
        let asked = (0..1000).filter(|_| limit.check(STRENGTH, "192.0.2.1").is_none());
        assert!((120..125).contains(&asked.count()));
        let sent = (0..1000).filter(|_| limit.check(ANY, "192.0.2.1").is_none());
        assert!((100..105).contains(&sent.count()));
    }

    #[test]
    fn a_service_redeems_the_tickets_of_many() {
        let limit = GeneralLimit::new(1.0);
        for path in ["/api/auth/ws-ticket/redeem", REDEEM] {
            assert!(
                (0..3000).all(|_| limit.check(path, "192.0.2.1").is_none()),
                "{path}"
            );
        }
        assert!((0..3000).any(|_| limit.check(REDEEM, "192.0.2.1").is_some()));
        assert_eq!(limit.check(ANY, "192.0.2.1"), None);
    }

    #[test]
    fn a_busy_network_waits_and_others_do_not() {
        let limit = GeneralLimit::new(0.03);
        for _ in 0..3 {
            assert_eq!(limit.check(ANY, "192.0.2.1"), None);
        }
        assert!(
            limit
                .check(ANY, "192.0.2.1")
                .is_some_and(|seconds| (1..=61).contains(&seconds))
        );
        assert_eq!(limit.check(ANY, "192.0.2.2"), None);
    }

    #[test]
    fn a_multiplier_of_zero_switches_it_off() {
        let limit = GeneralLimit::new(0.0);
        assert!((0..1000).all(|_| limit.check(ANY, "192.0.2.1").is_none()));
    }
}
