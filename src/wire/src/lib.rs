//! What crosses the wire: requests as people and programs send them, views as they get them back,
//! error codes, and the small types both are made of.
//!
//! Compiles for the browser. Knows no IO, no clock, no randomness and no database. Whatever an
//! outsider can attack with a string — an address, a password, a return path — is a plain function
//! here, so that it can be tested, fuzzed and reused without a server (`design.md` principle 8).

mod consent;
mod email;
mod error;
mod leaving;
mod name;
mod paging;
mod password;
mod permission;
mod request;
mod return_path;
mod secret;
mod view;

pub use consent::{Consent, ConsentPurpose, ConsentStatus, Consents, GiveConsent};
pub use email::Email;
pub use error::{Error, ErrorCode, FieldCode, FieldError};
pub use leaving::{
    AccountExport, DeleteAccount, ExportedAccount, ExportedConsent, ExportedEvent, ExportedImport,
    ExportedLetter, ExportedSession, UndoDeletion,
};
pub use name::{PersonName, Username};
pub use paging::{Cursor, Page, Paging};
pub use password::{Password, PasswordRule};
pub use permission::Permission;
pub use request::{
    Audience, ChangePassword, Credentials, Identifier, LogIn, LogOut, LogOutScope, NewAccount,
    Proof, Refresh, Register, RequestPasswordReset, ResendVerification, ResetPassword, SetUp,
    StepUp, VerifyEmail,
};
pub use return_path::SafeReturnTo;
pub use secret::Secret;
pub use view::{
    AccessToken, AuthResult, Me, RegistrationStarted, ResetRequested, SteppedUp, Success,
    TokenPair, User,
};
