//! The frames: one column with one thing to do, and the account's navigation with its room.

use std::sync::Arc;

use crate::server::Session;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;

use super::icon::{Brand, Icon, Sign};
use super::paths;
use super::place::{ACCOUNT, ADMINISTRATION, Place};
use super::switcher::Switcher;
use crate::server::log_out::LogOut;
use crate::server::viewer;

/// The page's title. One that shows an error says so first: it is what is read first.
#[component]
pub(crate) fn PageTitle(
    #[prop(into)] text: String,
    #[prop(optional)] is_error: bool,
) -> impl IntoView {
    let prefix = if is_error { "Error: " } else { "" };
    view! { <Title text=format!("{prefix}{} · Gatehouse", escaped(&text))/> }
}

/// A title goes into the head as it is; what people named something must not end it.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// A sign-in page.
#[component]
pub(crate) fn Gate(
    #[prop(into)] title: String,
    #[prop(optional, into)] lead: Option<AnyView>,
    children: Children,
) -> impl IntoView {
    let host = viewer::site().map(|site| site.host().to_owned());
    view! {
        <div class="gate">
            <header class="gate-top"><Brand/></header>
            <main class="gate-main" id="main" tabindex="-1">
                <div class="gate-head">
                    <h1>{title}</h1>
                    {lead}
                </div>
                {children()}
            </main>
            <footer class="gate-foot">
                {host.map(|host| view! { <Icon sign=Sign::Lock small=true/><span>"You are at " <b>{host}</b></span> })}
            </footer>
        </div>
    }
}

/// A page of the house: an account page, or one of the administration.
#[component]
pub(crate) fn House(
    session: Arc<Session>,
    /// Which of them.
    here: Place,
    #[prop(into)] title: String,
    #[prop(into)] lead: String,
    children: Children,
) -> impl IntoView {
    let (account, administration) = (
        links(ACCOUNT, &session, here),
        administration(&session, here),
    );
    let switcher = view! { <Switcher session=Arc::clone(&session)/> }.into_any();
    let user = &session.user;
    let name = user.display_name();
    let email = (name != user.email).then(|| user.email.clone());
    view! {
        <div class="house">
            <header class="side">
                <Brand href=paths::ACCOUNT/>
                {switcher}
                <nav class="side-links" aria-label="Account">{account}</nav>
                {administration}
                <div class="side-end">
                    <div class="who">
                        <span class="who-name">{name}</span>
                        {email.map(|email| view! { <span class="who-email">{email}</span> })}
                    </div>
                    <form method="post" action=LogOut::PATH>
                        <button class="button button-wide">"Sign out"</button>
                    </form>
                </div>
            </header>
            <main class="room" id="main" tabindex="-1">
                <div class="room-head">
                    <h1>{title}</h1>
                    <p>{lead}</p>
                </div>
                {children()}
            </main>
        </div>
    }
}

/// Who administers something gets its pages, under a heading of their own.
fn administration(session: &Session, here: Place) -> Option<AnyView> {
    let links = links(ADMINISTRATION, session, here);
    (!links.is_empty()).then(|| {
        view! {
            <nav class="side-links" aria-labelledby="administration">
                <p class="side-title" id="administration">"Administration"</p>
                {links}
            </nav>
        }
        .into_any()
    })
}

fn links(places: &[Place], session: &Session, here: Place) -> Vec<AnyView> {
    let held = &session.user.permissions;
    let is_open = |place: &&Place| {
        place
            .permission()
            .is_none_or(|needed| held.iter().any(|held| held == needed))
    };
    let link = |place: &Place| {
        let current = (*place == here).then_some("page");
        view! {
            <a class="side-link" href=place.path() aria-current=current><Icon sign=place.sign()/>{place.name()}</a>
        }
        .into_any()
    };
    places.iter().filter(is_open).map(link).collect()
}
