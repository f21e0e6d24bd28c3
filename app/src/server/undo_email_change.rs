//! `/_sf/undo_email_change`.

use auth::TakenBack;
use leptos::prelude::*;
use wire::ErrorCode;

use super::disown::notice;
use super::door::{Door, told};
use super::error::UiError;
use super::finish::Outcome;
use super::visit::{Keep, Link};
use crate::pages::paths;

/// Takes an account back by the link that was opened in this browser.
#[server(name = UndoEmailChange, prefix = "/_sf", endpoint = "undo_email_change")]
pub async fn undo_email_change() -> Result<Outcome, UiError> {
    let door = Door::open()?;
    match attempt(&door).await {
        Ok(taken_back) => {
            door.visit.keep(Keep::NoLink(Link::UndoEmail));
            // Perhaps somebody is signed in here, to this account or another: the page says it to all.
            door.done(paths::UNDO_EMAIL, Some(notice(&taken_back)))
        }
        Err(error) => door.refused(paths::UNDO_EMAIL, error, &[]),
    }
}

async fn attempt(door: &Door) -> Result<TakenBack, wire::Error> {
    let token = door.visit.brought().undo_email.clone();
    let token = token.ok_or(ErrorCode::InvalidOrExpiredLink)?;
    door.auth()
        .undo_email_change(&token, &door.client)
        .await
        .map_err(told)
}
