//! Where they are signed in.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wire::OpenSession;

use super::About;
use crate::pages::device::{DeviceRow, name};
use crate::server::Fault;
use crate::server::manage_user::{EndSessionOf, SignOutUser};

pub(super) async fn shown(about: &About) -> Result<AnyView, Fault> {
    let user = about.user().id.clone();
    let listed = about.site.auth.list_sessions_of(&about.session, &user);
    let sessions = listed.await?.unwrap_or_default();
    let (many, manageable, now) = (sessions.len(), about.one.manageable, about.now);
    let rows: Vec<_> = sessions
        .into_iter()
        .map(|session| {
            let form = manageable
                .then(|| view! { <End user=user.clone() session=session.clone()/> }.into_any());
            view! { <DeviceRow session=session now=now>{form}</DeviceRow> }.into_any()
        })
        .collect();
    let list = match many {
        0 => view! { <p class="quiet">"Signed in nowhere."</p> }.into_any(),
        _ => view! { <ul class="rows">{rows}</ul> }.into_any(),
    };
    let all = (manageable && many > 0).then(|| {
        view! {
            <form class="row below" method="post" action=SignOutUser::PATH>
                <input type="hidden" name="user" value=user/>
                <button class="button">"Sign out everywhere"</button>
                <span class="small quiet">"Ends every session above at once. They can sign in again."</span>
            </form>
        }
    });
    Ok(view! {
        <section class="section">
            <div class="section-head"><h2>"Devices"</h2><p>"Where they are signed in. What ends here is refused by services within seconds."</p></div>
            <div class="panel">{list}{all}</div>
        </section>
    }
    .into_any())
}

#[component]
fn End(user: String, session: OpenSession) -> impl IntoView {
    let label = format!(
        "End the session of {}, last used from {}",
        name(&session.device),
        session.ip
    );
    view! {
        <details class="more">
            <summary aria-label=label>"End session"</summary>
            <form method="post" action=EndSessionOf::PATH>
                <input type="hidden" name="user" value=user/>
                <input type="hidden" name="id" value=session.id/>
                <p class="small quiet">"Whoever uses it is signed out at once. Their activity says that an admin did it."</p>
                <button class="button button-danger">"End this session"</button>
            </form>
        </details>
    }
}
