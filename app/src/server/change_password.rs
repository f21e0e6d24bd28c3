//! `/_sf/change_password`.

use leptos::prelude::*;
use wire::Secret;

use super::door::{Door, told};
use super::error::UiError;
use super::finish::Outcome;
use super::flash::Notice;
use crate::pages::paths;

/// Changes the viewer's password. A box that is not ticked is not sent.
#[server(name = ChangePassword, prefix = "/_sf", endpoint = "change_password")]
pub async fn change_password(
    #[server(default)] current_password: Secret,
    #[server(default)] new_password: Secret,
    #[server(default)] confirm_password: Secret,
    #[server(default)] sign_out_others: Option<String>,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let request = wire::ChangePassword {
        current_password,
        new_password,
        confirm_password: Some(confirm_password),
        sign_out_others: Some(sign_out_others.is_some()),
    };
    let notice = match request.sign_out_others {
        Some(true) => Notice::PasswordChanged,
        _ => Notice::PasswordChangedHere,
    };
    let ticked = [("signOutOthers", "yes")];
    let typed = match request.sign_out_others {
        Some(true) => &ticked[..],
        _ => &[],
    };
    match attempt(&door, &request).await {
        Ok(()) => door.done(paths::SECURITY, Some(notice)),
        Err(error) => door.refused(paths::SECURITY, error, typed),
    }
}

async fn attempt(door: &Door, request: &wire::ChangePassword) -> Result<(), wire::Error> {
    let session = door.session()?;
    let (current, new) = request.check(door.auth().settings().password)?;
    let change = auth::ChangePassword {
        current,
        new,
        ends_others: request.sign_out_others == Some(true),
    };
    let cookie = door
        .auth()
        .change_password(session, change, &door.client)
        .await
        .map_err(told)?;
    if let Some(cookie) = cookie {
        door.go_on(session, cookie).await?;
    }
    Ok(())
}
