//! `/account`: the person, and the session they are here with.

use std::sync::Arc;

use crate::server::{Flash, PendingEmail, Session};
use leptos::either::Either;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wire::User;

use super::error::Unavailable;
use super::frame::{House, PageTitle};
use super::icon::{Icon, Sign};
use super::paths;
use super::place::Place;
use super::when::{Day, Exactly, When, read};
use crate::forms::{Field, Kind, Summary};
use crate::server::cancel_email_change::CancelEmailChange;
use crate::server::change_email::ChangeEmail;
use crate::server::confirm_email_change::ConfirmEmailChange;
use crate::server::log_out::LogOut;
use crate::server::update_profile::UpdateProfile;
use crate::server::viewer;

/// The account home.
#[component]
pub(crate) fn AccountPage() -> impl IntoView {
    let (Some(session), Some(site)) = (viewer::viewer(), viewer::site()) else {
        viewer::go(paths::LOG_IN);
        return Either::Left(());
    };
    let (flash, now) = (viewer::flash(), site.auth.now());
    let has_mailbox = site.has_mailbox;
    Either::Right(Suspend::new(async move {
        let pending = match site.auth.pending_email(&session).await {
            Ok(pending) => pending,
            Err(fault) => return view! { <Unavailable fault=fault/> }.into_any(),
        };
        let user = session.user.clone();
        let names = view! { <Names user=user.clone() flash=flash.clone()/> }.into_any();
        let email = view! { <EmailOf user=user.clone() pending=pending flash=flash.clone() has_mailbox=has_mailbox/> }.into_any();
        view! {
            <PageTitle text="Your account" is_error=flash.error.is_some()/>
            <House session=session.clone() here=Place::Account title="Your account" lead="Who you are here, and how to reach you.">
                <Summary flash=flash/>
                <Section title="Profile" about="What the services you use through this portal may learn of you.">
                    {names}
                </Section>
                <Section title="E-mail" about="What you sign in with, and where letters about your account go.">
                    {email}
                </Section>
                <Section title="Account" about="What the portal knows of you besides.">
                    <Facts user=user/>
                </Section>
                <Section title="This session" about="The browser you are looking at right now.">
                    <ThisSession session=session now=now/>
                </Section>
                <Section title="Sign out everywhere" about="For a lost device, or a computer you forgot to sign out of.">
                    <Everywhere/>
                </Section>
            </House>
        }
        .into_any()
    }))
}

/// A heading and its description, and what they are about.
#[component]
pub(crate) fn Section(
    title: &'static str,
    about: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <section class="section">
            <div class="section-head"><h2>{title}</h2><p>{about}</p></div>
            <div class="panel">{children()}</div>
        </section>
    }
}

/// A name and what it is.
#[component]
fn Fact(name: &'static str, children: Children) -> impl IntoView {
    view! { <div class="fact"><dt>{name}</dt><dd>{children()}</dd></div> }
}

/// The names, in a form that is filled in with them.
#[component]
fn Names(user: User, flash: Flash) -> impl IntoView {
    let flash = flash.with_known(&[
        ("firstName", user.first_name.as_deref()),
        ("lastName", user.last_name.as_deref()),
        ("username", user.username.as_deref()),
    ]);
    view! {
        <form class="form" method="post" action=UpdateProfile::PATH novalidate=true>
            <Field kind=Kind::Text("given-name") name="first_name" wire="firstName" label="First name" flash=flash.clone() is_optional=true/>
            <Field kind=Kind::Text("family-name") name="last_name" wire="lastName" label="Last name" flash=flash.clone() is_optional=true/>
            <Field kind=Kind::Text("username") name="username" label="Username" flash=flash is_optional=true hint="Another way to say who you are. At least 3 characters."/>
            <div class="actions"><button class="button">"Save profile"</button></div>
        </form>
    }
    .into_any()
}

/// The address, and the way to another one.
#[component]
fn EmailOf(
    user: User,
    pending: Option<PendingEmail>,
    flash: Flash,
    has_mailbox: bool,
) -> impl IntoView {
    let verified = if user.email_verified {
        Either::Left(view! { <span class="badge badge-good">"Confirmed"</span> })
    } else {
        Either::Right(view! { <span class="badge">"Not confirmed"</span> })
    };
    let next = match pending {
        Some(pending) => {
            view! { <Waiting pending=pending flash=flash has_mailbox=has_mailbox/> }.into_any()
        }
        None => view! { <AnotherEmail flash=flash/> }.into_any(),
    };
    view! {
        <dl class="facts"><Fact name="Email">{user.email}" "{verified}</Fact></dl>
        {next}
    }
}

#[component]
fn AnotherEmail(flash: Flash) -> impl IntoView {
    view! {
        <form class="form below" method="post" action=ChangeEmail::PATH novalidate=true>
            <Field kind=Kind::NewEmail name="new_email" wire="newEmail" label="New email" flash=flash hint="We send it a letter first. Your present address is told, and can undo the change for 72 hours."/>
            <div class="actions"><button class="button">"Change e-mail"</button></div>
        </form>
    }
}

/// An address that is not proven yet.
#[component]
fn Waiting(pending: PendingEmail, flash: Flash, has_mailbox: bool) -> impl IntoView {
    let email = pending.email.to_string();
    let by_code = pending.takes_code.then(|| {
        view! {
            <form class="form" method="post" action=ConfirmEmailChange::PATH novalidate=true>
                <Field kind=Kind::Code name="code" label="Code" flash=flash/>
                <div class="actions"><button class="button button-main">"Confirm new address"</button></div>
            </form>
        }
        .into_any()
    });
    let how = if pending.takes_code {
        ". Enter its six-digit code, or open its link. Until then your address stays as it is."
    } else {
        ". Open its link, or enter its code where you asked for the change. Until then your address stays as it is."
    };
    view! {
        <div class="form below">
            <p>"We sent a letter to " <b>{email}</b> {how}</p>
            {by_code}
            <form class="row" method="post" action=CancelEmailChange::PATH>
                <span>"Changed your mind, or no letter? "
                <button class="button-link">"Stop this change"</button>" and ask again."</span>
            </form>
            {has_mailbox.then(|| view! { <p class="small"><a href=paths::MAILBOX>"Open the development mailbox"</a></p> })}
        </div>
    }
}

#[component]
fn Facts(user: User) -> impl IntoView {
    view! {
        <dl class="facts">
            <Fact name="Role">{user.role}</Fact>
            {read(&user.created_at).map(|at| view! { <Fact name="Member since"><Day at=at/></Fact> })}
            {user.tenant_id.map(|tenant| view! { <Fact name="Organisation"><code>{tenant}</code></Fact> })}
            <Fact name="Account id"><code>{user.id}</code></Fact>
        </dl>
    }
}

#[component]
fn ThisSession(session: Arc<Session>, now: i64) -> impl IntoView {
    let methods = methods(&session.methods);
    let (idle_end, end) = (session.idle_ends_at(), session.expires_at);
    view! {
        <dl class="facts">
            <Fact name="Signed in"><When at=session.created_at now=now/></Fact>
            <Fact name="Signed in with">{methods}</Fact>
            <Fact name="Ends if unused"><Exactly at=idle_end/></Fact>
            <Fact name="Ends at the latest"><Exactly at=end/></Fact>
        </dl>
    }
}

#[component]
fn Everywhere() -> impl IntoView {
    view! {
        <form class="form" method="post" action=LogOut::PATH>
            <input type="hidden" name="scope" value="global"/>
            <p class="small">"Ends every session of your account, this one included. Access that services were already given ends within seconds, or within 15 minutes at services that do not follow the portal."</p>
            <div class="actions"><button class="button"><Icon sign=Sign::Lock small=true/>"Sign out everywhere"</button></div>
        </form>
    }
}

/// RFC 8176 names, in words.
fn methods(methods: &[String]) -> String {
    let word = |method: &String| match method.as_str() {
        "pwd" => "password",
        "email" => "email",
        "otp" => "one-time link",
        _ => "another method",
    };
    let words = methods.iter().map(word).collect::<Vec<_>>().join(" and ");
    let mut letters = words.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_told_in_words() {
        assert_eq!(
            methods(&["pwd".to_owned(), "email".to_owned()]),
            "Password and email"
        );
        assert_eq!(methods(&[]), "");
    }
}
