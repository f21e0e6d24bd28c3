//! What runs in the browser. Each island adds comfort to something that works without it.

pub mod code_box;
pub mod show_password;

pub use code_box::CodeBox;
pub use show_password::ShowPassword;
