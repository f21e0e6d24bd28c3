//! `/account/keys/{id}`: one key, and what can be done with it. One of a tenant has its page there.

use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use wire::{ApiKey, ApiKeyStatus, ErrorCode};

use super::parts::{ChangeForm, Confirm, Facts, Revoke, Roll, tenant_of};
use crate::forms::Summary;
use crate::pages::error::Failed;
use crate::pages::frame::{House, PageTitle};
use crate::pages::paths;
use crate::pages::place::Place;
use crate::server::{ApiKeyError, Flash, KeyRights, Session, Site, Timestamp, viewer};

/// One key of whoever looks.
#[component]
pub(crate) fn KeyPage() -> impl IntoView {
    let (session, site) = (viewer::viewer(), viewer::site());
    let id = use_params_map().read_untracked().get("id");
    let flash = viewer::flash();
    Suspend::new(async move {
        let (Some(session), Some(site)) = (session, site) else {
            viewer::go(paths::LOG_IN);
            return ().into_any();
        };
        let id = id.unwrap_or_default();
        match known(&site, &session, &id).await {
            Ok(Some((key, _))) if key.owned_by_tenant => {
                viewer::go(&paths::tenant_key(&tenant_of(&key), &key.id));
                ().into_any()
            }
            Ok(Some((key, rights))) => {
                let held = rights.permissions;
                let now = site.auth.now();
                view! { <Shown session=session key_of=key held=held now=now flash=flash/> }
                    .into_any()
            }
            Ok(None) => view! { <Failed code=ErrorCode::NotFound/> }.into_any(),
            Err(error) => unread(&error),
        }
    })
}

/// In place of the page of a key that could not be read.
pub(crate) fn unread(error: &ApiKeyError) -> AnyView {
    tracing::error!(reason = %error, "a key was not read");
    view! { <Failed code=ErrorCode::Internal/> }.into_any()
}

/// A key, and what whoever looks can give it; `None` when there is none for them.
pub(crate) async fn known(
    site: &Site,
    session: &Session,
    id: &str,
) -> Result<Option<(ApiKey, KeyRights)>, ApiKeyError> {
    let Some(key) = site.auth.own_api_key(session, id).await? else {
        return Ok(None);
    };
    let tenant = key.tenant_id.as_deref();
    let rights = site.auth.key_rights(session, tenant).await?;
    Ok(Some((key, rights)))
}

#[component]
fn Shown(
    session: Arc<Session>,
    key_of: ApiKey,
    held: Vec<String>,
    now: Timestamp,
    flash: Flash,
) -> impl IntoView {
    let key = key_of;
    let is_over = key.status.is_over();
    let is_suspended = key.status == ApiKeyStatus::Suspended;
    let can_roll = !is_over && key.rolled_at.is_none();
    let change = (!is_over).then(|| {
        view! { <ChangeForm key_of=key.clone() held=held flash=flash.clone()/> }
    });
    view! {
        <PageTitle text="API key" is_error=flash.error.is_some()/>
        <House session=session here=Place::Keys title="API key" lead="What it may do, how long it lives, and ending it.">
            <Summary flash=flash.clone()/>
            <Facts key_of=key.clone() now=now/>
            {is_suspended.then(|| view! { <Confirm key_of=key.clone()/> })}
            {change}
            {can_roll.then(|| view! { <Roll key_of=key.clone() flash=flash/> })}
            {(!is_over).then(|| view! { <Revoke key_of=key.clone()/> })}
            <p><a href=paths::KEYS>"All keys"</a></p>
        </House>
    }
}
