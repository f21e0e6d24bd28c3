//! The caller's own account: seen, and its names changed.

use serde_json::{Value, json};

use crate::support::{ADA, Answer, PASSWORD, Site, both, registration};

const ACCOUNT: &str = "/api/account";

async fn update(who: &mut crate::support::Actor<'_>, body: &Value) -> Answer {
    let asking = who.request(http::Method::PATCH, ACCOUNT).json(body);
    who.send(asking).await
}

both! {
    async fn somebody_sees_and_changes_their_names(site: &Site) {
        let house = site.house().await;
        let account = house.account(ADA).await;
        let mut ada = house.program().with_bearer(&account.access);

        let seen = ada.get(ACCOUNT).await;
        assert_eq!(seen.told(), "200");
        assert_eq!(seen.members(), ["pendingEmail", "user"]);
        assert_eq!(seen.json()["user"]["id"], account.id);
        assert_eq!(seen.json()["pendingEmail"], Value::Null);
        assert!(seen.header("cache-control").contains("no-store"));

        let changed = update(&mut ada, &json!({ "firstName": " Ada ", "lastName": "李", "username": "Ada.L" })).await;
        assert_eq!(changed.told(), "200");
        assert_eq!(changed.json()["firstName"], "Ada");
        assert_eq!(changed.json()["username"], "Ada.L");
        assert_eq!(ada.get("/api/auth/me").await.json()["user"]["lastName"], "李");

        let cleared = update(&mut ada, &json!({ "lastName": null })).await;
        assert_eq!(cleared.json()["lastName"], Value::Null);
        assert_eq!(cleared.json()["firstName"], "Ada");
        assert_eq!(update(&mut ada, &json!({})).await.told(), "200");
        let by_name = json!({ "username": "ada.l", "password": PASSWORD });
        assert_eq!(house.program().post("/api/auth/login", &by_name).await.told(), "200");
    }

    async fn nobody_gives_themselves_what_is_not_a_name(site: &Site) {
        let house = site.house().await;
        let account = house.account(ADA).await;
        let mut ada = house.program().with_bearer(&account.access);
        let before = ada.get(ACCOUNT).await.json();
        for member in [
            "role", "tenantId", "emailVerified", "email", "permissions", "id", "userId", "password", "createdAt",
            "disabledAt", "first_name", "FirstName", "__proto__",
        ] {
            let asked = json!({ member: "admin", "firstName": "Eve" });
            assert_eq!(
                update(&mut ada, &asked).await.told(),
                format!("400 invalid_request {member}:unknown_field")
            );
        }
        assert_eq!(ada.get(ACCOUNT).await.json(), before);
    }

    async fn hostile_names_are_refused_or_shown_as_text(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut browser = house.browser();
        browser.log_in_with_cookie(ADA).await;
        for (name, code) in [
            ("Ada\r\nBcc: eve@example.com", "invalid"), ("\u{202E}adA", "invalid"), ("A\0da", "invalid"),
            ("", "required"), ("  ", "required"), (&*"x".repeat(101), "too_long"),
        ] {
            let refused = update(&mut browser, &json!({ "firstName": name })).await;
            assert_eq!(refused.told(), format!("400 invalid_request firstName:{code}"), "{name:?}");
        }
        for (name, code) in [("ad", "too_short"), ("a@b.c", "invalid"), (".ada", "invalid"), (&*"x".repeat(33), "too_long")] {
            let refused = update(&mut browser, &json!({ "username": name })).await;
            assert_eq!(refused.told(), format!("400 invalid_request username:{code}"), "{name:?}");
        }
        for body in [json!({ "firstName": 1 }), json!({ "firstName": ["Ada"] }), json!({ "firstName": {} })] {
            assert_eq!(update(&mut browser, &body).await.told(), "400 invalid_request firstName:invalid");
        }

        let hostile = "<script>alert(1)</script>";
        assert_eq!(update(&mut browser, &json!({ "firstName": hostile })).await.told(), "200");
        for page in ["/account", "/account/activity"] {
            let shown = browser.open(page).await.text();
            assert!(shown.contains("&lt;script&gt;alert(1)") && !shown.contains(hostile), "{page}");
        }
    }

    async fn a_taken_username_is_a_conflict(site: &Site) {
        let house = site.house().await;
        let body = json!({ "email": "bob@example.com", "password": PASSWORD, "username": "bob" });
        house.account_from(&body).await;
        let account = house.account(ADA).await;
        let mut ada = house.program().with_bearer(&account.access);

        let refused = update(&mut ada, &json!({ "username": "BOB" })).await;

        assert_eq!(refused.told(), "409 conflict username:taken");
        assert_eq!(refused.problem()["field"], "username");
    }

    async fn a_form_saves_the_names_and_gives_back_what_was_wrong(site: &Site) {
        let house = site.house().await;
        house.account_from(&registration(ADA)).await;
        let mut browser = house.browser();
        browser.log_in_with_cookie(ADA).await;

        let wrong = [("first_name", "Ada"), ("last_name", ""), ("username", "x")];
        let refused = browser.submit("update_profile", &wrong).await;
        assert_eq!(refused.status, 303);
        let page = browser.open(refused.header("location")).await.text();
        assert!(page.contains("Use at least 3 characters.") && page.contains("value=\"x\""), "{page}");

        let right = [("first_name", "Ada"), ("last_name", "Lovelace"), ("username", "ada")];
        let saved = browser.submit("update_profile", &right).await;
        let page = browser.open(saved.header("location")).await.text();
        assert!(page.contains("Your profile is saved.") && page.contains("value=\"Lovelace\""));

        let cleared = browser.submit("update_profile", &[("first_name", "Ada"), ("last_name", " "), ("username", "ada")]).await;
        assert_eq!(cleared.status, 303);
        assert_eq!(browser.get(ACCOUNT).await.json()["user"]["lastName"], Value::Null);
    }
}
