//! What every answer carries, and who may read it. The headers themselves are asserted of every
//! answer in every story (`House::assert_protected`); here are the kinds of answer there are.

use http::Method;
use serde_json::json;

use crate::support::{ADA, Setup, Site, both};

const APP: &str = "https://app.example.com";

both! {
    async fn every_kind_of_answer_is_protected(site: &Site) {
        for public_url in ["http://localhost:3000", "https://id.example.com"] {
            let house = site.house_with(Setup { public_url, ..Setup::default() }).await;
            for (method, path, status) in [
                (Method::GET, "/api/status", 200),
                (Method::HEAD, "/api/status", 200),
                (Method::GET, "/.well-known/jwks.json", 200),
                (Method::GET, "/.well-known/security.txt", 200),
                (Method::GET, "/auth/login", 303),
                (Method::GET, "/api/auth/me", 401),
                (Method::GET, "/api/nowhere", 404),
                (Method::GET, "/nowhere", 404),
                (Method::DELETE, "/api/auth/me", 405),
                (Method::TRACE, "/", 405),
                (Method::POST, "/api/auth/login", 415),
                (Method::OPTIONS, "/api/auth/me", 405),
            ] {
                let mut anyone = house.anonymous();
                let answer = anyone.send(anyone.request(method.clone(), path)).await;
                assert_eq!(answer.status, status, "{method} {path}");
            }
            house.auth.close().await;
        }
    }

    async fn an_answer_for_programs_may_do_nothing_as_a_page(site: &Site) {
        let house = site.house().await;
        for path in ["/api/status", "/api/auth/me", "/.well-known/jwks.json", "/nowhere"] {
            let answer = house.anonymous().get(path).await;
            let policy = answer.header("content-security-policy");
            assert!(policy.contains("default-src 'none'") && policy.contains("sandbox"), "{path}: {policy}");
            assert!(!answer.header("content-type").starts_with("text/html"), "{path}");
        }
    }

    async fn people_get_errors_as_pages_and_programs_as_problems(site: &Site) {
        let house = site.house().await;
        let mut browser = house.browser();
        let accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

        let page = browser.send(browser.request(Method::GET, "/nowhere").header("accept", accept)).await;
        let api = browser.send(browser.request(Method::GET, "/api/nowhere").header("accept", accept)).await;

        assert_eq!((page.status.as_u16(), page.header("content-type")), (404, "text/html; charset=utf-8"));
        assert!(page.text().contains(page.header("x-request-id")), "the id is on the page");
        assert_eq!(api.told(), "404 not_found");
        assert_eq!(house.program().get("/nowhere").await.told(), "404 not_found");
    }

    async fn every_answer_has_an_id_of_its_own_and_a_proxys_is_kept(site: &Site) {
        let house = site.house_with(Setup { trusted_proxies: &["172.16.0.0/12"], ..Setup::default() }).await;
        let given = "0199c0de-0000-7000-8000-000000000000";
        let ask = |socket: &str, id: &str| {
            let mut anyone = house.anonymous().at(socket);
            let asking = anyone.request(Method::GET, "/api/status").header("x-request-id", id);
            async move { anyone.send(asking).await.header("x-request-id").to_owned() }
        };

        assert_eq!(ask("172.16.0.1", given).await, given);
        assert_ne!(ask("203.0.113.5", given).await, given, "a stranger names no line of our log");
        assert_ne!(ask("172.16.0.1", "x\" level=error").await, "x\" level=error");
        assert_ne!(ask("203.0.113.5", given).await, ask("203.0.113.5", given).await);
    }

    async fn the_older_prefix_answers_the_same(site: &Site) {
        let house = site.house().await;
        let account = house.account(ADA).await;

        assert_eq!(house.program().with_bearer(&account.access).get("/auth/me").await.told(), "200");
        let wrong = json!({ "email": ADA, "password": "not the right herons" });
        assert_eq!(house.anonymous().post("/auth/login", &wrong).await.told(), "401 invalid_credentials");
        let body = json!({ "refreshToken": account.refresh });
        assert_eq!(house.program().post("/auth/refresh", &body).await.told(), "200");
        assert_eq!(house.browser().post("/auth/resend-verification", &json!({ "email": ADA })).await.told(), "202");
        assert_eq!(house.anonymous().poke("/auth/token").await.told(), "401 authentication_required");
    }

    async fn older_page_addresses_lead_to_the_pages_with_their_query(site: &Site) {
        let house = site.house().await;
        for (path, location) in [
            ("/auth/login", "/login"),
            ("/auth/login?next=/account&x=%20y", "/login?next=/account&x=%20y"),
            ("/auth/register", "/register"),
            ("/auth/accept-invitation?token=abc", "/accept-invitation?token=abc"),
            ("/auth/reset-password?token=abc", "/reset-password?token=abc"),
            ("/auth/logout", "/logout"),
        ] {
            let answer = house.anonymous().get(path).await;
            assert_eq!((answer.told().as_str(), answer.header("location")), ("303", location), "{path}");
        }
    }

    async fn a_listed_app_reads_what_is_open_to_it_and_nothing_else(site: &Site) {
        let house = site.house_with(Setup { allowed_origins: &[APP], ..Setup::default() }).await;
        let account = house.account(ADA).await;
        for (method, path, open) in [
            (Method::GET, "/api/auth/me", true),
            (Method::GET, "/auth/me", true),
            (Method::POST, "/api/auth/token", true),
            (Method::POST, "/api/auth/logout", true),
            (Method::POST, "/api/auth/login", false),
            (Method::POST, "/api/auth/register", false),
            (Method::POST, "/api/auth/refresh", false),
            (Method::GET, "/api/status", false),
        ] {
            let mut app = house.anonymous();
            let asking = app.request(Method::OPTIONS, path).header("origin", APP);
            let preflight = app.send(asking.header("access-control-request-method", method.as_str())).await;
            let shared = if open { APP } else { "" };
            assert_eq!(preflight.header("access-control-allow-origin"), shared, "{method} {path}");
            if open {
                assert_eq!(preflight.told(), "204");
                assert_eq!(preflight.header("access-control-allow-credentials"), "true");
                assert_eq!(preflight.header("access-control-allow-methods"), method.as_str());
                assert!(preflight.header("access-control-allow-headers").contains("Authorization"));
                assert!(preflight.header("vary").contains("Origin"));
            }
        }
        let mut app = house.program().with_bearer(&account.access);
        let read = app.send(app.request(Method::GET, "/api/auth/me").header("origin", APP)).await;
        assert_eq!((read.told().as_str(), read.header("access-control-allow-origin")), ("200", APP));
        let refused = app.send(house.anonymous().request(Method::GET, "/api/auth/me").header("origin", APP)).await;
        assert_eq!(refused.header("access-control-allow-origin"), APP, "an app may read why it was refused");
    }

    async fn other_origins_read_nothing(site: &Site) {
        let house = site.house_with(Setup { allowed_origins: &[APP], ..Setup::default() }).await;
        let account = house.account(ADA).await;
        for origin in ["https://evil.example", "null", "http://app.example.com", "https://app.example.com.evil.example", "https://APP.example.com", "*"] {
            let mut app = house.program().with_bearer(&account.access);
            for method in [Method::GET, Method::OPTIONS] {
                let asking = app.request(method, "/api/auth/me").header("origin", origin).header("access-control-request-method", "GET");
                let answer = app.send(asking).await;
                assert_eq!(answer.header("access-control-allow-origin"), "", "{origin}");
                assert_eq!(answer.header("access-control-allow-credentials"), "", "{origin}");
            }
        }
    }

    async fn public_keys_are_for_everyone(site: &Site) {
        let house = site.house().await;
        for path in ["/.well-known/jwks.json", "/.well-known/openid-configuration"] {
            let mut anyone = house.anonymous();
            let answer = anyone.send(anyone.request(Method::GET, path).header("origin", "https://anywhere.example")).await;
            assert_eq!(answer.header("access-control-allow-origin"), "*");
            assert_eq!(answer.header("access-control-allow-credentials"), "", "never with credentials");
            assert_eq!(answer.header("cache-control"), "public, max-age=300");
        }
    }

    async fn a_network_that_asks_too_often_waits(site: &Site) {
        let house = site.house().await;
        let mut busy = house.anonymous();
        for _ in 0..100 {
            assert_eq!(busy.get("/api/status").await.told(), "200");
        }

        assert_eq!(busy.get("/api/status").await.told(), "429 rate_limited");
        assert_eq!(house.anonymous().get("/api/status").await.told(), "200", "others do not");
        assert_eq!(busy.get("/.well-known/jwks.json").await.told(), "200", "verifiers go on");
    }
}
