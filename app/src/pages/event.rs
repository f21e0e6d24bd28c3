//! `/account/activity/<id>`: one event, and what "this wasn't me" would do.

use leptos::either::Either;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_params_map;
use wire::{ErrorCode, Event};

use super::activity::whence;
use super::error::{Failed, Unavailable};
use super::frame::{House, PageTitle};
use super::paths;
use super::place::Place;
use super::when::{Exactly, read};
use crate::server::disown::Disown;
use crate::server::viewer;

/// One event of the account.
#[component]
pub(crate) fn EventPage() -> impl IntoView {
    let (Some(session), Some(site)) = (viewer::viewer(), viewer::site()) else {
        viewer::go(paths::LOG_IN);
        return Either::Left(());
    };
    let id = use_params_map().read_untracked().get("id");
    Either::Right(Suspend::new(async move {
        let event = site
            .auth
            .event(&session, id.as_deref().unwrap_or_default())
            .await;
        match event {
            Ok(Some(event)) => view! {
                <PageTitle text="Was this you?"/>
                <House session=session.clone() here=Place::Activity title="Was this you?" lead="If it was not, somebody else has been in your account.">
                    <What event=event email=session.user.email.clone()/>
                </House>
            }
            .into_any(),
            Ok(None) => view! { <Failed code=ErrorCode::NotFound/> }.into_any(),
            Err(fault) => view! { <Unavailable fault=fault/> }.into_any(),
        }
    }))
}

#[component]
fn What(event: Event, email: String) -> impl IntoView {
    let from = whence(&event);
    view! {
        <div class="panel">
            <p><b>{event.sentence}</b></p>
            <p class="small quiet">
                {read(&event.at).map(|at| view! { <Exactly at=at/> })}
                {from.map(|from| format!(". {from}"))}
            </p>
        </div>
        <section class="section">
            <div class="section-head">
                <h2>"This wasn’t me"</h2>
                <p>"Takes your account back from whoever it was."</p>
            </div>
            <div class="panel">
                <form class="form" method="post" action=Disown::PATH>
                    <input type="hidden" name="event" value=event.id/>
                    <ul class="steps">
                        <li>"Every session ends, on every device, this one too."</li>
                        <li>"Your password stops working. We send a letter to " <b>{email}</b>", and you choose a new one."</li>
                        <li>"A change of your address that waits is stopped. One that was made since is undone, and then the letter goes to the former address."</li>
                    </ul>
                    <div class="actions">
                        <button class="button button-danger">"This wasn’t me"</button>
                        <a class="button" href=paths::ACTIVITY>"It was me"</a>
                    </div>
                </form>
            </div>
        </section>
    }
}
