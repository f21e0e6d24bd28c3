//! Signing out: one session, the others, or all of them.

use http::Method;
use serde_json::{Value, json};

use crate::support::{ADA, Setup, Site, both};

const LOGOUT: &str = "/api/auth/logout";
const REVOKED: &str = "401 token_revoked";

fn scope(scope: &str) -> Value {
    json!({ "scope": scope })
}

both! {
    async fn signing_out_with_a_token_ends_that_session_at_once(site: &Site) {
        let house = site.house().await;
        let (here, there) = (house.account(ADA).await, house.sign_in(ADA).await);

        let answer = house.program().with_bearer(&here.access).poke(LOGOUT).await;

        assert_eq!((answer.told().as_str(), answer.json()), ("200", json!({ "success": true })));
        assert_eq!(house.program().with_bearer(&here.access).me().await, REVOKED);
        assert_eq!(house.program().refresh(&here.refresh).await.told(), REVOKED);
        assert_eq!(house.program().with_bearer(&there.access).me().await, ADA);
        assert_eq!(house.program().refresh(&there.refresh).await.told(), "200");
    }

    async fn signing_out_with_a_cookie_takes_the_cookie_back(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut browser = house.browser();
        let access = browser.log_in_with_cookie(ADA).await.member("accessToken");
        let kept = browser.clone();

        let answer = browser.poke(LOGOUT).await;

        assert_eq!((answer.told().as_str(), answer.json()), ("200", json!({ "success": true })));
        assert!(answer.header("clear-site-data").contains("\"cache\""), "{answer:?}");
        assert!(browser.cookie("gatehouse").is_none());
        assert_eq!(kept.clone().me().await, "401 authentication_required", "a kept copy of the cookie is worth nothing");
        assert_eq!(kept.clone().poke("/api/auth/token").await.told(), "401 authentication_required");
        assert_eq!(house.program().with_bearer(&access).me().await, REVOKED);
    }

    async fn over_https_the_cookie_is_taken_back_too(site: &Site) {
        let house = site.house_with(Setup { public_url: "https://id.example.com", ..Setup::default() }).await;
        house.account(ADA).await;
        let mut browser = house.browser();
        browser.log_in_with_cookie(ADA).await;

        let answer = browser.poke(LOGOUT).await;

        // That it is `Secure`, without which browsers keep a `__Host-` cookie, is asserted of every cookie.
        let cookies = answer.cookies();
        assert!(cookies.iter().any(|cookie| cookie.starts_with("__Host-gatehouse=;")), "{cookies:?}");
        assert!(browser.cookie("__Host-gatehouse").is_none());
    }

    async fn signing_out_the_others_leaves_this_one(site: &Site) {
        let house = site.house().await;
        let (here, there) = (house.account(ADA).await, house.sign_in(ADA).await);
        let mut browser = house.browser();
        browser.log_in_with_cookie(ADA).await;

        assert_eq!(house.program().with_bearer(&here.access).post(LOGOUT, &scope("others")).await.told(), "200");

        assert_eq!(house.program().with_bearer(&here.access).me().await, ADA);
        assert_eq!(house.program().refresh(&here.refresh).await.told(), "200");
        assert_eq!(house.program().with_bearer(&there.access).me().await, REVOKED);
        assert_eq!(house.program().refresh(&there.refresh).await.told(), REVOKED);
        assert_eq!(browser.me().await, "401 authentication_required");
    }

    async fn signing_out_everywhere_ends_all_and_nobody_elses(site: &Site) {
        let house = site.house().await;
        let (here, there) = (house.account(ADA).await, house.sign_in(ADA).await);
        house.wait(60);
        let bob = house.account("bob@example.com").await;

        assert_eq!(house.program().with_bearer(&here.access).post(LOGOUT, &scope("global")).await.told(), "200");

        for account in [&here, &there] {
            assert_eq!(house.program().with_bearer(&account.access).me().await, REVOKED);
            assert_eq!(house.program().refresh(&account.refresh).await.told(), REVOKED);
        }
        assert_eq!(house.program().with_bearer(&bob.access).me().await, "bob@example.com");
    }

    async fn a_refresh_token_alone_ends_its_session_and_no_other(site: &Site) {
        let house = site.house().await;
        let (here, there) = (house.account(ADA).await, house.sign_in(ADA).await);

        let answer = house.program().post(LOGOUT, &json!({ "refreshToken": here.refresh })).await;

        assert_eq!(answer.told(), "200");
        assert_eq!(house.program().with_bearer(&here.access).me().await, REVOKED);
        assert_eq!(house.program().with_bearer(&there.access).me().await, ADA);
        let everywhere = json!({ "refreshToken": there.refresh, "scope": "global" });
        assert_eq!(house.program().post(LOGOUT, &everywhere).await.told(), "400 invalid_request scope:invalid");
        assert_eq!(house.program().with_bearer(&there.access).me().await, ADA);
    }

    async fn signing_out_as_nobody_is_refused(site: &Site) {
        let house = site.house().await;

        assert_eq!(house.anonymous().poke(LOGOUT).await.told(), "401 authentication_required");
        assert_eq!(house.anonymous().post(LOGOUT, &json!({})).await.told(), "401 authentication_required");
        assert_eq!(house.anonymous().post(LOGOUT, &json!({ "refreshToken": "x" })).await.told(), "401 invalid_token");
        assert_eq!(house.anonymous().get(LOGOUT).await.told(), "405 method_not_allowed");
    }

    async fn a_scope_nobody_defined_ends_nothing(site: &Site) {
        let house = site.house().await;
        let account = house.account(ADA).await;

        for body in [json!({ "scope": "everyone" }), json!({ "scope": "" }), json!({ "scope": true })] {
            let answer = house.program().with_bearer(&account.access).post(LOGOUT, &body).await;
            assert_eq!(answer.told(), "400 invalid_request scope:invalid", "{body}");
        }
        assert_eq!(house.program().with_bearer(&account.access).me().await, ADA);
    }

    async fn another_site_cannot_sign_anybody_out(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut browser = house.browser();
        browser.log_in_with_cookie(ADA).await;

        for (origin, fetch_site) in [
            (Some("https://evil.example"), Some("cross-site")),
            (Some("null"), None),
            (None, Some("same-site")),
            (Some("http://localhost:3000.evil.example"), None),
            (None, None),
        ] {
            let mut forged = browser.request(Method::POST, LOGOUT).without("origin").without("sec-fetch-site");
            if let Some(origin) = origin {
                forged = forged.header("origin", origin);
            }
            if let Some(site) = fetch_site {
                forged = forged.header("sec-fetch-site", site);
            }
            assert_eq!(browser.send(forged).await.told(), "403 cross_site_request", "{origin:?} {fetch_site:?}");
        }
        assert_eq!(browser.me().await, ADA);
    }
}
