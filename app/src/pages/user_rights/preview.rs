//! `/admin/users/{id}/roles/preview`: what another role or other grants would do, and the button.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_params_map;
use wire::{ErrorCode, GrantSet, Impact, ManagedUser};

use crate::forms::Summary;
use crate::pages::error::{Failed, Unavailable};
use crate::pages::frame::{House, PageTitle};
use crate::pages::paths;
use crate::pages::place::Place;
use crate::pages::roles::{ImpactView, chosen, is_about_version};
use crate::pages::user::Tab;
use crate::server::user_rights::SetUserRights;
use crate::server::{Flash, RightsChange, RightsError, Session, Site, viewer};

/// What was ticked.
#[derive(Clone, Default)]
struct Wanted {
    role: String,
    /// Where the form had boxes: what was ticked always, and for assigned resources.
    grants: Option<(Vec<String>, Vec<String>)>,
    version: Option<String>,
}

/// The question before somebody's rights are changed.
#[component]
pub(crate) fn PreviewRightsPage() -> impl IntoView {
    let (session, site) = (viewer::viewer(), viewer::site());
    let id = use_params_map()
        .read_untracked()
        .get("id")
        .unwrap_or_default();
    let wanted = Wanted {
        role: viewer::asked("role").unwrap_or_default(),
        grants: viewer::asked("g").map(|_| (chosen("p"), chosen("a"))),
        version: viewer::asked("v"),
    };
    Suspend::new(async move {
        let (Some(session), Some(site)) = (session, site) else {
            viewer::go(paths::LOG_IN);
            return ().into_any();
        };
        let user = match site.auth.managed_user(&session, &id).await {
            Ok(Some(one)) => one.user,
            Ok(None) => return view! { <Failed code=ErrorCode::NotFound/> }.into_any(),
            Err(fault) => return view! { <Unavailable fault=fault/> }.into_any(),
        };
        match looked_at(&site, &session, &id, &wanted).await {
            Ok(found) => {
                view! { <Shown session=session user=user wanted=wanted found=found/> }.into_any()
            }
            Err(RightsError::Fault(fault)) => view! { <Unavailable fault=fault/> }.into_any(),
            Err(error) => view! { <Failed code=wire::Error::from(error).code/> }.into_any(),
        }
    })
}

async fn looked_at(
    site: &Site,
    session: &Session,
    id: &str,
    wanted: &Wanted,
) -> Result<Result<Impact, wire::Error>, RightsError> {
    let grants = wanted
        .grants
        .as_ref()
        .map(|(always, assigned)| GrantSet::read(always, assigned));
    let grants = match grants.transpose() {
        Ok(grants) => grants,
        Err(error) => return Ok(Err(error)),
    };
    let change = RightsChange {
        role: Some(&wanted.role),
        grants: grants.as_ref(),
        version: wanted.version.as_deref(),
    };
    match site
        .auth
        .preview_rights_of(Some(session), id, &change)
        .await
    {
        Ok(impact) => Ok(Ok(impact)),
        Err(error @ (RightsError::Unknown | RightsError::Fault(_))) => Err(error),
        Err(error) => Ok(Err(error.into())),
    }
}

#[component]
fn Shown(
    session: Arc<Session>,
    user: ManagedUser,
    wanted: Wanted,
    found: Result<Impact, wire::Error>,
) -> impl IntoView {
    let flash = viewer::flash();
    let name = user.name().unwrap_or_else(|| user.email.clone());
    let title = format!("Change what {name} can do?");
    let back = paths::user_tab(&user.id, Tab::Roles);
    let (refused, body) = match found {
        Ok(impact) => (None, {
            let version = impact.version.clone();
            view! { <ImpactView impact=impact/> <Confirm user=user.id wanted=wanted version=version/> }.into_any()
        }),
        Err(error) => {
            let again = is_about_version(&error).then(|| again(&user.id, &wanted));
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
        <House session=session here=Place::Users title=title lead="What this would do, before it is done.">
            <p class="small"><a href=back>"Back to what they are given now"</a></p>
            <Summary flash=flash/>
            {body}
        </House>
    }
}

/// The same change of whatever they are given now: nothing that was ticked is lost.
fn again(user: &str, wanted: &Wanted) -> AnyView {
    let hidden = |field: &'static str, values: &[String]| -> Vec<AnyView> {
        let input = |value: &String| {
            view! { <input type="hidden" name=field value=value.replace(':', ".")/> }.into_any()
        };
        values.iter().map(input).collect()
    };
    let grants = wanted.grants.as_ref().map(|(always, assigned)| {
        view! { <input type="hidden" name="g" value="1"/> {hidden("p", always)} {hidden("a", assigned)} }
    });
    view! {
        <form class="form" method="get" action=paths::preview_rights(user)>
            <input type="hidden" name="role" value=wanted.role.clone()/>
            {grants}
            <p>"Somebody changed it while you did. What you ticked is kept: look at what it would do now."</p>
            <div class="actions"><button class="button button-main">"See what would change now"</button></div>
        </form>
    }
    .into_any()
}

#[component]
fn Confirm(user: String, wanted: Wanted, version: String) -> impl IntoView {
    let grants = wanted.grants.map(|(always, assigned)| {
        view! {
            <input type="hidden" name="grants" value="1"/>
            <input type="hidden" name="patterns" value=always.join(" ")/>
            <input type="hidden" name="assigned" value=assigned.join(" ")/>
        }
    });
    view! {
        <form class="row below" method="post" action=SetUserRights::PATH>
            <input type="hidden" name="user" value=user/>
            <input type="hidden" name="role" value=wanted.role/>
            {grants}
            <input type="hidden" name="version" value=version/>
            <button class="button button-main">"Save"</button>
        </form>
    }
    .into_any()
}
