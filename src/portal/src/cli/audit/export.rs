//! `gatehouse audit export`.

use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use auth::Client;
use clap::{Args, ValueEnum};

use super::{Failure, Outcome, Which, say};
use crate::api::audit::Format;
use crate::cli::progress::Progress;
use crate::compose;
use crate::config::Config;

pub(super) const EXAMPLES: &str = "\
Examples:
  gatehouse audit export --to audit.ndjson
  gatehouse audit export --to audit-2.ndjson --after 120345     what came after row 120345
  gatehouse audit export --format csv --from 2026-11-01 --to november.csv
  gatehouse audit verify --export audit.ndjson

Without filters NDJSON holds the whole chain and what vouches for it. A selection cannot be checked. \
The file is made for its owner alone, and no file is written over. That it was made stands in the log.";

/// Rows read at once are the core's to say; this is how many are asked for in a list.
const PAGE: u32 = 500;

#[derive(Debug, Args)]
pub(in crate::cli) struct Export {
    #[command(flatten)]
    which: Which,
    /// Write into this file, which must not exist, instead of to standard output
    #[arg(long = "to", value_name = "FILE")]
    file: Option<PathBuf>,
    /// What to write
    #[arg(long, value_enum, default_value_t = As::Ndjson)]
    format: As,
    /// Leave out the rows up to this place, for who has them already
    #[arg(long, value_name = "SEQ")]
    after: Option<i64>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum As {
    /// One JSON object a line
    Ndjson,
    /// For a spreadsheet
    Csv,
}

pub(super) async fn run(wanted: &Export, config: &Config) -> Outcome {
    let query = wanted.which.query(PAGE)?;
    if wanted.after.is_some() && !query.is_everything() {
        return Err(Failure(
            "--after is a place in the whole chain, and goes with no filter.".to_owned(),
        ));
    }
    let auth = compose::core(config).await.map_err(Failure::because)?;
    let written = write(&auth, wanted, &query).await;
    auth.close().await;
    let lines = written?;
    if let Some(file) = &wanted.file {
        say(&format!("{lines} rows are in {}.", file.display()));
    }
    Ok(())
}

async fn write(
    auth: &auth::Auth,
    wanted: &Export,
    query: &auth::AuditQuery,
) -> Result<u64, Failure> {
    let format = match wanted.format {
        As::Ndjson => Format::Ndjson,
        As::Csv => Format::Csv,
    };
    let mut out = BufWriter::new(open(wanted)?);
    let client = Client::operator();
    let mut export = auth
        .begin_audit_export(query, format.as_str(), wanted.after, None, &client)
        .await
        .map_err(Failure::because)?;
    let mut progress = Progress::begin("rows");
    while let Some(page) = export.next().await.map_err(Failure::because)? {
        out.write_all(format.write(&page).as_bytes())
            .map_err(Failure::because)?;
        progress.show(export.events(), None);
    }
    progress.end();
    out.flush().map_err(Failure::because)?;
    Ok(export.events())
}

fn open(wanted: &Export) -> Result<Box<dyn Write + Send>, Failure> {
    let Some(path) = &wanted.file else {
        return Ok(Box::new(io::stdout()));
    };
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    match file {
        Ok(file) => Ok(Box::new(file)),
        Err(error) => Err(Failure(format!(
            "{} cannot be made: {error}.",
            path.display()
        ))),
    }
}
