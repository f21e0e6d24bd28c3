//! What a check of the chain found, for people and for machines.

use std::fmt;

use serde::Serialize;

/// Breaches beyond this many are counted, not listed.
pub(crate) const MOST_LISTED: usize = 100;

/// What was done to the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Breach {
    /// A row says something else than it did. Or the row before it does, and its hash was computed anew.
    Altered,
    /// Rows are missing; those after them may have been renumbered to hide it.
    Removed,
    /// Rows stand where there were none.
    Inserted,
    /// A row stands elsewhere than it did.
    Moved,
    /// Rows hang together, but are not those that were vouched for: every hash was computed anew.
    Rewritten,
    /// A checkpoint, the anchor or the mark of the tail was altered.
    Mark,
}

/// One thing that was done, and to which rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct AuditBreach {
    /// What.
    pub what: Breach,
    /// The first row's place. Of a row that was moved: where it stood.
    pub from: i64,
    /// The last row's place. Of a row that was moved: where it stands.
    pub to: i64,
}

impl fmt::Display for AuditBreach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, from, to } = *self;
        let rows = match from == to {
            true => format!("Row {from} was"),
            false => format!("Rows {from} to {to} were"),
        };
        match what {
            Breach::Altered => write!(
                f,
                "{rows} altered, or the row before was and its hash computed anew."
            ),
            Breach::Removed => write!(
                f,
                "{rows} removed; what the row after them says cannot be checked."
            ),
            Breach::Inserted => write!(f, "{rows} inserted."),
            Breach::Moved if from == to => write!(f, "Row {from} is not where it belongs."),
            Breach::Moved => write!(f, "Row {from} was moved to {to}."),
            Breach::Rewritten => write!(
                f,
                "{rows} rewritten, some or all: what is there is not what was vouched for."
            ),
            Breach::Mark => write!(
                f,
                "What vouches for row {to} is missing, was altered, or was made with other keys."
            ),
        }
    }
}

/// What came of comparing with a checkpoint somebody kept elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeptCheckpoint {
    /// The log up to there is what it was.
    Holds,
    /// It is not.
    Differs,
    /// The log does not reach that far any more.
    Missing,
    /// The rows it is about were removed because they were old enough.
    TooOld,
    /// Without the key ring it cannot be told.
    Unproven,
}

/// What a check of the whole chain found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditReport {
    /// The place after which the chain begins: 0, or the last row that was removed as old enough.
    pub after: i64,
    /// Rows that have their place.
    pub sealed: i64,
    /// Rows committed a moment ago, or while no sealer ran.
    pub unsealed: i64,
    /// Sealed rows of which the portal erased where somebody who has left came from.
    pub erased: i64,
    /// Of those, how many only the key ring could vouch for, and it was not there.
    pub unproven: i64,
    /// Checkpoints that hold.
    pub checkpoints: i64,
    /// The last row that a checkpoint or mark vouches for; 0: none.
    pub vouched_to: i64,
    /// Whether the key ring was there. Without it nobody can tell a log that was computed anew.
    pub with_keys: bool,
    /// What was done, by place.
    pub breaches: Vec<AuditBreach>,
    /// How much more was done than is listed.
    pub more_breaches: i64,
    /// Rows that say that the end of the log was not what the portal had sealed.
    pub alarms: Vec<i64>,
    /// What came of the checkpoint somebody kept.
    pub kept_checkpoint: Option<KeptCheckpoint>,
    /// Whether a file has no last line: it was cut off.
    pub is_cut_off: bool,
    /// Whether rows have waited for their place for more than a minute: no sealer works.
    pub is_stalled: bool,
    /// Whether a file begins after a row because that was asked for: nobody vouches for that beginning.
    pub is_begin_asked: bool,
    /// How many rows a file says it has beyond those it has.
    pub lines_missing: i64,
}

impl AuditReport {
    /// Whether nothing was tampered with, as far as can be told.
    pub fn holds(&self) -> bool {
        let kept = self.kept_checkpoint;
        self.breaches.is_empty()
            && self.alarms.is_empty()
            && !self.is_cut_off
            && !self.is_stalled
            && self.lines_missing == 0
            && !matches!(
                kept,
                Some(KeptCheckpoint::Differs | KeptCheckpoint::Missing)
            )
    }
}
