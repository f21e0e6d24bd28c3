//! `gatehouse hash`.

use std::time::Duration;

use auth::{HashCost, time_hash};
use clap::{Args, Subcommand};
use serde::Serialize;

use super::{Failure, Outcome, print, print_json};
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Measure what a password hash costs here, and name the strongest that fits
    #[command(
        after_help = "Examples:\n  gatehouse hash tune\n  gatehouse hash tune --target-ms 500 --json\n\nRun it on the machine that will serve, while it is idle."
    )]
    Tune(Tune),
}

#[derive(Debug, Args)]
pub(super) struct Tune {
    /// How long one hash may take
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 250, value_parser = clap::value_parser!(u64).range(10..=10_000))]
    target_ms: u64,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// From the least OWASP accepts to four times the default. More memory comes before more passes:
/// it is what guessing hardware lacks.
const LADDER: [(u32, u32); 7] = [
    (19_456, 2),
    (32_768, 2),
    (47_104, 2),
    (65_536, 2),
    (65_536, 3),
    (131_072, 3),
    (262_144, 3),
];

/// One step as measured.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Step {
    memory_kib: u32,
    iterations: u32,
    lanes: u32,
    milliseconds: u64,
    fits: bool,
}

pub(super) async fn run(Command::Tune(tune): Command, config: &Config) -> Outcome {
    let lanes = config.core.hash.lanes;
    let mut steps = Vec::new();
    for (memory_kib, iterations) in LADDER {
        let step = measure(
            HashCost {
                memory_kib,
                iterations,
                lanes,
            },
            tune.target_ms,
        )
        .await?;
        let fits = step.fits;
        steps.push(step);
        if !fits {
            break;
        }
    }
    let best = steps.iter().rfind(|step| step.fits).cloned();
    if tune.json {
        return print_json(&serde_json::json!({ "steps": steps, "best": best }));
    }
    print(&report(&steps, best.as_ref(), tune.target_ms))
}

async fn measure(cost: HashCost, target_ms: u64) -> Result<Step, Failure> {
    let took = time_hash(cost).await.map_err(Failure::because)?;
    let HashCost {
        memory_kib,
        iterations,
        lanes,
    } = cost;
    let fits = took <= Duration::from_millis(target_ms);
    let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    Ok(Step {
        memory_kib,
        iterations,
        lanes,
        milliseconds,
        fits,
    })
}

fn report(steps: &[Step], best: Option<&Step>, target_ms: u64) -> String {
    let lines = steps.iter().map(|step| {
        let Step {
            memory_kib,
            iterations,
            lanes,
            milliseconds,
            ..
        } = step;
        format!("{memory_kib:>7} KiB  {iterations} passes  {lanes} lanes  {milliseconds:>5} ms")
    });
    let mut report = lines.collect::<Vec<_>>().join("\n");
    report.push_str(&match best {
        Some(Step { memory_kib, iterations, lanes, .. }) => format!(
            "\n\nWithin {target_ms} ms:\n\n[hash]\nmemory_kib = {memory_kib}\niterations = {iterations}\nlanes = {lanes}"
        ),
        None => format!("\n\nNothing sound fits within {target_ms} ms; keep the first step."),
    });
    report
}
