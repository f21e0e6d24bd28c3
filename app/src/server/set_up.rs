//! `/_sf/set_up`.

use auth::SignIn;
use leptos::prelude::*;
use wire::{SafeReturnTo, Secret};

use super::door::{Door, told};
use super::error::UiError;
use super::finish::Outcome;
use super::flash::Notice;
use super::register::account;
use super::visit::{Keep, Link};
use crate::pages::paths;

/// Makes the first admin (D12), by the link whose token waits in this browser.
#[server(name = SetUp, prefix = "/_sf", endpoint = "set_up")]
pub async fn set_up(
    #[server(default)] email: String,
    #[server(default)] password: Secret,
    #[server(default)] first_name: String,
    #[server(default)] last_name: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let typed = [
        ("email", &*email),
        ("firstName", &*first_name),
        ("lastName", &*last_name),
    ];
    match attempt(&door, &typed, password).await {
        Ok(signed_in) => {
            door.visit.keep(Keep::NoLink(Link::SetUp));
            door.signed_in(
                &signed_in,
                &SafeReturnTo::default(),
                Some(Notice::SetUpDone),
            )
            .await
        }
        Err(error) => door.refused(paths::SET_UP, error, &typed),
    }
}

async fn attempt(
    door: &Door,
    typed: &[(&str, &str)],
    password: Secret,
) -> Result<SignIn, wire::Error> {
    let token = door
        .visit
        .brought()
        .set_up
        .clone()
        .ok_or(wire::ErrorCode::InvalidOrExpiredLink)?;
    let account = account(door, typed, password)?;
    door.auth()
        .set_up(&token, account, &door.client)
        .await
        .map_err(told)
}
