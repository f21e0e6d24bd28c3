//! What can go wrong, in words a client may rely on (`contract.md`, Errors). Codes are append-only.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::PasswordRule;

macro_rules! codes {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum $name {
            $($(#[$doc])* $variant,)+
        }

        impl $name {
            /// Every code there is, in the order of the contract.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The code as it crosses the wire.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }

            /// Reads a code; `None` for any other text.
            pub fn parse(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

codes! {
    /// Why a request was not done. Each code has one HTTP status and one sentence for people.
    ErrorCode {
        /// A member is missing, unknown, doubled or of the wrong kind; `errors` says which.
        InvalidRequest = "invalid_request",
        /// The body is not JSON.
        InvalidJson = "invalid_json",
        /// Two kinds of credential in one request.
        MultipleCredentials = "multiple_credentials",
        /// A mailed link that was used, has expired or never existed.
        InvalidOrExpiredLink = "invalid_or_expired_link",
        /// A code that is wrong, expired, used up or of another flow.
        InvalidCode = "invalid_code",
        /// No credential came along.
        AuthenticationRequired = "authentication_required",
        /// The address or the password is wrong, or the account may not sign in.
        InvalidCredentials = "invalid_credentials",
        /// A token nobody issued, or that is not for here.
        InvalidToken = "invalid_token",
        /// A token past its end.
        TokenExpired = "token_expired",
        /// A token whose session has ended.
        TokenRevoked = "token_revoked",
        /// A token older than the rights it carries.
        TokenStale = "token_stale",
        /// An API key nobody issued, or that has ended.
        InvalidApiKey = "invalid_api_key",
        /// The password was right; a second factor is wanted.
        MfaRequired = "mfa_required",
        /// The act wants a factor proven in the last ten minutes.
        StepUpRequired = "step_up_required",
        /// The credential is good, the right is missing.
        InsufficientPermissions = "insufficient_permissions",
        /// An unsafe request with our cookie from a page that is not ours.
        CrossSiteRequest = "cross_site_request",
        /// The address is not proven yet.
        EmailNotVerified = "email_not_verified",
        /// The policy wants a second factor set up first.
        MfaEnrolmentRequired = "mfa_enrolment_required",
        /// Nothing is here, or nothing the caller may know of.
        NotFound = "not_found",
        /// The route exists, the method does not.
        MethodNotAllowed = "method_not_allowed",
        /// Something of that name exists; `field` says which.
        Conflict = "conflict",
        /// The body is over 64 KiB.
        BodyTooLarge = "body_too_large",
        /// The body is not `application/json`.
        UnsupportedMediaType = "unsupported_media_type",
        /// Too often; `Retry-After` says when again.
        RateLimited = "rate_limited",
        /// Too many sign-ins at once; `Retry-After` says when again.
        Overloaded = "overloaded",
        /// The database does not answer.
        DatabaseUnavailable = "database_unavailable",
        /// Our fault; the request id leads to the log.
        Internal = "internal",
    }
}

codes! {
    /// What is wrong with one field.
    FieldCode {
        /// It must be given.
        Required = "required",
        /// Too short.
        TooShort = "too_short",
        /// Too long.
        TooLong = "too_long",
        /// A password that is guessed quickly.
        TooWeak = "too_weak",
        /// A password many people use.
        TooCommon = "too_common",
        /// A password known from a leak.
        Breached = "breached",
        /// A password used here before.
        Reused = "reused",
        /// Not of the form it must have.
        Invalid = "invalid",
        /// Two fields that must be equal are not.
        Mismatch = "mismatch",
        /// Another account has it.
        Taken = "taken",
        /// There is none of this name.
        Unknown = "unknown",
        /// No such member.
        UnknownField = "unknown_field",
        /// The member came twice.
        DuplicateField = "duplicate_field",
    }
}

impl ErrorCode {
    /// The HTTP status this code always comes with.
    pub fn status(self) -> u16 {
        use ErrorCode::*;
        match self {
            InvalidRequest | InvalidJson | MultipleCredentials | InvalidOrExpiredLink
            | InvalidCode => 400,
            AuthenticationRequired
            | InvalidCredentials
            | InvalidToken
            | TokenExpired
            | TokenRevoked
            | TokenStale
            | InvalidApiKey
            | MfaRequired
            | StepUpRequired => 401,
            InsufficientPermissions
            | CrossSiteRequest
            | EmailNotVerified
            | MfaEnrolmentRequired => 403,
            NotFound => 404,
            MethodNotAllowed => 405,
            Conflict => 409,
            BodyTooLarge => 413,
            UnsupportedMediaType => 415,
            RateLimited => 429,
            Overloaded | DatabaseUnavailable => 503,
            Internal => 500,
        }
    }

    /// A short title, the same for every occurrence (RFC 9457 3.1.3).
    pub fn title(self) -> &'static str {
        use ErrorCode::*;
        match self {
            InvalidRequest => "Invalid request",
            InvalidJson => "Invalid JSON",
            MultipleCredentials => "More than one credential",
            InvalidOrExpiredLink => "Invalid or expired link",
            InvalidCode => "Invalid code",
            AuthenticationRequired => "Authentication required",
            InvalidCredentials => "Invalid credentials",
            InvalidToken => "Invalid token",
            TokenExpired => "Token expired",
            TokenRevoked => "Token revoked",
            TokenStale => "Token stale",
            InvalidApiKey => "Invalid API key",
            MfaRequired => "Second factor required",
            StepUpRequired => "Recent authentication required",
            InsufficientPermissions => "Insufficient permissions",
            CrossSiteRequest => "Cross-site request",
            EmailNotVerified => "E-mail not verified",
            MfaEnrolmentRequired => "Second factor must be set up",
            NotFound => "Not found",
            MethodNotAllowed => "Method not allowed",
            Conflict => "Conflict",
            BodyTooLarge => "Body too large",
            UnsupportedMediaType => "Unsupported media type",
            RateLimited => "Too many requests",
            Overloaded => "Busy",
            DatabaseUnavailable => "Database unavailable",
            Internal => "Internal error",
        }
    }

    /// One plain sentence for people. Says nothing an attacker could learn from.
    pub fn sentence(self) -> &'static str {
        use ErrorCode::*;
        match self {
            InvalidRequest => "Some fields need your attention.",
            InvalidJson => "The request body is not valid JSON.",
            MultipleCredentials => "Send one kind of credential, not several.",
            InvalidOrExpiredLink => "This link has been used or has expired. We can send another.",
            InvalidCode => "That code is wrong or has expired. We can send another.",
            AuthenticationRequired => "Sign in first.",
            InvalidCredentials => "E-mail or password is wrong.",
            InvalidToken => "The token is not valid here.",
            TokenExpired => "The token has expired.",
            TokenRevoked => "The session of this token has ended.",
            TokenStale => "Rights have changed since this token was issued. Get a new one.",
            InvalidApiKey => "The API key is not valid.",
            MfaRequired => "Confirm it is you with your second factor.",
            StepUpRequired => "Confirm it is you, then try again.",
            InsufficientPermissions => "Your account does not have the right to do this.",
            CrossSiteRequest => "This request came from another site and was refused.",
            EmailNotVerified => "Confirm your e-mail address first.",
            MfaEnrolmentRequired => "Set up a second factor first.",
            NotFound => "There is nothing here.",
            MethodNotAllowed => "This address does not take that method.",
            Conflict => "That is already in use.",
            BodyTooLarge => "The request is larger than 64 KiB.",
            UnsupportedMediaType => "Send the request body as application/json.",
            RateLimited => "That was too often. Wait a moment, then try again.",
            Overloaded => "We are busy right now. Try again in a moment.",
            DatabaseUnavailable => "We cannot reach our data right now. Try again in a moment.",
            Internal => "Something went wrong on our side.",
        }
    }
}

impl FieldCode {
    /// One plain sentence for people about this field. Whoever says it knows the rule in force and
    /// gives it along, so that no number has to travel with the code.
    pub fn sentence(self, field: &str, rule: PasswordRule) -> Cow<'static, str> {
        use FieldCode::*;
        let is_new_password = matches!(field, "password" | "newPassword");
        match self {
            TooShort if is_new_password => {
                format!("Use at least {} characters.", rule.shortest).into()
            }
            TooLong if is_new_password => {
                format!("Use at most {} characters.", rule.longest).into()
            }
            code => code.fixed_sentence(field).into(),
        }
    }

    fn fixed_sentence(self, field: &str) -> &'static str {
        use FieldCode::*;
        match (self, field) {
            (Required, "email" | "newEmail") => "Enter your e-mail address.",
            (Required, "currentPassword") => "Enter your current password.",
            (Required, "password" | "newPassword") => "Enter a password.",
            (Required, "code") => "Enter the code from the letter.",
            (Required, "emails") => "Enter at least one address.",
            (Required, "confirmation") => "Type the e-mail address of the account.",
            (Required, _) => "This is needed.",
            (TooShort, "username") => "Use at least 3 characters.",
            (TooShort, _) => "This is too short.",
            (TooLong, "emails") => "Name at most 100 addresses at a time.",
            (TooLong, _) => "This is too long.",
            (TooWeak, _) => "This is easy to guess. A few unrelated words make a good password.",
            (TooCommon, _) => {
                "This is one of the first passwords anyone would try. Choose another."
            }
            (Breached, _) => "This password is known from a leak. Choose another.",
            (Reused, "newEmail") => "Your account has this address already.",
            (Reused, _) => "You have used this password here before. Choose another.",
            (Invalid, "email" | "newEmail") => "Enter an address like ada@example.com.",
            (Invalid, "username") => "Use letters, digits, dots, dashes and underscores.",
            (Invalid, "currentPassword") => "This is not your current password.",
            (Invalid, "code") => "Enter the six digits from the letter.",
            (Invalid, "role" | "moveTo") => "There is no such role.",
            (Invalid, "patterns" | "assigned" | "permissions") => "There is no such permission.",
            (Invalid, "tenantId") => "There is no such organisation.",
            (Invalid, "days" | "expiresInDays") => "Days: a number from 1 to 3650.",
            (Invalid, "rateLimit") => "Uses an hour: a number from 1 to 1,000,000.",
            (Invalid, "key") => {
                "This is not written as a key is: wks_live_ or wks_test_, and 72 characters."
            }
            (Invalid, "ip") => "Address: write it like 192.0.2.1 or 2001:db8::1.",
            (Invalid, "from") => "From: write a day like 2026-11-21.",
            (Invalid, "to") => "To: write a day like 2026-11-21.",
            (Invalid, "outcome") => "Outcome: there is done, and refused.",
            (Invalid, _) => "This is not in the right form.",
            (Mismatch, "password" | "currentPassword") => {
                "That is not the password of this account."
            }
            (Mismatch, "name") => "That is not the name of this organisation.",
            (Mismatch, "confirmation") => "That is not the address of this account.",
            (Mismatch, "status") => "The account stands otherwise by now. Look at it again.",
            (Mismatch, _) => "The two do not match.",
            (Taken, "newEmail") => "Another account has this address.",
            (Taken, "username") => "This username is taken.",
            (Taken, "email") => "This address has an account already.",
            // Not somebody else's, but so the code is stretched (409): these stand in the way.
            (Taken, "id") => "This is your own account. Ask another admin to do that.",
            (Taken, "name") => "Something else has this name already.",
            (Taken, "builtIn") => {
                "This came with the portal: it can be neither changed nor deleted."
            }
            (Taken, "emailVerified") => {
                "The address of this account is not confirmed yet: it cannot be an admin."
            }
            (Taken, "moveTo") => "Somebody has this role. Choose what they shall have instead.",
            (Taken, "role") => "This is the last admin. Make somebody else an admin first.",
            (Taken, "keys") => {
                "There are as many keys as there may be. Revoke one that nobody needs."
            }
            (Taken, "deletesAt") => "The account is about to be deleted. Keep it first.",
            // Of a key or an invitation.
            (Taken, "status") => "This cannot be done as it stands by now. Look at it again.",
            (Taken, "version") => "There is a newer version. Read that one first.",
            (Taken, "purpose") => "This is needed for as long as there is an account.",
            (Taken, _) => "This is taken.",
            (Unknown, "email") => "No account has this address. You can invite it.",
            (Unknown, _) => "There is none of this name.",
            (UnknownField, _) => "There is no such field.",
            (DuplicateField, _) => "This field came more than once.",
        }
    }
}

/// One field and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// The member's name as it crosses the wire, `camelCase`.
    pub field: String,
    /// What is wrong.
    pub code: FieldCode,
}

impl FieldError {
    /// `code` about `field`.
    pub fn new(field: impl Into<String>, code: FieldCode) -> Self {
        Self {
            field: field.into(),
            code,
        }
    }

    /// The sentence for people, under the rule in force.
    pub fn message(&self, rule: PasswordRule) -> Cow<'static, str> {
        self.code.sentence(&self.field, rule)
    }
}

/// What the world learns of a failure: a closed set of codes and numbers, never free text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Error {
    /// Why.
    pub code: ErrorCode,
    /// The fields concerned; may be empty.
    pub fields: Vec<FieldError>,
    /// Seconds until trying again makes sense; always set for 429 and 503.
    pub retry_after: Option<u32>,
}

impl Error {
    /// Fields that need attention: `invalid_request`.
    pub fn fields(fields: Vec<FieldError>) -> Self {
        Self {
            code: ErrorCode::InvalidRequest,
            fields,
            retry_after: None,
        }
    }

    /// One field that needs attention: `invalid_request`.
    pub fn field(field: &str, code: FieldCode) -> Self {
        Self::fields(vec![FieldError::new(field, code)])
    }

    /// Another account has what was asked for in `field`: `conflict`.
    pub fn conflict(field: &str) -> Self {
        Self {
            code: ErrorCode::Conflict,
            fields: vec![FieldError::new(field, FieldCode::Taken)],
            retry_after: None,
        }
    }

    /// Too often: try again in `seconds`.
    pub fn rate_limited(seconds: u32) -> Self {
        Self {
            code: ErrorCode::RateLimited,
            fields: Vec::new(),
            retry_after: Some(seconds.max(1)),
        }
    }
}

impl From<ErrorCode> for Error {
    fn from(code: ErrorCode) -> Self {
        let retry_after = (code.status() == 503).then_some(2);
        Self {
            code,
            fields: Vec::new(),
            retry_after,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        for field in &self.fields {
            write!(f, " {}={}", field.field, field.code)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_crosses_the_wire_as_it_is_named() {
        for code in ErrorCode::ALL {
            let json = serde_json::to_string(code).expect("serialises");
            assert_eq!(json, format!("\"{code}\""));
            assert_eq!(ErrorCode::parse(code.as_str()), Some(*code));
        }
        for code in FieldCode::ALL {
            assert_eq!(
                serde_json::to_string(code).expect("serialises"),
                format!("\"{code}\"")
            );
        }
    }

    #[test]
    fn every_sentence_is_kind_and_whole() {
        for code in ErrorCode::ALL {
            let sentence = code.sentence();
            assert!(
                sentence.ends_with('.') && !sentence.contains('!'),
                "{sentence}"
            );
        }
    }

    #[test]
    fn a_sentence_about_length_says_the_rule_in_force() {
        let nist = PasswordRule {
            shortest: 15,
            ..PasswordRule::default()
        };
        for (field, code, rule, said) in [
            (
                "password",
                FieldCode::TooShort,
                PasswordRule::default(),
                "Use at least 12 characters.",
            ),
            (
                "newPassword",
                FieldCode::TooShort,
                nist,
                "Use at least 15 characters.",
            ),
            (
                "password",
                FieldCode::TooLong,
                nist,
                "Use at most 256 characters.",
            ),
            (
                "username",
                FieldCode::TooShort,
                nist,
                "Use at least 3 characters.",
            ),
        ] {
            assert_eq!(FieldError::new(field, code).message(rule), said);
        }
    }

    #[test]
    fn every_sentence_about_a_field_is_whole() {
        for code in FieldCode::ALL {
            for field in [
                "email",
                "password",
                "newPassword",
                "username",
                "code",
                "other",
            ] {
                let sentence = code.sentence(field, PasswordRule::default());
                assert!(
                    sentence.ends_with('.') && !sentence.contains('!'),
                    "{sentence}"
                );
            }
        }
    }

    #[test]
    fn a_busy_answer_always_says_when_to_come_back() {
        for code in ErrorCode::ALL.iter().filter(|code| code.status() == 503) {
            assert!(Error::from(*code).retry_after.is_some(), "{code}");
        }
        assert_eq!(Error::rate_limited(0).retry_after, Some(1));
    }
}
