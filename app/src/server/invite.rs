//! `/_sf/invite`, `/_sf/resend_invitation`, `/_sf/revoke_invitation`.

use auth::Invited;
use leptos::prelude::*;
use wire::{InviteMany, SafeReturnTo};

use super::door::{Door, told};
use super::error::UiError;
use super::finish::Outcome;
use super::flash::{Flash, InvitedSummary, Notice};
use crate::pages::paths;

/// Invites everybody whose address was pasted to the same role and, if one is chosen, tenant.
#[server(name = Invite, prefix = "/_sf", endpoint = "invite")]
pub async fn invite(
    #[server(default)] emails: String,
    #[server(default)] role: String,
    #[server(default)] tenant_id: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let request = InviteMany {
        emails: InviteMany::split(&emails),
        role: role.clone(),
        tenant_id: Some(tenant_id.clone()),
    };
    match attempt(&door, request).await {
        Ok(results) => {
            let kept = [("role", role), ("tenantId", tenant_id)];
            let flash = Flash {
                invited: Some(summary(results)),
                kept: kept.map(|(name, value)| (name.to_owned(), value)).into(),
                ..Flash::default()
            };
            Ok(door.done_with(paths::INVITATIONS, flash))
        }
        Err(error) => {
            let typed = [
                ("emails", &*emails),
                ("role", &*role),
                ("tenantId", &*tenant_id),
            ];
            door.refused(paths::INVITATIONS, error, &typed)
        }
    }
}

async fn attempt(door: &Door, request: InviteMany) -> Result<Vec<Invited>, wire::Error> {
    let session = door.session()?;
    let (emails, offer) = request.check()?;
    door.auth()
        .invite_many(session, &emails, &offer, &door.client)
        .await
        .map_err(told)
}

/// How many were invited, and who was not.
pub(super) fn summary(results: Vec<Invited>) -> InvitedSummary {
    let mut summary = InvitedSummary::default();
    for Invited { email, outcome } in results {
        match outcome {
            Ok(_) => summary.sent += 1,
            Err(error) => summary.refuse(&email, error),
        }
    }
    summary
}

/// Sends an invitation again; `back` is the list as it was seen.
#[server(name = ResendInvitation, prefix = "/_sf", endpoint = "resend_invitation")]
pub async fn resend_invitation(
    #[server(default)] id: String,
    #[server(default)] back: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let session = door.person()?;
    door.answered(
        &list(&back),
        door.auth()
            .resend_invitation(session, &id, &door.client)
            .await,
        Notice::InvitationSentAgain,
    )
}

/// Takes an invitation back.
#[server(name = RevokeInvitation, prefix = "/_sf", endpoint = "revoke_invitation")]
pub async fn revoke_invitation(
    #[server(default)] id: String,
    #[server(default)] back: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let session = door.person()?;
    door.answered(
        &list(&back),
        door.auth()
            .revoke_invitation(session, &id, &door.client)
            .await,
        Notice::InvitationTakenBack,
    )
}

/// The list with its filter, or the list.
fn list(back: &str) -> String {
    let back = SafeReturnTo::parse(back);
    let is_list = back.as_str().split('?').next() == Some(paths::INVITATIONS);
    if is_list {
        back.as_str().to_owned()
    } else {
        paths::INVITATIONS.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_leads_back_to_the_list_and_nowhere_else() {
        assert_eq!(
            list("/admin/invitations?status=pending"),
            "/admin/invitations?status=pending"
        );
        for elsewhere in [
            "",
            "//evil.example/admin/invitations",
            "https://evil.example",
            "/logout",
            "/admin/invitations/../../logout",
        ] {
            assert_eq!(list(elsewhere), "/admin/invitations", "{elsewhere}");
        }
    }
}
