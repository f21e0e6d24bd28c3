//! Requests: first as they arrive (plain text, anything goes), then as the core takes them
//! (each field of a type that cannot be wrong). Both doors share the one way from the first to
//! the second, so a form and a JSON body are judged alike.

mod recover;

use serde::{Deserialize, Serialize};

use crate::{
    Change, Email, Error, FieldCode, FieldError, Password, PasswordRule, PersonName, Secret,
    Username,
};

pub use recover::{ChangePassword, RequestPasswordReset, ResetPassword};

/// `POST /api/auth/register`, as it arrives.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Register {
    /// Where the letter goes.
    pub email: String,
    /// 12 to 256 characters.
    pub password: Secret,
    /// 3 to 32 letters, digits, `.`, `_`, `-`.
    pub username: Option<String>,
    /// Up to 100 characters.
    pub first_name: Option<String>,
    /// Up to 100 characters.
    pub last_name: Option<String>,
    /// Instead of the two: split at the last space (C9).
    pub full_name: Option<String>,
}

/// An account somebody wants, every field in order.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Its address.
    pub email: Email,
    /// Its password: long enough; `auth` judges how easily it is guessed.
    pub password: Password,
    /// Its username.
    pub username: Option<Username>,
    /// Its owner's first name.
    pub first_name: Option<PersonName>,
    /// Its owner's last name.
    pub last_name: Option<PersonName>,
}

impl Register {
    /// Reads every field.
    ///
    /// # Errors
    /// All fields that are wrong, not only the first.
    pub fn check(&self, rule: PasswordRule) -> Result<NewAccount, Error> {
        let mut wrong = Wrong::default();
        let email = wrong.take("email", Email::parse(&self.email));
        let password = wrong.take("password", Password::chosen(self.password.reveal(), rule));
        let username = wrong.optional("username", self.username.as_deref(), Username::parse);
        let mut first_name =
            wrong.optional("firstName", self.first_name.as_deref(), PersonName::parse);
        let mut last_name =
            wrong.optional("lastName", self.last_name.as_deref(), PersonName::parse);
        if let Some(full) = given(self.full_name.as_deref()) {
            if first_name.is_some() || last_name.is_some() {
                wrong.add("fullName", FieldCode::Invalid);
            }
            let (first, last) = split_full_name(full);
            first_name = wrong.optional("fullName", Some(first), PersonName::parse);
            last_name = wrong.optional("fullName", last, PersonName::parse);
        }
        match (email, password) {
            (Some(email), Some(password)) => wrong.or(NewAccount {
                email,
                password,
                username,
                first_name,
                last_name,
            }),
            _ => Err(wrong.into_error()),
        }
    }
}

/// `Ada King Lovelace` is `Ada King` and `Lovelace`; a single word is a first name (C9).
fn split_full_name(full: &str) -> (&str, Option<&str>) {
    match full.trim().rsplit_once(char::is_whitespace) {
        Some((first, last)) => (first.trim(), Some(last)),
        None => (full.trim(), None),
    }
}

/// `/setup`: the first admin (D12).
#[derive(Clone, Debug, Default)]
pub struct SetUp {
    /// From the printed link.
    pub token: Secret,
    /// The admin's account.
    pub account: Register,
}

/// `POST /api/auth/verify-email`, as it arrives.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VerifyEmail {
    /// From the mailed link.
    pub token: Option<Secret>,
    /// The six digits from the letter, instead of `token`.
    pub code: Option<Secret>,
    /// The flow's secret, from the answer to register; browsers carry it in a cookie.
    pub registration_token: Option<Secret>,
    /// Becomes the account's password when the flow's secret is missing.
    pub password: Option<Secret>,
    /// Set the session cookie and leave the refresh token out.
    pub use_cookie: Option<bool>,
    /// `services`: tokens for the services alone.
    pub r#use: Option<String>,
}

/// What proves the address: the link or the code.
#[derive(Clone, Debug)]
pub enum Proof {
    /// From the link; works in any browser.
    Token(Secret),
    /// Six digits; works in the flow that asked for them only.
    Code(Secret),
}

impl VerifyEmail {
    /// The one proof given.
    ///
    /// # Errors
    /// `token` required when there is none, invalid when there are both; `code` invalid unless it
    /// is six digits (spaces and dashes between them are read over).
    pub fn proof(&self) -> Result<Proof, Error> {
        match (
            given_secret(self.token.as_ref()),
            given_secret(self.code.as_ref()),
        ) {
            (Some(token), None) => Ok(Proof::Token(token.clone())),
            (None, Some(code)) => six_digits(code)
                .map(Proof::Code)
                .map_err(|wrong| Error::field("code", wrong)),
            (None, None) => Err(Error::field("token", FieldCode::Required)),
            (Some(_), Some(_)) => Err(Error::field("code", FieldCode::Invalid)),
        }
    }
}

/// Six digits as people type them: `123 456`, `123-456`.
pub(crate) fn six_digits(typed: &Secret) -> Result<Secret, FieldCode> {
    let digits: String = typed
        .reveal()
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .collect();
    if digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit()) {
        Ok(Secret::new(digits))
    } else {
        Err(FieldCode::Invalid)
    }
}

/// `POST /api/auth/resend-verification`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ResendVerification {
    /// The address that was registered.
    pub email: String,
    /// The flow's secret, from the answer to register: then the letter is of that registration.
    pub registration_token: Option<Secret>,
}

/// `POST /api/auth/login`, as it arrives.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogIn {
    /// The account's address …
    pub email: Option<String>,
    /// … or its username.
    pub username: Option<String>,
    /// The account's password. Without one, a code is mailed to `email` instead (C8).
    pub password: Option<Secret>,
    /// Set the session cookie and leave the refresh token out.
    pub use_cookie: Option<bool>,
    /// With `useCookie`: the cookie outlives the browser.
    pub remember_me: Option<bool>,
    /// `services`: tokens for the services alone.
    pub r#use: Option<String>,
}

/// How somebody wants to sign in.
#[derive(Clone, Debug)]
pub enum Way {
    /// With a password.
    Password(Credentials),
    /// With a code mailed to this address.
    EmailCode(Email),
}

/// By what somebody says who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identifier {
    /// By address.
    Email(Email),
    /// By username.
    Username(Username),
}

impl Identifier {
    /// The canonical text: what failures of an unknown account are counted under.
    pub fn key(&self) -> String {
        match self {
            Self::Email(email) => email.as_str().to_owned(),
            Self::Username(username) => username.key(),
        }
    }
}

/// Who somebody says they are, and the password they say it with.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Who.
    pub identifier: Identifier,
    /// Claimed, so no rule but the form applies.
    pub password: Password,
}

impl LogIn {
    /// Reads every field. A password that is there and empty is none: a form sends one for a field
    /// nobody filled in, and must not mail anything for it.
    ///
    /// # Errors
    /// All fields that are wrong. Both `email` and `username` is wrong too, and so is a username
    /// without a password: there is nowhere to mail a code to that would not tell whose it is.
    pub fn check(&self) -> Result<Way, Error> {
        let mut wrong = Wrong::default();
        let identifier = match (
            given(self.email.as_deref()),
            given(self.username.as_deref()),
        ) {
            (Some(_), Some(_)) => {
                wrong.add("username", FieldCode::Invalid);
                None
            }
            (None, Some(name)) => wrong
                .take("username", Username::parse(name))
                .map(Identifier::Username),
            (email, None) => wrong
                .take("email", Email::parse(email.unwrap_or_default()))
                .map(Identifier::Email),
        };
        let way = match (identifier, &self.password) {
            (Some(Identifier::Email(email)), None) => Some(Way::EmailCode(email)),
            (Some(identifier), Some(password)) if !password.is_empty() => {
                Some(Way::Password(Credentials {
                    identifier,
                    password: Password::claimed(password.reveal()),
                }))
            }
            (None, Some(password)) if !password.is_empty() => None,
            _ => {
                wrong.add("password", FieldCode::Required);
                None
            }
        };
        match way {
            Some(way) => wrong.or(way),
            None => Err(wrong.into_error()),
        }
    }
}

/// `POST /api/auth/verify`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Verify {
    /// The six digits from the letter.
    pub code: Secret,
    /// The flow's secret, from the answer to login; browsers carry it in a cookie.
    pub flow: Option<Secret>,
    /// For whom it is, if that is to be checked.
    pub email: Option<String>,
    /// Set the session cookie and leave the refresh token out.
    pub use_cookie: Option<bool>,
    /// With `useCookie`: the cookie outlives the browser.
    pub remember_me: Option<bool>,
    /// `services`: tokens for the services alone.
    pub r#use: Option<String>,
}

impl Verify {
    /// The code and, if said, the address.
    ///
    /// # Errors
    /// All fields that are wrong: `code` unless it is six digits (spaces and dashes between them are
    /// read over), `email` unless it is an address.
    pub fn check(&self) -> Result<(Secret, Option<Email>), Error> {
        let mut wrong = Wrong::default();
        let email = wrong.optional("email", self.email.as_deref(), Email::parse);
        match self.digits() {
            Ok(code) => wrong.or((code, email)),
            Err(mut error) => {
                wrong.0.append(&mut error.fields);
                Err(wrong.into_error())
            }
        }
    }

    fn digits(&self) -> Result<Secret, Error> {
        if self.code.is_empty() {
            return Err(Error::field("code", FieldCode::Required));
        }
        six_digits(&self.code).map_err(|code| Error::field("code", code))
    }
}

/// `POST /api/auth/refresh`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Refresh {
    /// The token to exchange.
    pub refresh_token: Secret,
    /// `services`: tokens for the services alone.
    pub r#use: Option<String>,
}

/// `POST /api/auth/ws-ticket`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AskWsTicket {
    /// The service it shall open; the services' common audience unless said.
    pub audience: Option<String>,
}

/// `POST /api/auth/ws-ticket/redeem`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RedeemWsTicket {
    /// The ticket, as it came over the socket.
    pub ticket: Secret,
    /// The service that redeems it.
    pub audience: String,
}

/// `POST /api/auth/step-up`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StepUp {
    /// The account's password.
    pub password: Secret,
}

/// `POST /api/auth/logout`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogOut {
    /// The family to end, when there is no other credential.
    pub refresh_token: Option<Secret>,
    /// `local` (this session), `others`, `global`.
    pub scope: Option<String>,
}

/// Which sessions of an account end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogOutScope {
    /// This one.
    #[default]
    Local,
    /// All but this one.
    Others,
    /// All.
    Global,
}

impl LogOut {
    /// The scope asked for.
    ///
    /// # Errors
    /// `scope` invalid for any other word.
    pub fn scope(&self) -> Result<LogOutScope, Error> {
        match self.scope.as_deref() {
            None | Some("local") => Ok(LogOutScope::Local),
            Some("others") => Ok(LogOutScope::Others),
            Some("global") => Ok(LogOutScope::Global),
            Some(_) => Err(Error::field("scope", FieldCode::Invalid)),
        }
    }
}

/// Whom a token is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Audience {
    /// The services and the portal's own API.
    #[default]
    PortalAndServices,
    /// The services alone: the token opens next to nothing here.
    Services,
}

impl Audience {
    /// Reads the member `use`.
    ///
    /// # Errors
    /// `use` invalid for any word but `services`.
    pub fn parse(wanted: Option<&str>) -> Result<Self, Error> {
        match wanted {
            None => Ok(Self::PortalAndServices),
            Some("services") => Ok(Self::Services),
            Some(_) => Err(Error::field("use", FieldCode::Invalid)),
        }
    }
}

/// A form sends an empty field where JSON sends none.
fn given(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.trim().is_empty())
}

fn given_secret(secret: Option<&Secret>) -> Option<&Secret> {
    secret.filter(|secret| !secret.is_empty())
}

/// Fields found wrong so far.
#[derive(Default)]
pub(crate) struct Wrong(Vec<FieldError>);

impl Wrong {
    pub(crate) fn add(&mut self, field: &str, code: FieldCode) {
        self.0.push(FieldError::new(field, code));
    }

    pub(crate) fn take<T>(&mut self, field: &str, read: Result<T, FieldCode>) -> Option<T> {
        read.map_err(|code| self.add(field, code)).ok()
    }

    pub(crate) fn optional<T>(
        &mut self,
        field: &str,
        text: Option<&str>,
        parse: impl Fn(&str) -> Result<T, FieldCode>,
    ) -> Option<T> {
        given(text).and_then(|text| self.take(field, parse(text)))
    }

    /// A member that may be left out or be `null`.
    pub(crate) fn change<T>(
        &mut self,
        field: &str,
        change: &Change<String>,
        parse: impl Fn(&str) -> Result<T, FieldCode>,
    ) -> Change<T> {
        match change {
            None => None,
            Some(None) => Some(None),
            Some(Some(text)) => Some(self.take(field, parse(text))),
        }
    }

    pub(crate) fn or<T>(self, value: T) -> Result<T, Error> {
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err(self.into_error())
        }
    }

    pub(crate) fn into_error(self) -> Error {
        Error::fields(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn register(email: &str, password: &str) -> Register {
        Register {
            email: email.into(),
            password: Secret::new(password),
            ..Register::default()
        }
    }

    #[test]
    fn all_wrong_fields_are_named_at_once() {
        let error = Register {
            username: Some("a@b".into()),
            ..register("ada", "short")
        }
        .check(PasswordRule::default())
        .expect_err("three fields are wrong");

        let named: Vec<_> = error
            .fields
            .iter()
            .map(|f| (f.field.as_str(), f.code))
            .collect();
        assert_eq!(
            named,
            [
                ("email", FieldCode::Invalid),
                ("password", FieldCode::TooShort),
                ("username", FieldCode::Invalid)
            ]
        );
    }

    #[test]
    fn a_full_name_is_split_at_its_last_space() {
        let full = Register {
            full_name: Some("Ada King  Lovelace".into()),
            ..register("ada@example.com", "a long enough password")
        };

        let account = full
            .check(PasswordRule::default())
            .expect("all fields hold");

        assert_eq!(
            account.first_name.map(String::from).as_deref(),
            Some("Ada King")
        );
        assert_eq!(
            account.last_name.map(String::from).as_deref(),
            Some("Lovelace")
        );
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        for typed in ["123456", " 123 456 ", "123-456"] {
            let request = VerifyEmail {
                code: Some(Secret::new(typed)),
                ..VerifyEmail::default()
            };
            let Ok(Proof::Code(code)) = request.proof() else {
                panic!("{typed}")
            };
            assert_eq!(code.reveal(), "123456");
        }
        for typed in ["12345", "1234567", "12a456", "１２３４５６"] {
            let request = VerifyEmail {
                code: Some(Secret::new(typed)),
                ..VerifyEmail::default()
            };
            assert!(request.proof().is_err(), "{typed}");
        }
    }

    #[test]
    fn one_proof_and_one_identifier_are_wanted_not_two() {
        let both = VerifyEmail {
            token: Some(Secret::new("x")),
            code: Some(Secret::new("123456")),
            ..VerifyEmail::default()
        };
        assert!(both.proof().is_err());

        let both = LogIn {
            email: Some("ada@example.com".into()),
            username: Some("ada".into()),
            password: Some(Secret::new("x")),
            ..LogIn::default()
        };
        assert!(both.check().is_err());
    }

    fn log_in(email: Option<&str>, username: Option<&str>, password: Option<&str>) -> LogIn {
        LogIn {
            email: email.map(str::to_owned),
            username: username.map(str::to_owned),
            password: password.map(Secret::new),
            ..LogIn::default()
        }
    }

    #[test]
    fn without_a_password_a_code_is_asked_for_and_an_empty_one_is_not_none() {
        let address = Some("ada@example.com");
        assert!(matches!(
            log_in(address, None, None).check(),
            Ok(Way::EmailCode(_))
        ));
        assert!(matches!(
            log_in(address, None, Some("x")).check(),
            Ok(Way::Password(_))
        ));
        let required = Error::field("password", FieldCode::Required);
        for (email, username, password) in [
            (address, None, Some("")),
            (None, Some("ada"), None),
            (None, Some("ada"), Some("")),
        ] {
            let error = log_in(email, username, password)
                .check()
                .expect_err("a password is wanted");
            assert_eq!(error, required, "{email:?} {username:?}");
        }
    }

    #[test]
    fn a_sign_in_code_is_six_digits() {
        let verify = |code: &str, email: Option<&str>| {
            let request = Verify {
                code: Secret::new(code),
                email: email.map(str::to_owned),
                ..Verify::default()
            };
            request.check()
        };
        let (code, email) = verify("123 456", Some("Ada@Example.com")).expect("reads");
        assert_eq!(code.reveal(), "123456");
        assert_eq!(email.as_ref().map(Email::as_str), Some("ada@example.com"));
        for code in ["", "12345", "1234567", "abcdef"] {
            assert!(verify(code, None).is_err(), "{code}");
        }
        let error = verify("x", Some("ada")).expect_err("two are wrong");
        assert_eq!(error.fields.len(), 2);
    }
}
