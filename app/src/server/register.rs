//! `/_sf/register`.

use auth::{Registered, Want};
use leptos::prelude::*;
use wire::{NewAccount, SafeReturnTo, Secret};

use super::door::{Door, told};
use super::error::UiError;
use super::finish::Outcome;
use super::visit::{Keep, Link};
use crate::pages::paths;

/// Takes a registration. The answer is the same whether or not the address is known.
#[server(name = Register, prefix = "/_sf", endpoint = "register")]
pub async fn register(
    #[server(default)] email: String,
    #[server(default)] password: Secret,
    #[server(default)] username: String,
    #[server(default)] first_name: String,
    #[server(default)] last_name: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let typed = [
        ("email", &*email),
        ("username", &*username),
        ("firstName", &*first_name),
        ("lastName", &*last_name),
    ];
    let account = account(&door, &typed, password);
    let registered = match account {
        Ok(account) => door
            .auth()
            .register(account, Want::Page, &door.client)
            .await
            .map_err(told),
        Err(error) => Err(error),
    };
    match registered {
        Ok(Registered::Pending { flow }) => {
            door.visit.keep(Keep::Flow(flow));
            // A link opened here before belongs to another registration.
            door.visit.keep(Keep::NoLink(Link::VerifyEmail));
            door.done(paths::VERIFY_EMAIL, None)
        }
        Ok(Registered::SignedIn(signed_in)) => {
            door.signed_in(&signed_in, &SafeReturnTo::default(), None)
                .await
        }
        Err(error) => door.refused(paths::REGISTER, error, &typed),
    }
}

/// Reads the fields of an account, named as they cross the wire.
pub(super) fn account(
    door: &Door,
    typed: &[(&str, &str)],
    password: Secret,
) -> Result<NewAccount, wire::Error> {
    let field = |name: &str| {
        typed
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| (*value).to_owned())
    };
    let request = wire::Register {
        email: field("email").unwrap_or_default(),
        password,
        username: field("username"),
        first_name: field("firstName"),
        last_name: field("lastName"),
        full_name: None,
    };
    request.check(door.auth().settings().password)
}
