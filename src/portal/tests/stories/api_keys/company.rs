//! What stands beside a key in a request, and where a key gets no one in (D20, D22).

use http::Method;
use serde_json::json;

use super::{EXCHANGE, KEYS, ME, ada, exchanged, make, used};
use crate::support::{ADA, PASSWORD, Site, both};

both! {
    async fn a_key_stands_alone_in_a_request(site: &Site) {
        let house = site.house().await;
        let mut owner = ada(&house).await;
        let key = make(&mut owner, &["workflow:read"]).await;
        let mut browser = house.browser();
        browser.log_in_with_cookie(ADA).await;
        let cookie = format!("gatehouse={}", browser.cookie("gatehouse").expect("a cookie"));
        let bearer = format!("Bearer {}", exchanged(&house, &key.text).await);

        for (method, path) in [(Method::GET, ME), (Method::POST, EXCHANGE), (Method::GET, KEYS)] {
            for (name, value) in [
                ("cookie", cookie.as_str()),
                ("cookie", "gatehouse=x"),
                ("cookie", "gatehouse="),
                ("authorization", bearer.as_str()),
                ("authorization", "Bearer x"),
                ("authorization", "Basic eDp5"),
                ("authorization", ""),
            ] {
                for shown in [key.text.as_str(), "wks_live_x", ""] {
                    let mut anyone = house.browser();
                    let asking = anyone.request(method.clone(), path).header("x-api-key", shown).header(name, value);
                    assert_eq!(anyone.send(asking).await.told(), "400 multiple_credentials", "{path} {name}: {value} {shown}");
                }
            }
        }
        // Another's cookie is no credential of ours.
        let mut program = house.program();
        let asking = program.request(Method::GET, ME).header("x-api-key", &key.text).header("cookie", "theme=dark");
        assert_eq!(program.send(asking).await.told(), "200");
    }

    async fn a_key_that_is_not_one_is_refused_and_nothing_else_is_tried(site: &Site) {
        let house = site.house().await;
        let mut owner = ada(&house).await;
        let key = make(&mut owner, &[]).await.text;
        let unknown = wire::api_key_of(wire::KeyMode::Live, &[9; 32]);
        let test = wire::api_key_of(wire::KeyMode::Test, &[9; 32]);
        for shown in [
            "", " ", "x", "wks_live_", &key[..80], &format!("{key}0"), &format!("{key}, {key}"), &key.to_uppercase(),
            &key.replace("live", "test"), &format!("Bearer {key}"), unknown.reveal(), test.reveal(), "wks_live_' or 1=1 --",
        ] {
            for (method, path) in [(Method::GET, ME), (Method::POST, EXCHANGE)] {
                let mut program = house.program();
                let asking = program.request(method, path).header("x-api-key", shown);
                let answer = program.send(asking).await;
                assert_eq!(answer.told(), "401 invalid_api_key", "{shown}");
                assert!(answer.header("ratelimit").is_empty());
                assert!(shown.len() < 5 || !answer.text().contains(shown), "what was shown is not repeated");
            }
        }
        for other in [key.as_str(), unknown.reveal(), ""] {
            let mut program = house.program();
            let asking = program.request(Method::GET, ME).header("x-api-key", &key).also("x-api-key", other);
            assert_eq!(program.send(asking).await.told(), "401 invalid_api_key", "two lines");
        }
        // As a token it is none, in an address it is nothing, and no field takes it for a password.
        assert_eq!(house.program().with_bearer(&key).me().await, "401 invalid_token");
        for query in ["api_key", "apiKey", "x-api-key", "access_token"] {
            let answer = house.program().get(&format!("{ME}?{query}={key}")).await;
            assert_eq!(answer.told(), "401 authentication_required", "{query}");
        }
        assert_eq!(house.program().log_in(ADA, &key).await.told(), "401 invalid_credentials");
        assert_eq!(used(&house, &key).await, "200");
    }

    async fn who_comes_by_a_key_makes_none_and_is_nobody_whose_account_it_is(site: &Site) {
        let house = site.house().await;
        let mut owner = ada(&house).await;
        let key = make(&mut owner, &["workflow:read"]).await;
        let token = exchanged(&house, &key.text).await;
        let by_key = house.program().with_key(&key.text);
        let by_token = house.program().with_bearer(&token);
        let body = json!({ "name": "Child", "permissions": ["workflow:read"] });

        for mut program in [by_key, by_token] {
            for (method, path, body) in [
                (Method::POST, KEYS.to_owned(), Some(&body)),
                (Method::GET, KEYS.to_owned(), None),
                (Method::GET, key.path(), None),
                (Method::PATCH, key.path(), Some(&json!({ "name": "Mine" }))),
                (Method::POST, format!("{}/rotate", key.path()), None),
                (Method::POST, format!("{}/confirm", key.path()), None),
                (Method::POST, format!("{}/take-over", key.path()), None),
                (Method::DELETE, key.path(), None),
                (Method::POST, "/api/auth/step-up".to_owned(), Some(&json!({ "password": PASSWORD }))),
                (Method::POST, "/api/auth/ws-ticket".to_owned(), None),
                (Method::POST, "/api/auth/logout".to_owned(), Some(&json!({ "scope": "global" }))),
                (Method::GET, "/api/account".to_owned(), None),
                (Method::PATCH, "/api/account".to_owned(), Some(&json!({ "firstName": "Eve" }))),
                (Method::PUT, "/api/account/password".to_owned(), Some(&json!({ "currentPassword": PASSWORD, "newPassword": "another quiet heron" }))),
                (Method::GET, "/api/account/sessions".to_owned(), None),
                (Method::DELETE, "/api/account/sessions".to_owned(), None),
                (Method::GET, "/api/account/export".to_owned(), None),
                (Method::POST, "/api/account/tenant".to_owned(), Some(&json!({ "tenantId": null }))),
                (Method::GET, "/api/admin/users".to_owned(), None),
            ] {
                let asking = program.request(method.clone(), &path);
                let asking = match body {
                    Some(body) => asking.json(body),
                    None => asking,
                };
                assert_eq!(program.send(asking).await.told(), "403 insufficient_permissions", "{method} {path}");
            }
        }
        assert_eq!(site.count("api_keys").await, 1);
        assert_eq!(used(&house, &key.text).await, "200");
    }

    async fn a_key_is_no_cookie_so_it_matters_not_from_which_page_it_is_used(site: &Site) {
        let house = site.house().await;
        let mut owner = ada(&house).await;
        let key = make(&mut owner, &[]).await;
        let mut program = house.program();
        let asking = program.request(Method::POST, EXCHANGE).header("x-api-key", &key.text);
        let foreign = asking.header("origin", "https://evil.example").header("sec-fetch-site", "cross-site");
        let answer = program.send(foreign).await;
        assert_eq!(answer.told(), "200");
        assert!(answer.header("access-control-allow-origin").is_empty(), "no page of another origin reads the answer");
        assert!(answer.cookies().is_empty());
    }
}
