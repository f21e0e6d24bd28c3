//! A PostgreSQL of one's own for the length of a test run.
//!
//! A fresh cluster in a temporary folder, made and run by the server's own programs as an unprivileged user (the server
//! refuses root), listening on loopback alone. It forgets everything at the end, so it need not sync to disk.

use std::env;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use nix::unistd::{User, geteuid};
use tempfile::TempDir;

use crate::error::{Doing, Error, Result};
use crate::process::{self, Running};
use crate::say;
use crate::tools;

/// The variable that names the database of the tests, and switches this file off when somebody else sets it.
pub(crate) const URL: &str = "TEST_POSTGRES_URL";

const ROLE: &str = "gatehouse";
const DATABASE: &str = "gatehouse_test";
/// How long a fresh cluster may take to answer.
const START: Duration = Duration::from_secs(30);

/// The database of the tests: one given from outside, or a cluster that ends with this value.
pub(crate) enum Postgres {
    /// `TEST_POSTGRES_URL` was set.
    Given(String),
    /// Ours.
    Cluster(Cluster),
}

impl Postgres {
    /// Takes the database given from outside or starts a cluster.
    pub(crate) fn start() -> Result<Self> {
        match env::var(URL) {
            Ok(url) if !url.is_empty() => Ok(Self::Given(url)),
            _ => Cluster::start().map(Self::Cluster),
        }
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> &str {
        match self {
            Self::Given(url) => url,
            Self::Cluster(cluster) => &cluster.url,
        }
    }
}

/// A running cluster. Dropping it stops the server and deletes its folder.
pub(crate) struct Cluster {
    url: String,
    server: Running,
    // After the server: fields drop in order, and the folder must outlive it.
    _folder: TempDir,
}

impl Cluster {
    fn start() -> Result<Self> {
        let programs = programs()?;
        say::step("Starting a private PostgreSQL cluster");
        let folder = tempfile::Builder::new()
            .prefix("gatehouse-postgres-")
            .tempdir()
            .doing("Making a folder")?;
        let user = unprivileged()?;
        if let Some(user) = &user {
            chown(
                folder.path(),
                Some(user.uid.as_raw()),
                Some(user.gid.as_raw()),
            )
            .doing("Handing the folder to the server")?;
        }
        let data = folder.path().join("data");
        let command = |program: &str| {
            let mut command = Command::new(programs.join(program));
            command
                .current_dir(folder.path())
                .env("HOME", folder.path())
                .env_remove("PGDATA")
                .stdout(Stdio::null());
            if let Some(user) = &user {
                command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
            }
            command
        };
        let mut initdb = command("initdb");
        initdb
            .args([
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
                "--username",
                ROLE,
            ])
            .arg(&data);
        process::run(&mut initdb)?;
        let create = format!("create database {DATABASE};\n");
        let mut single = command("postgres");
        process::feed(
            single
                .args([
                    "--single",
                    "-c",
                    "log_min_messages=fatal",
                    "-c",
                    "fsync=off",
                    "-D",
                ])
                .arg(&data)
                .arg("postgres"),
            create.as_bytes(),
        )?;

        let port = free_port()?;
        let server = serve(&mut command("postgres"), &data, folder.path(), port)?;
        let url = format!("postgres://{ROLE}@127.0.0.1:{port}/{DATABASE}");
        let mut cluster = Self {
            url,
            server,
            _folder: folder,
        };
        cluster.wait(&data)?;
        Ok(cluster)
    }

    fn wait(&mut self, data: &Path) -> Result<()> {
        let limit = Instant::now() + START;
        while Instant::now() < limit {
            if let Some(status) = self.server.ended()? {
                self.server.judge(status)?;
                return Err(Error::other("PostgreSQL ended as soon as it was started."));
            }
            if is_ready(&fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default()) {
                return Ok(());
            }
            process::pause()?;
        }
        Err(Error::other(format!(
            "PostgreSQL did not answer within {} s.",
            START.as_secs()
        )))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // At once: nothing in it is worth a checkpoint.
        self.server.stop(Signal::SIGQUIT);
    }
}

fn serve(command: &mut Command, data: &Path, socket: &Path, port: u16) -> Result<Running> {
    let settings = [
        "listen_addresses=127.0.0.1".to_owned(),
        format!("port={port}"),
        format!("unix_socket_directories={}", socket.display()),
        // Every test has its own database or schema and its own small pool.
        "max_connections=400".to_owned(),
        "fsync=off".to_owned(),
        "synchronous_commit=off".to_owned(),
        "full_page_writes=off".to_owned(),
        "autovacuum=off".to_owned(),
        "log_min_messages=fatal".to_owned(),
    ];
    command.arg("-D").arg(data);
    for setting in settings {
        command.args(["-c", &setting]);
    }
    let log = fs::File::create(socket.join("log")).doing("Creating the server's log")?;
    Running::start(command.stderr(log))
}

/// The eighth line of the server's own file says how far it is.
fn is_ready(pid_file: &str) -> bool {
    pid_file
        .lines()
        .nth(7)
        .is_some_and(|state| state.trim() == "ready")
}

/// A port nobody listens on. Somebody could take it before we do; then the start fails and says so.
pub(crate) fn free_port() -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).doing("Looking for a free port")?;
    Ok(listener
        .local_addr()
        .doing("Looking for a free port")?
        .port())
}

/// The folder of the server's programs, which distributions keep off the PATH.
fn programs() -> Result<PathBuf> {
    let complete =
        |folder: &Path| folder.join("initdb").is_file() && folder.join("postgres").is_file();
    let on_path = tools::find("initdb").and_then(|file| file.parent().map(Path::to_owned));
    let told = tools::find("pg_config")
        .and_then(|program| process::read(Command::new(program).arg("--bindir")).ok())
        .map(|folder| PathBuf::from(folder.trim()));
    on_path
        .into_iter()
        .chain(told)
        .chain(packaged())
        .find(|folder| complete(folder))
        .ok_or_else(|| {
            Error::missing(
                "PostgreSQL's server",
                format!("install it (`apt-get install postgresql`) or set {URL}"),
            )
        })
}

/// Where Debian and its kin keep each version, the newest first.
fn packaged() -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir("/usr/lib/postgresql") else {
        return Vec::new();
    };
    let mut versions: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    versions.sort_by_key(|path| {
        path.file_name()
            .and_then(|name| name.to_str()?.parse::<u32>().ok())
    });
    versions
        .into_iter()
        .rev()
        .map(|version| version.join("bin"))
        .collect()
}

/// Whom the server runs as when the task runs as root: its own user, or nobody. Otherwise it runs as whoever runs the task.
fn unprivileged() -> Result<Option<User>> {
    if !geteuid().is_root() {
        return Ok(None);
    }
    let known = |name: &str| User::from_name(name).ok().flatten();
    let remedy = "PostgreSQL refuses to run as root: create the user `postgres`, or run the tests as another user";
    let user = known("postgres").or_else(|| known("nobody"));
    user.map(Some)
        .ok_or_else(|| Error::missing("An unprivileged user", remedy))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_is_ready_when_it_says_so() {
        let file = |state: &str| format!("1\n/data\n0\n5432\n/run\n127.0.0.1\n 12 34\n{state}\n");

        assert!(is_ready(&file("ready   ")));
        assert!(!is_ready(&file("starting")));
        assert!(!is_ready(""));
    }

    #[test]
    fn a_cluster_takes_connections_and_leaves_nothing_behind() {
        let cluster = match Cluster::start() {
            // A machine without the server has its say in the stage `tests`.
            Err(Error::Missing { .. }) => return,
            started => started.unwrap(),
        };
        let folder = cluster._folder.path().to_owned();
        let address = cluster.url.split(['@', '/']).nth(3).unwrap().to_owned();

        let answered = std::net::TcpStream::connect(&address).is_ok();
        drop(cluster);

        assert!(answered);
        assert!(std::net::TcpStream::connect(&address).is_err());
        assert!(!folder.exists());
    }
}
