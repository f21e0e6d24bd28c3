//! Accounts.

use sqlx::FromRow;

use crate::clock::Timestamp;
use crate::store::fault::is_unique_violation;
use crate::store::{Result, Tx};

/// One account, as stored.
#[derive(Clone, FromRow)]
pub(crate) struct UserRow {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) email_verified_at: Option<Timestamp>,
    pub(crate) username: Option<String>,
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    pub(crate) password_hash: Option<String>,
    pub(crate) role: String,
    pub(crate) tenant_id: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) disabled_at: Option<Timestamp>,
    pub(crate) disabled_until: Option<Timestamp>,
    pub(crate) deletes_at: Option<Timestamp>,
}

impl UserRow {
    /// Whether the account may sign in, by whatever way, and keep what it has open: neither disabled
    /// nor closed by its owner. Whoever lets somebody in asks this, and nothing else.
    pub(crate) fn may_sign_in(&self) -> bool {
        self.disabled_at.is_none() && self.deletes_at.is_none()
    }

    /// Whether it is an admin's whose rights are in force: while the address is not proven, none is.
    pub(crate) fn is_proven_admin(&self) -> bool {
        self.role == "admin" && self.email_verified_at.is_some()
    }
}

/// An account to be.
pub(crate) struct NewUser<'a> {
    pub(crate) id: &'a str,
    pub(crate) email: &'a str,
    pub(crate) email_verified_at: Option<Timestamp>,
    pub(crate) username: Option<&'a str>,
    pub(crate) first_name: Option<&'a str>,
    pub(crate) last_name: Option<&'a str>,
    pub(crate) password_hash: &'a str,
    pub(crate) role: &'a str,
    pub(crate) now: Timestamp,
}

/// What a person may change of their own account.
pub(crate) struct Profile<'a> {
    pub(crate) username: Option<&'a str>,
    pub(crate) first_name: Option<&'a str>,
    pub(crate) last_name: Option<&'a str>,
}

/// The columns of [`UserRow`], once.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select id, email, email_verified_at, username, first_name, last_name, password_hash, role, tenant_id, created_at, disabled_at, disabled_until, deletes_at from users ",
            $rest
        )
    };
}

impl Tx {
    pub(crate) async fn user_by_id(&mut self, id: &str) -> Result<Option<UserRow>> {
        Ok(on!(self, c => sqlx::query_as(
            select!("where id = $1"))
            .bind(id)
            .fetch_optional(c)
            .await)?)
    }

    pub(crate) async fn user_by_email(&mut self, email: &str) -> Result<Option<UserRow>> {
        Ok(on!(self, c => sqlx::query_as(
            select!("where email = $1"))
            .bind(email)
            .fetch_optional(c)
            .await)?)
    }

    pub(crate) async fn user_by_username(&mut self, key: &str) -> Result<Option<UserRow>> {
        Ok(on!(self, c => sqlx::query_as(
            select!("where username_key = $1"))
            .bind(key)
            .fetch_optional(c)
            .await)?)
    }

    /// Adds an account; `false` when its address or username is somebody's already.
    pub(crate) async fn add_user(&mut self, user: &NewUser<'_>) -> Result<bool> {
        let added: Option<String> = on!(self, c => sqlx::query_scalar(
            "insert into users (id, email, email_verified_at, username, username_key, first_name,
                                last_name, password_hash, password_changed_at, role, created_at, updated_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $9, $9)
             on conflict do nothing returning id")
            .bind(user.id)
            .bind(user.email)
            .bind(user.email_verified_at)
            .bind(user.username)
            .bind(user.username.map(str::to_ascii_lowercase))
            .bind(user.first_name)
            .bind(user.last_name)
            .bind(user.password_hash)
            .bind(user.now)
            .bind(user.role)
            .fetch_optional(c)
            .await)?;
        Ok(added.is_some())
    }

    /// Notes that somebody who reads its mail proved an address; `false` when it was proven before.
    /// A password chosen by whoever only typed the address goes with that.
    pub(crate) async fn set_email_proven_and_password_gone(
        &mut self,
        id: &str,
        now: Timestamp,
    ) -> Result<bool> {
        Ok(on!(self, c => sqlx::query(
            "update users set email_verified_at = $2, password_hash = null, updated_at = $2
             where id = $1 and email_verified_at is null")
            .bind(id)
            .bind(now)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?)
    }

    /// The address is its owner's, if that was not known before.
    pub(crate) async fn set_email_proven(&mut self, id: &str, now: Timestamp) -> Result<()> {
        on!(self, c => sqlx::query("update users set email_verified_at = $2 where id = $1 and email_verified_at is null")
            .bind(id)
            .bind(now)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Notes a completed sign-in.
    pub(crate) async fn set_last_login(&mut self, id: &str, now: Timestamp) -> Result<()> {
        on!(self, c => sqlx::query("update users set last_login_at = $2 where id = $1")
            .bind(id)
            .bind(now)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Replaces a hash by a stronger one of the same password: only if it is still the one that was
    /// verified, so that a password changed meanwhile stays changed.
    pub(crate) async fn set_rehashed(&mut self, id: &str, old: &str, new: &str) -> Result<()> {
        on!(self, c => sqlx::query("update users set password_hash = $3 where id = $1 and password_hash = $2")
            .bind(id)
            .bind(old)
            .bind(new)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Notes when a password was set. First in its transaction, because it locks the account's row.
    pub(crate) async fn set_password_changed(&mut self, id: &str, now: Timestamp) -> Result<()> {
        on!(self, c => sqlx::query("update users set password_changed_at = $2, updated_at = $2 where id = $1")
            .bind(id)
            .bind(now)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Gives an account another password.
    pub(crate) async fn set_password(&mut self, id: &str, hash: &str) -> Result<()> {
        on!(self, c => sqlx::query("update users set password_hash = $2 where id = $1")
            .bind(id)
            .bind(hash)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Lets an account act in a tenant, unless it acts in one already.
    pub(crate) async fn set_first_tenant(
        &mut self,
        id: &str,
        tenant_id: &str,
        now: Timestamp,
    ) -> Result<bool> {
        Ok(on!(self, c => sqlx::query(
            "update users set tenant_id = $2, updated_at = $3 where id = $1 and tenant_id is null")
            .bind(id)
            .bind(tenant_id)
            .bind(now)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?)
    }

    /// Where an account acts when it signs in next; `None`: in no tenant.
    pub(crate) async fn set_usual_tenant(
        &mut self,
        id: &str,
        tenant_id: Option<&str>,
        now: Timestamp,
    ) -> Result<()> {
        on!(self, c => sqlx::query("update users set tenant_id = $2, updated_at = $3 where id = $1")
            .bind(id)
            .bind(tenant_id)
            .bind(now)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Gives an account another role, if it still has the one it was judged by.
    pub(crate) async fn set_role(
        &mut self,
        id: &str,
        former: &str,
        role: &str,
        now: Timestamp,
    ) -> Result<bool> {
        Ok(on!(self, c => sqlx::query(
            "update users set role = $3, updated_at = $4 where id = $1 and role = $2")
            .bind(id)
            .bind(former)
            .bind(role)
            .bind(now)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?)
    }

    /// Disables an account until somebody enables it, or enables it with `None`. Ends nothing by itself.
    pub(crate) async fn set_disabled(&mut self, id: &str, at: Option<Timestamp>) -> Result<bool> {
        Ok(
            on!(self, c => sqlx::query("update users set disabled_at = $2, disabled_until = null where id = $1")
            .bind(id)
            .bind(at)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?,
        )
    }

    /// Takes hold of an account's row until the transaction ends; `false` when there is none. Whoever
    /// changes several rows of an account does this first, with empty hands.
    pub(crate) async fn set_user_held(&mut self, id: &str) -> Result<bool> {
        Ok(
            on!(self, c => sqlx::query("update users set updated_at = updated_at where id = $1")
            .bind(id)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?,
        )
    }

    /// Writes what a person changed of their account; `false` when the username is somebody's, and
    /// then there is nothing more to be done in this transaction.
    pub(crate) async fn set_profile(
        &mut self,
        id: &str,
        profile: &Profile<'_>,
        now: Timestamp,
    ) -> Result<bool> {
        let written = on!(self, c => sqlx::query(
            "update users set username = $2, username_key = $3, first_name = $4, last_name = $5, updated_at = $6
             where id = $1")
            .bind(id)
            .bind(profile.username)
            .bind(profile.username.map(str::to_ascii_lowercase))
            .bind(profile.first_name)
            .bind(profile.last_name)
            .bind(now)
            .execute(c)
            .await
            .map(|_| true));
        match written {
            Err(error) if is_unique_violation(&error) => Ok(false),
            written => Ok(written?),
        }
    }

    /// Gives an account another address, proven now; `false` when it is somebody's, and then there is
    /// nothing more to be done in this transaction.
    pub(crate) async fn set_user_email(
        &mut self,
        id: &str,
        email: &str,
        now: Timestamp,
    ) -> Result<bool> {
        let written = on!(self, c => sqlx::query(
            "update users set email = $2, email_verified_at = $3, updated_at = $3 where id = $1")
            .bind(id)
            .bind(email)
            .bind(now)
            .execute(c)
            .await
            .map(|_| true));
        match written {
            Err(error) if is_unique_violation(&error) => Ok(false),
            written => Ok(written?),
        }
    }

    /// Takes an account's password away: whoever knows it gets in with it no more.
    pub(crate) async fn delete_password(&mut self, id: &str, now: Timestamp) -> Result<()> {
        on!(self, c => sqlx::query(
            "update users set password_hash = null, password_changed_at = $2, updated_at = $2 where id = $1")
            .bind(id)
            .bind(now)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }
}
