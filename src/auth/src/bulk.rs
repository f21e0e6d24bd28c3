//! One act on many accounts.
//!
//! Each account is judged and acted on by itself, in a transaction of its own, by the very act that is
//! done to one: what holds there holds here. Looking over it first says who would be left out, and why;
//! what counts is decided when it is done.

use wire::{Bulk, BulkAct, BulkResult, LeftOut, ManagedUser};

use crate::Auth;
use crate::client::Client;
use crate::error::Fault;
use crate::manage_user::{Hand, ManageUserError};
use crate::managed_users::managed_user;
use crate::secret::is_id;
use crate::session::Session;
use crate::store::{Tx, UserRow};
use crate::vouch::Vouching;

impl Auth {
    /// Who would be affected, and who would not and why. Changes nothing.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn preview_bulk(&self, session: &Session, bulk: &Bulk) -> Result<BulkResult, Fault> {
        let mut tx = self.store().read().await?;
        let mut vouching = Vouching::default();
        let mut admins = tx.count_admins("").await?.may_act;
        let mut result = BulkResult::default();
        for id in &bulk.ids {
            let found = match is_id(id) {
                true => tx.user_by_id(id).await?,
                false => None,
            };
            let (Some(user), Some(row)) = (found, tx.managed_user_by_id(id).await?) else {
                result.leave_out(id, None, LeftOut::Unknown);
                continue;
            };
            let may_act = vouching.may_act_on(&mut tx, &session.user.id, &user);
            let is_outranked = !may_act.await?;
            let reason = match is_outranked {
                true => Some(LeftOut::Outranked),
                false => {
                    self.hindrance(&mut tx, session, &user, bulk, admins)
                        .await?
                }
            };
            match reason {
                Some(reason) => result.leave_out(id, Some(user.email), reason),
                None => {
                    let acts = user.is_proven_admin() && user.may_sign_in();
                    admins -= i64::from(acts && shuts(bulk.act));
                    result.affected.push(managed_user(row, self.now()));
                }
            }
        }
        Ok(result)
    }

    /// Why an act would not be done to an account that whoever acts may act on.
    async fn hindrance(
        &self,
        tx: &mut Tx,
        session: &Session,
        user: &UserRow,
        bulk: &Bulk,
        admins: i64,
    ) -> Result<Option<LeftOut>, Fault> {
        if shuts(bulk.act) && user.id == session.user.id {
            return Ok(Some(LeftOut::Oneself));
        }
        let is_last = user.is_proven_admin() && user.may_sign_in() && admins <= 1;
        if shuts(bulk.act) && is_last {
            return Ok(Some(LeftOut::LastAdmin));
        }
        let is_leaving = user.deletes_at.is_some();
        let needs_it_to_stay = match bulk.act {
            BulkAct::Suspend => bulk.disabling.seconds.is_some(),
            BulkAct::Enable => user.disabled_at.is_some(),
            BulkAct::SignOut | BulkAct::Delete => false,
        };
        if is_leaving && needs_it_to_stay {
            return Ok(Some(LeftOut::Leaving));
        }
        let is_so = match bulk.act {
            // Who is disabled until somebody enables them does not come back by a suspension of many.
            BulkAct::Suspend => user.disabled_at.is_some() && user.disabled_until.is_none(),
            BulkAct::Enable => user.disabled_at.is_none(),
            BulkAct::SignOut => {
                let open = tx.list_session_ids_by_user(&user.id, self.now());
                open.await?.is_empty()
            }
            BulkAct::Delete => user.deletes_at.is_some(),
        };
        Ok(is_so.then_some(LeftOut::NothingToDo))
    }

    /// Acts on each account by itself. One that is refused keeps no other from its turn.
    ///
    /// # Errors
    /// When the database does not answer before anything was done, or when whoever acts is signed in no
    /// more. Where that happens on the way, the accounts that are left are named with the reason.
    pub async fn act_on_users(
        &self,
        session: &Session,
        bulk: &Bulk,
        client: &Client,
    ) -> Result<BulkResult, ManageUserError> {
        let mut result = self.preview_bulk(session, bulk).await?;
        let mut done = Vec::new();
        let mut is_signed_out = false;
        for user in std::mem::take(&mut result.affected) {
            if is_signed_out {
                result.leave_out(&user.id, Some(user.email), LeftOut::SignedOut);
                continue;
            }
            match self.act_on(session, bulk, &user.id, client).await {
                Ok(()) => done.push(user),
                Err(ManageUserError::SignedOut) if done.is_empty() => {
                    return Err(ManageUserError::SignedOut);
                }
                Err(error) => {
                    let reason = left_out(&error);
                    is_signed_out = reason == LeftOut::SignedOut;
                    if reason == LeftOut::Failed {
                        tracing::error!(account = %user.id, %error, "one of many accounts was left out");
                    }
                    result.leave_out(&user.id, Some(user.email), reason);
                }
            }
        }
        for user in done {
            let now = self.as_it_stands(&user.id).await;
            result.affected.push(now.unwrap_or(user));
        }
        Ok(result)
    }

    /// An account after the act; `None` where it was deleted meanwhile, or cannot be read: what was done
    /// is done, and whoever did it is told so.
    async fn as_it_stands(&self, id: &str) -> Option<ManagedUser> {
        let read = async { self.store().read().await?.managed_user_by_id(id).await };
        match read.await {
            Ok(row) => row.map(|row| managed_user(row, self.now())),
            Err(error) => {
                tracing::error!(account = %id, %error, "an account is shown as it stood before the act");
                None
            }
        }
    }

    async fn act_on(
        &self,
        session: &Session,
        bulk: &Bulk,
        id: &str,
        client: &Client,
    ) -> Result<(), ManageUserError> {
        let hand = Hand::Person(session);
        match bulk.act {
            BulkAct::Suspend => self.disable_user(hand, id, &bulk.disabling, client).await,
            BulkAct::Enable => self.enable_user(hand, id, client).await,
            BulkAct::SignOut => self.sign_out_user(hand, id, client).await.map(|_| ()),
            BulkAct::Delete => self.delete_one_of_many(hand, id, client).await.map(|_| ()),
        }
    }
}

/// Whether an act takes the right to sign in.
fn shuts(act: BulkAct) -> bool {
    matches!(act, BulkAct::Suspend | BulkAct::Delete)
}

fn left_out(error: &ManageUserError) -> LeftOut {
    match error {
        ManageUserError::Unknown => LeftOut::Unknown,
        ManageUserError::Outranked => LeftOut::Outranked,
        ManageUserError::Oneself => LeftOut::Oneself,
        ManageUserError::LastAdmin => LeftOut::LastAdmin,
        ManageUserError::Leaving => LeftOut::Leaving,
        ManageUserError::SignedOut => LeftOut::SignedOut,
        ManageUserError::Confirmation(_)
        | ManageUserError::UsernameTaken
        | ManageUserError::Shut
        | ManageUserError::NotLeaving
        | ManageUserError::Limited(_)
        | ManageUserError::Fault(_) => LeftOut::Failed,
    }
}
