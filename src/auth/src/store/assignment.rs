//! What is entrusted to whom.

use sqlx::FromRow;
use wire::Paging;

use crate::clock::Timestamp;
use crate::store::{Result, Tx, beginning};

/// Something that is entrusted to somebody, as it is listed.
#[derive(Clone, FromRow)]
pub(crate) struct AssignmentRow {
    pub(crate) id: String,
    pub(crate) user_id: String,
    pub(crate) email: String,
    pub(crate) tenant_id: Option<String>,
    pub(crate) resource_type: String,
    pub(crate) resource_id: String,
    pub(crate) assigned_at: Timestamp,
}

/// Something to be entrusted.
pub(crate) struct NewAssignment<'a> {
    pub(crate) id: &'a str,
    pub(crate) user_id: &'a str,
    pub(crate) tenant_id: Option<&'a str>,
    pub(crate) resource_type: &'a str,
    pub(crate) resource_id: &'a str,
    pub(crate) now: Timestamp,
    pub(crate) by: Option<&'a str>,
}

/// Which of them; empty is all.
#[derive(Clone, Copy, Default)]
pub(crate) struct AssignmentFilter<'a> {
    pub(crate) user_id: &'a str,
    pub(crate) tenant_id: &'a str,
    pub(crate) resource_type: &'a str,
    pub(crate) resource_id: &'a str,
}

/// The columns of [`AssignmentRow`], once.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select a.id, a.user_id, u.email, a.tenant_id, a.resource_type, a.resource_id, a.assigned_at
             from assignments a join users u on u.id = a.user_id ",
            $rest
        )
    };
}

impl Tx {
    /// One page, newest first, and a row more when there is another.
    pub(crate) async fn list_assignments(
        &mut self,
        filter: AssignmentFilter<'_>,
        paging: &Paging,
    ) -> Result<Vec<AssignmentRow>> {
        let (at, id) = beginning(paging);
        Ok(on!(self, c => sqlx::query_as(
            select!("where ($1 = '' or a.user_id = $1) and ($2 = '' or a.tenant_id = $2)
               and ($3 = '' or a.resource_type = $3) and ($4 = '' or a.resource_id = $4)
               and (a.assigned_at, a.id) < ($5, $6)
             order by a.assigned_at desc, a.id desc limit $7"))
            .bind(filter.user_id)
            .bind(filter.tenant_id)
            .bind(filter.resource_type)
            .bind(filter.resource_id)
            .bind(at)
            .bind(id)
            .bind(paging.rows())
            .fetch_all(c)
            .await)?)
    }

    pub(crate) async fn assignment_by_id(&mut self, id: &str) -> Result<Option<AssignmentRow>> {
        Ok(on!(self, c => sqlx::query_as(select!("where a.id = $1"))
            .bind(id)
            .fetch_optional(c)
            .await)?)
    }

    /// Whether a thing is entrusted to somebody, acting in this tenant or, with none, in none.
    pub(crate) async fn is_assigned(
        &mut self,
        user_id: &str,
        tenant_id: Option<&str>,
        resource_type: &str,
        resource_id: &str,
    ) -> Result<bool> {
        let found: Option<String> = on!(self, c => sqlx::query_scalar(
            "select id from assignments
             where user_id = $1 and coalesce(tenant_id, '') = $2 and resource_type = $3 and resource_id = $4")
            .bind(user_id)
            .bind(tenant_id.unwrap_or_default())
            .bind(resource_type)
            .bind(resource_id)
            .fetch_optional(c)
            .await)?;
        Ok(found.is_some())
    }

    /// Entrusts a thing to somebody; `false` when it is already.
    pub(crate) async fn add_assignment(&mut self, new: &NewAssignment<'_>) -> Result<bool> {
        Ok(on!(self, c => sqlx::query(
            "insert into assignments (id, user_id, tenant_id, resource_type, resource_id, assigned_at, assigned_by)
             values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing")
            .bind(new.id)
            .bind(new.user_id)
            .bind(new.tenant_id)
            .bind(new.resource_type)
            .bind(new.resource_id)
            .bind(new.now)
            .bind(new.by)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?)
    }

    /// How much is entrusted to an account, wherever.
    pub(crate) async fn count_assignments(&mut self, user_id: &str) -> Result<i64> {
        Ok(
            on!(self, c => sqlx::query_scalar("select count(*) from assignments where user_id = $1")
            .bind(user_id)
            .fetch_one(c)
            .await)?,
        )
    }

    /// Takes it back; `false` when there was none of this id.
    pub(crate) async fn delete_assignment(&mut self, id: &str) -> Result<bool> {
        Ok(
            on!(self, c => sqlx::query("delete from assignments where id = $1")
            .bind(id)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?,
        )
    }

    /// All that is entrusted to an account, oldest first: for its owner.
    pub(crate) async fn list_own_assignments(
        &mut self,
        user_id: &str,
    ) -> Result<Vec<AssignmentRow>> {
        Ok(on!(self, c => sqlx::query_as(
            select!("where a.user_id = $1 order by a.assigned_at, a.id"))
            .bind(user_id)
            .fetch_all(c)
            .await)?)
    }
}
