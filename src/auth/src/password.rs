//! Another password for an account: what every way of setting one shares.
//!
//! The new one is judged, and compared with the last five of the account, before any transaction
//! begins. In it the old hash is kept, and whatever could still be in a thief's hands ends with the
//! old password: see [`Auth::end_everything`], the one place for that.

use wire::{FieldCode, Password};

use crate::Auth;
use crate::client::Client;
use crate::error::Fault;
use crate::hash::{HashPermit, Replacement};
use crate::policy;
use crate::store::{Tx, UserRow};

/// How many passwords are not taken again: the present one and those before it (req 138).
const REMEMBERED: i64 = 5;

/// Which sessions end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending<'a> {
    /// All of the account.
    All,
    /// All but this one.
    AllBut(&'a str),
    /// None: the owner wants it so.
    None,
}

impl Auth {
    /// Judges a password the owner of an account wants, by the account's own words too.
    pub(crate) async fn judge_for(
        &self,
        user: &UserRow,
        password: &Password,
    ) -> Result<Result<(), FieldCode>, Fault> {
        let names = [&user.username, &user.first_name, &user.last_name].map(Option::as_deref);
        self.judge_password(password, policy::words_of(&user.email, names))
            .await
    }

    /// Hashes a new password, unless it is one of the account's last five. With a claim, only if that
    /// is the present one.
    pub(crate) async fn hash_new(
        &self,
        user: &UserRow,
        claimed: Option<&Password>,
        new: &Password,
        permit: HashPermit,
    ) -> Result<Replacement, Fault> {
        let mut had: Vec<_> = user.password_hash.iter().cloned().collect();
        let before = self
            .store()
            .read()
            .await?
            .list_password_history_by_user(&user.id, REMEMBERED - 1)
            .await?;
        // Without a present password there is nothing to claim, and a former one is none.
        if !had.is_empty() || claimed.is_none() {
            had.extend(before);
        }
        permit.replace(claimed, new, had, self.entropy()).await
    }

    /// Puts the new hash in place of the old one, which is kept. The account's row is locked and read
    /// again by then.
    pub(crate) async fn replace_password(
        &self,
        tx: &mut Tx,
        user: &UserRow,
        hash: &str,
    ) -> Result<(), Fault> {
        self.keep_former(tx, user).await?;
        tx.set_password(&user.id, hash).await
    }

    /// Takes the password away, from whoever else may know it: until its owner has chosen another by a
    /// letter, there is none.
    pub(crate) async fn take_password(&self, tx: &mut Tx, user: &UserRow) -> Result<(), Fault> {
        self.keep_former(tx, user).await?;
        tx.delete_password(&user.id, self.now()).await
    }

    async fn keep_former(&self, tx: &mut Tx, user: &UserRow) -> Result<(), Fault> {
        let Some(old) = &user.password_hash else {
            return Ok(());
        };
        tx.add_password_history(&self.draw_id(), &user.id, old, self.now())
            .await?;
        tx.delete_password_history_beyond(&user.id, REMEMBERED - 1)
            .await?;
        Ok(())
    }

    /// Ends all that hangs on an account besides the account: its sessions with their refresh tokens,
    /// and every secret that is still on its way. Whatever else can be in waiting for an account gets
    /// its line here. Returns the sessions it ended: for [`Self::publish_account`].
    pub(crate) async fn end_everything(
        &self,
        tx: &mut Tx,
        user: &UserRow,
        sessions: Ending<'_>,
        reason: &'static str,
        client: &Client,
    ) -> Result<Vec<String>, Fault> {
        tx.delete_resets_by_email(&user.email).await?;
        tx.set_email_changes_ended(&user.id, self.now()).await?;
        // Whoever was in may have made keys, and nobody else knows which: each waits until the owner of
        // the account says that it is theirs (D27).
        if sessions == Ending::All {
            self.suspend_keys(tx, &user.id, reason, client).await?;
        }
        let but = match sessions {
            Ending::All => None,
            Ending::AllBut(id) => Some(id),
            Ending::None => return Ok(Vec::new()),
        };
        tx.set_sessions_revoked(&user.id, but, self.now(), reason)
            .await
    }

    /// Publishes that tokens made for an account before now are not to be believed any more (D21), and
    /// which sessions ended. Commits, and drops all its sessions from the caches of all nodes: what they
    /// know of those that stay is older than the change.
    pub(crate) async fn publish_account(
        &self,
        mut tx: Tx,
        user: &UserRow,
        ended: &[String],
    ) -> Result<(), Fault> {
        let (now, until) = (self.now(), self.tokens_end_by(&mut tx).await?);
        let staying = tx.list_session_ids_by_user(&user.id, now).await?;
        for id in &staying {
            tx.notify(id).await?;
        }
        tx.add_revocation("subject", &user.id, now, until).await?;
        self.publish_ended(tx, ended).await?;
        for id in &staying {
            self.cache().drop_session(id).await;
        }
        Ok(())
    }

    /// Tells the owner that the password is another one.
    pub(crate) async fn add_password_letter(
        &self,
        tx: &mut Tx,
        user: &UserRow,
        client: &Client,
    ) -> Result<(), Fault> {
        self.add_letter(tx, "password_changed", &user.id, client)
            .await
    }
}
