//! Sessions, as the person whose they are sees them, and whoever looks after people.

use serde::{Deserialize, Serialize};

use crate::Device;

/// A session that lives: somebody signed in on one device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OpenSession {
    /// UUIDv7; the `sid` of its tokens. Not a secret.
    pub id: String,
    /// Whether it is the session of the credential this was asked with.
    pub current: bool,
    /// When it began; RFC 3339, UTC.
    pub created_at: String,
    /// When it was last used, to the minute.
    pub last_seen_at: String,
    /// When it ends whatever happens.
    pub expires_at: String,
    /// When it ends unless it is used before.
    pub idle_expires_at: String,
    /// Whether its cookie outlives the browser. `false` for programs, which have no cookie.
    pub remembered: bool,
    /// The network address it was begun from.
    pub ip: String,
    /// The device it was begun on.
    pub device: Device,
    /// How its owner proved who they are (`amr`): `pwd`, `email`, `otp`.
    pub methods: Vec<String>,
}

/// Every session of an account that lives.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OpenSessions {
    /// The one this was asked with first, then the one that was used last.
    pub sessions: Vec<OpenSession>,
}
