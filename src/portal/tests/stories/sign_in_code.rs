//! Signing in by a mailed code through the JSON API (req 17, 18, 127, 128; C8).

use serde_json::{Value, json};

use crate::support::{ADA, Actor, Answer, House, Setup, Site, both, registration, same_but_for};

const LOGIN: &str = "/api/auth/login";
const VERIFY: &str = "/api/auth/verify";
const MINUTE: u64 = 60;

/// Asks for a code; gives back the flow's secret.
async fn ask(who: &mut Actor<'_>, email: &str) -> String {
    let answer = who.post(LOGIN, &json!({ "email": email })).await;
    assert_eq!(answer.told(), "202");
    answer.member("flow")
}

/// Asks as a program that nobody remembers, and reads the letter: flow and code.
async fn code(house: &House, email: &str) -> (String, String) {
    let flow = ask(&mut house.program(), email).await;
    (flow, house.deliver().await.to(email).code())
}

async fn verify(house: &House, body: &Value) -> Answer {
    house.program().post(VERIFY, body).await
}

both! {
    async fn a_code_signs_a_program_in(site: &Site) {
        let house = site.house().await;
        let id = house.account(ADA).await.id;
        let (flow, code) = code(&house, ADA).await;

        let body = json!({ "code": code, "flow": flow, "email": "Ada@Example.com" });
        let signed_in = verify(&house, &body).await;

        assert_eq!(signed_in.told(), "200");
        assert_eq!(signed_in.members(), ["accessToken", "expiresIn", "refreshToken", "tokenType", "user"]);
        assert_eq!(signed_in.json()["user"]["id"], id);
        let (_, claims) = crate::support::claims(&signed_in.member("accessToken"));
        assert_eq!(claims["amr"], json!(["email"]));
        assert_eq!(verify(&house, &body).await.told(), "400 invalid_code", "once");
        let refreshed = house.program().refresh(&signed_in.member("refreshToken")).await;
        assert_eq!(refreshed.told(), "200");
    }

    async fn the_older_prefix_and_typed_codes_work_too(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut program = house.program();
        let asked = program.post("/auth/login", &json!({ "email": ADA })).await;
        let code = house.deliver().await.to(ADA).code();
        let typed = format!(" {} {} ", &code[..3], &code[3..]);

        let body = json!({ "code": typed, "flow": asked.member("flow"), "use": "services" });
        assert_eq!(program.post("/auth/verify", &body).await.told(), "200");
    }

    async fn known_unknown_pending_and_disabled_addresses_get_the_same_answer(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        house.account("bob@example.com").await;
        site.operate("update users set disabled_at = 1 where email = 'bob@example.com'").await;
        house.program().post("/api/auth/register", &registration("pending@example.com")).await;
        house.deliver().await;
        let outbox = site.count("outbox").await;
        let asked = async |email: &str| {
            let before = house.auth.work();
            let (mut anonymous, mut browser) = (house.anonymous(), house.browser());
            let answer = anonymous.post(LOGIN, &json!({ "email": email })).await;
            let in_browser = browser.post(LOGIN, &json!({ "email": email })).await;
            let flow = answer.member("flow");
            let wrong = verify(&house, &json!({ "code": "000000", "flow": flow })).await;
            assert!(browser.cookie("gatehouse-sign-in").is_some());
            (answer, in_browser, wrong, house.auth.work() - before)
        };

        let known = asked(ADA).await;
        for other in ["bob@example.com", "pending@example.com", "nobody@example.com"] {
            let unknown = asked(other).await;
            same_but_for(&["flow"], &known.0, &unknown.0);
            same_but_for(&["flow"], &known.1, &unknown.1);
            same_but_for(&[], &known.2, &unknown.2);
            assert_eq!(known.3, unknown.3, "{other}");
        }
        assert_eq!(known.0.members(), ["flow", "status"]);
        assert_eq!(known.0.json()["status"], "otp_sent");
        assert_eq!(known.2.told(), "400 invalid_code");
        assert_eq!(site.count("outbox").await, outbox + 8);
        let told = house.deliver().await.subjects();
        assert_eq!(told, ["ada@example.com: Your code to sign in"; 2]);
    }

    async fn a_browser_may_carry_the_flow_in_its_cookie(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut browser = house.browser();
        ask(&mut browser, ADA).await;
        let code = house.deliver().await.to(ADA).code();
        let body = json!({ "code": code, "useCookie": true });

        let elsewhere = house.browser().post(VERIFY, &body).await;
        let forged = browser.request(http::Method::POST, VERIFY).header("sec-fetch-site", "cross-site");
        let foreign = browser.send(forged.header("origin", "https://evil.example").json(&body)).await;
        let signed_in = browser.post(VERIFY, &body).await;

        assert_eq!(elsewhere.told(), "400 invalid_code");
        assert_eq!(foreign.told(), "403 cross_site_request");
        assert_eq!(signed_in.told(), "200");
        assert_eq!(signed_in.members(), ["accessToken", "expiresIn", "tokenType", "user"]);
        assert_eq!(browser.me().await, ADA);
        assert!(browser.cookie("gatehouse-sign-in").is_none(), "the flow is over");
    }

    async fn what_is_not_a_code_of_this_flow_is_invalid(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        house.account("bob@example.com").await;
        let (flow, mailed) = code(&house, ADA).await;
        let (bobs, _) = code(&house, "bob@example.com").await;

        for body in [
            json!({ "code": mailed }),
            json!({ "code": mailed, "flow": null }),
            json!({ "code": mailed, "flow": "" }),
            json!({ "code": mailed, "flow": bobs }),
            json!({ "code": mailed, "flow": "x".repeat(50_000) }),
            json!({ "code": mailed, "flow": flow, "email": "bob@example.com" }),
        ] {
            assert_eq!(verify(&house, &body).await.told(), "400 invalid_code");
        }
        for (body, told) in [
            (json!({ "flow": flow }), "400 invalid_request code:required"),
            (json!({ "code": "", "flow": flow }), "400 invalid_request code:required"),
            (json!({ "code": "12345", "flow": flow }), "400 invalid_request code:invalid"),
            (json!({ "code": 123_456, "flow": flow }), "400 invalid_request code:invalid"),
            (json!({ "code": mailed, "flow": flow, "email": "ada" }), "400 invalid_request email:invalid"),
            (json!({ "code": mailed, "flow": flow, "use": "x" }), "400 invalid_request use:invalid"),
        ] {
            assert_eq!(verify(&house, &body).await.told(), told, "{body}");
        }
        house.wait(10 * MINUTE);
        let late = json!({ "code": mailed, "flow": flow });
        assert_eq!(verify(&house, &late).await.told(), "400 invalid_code");
    }

    async fn five_tries_and_no_more(site: &Site) {
        let house = site.house_with(Setup { limits: 0.0, ..Setup::default() }).await;
        house.account(ADA).await;
        let (flow, code) = code(&house, ADA).await;
        let wrong = if code == "000000" { "000001" } else { "000000" };
        for _ in 0..5 {
            let told = verify(&house, &json!({ "code": wrong, "flow": flow })).await.told();
            assert_eq!(told, "400 invalid_code");
        }

        let late = json!({ "code": code, "flow": flow });
        assert_eq!(verify(&house, &late).await.told(), "400 invalid_code");
    }

    async fn asking_too_often_is_said_with_the_time_to_wait(site: &Site) {
        let house = site.house().await;
        for _ in 0..3 {
            ask(&mut house.program(), ADA).await;
        }
        let refused = house.program().post(LOGIN, &json!({ "email": ADA })).await;
        assert_eq!(refused.told(), "429 rate_limited");
        let wait: u32 = refused.header("retry-after").parse().expect("seconds");
        assert!((1..=900).contains(&wait), "{wait}");
    }

    async fn a_password_that_is_there_and_empty_mails_nothing(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let outbox = site.count("outbox").await;
        for (body, told) in [
            (json!({ "email": ADA, "password": "" }), "400 invalid_request password:required"),
            (json!({ "username": "ada" }), "400 invalid_request password:required"),
            (json!({ "email": "ada" }), "400 invalid_request email:invalid password:required"),
        ] {
            assert_eq!(house.program().post(LOGIN, &body).await.told(), told, "{body}");
        }
        assert_eq!(site.count("outbox").await, outbox);
    }

    async fn switched_off_a_sign_in_without_a_password_just_lacks_it(site: &Site) {
        let house = site.house_with(Setup { email_code: false, ..Setup::default() }).await;
        house.account(ADA).await;

        let asked = house.program().post(LOGIN, &json!({ "email": ADA })).await;
        let verified = verify(&house, &json!({ "code": "123456", "flow": "x" })).await;
        let page = house.browser().open("/login").await;

        assert_eq!(asked.told(), "400 invalid_request password:required");
        assert_eq!(verified.told(), "400 invalid_code");
        assert!(!page.text().contains("request_sign_in_code"));
    }

    async fn another_letter_is_of_the_registration_that_asks_for_it(site: &Site) {
        let house = site.house().await;
        let started = house.program().post("/api/auth/register", &registration(ADA)).await;
        let flow = started.member("registrationToken");
        let mut browser = house.browser();
        browser.post("/api/auth/register", &registration(ADA)).await;
        house.deliver().await;
        house.wait(20 * MINUTE);

        let wish = json!({ "email": ADA, "registrationToken": flow });
        assert_eq!(house.program().post("/api/auth/resend-verification", &wish).await.told(), "202");
        let code = house.deliver().await.to(ADA).code();

        let later = browser.post("/api/auth/verify-email", &json!({ "code": code })).await;
        let own = json!({ "code": code, "registrationToken": flow });
        assert_eq!(later.told(), "400 invalid_code", "whoever registered later has no use for it");
        assert_eq!(house.program().post("/api/auth/verify-email", &own).await.told(), "200");
    }

    async fn a_sign_in_from_somewhere_new_is_told_once(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut browser = house.browser();
        let mut again = browser.clone();
        assert!(house.deliver_all().await.subjects().is_empty());

        browser.log_in_with_cookie(ADA).await;
        let told = house.deliver_all().await;
        again.log_in_with_cookie(ADA).await;

        assert_eq!(told.subjects(), ["ada@example.com: New sign-in to your account"]);
        let text = &told.to(ADA).0.text;
        assert!(text.contains("From: Firefox on Linux, 10."), "{text}");
        assert!(text.contains("http://localhost:3000/account/activity"), "{text}");
        assert!(house.deliver_all().await.subjects().is_empty());
    }
}
