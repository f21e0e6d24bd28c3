//! Somebody registers an address that is not theirs, and waits (D13).

use serde_json::{Value, json};

use crate::support::{ADA, House, PASSWORD, Site, both, registration};

const VERIFY: &str = "/api/auth/verify-email";
const EVIL: &str = "the attacker waits here";
const CHOSEN: &str = "another twelve violins";

/// Registers `ADA`'s address with the attacker's words; gives back the flow's secret.
async fn plant(house: &House) -> String {
    let body = json!({
        "email": ADA, "password": EVIL, "username": "planted",
        "firstName": "Visit evil.example", "lastName": "to win",
    });
    let answer = house.program().post("/api/auth/register", &body).await;
    assert_eq!(answer.told(), "202");
    answer.member("registrationToken")
}

async fn told(house: &House, path: &str, body: Value) -> String {
    house.program().post(path, &body).await.told()
}

both! {
    async fn a_victim_who_follows_the_link_chooses_the_password(site: &Site) {
        let house = site.house().await;
        plant(&house).await;
        let token = house.deliver().await.to(ADA).token();

        assert_eq!(told(&house, VERIFY, json!({ "token": token })).await, "400 invalid_request password:required");
        let finished = house.program().post(VERIFY, &json!({ "token": token, "password": CHOSEN })).await;

        assert_eq!(finished.told(), "200");
        let user = &finished.json()["user"];
        assert_eq!([&user["username"], &user["firstName"], &user["lastName"]], [&Value::Null; 3]);
        assert_eq!(house.program().log_in(ADA, EVIL).await.told(), "401 invalid_credentials");
        assert_eq!(house.program().log_in(ADA, CHOSEN).await.told(), "200");
        assert_eq!(told(&house, "/api/auth/login", json!({ "username": "planted", "password": EVIL })).await, "401 invalid_credentials");
    }

    async fn the_attackers_flow_is_worth_nothing_without_the_mailbox(site: &Site) {
        let house = site.house().await;
        let flow = plant(&house).await;
        house.deliver().await;

        for code in ["000000", "123456", "999999"] {
            let body = json!({ "code": code, "registrationToken": flow });
            assert_eq!(told(&house, VERIFY, body).await, "400 invalid_code");
        }
        assert_eq!(house.program().log_in(ADA, EVIL).await.told(), "401 invalid_credentials");
        assert_eq!(site.count("users").await, 0);
    }

    async fn a_code_the_victim_reads_out_is_all_the_attacker_could_use(site: &Site) {
        let house = site.house().await;
        let evil_flow = plant(&house).await;
        house.deliver().await;
        let own_flow = house.program().post("/api/auth/register", &registration(ADA)).await.member("registrationToken");
        let own_code = house.deliver().await.to(ADA).code();

        let body = json!({ "code": own_code, "registrationToken": evil_flow });
        assert_eq!(told(&house, VERIFY, body).await, "400 invalid_code", "a code is of its own flow");

        let body = json!({ "code": own_code, "registrationToken": own_flow });
        assert_eq!(told(&house, VERIFY, body).await, "200");
        assert_eq!(house.program().log_in(ADA, PASSWORD).await.told(), "200");
        assert_eq!(house.program().log_in(ADA, EVIL).await.told(), "401 invalid_credentials");
    }

    async fn finishing_ends_every_other_registration_of_the_address(site: &Site) {
        let house = site.house().await;
        let evil_flow = plant(&house).await;
        let evil_letter = house.deliver().await;
        let own_flow = house.program().post("/api/auth/register", &registration(ADA)).await.member("registrationToken");
        let own_code = house.deliver().await.to(ADA).code();
        let body = json!({ "code": own_code, "registrationToken": own_flow });
        assert_eq!(told(&house, VERIFY, body).await, "200");

        assert_eq!(site.count("registrations").await, 0);
        let (code, token) = (evil_letter.to(ADA).code(), evil_letter.to(ADA).token());
        assert_eq!(told(&house, VERIFY, json!({ "code": code, "registrationToken": evil_flow })).await, "400 invalid_code");
        let link = json!({ "token": token, "registrationToken": evil_flow });
        assert_eq!(told(&house, VERIFY, link).await, "400 invalid_or_expired_link");
        assert_eq!(told(&house, VERIFY, json!({ "token": token, "password": EVIL })).await, "400 invalid_or_expired_link");
    }

    async fn registering_again_overwrites_nobody(site: &Site) {
        let house = site.house().await;
        let own_flow = house.program().post("/api/auth/register", &registration(ADA)).await.member("registrationToken");
        let own_code = house.deliver().await.to(ADA).code();
        plant(&house).await;

        let body = json!({ "code": own_code, "registrationToken": own_flow });
        assert_eq!(told(&house, VERIFY, body).await, "200");

        assert_eq!(house.program().log_in(ADA, PASSWORD).await.told(), "200");
        assert_eq!(house.program().log_in(ADA, EVIL).await.told(), "401 invalid_credentials");
    }

    async fn the_letter_carries_no_word_of_the_attacker(site: &Site) {
        let house = site.house().await;
        plant(&house).await;

        let letters = house.deliver().await;

        let letter = &letters.to(ADA).0;
        for part in [&letter.subject, &letter.text, &letter.html] {
            assert!(!part.contains("evil.example") && !part.contains("planted") && !part.contains("to win"), "{part}");
        }
    }

    async fn a_registration_pending_when_the_address_was_proven_otherwise_is_dead(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        house.wait(3600);
        let evil_flow = plant(&house).await;

        assert_eq!(house.deliver().await.subjects(), ["ada@example.com: You already have an account"]);
        for code in ["000000", "123456"] {
            let body = json!({ "code": code, "registrationToken": evil_flow });
            assert_eq!(told(&house, VERIFY, body).await, "400 invalid_code");
        }
        assert_eq!(house.program().log_in(ADA, PASSWORD).await.told(), "200");
    }
}
