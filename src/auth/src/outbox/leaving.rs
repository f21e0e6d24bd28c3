//! The letter to somebody whose account will be deleted.

use super::{Written, stored_email};
use crate::Auth;
use crate::delete_account::UNDO;
use crate::error::Fault;
use crate::letter::LetterKind;
use crate::secret::{TokenDigest, draw_token};
use crate::store::{NewOneTimeToken, Tx, UserRow};

impl Auth {
    /// `deletion_scheduled`: the owner closed the account; the subject is the account.
    pub(super) async fn deletion_letter(&self, tx: &mut Tx, user: &str) -> Result<Written, Fault> {
        match tx.user_by_id(user).await? {
            Some(user) => self.about_deletion(tx, &user).await,
            None => Ok(None),
        }
    }

    /// To the owner of a closed account, whatever they tried: this is how it is kept. One that is disabled
    /// is not theirs to keep.
    pub(super) async fn about_deletion(
        &self,
        tx: &mut Tx,
        user: &UserRow,
    ) -> Result<Written, Fault> {
        let now = self.now();
        let Some(deletes_at) = user.deletes_at.filter(|at| *at > now) else {
            return Ok(None);
        };
        if user.disabled_at.is_some() {
            return Ok(None);
        }
        let token = draw_token(self.entropy());
        tx.add_one_time_token(&NewOneTimeToken {
            digest: TokenDigest::of(&token).as_bytes(),
            purpose: UNDO,
            subject: &user.id,
            code_digest: None,
            code_expires_at: None,
            now,
            expires_at: deletes_at,
        })
        .await?;
        let link = self.link("/undo-deletion", &token);
        Ok(Some((
            stored_email(&user.email)?,
            LetterKind::DeletionScheduled { link, deletes_at },
        )))
    }
}
