//! Making a role, and deleting one.

use auth::{Auth, Client};
use clap::Args;
use wire::{AddRole, Error, Impact};

use super::{Format, in_words, show_role};
use crate::cli::{Failure, Outcome, print, print_json};

#[derive(Debug, Args)]
pub(in crate::cli) struct Create {
    /// 2 to 40 of a-z, 0-9, _ and -, a letter first; never changes
    name: String,
    /// What it is for
    #[arg(long, default_value = "", hide_default_value = true)]
    description: String,
    /// What it gives: `resource:action`, `resource:*` or `*:*`; as often as needed
    #[arg(long = "permission", value_name = "PERMISSION")]
    patterns: Vec<String>,
    /// The same, for resources one is assigned to alone
    #[arg(long, value_name = "PERMISSION")]
    assigned: Vec<String>,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Delete {
    /// The role
    name: String,
    /// What whoever has it gets instead
    #[arg(long, value_name = "ROLE")]
    move_to: Option<String>,
    /// Say whom it would concern, and delete nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    format: Format,
}

pub(super) async fn create(auth: &Auth, wanted: Create) -> Outcome {
    let request = AddRole {
        name: wanted.name,
        description: Some(wanted.description),
        patterns: Some(wanted.patterns),
        assigned: Some(wanted.assigned),
    };
    let (name, draft) = request.check().map_err(|error| unread(&error))?;
    let operator = Client::operator();
    let made = auth.add_role(None, &name, &draft, &operator).await;
    show_role(&made.map_err(in_words)?, &wanted.format)
}

/// What does not read of a role.
fn unread(error: &Error) -> Failure {
    let field = error.fields.first().map(|one| one.field.as_str());
    let said = match field {
        Some("name") => "A role is called by 2 to 40 of a-z, 0-9, _ and -, a letter first.",
        Some("description") => "A description has up to 200 characters, and none that deceive.",
        _ => "A permission is resource:action, resource:* or *:*.",
    };
    Failure(said.to_owned())
}

pub(super) async fn delete(auth: &Auth, wanted: &Delete) -> Outcome {
    let (name, move_to) = (&wanted.name, wanted.move_to.as_deref());
    if wanted.dry_run {
        let impact = auth.preview_deletion(None, name, move_to).await;
        let impact = impact.map_err(in_words)?;
        return match wanted.format.json {
            true => print_json(&impact),
            false => print(&told(&impact)),
        };
    }
    let operator = Client::operator();
    let done = auth.delete_role(None, name, (move_to, None), &operator);
    let moved = done.await.map_err(in_words)?;
    if wanted.format.json {
        return print_json(&serde_json::json!({ "role": name, "moved": moved }));
    }
    let (accounts, have) = match moved {
        1 => ("1 account".to_owned(), "has"),
        many => (format!("{many} accounts"), "have"),
    };
    match move_to {
        Some(other) => print(&format!(
            "{name} is deleted. {accounts} {have} {other} now."
        )),
        None => print(&format!("{name} is deleted. Nobody had it.")),
    }
}

/// Whom it would concern, and what they would lose and gain.
fn told(impact: &Impact) -> String {
    let rights = |rights: &[wire::HeldRight]| match rights.is_empty() {
        true => "nothing".to_owned(),
        false => rights
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", "),
    };
    let mut lines = vec![
        format!("lost      {}", rights(&impact.loses)),
        format!("gained    {}", rights(&impact.gains)),
    ];
    for person in &impact.people {
        let place = person.tenant.as_ref().map(|name| format!(" in {name}"));
        let (email, place) = (&person.email, place.unwrap_or_default());
        lines.push(format!("  {email}{place} loses {}", rights(&person.loses)));
    }
    if impact.others > 0 {
        lines.push(format!("  and {} more", impact.others));
    }
    lines.push(format!(
        "{} sessions, {} API keys, {} open invitations",
        impact.sessions, impact.api_keys, impact.invitations
    ));
    lines.join("\n")
}
