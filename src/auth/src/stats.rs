//! What the administration's first page tells: counts over all accounts, sign-ins day by day, letters
//! that wait, and what should be looked at.
//!
//! Nothing here counts the audit log: the sealer, which has every row in hand once and in order, adds
//! sign-ins to their day in the transaction that gives the rows their place. A number is a second late,
//! never twice, and costs the same after a million rows as after ten.

use std::collections::BTreeMap;

use time::OffsetDateTime;
use wire::{ActiveUsers, ApiKeyTotals, OutboxState, SignInDay, Stats, UserTotals};

use crate::Auth;
use crate::api_key::ENDING;
use crate::clock::Timestamp;
use crate::error::Fault;
use crate::posture::Deployment;
use crate::store::{AuditRow, SignInDayRow, Tx};

const DAY: i64 = 86_400;

impl Auth {
    /// What is told about `days` days, today included.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn stats(&self, days: u32, deployment: &Deployment) -> Result<Stats, Fault> {
        let now = self.now();
        let first = now.div_euclid(DAY) - i64::from(days) + 1;
        let mut tx = self.store().read().await?;
        let counts = tx.count_accounts(first * DAY, now).await?;
        let active = tx
            .count_active([now - DAY, now - 7 * DAY, now - 30 * DAY])
            .await?;
        let signed_in = tx.list_sign_in_days(first).await?;
        let ending = tx.count_ending_api_keys(now, now + ENDING).await?;
        drop(tx);
        let letters = self.count_letters().await?;
        Ok(Stats {
            days,
            users: UserTotals {
                total: counts.total,
                new: counts.new,
                active: ActiveUsers {
                    day: active.first,
                    week: active.second,
                    month: active.third,
                },
                locked: counts.locked,
                suspended: counts.suspended,
                disabled: counts.disabled,
                leaving: counts.leaving,
            },
            sign_ins: every_day(first, days, &signed_in),
            outbox: OutboxState {
                due: letters.due,
                dead: letters.dead,
                oldest_due_seconds: letters.oldest_due_seconds,
            },
            api_keys: ApiKeyTotals { ending },
            posture: self.posture(deployment).await?,
        })
    }

    /// Adds the sign-ins among rows that get their place now.
    pub(crate) async fn count_sign_ins(&self, tx: &mut Tx, rows: &[AuditRow]) -> Result<(), Fault> {
        for (_, day) in by_day(rows) {
            tx.add_sign_ins(&day).await?;
        }
        Ok(())
    }
}

fn by_day(rows: &[AuditRow]) -> BTreeMap<i64, SignInDayRow> {
    let mut days: BTreeMap<i64, SignInDayRow> = BTreeMap::new();
    for row in rows {
        let (succeeded, refused) = match (row.action.as_str(), row.outcome.as_str()) {
            ("session.started", "success") => (1, 0),
            ("session.start", "refused") => (0, 1),
            _ => continue,
        };
        let day = row.at.div_euclid(DAY);
        let counted = days.entry(day).or_default();
        counted.day = day;
        counted.succeeded += succeeded;
        counted.refused += refused;
    }
    days
}

/// Every day of the time, also those without a sign-in.
fn every_day(first: i64, days: u32, known: &[SignInDayRow]) -> Vec<SignInDay> {
    let of = |day| known.iter().find(|row| row.day == day).copied();
    let view = |day| {
        let row = of(day).unwrap_or_default();
        SignInDay {
            date: date(day * DAY),
            succeeded: row.succeeded,
            failed: row.refused,
        }
    };
    (first..first + i64::from(days)).map(view).collect()
}

/// `2026-11-21`.
fn date(at: Timestamp) -> String {
    let at = OffsetDateTime::from_unix_timestamp(at).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    at.date().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(at: Timestamp, action: &str, outcome: &str) -> AuditRow {
        AuditRow {
            id: String::new(),
            at,
            request_id: String::new(),
            actor_id: None,
            action: action.to_owned(),
            outcome: outcome.to_owned(),
            subject_id: None,
            address: String::new(),
            agent: String::new(),
            detail: String::new(),
            seq: None,
            hash: None,
            erased_mac: None,
        }
    }

    #[test]
    fn sign_ins_are_counted_under_their_day_and_nothing_else_is() {
        let rows = [
            row(0, "session.started", "success"),
            row(DAY - 1, "session.start", "refused"),
            row(DAY, "session.started", "success"),
            row(DAY, "session.ended", "success"),
            row(DAY, "session.step_up", "refused"),
        ];
        let told: Vec<_> = by_day(&rows)
            .into_values()
            .map(|day| (day.day, day.succeeded, day.refused))
            .collect();
        assert_eq!(told, [(0, 1, 1), (1, 1, 0)]);
    }

    #[test]
    fn a_day_without_sign_ins_is_a_day() {
        let known = [SignInDayRow {
            day: 20_000,
            succeeded: 3,
            refused: 1,
        }];
        let days = every_day(19_999, 3, &known);
        let told: Vec<_> = days
            .iter()
            .map(|day| (day.date.as_str(), day.succeeded, day.failed))
            .collect();
        assert_eq!(
            told,
            [
                ("2024-10-03", 0, 0),
                ("2024-10-04", 3, 1),
                ("2024-10-05", 0, 0)
            ]
        );
    }
}
