//! What runs in the browser. Each island adds comfort to something that works without it.

pub mod code_box;
#[expect(
    missing_docs,
    reason = "the island macro makes a public struct of its props"
)]
pub mod countdown;
pub mod show_password;

pub use code_box::CodeBox;
pub use countdown::Countdown;
pub use show_password::ShowPassword;
