//! A database as full as a big portal's, made up in seconds: for measuring lists and pages (`cargo xtask
//! bench --console`). Not part of the product: compiled for tests and for the bench alone.
//!
//! The audit rows are numbered and carry no chain, so `audit verify` says what it must of such a log.

use crate::clock::Timestamp;
use crate::error::Fault;
use crate::store::{Result, Store, Tx};

/// How much is made up.
#[derive(Clone, Copy, Debug)]
pub struct Seed {
    /// Accounts, half of them with a session.
    pub users: i64,
    /// Rows of the audit log, over the last 80 days.
    pub events: i64,
    /// The newest of them is of this moment.
    pub now: Timestamp,
}

impl Store {
    /// Adds made-up accounts, sessions and audit rows to an empty, migrated database.
    ///
    /// # Errors
    /// When the database does not take them.
    pub async fn seed(&self, seed: Seed) -> std::result::Result<(), Fault> {
        let mut tx = self.write().await?;
        tx.add_seed_users(seed).await?;
        tx.add_seed_sessions(seed).await?;
        tx.add_seed_events(seed).await?;
        tx.commit().await
    }
}

/// `1` to `$1`; ids end in twelve digits, which are hexadecimal ones, too.
macro_rules! rows {
    ($insert:literal, $select:literal) => {
        concat!(
            $insert,
            " with recursive n (i) as (select cast(1 as bigint) union all select i + 1 from n where i < $1) ",
            $select,
            " from n"
        )
    };
}

impl Tx {
    pub(crate) async fn add_seed_users(&mut self, seed: Seed) -> Result<()> {
        on!(self, c => sqlx::query(rows!(
            "insert into users (id, email, email_verified_at, username, username_key, first_name, last_name,
                                password_hash, password_changed_at, role, created_at, updated_at, last_login_at)",
            "select '0199aaaa-bbbb-7ccc-8ddd-' || cast(100000000000 + i as text),
                    'person' || cast(i as text) || '@example.test', $2, 'Person' || cast(i as text),
                    'person' || cast(i as text), 'Ada', 'Lovelace ' || cast(i as text),
                    '$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$c29tZWhhc2hzb21laGFzaHNvbWVoYXNoc29tZWhhc2g',
                    $2, case when i % 50 = 0 then 'viewer' else 'user' end, $2 - i * 60, $2 - i * 60,
                    case when i % 5 = 0 then null else $2 - i * 37 end"))
            .bind(seed.users)
            .bind(seed.now)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    pub(crate) async fn add_seed_sessions(&mut self, seed: Seed) -> Result<()> {
        on!(self, c => sqlx::query(rows!(
            "insert into sessions (id, user_id, methods, created_at, auth_time, last_seen_at, idle_seconds, expires_at, address, agent, version)",
            "select '0199aaab-bbbb-7ccc-8ddd-' || cast(100000000000 + i as text),
                    '0199aaaa-bbbb-7ccc-8ddd-' || cast(100000000000 + 2 * i as text),
                    'pwd', $2 - i * 37, $2 - i * 37, $2 - i * 29, 604800, $2 + 2592000, '192.0.2.1', 'Mozilla/5.0 (made up)', 0"))
            .bind(seed.users / 2)
            .bind(seed.now)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    pub(crate) async fn add_seed_events(&mut self, seed: Seed) -> Result<()> {
        on!(self, c => sqlx::query(rows!(
            "insert into audit_log (id, at, request_id, actor_id, action, outcome, subject_id, address, agent, detail, seq, hash)",
            "select '0199aaac-bbbb-7ccc-8ddd-' || cast(100000000000 + i as text), $2 - ($1 - i) * 6912000 / $1,
                    'made-up',
                    case when i % 10 = 0 then null else '0199aaaa-bbbb-7ccc-8ddd-' || cast(100000000001 + (i * 7919) % $3 as text) end,
                    case i % 10 when 0 then 'session.start' when 1 then 'session.ended' when 2 then 'profile.updated' else 'session.started' end,
                    case when i % 10 = 0 then 'refused' else 'success' end,
                    '0199aaaa-bbbb-7ccc-8ddd-' || cast(100000000001 + (i * 7919) % $3 as text),
                    '192.0.2.1', 'Mozilla/5.0 (made up)', '{}', i, $4"))
            .bind(seed.events)
            .bind(seed.now)
            .bind(seed.users)
            .bind([0_u8; 32].as_slice())
            .execute(c)
            .await
            .map(|_| ()))?;
        on!(self, c => sqlx::query(
            "insert into sign_in_days (day, succeeded, refused)
             select at / 86400, count(case when action = 'session.started' then 1 end),
                    count(case when action = 'session.start' then 1 end)
             from audit_log where request_id = 'made-up' group by at / 86400")
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }
}
