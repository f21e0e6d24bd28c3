//! The pages of the house, and where its navigation leads.

use super::icon::Sign;
use super::paths;

/// A page with a place in the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Account,
    Security,
    Sessions,
    Keys,
    Activity,
    Privacy,
    Developers,
    Dashboard,
    Users,
    Invitations,
    Roles,
    Outbox,
    OwnTenants,
    AllKeys,
    SigningKeys,
    Settings,
    Audit,
    Tenants,
}

/// One's own account.
pub(super) const ACCOUNT: &[Place] = &[
    Place::Account,
    Place::Security,
    Place::Sessions,
    Place::Keys,
    Place::Activity,
    Place::Privacy,
    Place::Developers,
];

/// What some people look after for all.
pub(super) const ADMINISTRATION: &[Place] = &[
    Place::Dashboard,
    Place::Users,
    Place::Invitations,
    Place::Tenants,
    Place::Roles,
    Place::Outbox,
    Place::AllKeys,
    Place::SigningKeys,
    Place::Settings,
    Place::Audit,
];

/// Whether whoever holds these permissions is let in at an address of the administration: by the place it
/// is below. What is below none is open to everybody.
pub(super) fn may_open(held: &[String], address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or(address);
    let is_below = |place: &&Place| match path.strip_prefix(place.path()) {
        Some(rest) => rest.is_empty() || rest.starts_with('/'),
        None => false,
    };
    let places = ADMINISTRATION.iter().filter(is_below);
    let nearest = places.max_by_key(|place| place.path().len());
    let needed = nearest.and_then(|place| place.permission());
    needed.is_none_or(|needed| held.iter().any(|held| held == needed))
}

impl Place {
    /// What the navigation calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Account => "Account",
            Self::Security => "Security",
            Self::Sessions => "Devices",
            Self::Activity => "Activity",
            Self::Privacy => "Privacy",
            Self::Developers => "Developers",
            Self::Dashboard => "Dashboard",
            Self::Users => "Users",
            Self::Invitations => "Invitations",
            Self::Roles => "Roles",
            Self::Outbox => "Outbox",
            Self::OwnTenants | Self::Tenants => "Organisations",
            Self::Keys | Self::AllKeys => "API keys",
            Self::SigningKeys => "Signing keys",
            Self::Settings => "Settings",
            Self::Audit => "Audit log",
        }
    }

    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Account => paths::ACCOUNT,
            Self::Security => paths::SECURITY,
            Self::Sessions => paths::SESSIONS,
            Self::Activity => paths::ACTIVITY,
            Self::Privacy => paths::PRIVACY,
            Self::Developers => paths::INTEGRATE,
            Self::Dashboard => paths::DASHBOARD,
            Self::Users => paths::USERS,
            Self::Invitations => paths::INVITATIONS,
            Self::Roles => paths::ROLES,
            Self::Outbox => paths::OUTBOX,
            Self::OwnTenants => paths::OWN_TENANTS,
            Self::Tenants => paths::TENANTS,
            Self::Keys => paths::KEYS,
            Self::AllKeys => paths::ALL_KEYS,
            Self::SigningKeys => paths::SIGNING_KEYS,
            Self::Settings => paths::SETTINGS,
            Self::Audit => paths::AUDIT,
        }
    }

    pub(super) fn sign(self) -> Sign {
        match self {
            Self::Account => Sign::Person,
            Self::Security => Sign::Lock,
            Self::Sessions => Sign::Desktop,
            Self::Activity => Sign::Clock,
            Self::Privacy => Sign::Shield,
            Self::Developers => Sign::Code,
            Self::Dashboard => Sign::Chart,
            Self::Users => Sign::People,
            Self::Invitations => Sign::Letter,
            Self::Roles => Sign::Badge,
            Self::Outbox => Sign::Tray,
            Self::OwnTenants | Self::Tenants => Sign::House,
            Self::Keys | Self::AllKeys | Self::SigningKeys => Sign::Key,
            Self::Settings => Sign::Sliders,
            Self::Audit => Sign::List,
        }
    }

    /// What one must hold to be let in; who does not is not shown the way.
    pub(super) fn permission(self) -> Option<&'static str> {
        match self {
            Self::Account | Self::Security | Self::Sessions | Self::Activity | Self::Privacy => {
                None
            }
            Self::Keys | Self::Developers | Self::OwnTenants => None,
            Self::AllKeys => Some("apikey:manage"),
            Self::Users | Self::Invitations => Some("user:manage"),
            Self::Audit => Some("audit:read"),
            Self::Dashboard
            | Self::Roles
            | Self::Outbox
            | Self::SigningKeys
            | Self::Settings
            | Self::Tenants => Some("system:config"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_shown_the_way_to_a_closed_door() {
        let operator = ["system:config".to_owned()];
        let helper = ["user:manage".to_owned()];
        for (address, to_operator, to_helper) in [
            ("/admin", true, false),
            ("/admin/users", false, true),
            ("/admin/users?role=admin", false, true),
            ("/admin/users/0199-aaaa?tab=danger", false, true),
            ("/admin/invitations", false, true),
            ("/admin/outbox?status=dead", true, false),
            ("/admin/audit/0199-aaaa", false, false),
            ("/account", true, true),
        ] {
            assert_eq!(may_open(&operator, address), to_operator, "{address}");
            assert_eq!(may_open(&helper, address), to_helper, "{address}");
        }
    }
}
