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
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let next = SafeReturnTo::parse(&next);
    match attempt(&door, &email, password).await {
        Ok(signed_in) => door.signed_in(&signed_in, &next, None).await,
        Err(error) => door.refused(&paths::log_in(&next), error, &[("email", &email)]),
    }
}

async fn attempt(door: &Door, email: &str, password: Secret) -> Result<SignIn, wire::Error> {
    let typed = wire::LogIn {
        email: Some(email.to_owned()),
        password: Some(password),
        ..wire::LogIn::default()
    };
    let Way::Password(credentials) = typed.check()? else {
        return Err(wire::Error::field("password", FieldCode::Required));
    };
    door.auth()
        .log_in(credentials, Want::Page, &door.client)
        .await
        .map_err(told)
}
