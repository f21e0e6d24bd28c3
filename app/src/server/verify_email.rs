//! `/_sf/verify_email`.

use auth::{SignIn, Want};
use leptos::prelude::*;
use wire::{ErrorCode, SafeReturnTo, Secret};

use super::door::{Door, told};
use super::error::UiError;
use super::finish::Outcome;
use super::flash::Notice;
use super::visit::{Keep, Link};
use crate::pages::paths;

/// Proves an address by the code that was typed or, where the form has no code, by the link that
/// was opened in this browser. The flow's secret comes from this browser too (D13).
#[server(name = VerifyEmail, prefix = "/_sf", endpoint = "verify_email")]
pub async fn verify_email(
    #[server(default)] code: Option<Secret>,
    #[server(default)] password: Option<Secret>,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    match attempt(&door, code, password).await {
        Ok(signed_in) => {
            door.visit.keep(Keep::NoFlow);
            door.visit.keep(Keep::NoLink(Link::VerifyEmail));
            door.signed_in(
                &signed_in,
                &SafeReturnTo::default(),
                Some(Notice::AccountCreated),
            )
            .await
        }
        Err(error) => door.refused(paths::VERIFY_EMAIL, error, &[]),
    }
}

async fn attempt(
    door: &Door,
    code: Option<Secret>,
    password: Option<Secret>,
) -> Result<SignIn, wire::Error> {
    let brought = door.visit.brought();
    let token = match &code {
        Some(code) if code.is_empty() => {
            return Err(wire::Error::field("code", wire::FieldCode::Required));
        }
        Some(_) => None,
        None => Some(
            brought
                .verify_email
                .clone()
                .ok_or(ErrorCode::InvalidOrExpiredLink)?,
        ),
    };
    let proof = wire::VerifyEmail {
        token,
        code,
        ..wire::VerifyEmail::default()
    }
    .proof();
    let finish = auth::VerifyEmail {
        proof: proof.map_err(of_the_link)?,
        flow: brought.flow.clone(),
        password: password.filter(|password| !password.is_empty()),
    };
    door.auth()
        .verify_email(finish, Want::Page, &door.client)
        .await
        .map_err(told)
}

/// Nobody typed the token, so nobody can mend it.
fn of_the_link(error: wire::Error) -> wire::Error {
    if error.fields.iter().any(|field| field.field == "token") {
        ErrorCode::InvalidOrExpiredLink.into()
    } else {
        error
    }
}
