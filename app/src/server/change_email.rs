//! `/_sf/change_email`.

use leptos::prelude::*;
use wire::ChangeEmail as Request;

use super::door::{Door, told};
use super::error::UiError;
use super::finish::Outcome;
use super::flash::Notice;
use crate::pages::paths;

/// Asks for another address for the account of whoever is signed in.
#[server(name = ChangeEmail, prefix = "/_sf", endpoint = "change_email")]
pub async fn change_email(#[server(default)] new_email: String) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    match attempt(&door, &new_email).await {
        Ok(()) => door.done(paths::ACCOUNT, Some(Notice::EmailChangeAsked)),
        Err(error) => door.refused(paths::ACCOUNT, error, &[("newEmail", &new_email)]),
    }
}

async fn attempt(door: &Door, new_email: &str) -> Result<(), wire::Error> {
    let session = door.session()?;
    let request = Request {
        new_email: new_email.to_owned(),
    };
    door.auth()
        .change_email(session, &request.check()?, &door.client)
        .await
        .map_err(told)
}
