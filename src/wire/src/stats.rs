//! What the administration's first page tells.

use serde::{Deserialize, Serialize};

/// `GET /api/admin/stats`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Stats {
    /// Over how many days new accounts and sign-ins are told: 7, 30 or 90.
    pub days: u32,
    /// Accounts.
    pub users: UserTotals,
    /// Sign-ins, day by day, the oldest first; every day of the time is there.
    pub sign_ins: Vec<SignInDay>,
    /// Letters that have not left.
    pub outbox: OutboxState,
    /// API keys.
    pub api_keys: ApiKeyTotals,
    /// What should be looked at, the gravest first. Empty when nothing should.
    pub posture: Vec<Finding>,
}

impl Stats {
    /// Reads over how many days is asked; `None` for any other text than `7`, `30` and `90`.
    pub fn days(text: &str) -> Option<u32> {
        let known = [7, 30, 90];
        known.into_iter().find(|days| days.to_string() == text)
    }
}

/// How many accounts there are, and how they stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserTotals {
    /// All of them.
    pub total: i64,
    /// Made in the time asked for.
    pub new: i64,
    /// Whose owners were there.
    pub active: ActiveUsers,
    /// After too many wrong passwords no password is tried just now.
    pub locked: i64,
    /// Suspended for a time.
    pub suspended: i64,
    /// Disabled until somebody enables them.
    pub disabled: i64,
    /// About to be deleted.
    pub leaving: i64,
}

/// How many people signed in or used a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActiveUsers {
    /// In the last 24 hours.
    pub day: i64,
    /// In the last 7 days.
    pub week: i64,
    /// In the last 30 days.
    pub month: i64,
}

/// The sign-ins of one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignInDay {
    /// The day, UTC: `2026-11-21`.
    pub date: String,
    /// How many were completed.
    pub succeeded: i64,
    /// How many were refused.
    pub failed: i64,
}

/// Letters that have not left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OutboxState {
    /// How many wait or are under way.
    pub due: i64,
    /// How many were given up.
    pub dead: i64,
    /// For how many seconds the oldest has been waiting; 0 when none does.
    pub oldest_due_seconds: i64,
}

/// API keys, as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKeyTotals {
    /// How many end within seven days: those that `GET /api/admin/keys?status=expiring` lists.
    pub ending: i64,
}

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Weight {
    /// Somebody could be hurt by it.
    Danger,
    /// It will go wrong one day.
    Warning,
    /// It could be better.
    Advice,
}

/// Something about this portal that should be looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Finding {
    /// Its name, for programs: `plain_http`, `one_admin`.
    pub code: String,
    /// How grave it is.
    pub weight: Weight,
    /// What is the matter, in a sentence.
    pub sentence: String,
    /// What to do about it, in a sentence.
    pub advice: String,
    /// The page of the portal where that is done, or that says how things are; `null` where it is done at
    /// the machine.
    pub page: Option<String>,
}
