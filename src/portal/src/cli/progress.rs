//! How far a long file is: one line on standard error, and only where somebody looks at it.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

/// More often nobody can read it.
const EVERY: Duration = Duration::from_millis(200);
const WIDTH: usize = 24;

/// A line that is written over and over.
pub(super) struct Progress {
    /// What is counted: rows, MiB.
    unit: &'static str,
    began: Instant,
    shown: Option<Instant>,
    is_watched: bool,
}

impl Progress {
    pub(super) fn begin(unit: &'static str) -> Self {
        Self {
            unit,
            began: Instant::now(),
            shown: None,
            is_watched: io::stderr().is_terminal(),
        }
    }

    /// Shows how far it is, unless it did a moment ago.
    pub(super) fn show(&mut self, done: u64, share: Option<f64>) {
        let is_due = self.shown.is_none_or(|shown| shown.elapsed() >= EVERY);
        if self.is_watched && is_due {
            self.shown = Some(Instant::now());
            write(&format!(
                "\r\x1b[2K{}",
                line(done, self.unit, share, self.began.elapsed())
            ));
        }
    }

    /// Leaves the line empty for what is said next.
    pub(super) fn end(&mut self) {
        if self.shown.take().is_some() {
            write("\r\x1b[2K");
        }
    }

    /// How long it has been.
    pub(super) fn took(&self) -> Duration {
        self.began.elapsed()
    }
}

fn write(text: &str) {
    let mut error = io::stderr().lock();
    // There is nowhere left to say that standard error is closed.
    let _closed = error
        .write_all(text.as_bytes())
        .and_then(|()| error.flush());
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "numbers for the eye, all of them small and positive"
)]
fn line(done: u64, unit: &str, share: Option<f64>, took: Duration) -> String {
    let seconds = took.as_secs_f64().max(0.001);
    let speed = done as f64 / seconds;
    let Some(share) = share else {
        return format!("{done} {unit}, {speed:.0} a second");
    };
    let full = ((share * WIDTH as f64) as usize).min(WIDTH);
    let bar = format!("{}{}", "#".repeat(full), "-".repeat(WIDTH - full));
    let left = match share {
        // The first moments say nothing about the rest.
        share if share > 0.0 && seconds > 1.0 => {
            format!(", {} left", clock(seconds / share - seconds))
        }
        _ => String::new(),
    };
    format!(
        "[{bar}] {:3.0} %  {done} {unit}, {speed:.0} a second{left}",
        share * 100.0
    )
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "seconds that are left, never below zero"
)]
fn clock(seconds: f64) -> String {
    let seconds = seconds.max(0.0) as u64;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, minutes, seconds) => format!("{minutes}:{seconds:02}"),
        (hours, minutes, seconds) => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_how_far_it_is_and_how_long_it_takes() {
        let at = |rows, share, seconds| line(rows, "rows", share, Duration::from_secs(seconds));

        assert_eq!(
            at(2_500, Some(0.25), 10),
            "[######------------------]  25 %  2500 rows, 250 a second, 0:30 left"
        );
        assert!(at(10, Some(0.001), 10).ends_with("2:46:30 left"));
        assert!(at(10, Some(1.0), 10).ends_with("0:00 left"));
        assert_eq!(at(10, None, 2), "10 rows, 5 a second");
        assert!(!at(0, Some(0.0), 10).contains("left"));
    }
}
