//! `/admin/users/act`: one act on many, looked over before it is done: who is affected, who is left out and
//! why, and what will happen. The page changes nothing; its form does.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wire::{ActOnUsers, Bulk, BulkAct, BulkResult, Error, LeftOutUser, ManagedUser};

use super::state;
use crate::forms::{Choice, Field, Kind, Summary};
use crate::pages::error::Unavailable;
use crate::pages::frame::{House, PageTitle};
use crate::pages::icon::{Icon, Sign};
use crate::pages::paths;
use crate::pages::place::Place;
use crate::pages::user::durations;
use crate::server::act_on_users::ActOnUsers as Act;
use crate::server::{ActedSummary, Flash, Session, Timestamp, viewer};

/// What an act is called.
pub(super) fn name(act: BulkAct) -> &'static str {
    match act {
        BulkAct::Suspend => "Suspend",
        BulkAct::Enable => "Enable",
        BulkAct::SignOut => "Sign out",
        BulkAct::Delete => "Delete",
    }
}

/// What will happen to each of them.
fn steps(act: BulkAct) -> &'static [&'static str] {
    match act {
        BulkAct::Suspend => &[
            "Every session ends at once, and services refuse what they hold within seconds.",
            "They cannot sign in, and are told nothing but that address or password is wrong.",
            "Every API key of theirs stops, and programs that use one stay out until its owner confirms it.",
            "Nothing is deleted. A suspension with an end ends by itself.",
        ],
        BulkAct::Enable => &[
            "They can sign in again, with the password they had.",
            "What ended stays ended, and an API key works again when its owner confirms it.",
        ],
        BulkAct::SignOut => &[
            "Every session ends at once, and services refuse what they hold within seconds.",
            "They can sign in again.",
        ],
        BulkAct::Delete => &[
            "Nothing of the accounts works from now on, no API key either, and nobody can sign in to them.",
            "After 14 days they are deleted for good, with everything that belongs to them.",
            "Until then you can keep each of them, on its page.",
        ],
    }
}

/// The page.
#[component]
pub(crate) fn ActOnUsersPage() -> impl IntoView {
    let (session, site) = (viewer::viewer(), viewer::site());
    let flash = viewer::flash();
    let back = paths::users_at(&viewer::asked("back").unwrap_or_default());
    let asked = ActOnUsers {
        act: viewer::asked("act").unwrap_or_default(),
        ids: viewer::asked_all("id"),
        ..ActOnUsers::default()
    }
    .check();
    Suspend::new(async move {
        let (Some(session), Some(site)) = (session, site) else {
            viewer::go(paths::LOG_IN);
            return ().into_any();
        };
        let bulk = match asked {
            Ok(bulk) => bulk,
            Err(error) => {
                return view! { <Nothing session=session error=error back=back/> }.into_any();
            }
        };
        let now = site.auth.now();
        match site.auth.preview_bulk(&session, &bulk).await {
            Ok(preview) => {
                view! { <Shown session=session bulk=bulk preview=preview flash=flash now=now back=back/> }
                    .into_any()
            }
            Err(fault) => view! { <Unavailable fault=fault/> }.into_any(),
        }
    })
}

/// Nobody was selected, or too many.
#[component]
fn Nothing(session: Arc<Session>, error: Error, back: String) -> impl IntoView {
    let is_too_many = error
        .fields
        .iter()
        .any(|field| field.code == wire::FieldCode::TooLong);
    let (title, advice) = match is_too_many {
        true => (
            "Too many at once",
            "One act is done to 100 accounts at most. Select fewer.",
        ),
        false => (
            "Nobody is selected",
            "Go back to the list, select those it is about, and choose what to do.",
        ),
    };
    view! {
        <PageTitle text="Users"/>
        <House session=session here=Place::Users title="Users" lead="One act on many accounts.">
            <div class="empty">
                <Icon sign=Sign::People/>
                <h2>{title}</h2>
                <p>{advice}</p>
                <a class="button" href=back>"Back to the list"</a>
            </div>
        </House>
    }
}

#[component]
fn Shown(
    session: Arc<Session>,
    bulk: Bulk,
    preview: BulkResult,
    flash: Flash,
    now: Timestamp,
    back: String,
) -> impl IntoView {
    let many = preview.affected.len();
    let title = match many {
        0 => format!("{} nobody", name(bulk.act)),
        1 => format!("{} 1 account", name(bulk.act)),
        many => format!("{} {many} accounts", name(bulk.act)),
    };
    let form = (many > 0).then(|| view! { <Confirm bulk=bulk.clone() preview=preview.clone() title=title.clone() flash=flash.clone() back=back.clone()/> });
    let affected = preview.affected.into_iter();
    let affected: Vec<_> = affected
        .map(|user| view! { <Affected user=user now=now/> }.into_any())
        .collect();
    let affected = match affected.is_empty() {
        true => {
            view! { <p class="quiet">"Nobody: each of them is left out, for the reason below."</p> }
                .into_any()
        }
        false => view! { <ul class="rows">{affected}</ul> }.into_any(),
    };
    view! {
        <PageTitle text=title.clone() is_error=flash.error.is_some()/>
        <House session=session here=Place::Users title=title lead="Please read this first. Nothing is done until you confirm it below.">
            <p class="small"><a href=back>"Back to the list"</a></p>
            <Summary flash=flash/>
            <section class="section">
                <div class="section-head"><h2>"Who is affected"</h2><p>"Each is judged once more when it is done."</p></div>
                <div class="panel">{affected}</div>
            </section>
            <LeftOut users=preview.left_out/>
            {form}
        </House>
    }
}

#[component]
fn Affected(user: ManagedUser, now: Timestamp) -> impl IntoView {
    let name = user.name();
    view! {
        <li class="row-item">
            <div class="row-words">
                <h3 class="table-wrap"><a href=paths::user(&user.id)>{user.email.clone()}</a></h3>
                {name.map(|name| view! { <p class="small quiet">{name}</p> })}
            </div>
            <div class="row-act">{state(user, now)}</div>
        </li>
    }
}

/// Who stays as they are, and why.
#[component]
fn LeftOut(users: Vec<LeftOutUser>) -> impl IntoView {
    let rows: Vec<_> = users
        .into_iter()
        .map(|user| {
            let who = user.email.unwrap_or(user.id);
            view! { <li class="row-item"><div class="row-words"><h3 class="table-wrap">{who}</h3><p class="small quiet">{user.reason.sentence()}</p></div></li> }
        })
        .collect();
    (!rows.is_empty()).then(|| {
        view! {
            <section class="section">
                <div class="section-head"><h2>"Who is left out"</h2><p>"They stay as they are."</p></div>
                <div class="panel"><ul class="rows">{rows}</ul></div>
            </section>
        }
    })
}

#[component]
fn Confirm(
    bulk: Bulk,
    preview: BulkResult,
    title: String,
    flash: Flash,
    back: String,
) -> impl IntoView {
    let steps: Vec<_> = steps(bulk.act)
        .iter()
        .map(|step| view! { <li>{*step}</li> })
        .collect();
    let ids: Vec<_> = preview.affected.into_iter().map(|user| user.id).collect();
    let how = (bulk.act == BulkAct::Suspend).then(|| {
        view! {
            <Choice name="seconds" label="For how long" options=durations() chosen=String::new() flash=flash.clone()/>
            <Field kind=Kind::Text("off") name="reason" label="Reason" hint="For whoever looks at these accounts next. Their owners do not see it." flash=flash.clone() is_optional=true/>
        }
    });
    let class = match bulk.act {
        BulkAct::Enable => "button button-main",
        BulkAct::Suspend | BulkAct::SignOut | BulkAct::Delete => "button button-danger",
    };
    view! {
        <section class="section">
            <div class="section-head"><h2>"What will happen"</h2><p>"It is noted for each of them in the audit log, with your name."</p></div>
            <div class="panel">
                <form class="form" method="post" action=Act::PATH novalidate=true>
                    <input type="hidden" name="act" value=bulk.act.as_str()/>
                    <input type="hidden" name="ids" value=ids.join(",")/>
                    <input type="hidden" name="back" value=back.clone()/>
                    <ul class="steps">{steps}</ul>
                    {how}
                    <div class="actions">
                        <button class=class>{title}</button>
                        <a class="button" href=back>"Leave them"</a>
                    </div>
                </form>
            </div>
        </section>
    }
}

/// What came of an act on many: shown once above the list.
#[component]
pub(super) fn Outcome(acted: ActedSummary) -> impl IntoView {
    let done = match (acted.act, acted.done) {
        (act, 1) => format!("{}: done to 1 account.", name(act)),
        (act, many) => format!("{}: done to {many} accounts.", name(act)),
    };
    let left_out: Vec<_> = acted
        .left_out
        .into_iter()
        .map(|(reason, emails)| {
            view! { <li>{format!("{}: {}", emails.join(", "), reason.sentence())}</li> }
        })
        .collect();
    let class = match left_out.is_empty() {
        true => "note note-good",
        false => "note note-plain",
    };
    let unnamed = (acted.unnamed > 0).then(|| {
        view! { <li>{format!("{} more were left out.", acted.unnamed)}</li> }
    });
    view! {
        <div class=class role="status">
            <Icon sign=Sign::Done/>
            <div>
                <p class="note-title">{done}</p>
                {(!left_out.is_empty()).then(|| view! { <p>"Left out:"</p><ul>{left_out}{unnamed}</ul> })}
            </div>
        </div>
    }
}
