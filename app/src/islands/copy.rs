//! A button that copies what stands somewhere else on the page.

use std::time::Duration;

use js_sys::{Array, Function, Promise, Reflect};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, HtmlInputElement};

/// How long it says what it did.
const SAID_FOR: Duration = Duration::from_secs(3);

/// What it did last.
#[derive(Clone, Copy, PartialEq)]
enum Said {
    Nothing,
    Copied,
    /// The browser does not let it; what is to be copied is selected.
    Selected,
}

/// Copies the field or text with the id `from`. Hidden until it can work: without it people select by
/// hand. `what` is what it copies, for those who hear the button alone.
#[island]
pub fn Copy(from: String, what: String) -> impl IntoView {
    let (awake, wake) = signal(false);
    let (said, say) = signal(Said::Nothing);
    Effect::new(move || wake.set(true));
    let copy = move |_| {
        let from = from.clone();
        spawn_local(async move {
            say.set(copied(&from).await);
            set_timeout(move || say.set(Said::Nothing), SAID_FOR);
        });
    };
    let words = move || match said.get() {
        Said::Nothing => "Copy",
        Said::Copied => "Copied",
        Said::Selected => "Selected",
    };
    let heard = move || match said.get() {
        Said::Nothing => "",
        Said::Copied => "Copied.",
        Said::Selected => "Selected: copy it with your keyboard.",
    };
    view! {
        <button type="button" class="button copy" hidden=move || !awake.get() aria-label=format!("Copy {what}") on:click=copy>
            {words}
        </button>
        <span class="unseen" role="status">{heard}</span>
    }
}

async fn copied(from: &str) -> Said {
    let Some(element) = document().get_element_by_id(from) else {
        return Said::Nothing;
    };
    let input = element.dyn_ref::<HtmlInputElement>();
    let text = input.map_or_else(
        || element.text_content().unwrap_or_default(),
        HtmlInputElement::value,
    );
    if written(&text).await.is_some() {
        return Said::Copied;
    }
    match input {
        Some(input) => input.select(),
        None => {
            select(&element);
        }
    }
    Said::Selected
}

/// Puts text into the clipboard, which browsers have on https and on localhost alone.
async fn written(text: &str) -> Option<()> {
    let navigator = Reflect::get(&window(), &"navigator".into()).ok()?;
    let clipboard = Reflect::get(&navigator, &"clipboard".into()).ok()?;
    let promise: Promise = call(&clipboard, "writeText", &[text.into()])?
        .dyn_into()
        .ok()?;
    JsFuture::from(promise).await.ok().map(|_| ())
}

fn select(element: &Element) -> Option<()> {
    let selection = call(&window(), "getSelection", &[])?;
    call(&selection, "selectAllChildren", &[element.into()]).map(|_| ())
}

/// Calls a method by its name: bindings for these few would have every build compile the bindings of
/// the whole browser anew.
fn call(object: &JsValue, method: &str, with: &[JsValue]) -> Option<JsValue> {
    let method: Function = Reflect::get(object, &method.into()).ok()?.dyn_into().ok()?;
    method.apply(object, &with.iter().collect::<Array>()).ok()
}
