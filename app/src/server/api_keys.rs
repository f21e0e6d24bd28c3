//! `/_sf/create_key`, `/_sf/update_key`, `/_sf/roll_key`, `/_sf/confirm_key`, `/_sf/revoke_key`,
//! `/_sf/revoke_key_of`.

use leptos::prelude::*;
use wire::{CreateApiKey, Error, FieldCode, MadeApiKey, RevokeApiKey, RotateApiKey, UpdateApiKey};

use super::door::{Door, told};
use super::error::UiError;
use super::finish::Outcome;
use super::flash::{Flash, Notice};
use crate::pages::paths;

/// Makes a key, and shows it on the next page, once.
#[server(name = CreateKey, prefix = "/_sf", endpoint = "create_key")]
pub async fn create_key(
    #[server(default)] name: String,
    #[server(default)] permissions: Vec<String>,
    #[server(default)] life: String,
    #[server(default)] days: String,
    #[server(default)] rate_limit: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let ticked = permissions.join(" ");
    let typed = [
        ("name", name.clone()),
        ("permissions", ticked),
        ("expiresInDays", life.clone()),
        ("days", days.clone()),
        ("rateLimit", rate_limit.clone()),
    ];
    let wanted = wanted(name, permissions, (&life, &days), &rate_limit);
    match create(&door, wanted).await {
        Ok(made) => Ok(shown(&door, made)),
        Err(error) => {
            let typed: Vec<_> = typed.iter().map(|(name, it)| (*name, &**it)).collect();
            door.refused(paths::NEW_KEY, error, &typed)
        }
    }
}

fn wanted(
    name: String,
    permissions: Vec<String>,
    (life, days): (&str, &str),
    rate_limit: &str,
) -> Result<CreateApiKey, Error> {
    let expires_in_days = match life {
        "" => None,
        "never" => Some(None),
        "custom" => Some(Some(number("days", days)?)),
        preset => Some(Some(number("expiresInDays", preset)?)),
    };
    let rate_limit = match rate_limit.trim() {
        "" => None,
        typed => Some(number("rateLimit", typed)?),
    };
    Ok(CreateApiKey {
        name,
        permissions,
        expires_in_days,
        rate_limit,
    })
}

fn number(field: &str, typed: &str) -> Result<i64, Error> {
    let read = typed.trim().parse();
    read.map_err(|_| Error::field(field, FieldCode::Invalid))
}

async fn create(door: &Door, wanted: Result<CreateApiKey, Error>) -> Result<MadeApiKey, Error> {
    let wanted = wanted?.check()?;
    let session = door.session()?;
    let made = door.auth().create_api_key(session, &wanted, &door.client);
    made.await.map_err(told)
}

/// The key waits in the browser, sealed, for the page it is shown on: it is in no database.
fn shown(door: &Door, made: MadeApiKey) -> Outcome {
    // A cookie has little room, and the page names the key alone.
    let permissions = Vec::new();
    let flash = Flash {
        made_key: Some(MadeApiKey {
            permissions,
            ..made
        }),
        ..Flash::default()
    };
    door.done_sealed(paths::KEYS, flash)
}

/// Changes a key.
#[server(name = UpdateKey, prefix = "/_sf", endpoint = "update_key")]
pub async fn update_key(
    #[server(default)] id: String,
    #[server(default)] name: String,
    #[server(default)] permissions: Vec<String>,
    #[server(default)] rate_limit: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let page = paths::key(&id);
    let update = || async {
        let wanted = UpdateApiKey {
            name: Some(name),
            permissions: Some(permissions),
            rate_limit: Some(number("rateLimit", &rate_limit)?),
        };
        let change = wanted.check()?;
        let session = door.session()?;
        let changed = door
            .auth()
            .update_api_key(session, &id, &change, &door.client);
        changed.await.map_err(told)
    };
    match update().await {
        Ok(_) => door.done(&page, Some(Notice::KeySaved)),
        Err(error) => door.refused(&page, error, &[]),
    }
}

/// Makes a key in place of another.
#[server(name = RollKey, prefix = "/_sf", endpoint = "roll_key")]
pub async fn roll_key(
    #[server(default)] id: String,
    #[server(default)] overlap_seconds: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let roll = || async {
        let overlap_seconds = Some(number("overlapSeconds", &overlap_seconds)?);
        let overlap = RotateApiKey { overlap_seconds }.check()?;
        let session = door.session()?;
        let made = door
            .auth()
            .roll_api_key(session, &id, overlap, &door.client);
        made.await.map_err(told)
    };
    match roll().await {
        Ok(made) => Ok(shown(&door, made)),
        Err(error) => door.refused(&paths::key(&id), error, &[]),
    }
}

/// Says that a suspended key is one's own.
#[server(name = ConfirmKey, prefix = "/_sf", endpoint = "confirm_key")]
pub async fn confirm_key(#[server(default)] id: String) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let Some(session) = &door.session else {
        return Err(UiError::Internal);
    };
    let page = paths::key(&id);
    let confirmed = door.auth().confirm_api_key(session, &id, &door.client);
    match confirmed.await {
        Ok(_) => door.done(&page, Some(Notice::KeyConfirmed)),
        Err(error) => door.refused(&page, told(error), &[]),
    }
}

/// Ends a key.
#[server(name = RevokeKey, prefix = "/_sf", endpoint = "revoke_key")]
pub async fn revoke_key(#[server(default)] id: String) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let Some(session) = &door.session else {
        return Err(UiError::Internal);
    };
    let revoked = door.auth().revoke_api_key(session, &id, &door.client);
    match revoked.await {
        Ok(()) => door.done(paths::KEYS, Some(Notice::ApiKeyRevoked)),
        Err(error) => door.refused(paths::KEYS, told(error), &[]),
    }
}

/// Ends somebody's key: for those who look after all keys.
#[server(name = RevokeKeyOf, prefix = "/_sf", endpoint = "revoke_key_of")]
pub async fn revoke_key_of(
    #[server(default)] id: String,
    #[server(default)] reason: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let Some(session) = &door.session else {
        return Err(UiError::Internal);
    };
    let reason = Some(reason);
    let said = match (RevokeApiKey { reason }).check() {
        Ok(said) => said,
        Err(error) => return door.refused(paths::ALL_KEYS, error, &[]),
    };
    let auth = door.auth();
    let revoked = auth.revoke_key_of(session, &id, said.as_deref(), &door.client);
    match revoked.await {
        Ok(()) => door.done(paths::ALL_KEYS, Some(Notice::ApiKeyRevoked)),
        Err(error) => door.refused(paths::ALL_KEYS, told(error), &[]),
    }
}
