//! `/admin/invitations`: inviting people, and what became of it.
//!
//! Filter, search and the place in the list are in the address, so that a list can be kept and passed
//! on; a value that is none of ours counts as none. Every row says what a button will do before it is
//! pressed, and every form what came of it.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wire::{Invitation, InvitationProblem, InvitationStatus, Page, Paging, Tenant};

use super::error::Unavailable;
use super::frame::{House, PageTitle};
use super::icon::{Icon, Sign};
use super::paths;
use super::place::Place;
use super::when::{Exactly, When, read};
use crate::forms::{Area, Choice, Summary};
use crate::server::invite::{Invite, ResendInvitation, RevokeInvitation};
use crate::server::{
    Fault, Flash, InvitationQuery, InvitedSummary, RefusedAddresses, Session, Site, viewer,
};

/// How many invitations a page shows.
const ROWS: u32 = 25;
/// How many tenants there are to choose from.
const TENANTS: u32 = 200;

/// What the address asks for, and the page it is.
#[derive(Clone)]
struct Asked {
    status: Option<InvitationStatus>,
    part: String,
    paging: Paging,
}

/// What the page is made of.
struct Desk {
    page: Page<Invitation>,
    roles: Vec<String>,
    tenants: Vec<Tenant>,
    now: i64,
}

/// Invitations.
#[component]
pub(crate) fn InvitationsPage() -> impl IntoView {
    let (session, site) = (viewer::viewer(), viewer::site());
    let asked = asked();
    Suspend::new(async move {
        let (Some(session), Some(site)) = (session, site) else {
            viewer::go(paths::LOG_IN);
            return ().into_any();
        };
        match desk(&site, &session, &asked).await {
            Ok(desk) => view! { <Shown session=session asked=asked desk=desk/> }.into_any(),
            Err(fault) => view! { <Unavailable fault=fault/> }.into_any(),
        }
    })
}

fn asked() -> Asked {
    let status = viewer::asked("status").and_then(|status| InvitationStatus::parse(&status));
    let part = viewer::asked("q").unwrap_or_default();
    let after = viewer::asked("cursor").and_then(|cursor| cursor.parse().ok());
    Asked {
        status,
        part: part.trim().chars().take(254).collect(),
        paging: Paging { limit: ROWS, after },
    }
}

async fn desk(site: &Site, session: &Session, asked: &Asked) -> Result<Desk, Fault> {
    let query = InvitationQuery {
        status: asked.status,
        part: asked.part.clone(),
        paging: asked.paging.clone(),
    };
    let all = Paging {
        limit: TENANTS,
        after: None,
    };
    let mut tenants = site.auth.list_tenants("", &all).await?.items;
    tenants.sort_by_key(|tenant| tenant.name.to_lowercase());
    Ok(Desk {
        page: site.auth.list_invitations(&query).await?,
        roles: site.auth.roles_to_give(session).await?,
        tenants,
        now: site.auth.now(),
    })
}

#[component]
fn Shown(session: Arc<Session>, asked: Asked, desk: Desk) -> impl IntoView {
    let flash = viewer::flash();
    let Desk {
        page,
        roles,
        tenants,
        now,
    } = desk;
    let older = page
        .next_cursor()
        .map(|cursor| paths::invitations(asked.status, &asked.part, Some(&cursor)));
    let back = paths::invitations(asked.status, &asked.part, None);
    let invited = flash.invited.clone();
    let is_error = flash.error.is_some();
    // Erased piece by piece: as one type it would be deeper than the compiler goes.
    let form = view! { <InviteForm roles=roles tenants=tenants flash=flash.clone()/> }.into_any();
    let rows = if page.items.is_empty() {
        view! { <Empty asked=asked.clone()/> }.into_any()
    } else {
        view! { <Table invitations=page.items back=back now=now/> }.into_any()
    };
    let older = older.map(|older| {
        view! { <p><a class="button" href=older>"Older invitations"</a></p> }
    });
    let list = view! {
        <section class="list" aria-label="Invitations">
            <div class="list-head">
                <Filter asked=asked.clone()/>
                <Search asked=asked/>
            </div>
            {rows}
            {older}
        </section>
    };
    let list = list.into_any();
    view! {
        <PageTitle text="Invitations" is_error=is_error/>
        <House session=session here=Place::Invitations title="Invitations" lead="Ask people to come. An invitation waits seven days and works once.">
            <Summary flash=flash/>
            {invited.map(|invited| view! { <Outcome invited=invited/> }.into_any())}
            {form}
            {list}
        </House>
    }
}

/// What came of the addresses that were pasted.
#[component]
pub(super) fn Outcome(invited: InvitedSummary) -> impl IntoView {
    let sent = match invited.sent {
        0 => None,
        1 => Some("One invitation is on its way.".to_owned()),
        many => Some(format!("{many} invitations are on their way.")),
    };
    let sent = sent.map(|sent| {
        view! { <div class="note note-good" role="status"><Icon sign=Sign::Done/><p>{sent}</p></div> }
    });
    let reasons: Vec<_> = invited
        .refused
        .into_iter()
        .map(|refused| view! { <Refused refused=refused/> })
        .collect();
    let more = (invited.unnamed > 0).then(|| {
        view! { <li>{format!("{} more addresses were not invited either.", invited.unnamed)}</li> }
    });
    let refused = (!reasons.is_empty()).then(|| {
        view! {
            <div class="note note-bad" role="alert" tabindex="-1" autofocus=true>
                <Icon sign=Sign::Alert/>
                <div>
                    <p class="note-title">"Not invited"</p>
                    <ul>{reasons}{more}</ul>
                </div>
            </div>
        }
    });
    view! { {sent} {refused} }
}

/// The addresses that were refused for one reason.
#[component]
fn Refused(refused: RefusedAddresses) -> impl IntoView {
    let why = match refused.error.fields.first() {
        Some(field) => field.message(viewer::password_rule()),
        None => refused.error.code.sentence().into(),
    };
    let emails = refused.emails.join(", ");
    view! { <li><b>{emails}</b>": "{why}</li> }
}

#[component]
fn InviteForm(roles: Vec<String>, tenants: Vec<Tenant>, flash: Flash) -> impl IntoView {
    // The least there is to give is what is chosen unless somebody chooses more.
    let chosen = ["user", "viewer"]
        .into_iter()
        .find(|usual| roles.iter().any(|role| role == usual))
        .unwrap_or_default();
    let roles = roles.into_iter().map(|role| (role.clone(), role)).collect();
    let mut choices = vec![(String::new(), "None".to_owned())];
    choices.extend(tenants.into_iter().map(|tenant| (tenant.id, tenant.name)));
    let has_tenants = choices.len() > 1;
    let errors = flash.clone();
    view! {
        <section class="section">
            <div class="section-head">
                <h2>"Invite people"</h2>
                <p>"Each address gets a letter with a link of its own. You can give nothing you do not have yourself, and what you lose, your invitations lose with you."</p>
            </div>
            <div class="panel">
                <form class="form" method="post" action=Invite::PATH novalidate=true>
                    <Area name="emails" label="Email addresses" hint="Up to 100, parted by spaces, commas or new lines." flash=flash.clone()/>
                    <div class="pair">
                        <Choice name="role" label="Role" options=roles chosen=chosen.to_owned() flash=flash/>
                        {has_tenants.then(|| view! {
                            <Choice name="tenant_id" wire="tenantId" label="Organisation" options=choices chosen=String::new() flash=errors/>
                        })}
                    </div>
                    <div class="actions"><button class="button button-main">"Send invitations"</button></div>
                </form>
            </div>
        </section>
    }
}

/// All, or those that stand like this.
#[component]
fn Filter(asked: Asked) -> impl IntoView {
    let choices = std::iter::once(None).chain(InvitationStatus::ALL.map(Some));
    let chips: Vec<_> = choices
        .map(|status| {
            let current = (status == asked.status).then_some("true");
            let href = paths::invitations(status, &asked.part, None);
            let name = status.map_or("All", words);
            view! { <li><a class="chip" href=href aria-current=current>{name}</a></li> }
        })
        .collect();
    view! { <nav aria-label="Filter"><ul class="chips">{chips}</ul></nav> }
}

#[component]
fn Search(asked: Asked) -> impl IntoView {
    let status = asked.status.map(|status| {
        view! { <input type="hidden" name="status" value=status.as_str()/> }
    });
    view! {
        <form class="search" method="get" action=paths::INVITATIONS role="search">
            {status}
            <input class="input" type="search" name="q" value=asked.part aria-label="Search addresses" placeholder="Search addresses" autocomplete="off" spellcheck="false"/>
            <button class="button">"Search"</button>
        </form>
    }
}

#[component]
fn Empty(asked: Asked) -> impl IntoView {
    let is_filtered = asked.status.is_some() || !asked.part.is_empty();
    let (title, advice) = if is_filtered {
        (
            "No such invitations",
            "Look at all of them, or search for something else.",
        )
    } else {
        (
            "Nobody is invited yet",
            "Paste some addresses above. They see who invites them, and to what.",
        )
    };
    view! {
        <div class="empty">
            <Icon sign=Sign::Letter/>
            <h2>{title}</h2>
            <p>{advice}</p>
            {is_filtered.then(|| view! { <a class="button" href=paths::INVITATIONS>"All invitations"</a> })}
        </div>
    }
}

#[component]
fn Table(invitations: Vec<Invitation>, back: String, now: i64) -> impl IntoView {
    let rows: Vec<_> = invitations
        .into_iter()
        .map(|invitation| {
            view! { <Row invitation=invitation back=back.clone() now=now/> }.into_any()
        })
        .collect();
    view! {
        <table class="table">
            <thead>
                <tr><th scope="col">"Who"</th><th scope="col">"To what"</th><th scope="col">"State"</th><th scope="col">"Invited"</th></tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

#[component]
fn Row(invitation: Invitation, back: String, now: i64) -> impl IntoView {
    let names = [
        invitation.first_name.as_deref(),
        invitation.last_name.as_deref(),
    ];
    let name = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let name = (!name.is_empty()).then(|| view! { <span class="small quiet">{name}</span> });
    let tenant = invitation.tenant_name.clone();
    let by = invitation.inviter_email.clone();
    let by = by.unwrap_or_else(|| "somebody who has gone".to_owned());
    let created = read(&invitation.created_at).unwrap_or(now);
    let (email, role) = (invitation.email.clone(), invitation.role.clone());
    let state = view! { <State invitation=invitation.clone() now=now/> }.into_any();
    let change = view! { <Change invitation=invitation back=back/> }.into_any();
    view! {
        <tr>
            <th scope="row" class="table-wrap"><div class="stack">{email}{name}</div></th>
            <td data-label="To what">
                <div class="stack">{role}{tenant.map(|tenant| view! { <span class="small quiet">{tenant}</span> })}</div>
            </td>
            <td data-label="State">{state}{change}</td>
            <td data-label="Invited" class="table-wrap">
                <div class="stack"><When at=created now=now/><span class="small quiet">"by "{by}</span></div>
            </td>
        </tr>
    }
}

/// How it stands, and since or until when.
#[component]
pub(super) fn State(invitation: Invitation, now: i64) -> impl IntoView {
    let moment = |text: &Option<String>| text.as_deref().and_then(read).unwrap_or(now);
    let until = read(&invitation.expires_at).unwrap_or(now);
    let (badge, word) = match (invitation.status, invitation.problem) {
        (InvitationStatus::Pending, Some(_)) => ("badge badge-bad", "Does not work"),
        (InvitationStatus::Accepted, _) => ("badge badge-good", words(invitation.status)),
        _ => ("badge", words(invitation.status)),
    };
    let more = match (invitation.status, invitation.problem) {
        (_, Some(problem)) => why(problem).into_any(),
        (InvitationStatus::Pending, None) => view! { "until "<Exactly at=until/> }.into_any(),
        (InvitationStatus::Accepted, None) => {
            view! { <When at=moment(&invitation.accepted_at) now=now/> }.into_any()
        }
        (InvitationStatus::Revoked, None) => {
            view! { <When at=moment(&invitation.revoked_at) now=now/> }.into_any()
        }
        (InvitationStatus::Expired, None) => view! { "since "<Exactly at=until/> }.into_any(),
    };
    view! { <div class="stack"><span class=badge>{word}</span><span class="small quiet">{more}</span></div> }
}

/// What can be done, and what will happen.
#[component]
fn Change(invitation: Invitation, back: String) -> impl IntoView {
    let is_open = matches!(
        invitation.status,
        InvitationStatus::Pending | InvitationStatus::Expired
    );
    is_open.then(|| {
        let (id, other_back) = (invitation.id.clone(), back.clone());
        let label = format!("Change the invitation of {}", invitation.email);
        view! {
            <details class="more">
                <summary aria-label=label>"Change"</summary>
                <form method="post" action=ResendInvitation::PATH>
                    <input type="hidden" name="id" value=id/>
                    <input type="hidden" name="back" value=other_back/>
                    <p class="small quiet">"A new letter, and seven days from then. You vouch for it from now on. The older link works until the letter has left."</p>
                    <button class="button">"Send again"</button>
                </form>
                <form method="post" action=RevokeInvitation::PATH>
                    <input type="hidden" name="id" value=invitation.id/>
                    <input type="hidden" name="back" value=back/>
                    <p class="small quiet">"Its link works no more. Nobody is told."</p>
                    <button class="button">"Take back"</button>
                </form>
            </details>
        }
    })
}

pub(super) fn words(status: InvitationStatus) -> &'static str {
    match status {
        InvitationStatus::Pending => "Waiting",
        InvitationStatus::Accepted => "Accepted",
        InvitationStatus::Revoked => "Taken back",
        InvitationStatus::Expired => "Expired",
    }
}

/// Why a link that waits opens nothing.
fn why(problem: InvitationProblem) -> &'static str {
    match problem {
        InvitationProblem::InviterGone => {
            "Who invited has no account any more. Send it again, and you vouch for it."
        }
        InvitationProblem::InviterDisabled => {
            "Who invited may not sign in. Send it again, and you vouch for it."
        }
        InvitationProblem::InviterLostRight => {
            "Who invited may not give this role any more. Send it again, and you vouch for it."
        }
        InvitationProblem::RoleGone => "There is no such role any more. Invite to another.",
    }
}
