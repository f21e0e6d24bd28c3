//! The tabs of an account's page.

use leptos::prelude::*;

use crate::pages::paths;

/// One matter of an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tab {
    /// Who they are, and how the account stands.
    #[default]
    Overview,
    /// Where they are signed in.
    Sessions,
    /// What programs show in their name.
    Keys,
    /// What they are given, and what comes of it.
    Roles,
    /// What happened to it.
    Audit,
    /// What is not easily taken back.
    Danger,
}

impl Tab {
    /// All of them, as they stand side by side.
    const ALL: &[Self] = &[
        Self::Overview,
        Self::Sessions,
        Self::Keys,
        Self::Roles,
        Self::Audit,
        Self::Danger,
    ];

    /// As it stands in the address.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Sessions => "sessions",
            Self::Keys => "keys",
            Self::Roles => "roles",
            Self::Audit => "audit",
            Self::Danger => "danger",
        }
    }

    /// What its link says.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Sessions => "Devices",
            Self::Keys => "Keys",
            Self::Roles => "Roles",
            Self::Audit => "Audit",
            Self::Danger => "Danger zone",
        }
    }

    /// Reads a tab; `None` for any other text.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|tab| tab.as_str() == text)
    }
}

/// Links to all tabs.
#[component]
pub(super) fn Tabs(user: String, here: Tab) -> impl IntoView {
    let links: Vec<_> = Tab::ALL
        .iter()
        .map(|tab| {
            let current = (*tab == here).then_some("page");
            let href = paths::user_tab(&user, *tab);
            view! { <li><a class="tab" href=href aria-current=current>{tab.name()}</a></li> }
        })
        .collect();
    view! { <nav aria-label="About this account"><ul class="tabs">{links}</ul></nav> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tab_reads_as_it_was_written() {
        for tab in Tab::ALL {
            assert_eq!(Tab::parse(tab.as_str()), Some(*tab));
        }
        assert_eq!(Tab::parse("kitchen"), None);
    }
}
