//! Asking whether something may be done (req 94, 95, 102), and what is entrusted to whom (req 87).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::request::Wrong;
use crate::{Error, FieldCode, FieldError, Permission};

/// The most questions of one request.
pub const MOST_CHECKS: usize = 100;
/// The longest id of a resource, in bytes.
const LONGEST_ID: usize = 200;

/// A thing some service knows: what kind it is, and which one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Resource {
    /// What kind: a word of `a-z`, `0-9`, `_`, `-`, at most 64.
    #[serde(rename = "type")]
    pub kind: String,
    /// Which one, by the service's own id: up to 200 visible ASCII characters.
    pub id: String,
}

impl Resource {
    /// Judges both.
    ///
    /// # Errors
    /// `Invalid`, `TooLong` or `Required` of `type` or `id`.
    pub fn check(&self) -> Result<(), (&'static str, FieldCode)> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
        match self.kind.len() {
            0 => return Err(("type", FieldCode::Required)),
            1..=64 if self.kind.bytes().all(plain) => {}
            1..=64 => return Err(("type", FieldCode::Invalid)),
            _ => return Err(("type", FieldCode::TooLong)),
        }
        match self.id.len() {
            0 => Err(("id", FieldCode::Required)),
            1..=LONGEST_ID if self.id.bytes().all(|b| b.is_ascii_graphic()) => Ok(()),
            1..=LONGEST_ID => Err(("id", FieldCode::Invalid)),
            _ => Err(("id", FieldCode::TooLong)),
        }
    }
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuthzCheck {
    /// `resource:action`; `resource.action` is read the same.
    pub permission: String,
    /// In which tenant; left out: the one the caller acts in.
    pub tenant_id: Option<String>,
    /// On what. Matters where the right holds for assigned resources alone.
    pub resource: Option<Resource>,
}

/// `POST /api/authz/check`, as it arrives.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuthzChecks {
    /// 1 to 100 questions.
    pub checks: Vec<AuthzCheck>,
}

/// One question that was read.
#[derive(Clone, Debug)]
pub struct Question {
    /// What for.
    pub permission: Permission,
    /// Where.
    pub tenant_id: Option<String>,
    /// On what.
    pub resource: Option<Resource>,
}

impl AuthzChecks {
    /// Reads every question.
    ///
    /// # Errors
    /// One entry for each that is wrong, as `checks[3].permission`.
    pub fn check(self) -> Result<Vec<Question>, Error> {
        match self.checks.len() {
            0 => return Err(Error::field("checks", FieldCode::Required)),
            1..=MOST_CHECKS => {}
            _ => return Err(Error::field("checks", FieldCode::TooLong)),
        }
        let (mut questions, mut wrong) = (Vec::new(), Vec::new());
        for (at, check) in self.checks.into_iter().enumerate() {
            let mut note = |member: &str, code| {
                wrong.push(FieldError::new(format!("checks[{at}].{member}"), code));
            };
            if let Some(Err((member, code))) = check.resource.as_ref().map(Resource::check) {
                note(&format!("resource.{member}"), code);
            }
            match Permission::parse(&check.permission) {
                Err(code) => note("permission", code),
                Ok(permission) => questions.push(Question {
                    permission,
                    tenant_id: check.tenant_id,
                    resource: check.resource,
                }),
            }
        }
        match wrong.is_empty() {
            true => Ok(questions),
            false => Err(Error::fields(wrong)),
        }
    }
}

/// Why something may be done, or not. Codes are append-only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum DecisionReason {
    /// The role of the account gives it.
    GrantedByRole,
    /// It was given to the account beside its role.
    GrantedByGrant,
    /// The membership of the tenant gives it.
    GrantedByMembership,
    /// It holds for assigned resources alone, and this is one.
    GrantedByAssignment,
    /// Nothing gives it.
    NotHeld,
    /// It holds for assigned resources alone: this is none, or none was named.
    NotAssigned,
    /// The caller is no member of that tenant.
    NotAMember,
    /// There is no such permission.
    UnknownPermission,
    /// The owner of the API key holds it, the key does not.
    KeyLacksPermission,
    /// The address of the account is not proven, so it holds nothing yet.
    EmailNotVerified,
}

impl DecisionReason {
    /// Whether it may be done.
    pub fn is_granted(self) -> bool {
        matches!(
            self,
            Self::GrantedByRole
                | Self::GrantedByGrant
                | Self::GrantedByMembership
                | Self::GrantedByAssignment
        )
    }
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Decision {
    /// Whether it may be done.
    pub granted: bool,
    /// Why, or why not.
    pub reason: DecisionReason,
    /// What it depends on: `assigned`. Empty where the right holds without condition, or not at all.
    pub conditions: Vec<String>,
}

impl Decision {
    /// An answer that depends on nothing.
    pub fn of(reason: DecisionReason) -> Self {
        Self {
            granted: reason.is_granted(),
            reason,
            conditions: Vec::new(),
        }
    }

    /// An answer that depends on an assignment.
    pub fn bound(reason: DecisionReason) -> Self {
        Self {
            conditions: vec!["assigned".to_owned()],
            ..Self::of(reason)
        }
    }
}

/// The answers, in the order of the questions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Decisions {
    /// One for each question.
    pub results: Vec<Decision>,
}

/// `POST /api/admin/assignments`, as it arrives.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AddAssignment {
    /// Who.
    pub user_id: String,
    /// In which tenant, as a member; left out: acting in none.
    pub tenant_id: Option<String>,
    /// What kind of thing.
    pub resource_type: String,
    /// Which one.
    pub resource_id: String,
}

impl AddAssignment {
    /// Reads the resource; whether there is such an account and tenant is the core's to say.
    ///
    /// # Errors
    /// One entry for each field that is wrong.
    pub fn check(&self) -> Result<Resource, Error> {
        let resource = Resource {
            kind: self.resource_type.clone(),
            id: self.resource_id.clone(),
        };
        let mut wrong = Wrong::default();
        match resource.check() {
            Err(("type", code)) => wrong.add("resourceType", code),
            Err((_, code)) => wrong.add("resourceId", code),
            Ok(()) => {}
        }
        wrong.or(resource)
    }
}

/// Something that is entrusted to somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Assignment {
    /// UUIDv7.
    pub id: String,
    /// Who.
    pub user_id: String,
    /// Their address.
    pub email: String,
    /// In which tenant; `null`: acting in none.
    pub tenant_id: Option<String>,
    /// What kind of thing.
    pub resource_type: String,
    /// Which one.
    pub resource_id: String,
    /// Since when; RFC 3339, UTC.
    pub assigned_at: String,
}

impl fmt::Display for Assignment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.resource_type, self.resource_id)
    }
}

/// A page of assignments.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Assignments {
    /// Newest first.
    pub assignments: Vec<Assignment>,
    /// Leads to the next page; `null` on the last.
    pub next_cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(permission: &str, kind: &str, id: &str) -> AuthzCheck {
        let (kind, id) = (kind.to_owned(), id.to_owned());
        AuthzCheck {
            permission: permission.to_owned(),
            tenant_id: None,
            resource: Some(Resource { kind, id }),
        }
    }

    #[test]
    fn each_question_that_is_wrong_is_named() {
        let checks = vec![
            asked("patient.read", "patient", "42"),
            asked("patient:*", "Patient", "42"),
            asked("patient:read", "patient", "a b"),
        ];
        let told = AuthzChecks { checks }
            .check()
            .expect_err("is wrong")
            .to_string();
        assert_eq!(
            told,
            "invalid_request checks[1].resource.type=invalid checks[1].permission=invalid checks[2].resource.id=invalid"
        );
        assert!(AuthzChecks::default().check().is_err());
        let many = vec![asked("a:b", "c", "d"); MOST_CHECKS + 1];
        assert!(AuthzChecks { checks: many }.check().is_err());
    }

    #[test]
    fn the_dotted_alias_asks_the_same() {
        let checks = vec![asked("patient.read", "patient", "42")];
        let read = AuthzChecks { checks }.check().expect("reads");
        assert_eq!(read[0].permission.as_str(), "patient:read");
    }
}
