//! `/_sf/reset_password`.

use leptos::prelude::*;
use wire::{ErrorCode, Secret};

use super::door::{Door, told};
use super::error::UiError;
use super::finish::Outcome;
use super::flash::Notice;
use super::visit::{Keep, Link};
use crate::pages::paths;

/// Chooses another password, by the link that waits in this browser. Signs nobody in.
#[server(name = ResetPassword, prefix = "/_sf", endpoint = "reset_password")]
pub async fn reset_password(
    #[server(default)] password: Secret,
    #[server(default)] confirm_password: Secret,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    match attempt(&door, password, confirm_password).await {
        Ok(()) => {
            door.visit.keep(Keep::NoReset);
            door.visit.keep(Keep::NoLink(Link::ResetPassword));
            door.done(paths::LOG_IN, Some(Notice::PasswordReset))
        }
        Err(error) => door.refused(paths::RESET_PASSWORD, error, &[]),
    }
}

async fn attempt(door: &Door, password: Secret, confirmed: Secret) -> Result<(), wire::Error> {
    let token = door.visit.brought().reset_password.clone();
    let request = wire::ResetPassword {
        token: Some(
            token
                .filter(|token| !token.is_empty())
                .ok_or(ErrorCode::InvalidOrExpiredLink)?,
        ),
        password,
        confirm_password: Some(confirmed),
        ..wire::ResetPassword::default()
    };
    let (proof, password) = request.check(door.auth().settings().password)?;
    let reset = auth::ResetPassword {
        proof,
        flow: None,
        password,
    };
    door.auth()
        .reset_password(reset, &door.client)
        .await
        .map_err(told)
}
