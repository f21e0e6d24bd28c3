//! What is entrusted to somebody.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wire::{Assignment, MemberRights};

use crate::forms::{Choice, Field, Kind};
use crate::pages::when::{Exactly, read};
use crate::server::Flash;
use crate::server::user_rights::{AssignResource, UnassignResource};

/// The list, and the form that adds to it.
#[component]
pub(super) fn Assignments(
    user: String,
    entrusted: Vec<Assignment>,
    memberships: Vec<MemberRights>,
    manageable: bool,
    /// Whether there are older ones that are not shown.
    has_more: bool,
    flash: Flash,
) -> impl IntoView {
    let more = has_more.then(|| view! { <p class="small quiet">"Only the newest 200 are shown; the others are read through the API."</p> });
    let rows: Vec<_> = entrusted
        .into_iter()
        .map(|one| row(&user, &memberships, one, manageable))
        .collect();
    let list = match rows.is_empty() {
        true => view! { <p class="quiet">"Nothing is entrusted to them."</p> }.into_any(),
        false => view! {
            <table class="table">
                <thead><tr><th scope="col">"What"</th><th scope="col">"Organisation"</th><th scope="col">"Since"</th><th scope="col">"Take back"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any(),
    };
    let form = manageable.then(|| view! { <Add user=user memberships=memberships flash=flash/> });
    view! {
        <section class="section">
            <div class="section-head"><h2>"Assigned resources"</h2><p>"What their rights for assigned resources are about. It opens those rights, and gives none."</p></div>
            {list}
            {more}
            {form}
        </section>
    }
    .into_any()
}

fn row(user: &str, memberships: &[MemberRights], one: Assignment, manageable: bool) -> AnyView {
    let is_there = |member: &&MemberRights| Some(&member.tenant_id) == one.tenant_id.as_ref();
    let tenant = memberships
        .iter()
        .find(is_there)
        .map(|member| member.tenant.clone());
    let since = read(&one.assigned_at).map(|at| view! { <Exactly at=at/> });
    let label = format!("Take back {one}");
    let form = manageable.then(|| {
        view! {
            <form method="post" action=UnassignResource::PATH>
                <input type="hidden" name="user" value=user.to_owned()/>
                <input type="hidden" name="id" value=one.id.clone()/>
                <button class="button" aria-label=label>"Take back"</button>
            </form>
        }
    });
    view! {
        <tr>
            <th scope="row" class="table-wrap">{one.resource_type}" "<code>{one.resource_id}</code></th>
            <td data-label="Organisation">{tenant.unwrap_or_else(|| "None".to_owned())}</td>
            <td data-label="Since">{since}</td>
            <td data-label="Take back">{form}</td>
        </tr>
    }
    .into_any()
}

#[component]
fn Add(user: String, memberships: Vec<MemberRights>, flash: Flash) -> impl IntoView {
    let none = (String::new(), "None".to_owned());
    let tenants = memberships
        .into_iter()
        .map(|one| (one.tenant_id, one.tenant));
    let options: Vec<_> = std::iter::once(none).chain(tenants).collect();
    view! {
        <details class="more">
            <summary>"Entrust something to them"</summary>
            <form class="form" method="post" action=AssignResource::PATH novalidate=true>
                <input type="hidden" name="user" value=user/>
                <Choice name="tenant_id" label="Organisation" options=options chosen=String::new() flash=flash.clone() wire="tenantId"/>
                <Field kind=Kind::Text("off") name="resource_type" wire="resourceType" label="Kind" hint="What it is, as services call it: patient." flash=flash.clone()/>
                <Field kind=Kind::Text("off") name="resource_id" wire="resourceId" label="Id" hint="Which one, by the id the service knows it by." flash=flash/>
                <div class="actions"><button class="button button-main">"Entrust it to them"</button></div>
            </form>
        </details>
    }
    .into_any()
}
