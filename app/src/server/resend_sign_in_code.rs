//! `/_sf/resend_sign_in_code`.

use leptos::prelude::*;
use wire::{ErrorCode, SafeReturnTo};

use super::door::{Door, told};
use super::error::UiError;
use super::finish::Outcome;
use super::flash::Notice;
use super::log_in_by_code::page;
use super::visit::{Keep, Link};
use crate::pages::paths;

/// Mails another code for the sign-in this browser waits to finish; where its tries are spent, it
/// begins anew for the same address.
#[server(name = ResendSignInCode, prefix = "/_sf", endpoint = "resend_sign_in_code")]
pub async fn resend_sign_in_code(#[server(default)] next: String) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let next = SafeReturnTo::parse(&next);
    match attempt(&door, &next).await {
        Ok(()) => {
            // Whatever link was opened here before, the next letter has a better one.
            door.visit.keep(Keep::NoLink(Link::SignIn));
            door.done(&paths::sign_in_code(&next), Some(Notice::CodeSent))
        }
        Err(error) => door.refused(&page(&door, &next).await, error, &[]),
    }
}

async fn attempt(door: &Door, next: &SafeReturnTo) -> Result<(), wire::Error> {
    let auth = door.auth();
    let flow = door.visit.brought().sign_in_flow.as_ref();
    let flow = flow.ok_or(ErrorCode::InvalidCode)?;
    let pending = auth.pending_sign_in(flow).await.map_err(told)?;
    let pending = pending.ok_or(ErrorCode::InvalidCode)?;
    if pending.has_tries {
        let resent = auth.resend_sign_in_code(flow, &door.client);
        return resent.await.map_err(told);
    }
    let begun = auth.request_sign_in_code(pending.email, &door.client);
    door.visit.keep(Keep::SignInFlow {
        flow: begun.await.map_err(told)?,
        next: next.clone(),
        remember: door.visit.brought().sign_in_remember,
    });
    Ok(())
}
