//! `/admin/settings`: every setting, what holds, what holds by default, and who said so. Nothing is
//! changed here: a file, the environment or the command line say it, and a restart makes it hold.

use std::sync::Arc;

use leptos::prelude::*;
use wire::{Setting, SettingSource};

use super::frame::{House, PageTitle};
use super::icon::{Icon, Sign};
use super::paths;
use super::place::Place;
use crate::server::{Session, viewer};

/// The longest part of a name that is looked for.
const LONGEST: usize = 100;

/// The page.
#[component]
pub(crate) fn SettingsPage() -> impl IntoView {
    let (Some(session), Some(site)) = (viewer::viewer(), viewer::site()) else {
        viewer::go(paths::LOG_IN);
        return ().into_any();
    };
    let part = viewer::asked("q").unwrap_or_default();
    let part: String = part.trim().chars().take(LONGEST).collect();
    let only_set = viewer::asked("set").is_some();
    let found: Vec<_> = site
        .settings
        .iter()
        .filter(|setting| is_asked_for(setting, &part, only_set))
        .cloned()
        .collect();
    view! { <Shown session=session settings=found part=part only_set=only_set/> }.into_any()
}

/// By any word that is shown of it.
fn is_asked_for(setting: &Setting, part: &str, only_set: bool) -> bool {
    let part = part.to_lowercase();
    let texts = [
        Some(&setting.name),
        setting.about.as_ref(),
        setting.value.as_ref(),
        setting.origin.as_ref(),
    ];
    let holds = |text: &String| text.to_lowercase().contains(&part);
    (!only_set || setting.source != SettingSource::Default)
        && texts.into_iter().flatten().any(holds)
}

#[component]
fn Shown(
    session: Arc<Session>,
    settings: Vec<Setting>,
    part: String,
    only_set: bool,
) -> impl IntoView {
    let groups: Vec<_> = by_group(settings)
        .into_iter()
        .map(|(group, settings)| view! { <Group name=group settings=settings/> }.into_any())
        .collect();
    let shown = match groups.is_empty() {
        true => view! {
            <div class="empty">
                <Icon sign=Sign::Sliders/>
                <h2>"No setting like that"</h2>
                <p>"Look at all of them, or search for something else."</p>
                <a class="button" href=paths::SETTINGS>"All settings"</a>
            </div>
        }
        .into_any(),
        false => view! { {groups} }.into_any(),
    };
    view! {
        <PageTitle text="Settings"/>
        <House session=session here=Place::Settings title="Settings" lead="What the portal runs with, and who said so. To change something, change it there and start the portal again.">
            <form class="search search-wide" method="get" action=paths::SETTINGS role="search">
                <input class="input" type="search" name="q" value=part aria-label="Search settings" placeholder="Search settings" autocomplete="off" spellcheck="false"/>
                <label class="choice"><input type="checkbox" name="set" value="yes" checked=only_set/>"Only what somebody set"</label>
                <button class="button">"Search"</button>
            </form>
            <div class="list">{shown}</div>
        </House>
    }
}

#[component]
fn Group(name: String, settings: Vec<Setting>) -> impl IntoView {
    let rows: Vec<_> = settings
        .into_iter()
        .map(|setting| view! { <Row setting=setting/> }.into_any())
        .collect();
    view! {
        <section class="section-wide">
            <h2>{title(&name)}</h2>
            <table class="table">
                <thead><tr><th scope="col">"Setting"</th><th scope="col">"Value"</th><th scope="col">"Default"</th><th scope="col">"Comes from"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
}

#[component]
fn Row(setting: Setting) -> impl IntoView {
    let value = match (setting.is_secret, setting.value) {
        (true, _) => view! { <span class="badge">"Set, not shown"</span> }.into_any(),
        (false, Some(value)) => view! { <code class="table-wrap">{value}</code> }.into_any(),
        (false, None) => view! { <span class="quiet">"Not set"</span> }.into_any(),
    };
    let default = match setting.default {
        Some(default) => view! { <code class="table-wrap">{default}</code> }.into_any(),
        None => view! { <span class="quiet">"–"</span> }.into_any(),
    };
    let origin = setting
        .origin
        .map(|origin| view! { <code class="small table-wrap">{origin}</code> });
    view! {
        <tr>
            <th scope="row" class="table-wrap">
                <div class="stack">
                    <code>{setting.name}</code>
                    {setting.about.map(|about| view! { <span class="small quiet">{about}</span> })}
                </div>
            </th>
            <td data-label="Value">{value}</td>
            <td data-label="Default">{default}</td>
            <td data-label="Comes from"><div class="stack">{setting.source.words()}{origin}</div></td>
        </tr>
    }
}

/// Groups what is in order already.
fn by_group(settings: Vec<Setting>) -> Vec<(String, Vec<Setting>)> {
    let mut groups: Vec<(String, Vec<Setting>)> = Vec::new();
    for setting in settings {
        let group = setting.group().to_owned();
        match groups.last_mut() {
            Some((last, settings)) if *last == group => settings.push(setting),
            _ => groups.push((group, vec![setting])),
        }
    }
    groups
}

/// `sign_in` is `Sign in`.
fn title(group: &str) -> String {
    let mut words = group.replace('_', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(name: &str, value: &str, source: SettingSource) -> Setting {
        Setting {
            name: name.to_owned(),
            about: Some("How letters leave.".to_owned()),
            value: Some(value.to_owned()),
            default: None,
            source,
            origin: None,
            is_secret: false,
        }
    }

    #[test]
    fn a_setting_is_found_by_what_is_shown_of_it() {
        let mail = setting("mail.transport", "smtp", SettingSource::Default);
        for part in ["", "MAIL", "transport", "smtp", "letters"] {
            assert!(is_asked_for(&mail, part, false), "{part}");
        }
        assert!(!is_asked_for(&mail, "database", false));
        assert!(!is_asked_for(&mail, "", true));
        let set = setting("mail.transport", "smtp", SettingSource::File);
        assert!(is_asked_for(&set, "", true));
    }

    #[test]
    fn settings_stand_in_groups_with_readable_names() {
        let of = |name: &str| setting(name, "", SettingSource::Default);
        let groups = by_group(vec![
            of("data_dir"),
            of("mail.from"),
            of("mail.smtp.host"),
            of("sign_in.email_code"),
        ]);
        let told: Vec<_> = groups
            .iter()
            .map(|(group, settings)| (title(group), settings.len()))
            .collect();
        let expected = [("General", 1), ("Mail", 2), ("Sign in", 1)];
        assert_eq!(told, expected.map(|(name, many)| (name.to_owned(), many)));
    }
}
