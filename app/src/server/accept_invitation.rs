//! `/_sf/accept_invitation`.

use auth::{Accepted, Want};
use leptos::prelude::*;
use wire::{ErrorCode, SafeReturnTo, Secret};

use super::door::{Door, told};
use super::error::UiError;
use super::finish::Outcome;
use super::flash::Notice;
use super::log_in::is_ticked;
use super::visit::{Keep, Link};
use crate::pages::paths;

/// Accepts the invitation whose link was opened in this browser: with a password as a new account,
/// without one as whoever is signed in.
#[server(name = AcceptInvitation, prefix = "/_sf", endpoint = "accept_invitation")]
pub async fn accept_invitation(
    #[server(default)] username: String,
    #[server(default)] password: Option<Secret>,
    #[server(default)] first_name: String,
    #[server(default)] last_name: String,
    #[server(default)] remember: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let typed = [
        ("username", &*username),
        ("firstName", &*first_name),
        ("lastName", &*last_name),
        ("remember", &*remember),
    ];
    let want = Want::page(is_ticked(&remember));
    match attempt(&door, &typed, password, want).await {
        Ok(Accepted::SignedIn(signed_in)) => {
            door.visit.keep(Keep::NoLink(Link::Invitation));
            let (next, notice) = (SafeReturnTo::default(), Notice::AccountCreated);
            door.signed_in(&signed_in, &next, Some(notice)).await
        }
        Ok(Accepted::Joined(joined)) => {
            door.visit.keep(Keep::NoLink(Link::Invitation));
            if let (Some(session), Some(cookie)) = (&door.session, joined.cookie)
                && let Err(error) = door.go_on(session, cookie).await
            {
                return door.refused(paths::ACCOUNT, error, &[]);
            }
            door.done(paths::ACCOUNT, Some(Notice::Joined))
        }
        Err(error) => door.refused(paths::ACCEPT_INVITATION, error, &typed),
    }
}

async fn attempt(
    door: &Door,
    typed: &[(&str, &str)],
    password: Option<Secret>,
    want: Want,
) -> Result<Accepted, wire::Error> {
    let token = door.visit.brought().invitation.clone();
    let token = token.filter(|token| !token.is_empty());
    let field = |name: &str| {
        let field = typed.iter().find(|(known, _)| *known == name);
        field.map(|(_, value)| (*value).to_owned())
    };
    let request = wire::AcceptInvitation {
        token: token.ok_or(ErrorCode::InvalidOrExpiredLink)?,
        password,
        username: field("username"),
        first_name: field("firstName"),
        last_name: field("lastName"),
        ..wire::AcceptInvitation::default()
    };
    let accept = request.check(door.auth().settings().password)?;
    door.auth()
        .accept_invitation(accept, door.session.as_deref(), want, &door.client)
        .await
        .map_err(told)
}
