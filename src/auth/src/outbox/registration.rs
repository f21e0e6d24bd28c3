//! Letters to an address that somebody registered.

use super::{CODE_LIFE, Written, stored_email};
use crate::Auth;
use crate::error::Fault;
use crate::letter::LetterKind;
use crate::register::PENDING;
use crate::secret::{TokenDigest, draw_code, draw_token};
use crate::store::{NewOneTimeToken, RegistrationRow, Tx};
use crate::verify_email::PURPOSE as VERIFY_EMAIL;

impl Auth {
    /// `registration`: somebody registered; the subject is the registration.
    pub(super) async fn registration_letter(
        &self,
        tx: &mut Tx,
        id: &str,
    ) -> Result<Written, Fault> {
        let registration = tx.registration_by_id(id, self.now()).await?;
        self.about(tx, registration).await
    }

    /// `resend_verification`: somebody wants another letter; the subject is the address.
    pub(super) async fn resent_letter(&self, tx: &mut Tx, email: &str) -> Result<Written, Fault> {
        let registration = tx.registration_by_email(email, self.now()).await?;
        self.about(tx, registration).await
    }

    /// To an address without account: prove it. To one with: you have an account.
    async fn about(
        &self,
        tx: &mut Tx,
        registration: Option<RegistrationRow>,
    ) -> Result<Written, Fault> {
        let Some(registration) = registration else {
            return Ok(None);
        };
        let to = stored_email(&registration.email)?;
        if let Some(user) = tx.user_by_email(to.as_str()).await? {
            // Signing in is no way out for who closed the account and now wants one again.
            // It is none either where somebody else has it deleted: that is not the owner's to call off.
            if user.deletes_at.is_some() && user.disabled_at.is_none() {
                return self.about_deletion(tx, &user).await;
            }
            let sign_in = self.page_url("/login");
            return Ok(Some((to, LetterKind::AlreadyRegistered { sign_in })));
        }
        let (token, code) = (draw_token(self.entropy()), draw_code(self.entropy()));
        let now = self.now();
        tx.add_one_time_token(&NewOneTimeToken {
            digest: TokenDigest::of(&token).as_bytes(),
            purpose: VERIFY_EMAIL,
            subject: &registration.id,
            code_digest: Some(&self.code_digest(&registration.id, &code)),
            code_expires_at: Some(now + CODE_LIFE),
            now,
            expires_at: now + PENDING,
        })
        .await?;
        tx.set_registration_expiry(&registration.id, now + PENDING)
            .await?;
        let link = self.link("/verify-email", &token);
        Ok(Some((to, LetterKind::VerifyEmail { link, code })))
    }
}
