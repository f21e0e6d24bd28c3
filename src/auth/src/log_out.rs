//! Signing out: one session, the others, or all of an account.
//!
//! An ended session is ended in the database, with its refresh tokens, and its id is published in
//! the same transaction (D9): its access tokens are refused here at once, elsewhere by the feed.

use wire::{LogOutScope, Secret};

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::clock::Timestamp;
use crate::error::Fault;
use crate::refresh::RefreshError;
use crate::secret::{CookieToken, TokenDigest};
use crate::store::Tx;
use crate::token;

impl Auth {
    /// Ends sessions of the caller.
    ///
    /// # Errors
    /// When the database does not answer; then nothing has ended.
    pub async fn log_out(
        &self,
        session: &crate::Session,
        scope: LogOutScope,
        client: &Client,
    ) -> Result<(), Fault> {
        let user = &session.user.id;
        let mut tx = self.store().write().await?;
        if scope != LogOutScope::Local {
            // One at a time, and only by a session that lives: this node may not have heard yet that it
            // was ended, by the very person whose others it would end.
            tx.set_user_held(user).await?;
            if tx.session_by_id(&session.id, self.now()).await?.is_none() {
                return Ok(());
            }
        }
        let reason = match scope {
            LogOutScope::Local => "log_out",
            LogOutScope::Others => "log_out_others",
            LogOutScope::Global => "log_out_everywhere",
        };
        let ended = match scope {
            LogOutScope::Local => match tx
                .set_session_revoked(&session.id, self.now(), reason)
                .await?
            {
                true => vec![session.id.clone()],
                false => Vec::new(),
            },
            LogOutScope::Others => {
                tx.set_sessions_revoked(user, Some(&session.id), self.now(), reason)
                    .await?
            }
            LogOutScope::Global => {
                tx.set_sessions_revoked(user, None, self.now(), reason)
                    .await?
            }
        };
        if !ended.is_empty() {
            let detail = serde_json::json!({ "sessions": ended, "reason": reason });
            let entry = Entry::done("session.ended", client).actor(user);
            self.audit(&mut tx, entry.subject(user).detail(detail))
                .await?;
        }
        self.publish_ended(tx, &ended).await
    }

    /// Ends the session of a refresh token: for programs that hold nothing else.
    ///
    /// # Errors
    /// [`RefreshError::Unknown`] when nobody issued it. Ending what has ended is no error.
    pub async fn log_out_by_refresh(
        &self,
        token: &Secret,
        client: &Client,
    ) -> Result<(), RefreshError> {
        let mut tx = self.store().write().await?;
        let row = tx
            .refresh_token_by_digest(TokenDigest::of(token).as_bytes())
            .await?
            .ok_or(RefreshError::Unknown)?;
        self.end_in(tx, &row.session_id, "log_out", client).await?;
        Ok(())
    }

    /// Ends the session of a cookie, if there is one: when somebody signs in over it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn end_session_by_cookie(
        &self,
        cookie: &CookieToken,
        client: &Client,
    ) -> Result<(), Fault> {
        let mut tx = self.store().write().await?;
        match tx
            .session_by_cookie(cookie.digest().as_bytes(), self.now())
            .await?
        {
            Some(row) => self.end_in(tx, &row.id, "replaced", client).await,
            None => Ok(()),
        }
    }

    /// Ends one session in a transaction and commits it.
    pub(crate) async fn end_in(
        &self,
        mut tx: Tx,
        session: &str,
        reason: &'static str,
        client: &Client,
    ) -> Result<(), Fault> {
        let mut ended = Vec::new();
        if tx.set_session_revoked(session, self.now(), reason).await? {
            ended.push(session.to_owned());
            let detail = serde_json::json!({ "sessions": [session], "reason": reason });
            let mut entry = Entry::done("session.ended", client).detail(detail);
            // Whose it was: for their timeline, and for what is erased when they leave.
            if let Some(owner) = tx.owner_by_session(session).await? {
                entry = entry.subject(&owner);
            }
            self.audit(&mut tx, entry).await?;
        }
        self.publish_ended(tx, &ended).await
    }

    /// Publishes what ended, commits, and drops it from the caches: nobody is answered before.
    pub(crate) async fn publish_ended(&self, mut tx: Tx, ended: &[String]) -> Result<(), Fault> {
        if ended.is_empty() {
            return self.publish_changes(tx, ended).await;
        }
        let (now, until) = (self.now(), self.tokens_end_by(&mut tx).await?);
        for id in ended {
            tx.add_revocation("session", id, now, until).await?;
        }
        self.publish_changes(tx, ended).await
    }

    /// From when on no access token can be alive that any node has issued until now
    /// (docs/revocation-feed.md, `until`). Read anew each time: another node may give longer ones.
    pub(crate) async fn tokens_end_by(&self, tx: &mut Tx) -> Result<Timestamp, Fault> {
        Ok(self.now() + token::longest_life(tx).await? + 60)
    }

    /// Tells every node that sessions are not what they were, commits, and drops them from this one's
    /// cache: nobody is answered before.
    pub(crate) async fn publish_changes(
        &self,
        mut tx: Tx,
        sessions: &[String],
    ) -> Result<(), Fault> {
        for id in sessions {
            tx.notify(id).await?;
        }
        tx.commit().await?;
        self.feed().changed();
        for id in sessions {
            self.cache().drop_session(id).await;
        }
        Ok(())
    }
}
