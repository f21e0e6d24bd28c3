//! Settings, as they hold and where they come from.

use serde::{Deserialize, Serialize};

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum SettingSource {
    /// Nobody said anything.
    Default,
    /// The settings file.
    File,
    /// A variable of the environment.
    Environment,
    /// The command line.
    Flag,
}

impl SettingSource {
    /// In a word, for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Default => "Default",
            Self::File => "File",
            Self::Environment => "Environment",
            Self::Flag => "Command line",
        }
    }
}

/// One setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Setting {
    /// As the file names it: `server.public_url`.
    pub name: String,
    /// What it decides; `null` where its name says it.
    pub about: Option<String>,
    /// What holds; `null` where nothing is set. Of a secret only `set`.
    pub value: Option<String>,
    /// What holds where nobody says anything; `null` where that follows from other settings, or is nothing.
    pub default: Option<String>,
    /// Where the value comes from.
    pub source: SettingSource,
    /// Which file, variable or flag; `null` for a default.
    pub origin: Option<String>,
    /// Whether the value is never shown.
    pub is_secret: bool,
}

impl Setting {
    /// The part of the name that similar settings share.
    pub fn group(&self) -> &str {
        self.name
            .split_once('.')
            .map_or("general", |(group, _)| group)
    }
}

/// `GET /api/admin/settings`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Settings {
    /// All of them, by name within their group.
    pub settings: Vec<Setting>,
}
