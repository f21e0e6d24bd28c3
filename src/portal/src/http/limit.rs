//! The general limit on the JSON API and on forms: a coarse shield of one process, per network.
//!
//! Limits that protect accounts are counted in the database, by the core; this one only keeps a
//! single network from keeping the process busy (`stack.md` T23, T24).

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

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
/// Networks counted apart. Beyond them newcomers share counts, so memory has an end; whoever was there
/// before keeps their own, so nobody with a great many addresses can put everybody into one.
const MOST_NETWORKS: usize = 50_000;
/// Counts that newcomers share.
const SHARED: u64 = 1_000;

/// Counts requests by network.
#[derive(Clone)]
pub struct GeneralLimit {
    most: Counter,
    strength: Counter,
    redeem: Counter,
}

#[derive(Clone)]
struct Counter(Option<Arc<Networks>>);

struct Networks {
    limiter: DefaultKeyedRateLimiter<String>,
    known: Mutex<Known>,
    /// Which shared count a newcomer falls into, nobody outside can tell.
    shares: RandomState,
}

/// Networks that have a count of their own: those heard of since it was last forgotten, and before.
#[derive(Default)]
struct Known {
    now: HashSet<String>,
    before: HashSet<String>,
}

impl Known {
    /// Whether a network has a count of its own, or gets one now.
    fn admits(&mut self, network: &str) -> bool {
        if self.now.contains(network) {
            return true;
        }
        let is_admitted =
            self.before.remove(network) || self.now.len() + self.before.len() < MOST_NETWORKS;
        if is_admitted {
            self.now.insert(network.to_owned());
        }
        is_admitted
    }

    /// Forgets who was not heard of since this was done last.
    fn age(&mut self) {
        self.before = std::mem::take(&mut self.now);
    }
}

impl Networks {
    /// What a network is counted under.
    fn key(&self, network: &str) -> String {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        match known.admits(network) {
            true => network.to_owned(),
            false => format!("newcomers {}", self.shares.hash_one(network) % SHARED),
        }
    }
}

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
        Self(quota.map(|quota| {
            Arc::new(Networks {
                limiter: DefaultKeyedRateLimiter::keyed(Quota::per_minute(quota)),
                known: Mutex::default(),
                shares: RandomState::new(),
            })
        }))
    }

    fn check(&self, network: &str) -> Option<u32> {
        let networks = self.0.as_ref()?;
        let key = networks.key(network);
        let refused = networks.limiter.check_key(&key).err()?;
        let wait = refused.wait_time_from(DefaultClock::default().now());
        Some(
            u32::try_from(wait.as_secs())
                .unwrap_or(u32::MAX)
                .saturating_add(1),
        )
    }

    fn forget(&self) {
        if let Some(networks) = &self.0 {
            networks.limiter.retain_recent();
            let known = networks.known.lock();
            known.unwrap_or_else(PoisonError::into_inner).age();
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
    fn a_flood_of_networks_takes_nobody_their_own_count() {
        let limit = GeneralLimit::new(0.05);
        assert_eq!(limit.check(ANY, "192.0.2.1"), None);
        for n in 0..2 * MOST_NETWORKS {
            limit.check(
                ANY,
                &format!("2001:db8:{:x}:{:x}::/64", n >> 16, n & 0xFFFF),
            );
        }
        for _ in 1..5 {
            assert_eq!(limit.check(ANY, "192.0.2.1"), None, "who was here before");
        }
        assert!(
            limit.check(ANY, "192.0.2.1").is_some(),
            "and it is a count still"
        );
        let newcomers = (0..200).filter(|n| limit.check(ANY, &format!("198.51.100.{n}")).is_some());
        assert!(newcomers.count() > 150, "newcomers share what is used up");
        let networks = limit.most.0.as_ref().expect("is on");
        assert!(networks.limiter.len() <= MOST_NETWORKS + 1_000);
        for _ in 0..2 {
            limit.forget();
        }
        assert_eq!(limit.check(ANY, "198.51.100.255"), None, "room again");
    }

    #[test]
    fn a_multiplier_of_zero_switches_it_off() {
        let limit = GeneralLimit::new(0.0);
        assert!((0..1000).all(|_| limit.check(ANY, "192.0.2.1").is_none()));
    }
}
