//! Giving a role, or somebody beside theirs, something more; taking it back; giving somebody another role.

use auth::{Auth, Client, RightsChange};
use clap::Args;
use wire::{GrantSet, RoleDraft};

use super::{Format, account, in_words, rights, role, show_rights, show_role};
use crate::cli::{Failure, Outcome};

#[derive(Debug, Args)]
pub(in crate::cli) struct Give {
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
pub(in crate::cli) struct SetRole {
    /// The account's address
    #[arg(long)]
    email: String,
    /// The role
    role: String,
    #[command(flatten)]
    format: Format,
}

/// Whether something is given or taken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Give,
    Take,
}

pub(super) async fn change(auth: &Auth, give: &Give, way: Way) -> Outcome {
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

pub(super) async fn set_role(auth: &Auth, wanted: &SetRole) -> Outcome {
    let id = account(auth, &wanted.email).await?;
    let done = auth
        .set_role_of(None, &id, &wanted.role, &Client::operator())
        .await;
    done.map_err(in_words)?;
    show_rights(auth, &id, &wanted.format).await
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
