//! `gatehouse permissions`: what can be given, for the operator without a browser.

use auth::{Auth, Client};
use clap::{Args, Subcommand};
use wire::{AddPermission, CatalogueEntry, Permission};

use super::roles::in_words;
use super::{Failure, Outcome, print, print_json};
use crate::compose;
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List permissions, and the roles that give each by name
    #[command(
        after_help = "Examples:\n  gatehouse permissions list\n  gatehouse permissions list --json"
    )]
    List(Format),
    /// Add a permission that services ask for; whoever holds a wildcard over it holds it at once
    #[command(
        after_help = "Example:\n  gatehouse permissions add invoice:read --description 'See invoices'"
    )]
    Add(Add),
    /// Say in other words what a permission lets somebody do
    #[command(
        after_help = "Example:\n  gatehouse permissions describe invoice:read --description 'Read invoices'"
    )]
    Describe(Add),
    /// Remove a permission, also from every role, account and member it was given to by name
    #[command(after_help = "Example:\n  gatehouse permissions remove invoice:read")]
    Remove(Remove),
}

#[derive(Debug, Args)]
pub(super) struct Format {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// `resource:action`, each a word of a-z, 0-9, _ and -
    name: String,
    /// What it lets somebody do, up to 200 characters
    #[arg(long)]
    description: String,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
pub(super) struct Remove {
    /// The permission
    name: String,
}

pub(super) async fn run(command: Command, config: &Config) -> Outcome {
    let auth = compose::core(config).await.map_err(Failure::because)?;
    let done = match command {
        Command::List(format) => list(&auth, &format).await,
        Command::Add(wanted) => add(&auth, wanted).await,
        Command::Describe(wanted) => describe(&auth, wanted).await,
        Command::Remove(wanted) => remove(&auth, &wanted.name).await,
    };
    auth.close().await;
    done
}

async fn list(auth: &Auth, format: &Format) -> Outcome {
    let entries = auth.list_permissions().await.map_err(Failure::because)?;
    if format.json {
        return print_json(&serde_json::json!({ "permissions": entries }));
    }
    let line = |entry: &CatalogueEntry| {
        let roles = entry.roles.join(", ");
        format!("{:<28}  {}  [{roles}]", entry.name, entry.description)
    };
    print(&entries.iter().map(line).collect::<Vec<_>>().join("\n"))
}

async fn add(auth: &Auth, wanted: Add) -> Outcome {
    let (name, description, format) = read(wanted)?;
    let operator = Client::operator();
    let added = auth.add_permission(None, &name, &description, &operator);
    show(&added.await.map_err(in_words)?, &format)
}

async fn describe(auth: &Auth, wanted: Add) -> Outcome {
    let (name, description, format) = read(wanted)?;
    let operator = Client::operator();
    let described = auth.describe_permission(None, &name, &description, &operator);
    show(&described.await.map_err(in_words)?, &format)
}

async fn remove(auth: &Auth, name: &str) -> Outcome {
    let name = Permission::parse(name).map_err(|_| no_name())?;
    let operator = Client::operator();
    let removed = auth.delete_permission(None, &name, &operator);
    removed.await.map_err(in_words)?;
    print(&format!(
        "{name} is removed, from whatever gave it by name as well."
    ))
}

fn read(wanted: Add) -> Result<(Permission, String, Format), Failure> {
    let request = AddPermission {
        name: wanted.name,
        description: wanted.description,
    };
    let (name, description) = request.check().map_err(|error| {
        let is_name = error.fields.iter().any(|one| one.field == "name");
        match is_name {
            true => no_name(),
            false => {
                Failure("A description has 1 to 200 characters, and none that deceive.".to_owned())
            }
        }
    })?;
    Ok((name, description, wanted.format))
}

fn no_name() -> Failure {
    Failure("A permission is called resource:action, each a word of a-z, 0-9, _ and -.".to_owned())
}

fn show(entry: &CatalogueEntry, format: &Format) -> Outcome {
    match format.json {
        true => print_json(entry),
        false => print(&format!("{}: {}", entry.name, entry.description)),
    }
}
