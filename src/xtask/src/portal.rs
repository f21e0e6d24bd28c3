//! A portal in development mode for the length of a task: its own data folder, its own port.

use std::fs;
use std::io::Read;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::error::{Doing, Error, Result};
use crate::http;
use crate::postgres::free_port;
use crate::process::{self, Running};

/// How long a portal may take to be ready.
const START: Duration = Duration::from_secs(60);

/// A running portal. Dropping it ends it and deletes its data.
pub(crate) struct Portal {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    binary: PathBuf,
    settings: Vec<(String, String)>,
    server: Running,
    folder: TempDir,
}

impl Portal {
    /// Starts `binary` with these settings beside the usual ones and waits until it is ready.
    pub(crate) fn start(binary: &Path, settings: &[(&str, &str)]) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("gatehouse-")
            .tempdir()
            .doing("Making a folder")?;
        let port = free_port()?;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let data = folder.path().join("data");
        let mut all = vec![
            ("GATEHOUSE_SERVER__BIND".to_owned(), address.to_string()),
            (
                "GATEHOUSE_SERVER__PUBLIC_URL".to_owned(),
                format!("http://localhost:{port}"),
            ),
            ("GATEHOUSE_DATA_DIR".to_owned(), data.display().to_string()),
            (
                "GATEHOUSE_DATABASE__URL".to_owned(),
                format!("sqlite://{}/gatehouse.db", data.display()),
            ),
        ];
        all.extend(
            settings
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let log = fs::File::create(folder.path().join("log")).doing("Creating the portal's log")?;
        let errors = log.try_clone().doing("Creating the portal's log")?;
        let mut command = command(binary, folder.path(), &all);
        let server = Running::start(command.args(["serve", "--dev"]).stdout(log).stderr(errors))?;
        let mut portal = Self {
            address,
            binary: binary.to_owned(),
            settings: all,
            server,
            folder,
        };
        portal.wait()?;
        Ok(portal)
    }

    /// Another command of the same binary on the same data.
    pub(crate) fn command(&self) -> Command {
        command(&self.binary, self.folder.path(), &self.settings)
    }

    /// Which database it runs on.
    pub(crate) fn database_url(&self) -> String {
        let mut settings = self.settings.iter();
        let url = settings.find(|(name, _)| name == "GATEHOUSE_DATABASE__URL");
        url.map(|(_, url)| url.clone()).unwrap_or_default()
    }

    fn said(&self) -> String {
        let mut said = String::new();
        let log = fs::File::open(self.folder.path().join("log"));
        let _unreadable = log.and_then(|mut log| log.read_to_string(&mut said));
        said
    }

    fn wait(&mut self) -> Result<()> {
        let limit = Instant::now() + START;
        while Instant::now() < limit {
            if self.server.ended()?.is_some() {
                return Err(Error::other(format!(
                    "The portal ended at its start. It said:\n{}",
                    self.said().trim_end()
                )));
            }
            if http::get(self.address, "/readyz").is_ok_and(|answer| answer.status == 200) {
                return Ok(());
            }
            process::pause()?;
        }
        Err(Error::other(format!(
            "The portal was not ready within {} s. It said:\n{}",
            START.as_secs(),
            self.said()
        )))
    }
}

/// Only what is named here reaches the portal: the settings of whoever runs the task are not part of it.
pub(crate) fn command(binary: &Path, folder: &Path, settings: &[(String, String)]) -> Command {
    let mut command = Command::new(binary);
    command.current_dir(folder).env_clear();
    for name in ["PATH", "HOME", "LANG", "TMPDIR"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command.envs(settings.iter().map(|(name, value)| (name, value)));
    command
}
