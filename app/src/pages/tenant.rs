//! `/admin/tenants/{id}` and below: one organisation. For whoever looks after all of them, and for the admins
//! of this one; to everybody else it is not there.

mod invitations;
mod keys;
mod member;
mod member_rights;
mod members;
mod settings;

use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use wire::{Error, ErrorCode, OneTenant};

use super::error::{Failed, Unavailable};
use super::frame::{House, PageTitle};
use super::number::{counted, grouped};
use super::paths;
use super::place::Place;
use super::tenants::Unsearchable;
use crate::forms::Summary;
use crate::server::{Flash, Session, Site, TenantError};

pub(crate) use invitations::TenantInvitationsPage;
pub(crate) use keys::{NewTenantKeyPage, TenantKeyPage, TenantKeysPage};
pub(crate) use member::TenantMemberPage;
pub(crate) use member_rights::PreviewMemberPage;
pub(crate) use members::TenantPage;
pub(crate) use settings::TenantSettingsPage;

/// The pages of an organisation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tab {
    Members,
    Invitations,
    Keys,
    Settings,
}

impl Tab {
    const ALL: [Self; 4] = [Self::Members, Self::Invitations, Self::Keys, Self::Settings];

    fn name(self) -> &'static str {
        match self {
            Self::Members => "Members",
            Self::Invitations => "Invitations",
            Self::Keys => "Keys",
            Self::Settings => "Settings",
        }
    }

    fn path(self, id: &str) -> String {
        match self {
            Self::Members => paths::tenant(id),
            Self::Invitations => paths::tenant_invitations(id, None, "", None),
            Self::Keys => paths::tenant_keys(id, None),
            Self::Settings => paths::tenant_settings(id),
        }
    }
}

/// What a path says of `name`; empty where it says nothing.
fn param(name: &str) -> String {
    let params = use_params_map().read_untracked();
    params.get(name).unwrap_or_default()
}

/// In place of a page whose organisation is not there for the one who looks, or could not be read.
fn refused(error: TenantError) -> AnyView {
    match error {
        TenantError::Fault(fault) => view! { <Unavailable fault=fault/> }.into_any(),
        _ => view! { <Failed code=ErrorCode::NotFound/> }.into_any(),
    }
}

/// The page of an organisation in which something was searched for that nothing is called.
async fn unsearchable(
    site: &Site,
    session: Arc<Session>,
    id: &str,
    tab: Tab,
    error: Error,
) -> AnyView {
    match site.auth.tenant(Some(&session), id).await {
        Ok(one) => {
            let back = tab.path(id);
            let flash = Flash::default();
            view! {
                <Desk session=session one=one tab=Some(tab) flash=flash>
                    <Unsearchable error=error back=back/>
                </Desk>
            }
            .into_any()
        }
        Err(error) => refused(error),
    }
}

/// The frame of all these pages: the name, and the way to the others.
#[component]
fn Desk(
    session: Arc<Session>,
    one: OneTenant,
    tab: Option<Tab>,
    flash: Flash,
    children: Children,
) -> impl IntoView {
    let tenant = one.tenant;
    let tabs: Vec<_> = Tab::ALL
        .into_iter()
        .map(|other| {
            let current = (Some(other) == tab).then_some("page");
            let href = other.path(&tenant.id);
            view! { <li><a class="chip" href=href aria-current=current>{other.name()}</a></li> }
        })
        .collect();
    let all = one.portal_wide.then(|| {
        view! { <p class="small"><a href=paths::TENANTS>"All organisations"</a></p> }
    });
    let place = match one.portal_wide {
        true => Place::Tenants,
        false => Place::OwnTenants,
    };
    view! {
        <PageTitle text=tenant.name.clone() is_error=flash.error.is_some()/>
        <House session=session here=place title=tenant.name lead=looked_after(one.members, one.managers)>
            {all}
            <nav aria-label="Organisation pages"><ul class="chips">{tabs}</ul></nav>
            <Summary flash=flash/>
            {children()}
        </House>
    }
}

/// How many there are, and how many of them look after it.
fn looked_after(members: i64, managers: i64) -> String {
    if members == 0 {
        return "Nobody belongs to it yet.".to_owned();
    }
    let members = counted(members, "member");
    match managers {
        0 => format!("{members}. Nobody of them looks after it."),
        1 => format!("{members}, 1 of whom looks after it."),
        many => format!("{members}, {} of whom look after it.", grouped(many)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_organisation_nobody_looks_after_says_so() {
        assert_eq!(looked_after(0, 0), "Nobody belongs to it yet.");
        assert_eq!(
            looked_after(1, 0),
            "1 member. Nobody of them looks after it."
        );
        assert_eq!(looked_after(7, 1), "7 members, 1 of whom looks after it.");
        assert_eq!(looked_after(7, 2), "7 members, 2 of whom look after it.");
    }
}
