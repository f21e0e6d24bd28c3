//! `gatehouse admin`.

use std::io::{self, Read};

use auth::{Auth, Client, CreateAdminError, Hand, ManageUserError};
use clap::{Args, Subcommand};
use wire::{Email, Error, Register, Secret};

use super::{Failure, Outcome, print, print_json};
use crate::compose;
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make an admin, also beside a running server
    #[command(
        after_help = "Examples:\n  gatehouse admin create --email ada@example.com --password-stdin < password\n  printf '%s' \"$PASSWORD\" | gatehouse admin create --email ada@example.com --password-stdin --json"
    )]
    Create(Create),
    /// Let an account that failed too often try again at once
    #[command(after_help = "Example:\n  gatehouse admin unlock --email ada@example.com")]
    Unlock(Unlock),
    /// Send an account's owner a letter to choose another password with; shows and sets none
    #[command(after_help = "Example:\n  gatehouse admin reset-password --email ada@example.com")]
    ResetPassword(ResetPassword),
}

#[derive(Debug, Args)]
pub(super) struct Create {
    /// The admin's address; it counts as proven
    #[arg(long)]
    email: String,
    /// Read the password from standard input; there is no other way, so that none ends in a history
    #[arg(long, required = true)]
    password_stdin: bool,
    /// The admin's username
    #[arg(long)]
    username: Option<String>,
    /// Print the account as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Unlock {
    /// The account's address
    #[arg(long)]
    email: String,
}

#[derive(Debug, Args)]
pub(super) struct ResetPassword {
    /// The account's address
    #[arg(long)]
    email: String,
}

pub(super) async fn run(command: Command, config: &Config) -> Outcome {
    match command {
        Command::Create(wanted) => create(wanted, config).await,
        Command::Unlock(wanted) => unlock(&wanted, config).await,
        Command::ResetPassword(wanted) => reset_password(&wanted, config).await,
    }
}

async fn create(wanted: Create, config: &Config) -> Outcome {
    let form = Register {
        email: wanted.email,
        password: password()?,
        username: wanted.username,
        ..Register::default()
    };
    let account = form
        .check(config.core.password)
        .map_err(|error| in_words(&error, config))?;
    let auth = compose::core(config).await.map_err(Failure::because)?;
    let made = auth.create_admin(account).await;
    auth.close().await;
    let user = made.map_err(|error| match error {
        CreateAdminError::Taken(field) => Failure(format!("Another account has this {field}.")),
        CreateAdminError::Password(code) => in_words(&Error::field("password", code), config),
        other => Failure::because(other),
    })?;
    if wanted.json {
        print_json(&user)
    } else {
        print(&format!("{} is an admin now.", user.email))
    }
}

async fn unlock(wanted: &Unlock, config: &Config) -> Outcome {
    let email = helped(&wanted.email, config, async |auth, id, client| {
        auth.unlock_user(Hand::Operator, id, client).await
    })
    .await?;
    print(&format!("{email} may try again."))
}

async fn reset_password(wanted: &ResetPassword, config: &Config) -> Outcome {
    let email = helped(&wanted.email, config, async |auth, id, client| {
        auth.mail_reset_to_user(Hand::Operator, id, client).await
    })
    .await?;
    print(&format!(
        "A letter to {email} is waiting; the running server sends it."
    ))
}

/// Does something for the account of an address. The address.
async fn helped(
    address: &str,
    config: &Config,
    act: impl AsyncFnOnce(&Auth, &str, &Client) -> Result<(), ManageUserError>,
) -> Result<Email, Failure> {
    let email =
        Email::parse(address).map_err(|code| in_words(&Error::field("email", code), config))?;
    let auth = compose::core(config).await.map_err(Failure::because)?;
    let done = async {
        let id = auth.user_id_by_email(&email).await;
        let id = id.map_err(Failure::because)?;
        let id = id.ok_or_else(|| Failure(format!("No account has the address {email}.")))?;
        let done = act(&auth, &id, &Client::operator()).await;
        done.map_err(Failure::because)
    }
    .await;
    auth.close().await;
    done.map(|()| email)
}

/// The first line: an editor ends a file with a line break, a password has none.
fn password() -> Result<Secret, Failure> {
    let mut text = String::new();
    // More than the longest password cannot be one.
    io::stdin()
        .lock()
        .take(4096)
        .read_to_string(&mut text)
        .map_err(Failure::because)?;
    let length = text.trim_end_matches(['\r', '\n']).len();
    text.truncate(length);
    Ok(Secret::new(text))
}

/// `--email: Enter an address like ada@example.com.`
fn in_words(error: &Error, config: &Config) -> Failure {
    if error.fields.is_empty() {
        return Failure(error.code.sentence().to_owned());
    }
    let sentences = error
        .fields
        .iter()
        .map(|field| format!("{}: {}", field.field, field.message(config.core.password)));
    Failure(sentences.collect::<Vec<_>>().join("\n"))
}
