//! Signing keys as those who manage the portal see them; private parts are never among it.

use serde::{Deserialize, Serialize};

/// A published key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SigningKey {
    /// RFC 7638 thumbprint: the `kid` of what it signs.
    pub kid: String,
    /// `ES256`, `EdDSA` or `RS256`.
    pub algorithm: String,
    /// `token`: signs access tokens; `feed`: signs the revocation feed.
    pub purpose: String,
    /// `next`: published, does not sign yet; `current`: signs; `previous`: what it signed is still good.
    pub state: String,
    /// When it was made and published.
    pub created_at: String,
    /// When it began to sign.
    pub active_at: Option<String>,
    /// When a previous key leaves the published set.
    pub leaves_at: Option<String>,
}

/// All published keys, those of tokens first, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SigningKeys {
    /// The keys.
    pub signing_keys: Vec<SigningKey>,
}
