//! "Why is it refused?", by API and by page.

use serde_json::{Value, json};

use crate::support::{ADA, Answer, Site, both};

const BOB: &str = "bob@example.com";

const INSPECT: &str = "/api/auth/token/inspect";

/// The outcome of each check, by its name; the last of each name.
fn outcome<'r>(report: &'r Value, check: &str) -> &'r str {
    let checks = report["checks"].as_array().expect("a list");
    let found = checks.iter().rev().find(|one| one["check"] == check);
    found
        .and_then(|one| one["outcome"].as_str())
        .unwrap_or("not looked at")
}

fn shown(answer: &Answer) -> &str {
    assert_eq!(answer.status, 303, "{answer:?}");
    let location = answer.header("location");
    assert!(
        location.starts_with("/integrate/token?flash="),
        "{location}"
    );
    location
}

both! {
    async fn a_program_asks_why_a_token_is_refused(site: &Site) {
        let house = site.house().await;
        let ada = house.account(ADA).await;
        let mut program = house.program().with_bearer(&ada.access);

        let good = program.post(INSPECT, &json!({ "token": format!("Bearer {}", ada.access) })).await;
        assert_eq!(good.told(), "200");
        assert!(good.header("cache-control").contains("no-store"));
        assert_eq!(good.members(), ["checks", "claims", "complete", "header", "portal", "services"]);
        let report = good.json();
        assert_eq!((&report["services"], &report["portal"], &report["complete"]), (&Value::Null, &Value::Null, &json!(true)));
        assert_eq!((outcome(&report, "signature"), outcome(&report, "sid")), ("good", "good"));
        let email = report["claims"].as_array().expect("a list").iter().find(|claim| claim["name"] == "email");
        assert_eq!(email.expect("is there")["value"], ADA);

        let (signed, signature) = ada.access.rsplit_once('.').expect("three parts");
        let altered = program.post(INSPECT, &json!({ "token": format!("{signed}x.{signature}") })).await;
        assert_eq!(altered.json()["services"], "invalid_token");
        assert_eq!(outcome(&altered.json(), "signature"), "bad");
        assert!(!altered.text().contains(signature) && !good.text().contains(signature));

        assert_eq!(program.post(INSPECT, &json!({ "token": " " })).await.told(), "400 invalid_request token:required");
        assert_eq!(house.anonymous().post(INSPECT, &json!({ "token": "x" })).await.told(), "401 authentication_required");
    }

    async fn the_state_of_a_session_is_told_to_its_owner_alone(site: &Site) {
        let house = site.house().await;
        let ada = house.account(ADA).await;
        let bob = house.account(BOB).await;
        let asked = json!({ "token": ada.access });

        let mut stranger = house.program().with_bearer(&bob.access);
        let report = stranger.post(INSPECT, &asked).await.json();
        assert_eq!((outcome(&report, "sid"), &report["complete"], &report["services"]), ("open", &json!(false), &Value::Null));
        house.program().with_bearer(&ada.access).poke("/api/auth/logout").await;
        assert_eq!(stranger.post(INSPECT, &asked).await.json(), report, "as before");

        let again = house.sign_in(ADA).await;
        let report = house.program().with_bearer(&again.access).post(INSPECT, &asked).await.json();
        assert_eq!((&report["services"], &report["portal"]), (&json!("token_revoked"), &json!("token_revoked")));
    }

    async fn the_page_answers_once_and_keeps_nothing_of_the_token(site: &Site) {
        let house = site.house().await;
        let ada = house.account(ADA).await;
        let mut browser = house.browser();
        browser.log_in_with_cookie(ADA).await;
        house.wait(1000);
        browser.log_in_with_cookie(ADA).await;

        let posted = browser.submit("inspect_token", &[("token", &ada.access)]).await;
        let location = shown(&posted).to_owned();
        let page = browser.open(&location).await;
        let again = browser.open(&location).await;

        assert!(page.text().contains("token_expired") && page.text().contains("It expired 1 minute ago."), "{}", page.text());
        for part in ada.access.split('.') {
            assert!(!page.text().contains(part) && !location.contains(part));
        }
        assert!(!again.text().contains("It expired"), "shown once");
        let empty = browser.submit("inspect_token", &[("token", "")]).await;
        let location = shown(&empty).to_owned();
        assert!(browser.open(&location).await.text().contains("One field needs your attention."));
    }

    async fn hostile_text_is_shown_as_text_or_left_out(site: &Site) {
        use base64::Engine;
        use base64::engine::general_purpose::URL_SAFE_NO_PAD;

        let house = site.house().await;
        house.account(ADA).await;
        let mut browser = house.browser();
        browser.log_in_with_cookie(ADA).await;
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let evil = json!({ "iss": "<script>alert(1)</script>", "exp": 1e300, "x": "\"\u{1}".repeat(1000), "<b>": ["'"] });
        let token = format!("{}.{}.{}", part(&json!({ "alg": "none", "typ": "<i>" })), part(&evil), "");

        let posted = browser.submit("inspect_token", &[("token", &token)]).await;
        let page = browser.open(shown(&posted)).await;

        assert!(page.text().contains("anybody could have written it"), "{}", page.text());
        assert!(page.text().contains("&lt;script") && !page.text().contains("<script>alert") && !page.text().contains("<b>["));
        for junk in ["no-token", "a.b", "..", "wks_live_0123", &"x".repeat(20_000), "é.é.é"] {
            let posted = browser.submit("inspect_token", &[("token", junk)]).await;
            let page = browser.open(shown(&posted)).await;
            assert!(page.status == 200 && page.text().contains("Services refuse this token"), "{junk:.20}");
        }
    }

    async fn what_a_service_needs_is_on_one_page_for_everybody_signed_in(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut browser = house.browser();
        browser.log_in_with_cookie(ADA).await;

        let page = browser.open("/integrate").await;

        assert_eq!(page.status, 200);
        for value in ["http://localhost:3000/.well-known/jwks.json", "http://localhost:3000/.well-known/revocations", "workflow-api", "ES256", "issuer = &#x27;http://localhost:3000&#x27;"] {
            assert!(page.text().contains(value) || page.text().contains(&value.replace("&#x27;", "'")), "{value} in {}", page.text());
        }
        assert_eq!(house.browser().open("/integrate").await.header("location"), "/login?next=/integrate");
    }
}
