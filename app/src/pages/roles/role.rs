//! `/admin/roles/{name}`: what a role gives, to be changed, and the way to delete it. Sent by GET to the
//! page that says what the change would do: looking changes nothing, and going back loses nothing.

use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use wire::{ErrorCode, Role};

use super::{Matrix, Offer};
use crate::forms::{Choice, Field, Kind, Summary};
use crate::pages::error::{Failed, Unavailable};
use crate::pages::frame::{House, PageTitle};
use crate::pages::icon::{Icon, Sign};
use crate::pages::number::counted;
use crate::pages::paths;
use crate::pages::place::Place;
use crate::server::{Fault, Flash, Session, Site, viewer};

struct Known {
    role: Role,
    offer: Offer,
    /// What whoever has the role could have instead.
    others: Vec<String>,
}

/// One role.
#[component]
pub(crate) fn RolePage() -> impl IntoView {
    let (session, site) = (viewer::viewer(), viewer::site());
    let name = use_params_map().read_untracked().get("name");
    Suspend::new(async move {
        let (Some(session), Some(site)) = (session, site) else {
            viewer::go(paths::LOG_IN);
            return ().into_any();
        };
        match known(&site, &session, &name.unwrap_or_default()).await {
            Ok(Some(known)) => view! { <Shown session=session known=known/> }.into_any(),
            Ok(None) => view! { <Failed code=ErrorCode::NotFound/> }.into_any(),
            Err(fault) => view! { <Unavailable fault=fault/> }.into_any(),
        }
    })
}

async fn known(site: &Site, session: &Session, name: &str) -> Result<Option<Known>, Fault> {
    let Some(role) = site.auth.role(name).await? else {
        return Ok(None);
    };
    let roles = site.auth.list_roles().await?.into_iter();
    let others = roles
        .map(|role| role.name)
        .filter(|other| other != name && other != "api");
    Ok(Some(Known {
        others: others.collect(),
        offer: super::role::offer(site, session).await?,
        role,
    }))
}

/// What somebody wrote, ended, so that more can follow; nothing where they wrote nothing.
fn sentence(written: &str) -> String {
    match written.trim() {
        "" => String::new(),
        text if text.ends_with(['.', '!', '?', '…']) => format!("{text} "),
        text => format!("{text}. "),
    }
}

/// What whoever looks can tick.
pub(super) async fn offer(site: &Site, session: &Session) -> Result<Offer, Fault> {
    Ok(Offer {
        catalogue: site.auth.list_permissions().await?,
        giveable: site.auth.giveable(session).await?.into_iter().collect(),
    })
}

#[component]
fn Shown(session: Arc<Session>, known: Known) -> impl IntoView {
    let flash = viewer::flash();
    let Known {
        role,
        offer,
        others,
    } = known;
    let (title, name) = (role.name.clone(), role.name.clone());
    let lead = format!(
        "{}{} and {} have it.",
        sentence(&role.description),
        counted(role.users, "account"),
        counted(role.members, "membership"),
    );
    let is_theirs = offer.holds_all_of(&role.patterns) && offer.holds_all_of(&role.assigned);
    let may_delete = is_theirs && !role.built_in;
    let has_holders = role.users + role.members > 0;
    let delete = may_delete.then(|| {
        view! { <Delete name=name has_holders=has_holders others=others flash=flash.clone()/> }
            .into_any()
    });
    let body = match (role.changeable, is_theirs) {
        (true, true) => view! { <Edit role=role.clone() offer=offer flash=flash.clone()/> }.into_any(),
        (true, false) => view! { <Looks role=role words="This role gives something you do not hold yourself, so you can look, and change nothing."/> }.into_any(),
        (false, _) if role.name == "admin" => view! { <Looks role=role words="The portal relies on this role: it holds whatever there is and will be, and cannot be changed."/> }.into_any(),
        (false, _) => view! { <Looks role=role words="Reserved for tokens made from API keys: it gives nothing and nobody has it."/> }.into_any(),
    };
    view! {
        <PageTitle text=title.clone() is_error=flash.error.is_some()/>
        <House session=session here=Place::Roles title=title lead=lead>
            <p class="small"><a href=paths::ROLES>"All roles"</a></p>
            <Summary flash=flash/>
            {body}
            {delete}
        </House>
    }
}

#[component]
fn Edit(role: Role, offer: Offer, flash: Flash) -> impl IntoView {
    let known = flash.with_known(&[("description", Some(&role.description))]);
    let action = format!("{}/preview", paths::role(&role.name));
    let is_bound = !role.assigned.is_empty();
    view! {
        <section class="section-wide">
            <div class="section-head"><h2>"What it gives"</h2><p>"You see what a change would do before it is saved."</p></div>
            <form class="form" method="get" action=action>
                <input type="hidden" name="v" value=role.version/>
                <Field kind=Kind::Text("off") name="description" label="Description" flash=known is_optional=true/>
                <Matrix offer=offer.clone() name="p" given=role.patterns title="Always" hint="Whoever has the role may do this with everything."/>
                <details class="more" open=is_bound>
                    <summary>"Only for assigned resources"</summary>
                    <Matrix offer=offer name="a" given=role.assigned title="Only for assigned resources" hint="Whoever has the role may do this with what is entrusted to them, and nothing else. It is in no token: services ask for it."/>
                </details>
                <div class="actions"><button class="button button-main">"See what would change"</button></div>
            </form>
        </section>
    }
    .into_any()
}

/// What a role gives, to be looked at.
#[component]
fn Looks(role: Role, words: &'static str) -> impl IntoView {
    let list = |names: Vec<String>| {
        let items: Vec<_> = names
            .into_iter()
            .map(|name| view! { <li><code>{name}</code></li> })
            .collect();
        match items.is_empty() {
            true => view! { <p class="quiet">"Nothing"</p> }.into_any(),
            false => view! { <ul class="tags">{items}</ul> }.into_any(),
        }
    };
    let bound = (!role.assigned_permissions.is_empty()).then(|| {
        view! { <h3>"Only for assigned resources"</h3> {list(role.assigned_permissions)} }
    });
    view! {
        <div class="note note-plain"><Icon sign=Sign::Lock/><p>{words}</p></div>
        <section class="section">
            <div class="section-head"><h2>"What it gives"</h2><p>{role.patterns.join(", ")}</p></div>
            <div class="panel">{list(role.permissions)}{bound}</div>
        </section>
    }
    .into_any()
}

/// The way to the page that says what deleting it would do.
#[component]
fn Delete(name: String, has_holders: bool, others: Vec<String>, flash: Flash) -> impl IntoView {
    let options: Vec<_> = others
        .into_iter()
        .map(|role| (role.clone(), role))
        .collect();
    let move_to = has_holders.then(|| {
        view! { <Choice name="move_to" label="Whoever has it gets" options=options chosen="user".to_owned() flash=flash wire="moveTo"/> }
    });
    let words = match has_holders {
        true => {
            "Whoever has it gets another role in the same moment. You see what that would do before it is done."
        }
        false => "Nobody has it. You see what that would do before it is done.",
    };
    view! {
        <section class="section">
            <div class="section-head"><h2>"Delete"</h2><p>"It cannot be undone."</p></div>
            <div class="panel">
                <form class="form" method="get" action=paths::delete_role(&name)>
                    <p>{words}</p>
                    {move_to}
                    <div class="actions"><button class="button">"Delete this role…"</button></div>
                </form>
            </div>
        </section>
    }
    .into_any()
}
