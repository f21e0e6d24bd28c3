//! What stories are told with: a [`Site`] (a database of its own), a [`House`] (the portal on it),
//! actors who speak HTTP to it, and answers that say status and body in one breath.

mod actor;
mod answer;
mod house;
mod letter;
mod mail_api;
mod site;
mod smtp;
mod story;

pub(crate) use actor::Actor;
pub(crate) use answer::{Answer, claims, same_but_for};
pub(crate) use house::{House, Setup};
pub(crate) use letter::Letter;
pub(crate) use mail_api::MailApi;
pub(crate) use site::Site;
pub(crate) use smtp::{Copy, MailServer};
pub(crate) use story::{ADA, Account, PASSWORD, registration};

/// Tells each story twice: on SQLite and on PostgreSQL. Each telling owns its database.
macro_rules! both {
    ($($(#[$meta:meta])* async fn $name:ident($site:ident: &Site) $body:block)+) => {$(
        mod $name {
            use super::*;

            $(#[$meta])*
            async fn story($site: &Site) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let site = Site::sqlite();
                story(&site).await;
                site.clear_away().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(site) = Site::postgres(stringify!($name)).await {
                    story(&site).await;
                    site.clear_away().await;
                }
            }
        }
    )+};
}
pub(crate) use both;
