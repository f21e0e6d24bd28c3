//! `/admin/roles/{name}/preview`: what a change would do, and the button that does it.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_params_map;
use wire::{EditRole, ErrorCode, Impact};

use super::{ImpactView, chosen};
use crate::forms::Summary;
use crate::pages::error::{Failed, Unavailable};
use crate::pages::frame::{House, PageTitle};
use crate::pages::paths;
use crate::pages::place::Place;
use crate::server::roles::SaveRole;
use crate::server::{Flash, RightsError, Session, Site, viewer};

/// What was found.
enum Found {
    Impact(Impact),
    /// It cannot be done like this, and why.
    Refused(wire::Error),
}

/// The question before a role is changed.
#[component]
pub(crate) fn PreviewRolePage() -> impl IntoView {
    let (session, site) = (viewer::viewer(), viewer::site());
    let name = use_params_map()
        .read_untracked()
        .get("name")
        .unwrap_or_default();
    let edit = EditRole {
        description: viewer::asked("description").unwrap_or_default(),
        patterns: chosen("p"),
        assigned: Some(chosen("a")),
        version: viewer::asked("v"),
    };
    Suspend::new(async move {
        let (Some(session), Some(site)) = (session, site) else {
            viewer::go(paths::LOG_IN);
            return ().into_any();
        };
        match looked_at(&site, &session, &name, &edit).await {
            Ok(found) => {
                view! { <Shown session=session name=name edit=edit found=found/> }.into_any()
            }
            Err(RightsError::Fault(fault)) => view! { <Unavailable fault=fault/> }.into_any(),
            Err(error) => view! { <Failed code=wire::Error::from(error).code/> }.into_any(),
        }
    })
}

async fn looked_at(
    site: &Site,
    session: &Session,
    name: &str,
    edit: &EditRole,
) -> Result<Found, RightsError> {
    let draft = match edit.check() {
        Ok(draft) => draft,
        Err(error) => return Ok(Found::Refused(error)),
    };
    match site.auth.preview_role(Some(session), name, &draft).await {
        Ok(impact) => Ok(Found::Impact(impact)),
        Err(error @ (RightsError::Unknown | RightsError::Fault(_))) => Err(error),
        Err(error) => Ok(Found::Refused(error.into())),
    }
}

#[component]
fn Shown(session: Arc<Session>, name: String, edit: EditRole, found: Found) -> impl IntoView {
    let flash = viewer::flash();
    let title = format!("Change {name}?");
    let back = paths::role(&name);
    let (refused, body) = match found {
        Found::Impact(impact) => (None, {
            let version = impact.version.clone();
            view! { <ImpactView impact=impact/> <Confirm name=name edit=edit version=version/> }
                .into_any()
        }),
        Found::Refused(error) => {
            let again = is_about_version(&error).then(|| again(&name, &edit));
            (Some(error), again.into_any())
        }
    };
    // The page itself says it, unless a form just did.
    let flash = match (refused, flash.error.is_some()) {
        (Some(error), false) => Flash::refusal(error, &[]),
        _ => flash,
    };
    view! {
        <PageTitle text=title.clone() is_error=flash.error.is_some()/>
        <House session=session here=Place::Roles title=title lead="What this would do, before it is done.">
            <p class="small"><a href=back>"Back to the role as it is"</a></p>
            <Summary flash=flash/>
            {body}
        </House>
    }
}

/// Whether it was refused because somebody was faster, and for nothing else.
pub(crate) fn is_about_version(error: &wire::Error) -> bool {
    error.code == ErrorCode::Conflict && error.fields.iter().any(|one| one.field == "version")
}

/// The same change of whatever the role is now: nothing that was ticked is lost.
fn again(name: &str, edit: &EditRole) -> AnyView {
    let hidden = |field: &'static str, values: &[String]| -> Vec<AnyView> {
        let input = |value: &String| {
            view! { <input type="hidden" name=field value=value.replace(':', ".")/> }.into_any()
        };
        values.iter().map(input).collect()
    };
    view! {
        <form class="form" method="get" action=format!("{}/preview", paths::role(name))>
            <input type="hidden" name="description" value=edit.description.clone()/>
            {hidden("p", &edit.patterns)}
            {hidden("a", edit.assigned.as_deref().unwrap_or_default())}
            <p>"Somebody changed this role while you did. What you ticked is kept: look at what it would do to the role as it is now."</p>
            <div class="actions"><button class="button button-main">"See what would change now"</button></div>
        </form>
    }
    .into_any()
}

#[component]
fn Confirm(name: String, edit: EditRole, version: String) -> impl IntoView {
    let assigned = edit.assigned.unwrap_or_default().join(" ");
    view! {
        <form class="row below" method="post" action=SaveRole::PATH>
            <input type="hidden" name="name" value=name/>
            <input type="hidden" name="description" value=edit.description/>
            <input type="hidden" name="patterns" value=edit.patterns.join(" ")/>
            <input type="hidden" name="assigned" value=assigned/>
            <input type="hidden" name="version" value=version/>
            <button class="button button-main">"Save this role"</button>
        </form>
    }
    .into_any()
}
