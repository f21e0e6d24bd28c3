//! `gatehouse roles`: roles, grants and presets for the operator without a browser.

use auth::{Auth, Client, RightsChange, RightsError};
use clap::{Args, Subcommand};
use wire::{Email, GrantSet, Preset, Role, RoleDraft, UserRights};

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

#[derive(Debug, Args)]
pub(super) struct Give {
    /// To this role
    #[arg(long, required_unless_present = "email", conflicts_with = "email")]
    role: Option<String>,
    /// To the account of this address
    #[arg(long)]
    email: Option<String>,
    /// For resources they are assigned to alone
    #[arg(long)]
    assigned: bool,
    /// `resource:action`, `resource:*` or `*:*`
    #[arg(required = true, value_name = "PERMISSION")]
    patterns: Vec<String>,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
pub(super) struct SetRole {
    /// The account's address
    #[arg(long)]
    email: String,
    /// The role
    role: String,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
pub(super) struct LoadPreset {
    /// workflow, content or clinic
    name: String,
    /// Say what would be added, and add nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    format: Format,
}

/// Whether something is given or taken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Give,
    Take,
}

pub(super) async fn run(command: Command, config: &Config) -> Outcome {
    let auth = compose::core(config).await.map_err(Failure::because)?;
    let done = match command {
        Command::List(format) => list(&auth, &format).await,
        Command::Show(show) => show_one(&auth, &show).await,
        Command::Grant(give) => change(&auth, &give, Way::Give).await,
        Command::Revoke(give) => change(&auth, &give, Way::Take).await,
        Command::SetRole(wanted) => set_role(&auth, &wanted).await,
        Command::LoadPreset(wanted) => load_preset(&auth, &wanted).await,
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

async fn change(auth: &Auth, give: &Give, way: Way) -> Outcome {
    let named = match give.assigned {
        true => GrantSet::read(&[], &give.patterns),
        false => GrantSet::read(&give.patterns, &[]),
    };
    let named = named
        .map_err(|_| Failure("A permission is resource:action, resource:* or *:*.".to_owned()))?;
    match (&give.role, &give.email) {
        (Some(name), _) => {
            let present = role(auth, name).await?;
            let draft = RoleDraft {
                grants: turned(&present.patterns, &present.assigned, &named, way)?,
                description: present.description,
                version: Some(present.version),
            };
            let changed = auth
                .change_role(None, name, &draft, &Client::operator())
                .await;
            show_role(&changed.map_err(in_words)?, &give.format)
        }
        (None, email) => {
            let id = account(auth, email.as_deref().unwrap_or_default()).await?;
            let present = rights(auth, &id).await?;
            let grants = turned(&present.patterns, &present.assigned, &named, way)?;
            let change = RightsChange {
                role: None,
                grants: Some(&grants),
                version: Some(&present.version),
            };
            let done = auth
                .set_rights_of(None, &id, &change, &Client::operator())
                .await;
            done.map_err(in_words)?;
            show_rights(auth, &id, &give.format).await
        }
    }
}

/// What is given after some of it was added or taken out.
fn turned(
    patterns: &[String],
    assigned: &[String],
    named: &GrantSet,
    way: Way,
) -> Result<GrantSet, Failure> {
    let present = GrantSet::read(patterns, assigned);
    let mut present = present.map_err(Failure::because)?;
    for (held, changed) in [
        (&mut present.patterns, &named.patterns),
        (&mut present.assigned, &named.assigned),
    ] {
        match way {
            Way::Give => held.extend(changed.iter().cloned()),
            Way::Take => held.retain(|pattern| !changed.contains(pattern)),
        }
    }
    Ok(GrantSet::of(present.patterns, present.assigned))
}

async fn set_role(auth: &Auth, wanted: &SetRole) -> Outcome {
    let id = account(auth, &wanted.email).await?;
    let done = auth
        .set_role_of(None, &id, &wanted.role, &Client::operator())
        .await;
    done.map_err(in_words)?;
    show_rights(auth, &id, &wanted.format).await
}

async fn load_preset(auth: &Auth, wanted: &LoadPreset) -> Outcome {
    let preset = match wanted.dry_run {
        true => {
            let presets = auth.list_presets(None).await.map_err(in_words)?;
            presets
                .into_iter()
                .find(|preset| preset.name == wanted.name)
        }
        false => match auth
            .load_preset(None, &wanted.name, &Client::operator())
            .await
        {
            Ok(preset) => Some(preset),
            Err(RightsError::Unknown) => None,
            Err(error) => return Err(in_words(error)),
        },
    };
    let preset = preset.ok_or_else(|| {
        Failure(format!(
            "There is no preset {}: choose workflow, content or clinic.",
            wanted.name
        ))
    })?;
    match wanted.format.json {
        true => print_json(&preset),
        false => print(&report(&preset, wanted.dry_run)),
    }
}

fn report(preset: &Preset, dry_run: bool) -> String {
    if preset.is_loaded() {
        return format!("Everything of {} is there already.", preset.name);
    }
    let (adds, makes) = match dry_run {
        true => ("would be given", "would be made, and give"),
        false => ("is given", "is made, and gives"),
    };
    let mut lines = Vec::new();
    if !preset.permissions.is_empty() {
        lines.push(format!("Permissions: {}", preset.permissions.join(" ")));
    }
    for role in &preset.roles {
        match (role.is_new, role.adds.is_empty()) {
            (true, _) => lines.push(format!("{} {makes} {}", role.name, role.adds.join(", "))),
            (false, false) => lines.push(format!("{} {adds} {}", role.name, role.adds.join(", "))),
            (false, true) => lines.push(format!("{} stays as it is", role.name)),
        }
        if !role.keeps.is_empty() {
            lines.push(format!("{} keeps {}", role.name, role.keeps.join(", ")));
        }
    }
    lines.join("\n")
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
fn in_words(error: RightsError) -> Failure {
    Failure(match error {
        RightsError::BuiltIn => {
            "The portal relies on this role as it is: it cannot be changed.".to_owned()
        }
        RightsError::NoPermission(_) => {
            "There is no such permission. See gatehouse roles show admin.".to_owned()
        }
        RightsError::NoRole(_) => "There is no such role. See gatehouse roles list.".to_owned(),
        RightsError::LastAdmin => {
            "This is the last admin. Make somebody else an admin first.".to_owned()
        }
        RightsError::Changed => "It was changed meanwhile. Try again.".to_owned(),
        other => format!("{other}."),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_twice_or_taken_from_nothing_changes_nothing() {
        let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
        let held = (texts(&["a:x", "b:*"]), texts(&["c:y"]));
        let named = GrantSet::read(&texts(&["a:x"]), &[]).expect("reads");
        let given = turned(&held.0, &held.1, &named, Way::Give).expect("reads");
        assert_eq!((given.patterns.len(), given.assigned.len()), (2, 1));
        let taken = turned(&held.0, &held.1, &named, Way::Take).expect("reads");
        assert_eq!((taken.patterns.len(), taken.assigned.len()), (1, 1));
        let again = turned(&texts(&["b:*"]), &held.1, &named, Way::Take).expect("reads");
        assert_eq!(again, taken);
    }
}
