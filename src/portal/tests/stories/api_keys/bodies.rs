//! What is said of a key that is to be made or changed, and may not be (rows 75, 79, 81, 94).

use http::Method;
use serde_json::{Value, json};

use super::{KEYS, Key, NONE, ada, make, may, send};
use crate::managed_users::root;
use crate::support::{Actor, Answer, Setup, Site, both};

/// More is asked here in a minute than one network may ask.
fn without_limits() -> Setup {
    Setup {
        limits: 0.0,
        ..Setup::default()
    }
}

/// A body that makes a key, but for one member.
fn but(name: &str, value: Value) -> Value {
    let mut body = json!({ "name": "Nightly build", "permissions": ["workflow:read"] });
    body[name] = value;
    body
}

async fn raw(by: &mut Actor<'_>, method: Method, path: &str, body: &str) -> Answer {
    let asking = by.request(method, path);
    by.send(asking.body("application/json", body)).await
}

both! {
    async fn nobody_says_of_a_key_what_is_not_theirs_to_say(site: &Site) {
        let house = site.house_with(without_limits()).await;
        let bob = house.account("bob@example.com").await;
        let mut root = root(&house).await;
        let tenant = root.post("/api/admin/tenants", &json!({ "name": "Acme" })).await.member("id");
        let mut owner = ada(&house).await;
        let key = make(&mut owner, &["workflow:read"]).await;
        for (name, value) in [
            ("id", json!(NONE)),
            ("ownerId", json!(bob.id)),
            ("userId", json!(bob.id)),
            ("user_id", json!(bob.id)),
            ("actor", json!("admin")),
            ("tenantId", json!(tenant)),
            ("tenant_id", json!(tenant)),
            ("ownedByTenant", json!(true)),
            ("role", json!("admin")),
            ("key", json!("wks_live_x")),
            ("digest", json!("00")),
            ("prefix", json!("wks_test_")),
            ("createdAt", json!("2020-01-01T00:00:00Z")),
            ("expiresAt", json!("9999-12-31T23:59:59Z")),
            ("expires_in_days", json!(1)),
            ("scopes", json!(["*:*"])),
            ("status", json!("active")),
            ("__proto__", json!({ "role": "admin" })),
            ("", json!(null)),
        ] {
            let told = format!("400 invalid_request {name}:unknown_field");
            assert_eq!(owner.post(KEYS, &but(name, value.clone())).await.told(), told);
            let change = json!({ "name": "Mine", name: value.clone() });
            assert_eq!(send(&mut owner, Method::PATCH, &key.path(), &change).await.told(), told);
            let roll = json!({ "overlapSeconds": 60, name: value });
            assert_eq!(owner.post(&format!("{}/rotate", key.path()), &roll).await.told(), told);
        }
        // What is an end of a new key is none of an old one: nobody lengthens a life by a change.
        let longer = send(&mut owner, Method::PATCH, &key.path(), &json!({ "expiresInDays": 3650 })).await;
        assert_eq!(longer.told(), "400 invalid_request expiresInDays:unknown_field");
        assert_eq!(site.count("api_keys").await, 1);
        let one = owner.get(&key.path()).await.json();
        assert_eq!((&one["key"]["name"], &one["key"]["tenantId"], &one["key"]["rolledAt"]), (&json!("Nightly build"), &Value::Null, &Value::Null));
    }

    async fn a_key_is_never_wider_than_whoever_makes_it(site: &Site) {
        let house = site.house_with(without_limits()).await;
        let mut owner = ada(&house).await;
        let key = make(&mut owner, &["workflow:read"]).await;
        let many: Vec<String> = (0..10_000).map(|_| "a:b".to_owned()).collect();
        let larger: Vec<String> = (0..10_000).map(|at| format!("workflow:read{at}")).collect();
        for (permissions, told) in [
            (json!(["user:manage"]), "403 insufficient_permissions"),
            (json!(["workflow:read", "system:config"]), "403 insufficient_permissions"),
            (json!(["workflow:fly"]), "400 invalid_request permissions:invalid"),
            (json!(["workflow:*"]), "400 invalid_request permissions:invalid"),
            (json!(["*:*"]), "400 invalid_request permissions:invalid"),
            (json!(["*"]), "400 invalid_request permissions:invalid"),
            (json!([""]), "400 invalid_request permissions:invalid"),
            (json!(["workflow:read system:config"]), "400 invalid_request permissions:invalid"),
            (json!(["workflow:read\u{0}"]), "400 invalid_request permissions:invalid"),
            (json!(["WORKFLOW:READ"]), "400 invalid_request permissions:invalid"),
            (json!(["workflow:r\u{435}ad"]), "400 invalid_request permissions:invalid"),
            (json!(many), "400 invalid_request permissions:too_long"),
            (json!(larger), "413 body_too_large"),
        ] {
            assert_eq!(owner.post(KEYS, &but("permissions", permissions.clone())).await.told(), told);
            let change = json!({ "permissions": permissions });
            assert_eq!(send(&mut owner, Method::PATCH, &key.path(), &change).await.told(), told);
        }
        for wrong in [json!("workflow:read"), json!({}), json!([1]), json!([["workflow:read"]]), json!([null]), json!(true)] {
            let told = owner.post(KEYS, &but("permissions", wrong.clone())).await.told();
            assert!(told.starts_with("400 invalid_request permissions:invalid"), "{wrong}: {told}");
        }
        assert_eq!(owner.post(KEYS, &json!({})).await.told(), "400 invalid_request name:required permissions:required");
        // Two hundred times the same is one.
        let same = vec!["workflow.read"; 200];
        let made = owner.post(KEYS, &but("permissions", json!(same))).await;
        assert_eq!(made.json()["permissions"], json!(["workflow:read"]));
        assert_eq!(may(&house, &key.text).await, json!(["workflow:read"]));
        assert_eq!(site.count("api_keys").await, 2);
    }

    async fn an_end_and_a_limit_are_what_they_may_be(site: &Site) {
        let house = site.house_with(without_limits()).await;
        let mut owner = ada(&house).await;
        let key = make(&mut owner, &[]).await;
        for (name, values, told) in [
            ("expiresInDays", json!([0, -1, 3651, 36_500_000, i64::MAX, i64::MIN, u64::MAX, 1.5, 1e300, "90", true, [], {}]), "expiresInDays:invalid"),
            ("rateLimit", json!([0, -1, 1_000_001, i64::MAX, i64::MIN, u64::MAX, 0.5, 1e300, "1000", false, [1000]]), "rateLimit:invalid"),
            ("name", json!([1, [], {}, true]), "name:invalid name:required"),
            ("name", json!(["", "   ", null]), "name:required"),
            ("name", json!(["x".repeat(256)]), "name:too_long"),
            ("name", json!(["a\u{0}b", "a\nb", "a\u{1b}[31mb", "a\u{202e}b", "\u{feff}a\u{2066}"]), "name:invalid"),
        ] {
            for value in values.as_array().expect("a list") {
                let said = owner.post(KEYS, &but(name, value.clone())).await.told();
                let only = told.split(' ').next().expect("a word");
                assert!(said == format!("400 invalid_request {told}") || said == format!("400 invalid_request {only}"), "{name} {value}: {said}");
            }
        }
        for overlap in [json!(-1), json!(604_801), json!(i64::MAX), json!(0.5), json!("60")] {
            let answer = owner.post(&format!("{}/rotate", key.path()), &json!({ "overlapSeconds": overlap })).await;
            assert_eq!(answer.told(), "400 invalid_request overlapSeconds:invalid", "{overlap}");
        }
        for (days, limit) in [(1, 1), (3650, 1_000_000)] {
            let wanted = json!({ "name": "Edge", "permissions": [], "expiresInDays": days, "rateLimit": limit });
            let made = owner.post(KEYS, &wanted).await;
            assert_eq!(Key::of(&made).text.len(), 81);
            assert_eq!(made.json()["expiresAt"], auth::rfc3339(house.now() + days * 86_400));
        }
        let names = ["=HYPERLINK(\"x\")", "<script>alert(1)</script>", "Robert'); drop table api_keys;--", "\u{5d0}\u{1f469}\u{200d}\u{1f52c}"];
        for name in names {
            assert_eq!(owner.post(KEYS, &but("name", json!(name))).await.json()["name"], name, "text is text");
        }
        let page = owner.get(KEYS).await.json();
        assert_eq!(page["keys"].as_array().map(Vec::len), Some(7));
    }

    async fn what_no_two_readers_agree_on_is_refused(site: &Site) {
        let house = site.house_with(without_limits()).await;
        let mut owner = ada(&house).await;
        let key = make(&mut owner, &[]).await;
        for (body, told) in [
            (r#"{"name":"\ud800","permissions":[]}"#, "400 invalid_json"),
            (r#"{"name":"x","permissions":["\udfff:a"]}"#, "400 invalid_json"),
            (r#"{"name":"x","permissions":[],"expiresInDays":1e999}"#, "400 invalid_json"),
            (r#"{"name":"x","permissions":[]"#, "400 invalid_json"),
            (r#"{"name":"x","name":"y","permissions":[]}"#, "400 invalid_request name:duplicate_field"),
            (r#"{"name":"x","permissions":[],"permissions":["*:*"]}"#, "400 invalid_request permissions:duplicate_field"),
            (r#"{"name":"x","permissions":[],"n\u0061me":"y"}"#, "400 invalid_request name:duplicate_field"),
            (r#"[{"name":"x","permissions":[]}]"#, "400 invalid_request body:invalid"),
            ("null", "400 invalid_request body:invalid"),
        ] {
            assert_eq!(raw(&mut owner, Method::POST, KEYS, body).await.told(), told, "{body}");
        }
        let twice = raw(&mut owner, Method::POST, &format!("{}/rotate", key.path()), r#"{"overlapSeconds":0,"overlapSeconds":604800}"#).await;
        assert_eq!(twice.told(), "400 invalid_request overlapSeconds:duplicate_field");
        let form = owner.request(Method::POST, KEYS).body("application/x-www-form-urlencoded", "name=x&permissions=");
        assert_eq!(owner.send(form).await.told(), "415 unsupported_media_type");
        assert_eq!(owner.get(&format!("{KEYS}?limit=201")).await.told(), "200", "and never more than 200");
        for query in ["?limit=0", "?limit=x", "?limit=50&limit=1", "?cursor=%00", "?cursor=x", "?sort=digest", "?userId=x"] {
            let answer = owner.get(&format!("{KEYS}{query}")).await;
            assert!(answer.told().starts_with("400 invalid_request "), "{query}: {}", answer.told());
        }
        assert_eq!(site.count("api_keys").await, 1);
    }
}
