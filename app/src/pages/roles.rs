//! `/admin/roles`: what roles there are, and what each gives.

mod add;
mod delete;
mod impact;
mod matrix;
mod permissions;
mod presets;
mod preview;
mod role;

use std::sync::Arc;

use leptos::prelude::*;
use wire::Role;

use super::error::Unavailable;
use super::frame::{House, PageTitle};
use super::paths;
use super::place::Place;
use crate::forms::Summary;
use crate::server::{Session, viewer};

pub(crate) use add::AddRolePage;
pub(crate) use delete::DeleteRolePage;
pub(crate) use impact::{Changes, ImpactView};
pub(crate) use matrix::{Matrix, Offer, chosen};
pub(crate) use permissions::{PermissionsPage, RemovePermissionPage};
pub(crate) use presets::PresetsPage;
pub(crate) use preview::{PreviewRolePage, is_about_version};
pub(crate) use role::RolePage;

/// The list.
#[component]
pub(crate) fn RolesPage() -> impl IntoView {
    let (session, site) = (viewer::viewer(), viewer::site());
    Suspend::new(async move {
        let (Some(session), Some(site)) = (session, site) else {
            viewer::go(paths::LOG_IN);
            return ().into_any();
        };
        match site.auth.list_roles().await {
            Ok(roles) => view! { <Shown session=session roles=roles/> }.into_any(),
            Err(fault) => view! { <Unavailable fault=fault/> }.into_any(),
        }
    })
}

#[component]
fn Shown(session: Arc<Session>, roles: Vec<Role>) -> impl IntoView {
    let flash = viewer::flash();
    let rows: Vec<_> = roles
        .into_iter()
        .map(|role| view! { <Row role=role/> }.into_any())
        .collect();
    view! {
        <PageTitle text="Roles" is_error=flash.error.is_some()/>
        <House session=session here=Place::Roles title="Roles" lead="What people are allowed to do follows from their role, and from what they are given beside it.">
            <Summary flash=flash/>
            <section class="list" aria-label="Roles">
                <div class="row">
                    <a class="button button-main" href=paths::ADD_ROLE>"Make a role…"</a>
                    <a class="button" href=paths::PERMISSIONS>"Permissions"</a>
                    <a class="button" href=paths::PRESETS>"Presets"</a>
                </div>
                <table class="table">
                    <thead>
                        <tr><th scope="col">"Role"</th><th scope="col">"Gives"</th><th scope="col">"Accounts"</th><th scope="col">"Members of organisations"</th></tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </section>
        </House>
    }
}

#[component]
fn Row(role: Role) -> impl IntoView {
    let kind = match (role.changeable, role.built_in) {
        (false, _) => Some("Fixed"),
        (true, true) => Some("Built in"),
        (true, false) => None,
    };
    view! {
        <tr>
            <th scope="row" class="table-wrap">
                <div class="stack">
                    <span><a href=paths::role(&role.name)>{role.name.clone()}</a>" "{kind.map(|kind| view! { <span class="badge">{kind}</span> })}</span>
                    <span class="small quiet">{role.description}</span>
                </div>
            </th>
            <td data-label="Gives">{count(role.permissions.len(), role.assigned_permissions.len())}</td>
            <td data-label="Accounts">{role.users}</td>
            <td data-label="Members of organisations">{role.members}</td>
        </tr>
    }
}

fn count(free: usize, bound: usize) -> String {
    let rights = match free {
        0 => "Nothing".to_owned(),
        1 => "1 permission".to_owned(),
        many => format!("{many} permissions"),
    };
    match bound {
        0 => rights,
        bound => format!("{rights}, {bound} more for assigned resources"),
    }
}
