//! `/_sf/rotate_signing_keys`, `/_sf/revoke_signing_key`.

use auth::{RevokeKeyError, RotateError};
use leptos::prelude::*;

use super::door::{Door, told};
use super::error::UiError;
use super::finish::Outcome;
use super::flash::Notice;
use crate::pages::paths;

/// Lets the next key sign from now on.
#[server(name = RotateSigningKeys, prefix = "/_sf", endpoint = "rotate_signing_keys")]
pub async fn rotate_signing_keys() -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let session = door.person()?;
    let auth = door.auth();
    match auth.rotate_signing_keys(Some(session), &door.client).await {
        Ok(_) => door.done(paths::SIGNING_KEYS, Some(Notice::KeysRotated)),
        // From when on it is possible stands on the page.
        Err(RotateError::TooSoon(_)) => {
            door.done(paths::ROTATE_KEYS, Some(Notice::KeysRotatedTooSoon))
        }
        Err(error) => door.refused(paths::ROTATE_KEYS, told(error), &[]),
    }
}

/// Takes a key out of use at once.
#[server(name = RevokeSigningKey, prefix = "/_sf", endpoint = "revoke_signing_key")]
pub async fn revoke_signing_key(#[server(default)] kid: String) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let session = door.person()?;
    let auth = door.auth();
    match auth
        .revoke_signing_key(&kid, Some(session), &door.client)
        .await
    {
        Ok(_) => door.done(paths::SIGNING_KEYS, Some(Notice::KeyRevoked)),
        // The page is older than the set: what they wanted has happened.
        Err(RevokeKeyError::Unknown) => door.done(paths::SIGNING_KEYS, Some(Notice::KeyGone)),
        Err(error) => door.refused(paths::SIGNING_KEYS, told(error), &[]),
    }
}
