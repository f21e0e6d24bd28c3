//! `/account/keys/new`: what a key shall be. Whoever comes here proved a factor just now, so that the form
//! is not interrupted.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::forms::{Choice, Field, Kind, Summary};
use crate::pages::frame::{House, PageTitle};
use crate::pages::paths;
use crate::pages::place::Place;
use crate::server::api_keys::CreateKey;
use crate::server::{Flash, Session, viewer};

/// The form.
#[component]
pub(crate) fn NewKeyPage() -> impl IntoView {
    let Some(session) = viewer::viewer() else {
        viewer::go(paths::LOG_IN);
        return ().into_any();
    };
    view! { <Page session=session flash=viewer::flash()/> }.into_any()
}

#[component]
fn Page(session: Arc<Session>, flash: Flash) -> impl IntoView {
    let held = session.user.permissions.clone();
    let is_error = flash.error.is_some();
    let lives = [
        ("7", "7 days"),
        ("30", "30 days"),
        ("60", "60 days"),
        ("90", "90 days"),
        ("365", "One year"),
        ("custom", "As many days as I say"),
        ("never", "It never expires"),
    ];
    let lives = lives.map(|(value, words)| (value.to_owned(), words.to_owned()));
    view! {
        <PageTitle text="New API key" is_error=is_error/>
        <House session=session here=Place::Keys title="New API key" lead="It is shown once, on the next page.">
            <Summary flash=flash.clone()/>
            <form class="form panel" method="post" action=CreateKey::PATH novalidate=true>
                <Field kind=Kind::Text("off") name="name" label="Name" hint="Which program it is for. You and your admins see it." flash=flash.clone()/>
                <Permissions held=held chosen=chosen(&flash) />
                <Choice name="life" label="It lives for" options=lives.to_vec() chosen="90".to_owned() wire="expiresInDays" flash=flash.clone()/>
                <p class="hint">"A key that never expires works until somebody revokes it, even if it leaks and nobody notices. You are told seven days and one day before any other ends."</p>
                <Field kind=Kind::Text("off") name="days" label="Days" hint="Where you chose to say: 1 to 3650." is_optional=true flash=flash.clone()/>
                <Field kind=Kind::Text("off") name="rate_limit" wire="rateLimit" label="Uses an hour" hint="Left empty: 1000. More are answered with 429." is_optional=true flash=flash/>
                <div class="actions">
                    <button class="button button-main">"Make the key"</button>
                    <a class="button" href=paths::KEYS>"Back"</a>
                </div>
            </form>
        </House>
    }
}

/// What was ticked the last time.
fn chosen(flash: &Flash) -> Vec<String> {
    let kept = flash.kept.get("permissions").map(String::as_str);
    let names = kept.unwrap_or_default().split(' ');
    names.map(str::to_owned).collect()
}

/// One box for each permission whoever looks holds, or the key has.
#[component]
pub(super) fn Permissions(held: Vec<String>, chosen: Vec<String>) -> impl IntoView {
    let is_empty = held.is_empty();
    let boxes: Vec<_> = held
        .into_iter()
        .map(|name| {
            let is_ticked = chosen.contains(&name);
            view! { <label class="choice"><input type="checkbox" name="permissions[]" value=name.clone() checked=is_ticked/>{name.clone()}</label> }
        })
        .collect();
    view! {
        <fieldset class="field" id="permissions">
            <legend class="label">"What it may do"</legend>
            <p class="hint">"Tick as little as the program needs. What you lose, the key loses at once."</p>
            {is_empty.then(|| view! { <p class="quiet">"You hold no permissions just now: the key can say whose it is and nothing else."</p> })}
            {boxes}
        </fieldset>
    }
    .into_any()
}
