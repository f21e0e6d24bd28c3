//! Composition: from settings to a running core and its postman.

mod key_ring;

use std::fs::{self, DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use auth::{Auth, Fault, KeyRing, OpenError, Parts, Store, SystemClock, SystemEntropy};
use mail::{Mailbox, MailboxError, Mailer, SettingsError};

use crate::config::{Config, Mail};

pub use key_ring::KeyRingError;

/// Why the portal did not come together. Each is a sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// The data folder.
    #[error("The folder {0} cannot be made: {1}.")]
    Folder(PathBuf, io::Error),
    /// The database's file.
    #[error("The file {0} cannot be made: {1}.")]
    File(PathBuf, io::Error),
    /// The database.
    #[error("The database does not open: {0}.")]
    Database(#[source] Fault),
    /// The migrations.
    #[error("The database cannot be brought up to date: {0}.")]
    Migration(#[source] Fault),
    /// The key ring.
    #[error(transparent)]
    KeyRing(#[from] KeyRingError),
    /// The core.
    #[error("The core does not start: {0}.")]
    Core(#[from] OpenError),
    /// The mailbox.
    #[error("The development mailbox does not open: {0}.")]
    Mailbox(#[from] MailboxError),
    /// The mail transport.
    #[error("Mail is not set up: {0}.")]
    Mail(#[from] SettingsError),
}

/// Opens the database and brings it up to date.
///
/// # Errors
/// [`ComposeError`].
pub async fn store(config: &Config) -> Result<Store, ComposeError> {
    make_folders(config)?;
    let store = Store::connect(config.database_url.reveal())
        .await
        .map_err(ComposeError::Database)?;
    store.migrate().await.map_err(ComposeError::Migration)?;
    Ok(store)
}

/// Opens everything the core needs, and the core.
///
/// # Errors
/// [`ComposeError`].
pub async fn core(config: &Config) -> Result<Auth, ComposeError> {
    let store = store(config).await?;
    let entropy = SystemEntropy;
    let stored = store.ring_id().await.map_err(ComposeError::Database)?;
    let ring = key_ring::open(&config.keys_file, stored.as_deref(), &entropy)?;
    let parts = Parts {
        store,
        clock: Arc::new(SystemClock),
        entropy: Arc::new(entropy),
        ring,
        settings: config.core.clone(),
    };
    Ok(Auth::open(parts).await?)
}

/// The key ring where it lies, without the database it belongs to; `None` where there is none. Makes
/// nothing.
///
/// # Errors
/// [`KeyRingError`].
pub fn ring(config: &Config) -> Result<Option<KeyRing>, KeyRingError> {
    key_ring::read(&config.keys_file)
}

/// The way letters leave, and the mailbox they stay in where they do not.
///
/// # Errors
/// [`ComposeError`].
pub fn mail(config: &Config) -> Result<Option<(Mailer, Option<Mailbox>)>, ComposeError> {
    Ok(match &config.mail {
        Mail::None => None,
        Mail::Smtp(settings) => Some((Mailer::smtp(settings.clone())?, None)),
        Mail::Resend(settings) => Some((Mailer::resend(settings.clone())?, None)),
        Mail::Mailbox => {
            let mailbox = Mailbox::open(config.data_dir.join("mailbox"))?;
            Some((Mailer::mailbox(mailbox.clone()), Some(mailbox)))
        }
    })
}

/// The data folder and an SQLite file, both for nobody but their owner.
fn make_folders(config: &Config) -> Result<(), ComposeError> {
    make_folder(&config.data_dir)?;
    let Some(path) = config.database_url.reveal().strip_prefix("sqlite://") else {
        return Ok(());
    };
    let file = Path::new(path.split('?').next().unwrap_or(path));
    if let Some(folder) = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        make_folder(folder)?;
    }
    make_file(file)
}

fn make_folder(folder: &Path) -> Result<(), ComposeError> {
    if fs::metadata(folder).is_ok_and(|found| found.is_dir()) {
        return Ok(());
    }
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|error| ComposeError::Folder(folder.to_owned(), error))
}

/// SQLite would make it with the process's usual rights, and its log files after it.
fn make_file(file: &Path) -> Result<(), ComposeError> {
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file);
    match made {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(ComposeError::File(file.to_owned(), error))
        }
        _ => Ok(()),
    }
}
