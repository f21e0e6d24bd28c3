//! `/admin/users/{id}`: one account, where it is signed in, and what can be done about it. One section
//! for each matter; each says beforehand what will happen.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_params_map;
use wire::{ErrorCode, ManagedUser, OneManagedUser, OpenSession, UserStatus};

use super::device::{DeviceRow, name};
use super::error::{Failed, Unavailable};
use super::frame::{House, PageTitle};
use super::icon::{Icon, Sign};
use super::paths;
use super::place::Place;
use super::users::{badge, words};
use super::when::{Exactly, read};
use crate::forms::{Field, Kind, Summary};
use crate::server::manage_user::{DisableUser, EnableUser, EndSessionOf, SignOutUser};
use crate::server::{Fault, Flash, Session, Site, Timestamp, viewer};

/// What the page is made of.
struct Known {
    one: OneManagedUser,
    sessions: Vec<OpenSession>,
    now: Timestamp,
}

/// One account.
#[component]
pub(crate) fn UserPage() -> impl IntoView {
    let (session, site) = (viewer::viewer(), viewer::site());
    let id = use_params_map().read_untracked().get("id");
    Suspend::new(async move {
        let (Some(session), Some(site)) = (session, site) else {
            viewer::go(paths::LOG_IN);
            return ().into_any();
        };
        match known(&site, &session, &id.unwrap_or_default()).await {
            Ok(Some(known)) => view! { <Shown session=session known=known/> }.into_any(),
            Ok(None) => view! { <Failed code=ErrorCode::NotFound/> }.into_any(),
            Err(fault) => view! { <Unavailable fault=fault/> }.into_any(),
        }
    })
}

async fn known(site: &Site, session: &Session, id: &str) -> Result<Option<Known>, Fault> {
    let one = site.auth.managed_user(session, id).await?;
    let sessions = site.auth.list_sessions_of(session, id).await?;
    let now = site.auth.now();
    Ok(one
        .zip(sessions)
        .map(|(one, sessions)| Known { one, sessions, now }))
}

#[component]
fn Shown(session: Arc<Session>, known: Known) -> impl IntoView {
    let flash = viewer::flash();
    let Known { one, sessions, now } = known;
    let OneManagedUser {
        user,
        disabled_reason,
        manageable,
    } = one;
    let is_own = session.user.id == user.id;
    let title = user.name().unwrap_or_else(|| user.email.clone());
    let looks_only = (!manageable).then(|| {
        view! {
            <div class="note note-plain"><Icon sign=Sign::Lock/><p>"This account has rights that you lack, so you can look, and change nothing."</p></div>
        }
    });
    let change = match (manageable, is_own) {
        (false, _) => ().into_any(),
        (true, true) => view! { <Own/> }.into_any(),
        (true, false) => view! { <Change user=user.clone() flash=flash.clone()/> }.into_any(),
    };
    let id = user.id.clone();
    let overview = view! { <Overview user=user reason=disabled_reason/> }.into_any();
    let devices =
        view! { <Devices user=id sessions=sessions manageable=manageable now=now/> }.into_any();
    view! {
        <PageTitle text=title.clone() is_error=flash.error.is_some()/>
        <House session=session here=Place::Users title=title lead="What we know of this account, and what you can do about it.">
            <p class="small"><a href=paths::USERS>"All users"</a></p>
            <Summary flash=flash/>
            {looks_only}
            {overview}
            {devices}
            {change}
        </House>
    }
}

#[component]
fn Overview(user: ManagedUser, reason: Option<String>) -> impl IntoView {
    let proven = match user.email_verified {
        true => view! { <span class="badge badge-good">"Confirmed"</span> },
        false => view! { <span class="badge">"Not confirmed"</span> },
    };
    let since = read(&user.created_at);
    let seen = user.last_login_at.as_deref().and_then(read);
    let disabled = user.disabled_at.as_deref().and_then(read);
    let disabled = disabled.map(|at| view! { <span class="quiet">"since "<Exactly at=at/></span> });
    let reason =
        reason.map(|reason| view! { <div class="fact"><dt>"Reason"</dt><dd>{reason}</dd></div> });
    let username = user
        .username
        .map(|name| view! { <div class="fact"><dt>"Username"</dt><dd>{name}</dd></div> });
    view! {
        <section class="section">
            <div class="section-head"><h2>"Overview"</h2><p>"Who they are, and how the account stands."</p></div>
            <div class="panel">
                <dl class="facts">
                    <div class="fact"><dt>"Email"</dt><dd class="table-wrap">{user.email}" "{proven}</dd></div>
                    {username}
                    <div class="fact"><dt>"Role"</dt><dd>{user.role}</dd></div>
                    <div class="fact"><dt>"State"</dt><dd><span class=badge(user.status)>{words(user.status)}</span>{disabled}</dd></div>
                    {reason}
                    <div class="fact"><dt>"Since"</dt><dd>{since.map(|at| view! { <Exactly at=at/> })}</dd></div>
                    <div class="fact"><dt>"Last signed in"</dt><dd>{match seen {
                        Some(at) => view! { <Exactly at=at/> }.into_any(),
                        None => view! { "Never" }.into_any(),
                    }}</dd></div>
                    <div class="fact"><dt>"Id"</dt><dd><code class="table-wrap">{user.id}</code></dd></div>
                </dl>
            </div>
        </section>
    }
}

#[component]
fn Devices(
    user: String,
    sessions: Vec<OpenSession>,
    manageable: bool,
    now: Timestamp,
) -> impl IntoView {
    let many = sessions.len();
    let rows: Vec<_> = sessions
        .into_iter()
        .map(|session| {
            let form = manageable
                .then(|| view! { <End user=user.clone() session=session.clone()/> }.into_any());
            view! { <DeviceRow session=session now=now>{form}</DeviceRow> }.into_any()
        })
        .collect();
    let list = match many {
        0 => view! { <p class="quiet">"Signed in nowhere."</p> }.into_any(),
        _ => view! { <ul class="rows">{rows}</ul> }.into_any(),
    };
    let all = (manageable && many > 0).then(|| {
        view! {
            <form class="row below" method="post" action=SignOutUser::PATH>
                <input type="hidden" name="user" value=user/>
                <button class="button">"Sign out everywhere"</button>
                <span class="small quiet">"Ends every session above at once. They can sign in again."</span>
            </form>
        }
    });
    view! {
        <section class="section">
            <div class="section-head"><h2>"Devices"</h2><p>"Where they are signed in. What ends here is refused by services within seconds."</p></div>
            <div class="panel">{list}{all}</div>
        </section>
    }
}

#[component]
fn End(user: String, session: OpenSession) -> impl IntoView {
    let label = format!(
        "End the session of {}, last used from {}",
        name(&session.device),
        session.ip
    );
    view! {
        <details class="more">
            <summary aria-label=label>"End session"</summary>
            <form method="post" action=EndSessionOf::PATH>
                <input type="hidden" name="user" value=user/>
                <input type="hidden" name="id" value=session.id/>
                <p class="small quiet">"Whoever uses it is signed out at once. Their activity says that an administrator did it."</p>
                <button class="button button-danger">"End this session"</button>
            </form>
        </details>
    }
}

/// Disabling, or enabling again.
#[component]
fn Change(user: ManagedUser, flash: Flash) -> impl IntoView {
    let form = match user.status {
        UserStatus::Disabled => view! {
            <form class="form" method="post" action=EnableUser::PATH>
                <input type="hidden" name="user" value=user.id/>
                <p>"They can sign in again, with the password they had. What ended stays ended."</p>
                <div class="actions"><button class="button">"Enable account"</button></div>
            </form>
        }
        .into_any(),
        _ => view! {
            <form class="form" method="post" action=DisableUser::PATH novalidate=true>
                <input type="hidden" name="user" value=user.id/>
                <ul class="steps">
                    <li>"Every session ends at once, and services refuse what they hold within seconds."</li>
                    <li>"They cannot sign in, and are told nothing but that address or password is wrong."</li>
                    <li>"Nothing is deleted. You can enable the account again."</li>
                </ul>
                <Field kind=Kind::Text("off") name="reason" label="Reason" hint="For whoever looks at this account next. They do not see it." flash=flash is_optional=true/>
                <div class="actions"><button class="button button-danger">"Disable account"</button></div>
            </form>
        }
        .into_any(),
    };
    view! {
        <section class="section">
            <div class="section-head"><h2>"Access"</h2><p>"Whether they can sign in at all."</p></div>
            <div class="panel">{form}</div>
        </section>
    }
}

#[component]
fn Own() -> impl IntoView {
    view! {
        <section class="section">
            <div class="section-head"><h2>"Access"</h2><p>"Whether they can sign in at all."</p></div>
            <div class="panel"><p>"This is your own account: only another admin can disable it."</p></div>
        </section>
    }
}
