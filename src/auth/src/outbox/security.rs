//! Letters that tell the owner of an account what happened to it.

use super::{Written, stored_email};
use crate::Auth;
use crate::error::Fault;
use crate::letter::{LetterKind, SecurityChange};
use crate::store::{Tx, UserRow};

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
        let account = match change {
            SecurityChange::ApiKeyCreated
            | SecurityChange::ApiKeyRevoked
            | SecurityChange::ApiKeyLeaked => self.page_url("/account/keys"),
            _ => self.page_url("/account/security"),
        };
        Ok(Some((
            stored_email(&user.email)?,
            LetterKind::SecurityChange { change, account },
        )))
    }

    /// `api_key_ending`: the subject is the key. Nothing is said of one that ended or was rolled since.
    pub(super) async fn ending_key_letter(&self, tx: &mut Tx, key: &str) -> Result<Written, Fault> {
        let key = tx.api_key_by_id(key).await?;
        let Some(key) = key.filter(|key| key.revoked_at.is_none() && key.rolled_at.is_none())
        else {
            return Ok(None);
        };
        let (Some(ends_at), Some(user)) = (key.ends_at, key.user_id) else {
            return Ok(None);
        };
        let user = tx.user_by_id(&user).await?;
        let Some(user) = user.filter(UserRow::may_sign_in) else {
            return Ok(None);
        };
        let letter = LetterKind::ApiKeyEnding {
            name: key.name,
            hint: format!("{}…{}", key.prefix, key.last4),
            ends_at,
            keys: self.page_url("/account/keys"),
        };
        Ok(Some((stored_email(&user.email)?, letter)))
    }

    /// `mail_test`: an admin tries whether letters arrive; the subject is the admin.
    pub(super) async fn test_letter(&self, tx: &mut Tx, user: &str) -> Result<Written, Fault> {
        let Some(user) = tx.user_by_id(user).await? else {
            return Ok(None);
        };
        Ok(Some((stored_email(&user.email)?, LetterKind::MailTest)))
    }
}
