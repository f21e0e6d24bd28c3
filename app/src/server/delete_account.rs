//! `/_sf/delete_account`.

use leptos::prelude::*;
use wire::DeleteAccount as Request;

use super::door::{Door, told};
use super::error::UiError;
use super::finish::Outcome;
use super::flash::Notice;
use super::log_out::{CLEAR, forget};
use crate::pages::paths;

/// Closes the account of whoever typed its address, and has it deleted in 14 days.
#[server(name = DeleteAccount, prefix = "/_sf", endpoint = "delete_account")]
pub async fn delete_account(#[server(default)] confirmation: String) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let typed = Request { confirmation };
    match attempt(&door, &typed).await {
        Ok(()) => {
            let (name, value) = CLEAR;
            door.answer.insert_header(name, value);
            door.done(paths::LOG_IN, Some(Notice::AccountClosed))
        }
        Err(error) => {
            let kept = [("confirmation", typed.confirmation.as_str())];
            door.refused(paths::DELETE, error, &kept)
        }
    }
}

async fn attempt(door: &Door, typed: &Request) -> Result<(), wire::Error> {
    let session = door.session()?;
    let closed = door.auth().delete_account(session, typed, &door.client);
    closed.await.map_err(told)?;
    forget(door).await
}
