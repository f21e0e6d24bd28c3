//! `gatehouse audit verify`.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use auth::{AuditReport, KeptCheckpoint, verify_audit_export};
use clap::Args;

use super::{Failure, Outcome, print, print_json};
use crate::compose;
use crate::config::Config;

pub(super) const EXAMPLES: &str = "\
Examples:
  gatehouse audit verify
  gatehouse audit verify --checkpoint 1204:9f86d081884c7d65…     as the log said it once
  gatehouse audit verify --export audit.ndjson                   offline: needs no database
  gatehouse audit verify --export audit.ndjson --without-keys    what can be told by anybody

Exits 1 when the log does not hold. Without the key ring a change is found that was made carelessly; not one after \
which every later hash was computed anew.";

#[derive(Debug, Args)]
pub(in crate::cli) struct Verify {
    /// Check this NDJSON export instead of the database
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
    /// Compare with a checkpoint from the log: audit.seq and audit.mac of a line `audit checkpoint`
    #[arg(long, value_name = "SEQ:MAC", value_parser = checkpoint)]
    checkpoint: Option<Kept>,
    /// Do not look for the key ring; for an export alone
    #[arg(long, requires = "export")]
    without_keys: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Debug)]
struct Kept(i64, Vec<u8>);

/// `1204:9f86…`.
fn checkpoint(text: &str) -> Result<Kept, String> {
    let said = || "say it as SEQ:MAC, the MAC in 64 hexadecimal digits".to_owned();
    let (seq, mac) = text.split_once(':').ok_or_else(said)?;
    let is_mac = mac.len() == 64 && mac.bytes().all(|b| b.is_ascii_hexdigit());
    let byte = |at: usize| u8::from_str_radix(&mac[at..at + 2], 16).ok();
    let bytes = is_mac.then(|| (0..64).step_by(2).filter_map(byte).collect());
    match (seq.parse(), bytes) {
        (Ok(seq), Some(mac)) if seq > 0 => Ok(Kept(seq, mac)),
        _ => Err(said()),
    }
}

pub(super) async fn run(wanted: &Verify, config: &Config) -> Outcome {
    let report = match &wanted.export {
        Some(file) => check_export(wanted, file, config)?,
        None => check_database(wanted, config).await?,
    };
    if wanted.json {
        print_json(&report)?;
    } else {
        for line in told(&report) {
            print(&line)?;
        }
    }
    match report.holds() {
        true => Ok(()),
        false => Err(Failure("The audit log does not hold.".to_owned())),
    }
}

fn kept(wanted: &Verify) -> Option<(i64, Vec<u8>)> {
    let Kept(seq, mac) = wanted.checkpoint.clone()?;
    Some((seq, mac))
}

async fn check_database(wanted: &Verify, config: &Config) -> Result<AuditReport, Failure> {
    let auth = compose::core(config).await.map_err(Failure::because)?;
    let report = auth.verify_audit_against(kept(wanted)).await;
    auth.close().await;
    report.map_err(Failure::because)
}

fn check_export(wanted: &Verify, file: &Path, config: &Config) -> Result<AuditReport, Failure> {
    let ring = match wanted.without_keys {
        true => None,
        false => compose::ring(config).map_err(Failure::because)?,
    };
    let unread = |error| Failure(format!("{} cannot be read: {error}.", file.display()));
    let opened = BufReader::new(File::open(file).map_err(unread)?);
    verify_audit_export(opened, ring.as_ref(), kept(wanted))
        .map_err(|error| Failure(format!("{}: {error}.", file.display())))
}

/// The report, a sentence a line.
fn told(report: &AuditReport) -> Vec<String> {
    let mut lines = vec![format!(
        "{} rows sealed, {} not yet, {} checkpoints.",
        report.sealed, report.unsealed, report.checkpoints
    )];
    if report.after > 0 && report.is_begin_asked {
        lines.push(format!(
            "The file begins after row {}, as it says it was asked to: nobody vouches for that. It proves nothing about earlier rows.",
            report.after
        ));
    } else if report.after > 0 {
        lines.push(format!(
            "The chain begins after row {}: what was before was old enough to go.",
            report.after
        ));
    }
    if report.is_stalled {
        lines.push(
            "Rows have waited for their place for more than a minute: no portal seals them, and nothing vouches for them."
                .to_owned(),
        );
    }
    if report.erased > 0 {
        lines.push(format!(
            "{} rows were erased for people who have left.",
            report.erased
        ));
    }
    if report.vouched_to > 0 && report.with_keys {
        lines.push(format!(
            "The key ring vouches for every row up to {}.",
            report.vouched_to
        ));
    }
    if !report.with_keys {
        lines.push(
            "Without the key ring: the rows hang together or they do not; whether every hash was computed anew cannot be told."
                .to_owned(),
        );
    }
    if report.unproven > 0 {
        lines.push(format!(
            "{} of the erased rows can be checked with the key ring alone.",
            report.unproven
        ));
    }
    lines.extend(report.kept_checkpoint.map(|kept| on_kept(kept).to_owned()));
    lines.extend(report.breaches.iter().map(ToString::to_string));
    if report.more_breaches > 0 {
        lines.push(format!("And {} more.", report.more_breaches));
    }
    lines.extend(report.alarms.iter().map(|seq| {
        format!("Row {seq} says that the end of the log was not what the portal had sealed.")
    }));
    if report.is_cut_off {
        lines.push("The file has no last line: it was cut off.".to_owned());
    }
    if report.lines_missing != 0 {
        lines.push("The file says at its end that it has another number of rows.".to_owned());
    }
    if report.holds() {
        lines.push("No sealed row was altered, removed, moved or inserted.".to_owned());
    }
    if report.unsealed > 0 {
        lines.push(format!(
            "{} rows wait to be sealed; nobody vouches for them yet.",
            report.unsealed
        ));
    }
    lines
}

fn on_kept(kept: KeptCheckpoint) -> &'static str {
    match kept {
        KeptCheckpoint::Holds => "The checkpoint holds: up to it the log is what it was then.",
        KeptCheckpoint::Differs => {
            "The checkpoint does not hold: the log up to it is not what it was."
        }
        KeptCheckpoint::Missing => {
            "The checkpoint is of a row that is not there: the log was cut off before it."
        }
        KeptCheckpoint::TooOld => {
            "The checkpoint is of a row that was removed as old enough: nothing can be said of it."
        }
        KeptCheckpoint::Unproven => "Without the key ring the checkpoint cannot be compared.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_is_said_as_the_log_says_it() {
        let mac = "0f".repeat(32);
        let kept = checkpoint(&format!("12:{mac}")).expect("reads");
        assert_eq!((kept.0, kept.1), (12, vec![0x0f; 32]));
        for wrong in [
            "",
            "12",
            "12:0f",
            &format!("x:{mac}"),
            &format!("0:{mac}"),
            &format!("1:{}", "é".repeat(32)),
        ] {
            checkpoint(wrong).expect_err(wrong);
        }
    }

    #[test]
    fn what_holds_says_so_and_what_cannot_be_told_too() {
        let report = AuditReport {
            sealed: 3,
            vouched_to: 3,
            ..AuditReport::default()
        };
        let lines = told(&report).join("\n");
        assert!(
            lines.contains("Without the key ring") && lines.contains("No sealed row was altered")
        );
        assert!(!lines.contains("vouches for every row"), "{lines}");
    }
}
