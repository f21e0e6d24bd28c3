//! `/admin/tenants/{id}/keys/new`: a key of the organisation.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wire::OneTenant;

use super::Outside;
use crate::pages::keys::KeyForm;
use crate::pages::paths;
use crate::pages::tenant::{Desk, Tab, param, refused};
use crate::server::api_keys::CreateTenantKey;
use crate::server::{KeyRights, Session, TenantError, viewer};

/// The form.
#[component]
pub(crate) fn NewTenantKeyPage() -> impl IntoView {
    let (session, site, id) = (viewer::viewer(), viewer::site(), param("id"));
    Suspend::new(async move {
        let (Some(session), Some(site)) = (session, site) else {
            viewer::go(paths::LOG_IN);
            return ().into_any();
        };
        let known = async {
            let one = site.auth.tenant(Some(&session), &id).await?;
            let rights = site.auth.key_rights(&session, Some(&id)).await?;
            Ok::<_, TenantError>((one, rights))
        };
        match known.await {
            Ok((one, rights)) => {
                view! { <Shown session=session one=one rights=rights/> }.into_any()
            }
            Err(error) => refused(error),
        }
    })
}

#[component]
fn Shown(session: Arc<Session>, one: OneTenant, rights: KeyRights) -> impl IntoView {
    let flash = viewer::flash();
    let id = one.tenant.id.clone();
    let back = paths::tenant_keys(&id, None);
    let form = match rights.can_answer {
        true => {
            let flash = flash.clone();
            view! {
                <p>"It is shown once, on the next page. You answer for it: it may do what you tick, while you may do that here, and stops when you leave until another admin takes it over."</p>
                <KeyForm action=CreateTenantKey::PATH tenant=id held=rights.permissions back=back flash=flash/>
            }
            .into_any()
        }
        false => view! { <Outside/> }.into_any(),
    };
    view! {
        <Desk session=session one=one tab=Some(Tab::Keys) flash=flash>
            <section class="list" aria-labelledby="new-key">
                <h2 id="new-key">"New key"</h2>
                {form}
            </section>
        </Desk>
    }
}
