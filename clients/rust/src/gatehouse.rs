//! Is this credential good, now? The portal is asked for keys and revocations, never about a token. The order: shape, issuer,
//! `typ`, algorithm, key, signature, audience, times, claims, revocations. Nothing of a token is believed before its signature
//! holds, but for the `iss` that says whose key to try.

use std::sync::{Arc, OnceLock};

use http::HeaderMap;

use crate::api_keys::ApiKeys;
use crate::claims::Claims;
use crate::compact::{Compact, LONGEST_TOKEN};
use crate::credentials::{Credential, is_forwarded_https};
use crate::feed::follower::Polling;
use crate::feed::state::Judgement;
use crate::issuer::Issuer;
use crate::json;
use crate::key_set::Found;
use crate::layer::Authenticate;
use crate::refusal::{Manner, Refusal};
use crate::rejected::Rejected;
use crate::settings::{Settings, SettingsError};
use crate::world::World;

/// Trusts a portal. A clone is another handle of the same; polling ends when the last one is dropped.
#[derive(Clone)]
pub struct Gatehouse {
    judge: Arc<Judge>,
    api_keys: Option<ApiKeys>,
    https: bool,
    pub(crate) manner: Arc<Manner>,
}

/// What judges tokens: all but the exchange of API keys, which needs it too.
pub(crate) struct Judge {
    portal: Issuer,
    others: Vec<Issuer>,
    pub(crate) world: World,
    polling: OnceLock<Polling>,
}

impl Gatehouse {
    /// Fetches nothing before the first credential comes; [`Gatehouse::warm_up`] does.
    ///
    /// # Errors
    /// A sentence about the first setting that cannot be meant.
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        settings.check()?;
        let world = World::new(Arc::clone(&settings.clock))
            .ok_or_else(|| SettingsError("there is no TLS to be had".to_owned()))?;
        let others = settings.others.iter();
        let judge = Arc::new(Judge {
            portal: Issuer::portal(&settings, &world),
            others: others.map(|other| Issuer::other(other, &world)).collect(),
            world,
            polling: OnceLock::new(),
        });
        let api_keys = || ApiKeys::new(&settings.issuer, Arc::clone(&judge));
        Ok(Self {
            api_keys: settings.api_keys.then(api_keys),
            https: settings.https,
            manner: Arc::new(Manner::of(&settings)),
            judge,
        })
    }

    /// Loads keys and revocations, so that the first request need not wait. Never fails: a portal that is down is asked again.
    /// Needs a tokio runtime, as all that follow do.
    pub async fn warm_up(&self) {
        self.judge.portal.keys.load().await;
        self.judge.ready().await;
    }

    /// For `Router::layer`: lets in who brings a good credential, and answers 400, 401, 403 or 503 to all others.
    #[must_use]
    pub fn layer(&self) -> Authenticate {
        Authenticate::required(self.clone())
    }

    /// The same for whoever brings a credential; who brings none goes on as nobody. A wrong one is still 401.
    #[must_use]
    pub fn optional_layer(&self) -> Authenticate {
        Authenticate::optional(self.clone())
    }

    /// Judges an access token. Never panics, whatever it is given.
    ///
    /// # Errors
    /// Why it is not taken.
    pub async fn verify(&self, token: &str) -> Result<Claims, Rejected> {
        self.judge.verify(token).await
    }

    /// Exchanges an API key for a token at the portal, or takes the one it has, and judges that.
    ///
    /// # Errors
    /// Why it is not taken.
    pub async fn verify_api_key(&self, key: &str) -> Result<Claims, Rejected> {
        match &self.api_keys {
            Some(keys) => keys.verify(key).await,
            None => Err(Rejected::BAD_KEY),
        }
    }

    /// Judges claims that were taken again, by what the feed says now and by their end: for whatever lives longer than a
    /// request, such as a socket. Costs no signature and no request.
    ///
    /// # Errors
    /// Why they should not be taken any more.
    pub fn recheck(&self, claims: &Claims) -> Result<(), Rejected> {
        self.judge.recheck(claims)?;
        let lives = claims.expires_at > self.judge.world.now();
        lives.then_some(()).ok_or(Rejected::EXPIRED)
    }

    pub(crate) fn now(&self) -> u64 {
        self.judge.world.now()
    }

    /// Who is calling; `None`: nobody says who they are.
    pub(crate) async fn identify(&self, headers: &HeaderMap) -> Result<Option<Claims>, Refusal> {
        let credential = Credential::of(headers);
        if credential == Credential::None {
            return Ok(None);
        }
        if self.https && !is_forwarded_https(headers) {
            return Err(Refusal::insecure());
        }
        let claims = match credential {
            Credential::Several => return Err(Refusal::ambiguous()),
            Credential::Key(key) => self.verify_api_key(key).await,
            Credential::Token(token) => self.verify(token).await,
            Credential::Unreadable | Credential::None => Err(Rejected::INVALID),
        };
        claims.map(Some).map_err(Refusal::from)
    }
}

impl Judge {
    pub(crate) async fn verify(&self, token: &str) -> Result<Claims, Rejected> {
        let compact = Compact::read(token, LONGEST_TOKEN).ok_or(Rejected::INVALID)?;
        let issuer = self.issuer_of(&compact).ok_or(Rejected::INVALID)?;
        let is_pinned = |algorithm: &crate::Algorithm| algorithm.name() == compact.alg;
        if compact.typ != "JWT" || !issuer.algorithms.iter().any(is_pinned) {
            return Err(Rejected::INVALID);
        }
        let key = match self.key(issuer, &compact.kid).await {
            Found::Key(key) => key,
            Found::Unavailable => return Err(Rejected::NO_KEYS),
            Found::Unknown => return Err(Self::missing(issuer, &compact.kid)),
        };
        if !compact.is_signed_by(&key) {
            return Err(Rejected::INVALID);
        }
        let claims = issuer.claims(compact.payload, &compact.kid, self.world.now())?;
        self.recheck(&claims)?;
        Ok(claims)
    }

    fn issuer_of(&self, compact: &Compact) -> Option<&Issuer> {
        let iss = json::text(compact.payload.get("iss"))?;
        std::iter::once(&self.portal)
            .chain(&self.others)
            .find(|issuer| issuer.name == iss)
    }

    /// The key and the feed, at once: a portal that is down is waited for once.
    async fn key(&self, issuer: &Issuer, kid: &str) -> Found {
        let feed = async {
            if issuer.follower.is_some() {
                self.ready().await;
            }
        };
        tokio::join!(issuer.keys.find(kid), feed).0
    }

    /// The portal says it signs with this key, and we have not got it: not the token's fault.
    fn missing(issuer: &Issuer, kid: &str) -> Rejected {
        let follower = issuer.follower.as_ref();
        if follower.is_some_and(|follower| follower.accepts(kid)) {
            return Rejected::NO_KEYS;
        }
        Rejected::INVALID
    }

    /// To be awaited before [`Judge::recheck`]. Begins to poll.
    pub(crate) async fn ready(&self) {
        if let Some(follower) = &self.portal.follower {
            self.polling.get_or_init(|| follower.polling());
            follower.ready().await;
        }
    }

    /// What the feed says now.
    pub(crate) fn recheck(&self, claims: &Claims) -> Result<(), Rejected> {
        let (Some(follower), Some(bearing)) = (&self.portal.follower, &claims.bearing) else {
            return Ok(());
        };
        match follower.judge(bearing) {
            Judgement::Stands => Ok(()),
            Judgement::Revoked => Err(Rejected::REVOKED),
            Judgement::Stale => Err(Rejected::STALE),
            Judgement::Unavailable => Err(Rejected::NO_REVOCATIONS),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nobody listens there.
    const NOWHERE: &str = "http://127.0.0.1:9";

    #[tokio::test]
    async fn polling_ends_with_the_last_handle() {
        let gatehouse = Gatehouse::new(Settings::new(NOWHERE, "api")).expect("good settings");
        assert!(
            gatehouse.judge.polling.get().is_none(),
            "nothing before it is needed"
        );
        gatehouse.warm_up().await;
        let polling = gatehouse.judge.polling.get().expect("it began").task();
        let in_a_router = gatehouse.layer();

        drop(gatehouse);
        tokio::task::yield_now().await;
        assert!(!polling.is_finished());

        drop(in_a_router);
        while !polling.is_finished() {
            tokio::task::yield_now().await;
        }
    }
}
