//! Getting back in over HTTP: a reset by link or by code, and a change from inside.

use http::Method;
use serde_json::{Value, json};

use crate::support::{ADA, Actor, Answer, House, PASSWORD, Site, both, same_but_for};

const ASK: &str = "/api/auth/request-password-reset";
const RESET: &str = "/api/auth/reset-password";
const CHANGE: &str = "/api/account/password";
const NEW: &str = "another twelve violins";
const MINUTE: u64 = 60;

async fn ask(house: &House, email: &str) -> Answer {
    house.program().post(ASK, &json!({ "email": email })).await
}

async fn reset(house: &House, body: &Value) -> Answer {
    house.program().post(RESET, body).await
}

/// Asks, and reads the link out of the letter.
async fn token(house: &House, email: &str) -> String {
    assert_eq!(ask(house, email).await.told(), "200");
    house.deliver().await.to(email).token()
}

async fn change(who: &mut Actor<'_>, body: &Value) -> Answer {
    let asking = who.request(Method::PUT, CHANGE).json(body);
    who.send(asking).await
}

both! {
    async fn a_reset_link_works_once_and_signs_nobody_in(site: &Site) {
        let house = site.house().await;
        let account = house.account(ADA).await;
        let token = token(&house, ADA).await;
        let body = json!({ "token": token, "password": NEW, "confirmPassword": NEW });

        let done = reset(&house, &body).await;

        assert_eq!(done.told(), "200");
        assert_eq!(done.json(), json!({ "success": true }));
        assert!(done.cookies().is_empty(), "{done:?}");
        assert_eq!(reset(&house, &body).await.told(), "400 invalid_or_expired_link");
        assert_eq!(house.program().log_in(ADA, PASSWORD).await.told(), "401 invalid_credentials");
        assert_eq!(house.program().log_in(ADA, NEW).await.told(), "200");
        assert_eq!(house.program().with_bearer(&account.access).me().await, "401 token_revoked");
        assert_eq!(house.program().refresh(&account.refresh).await.told(), "401 token_revoked");
        assert_eq!(house.deliver().await.subjects(), [format!("{ADA}: You have a new password")]);
    }

    async fn known_and_unknown_addresses_get_the_same_answer(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let before = house.auth.work();
        let known = ask(&house, ADA).await;
        let between = house.auth.work();
        let unknown = ask(&house, "nobody@example.com").await;
        let after = house.auth.work();

        assert_eq!(known.told(), "200");
        assert_eq!(
            known.json(),
            json!({ "success": true, "message": "If an account with this email exists, a password reset link has been sent." })
        );
        same_but_for(&[], &known, &unknown);
        assert_eq!(between - before, after - between, "and it costs the same");
        assert_eq!(site.count("resets").await, 2);
        let browsers = [house.browser().post(ASK, &json!({ "email": ADA })).await,
            house.browser().post(ASK, &json!({ "email": "nobody@example.com" })).await];
        same_but_for(&[], &browsers[0], &browsers[1]);
        let codes = [house.program().post(ASK, &json!({ "email": "a@example.com", "withCode": true })).await,
            house.program().post(ASK, &json!({ "email": "b@example.com", "withCode": true })).await];
        same_but_for(&["flow"], &codes[0], &codes[1]);
    }

    async fn a_code_works_in_the_flow_that_asked_and_in_no_other(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let with_code = json!({ "email": ADA, "withCode": true });
        let flow = house.program().post(ASK, &with_code).await.member("flow");
        let code = house.deliver().await.to(ADA).code();
        let foreign = house.program().post(ASK, &json!({ "email": "b@example.com", "withCode": true })).await.member("flow");

        for body in [
            json!({ "code": code, "password": NEW }),
            json!({ "code": code, "flow": "", "password": NEW }),
            json!({ "code": code, "flow": foreign, "password": NEW }),
        ] {
            assert_eq!(reset(&house, &body).await.told(), "400 invalid_code", "{body}");
        }
        let typed = format!("{} {}", &code[..3], &code[3..]);
        let body = json!({ "code": typed, "flow": flow, "password": NEW });
        assert_eq!(reset(&house, &body).await.told(), "200");
        assert_eq!(house.program().log_in(ADA, NEW).await.told(), "200");
    }

    async fn a_browser_carries_its_flow_in_a_cookie(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut browser = house.browser();
        assert!(!browser.post(ASK, &json!({ "email": ADA })).await.members().contains(&"flow".to_owned()));
        let code = house.deliver().await.to(ADA).code();
        let body = json!({ "code": code, "password": NEW });

        assert_eq!(house.browser().post(RESET, &body).await.told(), "400 invalid_code", "another browser");
        assert_eq!(browser.post(RESET, &body).await.told(), "200");
        assert!(browser.cookie("gatehouse-reset").is_none(), "taken back");
    }

    async fn what_is_wrong_with_a_reset_is_said_and_nothing_is_used_up(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let token = token(&house, ADA).await;
        for (body, told) in [
            (json!({}), "400 invalid_request password:required"),
            (json!({ "password": NEW }), "400 invalid_request token:required"),
            (json!({ "token": token, "code": "123456", "password": NEW }), "400 invalid_request code:invalid"),
            (json!({ "token": token, "password": "short" }), "400 invalid_request password:too_short"),
            (json!({ "token": token, "password": PASSWORD }), "400 invalid_request password:reused"),
            (json!({ "token": token, "password": NEW, "confirmPassword": "x" }), "400 invalid_request confirmPassword:mismatch"),
            (json!({ "token": token, "password": NEW, "email": ADA }), "400 invalid_request email:unknown_field"),
            (json!({ "token": [token], "password": NEW }), "400 invalid_request token:invalid"),
            (json!({ "token": format!("{token}{token}"), "password": NEW }), "400 invalid_or_expired_link"),
            (json!({ "token": &token[1..], "password": NEW }), "400 invalid_or_expired_link"),
            (json!({ "token": "x".repeat(60_000), "password": NEW }), "400 invalid_or_expired_link"),
        ] {
            assert_eq!(reset(&house, &body).await.told(), told, "{body}");
        }
        assert_eq!(reset(&house, &json!({ "token": token, "password": NEW })).await.told(), "200");
        for (body, told) in [
            (json!({}), "400 invalid_request email:required"),
            (json!({ "email": "ada" }), "400 invalid_request email:invalid"),
            (json!({ "email": ADA, "token": "x" }), "400 invalid_request token:unknown_field"),
        ] {
            assert_eq!(house.program().post(ASK, &body).await.told(), told, "{body}");
        }
    }

    async fn a_fourth_letter_in_a_quarter_of_an_hour_is_refused_for_any_address(site: &Site) {
        let house = site.house().await;
        for email in [ADA, "nobody@example.com"] {
            for _ in 0..3 {
                assert_eq!(ask(&house, email).await.told(), "200");
            }
            assert_eq!(ask(&house, email).await.told(), "429 rate_limited");
        }
    }

    async fn no_header_of_a_request_gets_into_a_reset_letter(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut program = house.program();
        let asking = program
            .request(Method::POST, ASK)
            .json(&json!({ "email": ADA, "withCode": true }))
            .header("host", "evil.example")
            .header("x-forwarded-host", "evil.example")
            .header("x-forwarded-proto", "https")
            .header("forwarded", "host=evil.example;proto=https")
            .header("user-agent", "<a href=https://evil.example>win</a>");
        program.send(asking).await;

        let post = house.deliver().await;
        let letter = post.to(ADA);
        assert!(!letter.0.text.contains("evil.example") && !letter.0.html.contains("evil.example"));
        assert!(letter.0.text.contains(&format!("{}/reset-password?token=", house.public_url())));
    }

    async fn a_scanner_that_opens_links_uses_nothing_up(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let token = token(&house, ADA).await;
        for method in [Method::HEAD, Method::GET, Method::GET] {
            let mut scanner = house.anonymous();
            for path in ["/reset-password", "/auth/reset-password"] {
                let asking = scanner.request(method.clone(), &format!("{path}?token={token}"));
                let moved = scanner.send(asking).await;
                let is_moved = moved.status.is_redirection() || method == Method::HEAD;
                assert!(is_moved, "{method} {path}: {moved:?}");
            }
        }
        assert_eq!(reset(&house, &json!({ "token": token, "password": NEW })).await.told(), "200");
    }

    async fn the_older_address_keeps_its_query_and_password_managers_find_the_page(site: &Site) {
        let house = site.house().await;
        let moved = house.browser().open("/auth/reset-password?token=abc").await;
        assert_eq!((moved.status.as_u16(), moved.header("location")), (303, "/reset-password?token=abc"));
        let page = house.browser().open("/.well-known/change-password").await;
        assert_eq!(page.header("location"), "/account/security");
    }

    async fn a_form_asks_a_code_is_typed_and_a_password_chosen(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut browser = house.browser();

        let asked = browser.submit("request_reset", &[("email", ADA)]).await;
        let waiting = browser.open("/reset-password").await;
        let code = house.deliver().await.to(ADA).code();
        let typed = browser.submit("redeem_reset_code", &[("code", &code)]).await;
        let form = browser.open("/reset-password").await;
        let refused = browser.submit("reset_password", &[("password", NEW), ("confirm_password", "x")]).await;
        let done = browser.submit("reset_password", &[("password", NEW), ("confirm_password", NEW)]).await;

        assert_eq!(asked.header("location"), "/reset-password");
        assert!(waiting.text().contains("name=\"code\"") && waiting.text().contains(ADA));
        assert_eq!(typed.header("location"), "/reset-password");
        assert!(form.text().contains("name=\"password\"") && form.text().contains(ADA));
        assert!(refused.header("location").starts_with("/reset-password?flash="), "{refused:?}");
        assert!(done.header("location").starts_with("/login?flash="), "{done:?}");
        assert!(browser.cookie("gatehouse").is_none(), "nobody is signed in");
        assert!(browser.cookie("gatehouse-reset").is_none() && browser.cookie("gatehouse-reset-password").is_none());
        assert_eq!(house.program().log_in(ADA, NEW).await.told(), "200");
    }

    async fn an_opened_link_leaves_the_url_and_the_page_says_whose_it_is(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let token = token(&house, ADA).await;
        let mut browser = house.browser();

        let moved = browser.open(&format!("/reset-password?token={token}")).await;
        let form = browser.open("/reset-password").await;
        let dead = house.browser().open("/reset-password?token=wrong").await;

        assert_eq!((moved.status.as_u16(), moved.header("location")), (303, "/reset-password"));
        assert!(form.text().contains(ADA) && !form.text().contains(&token));
        assert_eq!(dead.header("location"), "/reset-password");
        let done = browser.submit("reset_password", &[("password", NEW), ("confirm_password", NEW)]).await;
        assert!(done.header("location").starts_with("/login?flash="));
        let again = browser.open(&format!("/reset-password?token={token}")).await;
        assert_eq!(again.header("location"), "/reset-password");
        assert!(browser.open("/reset-password").await.text().contains("This link does not work"));
    }

    async fn a_page_that_waits_for_a_code_tells_nobody_who_has_an_account(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut pages = Vec::new();
        for email in [ADA, "bob@example.com"] {
            let mut browser = house.browser();
            browser.submit("request_reset", &[("email", email)]).await;
            let page = browser.open("/reset-password").await.text();
            let main = page.split_once("<main").expect("a page").1;
            let (main, _) = main.split_once("</main>").expect("it ends");
            pages.push(main.replace(email, "somebody@example.com"));
        }
        assert_eq!(pages[0], pages[1]);
    }

    async fn whoever_knows_the_password_changes_it(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let other = house.sign_in(ADA).await;
        let mut browser = house.browser();
        browser.log_in_with_cookie(ADA).await;
        let old = browser.clone();
        for (body, told) in [
            (json!({}), "400 invalid_request currentPassword:required newPassword:required"),
            (json!({ "currentPassword": "wrong", "newPassword": NEW }), "400 invalid_request currentPassword:invalid"),
            (json!({ "currentPassword": PASSWORD, "newPassword": PASSWORD }), "400 invalid_request newPassword:reused"),
            (json!({ "currentPassword": PASSWORD, "newPassword": "short" }), "400 invalid_request newPassword:too_short"),
        ] {
            assert_eq!(change(&mut browser, &body).await.told(), told, "{body}");
        }

        let changed = change(&mut browser, &json!({ "currentPassword": PASSWORD, "newPassword": NEW })).await;

        assert_eq!(changed.told(), "200");
        assert_eq!(browser.me().await, ADA, "this session goes on");
        assert_eq!(old.clone().me().await, "401 authentication_required", "under a new cookie");
        assert_eq!(house.program().with_bearer(&other.access).me().await, "401 token_revoked");
        assert_eq!(house.program().log_in(ADA, NEW).await.told(), "200");
        assert_eq!(house.deliver().await.subjects(), [format!("{ADA}: You have a new password")]);
    }

    async fn an_old_sign_in_does_not_change_the_password(site: &Site) {
        let house = site.house().await;
        let account = house.account(ADA).await;
        house.wait(11 * MINUTE);
        let mut program = house.program().with_bearer(&account.access);

        let body = json!({ "currentPassword": PASSWORD, "newPassword": NEW });
        assert_eq!(change(&mut program, &body).await.told(), "401 step_up_required");
        assert_eq!(house.program().log_in(ADA, PASSWORD).await.told(), "200");
    }

    async fn the_page_changes_a_password_and_says_so(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut browser = house.browser();
        browser.submit("log_in", &[("email", ADA), ("password", PASSWORD)]).await;
        let fields = [
            ("current_password", PASSWORD), ("new_password", NEW), ("confirm_password", NEW), ("sign_out_others", "yes"),
        ];

        let page = browser.open("/account/security").await;
        let changed = browser.submit("change_password", &fields).await;
        let told = browser.open(changed.header("location")).await;

        assert!(page.text().contains("name=\"sign_out_others\"") && page.text().contains("checked"));
        assert!(changed.header("location").starts_with("/account/security?flash="), "{changed:?}");
        assert!(told.text().contains("Your other devices are signed out."), "{}", told.text());
        assert_eq!(browser.me().await, ADA);
    }
}
