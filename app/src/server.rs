//! Server functions: one thin door each to an act of the core, and what they share.
//!
//! A function reads its fields, calls the core, and ends through `finish`. Expected failures are
//! values (D15): a function answers `Err` only when the portal was put together wrongly.

mod carry;
mod door;
mod error;
mod finish;
mod flash;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod log_in;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod log_out;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod password_strength;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod register;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod resend_verification;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod set_up;
mod site;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod step_up;
#[expect(unreachable_pub, reason = "the server macro makes its items public")]
pub(crate) mod verify_email;
pub(crate) mod viewer;
mod visit;

// What pages show of the core: they name it from here, so that what crosses is in one place.
pub(crate) use auth::{Fault, Session, Timestamp, VerificationLink, rfc3339};
pub(crate) use leptos_axum::ResponseOptions;

pub use carry::{CarryError, ISSUED, carry, carry_on};
pub use error::UiError;
pub use finish::Outcome;
pub use flash::{Flash, Notice};
pub use site::{Assets, Letter, Letters, Site};
pub use visit::{Brought, Keep, Link, Shelf, Visit};
