//! Loading a preset, or saying what it would add.

use auth::{Auth, Client, RightsError};
use clap::Args;
use wire::Preset;

use super::{Format, in_words};
use crate::cli::{Failure, Outcome, print, print_json};

#[derive(Debug, Args)]
pub(in crate::cli) struct LoadPreset {
    /// workflow, content or clinic
    name: String,
    /// Say what would be added, and add nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    format: Format,
}

pub(super) async fn load(auth: &Auth, wanted: &LoadPreset) -> Outcome {
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
