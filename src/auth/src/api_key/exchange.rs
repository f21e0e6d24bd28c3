//! Exchanging a key for an access token: how a service learns who holds it, without ever seeing more of it.
//!
//! Clients keep the token until it is nearly over, so a busy key is exchanged four times an hour from each
//! service. The log says once a day and network, of each node, that it was.

use wire::{AccessToken, Audience};

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::error::Fault;
use crate::session::Session;

/// How often an exchange is written down, in seconds.
const NOTED_EVERY: i64 = 86_400;

impl Auth {
    /// A token for the services, with what a key may do now. It ends with the key at the latest.
    ///
    /// # Errors
    /// When the database does not answer, or signing fails.
    pub async fn exchange_api_key(
        &self,
        session: &Session,
        client: &Client,
    ) -> Result<AccessToken, Fault> {
        let token = self.access_token(session, Audience::Services).await?;
        self.note_exchange(session, client).await?;
        Ok(token)
    }

    async fn note_exchange(&self, session: &Session, client: &Client) -> Result<(), Fault> {
        let Some(key) = &session.key else {
            return Ok(());
        };
        let (exchanged, now) = (&self.key_cache().exchanged, self.now());
        let whence = (key.id.clone(), client.network());
        let noted = exchanged.get(&whence).await;
        if noted.is_some_and(|noted| now - noted < NOTED_EVERY) {
            return Ok(());
        }
        exchanged.insert(whence, now).await;
        let entry = Entry::done("api_key.exchanged", client).by(session);
        self.audit_alone(entry.subject(&session.user.id)).await
    }
}
