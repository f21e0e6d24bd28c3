//! The pages of Gatehouse: plain HTML that posts plain forms, rendered on the server (D15).
//!
//! [`islands`] is all a browser runs, and all of it is enhancement: every page works without.
//! Under `ssr` there are the pages, their forms and the server functions the forms post to.
//! Nothing from a URL is ever shown as text: what went wrong comes from the flash, as codes.

// A page is one type, as deep as its elements; laying it out asks that many questions.
#![recursion_limit = "512"]

#[cfg(feature = "ssr")]
#[expect(unreachable_pub, reason = "the component macro makes its items public")]
mod forms;
pub mod islands;
#[cfg(feature = "ssr")]
#[expect(unreachable_pub, reason = "the component macro makes its items public")]
mod pages;
#[cfg(feature = "ssr")]
pub mod server;
#[cfg(feature = "ssr")]
#[expect(unreachable_pub, reason = "the component macro makes its items public")]
mod shell;

#[cfg(feature = "ssr")]
pub use pages::error::document as error_document;
#[cfg(feature = "ssr")]
pub use shell::App;
