//! The site: what the portal serves besides pages. Style sheet, WebAssembly with its glue, and the files of `public/`.
//!
//! Everything lands in `target/site`: names carry a hash of the content, compressible files have a brotli twin, and
//! `manifest.json` says which name to ask for. What the tests drive is what ships, so there is one way to build it; each
//! costly step is skipped when its input is what it was.

mod assets;
mod folder;
mod style;
mod wasm;

use crate::error::{Error, Result};
use crate::say;
use crate::tools;
use crate::workspace;

use assets::Assets;

/// Base name of the files, as in the cargo-leptos metadata.
const NAME: &str = "gatehouse";

/// Builds `target/site`, or as much of it as has changed.
pub(crate) fn build() -> Result<()> {
    say::step("Building the site (style sheet, WebAssembly, public files)");
    let watch = say::Watch::start();
    let mut assets = Assets::default();
    assets.public(&workspace::path("public"))?;
    let sheet = style::sheet(&workspace::path("style"), "main.css")?;
    let sheet = assets.with_hashed_urls(&sheet);
    assets.hashed("css", NAME, "css", sheet.into_bytes());
    add_browser_part(&mut assets)?;
    let written = assets.write(
        &workspace::path("target/site"),
        &workspace::path("target/site-cache"),
    )?;
    say::note(format!(
        "{written} in {:.1} s",
        watch.elapsed().as_secs_f32()
    ));
    Ok(())
}

fn add_browser_part(assets: &mut Assets) -> Result<()> {
    let version = workspace::locked_version("wasm-bindgen")?;
    let linked = workspace::locked_version("wasm-bindgen-cli-support")?;
    if version != linked {
        return Err(Error::other(format!(
            "wasm-bindgen is locked at {version} and wasm-bindgen-cli-support at {linked}: set both to one version in Cargo.toml."
        )));
    }
    tools::wasm_target()?;
    let raw = compile()?;
    let part = wasm::bind(&raw, &version, &workspace::path("target/site-cache"))?;
    assets.hashed("wasm", NAME, "wasm", part.wasm);
    assets.hashed("js", NAME, "js", part.glue);
    for (path, content) in part.snippets {
        assets.plain(format!("pkg/snippets/{path}"), content);
    }
    Ok(())
}

fn compile() -> Result<std::path::PathBuf> {
    let mut cargo = workspace::cargo();
    cargo.args([
        "build",
        "--package",
        "hydrate",
        "--lib",
        "--target",
        tools::WASM,
        "--profile",
        "wasm-release",
    ]);
    workspace::artifact(&mut cargo, "hydrate", |artifact| {
        let files = artifact["filenames"].as_array()?;
        files
            .iter()
            .filter_map(|file| file.as_str())
            .find(|file| file.ends_with(".wasm"))
    })
}
