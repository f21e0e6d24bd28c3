//! Telling everybody that rights are other ones: tokens by the feed, caches at once (D21, D23).

use crate::Auth;
use crate::error::Fault;
use crate::session::EVERYTHING;
use crate::store::Tx;
use crate::vouch::RESERVED;

/// More entries than this are one: `all`.
const MOST_ENTRIES: usize = 100;

impl Auth {
    /// Whoever has a role has other rights from now on: accounts by the role in their tokens, members
    /// by their tenant, since their tokens name the role of the account. Commits.
    pub(crate) async fn publish_role(&self, mut tx: Tx, role: &str) -> Result<(), Fault> {
        let most = i64::try_from(MOST_ENTRIES).unwrap_or(i64::MAX) + 1;
        let tenants = tx.list_tenant_ids_by_role(role, most).await?;
        // Tokens of API keys say `api`, whatever their owner's role is.
        let mut changed = vec![("role", role), ("role", RESERVED)];
        changed.extend(tenants.iter().map(|tenant| ("tenant", tenant.as_str())));
        self.publish_rights(tx, &changed).await
    }

    /// A role is gone, and those who had it have another. Commits.
    pub(crate) async fn publish_moved(
        &self,
        tx: Tx,
        role: &str,
        moved: &[String],
    ) -> Result<(), Fault> {
        let mut changed = vec![("role", role)];
        changed.extend(moved.iter().map(|user| ("subject", user.as_str())));
        self.publish_rights(tx, &changed).await
    }

    /// Raises the change number for each of these, commits, and drops all sessions from the caches of
    /// all nodes: who is concerned is not worth finding out, they are read again within moments.
    pub(crate) async fn publish_rights(
        &self,
        mut tx: Tx,
        changed: &[(&str, &str)],
    ) -> Result<(), Fault> {
        let (now, until) = (self.now(), self.tokens_end_by(&mut tx).await?);
        let all = [("all", "")];
        let changed = match changed.len() > MOST_ENTRIES {
            true => &all,
            false => changed,
        };
        tx.notify(EVERYTHING).await?;
        for (kind, subject) in changed {
            tx.add_revocation(kind, subject, now, until).await?;
        }
        tx.commit().await?;
        self.feed().changed();
        self.cache().drop_all();
        Ok(())
    }
}
