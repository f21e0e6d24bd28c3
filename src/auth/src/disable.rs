//! Disabling an account: it may not sign in, and whatever it had open ends at once (ASVS 7.4.2).

use wire::Email;

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::error::Fault;
use crate::password::Ending;
use crate::store::{Tx, UserRow};

/// Why an account was not disabled or enabled.
#[derive(Debug, thiserror::Error)]
pub enum DisableError {
    /// No such account.
    #[error("no account has this address")]
    Unknown,
    /// Nobody could manage the portal any more.
    #[error("this is the last admin")]
    LastAdmin,
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Who wants it, and why; neither where the operator does, at the machine itself.
#[derive(Clone, Copy, Default)]
pub(crate) struct Order<'a> {
    pub(crate) actor: Option<&'a str>,
    pub(crate) reason: Option<&'a str>,
}

impl Order<'_> {
    fn on<'a>(self, entry: Entry<'a>, user: &UserRow) -> Entry<'a> {
        let entry = match self.actor {
            Some(actor) => entry.actor(actor),
            None => entry,
        };
        let entry = entry.subject(&user.id);
        match self.reason {
            Some(reason) => entry.detail(serde_json::json!({ "reason": reason })),
            None => entry,
        }
    }
}

impl Auth {
    /// Takes an account's right to sign in, and ends all its sessions and resets: for the operator.
    ///
    /// # Errors
    /// [`DisableError`]; nothing has changed then.
    pub async fn disable(&self, email: &Email, client: &Client) -> Result<(), DisableError> {
        let mut tx = self.store().write().await?;
        self.alone_with_admins(&mut tx).await?;
        let user = tx
            .user_by_email(email.as_str())
            .await?
            .ok_or(DisableError::Unknown)?;
        self.disable_in(tx, &user, Order::default(), client).await
    }

    /// Gives it back: for the operator. Sessions that ended stay ended.
    ///
    /// # Errors
    /// [`DisableError::Unknown`].
    pub async fn enable(&self, email: &Email, client: &Client) -> Result<(), DisableError> {
        let mut tx = self.store().write().await?;
        let user = tx
            .user_by_email(email.as_str())
            .await?
            .ok_or(DisableError::Unknown)?;
        self.enable_in(tx, &user, Order::default(), client).await
    }

    /// One at a time, first in its transaction: two admins who disable each other at once must not
    /// both succeed.
    pub(crate) async fn alone_with_admins(&self, tx: &mut Tx) -> Result<(), Fault> {
        let now = self.now();
        tx.set_lease("admins", self.node(), now, now).await?;
        Ok(())
    }

    /// Disables, in a transaction that is [alone with admins](Self::alone_with_admins). Commits.
    pub(crate) async fn disable_in(
        &self,
        mut tx: Tx,
        user: &UserRow,
        order: Order<'_>,
        client: &Client,
    ) -> Result<(), DisableError> {
        tx.set_disabled(&user.id, Some(self.now())).await?;
        if user.role == "admin" && tx.count_users_by_role("admin").await? == 0 {
            return Err(DisableError::LastAdmin);
        }
        let ended = self
            .end_everything(&mut tx, user, Ending::All, "disabled")
            .await?;
        let entry = order.on(Entry::done("user.disabled", client), user);
        self.audit(&mut tx, entry).await?;
        Ok(self.publish_account(tx, user, &ended).await?)
    }

    /// Enables. Commits.
    pub(crate) async fn enable_in(
        &self,
        mut tx: Tx,
        user: &UserRow,
        order: Order<'_>,
        client: &Client,
    ) -> Result<(), DisableError> {
        tx.set_disabled(&user.id, None).await?;
        let entry = order.on(Entry::done("user.enabled", client), user);
        self.audit(&mut tx, entry).await?;
        Ok(self.publish_account(tx, user, &[]).await?)
    }
}
