//! What a change would do, before it is done: what is gained and lost, by whom, and what it touches.

use leptos::prelude::*;
use wire::{HeldRight, Impact, PersonImpact};

use crate::pages::paths;

/// What a change would do, and whom it concerns.
#[component]
pub(crate) fn ImpactView(impact: Impact) -> impl IntoView {
    let (people, others) = (impact.people.clone(), impact.others);
    let rows: Vec<_> = people.into_iter().map(person).collect();
    let more = (others > 0).then(|| {
        view! { <p class="small quiet">{format!("And {others} more, who are not shown here.")}</p> }
    });
    let people = match rows.is_empty() {
        true => view! { <p class="quiet">"Nobody is concerned right now."</p> }.into_any(),
        false => view! {
            <table class="table table-impact">
                <thead><tr><th scope="col">"Who"</th><th scope="col">"Gains"</th><th scope="col">"Loses"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
            {more}
        }
        .into_any(),
    };
    view! {
        <Changes impact=impact/>
        <section class="section-wide">
            <div class="section-head"><h2>"Who"</h2><p>"Whoever has a right for another reason keeps it."</p></div>
            {people}
        </section>
    }
    .into_any()
}

/// What a change would do: all there is to say where it is about one person. What is in it stands below.
#[component]
pub(crate) fn Changes(
    impact: Impact,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let touched = touched(&impact);
    let Impact { gains, loses, .. } = impact;
    let nothing = (gains.is_empty() && loses.is_empty())
        .then(|| view! { <p>"Nobody can do more or less than before."</p> });
    view! {
        <section class="section">
            <div class="section-head"><h2>"What changes"</h2><p>"Nothing has been changed yet."</p></div>
            <div class="panel">
                {nothing}
                {rights("Gained", gains)}
                {rights("Lost", loses)}
                <ul class="steps">{touched}</ul>
                {children.map(|children| children())}
            </div>
        </section>
    }
    .into_any()
}

fn touched(impact: &Impact) -> Vec<AnyView> {
    let line = |many: i64, one: &str, all: &str| {
        let words = match many {
            1 => one.to_owned(),
            many => all.replace("{}", &many.to_string()),
        };
        (many > 0).then(|| view! { <li>{words}</li> }.into_any())
    };
    let always = "Tokens that say otherwise are refused within seconds. Nobody is signed out.";
    [
        line(
            impact.sessions,
            "1 session has other rights at its next request.",
            "{} sessions have other rights at their next request.",
        ),
        line(
            impact.api_keys,
            "1 API key can do more or less.",
            "{} API keys can do more or less.",
        ),
        line(
            impact.invitations,
            "1 open invitation offers this role.",
            "{} open invitations offer this role.",
        ),
        Some(view! { <li>{always}</li> }.into_any()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn rights(title: &'static str, rights: Vec<HeldRight>) -> Option<AnyView> {
    (!rights.is_empty())
        .then(|| view! { <div class="rights"><h3>{title}</h3>{tags(rights)}</div> }.into_any())
}

fn tags(rights: Vec<HeldRight>) -> AnyView {
    if rights.is_empty() {
        return view! { <span class="quiet">"Nothing"</span> }.into_any();
    }
    let items: Vec<_> = rights
        .into_iter()
        .map(|right| view! { <li><code>{right.to_string()}</code></li> })
        .collect();
    view! { <ul class="tags">{items}</ul> }.into_any()
}

fn person(person: PersonImpact) -> AnyView {
    let place = person
        .tenant
        .map(|tenant| view! { <span class="small quiet">"in "{tenant}</span> });
    view! {
        <tr>
            <th scope="row" class="table-wrap"><div class="stack"><a href=paths::user(&person.id)>{person.email}</a>{place}</div></th>
            <td data-label="Gains">{tags(person.gains)}</td>
            <td data-label="Loses">{tags(person.loses)}</td>
        </tr>
    }
    .into_any()
}
