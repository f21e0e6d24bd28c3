//! Asking for a mailed code to sign in with (D7).
//!
//! Promises: the answer, its cost and its side effects are the same for every address: one with an
//! account, a disabled one, one that waits to be proven, one nobody knows. The request makes a flow
//! and notes the wish; whether anything is sent, and with which secrets, is decided when it is sent
//! (`outbox`). Nothing here looks at accounts at all.
//!
//! A further letter of the same flow adds a code and gives no further tries; a new flow has tries of
//! its own, and the address's day of wrong codes (`limit`) runs over all of them.

use wire::{Email, ErrorCode, FieldCode, Secret};

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::clock::Timestamp;
use crate::error::Fault;
use crate::limit::{LimitError, Limited, Rate};
use crate::log_in_by_code::TRIES;
use crate::secret::{TokenDigest, draw_token};
use crate::store::{SignInFlowRow, Tx};

/// How long a flow lives from its newest letter, in seconds. Longer than a code, so that a letter
/// that was slow to leave is not dead on arrival; and the same whether or not one left.
const FLOW_LIFE: i64 = 900;
/// Living flows of one address.
const FLOWS: i64 = 3;
/// Seconds between two letters of a flow.
const BETWEEN_LETTERS: i64 = 30;

/// Why no code was asked for.
#[derive(Debug, thiserror::Error)]
pub enum RequestSignInCodeError {
    /// The operator switched this way in off.
    #[error("signing in by mailed code is switched off")]
    SwitchedOff,
    /// Too often: by this network, or to this address.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<RequestSignInCodeError> for wire::Error {
    fn from(error: RequestSignInCodeError) -> Self {
        match error {
            // Then a sign-in without a password is just one that lacks it.
            RequestSignInCodeError::SwitchedOff => Self::field("password", FieldCode::Required),
            RequestSignInCodeError::Limited(limited) => limited.into(),
            RequestSignInCodeError::Fault(fault) => fault.into(),
        }
    }
}

impl From<LimitError> for RequestSignInCodeError {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::Limited(limited) => limited.into(),
            LimitError::Fault(fault) => fault.into(),
        }
    }
}

/// Why no further letter was asked for.
#[derive(Debug, thiserror::Error)]
pub enum ResendSignInCodeError {
    /// The flow has ended, or never was: begin anew.
    #[error("the flow has ended, or never was")]
    Ended,
    /// Whatever refuses the first letter refuses another.
    #[error(transparent)]
    Refused(#[from] RequestSignInCodeError),
}

impl From<ResendSignInCodeError> for wire::Error {
    fn from(error: ResendSignInCodeError) -> Self {
        match error {
            ResendSignInCodeError::Ended => ErrorCode::InvalidCode.into(),
            ResendSignInCodeError::Refused(refused) => refused.into(),
        }
    }
}

impl From<Fault> for ResendSignInCodeError {
    fn from(fault: Fault) -> Self {
        Self::Refused(fault.into())
    }
}

/// A flow that waits for its code: what its page says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingSignIn {
    /// The address it is about, whether or not that has an account.
    pub email: Email,
    /// Seconds until another letter may be asked for.
    pub again_in: u32,
    /// Whether a code may still be tried.
    pub has_tries: bool,
}

impl Auth {
    /// Begins a sign-in by mailed code. Returns the flow's secret, which its code needs.
    ///
    /// # Errors
    /// [`RequestSignInCodeError`]; none of its reasons tells whether the address has an account.
    pub async fn request_sign_in_code(
        &self,
        email: Email,
        client: &Client,
    ) -> Result<Secret, RequestSignInCodeError> {
        if !self.settings().email_code {
            return Err(RequestSignInCodeError::SwitchedOff);
        }
        let now = self.now();
        let flow = draw_token(self.entropy());
        let row = SignInFlowRow {
            id: self.draw_id(),
            email: email.as_str().to_owned(),
            flow_digest: TokenDigest::of(&flow).as_bytes().to_vec(),
            tries: 0,
            address: client.address.to_string(),
            agent: client.agent.clone(),
            asked_at: now,
            created_at: now,
            expires_at: now + FLOW_LIFE,
        };
        let mut tx = self.store().write().await?;
        // In this transaction: the address's row is held, so flows begun at once are counted one
        // after the other.
        let mut admitted = self.admit_letter(&mut tx, &row.email, client).await;
        if admitted.is_ok() {
            admitted = self.admit_flow(&mut tx, &row.email).await;
        }
        if let Err(LimitError::Limited(limited)) = &admitted {
            drop(tx);
            self.note_limited(limited, client).await?;
            return Err((*limited).into());
        }
        admitted?;
        tx.add_sign_in_flow(&row).await?;
        self.note_wish(tx, &row.id, client).await?;
        Ok(flow)
    }

    /// Asks for another letter of a flow. Codes of its former letters stay good until their time is
    /// over: people read the first letter that arrives.
    ///
    /// # Errors
    /// [`ResendSignInCodeError`].
    pub async fn resend_sign_in_code(
        &self,
        flow: &Secret,
        client: &Client,
    ) -> Result<(), ResendSignInCodeError> {
        if !self.settings().email_code {
            return Err(RequestSignInCodeError::SwitchedOff.into());
        }
        let now = self.now();
        let mut tx = self.store().write().await?;
        let row = tx
            .sign_in_flow_by_secret(TokenDigest::of(flow).as_bytes(), now)
            .await?
            .filter(|row| row.tries < TRIES)
            .ok_or(ResendSignInCodeError::Ended)?;
        if self.again_in(&row) > 0 {
            let again = self.refuse_until(row.asked_at + BETWEEN_LETTERS);
            return Err(RequestSignInCodeError::Limited(again).into());
        }
        self.admit_letter(&mut tx, &row.email, client)
            .await
            .map_err(RequestSignInCodeError::from)?;
        if !tx
            .set_sign_in_flow_asked(&row.id, now, row.asked_at, now + FLOW_LIFE)
            .await?
        {
            // Another tab was first.
            let again = self.refuse_until(now + BETWEEN_LETTERS);
            return Err(RequestSignInCodeError::Limited(again).into());
        }
        Ok(self.note_wish(tx, &row.id, client).await?)
    }

    /// The flow somebody holds the secret of; `None` when it has ended or never was.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn pending_sign_in(&self, flow: &Secret) -> Result<Option<PendingSignIn>, Fault> {
        let row = self
            .store()
            .read()
            .await?
            .sign_in_flow_by_secret(TokenDigest::of(flow).as_bytes(), self.now())
            .await?;
        row.map(|row| {
            Ok(PendingSignIn {
                email: flow_email(&row)?,
                again_in: u32::try_from(self.again_in(&row)).unwrap_or(0),
                has_tries: row.tries < TRIES,
            })
        })
        .transpose()
    }

    /// Seconds until another letter of a flow may be asked for; 0 while limits are switched off.
    fn again_in(&self, row: &SignInFlowRow) -> Timestamp {
        if self.settings().limits <= 0.0 {
            return 0;
        }
        (row.asked_at + BETWEEN_LETTERS - self.now()).max(0)
    }

    async fn admit_letter(
        &self,
        tx: &mut Tx,
        email: &str,
        client: &Client,
    ) -> Result<(), LimitError> {
        let network = client.network();
        self.admit_in(tx, &[(Rate::SignInCode, &network), (Rate::Letter, email)])
            .await
    }

    /// Refuses the one flow too many of an address. None that lives is ended for it: else anybody
    /// could end the flow of whoever is just reading their mail.
    async fn admit_flow(&self, tx: &mut Tx, email: &str) -> Result<(), LimitError> {
        let Some(most) = self.at_most(FLOWS) else {
            return Ok(());
        };
        let ends = tx.list_sign_in_flow_ends(email, self.now()).await?;
        match ends.len().checked_sub(most) {
            Some(too_many) => Err(self.refuse_until(ends[too_many]).into()),
            None => Ok(()),
        }
    }

    async fn note_wish(&self, mut tx: Tx, flow: &str, client: &Client) -> Result<(), Fault> {
        self.add_letter(&mut tx, "sign_in_code", flow, client)
            .await?;
        let entry = Entry::done("sign_in_code.requested", client).subject(flow);
        self.audit(&mut tx, entry).await?;
        tx.commit().await?;
        self.letters().notify_one();
        Ok(())
    }
}

/// The address of a flow.
pub(crate) fn flow_email(row: &SignInFlowRow) -> Result<Email, Fault> {
    Email::parse(&row.email).map_err(|_| Fault::Inconsistent("sign_in_flows.email is no address"))
}
