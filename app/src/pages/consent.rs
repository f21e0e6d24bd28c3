//! `/consent`: what is to be agreed to before anything else. Who does not want to can take
//! everything along and leave.

use leptos::either::Either;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wire::Consent;

use super::error::Unavailable;
use super::frame::{Gate, PageTitle};
use super::icon::{Icon, Sign};
use super::{paths, purpose};
use crate::forms::Summary;
use crate::server::agree::Agree;
use crate::server::log_out::LogOut;
use crate::server::viewer;
use crate::server::{Fault, Flash};

/// Asks for what is missing. Whoever lacks nothing is sent on.
#[component]
pub(crate) fn ConsentPage() -> impl IntoView {
    let next = viewer::next();
    Suspend::new(async move {
        match missing().await {
            Ok(missing) if missing.is_empty() => {
                viewer::go(next.as_str());
                ().into_any()
            }
            Ok(missing) => {
                let next = (!next.is_home()).then(|| next.to_string());
                view! { <Ask missing=missing next=next/> }.into_any()
            }
            Err(fault) => view! { <Unavailable fault=fault/> }.into_any(),
        }
    })
}

async fn missing() -> Result<Vec<Consent>, Fault> {
    let (Some(site), Some(session)) = (viewer::site(), viewer::viewer()) else {
        return Ok(Vec::new());
    };
    let mut consents = site.auth.consents(&session.user.id).await?;
    consents.retain(Consent::is_missing);
    Ok(consents)
}

#[component]
fn Ask(missing: Vec<Consent>, next: Option<String>) -> impl IntoView {
    let flash = viewer::flash();
    let is_new = missing.iter().all(|consent| consent.version.is_none());
    let lead = if is_new {
        "Before you go on, please read this and say whether you agree."
    } else {
        "Something changed since you agreed. Please read it and say whether you still do."
    };
    let questions: Vec<_> = missing
        .into_iter()
        .map(|consent| view! { <Question consent=consent flash=flash.clone()/> }.into_any())
        .collect();
    view! {
        <PageTitle text="Your agreement" is_error=flash.error.is_some()/>
        <Gate title="Your agreement" lead=view! { <p>{lead}</p> }.into_any()>
            <Summary flash=flash/>
            <form class="form" method="post" action=Agree::PATH novalidate=true>
                {next.map(|next| view! { <input type="hidden" name="next" value=next/> })}
                {questions}
                <button class="button button-main">"Agree and go on"</button>
            </form>
            <div class="gate-after">
                <p>"You do not want to? You can "<a href=paths::EXPORT>"download your data"</a>", "
                <a href=paths::DELETE>"delete your account"</a>", or sign out."</p>
                <form class="row" method="post" action=LogOut::PATH>
                    <button class="button-link">"Sign out"</button>
                    <a href=paths::PRIVACY>"Privacy"</a>
                </form>
            </div>
        </Gate>
    }
}

/// One box to tick. What it sends is the version that was shown.
#[component]
fn Question(consent: Consent, flash: Flash) -> impl IntoView {
    let name = consent.purpose.as_str();
    let version = consent.current_version.unwrap_or_default();
    let error = flash
        .error
        .iter()
        .flat_map(|error| &error.fields)
        .find(|field| field.field == name)
        .map(|error| error.message(viewer::password_rule()));
    let (about_id, error_id) = (format!("{name}-about"), format!("{name}-error"));
    let described_by = match &error {
        Some(_) => format!("{error_id} {about_id}"),
        None => about_id.clone(),
    };
    let error = match error {
        Some(message) => Either::Left(view! {
            <p class="field-error" id=error_id><Icon sign=Sign::Alert small=true/>{message}</p>
        }),
        None => Either::Right(()),
    };
    view! {
        <div class="field">
            <div class="tick">
                <input type="checkbox" id=name name=name value=version.clone() required=true aria-describedby=described_by/>
                <label for=name>{format!("I agree: {}", purpose::title(consent.purpose).to_lowercase())}</label>
            </div>
            <p class="hint" id=about_id>
                {purpose::about(consent.purpose)}" "<Read url=consent.url version=version/>
            </p>
            {error}
        </div>
    }
}

/// Where it can be read, in a new tab: the form stays as it is.
#[component]
pub(super) fn Read(url: Option<String>, version: String) -> impl IntoView {
    url.map(|url| {
        view! {
            <a href=url target="_blank" rel="noopener noreferrer">
                {format!("Read version {version}")}<span class="unseen">" (opens in a new tab)"</span>
            </a>
        }
    })
}
