//! A key that was just made, this once.

use leptos::prelude::*;
use wire::MadeApiKey;

use crate::islands::Copy;
use crate::pages::icon::{Icon, Sign};
use crate::server::viewer;

/// The key, and what to try it with. `done` is the page without it.
#[component]
pub(crate) fn Made(made: MadeApiKey, done: String) -> impl IntoView {
    let portal =
        viewer::site().map_or_else(String::new, |site| site.auth.settings().public_url.clone());
    let key = made.key.reveal().to_owned();
    let curl = format!("curl -H 'X-API-Key: {key}' {portal}/api/auth/me");
    view! {
        <section class="panel lines" aria-labelledby="made">
            <h2 id="made">"Copy “"{made.name}"” now"</h2>
            <div class="note note-plain">
                <Icon sign=Sign::Alert/>
                <p>"This is the only time the key is shown. Only its digest is stored, so nobody can show it again. Put it where your program reads its secrets from, not into its source."</p>
            </div>
            <div class="field">
                <div class="label"><label for="api_key">"Key"</label></div>
                <div class="copied-from">
                    <input class="input input-mono" id="api_key" readonly=true value=key spellcheck="false" autocomplete="off"/>
                    <Copy from="api_key".to_owned() what="the key".to_owned()/>
                </div>
            </div>
            <p class="small">"Try it: the portal says whose it is and what it may do."</p>
            <div class="code">
                <pre tabindex="0" role="region" aria-label="Code: curl"><code id="api_key_curl">{curl}</code></pre>
                <Copy from="api_key_curl".to_owned() what="the command".to_owned()/>
            </div>
            <p class="below"><a class="button button-main" href=done>"I have stored it"</a></p>
        </section>
    }
}
