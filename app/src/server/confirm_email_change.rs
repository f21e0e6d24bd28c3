//! `/_sf/confirm_email_change`.

use leptos::prelude::*;
use wire::{ConfirmEmailChange as Request, ErrorCode, FieldCode, Secret};

use super::door::{Door, told};
use super::error::UiError;
use super::finish::Outcome;
use super::flash::Notice;
use super::visit::{Keep, Link};
use crate::pages::paths;

/// Proves a new address by the code that was typed or, where the form has no code, by the link that
/// was opened in this browser.
#[server(name = ConfirmEmailChange, prefix = "/_sf", endpoint = "confirm_email_change")]
pub async fn confirm_email_change(
    #[server(default)] code: Option<Secret>,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let page = if code.is_some() {
        paths::ACCOUNT
    } else {
        paths::CHANGE_EMAIL
    };
    match attempt(&door, code).await {
        Ok(()) => {
            door.visit.keep(Keep::NoLink(Link::ChangeEmail));
            door.done(paths::ACCOUNT, Some(Notice::EmailChanged))
        }
        Err(error) => door.refused(page, error, &[]),
    }
}

async fn attempt(door: &Door, code: Option<Secret>) -> Result<(), wire::Error> {
    let session = door.session()?;
    let token = match &code {
        Some(code) if code.is_empty() => {
            return Err(wire::Error::field("code", FieldCode::Required));
        }
        Some(_) => None,
        None => Some(
            door.visit
                .brought()
                .change_email
                .clone()
                .filter(|token| !token.is_empty())
                .ok_or(ErrorCode::InvalidOrExpiredLink)?,
        ),
    };
    let proof = Request { token, code }.proof()?;
    door.auth()
        .confirm_email_change(session, &proof, &door.client)
        .await
        .map(drop)
        .map_err(told)
}
