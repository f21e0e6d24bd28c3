//! The kinds of credential: one a request, each read strictly, none tried after another (D22).

use http::Method;
use serde_json::{Value, json};

use crate::support::{ADA, Actor, PASSWORD, Setup, Site, both, claims};

const TOKEN: &str = "/api/auth/token";
const ME: &str = "/api/auth/me";
const APP: &str = "https://app.example.com";

both! {
    async fn a_cookie_is_asked_for_and_carries_the_session(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut browser = house.browser();

        let answer = browser.log_in_with_cookie(ADA).await;

        assert_eq!(answer.members(), ["accessToken", "expiresIn", "tokenType", "user"], "no refresh token beside a cookie");
        let cookies = answer.cookies();
        assert_eq!(cookies.len(), 1, "{cookies:?}");
        assert!(cookies[0].starts_with("gatehouse=") && cookies[0].contains("SameSite=Lax"), "{cookies:?}");
        let value = browser.cookie("gatehouse").expect("a cookie").to_owned();
        assert_eq!(value.len(), 22, "128 random bits");
        assert!(!answer.text().contains(&value));
        assert_eq!(browser.me().await, ADA);
    }

    async fn over_https_the_cookie_is_bound_to_the_host(site: &Site) {
        let house = site.house_with(Setup { public_url: "https://id.example.com", ..Setup::default() }).await;
        house.account(ADA).await;
        let mut browser = house.browser();

        browser.log_in_with_cookie(ADA).await;

        // That it is `Secure`, host-bound and never read by scripts is asserted of every cookie.
        assert!(browser.cookie("__Host-gatehouse").is_some());
        assert_eq!(browser.me().await, ADA);
        let renamed = house.browser().with_cookie("gatehouse", browser.cookie("__Host-gatehouse").expect("a cookie"));
        assert_eq!(renamed.clone().me().await, "401 authentication_required");
    }

    async fn signing_in_again_gives_a_new_cookie_and_ends_the_old_one(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut browser = house.browser();
        browser.log_in_with_cookie(ADA).await;
        let before = browser.clone();

        browser.log_in_with_cookie(ADA).await;

        assert_ne!(browser.cookie("gatehouse"), before.cookie("gatehouse"));
        assert_eq!(browser.me().await, ADA);
        assert_eq!(before.clone().me().await, "401 authentication_required");
    }

    async fn a_cookie_somebody_planted_is_not_taken_over(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let planted = "AAAAAAAAAAAAAAAAAAAAAA";
        let mut browser = house.browser().with_cookie("gatehouse", planted);

        browser.log_in_with_cookie(ADA).await;

        assert_ne!(browser.cookie("gatehouse"), Some(planted));
        assert_eq!(house.browser().with_cookie("gatehouse", planted).me().await, "401 authentication_required");
    }

    async fn a_browser_app_gets_a_token_for_the_services_from_its_cookie(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut browser = house.browser();
        browser.log_in_with_cookie(ADA).await;

        let answer = browser.poke(TOKEN).await;

        assert_eq!(answer.told(), "200");
        assert_eq!(answer.members(), ["accessToken", "expiresIn", "tokenType"]);
        assert_eq!(answer.header("cache-control"), "no-store");
        let claims = claims(&answer.member("accessToken")).1;
        assert_eq!(claims["aud"], json!(["workflow-api"]));
        assert_eq!(claims["email"], ADA);
    }

    async fn the_token_route_takes_nothing_but_a_cookie(site: &Site) {
        let house = site.house().await;
        let account = house.account(ADA).await;

        assert_eq!(house.anonymous().poke(TOKEN).await.told(), "401 authentication_required");
        assert_eq!(house.browser().poke(TOKEN).await.told(), "401 authentication_required");
        let made_up = house.browser().with_cookie("gatehouse", "AAAAAAAAAAAAAAAAAAAAAA");
        assert_eq!(made_up.clone().poke(TOKEN).await.told(), "401 authentication_required");
        let bearer = house.program().with_bearer(&account.access);
        assert_eq!(bearer.clone().poke(TOKEN).await.told(), "403 insufficient_permissions");
    }

    async fn the_token_route_answers_our_pages_and_listed_apps_alone(site: &Site) {
        let house = site.house_with(Setup { allowed_origins: &[APP], ..Setup::default() }).await;
        house.account(ADA).await;
        let mut browser = house.browser();
        browser.log_in_with_cookie(ADA).await;

        for (origin, fetch_site, told) in [
            (Some("http://localhost:3000"), Some("same-origin"), "200"),
            (Some("http://localhost:3000"), None, "200"),
            (Some(APP), Some("cross-site"), "200"),
            (Some(APP), Some("same-site"), "200"),
            (Some("https://app.example.com:8443"), Some("cross-site"), "403 cross_site_request"),
            (Some("http://app.example.com"), Some("cross-site"), "403 cross_site_request"),
            (Some("https://app.example.com.evil.example"), Some("cross-site"), "403 cross_site_request"),
            (Some("https://evil.example"), Some("cross-site"), "403 cross_site_request"),
            (Some("https://evil.example"), None, "403 cross_site_request"),
            (Some("null"), Some("cross-site"), "403 cross_site_request"),
            (None, Some("cross-site"), "403 cross_site_request"),
            (None, Some("same-site"), "403 cross_site_request"),
            (None, None, "403 cross_site_request"),
        ] {
            let mut asking = browser.request(Method::POST, TOKEN).without("origin").without("sec-fetch-site");
            if let Some(origin) = origin {
                asking = asking.header("origin", origin);
            }
            if let Some(site) = fetch_site {
                asking = asking.header("sec-fetch-site", site);
            }
            let answer = browser.send(asking).await;
            assert_eq!(answer.told(), told, "{origin:?} {fetch_site:?}");
            let shared = if origin == Some(APP) { APP } else { "" };
            assert_eq!(answer.header("access-control-allow-origin"), shared, "{origin:?}");
        }
    }

    async fn two_kinds_of_credential_are_refused_valid_or_not(site: &Site) {
        let house = site.house().await;
        let account = house.account(ADA).await;
        let mut browser = house.browser();
        browser.log_in_with_cookie(ADA).await;
        let cookie = format!("gatehouse={}", browser.cookie("gatehouse").expect("a cookie"));
        let bearer = format!("Bearer {}", account.access);

        for (cookie, bearer, key) in [
            (Some(cookie.as_str()), Some(bearer.as_str()), None),
            (Some("gatehouse=x"), Some(bearer.as_str()), None),
            (Some(cookie.as_str()), Some("Bearer x"), None),
            (Some(cookie.as_str()), Some("Basic eDp5"), None),
            (Some(cookie.as_str()), None, Some("wks_live_x")),
            (None, Some(bearer.as_str()), Some("")),
            (Some(cookie.as_str()), Some(bearer.as_str()), Some("wks_live_x")),
        ] {
            for (method, path) in [(Method::GET, ME), (Method::POST, "/api/auth/logout")] {
                let mut asking = browser.request(method, path).without("cookie");
                for (name, value) in [("cookie", cookie), ("authorization", bearer), ("x-api-key", key)] {
                    if let Some(value) = value {
                        asking = asking.header(name, value);
                    }
                }
                let answer = house.browser().send(asking).await;
                assert_eq!(answer.told(), "400 multiple_credentials", "{cookie:?} {bearer:?} {key:?}");
            }
        }
        assert_eq!(browser.me().await, ADA, "nobody was signed out");
    }

    async fn a_wrong_credential_is_refused_and_nothing_else_is_tried(site: &Site) {
        let house = site.house().await;
        let account = house.account(ADA).await;
        let mut altered = account.access.clone();
        altered.replace_range(altered.len() - 8.., "AAAAAAAA");

        for (name, value, told) in [
            ("authorization", "Bearer", "401 invalid_token"),
            ("authorization", "Bearer x", "401 invalid_token"),
            ("authorization", &format!("Bearer {altered}"), "401 invalid_token"),
            ("authorization", &format!("Bearer {}", account.refresh), "401 invalid_token"),
            ("authorization", &format!("Basic {}", account.access), "401 invalid_token"),
            ("x-api-key", &account.access, "401 invalid_api_key"),
            ("x-api-key", "", "401 invalid_api_key"),
            ("cookie", "gatehouse=", "401 authentication_required"),
            ("cookie", "gatehouse=AAAAAAAAAAAAAAAAAAAAAA", "401 authentication_required"),
        ] {
            let mut anyone = house.anonymous();
            let answer = anyone.send(anyone.request(Method::GET, ME).header(name, value)).await;
            assert_eq!(answer.told(), told, "{name}: {value}");
            assert!(answer.header("www-authenticate").starts_with("Bearer"), "{answer:?}");
        }
    }

    async fn a_forged_token_is_refused(site: &Site) {
        let house = site.house().await;
        let account = house.account(ADA).await;
        let parts: Vec<&str> = account.access.split('.').collect();
        let (header, body, signature) = (parts[0], parts[1], parts[2]);
        let none = base64url(&json!({ "alg": "none", "typ": "JWT" }));
        let hmac = base64url(&json!({ "alg": "HS256", "typ": "JWT", "kid": claims(&account.access).0["kid"] }));
        let mut admin = claims(&account.access).1;
        admin["role"] = json!("admin");
        let admin = base64url(&admin);

        for forged in [
            format!("{none}.{body}."),
            format!("{none}.{body}.{signature}"),
            format!("{hmac}.{body}.{signature}"),
            format!("{header}.{admin}.{signature}"),
            format!("{header}.{body}."),
            format!("{header}.{body}"),
            format!("{}.{signature}", account.access),
        ] {
            assert_eq!(house.program().with_bearer(&forged).me().await, "401 invalid_token", "{forged}");
        }
    }

    async fn an_access_token_ends_when_it_says(site: &Site) {
        let house = site.house().await;
        let account = house.account(ADA).await;
        let mut program = house.program().with_bearer(&account.access);

        house.wait(894);
        assert_eq!(program.me().await, ADA);
        house.wait(1);

        assert_eq!(program.me().await, "401 token_expired");
        assert_eq!(house.program().refresh(&account.refresh).await.told(), "200");
    }

    async fn an_idle_session_ends_after_a_week_and_a_used_one_after_a_month(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let (mut idle, mut used) = (house.browser(), house.browser());
        let staying = json!({ "email": ADA, "password": PASSWORD, "useCookie": true, "rememberMe": true });
        for browser in [&mut idle, &mut used] {
            assert_eq!(browser.post("/api/auth/login", &staying).await.told(), "200");
        }
        let cookie = |of: &Actor<'_>| of.cookie("gatehouse").expect("a cookie").to_owned();
        let (idle, used) = (cookie(&idle), cookie(&used));

        for (day, of_idle, of_used) in [
            (6, None, ADA),
            (12, Some("401 authentication_required"), ADA),
            (18, None, ADA),
            (24, None, ADA),
            (29, None, ADA),
            (30, None, "401 authentication_required"),
        ] {
            // A portal of that day, which remembers nothing but what is stored.
            let later = site.house().await;
            later.wait(day * 86_400);
            assert_eq!(later.browser().with_cookie("gatehouse", &used).me().await, of_used, "day {day}");
            if let Some(told) = of_idle {
                assert_eq!(later.browser().with_cookie("gatehouse", &idle).me().await, told, "day {day}");
            }
            if of_used == ADA {
                settle(site, later.now()).await;
            }
            later.auth.close().await;
        }
    }

    async fn routes_that_need_no_credential_ignore_any(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut anyone = house.anonymous();

        let asking = anyone.request(Method::GET, "/api/status").header("authorization", "nonsense").header("x-api-key", "x");
        assert_eq!(anyone.send(asking).await.told(), "200");

        let body = json!({ "email": ADA, "password": PASSWORD });
        let asking = anyone.request(Method::POST, "/api/auth/login").json(&body).header("authorization", "Bearer x").header("x-api-key", "x");
        assert_eq!(anyone.send(asking).await.told(), "200");
    }
}

/// `last_seen` is written beside the request; waits until it is, without waiting for time.
async fn settle(site: &Site, now: i64) {
    for _ in 0..1000 {
        if site
            .count(&format!("sessions where last_seen_at = {now}"))
            .await
            > 0
        {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("the session's last use was never written down");
}

fn base64url(value: &Value) -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(value.to_string())
}
