//! Where settings come from: defaults < file < shorthand variables < `GATEHOUSE_…` < flags.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use figment::error::Kind;
use figment::providers::{Format, Serialized, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider, util::nest};
use wire::SettingSource;

use super::environment::Environment;
use super::origins::{Origins, origins};
use super::schema::Written;
use super::shorthand::{Fate, VARIABLES};

/// What the command line says over everything else.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// `--config`: the file to read instead of `gatehouse.toml`.
    pub config: Option<PathBuf>,
    /// `--data-dir`.
    pub data_dir: Option<PathBuf>,
    /// `--bind`.
    pub bind: Option<String>,
    /// `--public-url`.
    pub public_url: Option<String>,
    /// `--dev`.
    pub dev: bool,
}

const PREFIX: &str = "GATEHOUSE_";
const FILE: &str = "gatehouse.toml";

/// What was read, and what speaks against it.
#[derive(Default)]
pub(super) struct Collected {
    /// The settings as written; `None` when they do not read at all.
    pub(super) written: Option<Written>,
    /// Where each value comes from.
    pub(super) origins: Origins,
    /// One sentence for each variable of an older set-up.
    pub(super) notes: Vec<String>,
    /// One sentence for each thing that is unknown or does not read.
    pub(super) wrong: Vec<String>,
}

/// Reads all sources. What is wrong with one does not keep the others from being read.
pub(super) fn collect(environment: &Environment, flags: &Flags) -> Collected {
    let defaults = Serialized::defaults(Written::default());
    let known = leaves(&defaults).unwrap_or_default();
    let mut gathered = Gathered::default();
    let file = gathered.file(environment, flags, &known);
    gathered.shorthands(environment);
    gathered.variables(environment, &known);
    gathered.flags(flags);
    let mut figment = Figment::from(defaults);
    if let Some(file) = file {
        figment = figment.merge(file);
    }
    for setting in &gathered.settings {
        figment = figment.merge(setting);
    }
    // Lossy: a variable is a text even where a number is meant.
    let written = figment.extract_lossy::<Written>();
    let mut collected = Collected {
        written: None,
        origins: origins(&figment, &known),
        notes: gathered.notes,
        wrong: gathered.wrong,
    };
    match written {
        Ok(mut written) => {
            if let Some(port) = environment.get("PORT").filter(|_| !gathered.bind_is_given) {
                written.server.bind = Some(with_port(written.server.bind.as_deref(), port));
                let origin = (SettingSource::Environment, "PORT".to_owned());
                collected.origins.insert("server.bind".to_owned(), origin);
            }
            collected.written = Some(written);
        }
        // What is unknown was named already, and better.
        Err(errors) => collected
            .wrong
            .extend(errors.into_iter().filter_map(|one| sentence(&one))),
    }
    collected
}

/// One value from outside the file, with the name its owner gave it.
#[derive(Clone)]
struct Setting {
    key: String,
    source: String,
    value: String,
}

impl Provider for Setting {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.source.clone())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        let nested = nest(&self.key, Value::from(self.value.clone()));
        let dict = nested.into_dict().unwrap_or_default();
        Ok(BTreeMap::from([(Profile::Default, dict)]))
    }
}

#[derive(Default)]
struct Gathered {
    settings: Vec<Setting>,
    notes: Vec<String>,
    wrong: Vec<String>,
    bind_is_given: bool,
}

impl Gathered {
    fn set(&mut self, key: &str, source: &str, value: impl Into<String>) {
        self.bind_is_given |= key == "server.bind";
        self.settings.push(Setting {
            key: key.to_owned(),
            source: source.to_owned(),
            value: value.into(),
        });
    }

    fn file(
        &mut self,
        environment: &Environment,
        flags: &Flags,
        known: &[String],
    ) -> Option<figment::providers::Data<Toml>> {
        let named = flags
            .config
            .clone()
            .or_else(|| environment.get("GATEHOUSE_CONFIG").map(PathBuf::from));
        let path = named.clone().unwrap_or_else(|| PathBuf::from(FILE));
        if !path.is_file() {
            if named.is_some() {
                self.wrong.push(format!(
                    "The settings file {} does not exist.",
                    path.display()
                ));
            }
            return None;
        }
        let file = Toml::file_exact(&path);
        match leaves(&file) {
            Ok(keys) => self.unknown(keys.iter().filter(|key| !known.contains(key)), &path),
            Err(error) => self
                .wrong
                .push(format!("{} cannot be read: {error}.", path.display())),
        }
        Some(file)
    }

    fn unknown<'a>(&mut self, keys: impl Iterator<Item = &'a String>, path: &Path) {
        let sentences =
            keys.map(|key| format!("{key} in {} is not a setting of Gatehouse.", path.display()));
        self.wrong.extend(sentences);
    }

    fn shorthands(&mut self, environment: &Environment) {
        for (name, fate) in VARIABLES {
            match (environment.get(name), fate) {
                (_, Fate::Means(key)) => self.variable(environment, name, key),
                (Some(old), Fate::BecameSetting(key, reading)) => match reading.apply(old) {
                    Some(new) => {
                        self.notes.push(format!(
                            "{name} is read as {key}; set {} instead.",
                            variable_of(key)
                        ));
                        self.set(key, name, new);
                    }
                    None => self.wrong.push(format!(
                        "{name} cannot be read as {key}; set {} instead.",
                        variable_of(key)
                    )),
                },
                (Some(_), Fate::Ignored(why)) => {
                    self.notes.push(format!("{name} is ignored: {why}."))
                }
                (Some(_), Fate::Refused(why)) => {
                    self.wrong.push(format!("{name} is refused: {why}."))
                }
                (None, _) => {}
            }
        }
    }

    fn variables(&mut self, environment: &Environment, known: &[String]) {
        for key in known {
            self.variable(environment, &variable_of(key), key);
        }
        let ours = environment
            .iter()
            .map(|(name, _)| name)
            .filter(|name| name.starts_with(PREFIX));
        for name in ours.filter(|name| !is_known(name, known) && !is_of_the_cluster(name)) {
            self.wrong.push(format!(
                "{name} in the environment is not a setting of Gatehouse."
            ));
        }
    }

    /// `NAME`, or the content of the file `NAME_FILE` names: for secrets that are mounted.
    fn variable(&mut self, environment: &Environment, name: &str, key: &str) {
        let file = format!("{name}_FILE");
        match (environment.get(name), environment.get(&file)) {
            (Some(_), Some(_)) => self
                .wrong
                .push(format!("Both {name} and {file} are set; keep one.")),
            (Some(value), None) => self.set(key, name, value),
            (None, Some(path)) => match fs::read_to_string(path) {
                Ok(content) => self.set(key, &file, content.trim_end_matches(['\r', '\n'])),
                Err(error) => self.wrong.push(format!(
                    "{file} names {path}, which cannot be read: {error}."
                )),
            },
            (None, None) => {}
        }
    }

    fn flags(&mut self, flags: &Flags) {
        if let Some(bind) = &flags.bind {
            self.set("server.bind", "--bind", bind);
        }
        if let Some(url) = &flags.public_url {
            self.set("server.public_url", "--public-url", url);
        }
        if let Some(dir) = &flags.data_dir {
            self.set("data_dir", "--data-dir", dir.display().to_string());
        }
    }
}

/// `PORT` says the port alone: which address to listen on stays a decision of its own.
fn with_port(bind: Option<&str>, port: &str) -> String {
    let host = bind
        .and_then(|bind| bind.rsplit_once(':'))
        .map_or("127.0.0.1", |(host, _)| host);
    format!("{host}:{port}")
}

/// `server.bind` is `GATEHOUSE_SERVER__BIND`.
pub(super) fn variable_of(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "__").to_ascii_uppercase())
}

fn is_known(name: &str, known: &[String]) -> bool {
    let base = name.strip_suffix("_FILE").unwrap_or(name);
    name == "GATEHOUSE_CONFIG"
        || known
            .iter()
            .map(|key| variable_of(key))
            .any(|variable| variable == name || variable == base)
}

/// Kubernetes tells every pod of a service called `gatehouse` in variables of these names.
fn is_of_the_cluster(name: &str) -> bool {
    ["GATEHOUSE_SERVICE_", "GATEHOUSE_PORT_"]
        .iter()
        .any(|prefix| name.starts_with(prefix))
        || name == "GATEHOUSE_PORT"
}

/// The dotted names of all values a source holds.
fn leaves(source: &impl Provider) -> Result<Vec<String>, Box<figment::Error>> {
    let mut found = Vec::new();
    for dict in source.data()?.into_values() {
        walk(&dict, "", &mut found);
    }
    Ok(found)
}

fn walk(dict: &Dict, above: &str, found: &mut Vec<String>) {
    for (name, value) in dict {
        let key = if above.is_empty() {
            name.clone()
        } else {
            format!("{above}.{name}")
        };
        match value {
            Value::Dict(_, inner) => walk(inner, &key, found),
            _ => found.push(key),
        }
    }
}

/// Names the setting and where it came from; never the value, which may be a secret.
fn sentence(error: &figment::Error) -> Option<String> {
    let key = error.path.join(".");
    let place = error.metadata.as_ref().map(|source| match &source.source {
        Some(file) => file.to_string(),
        None => source.name.to_string(),
    });
    let place = place.unwrap_or_else(|| "the settings".to_owned());
    match &error.kind {
        Kind::UnknownField(..) => None,
        Kind::InvalidType(_, wanted) | Kind::InvalidValue(_, wanted) => {
            Some(format!("{key} in {place} must be {wanted}."))
        }
        _ => Some(format!("{key} in {place} cannot be read.")),
    }
}
