//! Who acted, or what was acted on: by name, and leading there where it has a page.

use leptos::prelude::*;
use wire::AuditParty;

use crate::pages::paths;
use crate::pages::place::may_open;

/// Somebody or something.
#[component]
pub(super) fn Party(
    party: AuditParty,
    /// What the viewer may do: nobody is led to where they are not let in.
    held: Vec<String>,
) -> impl IntoView {
    let name = match (&party.email, party.kind.as_str()) {
        (Some(email), _) => email.clone(),
        (None, "user") => "An account that is gone".to_owned(),
        (None, kind) => words(kind).to_owned(),
    };
    let name = match page(&party, &held) {
        Some(href) => view! { <a href=href>{name}</a> }.into_any(),
        None => view! { <span>{name}</span> }.into_any(),
    };
    view! { <span class="stack">{name}<code class="small quiet table-wrap">{party.id}</code></span> }
}

fn words(kind: &str) -> &'static str {
    match kind {
        "invitation" => "An invitation",
        "key" => "An API key",
        "letter" => "A letter",
        "permission" => "A permission",
        "registration" => "A registration",
        "role" => "A role",
        "setting" => "A setting",
        "sign_in" => "A sign-in",
        "signing_key" => "A signing key",
        "tenant" => "An organisation",
        _ => "Something",
    }
}

/// Where it can be looked at; `None` for what has no page, is gone, or is not the viewer's to see.
fn page(party: &AuditParty, held: &[String]) -> Option<String> {
    let page = match (&party.email, party.kind.as_str()) {
        (Some(_), _) => paths::user(&party.id),
        (None, "invitation") => paths::INVITATIONS.to_owned(),
        (None, "letter") => paths::OUTBOX.to_owned(),
        (None, "signing_key") => paths::SIGNING_KEYS.to_owned(),
        _ => return None,
    };
    may_open(held, &page).then_some(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_page_leads_there_and_nothing_leads_away() {
        let party = |kind: &str, email: Option<&str>, id: &str| AuditParty {
            id: id.to_owned(),
            kind: kind.to_owned(),
            email: email.map(str::to_owned),
        };
        let all = ["user:manage", "system:config"].map(str::to_owned);
        let page = |party: &AuditParty| super::page(party, &all);
        let someone = party("user", Some("a@b.c"), "0199-aaaa");
        assert_eq!(super::page(&someone, &["audit:read".to_owned()]), None);
        assert_eq!(
            page(&party("user", Some("a@b.c"), "0199-aaaa")).as_deref(),
            Some("/admin/users/0199-aaaa")
        );
        assert_eq!(
            page(&party("user", Some("a@b.c"), "//evil")).as_deref(),
            Some("/admin/users")
        );
        assert_eq!(page(&party("user", None, "0199-aaaa")), None);
        assert_eq!(
            page(&party("invitation", None, "x")).as_deref(),
            Some("/admin/invitations")
        );
    }
}
