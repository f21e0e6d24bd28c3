//! Stepping up over HTTP: who proved themselves a while ago is asked again (D26, RFC 9470).

use serde_json::json;

use crate::support::{ADA, PASSWORD, Site, both};

const STEP_UP: &str = "/api/auth/step-up";

both! {
    async fn a_program_confirms_with_the_password(site: &Site) {
        let house = site.house().await;
        let ada = house.account(ADA).await;
        let mut program = house.program().with_bearer(&ada.access);

        let wrong = program.post(STEP_UP, &json!({ "password": "not the right herons" })).await;
        let right = program.post(STEP_UP, &json!({ "password": PASSWORD })).await;

        assert_eq!(wrong.told(), "401 invalid_credentials");
        assert_eq!(right.told(), "200");
        assert_eq!(right.json()["success"], true);
        assert_eq!(right.json()["validUntil"], auth::rfc3339(house.auth.now() + 600));
    }

    async fn a_browser_goes_on_under_a_new_cookie_and_the_old_one_is_dead(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut browser = house.browser();
        browser.log_in_with_cookie(ADA).await;
        let kept = browser.clone();

        let confirmed = browser.post(STEP_UP, &json!({ "password": PASSWORD })).await;

        assert_eq!(confirmed.told(), "200");
        assert_ne!(browser.cookie("gatehouse"), kept.cookie("gatehouse"));
        assert_eq!(browser.me().await, ADA);
        assert_eq!(kept.clone().me().await, "401 authentication_required");
    }

    async fn the_page_confirms_and_leads_back_to_where_one_was(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut browser = house.browser();
        browser.log_in_with_cookie(ADA).await;
        let kept = browser.clone();

        let page = browser.open("/step-up?next=/verify-email").await;
        let empty = browser.submit("step_up", &[("next", "/verify-email"), ("password", "")]).await;
        let wrong = browser.submit("step_up", &[("next", "/verify-email"), ("password", "not the right herons")]).await;
        let told = browser.open(wrong.header("location")).await;
        let right = browser.submit("step_up", &[("next", "/verify-email"), ("password", PASSWORD)]).await;

        assert!(page.text().contains("Confirm it is you") && page.text().contains(ADA));
        assert!(empty.header("location").starts_with("/step-up?next=/verify-email&flash="));
        assert!(told.text().contains("That is not the password of this account."));
        assert!(!told.text().contains("herons"));
        assert_eq!((right.status.as_u16(), right.header("location")), (303, "/verify-email"));
        assert_eq!(browser.me().await, ADA);
        assert_eq!(kept.clone().me().await, "401 authentication_required");
    }

    async fn the_way_back_never_leads_elsewhere(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut browser = house.browser();
        browser.log_in_with_cookie(ADA).await;

        for next in ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", ""] {
            let gone = browser.submit("step_up", &[("next", next), ("password", PASSWORD)]).await;
            assert_eq!(gone.header("location"), "/account", "{next}");
        }
    }

    async fn who_is_not_signed_in_has_nothing_to_confirm(site: &Site) {
        let house = site.house().await;

        let page = house.browser().open("/step-up?next=/account").await;
        let form = house.browser().submit("step_up", &[("password", PASSWORD)]).await;
        let program = house.program().post(STEP_UP, &json!({ "password": PASSWORD })).await;

        assert_eq!(page.status.as_u16(), 303);
        assert!(page.header("location").starts_with("/login?next=/step-up"));
        assert_eq!(form.header("location"), "/login");
        assert_eq!(program.told(), "401 authentication_required");
    }
}
