//! The log as a file: a page at a time, so that neither a long file nor a slow reader costs memory or
//! holds the database.
//!
//! Everything leaves in the order of the chain, with what vouches for it: who has the file can check it
//! without the portal. A selection leaves newest first, as the list shows it; it cannot be checked.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use wire::{AuditEvent, Cursor, Paging};

use super::Entry;
use super::chain::hex;
use super::search::{AuditQuery, filter_of, find};
use super::view::{emails_of, event};
use crate::Auth;
use crate::client::Client;
use crate::clock::rfc3339;
use crate::error::Fault;
use crate::limit::{LimitError, Rate};
use crate::session::Session;
use crate::store::{AuditFilter, AuditRow, Checkpoint, Mark};

/// Rows read at once.
const PAGE: u32 = 500;
/// What the first line of a file calls itself.
pub(super) const FORMAT: &str = "gatehouse-audit";
/// Which form of it this is.
pub(super) const VERSION: u32 = 1;

/// One line of a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum AuditExportRecord {
    /// The first: what this is.
    Header {
        /// `gatehouse-audit`.
        format: String,
        /// 1.
        version: u32,
        /// The portal's public URL.
        issuer: String,
        /// When; RFC 3339.
        exported_at: String,
        /// Whether every row there is follows, in the order of the chain.
        complete: bool,
        /// The id of the key ring's key that vouches.
        key: String,
        /// The row after which the file begins, where older ones are gone or were not asked for.
        after: Option<Sworn>,
        /// Whether `after` is the anchor, whose MAC vouches for it. Any other has none: what follows from it
        /// follows from nothing else.
        anchored: bool,
    },
    /// A row. Members are columns; `detail` is JSON.
    Event {
        /// Its place; `null` where it had none yet.
        seq: Option<i64>,
        /// The chain's hash at it, in hex.
        hash: Option<String>,
        /// UUIDv7.
        id: String,
        /// RFC 3339.
        at: String,
        /// The request it belongs to.
        request_id: String,
        /// Who acted.
        actor_id: Option<String>,
        /// What.
        action: String,
        /// How it ended.
        outcome: String,
        /// Whom or what it was done to.
        subject_id: Option<String>,
        /// From where.
        address: String,
        /// With what.
        agent: String,
        /// The rest.
        detail: Value,
        /// The rest as it is stored, where writing `detail` again would not give that.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        detail_text: Option<String>,
        /// What vouches for a row that was erased, in hex.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        erased_mac: Option<String>,
    },
    /// What vouches for the chain up to a row; stands after it.
    Checkpoint(Sworn),
    /// The last: a file without it was cut off.
    End {
        /// Rows in this file.
        events: u64,
        /// The mark of the last sealed row, as the sealer swore to it; `null` in a selection.
        tail: Option<Sworn>,
    },
}

/// A place of the chain, and what vouches for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sworn {
    /// The row's place.
    pub seq: i64,
    /// When it was sworn to; RFC 3339.
    pub at: String,
    /// The chain's hash there, in hex.
    pub hash: String,
    /// HMAC under the key ring, in hex.
    pub mac: String,
}

impl Sworn {
    fn of(checkpoint: &Checkpoint) -> Self {
        Self {
            seq: checkpoint.seq,
            at: rfc3339(checkpoint.at),
            hash: hex(&checkpoint.hash),
            mac: hex(&checkpoint.mac),
        }
    }
}

/// A row that leaves: for people, and as it is.
#[derive(Clone, Debug)]
pub struct ExportedEvent {
    /// For people.
    pub event: AuditEvent,
    /// As it is.
    pub record: AuditExportRecord,
}

/// What a reader is given next.
#[derive(Debug)]
enum Stage {
    Header,
    /// Everything, after a place.
    Chain(i64),
    /// A selection, after a place.
    Selected(Option<Cursor>),
    End,
    Over,
}

/// An export under way: read it to its end with [`Self::next`].
#[derive(Debug)]
pub struct AuditExport {
    auth: Auth,
    query: AuditQuery,
    filter: Option<AuditFilter>,
    is_complete: bool,
    stage: Stage,
    after: Option<Sworn>,
    is_anchored: bool,
    /// The last row that was gone when the export began.
    anchor: i64,
    checked: i64,
    tail: Option<Checkpoint>,
    events: u64,
}

/// A page of an export.
#[derive(Debug, Default)]
pub struct ExportPage {
    /// Its lines, in order. Rows among them come with what people read.
    pub lines: Vec<ExportLine>,
}

/// One line of an export.
#[derive(Debug)]
pub enum ExportLine {
    /// A row.
    Event(Box<ExportedEvent>),
    /// What is about the file, or vouches for its rows.
    Other(Box<AuditExportRecord>),
}

impl ExportLine {
    /// The line as it is written in NDJSON, with its end.
    pub fn to_ndjson(&self) -> String {
        let record = match self {
            Self::Event(event) => &event.record,
            Self::Other(record) => record.as_ref(),
        };
        let mut line = serde_json::to_string(record).unwrap_or_default();
        line.push('\n');
        line
    }
}

impl Auth {
    /// Begins an export, and notes in the log that it was made. `after` leaves out the beginning of the
    /// chain up to a place, for who has that already; it has no meaning for a selection.
    ///
    /// # Errors
    /// Too many of one account; or when the database does not answer.
    pub async fn begin_audit_export(
        &self,
        query: &AuditQuery,
        format: &'static str,
        after: Option<i64>,
        by: Option<&Session>,
        client: &Client,
    ) -> Result<AuditExport, AuditExportRefused> {
        if let Some(session) = by {
            self.admit_from(client, &[(Rate::AuditExport, &session.user.id)])
                .await?;
        }
        let is_complete = query.is_everything();
        let mut tx = self.store().read().await?;
        let filter = filter_of(&mut tx, query).await?;
        drop(tx);
        let detail = serde_json::json!({ "format": format, "complete": is_complete });
        let mut entry = Entry::done("audit.exported", client).detail(detail);
        if let Some(session) = by {
            entry = entry.actor(&session.user.id);
        }
        self.audit_alone(entry).await?;
        let mut export = AuditExport {
            auth: self.clone(),
            query: query.clone(),
            filter,
            is_complete,
            stage: Stage::Header,
            after: None,
            is_anchored: false,
            anchor: 0,
            checked: i64::MIN,
            tail: None,
            events: 0,
        };
        if is_complete {
            export.begin_after(after).await?;
        }
        Ok(export)
    }
}

/// Why no export began.
#[derive(Debug, thiserror::Error)]
pub enum AuditExportRefused {
    /// Too many of one account.
    #[error(transparent)]
    Limited(#[from] crate::limit::Limited),
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<LimitError> for AuditExportRefused {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::Limited(limited) => limited.into(),
            LimitError::Fault(fault) => fault.into(),
        }
    }
}

impl From<AuditExportRefused> for wire::Error {
    fn from(error: AuditExportRefused) -> Self {
        match error {
            AuditExportRefused::Limited(limited) => limited.into(),
            AuditExportRefused::Fault(fault) => fault.into(),
        }
    }
}

impl AuditExport {
    /// How many rows have left so far.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// The next lines; `None` when that was all.
    ///
    /// # Errors
    /// When the database does not answer: what was read so far is not the whole.
    pub async fn next(&mut self) -> Result<Option<ExportPage>, Fault> {
        let mut page = ExportPage::default();
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Header => {
                page.lines.push(ExportLine::Other(Box::new(self.header())));
                self.stage = match self.is_complete {
                    true => Stage::Chain(self.after.as_ref().map_or(i64::MIN, |after| after.seq)),
                    false => Stage::Selected(None),
                };
            }
            Stage::Chain(after) => self.read_chain(after, &mut page).await?,
            Stage::Selected(after) => self.read_selected(after, &mut page).await?,
            Stage::End => page.lines.push(ExportLine::Other(Box::new(self.end()))),
            Stage::Over => return Ok(None),
        }
        Ok(Some(page))
    }

    fn header(&self) -> AuditExportRecord {
        AuditExportRecord::Header {
            format: FORMAT.to_owned(),
            version: VERSION,
            issuer: self.auth.settings().public_url.clone(),
            exported_at: rfc3339(self.auth.now()),
            complete: self.is_complete,
            key: self.auth.ring().oldest_id(),
            after: self.after.clone(),
            anchored: self.is_anchored,
        }
    }

    fn end(&self) -> AuditExportRecord {
        let tail = self.tail.as_ref().filter(|_| self.is_complete);
        AuditExportRecord::End {
            events: self.events,
            tail: tail.map(Sworn::of),
        }
    }

    /// Where the file begins: after what its reader has, or after what is gone. The anchor leaves as it
    /// was sworn to; nothing is sworn to for a file, which would vouch for whatever the table holds.
    async fn begin_after(&mut self, after: Option<i64>) -> Result<(), Fault> {
        let mut tx = self.auth.store().read().await?;
        let anchor = tx.audit_mark(Mark::Anchor).await?;
        self.anchor = anchor.as_ref().map_or(0, |anchor| anchor.seq);
        let wanted = after.filter(|after| *after > self.anchor);
        let hash = match wanted {
            Some(seq) => tx.audit_hash_by_seq(seq).await?.map(|hash| (seq, hash)),
            None => None,
        };
        self.is_anchored = hash.is_none() && anchor.is_some();
        let start = match hash {
            Some((seq, hash)) => Some(Checkpoint {
                seq,
                at: self.auth.now(),
                hash,
                mac: Vec::new(),
            }),
            None => anchor,
        };
        self.checked = start.as_ref().map_or(i64::MIN, |start| start.seq);
        self.after = start.as_ref().map(Sworn::of);
        Ok(())
    }

    /// A page of the chain, up to the end that was sealed last. What has no place yet is in no file:
    /// nobody vouches for it.
    async fn read_chain(&mut self, after: i64, page: &mut ExportPage) -> Result<(), Fault> {
        let mut tx = self.auth.store().read().await?;
        let anchor = tx.audit_mark(Mark::Anchor).await?;
        if anchor.is_some_and(|anchor| anchor.seq > self.anchor.max(after)) {
            return Err(Fault::Inconsistent(
                "old rows of the audit log were removed while it was exported; export once more",
            ));
        }
        let rows = tx.list_sealed_audit(after, i64::from(PAGE)).await?;
        let Some(last) = rows.last().and_then(|row| row.seq) else {
            let tail = tx.audit_mark(Mark::Tail).await?;
            let is_longer = tail.as_ref().is_some_and(|tail| tail.seq > after)
                && !tx.list_sealed_audit(after, 1).await?.is_empty();
            self.stage = match is_longer {
                true => Stage::Chain(after),
                false => Stage::End,
            };
            self.tail = tail;
            return Ok(());
        };
        let mut checkpoints = tx
            .list_audit_checkpoints(self.checked, i64::from(PAGE))
            .await?;
        checkpoints.retain(|checkpoint| checkpoint.seq <= last);
        drop(tx);
        self.checked = last;
        self.stage = Stage::Chain(last);
        self.put(rows, &checkpoints, page).await
    }

    async fn read_selected(
        &mut self,
        after: Option<Cursor>,
        page: &mut ExportPage,
    ) -> Result<(), Fault> {
        self.stage = Stage::End;
        let Some(filter) = &self.filter else {
            return Ok(());
        };
        let paging = Paging { limit: PAGE, after };
        let mut tx = self.auth.store().read().await?;
        let found = find(&mut tx, filter, self.query.to, &paging).await?;
        drop(tx);
        if let Some(next) = found.next {
            self.stage = Stage::Selected(Some(next));
        }
        self.put(found.rows, &[], page).await
    }

    /// Rows as lines, each checkpoint after its row.
    async fn put(
        &mut self,
        rows: Vec<AuditRow>,
        checkpoints: &[Checkpoint],
        page: &mut ExportPage,
    ) -> Result<(), Fault> {
        let mut tx = self.auth.store().read().await?;
        let emails = emails_of(&mut tx, &rows).await?;
        drop(tx);
        let mut checkpoints: VecDeque<_> = checkpoints.iter().collect();
        for row in rows {
            self.events += 1;
            let seq = row.seq.unwrap_or(i64::MIN);
            let record = record(&row);
            let event = event(row, &emails);
            let exported = ExportedEvent { event, record };
            page.lines.push(ExportLine::Event(Box::new(exported)));
            while let Some(checkpoint) = checkpoints.pop_front_if(|next| next.seq <= seq) {
                let sworn = AuditExportRecord::Checkpoint(Sworn::of(checkpoint));
                page.lines.push(ExportLine::Other(Box::new(sworn)));
            }
        }
        Ok(())
    }
}

fn record(row: &AuditRow) -> AuditExportRecord {
    let detail = serde_json::from_str::<Value>(&row.detail).ok();
    let is_same = detail.as_ref().is_some_and(|detail| *detail == row.detail);
    AuditExportRecord::Event {
        seq: row.seq,
        hash: row.hash.as_deref().map(hex),
        id: row.id.clone(),
        at: rfc3339(row.at),
        request_id: row.request_id.clone(),
        actor_id: row.actor_id.clone(),
        action: row.action.clone(),
        outcome: row.outcome.clone(),
        subject_id: row.subject_id.clone(),
        address: row.address.clone(),
        agent: row.agent.clone(),
        detail: detail.unwrap_or_default(),
        detail_text: (!is_same).then(|| row.detail.clone()),
        erased_mac: row.erased_mac.as_deref().map(hex),
    }
}
