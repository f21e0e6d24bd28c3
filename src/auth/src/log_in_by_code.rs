//! Signing in with what a letter brought: a code, a link, or both (D7).
//!
//! Three proofs. In the flow that asked, the code is enough, and so is the link. Elsewhere the link
//! needs the letter's code beside it: a mail scanner that opens links and presses their buttons
//! signs nobody in, and nobody is signed in by a link that somebody else asked for. A code without
//! its flow and without its link is no code.
//!
//! Order: the flow's tries, the address's day and the portal's quarter of an hour (`limit`) are
//! counted and committed before a code is looked at; expiry and single use are one statement. What
//! is wrong, expired, foreign or of an account that may not sign in gets one answer after the same
//! statements.

use wire::{Email, ErrorCode, Secret};

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::error::Fault;
use crate::limit::{Attempt, LimitError, Limited};
use crate::ring::Purpose;
use crate::secret::{TokenDigest, hmac_sha256};
use crate::sign_in::{Proven, SignIn, Started, Want};
use crate::store::{SignInFlowRow, Tx};

/// What a one-time token of this flow is good for.
pub(crate) const PURPOSE: &str = "sign_in";
/// Codes a flow may try.
pub(crate) const TRIES: i64 = 5;

/// The request that finishes a sign-in by letter.
#[derive(Clone, Debug, Default)]
pub struct LogInByCode {
    /// Six digits. Not needed for a link in the flow that asked.
    pub code: Option<Secret>,
    /// From the link in the letter.
    pub token: Option<Secret>,
    /// The flow's secret, if the finisher has it.
    pub flow: Option<Secret>,
    /// For whom it is, if said: another address than the flow's is refused.
    pub email: Option<Email>,
}

/// Why somebody was not signed in. Nothing is used up by any of these, but a try.
#[derive(Debug, thiserror::Error)]
pub enum LogInByCodeError {
    /// The link was used, has ended or never was.
    #[error("the link is used, has ended or never was")]
    Link,
    /// The code is wrong, has ended, or is of another flow.
    #[error("the code is wrong, has ended, or is of another flow")]
    Code,
    /// The link was opened elsewhere than it was asked for, and the code is missing.
    #[error("the code of the letter is needed too")]
    CodeNeeded,
    /// The account may not sign in, or is there no more. Said as a wrong code.
    #[error("the account may not sign in")]
    Account,
    /// Too many wrong codes.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl LogInByCodeError {
    /// The word for log and audit.
    fn reason(&self) -> &'static str {
        match self {
            Self::Link => "dead_link",
            Self::Code | Self::CodeNeeded => "wrong_code",
            Self::Account => "closed",
            Self::Limited(_) => "limited",
            Self::Fault(_) => "fault",
        }
    }
}

impl From<LogInByCodeError> for wire::Error {
    fn from(error: LogInByCodeError) -> Self {
        match error {
            LogInByCodeError::Link => ErrorCode::InvalidOrExpiredLink.into(),
            LogInByCodeError::Code | LogInByCodeError::Account => ErrorCode::InvalidCode.into(),
            LogInByCodeError::CodeNeeded => Self::field("code", wire::FieldCode::Required),
            LogInByCodeError::Limited(limited) => limited.into(),
            LogInByCodeError::Fault(fault) => fault.into(),
        }
    }
}

impl From<LimitError> for LogInByCodeError {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::Limited(limited) => limited.into(),
            LimitError::Fault(fault) => fault.into(),
        }
    }
}

/// What of a letter the finisher showed.
enum Shown {
    /// The link, in the flow that asked.
    Link(TokenDigest),
    /// The code; of the flow that asked, or beside the link.
    Code([u8; 32]),
}

impl Shown {
    fn refusal(&self) -> LogInByCodeError {
        match self {
            Self::Link(_) => LogInByCodeError::Link,
            Self::Code(_) => LogInByCodeError::Code,
        }
    }
}

impl Auth {
    /// Signs somebody in by letter.
    ///
    /// # Errors
    /// [`LogInByCodeError`].
    pub async fn log_in_by_code(
        &self,
        finish: LogInByCode,
        want: Want,
        client: &Client,
    ) -> Result<SignIn, LogInByCodeError> {
        if !self.settings().email_code {
            return Err(LogInByCodeError::Code);
        }
        let row = self.flow_of(&finish).await?;
        let holds_flow = finish.flow.as_ref().is_some_and(|flow| row.is_of(flow));
        match (&finish.token, &finish.code) {
            (Some(token), _) if holds_flow => {
                let shown = Shown::Link(TokenDigest::of(token));
                self.finish_by(&row, &shown, None, want, client).await
            }
            (_, None) => Err(LogInByCodeError::CodeNeeded),
            (_, Some(code)) => {
                let attempt = self.spend_sign_in_try(&row, client).await?;
                let shown = Shown::Code(self.sign_in_code_digest(&row.id, code));
                self.finish_by(&row, &shown, Some(&attempt), want, client)
                    .await
            }
        }
    }

    /// The living flow of a link or, without one, of the flow's own secret. For the address the
    /// finisher says, if any.
    async fn flow_of(&self, finish: &LogInByCode) -> Result<SignInFlowRow, LogInByCodeError> {
        let now = self.now();
        let mut tx = self.store().read().await?;
        let row = match (&finish.token, &finish.flow) {
            (Some(token), _) => {
                let flow = tx
                    .one_time_token_by_digest(PURPOSE, TokenDigest::of(token).as_bytes(), now)
                    .await?
                    .ok_or(LogInByCodeError::Link)?;
                tx.sign_in_flow_by_id(&flow, now)
                    .await?
                    .ok_or(LogInByCodeError::Link)?
            }
            (None, Some(flow)) => tx
                .sign_in_flow_by_secret(TokenDigest::of(flow).as_bytes(), now)
                .await?
                .ok_or(LogInByCodeError::Code)?,
            (None, None) => return Err(LogInByCodeError::Code),
        };
        match &finish.email {
            Some(email) if email.as_str() != row.email => Err(LogInByCodeError::Code),
            _ => Ok(row),
        }
    }

    /// Counts a code before it is looked at, and commits that: as one of the flow's tries, which is
    /// never switched off, on the address's day and on the portal's quarter of an hour. What one of
    /// them refuses counts on none: guesses at a flow whose tries are spent take nothing of the day.
    async fn spend_sign_in_try(
        &self,
        row: &SignInFlowRow,
        client: &Client,
    ) -> Result<Attempt, LogInByCodeError> {
        let attempt = self.code_attempt(&row.email).from(client);
        let mut tx = self.store().write().await?;
        if !tx.consume_sign_in_try(&row.id, TRIES).await? {
            return Err(LogInByCodeError::Code);
        }
        self.count_failure_in(&mut tx, &attempt).await?;
        tx.commit().await?;
        Ok(attempt)
    }

    async fn finish_by(
        &self,
        row: &SignInFlowRow,
        shown: &Shown,
        attempt: Option<&Attempt>,
        want: Want,
        client: &Client,
    ) -> Result<SignIn, LogInByCodeError> {
        let mut tx = self.store().write().await?;
        match self.let_in_by(&mut tx, row, shown, want, client).await {
            Ok((started, ended)) => {
                if let Some(attempt) = attempt {
                    self.clear_failures(&mut tx, attempt).await?;
                }
                Ok(self.finish_sign_in(tx, started, ended, want).await?)
            }
            Err(refusal @ LogInByCodeError::Fault(_)) => Err(refusal),
            Err(refusal) => {
                drop(tx);
                let entry = Entry::refused("session.start", client, refusal.reason());
                self.audit_alone(entry.subject(&row.id)).await?;
                Err(refusal)
            }
        }
    }

    /// Uses the letter up and begins the session. Returns the sessions that ended with it.
    async fn let_in_by(
        &self,
        tx: &mut Tx,
        row: &SignInFlowRow,
        shown: &Shown,
        want: Want,
        client: &Client,
    ) -> Result<(Started, Vec<String>), LogInByCodeError> {
        let now = self.now();
        let is_first = tx.consume_sign_in_flow(&row.id, now).await?;
        let is_right = match shown {
            Shown::Link(digest) => {
                let used = tx
                    .consume_one_time_token(PURPOSE, digest.as_bytes(), now)
                    .await?;
                used.is_some()
            }
            Shown::Code(digest) => tx.consume_code(PURPOSE, &row.id, digest, now).await?,
        };
        if !(is_first && is_right) {
            return Err(shown.refusal());
        }
        let found = tx.user_by_email(&row.email).await?;
        let id = found.ok_or(LogInByCodeError::Account)?.id;
        // Locks the account's row, then looks: whoever disables it right now is seen, or waits and
        // ends this session too.
        tx.set_last_login(&id, now).await?;
        let still = tx.user_by_id(&id).await?;
        if !still.is_some_and(|user| user.may_sign_in() && user.email == row.email) {
            return Err(LogInByCodeError::Account);
        }
        let ended = self.prove_address(tx, &id, client).await?;
        tx.delete_sign_in_secrets(&row.id).await?;
        let started = self
            .start_session(tx, &id, Proven::EmailCode, want, client)
            .await?;
        Ok((started, ended))
    }

    /// Whoever reads an address's mail proves it. Where proving is switched off, somebody else may
    /// have registered the address first: their password and their sessions end here (D13).
    async fn prove_address(
        &self,
        tx: &mut Tx,
        user_id: &str,
        client: &Client,
    ) -> Result<Vec<String>, Fault> {
        let now = self.now();
        if !tx.set_email_proven_and_password_gone(user_id, now).await? {
            return Ok(Vec::new());
        }
        let ended = tx
            .set_sessions_revoked(user_id, None, now, "address_proven")
            .await?;
        let entry = Entry::done("email.verified", client).subject(user_id);
        let detail = serde_json::json!({ "endedSessions": ended.len() });
        self.audit(tx, entry.detail(detail)).await?;
        Ok(ended)
    }

    /// The digest of a code: under the ring, and bound to its flow.
    pub(crate) fn sign_in_code_digest(&self, flow: &str, code: &Secret) -> [u8; 32] {
        hmac_sha256(
            &self.ring().mac_key(Purpose::Code),
            &[
                PURPOSE.as_bytes(),
                flow.as_bytes(),
                code.reveal().as_bytes(),
            ],
        )
    }
}

impl SignInFlowRow {
    /// Whether this is the flow's secret.
    pub(crate) fn is_of(&self, flow: &Secret) -> bool {
        TokenDigest::of(flow).as_bytes() == self.flow_digest
    }
}
