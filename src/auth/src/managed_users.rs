//! The accounts of the portal, for those who look after people.

use wire::{Cursor, ManagedUser, OneManagedUser, OpenSession, Page, Paging, UserStatus};

use crate::Auth;
use crate::clock::rfc3339;
use crate::error::Fault;
use crate::secret::is_id;
use crate::session::Session;
use crate::store::{ManagedUserRow, UserFilter};
use crate::vouch::Vouching;

/// The longest part of an address or a name that can be found: an address has no more characters.
const LONGEST_PART: usize = 254;

/// Which accounts are asked for.
#[derive(Clone, Debug, Default)]
pub struct UserQuery {
    /// Only those that stand like this.
    pub status: Option<UserStatus>,
    /// Only those whose address, username or name holds this; empty: all.
    pub part: String,
    /// Which page.
    pub paging: Paging,
}

impl Auth {
    /// Accounts, newest first. Whoever calls may manage people: that is the door's to know.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_users(&self, query: &UserQuery) -> Result<Page<ManagedUser>, Fault> {
        let part = query.part.trim();
        // PostgreSQL holds no text with a NUL, so nobody is called that.
        if part.chars().count() > LONGEST_PART || part.contains('\0') {
            let (items, next) = (Vec::new(), None);
            return Ok(Page { items, next });
        }
        let filter = UserFilter {
            status: query.status.map_or("", UserStatus::as_str),
            part,
        };
        let mut tx = self.store().read().await?;
        let rows = tx.list_managed_users(filter, &query.paging).await?;
        let page = Page::of(rows, &query.paging, |row| Cursor {
            at: row.created_at,
            id: row.id.clone(),
        });
        Ok(page.map(managed_user))
    }

    /// One account, and whether the caller may act on it; `None` when there is none of this id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn managed_user(
        &self,
        session: &Session,
        id: &str,
    ) -> Result<Option<OneManagedUser>, Fault> {
        if !is_id(id) {
            return Ok(None);
        }
        let mut tx = self.store().read().await?;
        let (Some(row), Some(target)) =
            (tx.managed_user_by_id(id).await?, tx.user_by_id(id).await?)
        else {
            return Ok(None);
        };
        let manageable = Vouching::default()
            .may_act_on(&mut tx, &session.user.id, &target)
            .await?;
        let disabled_reason = match row.disabled_at {
            Some(_) => disabled_reason(tx.newest_detail_by_subject(id, "user.disabled").await?),
            None => None,
        };
        Ok(Some(OneManagedUser {
            user: managed_user(row),
            disabled_reason,
            manageable,
        }))
    }

    /// The live sessions of somebody, the one that was used last first; `None` when there is no such
    /// account. The caller's own is marked, where it is among them.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_sessions_of(
        &self,
        session: &Session,
        id: &str,
    ) -> Result<Option<Vec<OpenSession>>, Fault> {
        if !is_id(id) {
            return Ok(None);
        }
        let mut tx = self.store().read().await?;
        if tx.user_by_id(id).await?.is_none() {
            return Ok(None);
        }
        let sessions = self.sessions_in(&mut tx, id, Some(&session.id)).await?;
        Ok(Some(sessions))
    }
}

/// What whoever disabled the account said.
fn disabled_reason(detail: Option<String>) -> Option<String> {
    let detail: serde_json::Value = serde_json::from_str(&detail?).ok()?;
    Some(detail["reason"].as_str()?.to_owned())
}

fn managed_user(row: ManagedUserRow) -> ManagedUser {
    let status = match (row.disabled_at, row.deletes_at) {
        (Some(_), _) => UserStatus::Disabled,
        (None, Some(_)) => UserStatus::Leaving,
        (None, None) => UserStatus::Active,
    };
    ManagedUser {
        id: row.id,
        email: row.email,
        email_verified: row.email_verified_at.is_some(),
        username: row.username,
        first_name: row.first_name,
        last_name: row.last_name,
        role: row.role,
        tenant_id: row.tenant_id,
        status,
        created_at: rfc3339(row.created_at),
        last_login_at: row.last_login_at.map(rfc3339),
        disabled_at: row.disabled_at.map(rfc3339),
    }
}
