//! `/admin/tenants/{id}/members/{user}`: one member, what they may do here, and what can be done about it.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wire::{Member, MemberStatus, OneMember, OneTenant};

use super::member_rights::{Rights, Typed};
use super::members::{badge, words};
use super::{Desk, param, refused};
use crate::pages::icon::{Icon, Sign};
use crate::pages::paths;
use crate::pages::when::{Exactly, read};
use crate::server::tenants::{RemoveMember, ResumeMember, SuspendMember};
use crate::server::{Session, Site, TenantError, viewer};

/// What the pages of a member are made of.
pub(super) struct Known {
    pub(super) one: OneTenant,
    pub(super) member: OneMember,
    pub(super) roles: Vec<String>,
}

/// One member.
#[component]
pub(crate) fn TenantMemberPage() -> impl IntoView {
    let (session, site) = (viewer::viewer(), viewer::site());
    let (id, user) = (param("id"), param("user"));
    Suspend::new(async move {
        let (Some(session), Some(site)) = (session, site) else {
            viewer::go(paths::LOG_IN);
            return ().into_any();
        };
        match known(&site, &session, &id, &user).await {
            Ok(known) => view! { <Shown session=session known=known/> }.into_any(),
            Err(error) => refused(error),
        }
    })
}

pub(super) async fn known(
    site: &Site,
    session: &Session,
    id: &str,
    user: &str,
) -> Result<Known, TenantError> {
    let by = Some(session);
    Ok(Known {
        one: site.auth.tenant(by, id).await?,
        member: site.auth.member(by, id, user).await?,
        roles: site.auth.member_roles(by, id).await?,
    })
}

#[component]
fn Shown(session: Arc<Session>, known: Known) -> impl IntoView {
    let flash = viewer::flash();
    let Known { one, member, roles } = known;
    let id = one.tenant.id.clone();
    let is_own = session.user.id == member.member.user_id;
    let looks_only = (!member.manageable).then(|| {
        let why = match is_own {
            true => "This is your own membership: somebody else has to change it. You can leave on the page of your organisations.",
            false => "This member has rights that you lack, so you can look, and change nothing.",
        };
        view! { <div class="note note-plain"><Icon sign=Sign::Lock/><p>{why}</p></div> }
    });
    let manageable = member.manageable;
    let (last, keys) = (member.last_manager, member.keys);
    let overview = view! { <Overview one=member.clone()/> }.into_any();
    let change = manageable.then(|| {
        let as_it_is = Typed::of(&member);
        view! { <Rights id=id.clone() one=member.clone() roles=roles typed=as_it_is flash=flash.clone()/> }
            .into_any()
    });
    let end = manageable.then(|| {
        view! { <End id=id.clone() member=member.member last=last keys=keys/> }.into_any()
    });
    view! {
        <Desk session=session one=one tab=None flash=flash>
            <p class="small"><a href=paths::tenant(&id)>"All members"</a></p>
            {looks_only}
            {overview}
            {change}
            {end}
        </Desk>
    }
}

#[component]
fn Overview(one: OneMember) -> impl IntoView {
    let OneMember {
        member,
        patterns,
        assigned,
        permissions,
        ..
    } = one;
    let name = member
        .name()
        .map(|name| view! { <div class="fact"><dt>"Name"</dt><dd>{name}</dd></div> });
    let joined = read(&member.joined_at).map(|at| view! { <Exactly at=at/> });
    let since = member.suspended_at.as_deref().and_then(read);
    let since = since.map(|at| view! { <span class="quiet">" since "<Exactly at=at/></span> });
    view! {
        <section class="section">
            <div class="section-head"><h2>{member.email.clone()}</h2><p>"As a member of this organisation. The account itself is not looked after here."</p></div>
            <div class="panel">
                <dl class="facts">
                    {name}
                    <div class="fact"><dt>"Role here"</dt><dd>{member.role}</dd></div>
                    <div class="fact"><dt>"State"</dt><dd><span class=badge(member.status)>{words(member.status)}</span>{since}</dd></div>
                    <div class="fact"><dt>"Joined"</dt><dd>{joined}</dd></div>
                    <div class="fact"><dt>"Beside the role"</dt><dd><Names names=patterns/></dd></div>
                    <div class="fact"><dt>"Where assigned"</dt><dd><Names names=assigned/></dd></div>
                    <div class="fact"><dt>"May do here"</dt><dd><Names names=permissions/></dd></div>
                </dl>
            </div>
        </section>
    }
}

/// Patterns or permissions, or that there are none.
#[component]
fn Names(names: Vec<String>) -> impl IntoView {
    if names.is_empty() {
        return view! { <span class="quiet">"Nothing"</span> }.into_any();
    }
    let names: Vec<_> = names
        .into_iter()
        .map(|name| view! { <li><code>{name}</code></li> })
        .collect();
    view! { <ul class="names">{names}</ul> }.into_any()
}

/// Nobody else looks after the organisation.
#[component]
pub(super) fn Last() -> impl IntoView {
    view! { <p class="small"><b>"Nobody else looks after this organisation."</b>" Without them, only those who run the portal can." </p> }
}

/// What becomes of the keys that act here by somebody's rights.
fn stops(keys: i64) -> String {
    match keys {
        0 => "No API key stops with it.".to_owned(),
        1 => "1 API key stops with it: programs that use it are refused.".to_owned(),
        many => format!("{many} API keys stop with it: programs that use them are refused."),
    }
}

/// Suspending or resuming, and removing.
#[component]
fn End(id: String, member: Member, last: bool, keys: i64) -> impl IntoView {
    let stop = stops(keys);
    let user = member.user_id;
    let other = (id.clone(), user.clone());
    let pause = match member.status {
        MemberStatus::Suspended => view! {
            <form method="post" action=ResumeMember::PATH>
                <input type="hidden" name="tenant" value=id/>
                <input type="hidden" name="user" value=user/>
                <p>"They get back what they had here."</p>
                <div class="actions"><button class="button">"Resume member"</button></div>
            </form>
        }
        .into_any(),
        MemberStatus::Active => view! {
            <form method="post" action=SuspendMember::PATH>
                <input type="hidden" name="tenant" value=id/>
                <input type="hidden" name="user" value=user/>
                <p>"They hold nothing here until somebody resumes them. Their account and its other organisations go on. "{stop}</p>
                <div class="actions"><button class="button">"Suspend member"</button></div>
            </form>
        }
        .into_any(),
    };
    let (id, user) = other;
    view! {
        <section class="section">
            <div class="section-head"><h2>"Membership"</h2><p>"Both hold at once: sessions that act here act nowhere, and older access tokens are refused."</p></div>
            <div class="panel">
                {last.then(|| view! { <Last/> })}
                {pause}
                <details class="more">
                    <summary>"Remove from this organisation"</summary>
                    <form method="post" action=RemoveMember::PATH>
                        <input type="hidden" name="tenant" value=id/>
                        <input type="hidden" name="user" value=user/>
                        <p class="small quiet">"Their role and rights here are gone, and what they invited others to works no more. The account stays. Only an invitation, or an admin, leads back. "{stops(keys)}</p>
                        <button class="button button-danger">"Remove member"</button>
                    </form>
                </details>
            </div>
        </section>
    }
}
