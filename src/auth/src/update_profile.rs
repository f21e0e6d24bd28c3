//! Names: what a person may change of their account without being asked again who they are.
//!
//! Seen at once in every session of the account, on every node. Role, tenant, address and whether it
//! is proven are no part of it (security.md row 79).

use serde_json::{Map, Value};
use wire::{Change, ErrorCode, PersonName, ProfileChange, User, Username};

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::error::Fault;
use crate::session::Session;
use crate::store::{Profile, Tx, UserRow};

/// Why a profile stayed as it was.
#[derive(Debug, thiserror::Error)]
pub enum UpdateProfileError {
    /// Another account has the username.
    #[error("the username is taken")]
    UsernameTaken,
    /// The session ended a moment ago.
    #[error("the session has ended")]
    SignedOut,
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<UpdateProfileError> for wire::Error {
    fn from(error: UpdateProfileError) -> Self {
        match error {
            UpdateProfileError::UsernameTaken => Self::conflict("username"),
            UpdateProfileError::SignedOut => ErrorCode::AuthenticationRequired.into(),
            UpdateProfileError::Fault(fault) => fault.into(),
        }
    }
}

impl Auth {
    /// Changes the caller's names.
    ///
    /// # Errors
    /// [`UpdateProfileError`]; nothing has changed then.
    pub async fn update_profile(
        &self,
        session: &Session,
        change: &ProfileChange,
        client: &Client,
    ) -> Result<User, UpdateProfileError> {
        let mut tx = self.store().write().await?;
        let user = self
            .hold_account(&mut tx, session)
            .await?
            .ok_or(UpdateProfileError::SignedOut)?;
        let profile = Profile {
            username: new_value(&change.username, Username::as_str, user.username.as_deref()),
            first_name: new_value(
                &change.first_name,
                PersonName::as_str,
                user.first_name.as_deref(),
            ),
            last_name: new_value(
                &change.last_name,
                PersonName::as_str,
                user.last_name.as_deref(),
            ),
        };
        if let Some(detail) = difference(&user, &profile) {
            if !tx.set_profile(&user.id, &profile, self.now()).await? {
                return Err(UpdateProfileError::UsernameTaken);
            }
            let entry = Entry::done("profile.updated", client).actor(&user.id);
            self.audit(&mut tx, entry.subject(&user.id).detail(detail))
                .await?;
            self.publish_profile(tx, &user.id).await?;
        }
        Ok(self.owner_of(session).await?)
    }

    /// Commits, and drops an account's living sessions from the caches of all nodes: what they show of
    /// it is no longer true.
    pub(crate) async fn publish_profile(&self, mut tx: Tx, user: &str) -> Result<(), Fault> {
        let sessions = tx.list_session_ids_by_user(user, self.now()).await?;
        for id in &sessions {
            tx.notify(id).await?;
        }
        tx.commit().await?;
        for id in &sessions {
            self.cache().drop_session(id).await;
        }
        Ok(())
    }
}

fn new_value<'a, T>(
    change: &'a Change<T>,
    text: impl Fn(&T) -> &str,
    present: Option<&'a str>,
) -> Option<&'a str> {
    match change {
        None => present,
        Some(None) => None,
        Some(Some(value)) => Some(text(value)),
    }
}

/// What is otherwise, before and after; `None` when nothing is.
fn difference(user: &UserRow, profile: &Profile<'_>) -> Option<Value> {
    let fields = [
        ("username", user.username.as_deref(), profile.username),
        ("firstName", user.first_name.as_deref(), profile.first_name),
        ("lastName", user.last_name.as_deref(), profile.last_name),
    ];
    let (mut before, mut after) = (Map::new(), Map::new());
    for (field, was, is) in fields.into_iter().filter(|(_, was, is)| was != is) {
        before.insert(field.to_owned(), was.into());
        after.insert(field.to_owned(), is.into());
    }
    (!before.is_empty()).then(|| serde_json::json!({ "before": before, "after": after }))
}
