//! The command line.

mod admin;
mod api_keys;
mod audit;
mod breach_filter;
mod doctor;
mod hash;
mod keys;
mod mail;
mod open_api;
mod permissions;
mod progress;
mod revocations;
mod roles;
mod tenants;
mod user;

use std::fmt::Display;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::{self, Config, Environment, Flags, Purpose};
use crate::{compose, log, serve};

const EXAMPLES: &str = "\
Examples:
  gatehouse serve --dev                       try it out; letters are shown at /dev/mailbox
  gatehouse serve                             serve people, as gatehouse.toml and GATEHOUSE_… say
  gatehouse admin create --email ada@example.com --password-stdin < password
  gatehouse user import --from clerk users.csv --dry-run
  gatehouse keys rotate
  gatehouse doctor

Settings: defaults < gatehouse.toml < GATEHOUSE_SECTION__KEY (or …_FILE) < flags. See docs/operating.md.";

/// A self-hosted sign-in portal.
#[derive(Debug, Parser)]
#[command(name = "gatehouse", version, after_help = EXAMPLES, arg_required_else_help = true)]
struct CommandLine {
    #[command(flatten)]
    everywhere: Everywhere,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Args)]
struct Everywhere {
    /// Read this file instead of gatehouse.toml
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Keep files here instead of in data
    #[arg(long, global = true, value_name = "FOLDER")]
    data_dir: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve pages and API
    #[command(
        after_help = "Examples:\n  gatehouse serve --dev\n  gatehouse serve --bind 127.0.0.1:3000 --public-url https://login.example.com"
    )]
    Serve(Serve),
    /// Bring the database up to date; serve does it by itself
    #[command(after_help = "Example:\n  gatehouse migrate")]
    Migrate,
    /// Look after admins
    #[command(subcommand)]
    Admin(admin::Command),
    /// Look after the keys tokens are signed with
    #[command(subcommand)]
    Keys(keys::Command),
    /// Look after what can be given
    #[command(subcommand)]
    Permissions(permissions::Command),
    /// Look after roles, and what people are given beside them
    #[command(subcommand)]
    Roles(roles::Command),
    /// Look after the API keys people give their programs
    #[command(subcommand)]
    ApiKeys(api_keys::Command),
    /// Look after the revocation feed
    #[command(subcommand)]
    Revocations(revocations::Command),
    /// Try out how letters leave
    #[command(subcommand)]
    Mail(mail::Command),
    /// Print the OpenAPI document
    #[command(after_help = "Example:\n  gatehouse openapi > openapi.json")]
    Openapi,
    /// Go through the start as serve does, without serving: settings, mail, database, keys, clock
    #[command(after_help = "Examples:\n  gatehouse doctor\n  gatehouse doctor --dev --json")]
    Doctor(doctor::Doctor),
    /// Make a filter of leaked passwords
    #[command(subcommand)]
    BreachFilter(breach_filter::Command),
    /// Choose what a password hash costs
    #[command(subcommand)]
    Hash(hash::Command),
    /// Look after the audit log
    #[command(subcommand)]
    Audit(audit::Command),
    /// Look after tenants and who belongs to them
    #[command(subcommand)]
    Tenants(tenants::Command),
    /// Bring people over from another system, and let them leave for one
    #[command(subcommand)]
    User(user::Command),
}

#[derive(Debug, Args)]
struct Serve {
    /// Development mode: letters stay here, loopback only, weak settings accepted
    #[arg(long)]
    dev: bool,
    /// Listen here instead of on 127.0.0.1:3000
    #[arg(long, value_name = "ADDRESS")]
    bind: Option<String>,
    /// The address people type, without a slash at its end
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
}

/// One sentence for the operator, and nothing else.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Failure(String);

impl Failure {
    fn because(reason: impl Display) -> Self {
        Self(reason.to_string())
    }
}

type Outcome = Result<(), Failure>;

/// Runs what the command line asks for.
pub fn run() -> ExitCode {
    let line = CommandLine::parse();
    auth::install_crypto();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("The system gives no threads: {error}.")),
    };
    match runtime.block_on(obey(line)) {
        Ok(code) => code,
        Err(Failure(sentence)) => fail(&sentence),
    }
}

async fn obey(line: CommandLine) -> Result<ExitCode, Failure> {
    let flags = Flags {
        config: line.everywhere.config,
        data_dir: line.everywhere.data_dir,
        ..Flags::default()
    };
    let done = match line.command {
        Command::Serve(Serve {
            dev,
            bind,
            public_url,
        }) => {
            let config = settings(
                &Flags {
                    dev,
                    bind,
                    public_url,
                    ..flags
                },
                Purpose::Serve,
            )?;
            log::install(&config.log);
            serve::serve(config).await.map_err(Failure::because)
        }
        Command::Migrate => {
            let store = compose::store(&settings(&flags, Purpose::Command)?)
                .await
                .map_err(Failure::because)?;
            drop(store);
            print("The database is up to date.")
        }
        Command::Admin(command) => admin::run(command, &settings(&flags, Purpose::Command)?).await,
        Command::ApiKeys(command) => {
            api_keys::run(command, &settings(&flags, Purpose::Command)?).await
        }
        Command::Keys(command) => keys::run(command, &settings(&flags, Purpose::Command)?).await,
        Command::Revocations(command) => {
            revocations::run(command, &settings(&flags, Purpose::Command)?).await
        }
        Command::Permissions(command) => {
            permissions::run(command, &settings(&flags, Purpose::Command)?).await
        }
        Command::Roles(command) => roles::run(command, &settings(&flags, Purpose::Command)?).await,
        Command::Mail(command) => mail::run(command, &flags).await,
        Command::Openapi => open_api::run(),
        Command::Doctor(doctor) => doctor::run(&doctor, &flags).await,
        Command::BreachFilter(command) => breach_filter::run(command).await,
        Command::Hash(command) => hash::run(command, &settings(&flags, Purpose::Command)?).await,
        Command::Audit(command) => audit::run(command, &settings(&flags, Purpose::Command)?).await,
        Command::Tenants(command) => {
            tenants::run(command, &settings(&flags, Purpose::Command)?).await
        }
        // The one command whose exit code says more than yes or no.
        Command::User(command) => {
            return user::run(command, &settings(&flags, Purpose::Command)?).await;
        }
    };
    done.map(|()| ExitCode::SUCCESS)
}

/// Settings, with what was noticed said on standard error.
fn settings(flags: &Flags, purpose: Purpose) -> Result<Config, Failure> {
    let loaded =
        config::load(&Environment::of_process(), flags, purpose).map_err(Failure::because)?;
    for note in &loaded.notes {
        say(note);
    }
    Ok(loaded.config)
}

/// Standard output: results alone, so that a script can read them.
fn print(text: &str) -> Outcome {
    writeln!(io::stdout().lock(), "{text}").map_err(Failure::because)
}

fn print_json(value: &impl serde::Serialize) -> Outcome {
    print(&serde_json::to_string_pretty(value).map_err(Failure::because)?)
}

fn say(sentence: &str) {
    // There is nowhere left to say that standard error is closed.
    let _closed = writeln!(io::stderr().lock(), "{sentence}");
}

fn fail(sentence: &str) -> ExitCode {
    say(sentence);
    ExitCode::FAILURE
}
