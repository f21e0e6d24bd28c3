//! `/_sf/step_up`.

use auth::StepUpError;
use leptos::prelude::*;
use wire::{FieldCode, SafeReturnTo, Secret};

use super::door::{Door, told};
use super::error::UiError;
use super::finish::Outcome;
use crate::pages::paths;

/// Confirms that it is the account's owner who is at the keyboard, and goes back to what they were
/// about to do.
#[server(name = StepUp, prefix = "/_sf", endpoint = "step_up")]
pub async fn step_up(
    #[server(default)] password: Secret,
    #[server(default)] next: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let next = SafeReturnTo::parse(&next);
    match confirm(&door, &password).await {
        Ok(()) => door.done(next.as_str(), None),
        Err(error) => door.refused(&paths::step_up(&next), error, &[]),
    }
}

async fn confirm(door: &Door, password: &Secret) -> Result<(), wire::Error> {
    let session = door.session()?;
    if password.is_empty() {
        return Err(wire::Error::field("password", FieldCode::Required));
    }
    let confirmed = door
        .auth()
        .step_up(session, password, &door.client)
        .await
        .map_err(wrong_password)?;
    if let Some(cookie) = confirmed.cookie {
        door.go_on(session, cookie).await?;
    }
    Ok(())
}

/// There is no address to be wrong here: the field is told, in the words of a field.
fn wrong_password(error: StepUpError) -> wire::Error {
    match error {
        StepUpError::WrongPassword => wire::Error::field("password", FieldCode::Mismatch),
        other => told(other),
    }
}
