//! The forms of organisations: adding, naming and deleting them, their members and invitations, and where
//! one acts oneself.

use auth::{Invited, TenantError};
use leptos::prelude::*;
use wire::{
    AddMember as AddMemberRequest, AddTenant as AddTenantRequest, EditMember, InviteMany,
    InviteMembers as InviteMembersRequest, MemberStatus, RenameTenant as RenameTenantRequest,
    SafeReturnTo,
};

use super::door::{Door, told};
use super::error::UiError;
use super::finish::Outcome;
use super::flash::{Flash, Notice};
use super::invite::summary;
use crate::pages::paths;

/// Adds a tenant, and leads to its page.
#[server(name = AddTenant, prefix = "/_sf", endpoint = "add_tenant")]
pub async fn add_tenant(#[server(default)] name: String) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let session = Some(&**door.person()?);
    let added = async {
        let request = AddTenantRequest { name: name.clone() };
        let name = request.check()?;
        let added = door.auth().add_tenant(session, &name, &door.client).await;
        added.map_err(told)
    };
    match added.await {
        Ok(tenant) => door.done(&paths::tenant(&tenant.id), Some(Notice::TenantAdded)),
        Err(error) => door.refused(paths::TENANTS, error, &[("name", &name)]),
    }
}

/// Gives a tenant another name.
#[server(name = RenameTenant, prefix = "/_sf", endpoint = "rename_tenant")]
pub async fn rename_tenant(
    #[server(default)] tenant: String,
    #[server(default)] new_name: String,
) -> Result<Outcome, UiError> {
    let (door, page) = (Door::open()?, paths::tenant_settings(&tenant));
    let session = Some(&**door.person()?);
    let renamed = async {
        let request = RenameTenantRequest {
            name: new_name.clone(),
        };
        let name = request.check()?;
        let auth = door.auth();
        let renamed = auth
            .rename_tenant(session, &tenant, &name, &door.client)
            .await;
        renamed.map_err(told)
    };
    match renamed.await {
        Ok(_) => door.done(&page, Some(Notice::TenantRenamed)),
        Err(mut error) => {
            // The form that deletes has a field `name` on the same page.
            for field in &mut error.fields {
                "newName".clone_into(&mut field.field);
            }
            door.refused(&page, error, &[("newName", &new_name)])
        }
    }
}

/// Deletes a tenant whose name was typed once more.
#[server(name = DeleteTenant, prefix = "/_sf", endpoint = "delete_tenant")]
pub async fn delete_tenant(
    #[server(default)] tenant: String,
    #[server(default)] name: String,
) -> Result<Outcome, UiError> {
    let (door, page) = (Door::open()?, paths::tenant_settings(&tenant));
    let session = Some(&**door.person()?);
    let deleted = door
        .auth()
        .delete_tenant(session, &tenant, &name, &door.client)
        .await;
    match deleted {
        Ok(()) => door.done(paths::TENANTS, Some(Notice::TenantDeleted)),
        Err(error) => door.refused(&page, told(error), &[]),
    }
}

/// Makes an account that exists a member.
#[server(name = AddMember, prefix = "/_sf", endpoint = "add_member")]
pub async fn add_member(
    #[server(default)] tenant: String,
    #[server(default)] email: String,
    #[server(default)] role: String,
) -> Result<Outcome, UiError> {
    let (door, page) = (Door::open()?, paths::tenant(&tenant));
    let session = Some(&**door.person()?);
    let added = async {
        let request = AddMemberRequest {
            email: email.clone(),
            role: role.clone(),
        };
        let (email, role) = request.check()?;
        let auth = door.auth();
        let added = auth
            .add_member(session, &tenant, &email, &role, &door.client)
            .await;
        added.map_err(told)
    };
    match added.await {
        Ok(_) => door.done(&page, Some(Notice::MemberAdded)),
        Err(error) => door.refused(&page, error, &[("email", &email), ("role", &role)]),
    }
}

/// Gives a member another role, and other rights beside it.
#[server(name = ChangeMember, prefix = "/_sf", endpoint = "change_member")]
pub async fn change_member(
    #[server(default)] tenant: String,
    #[server(default)] user: String,
    #[server(default)] role: String,
    #[server(default)] patterns: String,
    #[server(default)] assigned: String,
    #[server(default)] version: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let request = EditMember {
        role: Some(role.clone()),
        patterns: Some(InviteMany::split(&patterns)),
        assigned: Some(InviteMany::split(&assigned)),
        status: None,
        // None is no version, and is refused as another one is: nothing is saved unseen.
        version: Some(version.clone()),
    };
    match change(&door, &tenant, &user, request).await {
        Ok(()) => {
            let page = paths::tenant_member(&tenant, &user);
            door.done(&page, Some(Notice::MemberChanged))
        }
        // The preview shows what was typed, and why it was not saved.
        Err(error) => {
            let (member, rights) = ((&*tenant, &*user), (&*patterns, &*assigned));
            let page = paths::preview_member_with(member, &role, rights, &version);
            door.refused(&page, error, &[])
        }
    }
}

/// Suspends a member.
#[server(name = SuspendMember, prefix = "/_sf", endpoint = "suspend_member")]
pub async fn suspend_member(
    #[server(default)] tenant: String,
    #[server(default)] user: String,
) -> Result<Outcome, UiError> {
    set_status(
        &tenant,
        &user,
        MemberStatus::Suspended,
        Notice::MemberSuspended,
    )
    .await
}

/// Resumes a member.
#[server(name = ResumeMember, prefix = "/_sf", endpoint = "resume_member")]
pub async fn resume_member(
    #[server(default)] tenant: String,
    #[server(default)] user: String,
) -> Result<Outcome, UiError> {
    set_status(&tenant, &user, MemberStatus::Active, Notice::MemberResumed).await
}

async fn set_status(
    tenant: &str,
    user: &str,
    status: MemberStatus,
    notice: Notice,
) -> Result<Outcome, UiError> {
    let (door, page) = (Door::open()?, paths::tenant_member(tenant, user));
    let request = EditMember {
        status: Some(status.as_str().to_owned()),
        ..EditMember::default()
    };
    match change(&door, tenant, user, request).await {
        Ok(()) => door.done(&page, Some(notice)),
        Err(error) => door.refused(&page, error, &[]),
    }
}

async fn change(
    door: &Door,
    tenant: &str,
    user: &str,
    request: EditMember,
) -> Result<(), wire::Error> {
    let session = Some(&**door.session()?);
    let change = request.check()?;
    door.auth()
        .change_member(session, tenant, user, &change, &door.client)
        .await
        .map_err(told)?;
    Ok(())
}

/// Removes a member.
#[server(name = RemoveMember, prefix = "/_sf", endpoint = "remove_member")]
pub async fn remove_member(
    #[server(default)] tenant: String,
    #[server(default)] user: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let session = Some(&**door.person()?);
    let removed = door
        .auth()
        .remove_member(session, &tenant, &user, &door.client)
        .await;
    match removed {
        Ok(()) => door.done(&paths::tenant(&tenant), Some(Notice::MemberRemoved)),
        Err(error) => {
            let page = paths::tenant_member(&tenant, &user);
            door.refused(&page, told(error), &[])
        }
    }
}

/// Invites everybody whose address was pasted into a tenant.
#[server(name = InviteMembers, prefix = "/_sf", endpoint = "invite_members")]
pub async fn invite_members(
    #[server(default)] tenant: String,
    #[server(default)] emails: String,
    #[server(default)] role: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let page = paths::tenant_invitations(&tenant, None, "", None);
    let request = InviteMembersRequest {
        emails: InviteMany::split(&emails),
        role: role.clone(),
    };
    match attempt(&door, &tenant, &request).await {
        Ok(results) => {
            let flash = Flash {
                invited: Some(summary(results)),
                kept: [("role".to_owned(), role)].into(),
                ..Flash::default()
            };
            Ok(door.done_with(&page, flash))
        }
        Err(error) => door.refused(&page, error, &[("emails", &emails), ("role", &role)]),
    }
}

async fn attempt(
    door: &Door,
    tenant: &str,
    request: &InviteMembersRequest,
) -> Result<Vec<Invited>, wire::Error> {
    let session = door.session()?;
    let (emails, offer) = request.check()?;
    door.auth()
        .invite_members(session, tenant, &emails, &offer, &door.client)
        .await
        .map_err(told)
}

/// Sends an invitation into a tenant again.
#[server(name = ResendTenantInvitation, prefix = "/_sf", endpoint = "resend_tenant_invitation")]
pub async fn resend_tenant_invitation(
    #[server(default)] tenant: String,
    #[server(default)] id: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let session = door.person()?;
    let sent = door
        .auth()
        .resend_tenant_invitation(session, &tenant, &id, &door.client)
        .await;
    invitation_changed(
        &door,
        &tenant,
        sent.map(|_| ()),
        Notice::InvitationSentAgain,
    )
}

/// Takes an invitation into a tenant back.
#[server(name = RevokeTenantInvitation, prefix = "/_sf", endpoint = "revoke_tenant_invitation")]
pub async fn revoke_tenant_invitation(
    #[server(default)] tenant: String,
    #[server(default)] id: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let session = door.person()?;
    let taken = door
        .auth()
        .revoke_tenant_invitation(session, &tenant, &id, &door.client)
        .await;
    invitation_changed(&door, &tenant, taken, Notice::InvitationTakenBack)
}

fn invitation_changed(
    door: &Door,
    tenant: &str,
    outcome: Result<(), TenantError>,
    notice: Notice,
) -> Result<Outcome, UiError> {
    let page = paths::tenant_invitations(tenant, None, "", None);
    match outcome {
        Ok(()) => door.done(&page, Some(notice)),
        Err(error) => door.refused(&page, told(error), &[]),
    }
}

/// Lets this session act in a tenant; an empty one is none. `back` is the page it was asked for on.
#[server(name = ActInTenant, prefix = "/_sf", endpoint = "act_in_tenant")]
pub async fn act_in_tenant(
    #[server(default)] tenant: String,
    #[server(default)] back: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let session = door.person()?;
    let wanted = (!tenant.is_empty()).then_some(tenant.as_str());
    let page = own_page(&back);
    match door
        .auth()
        .act_in_tenant(session, wanted, &door.client)
        .await
    {
        Ok(()) => door.done(&page, Some(Notice::TenantSwitched)),
        Err(error) => door.refused(paths::OWN_TENANTS, told(error), &[]),
    }
}

/// A page of the account, which everybody has wherever they act; else the one about tenants.
fn own_page(back: &str) -> String {
    let back = SafeReturnTo::parse(back);
    let path = back.as_str().split('?').next().unwrap_or_default();
    let is_own = path == paths::ACCOUNT || path.starts_with("/account/");
    match is_own && !back.is_home() {
        true => path.to_owned(),
        false => paths::OWN_TENANTS.to_owned(),
    }
}

/// Leaves a tenant.
#[server(name = LeaveTenant, prefix = "/_sf", endpoint = "leave_tenant")]
pub async fn leave_tenant(#[server(default)] tenant: String) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let session = door.person()?;
    door.answered(
        paths::OWN_TENANTS,
        door.auth()
            .leave_tenant(session, &tenant, &door.client)
            .await,
        Notice::TenantLeft,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switching_leads_back_to_a_page_of_the_account_and_nowhere_else() {
        assert_eq!(own_page("/account/sessions?x=1"), "/account/sessions");
        for elsewhere in [
            "",
            "/admin/users",
            "//evil.example/account/",
            "https://evil.example",
            "/accountant",
        ] {
            assert_eq!(own_page(elsewhere), "/account/tenants", "{elsewhere}");
        }
    }
}
