//! `/account/sessions`: where one is signed in, and ending it.
//!
//! Every row says what its button will do before it is pressed, and the page what came of it. Two steps
//! to each: `details` opens without any script.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wire::OpenSession;

use super::device::{DeviceRow, name};
use super::error::Unavailable;
use super::frame::{House, PageTitle};
use super::icon::{Icon, Sign};
use super::paths;
use super::place::Place;
use crate::forms::Summary;
use crate::server::end_session::{EndOtherSessions, EndSession};
use crate::server::{Session, Timestamp, viewer};

/// The devices.
#[component]
pub(crate) fn SessionsPage() -> impl IntoView {
    let (session, site) = (viewer::viewer(), viewer::site());
    Suspend::new(async move {
        let (Some(session), Some(site)) = (session, site) else {
            viewer::go(paths::LOG_IN);
            return ().into_any();
        };
        match site.auth.list_sessions(&session).await {
            Ok(sessions) => {
                let now = site.auth.now();
                view! { <Shown session=session sessions=sessions now=now/> }.into_any()
            }
            Err(fault) => view! { <Unavailable fault=fault/> }.into_any(),
        }
    })
}

#[component]
fn Shown(session: Arc<Session>, sessions: Vec<OpenSession>, now: Timestamp) -> impl IntoView {
    let flash = viewer::flash();
    let others = sessions.iter().filter(|one| !one.current).count();
    let rows: Vec<_> = sessions
        .into_iter()
        .map(|one| view! { <Row session=one now=now/> }.into_any())
        .collect();
    let rest = match others {
        0 => view! { <Alone/> }.into_any(),
        many => view! { <Others many=many/> }.into_any(),
    };
    view! {
        <PageTitle text="Devices" is_error=flash.error.is_some()/>
        <House session=session here=Place::Sessions title="Devices" lead="Where you are signed in. End what you do not know, or do not need.">
            <Summary flash=flash/>
            <section class="panel">
                <h2 class="unseen">"Where you are signed in"</h2>
                <ul class="rows">{rows}</ul>
            </section>
            {rest}
        </House>
    }
}

#[component]
fn Row(session: OpenSession, now: Timestamp) -> impl IntoView {
    let (id, is_current) = (session.id.clone(), session.current);
    let device = name(&session.device);
    let (label, what) = match is_current {
        true => (
            "Sign out on this device".to_owned(),
            "You are signed out here, and sign in again to come back.",
        ),
        false => (
            format!("Sign out {device}, last used from {}", session.ip),
            "Whoever uses it is signed out at once. It can only come back by signing in.",
        ),
    };
    view! {
        <DeviceRow session=session now=now>
            <details class="more">
                <summary aria-label=label>"Sign out"</summary>
                <form method="post" action=EndSession::PATH>
                    <input type="hidden" name="id" value=id/>
                    <p class="small quiet">{what}</p>
                    <button class="button button-danger">{if is_current { "Sign out here" } else { "Sign it out" }}</button>
                </form>
            </details>
        </DeviceRow>
    }
}

/// All at once.
#[component]
fn Others(many: usize) -> impl IntoView {
    let what = match many {
        1 => "One other device is signed out at once. This one stays.".to_owned(),
        many => format!("{many} other devices are signed out at once. This one stays."),
    };
    view! {
        <section class="panel panel-row">
            <div>
                <h2>"Something you do not know?"</h2>
                <p class="small quiet">{what}" Then "<a href=paths::SECURITY>"change your password"</a>"."</p>
            </div>
            <form method="post" action=EndOtherSessions::PATH>
                <button class="button button-danger">"Sign out all other devices"</button>
            </form>
        </section>
    }
}

#[component]
fn Alone() -> impl IntoView {
    view! {
        <div class="empty">
            <Icon sign=Sign::Desktop/>
            <h2>"No other devices"</h2>
            <p>"You are signed in here and nowhere else. Other browsers, phones and programs show up on this page."</p>
        </div>
    }
}
