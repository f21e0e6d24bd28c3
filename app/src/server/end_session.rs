//! `/_sf/end_session`, `/_sf/end_other_sessions`.

use auth::EndSessionError;
use leptos::prelude::*;
use wire::LogOutScope;

use super::door::{Door, told};
use super::error::UiError;
use super::finish::Outcome;
use super::flash::Notice;
use super::log_out::{CLEAR, forget};
use crate::pages::paths;

/// Ends one session of whoever is signed in. Ending this one is signing out.
#[server(name = EndSession, prefix = "/_sf", endpoint = "end_session")]
pub async fn end_session(#[server(default)] id: String) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let session = door.person()?;
    match door.auth().end_session(session, &id, &door.client).await {
        Ok(()) if session.id == id => left(&door).await,
        Ok(()) => door.done(paths::SESSIONS, Some(Notice::DeviceSignedOut)),
        // The page is older than the session's end: what they wanted has happened.
        Err(EndSessionError::Unknown) => {
            door.done(paths::SESSIONS, Some(Notice::DeviceWasSignedOut))
        }
        Err(error) => door.refused(paths::SESSIONS, told(error), &[]),
    }
}

async fn left(door: &Door) -> Result<Outcome, UiError> {
    match forget(door).await {
        Ok(()) => {
            let (name, value) = CLEAR;
            door.answer.insert_header(name, value);
            door.done(paths::LOG_IN, Some(Notice::SignedOut))
        }
        Err(error) => door.refused(paths::SESSIONS, error, &[]),
    }
}

/// Ends all sessions of whoever is signed in but this one.
#[server(name = EndOtherSessions, prefix = "/_sf", endpoint = "end_other_sessions")]
pub async fn end_other_sessions() -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let session = door.person()?;
    let (auth, scope) = (door.auth(), LogOutScope::Others);
    door.answered(
        paths::SESSIONS,
        auth.log_out(session, scope, &door.client).await,
        Notice::OtherDevicesSignedOut,
    )
}
