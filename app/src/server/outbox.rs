//! `/_sf/retry_letter`, `/_sf/send_test_letter`.

use auth::RetryLetterError;
use leptos::prelude::*;
use wire::LetterStatus;

use super::door::{Door, told};
use super::error::UiError;
use super::finish::Outcome;
use super::flash::Notice;
use crate::pages::paths;

/// Makes a letter that was given up due again; `status` is the filter its list was seen with.
#[server(name = RetryLetter, prefix = "/_sf", endpoint = "retry_letter")]
pub async fn retry_letter(
    #[server(default)] id: String,
    #[server(default)] status: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let session = door.person()?;
    let page = paths::outbox(LetterStatus::parse(&status));
    match door.auth().retry_letter(&id, session, &door.client).await {
        Ok(()) => door.done(&page, Some(Notice::LetterDueAgain)),
        // The page is older than the letter's state: what they wanted has happened.
        Err(RetryLetterError::NotDead) => door.done(&page, Some(Notice::LetterNotGivenUp)),
        Err(error) => door.refused(&page, told(error), &[]),
    }
}

/// Sends the admin a letter, to see whether letters arrive.
#[server(name = SendTestLetter, prefix = "/_sf", endpoint = "send_test_letter")]
pub async fn send_test_letter() -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let session = door.person()?;
    door.answered(
        paths::OUTBOX,
        door.auth().send_test_letter(session, &door.client).await,
        Notice::TestLetterOnItsWay,
    )
}
