//! Invitations and tenants, as they arrive and as they are shown.

use serde::{Deserialize, Serialize};

use crate::name::TenantName;
use crate::request::Wrong;
use crate::{
    Email, Error, ErrorCode, FieldCode, Password, PasswordRule, PersonName, Secret, Username,
};

/// The most addresses one request may name.
pub const MOST_INVITED: usize = 100;

/// `POST /api/admin/users/invite`, as it arrives.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Invite {
    /// Where the letter goes.
    pub email: String,
    /// What the person shall be; nothing above the inviter's own rights.
    pub role: String,
    /// To be shown filled in.
    pub first_name: Option<String>,
    /// To be shown filled in.
    pub last_name: Option<String>,
    /// The tenant to join.
    pub tenant_id: Option<String>,
}

/// `POST /api/admin/users/invite-many`, as it arrives.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InviteMany {
    /// Up to 100 addresses.
    pub emails: Vec<String>,
    /// What everybody shall be.
    pub role: String,
    /// The tenant everybody shall join.
    pub tenant_id: Option<String>,
}

/// What an invitation offers, every field in order. Whether there is such a role and such a tenant,
/// and whether the inviter may give it, is the core's to say.
#[derive(Clone, Debug)]
pub struct Offer {
    /// A role's name.
    pub role: String,
    /// A tenant's id.
    pub tenant_id: Option<String>,
    /// To be shown filled in.
    pub first_name: Option<PersonName>,
    /// To be shown filled in.
    pub last_name: Option<PersonName>,
}

impl Invite {
    /// Reads every field.
    ///
    /// # Errors
    /// All fields that are wrong, not only the first.
    pub fn check(&self) -> Result<(Email, Offer), Error> {
        let mut wrong = Wrong::default();
        let email = wrong.take("email", Email::parse(&self.email));
        let role = wrong.take("role", role(&self.role));
        let first_name = wrong.optional("firstName", self.first_name.as_deref(), PersonName::parse);
        let last_name = wrong.optional("lastName", self.last_name.as_deref(), PersonName::parse);
        let (Some(email), Some(role)) = (email, role) else {
            return Err(wrong.into_error());
        };
        let tenant_id = given(self.tenant_id.as_ref());
        wrong.or((
            email,
            Offer {
                role,
                tenant_id,
                first_name,
                last_name,
            },
        ))
    }
}

impl InviteMany {
    /// Reads what holds for all, and takes the addresses as they are: each has an outcome of its
    /// own. One that is named twice is one.
    ///
    /// # Errors
    /// `emails` required or too long, `role` required.
    pub fn check(&self) -> Result<(Vec<String>, Offer), Error> {
        let mut wrong = Wrong::default();
        let mut emails: Vec<String> = Vec::new();
        for email in &self.emails {
            let email = Email::parse(email).map_or_else(|_| email.trim().to_owned(), String::from);
            if !email.is_empty() && emails.len() <= MOST_INVITED && !emails.contains(&email) {
                emails.push(email);
            }
        }
        if emails.is_empty() {
            wrong.add("emails", FieldCode::Required);
        }
        if emails.len() > MOST_INVITED {
            wrong.add("emails", FieldCode::TooLong);
        }
        let Some(role) = wrong.take("role", role(&self.role)) else {
            return Err(wrong.into_error());
        };
        let tenant_id = given(self.tenant_id.as_ref());
        wrong.or((
            emails,
            Offer {
                role,
                tenant_id,
                first_name: None,
                last_name: None,
            },
        ))
    }

    /// Addresses as people paste them: parted by white space, commas or semicolons.
    pub fn split(pasted: &str) -> Vec<String> {
        pasted
            .split(|c: char| c.is_whitespace() || c == ',' || c == ';')
            .filter(|part| !part.is_empty())
            // One more than may be is enough to know that it is too many.
            .take(10 * MOST_INVITED)
            .map(str::to_owned)
            .collect()
    }
}

/// A role's name: whether there is such a role is the core's to say.
pub(crate) fn role(name: &str) -> Result<String, FieldCode> {
    match name.trim() {
        "" => Err(FieldCode::Required),
        name => Ok(name.to_owned()),
    }
}

fn given(text: Option<&String>) -> Option<String> {
    let text = text?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// `POST /api/auth/accept-invitation`, as it arrives.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AcceptInvitation {
    /// From the mailed link.
    pub token: Secret,
    /// The new account's password; not given where the address has an account.
    pub password: Option<Secret>,
    /// The same again, if it is asked for twice.
    pub confirm_password: Option<Secret>,
    /// 3 to 32 letters, digits, `.`, `_`, `-`.
    pub username: Option<String>,
    /// Instead of the name in the invitation.
    pub first_name: Option<String>,
    /// Instead of the name in the invitation.
    pub last_name: Option<String>,
    /// Set the session cookie and leave the refresh token out.
    pub use_cookie: Option<bool>,
    /// With `useCookie`: the cookie outlives the browser.
    pub remember_me: Option<bool>,
    /// `services`: tokens for the services alone.
    pub r#use: Option<String>,
}

/// What somebody accepts an invitation with.
#[derive(Clone, Debug)]
pub struct Acceptance {
    /// The link's secret.
    pub token: Secret,
    /// The account to be; `None` where the address has one already.
    pub password: Option<Password>,
    /// Its username.
    pub username: Option<Username>,
    /// Its owner's names; `None`: those of the invitation.
    pub names: Option<(Option<PersonName>, Option<PersonName>)>,
}

impl AcceptInvitation {
    /// Reads every field.
    ///
    /// # Errors
    /// All fields that are wrong, not only the first.
    pub fn check(&self, rule: PasswordRule) -> Result<Acceptance, Error> {
        let mut wrong = Wrong::default();
        if self.token.is_empty() {
            wrong.add("token", FieldCode::Required);
        }
        let password = self.password.as_ref().filter(|secret| !secret.is_empty());
        let chosen = password
            .and_then(|password| wrong.take("password", Password::chosen(password.reveal(), rule)));
        let again = self.confirm_password.as_ref();
        if again.is_some_and(|again| password.map_or("", Secret::reveal) != again.reveal()) {
            wrong.add("confirmPassword", FieldCode::Mismatch);
        }
        let username = wrong.optional("username", self.username.as_deref(), Username::parse);
        let first = wrong.optional("firstName", self.first_name.as_deref(), PersonName::parse);
        let last = wrong.optional("lastName", self.last_name.as_deref(), PersonName::parse);
        let are_named = self.first_name.is_some() || self.last_name.is_some();
        wrong.or(Acceptance {
            token: self.token.clone(),
            password: chosen,
            username,
            names: are_named.then_some((first, last)),
        })
    }
}

/// How an invitation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum InvitationStatus {
    /// It waits.
    Pending,
    /// Somebody came.
    Accepted,
    /// It was taken back.
    Revoked,
    /// Its seven days are over.
    Expired,
}

impl InvitationStatus {
    /// Every status, in the order people look for them.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Accepted, Self::Revoked, Self::Expired];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
        }
    }

    /// Reads a word; `None` for any other.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

/// Why the link of a pending invitation does not work all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum InvitationProblem {
    /// Whoever invited has no account any more.
    InviterGone,
    /// Whoever invited may not sign in.
    InviterDisabled,
    /// Whoever invited may not invite any more, or not to this role.
    InviterLostRight,
    /// There is no such role any more.
    RoleGone,
}

/// An invitation, as those who manage people see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Invitation {
    /// UUIDv7.
    pub id: String,
    /// Where the letter went.
    pub email: String,
    /// What the person shall be.
    pub role: String,
    /// How it stands.
    pub status: InvitationStatus,
    /// Why a pending one does not work; `null` when it does.
    pub problem: Option<InvitationProblem>,
    /// To be shown filled in.
    pub first_name: Option<String>,
    /// To be shown filled in.
    pub last_name: Option<String>,
    /// The tenant to join.
    pub tenant_id: Option<String>,
    /// Its name.
    pub tenant_name: Option<String>,
    /// The account that vouches for it.
    pub inviter_id: String,
    /// Its address; `null` when it has gone.
    pub inviter_email: Option<String>,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// RFC 3339, UTC.
    pub expires_at: String,
    /// RFC 3339, UTC.
    pub accepted_at: Option<String>,
    /// RFC 3339, UTC.
    pub revoked_at: Option<String>,
}

/// One invitation.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvitationAnswer {
    /// The invitation.
    pub invitation: Invitation,
}

/// A page of invitations, newest first.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Invitations {
    /// The page.
    pub invitations: Vec<Invitation>,
    /// What leads to the next one; `null` at the end.
    pub next_cursor: Option<String>,
}

/// What came of one address among many.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InviteResult {
    /// The address, as it was read.
    pub email: String,
    /// The invitation; `null` when there is none.
    pub invitation: Option<Invitation>,
    /// Why there is none.
    pub error: Option<InviteRefusal>,
}

/// Why nobody was invited by an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InviteRefusal {
    /// For programs.
    pub code: ErrorCode,
    /// For people.
    pub message: String,
}

impl From<&Error> for InviteRefusal {
    fn from(error: &Error) -> Self {
        // Nobody chooses a password here: which rule is in force does not matter.
        let message = match error.fields.as_slice() {
            [field, ..] => field.message(PasswordRule::default()).into_owned(),
            [] => error.code.sentence().to_owned(),
        };
        Self {
            code: error.code,
            message,
        }
    }
}

/// What came of many addresses, in their order.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InviteResults {
    /// One for each address.
    pub results: Vec<InviteResult>,
}

/// `POST /api/admin/tenants`, as it arrives.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AddTenant {
    /// Up to 100 characters.
    pub name: String,
}

impl AddTenant {
    /// Reads the name.
    ///
    /// # Errors
    /// `name` required, too long or invalid.
    pub fn check(&self) -> Result<TenantName, Error> {
        TenantName::parse(&self.name).map_err(|code| Error::field("name", code))
    }
}

/// A tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tenant {
    /// UUIDv7; the `tenantId` of tokens.
    pub id: String,
    /// As it was written.
    pub name: String,
    /// RFC 3339, UTC.
    pub created_at: String,
}

/// A page of tenants, by name.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tenants {
    /// The page.
    pub tenants: Vec<Tenant>,
    /// What leads to the next one; `null` at the end.
    pub next_cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn many(emails: &[&str]) -> InviteMany {
        InviteMany {
            emails: emails.iter().map(|&email| email.to_owned()).collect(),
            role: "user".to_owned(),
            tenant_id: None,
        }
    }

    #[test]
    fn addresses_are_read_as_people_paste_them() {
        let pasted = "ada@example.com, bob@example.com;\r\n\teve@example.com  ,, not-one\n";
        let split = InviteMany::split(pasted);
        assert_eq!(
            split,
            [
                "ada@example.com",
                "bob@example.com",
                "eve@example.com",
                "not-one"
            ]
        );
    }

    #[test]
    fn an_address_named_twice_is_one_and_what_is_none_keeps_its_place() {
        let (emails, offer) = many(&["ADA@Example.com", " ada@example.com ", "no", "", "no"])
            .check()
            .expect("holds");
        assert_eq!(emails, ["ada@example.com", "no"]);
        assert_eq!((offer.role.as_str(), offer.tenant_id), ("user", None));
    }

    #[test]
    fn ten_thousand_pasted_addresses_are_too_many_and_cost_little() {
        let pasted: String = (0..10_000)
            .map(|at| format!("p{at}@example.com "))
            .collect();
        let request = InviteMany {
            emails: InviteMany::split(&pasted),
            ..many(&[])
        };
        assert_eq!(
            request.check().expect_err("too many"),
            Error::field("emails", FieldCode::TooLong)
        );
        assert_eq!(
            many(&[" "]).check().expect_err("none"),
            Error::field("emails", FieldCode::Required)
        );
    }

    #[test]
    fn names_that_are_said_replace_those_of_the_invitation() {
        let accept = |first: Option<&str>, last: Option<&str>| {
            AcceptInvitation {
                token: Secret::new("t"),
                first_name: first.map(str::to_owned),
                last_name: last.map(str::to_owned),
                ..AcceptInvitation::default()
            }
            .check(PasswordRule::default())
            .expect("holds")
            .names
        };
        assert_eq!(accept(None, None), None);
        assert_eq!(accept(Some(""), Some("")), Some((None, None)));
        let ada = PersonName::parse("Ada").expect("a name");
        assert_eq!(accept(Some("Ada"), None), Some((Some(ada), None)));
    }

    #[test]
    fn a_password_that_is_given_twice_must_be_the_same() {
        for (password, again, mismatch) in [
            (Some("three wet otters"), Some("three wet otters"), false),
            (Some("three wet otters"), None, false),
            (Some("three wet otters"), Some("three wet otter"), true),
            (None, Some("three wet otters"), true),
        ] {
            let request = AcceptInvitation {
                token: Secret::new("t"),
                password: password.map(Secret::new),
                confirm_password: again.map(Secret::new),
                ..AcceptInvitation::default()
            };
            let wanted = Error::field("confirmPassword", FieldCode::Mismatch);
            assert_eq!(
                request.check(PasswordRule::default()).err(),
                mismatch.then_some(wanted)
            );
        }
    }
}
