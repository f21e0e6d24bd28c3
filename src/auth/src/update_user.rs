//! The names of somebody's account, changed by those who look after people.
//!
//! Address, role, tenant and whether the address is proven are no part of it (security.md row 79).

use wire::{OneManagedUser, ProfileChange};

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::manage_user::{Hand, ManageUserError};
use crate::session::Session;
use crate::update_profile::Edit;

impl Auth {
    /// Changes the names of an account. Seen at once in every session of it.
    ///
    /// # Errors
    /// [`ManageUserError`]; nothing has changed then.
    pub async fn update_user(
        &self,
        session: &Session,
        user_id: &str,
        change: &ProfileChange,
        client: &Client,
    ) -> Result<OneManagedUser, ManageUserError> {
        let hand = Hand::Person(session);
        let done = self.try_update_user(session, user_id, change, client).await;
        let refused = |reason| Entry::refused("profile.update", client, reason).subject(user_id);
        self.noting(hand, done, refused).await
    }

    async fn try_update_user(
        &self,
        session: &Session,
        user_id: &str,
        change: &ProfileChange,
        client: &Client,
    ) -> Result<OneManagedUser, ManageUserError> {
        let hand = Hand::Person(session);
        let mut tx = self.store().write().await?;
        let user = self.managed(&mut tx, hand, user_id).await?;
        if let Some(edit) = Edit::of(&user, change) {
            if !tx.set_profile(user_id, &edit.profile, self.now()).await? {
                return Err(ManageUserError::UsernameTaken);
            }
            let entry = hand
                .on(Entry::done("profile.updated", client), &user)
                .change(edit.before, edit.after);
            self.audit(&mut tx, entry).await?;
            self.publish_profile(tx, user_id).await?;
        }
        let one = self.managed_user(hand, user_id).await?;
        one.ok_or(ManageUserError::Unknown)
    }
}
