//! Access tokens: handing them out, and taking them at the portal's own API.

use std::sync::Arc;

use wire::{AccessToken, Audience, ErrorCode, Secret};

use crate::Auth;
use crate::api_key::ApiKeyRefused;
use crate::error::Fault;
use crate::jwt::{self, BACKDATED, Claims, Refusal};
use crate::session::Session;
use crate::signing_key::KeyUse;
use crate::store::{Store, Tx};

/// Why an access token is not taken here.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Nobody issued it, or it was altered.
    #[error("the access token is invalid")]
    Invalid,
    /// It has ended.
    #[error("the access token has expired")]
    Expired,
    /// Its session has ended.
    #[error("the session of the access token has ended")]
    Revoked,
    /// Its rights have changed since.
    #[error("the access token is older than a change of its rights")]
    Stale,
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<TokenError> for wire::Error {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Invalid => ErrorCode::InvalidToken.into(),
            TokenError::Expired => ErrorCode::TokenExpired.into(),
            TokenError::Revoked => ErrorCode::TokenRevoked.into(),
            TokenError::Stale => ErrorCode::TokenStale.into(),
            TokenError::Fault(fault) => fault.into(),
        }
    }
}

/// The fact that says how long any access token of this database may have been given.
const LONGEST_LIFE: &str = "longest_access_seconds";

/// Notes how long access tokens live from now on. How long they have lived at most: a setting that was
/// lowered does not shorten the tokens that are about.
pub(crate) async fn claim_life(store: &Store, seconds: i64) -> Result<i64, Fault> {
    let mut tx = store.write().await?;
    tx.set_meta_at_least(LONGEST_LIFE, seconds).await?;
    let longest = longest_life(&mut tx).await?;
    tx.commit().await?;
    Ok(longest)
}

/// How long any access token of this database may have been given, by whichever node.
pub(crate) async fn longest_life(tx: &mut Tx) -> Result<i64, Fault> {
    let longest = tx.meta_by_name(LONGEST_LIFE).await?;
    longest
        .and_then(|text| text.parse().ok())
        .ok_or(Fault::Inconsistent(
            "meta.longest_access_seconds is no number",
        ))
}

impl Auth {
    /// An access token of a session, for the services alone or for the portal's API as well.
    ///
    /// # Errors
    /// When the database does not answer, or signing fails.
    pub async fn access_token(
        &self,
        session: &Session,
        audience: Audience,
    ) -> Result<AccessToken, Fault> {
        self.sign_access_token(session, audience)
    }

    pub(crate) fn sign_access_token(
        &self,
        session: &Session,
        audience: Audience,
    ) -> Result<AccessToken, Fault> {
        let keys = self
            .keys(KeyUse::Tokens)
            .get()
            .ok_or(Fault::Inconsistent("there is no signing key"))?;
        let claims = self.claims(session, audience);
        Ok(AccessToken {
            access_token: jwt::sign(keys.current(), &claims)?,
            token_type: "Bearer".to_owned(),
            expires_in: claims.exp - self.now(),
        })
    }

    fn claims(&self, session: &Session, audience: Audience) -> Claims {
        let settings = self.settings();
        let mut aud = vec![settings.audience.clone()];
        if audience == Audience::PortalAndServices {
            aud.push(settings.public_url.clone());
        }
        let iat = self.now() - BACKDATED;
        let user = &session.user;
        Claims {
            iss: settings.public_url.clone(),
            aud,
            sub: user.id.clone(),
            user_id: user.id.clone(),
            sid: session.key.is_none().then(|| session.id.clone()),
            key_id: session.key_id().map(str::to_owned),
            jti: self.draw_id(),
            iat,
            exp: (iat + settings.access_seconds).min(session.expires_at),
            // Whoever stepped up has proven anew who they are (RFC 9470 4).
            auth_time: session.step_up_at.unwrap_or(0).max(session.auth_time),
            amr: session.methods.clone(),
            email: user.email.clone(),
            email_verified: user.email_verified,
            role: user.role.clone(),
            permissions: user.permissions.clone(),
            tenant_id: session.tenant_id.clone(),
            epoch: session.epoch,
        }
    }

    /// The live session, or the API key, an access token stands for. Its `audience` says whom the token is
    /// for.
    ///
    /// # Errors
    /// [`TokenError`]. A token of an ended session is refused at once, not when it expires.
    pub async fn session_by_access_token(
        &self,
        token: &Secret,
    ) -> Result<Arc<Session>, TokenError> {
        let claims = self.verify_token(token).await?;
        let session = match (&claims.sid, &claims.key_id) {
            (Some(sid), None) => self.live_session(sid).await?,
            (None, Some(key)) => self.session_of_key(key).await?,
            _ => return Err(TokenError::Invalid),
        };
        let session = session.ok_or(TokenError::Revoked)?;
        if session.user.id != claims.sub {
            return Err(TokenError::Invalid);
        }
        // A token of another tenant than its session acts in would read there what it does not name.
        if claims.epoch < session.stale_before || claims.tenant_id != session.tenant_id {
            return Err(TokenError::Stale);
        }
        let is_for_us = claims
            .aud
            .iter()
            .any(|aud| *aud == self.settings().public_url);
        let audience = if is_for_us {
            Audience::PortalAndServices
        } else {
            Audience::Services
        };
        Ok(Arc::new(Session {
            audience: Some(audience),
            // Whatever is made of it must not outlive the token: else any token would renew itself.
            expires_at: session.expires_at.min(claims.exp),
            ..Session::clone(&session)
        }))
    }

    /// What a key stands for, while it opens anything.
    async fn session_of_key(&self, id: &str) -> Result<Option<Arc<Session>>, Fault> {
        match self.live_key(id).await {
            Ok(live) => Ok(Some(live.session)),
            Err(ApiKeyRefused::Fault(fault)) => Err(fault),
            Err(refused) => {
                tracing::info!(key = id, %refused, "a token of an API key is refused");
                Ok(None)
            }
        }
    }

    async fn verify_token(&self, token: &Secret) -> Result<Claims, TokenError> {
        match self.verify_with_known_keys(token) {
            Err(TokenError::Invalid) if self.names_a_new_key(token) => {
                // Another node may have rotated a moment ago.
                self.read_keys().await?;
                self.verify_with_known_keys(token)
            }
            other => other,
        }
    }

    fn verify_with_known_keys(&self, token: &Secret) -> Result<Claims, TokenError> {
        let keys = self.keys(KeyUse::Tokens).get().ok_or(TokenError::Invalid)?;
        jwt::verify(token, &self.settings().public_url, self.now(), |kid| {
            keys.find(kid)
        })
        .map_err(|refusal| match refusal {
            Refusal::Invalid => TokenError::Invalid,
            Refusal::Expired => TokenError::Expired,
        })
    }

    /// Whether a token names a key we have not seen, and we have not looked for a second: made-up
    /// `kid`s must not become database reads.
    pub(crate) fn names_a_new_key(&self, token: &Secret) -> bool {
        let Some(keys) = self.keys(KeyUse::Tokens).get() else {
            return true;
        };
        jwt::kid(token).is_some_and(|kid| keys.find(&kid).is_none()) && self.now() > keys.read_at
    }
}
