//! Another address, over HTTP: asked for, proven, taken back.

use serde_json::{Value, json};

use crate::support::{ADA, Actor, House, PASSWORD, Setup, Site, both, same_but_for};

const EMAIL: &str = "/api/account/email";
const CONFIRM: &str = "/api/account/email/confirm";
const UNDO: &str = "/api/account/email/undo";
const NEW: &str = "ada@new.example";

/// Somebody signed in with a cookie.
async fn browser<'a>(house: &'a House, email: &str) -> Actor<'a> {
    house.account(email).await;
    let mut browser = house.browser();
    browser.log_in_with_cookie(email).await;
    browser
}

/// Asks for a change; the letters' code and link, and the undo in the letter to the present address.
async fn asked(
    house: &House,
    who: &mut Actor<'_>,
    old: &str,
    new: &str,
) -> (String, String, String) {
    assert_eq!(
        who.post(EMAIL, &json!({ "newEmail": new })).await.told(),
        "200"
    );
    let post = house.deliver().await;
    let letter = post.to(new);
    (letter.code(), letter.token(), post.to(old).token())
}

both! {
    async fn a_new_address_is_asked_for_proven_and_used(site: &Site) {
        let house = site.house().await;
        let mut ada = browser(&house, ADA).await;
        let mut other = house.browser();
        other.log_in_with_cookie(ADA).await;

        let answer = ada.post(EMAIL, &json!({ "newEmail": "Ada@NEW.example" })).await;
        assert_eq!((answer.told().as_str(), answer.json()), ("200", json!({ "success": true })));
        assert_eq!(ada.get("/api/account").await.json()["pendingEmail"], NEW);
        let post = house.deliver().await;
        assert_eq!(post.subjects(), [
            "ada@example.com: Your e-mail address is about to change",
            "ada@new.example: Confirm your new e-mail address",
        ]);

        let code = post.to(NEW).code();
        assert_eq!(other.post(CONFIRM, &json!({ "code": code })).await.told(), "400 invalid_code");
        let confirmed = ada.post(CONFIRM, &json!({ "code": code })).await;
        assert_eq!(confirmed.told(), "200");
        assert_eq!(confirmed.json()["email"], NEW);
        assert_eq!(ada.me().await, NEW);
        assert_eq!(other.me().await, "401 authentication_required");
        assert_eq!(house.deliver().await.subjects(), ["ada@example.com: Your e-mail address was changed"]);
        assert_eq!(house.program().log_in(ADA, PASSWORD).await.told(), "401 invalid_credentials");
        assert_eq!(house.program().log_in(NEW, PASSWORD).await.told(), "200");
    }

    async fn known_and_unknown_addresses_answer_alike(site: &Site) {
        let house = site.house().await;
        house.account("bob@example.com").await;
        let mut ada = browser(&house, ADA).await;

        let known = ada.post(EMAIL, &json!({ "newEmail": "bob@example.com" })).await;
        let letters = house.deliver().await.subjects();
        let unknown = ada.post(EMAIL, &json!({ "newEmail": NEW })).await;
        house.deliver().await;

        same_but_for(&[], &known, &unknown);
        assert_eq!(letters, [
            "ada@example.com: Your e-mail address is about to change",
            "bob@example.com: This address already has an account",
        ]);
        assert_eq!(ada.post(CONFIRM, &json!({ "code": "000000" })).await.told(), "400 invalid_code");
    }

    async fn what_is_no_new_address_is_refused(site: &Site) {
        let house = site.house().await;
        let mut ada = browser(&house, ADA).await;
        for (body, told) in [
            (json!({}), "newEmail:required"),
            (json!({ "newEmail": "" }), "newEmail:required"),
            (json!({ "newEmail": "ada" }), "newEmail:invalid"),
            (json!({ "newEmail": "eve@example.com\r\nBcc: x@example.com" }), "newEmail:invalid"),
            (json!({ "newEmail": 1 }), "newEmail:invalid newEmail:required"),
            (json!({ "newEmail": "ADA@example.com" }), "newEmail:reused"),
            (json!({ "newEmail": NEW, "userId": "x" }), "userId:unknown_field"),
        ] {
            let answer = ada.post(EMAIL, &body).await.told();
            assert!(answer.starts_with("400 invalid_request"), "{body}: {answer}");
            assert!(told.split(' ').any(|told| answer.contains(told)), "{body}: {answer}");
        }
        assert_eq!(house.deliver().await.subjects(), [""; 0]);
    }

    async fn an_old_sign_in_does_not_change_an_address(site: &Site) {
        let house = site.house().await;
        let mut ada = browser(&house, ADA).await;
        house.wait(601);
        assert_eq!(ada.post(EMAIL, &json!({ "newEmail": NEW })).await.told(), "401 step_up_required");
        assert_eq!(ada.get("/api/account").await.told(), "200");
    }

    async fn a_link_opens_a_page_and_moves_out_of_the_address(site: &Site) {
        let house = site.house().await;
        let mut ada = browser(&house, ADA).await;
        let (_, token, _) = asked(&house, &mut ada, ADA, NEW).await;
        let link = format!("/change-email?token={token}");

        // Elsewhere: to sign in first, and then it works there.
        let mut elsewhere = house.browser();
        let moved = elsewhere.open(&link).await;
        assert_eq!((moved.status.as_u16(), moved.header("location")), (303, "/change-email"));
        let page = elsewhere.open("/change-email").await.text();
        assert!(page.contains("/login?next=/change-email") && page.contains(NEW), "{page}");
        assert_eq!(elsewhere.submit("confirm_email_change", &[]).await.header("location"), "/login");

        // Somebody else's session is no session of this account.
        let mut bob = browser(&house, "bob@example.com").await;
        bob.open(&link).await;
        assert!(bob.open("/change-email").await.text().contains("another account"));
        let refused = bob.submit("confirm_email_change", &[]).await;
        assert!(refused.header("location").starts_with("/change-email?flash="));
        assert_eq!(bob.post(CONFIRM, &json!({ "token": token })).await.told(), "400 invalid_or_expired_link");

        elsewhere.submit("log_in", &[("email", ADA), ("password", PASSWORD), ("next", "/change-email")]).await;
        assert!(elsewhere.open("/change-email").await.text().contains("Confirm new address"));
        let confirmed = elsewhere.submit("confirm_email_change", &[]).await;
        assert!(confirmed.header("location").starts_with("/account"), "{confirmed:?}");
        assert_eq!(elsewhere.me().await, NEW);
        assert_eq!(ada.me().await, "401 authentication_required");
        assert_eq!(elsewhere.post(CONFIRM, &json!({ "token": token })).await.told(), "400 invalid_or_expired_link");
    }

    async fn an_undo_link_asks_first_and_works_once(site: &Site) {
        let house = site.house().await;
        let mut thief = browser(&house, ADA).await;
        let (code, _, _) = asked(&house, &mut thief, ADA, NEW).await;
        assert_eq!(thief.post(CONFIRM, &json!({ "code": code })).await.told(), "200");
        let token = house.deliver().await.to(ADA).token();

        let mut owner = house.browser();
        owner.open(&format!("/undo-email?token={token}")).await;
        let page = owner.open("/undo-email").await.text();
        assert!(page.contains("Take my account back") && page.contains(ADA), "{page}");
        assert_eq!(thief.me().await, NEW, "opening it did nothing");

        let undone = owner.submit("undo_email_change", &[]).await;
        let page = owner.open(undone.header("location")).await.text();
        assert!(page.contains("Choose a new password with the letter"), "{page}");
        assert_eq!(thief.me().await, "401 authentication_required");
        let letters = house.deliver().await;
        assert_eq!(letters.subjects().len(), 1);
        let reset = json!({ "token": letters.to(ADA).token(), "password": "another twelve violins" });
        assert_eq!(house.program().post("/api/auth/reset-password", &reset).await.told(), "200");
        assert_eq!(house.program().log_in(ADA, "another twelve violins").await.told(), "200");
        for body in [json!({ "token": token }), json!({ "token": "x" }), json!({ "token": &token[1..] })] {
            assert_eq!(house.program().post(UNDO, &body).await.told(), "400 invalid_or_expired_link");
        }
    }

    async fn a_change_can_be_stopped_and_taken_back_by_the_api(site: &Site) {
        let house = site.house().await;
        let mut ada = browser(&house, ADA).await;
        let (code, _, undo) = asked(&house, &mut ada, ADA, NEW).await;

        let stop = ada.request(http::Method::DELETE, EMAIL);
        assert_eq!(ada.send(stop).await.told(), "204");
        assert_eq!(ada.get("/api/account").await.json()["pendingEmail"], Value::Null);
        assert_eq!(ada.post(CONFIRM, &json!({ "code": code })).await.told(), "400 invalid_code");

        assert_eq!(house.program().post(UNDO, &json!({ "token": undo })).await.told(), "200");
        assert_eq!(ada.me().await, "401 authentication_required");
    }

    async fn forms_change_the_address_without_any_script(site: &Site) {
        let house = site.house().await;
        let mut ada = browser(&house, ADA).await;

        let refused = ada.submit("change_email", &[("new_email", "nonsense")]).await;
        let page = ada.open(refused.header("location")).await.text();
        assert!(page.contains("Enter an address like") && page.contains("value=\"nonsense\""));

        let asked = ada.submit("change_email", &[("new_email", NEW)]).await;
        let page = ada.open(asked.header("location")).await.text();
        assert!(page.contains("We sent a letter to") && page.contains(NEW), "{page}");
        let code = house.deliver().await.to(NEW).code();
        let wrong = ada.submit("confirm_email_change", &[("code", "12")]).await;
        assert!(ada.open(wrong.header("location")).await.text().contains("Enter the six digits"));
        let confirmed = ada.submit("confirm_email_change", &[("code", &code)]).await;
        let page = ada.open(confirmed.header("location")).await.text();
        assert!(page.contains("Your e-mail address is changed.") && page.contains(NEW));
    }

    async fn no_hostile_host_gets_into_these_letters(site: &Site) {
        let house = site.house_with(Setup { public_url: "https://id.example.com", ..Setup::default() }).await;
        house.account(ADA).await;
        let mut ada = house.browser();
        ada.log_in_with_cookie(ADA).await;
        let asking = ada
            .request(http::Method::POST, EMAIL)
            .json(&json!({ "newEmail": NEW }))
            .header("x-forwarded-host", "evil.example")
            .header("forwarded", "host=evil.example");
        assert_eq!(ada.send(asking).await.told(), "200");
        for letter in &house.deliver().await.0 {
            assert!(!letter.0.text.contains("evil.example") && !letter.0.html.contains("evil.example"));
            assert!(letter.0.text.contains("https://id.example.com/"));
        }
    }
}
