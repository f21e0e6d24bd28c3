//! How many tests passed, read from what the test programs say.

use serde_json::Value;

/// The outcome of a stage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Tests that passed.
    pub(crate) passed: usize,
    /// Tests that failed.
    pub(crate) failed: usize,
    /// Tests that were not run: ignored, or not meant for a browser without JavaScript.
    pub(crate) left_out: usize,
    /// What else the table should say.
    pub(crate) note: String,
}

impl Counts {
    /// Adds the numbers of another stage.
    pub(crate) fn add(&mut self, other: &Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.left_out += other.left_out;
    }

    /// Adds what a line of cargo's test output tells, if it is the last line of a test program.
    pub(crate) fn read_cargo(&mut self, line: &str) {
        let Some(result) = line.trim_start().strip_prefix("test result: ") else {
            return;
        };
        let number = |what: &str| {
            let words: Vec<&str> = result
                .split([' ', ';', '.'])
                .filter(|word| !word.is_empty())
                .collect();
            words
                .windows(2)
                .find(|pair| pair[1] == what)
                .and_then(|pair| pair[0].parse().ok())
                .unwrap_or(0)
        };
        self.passed += number("passed");
        self.failed += number("failed");
        self.left_out += number("ignored");
    }

    /// Adds what a line of Node's test runner tells, which closes with `# pass 3` or, in its other style, `ℹ pass 3`.
    pub(crate) fn read_node(&mut self, line: &str) {
        let mut words = line.split_whitespace();
        if !matches!(words.next(), Some("#" | "ℹ")) {
            return;
        }
        let (what, number) = (
            words.next(),
            words
                .next()
                .and_then(|number| number.parse::<usize>().ok())
                .unwrap_or(0),
        );
        match what {
            Some("pass") => self.passed += number,
            Some("fail" | "cancelled") => self.failed += number,
            Some("skipped" | "todo") => self.left_out += number,
            _ => {}
        }
    }

    /// Reads the report of Playwright's `json` reporter.
    pub(crate) fn read_playwright(report: &Value) -> Self {
        let number = |name: &str| {
            report["stats"][name]
                .as_u64()
                .and_then(|n| usize::try_from(n).ok())
                .unwrap_or(0)
        };
        let outside = report["errors"].as_array().map_or(0, Vec::len);
        let flaky = number("flaky");
        Self {
            passed: number("expected") + flaky,
            failed: number("unexpected") + outside,
            left_out: number("skipped"),
            note: if flaky > 0 {
                format!("{flaky} only at a second try")
            } else {
                String::new()
            },
        }
    }
}

/// Whether a line of cargo's test output tells nothing once everything is well.
pub(crate) fn is_dull(line: &str) -> bool {
    let line = line.trim();
    let passed =
        line.starts_with("test ") && (line.ends_with("... ok") || line.contains("... ignored"));
    let head =
        line.starts_with("running ") && (line.ends_with(" test") || line.ends_with(" tests"));
    line.is_empty() || passed || head || line.starts_with("test result: ok.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_last_lines_of_test_programs_add_up() {
        let mut counts = Counts::default();

        for line in [
            "test a_claim ... ok",
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.02s",
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s",
        ] {
            counts.read_cargo(line);
        }

        assert_eq!((counts.passed, counts.failed, counts.left_out), (15, 2, 1));
    }

    #[test]
    fn both_styles_of_node_are_read() {
        let mut counts = Counts::default();

        for line in [
            "ok 1 - pass 9",
            "# tests 5",
            "# pass 3",
            "# fail 1",
            "ℹ pass 2",
            "ℹ skipped 1",
        ] {
            counts.read_node(line);
        }

        assert_eq!((counts.passed, counts.failed, counts.left_out), (5, 1, 1));
    }

    #[test]
    fn an_error_outside_any_browser_test_is_a_failure() {
        let report = json!({ "stats": { "expected": 7, "unexpected": 1, "flaky": 2, "skipped": 3 }, "errors": [{}] });

        let counts = Counts::read_playwright(&report);

        assert_eq!((counts.passed, counts.failed, counts.left_out), (9, 2, 3));
    }

    #[test]
    fn failures_are_never_dull() {
        assert!(is_dull("test a_claim ... ok"));
        assert!(is_dull("running 12 tests"));
        assert!(!is_dull("test a_claim ... FAILED"));
        assert!(!is_dull("test result: FAILED. 3 passed; 2 failed"));
        assert!(!is_dull("thread 'a_claim' panicked at src/lib.rs:1:1"));
    }
}
