//! Accounts that came from another system, and all accounts in order for those that go to one.

use sqlx::FromRow;

use crate::clock::Timestamp;
use crate::store::{Result, Tx};

/// Where an account came from.
#[derive(Clone, FromRow)]
pub(crate) struct ImportedRow {
    /// `None`: it was deleted here.
    pub(crate) user_id: Option<String>,
    pub(crate) profile_mac: Vec<u8>,
    pub(crate) hash_mac: Vec<u8>,
    pub(crate) kept_mac: Vec<u8>,
}

/// What tells one state of an imported row from another.
#[derive(Clone, Copy)]
pub(crate) struct ImportMacs<'a> {
    pub(crate) profile: &'a [u8],
    pub(crate) hash: &'a [u8],
    pub(crate) kept: &'a [u8],
}

/// An imported account to be.
pub(crate) struct NewImportedUser<'a> {
    pub(crate) id: &'a str,
    pub(crate) email: &'a str,
    pub(crate) email_verified_at: Option<Timestamp>,
    pub(crate) username: Option<&'a str>,
    pub(crate) first_name: Option<&'a str>,
    pub(crate) last_name: Option<&'a str>,
    pub(crate) password_hash: Option<&'a str>,
    pub(crate) role: &'a str,
    pub(crate) created_at: Timestamp,
    pub(crate) disabled_at: Option<Timestamp>,
    pub(crate) now: Timestamp,
}

/// Names of an account as another system has them; what is `None` stays as it is.
pub(crate) struct ImportedProfile<'a> {
    pub(crate) username: Option<&'a str>,
    pub(crate) first_name: Option<&'a str>,
    pub(crate) last_name: Option<&'a str>,
}

/// One account on its way out.
#[derive(Clone, FromRow)]
pub(crate) struct ExportedRow {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) email_verified_at: Option<Timestamp>,
    pub(crate) username: Option<String>,
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    pub(crate) password_hash: Option<String>,
    pub(crate) role: String,
    pub(crate) created_at: Timestamp,
    pub(crate) disabled_at: Option<Timestamp>,
}

impl Tx {
    pub(crate) async fn imported_by_external_id(
        &mut self,
        source: &str,
        external_id: &str,
    ) -> Result<Option<ImportedRow>> {
        Ok(on!(self, c => sqlx::query_as(
            "select user_id, profile_mac, hash_mac, kept_mac from imported_accounts
             where source = $1 and external_id = $2")
            .bind(source)
            .bind(external_id)
            .fetch_optional(c)
            .await)?)
    }

    /// Notes where an account came from; `false` when its source's id is noted already.
    pub(crate) async fn add_imported(
        &mut self,
        source: &str,
        external_id: &str,
        user_id: &str,
        macs: ImportMacs<'_>,
        now: Timestamp,
    ) -> Result<bool> {
        let added: Option<String> = on!(self, c => sqlx::query_scalar(
            "insert into imported_accounts (source, external_id, user_id, profile_mac, hash_mac, kept_mac,
                                            imported_at, updated_at)
             values ($1, $2, $3, $4, $5, $6, $7, $7)
             on conflict do nothing returning source")
            .bind(source)
            .bind(external_id)
            .bind(user_id)
            .bind(macs.profile)
            .bind(macs.hash)
            .bind(macs.kept)
            .bind(now)
            .fetch_optional(c)
            .await)?;
        Ok(added.is_some())
    }

    /// Notes in which state a row was seen last.
    pub(crate) async fn set_imported(
        &mut self,
        source: &str,
        external_id: &str,
        macs: ImportMacs<'_>,
        now: Timestamp,
    ) -> Result<()> {
        on!(self, c => sqlx::query(
            "update imported_accounts set profile_mac = $3, hash_mac = $4, kept_mac = $5, updated_at = $6
             where source = $1 and external_id = $2")
            .bind(source)
            .bind(external_id)
            .bind(macs.profile)
            .bind(macs.hash)
            .bind(macs.kept)
            .bind(now)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Adds an account; `false` when its id, address or username is somebody's already.
    pub(crate) async fn add_imported_user(&mut self, user: &NewImportedUser<'_>) -> Result<bool> {
        let added: Option<String> = on!(self, c => sqlx::query_scalar(
            "insert into users (id, email, email_verified_at, username, username_key, first_name,
                                last_name, password_hash, password_changed_at, role, created_at, updated_at,
                                disabled_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $9, $12)
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
            .bind(user.created_at)
            .bind(user.disabled_at)
            .fetch_optional(c)
            .await)?;
        Ok(added.is_some())
    }

    /// Brings an account's names up to date.
    pub(crate) async fn set_imported_profile(
        &mut self,
        id: &str,
        profile: &ImportedProfile<'_>,
        now: Timestamp,
    ) -> Result<()> {
        on!(self, c => sqlx::query(
            "update users set username = coalesce($2, username), username_key = coalesce($3, username_key),
                              first_name = coalesce($4, first_name), last_name = coalesce($5, last_name),
                              updated_at = $6
             where id = $1")
            .bind(id)
            .bind(profile.username)
            .bind(profile.username.map(str::to_ascii_lowercase))
            .bind(profile.first_name)
            .bind(profile.last_name)
            .bind(now)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Whether there is a role of that name.
    pub(crate) async fn count_roles_by_name(&mut self, name: &str) -> Result<i64> {
        Ok(
            on!(self, c => sqlx::query_scalar("select count(*) from roles where name = $1")
            .bind(name)
            .fetch_one(c)
            .await)?,
        )
    }

    /// The next accounts in the order of their ids. Who is leaving is not taken along.
    pub(crate) async fn list_exported_users(
        &mut self,
        after: &str,
        limit: i64,
    ) -> Result<Vec<ExportedRow>> {
        Ok(on!(self, c => sqlx::query_as(
            "select id, email, email_verified_at, username, first_name, last_name, password_hash, role,
                    created_at, disabled_at
             from users where id > $1 and deletes_at is null order by id limit $2")
            .bind(after)
            .bind(limit)
            .fetch_all(c)
            .await)?)
    }
}
