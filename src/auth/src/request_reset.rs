//! Asking for a reset: somebody says they forgot the password of an address.
//!
//! Promises: the answer, its cost and its side effects are the same for every address, whether it has
//! an account, a disabled one, a registration that waits, or nothing. The request notes the wish;
//! whether there is anybody to write to is decided when the letter is sent (`outbox`). The link in
//! it works in any browser; its code only in the flow that asked.

use wire::{Email, Secret};

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::error::Fault;
use crate::limit::{LimitError, Limited, Rate};
use crate::secret::{TokenDigest, draw_token};
use crate::store::{ResetRow, Tx};

/// A letter is tried for a day, and its link then lives an hour.
const KEPT: i64 = 25 * 3600;

/// Whether somebody waits who could type a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WithCode {
    /// The letter has a link and a code.
    Yes,
    /// The letter has a link alone.
    No,
}

/// Why no wish for a reset was taken on.
#[derive(Debug, thiserror::Error)]
pub enum RequestResetError {
    /// Too often, to this address or from this network.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<LimitError> for RequestResetError {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::Limited(limited) => limited.into(),
            LimitError::Fault(fault) => fault.into(),
        }
    }
}

impl From<RequestResetError> for wire::Error {
    fn from(error: RequestResetError) -> Self {
        match error {
            RequestResetError::Limited(limited) => limited.into(),
            RequestResetError::Fault(fault) => fault.into(),
        }
    }
}

impl Auth {
    /// Takes on a reset letter to an address. Returns the flow's secret, where one was wanted.
    ///
    /// # Errors
    /// [`RequestResetError`]; neither of its reasons tells whether the address is known.
    pub async fn request_password_reset(
        &self,
        email: Email,
        with_code: WithCode,
        client: &Client,
    ) -> Result<Option<Secret>, RequestResetError> {
        self.admit_from(
            client,
            &[
                (Rate::Reset, &client.network()),
                (Rate::Letter, email.as_str()),
            ],
        )
        .await?;
        let flow = (with_code == WithCode::Yes).then(|| draw_token(self.entropy()));
        let mut tx = self.store().write().await?;
        let id = self
            .begin_reset(&mut tx, email.as_str(), flow.as_ref(), client)
            .await?;
        let entry = Entry::done("password.reset_requested", client).subject(&id);
        self.audit(&mut tx, entry).await?;
        tx.commit().await?;
        self.letters().notify_one();
        Ok(flow)
    }

    /// Notes the wish and its letter, in the transaction of the act that causes it. Without a flow
    /// nobody waits for a code. Returns the wish's id.
    pub(crate) async fn begin_reset(
        &self,
        tx: &mut Tx,
        email: &str,
        flow: Option<&Secret>,
        client: &Client,
    ) -> Result<String, Fault> {
        let now = self.now();
        let row = ResetRow {
            id: self.draw_id(),
            email: email.to_owned(),
            flow_digest: flow.map(|flow| TokenDigest::of(flow).as_bytes().to_vec()),
            tries: 0,
            created_at: now,
            expires_at: now + KEPT,
        };
        tx.add_reset(&row).await?;
        self.add_letter(tx, "password_reset", &row.id, client)
            .await?;
        Ok(row.id)
    }
}
