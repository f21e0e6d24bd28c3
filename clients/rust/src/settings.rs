//! What a service says about whom it trusts, checked once: a wrong setting stops the start with one sentence.

use std::fmt;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use http::Uri;

use crate::claims::Claims;
use crate::json::Object;
use crate::public_key::Algorithm;
use crate::world::{Clock, system_clock};

/// How to trust a portal. `Settings::new(issuer, audience)` is enough.
#[derive(Clone)]
pub struct Settings {
    pub(crate) issuer: String,
    pub(crate) audience: String,
    pub(crate) algorithms: Vec<Algorithm>,
    pub(crate) feed: bool,
    pub(crate) poll: Duration,
    pub(crate) max_stale: Option<Duration>,
    pub(crate) api_keys: bool,
    pub(crate) others: Vec<OtherIssuer>,
    pub(crate) https: bool,
    pub(crate) shape: ErrorShape,
    pub(crate) clock: Clock,
}

/// The shape of error answers. One body cannot be both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorShape {
    /// `application/problem+json` (RFC 9457), with the `error` object of the portal's contract.
    #[default]
    Problem,
    /// `{ "error": "message" }`, for clients of an older API.
    Flat,
}

impl Settings {
    /// `issuer`: the portal's public URL, exactly its tokens' `iss`, without a slash at the end; https, unless it is on
    /// loopback. `audience`: what `aud` must contain.
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        Self {
            issuer: issuer.into(),
            audience: audience.into(),
            algorithms: vec![Algorithm::Es256],
            feed: true,
            poll: Duration::from_secs(5),
            max_stale: Some(Duration::from_secs(900)),
            api_keys: true,
            others: Vec::new(),
            https: false,
            shape: ErrorShape::Problem,
            clock: system_clock(),
        }
    }

    /// What the portal signs with; a token with any other `alg` is invalid. ES256 alone unless this says more.
    #[must_use]
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.algorithms = algorithms.into_iter().collect();
        self
    }

    /// How often to ask for revocations, 1 to 60 s in whole seconds. Default 5 s.
    #[must_use]
    pub fn poll_every(mut self, pause: Duration) -> Self {
        self.poll = pause;
        self
    }

    /// How long to go on, after the last good document was signed, while the feed is down; then every token is answered 503.
    /// Default 900 s; `None` for ever.
    #[must_use]
    pub fn max_stale(mut self, most: Option<Duration>) -> Self {
        self.max_stale = most;
        self
    }

    /// Do not follow the revocation feed: an ended session then goes on until its token's `exp`.
    #[must_use]
    pub fn without_feed(mut self) -> Self {
        self.feed = false;
        self
    }

    /// Take no API keys: `X-API-Key` is then answered 401.
    #[must_use]
    pub fn without_api_keys(mut self) -> Self {
        self.api_keys = false;
        self
    }

    /// Somebody else whose tokens are taken too. Which one is to judge is told by `iss` alone.
    #[must_use]
    pub fn also_trust(mut self, other: OtherIssuer) -> Self {
        self.others.push(other);
        self
    }

    /// Refuses credentials that came over plain http, as the proxy in front says in `X-Forwarded-Proto`. Only behind a proxy
    /// that always sets it: anybody else may write it too. A service that ends TLS itself has no use for this.
    #[must_use]
    pub fn require_forwarded_https(mut self) -> Self {
        self.https = true;
        self
    }

    /// The shape of error answers.
    #[must_use]
    pub fn errors(mut self, shape: ErrorShape) -> Self {
        self.shape = shape;
        self
    }

    /// Another clock than the machine's, in seconds since 1970: for tests.
    #[must_use]
    pub fn clock(mut self, clock: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// A sentence about the first setting that cannot be meant.
    pub(crate) fn check(&self) -> Result<(), SettingsError> {
        let Self { issuer, poll, .. } = self;
        require(is_safe(issuer) && !issuer.ends_with('/'), || {
            format!("issuer must be the portal's https URL without a slash at the end: {issuer}")
        })?;
        require(is_printable(&self.audience), || {
            "audience must be printable ASCII".to_owned()
        })?;
        require(
            poll.subsec_nanos() == 0 && (1..=60).contains(&poll.as_secs()),
            || format!("poll_every must be 1 to 60 whole seconds: {poll:?}"),
        )?;
        require(!self.algorithms.is_empty(), || {
            "algorithms must name at least one".to_owned()
        })?;
        let mut issuers = vec![issuer];
        for other in &self.others {
            other.check()?;
            require(!issuers.contains(&&other.issuer), || {
                format!("{} is trusted twice", other.issuer)
            })?;
            issuers.push(&other.issuer);
        }
        Ok(())
    }
}

/// Says who is calling by a foreign token's payload.
pub(crate) type Reading = Arc<dyn Fn(&Object, Claims) -> Option<Claims> + Send + Sync>;

/// An issuer that is no Gatehouse portal, such as Clerk. It has no revocation feed: its tokens are good until their `exp`.
#[derive(Clone)]
pub struct OtherIssuer {
    pub(crate) issuer: String,
    pub(crate) jwks_url: String,
    pub(crate) algorithms: Vec<Algorithm>,
    pub(crate) audience: Option<String>,
    pub(crate) authorized_parties: Vec<String>,
    pub(crate) reading: Reading,
}

impl OtherIssuer {
    /// `issuer`: exactly the tokens' `iss`. `jwks_url`: where its public keys are, https unless on loopback. It signs with RS256
    /// unless [`OtherIssuer::algorithms`] says otherwise. An audience or authorized parties have to be given.
    pub fn new(issuer: impl Into<String>, jwks_url: impl Into<String>) -> Self {
        Self {
            issuer: issuer.into(),
            jwks_url: jwks_url.into(),
            algorithms: vec![Algorithm::Rs256],
            audience: None,
            authorized_parties: Vec::new(),
            reading: Arc::new(|_, claims| Some(claims)),
        }
    }

    /// What it signs with.
    #[must_use]
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.algorithms = algorithms.into_iter().collect();
        self
    }

    /// What `aud` must contain.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// Values of which `azp` must be one: the origins of your apps, with Clerk.
    #[must_use]
    pub fn authorized_parties<T: Into<String>>(
        mut self,
        parties: impl IntoIterator<Item = T>,
    ) -> Self {
        self.authorized_parties = parties.into_iter().map(Into::into).collect();
        self
    }

    /// What the payload says over `sub` as user id, `email`, the role `user` and no permission; `None`: an invalid token. Ids
    /// of two issuers may be equal: where that matters, put a prefix before `user_id`.
    #[must_use]
    pub fn read_with(
        mut self,
        reading: impl Fn(&serde_json::Map<String, serde_json::Value>, Claims) -> Option<Claims>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.reading = Arc::new(reading);
        self
    }

    fn check(&self) -> Result<(), SettingsError> {
        let Self {
            issuer, jwks_url, ..
        } = self;
        require(!issuer.is_empty(), || {
            "another issuer needs a name".to_owned()
        })?;
        require(is_safe(jwks_url), || {
            format!("{issuer}: the key set needs an https URL: {jwks_url}")
        })?;
        // Otherwise a token for anybody would open here.
        let is_bound = self
            .audience
            .as_ref()
            .is_some_and(|audience| !audience.is_empty())
            || !self.authorized_parties.is_empty();
        require(is_bound, || {
            format!("{issuer} needs an audience or authorized parties")
        })?;
        require(!self.algorithms.is_empty(), || {
            format!("{issuer} needs an algorithm")
        })
    }
}

/// A setting that cannot be meant, in one sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError(pub(crate) String);

impl fmt::Display for SettingsError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "gatehouse-axum: {}", self.0)
    }
}

impl std::error::Error for SettingsError {}

fn require(holds: bool, sentence: impl FnOnce() -> String) -> Result<(), SettingsError> {
    holds.then_some(()).ok_or_else(|| SettingsError(sentence()))
}

fn is_printable(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

/// https, or http that does not leave the machine; a place and nothing beside it.
fn is_safe(url: &str) -> bool {
    let Ok(uri) = url.parse::<Uri>() else {
        return false;
    };
    let plain = !url.contains(['?', '#', '@', '\\']);
    match (uri.scheme_str(), uri.host()) {
        (Some("https"), Some(host)) => plain && !host.is_empty(),
        (Some("http"), Some(host)) => plain && is_loopback(host),
        _ => false,
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.parse::<Ipv4Addr>();
    host == "localhost"
        || host.ends_with(".localhost")
        || host == "[::1]"
        || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trouble(settings: &Settings) -> String {
        settings
            .check()
            .map_or_else(|error| error.to_string(), |()| String::new())
    }

    #[test]
    fn a_portal_is_trusted_over_https_or_on_this_machine() {
        for good in [
            "https://auth.example.com",
            "https://auth.example.com/portal",
            "http://localhost:3000",
            "http://portal.localhost",
            "http://127.0.0.1:3000",
            "http://[::1]:3000",
        ] {
            assert_eq!(trouble(&Settings::new(good, "api")), "", "{good}");
        }
        for bad in [
            "",
            "auth.example.com",
            "http://auth.example.com",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "http://localhost@example.com",
            "ftp://localhost",
            "https://auth.example.com/",
            "https://auth.example.com?",
            "https://auth.example.com#",
        ] {
            assert!(
                trouble(&Settings::new(bad, "api")).contains("issuer must be"),
                "{bad}"
            );
        }
    }

    #[test]
    fn a_setting_that_cannot_be_meant_is_a_sentence() {
        let settings = || Settings::new("https://auth.example.com", "api");
        let clerk = || {
            OtherIssuer::new(
                "https://clerk.example.com",
                "https://clerk.example.com/jwks",
            )
        };

        assert!(trouble(&Settings::new("https://auth.example.com", "")).contains("audience"));
        assert!(trouble(&settings().algorithms([])).contains("algorithms"));
        for pause in [
            Duration::ZERO,
            Duration::from_millis(1500),
            Duration::from_secs(61),
        ] {
            assert!(trouble(&settings().poll_every(pause)).contains("poll_every"));
        }
        assert!(trouble(&settings().also_trust(clerk())).contains("needs an audience"));
        assert!(
            trouble(&settings().also_trust(clerk().audience(""))).contains("needs an audience")
        );
        let twice = settings()
            .also_trust(clerk().audience("api"))
            .also_trust(clerk().audience("api"));
        assert!(trouble(&twice).contains("trusted twice"));
        let plain = OtherIssuer::new("clerk", "http://clerk.example.com/jwks").audience("api");
        assert!(trouble(&settings().also_trust(plain)).contains("https"));
    }
}
