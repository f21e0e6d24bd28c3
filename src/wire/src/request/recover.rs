//! Getting back in, and changing the password from inside.

use serde::{Deserialize, Serialize};

use super::{Wrong, given_secret, six_digits};
use crate::{Email, Error, FieldCode, Password, PasswordRule, Proof, Secret};

/// `POST /api/auth/request-password-reset`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RequestPasswordReset {
    /// The account's address.
    pub email: String,
    /// `true`: the letter has a code beside its link, and the answer the `flow` it works in.
    /// Browsers get both anyway, the flow in a cookie.
    pub with_code: Option<bool>,
}

impl RequestPasswordReset {
    /// Reads the address.
    ///
    /// # Errors
    /// `email` required or invalid.
    pub fn check(&self) -> Result<Email, Error> {
        Email::parse(&self.email).map_err(|code| Error::field("email", code))
    }
}

/// `POST /api/auth/reset-password`, as it arrives.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ResetPassword {
    /// From the mailed link.
    pub token: Option<Secret>,
    /// The six digits from the letter, instead of `token`.
    pub code: Option<Secret>,
    /// The flow a `code` works in; browsers carry it in a cookie.
    pub flow: Option<Secret>,
    /// The password from now on: 12 to 256 characters.
    pub password: Secret,
    /// The same once more, if it is given.
    pub confirm_password: Option<Secret>,
}

impl ResetPassword {
    /// The one proof given, and the password.
    ///
    /// # Errors
    /// All fields that are wrong, not only the first.
    pub fn check(&self, rule: PasswordRule) -> Result<(Proof, Password), Error> {
        let mut wrong = Wrong::default();
        let (token, code) = (
            given_secret(self.token.as_ref()),
            given_secret(self.code.as_ref()),
        );
        let proof = match (token, code) {
            (Some(token), None) => Some(Proof::Token(token.clone())),
            (None, Some(code)) => wrong.take("code", six_digits(code)).map(Proof::Code),
            (None, None) => wrong.take("token", Err(FieldCode::Required)),
            (Some(_), Some(_)) => wrong.take("code", Err(FieldCode::Invalid)),
        };
        let password = wrong.chosen(
            "password",
            &self.password,
            "confirmPassword",
            self.confirm_password.as_ref(),
            rule,
        );
        match (proof, password) {
            (Some(proof), Some(password)) => wrong.or((proof, password)),
            _ => Err(wrong.into_error()),
        }
    }
}

/// `PUT /api/account/password`, as it arrives.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangePassword {
    /// The present one.
    pub current_password: Secret,
    /// The password from now on: 12 to 256 characters.
    pub new_password: Secret,
    /// The same once more, if it is given.
    pub confirm_password: Option<Secret>,
    /// Whether the account's other sessions end; they do unless this is `false`.
    pub sign_out_others: Option<bool>,
}

impl ChangePassword {
    /// The present password as claimed, and the new one.
    ///
    /// # Errors
    /// All fields that are wrong, not only the first.
    pub fn check(&self, rule: PasswordRule) -> Result<(Password, Password), Error> {
        let mut wrong = Wrong::default();
        if self.current_password.is_empty() {
            wrong.add("currentPassword", FieldCode::Required);
        }
        let new = wrong.chosen(
            "newPassword",
            &self.new_password,
            "confirmPassword",
            self.confirm_password.as_ref(),
            rule,
        );
        match new {
            Some(new) => wrong.or((Password::claimed(self.current_password.reveal()), new)),
            None => Err(wrong.into_error()),
        }
    }
}

impl Wrong {
    /// A password somebody wants, typed once or twice.
    fn chosen(
        &mut self,
        field: &str,
        typed: &Secret,
        again: &str,
        confirmed: Option<&Secret>,
        rule: PasswordRule,
    ) -> Option<Password> {
        let password = self.take(field, Password::chosen(typed.reveal(), rule));
        if confirmed.is_some_and(|confirmed| confirmed != typed) {
            self.add(again, FieldCode::Mismatch);
        }
        password
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(error: &Error) -> Vec<(&str, FieldCode)> {
        error
            .fields
            .iter()
            .map(|field| (field.field.as_str(), field.code))
            .collect()
    }

    #[test]
    fn a_reset_wants_one_proof_and_one_password() {
        let good = ResetPassword {
            token: Some(Secret::new("x")),
            password: Secret::new("a long enough password"),
            ..ResetPassword::default()
        };
        assert!(good.check(PasswordRule::default()).is_ok());

        for (request, wanted) in [
            (
                ResetPassword {
                    token: None,
                    password: Secret::new("short"),
                    confirm_password: Some(Secret::new("")),
                    ..good.clone()
                },
                vec![
                    ("token", FieldCode::Required),
                    ("password", FieldCode::TooShort),
                    ("confirmPassword", FieldCode::Mismatch),
                ],
            ),
            (
                ResetPassword {
                    code: Some(Secret::new("123456")),
                    ..good.clone()
                },
                vec![("code", FieldCode::Invalid)],
            ),
            (
                ResetPassword {
                    token: None,
                    code: Some(Secret::new("12345")),
                    ..good.clone()
                },
                vec![("code", FieldCode::Invalid)],
            ),
        ] {
            let error = request.check(PasswordRule::default());
            assert_eq!(named(&error.expect_err("is wrong")), wanted);
        }
    }

    #[test]
    fn a_change_wants_the_present_password_and_a_new_one() {
        let empty = ChangePassword::default().check(PasswordRule::default());
        assert_eq!(
            named(&empty.expect_err("is empty")),
            [
                ("currentPassword", FieldCode::Required),
                ("newPassword", FieldCode::Required)
            ]
        );
        let differing = ChangePassword {
            current_password: Secret::new("x"),
            new_password: Secret::new("a long enough password"),
            confirm_password: Some(Secret::new("a long enough passwort")),
            sign_out_others: None,
        };
        let error = differing.check(PasswordRule::default());
        assert_eq!(
            named(&error.expect_err("they differ")),
            [("confirmPassword", FieldCode::Mismatch)]
        );
    }
}
