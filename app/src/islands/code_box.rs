//! A code that sends itself.

use leptos::ev;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

/// How many digits a code has.
const DIGITS: usize = 6;

/// Watches the input called `code`: what is no digit is dropped, and the sixth digit sends the form,
/// however it came there: typed, pasted, or offered by the telephone. Shows nothing itself.
#[island]
pub fn CodeBox() -> impl IntoView {
    Effect::new(move || {
        window_event_listener(ev::input, move |event| {
            let input = event
                .target()
                .and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
            if let Some(input) = input.filter(|input| input.name() == "code") {
                send_when_complete(&input);
            }
        });
    });
    view! { <span hidden></span> }
}

fn send_when_complete(input: &HtmlInputElement) {
    let typed = input.value();
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    if digits.len() != DIGITS || typed.chars().any(char::is_alphabetic) {
        return;
    }
    input.set_value(&digits);
    if let Some(form) = input.form() {
        // As if the button had been pressed. A browser that refuses leaves the button to press.
        let _ = form.request_submit();
    }
}
