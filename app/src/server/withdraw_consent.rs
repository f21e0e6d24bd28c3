//! `/_sf/withdraw_consent`.

use leptos::prelude::*;
use wire::{ConsentPurpose, ErrorCode};

use super::door::{Door, told};
use super::error::UiError;
use super::finish::Outcome;
use super::flash::Notice;
use crate::pages::paths;

/// Takes a consent back.
#[server(name = WithdrawConsent, prefix = "/_sf", endpoint = "withdraw_consent")]
pub async fn withdraw_consent(#[server(default)] purpose: String) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    match attempt(&door, &purpose).await {
        Ok(()) => door.done(paths::PRIVACY, Some(Notice::ConsentSaved)),
        Err(error) => door.refused(paths::PRIVACY, error, &[]),
    }
}

async fn attempt(door: &Door, purpose: &str) -> Result<(), wire::Error> {
    let session = door.session()?;
    let purpose = ConsentPurpose::parse(purpose).ok_or(ErrorCode::NotFound)?;
    door.auth()
        .withdraw_consent(&session.user.id, purpose, &door.client)
        .await
        .map_err(told)
}
