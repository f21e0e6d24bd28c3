//! Tenants and their members, as they arrive and as they are shown (req 93, 107–110).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::invitation::role;
use crate::request::Wrong;
use crate::{Change, Email, Error, FieldCode, InviteMany, Offer, Pattern, Tenant, TenantName};

/// The most patterns a member is given beside their role.
const MOST_PATTERNS: usize = 200;

/// `PATCH /api/admin/tenants/{id}`, as it arrives.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RenameTenant {
    /// Up to 100 characters.
    pub name: String,
}

impl RenameTenant {
    /// Reads the name.
    ///
    /// # Errors
    /// `name` required, too long or invalid.
    pub fn check(&self) -> Result<TenantName, Error> {
        TenantName::parse(&self.name).map_err(|code| Error::field("name", code))
    }
}

/// `DELETE /api/admin/tenants/{id}`, as it arrives.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeleteTenant {
    /// The tenant's name, typed once more.
    pub name: String,
}

/// One tenant, and what deleting it would touch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OneTenant {
    /// The tenant.
    pub tenant: Tenant,
    /// How many members it has, suspended ones included.
    pub members: i64,
    /// How many of them look after it: hold `tenant:manage` there, and are not suspended.
    pub managers: i64,
    /// How many invitations wait.
    pub invitations: i64,
    /// How many live sessions act in it.
    pub sessions: i64,
    /// How many API keys act in it that are not over: its own, and its members'. They end with it.
    pub keys: i64,
    /// Whether the caller may rename and delete it, and add accounts: holds `system:config`.
    pub portal_wide: bool,
}

/// Whether a membership is in force. Who is only invited is no member yet, and listed elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum MemberStatus {
    /// It is.
    Active,
    /// It gives nothing until somebody resumes it.
    Suspended,
}

impl MemberStatus {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Active, Self::Suspended];

    /// As it crosses the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }

    /// Reads a status; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

impl fmt::Display for MemberStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A member of a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Member {
    /// The account.
    pub user_id: String,
    /// Its canonical address.
    pub email: String,
    /// As its owner typed it.
    pub username: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// The role of the membership: what it gives holds in this tenant alone.
    pub role: String,
    /// Whether the membership is in force.
    pub status: MemberStatus,
    /// When they joined; RFC 3339, UTC.
    pub joined_at: String,
    /// Since when the membership is suspended.
    pub suspended_at: Option<String>,
}

impl Member {
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

/// A page of members, the newest first.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Members {
    /// The page.
    pub members: Vec<Member>,
    /// Leads to the next page; `null` on the last.
    pub next_cursor: Option<String>,
}

/// One member, and what whoever asks may do about them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OneMember {
    /// The member.
    pub member: Member,
    /// What they were given in this tenant beside their role, as it was written.
    pub patterns: Vec<String>,
    /// The same, for resources they are assigned to alone.
    pub assigned: Vec<String>,
    /// What they may do acting here: every permission, by name.
    pub permissions: Vec<String>,
    /// Whether the caller may act on the membership: not where the member has a right the caller lacks,
    /// and not on their own.
    pub manageable: bool,
    /// Whether nobody else looks after the tenant.
    pub last_manager: bool,
    /// How many API keys act here by the rights of this member and are not over: their own, and the
    /// tenant's that they answer for. They stop when the membership does.
    pub keys: i64,
    /// Names the membership as it stands, to be sent along with a change.
    pub version: String,
}

/// `POST /api/admin/tenants/{id}/members`, as it arrives.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AddMember {
    /// The address of an account that exists.
    pub email: String,
    /// What they shall be in the tenant.
    pub role: String,
}

impl AddMember {
    /// Reads both.
    ///
    /// # Errors
    /// All fields that are wrong, not only the first.
    pub fn check(&self) -> Result<(Email, String), Error> {
        let mut wrong = Wrong::default();
        let email = wrong.take("email", Email::parse(&self.email));
        let role = wrong.take("role", role(&self.role));
        let (Some(email), Some(role)) = (email, role) else {
            return Err(wrong.into_error());
        };
        wrong.or((email, role))
    }
}

/// `PATCH /api/admin/tenants/{id}/members/{userId}`, as it arrives. What is left out stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EditMember {
    /// What they shall be in the tenant.
    pub role: Option<String>,
    /// All they shall be given beside it: `resource:action`, `resource:*` or `*:*`.
    pub patterns: Option<Vec<String>>,
    /// The same, for resources they are assigned to alone.
    pub assigned: Option<Vec<String>>,
    /// `active` or `suspended`.
    pub status: Option<String>,
    /// The `version` that was read: changed meanwhile, nothing is changed.
    pub version: Option<String>,
}

/// How a membership shall be, every field in order; `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberChange {
    /// The role.
    pub role: Option<String>,
    /// What is given without condition.
    pub patterns: Option<Vec<Pattern>>,
    /// What is given for assigned resources alone.
    pub assigned: Option<Vec<Pattern>>,
    /// Whether it is in force.
    pub status: Option<MemberStatus>,
    /// The version that was read, where one was.
    pub version: Option<String>,
}

impl EditMember {
    /// Reads every field.
    ///
    /// # Errors
    /// All fields that are wrong, not only the first.
    pub fn check(&self) -> Result<MemberChange, Error> {
        let mut wrong = Wrong::default();
        let named = self.role.as_deref();
        let role = named.and_then(|named| wrong.take("role", role(named)));
        let mut list = |name, texts: Option<&Vec<String>>| {
            texts.and_then(|texts| wrong.take(name, patterns(texts)))
        };
        let patterns = list("patterns", self.patterns.as_ref());
        let assigned = list("assigned", self.assigned.as_ref());
        let status = self.status.as_deref().and_then(|status| {
            wrong.take(
                "status",
                MemberStatus::parse(status).ok_or(FieldCode::Invalid),
            )
        });
        wrong.or(MemberChange {
            role,
            patterns,
            assigned,
            status,
            version: self.version.clone(),
        })
    }
}

/// Sorted, each once.
fn patterns(texts: &[String]) -> Result<Vec<Pattern>, FieldCode> {
    if texts.len() > MOST_PATTERNS {
        return Err(FieldCode::TooLong);
    }
    let read = texts.iter().map(|text| Pattern::parse(text));
    let mut read = read.collect::<Result<Vec<_>, _>>()?;
    read.sort();
    read.dedup();
    Ok(read)
}

/// `POST /api/admin/tenants/{id}/invitations`, as it arrives.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InviteMembers {
    /// Up to 100 addresses.
    pub emails: Vec<String>,
    /// What everybody shall be in the tenant.
    pub role: String,
}

impl InviteMembers {
    /// Reads what holds for all, and takes the addresses as they are ([`InviteMany::check`]).
    ///
    /// # Errors
    /// `emails` required or too long, `role` required.
    pub fn check(&self) -> Result<(Vec<String>, Offer), Error> {
        let many = InviteMany {
            emails: self.emails.clone(),
            role: self.role.clone(),
            tenant_id: None,
        };
        many.check()
    }
}

/// A tenant one belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OwnTenant {
    /// UUIDv7; the `tenantId` of tokens.
    pub id: String,
    /// Its name.
    pub name: String,
    /// One's role there.
    pub role: String,
    /// Whether one's membership is in force.
    pub status: MemberStatus,
    /// When one joined; RFC 3339, UTC.
    pub joined_at: String,
    /// Whether this session acts there.
    pub active: bool,
    /// Whether one looks after it: holds `tenant:manage` there.
    pub manageable: bool,
}

/// The tenants one belongs to, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OwnTenants {
    /// All of them.
    pub tenants: Vec<OwnTenant>,
}

/// `POST /api/account/tenant`, as it arrives.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SwitchTenant {
    /// Where this session shall act; `null`: in none. It has to be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub tenant_id: Change<String>,
}

impl SwitchTenant {
    /// Reads where to.
    ///
    /// # Errors
    /// `tenantId` required.
    pub fn check(self) -> Result<Option<String>, Error> {
        self.tenant_id
            .ok_or_else(|| Error::field("tenantId", FieldCode::Required))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_membership_changes_in_what_is_said_alone() {
        let texts = |texts: &[&str]| Some(texts.iter().map(|&text| text.to_owned()).collect());
        let change = EditMember {
            patterns: texts(&["workflow.read", "a:*", "workflow:read"]),
            status: Some("suspended".to_owned()),
            ..EditMember::default()
        };
        let change = change.check().expect("holds");
        let written: Vec<_> = change
            .patterns
            .iter()
            .flatten()
            .map(Pattern::as_str)
            .collect();
        assert_eq!(written, ["a:*", "workflow:read"]);
        assert_eq!(change.status, Some(MemberStatus::Suspended));
        assert_eq!((change.role, change.assigned), (None, None));
        assert_eq!(EditMember::default().check(), Ok(MemberChange::default()));
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let wrong = EditMember {
            role: Some(" ".to_owned()),
            patterns: Some(vec!["*:read".to_owned()]),
            assigned: Some(vec!["a:b".to_owned(); 201]),
            status: Some("invited".to_owned()),
            version: None,
        };
        let fields = wrong.check().expect_err("does not hold").fields;
        let said: Vec<_> = fields
            .iter()
            .map(|field| (field.field.as_str(), field.code))
            .collect();
        assert_eq!(
            said,
            [
                ("role", FieldCode::Required),
                ("patterns", FieldCode::Invalid),
                ("assigned", FieldCode::TooLong),
                ("status", FieldCode::Invalid)
            ]
        );
    }

    #[test]
    fn acting_in_no_tenant_has_to_be_said() {
        assert!(SwitchTenant::default().check().is_err());
        let alone = SwitchTenant {
            tenant_id: Some(None),
        };
        assert_eq!(alone.check(), Ok(None));
    }
}
