//! What a key shall be: the form a new one is made with, and its fields.

use leptos::prelude::*;

use crate::forms::{Choice, Field, Kind};
use crate::server::Flash;

/// What each choice sends, and what is read.
const LIVES: [(&str, &str); 7] = [
    ("7", "7 days"),
    ("30", "30 days"),
    ("60", "60 days"),
    ("90", "90 days"),
    ("365", "One year"),
    ("custom", "As many days as I say"),
    ("never", "It never expires"),
];

/// The form.
#[component]
pub(crate) fn KeyForm(
    /// Where it is sent.
    action: &'static str,
    /// Whose key it shall be; empty: one's own.
    tenant: String,
    /// What may be ticked.
    held: Vec<String>,
    /// Where whoever wants no key goes.
    back: String,
    flash: Flash,
) -> impl IntoView {
    let lives = LIVES.map(|(value, words)| (value.to_owned(), words.to_owned()));
    let ticked = ticked(&flash).unwrap_or_default();
    view! {
        <form class="form panel" method="post" action=action novalidate=true>
            <Whose tenant=tenant/>
            <Field kind=Kind::Text("off") name="name" label="Name" hint="Which program it is for. You and your admins see it." flash=flash.clone()/>
            <Permissions held=held chosen=ticked/>
            <Choice name="expires_in_days" wire="expiresInDays" label="It lives for" options=lives.to_vec() chosen="90".to_owned() flash=flash.clone()/>
            <p class="hint">"A key that never expires works until somebody revokes it, even if it leaks and nobody notices. You are told seven days and one day before any other ends."</p>
            <Field kind=Kind::Text("off") name="days" label="Days" hint="Where you chose to say: 1 to 3650." is_optional=true flash=flash.clone()/>
            <Field kind=Kind::Text("off") name="rate_limit" wire="rateLimit" label="Uses an hour" hint="Left empty: 1000. More are answered with 429." is_optional=true flash=flash/>
            <div class="actions">
                <button class="button button-main">"Make the key"</button>
                <a class="button" href=back>"Back"</a>
            </div>
        </form>
    }
    .into_any()
}

/// The tenant whose key a form is about, for the form to say; nothing where it is one's own.
#[component]
pub(super) fn Whose(tenant: String) -> impl IntoView {
    (!tenant.is_empty()).then(|| view! { <input type="hidden" name="tenant" value=tenant/> })
}

/// What was ticked the last time; `None` where no form with boxes was sent.
pub(super) fn ticked(flash: &Flash) -> Option<Vec<String>> {
    let kept = flash.kept.get("permissions").map(String::as_str);
    // No box that was left empty is sent: the name beside them tells that the form was.
    let kept = kept.or_else(|| flash.kept.contains_key("name").then_some(""))?;
    let names = kept.split(' ').filter(|name| !name.is_empty());
    Some(names.map(str::to_owned).collect())
}

/// One box for each permission whoever looks holds, or the key has.
#[component]
pub(super) fn Permissions(held: Vec<String>, chosen: Vec<String>) -> impl IntoView {
    let is_empty = held.is_empty();
    let boxes: Vec<_> = held
        .into_iter()
        .map(|name| {
            let is_ticked = chosen.contains(&name);
            view! { <label class="choice"><input type="checkbox" name="permissions[]" value=name.clone() checked=is_ticked/>{name.clone()}</label> }
        })
        .collect();
    view! {
        <fieldset class="field ticked" id="permissions">
            <legend class="label">"What it may do"</legend>
            <p class="hint">"Tick as little as the program needs. What you lose, the key loses at once."</p>
            {is_empty.then(|| view! { <p class="quiet">"You hold no permissions just now: the key can say whose it is and nothing else."</p> })}
            <div class="ticks">{boxes}</div>
        </fieldset>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(pairs: &[(&str, &str)]) -> Flash {
        let pair = |(name, value): &(&str, &str)| (name.to_string(), value.to_string());
        Flash {
            kept: pairs.iter().map(pair).collect(),
            ..Flash::default()
        }
    }

    #[test]
    fn boxes_that_were_emptied_stay_empty() {
        assert_eq!(ticked(&Flash::default()), None);
        assert_eq!(ticked(&kept(&[("overlapSeconds", "0")])), None);
        assert_eq!(ticked(&kept(&[("name", "CI")])), Some(Vec::new()));
        let both = kept(&[("name", "CI"), ("permissions", "a:b c:d")]);
        assert_eq!(
            ticked(&both),
            Some(vec!["a:b".to_owned(), "c:d".to_owned()])
        );
    }
}
