//! Checking a file of the log, without the portal and its database. A plain function: it needs the file,
//! and the key ring for what only that can show.
//!
//! Without the ring it finds whatever was changed carelessly: a row altered, removed, moved or inserted
//! breaks the chain. It cannot tell a file of which every hash after the change was computed anew;
//! checkpoints and the sworn tail can.

use std::io::{self, BufRead, Read};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::chain::{ChainKey, from_hex};
use super::check::ChainCheck;
use super::export::{AuditExportRecord, FORMAT, Sworn, VERSION};
use super::report::AuditReport;
use crate::ring::KeyRing;
use crate::store::{AuditRow, Checkpoint};

/// The longest line, in bytes. A row has a device of 512 characters and a detail of a few kilobytes.
const LONGEST: u64 = 4 * 1024 * 1024;

/// Why a file cannot be checked.
#[derive(Debug, thiserror::Error)]
pub enum AuditExportError {
    /// It is no export of ours.
    #[error("this is no NDJSON export of the audit log: its first line does not say so")]
    NotOurs,
    /// It is one of a later form.
    #[error("this export has form {0}, and this gatehouse knows form {VERSION}: use a newer one")]
    Newer(u32),
    /// It holds a selection.
    #[error(
        "this export is a selection, and a chain can be checked only whole: export without filters"
    )]
    Selection,
    /// A line does not read.
    #[error("line {0} is none that the portal writes")]
    Line(u64),
    /// It was made with other keys.
    #[error(
        "this export was made with key {0}, which this key ring does not hold: give the right one, or none"
    )]
    OtherKeys(String),
    /// The file does not read.
    #[error("the file cannot be read: {0}")]
    Io(#[from] io::Error),
}

/// Checks an export in constant memory. `kept` is a checkpoint the log said: place and MAC.
///
/// # Errors
/// [`AuditExportError`]. Tampering is no error but what the report says.
pub fn verify_audit_export(
    mut file: impl BufRead,
    ring: Option<&KeyRing>,
    kept: Option<(i64, Vec<u8>)>,
) -> Result<AuditReport, AuditExportError> {
    let first = line(&mut file, 1)?.ok_or(AuditExportError::NotOurs)?;
    let mut check = begin(&first, ring)?;
    if let Some((seq, mac)) = kept {
        check.keep(seq, mac);
    }
    let (mut number, mut events) = (1, 0);
    let mut end = None;
    while let Some(text) = line(&mut file, number + 1)? {
        number += 1;
        if end.is_some() {
            return Err(AuditExportError::Line(number));
        }
        let record = serde_json::from_str(&text).map_err(|_| AuditExportError::Line(number))?;
        match record {
            AuditExportRecord::Header { .. } => return Err(AuditExportError::Line(number)),
            AuditExportRecord::Checkpoint(sworn) => {
                check.checkpoint(checkpoint(&sworn).ok_or(AuditExportError::Line(number))?);
            }
            AuditExportRecord::End { events, tail } => end = Some((events, tail)),
            event @ AuditExportRecord::Event { .. } => {
                events += 1;
                let row = row(event).ok_or(AuditExportError::Line(number))?;
                match row.seq {
                    Some(_) => check.row(row),
                    None => check.unplaced(),
                }
            }
        }
    }
    let (said, tail) = match end {
        Some((said, tail)) => (Some(said), tail),
        None => (None, None),
    };
    let tail = match &tail {
        Some(sworn) => Some(checkpoint(sworn).ok_or(AuditExportError::Line(number))?),
        None => None,
    };
    let mut report = check.finish(tail.as_ref());
    report.is_cut_off = said.is_none();
    report.lines_missing = said.map_or(0, |said| count(said) - count(events));
    Ok(report)
}

fn count(many: u64) -> i64 {
    i64::try_from(many).unwrap_or(i64::MAX)
}

fn begin(first: &str, ring: Option<&KeyRing>) -> Result<ChainCheck, AuditExportError> {
    let header: serde_json::Value =
        serde_json::from_str(first).map_err(|_| AuditExportError::NotOurs)?;
    if header["format"] != FORMAT {
        return Err(AuditExportError::NotOurs);
    }
    let version = header["version"].as_u64().unwrap_or_default();
    if version != u64::from(VERSION) {
        let version = u32::try_from(version).unwrap_or(u32::MAX);
        return Err(AuditExportError::Newer(version));
    }
    let Ok(AuditExportRecord::Header {
        complete,
        key,
        after,
        anchored,
        ..
    }) = serde_json::from_value(header)
    else {
        return Err(AuditExportError::Line(1));
    };
    if !complete {
        return Err(AuditExportError::Selection);
    }
    if ring.is_some_and(|ring| !ring.holds(&key)) {
        return Err(AuditExportError::OtherKeys(key));
    }
    let after = match &after {
        Some(sworn) => Some(checkpoint(sworn).ok_or(AuditExportError::Line(1))?),
        None => None,
    };
    let chain_key = ring.map(ChainKey::of);
    Ok(match (&after, anchored) {
        (Some(after), false) => ChainCheck::begin_after(chain_key, after),
        (after, _) => ChainCheck::begin(chain_key, after.as_ref()),
    })
}

/// The next line, without its end.
fn line(file: &mut impl BufRead, number: u64) -> Result<Option<String>, AuditExportError> {
    let mut bytes = Vec::new();
    let read = file.by_ref().take(LONGEST).read_until(b'\n', &mut bytes)?;
    if read == 0 {
        return Ok(None);
    }
    if bytes.last() != Some(&b'\n') && u64::try_from(read).unwrap_or(u64::MAX) >= LONGEST {
        return Err(AuditExportError::Line(number));
    }
    let text = String::from_utf8(bytes).map_err(|_| AuditExportError::Line(number))?;
    Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
}

fn moment(text: &str) -> Option<i64> {
    let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    Some(moment.unix_timestamp())
}

fn checkpoint(sworn: &Sworn) -> Option<Checkpoint> {
    Some(Checkpoint {
        seq: sworn.seq,
        at: moment(&sworn.at)?,
        hash: from_hex(&sworn.hash)?,
        mac: from_hex(&sworn.mac)?,
    })
}

/// The detail as it was stored. A text beside it says the same and is written otherwise, or is no JSON: a
/// reader of one must never read anything else than a reader of the other.
fn stored_detail(detail: &serde_json::Value, text: Option<String>) -> Option<String> {
    let Some(text) = text else {
        return Some(detail.to_string());
    };
    let says_the_same = match serde_json::from_str::<serde_json::Value>(&text) {
        Ok(parsed) => parsed == *detail && *detail != text,
        Err(_) => detail.is_null(),
    };
    says_the_same.then_some(text)
}

fn row(event: AuditExportRecord) -> Option<AuditRow> {
    let AuditExportRecord::Event {
        seq,
        hash,
        id,
        at,
        request_id,
        actor_id,
        action,
        outcome,
        subject_id,
        address,
        agent,
        detail,
        detail_text,
        erased_mac,
    } = event
    else {
        return None;
    };
    let bytes = |hex: Option<String>| match hex {
        Some(hex) => from_hex(&hex).map(Some),
        None => Some(None),
    };
    Some(AuditRow {
        id,
        at: moment(&at)?,
        request_id,
        actor_id,
        action,
        outcome,
        subject_id,
        address,
        agent,
        detail: stored_detail(&detail, detail_text)?,
        seq,
        hash: bytes(hash)?,
        erased_mac: bytes(erased_mac)?,
    })
}
