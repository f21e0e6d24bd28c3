//! Refresh tokens (D9, RFC 9700 4.14.2): each is used once, and using one twice is either a tab that
//! lost a race or a thief.
//!
//! A repeat of the immediate predecessor, within 30 seconds, from the same network and program,
//! while its successor has not been presented, gets that same successor again: two hundred tabs
//! refreshing at once stay signed in with one live token. Any other repeat ends the whole family,
//! which is the session, and its owner gets a letter. All of it is in the database: a restart
//! forgets nothing.

use aws_lc_rs::aead::{Aad, NONCE_LEN, Nonce};
use wire::{Audience, ErrorCode, Secret, TokenPair};

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::error::Fault;
use crate::ring::{aead, derive};
use crate::secret::{TokenDigest, draw_token, sha256};
use crate::session::Session;
use crate::sign_in::REFRESH_IDLE;
use crate::store::{Exchange, RefreshRow, Tx};

/// How long a predecessor may be repeated, in seconds.
pub(crate) const REPEATABLE: i64 = 30;

/// Why a refresh token was not exchanged.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// Nobody issued it.
    #[error("unknown refresh token")]
    Unknown,
    /// It was not used in time.
    #[error("refresh token expired")]
    Expired,
    /// Its session has ended.
    #[error("the session has ended")]
    Ended,
    /// It was used before, and this was no lost race: the session has been ended.
    #[error("refresh token reused; the session was ended")]
    Reused,
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<RefreshError> for wire::Error {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::Unknown => ErrorCode::InvalidToken.into(),
            RefreshError::Expired => ErrorCode::TokenExpired.into(),
            RefreshError::Ended | RefreshError::Reused => ErrorCode::TokenRevoked.into(),
            RefreshError::Fault(fault) => fault.into(),
        }
    }
}

impl Auth {
    /// Exchanges a refresh token for the next pair. Account, session and rights are read anew.
    ///
    /// # Errors
    /// [`RefreshError`].
    pub async fn refresh(
        &self,
        token: &Secret,
        audience: Audience,
        client: &Client,
    ) -> Result<TokenPair, RefreshError> {
        let digest = TokenDigest::of(token);
        let successor = draw_token(self.entropy());
        let successor_digest = TokenDigest::of(&successor);
        let sealed = self.seal_successor(token, &successor);
        let mut tx = self.store().write().await?;
        let exchange = Exchange {
            digest: digest.as_bytes(),
            successor_digest: successor_digest.as_bytes(),
            successor_sealed: &sealed,
            network: &client.neighbourhood(),
            agent: &sha256(client.agent.as_bytes()),
            now: self.now(),
        };
        match tx.consume_refresh_token(&exchange).await? {
            Some(session_id) => {
                self.rotate(tx, &session_id, &digest, successor, audience)
                    .await
            }
            None => self.repeat(tx, token, &digest, audience, client).await,
        }
    }

    async fn rotate(
        &self,
        mut tx: Tx,
        session_id: &str,
        digest: &TokenDigest,
        successor: Secret,
        audience: Audience,
    ) -> Result<TokenPair, RefreshError> {
        let now = self.now();
        let session = self
            .read_session(&mut tx, session_id)
            .await?
            .ok_or(RefreshError::Ended)?;
        let expires_at = (now + REFRESH_IDLE.min(session.idle_seconds)).min(session.expires_at);
        tx.add_refresh_token(
            TokenDigest::of(&successor).as_bytes(),
            session_id,
            now,
            expires_at,
        )
        .await?;
        // This token was presented: its own predecessor gives it to nobody any more.
        tx.delete_sealed_successor(digest.as_bytes()).await?;
        tx.set_session_seen(session_id, now, now).await?;
        tx.commit().await?;
        self.pair(&session, successor, audience)
    }

    /// A token that was used, has ended or never was.
    async fn repeat(
        &self,
        mut tx: Tx,
        token: &Secret,
        digest: &TokenDigest,
        audience: Audience,
        client: &Client,
    ) -> Result<TokenPair, RefreshError> {
        let row = tx
            .refresh_token_by_digest(digest.as_bytes())
            .await?
            .ok_or(RefreshError::Unknown)?;
        // Before the session: one that nobody used has gone idle by then, which nobody ended.
        if row.rotated_at.is_none() && row.expires_at <= self.now() {
            return Err(RefreshError::Expired);
        }
        let Some(session) = self.read_session(&mut tx, &row.session_id).await? else {
            return Err(RefreshError::Ended);
        };
        match self.successor_for(token, &row, client) {
            Some(successor) => {
                drop(tx);
                self.pair(&session, successor, audience)
            }
            None => self.end_family(tx, &session, client).await,
        }
    }

    /// The successor, if this repeat is a lost race.
    fn successor_for(&self, token: &Secret, row: &RefreshRow, client: &Client) -> Option<Secret> {
        let in_time = row
            .rotated_at
            .is_some_and(|at| self.now() - at <= REPEATABLE);
        let same_network = row.rotated_network.as_deref() == Some(client.neighbourhood().as_str());
        let same_agent = row.rotated_agent.as_deref() == Some(&sha256(client.agent.as_bytes())[..]);
        let sealed = row
            .successor_sealed
            .as_deref()
            .filter(|_| in_time && same_network && same_agent)?;
        open_successor(token, sealed)
    }

    async fn end_family(
        &self,
        mut tx: Tx,
        session: &Session,
        client: &Client,
    ) -> Result<TokenPair, RefreshError> {
        let user = &session.user.id;
        let detail = serde_json::json!({ "session": session.id });
        self.audit(
            &mut tx,
            Entry::refused("refresh_token.reused", client, "reuse")
                .subject(user)
                .detail(detail),
        )
        .await?;
        self.add_letter(&mut tx, "reuse_detected", user, client)
            .await?;
        self.end_in(tx, &session.id, "reuse", client).await?;
        self.letters().notify_one();
        tracing::warn!(session = %session.id, "a refresh token was used twice; the session was ended");
        Err(RefreshError::Reused)
    }

    fn pair(
        &self,
        session: &Session,
        refresh_token: Secret,
        audience: Audience,
    ) -> Result<TokenPair, RefreshError> {
        let access = self.sign_access_token(session, audience)?;
        Ok(TokenPair {
            access_token: access.access_token,
            refresh_token,
            token_type: access.token_type,
            expires_in: access.expires_in,
        })
    }

    /// Seals a successor so that only who holds the predecessor can read it: not the database, not
    /// the key ring.
    fn seal_successor(&self, predecessor: &Secret, successor: &Secret) -> Vec<u8> {
        let mut nonce = [0; NONCE_LEN];
        self.entropy().fill(&mut nonce);
        let mut sealed = successor.reveal().as_bytes().to_vec();
        aead(&successor_key(predecessor))
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::empty(),
                &mut sealed,
            )
            .expect("a token is short enough to be sealed");
        [nonce.as_slice(), &sealed].concat()
    }
}

fn open_successor(predecessor: &Secret, sealed: &[u8]) -> Option<Secret> {
    let (nonce, body) = sealed.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut body = body.to_vec();
    let plain = aead(&successor_key(predecessor))
        .open_in_place(nonce, Aad::empty(), &mut body)
        .ok()?;
    Some(Secret::new(String::from_utf8(plain.to_vec()).ok()?))
}

fn successor_key(predecessor: &Secret) -> [u8; 32] {
    derive(
        predecessor.reveal().as_bytes(),
        b"gatehouse refresh successor v1",
    )
}
