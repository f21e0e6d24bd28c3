//! Where things are in the tree, and how cargo is called from inside cargo.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::error::{Doing, Error, Result};
use crate::process;

/// The root of the workspace.
pub(crate) fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here)
}

/// A path below the root.
pub(crate) fn path(below: &str) -> PathBuf {
    root().join(below)
}

/// A cargo command at the root, as if typed there.
///
/// `cargo run` describes this package in variables; some build scripts watch them and would run again at every change
/// of hands between cargo and `cargo xtask`.
pub(crate) fn cargo() -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(program);
    command.current_dir(root());
    for (name, _) in std::env::vars_os() {
        let described = name.to_str().is_some_and(|name| {
            name.starts_with("CARGO_PKG_")
                || name.starts_with("CARGO_MANIFEST_")
                || name == "OUT_DIR"
        });
        if described {
            command.env_remove(name);
        }
    }
    command
}

/// How the portal is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Quick to build; reads the site from disk.
    Debug,
    /// What people run; carries the site.
    Release,
}

/// Builds the binary `gatehouse` and says where it is.
pub(crate) fn portal(profile: Profile) -> Result<PathBuf> {
    let mut command = cargo();
    command.args(["build", "--package", "portal", "--bin", "gatehouse"]);
    if profile == Profile::Release {
        command.arg("--release");
    }
    artifact(&mut command, "gatehouse", |artifact| {
        artifact["executable"].as_str()
    })
}

/// Runs a cargo build and picks one file of what it made: cargo knows where its target folder is, we do not.
pub(crate) fn artifact(
    command: &mut Command,
    name: &str,
    pick: fn(&Value) -> Option<&str>,
) -> Result<PathBuf> {
    let mut found = None;
    process::follow(
        command.arg("--message-format=json-render-diagnostics"),
        |line| {
            let Ok(message) = serde_json::from_str::<Value>(line) else {
                return;
            };
            if message["reason"] == "compiler-artifact" && message["target"]["name"] == name {
                found = pick(&message).map(PathBuf::from).or(found.take());
            }
        },
    )?;
    found.ok_or_else(|| Error::other(format!("cargo built `{name}` but named no file for it.")))
}

/// The version of a package in Cargo.lock, if it is there exactly once.
pub(crate) fn locked_version(package: &str) -> Result<String> {
    let lock = fs::read_to_string(path("Cargo.lock")).doing("Reading Cargo.lock")?;
    let mut versions = versions_in(&lock, package);
    match (versions.pop(), versions.pop()) {
        (Some(version), None) => Ok(version),
        (None, _) => Err(Error::other(format!("Cargo.lock holds no `{package}`."))),
        (Some(one), Some(two)) => Err(Error::other(format!(
            "Cargo.lock holds `{package}` twice, {two} and {one}."
        ))),
    }
}

fn versions_in(lock: &str, package: &str) -> Vec<String> {
    let name = format!("name = \"{package}\"");
    let lines: Vec<&str> = lock.lines().collect();
    lines
        .windows(2)
        .filter(|pair| pair[0] == name)
        .filter_map(|pair| pair[1].strip_prefix("version = \"")?.strip_suffix('"'))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_where_the_lock_file_is() {
        assert!(path("Cargo.lock").is_file());
    }

    #[test]
    fn every_version_of_a_package_is_found_and_no_namesake() {
        let lock = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"a-b\"\nversion = \"2.0.0\"\n\n\
                    [[package]]\nname = \"a\"\nversion = \"3.0.0\"\n";

        assert_eq!(versions_in(lock, "a"), ["1.0.0", "3.0.0"]);
    }
}
