//! `/admin/tenants/{id}/keys` and below: the keys of an organisation. They are its own, and stay when a
//! member goes; what one may do, it may by the rights of the member who answers for it.

mod key;
mod new;

use std::sync::Arc;

use leptos::prelude::*;
use wire::{ApiKey, ErrorCode, OneTenant, Page, Paging};

use super::{Desk, Tab, param, refused};
use crate::pages::error::Failed;
use crate::pages::icon::{Icon, Sign};
use crate::pages::keys::{Life, Made, hint};
use crate::pages::paths;
use crate::server::{Session, Site, TenantError, Timestamp, viewer};

pub(crate) use key::TenantKeyPage;
pub(crate) use new::NewTenantKeyPage;

/// How many keys a page shows.
const ROWS: u32 = 50;

/// What the page is made of.
struct Known {
    one: OneTenant,
    page: Page<ApiKey>,
    /// Whether whoever looks can answer for a key: they are a member.
    can_answer: bool,
    now: Timestamp,
}

/// The keys.
#[component]
pub(crate) fn TenantKeysPage() -> impl IntoView {
    let (session, site, id) = (viewer::viewer(), viewer::site(), param("id"));
    let after = viewer::asked("cursor").and_then(|cursor| cursor.parse().ok());
    Suspend::new(async move {
        let (Some(session), Some(site)) = (session, site) else {
            viewer::go(paths::LOG_IN);
            return ().into_any();
        };
        let paging = Paging { limit: ROWS, after };
        match known(&site, &session, &id, &paging).await {
            Ok(Some(known)) => view! { <Shown session=session known=known/> }.into_any(),
            Ok(None) => view! { <Failed code=ErrorCode::NotFound/> }.into_any(),
            Err(error) => refused(error),
        }
    })
}

async fn known(
    site: &Site,
    session: &Session,
    id: &str,
    paging: &Paging,
) -> Result<Option<Known>, TenantError> {
    let one = site.auth.tenant(Some(session), id).await?;
    let page = site.auth.list_tenant_api_keys(session, id, paging).await?;
    let rights = site.auth.key_rights(session, Some(id)).await?;
    Ok(page.map(|page| Known {
        one,
        page,
        can_answer: rights.can_answer,
        now: site.auth.now(),
    }))
}

#[component]
fn Shown(session: Arc<Session>, known: Known) -> impl IntoView {
    let flash = viewer::flash();
    let Known {
        one,
        page,
        can_answer,
        now,
    } = known;
    let id = one.tenant.id.clone();
    let older = page.next_cursor();
    let older = older.map(|cursor| paths::tenant_keys(&id, Some(&cursor)));
    let here = paths::tenant_keys(&id, None);
    let made = flash.made_key.clone();
    let made = made.map(|made| view! { <Made made=made done=here/> }.into_any());
    let rows = match page.items.is_empty() {
        true => view! { <Empty/> }.into_any(),
        false => view! { <Table id=id.clone() keys=page.items now=now/> }.into_any(),
    };
    let new = match can_answer {
        true => view! { <p><a class="button button-main" href=paths::new_tenant_key(&id)>"New key"</a></p> }
            .into_any(),
        false => view! { <Outside/> }.into_any(),
    };
    view! {
        <Desk session=session one=one tab=Some(Tab::Keys) flash=flash>
            {made}
            <section class="list" aria-label="API keys">
                {new}
                {rows}
                {older.map(|older| view! { <p><a class="button" href=older rel="next">"Older keys"</a></p> })}
            </section>
        </Desk>
    }
}

/// For whoever looks after all organisations and belongs not to this one.
#[component]
pub(super) fn Outside() -> impl IntoView {
    view! {
        <div class="note note-plain"><Icon sign=Sign::Lock/><p>"A key has the rights of a member who answers for it, and you are none here: you can look at keys, change and revoke them, and make none."</p></div>
    }
}

#[component]
fn Empty() -> impl IntoView {
    view! {
        <div class="empty">
            <Icon sign=Sign::Key/>
            <h2>"No keys yet"</h2>
            <p>"A key of the organisation is nobody’s own: when the member who made it leaves, it stops until another admin takes it over, and the program needs no new one."</p>
        </div>
    }
}

#[component]
fn Table(id: String, keys: Vec<ApiKey>, now: Timestamp) -> impl IntoView {
    let rows: Vec<_> = keys
        .into_iter()
        .map(|key| view! { <Row id=id.clone() key_of=key now=now/> }.into_any())
        .collect();
    view! {
        <table class="table table-keys">
            <thead>
                <tr><th scope="col">"Name"</th><th scope="col">"Answers for it"</th><th scope="col">"State"</th><th scope="col">"Ends"</th><th scope="col">"Last used"</th></tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

#[component]
fn Row(id: String, key_of: ApiKey, now: Timestamp) -> impl IntoView {
    let key = key_of;
    let who = match key.owner_email.clone() {
        Some(email) => view! { <span>{email}</span> }.into_any(),
        None => view! { <span class="quiet">"Nobody"</span> }.into_any(),
    };
    view! {
        <tr class=key.status.is_over().then_some("quiet")>
            <th scope="row" class="table-wrap">
                <div class="stack">
                    <a href=paths::tenant_key(&id, &key.id)>{key.name.clone()}</a>
                    <code class="small quiet">{hint(&key)}</code>
                </div>
            </th>
            <td data-label="Answers for it" class="table-wrap">{who}</td>
            <Life key_of=key.clone() now=now/>
        </tr>
    }
}
