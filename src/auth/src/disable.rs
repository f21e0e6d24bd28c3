//! Disabling an account: it may not sign in, and whatever it had open ends at once (ASVS 7.4.2).
//!
//! Until somebody enables it or, as a suspension, until a moment. The worker ends a suspension within a
//! second of that moment, with a row in the audit log: one column says whether an account is disabled,
//! and whoever lets somebody in asks that one alone.

use serde_json::{Value, json};
use wire::Disabling;

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::clock::{Timestamp, rfc3339};
use crate::error::Fault;
use crate::manage_user::{Hand, ManageUserError};
use crate::password::Ending;
use crate::store::{Tx, UserRow};

/// Suspensions that are looked up at a time.
const BATCH: i64 = 50;

/// Who wants it, why and until when; nothing of it where the operator does, at the machine itself.
#[derive(Clone, Copy, Default)]
pub(crate) struct Order<'a> {
    pub(crate) actor: Option<&'a str>,
    pub(crate) reason: Option<&'a str>,
    pub(crate) until: Option<Timestamp>,
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
    ) -> Result<(), ManageUserError> {
        let since = user.disabled_at.unwrap_or(self.now());
        tx.set_suspended(&user.id, since, order.until).await?;
        if user.is_proven_admin() && tx.count_admins("").await?.may_act == 0 {
            return Err(ManageUserError::LastAdmin);
        }
        let ended = self
            .end_everything(&mut tx, user, Ending::All, "disabled", client)
            .await?;
        let entry = order
            .on(Entry::done("user.disabled", client), user)
            .change(standing(user), disabled(order.until));
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
    ) -> Result<(), Fault> {
        tx.set_disabled(&user.id, None).await?;
        let entry = order
            .on(Entry::done("user.enabled", client), user)
            .change(standing(user), json!({ "status": "enabled" }));
        self.audit(&mut tx, entry).await?;
        self.publish_account(tx, user, &[]).await
    }

    /// Takes somebody's right to sign in, for a time or until it is given back, and ends all they have
    /// open. The reason is for whoever looks at the account next. Disabling again the same way is no
    /// error and changes nothing; another end replaces the former one.
    ///
    /// # Errors
    /// [`ManageUserError::Leaving`] for a suspension of one that is about to be deleted, and as for every
    /// act; nothing has changed then.
    pub async fn disable_user<'a>(
        &self,
        hand: impl Into<Hand<'a>>,
        user_id: &str,
        disabling: &Disabling,
        client: &Client,
    ) -> Result<(), ManageUserError> {
        let hand = hand.into();
        let done = self
            .try_disable_user(hand, user_id, disabling, client)
            .await;
        let refused = |reason| Entry::refused("user.disable", client, reason).subject(user_id);
        self.noting(hand, done, refused).await
    }

    async fn try_disable_user(
        &self,
        hand: Hand<'_>,
        user_id: &str,
        disabling: &Disabling,
        client: &Client,
    ) -> Result<(), ManageUserError> {
        hand.refuse_oneself(user_id)?;
        let mut tx = self.store().write().await?;
        self.alone_with_admins(&mut tx).await?;
        let user = self.managed(&mut tx, hand, user_id).await?;
        let until = disabling.seconds.map(|seconds| self.now() + seconds);
        if user.disabled_at.is_some() && user.disabled_until == until {
            return Ok(());
        }
        if until.is_some() && user.deletes_at.is_some() {
            return Err(ManageUserError::Leaving);
        }
        let order = Order {
            actor: hand.actor(),
            reason: disabling.reason.as_deref(),
            until,
        };
        self.disable_in(tx, &user, order, client).await
    }

    /// Gives it back. What ended stays ended. Enabling twice is no error.
    ///
    /// # Errors
    /// [`ManageUserError::Leaving`] where it is about to be deleted: it is kept first. Else as for every
    /// act; nothing has changed then.
    pub async fn enable_user<'a>(
        &self,
        hand: impl Into<Hand<'a>>,
        user_id: &str,
        client: &Client,
    ) -> Result<(), ManageUserError> {
        let hand = hand.into();
        let done = self.try_enable_user(hand, user_id, client).await;
        let refused = |reason| Entry::refused("user.enable", client, reason).subject(user_id);
        self.noting(hand, done, refused).await
    }

    async fn try_enable_user(
        &self,
        hand: Hand<'_>,
        user_id: &str,
        client: &Client,
    ) -> Result<(), ManageUserError> {
        let mut tx = self.store().write().await?;
        let user = self.managed(&mut tx, hand, user_id).await?;
        if user.disabled_at.is_none() {
            return Ok(());
        }
        if user.deletes_at.is_some() {
            return Err(ManageUserError::Leaving);
        }
        let order = Order {
            actor: hand.actor(),
            ..Order::default()
        };
        Ok(self.enable_in(tx, &user, order, client).await?)
    }

    /// Ends suspensions whose time is over, all of them: who was suspended together comes back together.
    /// Of several nodes one does.
    pub(crate) async fn end_suspensions(&self) -> Result<(), Fault> {
        let now = self.now();
        loop {
            let mut tx = self.store().read().await?;
            let over = tx.list_suspensions_over(now, BATCH).await?;
            drop(tx);
            for id in &over {
                self.end_suspension(id, now).await?;
            }
            // Each is ended by now, by this node or another: what is listed again is others.
            if i64::try_from(over.len()).unwrap_or(BATCH) < BATCH {
                return Ok(());
            }
        }
    }

    async fn end_suspension(&self, id: &str, now: Timestamp) -> Result<(), Fault> {
        let mut tx = self.store().write().await?;
        if !tx.set_suspension_over(id, now).await? {
            return Ok(());
        }
        let user = tx.user_by_id(id).await?;
        let user = user.ok_or(Fault::Inconsistent("a suspended account has gone"))?;
        let client = Client::operator();
        let entry = Entry::done("user.suspension_ended", &client).subject(id);
        self.audit(&mut tx, entry).await?;
        self.publish_account(tx, &user, &[]).await
    }
}

/// How an account stands, for the log.
fn standing(user: &UserRow) -> Value {
    match user.disabled_at {
        Some(_) => disabled(user.disabled_until),
        None => json!({ "status": "enabled" }),
    }
}

fn disabled(until: Option<Timestamp>) -> Value {
    json!({ "status": "disabled", "until": until.map(rfc3339) })
}
