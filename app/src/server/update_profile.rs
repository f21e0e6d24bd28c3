//! `/_sf/update_profile`.

use leptos::prelude::*;
use wire::{Change, UpdateProfile as Request};

use super::door::{Door, told};
use super::error::UiError;
use super::finish::Outcome;
use super::flash::Notice;
use crate::pages::paths;

/// Changes the names of whoever is signed in. What is left empty is cleared: the form shows all of it.
#[server(name = UpdateProfile, prefix = "/_sf", endpoint = "update_profile")]
pub async fn update_profile(
    #[server(default)] first_name: String,
    #[server(default)] last_name: String,
    #[server(default)] username: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let typed = [
        ("firstName", &*first_name),
        ("lastName", &*last_name),
        ("username", &*username),
    ];
    match attempt(&door, &first_name, &last_name, &username).await {
        Ok(()) => door.done(paths::ACCOUNT, Some(Notice::ProfileSaved)),
        Err(error) => door.refused(paths::ACCOUNT, error, &typed),
    }
}

async fn attempt(
    door: &Door,
    first_name: &str,
    last_name: &str,
    username: &str,
) -> Result<(), wire::Error> {
    let session = door.session()?;
    let request = Request {
        first_name: given(first_name),
        last_name: given(last_name),
        username: given(username),
    };
    door.auth()
        .update_profile(session, &request.check()?, &door.client)
        .await
        .map(drop)
        .map_err(told)
}

/// A field of a form is always said; empty, it says nothing shall be there.
fn given(text: &str) -> Change<String> {
    let text = text.trim();
    Some((!text.is_empty()).then(|| text.to_owned()))
}
