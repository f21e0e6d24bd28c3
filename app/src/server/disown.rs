//! `/_sf/disown`.

use auth::TakenBack;
use leptos::prelude::*;

use super::door::{Door, told};
use super::error::UiError;
use super::finish::Outcome;
use super::flash::Notice;
use crate::pages::paths;

/// "This wasn't me": takes the account of whoever is signed in back from somebody else.
#[server(name = Disown, prefix = "/_sf", endpoint = "disown")]
pub async fn disown(#[server(default)] event: String) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    match attempt(&door, &event).await {
        Ok(taken_back) => {
            forget(&door).await;
            door.done(paths::LOG_IN, Some(notice(&taken_back)))
        }
        Err(error) => door.refused(paths::ACTIVITY, error, &[]),
    }
}

async fn attempt(door: &Door, event: &str) -> Result<TakenBack, wire::Error> {
    let session = door.session()?;
    door.auth()
        .disown(session, event, &door.client)
        .await
        .map_err(told)
}

/// Takes the cookie back. Its session has ended whatever becomes of this.
async fn forget(door: &Door) {
    if let Err(error) = door.carrier.flush().await {
        tracing::error!(reason = %error, "the session cookie was not taken back");
    }
}

/// What is said to who took an account back.
pub(super) fn notice(taken_back: &TakenBack) -> Notice {
    match taken_back.address {
        Some(_) => Notice::TakenBack,
        None => Notice::TakenBackAndClosed,
    }
}
