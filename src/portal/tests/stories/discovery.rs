//! What machines look up: keys, issuer, health, the API's own description.

use auth::{Client, Clock, PUBLISHED_BEFORE_USE, SystemClock};
use serde_json::{Value, json};

use crate::support::{ADA, House, Setup, Site, both, claims};

/// The key a token was signed with.
fn kid(token: &str) -> String {
    claims(token).0["kid"].as_str().expect("a text").to_owned()
}

/// The keys verifiers are given.
async fn published(house: &House) -> Vec<String> {
    let set = house.anonymous().get("/.well-known/jwks.json").await.json();
    let kids = set["keys"].as_array().expect("a list").iter();
    kids.map(|key| key["kid"].as_str().expect("a text").to_owned())
        .collect()
}

both! {
    async fn the_key_set_holds_public_keys_and_nothing_else(site: &Site) {
        let house = site.house().await;
        let account = house.account(ADA).await;

        let answer = house.anonymous().get("/.well-known/jwks.json").await;

        assert_eq!((answer.told().as_str(), answer.members()), ("200", vec!["keys".to_owned()]));
        assert_eq!(answer.header("content-type"), "application/json");
        let keys = answer.json()["keys"].as_array().expect("a list").clone();
        assert!((1..=3).contains(&keys.len()), "current, next, previous");
        for key in &keys {
            let mut members: Vec<_> = key.as_object().expect("an object").keys().map(String::as_str).collect();
            members.sort_unstable();
            assert_eq!(members, ["alg", "crv", "kid", "kty", "use", "x", "y"]);
            assert_eq!([&key["alg"], &key["crv"], &key["kty"], &key["use"]], ["ES256", "P-256", "EC", "sig"].map(|text| text));
        }
        let kid = &claims(&account.access).0["kid"];
        assert!(keys.iter().any(|key| key["kid"] == *kid), "the key that signs is published");
    }

    async fn a_second_portal_on_the_same_database_has_the_same_keys(site: &Site) {
        let (one, other) = (site.house().await, site.house().await);
        let account = one.account(ADA).await;

        let keys = one.anonymous().get("/.well-known/jwks.json").await.json();

        assert_eq!(other.anonymous().get("/.well-known/jwks.json").await.json(), keys);
        assert_eq!(other.program().with_bearer(&account.access).me().await, ADA);
        assert_eq!(other.program().refresh(&account.refresh).await.told(), "200");
    }

    async fn tokens_are_taken_before_during_and_after_a_key_rotation(site: &Site) {
        let house = site.house().await;
        let account = house.account(ADA).await;
        let old = kid(&account.access);
        assert!(published(&house).await.contains(&old));
        let planned: Vec<_> = published(&house).await.into_iter().filter(|kid| *kid != old).collect();
        assert_eq!(planned.len(), 1, "the next key is published before its use");
        house.wait(PUBLISHED_BEFORE_USE.unsigned_abs());
        let before = house.sign_in(ADA).await;
        assert_eq!(kid(&before.access), old);

        house.auth.rotate_signing_keys(None, &Client::operator()).await.expect("rotates");

        let after = house.sign_in(ADA).await;
        assert_eq!(kid(&after.access), planned[0], "signed by the key everyone had the time to fetch");
        for token in [&before.access, &after.access] {
            assert_eq!(house.program().with_bearer(token).me().await, ADA);
            assert!(published(&house).await.contains(&kid(token)));
        }
        house.wait(1000);
        house.auth.tend().await.expect("tends");
        let left = published(&house).await;
        assert!(!left.contains(&old) && left.contains(&planned[0]), "{left:?}");
        assert_eq!(house.program().refresh(&before.refresh).await.told(), "200", "nobody is signed out by a rotation");
    }

    async fn discovery_says_only_what_works(site: &Site) {
        let house = site.house_with(Setup { public_url: "https://id.example.com", ..Setup::default() }).await;
        let account = house.account(ADA).await;

        let answer = house.anonymous().get("/.well-known/openid-configuration").await;

        assert_eq!(answer.told(), "200");
        let document = answer.json();
        assert_eq!(document["issuer"], "https://id.example.com");
        assert_eq!(document["jwks_uri"], "https://id.example.com/.well-known/jwks.json");
        assert_eq!(document["issuer"], claims(&account.access).1["iss"]);
        for missing in ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "introspection_endpoint", "registration_endpoint"] {
            assert_eq!(document[missing], Value::Null, "{missing} does not work, so it is not said");
        }
        let supported = document["claims_supported"].as_array().expect("a list");
        for claim in claims(&account.access).1.as_object().expect("an object").keys() {
            assert!(supported.contains(&json!(claim)), "{claim}");
        }
    }

    async fn health_and_readiness_are_told_apart(site: &Site) {
        let house = site.house().await;
        // Readiness compares with the database's clock (D28), which no test moves.
        let now = u64::try_from(SystemClock.now() - house.now()).expect("stories begin in the past");
        house.wait(now);
        for path in ["/healthz", "/readyz", "/api/status"] {
            let answer = house.anonymous().get(path).await;
            assert_eq!((answer.told().as_str(), answer.json()), ("200", json!({ "status": "ok" })), "{path}");
        }

        house.auth.close().await;

        assert_eq!(house.anonymous().get("/healthz").await.told(), "200", "the process lives");
        assert_eq!(house.anonymous().get("/readyz").await.told(), "503 database_unavailable");
        assert_eq!(house.anonymous().log_in(ADA, "whatever it was").await.told(), "503 database_unavailable");
        assert_eq!(house.anonymous().get("/.well-known/jwks.json").await.told(), "200", "verifiers go on");
    }

    async fn the_contact_for_vulnerabilities_is_published(site: &Site) {
        let house = site.house().await;

        let answer = house.anonymous().get("/.well-known/security.txt").await;

        assert_eq!((answer.told().as_str(), answer.header("content-type")), ("200", "text/plain; charset=utf-8"));
        let text = answer.text();
        assert!(text.contains("Contact: mailto:security@example.com\n"), "{text}");
        assert!(text.contains("Canonical: http://localhost:3000/.well-known/security.txt\n"), "{text}");
        assert!(text.contains("Expires: 2026-"), "{text}");
        let leaks = text.lines().find(|line| line.contains("http://localhost:3000/leaked-key"));
        assert!(leaks.is_some_and(|line| line.starts_with('#')), "a comment of RFC 9116, 2.2: {text}");
    }

    async fn password_managers_find_the_way(site: &Site) {
        let house = site.house().await;

        let answer = house.anonymous().get("/.well-known/change-password").await;

        assert!(answer.status.is_redirection() && answer.header("location").starts_with("/account"), "{answer:?}");
    }

    async fn the_description_says_what_each_route_is_opened_with(site: &Site) {
        let house = site.house().await;
        let document = house.anonymous().get("/api/openapi.json").await.json();
        let security = |method: &str, path: &str| document["paths"][path][method]["security"].clone();
        let (session, bearer, key) = (json!({ "session": [] }), json!({ "bearer": [] }), json!({ "apiKey": [] }));
        for (method, path, wanted) in [
            ("post", "/api/auth/login", Value::Null),
            ("post", "/api/keys/revoke-leaked", Value::Null),
            ("post", "/api/auth/token", json!([session])),
            ("post", "/api/auth/step-up", json!([session, bearer])),
            ("post", "/api/auth/logout", json!([{}, session, bearer])),
            ("get", "/api/auth/me", json!([session, bearer, key])),
            ("post", "/api/authz/check", json!([session, bearer, key])),
            ("get", "/api/admin/audit", json!([session, bearer, key])),
            ("get", "/api/admin/users/{id}", json!([session, bearer, key])),
            ("patch", "/api/admin/users/{id}", json!([session, bearer])),
            ("post", "/api/keys", json!([session, bearer])),
            ("post", "/api/keys/exchange", json!([key])),
        ] {
            assert_eq!(security(method, path), wanted, "{method} {path}");
        }
        let mut said = 0;
        for row in portal::access::TABLE.iter().filter(|row| row.door == portal::access::Door::Json) {
            let operation = &document["paths"][row.path][row.method.as_str().to_lowercase()];
            if operation.is_object() {
                assert_eq!(operation["security"].is_array(), row.who != portal::access::Who::Public, "{} {}", row.method, row.path);
                said += 1;
            }
        }
        assert!(said > 100, "{said}");
    }

    async fn the_description_of_the_api_is_served_and_names_every_route(site: &Site) {
        let house = site.house().await;

        let answer = house.anonymous().get("/api/openapi.json").await;

        assert_eq!(answer.told(), "200");
        let document = answer.json();
        assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.")), "{}", document["openapi"]);
        for path in ["register", "verify-email", "resend-verification", "login", "refresh", "token", "logout", "me"] {
            assert!(document["paths"][format!("/api/auth/{path}")].is_object(), "{path}");
        }
        for path in ["/api/status", "/.well-known/jwks.json", "/.well-known/openid-configuration", "/healthz", "/readyz"] {
            assert!(document["paths"][path].is_object(), "{path}");
        }
    }
}
