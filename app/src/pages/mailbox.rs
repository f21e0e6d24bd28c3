//! `/dev/mailbox`: letters that never left, in development mode (D16).

use leptos::either::Either;
use leptos::prelude::*;
use wire::ErrorCode;

use super::error::Failed;
use super::frame::PageTitle;
use super::icon::{Brand, Icon, Sign};
use super::paths;
use super::when::{When, exact};
use crate::server::viewer;
use crate::server::{Letter, Letters};

/// All letters, newest first.
#[component]
pub(crate) fn MailboxPage() -> impl IntoView {
    let Some(Letters(letters)) = viewer::extension::<Letters>() else {
        return Either::Left(view! { <Failed code=ErrorCode::NotFound/> });
    };
    let list = if letters.is_empty() {
        Either::Left(view! {
            <div class="empty">
                <Icon sign=Sign::Letter/>
                <h2>"No letters yet"</h2>
                <p>"Register an address, and its letter lands here."</p>
                <a class="button" href=paths::REGISTER>"Create an account"</a>
            </div>
        })
    } else {
        let now = viewer::site().map_or(0, |site| site.auth.now());
        let rows = letters
            .iter()
            .map(|letter| view! { <Row letter=letter.clone() now=now/> })
            .collect::<Vec<_>>();
        Either::Right(view! { <ul class="letters">{rows}</ul> })
    };
    Either::Right(view! {
        <PageTitle text="Development mailbox"/>
        <Desk title="Development mailbox" lead="Letters end here instead of leaving. Only this machine can see them.">
            {list}
        </Desk>
    })
}

/// One letter, as HTML and as plain text.
#[component]
pub(crate) fn LetterPage() -> impl IntoView {
    let letters = viewer::extension::<Letters>();
    let Some(letter) = letters.and_then(|Letters(letters)| letters.first().cloned()) else {
        return Either::Left(view! { <Failed code=ErrorCode::NotFound/> });
    };
    let html = format!("{}/{}/html", paths::MAILBOX, letter.id);
    Either::Right(view! {
        <PageTitle text=letter.subject.clone()/>
        <Desk title=letter.subject lead=format!("To {}, {}", letter.to, exact(letter.at))>
            <p class="small"><a href=paths::MAILBOX>"All letters"</a></p>
            // Apart from our origin: it may show itself, and follow links out of the frame.
            <iframe class="sheet" title="The letter" src=html sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>
            <h2>"As plain text"</h2>
            <pre class="plain" tabindex="0">{letter.text}</pre>
        </Desk>
    })
}

#[component]
fn Row(letter: Letter, now: i64) -> impl IntoView {
    view! {
        <li>
            <a class="letter" href=format!("{}/{}", paths::MAILBOX, letter.id)>
                <span class="letter-subject">{letter.subject}</span>
                <When at=letter.at now=now/>
                <span class="letter-to">{letter.to}</span>
            </a>
        </li>
    }
}

#[component]
fn Desk(
    #[prop(into)] title: String,
    #[prop(into)] lead: String,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="desk">
            <header><Brand href=paths::ACCOUNT/></header>
            <main class="form" id="main" tabindex="-1">
                <div class="room-head"><h1>{title}</h1><p>{lead}</p></div>
                {children()}
            </main>
        </div>
    }
}
