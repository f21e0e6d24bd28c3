//! Tickets that open a WebSocket: a browser cannot send a header with one, and a token in an address
//! ends up in logs.
//!
//! A ticket is asked for by whoever is signed in, good for 30 seconds, one use and one service, and tied
//! to the session. The service the socket opened on redeems it for a token of that session, with the
//! rights it has then; one that was asked for with a token gives none that ends later than it. Stored is
//! a digest alone.

use wire::{AccessToken, Audience, ErrorCode, FieldCode, Secret};

use crate::Auth;
use crate::client::Client;
use crate::error::Fault;
use crate::limit::{LimitError, Limited, Rate};
use crate::secret::{TokenDigest, draw_token};
use crate::session::Session;
use crate::store::WsTicketRow;

/// How long a ticket opens anything, in seconds.
pub const WS_TICKET_LIFE: i64 = 30;

/// Why there is no ticket.
#[derive(Debug, thiserror::Error)]
pub enum WsTicketError {
    /// No service is called this.
    #[error("no service has this audience")]
    Audience,
    /// Too many for one session.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<WsTicketError> for wire::Error {
    fn from(error: WsTicketError) -> Self {
        match error {
            WsTicketError::Audience => Self::field("audience", FieldCode::Invalid),
            WsTicketError::Limited(limited) => limited.into(),
            WsTicketError::Fault(fault) => fault.into(),
        }
    }
}

impl From<LimitError> for WsTicketError {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::Limited(limited) => limited.into(),
            LimitError::Fault(fault) => fault.into(),
        }
    }
}

/// Why a ticket was not redeemed.
#[derive(Debug, thiserror::Error)]
pub enum RedeemWsTicketError {
    /// Nobody issued it, it was used, has expired, is another service's, or its session has ended. The
    /// world is not told which.
    #[error("the ticket opens nothing")]
    Invalid,
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<RedeemWsTicketError> for wire::Error {
    fn from(error: RedeemWsTicketError) -> Self {
        match error {
            RedeemWsTicketError::Invalid => ErrorCode::InvalidToken.into(),
            RedeemWsTicketError::Fault(fault) => fault.into(),
        }
    }
}

impl Auth {
    /// A ticket of a session for a service; the services' own audience unless named.
    ///
    /// # Errors
    /// [`WsTicketError`].
    pub async fn issue_ws_ticket(
        &self,
        session: &Session,
        audience: Option<&str>,
        client: &Client,
    ) -> Result<Secret, WsTicketError> {
        let known = &self.settings().audience;
        if audience.is_some_and(|wanted| wanted != known) {
            return Err(WsTicketError::Audience);
        }
        self.admit_by(session, client, &[(Rate::WsTicket, &session.id)])
            .await?;
        let ticket = draw_token(self.entropy());
        let digest = TokenDigest::of(&ticket);
        let mut tx = self.store().write().await?;
        let opens = WsTicketRow {
            session_id: session.id.clone(),
            ends_at: session.expires_at,
        };
        let expires_at = self.now() + WS_TICKET_LIFE;
        tx.add_ws_ticket(digest.as_bytes(), &opens, known, expires_at)
            .await?;
        tx.commit().await?;
        Ok(ticket)
    }

    /// Uses a ticket up: an access token of its session, for the services alone. A ticket shown for
    /// another service stays what it was.
    ///
    /// # Errors
    /// [`RedeemWsTicketError`].
    pub async fn redeem_ws_ticket(
        &self,
        ticket: &Secret,
        audience: &str,
    ) -> Result<AccessToken, RedeemWsTicketError> {
        // Before the database is asked: anybody may send anything.
        if audience != self.settings().audience {
            return Err(RedeemWsTicketError::Invalid);
        }
        let (digest, now) = (TokenDigest::of(ticket), self.now());
        let mut tx = self.store().write().await?;
        let opens = tx
            .consume_ws_ticket(digest.as_bytes(), audience, now)
            .await?
            .ok_or(RedeemWsTicketError::Invalid)?;
        let session = self.read_session(&mut tx, &opens.session_id).await?;
        tx.commit().await?;
        let mut session = session
            .filter(|_| now < opens.ends_at)
            .ok_or(RedeemWsTicketError::Invalid)?;
        session.expires_at = session.expires_at.min(opens.ends_at);
        Ok(self.sign_access_token(&session, Audience::Services)?)
    }
}
