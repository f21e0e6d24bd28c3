//! `/admin/permissions`: what can be given. What services ask for is added here; removing one says first
//! who loses it.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_params_map;
use wire::{CatalogueEntry, ErrorCode};

use crate::forms::{Field, Kind, Summary};
use crate::pages::error::{Failed, Unavailable};
use crate::pages::frame::{House, PageTitle};
use crate::pages::paths;
use crate::pages::place::Place;
use crate::server::roles::{AddPermission, RemovePermission};
use crate::server::{Flash, Session, viewer};

/// The catalogue.
#[component]
pub(crate) fn PermissionsPage() -> impl IntoView {
    let (session, site) = (viewer::viewer(), viewer::site());
    Suspend::new(async move {
        let (Some(session), Some(site)) = (session, site) else {
            viewer::go(paths::LOG_IN);
            return ().into_any();
        };
        match site.auth.list_permissions().await {
            Ok(entries) => view! { <Shown session=session entries=entries/> }.into_any(),
            Err(fault) => view! { <Unavailable fault=fault/> }.into_any(),
        }
    })
}

#[component]
fn Shown(session: Arc<Session>, entries: Vec<CatalogueEntry>) -> impl IntoView {
    let flash = viewer::flash();
    let rows: Vec<_> = entries.into_iter().map(row).collect();
    view! {
        <PageTitle text="Permissions" is_error=flash.error.is_some()/>
        <House session=session here=Place::Roles title="Permissions" lead="Everything that can be given. Those the portal itself asks for stay; others come with the services that ask for them.">
            <p class="small"><a href=paths::ROLES>"All roles"</a></p>
            <Summary flash=flash.clone()/>
            <section class="list" aria-label="Permissions">
                <table class="table">
                    <thead><tr><th scope="col">"Permission"</th><th scope="col">"Given by name by"</th><th scope="col">"Remove"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </section>
            <Add flash=flash/>
        </House>
    }
}

fn row(entry: CatalogueEntry) -> AnyView {
    let by = match (entry.roles.is_empty(), entry.grants) {
        (true, 0) => "Nothing".to_owned(),
        (true, many) => people(many),
        (false, 0) => entry.roles.join(", "),
        (false, many) => format!("{}, {}", entry.roles.join(", "), people(many)),
    };
    let remove = match entry.built_in {
        true => view! { <span class="quiet">"Built in"</span> }.into_any(),
        false => {
            let label = format!("Remove {}", entry.name);
            view! { <a href=paths::remove_permission(&entry.name) aria-label=label>"Remove…"</a> }
                .into_any()
        }
    };
    view! {
        <tr>
            <th scope="row" class="table-wrap"><div class="stack"><code>{entry.name}</code><span class="small quiet">{entry.description}</span></div></th>
            <td data-label="Given by name by">{by}</td>
            <td data-label="Remove">{remove}</td>
        </tr>
    }
    .into_any()
}

fn people(many: i64) -> String {
    match many {
        1 => "1 person".to_owned(),
        many => format!("{many} people"),
    }
}

#[component]
fn Add(flash: Flash) -> impl IntoView {
    view! {
        <section class="section">
            <div class="section-head"><h2>"Add a permission"</h2><p>"Whoever holds a wildcard over it holds it at once; nobody else does until it is given."</p></div>
            <div class="panel">
                <form class="form" method="post" action=AddPermission::PATH novalidate=true>
                    <Field kind=Kind::Text("off") name="name" label="Name" hint="Like invoice:read: what it is about, and what is done to it." flash=flash.clone()/>
                    <Field kind=Kind::Text("off") name="description" label="Description" hint="What it lets somebody do, in a line." flash=flash/>
                    <div class="actions"><button class="button button-main">"Add this permission"</button></div>
                </form>
            </div>
        </section>
    }
    .into_any()
}

/// The question before a permission is removed.
#[component]
pub(crate) fn RemovePermissionPage() -> impl IntoView {
    let (session, site) = (viewer::viewer(), viewer::site());
    let name = use_params_map()
        .read_untracked()
        .get("name")
        .unwrap_or_default();
    Suspend::new(async move {
        let (Some(session), Some(site)) = (session, site) else {
            viewer::go(paths::LOG_IN);
            return ().into_any();
        };
        match site.auth.list_permissions().await {
            Ok(entries) => match entries
                .into_iter()
                .find(|one| one.name == name && !one.built_in)
            {
                Some(entry) => view! { <Question session=session entry=entry/> }.into_any(),
                None => view! { <Failed code=ErrorCode::NotFound/> }.into_any(),
            },
            Err(fault) => view! { <Unavailable fault=fault/> }.into_any(),
        }
    })
}

#[component]
fn Question(session: Arc<Session>, entry: CatalogueEntry) -> impl IntoView {
    let flash = viewer::flash();
    let title = format!("Remove {}?", entry.name);
    let roles = match entry.roles.is_empty() {
        true => "No role gives it by name.".to_owned(),
        false => format!("These roles give it no longer: {}.", entry.roles.join(", ")),
    };
    let grants = match entry.grants {
        0 => "Nobody was given it beside their role.".to_owned(),
        many => format!(
            "{} who were given it beside their role lose it.",
            people(many)
        ),
    };
    view! {
        <PageTitle text=title.clone() is_error=flash.error.is_some()/>
        <House session=session here=Place::Roles title=title lead="What this would do, before it is done.">
            <p class="small"><a href=paths::PERMISSIONS>"All permissions"</a></p>
            <Summary flash=flash/>
            <form class="form" method="post" action=RemovePermission::PATH>
                <input type="hidden" name="name" value=entry.name/>
                <ul class="steps">
                    <li>{roles}</li>
                    <li>{grants}</li>
                    <li>"Whoever holds it by a wildcard loses it, too. API keys that name it can do that much less."</li>
                    <li>"Every access token is refused once, and fetched again by the app that holds it. Nobody is signed out."</li>
                </ul>
                <div class="actions"><button class="button button-danger">"Remove this permission"</button></div>
            </form>
        </House>
    }
}
