//! The keys that stand on an account: its own, and those of its tenants that it answers for.

use leptos::prelude::*;
use wire::{ApiKey, Paging};

use super::{About, Tab};
use crate::pages::all_keys::{Back, RevokeOf};
use crate::pages::icon::{Icon, Sign};
use crate::pages::keys::{Life, hint, may};
use crate::pages::paths;
use crate::server::{ApiKeyQuery, Fault, Flash, Timestamp};

/// How much is on a page.
const LIMIT: u32 = 25;

/// Looking after the keys of others is a right of its own.
const NEEDED: &str = "apikey:manage";

pub(super) async fn shown(about: &About, cursor: Option<String>) -> Result<AnyView, Fault> {
    let held = &about.session.user.permissions;
    if !held.iter().any(|held| held == NEEDED) {
        return Ok(view! {
            <div class="note note-plain"><Icon sign=Sign::Lock/><p>"Looking after somebody’s keys takes the right "<code>{NEEDED}</code>", which you lack."</p></div>
        }
        .into_any());
    }
    let user = &about.user().id;
    let after = cursor.and_then(|cursor| cursor.parse().ok());
    let query = ApiKeyQuery {
        user_id: Some(user.clone()),
        paging: Paging {
            limit: LIMIT,
            after,
        },
        ..ApiKeyQuery::default()
    };
    let page = about.site.auth.list_all_api_keys(&query).await?;
    let here = paths::user_tab(user, Tab::Keys);
    let older = page.next_cursor();
    let older = older.map(|cursor| {
        let href = format!("{here}&cursor={cursor}");
        view! { <p><a class="button" href=href rel="next">"Older keys"</a></p> }
    });
    let list = match page.items.is_empty() {
        true => view! { <p class="quiet">"No program has a key of theirs."</p> }.into_any(),
        false => table(about, page.items),
    };
    Ok(view! {
        <section class="list" aria-labelledby="keys">
            <h2 id="keys">"Keys"</h2>
            <p class="small quiet">"What programs show in their name. Keys of an organisation that they answer for are here, too. None may do more than they may."</p>
            {list}
            {older}
        </section>
    }
    .into_any())
}

fn table(about: &About, keys: Vec<ApiKey>) -> AnyView {
    let rows: Vec<_> = keys
        .into_iter()
        .map(|key| {
            // Ending it takes as much as any act on the account does.
            let form = (about.one.manageable || about.is_own()) && !key.status.is_over();
            let back = form.then(|| Back::User(about.user().id.clone()));
            let flash = about.flash.clone();
            view! { <Row key_of=key back=back now=about.now flash=flash/> }.into_any()
        })
        .collect();
    view! {
        <table class="table table-keys">
            <thead>
                <tr><th scope="col">"Name"</th><th scope="col">"May"</th><th scope="col">"State"</th><th scope="col">"Ends"</th><th scope="col">"Last used"</th><th scope="col">"Revoke"</th></tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

#[component]
fn Row(key_of: ApiKey, back: Option<Back>, now: Timestamp, flash: Flash) -> impl IntoView {
    let key = key_of;
    let tenant = key.tenant_name.clone().map(|name| {
        let whose = match key.owned_by_tenant {
            true => format!("Key of {name}"),
            false => format!("Acts in {name}"),
        };
        view! { <span class="small quiet">{whose}</span> }
    });
    let revoke = back.map(|back| view! { <RevokeOf key_of=key.clone() back=back flash=flash/> });
    view! {
        <tr class=key.status.is_over().then_some("quiet")>
            <th scope="row" class="table-wrap">
                <div class="stack">
                    <span>{key.name.clone()}</span>
                    <code class="small quiet">{hint(&key)}</code>
                    {tenant}
                </div>
            </th>
            <td data-label="May" class="table-wrap small">{may(&key)}</td>
            <Life key_of=key.clone() now=now/>
            <td data-label="Revoke">{revoke}</td>
        </tr>
    }
}
