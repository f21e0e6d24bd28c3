//! Letters about signing in.

use super::{CODE_LIFE, Written, stored_email};
use crate::Auth;
use crate::error::Fault;
use crate::letter::LetterKind;
use crate::log_in_by_code::PURPOSE as SIGN_IN;
use crate::secret::{TokenDigest, draw_code, draw_token};
use crate::store::{NewOneTimeToken, Tx};

impl Auth {
    /// `sign_in_code`: somebody wants to sign in without a password; the subject is the flow. To an
    /// address without account, or whose account may not sign in, nothing is said: whoever asked
    /// may be anybody, and the owner has nothing to do.
    pub(super) async fn sign_in_code_letter(
        &self,
        tx: &mut Tx,
        flow: &str,
    ) -> Result<Written, Fault> {
        let now = self.now();
        // A letter that was late for its flow would bring a code nobody can use.
        let Some(flow) = tx.sign_in_flow_by_id(flow, now).await? else {
            return Ok(None);
        };
        let user = tx.user_by_email(&flow.email).await?;
        let may_sign_in = user.is_some_and(|user| user.may_sign_in());
        if !(may_sign_in && self.settings().email_code) {
            return Ok(None);
        }
        let (token, code) = (draw_token(self.entropy()), draw_code(self.entropy()));
        let until = flow.expires_at.min(now + CODE_LIFE);
        tx.add_one_time_token(&NewOneTimeToken {
            digest: TokenDigest::of(&token).as_bytes(),
            purpose: SIGN_IN,
            subject: &flow.id,
            code_digest: Some(&self.sign_in_code_digest(&flow.id, &code)),
            code_expires_at: Some(until),
            now,
            expires_at: until,
        })
        .await?;
        let link = self.link("/login/code", &token);
        Ok(Some((
            stored_email(&flow.email)?,
            LetterKind::SignInCode { link, code },
        )))
    }

    /// `new_device`: an account was signed in to from where it was never used; the subject is the
    /// account.
    pub(super) async fn new_device_letter(
        &self,
        tx: &mut Tx,
        user: &str,
    ) -> Result<Written, Fault> {
        let Some(user) = tx.user_by_id(user).await? else {
            return Ok(None);
        };
        let kind = LetterKind::NewDevice {
            activity: self.page_url("/account/activity"),
            reset: self.page_url("/forgot-password"),
        };
        Ok(Some((stored_email(&user.email)?, kind)))
    }
}
