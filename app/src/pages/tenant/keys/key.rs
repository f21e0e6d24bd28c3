//! `/admin/tenants/{id}/keys/{key}`: one key of the organisation, and what can be done with it.

use std::sync::Arc;

use leptos::prelude::*;
use wire::{ApiKey, ApiKeyStatus, ErrorCode, OneTenant};

use crate::pages::error::Failed;
use crate::pages::keys::{ChangeForm, Confirm, Facts, Revoke, Roll, TakeOver, known, unread};
use crate::pages::paths;
use crate::pages::tenant::{Desk, Tab, param, refused};
use crate::server::{KeyRights, Session, Timestamp, viewer};

/// One key.
#[component]
pub(crate) fn TenantKeyPage() -> impl IntoView {
    let (session, site) = (viewer::viewer(), viewer::site());
    let (id, key) = (param("id"), param("key"));
    Suspend::new(async move {
        let (Some(session), Some(site)) = (session, site) else {
            viewer::go(paths::LOG_IN);
            return ().into_any();
        };
        let one = match site.auth.tenant(Some(&session), &id).await {
            Ok(one) => one,
            Err(error) => return refused(error),
        };
        let is_here = |key: &ApiKey| key.owned_by_tenant && key.tenant_id.as_ref() == Some(&id);
        let found = match known(&site, &session, &key).await {
            Ok(found) => found.filter(|(key, _)| is_here(key)),
            Err(error) => return unread(&error),
        };
        let Some((key, rights)) = found else {
            return view! { <Failed code=ErrorCode::NotFound/> }.into_any();
        };
        let now = site.auth.now();
        view! { <Shown session=session one=one key_of=key rights=rights now=now/> }.into_any()
    })
}

#[component]
fn Shown(
    session: Arc<Session>,
    one: OneTenant,
    key_of: ApiKey,
    rights: KeyRights,
    now: Timestamp,
) -> impl IntoView {
    let flash = viewer::flash();
    let key = key_of;
    let is_over = key.status.is_over();
    let is_own = key.user_id.as_ref() == Some(&session.user.id);
    let can_confirm = key.status == ApiKeyStatus::Suspended && is_own;
    // Where its member cannot sign in it waits for nobody; where they can, they are asked.
    let is_left = match key.status {
        ApiKeyStatus::Stopped => true,
        ApiKeyStatus::Suspended => !is_own,
        _ => false,
    };
    let can_take = is_left && rights.can_answer;
    let can_roll = !is_over && key.rolled_at.is_none() && rights.can_answer;
    let held = rights.permissions;
    let facts = view! { <Facts key_of=key.clone() now=now/> }.into_any();
    let confirm = can_confirm.then(|| view! { <Confirm key_of=key.clone()/> });
    let take = can_take.then(|| view! { <TakeOver key_of=key.clone() held=held.clone()/> });
    let change = (!is_over).then(|| {
        view! { <ChangeForm key_of=key.clone() held=held flash=flash.clone()/> }
    });
    let roll = can_roll.then(|| view! { <Roll key_of=key.clone() flash=flash.clone()/> });
    let revoke = (!is_over).then(|| view! { <Revoke key_of=key.clone()/> });
    let all = paths::tenant_keys(&one.tenant.id, None);
    view! {
        <Desk session=session one=one tab=Some(Tab::Keys) flash=flash>
            {facts}{confirm}{take}{change}{roll}{revoke}
            <p><a href=all>"All keys"</a></p>
        </Desk>
    }
}
