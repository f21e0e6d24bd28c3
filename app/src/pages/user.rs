//! `/admin/users/{id}`: one account, a tab for each matter. Which one is in the address: tabs are links,
//! and a form leads back to its own.
//!
//! Another matter is a variant of [`Tab`], a file under `user/` that shows it, and a line in [`shown`].

mod danger;
mod devices;
mod events;
mod keys;
mod overview;
mod tab;

use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use wire::{ErrorCode, ManagedUser, OneManagedUser};

use super::error::{Failed, Unavailable};
use super::frame::{House, PageTitle};
use super::icon::{Icon, Sign};
use super::paths;
use super::place::Place;
use super::user_rights;
use crate::forms::Summary;
use crate::server::{Fault, Flash, Session, Site, Timestamp, viewer};

pub(crate) use danger::durations;
pub(crate) use tab::Tab;
use tab::Tabs;

/// What every tab knows.
pub(super) struct About {
    pub(super) site: Site,
    /// Who looks.
    pub(super) session: Arc<Session>,
    /// At whom.
    pub(super) one: OneManagedUser,
    /// How the last form ended.
    pub(super) flash: Flash,
    pub(super) now: Timestamp,
}

impl About {
    pub(super) fn user(&self) -> &ManagedUser {
        &self.one.user
    }

    /// Whether they look at themselves.
    pub(super) fn is_own(&self) -> bool {
        self.session.user.id == self.one.user.id
    }
}

/// What of the account.
struct Asked {
    tab: Tab,
    /// The place in a list.
    cursor: Option<String>,
}

/// One account.
#[component]
pub(crate) fn UserPage() -> impl IntoView {
    let (session, site) = (viewer::viewer(), viewer::site());
    let id = use_params_map().read_untracked().get("id");
    let tab = viewer::asked("tab").and_then(|tab| Tab::parse(&tab));
    let flash = viewer::flash();
    let cursor = events::asked();
    Suspend::new(async move {
        let (Some(session), Some(site)) = (session, site) else {
            viewer::go(paths::LOG_IN);
            return ().into_any();
        };
        let id = id.unwrap_or_default();
        let asked = Asked {
            tab: tab.unwrap_or_default(),
            cursor,
        };
        match page(site, session, &id, asked, flash).await {
            Ok(Some(page)) => page,
            Ok(None) => view! { <Failed code=ErrorCode::NotFound/> }.into_any(),
            Err(fault) => view! { <Unavailable fault=fault/> }.into_any(),
        }
    })
}

/// `None` when there is no such account.
async fn page(
    site: Site,
    session: Arc<Session>,
    id: &str,
    asked: Asked,
    flash: Flash,
) -> Result<Option<AnyView>, Fault> {
    let Some(one) = site.auth.managed_user(&session, id).await? else {
        return Ok(None);
    };
    let now = site.auth.now();
    let about = About {
        site,
        session,
        one,
        flash,
        now,
    };
    let tab = asked.tab;
    let shown = shown(&about, asked).await?;
    Ok(Some(
        view! { <Frame about=about tab=tab shown=shown/> }.into_any(),
    ))
}

/// What a tab shows.
async fn shown(about: &About, asked: Asked) -> Result<AnyView, Fault> {
    Ok(match asked.tab {
        Tab::Overview => overview::shown(about),
        Tab::Sessions => devices::shown(about).await?,
        Tab::Keys => keys::shown(about, asked.cursor).await?,
        Tab::Roles => user_rights::shown(about).await?,
        Tab::Audit => events::shown(about, asked.cursor).await?,
        Tab::Danger => danger::shown(about),
    })
}

#[component]
fn Frame(about: About, tab: Tab, shown: AnyView) -> impl IntoView {
    let user = about.user();
    let title = user.name().unwrap_or_else(|| user.email.clone());
    let looks_only = (!about.one.manageable).then(|| {
        view! {
            <div class="note note-plain"><Icon sign=Sign::Lock/><p>"This account has rights that you lack, so you can look, and change nothing."</p></div>
        }
    });
    let id = user.id.clone();
    view! {
        <PageTitle text=format!("{} · {title}", tab.name()) is_error=about.flash.error.is_some()/>
        <House session=about.session here=Place::Users title=title lead="What we know of this account, and what you can do about it.">
            <p class="small"><a href=paths::USERS>"All users"</a></p>
            <Tabs user=id here=tab/>
            <Summary flash=about.flash/>
            {looks_only}
            {shown}
        </House>
    }
}
