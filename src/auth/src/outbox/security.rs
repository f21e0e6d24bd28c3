//! Letters that tell the owner of an account what happened to it.

use super::{Written, stored_email};
use crate::Auth;
use crate::error::Fault;
use crate::letter::{LetterKind, SecurityChange};
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

    /// `security_change:…`: a factor or a key was changed; the subject is the account.
    pub(super) async fn change_letter(
        &self,
        tx: &mut Tx,
        change: SecurityChange,
        user: &str,
    ) -> Result<Written, Fault> {
        let Some(user) = tx.user_by_id(user).await? else {
            return Ok(None);
        };
        let account = self.page_url("/account/security");
        Ok(Some((
            stored_email(&user.email)?,
            LetterKind::SecurityChange { change, account },
        )))
    }

    /// `mail_test`: an admin tries whether letters arrive; the subject is the admin.
    pub(super) async fn test_letter(&self, tx: &mut Tx, user: &str) -> Result<Written, Fault> {
        let Some(user) = tx.user_by_id(user).await? else {
            return Ok(None);
        };
        Ok(Some((stored_email(&user.email)?, LetterKind::MailTest)))
    }
}
