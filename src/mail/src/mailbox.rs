//! The development mailbox (D16): a folder with one file a letter.
//!
//! A letter is written beside its place, brought to the disk, and then linked into its place in
//! one step that fails when something is there. So a process killed at any moment leaves either
//! the whole letter or none, and the second delivery of a letter changes nothing.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use auth::{Letter, PostError};
use serde::{Deserialize, Serialize};

use crate::render::Rendered;

/// How many letters a list shows: the newest.
const SHOWN: usize = 500;

/// A folder of letters.
#[derive(Clone, Debug)]
pub struct Mailbox {
    folder: Arc<Path>,
}

/// One letter in the mailbox, as `/dev/mailbox.json` shows it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Kept {
    /// The letter's id, and the name of its file.
    pub id: String,
    /// To whom.
    pub to: String,
    /// One line.
    pub subject: String,
    /// The letter as plain text.
    pub text: String,
    /// The letter as HTML.
    pub html: String,
    /// When the act happened that caused it: RFC 3339, UTC.
    pub created_at: String,
}

/// Shows the id alone: the rest is a person's address, a code and a link.
impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kept({})", self.id)
    }
}

/// The folder does not do what it must.
#[derive(Debug, thiserror::Error)]
#[error("the mailbox folder cannot be used: {0}")]
pub struct MailboxError(#[from] io::Error);

impl Mailbox {
    /// Opens the folder, makes it where it is missing, and clears away what an interrupted
    /// delivery left beside the letters.
    ///
    /// # Errors
    /// [`MailboxError`] when the folder cannot be made or read.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, MailboxError> {
        let folder: Arc<Path> = folder.into().into();
        make_folder(&folder)?;
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "part")
            {
                remove(&path)?;
            }
        }
        Ok(Self { folder })
    }

    /// The newest 500 letters, newest first. Ids are ordered by time, so names tell the order.
    ///
    /// # Errors
    /// [`MailboxError`] when the folder cannot be read.
    pub async fn list(&self) -> Result<Vec<Kept>, MailboxError> {
        let folder = Arc::clone(&self.folder);
        off_thread(move || {
            let mut ids = ids(&folder)?;
            ids.sort_unstable_by(|a, b| b.cmp(a));
            ids.truncate(SHOWN);
            Ok(ids
                .iter()
                .filter_map(|id| read(&folder, id).transpose())
                .collect::<io::Result<_>>()?)
        })
        .await
    }

    /// One letter; `None` when there is none of that id, or the text is no id.
    ///
    /// # Errors
    /// [`MailboxError`] when the file is there and cannot be read.
    pub async fn get(&self, id: &str) -> Result<Option<Kept>, MailboxError> {
        if !auth::is_id(id) {
            return Ok(None);
        }
        let (folder, id) = (Arc::clone(&self.folder), id.to_owned());
        off_thread(move || Ok(read(&folder, &id)?)).await
    }

    pub(crate) async fn deliver(&self, letter: &Letter, words: Rendered) -> Result<(), PostError> {
        let kept = Kept {
            id: letter.id.clone(),
            to: letter.to.as_str().to_owned(),
            subject: words.subject,
            text: words.text,
            html: words.html,
            created_at: auth::rfc3339(letter.at),
        };
        let folder = Arc::clone(&self.folder);
        off_thread(move || Ok(keep(&folder, &kept)?))
            .await
            .map_err(|error| PostError::Later(error.to_string()))
    }
}

async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, MailboxError> + Send + 'static,
) -> Result<T, MailboxError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|died| Err(io::Error::other(died).into()))
}

fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    // Letters hold live links and codes: for the owner's eyes.
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn place(folder: &Path, id: &str) -> PathBuf {
    folder.join(format!("{id}.json"))
}

/// Writes beside, then links into place.
fn keep(folder: &Path, kept: &Kept) -> io::Result<()> {
    let place = place(folder, &kept.id);
    if place.try_exists()? {
        return Ok(());
    }
    let part = part(folder, &kept.id);
    write(&part, kept)?;
    let linked = fs::hard_link(&part, &place);
    remove(&part)?;
    match linked {
        Ok(()) => File::open(folder)?.sync_all(),
        // Another delivery of the same letter was quicker.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// A name of its own for every attempt, also beside another process.
fn part(folder: &Path, id: &str) -> PathBuf {
    static ATTEMPT: AtomicU64 = AtomicU64::new(0);
    let attempt = ATTEMPT.fetch_add(1, Ordering::Relaxed);
    folder.join(format!("{id}.{}-{attempt}.part", std::process::id()))
}

fn write(part: &Path, kept: &Kept) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(part)?;
    file.write_all(&serde_json::to_vec_pretty(kept)?)?;
    file.sync_all()
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn ids(folder: &Path) -> io::Result<Vec<String>> {
    let mut ids = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let id = name.to_str().and_then(|name| name.strip_suffix(".json"));
        ids.extend(id.filter(|id| auth::is_id(id)).map(str::to_owned));
    }
    Ok(ids)
}

/// A letter, if it is there. A file that is no letter was put there by somebody else: it is
/// left alone and left out.
fn read(folder: &Path, id: &str) -> io::Result<Option<Kept>> {
    match fs::read(place(folder, id)) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes)
            .inspect_err(|_| tracing::warn!(letter.id = %id, "a file in the mailbox is no letter"))
            .ok()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
