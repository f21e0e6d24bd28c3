//! Accounts, as those who look after people see them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Error, FieldCode};

/// The longest reason, in characters.
const LONGEST_REASON: usize = 200;

/// Whether somebody can sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum UserStatus {
    /// They can.
    Active,
    /// They cannot: an admin disabled the account.
    Disabled,
    /// They cannot: they asked for the account to be deleted, and it will be.
    Leaving,
}

impl UserStatus {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Active, Self::Disabled, Self::Leaving];

    /// As it crosses the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
            Self::Leaving => "leaving",
        }
    }

    /// Reads a status; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

impl fmt::Display for UserStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An account that is looked after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ManagedUser {
    /// UUIDv7; never changes.
    pub id: String,
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
    /// The role's name.
    pub role: String,
    /// The active tenant.
    pub tenant_id: Option<String>,
    /// Whether they can sign in.
    pub status: UserStatus,
    /// When the account was made; RFC 3339, UTC.
    pub created_at: String,
    /// When its owner last signed in.
    pub last_login_at: Option<String>,
    /// Since when it is disabled.
    pub disabled_at: Option<String>,
}

impl ManagedUser {
    /// Their name; `None` where only an address is known.
    pub fn name(&self) -> Option<String> {
        let names = [self.first_name.as_deref(), self.last_name.as_deref()];
        let names: Vec<_> = names.into_iter().flatten().collect();
        match names.is_empty() {
            true => self.username.clone(),
            false => Some(names.join(" ")),
        }
    }
}

/// A page of accounts.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ManagedUsers {
    /// Newest first.
    pub users: Vec<ManagedUser>,
    /// Leads to the next page; `null` on the last.
    pub next_cursor: Option<String>,
}

/// One account, and what whoever asks may do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OneManagedUser {
    /// The account.
    pub user: ManagedUser,
    /// Why it was disabled, in the words of whoever did; `null` where it is not, or nobody said.
    pub disabled_reason: Option<String>,
    /// Whether the caller may act on it: not where it has a right the caller lacks.
    pub manageable: bool,
}

/// `POST /api/admin/users/{id}/disable`, as it arrives.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DisableUser {
    /// Why, for whoever looks at the account next: up to 200 characters. Its owner does not see it.
    pub reason: Option<String>,
}

impl DisableUser {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(reason: &str) -> Result<Option<String>, Error> {
        let reason = Some(reason.to_owned());
        DisableUser { reason }.check()
    }

    #[test]
    fn a_reason_is_one_line_of_some_length() {
        assert_eq!(
            checked("  left the company "),
            Ok(Some("left the company".to_owned()))
        );
        assert_eq!(checked(" "), Ok(None));
        assert_eq!(DisableUser::default().check(), Ok(None));
        let longest = "é".repeat(200);
        assert_eq!(checked(&longest), Ok(Some(longest.clone())));
        assert_eq!(
            checked(&format!("{longest}é")),
            Err(Error::field("reason", FieldCode::TooLong))
        );
        for hostile in ["a\nb", "a\u{0}b", "a\u{1b}[2Jb"] {
            assert_eq!(
                checked(hostile),
                Err(Error::field("reason", FieldCode::Invalid))
            );
        }
    }
}
