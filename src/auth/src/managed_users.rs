//! The accounts of the portal, for those who look after people.

use wire::{
    Cursor, Email, ManagedUser, ManagedUsers, OneManagedUser, OpenSession, UserCursor, UserSort,
    UserStatus,
};

use crate::Auth;
use crate::clock::{Timestamp, rfc3339};
use crate::error::Fault;
use crate::manage_user::Hand;
use crate::secret::is_id;
use crate::session::Session;
use crate::store::{ManagedUserRow, UserFilter, UserPlace};
use crate::vouch::Vouching;

/// How many are shown unless said otherwise, and at most.
const USUAL: u32 = 50;
/// How many are counted: beyond, nobody waits for a number.
const COUNTED: i64 = 100_000;

/// Which accounts are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserQuery {
    /// Only those that stand like this.
    pub status: Option<UserStatus>,
    /// Only those whose address, username or name holds this; empty: all. As [`wire::searched`] read it.
    pub part: String,
    /// Only those with this role.
    pub role: Option<String>,
    /// Only members of this tenant.
    pub tenant_id: Option<String>,
    /// In which order.
    pub sort: UserSort,
    /// How many at most.
    pub limit: u32,
    /// After which; `None` is the first page. One of another order counts as none.
    pub after: Option<UserCursor>,
}

impl Default for UserQuery {
    fn default() -> Self {
        Self {
            status: None,
            part: String::new(),
            role: None,
            tenant_id: None,
            sort: UserSort::default(),
            limit: USUAL,
            after: None,
        }
    }
}

impl UserQuery {
    fn filter(&self, now: Timestamp) -> UserFilter<'_> {
        UserFilter {
            status: self.status.map_or("", UserStatus::as_str),
            part: &self.part,
            role: self.role.as_deref().unwrap_or_default(),
            tenant_id: self.tenant_id.as_deref().unwrap_or_default(),
            now,
        }
    }

    fn place(&self) -> UserPlace<'_> {
        let moment = match &self.after {
            Some(UserCursor::Moment(cursor)) => Some((cursor.at, cursor.id.as_str())),
            _ => None,
        };
        match self.sort {
            UserSort::Newest => UserPlace::Newest(moment),
            UserSort::Oldest => UserPlace::Oldest(moment),
            UserSort::LastLogin => UserPlace::LastLogin(moment),
            UserSort::Email => UserPlace::Email(match &self.after {
                Some(UserCursor::Email(email)) => Some(email),
                _ => None,
            }),
        }
    }

    fn cursor(&self, row: &ManagedUserRow) -> UserCursor {
        let at = match self.sort {
            UserSort::Email => return UserCursor::Email(row.email.clone()),
            UserSort::LastLogin => row.last_login_at.unwrap_or_default(),
            UserSort::Newest | UserSort::Oldest => row.created_at,
        };
        let id = row.id.clone();
        UserCursor::Moment(Cursor { at, id })
    }
}

impl Auth {
    /// A page of accounts. Whoever calls may manage people: that is the door's to know.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_users(&self, query: &UserQuery) -> Result<ManagedUsers, Fault> {
        // PostgreSQL holds no text with a NUL, so nobody is called that, and nothing has such an id.
        let texts = [
            Some(&query.part),
            query.role.as_ref(),
            query.tenant_id.as_ref(),
        ];
        if texts.into_iter().flatten().any(|text| text.contains('\0')) {
            return Ok(ManagedUsers::default());
        }
        let now = self.now();
        let mut tx = self.store().read().await?;
        let total = match query.part.is_empty() {
            true => {
                let counted = tx
                    .count_managed_users(query.filter(now), COUNTED + 1)
                    .await?;
                (counted <= COUNTED).then_some(counted)
            }
            false => None,
        };
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        // One more than is shown tells whether there is another page.
        let mut rows = tx
            .list_managed_users(query.filter(now), query.place(), i64::from(query.limit) + 1)
            .await?;
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let last = rows.last().filter(|_| has_more);
        Ok(ManagedUsers {
            next_cursor: last.map(|row| query.cursor(row).to_string()),
            users: rows.into_iter().map(|row| managed_user(row, now)).collect(),
            total,
        })
    }

    /// One account, and whether the caller may act on it; `None` when there is none of this id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn managed_user<'a>(
        &self,
        hand: impl Into<Hand<'a>>,
        id: &str,
    ) -> Result<Option<OneManagedUser>, Fault> {
        let hand = hand.into();
        if !is_id(id) {
            return Ok(None);
        }
        let mut tx = self.store().read().await?;
        let (Some(row), Some(target)) =
            (tx.managed_user_by_id(id).await?, tx.user_by_id(id).await?)
        else {
            return Ok(None);
        };
        let manageable = match hand {
            Hand::Operator => true,
            Hand::Person(session) => {
                Vouching::default()
                    .may_act_on(&mut tx, &session.user.id, &target)
                    .await?
            }
        };
        let disabled_reason = match row.disabled_at {
            // Why it was disabled the time before is no reason for this one.
            Some(since) => disabled_reason(
                tx.newest_detail_by_subject(id, "user.disabled", since)
                    .await?,
            ),
            None => None,
        };
        Ok(Some(OneManagedUser {
            user: managed_user(row, self.now()),
            disabled_reason,
            manageable,
        }))
    }

    /// The id of the account with an address; `None` when nobody has it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn user_id_by_email(&self, email: &Email) -> Result<Option<String>, Fault> {
        let user = self
            .store()
            .read()
            .await?
            .user_by_email(email.as_str())
            .await?;
        Ok(user.map(|user| user.id))
    }

    /// The names of all roles, for lists to be narrowed by.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn role_names(&self) -> Result<Vec<String>, Fault> {
        self.store().read().await?.list_roles().await
    }

    /// What a tenant is called; `None` when there is none of this id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn tenant_name(&self, id: &str) -> Result<Option<String>, Fault> {
        if !is_id(id) {
            return Ok(None);
        }
        let tenant = self.store().read().await?.tenant_by_id(id).await?;
        Ok(tenant.map(|tenant| tenant.name))
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

/// An account as it is shown. A lock that is over is none.
pub(crate) fn managed_user(row: ManagedUserRow, now: Timestamp) -> ManagedUser {
    let locked_until = row.locked_until.filter(|until| *until > now);
    let status = if row.deletes_at.is_some() {
        UserStatus::Leaving
    } else if row.disabled_until.is_some() {
        UserStatus::Suspended
    } else if row.disabled_at.is_some() {
        UserStatus::Disabled
    } else if locked_until.is_some() {
        UserStatus::Locked
    } else {
        UserStatus::Active
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
        disabled_until: row.disabled_until.map(rfc3339),
        locked_until: locked_until.map(rfc3339),
        deletes_at: row.deletes_at.map(rfc3339),
    }
}
