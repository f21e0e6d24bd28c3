//! `cargo xtask test`: every check there is, each a stage with its own line in the table at the end.
//!
//! A failed stage does not stop the others: one run should tell all there is to mend. The very last line is
//! `N passed, N failed`; a stage that fails without a failed test of its own (a lint, a build) counts as one failure.

mod count;
mod stages;

use clap::Args;

use crate::error::{Error, Result};
use crate::say::{self, Watch};

pub(crate) use count::Counts;
use stages::{STAGES, Stage};

/// What may be asked of `test`.
#[derive(Args, Default)]
pub(crate) struct Options {
    /// Leave the browser tests out
    #[arg(long)]
    fast: bool,
    /// Names of stages run these alone (format, site, lint, docs, house, tests, node, browser); any other name is part of the
    /// names of the tests to run
    names: Vec<String>,
}

/// What to do when the machine lacks something a stage needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lacking {
    /// Leave the stage, or the part of it, out and say so.
    Skips,
    /// Fail.
    Fails,
}

/// How the stages of one run are to behave.
pub(crate) struct Run {
    /// What to do when something is missing.
    pub(crate) lacking: Lacking,
    /// Parts of test names; empty for all tests.
    pub(crate) filters: Vec<String>,
}

/// Runs the stages asked for, with what the machine has.
pub(crate) fn test(options: &Options) -> Result<()> {
    run(options, Lacking::Skips)
}

/// Runs the stages asked for and prints the table.
pub(crate) fn run(options: &Options, lacking: Lacking) -> Result<()> {
    let (stages, filters) = choose(options);
    let run = Run { lacking, filters };
    let mut rows = vec![
        ["stage", "seconds", "passed", "failed", ""]
            .map(str::to_owned)
            .to_vec(),
    ];
    let mut total = Counts::default();
    for stage in stages {
        say::step(format!("{}: {}", stage.name, stage.what));
        let watch = Watch::start();
        let counts = finish((stage.run)(&run), lacking)?;
        rows.push(row(stage.name, watch.elapsed().as_secs_f32(), &counts));
        total.add(&counts);
    }
    say::result(format!("\n{}", say::table(&rows)));
    say::result(format!("{} passed, {} failed", total.passed, total.failed));
    if total.failed > 0 {
        Err(Error::other(
            "Not everything is as it should be, see above.",
        ))
    } else {
        Ok(())
    }
}

/// The stages to run and the filters left over.
fn choose(options: &Options) -> (Vec<&'static Stage>, Vec<String>) {
    let (named, filters): (Vec<_>, Vec<_>) = options
        .names
        .iter()
        .cloned()
        .partition(|name| STAGES.iter().any(|stage| stage.name == name));
    let wanted = |stage: &Stage| match (named.is_empty(), filters.is_empty()) {
        (true, true) => true,
        (true, false) => stage.has_tests,
        (false, _) => named.iter().any(|name| name == stage.name),
    };
    let stages = STAGES
        .iter()
        .filter(|stage| wanted(stage) && !(options.fast && stage.name == "browser"))
        .collect();
    (stages, filters)
}

/// A stage that could not run is a failure, or a gap that the table shows; a signal ends the whole run.
fn finish(outcome: Result<Counts>, lacking: Lacking) -> Result<Counts> {
    match outcome {
        Ok(counts) => Ok(counts),
        Err(Error::Interrupted) => Err(Error::Interrupted),
        Err(error @ Error::Missing { .. }) if lacking == Lacking::Skips => {
            say::warning(error.to_string());
            Ok(Counts {
                note: format!("skipped: {error}"),
                ..Counts::default()
            })
        }
        Err(error) => {
            say::failure(error.to_string());
            Ok(Counts {
                failed: 1,
                note: error.to_string(),
                ..Counts::default()
            })
        }
    }
}

fn row(name: &str, seconds: f32, counts: &Counts) -> Vec<String> {
    let number = |number: usize| {
        if number == 0 {
            String::new()
        } else {
            number.to_string()
        }
    };
    let mut note = counts.note.clone();
    if counts.left_out > 0 {
        let left_out = format!("{} left out", counts.left_out);
        note = if note.is_empty() {
            left_out
        } else {
            format!("{left_out}; {note}")
        };
    }
    vec![
        name.to_owned(),
        format!("{seconds:.1}"),
        number(counts.passed),
        number(counts.failed),
        note,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(fast: bool, names: &[&str]) -> Vec<&'static str> {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        choose(&Options { fast, names })
            .0
            .iter()
            .map(|stage| stage.name)
            .collect()
    }

    #[test]
    fn fast_leaves_out_the_browser_alone() {
        assert_eq!(chosen(false, &[]).len(), chosen(true, &[]).len() + 1);
        assert!(!chosen(true, &[]).contains(&"browser"));
    }

    #[test]
    fn a_stage_by_its_name_runs_alone() {
        assert_eq!(chosen(false, &["lint"]), ["lint"]);
    }

    #[test]
    fn any_other_name_runs_the_tests_that_carry_it() {
        assert_eq!(chosen(true, &["refresh"]), ["house", "tests"]);
        assert_eq!(chosen(false, &["tests", "refresh"]), ["tests"]);
    }

    #[test]
    fn what_is_missing_is_a_gap_in_a_test_and_a_failure_in_ci() {
        let missing = || Err(Error::missing("Chromium", "install it"));

        assert_eq!(finish(missing(), Lacking::Skips).unwrap().failed, 0);
        assert_eq!(finish(missing(), Lacking::Fails).unwrap().failed, 1);
    }

    #[test]
    fn a_signal_ends_the_run() {
        assert!(matches!(
            finish(Err(Error::Interrupted), Lacking::Skips),
            Err(Error::Interrupted)
        ));
    }
}
