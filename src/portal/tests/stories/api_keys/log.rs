//! What the audit log says of acts done with a key: whose it is, and which (row 114); and who was too often
//! somewhere, in bounds.

use serde_json::{Value, json};

use super::{EXCHANGE, KEYS, Key, NONE, ada, delete, exchanged, make, used};
use crate::managed_users::root;
use crate::support::{ADA, Actor, Setup, Site, both};

const AUDIT: &str = "/api/admin/audit";

async fn events(root: &mut Actor<'_>, query: &str) -> Vec<Value> {
    let answer = root.get(&format!("{AUDIT}{query}")).await;
    assert_eq!(answer.told(), "200", "{query}");
    answer.json()["events"].as_array().expect("a list").clone()
}

both! {
    async fn what_is_done_with_a_key_names_it_beside_its_owner(site: &Site) {
        let house = site.house().await;
        let mut owner = ada(&house).await;
        let key = make(&mut owner, &["workflow:read"]).await;
        let mut root = root(&house).await;
        let shown = format!("wks_live_…{}", &key.text[77..]);
        let named = json!({ "id": key.id, "prefix": "wks_live_", "last4": key.text[77..] });

        let mut program = house.program().with_key(&key.text);
        assert_eq!(program.get(KEYS).await.told(), "403 insufficient_permissions");
        let token = exchanged(&house, &key.text).await;
        let mut by_token = house.program().with_bearer(&token);
        assert_eq!(by_token.get(AUDIT).await.told(), "403 insufficient_permissions");

        let refused = events(&mut root, "?action=access.refused").await;
        assert_eq!(refused.len(), 2);
        for row in &refused {
            assert_eq!((&row["actor"]["email"], &row["detail"]["apiKey"]), (&json!(ADA), &named));
            assert_eq!(row["detail"]["session"], Value::Null, "it came by no session");
            let told = format!("{ADA} was not let in with the key {shown}: not with this kind of credential.");
            assert_eq!(row["sentence"], told);
            let id = row["id"].as_str().expect("an id");
            let page = root.open(&format!("/admin/audit/{id}")).await.text();
            assert!(page.contains(&format!("with the key {shown}")) && page.contains(&key.id), "{page}");
        }
        let list = root.open("/admin/audit?action=access.refused").await.text();
        assert!(list.contains(&format!("with the key {shown}")), "{list}");
        house.auth.tend().await.expect("tends");
        for format in ["csv", "ndjson"] {
            let file = root.get(&format!("{AUDIT}/export?format={format}")).await.text();
            assert!(file.contains(&key.id) && !file.contains(&key.text[9..77]), "{format}: {file}");
        }
        let mine = owner.get("/api/account/events").await.json();
        let told = format!("You asked for something and were not let in (API key {shown}).");
        assert!(mine["events"].as_array().expect("a list").iter().any(|event| event["sentence"] == json!(told)), "{mine}");
        let report = house.auth.verify_audit().await.expect("verifies");
        assert!(report.holds(), "{report:?}");
    }

    async fn a_key_crowds_its_owners_refusals_out_of_nothing(site: &Site) {
        let house = site.house().await;
        let mut owner = ada(&house).await;
        let key = make(&mut owner, &[]).await;
        let mut root = root(&house).await;
        let mut thief = house.program().with_key(&key.text);
        for path in ["users", "roles", "tenants", "keys", "audit", "stats", "settings", "outbox", "permissions"] {
            assert_eq!(thief.get(&format!("/api/admin/{path}")).await.told(), "403 insufficient_permissions");
        }
        assert_eq!(owner.get("/api/admin/users").await.told(), "403 insufficient_permissions");

        let rows = events(&mut root, "?action=access.refused").await;
        let (by_key, own): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row["detail"]["apiKey"] != Value::Null);
        assert_eq!((by_key.len(), own.len()), (5, 1));
        assert_eq!(own[0]["sentence"], format!("{ADA} was not let in: a permission was missing."));
        house.wait(60);
        house.auth.tend().await.expect("tends");
        let rows = events(&mut root, "?action=access.refused").await;
        let held_back = rows.iter().find(|row| row["detail"]["times"] == 4).expect("a number");
        assert_eq!(held_back["detail"]["apiKey"]["id"], json!(key.id));
        assert!(held_back["sentence"].as_str().expect("a text").ends_with(&format!("…{} again and again.", &key.text[77..])));
    }

    async fn an_exchange_is_told_once_a_day_and_network(site: &Site) {
        let house = site.house().await;
        let mut owner = ada(&house).await;
        let key = make(&mut owner, &[]).await;
        let mut root = root(&house).await;
        let mut service = house.program().with_key(&key.text);
        for _ in 0..5 {
            assert_eq!(service.poke(EXCHANGE).await.told(), "200");
        }
        assert_eq!(house.program().with_key(&key.text).poke(EXCHANGE).await.told(), "200");
        let rows = events(&mut root, "?action=api_key.exchanged").await;
        assert_eq!(rows.len(), 2, "two networks");
        let told = format!("An API key of {ADA} was exchanged for a token (wks_live_…{}).", &key.text[77..]);
        assert_eq!((&rows[0]["sentence"], &rows[0]["actor"]["email"]), (&json!(told), &json!(ADA)));
        house.wait(86_400);
        assert_eq!(service.poke(EXCHANGE).await.told(), "200");
        assert_eq!(site.count("audit_log where action = 'api_key.exchanged'").await, 3);
    }

    async fn a_key_that_opens_nothing_more_is_told_and_one_that_is_used_up(site: &Site) {
        let house = site.house().await;
        let mut owner = ada(&house).await;
        let made = owner.post(KEYS, &json!({ "name": "Slow", "permissions": [], "rateLimit": 1 })).await;
        let key = Key::of(&made);
        let mut root = root(&house).await;
        let mut program = house.program().with_key(&key.text);
        assert_eq!(program.get("/api/auth/me").await.told(), "200");
        for _ in 0..20 {
            assert_eq!(program.get("/api/auth/me").await.told(), "429 rate_limited");
        }
        let rows = events(&mut root, "?action=limit.reached").await;
        assert_eq!(rows.len(), 1, "once an hour, however often they come");
        assert_eq!((&rows[0]["detail"]["limit"], &rows[0]["detail"]["apiKey"]["id"]), (&json!("api_key"), &json!(key.id)));
        assert_eq!(rows[0]["sentence"], format!("{ADA} was too often here with the key wks_live_…{}.", &key.text[77..]));

        assert_eq!(delete(&mut owner, &key.path()).await.told(), "204");
        for _ in 0..5 {
            assert_eq!(used(&house, &key.text).await, "401 invalid_api_key");
            assert_eq!(program.get("/api/auth/me").await.told(), "401 invalid_api_key");
        }
        let rows = events(&mut root, &format!("?action=api_key.use&subject={ADA}")).await;
        assert!((1..=6).contains(&rows.len()), "once a minute and network: {}", rows.len());
        let told = format!("An API key was used that opens nothing any more (wks_live_…{}): it was revoked.", &key.text[77..]);
        assert_eq!(rows[0]["sentence"], told);
    }

    async fn whoever_reports_a_leaked_key_is_not_shown_to_its_owner(site: &Site) {
        let house = site.house().await;
        let mut owner = ada(&house).await;
        let key = make(&mut owner, &[]).await;
        let mut finder = house.program().at("198.51.100.77").using("finder/1.0");
        assert_eq!(finder.post("/api/keys/revoke-leaked", &json!({ "key": key.text })).await.told(), "200");

        let mine = owner.get("/api/account/events").await.json();
        let told = mine["events"].as_array().expect("a list").iter().find(|event| event["action"] == "api_key.leaked");
        let told = told.expect("told");
        assert_eq!((&told["ip"], &told["device"]), (&Value::Null, &Value::Null));
        for path in ["/api/account/events", "/api/account/export"] {
            let text = owner.get(path).await.text();
            assert!(!text.contains("198.51.100.77") && !text.contains("finder/1.0"), "{path}: {text}");
        }
        let mut root = root(&house).await;
        let row = &events(&mut root, "?action=api_key.leaked").await[0];
        assert_eq!(row["ip"], "198.51.100.77", "whoever reads the log sees it");
    }

    async fn who_is_too_often_somewhere_is_told_by_name_and_in_bounds(site: &Site) {
        let house = site.house_with(Setup { limits: 0.05, ..Setup::default() }).await;
        let ada = house.account(ADA).await;
        let admin = root(&house).await;
        let cookie = admin.cookie("gatehouse").expect("a cookie").to_owned();
        // Each request from a network of its own: it is people who are counted here.
        let root = || house.browser().with_cookie("gatehouse", &cookie);
        let invite = |at: usize| json!({ "email": format!("x{at}@example.com"), "role": "user" });
        for at in 0..15 {
            assert_eq!(root().post("/api/admin/users/invite", &invite(at)).await.told(), "201", "{at}");
        }
        for at in 15..18 {
            assert_eq!(root().post("/api/admin/users/invite", &invite(at)).await.told(), "429 rate_limited");
        }
        let tickets = || house.program().with_bearer(&ada.access);
        for told in ["201", "201", "201", "429 rate_limited", "429 rate_limited"] {
            assert_eq!(tickets().poke("/api/auth/ws-ticket").await.told(), told);
        }
        let reset = format!("/api/admin/users/{}/send-password-reset", ada.id);
        // The letter that proved her address was the one she gets in a quarter of an hour.
        assert_eq!(root().poke(&reset).await.told(), "429 rate_limited");
        let switch = json!({ "tenantId": null });
        for told in ["200", "200", "200", "429 rate_limited"] {
            assert_eq!(tickets().post("/api/account/tenant", &switch).await.told(), told);
        }
        let key = json!({ "name": "Many", "permissions": [] });
        for told in ["201", "201", "201", "201", "201", "429 rate_limited"] {
            assert_eq!(tickets().post(KEYS, &key).await.told(), told);
        }

        let of = |limit: &str, who: &str| {
            let of = format!("action = 'limit.reached' and detail like '%\"{limit}\"%'");
            format!("audit_log where {of} and actor_id = (select id from users where email = '{who}')")
        };
        for (limit, who) in [
            ("invite", "root@example.com"),
            ("ws_ticket", ADA),
            ("letter", "root@example.com"),
            ("switch_tenant", ADA),
            ("make_key", ADA),
        ] {
            assert_eq!(site.count(&of(limit, who)).await, 1, "{limit}: once a minute");
        }
        assert_eq!(root().get(&format!("/api/keys/{NONE}")).await.told(), "404 not_found");
    }
}
