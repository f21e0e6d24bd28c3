//! What a member may do here: the form, and `/admin/tenants/{id}/members/{user}/preview`, which says what a
//! change would do before it is done.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wire::{EditMember, Impact, InviteMany, OneMember};

use super::member::{Known, Last, known};
use super::{Desk, param, refused};
use crate::forms::{Area, Choice};
use crate::pages::paths;
use crate::pages::roles::{Changes, is_about_version};
use crate::server::tenants::ChangeMember;
use crate::server::{Flash, Session, Site, TenantError, viewer};

/// What stands in the form.
#[derive(Clone, Default)]
pub(super) struct Typed {
    role: String,
    patterns: String,
    assigned: String,
}

impl Typed {
    /// What the member has.
    pub(super) fn of(one: &OneMember) -> Self {
        Self {
            role: one.member.role.clone(),
            patterns: one.patterns.join("\n"),
            assigned: one.assigned.join("\n"),
        }
    }

    /// What the address says.
    fn asked() -> Self {
        let asked = |name| viewer::asked(name).unwrap_or_default();
        Self {
            role: asked("role"),
            patterns: asked("patterns"),
            assigned: asked("assigned"),
        }
    }
}

/// The form.
#[component]
pub(super) fn Rights(
    id: String,
    one: OneMember,
    roles: Vec<String>,
    typed: Typed,
    flash: Flash,
) -> impl IntoView {
    let mut roles: Vec<_> = roles.into_iter().map(|role| (role.clone(), role)).collect();
    let own = one.member.role;
    if roles.iter().all(|(role, _)| *role != own) {
        roles.push((own.clone(), own));
    }
    let flash = flash.with_known(&[
        ("patterns", Some(&typed.patterns)),
        ("assigned", Some(&typed.assigned)),
        ("role", Some(&typed.role)),
    ]);
    let warning = one.last_manager.then(|| view! { <Last/> });
    view! {
        <section class="section">
            <div class="section-head">
                <h2>"Rights here"</h2>
                <p>"You can give nothing that you do not have in this organisation yourself. Before anything is saved, you see what it would do."</p>
            </div>
            <div class="panel">
                <form class="form" method="get" action=paths::preview_member(&id, &one.member.user_id) novalidate=true>
                    <input type="hidden" name="v" value=one.version/>
                    <Choice name="role" label="Role here" options=roles chosen=typed.role flash=flash.clone()/>
                    <Area name="patterns" label="Beside the role" hint="One to a line, like workflow:read or workflow:*. Rights over the whole portal are never given here." flash=flash.clone() is_optional=true/>
                    <Area name="assigned" label="For what they are assigned to" hint="The same, for single things that were assigned to them alone." flash=flash is_optional=true/>
                    {warning}
                    <div class="actions"><button class="button">"See what would change"</button></div>
                </form>
            </div>
        </section>
    }
}

/// The question before a member's rights are changed.
#[component]
pub(crate) fn PreviewMemberPage() -> impl IntoView {
    let (session, site) = (viewer::viewer(), viewer::site());
    let (id, user) = (param("id"), param("user"));
    let (typed, version) = (Typed::asked(), viewer::asked("v"));
    Suspend::new(async move {
        let (Some(session), Some(site)) = (session, site) else {
            viewer::go(paths::LOG_IN);
            return ().into_any();
        };
        let known = match known(&site, &session, &id, &user).await {
            Ok(known) => known,
            Err(error) => return refused(error),
        };
        match looked_at(&site, &session, (&id, &user), &typed, version).await {
            Ok(found) => {
                view! { <Shown session=session known=known typed=typed found=found/> }.into_any()
            }
            Err(error) => refused(error),
        }
    })
}

/// What it would do, or why it cannot be done.
async fn looked_at(
    site: &Site,
    session: &Session,
    (id, user): (&str, &str),
    typed: &Typed,
    version: Option<String>,
) -> Result<Result<Impact, wire::Error>, TenantError> {
    let edit = EditMember {
        role: Some(typed.role.clone()),
        patterns: Some(InviteMany::split(&typed.patterns)),
        assigned: Some(InviteMany::split(&typed.assigned)),
        status: None,
        version,
    };
    let change = match edit.check() {
        Ok(change) => change,
        Err(error) => return Ok(Err(error)),
    };
    let by = Some(session);
    match site.auth.preview_member(by, id, user, &change).await {
        Ok(impact) => Ok(Ok(impact)),
        Err(error @ TenantError::Fault(_)) => Err(error),
        Err(error) => Ok(Err(error.into())),
    }
}

#[component]
fn Shown(
    session: Arc<Session>,
    known: Known,
    typed: Typed,
    found: Result<Impact, wire::Error>,
) -> impl IntoView {
    let Known { one, member, roles } = known;
    let id = one.tenant.id.clone();
    let said = viewer::flash();
    let (body, refused) = match found {
        Ok(impact) => {
            let version = impact.version.clone();
            let user = member.member.user_id.clone();
            let (id, typed) = (id.clone(), typed.clone());
            let body = view! {
                <Changes impact=impact>
                    <p class="small quiet">"What they have for another reason, they keep."</p>
                    <Confirm id=id user=user typed=typed version=version/>
                </Changes>
            };
            (body.into_any(), None)
        }
        Err(error) => {
            let kept = is_about_version(&error).then(|| {
                view! { <p>"Somebody changed it while you did. What you typed is kept: look at what it would do now."</p> }
            });
            (kept.into_any(), Some(error))
        }
    };
    // The page itself says it, unless a form just did.
    let flash = match (refused, said.error.is_some()) {
        (Some(error), false) => Flash::refusal(error, &[]),
        _ => said,
    };
    let back = paths::tenant_member(&id, &member.member.user_id);
    let form = member.manageable.then(|| {
        view! { <Rights id=id one=member.clone() roles=roles typed=typed flash=flash.clone()/> }
    });
    view! {
        <Desk session=session one=one tab=None flash=flash>
            <p class="small"><a href=back>{format!("Back to {}", member.member.email)}</a></p>
            {body}
            {form}
        </Desk>
    }
}

#[component]
fn Confirm(id: String, user: String, typed: Typed, version: String) -> impl IntoView {
    view! {
        <form class="below" method="post" action=ChangeMember::PATH>
            <input type="hidden" name="tenant" value=id/>
            <input type="hidden" name="user" value=user/>
            <input type="hidden" name="role" value=typed.role/>
            <input type="hidden" name="patterns" value=typed.patterns/>
            <input type="hidden" name="assigned" value=typed.assigned/>
            <input type="hidden" name="version" value=version/>
            <button class="button button-main">"Save rights"</button>
        </form>
    }
}
