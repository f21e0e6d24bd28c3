//! Consents (req 156, LGPD articles 8 and 18): what people agreed to, in which version.
//!
//! Promises: a consent holds only for the version that was read; a new version is asked for anew.
//! An optional one is taken back as easily as it was given. A required one is not: who takes it
//! back deletes the account, and is told so. Every change is a row of history and of the audit log.
//! What a missing consent keeps people from is the doors' business: pages ask before they go on.

use wire::{Consent, ConsentPurpose, ConsentStatus, ErrorCode};

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::clock::rfc3339;
use crate::error::Fault;
use crate::secret::is_id;
use crate::settings::ConsentDocument;
use crate::store::{ConsentRow, NewConsent};

/// Why a consent was not given or taken back.
#[derive(Debug, thiserror::Error)]
pub enum ConsentError {
    /// This portal does not ask for it.
    #[error("this purpose is not asked for")]
    NotAsked,
    /// Another version is current by now.
    #[error("this is not the current version")]
    Outdated,
    /// Required as long as there is an account.
    #[error("a required consent is taken back by deleting the account")]
    Required,
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<ConsentError> for wire::Error {
    fn from(error: ConsentError) -> Self {
        match error {
            ConsentError::NotAsked => ErrorCode::NotFound.into(),
            ConsentError::Outdated => Self::conflict("version"),
            ConsentError::Required => Self::conflict("purpose"),
            ConsentError::Fault(fault) => fault.into(),
        }
    }
}

impl Auth {
    /// Every purpose, and how an account stands to it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn consents(&self, user_id: &str) -> Result<Vec<Consent>, Fault> {
        let mut tx = self.store().read().await?;
        let rows = tx.list_consents_by_user(user_id).await?;
        let stand = |purpose: &ConsentPurpose| {
            let latest = rows.iter().rfind(|row| row.purpose == purpose.as_str());
            stand(*purpose, self.settings().consents.get(purpose), latest)
        };
        Ok(ConsentPurpose::ALL.iter().map(stand).collect())
    }

    /// The same of any account, for those who manage people; `None`: there is no such account.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn consents_of(&self, user_id: &str) -> Result<Option<Vec<Consent>>, Fault> {
        if !is_id(user_id) {
            return Ok(None);
        }
        let user = self.store().read().await?.user_by_id(user_id).await?;
        match user {
            Some(user) => Ok(Some(self.consents(&user.id).await?)),
            None => Ok(None),
        }
    }

    /// Whether a consent holds: given, for the current version, not taken back. Asked before
    /// anything is done that needs it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn has_consent(&self, user_id: &str, purpose: ConsentPurpose) -> Result<bool, Fault> {
        let consents = self.consents(user_id).await?;
        Ok(consents
            .iter()
            .any(|consent| consent.purpose == purpose && consent.status == ConsentStatus::Given))
    }

    /// Whether a required consent is missing. Asks the database only where the portal asks people.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn lacks_consent(&self, user_id: &str) -> Result<bool, Fault> {
        let mut documents = self.settings().consents.values();
        if !documents.any(|document| document.required) {
            return Ok(false);
        }
        let consents = self.consents(user_id).await?;
        Ok(consents.iter().any(Consent::is_missing))
    }

    /// Gives a consent for the version that was read. Giving it again changes nothing.
    ///
    /// # Errors
    /// [`ConsentError::NotAsked`], [`ConsentError::Outdated`].
    pub async fn give_consent(
        &self,
        user_id: &str,
        purpose: ConsentPurpose,
        version: &str,
        client: &Client,
    ) -> Result<Consent, ConsentError> {
        let document = self.settings().consents.get(&purpose);
        let document = document.ok_or(ConsentError::NotAsked)?;
        if document.version != version {
            return Err(ConsentError::Outdated);
        }
        self.note_consent(user_id, purpose, version, client).await?;
        Ok(self.consent(user_id, purpose).await?)
    }

    async fn note_consent(
        &self,
        user_id: &str,
        purpose: ConsentPurpose,
        version: &str,
        client: &Client,
    ) -> Result<(), Fault> {
        let mut tx = self.store().write().await?;
        let is_new = tx
            .add_consent(&NewConsent {
                id: &self.draw_id(),
                user_id,
                purpose: purpose.as_str(),
                version,
                now: self.now(),
                address: &client.address.to_string(),
                agent: &client.agent,
            })
            .await?;
        if is_new {
            let detail = serde_json::json!({ "purpose": purpose.as_str(), "version": version });
            let entry = Entry::done("consent.given", client).actor(user_id);
            self.audit(&mut tx, entry.subject(user_id).detail(detail))
                .await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Takes a consent back, in whatever version it was given. Taking back what does not hold
    /// changes nothing.
    ///
    /// # Errors
    /// [`ConsentError::Required`].
    pub async fn withdraw_consent(
        &self,
        user_id: &str,
        purpose: ConsentPurpose,
        client: &Client,
    ) -> Result<(), ConsentError> {
        let document = self.settings().consents.get(&purpose);
        if document.is_some_and(|document| document.required) {
            return Err(ConsentError::Required);
        }
        let mut tx = self.store().write().await?;
        let withdrawn = tx
            .set_consents_withdrawn(user_id, purpose.as_str(), self.now())
            .await?;
        if withdrawn > 0 {
            let detail = serde_json::json!({ "purpose": purpose.as_str() });
            let entry = Entry::done("consent.withdrawn", client).actor(user_id);
            self.audit(&mut tx, entry.subject(user_id).detail(detail))
                .await?;
            tx.commit().await?;
        }
        Ok(())
    }

    async fn consent(&self, user_id: &str, purpose: ConsentPurpose) -> Result<Consent, Fault> {
        let consents = self.consents(user_id).await?;
        let mut consents = consents.into_iter();
        consents
            .find(|consent| consent.purpose == purpose)
            .ok_or(Fault::Inconsistent("a purpose is missing"))
    }
}

/// How one purpose stands: what is asked for, and what was given last.
fn stand(
    purpose: ConsentPurpose,
    document: Option<&ConsentDocument>,
    latest: Option<&ConsentRow>,
) -> Consent {
    let required = document.is_some_and(|document| document.required);
    let status = match (document, latest) {
        (_, Some(row)) if row.withdrawn_at.is_some() && !required => ConsentStatus::Withdrawn,
        (Some(document), Some(row))
            if row.version != document.version || row.withdrawn_at.is_some() =>
        {
            ConsentStatus::Outstanding
        }
        // What nobody asks for any more stands as it was given.
        (_, Some(_)) => ConsentStatus::Given,
        (_, None) if required => ConsentStatus::Outstanding,
        (_, None) => ConsentStatus::Never,
    };
    Consent {
        purpose,
        version: latest.map(|row| row.version.clone()),
        current_version: document.map(|document| document.version.clone()),
        url: document.map(|document| document.url.clone()),
        required,
        status,
        given_at: latest.map(|row| rfc3339(row.given_at)),
        withdrawn_at: latest.and_then(|row| row.withdrawn_at).map(rfc3339),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(asked: Option<(&str, bool)>, given: Option<(&str, Option<i64>)>) -> ConsentStatus {
        let document = asked.map(|(version, required)| ConsentDocument {
            version: version.to_owned(),
            url: "https://example.com/terms".to_owned(),
            required,
        });
        let row = given.map(|(version, withdrawn_at)| ConsentRow {
            purpose: "terms".to_owned(),
            version: version.to_owned(),
            given_at: 1,
            withdrawn_at,
            address: String::new(),
            agent: String::new(),
        });
        stand(ConsentPurpose::Terms, document.as_ref(), row.as_ref()).status
    }

    #[test]
    fn how_a_consent_stands_follows_from_what_is_asked_and_what_was_given() {
        use ConsentStatus::*;
        let (required, optional) = (Some(("2", true)), Some(("2", false)));
        let (none, old, new) = (None, Some(("1", None)), Some(("2", None)));
        let back = Some(("2", Some(5)));

        assert_eq!(
            [none, old, new, back].map(|given| status(required, given)),
            [Outstanding, Outstanding, Given, Outstanding]
        );
        assert_eq!(
            [none, old, new, back].map(|given| status(optional, given)),
            [Never, Outstanding, Given, Withdrawn]
        );
        assert_eq!(
            [none, old, new, back].map(|given| status(None, given)),
            [Never, Given, Given, Withdrawn]
        );
    }
}
