//! The settings as they are written: what `gatehouse.toml` may hold, section by section.
//!
//! Texts stay texts here, so that `check` can say everything that is wrong at once and name the
//! setting by its own words.

use std::path::PathBuf;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use wire::Secret;

/// What is written in place of a secret.
pub(super) const SET: &str = "set";

/// A secret as it is written. It is read as a text, and never written as one: whoever lists settings
/// cannot show it.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct Hidden(pub(super) Secret);

impl Serialize for Hidden {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(SET)
    }
}

/// Every setting there is. Its default values are the product's.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    pub(super) data_dir: Option<PathBuf>,
    pub(super) keys_file: Option<PathBuf>,
    pub(super) server: Server,
    pub(super) database: Database,
    pub(super) mail: Mail,
    pub(super) hash: Hash,
    pub(super) limits: Limits,
    pub(super) tokens: Tokens,
    pub(super) api_keys: ApiKeys,
    pub(super) sessions: Sessions,
    pub(super) registration: Registration,
    pub(super) sign_in: SignIn,
    pub(super) password: Password,
    pub(super) consents: Consents,
    pub(super) metrics: Metrics,
    pub(super) log: Log,
    pub(super) audit: Audit,
    pub(super) security: Security,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Server {
    pub(super) bind: Option<String>,
    pub(super) public_url: Option<String>,
    #[serde(deserialize_with = "list")]
    pub(super) allowed_origins: Vec<String>,
    #[serde(deserialize_with = "list")]
    pub(super) trusted_proxies: Vec<String>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Database {
    pub(super) url: Option<Hidden>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mail {
    pub(super) transport: Option<String>,
    pub(super) from: Option<String>,
    pub(super) deliveries: Option<usize>,
    pub(super) smtp: Smtp,
    pub(super) resend: Resend,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Smtp {
    pub(super) host: Option<String>,
    pub(super) port: Option<u16>,
    pub(super) user: Option<String>,
    pub(super) pass: Option<Hidden>,
    pub(super) security: Option<String>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Resend {
    pub(super) api_key: Option<Hidden>,
    pub(super) url: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Hash {
    pub(super) memory_kib: u32,
    pub(super) iterations: u32,
    pub(super) lanes: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Limits {
    pub(super) multiplier: f64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tokens {
    pub(super) access_seconds: i64,
    pub(super) algorithm: String,
    pub(super) audience: String,
    pub(super) rotate_days: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ApiKeys {
    pub(super) per_account: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sessions {
    pub(super) preset: String,
    pub(super) idle_seconds: Option<i64>,
    pub(super) idle_unremembered_seconds: Option<i64>,
    pub(super) absolute_seconds: Option<i64>,
    pub(super) per_account: Option<i64>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Registration {
    pub(super) verification: String,
    pub(super) default_role: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SignIn {
    pub(super) email_code: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Password {
    pub(super) preset: String,
    pub(super) breach_filter: Option<PathBuf>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Consents {
    pub(super) terms: Document,
    pub(super) data_processing: Document,
    pub(super) ai_interaction: Document,
    pub(super) data_retention: Document,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    pub(super) version: Option<String>,
    pub(super) url: Option<String>,
    pub(super) required: Option<bool>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Metrics {
    pub(super) bind: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Log {
    pub(super) format: Option<String>,
    pub(super) level: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Audit {
    pub(super) retention_days: i64,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Security {
    pub(super) contact: Option<String>,
}

impl Default for Hash {
    fn default() -> Self {
        let cost = auth::Settings::default().hash;
        Self {
            memory_kib: cost.memory_kib,
            iterations: cost.iterations,
            lanes: cost.lanes,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { multiplier: 1.0 }
    }
}

impl Default for Tokens {
    fn default() -> Self {
        let core = auth::Settings::default();
        Self {
            access_seconds: core.access_seconds,
            algorithm: core.algorithm.as_str().to_owned(),
            audience: core.audience,
            rotate_days: core.rotate_days,
        }
    }
}

impl Default for ApiKeys {
    fn default() -> Self {
        Self {
            per_account: auth::Settings::default().api_keys.most,
        }
    }
}

impl Default for Sessions {
    fn default() -> Self {
        Self {
            preset: "default".to_owned(),
            idle_seconds: None,
            idle_unremembered_seconds: None,
            absolute_seconds: None,
            per_account: None,
        }
    }
}

impl Default for Registration {
    fn default() -> Self {
        let role = auth::Settings::default().default_role;
        Self {
            verification: "required".to_owned(),
            default_role: role,
        }
    }
}

impl Default for SignIn {
    fn default() -> Self {
        Self {
            email_code: auth::Settings::default().email_code,
        }
    }
}

impl Default for Password {
    fn default() -> Self {
        Self {
            preset: "default".to_owned(),
            breach_filter: None,
        }
    }
}

impl Default for Audit {
    fn default() -> Self {
        Self {
            retention_days: auth::Settings::default().audit_retention_days,
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self {
            format: None,
            level: "info".to_owned(),
        }
    }
}

/// A list: an array in the file, a text with commas in a variable.
fn list<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Text(String),
        Many(Vec<String>),
    }
    let all = match Either::deserialize(from)? {
        Either::Text(text) => text.split(',').map(str::to_owned).collect(),
        Either::Many(many) => many,
    };
    let trimmed = all.into_iter().map(|one| one.trim().to_owned());
    Ok(trimmed.filter(|one| !one.is_empty()).collect())
}
