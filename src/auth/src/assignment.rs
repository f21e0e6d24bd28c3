//! Entrusting things to people: what a right "for assigned resources alone" is about (req 87).
//!
//! An assignment gives no right, it opens one that is bound to it. So whoever entrusts something holds
//! all that the other one was given there, and each bound right of theirs without that condition, or bound
//! and opened by the same: nobody opens for others what is shut to themselves, nor anything for themselves.
//! In no tenant that takes `user:manage`; in a tenant, `tenant:manage` there will do.
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
use crate::store::{AssignmentFilter, AssignmentRow, NewAssignment, Tx, UserRow};
use crate::tenant::ONE_TENANT;
use crate::vouch::MANAGE_PEOPLE;

/// Why nothing was entrusted to anybody, or taken back.
#[derive(Debug, thiserror::Error)]
pub enum AssignError {
    /// There is no such assignment, or none the caller may know of.
    #[error("no such assignment")]
    Unknown,
    /// There is one, of a tenant the one who acts does not look after: told as [`Self::Unknown`] is.
    #[error("the assignment is of another tenant")]
    Foreign,
    /// A field names an account or tenant there is none of, or the account is no member.
    #[error("no such account or member in {0}")]
    NoSuch(&'static str),
    /// The one who acts may not, or lacks a right the other one has there.
    #[error("the actor may not entrust anything to this account")]
    Outranked,
    /// Nobody entrusts anything to themselves.
    #[error("this is the actor's own account")]
    Oneself,
    /// It is entrusted to them already.
    #[error("it is so already")]
    Already,
    /// As much is entrusted to them as there may be.
    #[error("as much is entrusted to the account as there may be")]
    TooMany,
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
            AssignError::Unknown | AssignError::Foreign => ErrorCode::NotFound.into(),
            AssignError::NoSuch(field) => Self::field(field, FieldCode::Invalid),
            AssignError::Outranked => ErrorCode::InsufficientPermissions.into(),
            AssignError::Oneself => Self::conflict("id"),
            AssignError::Already => Self::conflict("resourceId"),
            AssignError::TooMany => Self::conflict("assignments"),
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
        let mut tx = self.store().read().await?;
        let scope = self.assignment_scope(&mut tx, session).await?;
        let scope = scope.as_deref();
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
        let done = self.try_assign(session, user_id, tenant_id, resource, client);
        let refused = |reason| {
            let detail = json!({
                "resourceType": resource.kind, "resourceId": resource.id, "tenant": tenant_id,
            });
            let entry = Entry::refused("assignment.add", client, reason).detail(detail);
            entry.subject(user_id)
        };
        self.noting(session, done.await, refused).await
    }

    async fn try_assign(
        &self,
        session: &Session,
        user_id: &str,
        tenant_id: Option<&str>,
        resource: &Resource,
        client: &Client,
    ) -> Result<Assignment, AssignError> {
        let mut tx = self.store().write().await?;
        self.must_reach(&mut tx, session, (user_id, tenant_id), resource)
            .await?;
        // Whoever entrusts more to the same account waits, so that all of it is counted.
        tx.set_user_held(user_id).await?;
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
        if tx.count_assignments(user_id).await? > self.settings().caps.assignments {
            return Err(AssignError::TooMany);
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
    /// [`AssignError`]; nothing has changed then.
    pub async fn unassign(
        &self,
        session: &Session,
        id: &str,
        client: &Client,
    ) -> Result<(), AssignError> {
        let done = self.try_unassign(session, id, client).await;
        let refused = |reason| {
            let entry = Entry::refused("assignment.remove", client, reason);
            entry.detail(json!({ "assignment": id }))
        };
        self.noting(session, done, refused).await
    }

    async fn try_unassign(
        &self,
        session: &Session,
        id: &str,
        client: &Client,
    ) -> Result<(), AssignError> {
        if !is_id(id) {
            return Err(AssignError::Unknown);
        }
        let mut tx = self.store().write().await?;
        let scope = self.assignment_scope(&mut tx, session).await?;
        let row = tx.assignment_by_id(id).await?.ok_or(AssignError::Unknown)?;
        if scope.is_some() && row.tenant_id != scope {
            return Err(AssignError::Foreign);
        }
        let resource = Resource {
            kind: row.resource_type.clone(),
            id: row.resource_id.clone(),
        };
        let place = (row.user_id.as_str(), row.tenant_id.as_deref());
        self.must_reach(&mut tx, session, place, &resource).await?;
        tx.delete_assignment(id).await?;
        let entry = Entry::done("assignment.removed", client).actor(&session.user.id);
        self.audit(&mut tx, entry.subject(&row.user_id).detail(detail(&row)))
            .await?;
        Ok(self.publish_profile(tx, &row.user_id).await?)
    }

    /// Refuses unless the caller may entrust this to an account there, by their rights of this moment:
    /// what it opens for the other one is open to themselves.
    async fn must_reach(
        &self,
        tx: &mut Tx,
        session: &Session,
        (user_id, tenant_id): (&str, Option<&str>),
        resource: &Resource,
    ) -> Result<(), AssignError> {
        // What is no id is nobody, and no question for the database.
        if !is_id(user_id) || !tenant_id.is_none_or(is_id) {
            return Err(AssignError::NoSuch("userId"));
        }
        let (actor, held) = self.actor(tx, session, tenant_id).await?;
        if !held.hold(MANAGE_PEOPLE) && !held.hold_as_member(ONE_TENANT) {
            return Err(AssignError::Outranked);
        }
        if actor.id == user_id {
            return Err(AssignError::Oneself);
        }
        let user = tx.user_by_id(user_id).await?;
        let user = user.ok_or(AssignError::NoSuch("userId"))?;
        if let Some(tenant) = tenant_id
            && tx.membership_by_tenant(user_id, tenant).await?.is_none()
        {
            // To an admin of the tenant, somebody who is no member is nobody.
            return Err(AssignError::NoSuch("userId"));
        }
        let theirs = Rights::given_to(tx, &user, Acting::of(tenant_id)).await?;
        let (kind, id) = (resource.kind.as_str(), resource.id.as_str());
        let is_entrusted = tx.is_assigned(&actor.id, tenant_id, kind, id).await?;
        let is_open = |pattern| held.cover(pattern) || is_entrusted && held.bind(pattern);
        let mut bound = theirs.given().iter().filter(|given| given.only_assigned);
        let opens_more = bound.any(|given| !is_open(&given.pattern));
        match theirs.are_beneath(&held) && !opens_more {
            true => Ok(()),
            false => Err(AssignError::Outranked),
        }
    }

    /// Who acts, and what they hold where it is about.
    async fn actor(
        &self,
        tx: &mut Tx,
        session: &Session,
        tenant_id: Option<&str>,
    ) -> Result<(UserRow, Rights), AssignError> {
        if tx.session_by_id(&session.id, self.now()).await?.is_none() {
            return Err(AssignError::SignedOut);
        }
        let actor = tx.user_by_id(&session.user.id).await?;
        let actor = actor.ok_or(AssignError::SignedOut)?;
        let held = Rights::in_force(tx, &actor, Acting::of(tenant_id)).await?;
        Ok((actor, held))
    }

    /// What the caller may see: everything (`None`), or what is of the tenant they act in and look after.
    async fn assignment_scope(
        &self,
        tx: &mut Tx,
        session: &Session,
    ) -> Result<Option<String>, AssignError> {
        let tenant = session.tenant_id.as_deref();
        let (_, held) = self.actor(tx, session, tenant).await?;
        match tenant {
            _ if held.hold(MANAGE_PEOPLE) => Ok(None),
            Some(tenant) if held.hold_as_member(ONE_TENANT) => Ok(Some(tenant.to_owned())),
            _ => Err(AssignError::Outranked),
        }
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
