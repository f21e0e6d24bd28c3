//! `/account/privacy`: what one agreed to, everything about oneself to take along, and the way out.

use std::sync::Arc;

use leptos::either::{Either, EitherOf4};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wire::{Consent, ConsentStatus, SafeReturnTo};

use super::consent::Read;
use super::error::Unavailable;
use super::frame::{House, PageTitle};
use super::icon::{Icon, Sign};
use super::place::Place;
use super::when::{Day, read};
use super::{paths, purpose};
use crate::forms::Summary;
use crate::server::Session;
use crate::server::agree::Agree;
use crate::server::viewer;
use crate::server::withdraw_consent::WithdrawConsent;

/// Privacy.
#[component]
pub(crate) fn PrivacyPage() -> impl IntoView {
    Suspend::new(async move {
        let (Some(site), Some(session)) = (viewer::site(), viewer::viewer()) else {
            viewer::go(paths::LOG_IN);
            return ().into_any();
        };
        let export = export_path(site.auth.is_recent(&session));
        match site.auth.consents(&session.user.id).await {
            Ok(consents) => {
                view! { <Page session=session consents=consents export=export/> }.into_any()
            }
            Err(fault) => view! { <Unavailable fault=fault/> }.into_any(),
        }
    })
}

/// Where the download is. A file gives no page to come back to after confirming who one is, so that is
/// asked first, and the press that downloads comes after it.
fn export_path(is_recent: bool) -> String {
    if is_recent {
        return paths::EXPORT.to_owned();
    }
    paths::step_up(&SafeReturnTo::parse(paths::PRIVACY))
}

#[component]
fn Page(session: Arc<Session>, consents: Vec<Consent>, export: String) -> impl IntoView {
    let flash = viewer::flash();
    view! {
        <PageTitle text="Privacy" is_error=flash.error.is_some()/>
        <House session=session here=Place::Privacy title="Privacy" lead="What you agreed to, what is known about you, and the way out.">
            <Summary flash=flash/>
            <Section title="Consents" about="What you allow. Whatever is optional you can take back at any time.".into_any()>
                <Consents consents=consents/>
            </Section>
            <Section title="Your data" about="Everything this portal holds about you, as a file that people and programs can read.".into_any()>
                <YourData export=export/>
            </Section>
            <Section title="Delete account" about="Closes your account at once and deletes it after 14 days.".into_any()>
                <Leave/>
            </Section>
        </House>
    }
}

/// A heading and what it is about, and the thing itself.
#[component]
pub(super) fn Section(title: &'static str, about: AnyView, children: Children) -> impl IntoView {
    view! {
        <section class="section">
            <div class="section-head"><h2>{title}</h2><p>{about}</p></div>
            <div class="panel">{children()}</div>
        </section>
    }
    .into_any()
}

#[component]
fn YourData(export: String) -> impl IntoView {
    view! {
        <div class="form">
            <p class="small">"Profile, sessions, consents with their history, letters and what happened to your account. No passwords or keys: nobody gets those, not even you."</p>
            <div class="actions"><a class="button" href=export><Icon sign=Sign::Tray small=true/>"Download my data"</a></div>
        </div>
    }
}

#[component]
fn Leave() -> impl IntoView {
    view! {
        <div class="form">
            <p class="small">"Before anything happens we tell you what goes and what is kept. You can change your mind for 14 days."</p>
            <div class="actions"><a class="button button-danger" href=paths::DELETE>"Delete my account …"</a></div>
        </div>
    }
}

#[component]
fn Consents(mut consents: Vec<Consent>) -> impl IntoView {
    consents.retain(|consent| consent.current_version.is_some() || consent.version.is_some());
    if consents.is_empty() {
        return Either::Left(view! {
            <p class="quiet small">"This portal has not asked you for anything."</p>
        });
    }
    let rows: Vec<_> = consents
        .into_iter()
        .map(|consent| view! { <Row consent=consent/> }.into_any())
        .collect();
    Either::Right(view! { <ul class="rows">{rows}</ul> })
}

/// One purpose: what it is, how it stands, what can be done.
#[component]
fn Row(consent: Consent) -> impl IntoView {
    let title = purpose::title(consent.purpose);
    let version = consent
        .current_version
        .clone()
        .or_else(|| consent.version.clone())
        .unwrap_or_default();
    view! {
        <li class="row-item">
            <div class="row-words">
                <h3>{title}" "<Badge consent=consent.clone()/></h3>
                <p class="small quiet">{purpose::about(consent.purpose)}" "<Read url=consent.url.clone() version=version/></p>
                <Since consent=consent.clone()/>
            </div>
            <Act consent=consent/>
        </li>
    }
}

#[component]
fn Badge(consent: Consent) -> impl IntoView {
    match consent.status {
        ConsentStatus::Given => view! { <span class="badge badge-good">"Agreed"</span> },
        ConsentStatus::Withdrawn => view! { <span class="badge">"Taken back"</span> },
        ConsentStatus::Outstanding => view! { <span class="badge">"To be answered"</span> },
        ConsentStatus::Never => view! { <span class="badge">"Not agreed"</span> },
    }
}

/// Since when it stands as it does.
#[component]
fn Since(consent: Consent) -> impl IntoView {
    let at = |moment: &Option<String>| moment.as_deref().and_then(read);
    let version = consent.version.clone().unwrap_or_default();
    let given = at(&consent.given_at)
        .map(|given| view! { <>"You agreed to version "{version}" on "<Day at=given/>"."</> });
    let withdrawn = at(&consent.withdrawn_at)
        .map(|taken| view! { <>" You took it back on "<Day at=taken/>"."</> });
    given.map(|given| view! { <p class="small quiet">{given}{withdrawn}</p> })
}

/// What can be done about it.
#[component]
fn Act(consent: Consent) -> impl IntoView {
    let purpose = consent.purpose.as_str();
    let label = purpose::title(consent.purpose);
    match (consent.status, consent.required, consent.current_version) {
        (ConsentStatus::Given, true, _) => EitherOf4::A(view! {
            <p class="small quiet row-act">"Needed for as long as you have an account. To take it back, delete the account."</p>
        }),
        (ConsentStatus::Given, false, _) => EitherOf4::B(view! {
            <form class="row-act" method="post" action=WithdrawConsent::PATH>
                <input type="hidden" name="purpose" value=purpose/>
                <button class="button" aria-label=format!("Take back: {label}")>"Take back"</button>
            </form>
        }),
        (_, _, Some(version)) => EitherOf4::C(view! {
            <form class="row-act" method="post" action=Agree::PATH>
                <input type="hidden" name=purpose value=version/>
                <input type="hidden" name="next" value=paths::PRIVACY/>
                <button class="button" aria-label=format!("Agree: {label}")>"Agree"</button>
            </form>
        }),
        (_, _, None) => EitherOf4::D(()),
    }
}
