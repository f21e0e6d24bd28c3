//! A field of several lines, and one to choose from: label, hint, control, error.

use std::borrow::Cow;

use leptos::prelude::*;

use crate::pages::icon::{Icon, Sign};
use crate::server::{Flash, viewer};

/// Several lines of text. `name` is what the form sends and what errors call it.
#[component]
pub(crate) fn Area(
    name: &'static str,
    label: &'static str,
    #[prop(into)] hint: String,
    /// How the form ended the last time.
    flash: Flash,
    #[prop(optional)] is_optional: bool,
) -> impl IntoView {
    let message = message(&flash, name);
    let value = flash.kept.get(name).cloned().unwrap_or_default();
    let (hint_id, error_id) = (format!("{name}-hint"), format!("{name}-error"));
    let described_by = match &message {
        Some(_) => format!("{error_id} {hint_id}"),
        None => hint_id.clone(),
    };
    view! {
        <div class="field">
            <div class="label">
                <label for=name>{label}</label>
                {is_optional.then(|| view! { <span class="optional">"Optional"</span> })}
            </div>
            <p class="hint" id=hint_id>{hint}</p>
            <textarea
                class="input input-area"
                id=name
                name=name
                rows="4"
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                required=!is_optional
                aria-invalid=message.as_ref().map(|_| "true")
                aria-describedby=described_by
            >
                {value}
            </textarea>
            {message.map(|message| view! { <Wrong id=error_id message=message/> })}
        </div>
    }
    // A page with several fields would be a type too deep to be laid out.
    .into_any()
}

/// One of several. `wire` is what errors call it where that differs from `name`.
#[component]
pub(crate) fn Choice(
    name: &'static str,
    label: &'static str,
    /// What is sent, and what is read.
    options: Vec<(String, String)>,
    /// What is chosen at first.
    chosen: String,
    flash: Flash,
    #[prop(optional)] wire: Option<&'static str>,
) -> impl IntoView {
    let known_as = wire.unwrap_or(name);
    let message = message(&flash, known_as);
    let chosen = flash.kept.get(known_as).cloned().unwrap_or(chosen);
    let error_id = format!("{name}-error");
    let options: Vec<_> = options
        .into_iter()
        .map(|(value, words)| {
            let is_chosen = value == chosen;
            view! { <option value=value selected=is_chosen>{words}</option> }
        })
        .collect();
    view! {
        <div class="field">
            <div class="label"><label for=name>{label}</label></div>
            <select
                class="input"
                id=name
                name=name
                aria-invalid=message.as_ref().map(|_| "true")
                aria-describedby=message.as_ref().map(|_| error_id.clone())
            >
                {options}
            </select>
            {message.map(|message| view! { <Wrong id=error_id.clone() message=message/> })}
        </div>
    }
    .into_any()
}

/// What is wrong with a field.
#[component]
fn Wrong(id: String, message: Cow<'static, str>) -> impl IntoView {
    view! { <p class="field-error" id=id><Icon sign=Sign::Alert small=true/>{message}</p> }
}

fn message(flash: &Flash, field: &str) -> Option<Cow<'static, str>> {
    let rule = viewer::password_rule();
    let mut fields = flash.error.iter().flat_map(|error| &error.fields);
    fields
        .find(|known| known.field == field)
        .map(|error| error.message(rule))
}
