//! `/integrate`: what a service needs to know to trust this portal, to be copied. Nothing on it is
//! secret, so everybody signed in may see it: engineers are not always admins.

mod snippet;

use std::sync::Arc;

use leptos::prelude::*;

use self::snippet::Values;
use super::frame::{House, PageTitle};
use super::paths;
use super::place::Place;
use super::privacy::Section;
use crate::islands::Copy;
use crate::server::viewer;
use crate::server::{Session, Site};

/// For developers.
#[component]
pub(crate) fn IntegratePage() -> impl IntoView {
    let (Some(session), Some(site)) = (viewer::viewer(), viewer::site()) else {
        viewer::go(paths::LOG_IN);
        return ().into_any();
    };
    view! { <Page session=session site=site/> }.into_any()
}

#[component]
fn Page(session: Arc<Session>, site: Site) -> impl IntoView {
    let settings = site.auth.settings();
    let issuer = settings.public_url.clone();
    let values = Values {
        issuer: &issuer,
        audience: &settings.audience,
        algorithm: settings.algorithm.as_str(),
    };
    let codes = [
        ("hono", "Hono", snippet::hono(&values)),
        ("axum", "axum", snippet::axum(&values)),
        ("python", "Python", snippet::python(&values)),
        ("by-hand", "By hand", snippet::by_hand(&values)),
    ];
    let [hono, axum, python, by_hand] =
        codes.map(|(id, title, code)| view! { <Code id=id title=title code=code/> });
    let facts = view! {
        <Fact id="issuer" label="Issuer" value=issuer.clone() hint="What iss must be, to the letter: no slash at its end."/>
        <Fact id="audience" label="Audience" value=settings.audience.clone() hint="What aud must contain."/>
        <Fact id="algorithm" label="Algorithm" value=settings.algorithm.as_str().to_owned() hint="The only one to take. Never the one a token names."/>
        <Fact id="jwks" label="Public keys (JWKS)" value=format!("{issuer}/.well-known/jwks.json") hint="Keep them for 10 minutes at most, and look again when a token names one you lack."/>
        <Fact id="feed" label="Revocation feed" value=format!("{issuer}/.well-known/revocations") hint="What has ended before its time. Our packages follow it."/>
    };
    view! {
        <PageTitle text="Developers"/>
        <House session=session here=Place::Developers title="Developers" lead="What a service needs to trust this portal’s tokens. Nothing here is secret.">
            <Section title="Values" about="The settings of every verifier, whatever it is written in.".into_any()>
                <div class="form">{facts}</div>
            </Section>
            <Section title="Hono" about=view! { "With our package "<code>"@gatehouse/hono"</code>", which follows the revocation feed: what ends here ends there within seconds." }.into_any()>{hono}</Section>
            <Section title="axum" about=view! { "With our crate "<code>"gatehouse-axum"</code>", which follows the feed as well." }.into_any()>{axum}</Section>
            <Section title="Python" about=view! { "With "<code>"pyjwt[crypto]"</code>". It follows no feed: a token is taken until it expires." }.into_any()>{python}</Section>
            <Section title="By hand" about="A token for a service, who takes it, and what the portal says of it. Put your own password in.".into_any()>{by_hand}</Section>
            <Section title="Why is it refused?" about="When a service says 401 and you do not see why.".into_any()>
                <p class="small">"Paste the token, and every check a verifier makes is gone through, each with what it found."</p>
                <p class="below"><a class="button" href=paths::INSPECT_TOKEN>"Check a token"</a></p>
            </Section>
        </House>
    }
}

/// A value in a field that cannot be changed: without a script it is selected and copied by hand.
#[component]
fn Fact(id: &'static str, label: &'static str, value: String, hint: &'static str) -> impl IntoView {
    let hint_id = format!("{id}-hint");
    view! {
        <div class="field">
            <div class="label"><label for=id>{label}</label></div>
            <p class="hint" id=hint_id.clone()>{hint}</p>
            <div class="copied-from">
                <input class="input input-mono" id=id readonly=true value=value spellcheck="false" aria-describedby=hint_id/>
                <Copy from=id.to_owned() what=label.to_owned()/>
            </div>
        </div>
    }
    .into_any()
}

#[component]
fn Code(id: &'static str, title: &'static str, code: String) -> impl IntoView {
    view! {
        <div class="code">
            <pre tabindex="0" role="region" aria-label=format!("Code: {title}")><code id=id>{code}</code></pre>
            <Copy from=id.to_owned() what=format!("the code for {title}")/>
        </div>
    }
    .into_any()
}
