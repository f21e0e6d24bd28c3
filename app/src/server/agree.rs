//! `/_sf/agree`.

use leptos::prelude::*;
use wire::{ConsentPurpose, FieldCode, FieldError, SafeReturnTo};

use super::door::{Door, told};
use super::error::UiError;
use super::finish::Outcome;
use super::flash::Notice;
use crate::pages::paths;

/// Gives the consents that were ticked, each with the version that was read, and goes on.
#[server(name = Agree, prefix = "/_sf", endpoint = "agree")]
pub async fn agree(
    #[server(default)] terms: Option<String>,
    #[server(default)] data_processing: Option<String>,
    #[server(default)] ai_interaction: Option<String>,
    #[server(default)] data_retention: Option<String>,
    #[server(default)] next: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let next = SafeReturnTo::parse(&next);
    let ticked = [
        (ConsentPurpose::Terms, terms),
        (ConsentPurpose::DataProcessing, data_processing),
        (ConsentPurpose::AiInteraction, ai_interaction),
        (ConsentPurpose::DataRetention, data_retention),
    ];
    let is_here = next.as_str() == paths::PRIVACY;
    match attempt(&door, ticked, is_here).await {
        Ok(()) => door.done(next.as_str(), is_here.then_some(Notice::ConsentSaved)),
        Err(error) if is_here => door.refused(paths::PRIVACY, error, &[]),
        Err(error) => door.refused(&paths::consent(&next), error, &[]),
    }
}

async fn attempt(
    door: &Door,
    ticked: [(ConsentPurpose, Option<String>); 4],
    is_enough: bool,
) -> Result<(), wire::Error> {
    let session = door.session()?;
    let user = &session.user.id;
    for (purpose, version) in ticked {
        if let Some(version) = version {
            let given = door
                .auth()
                .give_consent(user, purpose, &version, &door.client);
            given.await.map_err(told)?;
        }
    }
    if is_enough || !door.auth().lacks_consent(user).await.map_err(told)? {
        return Ok(());
    }
    let consents = door.auth().consents(user).await.map_err(told)?;
    let missing = consents.iter().filter(|consent| consent.is_missing());
    let missing = missing
        .map(|consent| FieldError::new(consent.purpose.as_str(), FieldCode::Required))
        .collect();
    Err(wire::Error::fields(missing))
}
