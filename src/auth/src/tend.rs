//! The worker's round, once a second: seal the audit log, look after keys, tidy up.
//!
//! Tidying only tidies: whether something has ended is decided in the statement that uses it, never
//! by whether this ran.

use std::sync::atomic::Ordering;

use crate::Auth;
use crate::error::Fault;
use crate::refresh::REPEATABLE;

/// Ended sessions are kept this long, so that a stolen refresh token is still recognised as one.
const KEEP_ENDED: i64 = 7 * 86_400;
/// Changes of address are kept this long after they were due: longer than any undo link lives.
const KEEP_EMAIL_CHANGES: i64 = 7 * 86_400;
/// Sent letters are kept this long for the operator's outbox view.
const KEEP_LETTERS: i64 = 7 * 86_400;
/// Letters that were given up are kept this long, for somebody to ask again.
const KEEP_DEAD_LETTERS: i64 = 30 * 86_400;
/// Failure runs are kept this long after they began, unless they still lock.
const KEEP_FAILURES: i64 = 30 * 86_400;
/// Windows are kept this long after they began: the longest is a day.
const KEEP_RATES: i64 = 2 * 86_400;
/// Invitations that are over are kept this long for those who manage people.
const KEEP_INVITATIONS: i64 = 90 * 86_400;
/// Keys that are over are kept this long for their owners to see.
const KEEP_KEYS: i64 = 90 * 86_400;
/// A device that was not used for longer is news again.
const KEEP_DEVICES: i64 = 400 * 86_400;
/// How often the slow part runs.
const TIDY_EVERY: i64 = 60;

impl Auth {
    /// One round. Cheap when there is nothing to do.
    ///
    /// # Errors
    /// When the database does not answer; the next round tries again.
    pub async fn tend(&self) -> Result<(), Fault> {
        while self.seal_audit().await? > 0 {}
        self.tend_keys().await?;
        self.erase_sealed_successors().await?;
        self.end_suspensions().await?;
        if self.is_time_to_tidy() {
            // One that fails keeps none of the others: each looks after something else.
            let done = [
                self.tell_held_back().await,
                self.tidy().await,
                self.delete_due_accounts().await,
                self.erase_from_audit().await,
                self.forget_old_audit().await.map(drop),
                self.remind_of_keys().await,
            ];
            for step in done {
                step?;
            }
        }
        Ok(())
    }

    /// A successor is readable by its predecessor's holder for 30 seconds (D9).
    async fn erase_sealed_successors(&self) -> Result<(), Fault> {
        let before = self.now() - REPEATABLE;
        if !self
            .store()
            .read()
            .await?
            .has_sealed_successors_before(before)
            .await?
        {
            return Ok(());
        }
        let mut tx = self.store().write().await?;
        tx.delete_sealed_successors_before(before).await?;
        tx.commit().await
    }

    /// Once a minute, however long a round took.
    fn is_time_to_tidy(&self) -> bool {
        let now = self.now();
        let last = self.tidied_at().load(Ordering::Relaxed);
        let is_due = now - last >= TIDY_EVERY;
        if is_due {
            self.tidied_at().store(now, Ordering::Relaxed);
        }
        is_due
    }

    async fn tidy(&self) -> Result<(), Fault> {
        let now = self.now();
        let mut tx = self.store().write().await?;
        // In the order in which finishing a registration or accepting takes them, or they could deadlock.
        tx.delete_one_time_tokens_before(now).await?;
        tx.delete_registrations_before(now).await?;
        tx.delete_invitations_before(now - KEEP_INVITATIONS).await?;
        tx.delete_email_changes_before(now - KEEP_EMAIL_CHANGES)
            .await?;
        tx.delete_sign_in_flows_before(now).await?;
        tx.delete_resets_before(now).await?;
        tx.delete_devices_before(now - KEEP_DEVICES).await?;
        tx.delete_ws_tickets_before(now).await?;
        tx.delete_api_keys_before(now - KEEP_KEYS).await?;
        tx.delete_sessions_before(now - KEEP_ENDED).await?;
        tx.delete_revocations_before(now).await?;
        tx.delete_rates_before(now - KEEP_RATES).await?;
        tx.delete_failures_before(now - KEEP_FAILURES, now).await?;
        tx.delete_letters_before(now - KEEP_LETTERS, now - KEEP_DEAD_LETTERS)
            .await?;
        tx.commit().await
    }
}
