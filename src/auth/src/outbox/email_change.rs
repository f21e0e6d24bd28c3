//! Letters about a change of address. The subject of each is the change.

use wire::Secret;

use super::{CODE_LIFE, Written, stored_email};
use crate::Auth;
use crate::change_email::PENDING;
use crate::confirm_email_change::PURPOSE as CHANGE_EMAIL;
use crate::error::Fault;
use crate::letter::LetterKind;
use crate::secret::{TokenDigest, draw_code, draw_token};
use crate::store::{NewOneTimeToken, Tx};
use crate::undo_email_change::{PURPOSE as UNDO_EMAIL, UNDO_LIFE};

impl Auth {
    /// `email_change`: to the new address. To one without account: prove it. To one with: you have an
    /// account.
    pub(super) async fn new_email_letter(&self, tx: &mut Tx, id: &str) -> Result<Written, Fault> {
        let now = self.now();
        let change = tx.email_change_by_id(id).await?;
        let Some(change) = change.filter(|change| change.is_pending(now)) else {
            return Ok(None);
        };
        let to = stored_email(&change.new_email)?;
        if tx.user_by_email(to.as_str()).await?.is_some() {
            let sign_in = self.page_url("/login");
            return Ok(Some((to, LetterKind::EmailInUse { sign_in })));
        }
        let (token, code) = (draw_token(self.entropy()), draw_code(self.entropy()));
        tx.add_one_time_token(&NewOneTimeToken {
            digest: TokenDigest::of(&token).as_bytes(),
            purpose: CHANGE_EMAIL,
            subject: &change.id,
            code_digest: Some(&self.change_code_digest(&change.id, &code)),
            code_expires_at: Some(now + CODE_LIFE),
            now,
            expires_at: now + PENDING,
        })
        .await?;
        tx.set_email_change_expiry(&change.id, now, now + PENDING)
            .await?;
        let link = self.link("/change-email", &token);
        Ok(Some((to, LetterKind::ConfirmNewEmail { link, code })))
    }

    /// `email_change_asked`: to the present address, at once.
    pub(super) async fn email_change_asked_letter(
        &self,
        tx: &mut Tx,
        id: &str,
    ) -> Result<Written, Fault> {
        let asked = |link| LetterKind::EmailChangeAsked { link };
        self.undo_letter(tx, id, asked).await
    }

    /// `email_changed`: to the former address.
    pub(super) async fn email_changed_letter(
        &self,
        tx: &mut Tx,
        id: &str,
    ) -> Result<Written, Fault> {
        let changed = |link| LetterKind::EmailChanged { link };
        self.undo_letter(tx, id, changed).await
    }

    /// To the address before the change, whatever has become of it meanwhile, with a link that takes
    /// the account back.
    async fn undo_letter(
        &self,
        tx: &mut Tx,
        id: &str,
        kind: impl Fn(Secret) -> LetterKind,
    ) -> Result<Written, Fault> {
        let change = tx.email_change_by_id(id).await?;
        let Some(change) = change.filter(|change| change.undone_at.is_none()) else {
            return Ok(None);
        };
        let (now, token) = (self.now(), draw_token(self.entropy()));
        tx.add_one_time_token(&NewOneTimeToken {
            digest: TokenDigest::of(&token).as_bytes(),
            purpose: UNDO_EMAIL,
            subject: &change.id,
            code_digest: None,
            code_expires_at: None,
            now,
            expires_at: now + UNDO_LIFE,
        })
        .await?;
        let link = self.link("/undo-email", &token);
        Ok(Some((stored_email(&change.old_email)?, kind(link))))
    }
}
