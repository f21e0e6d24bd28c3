//! Configuration: read once at the start, checked as a whole, then only looked at.
//!
//! Defaults < `gatehouse.toml` < environment < flags. Whatever is unknown, weak or missing refuses
//! the start with one sentence each, all of them together, before a port is opened or a file made.
//! Development mode is never inferred (D16).

mod check;
mod environment;
mod origins;
mod schema;
mod shorthand;
mod sources;

#[cfg(test)]
mod tests;

use std::fmt;
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use auth::Deployment;
use ipnet::IpNet;
use mail::{ResendSettings, SmtpSettings};
use wire::Secret;

pub use environment::Environment;
use sources::Collected;
pub use sources::Flags;

/// What the portal runs with.
#[derive(Clone, Debug)]
pub struct Config {
    /// Whether this is development mode (D16).
    pub development: bool,
    /// Where to listen.
    pub bind: SocketAddr,
    /// Origins of browser apps that may call the routes `contract.md` names.
    pub allowed_origins: Vec<String>,
    /// Whose forwarding headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Where files are kept.
    pub data_dir: PathBuf,
    /// The key ring.
    pub keys_file: PathBuf,
    /// Which database; may hold a password.
    pub database_url: Secret,
    /// How letters leave.
    pub mail: Mail,
    /// Where metrics are read, if anywhere.
    pub metrics_bind: Option<SocketAddr>,
    /// How the log is written.
    pub log: Log,
    /// Whom to tell about a vulnerability (RFC 9116).
    pub security_contact: String,
    /// What the core decides by; its `public_url` is the portal's.
    pub core: auth::Settings,
    /// All of that as it was written, and where: for people to look at, without secrets.
    pub settings: Vec<wire::Setting>,
}

/// How letters leave.
#[derive(Clone, Debug)]
pub enum Mail {
    /// Not at all: commands that send none.
    None,
    /// Into a folder, read at `/dev/mailbox`: development mode alone.
    Mailbox,
    /// Over SMTP.
    Smtp(SmtpSettings),
    /// Through the Resend API.
    Resend(ResendSettings),
}

/// How the log is written.
#[derive(Clone, Debug)]
pub struct Log {
    /// One JSON object a line, or text for people.
    pub json: bool,
    /// `info`, or a filter like `info,portal=debug`.
    pub level: String,
}

/// What the settings are read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To serve people: everything weak or missing is refused.
    Serve,
    /// For a command beside a server: only what does not read is refused.
    Command,
}

/// Settings that hold, and what was noticed while reading them.
#[derive(Debug)]
pub struct Loaded {
    /// The settings.
    pub config: Config,
    /// One sentence for each variable of an older set-up.
    pub notes: Vec<String>,
}

/// Why the settings do not hold: one sentence each.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal(pub Vec<String>);

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for Refusal {}

/// Reads and checks all settings.
///
/// # Errors
/// [`Refusal`] with every sentence that applies.
pub fn load(environment: &Environment, flags: &Flags, purpose: Purpose) -> Result<Loaded, Refusal> {
    let Collected {
        written,
        origins,
        notes,
        mut wrong,
    } = sources::collect(environment, flags);
    let checked = written.map(|written| {
        let mut config = check::check(&written, flags.dev, purpose)?;
        config.settings = origins::settings(&written, &config, &origins);
        Ok(config)
    });
    match checked {
        Some(Ok(config)) if wrong.is_empty() => return Ok(Loaded { config, notes }),
        Some(Err::<Config, Vec<String>>(sentences)) => wrong.extend(sentences),
        Some(Ok(_)) | None => {}
    }
    Err(Refusal(wrong))
}

impl Config {
    /// The address people type, without a trailing slash; the issuer of tokens.
    pub fn public_url(&self) -> &str {
        &self.core.public_url
    }

    /// Whether people reach the portal over https.
    pub fn is_https(&self) -> bool {
        self.public_url().starts_with("https://")
    }

    /// The session cookie's name: the prefix makes browsers insist on https and on one host
    /// (RFC 6265bis 4.1.3.2), so plain http on loopback cannot have it.
    pub fn session_cookie(&self) -> &'static str {
        if self.is_https() {
            "__Host-gatehouse"
        } else {
            "gatehouse"
        }
    }

    /// What the core cannot know of the process around it; the modes of files as they are now.
    pub fn deployment(&self) -> Deployment {
        let database = self.database_url.reveal();
        let data = database
            .strip_prefix("sqlite:")
            .map(|path| path.trim_start_matches("//"))
            .and_then(|path| path.split('?').next());
        Deployment {
            is_development: self.development,
            has_mailbox: matches!(self.mail, Mail::Mailbox),
            ring_is_open: is_open(&self.keys_file),
            data_is_open: data.is_some_and(|path| is_open(Path::new(path))),
            lacks_metrics: self.metrics_bind.is_none(),
        }
    }

    /// The name of the cookie that carries a registration's secret (D13).
    pub fn flow_cookie(&self) -> &'static str {
        if self.is_https() {
            "__Host-gatehouse-flow"
        } else {
            "gatehouse-flow"
        }
    }

    /// The name of the cookie of a reset, made like [`Self::flow_cookie`].
    pub fn reset_cookie(&self) -> &'static str {
        if self.is_https() {
            "__Host-gatehouse-reset"
        } else {
            "gatehouse-reset"
        }
    }

    /// The name of the cookie that carries the secret of a sign-in by mailed code (D7).
    pub fn sign_in_cookie(&self) -> &'static str {
        if self.is_https() {
            "__Host-gatehouse-sign-in"
        } else {
            "gatehouse-sign-in"
        }
    }
}

/// Whether everybody on the machine may read or write a file. One that is not there is nobody's.
fn is_open(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o007 != 0)
}
