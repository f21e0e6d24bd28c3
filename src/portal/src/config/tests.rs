use std::fs;

use super::*;

const REAL: [(&str, &str); 5] = [
    ("GATEHOUSE_SERVER__PUBLIC_URL", "https://login.example.com"),
    ("GATEHOUSE_MAIL__TRANSPORT", "smtp"),
    ("GATEHOUSE_MAIL__FROM", "Gatehouse <login@example.com>"),
    ("GATEHOUSE_MAIL__SMTP__HOST", "mail.example.com"),
    ("UNRELATED", "x"),
];

fn dev() -> Flags {
    Flags {
        dev: true,
        ..Flags::default()
    }
}

fn serve(environment: &[(&str, &str)], flags: &Flags) -> Result<Loaded, Vec<String>> {
    load(
        &Environment::of(environment.iter().copied()),
        flags,
        Purpose::Serve,
    )
    .map_err(|refusal| refusal.0)
}

/// The real world, with something changed.
fn real(changed: &[(&str, &str)]) -> Result<Loaded, Vec<String>> {
    let kept = REAL
        .iter()
        .filter(|(name, _)| changed.iter().all(|(other, _)| other != name));
    serve(
        &kept.chain(changed).copied().collect::<Vec<_>>(),
        &Flags::default(),
    )
}

fn file(content: &str) -> (tempfile::TempDir, Flags) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("gatehouse.toml");
    fs::write(&path, content).expect("written");
    (
        folder,
        Flags {
            config: Some(path),
            ..dev()
        },
    )
}

#[test]
fn development_mode_needs_nothing() {
    let config = serve(&[], &dev()).expect("accepted").config;

    assert!(config.development);
    assert_eq!(config.bind.to_string(), "127.0.0.1:3000");
    assert_eq!(config.public_url(), "http://localhost:3000");
    assert_eq!(config.database_url.reveal(), "sqlite://data/gatehouse.db");
    assert_eq!(config.keys_file, PathBuf::from("data/gatehouse.keys"));
    assert!(matches!(config.mail, Mail::Mailbox));
    assert_eq!(config.session_cookie(), "gatehouse");
}

#[test]
fn everything_missing_is_said_at_once() {
    let wrong = serve(
        &[
            ("GATEHOUSE_SERVER__BIND", "0.0.0.0:3000"),
            ("GATEHOUSE_LIMITS__MULTIPLIER", "0"),
        ],
        &Flags::default(),
    );
    let wrong = wrong.expect_err("refused");

    for part in ["server.public_url", "mail.transport", "limits.multiplier"] {
        assert!(
            wrong.iter().any(|sentence| sentence.contains(part)),
            "{part}: {wrong:?}"
        );
    }
    assert!(
        wrong.iter().all(|sentence| sentence.ends_with('.')),
        "{wrong:?}"
    );
}

#[test]
fn the_real_world_is_accepted_when_it_is_sound() {
    let config = real(&[]).expect("accepted").config;

    assert!(!config.development && config.is_https() && config.log.json);
    assert_eq!(config.session_cookie(), "__Host-gatehouse");
    assert_eq!(config.security_contact, "mailto:login@example.com");
    assert!(matches!(config.mail, Mail::Smtp(ref smtp) if smtp.port == 587));
}

#[test]
fn sessions_live_as_the_preset_says_unless_it_is_said_otherwise() {
    let lives = |more: &[(&str, &str)]| {
        let life = real(more).expect("accepted").config.core.sessions;
        (
            life.idle,
            life.idle_unremembered,
            life.absolute,
            life.per_account,
        )
    };
    let day = 86_400;
    assert_eq!(lives(&[]), (7 * day, day, 30 * day, 50));
    let aal2 = ("GATEHOUSE_SESSIONS__PRESET", "aal2");
    assert_eq!(lives(&[aal2]), (3600, 3600, day, 50));
    let idle = ("GATEHOUSE_SESSIONS__IDLE_SECONDS", "600");
    assert_eq!(lives(&[aal2, idle]), (600, 600, day, 50));
    assert_eq!(
        lives(&[idle]),
        (600, 600, 30 * day, 50),
        "never more than idle"
    );
    let unremembered = ("GATEHOUSE_SESSIONS__IDLE_UNREMEMBERED_SECONDS", "300");
    let many = ("GATEHOUSE_SESSIONS__PER_ACCOUNT", "3");
    assert_eq!(lives(&[unremembered, many]), (7 * day, 300, 30 * day, 3));
}

#[test]
fn weak_settings_are_refused_each_with_its_name() {
    let cases = [
        (
            "GATEHOUSE_SESSIONS__IDLE_SECONDS",
            "59",
            "sessions.idle_seconds",
        ),
        (
            "GATEHOUSE_SESSIONS__ABSOLUTE_SECONDS",
            "2592001",
            "sessions.absolute_seconds",
        ),
        (
            "GATEHOUSE_SESSIONS__IDLE_UNREMEMBERED_SECONDS",
            "604801",
            "sessions.idle_unremembered_seconds",
        ),
        (
            "GATEHOUSE_SESSIONS__PER_ACCOUNT",
            "0",
            "sessions.per_account",
        ),
        (
            "GATEHOUSE_API_KEYS__PER_ACCOUNT",
            "1001",
            "api_keys.per_account",
        ),
        (
            "GATEHOUSE_SERVER__PUBLIC_URL",
            "http://login.example.com",
            "server.public_url",
        ),
        (
            "GATEHOUSE_SERVER__PUBLIC_URL",
            "https://login.example.com/",
            "server.public_url",
        ),
        (
            "GATEHOUSE_SERVER__PUBLIC_URL",
            "https://login.example.com/auth",
            "server.public_url",
        ),
        (
            "GATEHOUSE_SERVER__PUBLIC_URL",
            "login.example.com",
            "server.public_url",
        ),
        (
            "GATEHOUSE_SERVER__ALLOWED_ORIGINS",
            "*",
            "server.allowed_origins",
        ),
        (
            "GATEHOUSE_SERVER__ALLOWED_ORIGINS",
            "null",
            "server.allowed_origins",
        ),
        (
            "GATEHOUSE_SERVER__ALLOWED_ORIGINS",
            "https://a.example/",
            "server.allowed_origins",
        ),
        (
            "GATEHOUSE_SERVER__TRUSTED_PROXIES",
            "10.0.0.0/33",
            "server.trusted_proxies",
        ),
        ("GATEHOUSE_SERVER__BIND", "localhost:3000", "server.bind"),
        ("GATEHOUSE_MAIL__TRANSPORT", "pigeon", "mail.transport"),
        ("GATEHOUSE_MAIL__FROM", "nobody", "mail.from"),
        (
            "GATEHOUSE_MAIL__SMTP__SECURITY",
            "plain",
            "mail.smtp.security",
        ),
        ("GATEHOUSE_MAIL__SMTP__USER", "somebody", "mail.smtp.pass"),
        ("GATEHOUSE_HASH__MEMORY_KIB", "4096", "hash.memory_kib"),
        ("GATEHOUSE_LIMITS__MULTIPLIER", "-1", "limits.multiplier"),
        ("GATEHOUSE_MAIL__DELIVERIES", "0", "mail.deliveries"),
        (
            "GATEHOUSE_AUDIT__RETENTION_DAYS",
            "7",
            "audit.retention_days",
        ),
        ("GATEHOUSE_LIMITS__MULTIPLIER", "many", "limits.multiplier"),
        (
            "GATEHOUSE_TOKENS__ACCESS_SECONDS",
            "5",
            "tokens.access_seconds",
        ),
        (
            "GATEHOUSE_TOKENS__ACCESS_SECONDS",
            "86400",
            "tokens.access_seconds",
        ),
        ("GATEHOUSE_TOKENS__ALGORITHM", "HS256", "tokens.algorithm"),
        (
            "GATEHOUSE_REGISTRATION__VERIFICATION",
            "maybe",
            "registration.verification",
        ),
        ("GATEHOUSE_METRICS__BIND", "127.0.0.1:3000", "metrics.bind"),
        (
            "GATEHOUSE_DATABASE__URL",
            "mysql://localhost/x",
            "database.url",
        ),
    ];
    for (name, value, key) in cases {
        let wrong = real(&[(name, value)]).expect_err(name);
        assert!(
            wrong.iter().any(|sentence| sentence.contains(key)),
            "{name}={value}: {wrong:?}"
        );
    }
}

#[test]
fn what_is_unknown_does_not_hide_what_is_weak() {
    let environment = [
        ("GATEHOUSE_FOO", "1"),
        ("JWT_SECRET", "x"),
        ("GATEHOUSE_SERVER__BIND", "0.0.0.0:1"),
        ("GATEHOUSE_HASH__LANES", "many"),
    ];
    let wrong = serve(&environment[..3], &dev()).expect_err("refused");
    for part in ["GATEHOUSE_FOO", "JWT_SECRET", "loopback"] {
        assert!(
            wrong.iter().any(|sentence| sentence.contains(part)),
            "{part}: {wrong:?}"
        );
    }
    let wrong = serve(&environment, &dev()).expect_err("refused");
    assert!(
        wrong.iter().any(|sentence| sentence.contains("hash.lanes")),
        "{wrong:?}"
    );
}

#[test]
fn an_example_is_no_secret() {
    let changed = [
        ("GATEHOUSE_MAIL__SMTP__USER", "u"),
        ("GATEHOUSE_MAIL__SMTP__PASS", "changeme"),
    ];
    let wrong = real(&changed).expect_err("refused");

    assert!(wrong[0].contains("mail.smtp.pass"));
    assert!(!wrong[0].contains("changeme"), "a value is never quoted");
}

#[test]
fn development_mode_stays_at_home() {
    let wrong = serve(&[("GATEHOUSE_SERVER__BIND", "0.0.0.0:3000")], &dev()).expect_err("refused");
    assert!(wrong[0].contains("loopback"), "{wrong:?}");

    let wrong = serve(
        &[
            ("GATEHOUSE_SERVER__BIND", "0.0.0.0:3000"),
            ("GATEHOUSE_MAIL__TRANSPORT", "mailbox"),
        ],
        &Flags::default(),
    );
    assert!(wrong.expect_err("refused")[0].contains("loopback"));
}

#[test]
fn a_mailbox_asked_for_is_development_mode() {
    assert!(
        serve(
            &[("GATEHOUSE_MAIL__TRANSPORT", "mailbox")],
            &Flags::default()
        )
        .expect("accepted")
        .config
        .development
    );
    assert!(
        !real(&[("NODE_ENV", "development")])
            .expect("accepted")
            .config
            .development,
        "nothing else is"
    );
}

#[test]
fn an_unknown_key_is_named_with_its_source() {
    let wrong = serve(&[("GATEHOUSE_SERVER__BNID", "x")], &dev()).expect_err("refused");
    assert_eq!(
        wrong,
        ["GATEHOUSE_SERVER__BNID in the environment is not a setting of Gatehouse."]
    );

    let (_folder, flags) =
        file("colour = 1\n[server]\nbind = \"127.0.0.1:3001\"\nbnid = 1\n[mial]\nx = 1\n");
    let wrong = serve(&[], &flags).expect_err("refused");
    for key in ["colour in ", "server.bnid in ", "mial.x in "] {
        assert!(
            wrong
                .iter()
                .any(|sentence| sentence.starts_with(key) && sentence.contains("gatehouse.toml")),
            "{key}: {wrong:?}"
        );
    }
}

#[test]
fn what_the_cluster_says_of_a_service_is_no_setting() {
    let of_the_cluster = [
        ("GATEHOUSE_SERVICE_HOST", "10.0.0.1"),
        ("GATEHOUSE_PORT", "tcp://10.0.0.1:80"),
        ("GATEHOUSE_PORT_80_TCP_ADDR", "10.0.0.1"),
    ];
    assert!(serve(&of_the_cluster, &dev()).is_ok());
}

#[test]
fn later_sources_win() {
    let (_folder, flags) = file(
        "[server]\nbind = \"127.0.0.1:3001\"\nallowed_origins = [\"https://a.example\"]\n[limits]\nmultiplier = 2\n",
    );
    let config = serve(&[], &flags).expect("accepted").config;
    assert_eq!((config.bind.port(), config.core.limits), (3001, 2.0));
    assert_eq!(config.allowed_origins, ["https://a.example"]);

    let environment = [
        ("GATEHOUSE_SERVER__BIND", "127.0.0.1:3002"),
        (
            "GATEHOUSE_SERVER__ALLOWED_ORIGINS",
            "https://b.example, https://c.example",
        ),
    ];
    let config = serve(&environment, &flags).expect("accepted").config;
    assert_eq!(config.bind.port(), 3002);
    assert_eq!(
        config.allowed_origins,
        ["https://b.example", "https://c.example"]
    );

    let flags = Flags {
        bind: Some("127.0.0.1:3003".to_owned()),
        ..flags
    };
    assert_eq!(
        serve(&environment, &flags)
            .expect("accepted")
            .config
            .bind
            .port(),
        3003
    );
}

#[test]
fn shorthands_are_read_and_give_way() {
    let config = serve(
        &[("PORT", "8080"), ("DATABASE_URL", "postgres://localhost/x")],
        &dev(),
    )
    .expect("accepted")
    .config;
    assert_eq!(
        (config.bind.to_string().as_str(), config.public_url()),
        ("127.0.0.1:8080", "http://localhost:8080")
    );
    assert_eq!(config.database_url.reveal(), "postgres://localhost/x");

    let both = [
        ("PORT", "8080"),
        ("GATEHOUSE_SERVER__BIND", "127.0.0.1:3002"),
        ("DATABASE_URL", "mysql://x"),
        ("GATEHOUSE_DATABASE__URL", "sqlite://x"),
    ];
    let config = serve(&both, &dev()).expect("accepted").config;
    assert_eq!(
        (config.bind.port(), config.database_url.reveal()),
        (3002, "sqlite://x")
    );

    let smtp = [
        ("SMTP_HOST", "mail.example.com"),
        ("SMTP_PORT", "465"),
        ("SMTP_USER", "u"),
        ("SMTP_PASS", "pf8w3kd0"),
    ];
    let config = serve(&smtp, &dev()).expect("accepted").config;
    assert!(
        matches!(config.mail, Mail::Smtp(ref smtp) if smtp.port == 465 && smtp.login.is_some())
    );
    let config = serve(&[("RESEND_API_KEY", "re_8fK2hd")], &dev())
        .expect("accepted")
        .config;
    assert!(matches!(config.mail, Mail::Resend(_)));
}

#[test]
fn a_secret_may_be_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("url");
    fs::write(&path, "sqlite://from-a-file\n").expect("written");
    let path = path.display().to_string();

    for name in ["GATEHOUSE_DATABASE__URL_FILE", "DATABASE_URL_FILE"] {
        let config = serve(&[(name, &path)], &dev()).expect("accepted").config;
        assert_eq!(config.database_url.reveal(), "sqlite://from-a-file");
    }
    assert!(serve(&[("DATABASE_URL_FILE", "/nowhere/at/all")], &dev()).is_err());
    let both = [
        ("GATEHOUSE_DATABASE__URL", "sqlite://x"),
        ("GATEHOUSE_DATABASE__URL_FILE", path.as_str()),
    ];
    assert!(serve(&both, &dev()).is_err());
    assert_eq!(
        serve(&[("GATEHOUSE_KEYS_FILE", "/run/keys")], &dev())
            .expect("accepted")
            .config
            .keys_file,
        PathBuf::from("/run/keys")
    );
}

#[test]
fn variables_of_older_set_ups_are_answered_one_by_one() {
    let old = [
        ("CLIENT_URL", "http://localhost:5173/"),
        ("JWT_EXPIRES_IN", "10m"),
        ("BCRYPT_ROUNDS", "12"),
        ("REDIS_URL", "redis://x"),
        ("NODE_ENV", "production"),
    ];
    let Loaded { config, notes } = serve(&old, &dev()).expect("accepted");
    assert_eq!(config.allowed_origins, ["http://localhost:5173"]);
    assert_eq!(config.core.access_seconds, 600);
    assert_eq!(notes.len(), old.len(), "{notes:?}");
    assert!(
        old.iter()
            .all(|(name, _)| notes.iter().filter(|note| note.starts_with(name)).count() == 1)
    );

    let refused = [
        ("JWT_SECRET", "x"),
        ("JWT_REFRESH_SECRET", "x"),
        ("PASSWORD_SALT", "x"),
        ("SUPABASE_URL", "x"),
        ("CLIENT_URL", "nowhere"),
    ];
    let wrong = serve(&refused, &dev()).expect_err("refused");
    assert_eq!(wrong.len(), refused.len(), "{wrong:?}");
}

#[test]
fn a_command_beside_a_server_needs_no_mail() {
    let environment = Environment::of([
        ("GATEHOUSE_LIMITS__MULTIPLIER", "0"),
        ("GATEHOUSE_TOKENS__ACCESS_SECONDS", "5"),
        ("GATEHOUSE_SERVER__BIND", "0.0.0.0:1"),
    ]);
    assert!(load(&environment, &Flags::default(), Purpose::Command).is_ok());
}

#[test]
fn secrets_do_not_show_in_debug() {
    let environment = [
        ("DATABASE_URL", "postgres://u:hunter2@localhost/x"),
        ("RESEND_API_KEY", "re_hunter2"),
    ];
    let shown = format!("{:?}", serve(&environment, &dev()).expect("accepted"));
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn a_consent_is_asked_for_once_it_has_a_version_and_an_address() {
    let (_folder, flags) = file(
        "[consents.terms]\nversion = \"2026-01\"\nurl = \"https://example.com/terms\"\nrequired = true\n",
    );
    let environment = [
        ("GATEHOUSE_CONSENTS__AI_INTERACTION__VERSION", "1"),
        (
            "GATEHOUSE_CONSENTS__AI_INTERACTION__URL",
            "https://example.com/ai?lang=pt#top",
        ),
    ];
    let consents = serve(&environment, &flags)
        .expect("accepted")
        .config
        .core
        .consents;
    let read: Vec<_> = consents
        .iter()
        .map(|(purpose, document)| {
            (
                purpose.as_str(),
                document.version.as_str(),
                document.required,
            )
        })
        .collect();
    assert_eq!(
        read,
        [("terms", "2026-01", true), ("ai_interaction", "1", false)]
    );
    assert!(
        serve(&[], &dev())
            .expect("accepted")
            .config
            .core
            .consents
            .is_empty()
    );
}

#[test]
fn half_a_consent_is_refused_with_its_name() {
    for (name, value, said) in [
        (
            "TERMS__URL",
            "https://example.com",
            "consents.terms.version",
        ),
        ("TERMS__REQUIRED", "true", "consents.terms.version"),
        (
            "DATA_RETENTION__VERSION",
            "1",
            "consents.data_retention.url",
        ),
        (
            "DATA_RETENTION__VERSION",
            "a b",
            "consents.data_retention.version",
        ),
    ] {
        let name = format!("GATEHOUSE_CONSENTS__{name}");
        let wrong = serve(&[(&name, value)], &dev()).expect_err("refused");
        assert!(
            wrong.iter().any(|sentence| sentence.starts_with(said)),
            "{wrong:?}"
        );
    }
    for url in [
        "",
        "/terms",
        "javascript:alert(1)",
        "ftp://example.com/",
        "https://ada@example.com/",
        "https://",
    ] {
        let environment = [
            ("GATEHOUSE_CONSENTS__TERMS__VERSION", "1"),
            ("GATEHOUSE_CONSENTS__TERMS__URL", url),
        ];
        let wrong = serve(&environment, &dev()).expect_err(url);
        assert!(
            wrong
                .iter()
                .any(|sentence| sentence.starts_with("consents.terms.url")),
            "{url}: {wrong:?}"
        );
    }
}
