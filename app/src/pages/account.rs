//! `/account`: the person, and the session they are here with.

use std::sync::Arc;

use crate::server::Session;
use leptos::either::Either;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wire::User;

use super::frame::{House, PageTitle};
use super::icon::{Icon, Sign};
use super::paths;
use super::place::Place;
use super::when::{Day, Exactly, When, read};
use crate::forms::Summary;
use crate::server::log_out::LogOut;
use crate::server::viewer;

/// The account home.
#[component]
pub(crate) fn AccountPage() -> impl IntoView {
    let (Some(session), Some(site)) = (viewer::viewer(), viewer::site()) else {
        viewer::go(paths::LOG_IN);
        return Either::Left(());
    };
    let (flash, now) = (viewer::flash(), site.auth.now());
    let user = session.user.clone();
    Either::Right(view! {
        <PageTitle text="Your account"/>
        <House session=session.clone() here=Place::Account title="Your account" lead="Who you are here, and where you are signed in.">
            <Summary flash=flash/>
            <Section title="Profile" about="What the services you use through this portal may learn of you.">
                <Profile user=user/>
            </Section>
            <Section title="This session" about="The browser you are looking at right now.">
                <ThisSession session=session now=now/>
            </Section>
            <Section title="Sign out everywhere" about="For a lost device, or a computer you forgot to sign out of.">
                <Everywhere/>
            </Section>
        </House>
    })
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

#[component]
fn Profile(user: User) -> impl IntoView {
    let name = [user.first_name.as_deref(), user.last_name.as_deref()];
    let name = name.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let verified = if user.email_verified {
        Either::Left(view! { <span class="badge badge-good">"Confirmed"</span> })
    } else {
        Either::Right(view! { <span class="badge">"Not confirmed"</span> })
    };
    view! {
        <dl class="facts">
            {(!name.is_empty()).then(|| view! { <Fact name="Name">{name}</Fact> })}
            <Fact name="Email">{user.email}" "{verified}</Fact>
            {user.username.map(|username| view! { <Fact name="Username">{username}</Fact> })}
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
            <p class="small">"Ends every session of your account, this one included. Access that services were already given ends within 15 minutes."</p>
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
