//! Accounts, as those who look after people see them.

use sqlx::FromRow;

use crate::clock::Timestamp;
use crate::store::invitation::containing;
use crate::store::managed_user_text::{
    BY_ID, COUNT_OF_TENANT, LOOKED_AT, UserLead, UserOrder, count_text, list_text,
};
use crate::store::{Result, Tx};

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
    pub(crate) disabled_until: Option<Timestamp>,
    pub(crate) deletes_at: Option<Timestamp>,
    /// Until when its lane is locked; the moment may be over.
    pub(crate) locked_until: Option<Timestamp>,
}

/// Which accounts. What is empty does not narrow.
#[derive(Clone, Copy)]
pub(crate) struct UserFilter<'a> {
    /// `active`, `locked`, `suspended`, `disabled`, `leaving`.
    pub(crate) status: &'a str,
    /// Part of an address, a username or a name.
    pub(crate) part: &'a str,
    /// A role's name.
    pub(crate) role: &'a str,
    /// A tenant they are a member of.
    pub(crate) tenant_id: &'a str,
    /// Locks are judged by this moment.
    pub(crate) now: Timestamp,
}

impl UserFilter<'_> {
    /// The part as it was typed, where a lower-case comparison could miss it.
    fn as_typed(&self) -> &str {
        match self.part.is_ascii() {
            true => "",
            false => self.part,
        }
    }

    /// What leads to them, whatever is searched for.
    fn lead(&self) -> UserLead {
        match (self.status, self.tenant_id, self.role) {
            ("" | "active", "", "") => UserLead::All,
            ("" | "active", "", _) => UserLead::Role,
            ("" | "active", _, _) => UserLead::Tenant,
            _ => UserLead::Standing,
        }
    }
}

/// Where a page begins, in its order: after this entry, or at the beginning.
#[derive(Clone, Copy)]
pub(crate) enum UserPlace<'a> {
    /// Before this moment and id, the newest first.
    Newest(Option<(Timestamp, &'a str)>),
    /// After them, the oldest first.
    Oldest(Option<(Timestamp, &'a str)>),
    /// After this address.
    Email(Option<&'a str>),
    /// Before this last sign-in and id.
    LastLogin(Option<(Timestamp, &'a str)>),
}

/// Binds what narrows a list.
macro_rules! bound {
    ($query:expr, $filter:expr) => {
        $query
            .bind($filter.status)
            .bind(containing(&$filter.part.to_lowercase()))
            .bind(containing($filter.as_typed()))
            .bind($filter.role)
            .bind($filter.tenant_id)
            .bind($filter.now)
    };
}

impl Tx {
    /// At most `limit` accounts from a place on.
    ///
    /// A search walks its order a little, for it often fits many; where that does not fill the page, it may
    /// fit nobody, and every account is read as it lies, which is several times faster than in order.
    pub(crate) async fn list_managed_users(
        &mut self,
        filter: UserFilter<'_>,
        place: UserPlace<'_>,
        limit: i64,
    ) -> Result<Vec<ManagedUserRow>> {
        let lead = filter.lead();
        let walks = matches!(lead, UserLead::All | UserLead::Role);
        if filter.part.is_empty() || !walks || self.leads_to_few(lead, filter).await? {
            return self.list_led(lead, filter, place, limit).await;
        }
        let next = self.list_led(UserLead::Next, filter, place, limit).await?;
        if i64::try_from(next.len()).is_ok_and(|found| found >= limit) {
            return Ok(next);
        }
        self.list_led(UserLead::Every, filter, place, limit).await
    }

    /// Whether so few accounts are led to that all of them may as well be walked.
    async fn leads_to_few(&mut self, lead: UserLead, filter: UserFilter<'_>) -> Result<bool> {
        let all = UserFilter {
            status: "",
            part: "",
            ..filter
        };
        Ok(self.count_led(lead, all, LOOKED_AT + 1).await? <= LOOKED_AT)
    }

    async fn list_led(
        &mut self,
        lead: UserLead,
        filter: UserFilter<'_>,
        place: UserPlace<'_>,
        limit: i64,
    ) -> Result<Vec<ManagedUserRow>> {
        let (order, (at, id)) = match place {
            UserPlace::Newest(after) => (UserOrder::Newest, after.unwrap_or((i64::MAX, ""))),
            UserPlace::Oldest(after) => (UserOrder::Oldest, after.unwrap_or((i64::MIN, ""))),
            UserPlace::LastLogin(after) => (UserOrder::LastLogin, after.unwrap_or((i64::MAX, ""))),
            UserPlace::Email(after) => {
                let text = list_text(lead, UserOrder::Email);
                return Ok(on!(self, c => bound!(sqlx::query_as(text), filter)
                    .bind(after.unwrap_or_default())
                    .bind(limit)
                    .fetch_all(c)
                    .await)?);
            }
        };
        let text = list_text(lead, order);
        Ok(on!(self, c => bound!(sqlx::query_as(text), filter)
            .bind(at)
            .bind(id)
            .bind(limit)
            .fetch_all(c)
            .await)?)
    }

    /// How many accounts there are, counted up to `most`.
    ///
    /// Those that stand open are all but the few that do not: nobody is asked one by one.
    pub(crate) async fn count_managed_users(
        &mut self,
        filter: UserFilter<'_>,
        most: i64,
    ) -> Result<i64> {
        if filter.status != "active" {
            return self.count_led(filter.lead(), filter, most).await;
        }
        let all = UserFilter {
            status: "",
            ..filter
        };
        let few = UserLead::Standing;
        let shut = self.count_led(few, all, i64::MAX).await?
            - self.count_led(few, filter, i64::MAX).await?;
        let counted = self
            .count_led(all.lead(), all, most.saturating_add(shut))
            .await?;
        // Nothing holds still between the counts.
        Ok(counted.saturating_sub(shut).min(most).max(0))
    }

    async fn count_led(
        &mut self,
        lead: UserLead,
        filter: UserFilter<'_>,
        most: i64,
    ) -> Result<i64> {
        let narrows_further = [filter.status, filter.part, filter.role]
            .iter()
            .any(|part| !part.is_empty());
        if lead == UserLead::Tenant && !narrows_further {
            return Ok(on!(self, c => sqlx::query_scalar(COUNT_OF_TENANT)
                .bind(filter.tenant_id)
                .bind(most)
                .fetch_one(c)
                .await)?);
        }
        let text = count_text(lead);
        Ok(on!(self, c => bound!(sqlx::query_scalar(text), filter)
            .bind(most)
            .fetch_one(c)
            .await)?)
    }

    /// One account.
    pub(crate) async fn managed_user_by_id(&mut self, id: &str) -> Result<Option<ManagedUserRow>> {
        Ok(on!(self, c => sqlx::query_as(BY_ID)
            .bind(id)
            .fetch_optional(c)
            .await)?)
    }

    /// What the log notes of the newest act of this name that was done to an account at a moment or since.
    pub(crate) async fn newest_detail_by_subject(
        &mut self,
        subject: &str,
        action: &str,
        since: Timestamp,
    ) -> Result<Option<String>> {
        Ok(on!(self, c => sqlx::query_scalar(
            "select detail from audit_log
             where subject_id = $1 and action = $2 and outcome = 'success' and at >= $3
             order by at desc, id desc limit 1")
            .bind(subject)
            .bind(action)
            .bind(since)
            .fetch_optional(c)
            .await)?)
    }
}
