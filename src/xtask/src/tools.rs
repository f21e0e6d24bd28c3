//! What the machine has to bring: where each program is looked for, and the sentence when it is not there.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sha2::{Digest, Sha256};

use crate::error::{Doing, Error, Result};
use crate::process;
use crate::say;
use crate::workspace;

/// The target of the browser part.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// The npm package that services use.
const CLIENT: &str = "clients/hono";

/// A service that trusts the portal's tokens.
pub(crate) const EXAMPLE: &str = "examples/workflow-api";

/// The oldest Node that the example and the browser tests run on.
const NODE: u32 = 20;

/// A program on the PATH.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// Adds the wasm target unless the compiler has it.
pub(crate) fn wasm_target() -> Result<()> {
    let mut rustc = Command::new("rustc");
    rustc
        .current_dir(workspace::root())
        .args(["--print", "target-libdir", "--target", WASM]);
    let has = |folder: &str| fs::read_dir(folder).is_ok_and(|mut files| files.next().is_some());
    if process::read(&mut rustc).is_ok_and(|folder| has(folder.trim())) {
        return Ok(());
    }
    if find("rustup").is_none() {
        let remedy = "install Rust with rustup, or the package of your distribution that holds it";
        return Err(Error::missing(
            format!("The compiler's target {WASM}"),
            remedy,
        ));
    }
    say::step(format!("Adding the compiler's target {WASM}"));
    let mut rustup = Command::new("rustup");
    process::run(
        rustup
            .current_dir(workspace::root())
            .args(["target", "add", WASM]),
    )
}

/// Chromium, from `CHROMIUM_PATH` or the PATH.
pub(crate) fn chromium() -> Result<PathBuf> {
    if let Some(given) = env::var_os("CHROMIUM_PATH").map(PathBuf::from) {
        let remedy = "CHROMIUM_PATH names it; correct the variable or unset it";
        return if given.is_file() {
            Ok(given)
        } else {
            Err(Error::missing(given.display().to_string(), remedy))
        };
    }
    [
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    ]
    .into_iter()
    .find_map(find)
    .ok_or_else(|| {
        Error::missing(
            "Chromium",
            "install it (`apt-get install chromium`) or name it in CHROMIUM_PATH",
        )
    })
}

/// Fails unless Node and npm are there and new enough.
pub(crate) fn node() -> Result<()> {
    let remedy = format!("install Node {NODE} or newer with npm");
    let (Some(node), Some(_npm)) = (find("node"), find("npm")) else {
        return Err(Error::missing("Node with npm", remedy));
    };
    let version = process::read(Command::new(node).arg("--version"))?;
    let major = version
        .trim()
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|major| major.parse().ok());
    if major.unwrap_or(0) < NODE {
        return Err(Error::missing(
            format!("A newer Node than {}", version.trim()),
            remedy,
        ));
    }
    Ok(())
}

/// Installs a folder's npm packages, unless those of its lock file are there already.
pub(crate) fn npm_install(folder: &str) -> Result<PathBuf> {
    node()?;
    let path = workspace::path(folder);
    let manifest = path.join("package.json");
    if !manifest.is_file() {
        return Err(Error::missing(
            format!("{folder}/package.json"),
            "the checkout is incomplete, fetch it again",
        ));
    }
    let lock = path.join("package-lock.json");
    let source = if lock.is_file() { &lock } else { &manifest };
    let wanted = digest(&fs::read(source).doing(format!("Reading {}", source.display()))?);
    let stamp = path.join("node_modules/.installed");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(path);
    }
    say::step(format!("Installing the npm packages of {folder}"));
    let act = if lock.is_file() { "ci" } else { "install" };
    let mut npm = Command::new("npm");
    process::run(
        npm.current_dir(&path)
            .args([act, "--no-audit", "--no-fund"]),
    )?;
    fs::create_dir_all(path.join("node_modules")).doing("Creating node_modules")?;
    fs::write(&stamp, wanted).doing(format!("Writing {}", stamp.display()))?;
    Ok(path)
}

/// Installs and builds the npm package that services use, from source, as a registry would have it.
pub(crate) fn client() -> Result<PathBuf> {
    let client = npm_install(CLIENT)?;
    process::run(
        Command::new("npm")
            .current_dir(&client)
            .args(["run", "--silent", "build"]),
    )?;
    Ok(client)
}

/// Installs the example, and before it the package it stands on.
pub(crate) fn example() -> Result<PathBuf> {
    client()?;
    npm_install(EXAMPLE)
}

/// The optimiser of WebAssembly and its version, if it is installed.
pub(crate) fn wasm_opt() -> Option<(PathBuf, String)> {
    let program = find("wasm-opt")?;
    let version = process::read(
        Command::new(&program)
            .arg("--version")
            .stderr(Stdio::null()),
    )
    .ok()?;
    Some((program, version.trim().to_owned()))
}

/// The Python with what tests drive from outside (a mail server, PyJWT), in `target/venv`: made there, and filled again whenever
/// the requirements change.
pub(crate) fn python() -> Result<PathBuf> {
    let requirements = workspace::path("end2end/interop/requirements.txt");
    let wanted = digest(&fs::read(&requirements).doing("Reading the Python requirements")?);
    let venv = workspace::path("target/venv");
    let (python, stamp) = (venv.join("bin/python"), venv.join(".installed"));
    if python.is_file() && fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    let Some(system) = find("python3") else {
        return Err(Error::missing(
            "Python",
            "install python3 with its venv module",
        ));
    };
    say::step("Installing the Python packages of the tests");
    // Whatever of this fails, the machine lacks something; pip and venv have said what.
    let lacks = |error| match error {
        Error::Interrupted => error,
        _ => {
            let remedy = "install python3-venv, and let pip reach a package index";
            Error::missing("aiosmtpd and PyJWT", remedy)
        }
    };
    if !python.is_file() {
        process::run(Command::new(system).args(["-m", "venv"]).arg(&venv)).map_err(lacks)?;
    }
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--requirement"]);
    process::run(pip.arg(&requirements)).map_err(lacks)?;
    fs::write(&stamp, wanted).doing(format!("Writing {}", stamp.display()))?;
    Ok(python)
}

/// A name for a content: SHA-256, the first 16 hexadecimal digits of it.
pub(crate) fn digest(content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The folder if it is there, emptied; created otherwise.
pub(crate) fn empty_folder(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).doing(format!("Emptying {}", folder.display()))?;
    }
    fs::create_dir_all(folder).doing(format!("Creating {}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_on_the_path_and_a_made_up_one_is_not() {
        assert!(find("sh").is_some());
        assert!(find("no-such-program-at-all").is_none());
    }

    #[test]
    fn a_digest_names_the_content() {
        assert_eq!(digest(b""), "e3b0c44298fc1c14");
        assert_ne!(digest(b"a"), digest(b"b"));
    }
}
