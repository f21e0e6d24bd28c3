//! What a task tells the person waiting: progress on stderr, results on stdout.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

/// Announces the step that starts now.
pub(crate) fn step(what: impl AsRef<str>) {
    line("==>", "1;34", what.as_ref());
}

/// Adds a detail to the step under way.
pub(crate) fn note(what: impl AsRef<str>) {
    line("   ", "0", what.as_ref());
}

/// Something worth knowing that stops nothing.
pub(crate) fn warning(what: impl AsRef<str>) {
    line("warning:", "1;33", what.as_ref());
}

/// The one sentence a failed task ends with.
pub(crate) fn failure(what: impl AsRef<str>) {
    line("error:", "1;31", what.as_ref());
}

/// A line of the result itself. A closed pipe is no reason to fail.
pub(crate) fn result(text: impl AsRef<str>) {
    let mut out = io::stdout().lock();
    let _closed = writeln!(out, "{}", text.as_ref()).and_then(|()| out.flush());
}

fn line(mark: &str, colour: &str, text: &str) {
    if io::stderr().is_terminal() {
        eprintln!("\x1b[{colour}m{mark}\x1b[0m {text}");
    } else {
        eprintln!("{mark} {text}");
    }
}

/// Measures one step for the tables.
pub(crate) struct Watch(Instant);

impl Watch {
    /// Starts now.
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// How long it has been.
    pub(crate) fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Bytes as people read them.
pub(crate) fn size(bytes: usize) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

/// A table, its first row the head. Numbers stand to the right; the first column, and any without a head, are words.
pub(crate) fn table(rows: &[Vec<String>]) -> String {
    let head = rows.first().map(Vec::as_slice).unwrap_or_default();
    let width = |at: usize| {
        let cells = rows.iter().filter_map(|row| row.get(at));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let columns = row.iter().zip(head).zip(&widths).enumerate();
        let cells = columns.map(
            |(at, ((cell, head), width))| match at == 0 || head.is_empty() {
                true => format!("{cell:<width$}"),
                false => format!("{cell:>width$}"),
            },
        );
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_aligns_its_columns() {
        let rows = [["stage", "seconds", ""], ["lint", "12.5", "a remark"]]
            .map(|row| row.map(str::to_owned).to_vec());

        assert_eq!(table(&rows), "stage  seconds\nlint      12.5  a remark\n");
    }

    #[test]
    fn sizes_are_given_in_the_unit_that_fits() {
        assert_eq!(
            [size(999), size(1_500), size(2_340_000)],
            ["999 B", "1.5 kB", "2.3 MB"]
        );
    }
}
