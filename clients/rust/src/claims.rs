//! Who is calling: what a good token says, and how a handler asks for it.

use std::fmt;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::Response;
use http::request::Parts;
use serde_json::Value;

use crate::feed::state::Bearing;
use crate::json::Object;
use crate::layer::{Caller, misplaced};
use crate::refusal::Refusal;

/// The caller, behind [`Gatehouse::layer`](crate::Gatehouse::layer): `async fn list(claims: Claims)`. Nothing in here was
/// believed before the token's signature held. As an extractor it answers 401 to whoever brought no credential.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Claims {
    /// The account (`sub`). Key your data by it: addresses change.
    pub user_id: String,
    /// For display. `api@system` where an API key is calling and its token names nobody.
    pub email: String,
    /// A label for people. Rights come from `permissions` alone.
    pub role: String,
    /// Every right of the caller, complete, as `resource:action`.
    pub permissions: Vec<String>,
    /// The tenant the caller acts in.
    pub tenant_id: Option<String>,
    /// The session behind the token (`sid`).
    pub session_id: Option<String>,
    /// The API key behind the token; then `role` is `api`.
    pub key_id: Option<String>,
    /// When the person last proved a factor (`auth_time`), in seconds since 1970.
    pub auth_time: Option<u64>,
    /// How they did (`amr`, RFC 8176).
    pub methods: Vec<String>,
    /// When the token ends (`exp`), in seconds since 1970.
    pub expires_at: u64,
    /// Everything the token says.
    pub payload: Arc<serde_json::Map<String, Value>>,
    /// What the portal's feed is asked about; `None` for another issuer's token.
    pub(crate) bearing: Option<Arc<Bearing>>,
}

impl Claims {
    /// Somebody of another issuer, before that issuer's reading says more.
    pub(crate) fn foreign(user_id: &str, expires_at: u64, payload: &Arc<Object>) -> Self {
        let email = payload.get("email").and_then(Value::as_str);
        Self {
            user_id: user_id.to_owned(),
            email: email.unwrap_or_default().to_owned(),
            role: "user".to_owned(),
            permissions: Vec::new(),
            tenant_id: None,
            session_id: None,
            key_id: None,
            auth_time: None,
            methods: Vec::new(),
            expires_at,
            payload: Arc::clone(payload),
            bearing: None,
        }
    }

    /// Whether the caller holds a permission.
    #[must_use]
    pub fn may(&self, permission: &str) -> bool {
        self.permissions.iter().any(|one| one == permission)
    }
}

/// Says who, and not what they are called: claims end up in logs.
impl fmt::Debug for Claims {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Claims")
            .field("user_id", &self.user_id)
            .field("tenant_id", &self.tenant_id)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// The caller, or nobody where [`Gatehouse::optional_layer`](crate::Gatehouse::optional_layer) let somebody in without a
/// credential. A wrong credential never comes this far.
#[derive(Clone, Debug, PartialEq)]
pub struct OptionalClaims(pub Option<Claims>);

impl<S: Sync> FromRequestParts<S> for Claims {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let caller = Caller::of(&parts.extensions).ok_or_else(misplaced)?;
        match &caller.claims {
            Some(claims) => Ok(claims.as_ref().clone()),
            None => Err(caller.refuse(&Refusal::anonymous())),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for OptionalClaims {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let caller = Caller::of(&parts.extensions).ok_or_else(misplaced)?;
        Ok(Self(caller.claims.as_deref().cloned()))
    }
}
