//! `/_sf/end_session_of`, `/_sf/disable_user` and the like: what the page of somebody's account can do.

use auth::ManageUserError;
use leptos::prelude::*;
use wire::{
    Change, DeleteUser as Deleting, DisableUser as Disabling, Error, FieldCode, UpdateProfile,
};

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
    let (session, page) = (door.person()?, paths::user_tab(&user, Tab::Sessions));
    let ended = door
        .auth()
        .end_session_of(session, &user, &id, &door.client);
    match ended.await {
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
    let session = door.person()?;
    let done = door
        .auth()
        .sign_out_user(session, &user, &door.client)
        .await;
    let page = paths::user_tab(&user, Tab::Sessions);
    door.answered(&page, done.map(drop), Notice::UserSignedOut)
}

/// Suspends an account for some seconds, or disables it until somebody enables it.
#[server(name = DisableUser, prefix = "/_sf", endpoint = "disable_user")]
pub async fn disable_user(
    #[server(default)] user: String,
    #[server(default)] reason: String,
    #[server(default)] seconds: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let page = paths::user_tab(&user, Tab::Danger);
    match disable(&door, &user, &reason, &seconds).await {
        Ok(notice) => door.done(&page, Some(notice)),
        Err(error) => {
            let typed = [("reason", &*reason), ("seconds", &*seconds)];
            door.refused(&page, error, &typed)
        }
    }
}

async fn disable(door: &Door, user: &str, reason: &str, time: &str) -> Result<Notice, Error> {
    let session = door.session()?;
    let request = Disabling {
        reason: Some(reason.to_owned()),
        seconds: seconds(time)?,
    };
    let disabling = request.check()?;
    let auth = door.auth();
    auth.disable_user(session, user, &disabling, &door.client)
        .await
        .map_err(told)?;
    Ok(match disabling.seconds {
        Some(_) => Notice::UserSuspended,
        None => Notice::UserDisabled,
    })
}

/// A number of seconds as a form sends it; empty is none.
pub(super) fn seconds(text: &str) -> Result<Option<i64>, Error> {
    match text.trim() {
        "" => Ok(None),
        text => match text.parse() {
            Ok(seconds) => Ok(Some(seconds)),
            Err(_) => Err(Error::field("seconds", FieldCode::Invalid)),
        },
    }
}

/// Enables an account again.
#[server(name = EnableUser, prefix = "/_sf", endpoint = "enable_user")]
pub async fn enable_user(#[server(default)] user: String) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let session = door.person()?;
    let done = door.auth().enable_user(session, &user, &door.client).await;
    let page = paths::user_tab(&user, Tab::Danger);
    door.answered(&page, done, Notice::UserEnabled)
}

/// Lets somebody try their password again at once.
#[server(name = UnlockUser, prefix = "/_sf", endpoint = "unlock_user")]
pub async fn unlock_user(#[server(default)] user: String) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let session = door.person()?;
    let done = door.auth().unlock_user(session, &user, &door.client).await;
    door.answered(&paths::user(&user), done, Notice::UserUnlocked)
}

/// Mails somebody a way to a new password.
#[server(name = MailResetToUser, prefix = "/_sf", endpoint = "mail_reset_to_user")]
pub async fn mail_reset_to_user(#[server(default)] user: String) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let session = door.person()?;
    let mailed = door.auth().mail_reset_to_user(session, &user, &door.client);
    let done = mailed.await;
    door.answered(&paths::user(&user), done, Notice::ResetMailed)
}

/// Changes somebody's names. What is left empty is cleared: the form shows all of it.
#[server(name = UpdateUser, prefix = "/_sf", endpoint = "update_user")]
pub async fn update_user(
    #[server(default)] user: String,
    #[server(default)] first_name: String,
    #[server(default)] last_name: String,
    #[server(default)] username: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let page = paths::user(&user);
    let request = UpdateProfile {
        first_name: given(&first_name),
        last_name: given(&last_name),
        username: given(&username),
    };
    let typed = [
        ("firstName", &*first_name),
        ("lastName", &*last_name),
        ("username", &*username),
    ];
    let change = match request.check() {
        Ok(change) => change,
        Err(error) => return door.refused(&page, error, &typed),
    };
    let session = door.person()?;
    let updated = door
        .auth()
        .update_user(session, &user, &change, &door.client);
    match updated.await {
        Ok(_) => door.done(&page, Some(Notice::NamesSaved)),
        Err(error) => door.refused(&page, told(error), &typed),
    }
}

/// A field of a form is always said; empty, it says nothing shall be there.
fn given(text: &str) -> Change<String> {
    let text = text.trim();
    Some((!text.is_empty()).then(|| text.to_owned()))
}

/// Deletes an account, after 14 days or now.
#[server(name = DeleteUser, prefix = "/_sf", endpoint = "delete_user")]
pub async fn delete_user(
    #[server(default)] user: String,
    #[server(default)] confirmation: String,
    #[server(default)] when: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let session = door.person()?;
    let request = Deleting {
        immediately: Some(when == "now"),
        confirmation: Some(confirmation.clone()),
    };
    let deleted = door
        .auth()
        .delete_user(session, &user, &request, &door.client);
    let page = paths::user_tab(&user, Tab::Danger);
    match (deleted.await, request.is_immediate()) {
        (Ok(_), true) => door.done(paths::USERS, Some(Notice::UserDeleted)),
        (Ok(_), false) => door.done(&page, Some(Notice::UserLeaving)),
        (Err(error), _) => {
            let typed = [("confirmation", &*confirmation), ("when", &*when)];
            door.refused(&page, told(error), &typed)
        }
    }
}

/// Keeps an account that was to be deleted.
#[server(name = KeepUser, prefix = "/_sf", endpoint = "keep_user")]
pub async fn keep_user(#[server(default)] user: String) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let session = door.person()?;
    let done = door.auth().keep_user(session, &user, &door.client).await;
    let page = paths::user_tab(&user, Tab::Danger);
    door.answered(&page, done, Notice::UserKept)
}
