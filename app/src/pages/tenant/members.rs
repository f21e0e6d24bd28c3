//! `/admin/tenants/{id}`: who belongs to an organisation.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wire::{Error, Member, MemberStatus, OneTenant, Page, Paging, searched};

use super::{Desk, Tab, param, refused, unsearchable};
use crate::forms::{Choice, Field, Kind};
use crate::pages::icon::{Icon, Sign};
use crate::pages::paths;
use crate::pages::when::{Day, read};
use crate::server::tenants::AddMember;
use crate::server::{Flash, MemberQuery, Session, Site, TenantError, viewer};

/// How many a page shows.
const ROWS: u32 = 25;

/// What the page is made of.
struct Known {
    one: OneTenant,
    page: Page<Member>,
    /// What a new member may be.
    roles: Vec<String>,
}

/// The members.
#[component]
pub(crate) fn TenantPage() -> impl IntoView {
    let (session, site, id) = (viewer::viewer(), viewer::site(), param("id"));
    let query = asked();
    Suspend::new(async move {
        let (Some(session), Some(site)) = (session, site) else {
            viewer::go(paths::LOG_IN);
            return ().into_any();
        };
        let query = match query {
            Ok(query) => query,
            Err(error) => return unsearchable(&site, session, &id, Tab::Members, error).await,
        };
        match known(&site, &session, &id, &query).await {
            Ok(known) => view! { <Shown session=session query=query known=known/> }.into_any(),
            Err(error) => refused(error),
        }
    })
}

fn asked() -> Result<MemberQuery, Error> {
    let status = viewer::asked("status").and_then(|status| MemberStatus::parse(&status));
    let part = searched(&viewer::asked("q").unwrap_or_default())?;
    let after = viewer::asked("cursor").and_then(|cursor| cursor.parse().ok());
    Ok(MemberQuery {
        status,
        part,
        paging: Paging { limit: ROWS, after },
    })
}

async fn known(
    site: &Site,
    session: &Session,
    id: &str,
    query: &MemberQuery,
) -> Result<Known, TenantError> {
    let by = Some(session);
    Ok(Known {
        one: site.auth.tenant(by, id).await?,
        page: site.auth.list_members(by, id, query).await?,
        roles: site.auth.member_roles(by, id).await?,
    })
}

#[component]
fn Shown(session: Arc<Session>, query: MemberQuery, known: Known) -> impl IntoView {
    let flash = viewer::flash();
    let Known { one, page, roles } = known;
    let id = one.tenant.id.clone();
    let older = page
        .next_cursor()
        .map(|cursor| paths::tenant_members(&id, query.status, &query.part, Some(&cursor)));
    let is_filtered = query.status.is_some() || !query.part.is_empty();
    let rows = match page.items.is_empty() {
        true => view! { <Empty id=id.clone() is_filtered=is_filtered/> }.into_any(),
        false => view! { <Table id=id.clone() members=page.items/> }.into_any(),
    };
    let add = one
        .portal_wide
        .then(|| view! { <Add id=id.clone() roles=roles flash=flash.clone()/> }.into_any());
    let head = view! {
        <div class="list-head">
            <Filter id=id.clone() query=query.clone()/>
            <Search id=id query=query/>
        </div>
    }
    .into_any();
    view! {
        <Desk session=session one=one tab=Some(Tab::Members) flash=flash>
            <section class="list" aria-label="Members">
                {head}
                {rows}
                {older.map(|older| view! { <p><a class="button" href=older rel="next">"Older members"</a></p> })}
            </section>
            {add}
        </Desk>
    }
}

/// All, or those that stand like this.
#[component]
fn Filter(id: String, query: MemberQuery) -> impl IntoView {
    let choices = std::iter::once(None).chain(MemberStatus::ALL.map(Some));
    let chips: Vec<_> = choices
        .map(|status| {
            let current = (status == query.status).then_some("true");
            let href = paths::tenant_members(&id, status, &query.part, None);
            let name = status.map_or("All", words);
            view! { <li><a class="chip" href=href aria-current=current>{name}</a></li> }
        })
        .collect();
    view! { <nav aria-label="Filter"><ul class="chips">{chips}</ul></nav> }
}

#[component]
fn Search(id: String, query: MemberQuery) -> impl IntoView {
    let status = query.status.map(|status| {
        view! { <input type="hidden" name="status" value=status.as_str()/> }
    });
    view! {
        <form class="search" method="get" action=paths::tenant(&id) role="search">
            {status}
            <input class="input" type="search" name="q" value=query.part aria-label="Search addresses and names" placeholder="Search addresses and names" autocomplete="off" spellcheck="false"/>
            <button class="button">"Search"</button>
        </form>
    }
}

#[component]
fn Empty(id: String, is_filtered: bool) -> impl IntoView {
    let (title, advice) = match is_filtered {
        true => (
            "Nobody like that",
            "Look at all of them, or search for something else.",
        ),
        false => (
            "No members yet",
            "Invite somebody: they get a letter with a link.",
        ),
    };
    let (href, label) = match is_filtered {
        true => (paths::tenant(&id), "All members"),
        false => (
            paths::tenant_invitations(&id, None, "", None),
            "Invite people",
        ),
    };
    view! {
        <div class="empty">
            <Icon sign=Sign::People/>
            <h2>{title}</h2>
            <p>{advice}</p>
            <a class="button" href=href>{label}</a>
        </div>
    }
}

#[component]
fn Table(id: String, members: Vec<Member>) -> impl IntoView {
    let rows: Vec<_> = members
        .into_iter()
        .map(|member| view! { <Row id=id.clone() member=member/> }.into_any())
        .collect();
    view! {
        <table class="table">
            <thead>
                <tr><th scope="col">"Who"</th><th scope="col">"Role here"</th><th scope="col">"State"</th><th scope="col">"Joined"</th></tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

#[component]
fn Row(id: String, member: Member) -> impl IntoView {
    let name = member
        .name()
        .map(|name| view! { <span class="small quiet">{name}</span> });
    let href = paths::tenant_member(&id, &member.user_id);
    let joined = read(&member.joined_at).map(|at| view! { <Day at=at/> });
    view! {
        <tr>
            <th scope="row" class="table-wrap"><div class="stack"><a href=href>{member.email}</a>{name}</div></th>
            <td data-label="Role here">{member.role}</td>
            <td data-label="State"><span class=badge(member.status)>{words(member.status)}</span></td>
            <td data-label="Joined">{joined}</td>
        </tr>
    }
}

/// Adding an account that exists: for those who look after all organisations.
#[component]
fn Add(id: String, roles: Vec<String>, flash: Flash) -> impl IntoView {
    let roles = roles.into_iter().map(|role| (role.clone(), role)).collect();
    let errors = flash.clone();
    view! {
        <section class="section">
            <div class="section-head">
                <h2>"Add an account"</h2>
                <p>"Makes somebody who has an account a member at once, without asking. They see it in their activity. Who should choose for themselves is better invited."</p>
            </div>
            <div class="panel">
                <form class="form" method="post" action=AddMember::PATH novalidate=true>
                    <input type="hidden" name="tenant" value=id/>
                    <Field kind=Kind::Text("off") name="email" label="Email" flash=flash/>
                    <Choice name="role" label="Role here" options=roles chosen="viewer".to_owned() flash=errors/>
                    <div class="actions"><button class="button">"Add member"</button></div>
                </form>
            </div>
        </section>
    }
}

pub(super) fn words(status: MemberStatus) -> &'static str {
    match status {
        MemberStatus::Active => "Active",
        MemberStatus::Suspended => "Suspended",
    }
}

pub(super) fn badge(status: MemberStatus) -> &'static str {
    match status {
        MemberStatus::Active => "badge badge-good",
        MemberStatus::Suspended => "badge badge-bad",
    }
}
