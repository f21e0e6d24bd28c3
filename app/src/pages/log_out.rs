//! `/logout`: asks, because opening a page changes nothing (D4).

use leptos::either::Either;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::frame::{Gate, PageTitle};
use super::paths;
use crate::forms::Summary;
use crate::server::log_out::LogOut;
use crate::server::viewer;

/// Signing out, here or everywhere.
#[component]
pub(crate) fn LogOutPage() -> impl IntoView {
    let Some(session) = viewer::viewer() else {
        viewer::go(paths::LOG_IN);
        return Either::Left(());
    };
    let flash = viewer::flash();
    Either::Right(view! {
        <PageTitle text="Sign out" is_error=flash.error.is_some()/>
        <Gate title="Sign out" lead=view! { <p>"You are signed in as " <b>{session.user.email.clone()}</b>"."</p> }.into_any()>
            <Summary flash=flash/>
            <form class="form" method="post" action=LogOut::PATH>
                <button class="button button-main">"Sign out"</button>
            </form>
            <div class="gate-after">
                <form class="row" method="post" action=LogOut::PATH>
                    <input type="hidden" name="scope" value="global"/>
                    <button class="button-link">"Sign out everywhere"</button>
                    <a href=paths::ACCOUNT>"Stay signed in"</a>
                </form>
            </div>
        </Gate>
    })
}
