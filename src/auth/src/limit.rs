//! What slows guessing down (D10, C21): rates, and failures in a row with a growing delay.
//!
//! A failure is counted *before* the check, in its own committed transaction: two hundred guesses
//! at once are two hundred failures, not one. Counters are shared by every way in and keyed by an
//! HMAC, so the table names nobody. Only a complete sign-in clears them.

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::clock::Timestamp;
use crate::error::Fault;
use crate::ring::Purpose;
use crate::secret::hmac_sha256;
use crate::session::Session;
use crate::store::Tx;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Past this many failures in a row a password is no way in any more until it is reset or an
/// operator unlocks it (SP 800-63B-4 3.2.2).
const HARD_LIMIT: i64 = 100;
/// "Until somebody helps": far enough to never come by itself.
const FOR_GOOD: i64 = 100 * 365 * DAY;

/// Too often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too often; again in {retry_after} s")]
pub struct Limited {
    /// Seconds until another try makes sense.
    pub retry_after: u32,
    /// Not this caller is too often here: codes are refused all over the portal.
    links_alone: bool,
    /// Which limit, for the log.
    pub(crate) name: &'static str,
}

impl Limited {
    fn until(then: Timestamp, now: Timestamp) -> Self {
        // A lock for good is said as an hour: a longer wait would tell that it is one.
        Self {
            retry_after: u32::try_from((then - now).clamp(1, HOUR)).unwrap_or(1),
            links_alone: false,
            name: "",
        }
    }

    /// The same, of a limit that has a name.
    pub(crate) fn of(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    /// The same, by the lane it is about.
    fn on(lane: Lane, then: Timestamp, now: Timestamp) -> Self {
        Self {
            links_alone: lane == Lane::AllCodes,
            ..Self::until(then, now).of(lane.rule().name)
        }
    }
}

impl From<Limited> for wire::Error {
    fn from(limited: Limited) -> Self {
        if limited.links_alone {
            // Said as a wrong code: a guesser learns nothing, and the page leads to the link.
            return wire::ErrorCode::InvalidCode.into();
        }
        Self::rate_limited(limited.retry_after)
    }
}

/// Either too often, or below the rules.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LimitError {
    #[error(transparent)]
    Limited(#[from] Limited),
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// An error that may be a limit's.
pub(crate) trait MayBeLimited: From<Fault> {
    /// The limit, if it is one's.
    fn limited(&self) -> Option<&Limited>;
}

macro_rules! may_be_limited {
    ($($error:ty),+ $(,)?) => {$(
        impl MayBeLimited for $error {
            fn limited(&self) -> Option<&Limited> {
                match self {
                    Self::Limited(limited) => Some(limited),
                    _ => None,
                }
            }
        }
    )+};
}

may_be_limited!(
    LimitError,
    crate::ApiKeyError,
    crate::InviteError,
    crate::ManageUserError,
    crate::TenantError,
);

/// That somebody was too often here, for the log.
pub(crate) fn too_often<'a>(limited: &Limited, client: &'a Client) -> Entry<'a> {
    let detail = serde_json::json!({ "limit": limited.name });
    Entry::refused("limit.reached", client, "limited").detail(detail)
}

/// Events in a window of time.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Rate {
    /// Registrations of one network: 3 an hour.
    Register,
    /// Letters to one address: 3 in 15 minutes.
    Letter,
    /// Wishes for a reset of one network: 20 in 15 minutes.
    Reset,
    /// Invitations of one inviter, those sent again included: 300 a day.
    Invite,
    /// Invitations into one tenant by those who look after it, those sent again included: 300 a day.
    TenantInvite,
    /// Tenants one admin adds: 100 a day.
    Tenant,
    /// Times an account lets a session act in another tenant: 60 an hour.
    Switch,
    /// Changes of address an account asks for: 5 an hour.
    EmailChange,
    /// Exports of one account: 10 an hour.
    Export,
    /// Exports of the audit log by one account: 30 an hour.
    AuditExport,
    /// Closings of one account: 10 an hour.
    Leave,
    /// Sign-in codes asked for by one network: 20 in 15 minutes.
    SignInCode,
    /// Tickets for WebSockets of one session: 60 a minute.
    WsTicket,
    /// Keys that nobody issued, of one network: 100 in 15 minutes.
    MadeUpKey,
    /// Keys reported as leaked by one network: 60 an hour.
    LeakReport,
    /// Keys one account makes: 100 an hour.
    MakeKey,
}

impl Rate {
    fn rule(self) -> (&'static str, i64, i64) {
        match self {
            Self::Register => ("register", 3, HOUR),
            Self::Letter => ("letter", 3, 15 * MINUTE),
            Self::Reset => ("reset", 20, 15 * MINUTE),
            Self::Invite => ("invite", 300, DAY),
            Self::TenantInvite => ("tenant_invite", 300, DAY),
            Self::Tenant => ("tenant", 100, DAY),
            Self::Switch => ("switch_tenant", 60, HOUR),
            Self::EmailChange => ("email_change", 5, HOUR),
            Self::Export => ("export", 10, HOUR),
            Self::AuditExport => ("audit_export", 30, HOUR),
            Self::Leave => ("leave", 10, HOUR),
            Self::SignInCode => ("sign_in_code", 20, 15 * MINUTE),
            Self::WsTicket => ("ws_ticket", 60, MINUTE),
            Self::MadeUpKey => ("made_up_key", 100, 15 * MINUTE),
            Self::LeakReport => ("leak_report", 60, HOUR),
            Self::MakeKey => ("make_key", 100, HOUR),
        }
    }
}

/// A way of counting failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Of one account from one network: five in a quarter of an hour are free.
    AccountNetwork,
    /// Of one account from anywhere, since its last sign-in: twenty are free.
    Account,
    /// Of one network at any account: fifty in a quarter of an hour.
    Network,
    /// Wrong codes of one address: ten a day, over all its flows.
    Code,
    /// Wrong codes of everybody: fifty in a quarter of an hour, and for the next one links alone do.
    /// Five tries a flow stop nobody who begins flows for a whole company.
    AllCodes,
}

struct LaneRule {
    name: &'static str,
    free: i64,
    window: i64,
    first_delay: i64,
    longest_delay: i64,
}

impl Lane {
    fn rule(self) -> LaneRule {
        let rule = |name, free, window, first_delay, longest_delay| LaneRule {
            name,
            free,
            window,
            first_delay,
            longest_delay,
        };
        match self {
            Self::AccountNetwork => rule("account_network", 5, 15 * MINUTE, MINUTE, 15 * MINUTE),
            Self::Account => rule("account", 20, FOR_GOOD, MINUTE, HOUR),
            Self::Network => rule("network", 50, 15 * MINUTE, MINUTE, 15 * MINUTE),
            Self::Code => rule("code", 10, DAY, DAY, DAY),
            Self::AllCodes => rule("all_codes", 50, 15 * MINUTE, 15 * MINUTE, 15 * MINUTE),
        }
    }
}

/// The lanes one attempt is counted on, and under which keys.
pub(crate) struct Attempt {
    lanes: Vec<(Lane, [u8; 32])>,
    /// Whose lanes these are, where they are an account's: noted when one is locked, for whoever unlocks.
    account: Option<String>,
    /// From where, for the log.
    client: Option<Client>,
}

impl Attempt {
    fn on(lanes: Vec<(Lane, [u8; 32])>) -> Self {
        Self {
            lanes,
            account: None,
            client: None,
        }
    }

    /// The same, at this account.
    pub(crate) fn at(mut self, account: Option<&str>) -> Self {
        self.account = account.map(str::to_owned);
        self
    }

    /// The same, from there: a lane that locks is written down with it.
    pub(crate) fn from(self, client: &Client) -> Self {
        Self {
            client: Some(client.clone()),
            ..self
        }
    }

    fn account_of(&self, lane: Lane) -> Option<&str> {
        match lane {
            Lane::AccountNetwork | Lane::Account => self.account.as_deref(),
            Lane::Network | Lane::Code | Lane::AllCodes => None,
        }
    }
}

impl Auth {
    /// Counts events of somebody; refuses the one too many, and writes that down.
    pub(crate) async fn admit_from(
        &self,
        client: &Client,
        events: &[(Rate, &str)],
    ) -> Result<(), LimitError> {
        let admitted = self.admit(events).await;
        if let Err(LimitError::Limited(limited)) = &admitted {
            self.note_limited(limited, client).await?;
        }
        admitted
    }

    /// The same for somebody who is signed in, whose name stands in the log then.
    pub(crate) async fn admit_by(
        &self,
        session: &Session,
        client: &Client,
        events: &[(Rate, &str)],
    ) -> Result<(), LimitError> {
        self.noting_limit(session, client, self.admit(events).await)
            .await
    }

    /// What came of an act; where a limit refused it, that is written down, now that its transaction has
    /// ended.
    pub(crate) async fn noting_limit<T, E: MayBeLimited>(
        &self,
        session: &Session,
        client: &Client,
        done: Result<T, E>,
    ) -> Result<T, E> {
        if let Err(error) = &done
            && let Some(limited) = error.limited()
        {
            self.audit_refusal(too_often(limited, client).by(session))
                .await?;
        }
        done
    }

    /// Writes down that somebody was too often here; not while a transaction is open.
    pub(crate) async fn note_limited(
        &self,
        limited: &Limited,
        client: &Client,
    ) -> Result<(), Fault> {
        self.audit_refusal(too_often(limited, client)).await
    }

    /// Counts events; refuses the one too many.
    pub(crate) async fn admit(&self, events: &[(Rate, &str)]) -> Result<(), LimitError> {
        let multiplier = self.settings().limits;
        if multiplier <= 0.0 {
            return Ok(());
        }
        let mut tx = self.store().write().await?;
        // Dropped when refused, not committed: asking again while refused does not prolong it.
        self.admit_in(&mut tx, events).await?;
        Ok(tx.commit().await?)
    }

    /// The same in the transaction of the act: whoever does it beside waits until this one ends.
    pub(crate) async fn admit_in(
        &self,
        tx: &mut Tx,
        events: &[(Rate, &str)],
    ) -> Result<(), LimitError> {
        let multiplier = self.settings().limits;
        if multiplier <= 0.0 {
            return Ok(());
        }
        let now = self.now();
        for (rate, whom) in events {
            let (bucket, most, window) = rate.rule();
            let began = now - now.rem_euclid(window);
            let count = tx
                .add_rate(bucket, &self.counter_key(bucket, &[whom]), began)
                .await?;
            if count > scaled(most, multiplier) {
                return Err(Limited::until(began + window, now).of(bucket).into());
            }
        }
        Ok(())
    }

    /// The attempt of a password: `whom` is an account id, or what was typed where there is none.
    pub(crate) fn password_attempt(&self, whom: &str, client: &Client) -> Attempt {
        let network = client.network();
        Attempt::on(vec![
            (
                Lane::AccountNetwork,
                self.counter_key("account_network", &[whom, &network]),
            ),
            (Lane::Account, self.counter_key("account", &[whom])),
            (Lane::Network, self.counter_key("network", &[&network])),
        ])
        .from(client)
    }

    /// The attempt of a mailed code.
    pub(crate) fn code_attempt(&self, address: &str) -> Attempt {
        Attempt::on(vec![
            (Lane::Code, self.counter_key("code", &[address])),
            self.all_codes(),
        ])
    }

    fn all_codes(&self) -> (Lane, [u8; 32]) {
        (Lane::AllCodes, self.counter_key("all_codes", &[]))
    }

    /// Whether so many codes were wrong all over the portal that links alone work: for pages to say.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn links_alone(&self) -> Result<bool, Fault> {
        match self
            .refuse_locked(&Attempt::on(vec![self.all_codes()]))
            .await
        {
            Ok(()) => Ok(false),
            Err(LimitError::Limited(_)) => Ok(true),
            Err(LimitError::Fault(fault)) => Err(fault),
        }
    }

    /// Refuses what has its limit in a table of its own.
    pub(crate) fn refuse_until(&self, then: Timestamp) -> Limited {
        Limited::until(then, self.now())
    }

    /// How many of something there may be; `None` while limits are switched off.
    pub(crate) fn at_most(&self, limit: i64) -> Option<usize> {
        let multiplier = self.settings().limits;
        (multiplier > 0.0).then(|| usize::try_from(scaled(limit, multiplier)).unwrap_or(usize::MAX))
    }

    pub(crate) fn counter_key(&self, lane: &str, parts: &[&str]) -> [u8; 32] {
        let mut all: Vec<&[u8]> = vec![lane.as_bytes()];
        all.extend(parts.iter().map(|part| part.as_bytes()));
        hmac_sha256(&self.ring().mac_key(Purpose::Counter), &all)
    }

    /// Refuses an attempt on a locked lane, without counting it: before any work is done for it.
    pub(crate) async fn refuse_locked(&self, attempt: &Attempt) -> Result<(), LimitError> {
        if self.settings().limits <= 0.0 {
            return Ok(());
        }
        let now = self.now();
        let mut tx = self.store().read().await?;
        for (lane, key) in &attempt.lanes {
            let failure = tx
                .failure_by_key(lane.rule().name, key)
                .await?
                .unwrap_or_default();
            if failure.locked_until > now {
                return Err(Limited::on(*lane, failure.locked_until, now).into());
            }
        }
        Ok(())
    }

    /// Counts an attempt as failed, before it is checked, and commits that.
    pub(crate) async fn count_failure(&self, attempt: &Attempt) -> Result<(), LimitError> {
        if self.settings().limits <= 0.0 {
            return Ok(());
        }
        let mut tx = self.store().write().await?;
        self.count_failure_in(&mut tx, attempt).await?;
        Ok(tx.commit().await?)
    }

    /// The same with a try that is spent too, for the caller to commit before the check: of both or
    /// of none.
    pub(crate) async fn count_failure_in(
        &self,
        tx: &mut Tx,
        attempt: &Attempt,
    ) -> Result<(), LimitError> {
        let multiplier = self.settings().limits;
        if multiplier <= 0.0 {
            return Ok(());
        }
        let now = self.now();
        for (lane, key) in &attempt.lanes {
            let rule = lane.rule();
            let Some(failure) = tx
                .add_failure(rule.name, key, now, now - rule.window)
                .await?
            else {
                let locked = tx.failure_by_key(rule.name, key).await?.unwrap_or_default();
                return Err(Limited::on(*lane, locked.locked_until, now).into());
            };
            if let Some(delay) = rule.delay_after(failure.count, multiplier) {
                let account = attempt.account_of(*lane);
                tx.set_locked_until(rule.name, key, now + delay, account)
                    .await?;
                self.note_locked(tx, attempt, rule.name, delay).await?;
            }
        }
        Ok(())
    }

    /// Writes down that a lane was locked: once each time, and each time is longer than the last.
    async fn note_locked(
        &self,
        tx: &mut Tx,
        attempt: &Attempt,
        lane: &'static str,
        seconds: i64,
    ) -> Result<(), Fault> {
        let Some(client) = &attempt.client else {
            return Ok(());
        };
        let detail = serde_json::json!({ "limit": lane, "seconds": seconds });
        let mut entry = Entry::refused("sign_in.locked", client, "limited").detail(detail);
        if let Some(account) = &attempt.account {
            entry = entry.subject(account);
        }
        self.audit(tx, entry).await
    }

    /// A complete sign-in ends the runs of its own account. The network's and everybody's are only
    /// relieved of this attempt: else an attacker's own account would wash them clean.
    pub(crate) async fn clear_failures(&self, tx: &mut Tx, attempt: &Attempt) -> Result<(), Fault> {
        if self.settings().limits <= 0.0 {
            return Ok(());
        }
        for (lane, key) in &attempt.lanes {
            match lane {
                Lane::Network | Lane::AllCodes => {
                    tx.set_failure_taken_back(lane.rule().name, key).await?;
                }
                other => tx.delete_failures(other.rule().name, key).await?,
            }
        }
        Ok(())
    }

    /// Takes back what was counted ahead of a check that then succeeded, where that was no sign-in:
    /// the runs before it stay (D10).
    pub(crate) async fn take_back_failure(
        &self,
        tx: &mut Tx,
        attempt: &Attempt,
    ) -> Result<(), Fault> {
        if self.settings().limits <= 0.0 {
            return Ok(());
        }
        for (lane, key) in &attempt.lanes {
            tx.set_failure_taken_back(lane.rule().name, key).await?;
        }
        Ok(())
    }

    /// Lets the owner of an account try again at once, from where they are too.
    pub(crate) async fn clear_account_from(
        &self,
        tx: &mut Tx,
        account: &str,
        client: &Client,
    ) -> Result<(), Fault> {
        let here = self.counter_key("account_network", &[account, &client.network()]);
        tx.delete_failures("account_network", &here).await?;
        self.clear_account(tx, account).await
    }

    /// Lets the owner of an account try again at once.
    pub(crate) async fn clear_account(&self, tx: &mut Tx, account: &str) -> Result<(), Fault> {
        tx.delete_failures("account", &self.counter_key("account", &[account]))
            .await
    }

    /// Forgets the wrong codes of an address.
    pub(crate) async fn clear_codes(&self, tx: &mut Tx, email: &str) -> Result<(), Fault> {
        tx.delete_failures("code", &self.counter_key("code", &[email]))
            .await
    }
}

impl LaneRule {
    /// How long nothing is tried after the `count`th failure: nothing while it is free, then twice
    /// as long each time.
    fn delay_after(&self, count: i64, multiplier: f64) -> Option<i64> {
        let beyond = count - scaled(self.free, multiplier);
        if beyond < 0 {
            return None;
        }
        if self.name == "account" && count >= HARD_LIMIT.max(scaled(self.free, multiplier)) {
            return Some(FOR_GOOD);
        }
        let doublings = u32::try_from(beyond.min(20)).unwrap_or(20);
        Some(
            self.first_delay
                .saturating_mul(1 << doublings)
                .min(self.longest_delay),
        )
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "limits are small"
)]
fn scaled(limit: i64, multiplier: f64) -> i64 {
    ((limit as f64 * multiplier).round() as i64).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_grows_and_is_capped() {
        let rule = Lane::AccountNetwork.rule();
        let delays: Vec<_> = (1..=10).map(|count| rule.delay_after(count, 1.0)).collect();
        assert_eq!(delays[..4], [None; 4]);
        assert_eq!(
            delays[4..],
            [
                Some(60),
                Some(120),
                Some(240),
                Some(480),
                Some(900),
                Some(900)
            ]
        );
    }

    #[test]
    fn a_hundred_failures_in_a_row_need_help() {
        let rule = Lane::Account.rule();
        assert_eq!(rule.delay_after(99, 1.0), Some(HOUR));
        assert_eq!(rule.delay_after(100, 1.0), Some(FOR_GOOD));
    }

    #[test]
    fn a_lock_for_good_does_not_tell_itself() {
        assert_eq!(Limited::until(FOR_GOOD, 0).retry_after, 3600);
        assert_eq!(Limited::until(0, 100).retry_after, 1);
    }
}
