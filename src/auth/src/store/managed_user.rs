//! Accounts, as those who look after people see them.

use sqlx::FromRow;
use wire::Paging;

use crate::clock::Timestamp;
use crate::store::invitation::containing;
use crate::store::{Result, Tx, beginning};

/// One account, as it is listed.
#[derive(Clone, FromRow)]
pub(crate) struct ManagedUserRow {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) email_verified_at: Option<Timestamp>,
    pub(crate) username: Option<String>,
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    pub(crate) role: String,
    pub(crate) tenant_id: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) last_login_at: Option<Timestamp>,
    pub(crate) disabled_at: Option<Timestamp>,
    pub(crate) deletes_at: Option<Timestamp>,
}

/// Which accounts.
#[derive(Clone, Copy)]
pub(crate) struct UserFilter<'a> {
    /// `active`, `disabled`, `leaving`; empty for all.
    pub(crate) status: &'a str,
    /// Part of an address, a username or a name; empty for all.
    pub(crate) part: &'a str,
}

/// The columns of [`ManagedUserRow`], once.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select id, email, email_verified_at, username, first_name, last_name, role, tenant_id, created_at, last_login_at, disabled_at, deletes_at from users ",
            $rest
        )
    };
}

impl Tx {
    /// One page, newest first, and a row more when there is another. Letters beyond ASCII are found
    /// in names as they were typed; `lower` means something else on each database.
    pub(crate) async fn list_managed_users(
        &mut self,
        filter: UserFilter<'_>,
        paging: &Paging,
    ) -> Result<Vec<ManagedUserRow>> {
        let (at, id) = beginning(paging);
        Ok(on!(self, c => sqlx::query_as(
            select!(r"where ($1 = '' or $1 = case
                        when disabled_at is not null then 'disabled'
                        when deletes_at is not null then 'leaving'
                        else 'active' end)
               and ($2 = '' or email like $2 escape '\' or username_key like $2 escape '\'
                    or lower(coalesce(first_name, '') || ' ' || coalesce(last_name, '')) like $2 escape '\'
                    or coalesce(first_name, '') || ' ' || coalesce(last_name, '') like $3 escape '\')
               and (created_at, id) < ($4, $5)
             order by created_at desc, id desc limit $6"))
            .bind(filter.status)
            .bind(containing(&filter.part.to_lowercase()))
            .bind(containing(filter.part))
            .bind(at)
            .bind(id)
            .bind(paging.rows())
            .fetch_all(c)
            .await)?)
    }

    /// One account.
    pub(crate) async fn managed_user_by_id(&mut self, id: &str) -> Result<Option<ManagedUserRow>> {
        Ok(on!(self, c => sqlx::query_as(
            select!("where id = $1"))
            .bind(id)
            .fetch_optional(c)
            .await)?)
    }

    /// What the log notes of the newest act of this name that was done to an account.
    pub(crate) async fn newest_detail_by_subject(
        &mut self,
        subject: &str,
        action: &str,
    ) -> Result<Option<String>> {
        Ok(on!(self, c => sqlx::query_scalar(
            "select detail from audit_log
             where subject_id = $1 and action = $2 and outcome = 'success'
             order by at desc, id desc limit 1")
            .bind(subject)
            .bind(action)
            .fetch_optional(c)
            .await)?)
    }
}
