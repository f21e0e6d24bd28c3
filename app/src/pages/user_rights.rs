//! The tab of an account that says what it was given, what it holds by that and why, and what is entrusted
//! to it. `/admin/users/{id}/roles/preview` says what a change would do before it is done.

mod assignments;
mod preview;

use leptos::prelude::*;
use wire::{EffectiveRight, ErrorCode, MemberRights, Page, Paging, RightSource, UserRights};

use super::error::Failed;
use super::icon::{Icon, Sign};
use super::paths;
use super::roles::{Matrix, Offer};
use super::user::About;
use crate::forms::Choice;
use crate::server::{AssignError, AssignmentQuery, Fault, Flash};

use assignments::Assignments;
pub(crate) use preview::PreviewRightsPage;

/// The tab.
pub(super) async fn shown(about: &About) -> Result<AnyView, Fault> {
    let (auth, session, id) = (&about.site.auth, &about.session, &about.one.user.id);
    let Some(rights) = auth.rights_of(Some(session), id).await? else {
        return Ok(view! { <Failed code=ErrorCode::NotFound/> }.into_any());
    };
    let mut roles = auth.roles_to_give(session).await?;
    if !roles.contains(&rights.role) {
        roles.push(rights.role.clone());
    }
    let offer = Offer {
        catalogue: auth.list_permissions().await?,
        giveable: auth.giveable(session).await?.into_iter().collect(),
    };
    let query = AssignmentQuery {
        user_id: id.clone(),
        paging: Paging {
            limit: 200,
            after: None,
        },
        ..AssignmentQuery::default()
    };
    // Who may not see them looks at none.
    let entrusted = match auth.list_assignments(session, &query).await {
        Ok(page) => page,
        Err(AssignError::Fault(fault)) => return Err(fault),
        Err(_) => Page {
            items: Vec::new(),
            next: None,
        },
    };
    let has_more = entrusted.next.is_some();
    let entrusted = entrusted.items;
    let (flash, manageable) = (about.flash.clone(), rights.manageable);
    let own = about.is_own().then(|| {
        view! { <div class="note note-plain"><Icon sign=Sign::Lock/><p>"This is your own account: only another admin can change what it is given."</p></div> }
    });
    let asleep = (!rights.in_force).then(|| {
        view! { <div class="note note-plain"><Icon sign=Sign::Clock/><p>"None of it is in force: the address is not confirmed, or the account cannot sign in."</p></div> }
    });
    let edit = manageable.then(|| {
        view! { <Edit rights=rights.clone() roles=roles offer=offer flash=flash.clone()/> }
    });
    let memberships = rights.memberships.clone();
    Ok(view! {
        {own}
        {asleep}
        <Holds role=rights.role effective=rights.effective/>
        {edit}
        <Memberships memberships=memberships.clone()/>
        <Assignments user=id.clone() entrusted=entrusted memberships=memberships manageable=manageable has_more=has_more flash=flash/>
    }
    .into_any())
}

/// Every right, and where it comes from.
#[component]
fn Holds(role: String, effective: Vec<EffectiveRight>) -> impl IntoView {
    let rows: Vec<_> = effective
        .into_iter()
        .map(|right| {
            let why: Vec<_> = right.sources.iter().map(|source| view! { <li>{because(source)}</li> }).collect();
            view! {
                <tr>
                    <th scope="row" class="table-wrap"><div class="stack"><code>{right.permission}</code><span class="small quiet">{right.description}</span></div></th>
                    <td data-label="Because"><ul class="tags">{why}</ul></td>
                </tr>
            }
            .into_any()
        })
        .collect();
    let table = match rows.is_empty() {
        true => view! { <p class="quiet">"Nothing at all."</p> }.into_any(),
        false => view! {
            <table class="table">
                <thead><tr><th scope="col">"Permission"</th><th scope="col">"Because"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any(),
    };
    view! {
        <section class="section">
            <div class="section-head"><h2>"What they can do"</h2><p>"Their role is "<b>{role}</b>". Wildcards are shown as what they permit today."</p></div>
            {table}
        </section>
    }
    .into_any()
}

/// One reason, in words.
fn because(source: &RightSource) -> String {
    let wide = match source.pattern.ends_with('*') {
        true => format!(" by {}", source.pattern),
        false => String::new(),
    };
    let bound = match source.only_assigned {
        true => ", for assigned resources only",
        false => "",
    };
    let role = source.role.as_deref().unwrap_or_default();
    let tenant = source.tenant.as_deref().unwrap_or("an organisation");
    match source.source.as_str() {
        "role" => format!("role {role}{wide}{bound}"),
        "grant" => format!("given directly{wide}{bound}"),
        "membership_role" => format!("role {role} in {tenant}{wide}{bound}"),
        _ => format!("given in {tenant}{wide}{bound}"),
    }
}

#[component]
fn Edit(rights: UserRights, roles: Vec<String>, offer: Offer, flash: Flash) -> impl IntoView {
    let options: Vec<_> = roles.into_iter().map(|role| (role.clone(), role)).collect();
    let is_shut = !offer.holds_all_of(&rights.patterns) || !offer.holds_all_of(&rights.assigned);
    let (is_free, is_bound) = (!rights.patterns.is_empty(), !rights.assigned.is_empty());
    let grants = match is_shut {
        true => view! { <p class="hint">"They were given something you cannot give, so it stays as it is."</p> }.into_any(),
        false => view! {
            <input type="hidden" name="g" value="1"/>
            <details class="more" open=is_free>
                <summary>"Given beside the role"</summary>
                <Matrix offer=offer.clone() name="p" given=rights.patterns title="Beside the role" hint="They may do this with everything, wherever they act."/>
            </details>
            <details class="more" open=is_bound>
                <summary>"Given for assigned resources"</summary>
                <Matrix offer=offer name="a" given=rights.assigned title="Only for assigned resources" hint="They may do this with what is entrusted to them, and nothing else."/>
            </details>
        }
        .into_any(),
    };
    view! {
        <section class="section">
            <div class="section-head"><h2>"Role and grants"</h2><p>"You see what a change would do before it is saved."</p></div>
            <form class="form" method="get" action=paths::preview_rights(&rights.id)>
                <input type="hidden" name="v" value=rights.version/>
                <Choice name="role" label="Role" options=options chosen=rights.role flash=flash/>
                {grants}
                <div class="actions"><button class="button button-main">"See what would change"</button></div>
            </form>
        </section>
    }
    .into_any()
}

#[component]
fn Memberships(memberships: Vec<MemberRights>) -> impl IntoView {
    let rows: Vec<_> = memberships
        .into_iter()
        .map(|one| {
            let mut given = one.patterns;
            given.extend(
                one.assigned
                    .iter()
                    .map(|pattern| format!("{pattern} (assigned only)")),
            );
            let given = match given.is_empty() {
                true => "Nothing".to_owned(),
                false => given.join(", "),
            };
            view! {
                <tr>
                    <th scope="row" class="table-wrap">{one.tenant}</th>
                    <td data-label="Role there">{one.role}</td>
                    <td data-label="Beside it">{given}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    let table = match rows.is_empty() {
        true => view! { <p class="quiet">"They belong to none."</p> }.into_any(),
        false => view! {
            <table class="table">
                <thead><tr><th scope="col">"Organisation"</th><th scope="col">"Role there"</th><th scope="col">"Beside it"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any(),
    };
    view! {
        <section class="section">
            <div class="section-head"><h2>"Organisations"</h2><p>"What they hold there counts while they act there, and never for the portal as a whole."</p></div>
            {table}
        </section>
    }
    .into_any()
}
