//! Entrusting things to people: what a right "for assigned resources alone" is about (req 87).
//!
//! An assignment gives no right, it opens one that is bound to it. So whoever entrusts something holds
//! all that the other one was given there, bound rights included: nobody opens for others what is shut
//! to themselves. In no tenant that takes `user:manage`; in a tenant, `tenant:manage` there will do.
//! Nothing of it is in tokens; decisions are asked for, and those kept drop at once.

use serde_json::json;
use wire::{Assignment, Cursor, ErrorCode, FieldCode, Page, Paging, Resource};

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::clock::rfc3339;
use crate::error::Fault;
use crate::rights::{Acting, Rights};
use crate::secret::is_id;
use crate::session::Session;
use crate::store::{AssignmentFilter, AssignmentRow, NewAssignment, Tx};
use crate::tenant::ONE_TENANT;
use crate::vouch::MANAGE_PEOPLE;

/// Why nothing was entrusted to anybody, or taken back.
#[derive(Debug, thiserror::Error)]
pub enum AssignError {
    /// There is no such assignment, or none the caller may know of.
    #[error("no such assignment")]
    Unknown,
    /// A field names an account or tenant there is none of, or the account is no member.
    #[error("no such account or member in {0}")]
    NoSuch(&'static str),
    /// The one who acts may not, or lacks a right the other one has there.
    #[error("the actor may not entrust anything to this account")]
    Outranked,
    /// It is entrusted to them already.
    #[error("it is so already")]
    Already,
    /// The session that asked has ended.
    #[error("the session has ended")]
    SignedOut,
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<AssignError> for wire::Error {
    fn from(error: AssignError) -> Self {
        match error {
            AssignError::Unknown => ErrorCode::NotFound.into(),
            AssignError::NoSuch(field) => Self::field(field, FieldCode::Invalid),
            AssignError::Outranked => ErrorCode::InsufficientPermissions.into(),
            AssignError::Already => Self::conflict("resourceId"),
            AssignError::SignedOut => ErrorCode::AuthenticationRequired.into(),
            AssignError::Fault(fault) => fault.into(),
        }
    }
}

/// Which assignments are asked for; empty is all the caller may see.
#[derive(Clone, Debug, Default)]
pub struct AssignmentQuery {
    /// Of this account.
    pub user_id: String,
    /// In this tenant.
    pub tenant_id: String,
    /// Of this kind of thing.
    pub resource_type: String,
    /// Of this one.
    pub resource_id: String,
    /// Which page.
    pub paging: Paging,
}

impl Auth {
    /// Assignments, newest first: all of them for those who look after people, those of the tenant they
    /// act in for its admins.
    ///
    /// # Errors
    /// [`AssignError::Outranked`] for everybody else.
    pub async fn list_assignments(
        &self,
        session: &Session,
        query: &AssignmentQuery,
    ) -> Result<Page<Assignment>, AssignError> {
        let empty = Page {
            items: Vec::new(),
            next: None,
        };
        let Some(scope) = scope(session) else {
            return Err(AssignError::Outranked);
        };
        let asked = [
            &query.user_id,
            &query.tenant_id,
            &query.resource_type,
            &query.resource_id,
        ];
        let is_foreign = scope.is_some_and(|own| ![own, ""].contains(&query.tenant_id.as_str()));
        // PostgreSQL holds no text with a NUL, so nothing is called that.
        if is_foreign || asked.iter().any(|text| text.contains('\0')) {
            return Ok(empty);
        }
        let filter = AssignmentFilter {
            user_id: &query.user_id,
            tenant_id: scope.unwrap_or(&query.tenant_id),
            resource_type: &query.resource_type,
            resource_id: &query.resource_id,
        };
        let mut tx = self.store().read().await?;
        let rows = tx.list_assignments(filter, &query.paging).await?;
        let page = Page::of(rows, &query.paging, |row| Cursor {
            at: row.assigned_at,
            id: row.id.clone(),
        });
        Ok(page.map(view))
    }

    /// Entrusts a thing to somebody, in a tenant or in none.
    ///
    /// # Errors
    /// [`AssignError`]; nothing has changed then.
    pub async fn assign(
        &self,
        session: &Session,
        user_id: &str,
        tenant_id: Option<&str>,
        resource: &Resource,
        client: &Client,
    ) -> Result<Assignment, AssignError> {
        let mut tx = self.store().write().await?;
        self.must_reach(&mut tx, session, user_id, tenant_id)
            .await?;
        let new = NewAssignment {
            id: &self.draw_id(),
            user_id,
            tenant_id,
            resource_type: &resource.kind,
            resource_id: &resource.id,
            now: self.now(),
            by: Some(&session.user.id),
        };
        if !tx.add_assignment(&new).await? {
            return Err(AssignError::Already);
        }
        let row = tx.assignment_by_id(new.id).await?;
        let row = row.ok_or(Fault::Inconsistent("an assignment just added is missing"))?;
        let entry = Entry::done("assignment.added", client).actor(&session.user.id);
        self.audit(&mut tx, entry.subject(user_id).detail(detail(&row)))
            .await?;
        self.publish_profile(tx, user_id).await?;
        Ok(view(row))
    }

    /// Takes it back.
    ///
    /// # Errors
    /// [`AssignError`]; nothing has changed then. What somebody may not know of is [`AssignError::Unknown`].
    pub async fn unassign(
        &self,
        session: &Session,
        id: &str,
        client: &Client,
    ) -> Result<(), AssignError> {
        if !is_id(id) {
            return Err(AssignError::Unknown);
        }
        let scope = scope(session).ok_or(AssignError::Outranked)?;
        let mut tx = self.store().write().await?;
        let row = tx.assignment_by_id(id).await?.ok_or(AssignError::Unknown)?;
        if scope.is_some() && row.tenant_id.as_deref() != scope {
            return Err(AssignError::Unknown);
        }
        self.must_reach(&mut tx, session, &row.user_id, row.tenant_id.as_deref())
            .await?;
        tx.delete_assignment(id).await?;
        let entry = Entry::done("assignment.removed", client).actor(&session.user.id);
        self.audit(&mut tx, entry.subject(&row.user_id).detail(detail(&row)))
            .await?;
        Ok(self.publish_profile(tx, &row.user_id).await?)
    }

    /// Refuses unless the caller may entrust something to this account there, by their rights of this
    /// moment.
    async fn must_reach(
        &self,
        tx: &mut Tx,
        session: &Session,
        user_id: &str,
        tenant_id: Option<&str>,
    ) -> Result<(), AssignError> {
        if tx.session_by_id(&session.id, self.now()).await?.is_none() {
            return Err(AssignError::SignedOut);
        }
        let actor = tx.user_by_id(&session.user.id).await?;
        let actor = actor.ok_or(AssignError::SignedOut)?;
        let held = Rights::in_force(tx, &actor, Acting::of(tenant_id)).await?;
        if !held.hold(MANAGE_PEOPLE) && !held.hold_as_member(ONE_TENANT) {
            return Err(AssignError::Outranked);
        }
        let user = match is_id(user_id) {
            true => tx.user_by_id(user_id).await?,
            false => None,
        };
        let user = user.ok_or(AssignError::NoSuch("userId"))?;
        if let Some(tenant) = tenant_id {
            // A membership that is suspended keeps what it had, and may be given more.
            let is_member =
                is_id(tenant) && tx.membership_by_tenant(user_id, tenant).await?.is_some();
            // To an admin of the tenant, somebody who is no member is nobody.
            if !is_member {
                return Err(AssignError::NoSuch("userId"));
            }
        }
        let theirs = Rights::given_to(tx, &user, Acting::of(tenant_id)).await?;
        match theirs.are_beneath(&held) {
            true => Ok(()),
            false => Err(AssignError::Outranked),
        }
    }
}

/// What the caller may see and change: everything (`None` inside), one tenant, or nothing.
fn scope(session: &Session) -> Option<Option<&str>> {
    let holds = |right: &str| session.user.permissions.iter().any(|held| held == right);
    match session.tenant_id.as_deref() {
        _ if holds(MANAGE_PEOPLE) => Some(None),
        Some(tenant) if holds(ONE_TENANT) => Some(Some(tenant)),
        _ => None,
    }
}

fn detail(row: &AssignmentRow) -> serde_json::Value {
    json!({
        "resourceType": row.resource_type,
        "resourceId": row.resource_id,
        "tenant": row.tenant_id,
    })
}

fn view(row: AssignmentRow) -> Assignment {
    Assignment {
        id: row.id,
        user_id: row.user_id,
        email: row.email,
        tenant_id: row.tenant_id,
        resource_type: row.resource_type,
        resource_id: row.resource_id,
        assigned_at: rfc3339(row.assigned_at),
    }
}
