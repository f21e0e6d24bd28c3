//! Proving an address by link or by code.

use serde_json::{Value, json};

use crate::support::{ADA, Actor, Answer, House, PASSWORD, Site, both, registration};

const VERIFY: &str = "/api/auth/verify-email";
const MINUTE: u64 = 60;
const DAY: u64 = 24 * 60 * MINUTE;

/// Registers; gives back the flow's secret.
async fn register(who: &mut Actor<'_>, email: &str) -> String {
    let answer = who.post("/api/auth/register", &registration(email)).await;
    assert_eq!(answer.told(), "202");
    answer.member("registrationToken")
}

/// Registers as a program that nobody remembers, and reads the letter: flow, code, link.
async fn letter(house: &House, email: &str) -> (String, String, String) {
    let flow = register(&mut house.program(), email).await;
    let post = house.deliver().await;
    let letter = post.to(email);
    (flow, letter.code(), letter.token())
}

async fn verify(house: &House, body: &Value) -> Answer {
    house.program().post(VERIFY, body).await
}

/// Some code that is not this one.
fn another(code: &str) -> String {
    format!(
        "{:06}",
        (code.parse::<u32>().expect("a number") + 1) % 1_000_000
    )
}

both! {
    async fn a_code_in_its_own_flow_makes_the_account(site: &Site) {
        let house = site.house().await;
        let mut program = house.program();
        let body = json!({
            "email": " Ada@Example.com", "password": PASSWORD,
            "username": "ada", "firstName": "Ada", "lastName": "Lovelace",
        });
        let flow = program.post("/api/auth/register", &body).await.member("registrationToken");
        let code = house.deliver().await.to(ADA).code();

        let finished = program.post(VERIFY, &json!({ "code": code, "registrationToken": flow })).await;

        assert_eq!(finished.told(), "200");
        assert_eq!(finished.members(), ["accessToken", "expiresIn", "refreshToken", "tokenType", "user"]);
        let user = &finished.json()["user"];
        assert_eq!(user["id"], user["userId"]);
        assert_eq!(
            *user,
            json!({
                "id": user["id"], "userId": user["id"], "createdAt": user["createdAt"],
                "email": ADA, "emailVerified": true, "username": "ada", "firstName": "Ada", "lastName": "Lovelace",
                "role": "user", "tenantId": null,
                "permissions": [
                    "automation:create", "automation:delete", "automation:read", "automation:update",
                    "workflow:create", "workflow:delete", "workflow:execute", "workflow:read", "workflow:update",
                ],
            })
        );
        assert_eq!(user["createdAt"], auth::rfc3339(house.now()));
        assert_eq!(house.program().log_in(ADA, PASSWORD).await.told(), "200");
    }

    async fn a_code_is_read_as_people_type_it(site: &Site) {
        let house = site.house().await;
        let (flow, code, _) = letter(&house, ADA).await;

        let typed = format!(" {}-{} ", &code[..3], &code[3..]);

        assert_eq!(verify(&house, &json!({ "code": typed, "registrationToken": flow })).await.told(), "200");
    }

    async fn a_link_with_the_flow_keeps_the_registered_password(site: &Site) {
        let house = site.house().await;
        let (flow, _, token) = letter(&house, ADA).await;

        assert_eq!(verify(&house, &json!({ "token": token, "registrationToken": flow })).await.told(), "200");

        assert_eq!(house.program().log_in(ADA, PASSWORD).await.told(), "200");
    }

    async fn a_link_in_another_browser_asks_for_a_password_and_takes_that_one(site: &Site) {
        let house = site.house().await;
        let (_, _, token) = letter(&house, ADA).await;

        let without = verify(&house, &json!({ "token": token })).await;
        let weak = verify(&house, &json!({ "token": token, "password": "short" })).await;
        let with = verify(&house, &json!({ "token": token, "password": "another twelve violins" })).await;

        assert_eq!(without.told(), "400 invalid_request password:required");
        assert_eq!(weak.told(), "400 invalid_request password:too_short");
        assert_eq!(with.told(), "200");
        assert_eq!(house.program().log_in(ADA, PASSWORD).await.told(), "401 invalid_credentials");
        assert_eq!(house.program().log_in(ADA, "another twelve violins").await.told(), "200");
    }

    async fn a_code_without_its_flow_opens_nothing(site: &Site) {
        let house = site.house().await;
        let (flow, code, _) = letter(&house, ADA).await;
        let (foreign, _, _) = letter(&house, "bob@example.com").await;

        for body in [
            json!({ "code": code }),
            json!({ "code": code, "password": PASSWORD }),
            json!({ "code": code, "registrationToken": "" }),
            json!({ "code": code, "registrationToken": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" }),
            json!({ "code": code, "registrationToken": foreign }),
        ] {
            assert_eq!(verify(&house, &body).await.told(), "400 invalid_code", "{body}");
        }
        assert_eq!(verify(&house, &json!({ "code": code, "registrationToken": flow })).await.told(), "200");
    }

    async fn a_link_works_once(site: &Site) {
        let house = site.house().await;
        let (flow, _, token) = letter(&house, ADA).await;
        let body = json!({ "token": token, "registrationToken": flow });
        assert_eq!(verify(&house, &body).await.told(), "200");

        assert_eq!(verify(&house, &body).await.told(), "400 invalid_or_expired_link");
        let body = json!({ "token": token, "password": "another twelve violins" });
        assert_eq!(verify(&house, &body).await.told(), "400 invalid_or_expired_link");
        assert_eq!(site.count("users").await, 1);
    }

    async fn a_code_works_once_and_takes_its_link_along(site: &Site) {
        let house = site.house().await;
        let (flow, code, token) = letter(&house, ADA).await;
        let body = json!({ "code": code, "registrationToken": flow });
        assert_eq!(verify(&house, &body).await.told(), "200");

        assert_eq!(verify(&house, &body).await.told(), "400 invalid_code");
        let body = json!({ "token": token, "password": PASSWORD });
        assert_eq!(verify(&house, &body).await.told(), "400 invalid_or_expired_link");
    }

    async fn a_code_ends_after_ten_minutes_and_its_link_after_a_day(site: &Site) {
        let house = site.house().await;
        let (flow, code, token) = letter(&house, ADA).await;

        house.wait(10 * MINUTE);
        let late = verify(&house, &json!({ "code": code, "registrationToken": flow })).await;
        assert_eq!(late.told(), "400 invalid_code");

        house.wait(DAY - 10 * MINUTE - 1);
        let body = json!({ "token": token, "registrationToken": flow });
        assert_eq!(verify(&house, &body).await.told(), "200", "a second before its end");
    }

    async fn a_link_past_its_end_says_so(site: &Site) {
        let house = site.house().await;
        let (flow, _, token) = letter(&house, ADA).await;

        house.wait(DAY);

        let body = json!({ "token": token, "registrationToken": flow });
        assert_eq!(verify(&house, &body).await.told(), "400 invalid_or_expired_link");
        assert_eq!(site.count("users").await, 0);
    }

    async fn five_wrong_codes_end_the_flows_code_and_not_its_link(site: &Site) {
        let house = site.house().await;
        let (flow, code, token) = letter(&house, ADA).await;
        let wrong = json!({ "code": another(&code), "registrationToken": flow });
        for _ in 0..5 {
            assert_eq!(verify(&house, &wrong).await.told(), "400 invalid_code");
        }

        let right = json!({ "code": code, "registrationToken": flow });
        assert_eq!(verify(&house, &right).await.told(), "400 invalid_code");

        let body = json!({ "token": token, "registrationToken": flow });
        assert_eq!(verify(&house, &body).await.told(), "200");
    }

    async fn a_new_letter_does_not_give_new_tries(site: &Site) {
        let house = site.house().await;
        let (flow, code, _) = letter(&house, ADA).await;
        let wrong = json!({ "code": another(&code), "registrationToken": flow });
        for _ in 0..5 {
            verify(&house, &wrong).await;
        }

        house.anonymous().post("/api/auth/resend-verification", &json!({ "email": ADA })).await;
        let new = house.deliver().await.to(ADA).code();

        let body = json!({ "code": new, "registrationToken": flow });
        assert_eq!(verify(&house, &body).await.told(), "400 invalid_code");
    }

    async fn wrong_codes_are_counted_over_all_flows_of_an_address_and_its_link_goes_on(site: &Site) {
        let house = site.house().await;
        for _ in 0..2 {
            let (flow, code, _) = letter(&house, ADA).await;
            let wrong = json!({ "code": another(&code), "registrationToken": flow });
            for _ in 0..5 {
                assert_eq!(verify(&house, &wrong).await.told(), "400 invalid_code");
            }
        }
        let (flow, code, token) = letter(&house, ADA).await;

        let by_code = verify(&house, &json!({ "code": code, "registrationToken": flow })).await;
        let by_link = verify(&house, &json!({ "token": token, "registrationToken": flow })).await;

        assert_eq!(by_code.told(), "429 rate_limited");
        assert_eq!(by_link.told(), "200");
    }

    async fn a_second_letter_works_like_the_first(site: &Site) {
        let house = site.house().await;
        let (flow, _, _) = letter(&house, ADA).await;
        house.wait(11 * MINUTE);

        house.anonymous().post("/api/auth/resend-verification", &json!({ "email": ADA })).await;
        let new = house.deliver().await.to(ADA).code();

        assert_eq!(verify(&house, &json!({ "code": new, "registrationToken": flow })).await.told(), "200");
    }

    async fn a_browser_proves_with_its_cookie_alone(site: &Site) {
        let house = site.house().await;
        let mut browser = house.browser();
        register(&mut browser, ADA).await;
        let code = house.deliver().await.to(ADA).code();

        let finished = browser.post(VERIFY, &json!({ "code": code, "useCookie": true })).await;

        assert_eq!(finished.told(), "200");
        assert_eq!(finished.members(), ["accessToken", "expiresIn", "tokenType", "user"]);
        assert_eq!(browser.me().await, ADA);
        assert!(browser.cookie("gatehouse-flow").is_none(), "the flow is over");
    }

    async fn another_site_cannot_finish_with_the_browsers_cookie(site: &Site) {
        let house = site.house().await;
        let mut browser = house.browser();
        register(&mut browser, ADA).await;
        let code = house.deliver().await.to(ADA).code();
        let forged = browser.request(http::Method::POST, VERIFY).json(&json!({ "code": code }));

        let forged = forged.header("origin", "https://evil.example").header("sec-fetch-site", "cross-site");
        let answer = browser.send(forged).await;

        assert_eq!(answer.told(), "403 cross_site_request");
        assert_eq!(site.count("users").await, 0);
    }

    async fn what_is_no_proof_is_said_so(site: &Site) {
        let house = site.house().await;
        for (body, told) in [
            (json!({}), "400 invalid_request token:required"),
            (json!({ "token": "", "code": "" }), "400 invalid_request token:required"),
            (json!({ "token": "x", "code": "123456" }), "400 invalid_request code:invalid"),
            (json!({ "code": "12345" }), "400 invalid_request code:invalid"),
            (json!({ "code": "１２３４５６" }), "400 invalid_request code:invalid"),
            (json!({ "token": "nothing we sent" }), "400 invalid_or_expired_link"),
            (json!({ "token": "\u{0}" }), "400 invalid_or_expired_link"),
            (json!({ "token": "A".repeat(60_000) }), "400 invalid_or_expired_link"),
        ] {
            assert_eq!(verify(&house, &body).await.told(), told);
        }
    }

    async fn one_link_followed_many_times_at_once_makes_one_account(site: &Site) {
        let house = site.house().await;
        let (flow, _, token) = letter(&house, ADA).await;
        let body = json!({ "token": token, "registrationToken": flow });

        let answers = futures::future::join_all((0..20).map(|_| verify(&house, &body))).await;

        let told: Vec<_> = answers.iter().map(Answer::told).collect();
        assert_eq!(told.iter().filter(|told| *told == "200").count(), 1, "{told:?}");
        assert_eq!(told.iter().filter(|told| *told == "400 invalid_or_expired_link").count(), 19, "{told:?}");
        assert_eq!(site.count("users").await, 1);
    }
}
