//! From the compiler's WebAssembly to what a browser loads: bindings, then the optimiser where there is one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use wasm_bindgen_cli_support::Bindgen;

use super::NAME;
use super::folder::files_below;
use crate::error::{Doing, Error, Result};
use crate::process;
use crate::say;
use crate::tools;

/// What rustc emits by default and older optimisers have to be told.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// The browser part, ready to be named and compressed.
pub(crate) struct Part {
    pub(crate) glue: Vec<u8>,
    pub(crate) wasm: Vec<u8>,
    /// Scripts of libraries, imported by the glue as `./snippets/<path>`.
    pub(crate) snippets: Vec<(String, Vec<u8>)>,
}

/// Binds and optimises `raw`, or takes the result of the last time from `cache` when nothing it depends on has changed.
pub(crate) fn bind(raw: &Path, version: &str, cache: &Path) -> Result<Part> {
    let bytes = fs::read(raw).doing(format!("Reading {}", raw.display()))?;
    let optimiser = tools::wasm_opt();
    let by = optimiser.as_ref().map_or("none", |(_, version)| version);
    let key =
        tools::digest(format!("{} {version} {by} {FEATURES:?}", tools::digest(&bytes)).as_bytes());
    let folder = cache.join("wasm");
    if fs::read_to_string(folder.join("key")).is_ok_and(|stored| stored == key) {
        return load(&folder);
    }
    tools::empty_folder(&folder)?;
    generate(bytes, &folder)?;
    match optimiser {
        Some((program, _)) => optimise(&program, &folder)?,
        None => say::warning(
            "wasm-opt is missing, the WebAssembly stays twice its size (`apt-get install binaryen`)",
        ),
    }
    fs::write(folder.join("key"), key).doing("Writing the key of the WebAssembly")?;
    load(&folder)
}

fn generate(bytes: Vec<u8>, folder: &Path) -> Result<()> {
    say::note("binding the WebAssembly");
    let bound = Bindgen::new()
        .input_bytes(NAME, bytes)
        .remove_name_section(true)
        .remove_producers_section(true)
        .typescript(false)
        // The page names the module: its file name carries a hash that the glue cannot know.
        .omit_default_module_path(true)
        .web(true)
        .and_then(|bindgen| bindgen.generate(folder));
    bound.map_err(|error| Error::other(format!("wasm-bindgen refused the module: {error:#}.")))
}

/// Shrinks the module in place. A module the installed optimiser cannot read is served as it is.
fn optimise(program: &Path, folder: &Path) -> Result<()> {
    let from = module(folder);
    let to = folder.join("optimised.wasm");
    let before = fs::metadata(&from)
        .doing("Measuring the WebAssembly")?
        .len() as usize;
    say::note(format!(
        "optimising the WebAssembly, {} before",
        say::size(before)
    ));
    let mut command = Command::new(program);
    command
        .arg("-Oz")
        .args(FEATURES)
        .arg(&from)
        .arg("-o")
        .arg(&to)
        .stdout(Stdio::null());
    if let Err(error) = process::run(&mut command) {
        process::go_on()?;
        say::warning(format!("the WebAssembly stays as it is: {error}"));
        return Ok(());
    }
    if !keeps_its_tables(&from, &to)? {
        say::warning(
            "the WebAssembly stays as it is: this wasm-opt mixes up its tables (108 does; a newer binaryen does not)",
        );
        return fs::remove_file(&to).doing("Removing the broken WebAssembly");
    }
    fs::rename(&to, &from).doing("Replacing the WebAssembly by the optimised one")
}

/// Whether the tables one module shows to the script are those the other shows. binaryen 108
/// exports the table of functions under the name of the table of references: such a module loads,
/// and fails at its first breath.
fn keeps_its_tables(before: &Path, after: &Path) -> Result<bool> {
    Ok(exported_tables(before)? == exported_tables(after)?)
}

fn exported_tables(path: &Path) -> Result<Vec<(String, walrus::RefType)>> {
    let module = walrus::Module::from_file(path).map_err(|error| {
        Error::other(format!(
            "{} does not read as WebAssembly: {error:#}.",
            path.display()
        ))
    })?;
    let tables = module
        .exports
        .iter()
        .filter_map(|export| match export.item {
            walrus::ExportItem::Table(id) => {
                Some((export.name.clone(), module.tables.get(id).element_ty))
            }
            _ => None,
        });
    Ok(tables.collect())
}

fn module(folder: &Path) -> PathBuf {
    folder.join(format!("{NAME}_bg.wasm"))
}

fn load(folder: &Path) -> Result<Part> {
    let glue = folder.join(format!("{NAME}.js"));
    let snippets = folder.join("snippets");
    Ok(Part {
        glue: fs::read(glue).doing("Reading the glue of the WebAssembly")?,
        wasm: fs::read(module(folder)).doing("Reading the WebAssembly")?,
        snippets: if snippets.is_dir() {
            files_below(&snippets)?
        } else {
            Vec::new()
        },
    })
}
