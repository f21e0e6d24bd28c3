//! `gatehouse user export`.

use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use auth::{Client, ExportedAccount, rfc3339};
use clap::Args;

use super::csv;
use crate::cli::progress::Progress;
use crate::cli::{Failure, Outcome, say};
use crate::compose;
use crate::config::Config;

pub(super) const EXAMPLES: &str = "\
Examples:
  gatehouse user export --to people.csv
  gatehouse user export --to people.csv --with-hashes      to move to another Gatehouse
  gatehouse user export | cut -d, -f2

The file is data, exactly as it is stored: a name may look like a formula to a spreadsheet. \
Who is suspended for a time is disabled in it, and enabled by hand where they arrive. \
It is made for its owner alone, and no file is written over. Hashes that hold a secret of an older system move \
only together with the key ring.";

const HEADER: [&str; 10] = [
    "id",
    "email",
    "email_verified",
    "username",
    "first_name",
    "last_name",
    "role",
    "created_at",
    "disabled",
    "password_hash",
];
const PAGE: u32 = 500;

#[derive(Debug, Args)]
pub(in crate::cli) struct Export {
    /// Write into this file, which must not exist, instead of to standard output
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// Write password hashes too: whoever has the file can try passwords for years
    #[arg(long)]
    with_hashes: bool,
}

pub(super) async fn run(wanted: Export, config: &Config) -> Outcome {
    let auth = compose::core(config).await.map_err(Failure::because)?;
    let written = write(&auth, &wanted).await;
    auth.close().await;
    let count = written?;
    if let Some(file) = &wanted.to {
        say(&format!("{count} accounts are in {}.", file.display()));
    }
    Ok(())
}

async fn write(auth: &auth::Auth, wanted: &Export) -> Result<u64, Failure> {
    let mut out = BufWriter::new(open(wanted)?);
    let put = |out: &mut BufWriter<Box<dyn Write + Send>>, line: String| {
        out.write_all(line.as_bytes()).map_err(Failure::because)
    };
    auth.begin_export(wanted.with_hashes, &Client::operator())
        .await
        .map_err(Failure::because)?;
    put(&mut out, csv::line(HEADER))?;
    let (mut after, mut count) = (String::new(), 0);
    let mut progress = Progress::begin("rows");
    loop {
        let page = auth.export_accounts(&after, PAGE, wanted.with_hashes).await;
        let page = page.map_err(Failure::because)?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.id);
        for account in &page {
            put(&mut out, line(account))?;
            count += 1;
        }
        progress.show(count, None);
    }
    progress.end();
    out.flush().map_err(Failure::because)?;
    Ok(count)
}

fn open(wanted: &Export) -> Result<Box<dyn Write + Send>, Failure> {
    let Some(path) = &wanted.to else {
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

fn line(account: &ExportedAccount) -> String {
    let flag = |is: bool| if is { "true" } else { "false" };
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let hash = account.password_hash.as_ref().map(|hash| hash.reveal());
    csv::line([
        account.id.as_str(),
        &account.email,
        flag(account.email_verified),
        &text(&account.username),
        &text(&account.first_name),
        &text(&account.last_name),
        &account.role,
        &rfc3339(account.created_at),
        flag(account.disabled),
        hash.unwrap_or_default(),
    ])
}
