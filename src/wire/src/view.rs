//! What the portal answers with. Explicit structures: no row is ever serialised (ASVS 15.3.1).

use serde::{Deserialize, Serialize};

use crate::Secret;

/// An account, as its owner and those who may manage it see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    /// UUIDv7; never changes.
    pub id: String,
    /// The same, for consumers that expect this name (C10).
    pub user_id: String,
    /// Canonical address.
    pub email: String,
    /// Whether the address was proven.
    pub email_verified: bool,
    /// As its owner typed it.
    pub username: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// The role's name; rights follow from `permissions` alone.
    pub role: String,
    /// Every right, complete and sorted.
    pub permissions: Vec<String>,
    /// The active tenant.
    pub tenant_id: Option<String>,
    /// RFC 3339, UTC.
    pub created_at: String,
}

impl User {
    /// What to call the person: their name, else their username, else the address.
    pub fn display_name(&self) -> String {
        match (&self.first_name, &self.last_name, &self.username) {
            (Some(first), Some(last), _) => format!("{first} {last}"),
            (Some(one), None, _) | (None, Some(one), _) | (None, None, Some(one)) => one.clone(),
            (None, None, None) => self.email.clone(),
        }
    }
}

/// A completed sign-in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuthResult {
    /// Who signed in.
    pub user: User,
    /// For calling services, `expiresIn` seconds long.
    pub access_token: Secret,
    /// For getting the next pair; absent when a cookie was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<Secret>,
    /// `Bearer`.
    pub token_type: String,
    /// Seconds until the access token ends.
    pub expires_in: i64,
}

/// A sign-in by mailed code has begun, or would have if the address had an account.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CodeSent {
    /// `otp_sent`, whether or not the address has an account.
    pub status: String,
    /// The flow's secret: its code works only with it.
    pub flow: Secret,
}

/// A refreshed pair.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenPair {
    /// For calling services.
    pub access_token: Secret,
    /// For getting the next pair; the one sent is used up.
    pub refresh_token: Secret,
    /// `Bearer`.
    pub token_type: String,
    /// Seconds until the access token ends.
    pub expires_in: i64,
}

/// An access token alone.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessToken {
    /// For calling services.
    pub access_token: Secret,
    /// `Bearer`.
    pub token_type: String,
    /// Seconds until it ends.
    pub expires_in: i64,
}

/// A ticket that opens a WebSocket.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WsTicket {
    /// Good once. Never put it into an address.
    pub ticket: Secret,
    /// Seconds until it opens nothing.
    pub expires_in: i64,
}

/// The answer to a registration, known address or not.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegistrationStarted {
    /// `verification_sent`.
    pub status: String,
    /// The flow's secret: whoever finishes with it keeps the password given here (D13).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration_token: Option<Secret>,
}

/// The answer to a wish for a reset, the same for every address.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ResetRequested {
    /// Always `true`.
    pub success: bool,
    /// For people.
    pub message: String,
    /// The flow the letter's code works in; only where one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow: Option<Secret>,
}

/// The caller.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Me {
    /// Whose credential it is.
    pub user: User,
}

/// A session whose owner confirmed that it is them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SteppedUp {
    /// Always `true`.
    pub success: bool,
    /// Until when it counts; RFC 3339, UTC.
    pub valid_until: String,
}

/// Done.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Success {
    /// Always `true`.
    pub success: bool,
}

impl Success {
    /// `{ "success": true }`.
    pub const DONE: Self = Self { success: true };
}
