//! Everything about one person: handed out on request, and gone when they are gone. Both walk every
//! table there is: a table nobody has thought about fails here.

use std::collections::BTreeSet;
use std::sync::Arc;

use auth::{Client, ConsentDocument, OwnDataError, Session, Settings, Want};
use wire::{ConsentPurpose, DeleteAccount, PersonName};

use crate::support::*;

const ADA: &str = "ada@example.com";

/// What a table holds of a person.
enum Holds {
    /// Something: it stands in this member of the export.
    In(&'static str),
    /// Something that is not exported, and why.
    Unexported(&'static str),
    /// Nothing.
    Nothing,
}
use Holds::{In, Nothing, Unexported};

/// Every table. Whoever adds one decides here what becomes of it when somebody asks for everything
/// about them, and when they leave; and fills it in `full_life`, if it holds anything of a person.
const TABLES: &[(&str, Holds)] = &[
    ("assignments", In("assignments")),
    ("api_keys", In("apiKeys")),
    ("audit_checkpoints", Nothing),
    ("audit_log", In("events")),
    ("audit_marks", Nothing),
    ("change_number", Nothing),
    ("consents", In("consents")),
    ("email_changes", In("emailChanges")),
    ("erasures", Nothing),
    (
        "failures",
        Unexported(
            "guesses of whoever wanted in; keyed by HMACs, and only a lock names its account",
        ),
    ),
    ("imported_accounts", In("imports")),
    (
        "invitations",
        Unexported("written by whoever invited, who need not be known to the invited"),
    ),
    ("known_devices", Unexported("keyed by HMACs of devices")),
    ("leases", Nothing),
    ("membership_grants", In("grants")),
    ("memberships", In("memberships")),
    ("meta", Nothing),
    ("one_time_tokens", Unexported("digests of secrets")),
    ("outbox", In("letters")),
    ("password_history", Unexported("hashes")),
    ("permissions", Nothing),
    ("rates", Nothing),
    (
        "refresh_tokens",
        Unexported("digests of secrets; the session is exported"),
    ),
    (
        "registrations",
        Unexported("typed by whoever wanted the address, who need not be its owner"),
    ),
    (
        "resets",
        Unexported("typed by whoever wanted in, who need not be the owner"),
    ),
    (
        "revocations",
        Unexported("ids of what ended, for a quarter of an hour"),
    ),
    ("role_grants", Nothing),
    ("roles", Nothing),
    ("sessions", In("sessions")),
    ("sign_in_days", Nothing),
    (
        "sign_in_flows",
        Unexported("begun by whoever typed the address, who need not be its owner"),
    ),
    ("signing_keys", Nothing),
    ("tenants", Nothing),
    ("user_grants", In("grants")),
    ("users", In("account")),
    (
        "ws_tickets",
        Unexported("digests of secrets, for half a minute"),
    ),
];

/// Where something of a person stays, and nothing else: random ids in the log of what was done, and
/// what another system called the account, so that no import brings it back.
const KEPT: &[&str] = &[
    "audit_log.actor_id",
    "audit_log.subject_id",
    "erasures.subject",
    "imported_accounts.external_id",
];

fn asking() -> Settings {
    let document = ConsentDocument {
        version: "1".to_owned(),
        url: "https://example.com/ai".to_owned(),
        required: false,
    };
    Settings {
        consents: [(ConsentPurpose::AiInteraction, document)].into(),
        ..settings()
    }
}

/// Where Ada comes from, and nobody else.
fn from_home() -> Client {
    Client::new(
        "203.0.113.77".parse().expect("an address"),
        "Babbage/1.0",
        "r",
    )
}

/// An account that has something everywhere, and whatever would show that something is Ada's.
async fn full_life(house: &House) -> (Arc<Session>, Vec<String>) {
    let auth = house.node(asking()).await;
    let home = from_home();
    let mut ada = account_named(ADA, "countess");
    ada.first_name = PersonName::parse("Augusta").ok();
    ada.last_name = PersonName::parse("Kingsworth").ok();
    let flow = match auth.register(ada, Want::Page, &home).await {
        Ok(auth::Registered::Pending { flow }) => flow,
        other => panic!("{other:?}"),
    };
    let letter = house.letter().await;
    let finish = by_code(&code_of(&letter), Some(&flow));
    let signed_in = auth
        .verify_email(finish, Want::Page, &home)
        .await
        .expect("is proven");
    let program = auth.log_in(credentials(ADA, PASSWORD), TOKENS, &home).await;
    let program = program.expect("signs in");
    let sessions = [signed_in.session_id.clone(), program.session_id.clone()];
    let (_, refresh) = tokens(program);
    auth.refresh(&refresh, wire::Audience::Services, &home)
        .await
        .expect("is exchanged");
    auth.log_in(credentials(ADA, OTHER_PASSWORD), Want::Page, &home)
        .await
        .expect_err("is wrong");
    let id = signed_in.user.id.clone();
    auth.give_consent(&id, ConsentPurpose::AiInteraction, "1", &home)
        .await
        .expect("is given");
    // Somebody else does something to her, and wants her address; she is warned. Where they came from
    // is not hers.
    auth.unlock(&email(ADA), &at("127.0.0.1"))
        .await
        .expect("is unlocked");
    auth.register(account(ADA), Want::Page, &house.somewhere())
        .await
        .expect("is taken on");
    house
        .console(&format!(
            "insert into imported_accounts (source, external_id, user_id, profile_mac, hash_mac, kept_mac, imported_at, updated_at)
             values ('clerk', 'analytical-engine', '{id}', {mac}, {mac}, {mac}, 0, 0)",
            mac = if house.is_shared() { "'\\x00'" } else { "x'00'" },
        ))
        .await;
    house
        .console("insert into tenants (id, name, name_key, created_at) values ('t1', 'Clinic', 'clinic', 0)")
        .await;
    for statement in [
        format!("insert into memberships (user_id, tenant_id, role, joined_at) values ('{id}', 't1', 'user', 0)"),
        format!("insert into api_keys (id, user_id, owned_by_tenant, name, digest, prefix, last4, permissions, rate_limit, created_at, created_by, last_used_address)
                 values ('k1', '{id}', {no}, 'Engine', {digest}, 'wks_live_', '0000', 'workflow:read', 1, 0, '{id}', '203.0.113.77')",
                no = if house.is_shared() { "false" } else { "0" }, digest = if house.is_shared() { "'\\x00'" } else { "x'00'" }),
        format!("insert into user_grants (user_id, pattern, granted_at) values ('{id}', 'audit:read', 0)"),
        format!("insert into assignments (id, user_id, tenant_id, resource_type, resource_id, assigned_at) values ('s1', '{id}', 't1', 'patient', '42', 0)"),
        format!("insert into membership_grants (user_id, tenant_id, pattern, condition, granted_at) values ('{id}', 't1', 'tenant:*', 'assigned', 0)"),
        format!(
            "insert into email_changes (id, user_id, session_id, place, old_email, new_email, tries, created_at, expires_at)
             values ('e1', '{id}', 's', 1, '{ADA}', 'new@example.com', 0, 0, {})",
            house.auth.now() + 3600
        ),
        format!(
            "insert into invitations (id, email, role, inviter_id, created_at, expires_at)
             values ('i1', '{ADA}', 'user', 'somebody', 0, {})",
            house.auth.now() + 3600
        ),
        format!(
            "insert into failures (lane, key, count, first_at, locked_until, account_id)
             values ('account_network', {}, 9, 0, {}, '{id}')",
            if house.is_shared() { "'\\x01'" } else { "x'01'" },
            house.auth.now() + 3600
        ),
        format!(
            "insert into sign_in_flows (id, email, flow_digest, tries, address, agent, asked_at, created_at, expires_at)
             values ('f1', '{ADA}', {}, 0, '198.51.100.9', 'x', 0, 0, {})",
            if house.is_shared() { "'\\x01'" } else { "x'01'" },
            house.auth.now() + 3600
        ),
    ] {
        house.console(&statement).await;
    }
    house
        .console(&format!(
            "insert into password_history (id, user_id, password_hash, created_at) values ('h', '{id}', 'x', 0)"
        ))
        .await;
    house
        .console(&format!(
            "insert into resets (id, email, tries, created_at, expires_at) values ('r', '{ADA}', 0, 0, {})",
            house.auth.now() + 3600
        ))
        .await;
    house.letters().await;
    let session = house.session(&cookie(&signed_in)).await.expect("lives");
    let ticket = house
        .auth
        .issue_ws_ticket(&session, None, &house.somewhere())
        .await;
    ticket.expect("a ticket");
    let mut traces = vec![
        id,
        ADA.to_owned(),
        "countess".to_owned(),
        "Augusta".to_owned(),
    ];
    let more = ["Kingsworth", "Babbage", "203.0.113.77", "analytical-engine"];
    traces.extend(more.map(str::to_owned));
    traces.extend(sessions);
    (session, traces)
}

/// Every column there is, as `table.column`.
async fn columns(house: &House) -> Vec<String> {
    let query = if house.is_shared() {
        "select table_name || '.' || column_name from information_schema.columns
         where table_schema = current_schema() and table_name <> '_sqlx_migrations'"
    } else {
        "select m.name || '.' || c.name from sqlite_master m join pragma_table_info(m.name) c
         where m.type = 'table' and m.name not like 'sqlite_%' and m.name <> '_sqlx_migrations'"
    };
    house.console(query).await
}

/// The columns that hold one of these texts.
async fn holders(house: &House, traces: &[String]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for column in columns(house).await {
        let (table, name) = column.split_once('.').expect("a column");
        let text = format!("lower(cast(\"{name}\" as text))");
        let like: Vec<_> = traces
            .iter()
            .map(|trace| format!("{text} like '%{}%'", trace.to_lowercase()))
            .collect();
        let query = format!(
            "select 'x' from {table} where {} limit 1",
            like.join(" or ")
        );
        if !house.console(&query).await.is_empty() {
            found.insert(column);
        }
    }
    found
}

both!(every_table_has_been_thought_about, async |house| {
    let found: BTreeSet<_> = columns(house)
        .await
        .iter()
        .filter_map(|column| column.split('.').next().map(str::to_owned))
        .collect();
    let known: BTreeSet<_> = TABLES
        .iter()
        .map(|(table, _)| (*table).to_owned())
        .collect();
    assert_eq!(
        found, known,
        "say in TABLES what the export and a deletion make of it"
    );
});

both!(
    an_export_holds_what_every_table_holds_of_its_owner,
    async |house| {
        let (session, traces) = full_life(house).await;
        close(house, &session).await;
        let export = house
            .auth
            .export_account(&session, &from_home())
            .await
            .expect("exports");
        let json = serde_json::to_value(&export).expect("serialises");

        let holders = holders(house, &traces).await;
        for (table, holds) in TABLES {
            let has = holders
                .iter()
                .any(|column| column.starts_with(&format!("{table}.")));
            match holds {
                In(member) => {
                    let member = &json[member];
                    let is_filled = member
                        .as_array()
                        .map_or(member.is_object(), |all| !all.is_empty());
                    assert!(has && is_filled, "{table}");
                }
                Unexported(reason) => assert!(has, "{table}: {reason}"),
                Nothing => assert!(!has, "{table} holds something of a person: {holders:?}"),
            }
        }
        assert_eq!(json["account"]["email"], ADA);
        assert_eq!(json["account"]["lastName"], "Kingsworth");
        assert_eq!(json["sessions"][0]["agent"], "Babbage/1.0");
        assert_eq!(json["consents"][0]["purpose"], "ai_interaction");
        assert_eq!(json["eventsComplete"], true);
        let text = json.to_string();
        for secret in ["$argon2", "digest", "hash", PASSWORD, OTHER_PASSWORD] {
            assert!(!text.contains(secret), "{secret}");
        }
    }
);

/// Closes the account: every table then holds something of it.
async fn close(house: &House, session: &Session) {
    let typed = DeleteAccount {
        confirmation: ADA.to_owned(),
    };
    house
        .auth
        .delete_account(session, &typed, &from_home())
        .await
        .expect("is closed");
    assert!(!house.letters().await.is_empty());
}

both!(
    what_others_did_is_told_without_telling_of_them,
    async |house| {
        let (session, _) = full_life(house).await;
        let id = &session.user.id;
        house
        .console(&format!(
            "insert into audit_log (id, at, request_id, actor_id, action, outcome, subject_id, address, agent, detail)
             values ('a', 0, '', 'somebody', 'role.changed', 'success', '{id}', '198.51.100.5', 'Secret/2', '{{\"why\":\"gossip\"}}'),
                    ('b', 0, '', '{id}', 'role.changed', 'success', 'somebody', '203.0.113.77', 'Babbage/1.0', '{{\"why\":\"gossip\"}}')"
        ))
        .await;

        let export = house
            .auth
            .export_account(&session, &from_home())
            .await
            .expect("exports");
        let by: BTreeSet<_> = export
            .events
            .iter()
            .map(|event| event.by.as_str())
            .collect();
        assert_eq!(
            by,
            BTreeSet::from(["nobody signed in", "somebody else", "you"])
        );
        let text = serde_json::to_string(&export).expect("serialises");
        for other in ["somebody\"", "198.51.100.5", "Secret/2", "gossip"] {
            assert!(!text.contains(other), "{other}: {text}");
        }
    }
);

both!(
    an_export_is_bounded_written_down_and_not_asked_for_without_end,
    async |house| {
        let (session, _) = full_life(house).await;
        let mut answers = Vec::new();
        for _ in 0..12 {
            answers.push(house.auth.export_account(&session, &from_home()).await);
        }

        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 10);
        assert!(matches!(
            answers.last(),
            Some(Err(OwnDataError::Limited(_)))
        ));
        let written = house
            .console("select action from audit_log where action = 'account.exported'")
            .await;
        assert_eq!(written.len(), 10);
    }
);

both!(
    nothing_is_left_of_who_left_but_what_is_documented,
    async |house| {
        let (session, traces) = full_life(house).await;
        let bob = house.sign_up("bob@example.com", Want::Page).await;
        house.auth.tend().await.expect("tends");
        close(house, &session).await;
        house.advance(14 * DAY);
        house.letters().await;
        for _ in 0..2 {
            house.advance(61);
            house.auth.tend().await.expect("tends");
        }

        let left = holders(house, &traces).await;
        let left: Vec<_> = left.iter().map(String::as_str).collect();
        assert_eq!(left, KEPT);
        let report = house.auth.verify_audit().await.expect("verifies");
        assert!(
            report.holds() && report.unsealed <= 1 && report.erased > 5,
            "{report:?}"
        );
        let kept = house
            .console(&format!(
                "select email from users where id = '{}' and username is null",
                bob.user.id
            ))
            .await;
        assert_eq!(
            kept,
            ["bob@example.com"],
            "somebody else's account is whole"
        );
        let origins = house
            .console(&format!(
                "select address from audit_log where actor_id = '{}' and address <> ''",
                bob.user.id
            ))
            .await;
        assert!(!origins.is_empty());
        // A day later the work is forgotten as well.
        house.advance(DAY);
        house.auth.tend().await.expect("tends");
        assert!(
            house
                .console("select subject from erasures")
                .await
                .is_empty()
        );
    }
);
