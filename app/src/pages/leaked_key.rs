//! `/leaked-key`: for whoever found a key where it does not belong. Whoever holds it may end it; nobody
//! learns from the answer whether there was such a key, and no page shows again what was typed here.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::frame::{Gate, PageTitle};
use crate::forms::{Field, Kind, Summary};
use crate::server::api_keys::ReportLeakedKey;
use crate::server::viewer;

/// The form.
#[component]
pub(crate) fn LeakedKeyPage() -> impl IntoView {
    let flash = viewer::flash();
    let lead = view! {
        <p>"A key of this portal in a repository, a log or a chat can be used by everybody who reads it. Paste it here, and it opens nothing from then on. Its owner gets a letter; who you are is not asked."</p>
    };
    view! {
        <PageTitle text="Found an API key?" is_error=flash.error.is_some()/>
        <Gate title="Found an API key?" lead=lead.into_any()>
            <Summary flash=flash.clone()/>
            <form class="form" method="post" action=ReportLeakedKey::PATH novalidate=true>
                <Field kind=Kind::Text("off") name="key" label="Key" hint="All of it: it begins with wks_live_ or wks_test_. It cannot be brought back." flash=flash/>
                <button class="button button-danger">"End this key"</button>
            </form>
            <div class="gate-after">
                <p>"The answer is the same whether there was such a key."</p>
                <p>"A program reports with "<code>"POST /api/keys/revoke-leaked"</code>"."</p>
            </div>
        </Gate>
    }
}
