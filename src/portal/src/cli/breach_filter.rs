//! `gatehouse breach-filter`: leaked passwords, made small enough to look every new one up in them.

use std::path::PathBuf;

use auth::{BreachFilter, BreachFilterPlan, BuiltBreachFilter, LeakLines};
use clap::{Args, Subcommand};

use super::progress::Progress;
use super::{Failure, Outcome, print, print_json};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a filter from a list of leaked passwords
    #[command(
        after_help = "Examples:\n  gatehouse breach-filter build --from pwned-passwords-sha1.txt --out data/breaches.filter\n  gatehouse breach-filter build --plain --from most-used.txt --out data/breaches.filter --json\n\nThen set password.breach_filter to the file and start the portal again."
    )]
    Build(Build),
}

#[derive(Debug, Args)]
pub(super) struct Build {
    /// The list: one SHA-1 in hexadecimal a line, alone or followed by `:` and a count; in any order
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// The filter; what is there stays until the new one is whole
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The lines are passwords as they are typed, not SHA-1
    #[arg(long)]
    plain: bool,
    /// Bits for each password: 12, 16, 20 and 24 take 1 in 230, 1 200, 4 600 and 14 000 others for leaked
    #[arg(long, value_name = "BITS", default_value_t = 16, value_parser = clap::value_parser!(u32).range(8..=32))]
    bits: u32,
    /// Memory for the filter; the list is read once more for each time it does not fit
    #[arg(long, value_name = "MIB", default_value_t = 512, value_parser = clap::value_parser!(u32).range(1..=65_536))]
    memory_mib: u32,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(Command::Build(build): Command) -> Outcome {
    let json = build.json;
    let built = tokio::task::spawn_blocking(move || obey(&build));
    let built = built.await.map_err(Failure::because)??;
    if json {
        return print_json(&serde_json::json!({
            "count": built.about.count,
            "skipped": built.skipped,
            "bytes": built.bytes,
            "falsePositives": built.about.false_positives,
        }));
    }
    print(&report(&built))
}

fn obey(build: &Build) -> Result<BuiltBreachFilter, Failure> {
    let plan = BreachFilterPlan {
        lines: if build.plain {
            LeakLines::Plain
        } else {
            LeakLines::Sha1
        },
        bits: build.bits,
        memory: build.memory_mib as usize * 1024 * 1024,
    };
    let mut progress = Progress::begin("MiB");
    let built = BreachFilter::build(&build.from, &build.out, plan, &mut |done, total| {
        progress.show(done >> 20, Some(done as f64 / total.max(1) as f64));
    });
    progress.end();
    built.map_err(|error| Failure(format!("{}.", capitalised(&error.to_string()))))
}

fn report(built: &BuiltBreachFilter) -> String {
    let BuiltBreachFilter {
        about,
        bytes,
        skipped,
    } = built;
    let mut report = format!(
        "{} passwords in {bytes} bytes; of others, about one in {:.0} is taken for one of them.",
        about.count,
        1.0 / about.false_positives
    );
    if *skipped > 0 {
        report.push_str(&format!("\n{skipped} lines were none and were skipped."));
    }
    report
}

fn capitalised(text: &str) -> String {
    let mut rest = text.chars();
    rest.next()
        .map(|first| first.to_uppercase().chain(rest).collect())
        .unwrap_or_default()
}
