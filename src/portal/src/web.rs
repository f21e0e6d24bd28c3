//! The browser's door: pages and their forms, the session cookie, what a visitor carries along,
//! the files of the site, and the mailbox of development mode.

mod assets;
mod audit_export;
mod cookie;
mod error_page;
mod export;
mod flash;
mod link;
mod mailbox;
mod pages;
mod session_layer;
mod session_store;
mod visit;

use axum::Router;

use crate::Portal;

pub use app::server::carry;
pub use error_page::error_page;
pub(crate) use flash::for_visitor as flash_cookie;
pub use session_layer::{SessionLayer, session_layer};
pub use session_store::Sessions;

/// Every route a browser opens.
pub fn router(portal: &Portal) -> Router {
    pages::router(portal).merge(assets::router())
}
