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
    /// The attempt since which it may have left, as far as anybody knows: the same number for all
    /// attempts whose answers were lost, another after a refusal. With the id it tells a mail API
    /// which requests are one.
    pub attempt: i64,
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

/// What a letter says. None carries text of the requester: the address may not be theirs (D13). The
/// one exception is an invitation, whose inviter answers for it by name: their proven address, and
/// the tenant's name as somebody who runs the portal wrote it.
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
    /// Somebody who may invites this address.
    Invitation {
        /// `<portal>/accept-invitation?token=…`, good for 7 days.
        link: Secret,
        /// The proven address of whoever invites.
        inviter: Email,
        /// The tenant to join.
        tenant: Option<String>,
    },
    /// Prove that this shall be the new address of an account.
    ConfirmNewEmail {
        /// `<portal>/change-email?token=…`, good for 24 hours, for somebody signed in to the account.
        link: Secret,
        /// Six digits, good for ten minutes in the browser that asked.
        code: Secret,
    },
    /// Somebody wants to move their account to an address that has one.
    EmailInUse {
        /// Where to sign in.
        sign_in: String,
    },
    /// To the present address: somebody signed in asked for another one.
    EmailChangeAsked {
        /// `<portal>/undo-email?token=…`, good for 72 hours: takes the account back.
        link: Secret,
    },
    /// To the former address: the account has another one now.
    EmailChanged {
        /// `<portal>/undo-email?token=…`, good for 72 hours: takes the account back.
        link: Secret,
    },
    /// The owner of the account closed it; it will be deleted.
    DeletionScheduled {
        /// `<portal>/undo-deletion?token=…`: keeps the account, once, until it is deleted.
        link: Secret,
        /// When it is deleted.
        deletes_at: Timestamp,
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
    /// A factor or a key of the account was changed.
    SecurityChange {
        /// What was changed.
        change: SecurityChange,
        /// Where to look at it.
        account: String,
    },
    /// An API key of the account, or of a tenant for which its owner answers, is about to end.
    ApiKeyEnding {
        /// What its owner calls it.
        name: String,
        /// How it is written: its beginning and its last four characters.
        hint: String,
        /// When it ends.
        ends_at: Timestamp,
        /// Where to make another in its place.
        keys: String,
    },
    /// An admin tries whether letters arrive.
    MailTest,
}

/// What was changed about the ways into an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecurityChange {
    /// An authenticator app was added.
    TotpAdded,
    /// It was removed.
    TotpRemoved,
    /// A set of backup codes was made; older ones are void.
    BackupCodesMade,
    /// One of them was used to sign in.
    BackupCodeUsed,
    /// A passkey was added.
    PasskeyAdded,
    /// One was removed.
    PasskeyRemoved,
    /// An API key was made.
    ApiKeyCreated,
    /// One was revoked.
    ApiKeyRevoked,
    /// One was revoked because somebody who had found it said so.
    ApiKeyLeaked,
}

impl SecurityChange {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::TotpAdded,
        Self::TotpRemoved,
        Self::BackupCodesMade,
        Self::BackupCodeUsed,
        Self::PasskeyAdded,
        Self::PasskeyRemoved,
        Self::ApiKeyCreated,
        Self::ApiKeyRevoked,
        Self::ApiKeyLeaked,
    ];

    /// The letter's name in the outbox.
    pub fn letter(self) -> &'static str {
        match self {
            Self::TotpAdded => "security_change:totp_added",
            Self::TotpRemoved => "security_change:totp_removed",
            Self::BackupCodesMade => "security_change:backup_codes_made",
            Self::BackupCodeUsed => "security_change:backup_code_used",
            Self::PasskeyAdded => "security_change:passkey_added",
            Self::PasskeyRemoved => "security_change:passkey_removed",
            Self::ApiKeyCreated => "security_change:api_key_created",
            Self::ApiKeyRevoked => "security_change:api_key_revoked",
            Self::ApiKeyLeaked => "security_change:api_key_leaked",
        }
    }

    /// Reads the name.
    pub(crate) fn parse(letter: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|change| change.letter() == letter)
    }
}

/// Why a letter did not leave.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// Try again later: the network, a 4xx of SMTP, a 429 or 5xx of an API.
    #[error("not delivered this time: {0}")]
    Later(String),
    /// It may have left or not: the answer did not come, or was none.
    #[error("it may have left: {0}")]
    Unanswered(String),
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

    /// Whether no further letter is taken: the letter in hand is finished, the next one stays in
    /// the outbox.
    fn is_closed(&self) -> bool {
        false
    }
}
