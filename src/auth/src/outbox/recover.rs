//! Letters about passwords.

use super::{CODE_LIFE, Written, stored_email};
use crate::Auth;
use crate::error::Fault;
use crate::letter::LetterKind;
use crate::reset_claim::PURPOSE;
use crate::secret::{TokenDigest, draw_code, draw_token};
use crate::store::{NewOneTimeToken, Tx};

/// How long a reset link lives from its letter, in seconds.
const LINK_LIFE: i64 = 3600;

impl Auth {
    /// `password_reset`: somebody wants another password; the subject is the wish. Whoever has no
    /// account, or one that was disabled, hears nothing: the wish was perhaps not theirs, and there is
    /// nothing to do. Whoever closed the account is told how to keep it first.
    pub(super) async fn reset_letter(&self, tx: &mut Tx, id: &str) -> Result<Written, Fault> {
        let now = self.now();
        let Some(reset) = tx.reset_by_id(id, now).await? else {
            return Ok(None);
        };
        let user = tx.user_by_email(&reset.email).await?;
        let Some(user) = user.filter(|user| user.disabled_at.is_none()) else {
            return Ok(None);
        };
        if user.deletes_at.is_some() {
            return self.about_deletion(tx, &user).await;
        }
        let token = draw_token(self.entropy());
        let code = reset
            .flow_digest
            .is_some()
            .then(|| draw_code(self.entropy()));
        let code_digest = code
            .as_ref()
            .map(|code| self.reset_code_digest(&reset.id, code));
        tx.add_one_time_token(&NewOneTimeToken {
            digest: TokenDigest::of(&token).as_bytes(),
            purpose: PURPOSE,
            subject: &reset.id,
            code_digest: code_digest.as_ref().map(<[u8; 32]>::as_slice),
            code_expires_at: code.as_ref().map(|_| now + CODE_LIFE),
            now,
            expires_at: now + LINK_LIFE,
        })
        .await?;
        let link = self.link("/reset-password", &token);
        Ok(Some((
            stored_email(&user.email)?,
            LetterKind::ResetPassword { link, code },
        )))
    }

    /// `password_changed`: the account has another password; the subject is the account.
    pub(super) async fn password_letter(&self, tx: &mut Tx, user: &str) -> Result<Written, Fault> {
        let Some(user) = tx.user_by_id(user).await? else {
            return Ok(None);
        };
        let reset = self.page_url("/forgot-password");
        Ok(Some((
            stored_email(&user.email)?,
            LetterKind::PasswordChanged { reset },
        )))
    }
}
