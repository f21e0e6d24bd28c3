//! What runs in the browser. Each island adds comfort to something that works without it.

pub mod code_box;
#[expect(
    missing_docs,
    reason = "the island macro makes a public struct of its props"
)]
pub mod copy;
#[expect(
    missing_docs,
    reason = "the island macro makes a public struct of its props"
)]
pub mod countdown;

#[expect(missing_docs, reason = "the island macro documents none of its props")]
pub mod password_strength;
pub mod show_password;

pub use code_box::CodeBox;
pub use copy::Copy;
pub use countdown::Countdown;
pub use password_strength::PasswordStrength;
pub use show_password::ShowPassword;
