//! API keys: how one is written, what is asked about them, and how they are seen.

mod format;
mod request;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Secret;

pub use format::{KeyMode, api_key_checksum, api_key_mode, api_key_of};
pub use request::{
    ApiKeyChange, CreateApiKey, NewApiKey, ReportLeak, RevokeApiKey, RotateApiKey, UpdateApiKey,
};

/// How a key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ApiKeyStatus {
    /// It opens what it may.
    Active,
    /// It waits for its owner to say that it is theirs: their password was reset, or their account
    /// was disabled.
    Suspended,
    /// Nobody answers for it: its owner may not sign in, or is no member of its tenant any more.
    Stopped,
    /// Its time is over.
    Expired,
    /// Somebody ended it.
    Revoked,
}

impl ApiKeyStatus {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Active,
        Self::Suspended,
        Self::Stopped,
        Self::Expired,
        Self::Revoked,
    ];

    /// As it crosses the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Stopped => "stopped",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }

    /// Reads a status; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// Whether it is over for good.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Expired | Self::Revoked)
    }
}

impl fmt::Display for ApiKeyStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A key, without the key. Times are RFC 3339, UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKey {
    /// UUIDv7; the `keyId` of tokens made from it. Not a secret.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// How it begins: `wks_live_` or `wks_test_`.
    pub prefix: String,
    /// How it ends.
    pub last4: String,
    /// What it may do at most. What it may do now is what its owner may as well.
    pub permissions: Vec<String>,
    /// Uses an hour.
    pub rate_limit: i64,
    /// How it stands.
    pub status: ApiKeyStatus,
    /// Whose rights it has; `null` for a tenant's key whose member has gone.
    pub user_id: Option<String>,
    /// The address of that account.
    pub owner_email: Option<String>,
    /// The tenant it acts in.
    pub tenant_id: Option<String>,
    /// That tenant's name.
    pub tenant_name: Option<String>,
    /// Whether it is the tenant's, and stays when its member goes.
    pub owned_by_tenant: bool,
    /// When it was made.
    pub created_at: String,
    /// When it expires; `null`: never.
    pub expires_at: Option<String>,
    /// When it ends: then or, of a key that was rolled, when the overlap is over.
    pub ends_at: Option<String>,
    /// When another key took its place.
    pub rolled_at: Option<String>,
    /// Which.
    pub successor_id: Option<String>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<String>,
    /// From which address.
    pub last_used_ip: Option<String>,
    /// When it was revoked.
    pub revoked_at: Option<String>,
    /// Why: `owner`, `admin`, `rolled`, `leaked`, `tenant`.
    pub revoked_reason: Option<String>,
    /// Since when it is suspended.
    pub suspended_at: Option<String>,
}

/// The answer to making a key: the one time it is shown.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MadeApiKey {
    /// UUIDv7. Not a secret.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// The key. It is stored nowhere and cannot be shown again.
    pub key: Secret,
    /// How it begins.
    pub prefix: String,
    /// How it ends.
    pub last4: String,
    /// What it may do at most.
    pub permissions: Vec<String>,
    /// Uses an hour.
    pub rate_limit: i64,
    /// When it expires; `null`: never.
    pub expires_at: Option<String>,
    /// When it was made.
    pub created_at: String,
    /// The tenant it acts in.
    pub tenant_id: Option<String>,
}

/// One key.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OneApiKey {
    /// Without the key itself.
    pub key: ApiKey,
}

/// A page of keys.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKeys {
    /// Newest first.
    pub keys: Vec<ApiKey>,
    /// Leads to the next page; `null` on the last.
    pub next_cursor: Option<String>,
}
