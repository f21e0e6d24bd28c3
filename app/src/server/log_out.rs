//! `/_sf/log_out`.

use http::{HeaderName, HeaderValue};
use leptos::prelude::*;
use wire::{LogOut as Request, LogOutScope, SafeReturnTo};

use super::door::{Door, told};
use super::error::UiError;
use super::finish::Outcome;
use super::flash::Notice;
use crate::pages::paths;

/// What the browser keeps beside the cookie goes too (security.md row 62).
pub(super) const CLEAR: (HeaderName, HeaderValue) = (
    HeaderName::from_static("clear-site-data"),
    HeaderValue::from_static("\"cache\", \"storage\""),
);

/// Ends this session, or with `scope=global` all of the account. `next` is where whoever was the wrong
/// person goes on.
#[server(name = LogOut, prefix = "/_sf", endpoint = "log_out")]
pub async fn log_out(
    #[server(default)] scope: String,
    #[server(default)] next: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let scope = Some(scope).filter(|scope| !scope.is_empty());
    match end(
        &door,
        Request {
            scope,
            ..Request::default()
        },
    )
    .await
    {
        Ok(notice) => {
            let (name, value) = CLEAR;
            door.answer.insert_header(name, value);
            let next = SafeReturnTo::parse(&next);
            let page = if next.is_home() {
                paths::LOG_IN
            } else {
                next.as_str()
            };
            door.done(page, Some(notice))
        }
        Err(error) => door.refused(paths::LOG_OUT, error, &[]),
    }
}

async fn end(door: &Door, request: Request) -> Result<Notice, wire::Error> {
    let scope = request.scope()?;
    if let Some(session) = &door.session {
        door.auth()
            .log_out(session, scope, &door.client)
            .await
            .map_err(told)?;
    }
    match scope {
        LogOutScope::Others => Ok(Notice::SignedOut),
        LogOutScope::Local => forget(door).await.map(|()| Notice::SignedOut),
        LogOutScope::Global => forget(door).await.map(|()| Notice::SignedOutEverywhere),
    }
}

/// Takes the cookie back. The session has ended whatever becomes of this.
pub(super) async fn forget(door: &Door) -> Result<(), wire::Error> {
    door.carrier.flush().await.map_err(|error| {
        tracing::error!(reason = %error, "the session cookie was not taken back");
        wire::ErrorCode::Internal.into()
    })
}
