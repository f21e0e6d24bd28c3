//! The box to tick for staying signed in.

use leptos::prelude::*;

/// Whether the browser shall keep the session after it is closed. Nothing unless somebody ticks it: the
/// computer may be anybody's.
#[component]
pub(crate) fn StaySignedIn(is_ticked: bool) -> impl IntoView {
    view! {
        <label class="choice"><input type="checkbox" name="remember" value="yes" checked=is_ticked/>"Stay signed in on this device"</label>
    }
}
