//! `/_sf/inspect_token`.

use leptos::prelude::*;
use wire::{InspectToken as Request, Inspection, Secret};

use super::door::{Door, told};
use super::error::UiError;
use super::finish::Outcome;
use super::flash::Flash;
use crate::pages::paths;

/// Looks at a token and says why it is refused. What was found waits for the page, once; the token itself
/// and its signature are kept nowhere.
#[server(name = InspectToken, prefix = "/_sf", endpoint = "inspect_token")]
pub async fn inspect_token(#[server(default)] token: String) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let request = Request {
        token: Secret::new(token),
    };
    match attempt(&door, &request).await {
        Ok(inspection) => {
            let flash = Flash {
                inspected: Some(inspection.fit(Flash::ROOM)),
                ..Flash::default()
            };
            Ok(door.done_with(paths::INSPECT_TOKEN, flash))
        }
        Err(error) => door.refused(paths::INSPECT_TOKEN, error, &[]),
    }
}

async fn attempt(door: &Door, request: &Request) -> Result<Inspection, wire::Error> {
    let session = door.session()?;
    let token = request.check()?;
    let inspected = door.auth().inspect_token(&token, session);
    inspected.await.map_err(told)
}
