//! The supply chain of the shipped binary: one SQLite, one crypto provider, nothing below the release that fixed it.
//!
//! `deny.toml` says the same and more for whoever has cargo-deny. This test needs cargo alone, so it runs with every
//! test run. It reads what the portal links, not the lock file: that also lists what optional features would bring.

#[path = "supply/licence.rs"]
mod licence;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// Never in the binary, and why.
const BANNED: &[(&str, &str)] = &[
    ("openssl", "one crypto provider: aws-lc-rs"),
    ("openssl-sys", "one crypto provider: aws-lc-rs"),
    ("native-tls", "one crypto provider: aws-lc-rs"),
    ("ring", "one crypto provider: aws-lc-rs"),
    (
        "chrono",
        "with `time` also on, sqlx picks one of the two silently",
    ),
    ("rusqlite", "a second SQLite"),
    (
        "tower-sessions-sqlx-store",
        "an old sqlx and with it an old SQLite",
    ),
    ("axum-login", "a second session layer"),
    ("tower_governor", "trusts X-Forwarded-For from anybody"),
];

/// The oldest release allowed where the crate is present, and why.
const FLOORS: &[(&str, [u64; 3], &str)] = &[
    (
        "libsqlite3-sys",
        [0, 37, 0],
        "an SQLite older than 3.51.3 can corrupt a WAL database",
    ),
    ("lettre", [0, 11, 22], "RUSTSEC-2026-0141"),
    ("h2", [0, 4, 16], "RUSTSEC-2026-0258"),
];

/// The crypto backends of jsonwebtoken; with none or two it panics at its first use.
const BACKENDS: [&str; 2] = ["aws_lc_rs", "rust_crypto"];

/// One line of `cargo tree`.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Package {
    name: String,
    version: [u64; 3],
    features: BTreeSet<String>,
    licence: String,
}

impl Package {
    /// `name v1.2.3 (notes) | feature,feature | licence`.
    fn read(line: &str) -> Option<Self> {
        let mut columns = line.split(" | ");
        let (package, features, licence) = (columns.next()?, columns.next()?, columns.next()?);
        let mut words = package.split_whitespace();
        let name = words.next()?.to_owned();
        let version = words
            .next()?
            .trim_start_matches('v')
            .split(['-', '+'])
            .next()?;
        let mut numbers = version.split('.').map(|number| number.parse().ok());
        let version = [numbers.next()??, numbers.next()??, numbers.next()??];
        let features = features
            .split(',')
            .map(|feature| feature.trim().to_owned())
            .collect();
        let licence = licence.trim_end_matches(" (*)").trim().to_owned();
        Some(Self {
            name,
            version,
            features,
            licence,
        })
    }
}

/// Everything wrong with a graph, one sentence each.
fn faults(graph: &BTreeSet<Package>) -> Vec<String> {
    let named = |name: &str| {
        graph
            .iter()
            .filter(move |package| package.name == name)
            .collect::<Vec<_>>()
    };
    let mut faults = Vec::new();
    for (name, why) in BANNED {
        faults.extend(
            named(name)
                .first()
                .map(|_| format!("`{name}` is in the graph: {why}")),
        );
    }
    for (name, floor, why) in FLOORS {
        let low = named(name)
            .into_iter()
            .filter(|package| package.version < *floor);
        faults.extend(
            low.map(|package| format!("`{name}` {:?} is below {floor:?}: {why}", package.version)),
        );
    }
    let versions = |name: &str| {
        named(name)
            .into_iter()
            .map(|package| package.version)
            .collect::<BTreeSet<_>>()
    };
    for name in ["libsqlite3-sys", "jsonwebtoken", "sqlx"] {
        let count = versions(name).len();
        if count != 1 {
            faults.push(format!(
                "`{name}` is there in {count} versions instead of one"
            ));
        }
    }
    let features: BTreeSet<&str> = named("jsonwebtoken")
        .iter()
        .flat_map(|package| &package.features)
        .map(String::as_str)
        .collect();
    if BACKENDS
        .iter()
        .filter(|backend| features.contains(*backend))
        .count()
        != 1
    {
        faults.push(format!(
            "jsonwebtoken needs exactly one backend of {BACKENDS:?}"
        ));
    }
    faults
}

fn read(tree: &str) -> BTreeSet<Package> {
    tree.lines().filter_map(Package::read).collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("two folders below the root")
}

/// What a package of ours links for a target.
fn graph(package: &str, target: &[&str]) -> BTreeSet<Package> {
    let tree = Command::new(env!("CARGO"))
        .current_dir(root())
        .args([
            "tree",
            "--locked",
            "--edges",
            "normal",
            "--package",
            package,
            "--prefix",
            "none",
        ])
        .args(["--format", "{p} | {f} | {l}"])
        .args(target)
        .output()
        .expect("cargo runs");
    assert!(
        tree.status.success(),
        "{}",
        String::from_utf8_lossy(&tree.stderr)
    );
    read(&String::from_utf8_lossy(&tree.stdout))
}

#[test]
fn the_portal_links_nothing_it_should_not() {
    let graph = graph("portal", &[]);

    assert!(graph.len() > 100, "only {} packages were read", graph.len());
    assert_eq!(faults(&graph), [""; 0]);
}

/// Whoever builds the crate for Rust services builds all of this.
#[test]
fn the_rust_client_links_nothing_it_should_not() {
    let graph = graph("gatehouse-axum", &[]);
    let names: BTreeSet<&str> = graph.iter().map(|package| package.name.as_str()).collect();
    // Its own signatures are aws-lc-rs's: jsonwebtoken panics where another crate of the program turns a second backend on.
    let ours = ["auth", "wire", "sqlx", "jsonwebtoken"];
    let banned = BANNED.iter().map(|(name, _)| *name);

    let found: Vec<&str> = banned
        .chain(ours)
        .filter(|name| names.contains(name))
        .collect();

    assert!(names.contains("aws-lc-rs") && names.contains("axum"));
    assert_eq!(found, [""; 0]);
}

#[test]
fn every_licence_that_ships_is_allowed() {
    let deny = std::fs::read_to_string(root().join("deny.toml")).expect("deny.toml is there");
    let allowed = licence::allowed_by(&deny);
    let mut shipped = graph("portal", &[]);
    shipped.extend(graph("hydrate", &["--target", "wasm32-unknown-unknown"]));
    shipped.extend(graph("gatehouse-axum", &[]));

    let refused: Vec<String> = shipped
        .iter()
        .filter(|package| !licence::is_allowed(&package.licence, &allowed))
        .map(|package| format!("{}: {}", package.name, package.licence))
        .collect();

    assert_eq!(refused, [""; 0]);
}

#[test]
fn a_bad_graph_is_found_out() {
    let good = "libsqlite3-sys v0.37.0 | bundled | MIT\njsonwebtoken v11.1.0 | aws_lc_rs | MIT\n\
                sqlx v0.9.0 | derive | MIT\nlettre v0.11.23 |  | MIT\n";
    let with = |line: &str| faults(&read(&format!("{good}{line} |  | MIT\n"))).len();

    assert_eq!(faults(&read(good)), [""; 0]);
    assert_eq!(with("ring v0.17.14"), 1);
    assert_eq!(with("chrono v0.4.45"), 1);
    assert_eq!(with("libsqlite3-sys v0.38.0"), 1);
    assert_eq!(with("libsqlite3-sys v0.30.1"), 2);
    assert_eq!(with("h2 v0.4.15"), 1);
    assert_eq!(with("h2 v0.4.16"), 0);
    assert_eq!(
        faults(&read(&good.replace("aws_lc_rs", "use_pem"))).len(),
        1
    );
    assert_eq!(
        faults(&read(&good.replace("aws_lc_rs", "aws_lc_rs,rust_crypto"))).len(),
        1
    );
}
