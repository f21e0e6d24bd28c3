//! `/admin/roles/{name}/delete`: what deleting a role would do, and the button.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_params_map;
use wire::Impact;

use super::ImpactView;
use crate::forms::Summary;
use crate::pages::error::{Failed, Unavailable};
use crate::pages::frame::{House, PageTitle};
use crate::pages::paths;
use crate::pages::place::Place;
use crate::server::roles::DeleteRole;
use crate::server::{Flash, RightsError, Session, viewer};

/// The question before a role goes.
#[component]
pub(crate) fn DeleteRolePage() -> impl IntoView {
    let (session, site) = (viewer::viewer(), viewer::site());
    let name = use_params_map().read_untracked().get("name");
    let name = name.unwrap_or_default();
    let move_to = viewer::asked("move_to").filter(|role| !role.is_empty());
    Suspend::new(async move {
        let (Some(session), Some(site)) = (session, site) else {
            viewer::go(paths::LOG_IN);
            return ().into_any();
        };
        let auth = &site.auth;
        let found = auth
            .preview_deletion(Some(&session), &name, move_to.as_deref())
            .await;
        let found = match found {
            Ok(impact) => Ok(impact),
            Err(RightsError::Fault(fault)) => {
                return view! { <Unavailable fault=fault/> }.into_any();
            }
            Err(error @ RightsError::Unknown) => {
                return view! { <Failed code=wire::Error::from(error).code/> }.into_any();
            }
            Err(error) => Err(error.into()),
        };
        view! { <Shown session=session name=name move_to=move_to found=found/> }.into_any()
    })
}

#[component]
fn Shown(
    session: Arc<Session>,
    name: String,
    move_to: Option<String>,
    found: Result<Impact, wire::Error>,
) -> impl IntoView {
    let mut flash = viewer::flash();
    let title = format!("Delete {name}?");
    let back = paths::role(&name);
    let body = match found {
        Ok(impact) => view! { <Question name=name move_to=move_to impact=impact/> }.into_any(),
        Err(error) => {
            // The page itself says it, unless a form just did.
            if flash.error.is_none() {
                flash = Flash::refusal(error, &[]);
            }
            ().into_any()
        }
    };
    view! {
        <PageTitle text=title.clone() is_error=flash.error.is_some()/>
        <House session=session here=Place::Roles title=title lead="What this would do, before it is done.">
            <p class="small"><a href=back>"Back to the role"</a></p>
            <Summary flash=flash/>
            {body}
        </House>
    }
}

#[component]
fn Question(name: String, move_to: Option<String>, impact: Impact) -> impl IntoView {
    let version = impact.version.clone();
    let then = match &move_to {
        Some(role) => format!("Whoever has it gets {role} in the same moment."),
        None => "Nobody has it.".to_owned(),
    };
    view! {
        <ImpactView impact=impact/>
        <form class="form below" method="post" action=DeleteRole::PATH>
            <input type="hidden" name="name" value=name/>
            <input type="hidden" name="move_to" value=move_to/>
            <input type="hidden" name="version" value=version/>
            <p>{then}" Open invitations that offer it are taken back. It cannot be undone."</p>
            <div class="actions"><button class="button button-danger">"Delete this role"</button></div>
        </form>
    }
    .into_any()
}
