//! Leaving: what deleting an account asks for, and everything that is handed out before.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{ConsentPurpose, Email, FieldCode, Secret};

/// What may be typed instead of the address.
const PHRASE: &str = "delete my account";

/// `DELETE /api/account`, as it arrives.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeleteAccount {
    /// The account's own address, or the words `delete my account`.
    pub confirmation: String,
}

impl DeleteAccount {
    /// Whether what was typed confirms the deletion of the account with this address.
    ///
    /// # Errors
    /// `Required` for nothing, `Mismatch` for anything else.
    pub fn check(&self, email: &str) -> Result<(), FieldCode> {
        let typed = self.confirmation.trim();
        if typed.is_empty() {
            return Err(FieldCode::Required);
        }
        let is_own = || Email::parse(typed).is_ok_and(|typed| typed.as_str() == email);
        if typed.eq_ignore_ascii_case(PHRASE) || is_own() {
            Ok(())
        } else {
            Err(FieldCode::Mismatch)
        }
    }
}

/// `POST /api/auth/undo-deletion`, as it arrives.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UndoDeletion {
    /// From the mailed link.
    pub token: Secret,
}

/// Everything the portal holds about one person that is not a secret, and nothing about anybody
/// else. Written member by member, so that a new column stays inside until somebody decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountExport {
    /// When it was made, RFC 3339, as all moments here.
    pub exported_at: String,
    /// The account itself.
    pub account: ExportedAccount,
    /// Sessions, those that ended included as long as they are kept.
    pub sessions: Vec<ExportedSession>,
    /// Consents with their history, oldest first.
    pub consents: Vec<ExportedConsent>,
    /// Other systems the account was brought over from.
    pub imports: Vec<ExportedImport>,
    /// Its API keys, and those of tenants it answers for, without the keys themselves.
    pub api_keys: Vec<ExportedApiKey>,
    /// Tenants the account is a member of.
    pub memberships: Vec<ExportedMembership>,
    /// Rights given to the account itself, or to it as a member.
    pub grants: Vec<ExportedGrant>,
    /// What is entrusted to the account.
    pub assignments: Vec<ExportedAssignment>,
    /// Changes of its address, asked for or made.
    pub email_changes: Vec<ExportedEmailChange>,
    /// Letters of the last days, without what stood in them.
    pub letters: Vec<ExportedLetter>,
    /// What the audit log says of the account, newest first.
    pub events: Vec<ExportedEvent>,
    /// `false` when there were more events than are handed out at once.
    pub events_complete: bool,
}

/// The account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExportedAccount {
    /// UUIDv7.
    pub id: String,
    /// Canonical address.
    pub email: String,
    /// When it was proven.
    pub email_verified_at: Option<String>,
    /// As typed.
    pub username: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// The role's name.
    pub role: String,
    /// The tenant.
    pub tenant_id: Option<String>,
    /// When the account came to be.
    pub created_at: String,
    /// When something in it last changed.
    pub updated_at: String,
    /// When the password was last set.
    pub password_changed_at: Option<String>,
    /// The last sign-in.
    pub last_sign_in_at: Option<String>,
}

/// A session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExportedSession {
    /// UUIDv7; the `sid` of its tokens.
    pub id: String,
    /// When it began.
    pub created_at: String,
    /// When it was last used, to the minute.
    pub last_seen_at: String,
    /// When it ends whatever happens.
    pub expires_at: String,
    /// When it was ended before that.
    pub ended_at: Option<String>,
    /// Why.
    pub end_reason: Option<String>,
    /// From which address it was begun.
    pub address: String,
    /// With which `User-Agent`.
    pub agent: String,
    /// How its owner proved who they are.
    pub methods: Vec<String>,
}

/// One consent as it was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExportedConsent {
    /// To what.
    pub purpose: ConsentPurpose,
    /// In which version.
    pub version: String,
    /// When.
    pub given_at: String,
    /// When it was taken back.
    pub withdrawn_at: Option<String>,
    /// From which address it was given.
    pub address: String,
    /// With which `User-Agent`.
    pub agent: String,
}

/// An API key of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExportedApiKey {
    /// UUIDv7.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// How it ends.
    pub last4: String,
    /// What it may do at most.
    pub permissions: Vec<String>,
    /// The tenant it acts in.
    pub tenant_id: Option<String>,
    /// When it was made.
    pub created_at: String,
    /// When it ends.
    pub ends_at: Option<String>,
    /// When it was last used.
    pub last_used_at: Option<String>,
    /// From which address.
    pub last_used_address: Option<String>,
    /// When it was revoked.
    pub revoked_at: Option<String>,
}

/// Another system the account was brought over from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExportedImport {
    /// Which.
    pub source: String,
    /// What it called the account.
    pub external_id: String,
    /// When.
    pub imported_at: String,
}

/// A right that was given beside a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExportedGrant {
    /// `resource:action`, `resource:*` or `*:*`.
    pub pattern: String,
    /// `assigned` where it holds for assigned resources alone.
    pub condition: Option<String>,
    /// The tenant it holds in; `null` everywhere.
    pub tenant_id: Option<String>,
    /// When it was given.
    pub granted_at: String,
}

/// Something that is entrusted to the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExportedAssignment {
    /// The tenant it is in; `null` where it is in none.
    pub tenant_id: Option<String>,
    /// What kind of thing.
    pub resource_type: String,
    /// Which one, by the id of the service that knows it.
    pub resource_id: String,
    /// Since when.
    pub assigned_at: String,
}

/// A tenant the account is a member of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExportedMembership {
    /// Its id.
    pub tenant_id: String,
    /// Its name.
    pub tenant: String,
    /// The role there.
    pub role: String,
    /// Since when.
    pub joined_at: String,
    /// Since when it is suspended.
    pub suspended_at: Option<String>,
}

/// A change of address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExportedEmailChange {
    /// The address before.
    pub old_email: String,
    /// The address wanted.
    pub new_email: String,
    /// When it was asked for.
    pub asked_at: String,
    /// When it was proven and made.
    pub completed_at: Option<String>,
    /// When it was taken back.
    pub undone_at: Option<String>,
}

/// A letter, by its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExportedLetter {
    /// Which.
    pub letter: String,
    /// When the act happened that caused it.
    pub created_at: String,
    /// When it left.
    pub sent_at: Option<String>,
}

/// Something that happened to the account, or that its owner did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExportedEvent {
    /// When.
    pub at: String,
    /// What: `session.started`, `consent.given` …
    pub action: String,
    /// `success` or `refused`.
    pub outcome: String,
    /// `you`, `somebody else` (who, is not yours to have), or `nobody signed in`.
    pub by: String,
    /// From which address; not where somebody else did it.
    pub address: Option<String>,
    /// With which `User-Agent`; not where somebody else did it.
    pub agent: Option<String>,
    /// The rest; empty where somebody else did it or was concerned.
    pub detail: BTreeMap<String, String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ones_own_address_or_the_phrase_confirms() {
        let check = |confirmation: &str| {
            let typed = DeleteAccount {
                confirmation: confirmation.to_owned(),
            };
            typed.check("ada@example.com")
        };
        for good in [
            "ada@example.com",
            " Ada@EXAMPLE.com ",
            "delete my account",
            "Delete My Account",
        ] {
            assert_eq!(check(good), Ok(()), "{good:?}");
        }
        assert_eq!(check(" "), Err(FieldCode::Required));
        for bad in ["yes", "bob@example.com", "delete  my account", "ada", "\0"] {
            assert_eq!(check(bad), Err(FieldCode::Mismatch), "{bad:?}");
        }
    }
}
