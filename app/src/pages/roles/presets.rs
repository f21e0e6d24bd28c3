//! `/admin/presets`: permissions and roles for a kind of product. What loading one would do stands beside
//! the button, because nothing is taken away and everything can be changed afterwards.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wire::{Preset, PresetRole};

use crate::forms::Summary;
use crate::pages::error::{Failed, Unavailable};
use crate::pages::frame::{House, PageTitle};
use crate::pages::icon::{Icon, Sign};
use crate::pages::paths;
use crate::pages::place::Place;
use crate::server::roles::LoadPreset;
use crate::server::{RightsError, Session, viewer};

/// All of them.
#[component]
pub(crate) fn PresetsPage() -> impl IntoView {
    let (session, site) = (viewer::viewer(), viewer::site());
    Suspend::new(async move {
        let (Some(session), Some(site)) = (session, site) else {
            viewer::go(paths::LOG_IN);
            return ().into_any();
        };
        match site.auth.list_presets(Some(&session)).await {
            Ok(presets) => view! { <Shown session=session presets=presets/> }.into_any(),
            Err(RightsError::Fault(fault)) => view! { <Unavailable fault=fault/> }.into_any(),
            Err(error) => view! { <Failed code=wire::Error::from(error).code/> }.into_any(),
        }
    })
}

#[component]
fn Shown(session: Arc<Session>, presets: Vec<Preset>) -> impl IntoView {
    let flash = viewer::flash();
    let sections: Vec<_> = presets.into_iter().map(section).collect();
    view! {
        <PageTitle text="Presets" is_error=flash.error.is_some()/>
        <House session=session here=Place::Roles title="Presets" lead="Permissions and roles for a kind of product. Loading one adds what is missing and takes nothing away; twice is the same as once.">
            <p class="small"><a href=paths::ROLES>"All roles"</a></p>
            <Summary flash=flash/>
            {sections}
        </House>
    }
}

fn section(preset: Preset) -> AnyView {
    let name = preset.name.clone();
    let act = match (preset.is_loaded(), preset.blocked) {
        (true, _) => view! { <p><span class="badge badge-good">"All of it is there"</span></p> }.into_any(),
        (false, true) => view! { <p class="hint"><Icon sign=Sign::Lock small=true/>" It gives what you do not hold yourself, so you cannot load it."</p> }.into_any(),
        (false, false) => view! {
            <form class="row below" method="post" action=LoadPreset::PATH>
                <input type="hidden" name="name" value=preset.name.clone()/>
                <button class="button">{format!("Load {name}")}</button>
            </form>
        }
        .into_any(),
    };
    let permissions = (!preset.permissions.is_empty()).then(|| {
        view! { <li>{format!("Adds {} permissions: {}.", preset.permissions.len(), preset.permissions.join(", "))}</li> }
    });
    let roles: Vec<_> = preset
        .roles
        .iter()
        .map(|role| view! { <li>{words(role)}</li> })
        .collect();
    view! {
        <section class="section">
            <div class="section-head"><h2>{name}</h2><p>{preset.description}</p></div>
            <div class="panel"><ul class="steps">{permissions}{roles}</ul>{act}</div>
        </section>
    }
    .into_any()
}

fn words(role: &PresetRole) -> String {
    let adds = role.adds.join(", ");
    let first = match (role.is_new, role.adds.is_empty()) {
        (true, true) => format!("Makes the role {}, which gives nothing.", role.name),
        (true, false) => format!("Makes the role {}, which gives {adds}.", role.name),
        (false, false) => format!("Gives the role {} also {adds}.", role.name),
        (false, true) => format!("Leaves the role {} as it is.", role.name),
    };
    match role.keeps.is_empty() {
        true => first,
        false => format!("{first} It keeps {}.", role.keeps.join(", ")),
    }
}
