//! Taking an account back from whoever else got in: by an undo link, or by "this wasn't me".
//!
//! Everything the other may hold is worth nothing afterwards: sessions and families end, changes of
//! address that wait are dead, later ones are undone, resets that were mailed are dead, and the
//! password, which the other may know or have set, opens nothing any more. A letter to the rightful
//! address leads to a new one. Where that address is another account's by now, there is none to
//! write to: the account is disabled, and an operator has to help.

use wire::Email;

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::delete_account::UNDO;
use crate::error::Fault;
use crate::password::Ending;
use crate::store::{AuditRow, EmailChangeRow, Tx, UserRow};

/// An account its owner has back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenBack {
    /// Where the letter goes that leads to a new password. `None`: the account is closed until an
    /// operator helps, because its former address is another account's, or it was disabled before.
    pub address: Option<Email>,
}

/// Why an account is taken back.
pub(crate) enum Reason<'a> {
    /// The link in a letter about this change was used.
    Undone(&'a EmailChangeRow),
    /// Its owner said of this event that it was not them.
    Disowned(&'a AuditRow, Option<EmailChangeRow>),
}

impl Reason<'_> {
    /// The first change of address that is not to stand.
    fn change(&self) -> Option<&EmailChangeRow> {
        match self {
            Self::Undone(change) => Some(change),
            Self::Disowned(_, change) => change.as_ref(),
        }
    }
}

/// What the account's address is afterwards.
enum Restored {
    As(String),
    /// Somebody else's, for good.
    Lost,
}

impl Auth {
    /// Takes an account back whose row the transaction holds, and commits. `None`: somebody registered
    /// the former address in this very moment, nothing has changed, and it is to be looked at again.
    pub(crate) async fn take_account_back(
        &self,
        mut tx: Tx,
        user: &str,
        reason: Reason<'_>,
        client: &Client,
    ) -> Result<Option<TakenBack>, Fault> {
        let mut user = tx
            .user_by_id(user)
            .await?
            .ok_or(Fault::Inconsistent("an event of no account"))?;
        let Some(restored) = self
            .restore_address(&mut tx, &user, reason.change())
            .await?
        else {
            return Ok(None);
        };
        self.take_password(&mut tx, &user).await?;
        let ended = self
            .end_everything(&mut tx, &user, Ending::All, "taken_back", client)
            .await?;
        // Whoever else was in may have closed it: for its owner it stays. Where it is disabled, too, somebody
        // who looks after people may have ordered it, and it is theirs to call off.
        if tx.set_deletion_undone(&user.id, self.now()).await? {
            tx.delete_one_time_tokens_of(UNDO, &user.id).await?;
            user.deletes_at = None;
        }
        let address = self.open_again(&mut tx, &user, restored, client).await?;
        self.note_taken_back(&mut tx, &user, &reason, address.as_ref(), &ended, client)
            .await?;
        self.publish_account(tx, &user, &ended).await?;
        self.letters().notify_one();
        Ok(Some(TakenBack { address }))
    }

    /// A letter that leads to a new password; or, where there is nobody to write to, a closed door.
    async fn open_again(
        &self,
        tx: &mut Tx,
        user: &UserRow,
        restored: Restored,
        client: &Client,
    ) -> Result<Option<Email>, Fault> {
        match restored {
            Restored::As(email) if user.may_sign_in() => {
                self.begin_reset(tx, &email, None, client).await?;
                let email = Email::parse(&email);
                Ok(Some(email.map_err(|_| {
                    Fault::Inconsistent("email_changes.old_email is no address")
                })?))
            }
            // An operator disabled it: the address is back, the rest is theirs.
            Restored::As(_) => Ok(None),
            // Also where it is the last admin's: an admin nobody can reach must not stay open to
            // somebody else, and the operator's command line makes another.
            Restored::Lost => {
                let since = user.disabled_at.unwrap_or(self.now());
                tx.set_disabled(&user.id, Some(since)).await?;
                Ok(None)
            }
        }
    }

    /// Undoes a change and all later ones, and gives the account the address it had before.
    async fn restore_address(
        &self,
        tx: &mut Tx,
        user: &UserRow,
        change: Option<&EmailChangeRow>,
    ) -> Result<Option<Restored>, Fault> {
        let Some(change) = change else {
            return Ok(Some(Restored::As(user.email.clone())));
        };
        let (now, former) = (self.now(), &change.old_email);
        tx.set_email_changes_undone(&user.id, change.place, now)
            .await?;
        if user.email == *former {
            return Ok(Some(Restored::As(former.clone())));
        }
        if tx.user_by_email(former).await?.is_some() {
            return Ok(Some(Restored::Lost));
        }
        let is_restored = tx.set_user_email(&user.id, former, now).await?;
        Ok(is_restored.then(|| Restored::As(former.clone())))
    }

    async fn note_taken_back(
        &self,
        tx: &mut Tx,
        user: &UserRow,
        reason: &Reason<'_>,
        address: Option<&Email>,
        ended: &[String],
        client: &Client,
    ) -> Result<(), Fault> {
        let (entry, event) = match reason {
            Reason::Undone(_) => (Entry::done("email_change.undone", client), None),
            Reason::Disowned(event, _) => (
                Entry::done("account.disowned", client).actor(&user.id),
                Some(event),
            ),
        };
        let detail = serde_json::json!({
            "change": reason.change().map(|change| &change.id),
            "event": event.map(|event| &event.id),
            "eventAction": event.map(|event| &event.action),
            "before": user.email,
            "after": address.map(Email::as_str),
            "sessions": ended,
        });
        self.audit(tx, entry.subject(&user.id).detail(detail)).await
    }
}
