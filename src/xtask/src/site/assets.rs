//! Files of the site: their hashed names, their brotli twins and the manifest that leads to them.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;

use serde::Serialize;

use crate::error::{Doing, Error, Result};
use crate::process;
use crate::say;
use crate::tools;

use super::folder::{files_below, remove_strays, write_if_changed};

/// What shrinks when compressed; pictures and fonts are compressed already.
const COMPRESSIBLE: [&str; 9] = [
    "css",
    "html",
    "ico",
    "js",
    "json",
    "svg",
    "txt",
    "wasm",
    "webmanifest",
];
/// The best brotli has. The result is kept, so nobody waits for it twice.
const QUALITY: u32 = 11;

/// What the portal reads: logical names and the paths to ask for.
#[derive(Default, Serialize)]
struct Manifest {
    /// `css`, `js` and `wasm`.
    #[serde(flatten)]
    parts: BTreeMap<&'static str, String>,
    /// Every file of `public/`: its path as written there, and the path it is served at.
    files: BTreeMap<String, String>,
}

/// The files gathered so far.
#[derive(Default)]
pub(crate) struct Assets {
    files: BTreeMap<String, Vec<u8>>,
    manifest: Manifest,
}

impl Assets {
    /// Adds a part under `pkg/`, its name carrying the hash of its content.
    pub(crate) fn hashed(
        &mut self,
        part: &'static str,
        stem: &str,
        extension: &str,
        content: Vec<u8>,
    ) {
        let path = format!("pkg/{stem}.{}.{extension}", tools::digest(&content));
        self.manifest.parts.insert(part, format!("/{path}"));
        self.files.insert(path, content);
    }

    /// Adds a file under the name it has.
    pub(crate) fn plain(&mut self, path: String, content: Vec<u8>) {
        self.files.insert(path, content);
    }

    /// Adds the folder of public files. Those at its top have names the world expects (`favicon.ico`, `robots.txt`) and
    /// keep them, as do dot folders; those in other folders get a hash into the name.
    pub(crate) fn public(&mut self, folder: &Path) -> Result<()> {
        if !folder.is_dir() {
            return Ok(());
        }
        for (path, content) in files_below(folder)? {
            let served = if path.contains('/') && !path.starts_with('.') {
                with_hash(&path, &tools::digest(&content))
            } else {
                path.clone()
            };
            self.manifest
                .files
                .insert(format!("/{path}"), format!("/{served}"));
            self.files.insert(served, content);
        }
        Ok(())
    }

    /// The style sheet with the paths of public files replaced by those they are served at.
    pub(crate) fn with_hashed_urls(&self, sheet: &str) -> String {
        let mut sheet = sheet.to_owned();
        for (path, served) in &self.manifest.files {
            for (open, close) in [("(", ")"), ("(\"", "\")"), ("('", "')")] {
                sheet = sheet.replace(
                    &format!("url{open}{path}{close}"),
                    &format!("url{open}{served}{close}"),
                );
            }
        }
        sheet
    }

    /// Makes `folder` hold these files, their brotli twins and the manifest, and nothing else. Files that are right
    /// already stay untouched, so that cargo does not embed them again. Returns what to tell the person.
    pub(crate) fn write(mut self, folder: &Path, cache: &Path) -> Result<String> {
        let twins = self.twins(&cache.join("brotli"))?;
        let wasm = self
            .manifest
            .parts
            .get("wasm")
            .map(|path| path.trim_start_matches('/').to_owned());
        let plain = wasm
            .as_ref()
            .and_then(|path| self.files.get(path))
            .map_or(0, Vec::len);
        let small = wasm
            .and_then(|path| twins.get(&format!("{path}.br")).map(Vec::len))
            .unwrap_or(plain);
        self.files.extend(twins);
        let manifest = serde_json::to_vec_pretty(&self.manifest).map_err(|error| {
            Error::other(format!(
                "The manifest of the site could not be written: {error}."
            ))
        })?;
        self.files.insert("manifest.json".to_owned(), manifest);
        remove_strays(folder, &self.files)?;
        for (path, content) in &self.files {
            write_if_changed(&folder.join(path), content)?;
        }
        let total: usize = self.files.values().map(Vec::len).sum();
        Ok(format!(
            "{} files, {}; WebAssembly {}, {} compressed",
            self.files.len(),
            say::size(total),
            say::size(plain),
            say::size(small)
        ))
    }

    fn twins(&self, cache: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
        let mut twins = BTreeMap::new();
        let mut kept = BTreeMap::new();
        for (path, content) in self.files.iter().filter(|(path, _)| compressible(path)) {
            process::go_on()?;
            let name = format!("{}.{QUALITY}.br", tools::digest(content));
            let small = fs::read(cache.join(&name))
                .or_else(|_| compress(content))
                .doing("Compressing the site")?;
            kept.insert(name, small.clone());
            if small.len() < content.len() {
                twins.insert(format!("{path}.br"), small);
            }
        }
        remove_strays(cache, &kept)?;
        for (name, small) in &kept {
            write_if_changed(&cache.join(name), small)?;
        }
        Ok(twins)
    }
}

fn compressible(path: &str) -> bool {
    path.rsplit_once('.')
        .is_some_and(|(_, extension)| COMPRESSIBLE.contains(&extension))
}

fn compress(content: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut small = brotli::CompressorWriter::new(Vec::new(), 64 * 1024, QUALITY, 22);
    small.write_all(content)?;
    small.flush()?;
    Ok(small.into_inner())
}

/// `fonts/inter.woff2` with hash `1a2b` is `fonts/inter.1a2b.woff2`.
fn with_hash(path: &str, hash: &str) -> String {
    let name = path.rfind('/').map_or(0, |slash| slash + 1);
    match path[name..].rfind('.') {
        Some(dot) if dot > 0 => format!("{}.{hash}{}", &path[..name + dot], &path[name + dot..]),
        _ => format!("{path}.{hash}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(folder: &Path, path: &str) -> String {
        String::from_utf8(fs::read(folder.join(path)).unwrap()).unwrap()
    }

    #[test]
    fn the_manifest_leads_to_every_file_and_strays_go() {
        let (site, cache, public) = (
            tempfile::tempdir().unwrap(),
            tempfile::tempdir().unwrap(),
            tempfile::tempdir().unwrap(),
        );
        fs::create_dir(public.path().join("fonts")).unwrap();
        fs::write(public.path().join("fonts/a.woff2"), "font").unwrap();
        fs::write(public.path().join("robots.txt"), "Disallow: /\n".repeat(20)).unwrap();
        fs::write(site.path().join("stray.js"), "old").unwrap();
        let mut assets = Assets::default();

        assets.public(public.path()).unwrap();
        let sheet = assets.with_hashed_urls("src: url(\"/fonts/a.woff2\")");
        assets.hashed("css", "gatehouse", "css", sheet.into_bytes());
        assets.write(site.path(), cache.path()).unwrap();

        let manifest: serde_json::Value =
            serde_json::from_str(&read(site.path(), "manifest.json")).unwrap();
        let font = manifest["files"]["/fonts/a.woff2"].as_str().unwrap();
        let css = manifest["css"].as_str().unwrap();
        assert_eq!(manifest["files"]["/robots.txt"], "/robots.txt");
        assert_eq!(read(site.path(), &font[1..]), "font");
        assert_eq!(
            read(site.path(), &css[1..]),
            format!("src: url(\"{font}\")")
        );
        assert!(site.path().join("robots.txt.br").is_file());
        assert!(!site.path().join("stray.js").exists());
    }

    #[test]
    fn the_hash_goes_before_the_extension() {
        assert_eq!(with_hash("img/a.b.svg", "0f"), "img/a.b.0f.svg");
        assert_eq!(with_hash("img.d/plain", "0f"), "img.d/plain.0f");
    }

    #[test]
    fn what_is_compressed_comes_back() {
        let text = b"a sentence, a sentence, a sentence".repeat(50);
        let mut back = Vec::new();

        let small = compress(&text).unwrap();

        brotli::BrotliDecompress(&mut small.as_slice(), &mut back).unwrap();
        assert!(small.len() < text.len());
        assert_eq!(back, text);
    }
}
