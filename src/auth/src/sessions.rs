//! The sessions of an account, as a list of devices: looked at and ended by whose they are.
//!
//! Nobody learns of another's session: an id of somebody else, one that has ended and one that never
//! was are one answer. Ending a session ends its refresh tokens, and tells every verifier (D9, D23).
//! It asks for no proof beyond the session itself: whoever finds a stranger in the list must not be
//! held up, and what a thief could do with it is what signing out everywhere could do as well.

use wire::{ErrorCode, OpenSession};

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::clock::rfc3339;
use crate::device::device;
use crate::error::Fault;
use crate::secret::is_id;
use crate::session::Session;
use crate::store::{ListedSessionRow, Tx};

/// Why no session was ended.
#[derive(Debug, thiserror::Error)]
pub enum EndSessionError {
    /// The account has no live session of this id.
    #[error("no live session of this account")]
    Unknown,
    /// The session that asked has ended itself.
    #[error("the session has ended")]
    SignedOut,
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<EndSessionError> for wire::Error {
    fn from(error: EndSessionError) -> Self {
        match error {
            EndSessionError::Unknown => ErrorCode::NotFound.into(),
            EndSessionError::SignedOut => ErrorCode::AuthenticationRequired.into(),
            EndSessionError::Fault(fault) => fault.into(),
        }
    }
}

impl Auth {
    /// The caller's live sessions: this one first, then the one that was used last. At most as many as
    /// an account may have (`SessionLife::per_account`).
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_sessions(&self, session: &Session) -> Result<Vec<OpenSession>, Fault> {
        let mut tx = self.store().read().await?;
        let mut sessions = self
            .sessions_in(&mut tx, &session.user.id, Some(&session.id))
            .await?;
        // Stable: the others stay as they were.
        sessions.sort_by_key(|one| !one.current);
        Ok(sessions)
    }

    /// Ends one of the caller's live sessions, this one or another.
    ///
    /// # Errors
    /// [`EndSessionError`]; nothing has ended then.
    pub async fn end_session(
        &self,
        session: &Session,
        id: &str,
        client: &Client,
    ) -> Result<(), EndSessionError> {
        if !is_id(id) {
            return Err(EndSessionError::Unknown);
        }
        let (user, now) = (&session.user.id, self.now());
        let reason = match id == session.id {
            true => "log_out",
            false => "ended_by_owner",
        };
        let mut tx = self.store().write().await?;
        // What the door was shown may have ended since.
        if tx.session_by_id(&session.id, now).await?.is_none() {
            return Err(EndSessionError::SignedOut);
        }
        if !tx
            .set_session_revoked_by_user(user, id, now, reason)
            .await?
        {
            return Err(EndSessionError::Unknown);
        }
        let detail = serde_json::json!({ "sessions": [id], "reason": reason });
        let entry = Entry::done("session.ended", client).actor(user);
        self.audit(&mut tx, entry.subject(user).detail(detail))
            .await?;
        Ok(self.publish_ended(tx, &[id.to_owned()]).await?)
    }

    /// The live sessions of an account, the one that was used last first.
    pub(crate) async fn sessions_in(
        &self,
        tx: &mut Tx,
        user_id: &str,
        current: Option<&str>,
    ) -> Result<Vec<OpenSession>, Fault> {
        let rows = tx.list_sessions_by_user(user_id, self.now()).await?;
        let view = |row| open_session(row, current);
        Ok(rows.into_iter().map(view).collect())
    }
}

fn open_session(row: ListedSessionRow, current: Option<&str>) -> OpenSession {
    let idle_ends = (row.last_seen_at + row.idle_seconds).min(row.expires_at);
    OpenSession {
        current: current == Some(row.id.as_str()),
        created_at: rfc3339(row.created_at),
        last_seen_at: rfc3339(row.last_seen_at),
        expires_at: rfc3339(row.expires_at),
        idle_expires_at: rfc3339(idle_ends),
        remembered: row.remembered && row.has_cookie,
        ip: row.address,
        device: device(&row.agent),
        methods: row.methods.split(' ').map(str::to_owned).collect(),
        id: row.id,
    }
}
