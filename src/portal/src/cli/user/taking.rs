//! A file on its way in, batch by batch.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use auth::{Auth, Client, ImportOutcome, ImportRow, ImportRun};

use super::formats::{Format, Keys};
use super::record::Records;
use super::report::{Refused, Report};
use super::unread::Unread;
use crate::cli::progress::Progress;
use crate::cli::{Failure, say};

/// How many refused rows are said aloud without a report.
const SAID_ALOUD: u64 = 10;

/// A file on its way in.
pub(super) struct Taking {
    pub(super) run: ImportRun,
    pub(super) records: Records,
    pub(super) report: Option<Report>,
    pub(super) keys: Keys,
    pub(super) roles: HashMap<String, String>,
    pub(super) progress: Progress,
    pub(super) rows: u64,
    /// Records that did not read.
    pub(super) unread: u64,
    pub(super) said: u64,
}

/// Rows that go into one transaction, and what a report calls each.
#[derive(Default)]
struct Batch {
    known: Vec<Known>,
    rows: Vec<ImportRow>,
}

/// What a report calls a row.
struct Known {
    line: u64,
    id: Option<String>,
}

impl Taking {
    /// Takes batch after batch; `false` when it was interrupted between two.
    pub(super) async fn all(&mut self, auth: &Auth, format: Format) -> Result<bool, Failure> {
        let is_interrupted = Arc::new(AtomicBool::new(false));
        let watched = Arc::clone(&is_interrupted);
        let watch = tokio::spawn(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                watched.store(true, Ordering::Relaxed);
            }
        });
        let operator = Client::operator();
        let mut is_whole = true;
        while let Some(Batch { known, rows }) = self.batch(format)? {
            let taken = auth.import_accounts(&mut self.run, rows, &operator).await;
            let outcomes = taken.map_err(|error| {
                self.progress.end();
                Failure(format!("{error}. Run it again to go on from here."))
            })?;
            for (known, outcome) in known.into_iter().zip(outcomes) {
                if let ImportOutcome::Refused(refused) = outcome {
                    self.refuse(known, refused.code(), refused.to_string())?;
                }
            }
            self.progress.show(self.rows, self.records.share());
            if is_interrupted.load(Ordering::Relaxed) {
                is_whole = false;
                break;
            }
        }
        watch.abort();
        self.progress.end();
        if let Some(report) = self.report.take() {
            report.end().map_err(Failure::because)?;
        }
        Ok(is_whole)
    }

    /// The next rows that read; those that do not are refused on the way.
    fn batch(&mut self, format: Format) -> Result<Option<Batch>, Failure> {
        let mut batch = Batch::default();
        while batch.rows.len() < format.batch() {
            let next = self.records.next();
            let next =
                next.map_err(|error| Failure(format!("The file cannot be read: {error}.")))?;
            let Some((line, record)) = next else { break };
            self.rows += 1;
            match record.and_then(|record| format.read(&record, &self.keys)) {
                Ok(mut row) => {
                    if let Some(role) = row.role.as_ref().and_then(|role| self.roles.get(role)) {
                        row.role = Some(role.clone());
                    }
                    let id = row.external_id.clone();
                    batch.known.push(Known { line, id });
                    batch.rows.push(row);
                }
                Err(unread) => self.refuse_unread(line, &unread)?,
            }
        }
        Ok((!batch.rows.is_empty()).then_some(batch))
    }

    fn refuse_unread(&mut self, line: u64, unread: &Unread) -> Result<(), Failure> {
        self.unread += 1;
        let known = Known { line, id: None };
        self.refuse(known, unread.code(), unread.to_string())
    }

    fn refuse(&mut self, known: Known, code: &'static str, reason: String) -> Result<(), Failure> {
        let Known { line, id } = known;
        let refused = Refused {
            line,
            id,
            code,
            reason,
        };
        if let Some(report) = &mut self.report {
            return report.add(&refused).map_err(Failure::because);
        }
        self.said += 1;
        if self.said <= SAID_ALOUD {
            self.progress.end();
            say(&format!(
                "Line {line}: {}.",
                refused.reason.trim_end_matches('.')
            ));
        } else if self.said == SAID_ALOUD + 1 {
            say("More rows were refused; --report FILE lists them all.");
        }
        Ok(())
    }
}
