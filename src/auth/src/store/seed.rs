//! A database as full as a big portal's, made up in seconds: for measuring lists and pages (`cargo xtask
//! bench --console`). Not part of the product: compiled for the bench alone.
//!
//! The audit rows have no place in the chain yet. A portal that runs on the database seals them as it seals
//! any, so that `audit verify` has a chain to check, with its checkpoints and its end.

use crate::clock::Timestamp;
use crate::error::Fault;
use crate::secret::sha256;
use crate::store::{NewApiKeyRow, Result, Store, Tx};

/// Audit rows of one transaction.
const SLICE: i64 = 50_000;

/// How much is made up.
#[derive(Clone, Copy, Debug)]
pub struct Seed {
    /// Accounts: half of them with a session, a fifth in the biggest of the tenants, a fifth with a key.
    pub users: i64,
    /// Rows of the audit log, over the last 80 days.
    pub events: i64,
    /// The newest of them is of this moment.
    pub now: Timestamp,
}

impl Store {
    /// Adds made-up accounts, tenants, sessions, keys, invitations and audit rows to a migrated database
    /// without people.
    ///
    /// # Errors
    /// When the database does not take them.
    pub async fn seed(&self, seed: Seed) -> std::result::Result<(), Fault> {
        let mut tx = self.write().await?;
        for text in [USERS, SESSIONS, TENANTS, MEMBERSHIPS, INVITATIONS] {
            tx.add_seed(text, seed.users, seed.now).await?;
        }
        tx.add_seed_keys(seed).await?;
        tx.commit().await?;
        // A portal that runs on it writes, too: nobody is kept waiting for a minute.
        let mut made = 0;
        while made < seed.events {
            let to = (made + SLICE).min(seed.events);
            let mut tx = self.write().await?;
            tx.add_seed_events(seed, made + 1, to).await?;
            tx.commit().await?;
            made = to;
        }
        Ok(())
    }

    /// How many audit rows wait for a place in the chain.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn unsealed(&self) -> std::result::Result<i64, Fault> {
        let mut tx = self.read().await?;
        tx.count_unsealed_audit().await
    }
}

/// A row for each `i` from 1 to `$1`. Ids end in twelve digits, which are hexadecimal ones, too.
macro_rules! rows {
    ($insert:literal, $select:literal) => {
        concat!(
            $insert,
            " with recursive n (i) as (select cast(1 as bigint) union all select i + 1 from n where i < $1) ",
            $select
        )
    };
}

/// One in 400 is suspended, disabled or leaving; one in 1000 has no proven address.
const USERS: &str = rows!(
    "insert into users (id, email, email_verified_at, username, username_key, first_name, last_name,
                        password_hash, password_changed_at, role, created_at, updated_at, last_login_at,
                        disabled_at, disabled_until, deletes_at)",
    "select '0199aaaa-bbbb-7ccc-8ddd-' || cast(100000000000 + i as text),
            'person' || cast(i as text) || '@example.test', case when i % 1000 = 1 then null else $2 end,
            'Person' || cast(i as text), 'person' || cast(i as text), 'Ada', 'Lovelace ' || cast(i as text),
            '$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$c29tZWhhc2hzb21laGFzaHNvbWVoYXNoc29tZWhhc2g',
            $2, case when i % 50 = 0 then 'viewer' else 'user' end, $2 - i * 60, $2 - i * 60,
            case when i % 5 = 0 then null else $2 - i * 37 end,
            case when i % 400 in (7, 8, 9) then $2 - 100 end,
            case when i % 400 = 7 then $2 + 864000 + i end,
            case when i % 400 = 9 then $2 + 864000 + i end
     from n"
);

const SESSIONS: &str = rows!(
    "insert into sessions (id, user_id, methods, created_at, auth_time, last_seen_at, idle_seconds, expires_at,
                           address, agent, version)",
    "select '0199aaab-bbbb-7ccc-8ddd-' || cast(100000000000 + i as text),
            '0199aaaa-bbbb-7ccc-8ddd-' || cast(100000000000 + i as text),
            'pwd', $2 - i * 25, $2 - i * 25, $2 - i * 5, 604800, $2 + 2592000, '192.0.2.1',
            'Mozilla/5.0 (made up)', 0
     from n where i % 2 = 0"
);

/// One for every 500 accounts.
const TENANTS: &str = rows!(
    "insert into tenants (id, name, name_key, created_at)",
    "select '0199aaad-bbbb-7ccc-8ddd-' || cast(100000000000 + i / 500 as text),
            'Tenant ' || cast(i / 500 as text), 'tenant ' || cast(i / 500 as text), $2 - i
     from n where i % 500 = 0"
);

/// Everybody is in one tenant, a fifth of all in the first.
const MEMBERSHIPS: &str = rows!(
    "insert into memberships (user_id, tenant_id, role, joined_at, suspended_at)",
    "select '0199aaaa-bbbb-7ccc-8ddd-' || cast(100000000000 + i as text),
            '0199aaad-bbbb-7ccc-8ddd-' || cast(100000000001 + (case when i % 5 = 0 then 0 else i % ($1 / 500) end) as text),
            case when i % 50 = 0 then 'viewer' else 'user' end, $2 - i * 60,
            case when i % 1000 = 5 then $2 - 100 end
     from n"
);

/// Half of them wait for an answer.
const INVITATIONS: &str = rows!(
    "insert into invitations (id, email, role, tenant_id, inviter_id, created_at, expires_at, revoked_at)",
    "select '0199aaaf-bbbb-7ccc-8ddd-' || cast(100000000000 + i as text),
            'guest' || cast(i as text) || '@example.test', 'user',
            case when i % 100 = 0 then '0199aaad-bbbb-7ccc-8ddd-100000000001' end,
            '0199aaaa-bbbb-7ccc-8ddd-100000000002', $2 - i * 6, $2 - i * 6 + 604800,
            case when i % 20 = 0 then $2 - 60 end
     from n where i % 10 = 0"
);

/// What keys went through since they were made: a tenth was revoked, a tenth waits for its owner.
const KEPT_KEYS: &str = "update api_keys set
        last_used_at = case when rate_limit % 3 = 0 then null else created_at + (($2 - created_at) / 2) end,
        revoked_at = case when rate_limit % 10 = 1 then $2 - 60 end,
        revoked_reason = case when rate_limit % 10 = 1 then 'owner' end,
        suspended_at = case when rate_limit % 10 = 2 then $2 - 60 end
    where rate_limit <= $1";

/// Those from `$4` to `$5`. A quarter was done by the same account, from the same address; one in a thousand
/// is a rare act.
const EVENTS: &str = "insert into audit_log (id, at, request_id, actor_id, action, outcome, subject_id, address, agent, detail)
    with recursive n (i) as (select cast($4 as bigint) union all select i + 1 from n where i < $5)
    select '0199aaac-bbbb-7ccc-8ddd-' || cast(100000000000 + i as text), $2 - ($1 - i) * 6912000 / $1,
            'made-up-' || cast(i as text),
            case when i % 10 = 0 then null
                 when i % 4 = 1 then '0199aaaa-bbbb-7ccc-8ddd-100000000002'
                 else '0199aaaa-bbbb-7ccc-8ddd-' || cast(100000000001 + (i * 7919) % $3 as text) end,
            case when i % 1000 = 1 then 'user.disabled'
                 else case i % 10 when 0 then 'session.start' when 1 then 'session.ended'
                                  when 2 then 'profile.updated' else 'session.started' end end,
            case when i % 10 = 0 then 'refused' else 'success' end,
            '0199aaaa-bbbb-7ccc-8ddd-' || cast(100000000001 + (i * 7919) % $3 as text),
            case when i % 4 = 1 then '192.0.2.1'
                 else '198.51.' || cast(i % 100 as text) || '.' || cast(i % 250 as text) end,
            'Mozilla/5.0 (made up)', '{}'
    from n";

impl Tx {
    /// Runs one of the texts that make rows up.
    async fn add_seed(&mut self, text: &'static str, many: i64, now: Timestamp) -> Result<()> {
        on!(self, c => sqlx::query(text)
            .bind(many)
            .bind(now)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    async fn add_seed_events(&mut self, seed: Seed, from: i64, to: i64) -> Result<()> {
        on!(self, c => sqlx::query(EVENTS)
            .bind(seed.events)
            .bind(seed.now)
            .bind(seed.users)
            .bind(from)
            .bind(to)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// One key for every fifth account, as nobody shows it; every tenth is of the first tenant.
    async fn add_seed_keys(&mut self, seed: Seed) -> Result<()> {
        let many = seed.users / 5;
        for at in 1..=many {
            let owner = format!("0199aaaa-bbbb-7ccc-8ddd-{}", 100_000_000_000 + 5 * at);
            let digest = sha256(owner.as_bytes());
            let is_of_tenant = at % 10 == 0;
            let created_at = seed.now - at * 350;
            let ends_at = match at % 4 {
                0 => None,
                1 => Some(seed.now + at * 60),
                2 => Some(seed.now - 60),
                _ => Some(created_at + 7_776_000),
            };
            self.add_api_key(&NewApiKeyRow {
                id: &format!("0199aaae-bbbb-7ccc-8ddd-{}", 100_000_000_000 + at),
                user_id: &owner,
                tenant_id: is_of_tenant.then_some("0199aaad-bbbb-7ccc-8ddd-100000000001"),
                owned_by_tenant: is_of_tenant,
                name: &format!("Nightly build {at}"),
                digest: &digest,
                prefix: "wks_live_",
                last4: &format!("{:04}", at % 10_000),
                permissions: "workflow:read",
                rate_limit: at,
                now: created_at,
                created_by: &owner,
                expires_at: ends_at,
            })
            .await?;
        }
        self.add_seed(KEPT_KEYS, many, seed.now).await
    }
}
