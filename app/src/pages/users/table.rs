//! The accounts themselves, each with a box to select it.

use leptos::prelude::*;
use wire::{BulkAct, ManagedUser};

use super::{act, badge, words};
use crate::pages::paths;
use crate::pages::when::{Day, When, read};
use crate::server::Timestamp;

/// A form around the table: it leads to a page that says what would happen, and changes nothing. `here` is
/// the address of the list.
#[component]
pub(super) fn Table(users: Vec<ManagedUser>, now: Timestamp, here: String) -> impl IntoView {
    let rows: Vec<_> = users
        .into_iter()
        .map(|user| view! { <Row user=user now=now/> }.into_any())
        .collect();
    let acts: Vec<_> = BulkAct::ALL
        .into_iter()
        .map(|one| view! { <option value=one.as_str()>{act::name(one)}</option> })
        .collect();
    view! {
        <form class="list" method="get" action=paths::ACT_ON_USERS>
            <input type="hidden" name="back" value=here/>
            <table class="table">
                <thead>
                    <tr><th scope="col"><span class="unseen">"Select"</span></th><th scope="col">"Who"</th><th scope="col">"Role"</th><th scope="col">"State"</th><th scope="col">"Last signed in"</th><th scope="col">"Since"</th></tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            <div class="row">
                <label class="row">"With those selected: "<select class="input" name="act">{acts}</select></label>
                <button class="button">"Look it over"</button>
                <span class="small quiet">"The next page says what will happen, and to whom."</span>
            </div>
        </form>
    }
}

#[component]
fn Row(user: ManagedUser, now: Timestamp) -> impl IntoView {
    let name = user.name();
    let seen = user.last_login_at.as_deref().and_then(read);
    let since = read(&user.created_at).unwrap_or(now);
    let seen = match seen {
        Some(at) => view! { <When at=at now=now/> }.into_any(),
        None => view! { <span class="quiet">"Never"</span> }.into_any(),
    };
    let tick = format!("Select {}", user.email);
    view! {
        <tr>
            <td data-label="Select"><input type="checkbox" name="id" value=user.id.clone() aria-label=tick/></td>
            <th scope="row" class="table-wrap">
                <div class="stack">
                    <a href=paths::user(&user.id)>{user.email.clone()}</a>
                    {name.map(|name| view! { <span class="small quiet">{name}</span> })}
                </div>
            </th>
            <td data-label="Role">{user.role.clone()}</td>
            <td data-label="State">{state(user, now)}</td>
            <td data-label="Last signed in">{seen}</td>
            <td data-label="Since"><Day at=since/></td>
        </tr>
    }
}

/// How an account stands, and until when where that ends by itself.
pub(in crate::pages) fn state(user: ManagedUser, now: Timestamp) -> AnyView {
    let until = until(&user).map(|at| {
        let left = u32::try_from(at - now).unwrap_or(u32::MAX);
        match crate::forms::waiting(left) {
            Some(left) => {
                let exactly = crate::pages::when::exact(at);
                view! { <span class="small quiet" title=exactly>{format!("for {left}")}</span> }
                    .into_any()
            }
            None => {
                view! { <span class="small quiet">"until somebody unlocks it"</span> }.into_any()
            }
        }
    });
    view! { <span class="stack"><span class=badge(user.status)>{words(user.status)}</span>{until}</span> }
        .into_any()
}

fn until(user: &ManagedUser) -> Option<Timestamp> {
    let at = match user.status {
        wire::UserStatus::Suspended => user.disabled_until.as_deref(),
        wire::UserStatus::Locked => user.locked_until.as_deref(),
        wire::UserStatus::Leaving => user.deletes_at.as_deref(),
        wire::UserStatus::Active | wire::UserStatus::Disabled => None,
    };
    at.and_then(read)
}
