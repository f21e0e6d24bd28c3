//! `cargo xtask build`: the one file people run.

use std::fs;

use crate::error::{Doing, Result};
use crate::say;
use crate::site;
use crate::workspace::{self, Profile};

/// Builds the release binary with the site inside; prints where it is and how big.
pub(crate) fn build() -> Result<()> {
    site::build()?;
    say::step("Building the portal (release, some minutes)");
    let binary = workspace::portal(Profile::Release)?;
    let bytes = fs::metadata(&binary).doing("Measuring the binary")?.len() as usize;
    let shown = binary.strip_prefix(workspace::root()).unwrap_or(&binary);
    say::result(format!("{}  {}", shown.display(), say::size(bytes)));
    Ok(())
}
