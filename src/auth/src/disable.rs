//! Disabling an account: it may not sign in, and whatever it had open ends at once (ASVS 7.4.2).

use wire::Email;

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::error::Fault;
use crate::password::Ending;

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

impl Auth {
    /// Takes an account's right to sign in, and ends all its sessions and resets.
    ///
    /// # Errors
    /// [`DisableError`]; nothing has changed then.
    pub async fn disable(&self, email: &Email, client: &Client) -> Result<(), DisableError> {
        let now = self.now();
        let mut tx = self.store().write().await?;
        // One at a time: two admins who disable each other at once must not both succeed.
        tx.set_lease("admins", self.node(), now, now).await?;
        let user = tx
            .user_by_email(email.as_str())
            .await?
            .ok_or(DisableError::Unknown)?;
        tx.set_disabled(&user.id, Some(now)).await?;
        if user.role == "admin" && tx.count_users_by_role("admin").await? == 0 {
            return Err(DisableError::LastAdmin);
        }
        let ended = self
            .end_everything(&mut tx, &user, Ending::All, "disabled")
            .await?;
        let entry = Entry::done("user.disabled", client).subject(&user.id);
        self.audit(&mut tx, entry).await?;
        Ok(self.publish_account(tx, &user, &ended).await?)
    }

    /// Gives it back. Sessions that ended stay ended.
    ///
    /// # Errors
    /// [`DisableError::Unknown`].
    pub async fn enable(&self, email: &Email, client: &Client) -> Result<(), DisableError> {
        let mut tx = self.store().write().await?;
        let user = tx
            .user_by_email(email.as_str())
            .await?
            .ok_or(DisableError::Unknown)?;
        tx.set_disabled(&user.id, None).await?;
        let entry = Entry::done("user.enabled", client).subject(&user.id);
        self.audit(&mut tx, entry).await?;
        Ok(self.publish_account(tx, &user, &[]).await?)
    }
}
