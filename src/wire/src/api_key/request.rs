//! What is asked about keys: first as it arrives, then in order.

use serde::{Deserialize, Serialize};

use crate::request::Wrong;
use crate::{Change, Error, FieldCode, KeyName, Permission, Secret};

/// How long a key lives unless said otherwise, in days.
const USUAL_DAYS: i64 = 90;
/// The longest life there is beside an endless one: ten years.
const MOST_DAYS: i64 = 3650;
/// Uses an hour unless said otherwise (req 80).
const USUAL_RATE: i64 = 1000;
/// Above this a limit limits nothing.
const MOST_RATE: i64 = 1_000_000;
/// The longest overlap, in seconds: seven days.
const MOST_OVERLAP: i64 = 7 * 86_400;
/// Names of permissions read at all.
const MOST_PERMISSIONS: usize = 200;
/// The longest reason, in characters.
const LONGEST_REASON: usize = 200;

/// `POST /api/keys`, as it arrives.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(rename_all = "camelCase"))]
pub struct CreateApiKey {
    /// 1 to 255 characters.
    pub name: String,
    /// What it may do: names of permissions that whoever makes it holds. No wildcards.
    pub permissions: Vec<String>,
    /// 1 to 3650; left out: 90; `null`: it never expires.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    pub expires_in_days: Change<i64>,
    /// Uses an hour, 1 to 1,000,000; left out: 1000.
    pub rate_limit: Option<i64>,
}

/// A key somebody wants, every field in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewApiKey {
    /// What it is called.
    pub name: KeyName,
    /// What it may do: sorted, each once.
    pub permissions: Vec<Permission>,
    /// How long it lives; `None`: without end.
    pub days: Option<i64>,
    /// Uses an hour.
    pub rate_limit: i64,
}

impl CreateApiKey {
    /// Reads every field.
    ///
    /// # Errors
    /// All fields that are wrong, not only the first.
    pub fn check(&self) -> Result<NewApiKey, Error> {
        let mut wrong = Wrong::default();
        let name = wrong.take("name", KeyName::parse(&self.name));
        let permissions = wrong.take("permissions", permissions(&self.permissions));
        let days = match self.expires_in_days {
            None => Some(USUAL_DAYS),
            Some(None) => None,
            Some(Some(days)) => wrong.take("expiresInDays", within(days, 1, MOST_DAYS)),
        };
        let rate = self.rate_limit.unwrap_or(USUAL_RATE);
        let rate_limit = wrong.take("rateLimit", within(rate, 1, MOST_RATE));
        match (name, permissions, rate_limit) {
            (Some(name), Some(permissions), Some(rate_limit)) => wrong.or(NewApiKey {
                name,
                permissions,
                days,
                rate_limit,
            }),
            _ => Err(wrong.into_error()),
        }
    }
}

/// `PATCH /api/keys/{id}`, as it arrives. What is left out stays.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(rename_all = "camelCase"))]
pub struct UpdateApiKey {
    /// 1 to 255 characters.
    pub name: Option<String>,
    /// What it may do from now on: what it may already, or what its owner holds.
    pub permissions: Option<Vec<String>>,
    /// Uses an hour, 1 to 1,000,000.
    pub rate_limit: Option<i64>,
}

/// What shall be otherwise with a key, every field in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiKeyChange {
    /// What it is called.
    pub name: Option<KeyName>,
    /// What it may do: sorted, each once.
    pub permissions: Option<Vec<Permission>>,
    /// Uses an hour.
    pub rate_limit: Option<i64>,
}

impl UpdateApiKey {
    /// Reads every field.
    ///
    /// # Errors
    /// All fields that are wrong, not only the first.
    pub fn check(&self) -> Result<ApiKeyChange, Error> {
        let mut wrong = Wrong::default();
        let name = self.name.as_deref().map(KeyName::parse);
        let listed = self.permissions.as_deref().map(permissions);
        let rate = self.rate_limit.map(|rate| within(rate, 1, MOST_RATE));
        let change = ApiKeyChange {
            name: name.and_then(|name| wrong.take("name", name)),
            permissions: listed.and_then(|listed| wrong.take("permissions", listed)),
            rate_limit: rate.and_then(|rate| wrong.take("rateLimit", rate)),
        };
        wrong.or(change)
    }
}

/// `POST /api/keys/{id}/rotate`, as it arrives.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(rename_all = "camelCase"))]
pub struct RotateApiKey {
    /// For how long the old key still works: 0 to 604800 seconds; left out: it ends at once.
    pub overlap_seconds: Option<i64>,
}

impl RotateApiKey {
    /// Reads the overlap.
    ///
    /// # Errors
    /// `overlapSeconds` invalid.
    pub fn check(&self) -> Result<i64, Error> {
        within(self.overlap_seconds.unwrap_or(0), 0, MOST_OVERLAP)
            .map_err(|code| Error::field("overlapSeconds", code))
    }
}

/// `POST /api/keys/revoke-leaked`, as it arrives.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportLeak {
    /// The key that was found where it does not belong.
    pub key: Secret,
}

/// `POST /api/admin/keys/{id}/revoke`, as it arrives.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RevokeApiKey {
    /// Why, for the audit log: up to 200 characters.
    pub reason: Option<String>,
}

impl RevokeApiKey {
    /// Reads the reason; one that is empty is none.
    ///
    /// # Errors
    /// `reason` too long, or invalid where it holds control characters.
    pub fn check(&self) -> Result<Option<String>, Error> {
        let reason = self.reason.as_deref().unwrap_or_default().trim();
        if reason.chars().count() > LONGEST_REASON {
            return Err(Error::field("reason", FieldCode::TooLong));
        }
        if reason.chars().any(char::is_control) {
            return Err(Error::field("reason", FieldCode::Invalid));
        }
        Ok((!reason.is_empty()).then(|| reason.to_owned()))
    }
}

fn within(number: i64, least: i64, most: i64) -> Result<i64, FieldCode> {
    match (least..=most).contains(&number) {
        true => Ok(number),
        false => Err(FieldCode::Invalid),
    }
}

fn permissions(listed: &[String]) -> Result<Vec<Permission>, FieldCode> {
    if listed.len() > MOST_PERMISSIONS {
        return Err(FieldCode::TooLong);
    }
    let read = listed.iter().map(|name| Permission::parse(name));
    let mut read = read.collect::<Result<Vec<_>, _>>()?;
    read.sort();
    read.dedup();
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(name: &str, permissions: &[&str]) -> CreateApiKey {
        CreateApiKey {
            name: name.to_owned(),
            permissions: permissions.iter().map(|&name| name.to_owned()).collect(),
            ..CreateApiKey::default()
        }
    }

    #[test]
    fn a_key_lives_ninety_days_and_is_used_a_thousand_times_an_hour_unless_said_otherwise() {
        let key = wanted(" CI ", &["workflow.read", "a:b", "workflow:read"]).check();
        let key = key.expect("in order");
        assert_eq!((key.days, key.rate_limit), (Some(90), 1000));
        assert_eq!(key.name.as_str(), "CI");
        let names: Vec<_> = key.permissions.iter().map(Permission::as_str).collect();
        assert_eq!(names, ["a:b", "workflow:read"]);
        let endless = CreateApiKey {
            expires_in_days: Some(None),
            ..wanted("CI", &[])
        };
        assert_eq!(endless.check().map(|key| key.days), Ok(None));
    }

    #[test]
    fn every_field_that_is_wrong_is_named() {
        let hostile = CreateApiKey {
            expires_in_days: Some(Some(0)),
            rate_limit: Some(1_000_001),
            ..wanted("", &["*:*"])
        };
        let error = hostile.check().expect_err("is refused");
        let fields: Vec<_> = error.fields.iter().map(|one| one.field.as_str()).collect();
        assert_eq!(
            fields,
            ["name", "permissions", "expiresInDays", "rateLimit"]
        );
        for days in [-1, 3651, i64::MAX, i64::MIN] {
            let key = CreateApiKey {
                expires_in_days: Some(Some(days)),
                ..wanted("CI", &[])
            };
            assert!(key.check().is_err(), "{days}");
        }
        let too_many: Vec<_> = (0..201).map(|n| format!("a:b{n}")).collect();
        let too_many: Vec<_> = too_many.iter().map(String::as_str).collect();
        assert!(wanted("CI", &too_many).check().is_err());
        assert!(wanted(&"x".repeat(256), &[]).check().is_err());
        assert!(wanted("a\nb", &[]).check().is_err());
    }

    #[test]
    fn an_overlap_is_a_week_at_most() {
        let overlap = |seconds| {
            let overlap_seconds = Some(seconds);
            RotateApiKey { overlap_seconds }.check()
        };
        assert_eq!(RotateApiKey::default().check(), Ok(0));
        assert_eq!(overlap(604_800), Ok(604_800));
        assert!(overlap(604_801).is_err() && overlap(-1).is_err());
    }
}
