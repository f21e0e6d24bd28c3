//! `/_sf/log_in`.

use auth::{SignIn, Want};
use leptos::prelude::*;
use wire::{FieldCode, SafeReturnTo, Secret, Way};

use super::door::{Door, told};
use super::error::UiError;
use super::finish::Outcome;
use crate::pages::paths;

/// Signs somebody in by address and password, and sends them where they wanted to go.
#[server(name = LogIn, prefix = "/_sf", endpoint = "log_in")]
pub async fn log_in(
    #[server(default)] email: String,
    #[server(default)] password: Secret,
    #[server(default)] next: String,
    #[server(default)] remember: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let next = SafeReturnTo::parse(&next);
    match attempt(&door, &email, password, Want::page(is_ticked(&remember))).await {
        Ok(signed_in) => door.signed_in(&signed_in, &next, None).await,
        Err(error) => door.refused(
            &paths::log_in(&next),
            error,
            &[("email", &email), ("remember", &remember)],
        ),
    }
}

/// Whether the box of this value was ticked: a browser leaves out the field of one that was not.
pub(super) fn is_ticked(value: &str) -> bool {
    !value.is_empty()
}

async fn attempt(
    door: &Door,
    email: &str,
    password: Secret,
    want: Want,
) -> Result<SignIn, wire::Error> {
    let typed = wire::LogIn {
        email: Some(email.to_owned()),
        password: Some(password),
        ..wire::LogIn::default()
    };
    let Way::Password(credentials) = typed.check()? else {
        return Err(wire::Error::field("password", FieldCode::Required));
    };
    door.auth()
        .log_in(credentials, want, &door.client)
        .await
        .map_err(told)
}
