//! `/_sf/redeem_reset_code`.

use leptos::prelude::*;
use wire::{ErrorCode, Proof, Secret, VerifyEmail};

use super::door::{Door, told};
use super::error::UiError;
use super::finish::Outcome;
use super::visit::{Keep, Link};
use crate::pages::paths;

/// Takes the code of a reset letter, in the browser that asked for it: what it is exchanged for waits
/// here as an opened link would, and the page asks for the password next.
#[server(name = RedeemResetCode, prefix = "/_sf", endpoint = "redeem_reset_code")]
pub async fn redeem_reset_code(#[server(default)] code: Secret) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    match attempt(&door, code).await {
        Ok(token) => {
            door.visit.keep(Keep::Link(Link::ResetPassword, token));
            door.done(paths::RESET_PASSWORD, None)
        }
        Err(error) => door.refused(paths::RESET_PASSWORD, error, &[]),
    }
}

async fn attempt(door: &Door, code: Secret) -> Result<Secret, wire::Error> {
    if code.is_empty() {
        return Err(wire::Error::field("code", wire::FieldCode::Required));
    }
    let typed = VerifyEmail {
        code: Some(code),
        ..VerifyEmail::default()
    };
    let Proof::Code(code) = typed.proof()? else {
        return Err(ErrorCode::InvalidCode.into());
    };
    let flow = door.visit.brought().reset.clone();
    door.auth()
        .redeem_reset_code(&code, flow.as_ref(), &door.client)
        .await
        .map_err(told)
}
