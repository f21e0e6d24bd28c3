//! `/account/security`: how one gets in.

use leptos::either::Either;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::account::Section;
use super::error::Unavailable;
use super::frame::{House, PageTitle};
use super::paths;
use super::place::Place;
use crate::forms::{Field, Kind, NewPassword, Summary};
use crate::server::change_password::ChangePassword;
use crate::server::request_reset::RequestReset;
use crate::server::viewer;
use crate::server::{Flash, Notice};

/// The password.
#[component]
pub(crate) fn SecurityPage() -> impl IntoView {
    let (Some(session), Some(site)) = (viewer::viewer(), viewer::site()) else {
        viewer::go(paths::LOG_IN);
        return Either::Left(());
    };
    let flash = viewer::flash();
    Either::Right(Suspend::new(async move {
        let has_password = match site.auth.has_password(&session).await {
            Ok(has_password) => has_password,
            Err(fault) => return view! { <Unavailable fault=fault/> }.into_any(),
        };
        let email = session.user.email.clone();
        view! {
            <PageTitle text="Security" is_error=flash.error.is_some()/>
            <House session=session here=Place::Security title="Security" lead="How you get in, and how nobody else does.">
                <Summary flash=flash.clone()/>
                <Section title="Password" about="We never send it to anybody, and nobody here can read it.">
                    {if has_password {
                        Either::Left(view! { <Change email=email flash=flash/> })
                    } else {
                        Either::Right(view! { <First email=email/> })
                    }}
                </Section>
            </House>
        }
        .into_any()
    }))
}

#[component]
fn Change(email: String, flash: Flash) -> impl IntoView {
    // Ticked at first; afterwards as the owner left it.
    let is_again = flash.error.is_some() || flash.notice == Some(Notice::SendAgain);
    let ends_others = !is_again || flash.kept.contains_key("signOutOthers");
    view! {
        <form class="form" method="post" action=ChangePassword::PATH novalidate=true>
            // Password managers keep a password with the name it belongs to.
            <input type="text" class="input" name="username" autocomplete="username" value=email.clone() hidden=true readonly=true/>
            <Field kind=Kind::OwnPassword name="current_password" wire="currentPassword" label="Current password" flash=flash.clone()/>
            <NewPassword name="new_password" wire="newPassword" label="New password" flash=flash.clone()/>
            <Field kind=Kind::SamePassword name="confirm_password" wire="confirmPassword" label="Confirm new password" flash=flash/>
            <label class="choice"><input type="checkbox" name="sign_out_others" value="yes" checked=ends_others/>"Sign out my other devices"</label>
            <div class="actions"><button class="button button-main">"Change password"</button></div>
        </form>
        <form class="row below" method="post" action=RequestReset::PATH>
            <input type="hidden" name="email" value=email/>
            <span class="small">"Forgot the current one? "<button class="button-link">"Get a letter to choose another"</button>"."</span>
        </form>
    }
}

/// An account that came from elsewhere, or gets in by code alone.
#[component]
fn First(email: String) -> impl IntoView {
    view! {
        <form class="form" method="post" action=RequestReset::PATH>
            <input type="hidden" name="email" value=email.clone()/>
            <p>"Your account has no password. We can send a letter to " <b>{email}</b> " with which you choose one. It signs out every device."</p>
            <div class="actions"><button class="button">"Send letter"</button></div>
        </form>
    }
}
