//! Letters that tell the owner of an account what happened to it.

use super::{Written, stored_email};
use crate::Auth;
use crate::error::Fault;
use crate::letter::LetterKind;
use crate::store::Tx;

impl Auth {
    /// `reuse_detected`: a refresh token came back after its successor was used; the subject is the
    /// account.
    pub(super) async fn reuse_letter(&self, tx: &mut Tx, user: &str) -> Result<Written, Fault> {
        let Some(user) = tx.user_by_id(user).await? else {
            return Ok(None);
        };
        let account = self.page_url("/account");
        Ok(Some((
            stored_email(&user.email)?,
            LetterKind::ReuseDetected { account },
        )))
    }
}
