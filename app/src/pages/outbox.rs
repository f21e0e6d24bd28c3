//! `/admin/outbox`: letters on their way, and what became of them.
//!
//! The filter and the place in the list are in the address, so that a list can be kept and passed
//! on; a value that is none of ours counts as none.

use std::sync::Arc;

use leptos::either::Either;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wire::{LetterStatus, OutboxLetter, Page, Paging};

use super::error::Unavailable;
use super::frame::{House, PageTitle};
use super::icon::{Icon, Sign};
use super::paths;
use super::place::Place;
use super::when::{When, read};
use crate::forms::Summary;
use crate::server::outbox::{RetryLetter, SendTestLetter};
use crate::server::{Fault, Session, Site, viewer};

/// How many letters a page shows.
const ROWS: u32 = 25;

/// The outbox.
#[component]
pub(crate) fn OutboxPage() -> impl IntoView {
    let (session, site) = (viewer::viewer(), viewer::site());
    let status = viewer::asked("status").and_then(|status| LetterStatus::parse(&status));
    let after = viewer::asked("cursor").and_then(|cursor| cursor.parse().ok());
    let paging = Paging { limit: ROWS, after };
    Suspend::new(async move {
        let (Some(session), Some(site)) = (session, site) else {
            viewer::go(paths::LOG_IN);
            return ().into_any();
        };
        match letters(&site, status, &paging).await {
            Ok(page) => {
                let now = site.auth.now();
                view! { <Desk session=session status=status page=page now=now/> }.into_any()
            }
            Err(fault) => view! { <Unavailable fault=fault/> }.into_any(),
        }
    })
}

async fn letters(
    site: &Site,
    status: Option<LetterStatus>,
    paging: &Paging,
) -> Result<Page<OutboxLetter>, Fault> {
    site.auth.list_letters(status, paging).await
}

#[component]
fn Desk(
    session: Arc<Session>,
    status: Option<LetterStatus>,
    page: Page<OutboxLetter>,
    now: i64,
) -> impl IntoView {
    let flash = viewer::flash();
    let email = session.user.email.clone();
    let older = page
        .next_cursor()
        .map(|cursor| paths::outbox_after(status, &cursor));
    view! {
        <PageTitle text="Outbox" is_error=flash.error.is_some()/>
        <House session=session here=Place::Outbox title="Outbox" lead="Letters on their way, and what became of them. What they say is kept nowhere.">
            <Summary flash=flash/>
            <TestLetter email=email/>
            <section class="list" aria-label="Letters">
                <Filter chosen=status/>
                {if page.items.is_empty() {
                    Either::Left(view! { <Empty status=status/> })
                } else {
                    Either::Right(view! { <Letters letters=page.items status=status now=now/> })
                }}
                {older.map(|older| view! { <p><a class="button" href=older>"Older letters"</a></p> })}
            </section>
        </House>
    }
}

#[component]
fn TestLetter(email: String) -> impl IntoView {
    view! {
        <section class="panel panel-row">
            <div>
                <h2>"Do letters arrive?"</h2>
                <p class="small quiet">"A test letter to " <b>{email}</b> " goes through the outbox like every other."</p>
            </div>
            <form method="post" action=SendTestLetter::PATH>
                <button class="button">"Send a test letter"</button>
            </form>
        </section>
    }
}

/// All, or those of one status.
#[component]
fn Filter(chosen: Option<LetterStatus>) -> impl IntoView {
    let choices = std::iter::once(None).chain(LetterStatus::ALL.map(Some));
    let chips: Vec<_> = choices
        .map(|status| {
            let current = (status == chosen).then_some("true");
            let name = status.map_or("All", words);
            view! { <li><a class="chip" href=paths::outbox(status) aria-current=current>{name}</a></li> }
        })
        .collect();
    view! { <nav aria-label="Filter"><ul class="chips">{chips}</ul></nav> }
}

#[component]
fn Empty(status: Option<LetterStatus>) -> impl IntoView {
    let (title, advice) = match status {
        None => (
            "No letters yet",
            "Send yourself a test letter to see whether letters arrive.",
        ),
        Some(LetterStatus::Dead) => (
            "No letter was given up",
            "One that cannot be delivered for a day shows up here.",
        ),
        Some(_) => (
            "No such letters",
            "Letters that left are listed for a week.",
        ),
    };
    view! {
        <div class="empty">
            <Icon sign=Sign::Tray/>
            <h2>{title}</h2>
            <p>{advice}</p>
            {status.map(|_| view! { <a class="button" href=paths::OUTBOX>"All letters"</a> })}
        </div>
    }
}

#[component]
fn Letters(letters: Vec<OutboxLetter>, status: Option<LetterStatus>, now: i64) -> impl IntoView {
    let rows: Vec<_> = letters
        .into_iter()
        .map(|letter| view! { <Row letter=letter filter=status now=now/> })
        .collect();
    view! {
        <table class="table">
            <thead>
                <tr><th scope="col">"Letter"</th><th scope="col">"To"</th><th scope="col">"State"</th><th scope="col">"Asked for"</th></tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

#[component]
fn Row(letter: OutboxLetter, filter: Option<LetterStatus>, now: i64) -> impl IntoView {
    let (is_dead, status) = (letter.status == LetterStatus::Dead, letter.status);
    let asked = read(&letter.created_at).unwrap_or(now);
    let why = letter.last_error.as_deref().map(sentence);
    let to = letter
        .to
        .clone()
        .unwrap_or_else(|| nobody(status).to_owned());
    view! {
        <tr>
            <th scope="row">{name(&letter.letter)}</th>
            <td data-label="To" class="table-wrap">{to}</td>
            <td data-label="State">
                <div class="stack">
                    <span class=badge(status)>{words(status)}</span>
                    <span class="small quiet"><Progress letter=letter.clone() now=now/></span>
                    {why.map(|why| view! { <span class="small quiet">{why}</span> })}
                    {is_dead.then(|| view! {
                        <form method="post" action=RetryLetter::PATH>
                            <input type="hidden" name="id" value=letter.id.clone()/>
                            <input type="hidden" name="status" value=filter.map_or("", LetterStatus::as_str)/>
                            <button class="button-link small">"Try again"</button>
                        </form>
                    })}
                </div>
            </td>
            <td data-label="Asked for"><When at=asked now=now/></td>
        </tr>
    }
}

/// When it left, or how often it was tried and when it is again.
#[component]
fn Progress(letter: OutboxLetter, now: i64) -> impl IntoView {
    let moment = |text: &Option<String>| text.as_deref().and_then(read);
    let at = moment(&letter.sent_at).or(moment(&letter.dead_at));
    let next = moment(&letter.next_attempt_at).filter(|next| *next > now);
    let tries = tries(letter.attempts);
    match (at, next) {
        (Some(at), _) => view! { <When at=at now=now/>", "{tries} }.into_any(),
        (None, Some(next)) => {
            let wait = crate::forms::duration(u32::try_from(next - now).unwrap_or(u32::MAX));
            view! { {tries}", again in "{wait} }.into_any()
        }
        (None, None) => view! { {tries} }.into_any(),
    }
}

/// What stands where no recipient is known: it is found when the letter is written.
fn nobody(status: LetterStatus) -> &'static str {
    match status {
        LetterStatus::NotNeeded => "Nobody",
        _ => "Not known yet",
    }
}

/// `not delivered this time: …` as a sentence begins.
fn sentence(error: &str) -> String {
    let mut letters = error.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

fn tries(attempts: i64) -> String {
    match attempts {
        0 => "not tried yet".to_owned(),
        1 => "tried once".to_owned(),
        more => format!("tried {more} times"),
    }
}

fn words(status: LetterStatus) -> &'static str {
    match status {
        LetterStatus::Due => "Waiting",
        LetterStatus::Sending => "On its way",
        LetterStatus::Sent => "Sent",
        LetterStatus::NotNeeded => "Not needed",
        LetterStatus::Dead => "Given up",
    }
}

fn badge(status: LetterStatus) -> &'static str {
    match status {
        LetterStatus::Sent => "badge badge-good",
        LetterStatus::Dead => "badge badge-bad",
        _ => "badge",
    }
}

/// A letter's name in the outbox, in words.
fn name(letter: &str) -> String {
    let words = match letter.split(':').next().unwrap_or_default() {
        "registration" => "Confirm an address",
        "resend_verification" => "Confirm an address, again",
        "password_reset" => "Reset a password",
        "password_changed" => "Password changed",
        "sign_in_code" => "Sign-in code",
        "new_device" => "New device",
        "email_change" => "Change of address",
        "invitation" => "Invitation",
        "reuse_detected" => "Session ended after a replay",
        "security_change" => "Factor or key changed",
        "deletion_scheduled" => "Deletion of an account",
        "api_key_ending" => "API key about to end",
        "mail_test" => "Test letter",
        other => return other.replace('_', " "),
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_called_by_its_name_in_words() {
        assert_eq!(name("registration"), "Confirm an address");
        assert_eq!(name("security_change:totp_added"), "Factor or key changed");
        assert_eq!(name("something_new"), "something new");
    }
}
