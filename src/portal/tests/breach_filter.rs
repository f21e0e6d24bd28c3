//! `gatehouse breach-filter build` from the command line, as an operator meets it: hostile lists, a
//! build that is killed, a portal that is given what came of it.

use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// What a list is told to hold, and the one password it leaks.
const LEAKED: &str = "three wet otters sing";

struct Bench(TempDir);

impl Bench {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn gatehouse(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gatehouse"));
        command
            .args(arguments)
            .current_dir(self.0.path())
            .env_clear()
            .stdin(Stdio::null());
        command
    }

    fn build(&self, list: &[u8], more: &[&str]) -> Output {
        fs::write(self.path("list"), list).expect("writes");
        let arguments = [
            &[
                "breach-filter",
                "build",
                "--from",
                "list",
                "--out",
                "filter",
            ],
            more,
        ];
        self.gatehouse(&arguments.concat()).output().expect("runs")
    }

    fn filter(&self) -> Option<Vec<u8>> {
        fs::read(self.path("filter")).ok()
    }
}

fn said(output: &Output) -> (bool, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    (
        output.status.success(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

#[test]
fn a_list_of_hostile_lines_makes_a_filter_of_its_good_ones() {
    let bench = Bench::new();
    let mut list = b"5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:10434004\r\n".to_vec();
    list.extend_from_slice(
        b"\n\xff\xfe\n--help\n5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:$(reboot)\n",
    );
    list.extend(std::iter::repeat_n(b'A', 30 << 20));
    list.extend_from_slice(b"\n5baa61e4c9b93f3f0682250b6cf8331b7ee68fd9");

    let output = bench.build(&list, &["--json", "--memory-mib", "1"]);

    let (good, result, errors) = said(&output);
    assert!(good, "{errors}");
    let result: Value = serde_json::from_str(&result).expect("JSON");
    assert_eq!(
        (&result["count"], &result["skipped"]),
        (&2.into(), &4.into())
    );
    assert_eq!(errors, "", "no progress where nobody looks");
    assert_eq!(
        bench.filter().expect("is there").len() as u64,
        result["bytes"]
    );
}

#[test]
fn an_empty_list_and_a_missing_one_are_refused_with_one_sentence() {
    let bench = Bench::new();
    for list in [&b""[..], b"password\n"] {
        let (good, result, errors) = said(&bench.build(list, &[]));
        assert!(!good && result.is_empty());
        assert!(errors.starts_with("The list list has no line"), "{errors}");
        assert_eq!(errors.lines().count(), 1);
    }
    let missing = [
        "breach-filter",
        "build",
        "--from",
        "nowhere",
        "--out",
        "filter",
    ];
    let (good, _, errors) = said(&bench.gatehouse(&missing).output().expect("runs"));
    assert!(
        !good && errors.starts_with("The list nowhere cannot be read"),
        "{errors}"
    );
    assert_eq!(bench.filter(), None);
    assert!(!bench.path("filter.partial").exists());
}

#[test]
fn a_build_that_is_killed_leaves_the_filter_as_it_was() {
    let bench = Bench::new();
    assert!(said(&bench.build(LEAKED.as_bytes(), &["--plain"])).0);
    let before = bench.filter().expect("is there");

    let mut list = File::create(bench.path("list")).expect("creates");
    let line = format!("{:040x}\n", 7).repeat(100_000);
    for _ in 0..25 {
        list.write_all(line.as_bytes()).expect("writes");
    }
    let long = [
        "breach-filter",
        "build",
        "--from",
        "list",
        "--out",
        "filter",
        "--memory-mib",
        "1",
    ];
    let mut killed = bench.gatehouse(&long).spawn().expect("runs");
    wait_until(|| bench.path("filter.partial").exists());
    killed.kill().expect("is killed");
    killed.wait().expect("ends");

    assert_eq!(bench.filter().as_ref(), Some(&before));
    assert!(
        said(&bench.build(b"another one", &["--plain"])).0,
        "what was left is taken over"
    );
    assert_ne!(bench.filter().expect("is there"), before);
}

#[test]
fn the_portal_asks_the_filter_and_refuses_a_damaged_one() {
    let bench = Bench::new();
    assert!(said(&bench.build(LEAKED.as_bytes(), &["--plain"])).0);
    let create = |password: &str| create_admin(&bench, password);

    let (good, _, errors) = create(LEAKED);
    assert!(!good);
    assert_eq!(
        errors,
        "password: This password is known from a leak. Choose another."
    );
    let (_, told, _) = doctor(&bench);
    assert!(told.contains("looked up among 1 leaked"), "{told}");

    let mut damaged = bench.filter().expect("is there");
    *damaged.last_mut().expect("a byte") ^= 1;
    fs::write(bench.path("filter"), damaged).expect("writes");
    for refused in [create("grey lamps hum softly"), doctor(&bench)] {
        let words = format!("{}{}", refused.1, refused.2);
        assert!(
            !refused.0 && words.contains("is damaged; build it again"),
            "{words}"
        );
    }
    fs::remove_file(bench.path("filter")).expect("removes");
    let (good, _, errors) = create("grey lamps hum softly");
    assert!(
        !good && errors.contains("the breach filter filter cannot be read"),
        "{errors}"
    );
    assert_eq!(errors.lines().count(), 1, "{errors}");
}

fn create_admin(bench: &Bench, password: &str) -> (bool, String, String) {
    fs::write(bench.path("password"), password).expect("writes");
    let arguments = [
        "admin",
        "create",
        "--email",
        "ada@example.com",
        "--password-stdin",
    ];
    let mut command = bench.gatehouse(&arguments);
    command
        .env("GATEHOUSE_PASSWORD__BREACH_FILTER", "filter")
        .stdin(File::open(bench.path("password")).expect("opens"));
    said(&command.output().expect("runs"))
}

fn doctor(bench: &Bench) -> (bool, String, String) {
    let mut command = bench.gatehouse(&["doctor", "--dev"]);
    command.env("GATEHOUSE_PASSWORD__BREACH_FILTER", "filter");
    said(&command.output().expect("runs"))
}

fn wait_until(mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(30), "it never came");
        std::thread::yield_now();
    }
}
