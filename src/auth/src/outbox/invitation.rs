//! The letter that invites somebody.

use wire::Secret;

use super::{Written, stored_email};
use crate::Auth;
use crate::error::Fault;
use crate::invitation::PURPOSE;
use crate::invite::WAITS;
use crate::letter::{Letter, LetterKind};
use crate::secret::{TokenDigest, draw_token};
use crate::store::{NewOneTimeToken, Tx};
use crate::vouch::Vouching;

/// Where the link leads.
const PAGE: &str = "/accept-invitation";

impl Auth {
    /// `invitation`: somebody was invited, or is reminded; the subject is the invitation. Nothing is
    /// said of one that is over, or whose inviter cannot vouch for it any more.
    pub(super) async fn invitation_letter(&self, tx: &mut Tx, id: &str) -> Result<Written, Fault> {
        let mut vouching = Vouching::default();
        let Some(row) = tx.invitation_by_id(id).await? else {
            return Ok(None);
        };
        let is_over = row.accepted_at.is_some() || row.revoked_at.is_some();
        let problem = vouching.problem(tx, &row.inviter_id, row.offered()).await?;
        let inviter = vouching.inviter(tx, &row.inviter_id).await?;
        let Some(inviter) = inviter.filter(|_| !is_over && problem.is_none()) else {
            return Ok(None);
        };
        let (token, now) = (draw_token(self.entropy()), self.now());
        tx.add_one_time_token(&NewOneTimeToken {
            digest: TokenDigest::of(&token).as_bytes(),
            purpose: PURPOSE,
            subject: id,
            code_digest: None,
            code_expires_at: None,
            now,
            expires_at: now + WAITS,
        })
        .await?;
        tx.set_invitation_renewed(id, &row.inviter_id, now + WAITS)
            .await?;
        let kind = LetterKind::Invitation {
            link: self.link(PAGE, &token),
            inviter: stored_email(&inviter.email)?,
            tenant: row.tenant_name,
        };
        Ok(Some((stored_email(&row.email)?, kind)))
    }

    /// The letter has left: links of older ones work no more. Not before, or a mail server that is
    /// down would leave somebody with no link at all; and none of newer ones, when it leaves late.
    pub(super) async fn end_older_links(
        &self,
        tx: &mut Tx,
        id: &str,
        letter: &Letter,
    ) -> Result<(), Fault> {
        let LetterKind::Invitation { link, .. } = &letter.kind else {
            return Ok(());
        };
        let Some((_, token)) = link.reveal().split_once("?token=") else {
            return Ok(());
        };
        let this = TokenDigest::of(&Secret::new(token));
        tx.delete_older_one_time_tokens(PURPOSE, id, this.as_bytes())
            .await?;
        Ok(())
    }
}
