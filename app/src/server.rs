//! Server functions: one thin door each to an act of the core, and what they share.
//!
//! A function reads its fields, calls the core, and ends through `finish`. Expected failures are
//! values (D15): a function answers `Err` only when the portal was put together wrongly.

#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod accept_invitation;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod act_on_users;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod agree;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod api_keys;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod cancel_email_change;
mod carry;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod change_email;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod change_password;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod confirm_email_change;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod delete_account;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod disown;
mod door;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod end_session;
mod error;
mod finish;
mod flash;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod inspect_token;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod invite;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod log_in;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod log_in_by_code;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod log_out;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod manage_user;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod outbox;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod password_strength;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod redeem_reset_code;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod register;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod request_reset;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod request_sign_in_code;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod resend_sign_in_code;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod resend_verification;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod reset_password;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod roles;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod set_up;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod signing_keys;
mod site;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod step_up;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod tenants;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod undo_deletion;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod undo_email_change;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod update_profile;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod user_rights;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod verify_email;
pub(crate) mod viewer;
mod visit;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod withdraw_consent;

// What pages show of the core: they name it from here, so that what crosses is in one place.
pub(crate) use auth::{
    ApiKeyError, ApiKeyQuery, AssignError, AssignmentQuery, AuditPage, AuditQuery, Closing,
    EmailChangeLink, Fault, InvitationLink, InvitationQuery, KeyRights, MemberQuery, PendingEmail,
    PendingSignIn, RightsChange, RightsError, Session, SignInLink, SigningKeyView, TenantError,
    Timestamp, UserQuery, VerificationLink, rfc3339,
};
pub(crate) use leptos_axum::ResponseOptions;

pub use carry::{CarryError, ISSUED, carry, carry_on, keep_for};
pub use door::accepts_html;
pub use error::UiError;
pub use finish::Outcome;
pub use flash::{ActedSummary, Flash, InvitedSummary, Notice, RefusedAddresses};
pub use site::{Assets, Letter, Letters, Looks, Site};
pub use visit::{Brought, Keep, Link, Shelf, Visit};
