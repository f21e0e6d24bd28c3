//! Tickets for WebSockets over HTTP: asked for by an app, redeemed by the service.

use http::Method;
use serde_json::json;

use crate::support::{ADA, Site, both, claims};

const TICKET: &str = "/api/auth/ws-ticket";
const REDEEM: &str = "/api/auth/ws-ticket/redeem";

both! {
    async fn an_app_asks_and_the_service_redeems_once(site: &Site) {
        let house = site.house().await;
        let account = house.account(ADA).await;

        let answer = house.program().with_bearer(&account.access).poke(TICKET).await;
        let ticket = answer.member("ticket");
        let wrong = house.anonymous().post(REDEEM, &json!({ "ticket": ticket, "audience": "billing" })).await;
        let redeemed = house.anonymous().post(REDEEM, &json!({ "ticket": ticket, "audience": "workflow-api" })).await;
        let again = house.anonymous().post(REDEEM, &json!({ "ticket": ticket, "audience": "workflow-api" })).await;

        assert_eq!((answer.told().as_str(), answer.json()["expiresIn"].as_i64()), ("201", Some(30)));
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!([wrong.told(), again.told()], ["401 invalid_token", "401 invalid_token"]);
        assert_eq!(redeemed.told(), "200");
        assert_eq!(redeemed.members(), ["accessToken", "expiresIn", "tokenType"]);
        let token = redeemed.member("accessToken");
        assert_eq!(claims(&token).1["sid"], claims(&account.access).1["sid"]);
        assert_eq!(claims(&token).1["aud"], json!(["workflow-api"]));

        let by_service_token = house.program().with_bearer(&token).post(TICKET, &json!({ "audience": "workflow-api" })).await;
        assert_eq!(by_service_token.told(), "201", "a token for the services asks, too");
        let unknown = house.program().with_bearer(&token).post(TICKET, &json!({ "audience": "billing" })).await;
        assert_eq!(unknown.told(), "400 invalid_request audience:invalid");
    }

    async fn a_listed_origin_may_ask_and_nobody_else(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut browser = house.browser();
        browser.log_in_with_cookie(ADA).await;

        let foreign = browser.request(Method::POST, TICKET).header("sec-fetch-site", "cross-site").header("origin", "https://evil.example");

        assert_eq!(browser.send(foreign).await.told(), "403 cross_site_request");
        assert_eq!(browser.poke(TICKET).await.told(), "201");
        assert_eq!(house.anonymous().poke(TICKET).await.told(), "401 authentication_required");
        let empty = house.anonymous().post(REDEEM, &json!({})).await;
        assert_eq!(empty.told(), "400 invalid_request ticket:required audience:required");
    }
}
