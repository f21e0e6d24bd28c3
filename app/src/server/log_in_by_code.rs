//! `/_sf/log_in_by_code`.

use auth::{LogInByCode as Finish, SignIn, Want};
use leptos::prelude::*;
use wire::{ErrorCode, FieldCode, SafeReturnTo, Secret};

use super::door::{Door, told};
use super::error::UiError;
use super::finish::Outcome;
use super::log_in::is_ticked;
use super::visit::{Keep, Link};
use crate::pages::paths;

/// Signs somebody in by the code that was typed, the link that was opened in this browser, or both.
/// The flow's secret comes from this browser too.
#[server(name = LogInByCode, prefix = "/_sf", endpoint = "log_in_by_code")]
pub async fn log_in_by_code(
    #[server(default)] code: Option<Secret>,
    #[server(default)] next: String,
    #[server(default)] remember: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let next = SafeReturnTo::parse(&next);
    match attempt(&door, code, Want::page(is_ticked(&remember))).await {
        Ok(signed_in) => {
            door.visit.keep(Keep::NoSignInFlow);
            door.visit.keep(Keep::NoLink(Link::SignIn));
            door.signed_in(&signed_in, &next, None).await
        }
        Err(error) => door.refused(&page(&door, &next).await, error, &[]),
    }
}

/// Where a refusal is read: where there is something left to enter or to press, else where another
/// code is asked for.
pub(super) async fn page(door: &Door, next: &SafeReturnTo) -> String {
    let (auth, brought) = (door.auth(), door.visit.brought());
    let flow = brought.sign_in_flow.as_ref();
    let is_waiting = match flow {
        Some(flow) => matches!(auth.pending_sign_in(flow).await, Ok(Some(_))),
        None => false,
    };
    let has_link = match &brought.sign_in {
        Some(token) => matches!(auth.sign_in_link(token, flow).await, Ok(Some(_))),
        None => false,
    };
    if is_waiting || has_link {
        paths::sign_in_code(next)
    } else {
        paths::log_in(next)
    }
}

async fn attempt(door: &Door, code: Option<Secret>, want: Want) -> Result<SignIn, wire::Error> {
    let brought = door.visit.brought();
    let flow = brought.sign_in_flow.clone();
    // A link that works no more does not stand in the way of a code that does.
    let token = match &brought.sign_in {
        Some(token) => {
            let link = door.auth().sign_in_link(token, flow.as_ref()).await;
            link.map_err(told)?.map(|_| token.clone())
        }
        None => None,
    };
    let code = match code {
        Some(code) => Some(digits(code)?),
        None if token.is_none() => return Err(ErrorCode::InvalidOrExpiredLink.into()),
        None => None,
    };
    let finish = Finish {
        code,
        token,
        flow,
        email: None,
    };
    let auth = door.auth();
    auth.log_in_by_code(finish, want, &door.client)
        .await
        .map_err(told)
}

fn digits(code: Secret) -> Result<Secret, wire::Error> {
    if code.is_empty() {
        return Err(wire::Error::field("code", FieldCode::Required));
    }
    let typed = wire::Verify {
        code,
        ..wire::Verify::default()
    };
    Ok(typed.check()?.0)
}
