//! `/_sf/request_sign_in_code`.

use leptos::prelude::*;
use wire::{Email, SafeReturnTo, Secret};

use super::door::{Door, told};
use super::error::UiError;
use super::finish::Outcome;
use super::log_in::is_ticked;
use super::visit::{Keep, Link};
use crate::pages::paths;

/// Mails a code to sign in with to the address typed on the sign-in page. The answer is the same for
/// every address. A password that was typed beside it comes along and is not looked at.
#[server(name = RequestSignInCode, prefix = "/_sf", endpoint = "request_sign_in_code")]
pub async fn request_sign_in_code(
    #[server(default)] email: String,
    #[server(default)] next: String,
    #[server(default)] remember: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let next = SafeReturnTo::parse(&next);
    match attempt(&door, &email).await {
        Ok(flow) => {
            door.visit.keep(Keep::SignInFlow {
                flow,
                next: next.clone(),
                remember: is_ticked(&remember),
            });
            // A link opened here before belongs to another letter.
            door.visit.keep(Keep::NoLink(Link::SignIn));
            door.done(&paths::sign_in_code(&next), None)
        }
        Err(error) => door.refused(
            &paths::log_in(&next),
            error,
            &[("email", &email), ("remember", &remember)],
        ),
    }
}

/// The flow that has begun. Whoever went back and asks again for the same address goes on with the
/// one they have: with another letter, or to wait for the first.
async fn attempt(door: &Door, typed: &str) -> Result<Secret, wire::Error> {
    let email = Email::parse(typed).map_err(|code| wire::Error::field("email", code))?;
    let auth = door.auth();
    if let Some(flow) = &door.visit.brought().sign_in_flow {
        let pending = auth.pending_sign_in(flow).await.map_err(told)?;
        if let Some(pending) = pending.filter(|pending| pending.email == email && pending.has_tries)
        {
            if pending.again_in == 0 {
                auth.resend_sign_in_code(flow, &door.client)
                    .await
                    .map_err(told)?;
            }
            return Ok(flow.clone());
        }
    }
    auth.request_sign_in_code(email, &door.client)
        .await
        .map_err(told)
}
