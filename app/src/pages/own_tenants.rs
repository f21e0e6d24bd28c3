//! `/account/tenants`: the organisations one belongs to, where one acts, and leaving.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wire::{MemberStatus, OwnTenant};

use super::error::Unavailable;
use super::frame::{House, PageTitle};
use super::icon::{Icon, Sign};
use super::paths;
use super::place::Place;
use super::when::{Exactly, read};
use crate::forms::Summary;
use crate::server::tenants::{ActInTenant, LeaveTenant};
use crate::server::{Session, viewer};

/// The organisations.
#[component]
pub(crate) fn OwnTenantsPage() -> impl IntoView {
    let (session, site) = (viewer::viewer(), viewer::site());
    Suspend::new(async move {
        let (Some(session), Some(site)) = (session, site) else {
            viewer::go(paths::LOG_IN);
            return ().into_any();
        };
        match site.auth.own_tenants(&session).await {
            Ok(tenants) => view! { <Shown session=session tenants=tenants/> }.into_any(),
            Err(fault) => view! { <Unavailable fault=fault/> }.into_any(),
        }
    })
}

#[component]
fn Shown(session: Arc<Session>, tenants: Vec<OwnTenant>) -> impl IntoView {
    let flash = viewer::flash();
    let rows: Vec<_> = tenants
        .into_iter()
        .map(|tenant| view! { <Row tenant=tenant/> }.into_any())
        .collect();
    let list = match rows.is_empty() {
        true => view! { <None_/> }.into_any(),
        false => view! { <section class="panel"><h2 class="unseen">"Your organisations"</h2><ul class="rows">{rows}</ul></section> }.into_any(),
    };
    view! {
        <PageTitle text="Organisations" is_error=flash.error.is_some()/>
        <House session=session here=Place::OwnTenants title="Organisations" lead="Where you belong, and where you act on this device. What you may do in one holds there alone.">
            <Summary flash=flash/>
            {list}
        </House>
    }
}

#[component]
fn None_() -> impl IntoView {
    view! {
        <div class="empty">
            <Icon sign=Sign::House/>
            <h2>"You belong to no organisation"</h2>
            <p>"Whoever looks after one can invite you: you get a letter with a link."</p>
        </div>
    }
}

#[component]
fn Row(tenant: OwnTenant) -> impl IntoView {
    let since = read(&tenant.joined_at).map(|at| view! { " since "<Exactly at=at/> });
    let state = match (tenant.status, tenant.active) {
        (MemberStatus::Suspended, _) => {
            Some(view! { <span class="badge badge-bad">"Suspended"</span> })
        }
        (MemberStatus::Active, true) => {
            Some(view! { <span class="badge badge-good">"You act here"</span> })
        }
        (MemberStatus::Active, false) => None,
    };
    let act = (tenant.status == MemberStatus::Active && !tenant.active).then(|| {
        view! {
            <form method="post" action=ActInTenant::PATH>
                <input type="hidden" name="tenant" value=tenant.id.clone()/>
                <button class="button" aria-label=format!("Act here: {}", tenant.name)>"Act here"</button>
            </form>
        }
    });
    let manage = tenant.manageable.then(|| {
        let label = format!("Manage {}", tenant.name);
        view! { <a class="button" href=paths::tenant(&tenant.id) aria-label=label>"Manage"</a> }
    });
    let leave = view! { <Leave tenant=tenant.clone()/> }.into_any();
    view! {
        <li class="tenant-row">
            <div class="stack">
                <b class="table-wrap">{tenant.name}</b>
                <span class="small quiet">{tenant.role}{since}</span>
                {state}
            </div>
            <div class="actions">{act}{manage}</div>
            {leave}
        </li>
    }
}

#[component]
fn Leave(tenant: OwnTenant) -> impl IntoView {
    let label = format!("Leave {}", tenant.name);
    let alone = tenant.manageable.then(|| {
        view! { <p class="small">"You look after it. If nobody else does, only those who run the portal can let somebody in."</p> }
    });
    view! {
        <details class="more">
            <summary aria-label=label>"Leave"</summary>
            <form method="post" action=LeaveTenant::PATH>
                <input type="hidden" name="tenant" value=tenant.id/>
                <p class="small quiet">"What you may do there is gone at once, on every device. Your account stays. Only an invitation, or an admin, leads back."</p>
                {alone}
                <button class="button button-danger">"Leave this organisation"</button>
            </form>
        </details>
    }
}
