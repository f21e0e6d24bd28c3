//! `/admin/roles/new`: making a role. It begins as it is or like another; what it gives is ticked next.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wire::Role;

use crate::forms::{Choice, Field, Kind, Summary};
use crate::pages::error::Unavailable;
use crate::pages::frame::{House, PageTitle};
use crate::pages::paths;
use crate::pages::place::Place;
use crate::server::roles::AddRole;
use crate::server::{Session, viewer};

/// The form.
#[component]
pub(crate) fn AddRolePage() -> impl IntoView {
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
    let nothing = (String::new(), "Nothing".to_owned());
    let like = roles.into_iter().filter(|role| role.name != "api");
    let like = like.map(|role| (role.name.clone(), format!("The same as {}", role.name)));
    let options: Vec<_> = std::iter::once(nothing).chain(like).collect();
    view! {
        <PageTitle text="Make a role" is_error=flash.error.is_some()/>
        <House session=session here=Place::Roles title="Make a role" lead="Give it a name. What it gives, you tick on its own page; nobody has it until you say so.">
            <p class="small"><a href=paths::ROLES>"All roles"</a></p>
            <Summary flash=flash.clone()/>
            <form class="form" method="post" action=AddRole::PATH novalidate=true>
                <Field kind=Kind::Text("off") name="name" label="Name" hint="Small letters, digits, dashes and underscores, a letter first. It stands in tokens and never changes." flash=flash.clone()/>
                <Field kind=Kind::Text("off") name="description" label="Description" hint="What it is for, in a line." flash=flash.clone() is_optional=true/>
                <Choice name="like" label="It gives at first" options=options chosen=String::new() flash=flash/>
                <div class="actions"><button class="button button-main">"Make this role"</button></div>
            </form>
        </House>
    }
}
