//! Accounts, as those who look after people see them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Email, Error, FieldCode, FieldError};

/// The longest reason, in characters.
const LONGEST_REASON: usize = 200;
/// The shortest and the longest suspension that ends by itself, in seconds.
const SUSPENSION: std::ops::RangeInclusive<i64> = 60..=366 * 86_400;

/// Whether somebody can sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum UserStatus {
    /// They can.
    Active,
    /// They cannot try a password for a while: too many were wrong.
    Locked,
    /// They cannot for a time: an admin suspended the account, and that ends by itself.
    Suspended,
    /// They cannot: an admin disabled the account, until one enables it.
    Disabled,
    /// They cannot: they or an admin asked for the account to be deleted, and it will be.
    Leaving,
}

impl UserStatus {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Active,
        Self::Locked,
        Self::Suspended,
        Self::Disabled,
        Self::Leaving,
    ];

    /// As it crosses the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Locked => "locked",
            Self::Suspended => "suspended",
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
    /// Since when it is disabled or suspended.
    pub disabled_at: Option<String>,
    /// When a suspension ends by itself; `null` where nothing but an admin ends it.
    pub disabled_until: Option<String>,
    /// Until when no password is tried, after too many that were wrong.
    pub locked_until: Option<String>,
    /// When the account will be deleted.
    pub deletes_at: Option<String>,
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
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ManagedUsers {
    /// In the order that was asked for.
    pub users: Vec<ManagedUser>,
    /// Leads to the next page; `null` on the last.
    pub next_cursor: Option<String>,
    /// How many there are on all pages; `null` where counting would take longer than listing: in a
    /// search, and above 100 000.
    pub total: Option<i64>,
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
    /// For how long: 60 seconds to 366 days; absent: until somebody enables it.
    pub seconds: Option<i64>,
}

/// A reason and a time that hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Disabling {
    /// Why, in the words of whoever does it.
    pub reason: Option<String>,
    /// For how many seconds; `None`: until somebody enables it.
    pub seconds: Option<i64>,
}

impl DisableUser {
    /// Reads the reason, one that is empty is none, and the time.
    ///
    /// # Errors
    /// `reason` too long, or invalid where it holds control characters; `seconds` invalid outside its
    /// bounds.
    pub fn check(&self) -> Result<Disabling, Error> {
        let reason = self.reason.as_deref().unwrap_or_default().trim();
        let mut wrong = Vec::new();
        if reason.chars().count() > LONGEST_REASON {
            wrong.push(FieldError::new("reason", FieldCode::TooLong));
        } else if reason.chars().any(char::is_control) {
            wrong.push(FieldError::new("reason", FieldCode::Invalid));
        }
        if self.seconds.is_some_and(|time| !SUSPENSION.contains(&time)) {
            wrong.push(FieldError::new("seconds", FieldCode::Invalid));
        }
        if !wrong.is_empty() {
            return Err(Error::fields(wrong));
        }
        Ok(Disabling {
            reason: (!reason.is_empty()).then(|| reason.to_owned()),
            seconds: self.seconds,
        })
    }
}

/// `DELETE /api/admin/users/{id}`, as it arrives.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeleteUser {
    /// The account's address, typed once more. May be left out unless nothing can be kept.
    pub confirmation: Option<String>,
    /// Deleted now, and not after the 14 days in which it can be kept.
    pub immediately: Option<bool>,
}

impl DeleteUser {
    /// Whether what was typed confirms the deletion of the account with this address. What can be kept for
    /// 14 days needs no confirmation; one that is given has to hold.
    ///
    /// # Errors
    /// `Required` for nothing, `Mismatch` for anything else.
    pub fn check(&self, email: &str) -> Result<(), FieldCode> {
        let typed = match &self.confirmation {
            Some(typed) => typed.trim(),
            None if self.is_immediate() => "",
            None => return Ok(()),
        };
        if typed.is_empty() {
            return Err(FieldCode::Required);
        }
        match Email::parse(typed) {
            Ok(typed) if typed.as_str() == email => Ok(()),
            _ => Err(FieldCode::Mismatch),
        }
    }

    /// Whether nothing is left to be kept.
    pub fn is_immediate(&self) -> bool {
        self.immediately.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(reason: &str) -> Result<Option<String>, Error> {
        let request = DisableUser {
            reason: Some(reason.to_owned()),
            seconds: None,
        };
        request.check().map(|disabling| disabling.reason)
    }

    #[test]
    fn a_suspension_lasts_a_minute_or_a_year_and_nothing_beyond() {
        let check = |seconds| {
            let reason = None;
            DisableUser { reason, seconds }.check().is_ok()
        };
        assert!(check(None) && check(Some(60)) && check(Some(366 * 86_400)));
        for seconds in [i64::MIN, -1, 0, 59, 366 * 86_400 + 1, i64::MAX] {
            assert!(!check(Some(seconds)), "{seconds}");
        }
    }

    #[test]
    fn an_account_is_deleted_by_its_address_and_no_other_words() {
        let asked = |confirmation: Option<&str>, immediately| {
            let confirmation = confirmation.map(str::to_owned);
            DeleteUser {
                confirmation,
                immediately,
            }
            .check("ada@example.com")
        };
        assert_eq!(asked(None, None), Ok(()), "it can be kept");
        assert_eq!(asked(None, Some(true)), Err(FieldCode::Required));
        let check = |confirmation| asked(Some(confirmation), None);
        assert_eq!(check(" Ada@Example.com "), Ok(()));
        assert_eq!(check(" "), Err(FieldCode::Required));
        for other in ["eve@example.com", "delete my account", "yes", "ada"] {
            assert_eq!(check(other), Err(FieldCode::Mismatch), "{other}");
        }
    }

    #[test]
    fn a_reason_is_one_line_of_some_length() {
        assert_eq!(
            checked("  left the company "),
            Ok(Some("left the company".to_owned()))
        );
        assert_eq!(checked(" "), Ok(None));
        assert_eq!(DisableUser::default().check(), Ok(Disabling::default()));
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
