//! Names: what a person may change of their account without being asked again who they are.
//!
//! Seen at once in every session of the account, on every node. Role, tenant, address and whether it
//! is proven are no part of it (security.md row 79).

use serde_json::{Value, json};
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
        if let Some(edit) = Edit::of(&user, change) {
            if !tx.set_profile(&user.id, &edit.profile, self.now()).await? {
                return Err(UpdateProfileError::UsernameTaken);
            }
            let entry = Entry::done("profile.updated", client)
                .actor(&user.id)
                .subject(&user.id)
                .change(edit.before, edit.after);
            self.audit(&mut tx, entry).await?;
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

/// What a change makes of an account.
pub(crate) struct Edit<'a> {
    pub(crate) profile: Profile<'a>,
    /// For the log.
    pub(crate) before: Value,
    /// For the log.
    pub(crate) after: Value,
}

impl<'a> Edit<'a> {
    /// `None` where nothing would be otherwise.
    pub(crate) fn of(user: &'a UserRow, change: &'a ProfileChange) -> Option<Self> {
        let present = Profile {
            username: user.username.as_deref(),
            first_name: user.first_name.as_deref(),
            last_name: user.last_name.as_deref(),
        };
        let profile = Profile {
            username: new_value(&change.username, Username::as_str, present.username),
            first_name: new_value(&change.first_name, PersonName::as_str, present.first_name),
            last_name: new_value(&change.last_name, PersonName::as_str, present.last_name),
        };
        let (before, after) = (parts(&present), parts(&profile));
        (before != after).then_some(Self {
            profile,
            before,
            after,
        })
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

/// What the log compares.
fn parts(profile: &Profile<'_>) -> Value {
    json!({
        "username": profile.username,
        "firstName": profile.first_name,
        "lastName": profile.last_name,
    })
}
