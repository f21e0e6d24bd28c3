//! `gatehouse roles`: roles, grants and presets for the operator without a browser.

mod give;
mod make;
mod preset;

use auth::{Auth, RightsError};
use clap::{Args, Subcommand};
use wire::{Email, Role, UserRights};

use self::give::{Give, SetRole, Way};
use self::make::{Create, Delete};
use self::preset::LoadPreset;

use super::{Failure, Outcome, print, print_json};
use crate::compose;
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List roles, what each gives and how many have it
    #[command(after_help = "Examples:\n  gatehouse roles list\n  gatehouse roles list --json")]
    List(Format),
    /// Show a role, or what somebody holds and why
    #[command(
        after_help = "Examples:\n  gatehouse roles show editor\n  gatehouse roles show --email ada@example.com"
    )]
    Show(Show),
    /// Make a role
    #[command(
        after_help = "Example:\n  gatehouse roles create editor --description 'Writes and publishes' --permission 'content:*'"
    )]
    Create(Create),
    /// Delete a role; whoever has it gets another one
    #[command(
        after_help = "Examples:\n  gatehouse roles delete editor --move-to user --dry-run  says whom it would concern\n  gatehouse roles delete editor --move-to user            does it\n\nA role that somebody has stays unless --move-to says what they get. Open invitations that offer it are taken back."
    )]
    Delete(Delete),
    /// Give a role, or somebody beside their role, something more
    #[command(
        after_help = "Examples:\n  gatehouse roles grant --role editor content:publish\n  gatehouse roles grant --email ada@example.com 'workflow:*'\n  gatehouse roles grant --role professional --assigned patient_data:read"
    )]
    Grant(Give),
    /// Take it back
    #[command(after_help = "Example:\n  gatehouse roles revoke --role editor content:publish")]
    Revoke(Give),
    /// Give somebody another role
    #[command(after_help = "Example:\n  gatehouse roles set-role --email ada@example.com editor")]
    SetRole(SetRole),
    /// Add the permissions and roles of a preset: workflow, content or clinic
    #[command(
        after_help = "Examples:\n  gatehouse roles load-preset clinic --dry-run  says what would be added\n  gatehouse roles load-preset clinic            adds it\n\nNothing is taken away: a role that was edited keeps what it gives beyond the preset. Twice is the same as once."
    )]
    LoadPreset(LoadPreset),
}

#[derive(Debug, Args)]
pub(super) struct Format {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Show {
    /// The role
    #[arg(required_unless_present = "email", conflicts_with = "email")]
    name: Option<String>,
    /// The account's address
    #[arg(long)]
    email: Option<String>,
    #[command(flatten)]
    format: Format,
}

pub(super) async fn run(command: Command, config: &Config) -> Outcome {
    let auth = compose::core(config).await.map_err(Failure::because)?;
    let done = match command {
        Command::List(format) => list(&auth, &format).await,
        Command::Show(show) => show_one(&auth, &show).await,
        Command::Create(wanted) => make::create(&auth, wanted).await,
        Command::Delete(wanted) => make::delete(&auth, &wanted).await,
        Command::Grant(give) => give::change(&auth, &give, Way::Give).await,
        Command::Revoke(give) => give::change(&auth, &give, Way::Take).await,
        Command::SetRole(wanted) => give::set_role(&auth, &wanted).await,
        Command::LoadPreset(wanted) => preset::load(&auth, &wanted).await,
    };
    auth.close().await;
    done
}

async fn list(auth: &Auth, format: &Format) -> Outcome {
    let roles = auth.list_roles().await.map_err(Failure::because)?;
    if format.json {
        return print_json(&serde_json::json!({ "roles": roles }));
    }
    let lines = roles.iter().map(|role| {
        format!(
            "{:<20}  {:>6} accounts  {:>6} members  {}",
            role.name,
            role.users,
            role.members,
            patterns(&role.patterns, &role.assigned)
        )
    });
    print(&lines.collect::<Vec<_>>().join("\n"))
}

async fn show_one(auth: &Auth, show: &Show) -> Outcome {
    match (&show.name, &show.email) {
        (Some(name), _) => show_role(&role(auth, name).await?, &show.format),
        (None, email) => {
            let id = account(auth, email.as_deref().unwrap_or_default()).await?;
            show_rights(auth, &id, &show.format).await
        }
    }
}

async fn role(auth: &Auth, name: &str) -> Result<Role, Failure> {
    let role = auth.role(name).await.map_err(Failure::because)?;
    role.ok_or_else(|| Failure(format!("No role is called {name}.")))
}

async fn account(auth: &Auth, email: &str) -> Result<String, Failure> {
    let nobody = || Failure(format!("No account has the address {email}."));
    let email = Email::parse(email).map_err(|_| nobody())?;
    let id = auth.user_id_by_email(&email).await;
    id.map_err(Failure::because)?.ok_or_else(nobody)
}

fn show_role(role: &Role, format: &Format) -> Outcome {
    if format.json {
        return print_json(role);
    }
    let mut lines = vec![
        format!("{}: {}", role.name, role.description),
        format!("given     {}", patterns(&role.patterns, &role.assigned)),
    ];
    lines.extend(role.permissions.iter().map(|name| format!("  {name}")));
    let bound = role.assigned_permissions.iter();
    lines.extend(bound.map(|name| format!("  {name} (assigned only)")));
    print(&lines.join("\n"))
}

async fn rights(auth: &Auth, id: &str) -> Result<UserRights, Failure> {
    let rights = auth.rights_of(None, id).await.map_err(Failure::because)?;
    rights.ok_or_else(|| Failure("The account was deleted a moment ago.".to_owned()))
}

async fn show_rights(auth: &Auth, id: &str, format: &Format) -> Outcome {
    let rights = rights(auth, id).await?;
    if format.json {
        return print_json(&rights);
    }
    let mut lines = vec![
        format!("role      {}", rights.role),
        format!("beside it {}", patterns(&rights.patterns, &rights.assigned)),
    ];
    for right in &rights.effective {
        let why = right.sources.iter().map(|source| {
            let from = source.role.as_deref().unwrap_or("given directly");
            let place = source.tenant.as_ref().map(|name| format!(" in {name}"));
            let bound = if source.only_assigned {
                ", assigned only"
            } else {
                ""
            };
            format!(
                "{from}{} by {}{bound}",
                place.unwrap_or_default(),
                source.pattern
            )
        });
        let why: Vec<_> = why.collect();
        lines.push(format!("  {:<24} {}", right.permission, why.join("; ")));
    }
    if !rights.in_force {
        lines.push(
            "None of it is in force: the address is not proven, or the account cannot sign in."
                .to_owned(),
        );
    }
    print(&lines.join("\n"))
}

fn patterns(free: &[String], bound: &[String]) -> String {
    let mut all = free.to_vec();
    all.extend(
        bound
            .iter()
            .map(|pattern| format!("{pattern} (assigned only)")),
    );
    match all.is_empty() {
        true => "nothing".to_owned(),
        false => all.join(", "),
    }
}

/// What the operator reads: the reason itself, not what strangers learn of it.
pub(super) fn in_words(error: RightsError) -> Failure {
    Failure(match error {
        RightsError::BuiltIn => "The portal relies on it: it stays as it is.".to_owned(),
        RightsError::NoPermission(_) => {
            "There is no such permission. See gatehouse permissions list.".to_owned()
        }
        RightsError::NoRole(_) => "There is no such role. See gatehouse roles list.".to_owned(),
        RightsError::LastAdmin => {
            "This is the last admin. Make somebody else an admin first.".to_owned()
        }
        RightsError::Taken => "There is one of this name already.".to_owned(),
        RightsError::InUse => {
            "Somebody has this role: say with --move-to what they get.".to_owned()
        }
        RightsError::Changed => "It was changed meanwhile. Try again.".to_owned(),
        other => format!("{other}."),
    })
}
