//! Where one acts: beside the navigation of every page, for whoever belongs to a tenant. A plain form.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wire::{MemberStatus, OwnTenant};

use super::paths;
use crate::server::tenants::ActInTenant;
use crate::server::{Session, viewer};

/// What to choose from, and the way to the tenant one looks after. Nothing for whoever belongs to none.
#[component]
pub(super) fn Switcher(session: Arc<Session>) -> impl IntoView {
    let (site, here) = (viewer::site(), viewer::here());
    Suspend::new(async move {
        let Some(site) = site else {
            return ().into_any();
        };
        match site.auth.own_tenants(&session).await {
            Ok(tenants) if tenants.is_empty() => ().into_any(),
            Ok(tenants) => view! { <Choices tenants=tenants here=here/> }.into_any(),
            Err(fault) => {
                // The page itself is there.
                tracing::error!(reason = %fault, "where somebody may act could not be shown");
                ().into_any()
            }
        }
    })
}

#[component]
fn Choices(tenants: Vec<OwnTenant>, here: String) -> impl IntoView {
    let managed = tenants.iter().find(|one| one.active && one.manageable);
    let managed = managed.map(|one| {
        let href = paths::tenant(&one.id);
        view! { <a class="small" href=href>"Manage "{one.name.clone()}</a> }
    });
    let is_alone = tenants.iter().all(|one| !one.active);
    let options: Vec<_> = tenants
        .into_iter()
        .filter(|one| one.status == MemberStatus::Active)
        .map(|one| view! { <option value=one.id selected=one.active>{one.name}</option> })
        .collect();
    view! {
        <form class="switcher" method="post" action=ActInTenant::PATH aria-label="Where you act">
            <label class="side-title" for="switcher">"Acting in"</label>
            <input type="hidden" name="back" value=here/>
            <div class="switcher-row">
                <select class="input" id="switcher" name="tenant">
                    <option value="" selected=is_alone>"No organisation"</option>
                    {options}
                </select>
                <button class="button">"Switch"</button>
            </div>
            <p class="switcher-more"><a class="small" href=paths::OWN_TENANTS>"Your organisations"</a>{managed}</p>
        </form>
    }
}
