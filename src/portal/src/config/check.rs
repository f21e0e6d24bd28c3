//! From settings as written to settings that hold.

mod address;
mod consents;
mod letters;

use std::path::PathBuf;

use auth::{ApiKeySettings, HashCost, SessionLife, SigningAlgorithm, Verification};
use wire::{KeyMode, PasswordRule};

use super::schema::Written;
use super::{Config, Log, Purpose};

/// Everything that is wrong, or the configuration.
pub(super) fn check(written: &Written, dev: bool, purpose: Purpose) -> Result<Config, Vec<String>> {
    let development =
        dev || (purpose == Purpose::Serve && written.mail.transport.as_deref() == Some("mailbox"));
    let mut checking = Checking {
        written,
        development,
        serving: purpose == Purpose::Serve,
        wrong: Vec::new(),
    };
    let config = checking.all();
    if checking.wrong.is_empty() {
        Ok(config)
    } else {
        Err(checking.wrong)
    }
}

struct Checking<'a> {
    written: &'a Written,
    development: bool,
    serving: bool,
    wrong: Vec<String>,
}

impl Checking<'_> {
    fn all(&mut self) -> Config {
        let bind = self.bind();
        let public_url = self.public_url(bind);
        let data_dir = self
            .written
            .data_dir
            .clone()
            .unwrap_or_else(|| PathBuf::from("data"));
        let mail = self.mail();
        Config {
            development: self.development,
            bind,
            allowed_origins: self.allowed_origins(),
            trusted_proxies: self.trusted_proxies(),
            keys_file: self
                .written
                .keys_file
                .clone()
                .unwrap_or_else(|| data_dir.join("gatehouse.keys")),
            database_url: self.database_url(&data_dir),
            metrics_bind: self.metrics_bind(bind),
            log: self.log(),
            security_contact: self.security_contact(&public_url),
            core: self.core(public_url),
            mail,
            data_dir,
            settings: Vec::new(),
        }
    }

    fn say(&mut self, sentence: impl Into<String>) {
        self.wrong.push(sentence.into());
    }

    /// A rule of the real world: development mode and commands beside a server are let off.
    fn insist(&mut self, holds: bool, sentence: impl Into<String>) {
        if self.serving && !self.development && !holds {
            self.say(sentence);
        }
    }

    fn log(&mut self) -> Log {
        let json = match self.written.log.format.as_deref() {
            None => !self.development,
            Some("json") => true,
            Some("text") => false,
            Some(_) => {
                self.say("log.format must be json or text.");
                true
            }
        };
        let level = self.written.log.level.clone();
        if level.parse::<tracing_subscriber::EnvFilter>().is_err() {
            self.say("log.level must be a level like info, or a filter like info,portal=debug.");
        }
        Log { json, level }
    }

    fn core(&mut self, public_url: String) -> auth::Settings {
        let tokens = &self.written.tokens;
        let algorithm = SigningAlgorithm::parse(&tokens.algorithm);
        if algorithm.is_none() {
            self.say("tokens.algorithm must be ES256, EdDSA or RS256.");
        }
        let shortest = if self.development || !self.serving {
            5
        } else {
            60
        };
        if !(shortest..=3600).contains(&tokens.access_seconds) {
            self.say(format!(
                "tokens.access_seconds must be {shortest} to 3600, and is {}.",
                tokens.access_seconds
            ));
        }
        if tokens.audience.trim().is_empty() || tokens.audience == public_url {
            self.say("tokens.audience must name the services, and differ from server.public_url.");
        }
        if !(1..=3650).contains(&tokens.rotate_days) {
            self.say("tokens.rotate_days must be 1 to 3650.");
        }
        auth::Settings {
            public_url,
            audience: tokens.audience.clone(),
            access_seconds: tokens.access_seconds,
            algorithm: algorithm.unwrap_or(SigningAlgorithm::Es256),
            rotate_days: tokens.rotate_days,
            sessions: self.sessions(),
            verification: self.verification(),
            email_code: self.written.sign_in.email_code,
            default_role: self.written.registration.default_role.clone(),
            password: self.password(),
            breach_filter: self.written.password.breach_filter.clone(),
            hash: self.hash(),
            limits: self.limits(),
            audit_retention_days: self.audit_retention(),
            deliveries: self.deliveries(),
            api_keys: self.api_keys(),
            caps: auth::Caps::default(),
            consents: self.consents(),
        }
    }

    /// Less than a month is gone before anybody looks.
    fn audit_retention(&mut self) -> i64 {
        let days = self.written.audit.retention_days;
        if days != 0 && !(30..=36_500).contains(&days) {
            self.say("audit.retention_days must be 0, which keeps everything, or 30 to 36500.");
        }
        days
    }

    fn api_keys(&mut self) -> ApiKeySettings {
        let most = self.written.api_keys.per_account;
        if !(0..=1000).contains(&most) {
            self.say("api_keys.per_account must be 0 to 1000.");
        }
        let mode = match self.development {
            true => KeyMode::Test,
            false => KeyMode::Live,
        };
        ApiKeySettings { mode, most }
    }

    fn sessions(&mut self) -> SessionLife {
        let written = &self.written.sessions;
        let default = auth::Settings::default().sessions;
        let preset = match written.preset.as_str() {
            // NIST SP 800-63B-4, 2.2.3.
            "aal2" => SessionLife {
                idle: 3600,
                idle_unremembered: 3600,
                absolute: 86_400,
                ..default
            },
            "default" => default,
            _ => {
                self.say("sessions.preset must be default or aal2.");
                default
            }
        };
        let idle = written.idle_seconds.unwrap_or(preset.idle);
        let unremembered = written.idle_unremembered_seconds;
        let life = SessionLife {
            idle,
            // Unless it is said, a shorter `idle` shortens it too.
            idle_unremembered: unremembered.unwrap_or(preset.idle_unremembered.min(idle)),
            absolute: written.absolute_seconds.unwrap_or(preset.absolute),
            per_account: written.per_account.unwrap_or(preset.per_account),
        };
        if life.idle < 60 || life.absolute < life.idle || life.absolute > 30 * 86_400 {
            self.say("sessions.idle_seconds must be at least 60, and sessions.absolute_seconds no less than it and at most 30 days.");
        }
        if !(60..=life.idle).contains(&life.idle_unremembered) {
            self.say("sessions.idle_unremembered_seconds must be at least 60, and no more than sessions.idle_seconds.");
        }
        if !(1..=1000).contains(&life.per_account) {
            self.say("sessions.per_account must be 1 to 1000.");
        }
        life
    }

    fn verification(&mut self) -> Verification {
        match self.written.registration.verification.as_str() {
            "required" => Verification::Required,
            "off" => Verification::Off,
            _ => {
                self.say("registration.verification must be required or off.");
                Verification::Required
            }
        }
    }

    fn password(&mut self) -> PasswordRule {
        let default = PasswordRule::default();
        match self.written.password.preset.as_str() {
            "default" => default,
            "nist" => PasswordRule {
                shortest: 15,
                ..default
            },
            _ => {
                self.say("password.preset must be default or nist.");
                default
            }
        }
    }

    fn hash(&mut self) -> HashCost {
        let hash = &self.written.hash;
        let cost = HashCost {
            memory_kib: hash.memory_kib,
            iterations: hash.iterations,
            lanes: hash.lanes,
        };
        let computable = (1..=64).contains(&cost.lanes)
            && cost.iterations >= 1
            && cost.memory_kib >= 8 * cost.lanes;
        if !computable || cost.memory_kib > 4 * 1024 * 1024 {
            self.say("hash.memory_kib must be at least 8 for each of hash.lanes and at most 4194304, hash.iterations at least 1.");
        }
        self.insist(
            cost.memory_kib >= 19_456 && cost.iterations >= 2,
            "hash.memory_kib must be at least 19456 and hash.iterations at least 2: less is guessed too fast.",
        );
        cost
    }

    fn limits(&mut self) -> f64 {
        let multiplier = self.written.limits.multiplier;
        if !(0.0..=1000.0).contains(&multiplier) {
            self.say("limits.multiplier must be 0 to 1000.");
        }
        self.insist(multiplier > 0.0, "limits.multiplier is 0, which switches every limit off; development mode alone accepts that.");
        multiplier
    }
}
