//! `/_sf/act_on_users`: one act on many, after it was looked over.

use leptos::prelude::*;
use wire::{ActOnUsers as Request, Bulk, BulkResult};

use super::door::{Door, told};
use super::error::UiError;
use super::finish::Outcome;
use super::flash::{ActedSummary, Flash};
use crate::pages::paths;

/// Acts on the accounts of these ids, which stand side by side with commas between, and leads back to the
/// list they were chosen from.
#[server(name = ActOnUsers, prefix = "/_sf", endpoint = "act_on_users")]
pub async fn act_on_users(
    #[server(default)] act: String,
    #[server(default)] ids: String,
    #[server(default)] reason: String,
    #[server(default)] seconds: String,
    #[server(default)] back: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let named: Vec<_> = ids.split(',').filter(|id| !id.is_empty()).collect();
    let page = paths::act_on_users(&act, &named, &back);
    match done(&door, &act, &named, &reason, &seconds).await {
        Ok((bulk, result)) => {
            let flash = Flash {
                acted: Some(ActedSummary::of(bulk.act, result)),
                ..Flash::default()
            };
            Ok(door.done_with(&paths::users_at(&back), flash))
        }
        Err(error) => {
            let typed = [("reason", &*reason), ("seconds", &*seconds)];
            door.refused(&page, error, &typed)
        }
    }
}

async fn done(
    door: &Door,
    act: &str,
    ids: &[&str],
    reason: &str,
    seconds: &str,
) -> Result<(Bulk, BulkResult), wire::Error> {
    let session = door.session()?;
    let request = Request {
        act: act.to_owned(),
        ids: ids.iter().map(|id| (*id).to_owned()).collect(),
        reason: (!reason.trim().is_empty()).then(|| reason.to_owned()),
        seconds: super::manage_user::seconds(seconds)?,
        dry_run: None,
    };
    let bulk = request.check()?;
    let result = door.auth().act_on_users(session, &bulk, &door.client).await;
    Ok((bulk, result.map_err(told)?))
}
