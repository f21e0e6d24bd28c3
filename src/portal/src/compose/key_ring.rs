//! The key ring's file (D18): beside the database, never in it.
//!
//! A ring is made only for a database that has none. A node that has lost the ring of its database
//! must not make another one: everything sealed would be lost, quietly.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use auth::{Entropy, KeyRing, RingError};

/// Why there is no key ring.
#[derive(Debug, thiserror::Error)]
pub enum KeyRingError {
    /// It is gone, and the database needs it.
    #[error(
        "The database was made with key ring {id}, and {path} does not exist: put that file there, or name it in GATEHOUSE_KEYS_FILE."
    )]
    Lost {
        /// The key the database names.
        id: String,
        /// Where the ring was looked for.
        path: PathBuf,
    },
    /// It is none.
    #[error("{0} is not a key ring: {1}.")]
    Malformed(PathBuf, RingError),
    /// Others may read it.
    #[error("{0} can be read by others: take their rights away with chmod 600, then start again.")]
    Exposed(PathBuf),
    /// The file system.
    #[error("The key ring {0} cannot be read or written: {1}.")]
    Io(PathBuf, io::Error),
}

/// Reads the ring, or makes the first one; `stored` is the key the database names.
pub(super) fn open(
    path: &Path,
    stored: Option<&str>,
    entropy: &dyn Entropy,
) -> Result<KeyRing, KeyRingError> {
    if let Some(ring) = read(path)? {
        return Ok(ring);
    }
    if let Some(id) = stored {
        return Err(KeyRingError::Lost {
            id: id.to_owned(),
            path: path.to_owned(),
        });
    }
    let made = KeyRing::generate(entropy);
    let io = |error| KeyRingError::Io(path.to_owned(), error);
    if write_new(path, &made.to_text()).map_err(io)? {
        return Ok(made);
    }
    // Another process was first: its ring is the one.
    read(path)?.ok_or_else(|| io(io::Error::from(io::ErrorKind::NotFound)))
}

/// Reads the ring; `None` where there is none.
pub(super) fn read(path: &Path) -> Result<Option<KeyRing>, KeyRingError> {
    let io = |error| KeyRingError::Io(path.to_owned(), error);
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io(error)),
    };
    // Mounted secrets are often readable by their group; the world is never right.
    if fs::metadata(path).map_err(io)?.permissions().mode() & 0o007 != 0 {
        return Err(KeyRingError::Exposed(path.to_owned()));
    }
    KeyRing::parse(&text)
        .map(Some)
        .map_err(|error| KeyRingError::Malformed(path.to_owned(), error))
}

/// Writes a whole file or none: under another name first, then given its own if nobody has it.
fn write_new(path: &Path, text: &str) -> io::Result<bool> {
    let draft = path.with_extension(format!("draft-{}", std::process::id()));
    let _left_by_a_crash = fs::remove_file(&draft);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    let linked = match fs::hard_link(&draft, path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    };
    fs::remove_file(&draft)?;
    // The name, too, must outlive a power cut: the database will soon depend on it.
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        File::open(folder)?.sync_all()?;
    }
    linked
}

#[cfg(test)]
mod tests {
    use super::*;
    use auth::SeededEntropy;

    #[test]
    fn the_first_start_makes_a_ring_for_its_owner_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("gatehouse.keys");

        let made = open(&path, None, &SeededEntropy::new(1)).expect("made");
        let again = open(&path, Some(&made.id()), &SeededEntropy::new(2)).expect("read");

        assert_eq!(again.id(), made.id());
        let mode = fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(
            fs::read_dir(folder.path()).expect("a folder").count(),
            1,
            "no draft is left"
        );
    }

    #[test]
    fn a_lost_ring_is_not_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("gatehouse.keys");

        let refused = open(&path, Some("abc"), &SeededEntropy::new(1));

        assert!(matches!(refused, Err(KeyRingError::Lost { .. })));
        assert!(!path.exists());
    }

    #[test]
    fn whoever_is_second_takes_the_first_ones_ring() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("gatehouse.keys");

        assert!(write_new(&path, "first").expect("written"));
        assert!(!write_new(&path, "second").expect("not written"));

        assert_eq!(fs::read_to_string(&path).expect("a file"), "first");
    }

    #[test]
    fn a_ring_the_world_can_read_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("gatehouse.keys");
        open(&path, None, &SeededEntropy::new(1)).expect("made");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("changed");

        assert!(matches!(
            open(&path, None, &SeededEntropy::new(1)),
            Err(KeyRingError::Exposed(_))
        ));
    }
}
