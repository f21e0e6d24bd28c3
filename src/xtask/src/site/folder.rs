//! Folders of files as the site step needs them: read whole, written only where they differ.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Doing, Result};

/// Every file below a folder with its path relative to it, in the order of the names.
pub(crate) fn files_below(folder: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    for path in paths_below(folder)? {
        let content = fs::read(folder.join(&path)).doing(format!("Reading {path}"))?;
        files.push((path, content));
    }
    Ok(files)
}

fn paths_below(folder: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut open = vec![PathBuf::new()];
    while let Some(below) = open.pop() {
        let here = folder.join(&below);
        for entry in fs::read_dir(&here).doing(format!("Reading {}", here.display()))? {
            let entry = entry.doing(format!("Reading {}", here.display()))?;
            let path = below.join(entry.file_name());
            if entry.path().is_dir() {
                open.push(path);
            } else {
                found.push(path.to_string_lossy().into_owned());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Deletes every file of a folder that is not wanted; creates the folder if need be.
pub(crate) fn remove_strays(folder: &Path, wanted: &BTreeMap<String, Vec<u8>>) -> Result<()> {
    fs::create_dir_all(folder).doing(format!("Creating {}", folder.display()))?;
    for path in paths_below(folder)?
        .iter()
        .filter(|path| !wanted.contains_key(*path))
    {
        fs::remove_file(folder.join(path)).doing(format!("Removing {path}"))?;
    }
    Ok(())
}

/// Writes a file unless it is right already: its time stays, and nobody who watches it builds again.
pub(crate) fn write_if_changed(file: &Path, content: &[u8]) -> Result<()> {
    if fs::read(file).is_ok_and(|present| present == content) {
        return Ok(());
    }
    let doing = || format!("Writing {}", file.display());
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).doing(doing())?;
    }
    fs::write(file, content).doing(doing())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_right_is_not_written_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a");
        write_if_changed(&file, b"same").unwrap();
        let long_ago = std::time::SystemTime::UNIX_EPOCH;
        fs::File::options()
            .write(true)
            .open(&file)
            .unwrap()
            .set_modified(long_ago)
            .unwrap();

        write_if_changed(&file, b"same").unwrap();

        assert_eq!(fs::metadata(&file).unwrap().modified().unwrap(), long_ago);
    }
}
