//! One trusted issuer: its keys, what its tokens must say, and who its caller is.

use std::sync::Arc;

use serde_json::Value;

use crate::claims::Claims;
use crate::feed::follower::{Follower, Following};
use crate::feed::state::Bearing;
use crate::json::{self, Object};
use crate::key_set::KeySet;
use crate::public_key::Algorithm;
use crate::rejected::Rejected;
use crate::settings::{OtherIssuer, Reading, Settings};
use crate::world::World;

/// Seconds that clocks may be apart. The portal sets `iat` back by as much for verifiers that allow nothing.
const LEEWAY: u64 = 5;
/// No token may live longer than this, whatever its `exp` says.
const LONGEST_LIFE: u64 = 24 * 60 * 60;

pub(crate) struct Issuer {
    pub(crate) name: String,
    pub(crate) algorithms: Vec<Algorithm>,
    pub(crate) keys: KeySet,
    /// `None`: no feed to ask.
    pub(crate) follower: Option<Arc<Follower>>,
    kind: Kind,
}

enum Kind {
    Portal {
        audience: String,
    },
    Other {
        audience: Option<String>,
        parties: Vec<String>,
        reading: Reading,
    },
}

impl Issuer {
    pub(crate) fn portal(settings: &Settings, world: &World) -> Self {
        let issuer = &settings.issuer;
        let key_set = |name: &str, algorithms: &[Algorithm]| {
            let url = format!("{issuer}/.well-known/{name}.json");
            KeySet::new(url, algorithms, world.clone())
        };
        let following = || Following {
            issuer: issuer.clone(),
            poll: settings.poll.as_secs(),
            max_stale: settings.max_stale.map(|most| most.as_secs()),
        };
        // What revocation keys may be for the key says, not the service's settings.
        let follower = || {
            let keys = key_set("revocation-keys", &Algorithm::ALL);
            Follower::new(following(), keys, world.clone())
        };
        Self {
            name: issuer.clone(),
            algorithms: settings.algorithms.clone(),
            keys: key_set("jwks", &settings.algorithms),
            follower: settings.feed.then(follower),
            kind: Kind::Portal {
                audience: settings.audience.clone(),
            },
        }
    }

    pub(crate) fn other(other: &OtherIssuer, world: &World) -> Self {
        Self {
            name: other.issuer.clone(),
            algorithms: other.algorithms.clone(),
            keys: KeySet::new(other.jwks_url.clone(), &other.algorithms, world.clone()),
            follower: None,
            kind: Kind::Other {
                audience: other.audience.clone(),
                parties: other.authorized_parties.clone(),
                reading: Arc::clone(&other.reading),
            },
        }
    }

    /// The caller, if a payload whose signature holds is meant for this service, of right types, and of this time.
    pub(crate) fn claims(&self, payload: Object, kid: &str, now: u64) -> Result<Claims, Rejected> {
        if !self.is_for_us(&payload) {
            return Err(Rejected::INVALID);
        }
        let expires_at = check_times(&payload, now)?;
        let payload = Arc::new(payload);
        let user_id = json::text(payload.get("sub")).ok_or(Rejected::INVALID)?;
        let claims = Claims::foreign(user_id, expires_at, &payload);
        let claims = match &self.kind {
            Kind::Portal { .. } => portal_claims(claims, &payload, kid),
            Kind::Other { reading, .. } => reading(&payload, claims),
        };
        claims.ok_or(Rejected::INVALID)
    }

    fn is_for_us(&self, payload: &Object) -> bool {
        let aud = payload.get("aud");
        match &self.kind {
            Kind::Portal { audience } => is_meant_for(aud, audience),
            Kind::Other {
                audience, parties, ..
            } => {
                let azp = json::text(payload.get("azp")).map(str::to_owned);
                let is_known = |azp| parties.contains(&azp);
                audience
                    .as_ref()
                    .is_none_or(|audience| is_meant_for(aud, audience))
                    && (parties.is_empty() || azp.is_some_and(is_known))
            }
        }
    }
}

/// A text or a list of texts and nothing else (RFC 7519, section 4.1.3).
fn is_meant_for(aud: Option<&Value>, audience: &str) -> bool {
    let is_listed = || json::texts(aud).is_some_and(|all| all.iter().any(|one| one == audience));
    json::text(aud) == Some(audience) || is_listed()
}

/// `exp`, if the times are of right types and hold now; otherwise why not.
fn check_times(payload: &Object, now: u64) -> Result<u64, Rejected> {
    let time = |name| json::count(payload.get(name)).ok_or(Rejected::INVALID);
    let (iat, exp) = (time("iat")?, time("exp")?);
    let nbf = json::optional(payload, "nbf", json::count).ok_or(Rejected::INVALID)?;
    if exp <= iat || exp - iat > LONGEST_LIFE {
        return Err(Rejected::INVALID);
    }
    if exp + LEEWAY <= now {
        return Err(Rejected::EXPIRED);
    }
    if nbf.unwrap_or_default().max(iat) > now + LEEWAY {
        return Err(Rejected::NOT_BEFORE);
    }
    Ok(exp)
}

/// Everything a portal's token says, over what any token says.
fn portal_claims(claims: Claims, payload: &Object, kid: &str) -> Option<Claims> {
    let text =
        |name: &str| json::optional(payload, name, |value| json::text(value).map(str::to_owned));
    let user_id = text("userId")?.unwrap_or_else(|| claims.user_id.clone());
    let key_id = text("keyId")?;
    let email = json::optional(payload, "email", |value| value?.as_str().map(str::to_owned))?;
    let of_key = || key_id.is_some().then(|| "api@system".to_owned());
    let tenant_id = match payload.get("tenantId") {
        None | Some(Value::Null) => None,
        tenant => Some(json::text(tenant)?.to_owned()),
    };
    if user_id != claims.user_id {
        return None;
    }
    Some(Claims {
        email: email.or_else(of_key)?,
        role: json::text(payload.get("role"))?.to_owned(),
        permissions: json::texts(payload.get("permissions"))?,
        tenant_id,
        session_id: text("sid")?,
        key_id,
        auth_time: json::optional(payload, "auth_time", json::count)?,
        methods: json::optional(payload, "amr", json::texts)?.unwrap_or_default(),
        // Without a feed nobody compares the change number, but a portal's token that lacks it is no token of a portal.
        bearing: Some(Arc::new(Bearing::of(payload, kid)?)),
        ..claims
    })
}
