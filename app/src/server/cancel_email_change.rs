//! `/_sf/cancel_email_change`.

use leptos::prelude::*;

use super::door::{Door, told};
use super::error::UiError;
use super::finish::Outcome;
use super::flash::Notice;
use crate::pages::paths;

/// Stops the change of address that waits to be confirmed.
#[server(name = CancelEmailChange, prefix = "/_sf", endpoint = "cancel_email_change")]
pub async fn cancel_email_change() -> Result<Outcome, UiError> {
    let door = Door::open()?;
    match attempt(&door).await {
        Ok(()) => door.done(paths::ACCOUNT, Some(Notice::EmailChangeStopped)),
        Err(error) => door.refused(paths::ACCOUNT, error, &[]),
    }
}

async fn attempt(door: &Door) -> Result<(), wire::Error> {
    let session = door.session()?;
    door.auth()
        .cancel_email_change(session, &door.client)
        .await
        .map_err(told)
}
