//! What narrows the list, and its order.

use leptos::prelude::*;
use wire::{UserSort, UserStatus};

use super::words;
use crate::pages::paths;
use crate::server::UserQuery;

/// All, or those that stand like this.
#[component]
pub(super) fn Filter(query: UserQuery, tenant: Option<String>) -> impl IntoView {
    let choices = std::iter::once(None).chain(UserStatus::ALL.map(Some));
    let chips: Vec<_> = choices
        .map(|status| {
            let current = (status == query.status).then_some("true");
            let narrowed = UserQuery {
                status,
                ..query.clone()
            };
            let href = paths::users(&narrowed, None);
            let name = status.map_or("All", words);
            view! { <li><a class="chip" href=href aria-current=current>{name}</a></li> }
        })
        .collect();
    let tenant = tenant.map(|name| {
        let tenant_id = None;
        let wider = UserQuery { tenant_id, ..query };
        let href = paths::users(&wider, None);
        view! { <p class="small">"Members of "<b>{name}</b>" alone. "<a href=href>"Show everybody"</a></p> }
    });
    view! { <nav aria-label="Filter"><ul class="chips">{chips}</ul></nav>{tenant} }
}

/// Searches, and chooses role and order. Everything else that was asked for stays.
#[component]
pub(super) fn Search(query: UserQuery, roles: Vec<String>) -> impl IntoView {
    let status = query.status.map(|status| {
        view! { <input type="hidden" name="status" value=status.as_str()/> }
    });
    let tenant = query.tenant_id.clone().map(|tenant| {
        view! { <input type="hidden" name="tenantId" value=tenant/> }
    });
    let roles: Vec<_> = roles
        .into_iter()
        .map(|role| {
            let is_chosen = query.role.as_ref() == Some(&role);
            view! { <option value=role.clone() selected=is_chosen>{role.clone()}</option> }
        })
        .collect();
    let sorts: Vec<_> = UserSort::ALL
        .into_iter()
        .map(|sort| {
            let is_chosen = query.sort == sort;
            view! { <option value=sort.as_str() selected=is_chosen>{order(sort)}</option> }
        })
        .collect();
    view! {
        <form class="search search-wide" method="get" action=paths::USERS role="search">
            {status}
            {tenant}
            <input class="input" type="search" name="q" value=query.part aria-label="Search addresses and names" placeholder="Search addresses and names" autocomplete="off" spellcheck="false"/>
            <select class="input" name="role" aria-label="Role"><option value="">"Any role"</option>{roles}</select>
            <select class="input" name="sort" aria-label="Order">{sorts}</select>
            <button class="button">"Search"</button>
        </form>
    }
}

fn order(sort: UserSort) -> &'static str {
    match sort {
        UserSort::Newest => "Newest first",
        UserSort::Oldest => "Oldest first",
        UserSort::Email => "By address",
        UserSort::LastLogin => "Last signed in",
    }
}
