use std::fs;

use tempfile::TempDir;

use super::*;

const PLAN: BreachFilterPlan = BreachFilterPlan {
    lines: LeakLines::Plain,
    bits: 16,
    memory: 1 << 20,
};

struct Bench {
    folder: TempDir,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn build(
        &self,
        list: &[u8],
        plan: BreachFilterPlan,
    ) -> Result<BuiltBreachFilter, BuildBreachFilterError> {
        fs::write(self.path("list"), list).expect("writes");
        BreachFilter::build(
            &self.path("list"),
            &self.path("filter"),
            plan,
            &mut |_, _| {},
        )
    }

    fn open(&self) -> Result<BreachFilter, BreachFilterError> {
        BreachFilter::open(&self.path("filter"))
    }

    fn files(&self) -> Vec<String> {
        let files = fs::read_dir(self.folder.path()).expect("reads");
        let mut names: Vec<_> = files
            .map(|file| {
                file.expect("a file")
                    .file_name()
                    .into_string()
                    .expect("text")
            })
            .collect();
        names.sort();
        names
    }
}

fn holds(filter: &BreachFilter, password: &str) -> bool {
    filter.holds(&Password::claimed(password)).expect("reads")
}

fn hex(password: &str) -> String {
    let sha1 = digest(&SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes());
    sha1.as_ref()
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect()
}

#[test]
fn what_was_put_in_is_always_found() {
    let bench = Bench::new();
    let list: String = (0..20_000)
        .map(|number| format!("leaked {number}\n"))
        .collect();
    let built = bench.build(list.as_bytes(), PLAN).expect("builds");
    let filter = bench.open().expect("opens");

    assert_eq!((built.about, built.about.count), (filter.about(), 20_000));
    assert!((0..20_000).all(|number| holds(&filter, &format!("leaked {number}"))));
}

/// The numbers in `docs/operating.md`.
#[test]
fn what_was_not_is_found_as_rarely_as_the_file_says() {
    let bench = Bench::new();
    let list: String = (0..50_000)
        .map(|number| format!("leaked {number}\n"))
        .collect();
    for (bits, promised) in [(12, 0.006), (16, 0.0012), (20, 0.0004), (24, 0.0002)] {
        let built = bench
            .build(list.as_bytes(), BreachFilterPlan { bits, ..PLAN })
            .expect("builds");
        let filter = bench.open().expect("opens");

        let hits = (0..200_000).filter(|number| holds(&filter, &format!("fresh {number}")));
        let measured = hits.count() as f64 / 200_000.0;

        assert!(
            built.about.false_positives < promised,
            "{bits}: {}",
            built.about.false_positives
        );
        assert!(measured < promised * 1.5, "{bits}: {measured}");
        assert_eq!(
            built.bytes,
            fs::metadata(bench.path("filter")).expect("is there").len()
        );
        assert!(built.bytes < 50_000 * u64::from(bits) / 8 + 256);
    }
}

#[test]
fn lines_are_read_as_they_are_published_and_others_are_counted() {
    let bench = Bench::new();
    let mut list = String::new();
    list.push_str(&format!("{}:10434004\r\n", hex("first leaked one")));
    list.push_str(&format!("{}\n\n", hex("second leaked one").to_lowercase()));
    list.push_str(&format!("  {}: 3 \n", hex("third leaked one")));
    // Hostile: not hexadecimal, too short, too long, a count that is none, no text, no end.
    list.push_str("not a digest at all, not a digest at all\nABCD\n");
    list.push_str(&format!("{}0\n{}:x\n", hex("a"), hex("b")));
    let mut list = list.into_bytes();
    list.extend_from_slice(b"\xff\xfe\x00\x80\n");
    list.extend(std::iter::repeat_n(b'F', 20_000_000));
    list.push(b'\n');
    list.extend_from_slice(hex("last leaked one").as_bytes());

    let plan = BreachFilterPlan {
        lines: LeakLines::Sha1,
        ..PLAN
    };
    let built = bench.build(&list, plan).expect("builds");
    let filter = bench.open().expect("opens");

    assert_eq!((built.about.count, built.skipped), (4, 6));
    for leaked in ["first", "second", "third", "last"] {
        assert!(holds(&filter, &format!("{leaked} leaked one")), "{leaked}");
    }
    assert!(!holds(&filter, "a fresh one"));
}

#[test]
fn plain_passwords_are_hashed_as_they_are_judged() {
    let bench = Bench::new();
    bench
        .build(
            "cafe\u{301} bleu\r\n leading space\n\u{feff}\n".as_bytes(),
            PLAN,
        )
        .expect("builds");
    let filter = bench.open().expect("opens");

    assert!(holds(&filter, "caf\u{e9} bleu"));
    assert!(holds(&filter, " leading space"));
    assert!(!holds(&filter, "leading space"), "nothing is trimmed");
}

#[test]
fn little_memory_and_another_order_make_the_same_filter() {
    let bench = Bench::new();
    let mut lines: Vec<_> = (0..3000).map(|number| hex(&number.to_string())).collect();
    let plan = BreachFilterPlan {
        lines: LeakLines::Sha1,
        ..PLAN
    };
    bench
        .build(lines.join("\n").as_bytes(), plan)
        .expect("builds");
    let at_once = fs::read(bench.path("filter")).expect("reads");

    lines.sort();
    let plan = BreachFilterPlan {
        memory: 500,
        ..plan
    };
    bench
        .build(lines.join("\n").as_bytes(), plan)
        .expect("builds");

    assert!(fs::read(bench.path("filter")).expect("reads") == at_once);
}

#[test]
fn a_list_without_a_line_makes_nothing_and_leaves_what_was() {
    let bench = Bench::new();
    let plan = BreachFilterPlan {
        lines: LeakLines::Sha1,
        ..PLAN
    };
    for list in ["", "\n\r\n", "no digest\n"] {
        let error = bench
            .build(list.as_bytes(), plan)
            .expect_err("nothing to build");
        assert!(
            matches!(error, BuildBreachFilterError::Empty(..)),
            "{error}"
        );
    }
    assert_eq!(bench.files(), ["list"], "nothing is left behind");

    bench.build(b"kept leaked one", PLAN).expect("builds");
    bench.build(b"", PLAN).expect_err("nothing to build");
    assert!(holds(&bench.open().expect("opens"), "kept leaked one"));
    assert_eq!(bench.files(), ["filter", "list"]);
}

#[test]
fn a_build_takes_over_what_a_killed_one_left_and_waits_for_no_other() {
    let bench = Bench::new();
    fs::write(bench.path("filter.partial"), vec![0xff; 10_000]).expect("writes");
    bench.build(b"one\ntwo\n", PLAN).expect("builds");
    assert!(holds(&bench.open().expect("opens"), "one"));

    let other = File::create(bench.path("filter.partial")).expect("creates");
    other.lock().expect("locks");
    let error = bench.build(b"three", PLAN).expect_err("busy");
    assert!(matches!(error, BuildBreachFilterError::Busy(_)), "{error}");
    assert!(holds(&bench.open().expect("opens"), "one"));
}

#[test]
fn a_file_that_is_missing_foreign_or_damaged_is_refused_with_one_sentence() {
    let bench = Bench::new();
    let sentence = || bench.open().expect_err("refused").to_string();
    assert!(sentence().contains("cannot be read"), "{}", sentence());

    for foreign in [&b""[..], b"GHBREACH", &[0; 4096], &[0xff; 4096]] {
        fs::write(bench.path("filter"), foreign).expect("writes");
        assert!(sentence().contains("is no breach filter"), "{}", sentence());
    }

    bench.build(b"one\ntwo\nthree\n", PLAN).expect("builds");
    let whole = fs::read(bench.path("filter")).expect("reads");
    bench.open().expect("opens");
    // One bit anywhere that matters, half of it, one byte more, a count beyond every file.
    for at in [16, 24, 32, 40, 71, 128, whole.len() - 1] {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x10;
        fs::write(bench.path("filter"), damaged).expect("writes");
        assert!(sentence().contains("is damaged"), "{at}: {}", sentence());
    }
    let mut huge = whole.clone();
    huge[16..24].fill(0xff);
    for damaged in [
        &whole[..whole.len() / 2 + HEADER as usize / 2],
        &[&*whole, &[0]].concat(),
        &huge,
    ] {
        fs::write(bench.path("filter"), damaged).expect("writes");
        assert!(sentence().contains("is damaged"), "{}", sentence());
    }
}

#[test]
fn a_file_that_stops_reading_keeps_nobody_out() {
    let bench = Bench::new();
    bench.build(b"leaked one", PLAN).expect("builds");
    let filter = bench.open().expect("opens");
    let file = File::options()
        .write(true)
        .open(bench.path("filter"))
        .expect("opens");
    file.set_len(10).expect("cuts");

    assert!(filter.holds(&Password::claimed("leaked one")).is_err());
    assert!(!filter.holds_or_unknown(&Password::claimed("leaked one")));
}

#[test]
fn progress_never_runs_backwards_and_ends_at_all() {
    let bench = Bench::new();
    fs::write(bench.path("list"), "some leaked one\n".repeat(700_000)).expect("writes");
    let mut heard = Vec::new();
    BreachFilter::build(
        &bench.path("list"),
        &bench.path("filter"),
        PLAN,
        &mut |done, total| {
            heard.push((done, total));
        },
    )
    .expect("builds");

    assert!(heard.len() > 4, "{heard:?}");
    assert!(heard.is_sorted_by(|one, next| one.0 <= next.0));
    let (done, total) = heard.last().expect("heard");
    assert_eq!(done, total);
}
