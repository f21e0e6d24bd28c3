//! The eye beside a password.

use leptos::ev;
use leptos::html::Button;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

/// Shows and hides the password in the box it stands in. Hidden until it can work; what is shown
/// is hidden again when the form is sent, so that no browser keeps it as plain text.
#[island]
pub fn ShowPassword() -> impl IntoView {
    let button = NodeRef::<Button>::new();
    let (awake, wake) = signal(false);
    let (shown, show) = signal(false);
    let set = move |visible: bool| {
        if let Some(input) = button
            .get_untracked()
            .and_then(|button| input_beside(&button))
        {
            // By hand and at once: an effect would run after the form has been read.
            input.set_type(if visible { "text" } else { "password" });
            show.set(visible);
        }
    };
    Effect::new(move || {
        window_event_listener(ev::submit, move |_| set(false));
        wake.set(true);
    });
    view! {
        <button
            type="button"
            class="peek"
            node_ref=button
            hidden=move || !awake.get()
            aria-label="Show password"
            aria-pressed=move || if shown.get() { "true" } else { "false" }
            on:click=move |_| set(!shown.get_untracked())
        >
            <svg viewBox="0 0 20 20" width="20" height="20" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
                <path d="M1.8 10S4.7 4.6 10 4.6 18.2 10 18.2 10 15.3 15.4 10 15.4 1.8 10 1.8 10Z"></path>
                <circle cx="10" cy="10" r="2.6"></circle>
                <path class="peek-bar" d="M3.4 16.6 16.6 3.4"></path>
            </svg>
        </button>
    }
}

/// The input of the same box. Found anew each time: password managers rebuild what is around it.
fn input_beside(button: &web_sys::Element) -> Option<HtmlInputElement> {
    let the_box = button.closest(".box").ok()??;
    the_box.query_selector("input").ok()??.dyn_into().ok()
}
