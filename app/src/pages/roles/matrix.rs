//! The editor of what is given: resources down, actions across, a box for each permission there is. A
//! wildcard is a box of its own, so that nobody gives one without seeing it.

use std::collections::BTreeSet;

use leptos::prelude::*;
use wire::CatalogueEntry;

use crate::pages::icon::{Icon, Sign};
use crate::server::viewer;

/// Actions with a column of their own; the others of a resource stand in the last one by name.
const COLUMNS: [&str; 4] = ["create", "read", "update", "delete"];

/// What can be ticked.
#[derive(Clone)]
pub(crate) struct Offer {
    /// Every permission there is.
    pub(crate) catalogue: Vec<CatalogueEntry>,
    /// What whoever looks may give: a box for anything else cannot be ticked.
    pub(crate) giveable: BTreeSet<String>,
}

impl Offer {
    /// Whether all of these may be given.
    pub(crate) fn holds_all_of(&self, patterns: &[String]) -> bool {
        patterns
            .iter()
            .all(|pattern| self.giveable.contains(pattern))
    }
}

/// The boxes that were ticked, as the query of a form says.
pub(crate) fn chosen(name: &str) -> Vec<String> {
    let mut chosen: Vec<_> = viewer::asked_all(name);
    chosen.retain(|pattern| wire::Pattern::parse(pattern).is_ok());
    chosen
}

/// Boxes for patterns, all sent as `name`.
#[component]
pub(crate) fn Matrix(
    offer: Offer,
    /// What the form calls the boxes.
    name: &'static str,
    /// What is ticked.
    given: Vec<String>,
    #[prop(into)] title: String,
    #[prop(into)] hint: String,
) -> impl IntoView {
    let lacks = offer
        .catalogue
        .iter()
        .any(|entry| !offer.giveable.contains(&entry.name));
    let lacks = lacks.then(|| {
        view! { <p class="hint"><Icon sign=Sign::Lock small=true/>" What is greyed out you do not hold yourself, so you cannot give it."</p> }
    });
    let resources: BTreeSet<_> = offer
        .catalogue
        .iter()
        .map(|entry| resource(&entry.name).to_owned())
        .collect();
    let rows: Vec<_> = resources
        .into_iter()
        .map(|resource| row(&offer, name, &given, &resource))
        .collect();
    let heads: Vec<_> = COLUMNS
        .into_iter()
        .map(|action| view! { <th scope="col">{capital(action)}</th> })
        .collect();
    let everything = cell(
        &offer,
        name,
        &given,
        "*:*",
        "Everything there is and will be".to_owned(),
        true,
    );
    view! {
        <fieldset class="matrix">
            <legend>{title}</legend>
            <p class="hint">{hint}</p>
            {lacks}
            <p>{everything}</p>
            <table class="table">
                <thead>
                    <tr><th scope="col">"Resource"</th><th scope="col">"All, also later"</th>{heads}<th scope="col">"Others"</th></tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </fieldset>
    }
    .into_any()
}

fn row(offer: &Offer, name: &'static str, given: &[String], resource: &str) -> AnyView {
    let find = |action: &str| {
        let wanted = format!("{resource}:{action}");
        offer.catalogue.iter().find(|entry| entry.name == wanted)
    };
    let boxed = |entry: &CatalogueEntry, shows_name| {
        let words = format!("{}: {}", entry.name, entry.description);
        cell(offer, name, given, &entry.name, words, shows_name)
    };
    let columns: Vec<_> = COLUMNS
        .into_iter()
        .map(|action| {
            let found = find(action).map(|entry| boxed(entry, false));
            view! { <td data-label=capital(action)>{found}</td> }
        })
        .collect();
    let is_other = |entry: &&CatalogueEntry| {
        let (of, action) = entry.name.split_once(':').unwrap_or_default();
        of == resource && !COLUMNS.contains(&action)
    };
    let others: Vec<_> = offer
        .catalogue
        .iter()
        .filter(is_other)
        .map(|entry| boxed(entry, true))
        .collect();
    let all = format!("{resource}:*");
    let words = format!("{all}: everything with {resource}, also what is added later");
    let all = cell(offer, name, given, &all, words, false);
    view! {
        <tr>
            <th scope="row">{resource.to_owned()}</th>
            <td data-label="All, also later">{all}</td>
            {columns}
            <td data-label="Others"><div class="stack">{others}</div></td>
        </tr>
    }
    .into_any()
}

/// One box. What is sent says a dot for the colon: it is read the same, and stays short in an address.
fn cell(
    offer: &Offer,
    name: &'static str,
    given: &[String],
    pattern: &str,
    words: String,
    shows_name: bool,
) -> AnyView {
    let is_ticked = given.iter().any(|known| known == pattern);
    let is_shut = !offer.giveable.contains(pattern);
    let action = pattern.split(':').nth(1).unwrap_or_default();
    let shown = match pattern {
        "*:*" => words.clone(),
        _ => action.to_owned(),
    };
    let shown = shows_name.then_some(shown);
    view! {
        <label class="choice">
            <input type="checkbox" name=name value=pattern.replace(':', ".") checked=is_ticked disabled=is_shut aria-label=words.clone() title=words/>
            {shown}
        </label>
    }
    .into_any()
}

fn resource(name: &str) -> &str {
    name.split(':').next().unwrap_or_default()
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}
