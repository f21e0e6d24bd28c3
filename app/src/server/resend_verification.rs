//! `/_sf/resend_verification`.

use leptos::prelude::*;
use wire::{Email, Error};

use super::door::{Door, told};
use super::error::UiError;
use super::finish::Outcome;
use super::flash::Notice;
use super::visit::{Keep, Link};
use crate::pages::paths;

/// Asks for another letter: to the address of this browser's registration, or to the one typed.
/// The answer is the same for every address.
#[server(name = ResendVerification, prefix = "/_sf", endpoint = "resend_verification")]
pub async fn resend_verification(#[server(default)] email: String) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    match attempt(&door, &email).await {
        Ok(()) => {
            // Whatever link was opened here before, the next letter has a better one.
            door.visit.keep(Keep::NoLink(Link::VerifyEmail));
            door.done(paths::VERIFY_EMAIL, Some(Notice::LetterSent))
        }
        Err(error) => door.refused(paths::VERIFY_EMAIL, error, &[("email", &email)]),
    }
}

async fn attempt(door: &Door, typed: &str) -> Result<(), Error> {
    let flow = door.visit.brought().flow.as_ref();
    let pending = match flow {
        Some(flow) if typed.is_empty() => door.auth().pending_address(flow).await.map_err(told)?,
        _ => None,
    };
    let email = match pending {
        Some(email) => email,
        None => Email::parse(typed).map_err(|code| Error::field("email", code))?,
    };
    door.auth()
        .resend_verification(email, flow, &door.client)
        .await
        .map_err(told)
}
