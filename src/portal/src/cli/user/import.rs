//! `gatehouse user import`.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use auth::{Client, FirebaseProject, ImportPlan};
use clap::Args;
use serde_json::json;
use wire::Secret;

use super::formats::{Format, Keys};
use super::record::Records;
use super::report::Report;
use super::taking::Taking;
use crate::cli::progress::Progress;
use crate::cli::{Failure, print, print_json};
use crate::compose;
use crate::config::Config;

pub(super) const EXAMPLES: &str = "\
Examples:
  gatehouse user import --from clerk users.csv --dry-run --report refused.csv
  gatehouse user import --from auth0 users.json --report refused.json --json
  gatehouse user import --from firebase users.json --firebase-signer-key-file signer.key
  gatehouse user import --from better-auth users.csv --role-map user,admin=user
  gatehouse user import --from sonicjs users.json --sonicjs-salt-file salt --role-map editor=user
  gatehouse user import --from csv people.csv --keep-ids --allow-admins

Run it again as often as you like: accounts are found again by their id in the old system. \
People sign in with the password they had; their hash is made anew at that moment.

Exits 0 when every row was taken in, 3 when some were refused, 1 when the run broke off. Formats: docs/import.md.";

/// Rows were refused, the others are in.
const SOME_REFUSED: u8 = 3;

#[derive(Debug, Args)]
pub(in crate::cli) struct Import {
    /// The system the file comes from
    #[arg(long, value_enum, value_name = "SYSTEM")]
    from: Format,
    /// The file
    file: PathBuf,
    /// Do everything, and keep nothing
    #[arg(long)]
    dry_run: bool,
    /// Write refused rows into this file: CSV, or JSON if its name ends so
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
    /// Where ids are unique, if one system's name is not enough (two Clerk instances, say)
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// Give rows with one role another; may be repeated
    #[arg(long, value_name = "OLD=NEW", value_parser = pair)]
    role_map: Vec<(String, String)>,
    /// Let rows have roles that govern the portal
    #[arg(long)]
    allow_admins: bool,
    /// Take the file's word for addresses the old system had not proven
    #[arg(long)]
    trust_addresses: bool,
    /// Keep ids that are UUIDs: to move from one Gatehouse to another
    #[arg(long)]
    keep_ids: bool,
    /// Leave every password hash out; people ask for a code or a reset
    #[arg(long)]
    without_passwords: bool,
    /// The project's base64_signer_key, in a file (- for standard input)
    #[arg(long, value_name = "FILE", help_heading = "Firebase")]
    firebase_signer_key_file: Option<PathBuf>,
    /// The project's base64_salt_separator
    #[arg(
        long,
        value_name = "BASE64",
        default_value = "Bw==",
        help_heading = "Firebase"
    )]
    firebase_salt_separator: String,
    /// The project's rounds
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 8,
        help_heading = "Firebase"
    )]
    firebase_rounds: u32,
    /// The project's mem_cost
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 14,
        help_heading = "Firebase"
    )]
    firebase_mem_cost: u8,
    /// The salt that was one for all, in a file (- for standard input)
    #[arg(long, value_name = "FILE", help_heading = "SonicJS")]
    sonicjs_salt_file: Option<PathBuf>,
}

fn pair(text: &str) -> Result<(String, String), String> {
    // The last `=`: an old role may be anything, a new one has no `=`.
    match text.rsplit_once('=') {
        Some((old, new)) if !old.is_empty() && !new.is_empty() => {
            Ok((old.to_owned(), new.to_owned()))
        }
        _ => Err("write it as old=new".to_owned()),
    }
}

pub(super) async fn run(wanted: Import, config: &Config) -> Result<ExitCode, Failure> {
    let keys = keys(&wanted)?;
    let (columns, needed) = (wanted.from.columns(), wanted.from.needed());
    let records = Records::open(&wanted.file, columns, needed).map_err(Failure::because)?;
    let report = wanted.report.as_deref().map(Report::create).transpose();
    let report = report.map_err(|error| Failure(format!("The report cannot be made: {error}.")))?;
    let auth = compose::core(config).await.map_err(Failure::because)?;
    let plan = ImportPlan {
        source: wanted
            .source
            .clone()
            .unwrap_or_else(|| wanted.from.name().to_owned()),
        dry_run: wanted.dry_run,
        trust_addresses: wanted.trust_addresses,
        allow_admins: wanted.allow_admins,
        keep_ids: wanted.keep_ids,
    };
    let mut taking = Taking {
        run: auth.begin_import(plan),
        records,
        report,
        keys,
        roles: wanted.role_map.iter().cloned().collect(),
        progress: Progress::begin("rows"),
        rows: 0,
        unread: 0,
        said: 0,
    };
    let taken = taking.all(&auth, wanted.from).await;
    // Whatever came of it, what was done is written down.
    let noted = auth
        .finish_import(&taking.run, taking.unread, &Client::operator())
        .await;
    auth.close().await;
    let is_whole = taken?;
    noted.map_err(Failure::because)?;
    say_what_was_done(&taking, &wanted, is_whole)
}

fn say_what_was_done(
    taking: &Taking,
    wanted: &Import,
    is_whole: bool,
) -> Result<ExitCode, Failure> {
    let counts = taking.run.counts();
    let refused = counts.refused + taking.unread;
    if wanted.json {
        print_json(&json!({
            "source": wanted.source.as_deref().unwrap_or(wanted.from.name()),
            "dryRun": wanted.dry_run,
            "interrupted": !is_whole,
            "rows": taking.rows,
            "made": counts.made,
            "withoutUsername": counts.without_username,
            "withoutPassword": counts.without_password,
            "changed": counts.changed,
            "unchanged": counts.unchanged,
            "refused": refused,
            "seconds": taking.progress.took().as_secs_f64(),
        }))?;
    } else {
        let head = match wanted.dry_run {
            true => "Nothing was kept. A real run would have made of",
            false => "Of",
        };
        print(&format!(
            "{head} {} rows: {} accounts made ({} without a password, {} without their username), {} brought up to date, {} unchanged, {refused} refused.",
            taking.rows,
            counts.made,
            counts.without_password,
            counts.without_username,
            counts.changed,
            counts.unchanged,
        ))?;
    }
    if !is_whole {
        return Err(Failure(
            "Interrupted. Run it again to go on from here.".to_owned(),
        ));
    }
    Ok(match refused {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::from(SOME_REFUSED),
    })
}

/// Reads what the format's hashes need; asked for at once, not at the first row that needs it.
fn keys(wanted: &Import) -> Result<Keys, Failure> {
    let mut keys = Keys {
        without_passwords: wanted.without_passwords,
        ..Keys::default()
    };
    if wanted.without_passwords {
        return Ok(keys);
    }
    match (
        wanted.from,
        &wanted.firebase_signer_key_file,
        &wanted.sonicjs_salt_file,
    ) {
        (Format::Firebase, Some(file), _) => {
            let project = FirebaseProject::new(
                &secret(file)?,
                &wanted.firebase_salt_separator,
                wanted.firebase_rounds,
                wanted.firebase_mem_cost,
            );
            let project = project.map_err(|refused| {
                Failure(format!("The Firebase parameters do not do: {refused}."))
            })?;
            keys.firebase = Some(project);
        }
        (Format::Firebase, None, _) => {
            return Err(Failure(
                "Firebase hashes need --firebase-signer-key-file; --without-passwords brings people over without.".to_owned(),
            ));
        }
        (Format::Sonicjs, _, Some(file)) => keys.sonicjs = Some(secret(file)?),
        (Format::Sonicjs, _, None) => {
            return Err(Failure(
                "SonicJS hashes need --sonicjs-salt-file; --without-passwords brings people over without.".to_owned(),
            ));
        }
        _ => {}
    }
    Ok(keys)
}

/// The text of a small file, without the line break an editor leaves at its end.
fn secret(path: &Path) -> Result<Secret, Failure> {
    let mut text = String::new();
    let read = if path == Path::new("-") {
        io::stdin().lock().take(4096).read_to_string(&mut text)
    } else {
        File::open(path).and_then(|file| file.take(4096).read_to_string(&mut text))
    };
    read.map_err(|error| Failure(format!("{} cannot be read: {error}.", path.display())))?;
    let length = text.trim_end_matches(['\r', '\n']).len();
    text.truncate(length);
    Ok(Secret::new(text))
}
