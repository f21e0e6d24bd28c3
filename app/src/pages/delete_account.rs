//! `/account/delete`: says what goes, what is kept and why, and asks for the address.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::error::Unavailable;
use super::frame::{House, PageTitle};
use super::icon::{Icon, Sign};
use super::paths;
use super::place::Place;
use super::privacy::Section;
use crate::forms::{Field, Kind, Summary};
use crate::server::delete_account::DeleteAccount;
use crate::server::viewer;
use crate::server::{Flash, Session};

/// The last question before an account is closed.
#[component]
pub(crate) fn DeleteAccountPage() -> impl IntoView {
    Suspend::new(async move {
        let (Some(site), Some(session)) = (viewer::site(), viewer::viewer()) else {
            viewer::go(paths::LOG_IN);
            return ().into_any();
        };
        match site.auth.is_last_admin(&session).await {
            Ok(is_last) => view! { <Page session=session is_last_admin=is_last/> }.into_any(),
            Err(fault) => view! { <Unavailable fault=fault/> }.into_any(),
        }
    })
}

#[component]
fn Page(session: Arc<Session>, is_last_admin: bool) -> impl IntoView {
    let flash = viewer::flash();
    let email = session.user.email.clone();
    let form = if is_last_admin {
        view! {
            <div class="note note-plain">
                <Icon sign=Sign::Alert/>
                <p>"You are the last admin: without you nobody could look after this portal. Make somebody else an admin first."</p>
            </div>
        }
        .into_any()
    } else {
        view! { <Confirm email=email flash=flash.clone()/> }.into_any()
    };
    let before =
        view! { "Perhaps you want to "<a href=paths::EXPORT>"download your data"</a>" first." };
    view! {
        <PageTitle text="Delete your account" is_error=flash.error.is_some()/>
        <House session=session here=Place::Privacy title="Delete your account" lead="Please read this first. You can change your mind for 14 days.">
            <Summary flash=flash/>
            <Section title="What happens" about=().into_any()><What/></Section>
            <Section title="Delete" about=before.into_any()>{form}</Section>
        </House>
    }
}

#[component]
fn What() -> impl IntoView {
    view! {
        <dl class="facts">
            <div class="fact"><dt>"At once"</dt><dd><p>"Your account is closed. Every session ends, and nobody can sign in, you included. Access that services were already given ends within seconds, or within 15 minutes at services that do not follow the portal."</p></dd></div>
            <div class="fact"><dt>"For 14 days"</dt><dd><p>"Nothing is lost. We send you a letter with a link; the button behind it keeps your account."</p></dd></div>
            <div class="fact"><dt>"After that"</dt><dd><p>"Your profile, password, sessions, consents and letters are deleted for good, and your address is free again."</p></dd></div>
            <div class="fact"><dt>"What is kept"</dt><dd><p>"The log of what was done in this portal, because it proves that nobody changed it. From what it says of you, address, device and details are erased; a random number is left that leads to nobody."</p></dd></div>
            <div class="fact"><dt>"Elsewhere"</dt><dd><p>"Services you used through this portal keep what you gave them. Ask them to delete it."</p></dd></div>
        </dl>
    }
}

#[component]
fn Confirm(email: String, flash: Flash) -> impl IntoView {
    view! {
        <form class="form" method="post" action=DeleteAccount::PATH novalidate=true>
            <Field
                kind=Kind::Text("off")
                name="confirmation"
                label="Type your e-mail address"
                hint=format!("To be sure that this is meant: {email}")
                flash=flash
            />
            <div class="actions">
                <button class="button button-danger">"Delete my account"</button>
                <a class="button" href=paths::PRIVACY>"Keep it"</a>
            </div>
        </form>
    }
}
