//! `/_sf/undo_deletion`.

use leptos::prelude::*;
use wire::ErrorCode;

use super::door::{Door, told};
use super::error::UiError;
use super::finish::Outcome;
use super::flash::Notice;
use super::visit::{Keep, Link};
use crate::pages::paths;

/// Keeps the account of the link that was opened in this browser.
#[server(name = UndoDeletion, prefix = "/_sf", endpoint = "undo_deletion")]
pub async fn undo_deletion() -> Result<Outcome, UiError> {
    let door = Door::open()?;
    match attempt(&door).await {
        Ok(()) => {
            door.visit.keep(Keep::NoLink(Link::UndoDeletion));
            door.done(paths::LOG_IN, Some(Notice::AccountKept))
        }
        Err(error) => door.refused(paths::UNDO_DELETION, error, &[]),
    }
}

async fn attempt(door: &Door) -> Result<(), wire::Error> {
    let token = door.visit.brought().undo_deletion.clone();
    let token = token.ok_or(ErrorCode::InvalidOrExpiredLink)?;
    let kept = door.auth().undo_deletion(&token, &door.client);
    kept.await.map_err(told)
}
