//! Which settings hold, and where each comes from: for people who wonder why the portal does what it
//! does. A secret is never among them: the schema's own type says `set` in its place.

use std::collections::BTreeMap;

use figment::providers::Serialized;
use figment::value::{Dict, Value};
use figment::{Figment, Metadata, Provider};
use mail::Security;
use wire::{Setting, SettingSource};

use super::schema::{SET, Written};
use super::{Config, Mail};

/// Where values come from, by the name of the setting. What is not in it is a default.
pub(super) type Origins = BTreeMap<String, (SettingSource, String)>;

/// Notes of each setting which source had the last word.
pub(super) fn origins(figment: &Figment, known: &[String]) -> Origins {
    let of = |key: &String| Some((key.clone(), origin(figment.find_metadata(key)?)?));
    known.iter().filter_map(of).collect()
}

/// `None` for the defaults, which figment knows by the name of their type.
fn origin(metadata: &Metadata) -> Option<(SettingSource, String)> {
    if let Some(file) = metadata
        .source
        .as_ref()
        .and_then(|source| source.file_path())
    {
        return Some((SettingSource::File, file.display().to_string()));
    }
    let name = metadata.name.to_string();
    match name.as_str() {
        flag if flag.starts_with("--") => Some((SettingSource::Flag, name)),
        variable if is_variable(variable) => Some((SettingSource::Environment, name)),
        _ => None,
    }
}

fn is_variable(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
    name.bytes().all(plain)
}

/// Every setting there is.
pub(super) fn settings(written: &Written, config: &Config, origins: &Origins) -> Vec<Setting> {
    let values = leaves(written);
    let defaults: BTreeMap<_, _> = leaves(&Written::default()).into_iter().collect();
    let mut settings: Vec<_> = values
        .into_iter()
        .map(|(name, value)| {
            let (source, origin) = match origins.get(&name) {
                Some((source, origin)) => (*source, Some(origin.clone())),
                None => (SettingSource::Default, None),
            };
            let is_secret = value.as_deref() == Some(SET);
            Setting {
                about: about(&name),
                value: value.or_else(|| effective(config, &name)),
                default: defaults.get(&name).cloned().flatten(),
                source,
                origin,
                is_secret,
                name,
            }
        })
        .collect();
    settings.push(development(config, origins));
    settings.sort_by(|one, other| (one.group(), &one.name).cmp(&(other.group(), &other.name)));
    settings
}

/// No setting, and yet the first thing to know.
fn development(config: &Config, origins: &Origins) -> Setting {
    let by_transport = origins.get("mail.transport").filter(|_| config.development);
    let (source, origin) = match (config.development, by_transport) {
        (false, _) => (SettingSource::Default, None),
        (true, Some((source, origin))) => (*source, Some(origin.clone())),
        (true, None) => (SettingSource::Flag, Some("--dev".to_owned())),
    };
    Setting {
        name: "development".to_owned(),
        about: Some("Development mode: only for this machine, never for other people.".to_owned()),
        value: Some(config.development.to_string()),
        default: Some("false".to_owned()),
        source,
        origin,
        is_secret: false,
    }
}

/// The dotted names and texts of all values, as they are written.
fn leaves(written: &Written) -> Vec<(String, Option<String>)> {
    let mut found = Vec::new();
    for dict in Serialized::defaults(written)
        .data()
        .unwrap_or_default()
        .into_values()
    {
        walk(&dict, "", &mut found);
    }
    found
}

fn walk(dict: &Dict, above: &str, found: &mut Vec<(String, Option<String>)>) {
    for (name, value) in dict {
        let key = match above {
            "" => name.clone(),
            above => format!("{above}.{name}"),
        };
        match value {
            Value::Dict(_, inner) => walk(inner, &key, found),
            value => found.push((key, text(value))),
        }
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(_, text) => Some(text.clone()),
        Value::Char(_, one) => Some(one.to_string()),
        Value::Bool(_, yes) => Some(yes.to_string()),
        Value::Num(_, number) => number
            .to_i128()
            .map(|whole| whole.to_string())
            .or_else(|| number.to_u128().map(|whole| whole.to_string()))
            .or_else(|| number.to_f64().map(|part| part.to_string())),
        Value::Array(_, many) if many.is_empty() => None,
        Value::Array(_, many) => {
            let texts: Vec<_> = many.iter().filter_map(text).collect();
            Some(texts.join(", "))
        }
        Value::Empty(..) | Value::Dict(..) => None,
    }
}

/// What holds where nothing is written, and follows from something else.
fn effective(config: &Config, name: &str) -> Option<String> {
    let life = &config.core.sessions;
    let smtp = match &config.mail {
        Mail::Smtp(smtp) => Some(smtp),
        Mail::None | Mail::Mailbox | Mail::Resend(_) => None,
    };
    match name {
        "data_dir" => Some(config.data_dir.display().to_string()),
        "keys_file" => Some(config.keys_file.display().to_string()),
        "server.bind" => Some(config.bind.to_string()),
        "server.public_url" => Some(config.public_url().to_owned()),
        "database.url" => {
            let path = config.data_dir.join("gatehouse.db");
            Some(format!("sqlite://{}", path.display()))
        }
        "mail.transport" => Some(transport(&config.mail).to_owned()),
        "mail.deliveries" => Some(config.core.deliveries.to_string()),
        "mail.smtp.port" => smtp.map(|smtp| smtp.port.to_string()),
        "mail.smtp.security" => smtp.map(|smtp| security(smtp.security).to_owned()),
        "sessions.idle_seconds" => Some(life.idle.to_string()),
        "sessions.idle_unremembered_seconds" => Some(life.idle_unremembered.to_string()),
        "sessions.absolute_seconds" => Some(life.absolute.to_string()),
        "sessions.per_account" => Some(life.per_account.to_string()),
        "log.format" => Some(if config.log.json { "json" } else { "text" }.to_owned()),
        "security.contact" => Some(config.security_contact.clone()),
        _ => None,
    }
}

fn transport(mail: &Mail) -> &'static str {
    match mail {
        Mail::None => "none",
        Mail::Mailbox => "mailbox",
        Mail::Smtp(_) => "smtp",
        Mail::Resend(_) => "resend",
    }
}

fn security(security: Security) -> &'static str {
    match security {
        Security::Tls => "tls",
        Security::StartTls => "starttls",
        Security::Plain => "plain",
    }
}

/// What a setting decides, where its name does not say it.
fn about(name: &str) -> Option<String> {
    let (_, about) = ABOUT.iter().find(|(known, _)| *known == name)?;
    Some((*about).to_owned())
}

const ABOUT: &[(&str, &str)] = &[
    (
        "data_dir",
        "The folder for the database, the key ring and development letters.",
    ),
    (
        "keys_file",
        "The key ring: without this file the database is of no use.",
    ),
    ("server.bind", "The address and port the portal listens on."),
    (
        "server.public_url",
        "The address people type; the issuer of every token.",
    ),
    (
        "server.allowed_origins",
        "Browser apps on other origins that may ask for tokens.",
    ),
    (
        "server.trusted_proxies",
        "Networks whose forwarding headers are believed.",
    ),
    (
        "database.url",
        "SQLite or PostgreSQL. Never shown where it was set: it may hold a password.",
    ),
    ("mail.transport", "How letters leave."),
    ("mail.from", "The sender of every letter."),
    (
        "mail.deliveries",
        "How many letters may be on their way at once.",
    ),
    ("hash.memory_kib", "What one password hash costs in memory."),
    ("hash.iterations", "How often that memory is gone through."),
    ("hash.lanes", "Into how many lanes it is divided."),
    (
        "limits.multiplier",
        "Every limit, delay and lockout times this.",
    ),
    ("tokens.access_seconds", "How long an access token lives."),
    ("tokens.algorithm", "What new signing keys are made for."),
    ("tokens.audience", "Which services tokens are for."),
    (
        "tokens.rotate_days",
        "After how many days the next key signs.",
    ),
    (
        "sessions.preset",
        "Lives of sessions: default, or aal2 for NIST’s second level.",
    ),
    (
        "sessions.idle_seconds",
        "A session ends when it was not used for so long.",
    ),
    (
        "sessions.idle_unremembered_seconds",
        "The same where nobody asked to stay signed in.",
    ),
    (
        "sessions.absolute_seconds",
        "A session ends after so long, however much it was used.",
    ),
    (
        "sessions.per_account",
        "One session more ends the one that was not used for longest.",
    ),
    (
        "registration.verification",
        "Whether an address has to be confirmed before there is an account.",
    ),
    (
        "registration.default_role",
        "The role of people who register.",
    ),
    ("sign_in.email_code", "Whether a mailed code signs in."),
    (
        "password.preset",
        "How long a new password must be: default, or nist for 15 characters.",
    ),
    (
        "password.breach_filter",
        "The file new passwords are looked up in.",
    ),
    ("metrics.bind", "Where metrics are read."),
    ("log.format", "json, or text for people."),
    ("log.level", "How much is logged."),
    ("security.contact", "Whom to tell about a vulnerability."),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::config::{Environment, Flags, Purpose, load};

    fn of(pairs: &[(&str, &str)], flags: &Flags) -> Vec<Setting> {
        let environment = Environment::of(pairs.iter().copied());
        let loaded = load(&environment, flags, Purpose::Serve).expect("holds");
        loaded.config.settings
    }

    fn dev() -> Flags {
        Flags {
            dev: true,
            ..Flags::default()
        }
    }

    fn told(settings: &[Setting], name: &str) -> (Option<String>, SettingSource, Option<String>) {
        let one = settings.iter().find(|setting| setting.name == name);
        let one = one.unwrap_or_else(|| panic!("{name} is no setting"));
        (one.value.clone(), one.source, one.origin.clone())
    }

    #[test]
    fn a_setting_says_what_holds_and_who_said_so() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("gatehouse.toml");
        std::fs::write(&file, "[tokens]\naccess_seconds = 600\nrotate_days = 7\n[server]\nallowed_origins = [\"https://a.example\", \"https://b.example\"]\n")
            .expect("written");
        let flags = Flags {
            config: Some(file.clone()),
            bind: Some("127.0.0.1:4000".to_owned()),
            ..dev()
        };
        let settings = of(
            &[
                ("GATEHOUSE_TOKENS__ROTATE_DAYS", "9"),
                ("SMTP_PORT", "2525"),
            ],
            &flags,
        );

        let text = |text: &str| Some(text.to_owned());
        let path = Some(file.display().to_string());
        for (name, value, source, origin) in [
            (
                "tokens.access_seconds",
                text("600"),
                SettingSource::File,
                path.clone(),
            ),
            (
                "tokens.rotate_days",
                text("9"),
                SettingSource::Environment,
                text("GATEHOUSE_TOKENS__ROTATE_DAYS"),
            ),
            (
                "server.bind",
                text("127.0.0.1:4000"),
                SettingSource::Flag,
                text("--bind"),
            ),
            (
                "server.allowed_origins",
                text("https://a.example, https://b.example"),
                SettingSource::File,
                path,
            ),
            (
                "mail.smtp.port",
                text("2525"),
                SettingSource::Environment,
                text("SMTP_PORT"),
            ),
            (
                "mail.transport",
                text("mailbox"),
                SettingSource::Default,
                None,
            ),
            (
                "sessions.idle_seconds",
                text("604800"),
                SettingSource::Default,
                None,
            ),
            ("log.format", text("text"), SettingSource::Default, None),
            ("password.breach_filter", None, SettingSource::Default, None),
            ("limits.multiplier", text("1"), SettingSource::Default, None),
            (
                "development",
                text("true"),
                SettingSource::Flag,
                text("--dev"),
            ),
        ] {
            assert_eq!(told(&settings, name), (value, source, origin), "{name}");
        }
        let days = settings.iter().find(|one| one.name == "tokens.rotate_days");
        assert_ne!(days.and_then(|one| one.default.as_deref()), Some("9"));
    }

    #[test]
    fn a_port_alone_is_said_to_come_from_its_variable() {
        let settings = of(&[("PORT", "4100")], &dev());
        let bind = told(&settings, "server.bind");
        let from = (SettingSource::Environment, Some("PORT".to_owned()));
        assert_eq!(bind, (Some("127.0.0.1:4100".to_owned()), from.0, from.1));
    }

    #[test]
    fn no_secret_is_ever_shown() {
        let folder = tempfile::tempdir().expect("a folder");
        let secret = "hunter2-hunter2";
        let pass = folder.path().join("pass");
        std::fs::write(&pass, secret).expect("written");
        let url = format!("postgres://gatehouse:{secret}@db.example/gatehouse");
        let settings = of(
            &[
                ("DATABASE_URL", &url),
                ("SMTP_PASS_FILE", &pass.display().to_string()),
                ("SMTP_USER", "gatehouse"),
                ("RESEND_API_KEY", secret),
            ],
            &dev(),
        );

        let text = serde_json::to_string(&settings).expect("JSON");
        assert!(!text.contains("hunter2"), "{text}");
        for name in ["database.url", "mail.smtp.pass", "mail.resend.api_key"] {
            let one = settings.iter().find(|one| one.name == name).expect(name);
            assert!(one.is_secret, "{name}");
            assert_eq!(one.value.as_deref(), Some(SET));
        }
        let schema = include_str!("schema.rs");
        assert!(
            !schema.contains("<Secret>"),
            "a secret of the schema is Hidden"
        );
    }

    #[test]
    fn every_sentence_is_about_a_setting_there_is() {
        let settings = of(&[], &dev());
        let named: BTreeSet<_> = settings.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(named.len(), settings.len(), "each once");
        for (name, about) in ABOUT {
            assert!(named.contains(name), "{name}");
            assert!(about.ends_with('.'), "{about}");
        }
    }
}
