//! How long until a button may be pressed again.

use std::time::Duration;

use leptos::html::Span;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use web_sys::{HtmlButtonElement, HtmlElement};

/// Rests the button of the form it stands in, and says for how many seconds. Without it the button
/// can be pressed, and the page it leads to says how long to wait.
#[island]
pub fn Countdown(seconds: u32) -> impl IntoView {
    let place = NodeRef::<Span>::new();
    let (left, set_left) = signal(0);
    Effect::new(move || {
        let Some(button) = place
            .get_untracked()
            .and_then(|place| button_beside(&place))
            .filter(|_| seconds > 0)
        else {
            return;
        };
        button.set_disabled(true);
        set_left.set(seconds);
        let ticking = set_interval_with_handle(
            move || {
                set_left.update(|left| *left = left.saturating_sub(1));
                if left.get_untracked() == 0 {
                    button.set_disabled(false);
                }
            },
            Duration::from_secs(1),
        );
        if let Ok(ticking) = ticking {
            Effect::new(move || {
                if left.get() == 0 {
                    ticking.clear();
                }
            });
        }
    });
    let words = move || match left.get() {
        0 => String::new(),
        left => format!(" in {left} s"),
    };
    view! { <span class="countdown" node_ref=place>{words}</span> }
}

fn button_beside(place: &HtmlElement) -> Option<HtmlButtonElement> {
    let form = place.closest("form").ok()??;
    form.query_selector("button").ok()??.dyn_into().ok()
}
