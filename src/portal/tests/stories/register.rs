//! Registering: the same answer for everyone, an account for no one yet.

use auth::Verification;
use serde_json::json;

use crate::support::{ADA, PASSWORD, Setup, Site, both, registration, same_but_for};

both! {
    async fn a_known_and_an_unknown_address_get_the_same_answer(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let outbox = site.count("outbox").await;

        let known = house.anonymous().post("/api/auth/register", &registration(ADA)).await;
        let unknown = house.anonymous().post("/api/auth/register", &registration("bob@example.com")).await;

        assert_eq!(known.told(), "202");
        assert_eq!(known.members(), ["registrationToken", "status"]);
        assert_eq!(known.json()["status"], "verification_sent");
        same_but_for(&["registrationToken"], &known, &unknown);
        assert_eq!(site.count("outbox").await, outbox + 2);
        assert_eq!(
            house.deliver().await.subjects(),
            ["ada@example.com: You already have an account", "bob@example.com: Confirm your e-mail address"]
        );
    }

    async fn a_browser_also_gets_the_flow_as_a_cookie(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let (mut known, mut unknown) = (house.browser(), house.browser());

        let of_known = known.post("/api/auth/register", &registration(ADA)).await;
        let of_unknown = unknown.post("/api/auth/register", &registration("bob@example.com")).await;

        same_but_for(&["registrationToken"], &of_known, &of_unknown);
        assert!(known.cookie("gatehouse-flow").is_some() && unknown.cookie("gatehouse-flow").is_some());
        assert!(known.cookie("gatehouse").is_none(), "nobody is signed in by registering");
    }

    async fn registering_makes_no_account(site: &Site) {
        let house = site.house().await;

        house.anonymous().post("/api/auth/register", &registration(ADA)).await;

        assert_eq!(site.count("users").await, 0);
        assert_eq!(house.program().log_in(ADA, PASSWORD).await.told(), "401 invalid_credentials");
    }

    async fn every_wrong_field_is_named_at_once(site: &Site) {
        let house = site.house().await;
        let wrong = json!({
            "email": "ada@localhost@example.com",
            "password": "short",
            "username": "a@b",
            "firstName": "Ada\u{202E}",
            "lastName": "x".repeat(101),
        });

        let answer = house.anonymous().post("/api/auth/register", &wrong).await;

        assert_eq!(
            answer.told(),
            "400 invalid_request email:invalid password:too_short username:invalid firstName:invalid lastName:too_long"
        );
        assert_eq!(site.count("registrations").await, 0);
    }

    async fn a_password_that_is_easily_guessed_is_refused_with_the_reason(site: &Site) {
        let house = site.house().await;
        let mut told = Vec::new();
        for password in ["", "elevenchars", "password12345", "ada@example.com", "aaaaaaaaaaaaaaaa", &"x".repeat(257)] {
            let body = json!({ "email": ADA, "password": password });
            told.push(house.anonymous().post("/api/auth/register", &body).await.told());
        }

        assert_eq!(told[0], "400 invalid_request password:required");
        assert_eq!(told[1], "400 invalid_request password:too_short");
        for guessed in &told[2..5] {
            assert!(guessed.starts_with("400 invalid_request password:too_"), "{guessed}");
        }
        assert_eq!(told[5], "400 invalid_request password:too_long");
        assert_eq!(site.count("registrations").await, 0);
    }

    async fn a_taken_username_is_a_conflict_whoever_asks(site: &Site) {
        let house = site.house().await;
        house.account_from(&json!({ "email": ADA, "password": PASSWORD, "username": "Ada.L" })).await;

        let body = json!({ "email": "bob@example.com", "password": PASSWORD, "username": "ada.l" });
        let answer = house.anonymous().post("/api/auth/register", &body).await;

        assert_eq!(answer.told(), "409 conflict username:taken");
        assert_eq!(answer.problem()["field"], "username");
    }

    async fn a_fourth_registration_within_the_hour_waits(site: &Site) {
        let house = site.house().await;
        let mut eager = house.anonymous();
        for number in 0..3 {
            let body = registration(&format!("p{number}@example.com"));
            assert_eq!(eager.post("/api/auth/register", &body).await.told(), "202");
        }

        let answer = eager.post("/api/auth/register", &registration("p4@example.com")).await;

        assert_eq!(answer.told(), "429 rate_limited");
        house.wait(answer.header("retry-after").parse().expect("seconds"));
        assert_eq!(eager.post("/api/auth/register", &registration("p4@example.com")).await.told(), "202");
    }

    async fn one_address_gets_three_letters_in_a_quarter_of_an_hour(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        house.wait(3600);
        let (known, unknown) = (ADA, "bob@example.com");
        for email in [known, unknown, known, unknown, known, unknown] {
            assert_eq!(house.anonymous().post("/api/auth/register", &registration(email)).await.told(), "202");
        }

        let of_known = house.anonymous().post("/api/auth/register", &registration(known)).await;
        let of_unknown = house.anonymous().post("/api/auth/register", &registration(unknown)).await;

        assert_eq!(of_known.told(), "429 rate_limited");
        same_but_for(&[], &of_known, &of_unknown);
        assert_eq!(house.deliver().await.0.len(), 6);
    }

    async fn asking_for_another_letter_is_answered_the_same_for_every_address(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        house.anonymous().post("/api/auth/register", &registration("bob@example.com")).await;
        house.deliver().await;
        let mut answers = Vec::new();

        for email in [ADA, "bob@example.com", "nobody@example.com"] {
            let body = json!({ "email": email });
            answers.push(house.anonymous().post("/api/auth/resend-verification", &body).await);
        }

        assert_eq!(answers[0].told(), "202");
        same_but_for(&[], &answers[0], &answers[1]);
        same_but_for(&[], &answers[0], &answers[2]);
        assert_eq!(house.deliver().await.subjects(), ["bob@example.com: Confirm your e-mail address"]);
    }

    async fn without_proof_of_the_address_there_is_an_account_at_once(site: &Site) {
        let house = site.house_with(Setup { verification: Verification::Off, ..Setup::default() }).await;

        let first = house.program().post("/api/auth/register", &registration(ADA)).await;
        let second = house.program().post("/api/auth/register", &registration(ADA)).await;

        assert_eq!(first.told(), "201");
        assert_eq!(first.members(), ["accessToken", "expiresIn", "refreshToken", "tokenType", "user"]);
        assert_eq!(first.json()["user"]["emailVerified"], false);
        assert_eq!(first.json()["user"]["permissions"], json!([]), "an unproven address gives no rights");
        assert_eq!(second.told(), "409 conflict email:taken");
        assert_eq!(house.program().log_in(ADA, PASSWORD).await.told(), "200");
    }
}
