//! `/_sf/end_session_of`, `/_sf/sign_out_user`, `/_sf/disable_user`, `/_sf/enable_user`: what the page of
//! somebody's account can do.

use auth::ManageUserError;
use leptos::prelude::*;
use wire::DisableUser as Request;

use super::door::{Door, told};
use super::error::UiError;
use super::finish::Outcome;
use super::flash::Notice;
use crate::pages::paths;
use crate::pages::user::Tab;

/// Ends one session of somebody.
#[server(name = EndSessionOf, prefix = "/_sf", endpoint = "end_session_of")]
pub async fn end_session_of(
    #[server(default)] user: String,
    #[server(default)] id: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let Some(session) = &door.session else {
        return Err(UiError::Internal);
    };
    let (auth, page) = (door.auth(), paths::user_tab(&user, Tab::Sessions));
    match auth.end_session_of(session, &user, &id, &door.client).await {
        Ok(()) => door.done(&page, Some(Notice::DeviceSignedOut)),
        // The page is older than the session's end: what they wanted has happened.
        Err(ManageUserError::Unknown) => door.done(&page, Some(Notice::DeviceWasSignedOut)),
        Err(error) => door.refused(&page, told(error), &[]),
    }
}

/// Ends every session of somebody.
#[server(name = SignOutUser, prefix = "/_sf", endpoint = "sign_out_user")]
pub async fn sign_out_user(#[server(default)] user: String) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let Some(session) = &door.session else {
        return Err(UiError::Internal);
    };
    let (auth, page) = (door.auth(), paths::user_tab(&user, Tab::Sessions));
    match auth.sign_out_user(session, &user, &door.client).await {
        Ok(_) => door.done(&page, Some(Notice::UserSignedOut)),
        Err(error) => door.refused(&page, told(error), &[]),
    }
}

/// Disables an account.
#[server(name = DisableUser, prefix = "/_sf", endpoint = "disable_user")]
pub async fn disable_user(
    #[server(default)] user: String,
    #[server(default)] reason: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let page = paths::user_tab(&user, Tab::Danger);
    match disable(&door, &user, &reason).await {
        Ok(()) => door.done(&page, Some(Notice::UserDisabled)),
        Err(error) => door.refused(&page, error, &[("reason", &reason)]),
    }
}

async fn disable(door: &Door, user: &str, reason: &str) -> Result<(), wire::Error> {
    let session = door
        .session
        .as_ref()
        .ok_or(wire::ErrorCode::AuthenticationRequired)?;
    let request = Request {
        reason: Some(reason.to_owned()),
    };
    let reason = request.check()?;
    door.auth()
        .disable_user(session, user, reason.as_deref(), &door.client)
        .await
        .map_err(told)
}

/// Enables an account again.
#[server(name = EnableUser, prefix = "/_sf", endpoint = "enable_user")]
pub async fn enable_user(#[server(default)] user: String) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let Some(session) = &door.session else {
        return Err(UiError::Internal);
    };
    let (auth, page) = (door.auth(), paths::user_tab(&user, Tab::Danger));
    match auth.enable_user(session, &user, &door.client).await {
        Ok(()) => door.done(&page, Some(Notice::UserEnabled)),
        Err(error) => door.refused(&page, told(error), &[]),
    }
}
