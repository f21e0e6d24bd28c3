//! `cargo xtask pictures`: a screenshot of every page and letter, to be looked at.

use std::process::Command;

use crate::error::Result;
use crate::process;
use crate::say;
use crate::site;
use crate::tools;
use crate::workspace::{self, Profile};

/// Lets Playwright walk portals on fresh data; the pictures land in `target/pictures`.
pub(crate) fn pictures() -> Result<()> {
    let chromium = tools::chromium()?;
    let folder = tools::npm_install("end2end")?;
    tools::example()?;
    site::build()?;
    say::step("Building the portal (debug)");
    let binary = workspace::portal(Profile::Debug)?;
    let pictures = workspace::path("target/pictures");
    // Pictures of pages that are gone would be looked at as if they were there.
    tools::empty_folder(&pictures)?;

    say::step("Taking the pictures");
    let mut playwright = Command::new("npx");
    playwright
        .args(["playwright", "test", "--config", "pictures.config.ts"])
        .current_dir(folder);
    process::run(
        playwright
            .env("CHROMIUM_PATH", chromium)
            .env("GATEHOUSE_BIN", binary),
    )?;
    say::result(pictures.display().to_string());
    Ok(())
}
