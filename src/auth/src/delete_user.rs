//! Deleting somebody's account, and changing one's mind: for those who look after people.
//!
//! Promises: from that moment nothing of the account works. After 14 days, or at once where that was
//! asked for, `erase` deletes it with everything that refers to it. Unlike an account its owner closed,
//! it is disabled as well: no letter offers to keep it, and only those who look after people can. The
//! last admin stays, and nobody deletes themselves here: `delete_account` does that.

use serde_json::json;
use wire::DeleteUser;

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::clock::{Timestamp, rfc3339};
use crate::delete_account::{UNDO, UNDOABLE};
use crate::manage_user::{Hand, ManageUserError};
use crate::password::Ending;
use crate::store::{Tx, UserRow};

impl Auth {
    /// Closes an account and has it deleted, for good: in 14 days, or now. Returns when.
    ///
    /// # Errors
    /// [`ManageUserError`]; nothing has changed then.
    pub async fn delete_user<'a>(
        &self,
        hand: impl Into<Hand<'a>>,
        user_id: &str,
        request: &DeleteUser,
        client: &Client,
    ) -> Result<Timestamp, ManageUserError> {
        let hand = hand.into();
        let done = self.try_delete_user(hand, user_id, request, client).await;
        let refused = |reason| Entry::refused("user.delete", client, reason).subject(user_id);
        self.noting(hand, done, refused).await
    }

    async fn try_delete_user(
        &self,
        hand: Hand<'_>,
        user_id: &str,
        request: &DeleteUser,
        client: &Client,
    ) -> Result<Timestamp, ManageUserError> {
        hand.refuse_oneself(user_id)?;
        let mut tx = self.store().write().await?;
        self.alone_with_admins(&mut tx).await?;
        let user = self.managed(&mut tx, hand, user_id).await?;
        request
            .check(&user.email)
            .map_err(ManageUserError::Confirmation)?;
        self.delete_managed(tx, hand, &user, request.is_immediate(), client)
            .await
    }

    /// The same for one of many, 14 days from now: whoever acts has seen them all on one page.
    pub(crate) async fn delete_one_of_many(
        &self,
        hand: Hand<'_>,
        user_id: &str,
        client: &Client,
    ) -> Result<Timestamp, ManageUserError> {
        hand.refuse_oneself(user_id)?;
        let mut tx = self.store().write().await?;
        self.alone_with_admins(&mut tx).await?;
        let user = self.managed(&mut tx, hand, user_id).await?;
        self.delete_managed(tx, hand, &user, false, client).await
    }

    async fn delete_managed(
        &self,
        mut tx: Tx,
        hand: Hand<'_>,
        user: &UserRow,
        is_immediate: bool,
        client: &Client,
    ) -> Result<Timestamp, ManageUserError> {
        let now = self.now();
        let deletes_at = match (is_immediate, user.deletes_at) {
            (true, _) => now,
            // Who is leaving already leaves no later.
            (false, Some(sooner)) => sooner,
            (false, None) => now + UNDOABLE,
        };
        let since = user.disabled_at.unwrap_or(now);
        tx.set_suspended(&user.id, since, None).await?;
        tx.set_deletion_ordered(&user.id, now, deletes_at).await?;
        if user.is_proven_admin() && tx.count_admins("").await?.may_act == 0 {
            return Err(ManageUserError::LastAdmin);
        }
        tx.delete_one_time_tokens_of(UNDO, &user.id).await?;
        let ended = self
            .end_everything(&mut tx, user, Ending::All, "deleted", client)
            .await?;
        let entry = hand
            .on(Entry::done("user.deletion_scheduled", client), user)
            .change(
                json!({ "deletesAt": user.deletes_at.map(rfc3339) }),
                json!({ "deletesAt": rfc3339(deletes_at) }),
            );
        self.audit(&mut tx, entry).await?;
        self.publish_account(tx, user, &ended).await?;
        if is_immediate {
            // It is due: what fails here is the worker's next, and what was asked for is done.
            if let Err(error) = self.delete_for_good(&user.id).await {
                tracing::error!(account = %user.id, %error, "an account is left for the worker to delete");
            }
        }
        Ok(deletes_at)
    }

    /// Keeps an account that was to be deleted. What ended stays ended, and one that is disabled stays so
    /// until it is enabled.
    ///
    /// # Errors
    /// [`ManageUserError::NotLeaving`] where there is nothing to call off or it is too late, and as for
    /// every act.
    pub async fn keep_user<'a>(
        &self,
        hand: impl Into<Hand<'a>>,
        user_id: &str,
        client: &Client,
    ) -> Result<(), ManageUserError> {
        let hand = hand.into();
        let done = self.try_keep_user(hand, user_id, client).await;
        let refused = |reason| Entry::refused("user.keep", client, reason).subject(user_id);
        self.noting(hand, done, refused).await
    }

    async fn try_keep_user(
        &self,
        hand: Hand<'_>,
        user_id: &str,
        client: &Client,
    ) -> Result<(), ManageUserError> {
        let mut tx = self.store().write().await?;
        let user = self.managed(&mut tx, hand, user_id).await?;
        if !tx.set_deletion_called_off(user_id, self.now()).await? {
            return Err(ManageUserError::NotLeaving);
        }
        tx.delete_one_time_tokens_of(UNDO, user_id).await?;
        let entry = hand
            .on(Entry::done("user.deletion_undone", client), &user)
            .change(
                json!({ "deletesAt": user.deletes_at.map(rfc3339) }),
                json!({ "deletesAt": null }),
            );
        self.audit(&mut tx, entry).await?;
        Ok(self.publish_account(tx, &user, &[]).await?)
    }
}
