//! `/admin/tenants/{id}/settings`: the name of an organisation, and deleting it.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wire::OneTenant;

use super::{Desk, Tab, param, refused};
use crate::forms::{Field, Kind};
use crate::pages::icon::{Icon, Sign};
use crate::pages::paths;
use crate::pages::when::{Exactly, read};
use crate::server::tenants::{DeleteTenant, RenameTenant};
use crate::server::{Flash, Session, viewer};

/// Name and end.
#[component]
pub(crate) fn TenantSettingsPage() -> impl IntoView {
    let (session, site, id) = (viewer::viewer(), viewer::site(), param("id"));
    Suspend::new(async move {
        let (Some(session), Some(site)) = (session, site) else {
            viewer::go(paths::LOG_IN);
            return ().into_any();
        };
        match site.auth.tenant(Some(&session), &id).await {
            Ok(one) => view! { <Shown session=session one=one/> }.into_any(),
            Err(error) => refused(error),
        }
    })
}

#[component]
fn Shown(session: Arc<Session>, one: OneTenant) -> impl IntoView {
    let flash = viewer::flash();
    let overview = view! { <Overview one=one.clone()/> }.into_any();
    let change = match one.portal_wide {
        true => {
            let rename = view! { <Rename one=one.clone() flash=flash.clone()/> }.into_any();
            let delete = view! { <Delete one=one.clone() flash=flash.clone()/> }.into_any();
            view! { {rename}{delete} }.into_any()
        }
        false => view! {
            <div class="note note-plain"><Icon sign=Sign::Lock/><p>"Those who run the portal name organisations and delete them."</p></div>
        }
        .into_any(),
    };
    view! {
        <Desk session=session one=one tab=Some(Tab::Settings) flash=flash>
            {overview}
            {change}
        </Desk>
    }
}

#[component]
fn Overview(one: OneTenant) -> impl IntoView {
    let since = read(&one.tenant.created_at).map(|at| view! { <Exactly at=at/> });
    view! {
        <section class="section">
            <div class="section-head"><h2>"Overview"</h2><p>"The id is the "<code>"tenantId"</code>" of access tokens."</p></div>
            <div class="panel">
                <dl class="facts">
                    <div class="fact"><dt>"Id"</dt><dd><code class="table-wrap">{one.tenant.id}</code></dd></div>
                    <div class="fact"><dt>"Added"</dt><dd>{since}</dd></div>
                    <div class="fact"><dt>"Members"</dt><dd>{one.members}</dd></div>
                    <div class="fact"><dt>"Invitations that wait"</dt><dd>{one.invitations}</dd></div>
                    <div class="fact"><dt>"Sessions that act here"</dt><dd>{one.sessions}</dd></div>
                    <div class="fact"><dt>"API keys that act here"</dt><dd>{one.keys}</dd></div>
                </dl>
            </div>
        </section>
    }
}

#[component]
fn Rename(one: OneTenant, flash: Flash) -> impl IntoView {
    let flash = flash.with_known(&[("newName", Some(&one.tenant.name))]);
    view! {
        <section class="section">
            <div class="section-head"><h2>"Name"</h2><p>"Seen by its members and by those who are invited. Tokens carry the id, which stays."</p></div>
            <div class="panel">
                <form class="form" method="post" action=RenameTenant::PATH novalidate=true>
                    <input type="hidden" name="tenant" value=one.tenant.id/>
                    <Field kind=Kind::Text("off") name="new_name" wire="newName" label="Name" flash=flash/>
                    <div class="actions"><button class="button">"Save name"</button></div>
                </form>
            </div>
        </section>
    }
}

#[component]
fn Delete(one: OneTenant, flash: Flash) -> impl IntoView {
    let hint = format!("Type {} to confirm.", one.tenant.name);
    let has_ended = |many: i64, one: &'static str, more: &'static str| match many {
        1 => format!("1 {one}"),
        many => format!("{many} {more}"),
    };
    view! {
        <section class="section">
            <div class="section-head"><h2>"Delete"</h2><p>"For good. There is no way back."</p></div>
            <div class="panel">
                <form class="form" method="post" action=DeleteTenant::PATH novalidate=true>
                    <input type="hidden" name="tenant" value=one.tenant.id/>
                    <ul class="steps">
                        <li>{has_ended(one.members, "membership ends", "memberships end")}", with every right that follows from one. The accounts stay."</li>
                        <li>{has_ended(one.invitations, "invitation works", "invitations work")}" no more. Nobody is told."</li>
                        <li>{has_ended(one.sessions, "session acts", "sessions act")}" in no organisation from then on, and access tokens that name it are refused within seconds."</li>
                        <li>{has_ended(one.keys, "API key ends", "API keys end")}", the organisation’s and its members’ that act in it. Programs that use one are refused within seconds."</li>
                        <li>"What services keep under its id, they keep: delete it there first."</li>
                    </ul>
                    <Field kind=Kind::Text("off") name="name" label="Name of the organisation" hint=hint flash=flash/>
                    <div class="actions"><button class="button button-danger">"Delete organisation"</button></div>
                </form>
            </div>
        </section>
    }
}
