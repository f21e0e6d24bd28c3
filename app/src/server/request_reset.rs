//! `/_sf/request_reset`.

use auth::WithCode;
use leptos::prelude::*;
use wire::{Email, RequestPasswordReset, Secret};

use super::door::{Door, told};
use super::error::UiError;
use super::finish::Outcome;
use super::flash::Notice;
use super::visit::{Keep, Link};
use crate::pages::paths;

/// Asks for a reset letter: to the address typed or, where the form has none, to the one this browser
/// asked for before. The answer is the same for every address.
#[server(name = RequestReset, prefix = "/_sf", endpoint = "request_reset")]
pub async fn request_reset(#[server(default)] email: Option<String>) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    match attempt(&door, email.as_deref()).await {
        Ok(flow) => {
            if let Some(flow) = flow {
                door.visit.keep(Keep::Reset(flow));
            }
            // Whatever link was opened here before, the next letter has a better one.
            door.visit.keep(Keep::NoLink(Link::ResetPassword));
            let again = email.is_none().then_some(Notice::ResetLetterSent);
            door.done(paths::RESET_PASSWORD, again)
        }
        Err(error) => match &email {
            Some(typed) => door.refused(paths::FORGOT_PASSWORD, error, &[("email", typed)]),
            None => door.refused(paths::RESET_PASSWORD, error, &[]),
        },
    }
}

async fn attempt(door: &Door, typed: Option<&str>) -> Result<Option<Secret>, wire::Error> {
    let before = match (&door.visit.brought().reset, typed) {
        (Some(flow), None) => door.auth().reset_address(flow).await.map_err(told)?,
        _ => None,
    };
    let email: Email = match before {
        Some(email) => email,
        None => RequestPasswordReset {
            email: typed.unwrap_or_default().to_owned(),
            with_code: None,
        }
        .check()?,
    };
    door.auth()
        .request_password_reset(email, WithCode::Yes, &door.client)
        .await
        .map_err(told)
}
