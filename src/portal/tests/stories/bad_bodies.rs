//! Bodies that are too much, too little, or something else (security.md 2.6).

use http::Method;
use serde_json::json;

use crate::support::{ADA, PASSWORD, Site, both};

const LOGIN: &str = "/api/auth/login";
const JSON: &str = "application/json";

/// A body in pieces, of no announced length.
fn good() -> String {
    json!({ "email": ADA, "password": PASSWORD }).to_string()
}

both! {
    async fn what_is_no_json_is_said_so(site: &Site) {
        let house = site.house().await;
        for body in [
            "".as_bytes(), b" ", b"{", b"{\"email\":}", b"{'email':'x'}", b"{\"email\":\"x\",}", b"nonsense", b"{}{}", b"{} x",
            b"{\"email\":\"\xff\"}", b"\xef\xbb\xbf{}", b"{\"email\":\"a\x01b\"}", b"{\"email\":\"\\ud800\"}", b"NaN",
            b"{\"a\":1e999}", b"email=ada&password=x",
        ] {
            let mut anyone = house.anonymous();
            let answer = anyone.send(anyone.request(Method::POST, LOGIN).body(JSON, body)).await;
            assert_eq!(answer.told(), "400 invalid_json", "{}", String::from_utf8_lossy(body));
            assert_eq!(answer.problem()["errors"], json!([]));
        }
    }

    async fn json_that_is_no_object_is_no_request(site: &Site) {
        let house = site.house().await;
        for body in ["null", "true", "0", "-1.5", "\"x\"", "[]", "[{\"email\":\"x\"}]"] {
            let mut anyone = house.anonymous();
            let answer = anyone.send(anyone.request(Method::POST, LOGIN).body(JSON, body)).await;
            assert_eq!(answer.told(), "400 invalid_request body:invalid", "{body}");
        }
    }

    async fn deep_json_costs_nothing(site: &Site) {
        let house = site.house().await;
        for (open, close, told) in [
            ("[", "]", "400 invalid_request body:invalid"),
            ("{\"a\":", "}", "400 invalid_json"),
            ("{\"a\":[", "]}", "400 invalid_json"),
            ("[", "", "400 invalid_json"),
            ("{\"a\":", "", "400 invalid_json"),
        ] {
            let depth = 60_000 / (open.len() + close.len());
            let body = format!("{}0{}", open.repeat(depth), close.repeat(depth));
            let mut anyone = house.anonymous();
            let answer = anyone.send(anyone.request(Method::POST, LOGIN).body(JSON, body)).await;
            assert_eq!(answer.told(), told, "{open}{close}");
        }
    }

    async fn each_thing_that_is_wrong_with_a_member_is_one_entry(site: &Site) {
        let house = site.house().await;
        let body = r#"{
            "email": 7, "useCookie": "yes", "use": ["services"],
            "role": "admin", "is_active": true, "role": "user",
            "username": "a", "username": "b"
        }"#;
        let mut anyone = house.anonymous();

        let answer = anyone.send(anyone.request(Method::POST, LOGIN).body(JSON, body)).await;

        let mut told: Vec<_> = answer.told().split(' ').map(str::to_owned).collect();
        told[2..].sort();
        assert_eq!(
            told,
            [
                "400", "invalid_request", "email:invalid", "is_active:unknown_field",
                "role:unknown_field", "use:invalid", "useCookie:invalid", "username:duplicate_field",
            ]
        );
    }

    async fn no_route_takes_a_member_it_does_not_know(site: &Site) {
        let house = site.house().await;
        let account = house.account(ADA).await;
        for path in ["register", "verify-email", "resend-verification", "login", "verify", "refresh", "logout"] {
            for member in ["role", "tenant_id", "email_verified", "id", "__proto__", "Email", "email ", ""] {
                let mut program = house.program().with_bearer(&account.access);
                let answer = program.post(&format!("/api/auth/{path}"), &json!({ member: "x" })).await;
                let wanted = format!("{member}:unknown_field");
                let problem = answer.problem();
                let named = problem["errors"].as_array().expect("a list").iter().any(|one| {
                    format!("{}:{}", one["field"].as_str().unwrap_or(""), one["code"].as_str().unwrap_or("")) == wanted
                });
                assert!(named && answer.status == 400, "{path} {member}: {problem}");
            }
        }
        assert_eq!(house.program().with_bearer(&account.access).me().await, ADA);
    }

    async fn a_hostile_member_name_forges_nothing(site: &Site) {
        let house = site.house().await;
        let mut anyone = house.anonymous();
        let name = format!("x\r\nSet-Cookie: a=b\u{0}<script>{}", "y".repeat(1000));

        let answer = anyone.post(LOGIN, &json!({ "email": ADA, "password": PASSWORD, name: 1 })).await;

        let problem = answer.problem();
        let field = problem["errors"][0]["field"].as_str().expect("a text");
        assert!(field.chars().count() <= 64 && !field.chars().any(char::is_control), "{field}");
        assert!(answer.cookies().is_empty());
    }

    async fn a_body_over_64_kib_is_too_large_and_one_of_64_is_not(site: &Site) {
        let house = site.house().await;
        let padded = |length: usize| {
            let body = good();
            format!("{body}{}", " ".repeat(length - body.len()))
        };
        let mut anyone = house.anonymous();

        let largest = anyone.send(anyone.request(Method::POST, LOGIN).body(JSON, padded(64 * 1024))).await;
        let larger = anyone.send(anyone.request(Method::POST, LOGIN).body(JSON, padded(64 * 1024 + 1))).await;
        let announced = anyone.request(Method::POST, LOGIN).body(JSON, good()).header("content-length", "65537");
        let unannounced = anyone.request(Method::POST, LOGIN).body(JSON, padded(65 * 1024)).without("content-length");

        assert_eq!(largest.told(), "401 invalid_credentials");
        assert_eq!(larger.told(), "413 body_too_large");
        assert_eq!(anyone.send(announced).await.told(), "413 body_too_large");
        assert_eq!(anyone.send(unannounced).await.told(), "413 body_too_large");
    }

    async fn a_password_of_a_mebibyte_is_never_hashed(site: &Site) {
        let house = site.house().await;
        for path in ["/api/auth/register", LOGIN, "/api/auth/verify-email"] {
            let body = json!({ "email": ADA, "token": "x", "password": "x".repeat(1 << 20) });
            assert_eq!(house.anonymous().post(path, &body).await.told(), "413 body_too_large", "{path}");
        }
        let body = json!({ "email": ADA, "password": "x".repeat(60_000) });
        assert_eq!(house.anonymous().log_in(ADA, &"x".repeat(60_000)).await.told(), "401 invalid_credentials");
        assert_eq!(house.anonymous().post("/api/auth/register", &body).await.told(), "400 invalid_request password:too_long");
    }

    async fn another_content_type_is_unsupported(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        for (kind, told) in [
            ("application/json", "200"),
            ("Application/JSON; charset=UTF-8", "200"),
            ("application/json;charset=\"utf-8\"", "200"),
            ("application/json; charset=utf-16", "415 unsupported_media_type"),
            ("text/plain", "415 unsupported_media_type"),
            ("application/x-www-form-urlencoded", "415 unsupported_media_type"),
            ("multipart/form-data; boundary=x", "415 unsupported_media_type"),
            ("application/jsonx", "415 unsupported_media_type"),
            ("text/json", "415 unsupported_media_type"),
            ("application/problem+json", "415 unsupported_media_type"),
            ("*/*", "415 unsupported_media_type"),
            ("", "415 unsupported_media_type"),
        ] {
            let mut anyone = house.anonymous();
            let answer = anyone.send(anyone.request(Method::POST, LOGIN).body(kind, good())).await;
            assert_eq!(answer.told(), told, "{kind}");
        }
        let mut anyone = house.anonymous();
        let without = anyone.request(Method::POST, LOGIN).body(JSON, good()).without("content-type");
        assert_eq!(anyone.send(without).await.told(), "415 unsupported_media_type");
        assert_eq!(anyone.poke(LOGIN).await.told(), "415 unsupported_media_type");
    }

    async fn another_method_is_told_which_there_are(site: &Site) {
        let house = site.house().await;
        for (path, allowed) in [
            (LOGIN, "POST"),
            ("/auth/refresh", "POST"),
            ("/api/auth/me", "GET, HEAD"),
            ("/api/status", "GET, HEAD"),
            ("/.well-known/jwks.json", "GET, HEAD"),
        ] {
            for method in [Method::PUT, Method::PATCH, Method::DELETE, Method::TRACE, Method::GET, Method::POST] {
                if allowed.split(", ").any(|one| one == method.as_str()) {
                    continue;
                }
                let mut anyone = house.anonymous();
                let answer = anyone.send(anyone.request(method.clone(), path)).await;
                assert_eq!(answer.told(), "405 method_not_allowed", "{method} {path}");
                assert!(!answer.header("allow").is_empty(), "{method} {path}");
                if method != Method::TRACE {
                    assert_eq!(answer.header("allow"), allowed, "{method} {path}");
                }
            }
        }
    }

    async fn checks_come_in_the_order_of_the_contract(site: &Site) {
        let house = site.house().await;
        let mut anyone = house.anonymous();
        let large = "x".repeat(70_000);
        let logout = "/api/auth/logout";

        let asking = anyone.request(Method::PUT, LOGIN).body("text/plain", large.clone());
        assert_eq!(anyone.send(asking).await.told(), "405 method_not_allowed", "before type");
        let asking = anyone.request(Method::POST, LOGIN).body("text/plain", large.clone());
        assert_eq!(anyone.send(asking).await.told(), "415 unsupported_media_type", "before size");
        let asking = anyone.request(Method::POST, LOGIN).body(JSON, large);
        assert_eq!(anyone.send(asking).await.told(), "413 body_too_large", "before JSON");
        let asking = anyone.request(Method::POST, logout).body(JSON, "{").header("authorization", "Bearer x");
        assert_eq!(anyone.send(asking).await.told(), "400 invalid_json", "before credential");
        let asking = anyone.request(Method::POST, logout).json(&json!({ "scope": 1 })).header("cookie", "gatehouse=x");
        assert_eq!(anyone.send(asking).await.told(), "401 authentication_required", "before CSRF");
    }
}
