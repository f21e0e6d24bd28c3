//! Letters, and the postman who takes them away.
//!
//! A flow only writes down that a letter is due (see `outbox`); the letter itself, with its
//! one-time secret, is made when it is sent and exists nowhere else.

use async_trait::async_trait;
use wire::{Email, Secret};

use crate::clock::Timestamp;

/// One letter, ready to be put into words by the `mail` crate.
#[derive(Clone, Debug)]
pub struct Letter {
    /// The outbox id: the same at every attempt, and the Message-ID, so a letter sent twice is
    /// recognised as one.
    pub id: String,
    /// To whom: the address in the database, never one from a request (security.md row 28).
    pub to: Email,
    /// What is said.
    pub kind: LetterKind,
    /// When the act happened that caused it.
    pub at: Timestamp,
    /// From which address, as recorded with the act.
    pub from_address: String,
    /// From which device, in words: `Firefox on Linux`.
    pub from_device: String,
    /// The configured public URL, without a trailing slash. Links are built from nothing else.
    pub portal: String,
}

/// What a letter says. None carries text of the requester: the address may not be theirs (D13).
#[derive(Clone, Debug)]
pub enum LetterKind {
    /// Prove this address.
    VerifyEmail {
        /// `<portal>/verify-email?token=…`, good for 24 hours.
        link: Secret,
        /// Six digits, good for ten minutes in the browser that asked.
        code: Secret,
    },
    /// Somebody registered an address that has an account.
    AlreadyRegistered {
        /// Where to sign in.
        sign_in: String,
    },
    /// Choose another password.
    ResetPassword {
        /// `<portal>/reset-password?token=…`, good for an hour.
        link: Secret,
        /// Six digits, good for ten minutes in the flow that asked. None where nobody waits for one.
        code: Option<Secret>,
    },
    /// The account has another password.
    PasswordChanged {
        /// Where to ask for a reset, for whoever did not do it.
        reset: String,
    },
    /// Sign in without a password.
    SignInCode {
        /// `<portal>/login/code?token=…`: enough in the browser that asked, for ten minutes.
        link: Secret,
        /// Six digits: enough in the flow that asked; elsewhere, beside the link.
        code: Secret,
    },
    /// Somebody signed in from where the account was never used.
    NewDevice {
        /// Where to look at what happened.
        activity: String,
        /// Where to choose another password.
        reset: String,
    },
    /// A refresh token came back after its successor was used: the session was ended.
    ReuseDetected {
        /// Where to look at sessions and change the password.
        account: String,
    },
}

/// Why a letter did not leave.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// Try again later: the network, a 4xx of SMTP, a 429 or 5xx of an API.
    #[error("not delivered this time: {0}")]
    Later(String),
    /// Trying again will not help: the address or the account was refused.
    #[error("refused: {0}")]
    Refused(String),
}

/// Takes letters away.
#[async_trait]
pub trait Postman: Send + Sync + 'static {
    /// Delivers one letter, or hands it to something that keeps it safe.
    ///
    /// # Errors
    /// [`PostError`]; its text goes to the operator, so it holds no address and no secret.
    async fn deliver(&self, letter: &Letter) -> Result<(), PostError>;
}
