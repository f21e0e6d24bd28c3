//! A person and their own account: what they may change, and what they see of it.

use serde::{Deserialize, Serialize};

use crate::request::{Wrong, six_digits};
use crate::{Email, Error, FieldCode, PersonName, Proof, Secret, User, Username};

/// A member that may be left out, be `null`, or say something.
pub type Change<T> = Option<Option<T>>;

/// `PATCH /api/account`, as it arrives. What is left out stays; `null` clears.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(rename_all = "camelCase"))]
pub struct UpdateProfile {
    /// Up to 100 characters.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub first_name: Change<String>,
    /// Up to 100 characters.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub last_name: Change<String>,
    /// 3 to 32 letters, digits, `.`, `_`, `-`; nobody else's.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub username: Change<String>,
}

/// What shall be otherwise in a profile, every field in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileChange {
    /// The username.
    pub username: Change<Username>,
    /// The first name.
    pub first_name: Change<PersonName>,
    /// The last name.
    pub last_name: Change<PersonName>,
}

impl UpdateProfile {
    /// Reads every field.
    ///
    /// # Errors
    /// All fields that are wrong, not only the first.
    pub fn check(&self) -> Result<ProfileChange, Error> {
        let mut wrong = Wrong::default();
        let change = ProfileChange {
            username: wrong.change("username", &self.username, Username::parse),
            first_name: wrong.change("firstName", &self.first_name, PersonName::parse),
            last_name: wrong.change("lastName", &self.last_name, PersonName::parse),
        };
        wrong.or(change)
    }
}

/// `POST /api/account/email`, as it arrives.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangeEmail {
    /// The address that shall be the account's once it is proven.
    pub new_email: String,
}

impl ChangeEmail {
    /// Reads the address.
    ///
    /// # Errors
    /// What is wrong with `newEmail`.
    pub fn check(&self) -> Result<Email, Error> {
        Email::parse(&self.new_email).map_err(|code| Error::field("newEmail", code))
    }
}

/// `POST /api/account/email/confirm`, as it arrives.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConfirmEmailChange {
    /// From the link in the letter to the new address.
    pub token: Option<Secret>,
    /// The six digits from that letter, instead of `token`; only in the session that asked.
    pub code: Option<Secret>,
}

impl ConfirmEmailChange {
    /// The one proof given.
    ///
    /// # Errors
    /// `token` required when there is none, `code` invalid when there are both or it is not six
    /// digits.
    pub fn proof(&self) -> Result<Proof, Error> {
        let given = |secret: &Option<Secret>| secret.clone().filter(|secret| !secret.is_empty());
        match (given(&self.token), given(&self.code)) {
            (Some(token), None) => Ok(Proof::Token(token)),
            (None, Some(code)) => six_digits(&code)
                .map(Proof::Code)
                .map_err(|wrong| Error::field("code", wrong)),
            (None, None) => Err(Error::field("token", FieldCode::Required)),
            (Some(_), Some(_)) => Err(Error::field("code", FieldCode::Invalid)),
        }
    }
}

/// `POST /api/account/email/undo`, as it arrives.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UndoEmailChange {
    /// From the link in a letter to the former address.
    pub token: Secret,
}

/// An account, as its owner sees it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Account {
    /// Who.
    pub user: User,
    /// The address that waits to be proven, if there is one.
    pub pending_email: Option<String>,
}

/// What a request said of the device it came from, as far as that can be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Device {
    /// `Firefox`.
    pub browser: Option<String>,
    /// `Linux`.
    pub os: Option<String>,
    /// `desktop`, `phone`, `tablet`, `program` or `unknown`.
    pub kind: String,
}

impl Device {
    /// `Firefox on Linux`.
    pub fn words(&self) -> String {
        match (&self.browser, &self.os) {
            (Some(browser), Some(os)) => format!("{browser} on {os}"),
            (Some(one), None) | (None, Some(one)) => one.clone(),
            (None, None) => "an unknown device".to_owned(),
        }
    }
}

/// Something that happened to an account, or that its owner did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Event {
    /// UUIDv7.
    pub id: String,
    /// When; RFC 3339, UTC.
    pub at: String,
    /// What, for machines: `session.started`.
    pub action: String,
    /// `success` or `refused`.
    pub outcome: String,
    /// What, for people.
    pub sentence: String,
    /// From which network address. `null` where somebody else did it.
    pub ip: Option<String>,
    /// From which device. `null` where somebody else did it.
    pub device: Option<Device>,
    /// Whether its owner is asked if this was them: sign-ins and changes.
    pub disownable: bool,
}

/// One page of what happened.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Events {
    /// Newest first.
    pub events: Vec<Event>,
    /// `?cursor=` of the next page; `null` on the last.
    pub next_cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn left_out_stays_null_clears_and_text_is_judged() {
        let asked = UpdateProfile {
            first_name: Some(None),
            last_name: None,
            username: Some(Some(" ada ".to_owned())),
        };
        let change = asked.check().expect("is in order");
        assert_eq!(change.first_name, Some(None));
        assert_eq!(change.last_name, None);
        assert_eq!(
            change.username.flatten().map(String::from),
            Some("ada".into())
        );

        let wrong = UpdateProfile {
            first_name: Some(Some("Ada\r\nBcc: eve@example.com".to_owned())),
            last_name: Some(Some("\u{202E}adA".to_owned())),
            username: Some(Some("ad".to_owned())),
        };
        let fields = wrong.check().expect_err("is refused").fields;
        let named: Vec<_> = fields.iter().map(|one| (&*one.field, one.code)).collect();
        assert_eq!(
            named,
            [
                ("username", FieldCode::TooShort),
                ("firstName", FieldCode::Invalid),
                ("lastName", FieldCode::Invalid),
            ]
        );
    }

    #[test]
    fn a_change_is_proven_by_one_thing() {
        let proof = |token: Option<&str>, code: Option<&str>| {
            ConfirmEmailChange {
                token: token.map(Secret::new),
                code: code.map(Secret::new),
            }
            .proof()
        };
        assert!(matches!(proof(Some("abc"), None), Ok(Proof::Token(_))));
        assert!(
            matches!(proof(Some(""), Some("123 456")), Ok(Proof::Code(code)) if code.reveal() == "123456")
        );
        for (token, code) in [
            (None, None),
            (Some("abc"), Some("123456")),
            (None, Some("12345")),
        ] {
            assert!(proof(token, code).is_err(), "{token:?} {code:?}");
        }
    }
}
