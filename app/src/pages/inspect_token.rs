//! `/integrate/token`: "Why is it refused?" A token is pasted, and each check says what it found.

use std::sync::Arc;

use leptos::either::Either;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wire::{CheckOutcome, ErrorCode, Finding, Inspection, TokenMember};

use super::frame::{House, PageTitle};
use super::icon::{Icon, Sign};
use super::paths;
use super::place::Place;
use super::when::exact;
use crate::forms::{Area, Summary};
use crate::server::inspect_token::InspectToken;
use crate::server::viewer;
use crate::server::{Flash, Session};

/// The inspector.
#[component]
pub(crate) fn InspectTokenPage() -> impl IntoView {
    let Some(session) = viewer::viewer() else {
        viewer::go(paths::LOG_IN);
        return ().into_any();
    };
    view! { <Page session=session flash=viewer::flash()/> }.into_any()
}

#[component]
fn Page(session: Arc<Session>, flash: Flash) -> impl IntoView {
    let is_error = flash.error.is_some();
    let inspected = flash.inspected.clone();
    let label = match inspected {
        Some(_) => "Another token",
        None => "Token",
    };
    view! {
        <PageTitle text="Check a token" is_error=is_error/>
        <House session=session here=Place::Developers title="Check a token" lead="Why is it refused? Paste an access token, and every check says what it found.">
            <Summary flash=flash.clone()/>
            {inspected.map(|inspection| view! { <Answer inspection=inspection/> })}
            <form class="form panel" method="post" action=InspectToken::PATH novalidate=true>
                <Area
                    name="token"
                    label=label
                    hint="With or without “Bearer”. It is looked at and forgotten: neither kept nor written to a log. A token is as good as a password while it lives, so paste it nowhere else."
                    flash=flash
                />
                <div class="actions">
                    <button class="button button-main">"Check it"</button>
                    <a class="button" href=paths::INTEGRATE>"Back"</a>
                </div>
            </form>
        </House>
    }
}

#[component]
fn Answer(inspection: Inspection) -> impl IntoView {
    let checks: Vec<_> = inspection
        .findings
        .iter()
        .map(|finding| view! { <Check finding=finding.clone()/> })
        .collect();
    let is_genuine = inspection.findings.contains(&Finding::Signature);
    let cut = inspection.cut;
    view! {
        <Verdict inspection=inspection.clone()/>
        <section class="list" aria-label="Checks">
            <h2>"What was looked at"</h2>
            <ol class="events panel">{checks}</ol>
        </section>
        <Members title="Header" members=inspection.header/>
        <Members title=if is_genuine { "Claims" } else { "Claims, which anybody could have written" } members=inspection.claims/>
        {(cut > 0).then(|| view! { <p class="small quiet">"Long values are cut and some are left out: the JSON API shows all of them."</p> })}
    }
}

/// The answer in one sentence, for services and for the portal.
#[component]
fn Verdict(inspection: Inspection) -> impl IntoView {
    let (services, portal) = (inspection.services(), inspection.portal());
    let (class, sign) = match (services, inspection.is_complete()) {
        (Some(_), _) => ("note note-bad", Sign::Alert),
        (None, true) => ("note note-good", Sign::Done),
        (None, false) => ("note note-plain", Sign::Clock),
    };
    let title = match (services, inspection.is_complete()) {
        (Some(_), _) => "Services refuse this token",
        (None, true) => "Services take this token",
        (None, false) => "As far as everybody can see, services take this token",
    };
    let differs = (services != portal).then(|| match portal {
        None => view! { <p>"This portal’s own API takes it."</p> }.into_any(),
        Some(code) => {
            view! { <p>"This portal’s own API answers "<code>{code.as_str()}</code>"."</p> }
                .into_any()
        }
    });
    view! {
        <div class=class role="status">
            <Icon sign=sign/>
            <div>
                <p class="note-title">{title}</p>
                {services.map(|code| view! { <p>"The answer is "<code>{code.as_str()}</code>": "{cure(code)}</p> })}
                {differs}
            </div>
        </div>
    }
}

/// What to do about a refusal.
fn cure(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::TokenExpired => {
            "it is over. Get another one with the refresh token or the session."
        }
        ErrorCode::TokenRevoked => "what it was given for has ended. Sign in again.",
        ErrorCode::TokenStale => {
            "rights have changed. Get another one and go on with what rights are left."
        }
        _ => "the first cross below says why. A new token helps only if this one was damaged.",
    }
}

#[component]
fn Check(finding: Finding) -> impl IntoView {
    let (class, sign, heard) = match finding.outcome() {
        CheckOutcome::Good => ("event event-passed", Sign::Done, "Good: "),
        CheckOutcome::Bad => ("event event-refused", Sign::Cross, "Refused: "),
        CheckOutcome::Open => ("event", Sign::Open, "Left open: "),
    };
    view! {
        <li class=class>
            <Icon sign=sign small=true/>
            <div class="event-what"><p><span class="unseen">{heard}</span>{finding.sentence()}</p></div>
            <div class="event-end"><code class="quiet">{finding.check()}</code></div>
        </li>
    }
}

#[component]
fn Members(title: &'static str, members: Vec<TokenMember>) -> impl IntoView {
    if members.is_empty() {
        return Either::Left(());
    }
    let rows: Vec<_> = members
        .into_iter()
        .map(|member| {
            let words = words(&member);
            view! {
                <tr>
                    <th scope="row"><code>{member.name}</code></th>
                    <td data-label="Value" class="table-wrap">{member.value}</td>
                    <td data-label="Meaning" class="quiet">{words}</td>
                </tr>
            }
        })
        .collect();
    Either::Right(view! {
        <section class="list" aria-label=title>
            <h2>{title}</h2>
            <table class="table">
                <thead><tr><th scope="col">"Name"</th><th scope="col">"Value"</th><th scope="col">"Meaning"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    })
}

/// What a member means; for a moment, which one.
fn words(member: &TokenMember) -> String {
    let moment = || member.value.parse().ok().map(exact).unwrap_or_default();
    match member.name.as_str() {
        "iat" => format!("Issued {}", moment()),
        "exp" => format!("Expires {}", moment()),
        "nbf" => format!("Not before {}", moment()),
        "auth_time" => format!("Signed in {}", moment()),
        name => meaning(name).to_owned(),
    }
}

fn meaning(name: &str) -> &'static str {
    match name {
        "alg" => "The algorithm of the signature",
        "typ" => "What kind of thing it is",
        "kid" => "The key it was signed with",
        "iss" => "Who issued it",
        "aud" => "Whom it is for",
        "sub" | "userId" => "The account",
        "sid" => "The session",
        "jti" => "The token itself",
        "amr" => "How they signed in",
        "email" | "email_verified" | "role" => "For display: rights come from permissions",
        "permissions" => "Every right there is",
        "tenantId" => "The tenant they act in",
        "epoch" => "The change number its rights were read at",
        "keyId" => "The API key it was made from",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_told_in_words_and_a_hostile_one_harmlessly() {
        let told = |name: &str, value: &str| {
            words(&TokenMember {
                name: name.to_owned(),
                value: value.to_owned(),
            })
        };
        assert_eq!(
            told("exp", "1767225600"),
            "Expires 1 January 2026, 00:00 UTC"
        );
        assert_eq!(told("exp", "9223372036854775807"), "Expires ");
        assert_eq!(told("exp", "soon"), "Expires ");
        assert_eq!(told("<script>", "x"), "");
    }
}
