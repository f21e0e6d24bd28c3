//! `/admin/tenants/{id}/invitations`: asking people into an organisation, and what became of it.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wire::{Error, Invitation, InvitationStatus, OneTenant, Page, Paging, searched};

use super::{Desk, Tab, param, refused, unsearchable};
use crate::forms::{Area, Choice};
use crate::pages::icon::{Icon, Sign};
use crate::pages::invitations::{Outcome, State, words};
use crate::pages::paths;
use crate::pages::when::{When, read};
use crate::server::tenants::{InviteMembers, ResendTenantInvitation, RevokeTenantInvitation};
use crate::server::{Flash, InvitationQuery, Session, Site, TenantError, Timestamp, viewer};

/// How many a page shows.
const ROWS: u32 = 25;

/// What the page is made of.
struct Known {
    one: OneTenant,
    page: Page<Invitation>,
    roles: Vec<String>,
    now: Timestamp,
}

/// The invitations.
#[component]
pub(crate) fn TenantInvitationsPage() -> impl IntoView {
    let (session, site, id) = (viewer::viewer(), viewer::site(), param("id"));
    let query = asked();
    Suspend::new(async move {
        let (Some(session), Some(site)) = (session, site) else {
            viewer::go(paths::LOG_IN);
            return ().into_any();
        };
        let query = match query {
            Ok(query) => query,
            Err(error) => return unsearchable(&site, session, &id, Tab::Invitations, error).await,
        };
        match known(&site, &session, &id, &query).await {
            Ok(known) => view! { <Shown session=session query=query known=known/> }.into_any(),
            Err(error) => refused(error),
        }
    })
}

fn asked() -> Result<InvitationQuery, Error> {
    let status = viewer::asked("status").and_then(|status| InvitationStatus::parse(&status));
    let part = searched(&viewer::asked("q").unwrap_or_default())?;
    let after = viewer::asked("cursor").and_then(|cursor| cursor.parse().ok());
    Ok(InvitationQuery {
        status,
        part,
        paging: Paging { limit: ROWS, after },
    })
}

async fn known(
    site: &Site,
    session: &Session,
    id: &str,
    query: &InvitationQuery,
) -> Result<Known, TenantError> {
    let by = Some(session);
    Ok(Known {
        one: site.auth.tenant(by, id).await?,
        page: site.auth.list_tenant_invitations(by, id, query).await?,
        roles: site.auth.member_roles(by, id).await?,
        now: site.auth.now(),
    })
}

#[component]
fn Shown(session: Arc<Session>, query: InvitationQuery, known: Known) -> impl IntoView {
    let flash = viewer::flash();
    let Known {
        one,
        page,
        roles,
        now,
    } = known;
    let id = one.tenant.id.clone();
    let invited = flash.invited.clone();
    let outcome = invited.map(|invited| view! { <Outcome invited=invited/> }.into_any());
    let form = view! { <InviteForm id=id.clone() roles=roles flash=flash.clone()/> }.into_any();
    let older = page.next_cursor().map(|cursor| {
        let href = paths::tenant_invitations(&id, query.status, &query.part, Some(&cursor));
        view! { <p><a class="button" href=href rel="next">"Older invitations"</a></p> }
    });
    let rows = match page.items.is_empty() {
        true => view! { <Empty query=query.clone()/> }.into_any(),
        false => view! { <Table id=id.clone() invitations=page.items now=now/> }.into_any(),
    };
    let head = view! {
        <div class="list-head">
            <Filter id=id.clone() query=query.clone()/>
            <Search id=id query=query/>
        </div>
    }
    .into_any();
    view! {
        <Desk session=session one=one tab=Some(Tab::Invitations) flash=flash>
            {outcome}
            {form}
            <section class="list" aria-label="Invitations">
                {head}
                {rows}
                {older}
            </section>
        </Desk>
    }
}

#[component]
fn InviteForm(id: String, roles: Vec<String>, flash: Flash) -> impl IntoView {
    // The least there is to give is what is chosen unless somebody chooses more.
    let chosen = ["viewer", "user"]
        .into_iter()
        .find(|usual| roles.iter().any(|role| role == usual))
        .unwrap_or_default();
    let roles = roles.into_iter().map(|role| (role.clone(), role)).collect();
    view! {
        <section class="section">
            <div class="section-head">
                <h2>"Invite people"</h2>
                <p>"Each address gets a letter with a link of its own. The role holds in this organisation alone, and what you lose here, your invitations lose with you."</p>
            </div>
            <div class="panel">
                <form class="form" method="post" action=InviteMembers::PATH novalidate=true>
                    <input type="hidden" name="tenant" value=id/>
                    <Area name="emails" label="Email addresses" hint="Up to 100, parted by spaces, commas or new lines." flash=flash.clone()/>
                    <Choice name="role" label="Role here" options=roles chosen=chosen.to_owned() flash=flash/>
                    <div class="actions"><button class="button button-main">"Send invitations"</button></div>
                </form>
            </div>
        </section>
    }
}

/// All, or those that stand like this.
#[component]
fn Filter(id: String, query: InvitationQuery) -> impl IntoView {
    let choices = std::iter::once(None).chain(InvitationStatus::ALL.map(Some));
    let chips: Vec<_> = choices
        .map(|status| {
            let current = (status == query.status).then_some("true");
            let href = paths::tenant_invitations(&id, status, &query.part, None);
            let name = status.map_or("All", words);
            view! { <li><a class="chip" href=href aria-current=current>{name}</a></li> }
        })
        .collect();
    view! { <nav aria-label="Filter"><ul class="chips">{chips}</ul></nav> }
}

#[component]
fn Search(id: String, query: InvitationQuery) -> impl IntoView {
    let status = query.status.map(|status| {
        view! { <input type="hidden" name="status" value=status.as_str()/> }
    });
    view! {
        <form class="search" method="get" action=paths::tenant_invitations(&id, None, "", None) role="search">
            {status}
            <input class="input" type="search" name="q" value=query.part aria-label="Search addresses" placeholder="Search addresses" autocomplete="off" spellcheck="false"/>
            <button class="button">"Search"</button>
        </form>
    }
}

#[component]
fn Empty(query: InvitationQuery) -> impl IntoView {
    let (title, advice) = match query.status.is_some() || !query.part.is_empty() {
        true => (
            "No such invitations",
            "Look at all of them, or search for something else.",
        ),
        false => (
            "Nobody is invited yet",
            "Paste some addresses above. They see who invites them, and to what.",
        ),
    };
    view! {
        <div class="empty"><Icon sign=Sign::Letter/><h2>{title}</h2><p>{advice}</p></div>
    }
}

#[component]
fn Table(id: String, invitations: Vec<Invitation>, now: Timestamp) -> impl IntoView {
    let rows: Vec<_> = invitations
        .into_iter()
        .map(|invitation| view! { <Row id=id.clone() invitation=invitation now=now/> }.into_any())
        .collect();
    view! {
        <table class="table">
            <thead>
                <tr><th scope="col">"Who"</th><th scope="col">"Role here"</th><th scope="col">"State"</th><th scope="col">"Invited"</th></tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

#[component]
fn Row(id: String, invitation: Invitation, now: Timestamp) -> impl IntoView {
    let by = invitation.inviter_email.clone();
    let by = by.unwrap_or_else(|| "somebody who has gone".to_owned());
    let created = read(&invitation.created_at).unwrap_or(now);
    let (email, role) = (invitation.email.clone(), invitation.role.clone());
    let state = view! { <State invitation=invitation.clone() now=now/> }.into_any();
    let change = view! { <Change id=id invitation=invitation/> }.into_any();
    view! {
        <tr>
            <th scope="row" class="table-wrap">{email}</th>
            <td data-label="Role here">{role}</td>
            <td data-label="State">{state}{change}</td>
            <td data-label="Invited" class="table-wrap">
                <div class="stack"><When at=created now=now/><span class="small quiet">"by "{by}</span></div>
            </td>
        </tr>
    }
}

/// What can be done, and what will happen.
#[component]
fn Change(id: String, invitation: Invitation) -> impl IntoView {
    let is_open = matches!(
        invitation.status,
        InvitationStatus::Pending | InvitationStatus::Expired
    );
    is_open.then(|| {
        let label = format!("Change the invitation of {}", invitation.email);
        let other = (id.clone(), invitation.id.clone());
        view! {
            <details class="more">
                <summary aria-label=label>"Change"</summary>
                <form method="post" action=ResendTenantInvitation::PATH>
                    <input type="hidden" name="tenant" value=id/>
                    <input type="hidden" name="id" value=invitation.id/>
                    <p class="small quiet">"A new letter, and seven days from then. You vouch for it from now on. The older link works until the letter has left."</p>
                    <button class="button">"Send again"</button>
                </form>
                <form method="post" action=RevokeTenantInvitation::PATH>
                    <input type="hidden" name="tenant" value=other.0/>
                    <input type="hidden" name="id" value=other.1/>
                    <p class="small quiet">"Its link works no more. Nobody is told."</p>
                    <button class="button">"Take back"</button>
                </form>
            </details>
        }
    })
}
