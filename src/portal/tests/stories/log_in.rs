//! Signing in with a password.

use auth::HashCost;
use serde_json::{Value, json};

use crate::support::{ADA, Answer, House, PASSWORD, Setup, Site, both, claims, same_but_for};

const LOGIN: &str = "/api/auth/login";
const WRONG: &str = "not the right herons";

both! {
    async fn an_unknown_a_wrong_and_a_disabled_sign_in_get_the_same_answer(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        house.wait(60);
        house.account("dora@example.com").await;
        site.operate("update users set disabled_at = 1 where email = 'dora@example.com'").await;
        house.anonymous().post("/api/auth/register", &json!({ "email": "pending@example.com", "password": PASSWORD })).await;

        let wrong = house.anonymous().log_in(ADA, WRONG).await;

        assert_eq!(wrong.told(), "401 invalid_credentials");
        for (email, password) in [
            ("nobody@example.com", PASSWORD),
            ("dora@example.com", PASSWORD),
            ("dora@example.com", WRONG),
            ("pending@example.com", PASSWORD),
        ] {
            same_but_for(&[], &wrong, &house.anonymous().log_in(email, password).await);
        }
        let by_username = house.anonymous().post(LOGIN, &json!({ "username": "nobody", "password": PASSWORD })).await;
        same_but_for(&[], &wrong, &by_username);
    }

    async fn a_sign_in_answers_what_the_contract_says(site: &Site) {
        let house = site.house().await;
        let account = house.account(ADA).await;

        let answer = house.program().log_in(ADA, PASSWORD).await;

        assert_eq!(answer.told(), "200");
        assert_eq!(answer.members(), ["accessToken", "expiresIn", "refreshToken", "tokenType", "user"]);
        assert_eq!(answer.json()["tokenType"], "Bearer");
        assert!(answer.json()["expiresIn"].as_i64().is_some_and(|seconds| (895..=900).contains(&seconds)));
        assert_eq!(answer.json()["user"]["id"], account.id);
        assert_eq!(answer.header("cache-control"), "no-store");
        assert!(answer.cookies().is_empty(), "a program gets no cookie");
    }

    async fn an_access_token_carries_the_claims_of_the_contract(site: &Site) {
        let house = site.house().await;
        let account = house.account(ADA).await;

        let (header, claims) = claims(&account.access);

        let members: Vec<_> = claims.as_object().expect("an object").keys().map(String::as_str).collect();
        let mut wanted = [
            "iss", "aud", "sub", "userId", "sid", "jti", "iat", "exp", "auth_time", "amr", "email", "email_verified",
            "role", "permissions", "tenantId", "epoch",
        ];
        wanted.sort_unstable();
        assert_eq!(members, wanted);
        assert_eq!((&header["alg"], &header["typ"]), (&json!("ES256"), &json!("JWT")));
        assert!(header["kid"].as_str().is_some_and(|kid| kid.len() == 43), "{header}");
        assert_eq!(claims["iss"], "http://localhost:3000");
        assert_eq!(claims["aud"], json!(["workflow-api", "http://localhost:3000"]));
        assert_eq!([&claims["sub"], &claims["userId"]], [&json!(account.id); 2]);
        assert_eq!(claims["iat"], house.now() - 5, "Hono allows no leeway");
        assert_eq!(claims["exp"], house.now() + 895);
        assert_eq!(claims["auth_time"], house.now());
        assert_eq!((&claims["email"], &claims["email_verified"]), (&json!(ADA), &json!(true)));
        assert_eq!((&claims["role"], &claims["tenantId"]), (&json!("user"), &Value::Null));
    }

    async fn a_username_signs_in_whatever_its_case(site: &Site) {
        let house = site.house().await;
        house.account_from(&json!({ "email": ADA, "password": PASSWORD, "username": "Ada.L" })).await;

        for username in ["Ada.L", "ada.l", " ADA.L "] {
            let body = json!({ "username": username, "password": PASSWORD });
            assert_eq!(house.program().post(LOGIN, &body).await.told(), "200", "{username}");
        }
        let both = json!({ "email": ADA, "username": "ada.l", "password": PASSWORD });
        assert_eq!(house.program().post(LOGIN, &both).await.told(), "400 invalid_request username:invalid");
    }

    async fn five_failures_lock_one_account_from_one_network_and_nobody_else(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut guesser = house.anonymous();
        for _ in 0..5 {
            assert_eq!(guesser.log_in(ADA, WRONG).await.told(), "401 invalid_credentials");
        }

        let locked = guesser.log_in(ADA, PASSWORD).await;

        assert_eq!(locked.told(), "429 rate_limited");
        assert_eq!(locked.header("retry-after"), "60");
        assert_eq!(house.program().log_in(ADA, PASSWORD).await.told(), "200", "the owner, from elsewhere");
        house.wait(59);
        assert_eq!(guesser.log_in(ADA, PASSWORD).await.told(), "429 rate_limited");
        house.wait(1);
        assert_eq!(guesser.log_in(ADA, PASSWORD).await.told(), "200");
    }

    async fn the_delay_grows_with_every_failure_after_it(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut guesser = house.anonymous();
        for _ in 0..5 {
            guesser.log_in(ADA, WRONG).await;
        }
        let mut delays = Vec::new();
        for _ in 0..3 {
            let locked = guesser.log_in(ADA, WRONG).await;
            assert_eq!(locked.told(), "429 rate_limited");
            let delay: u64 = locked.header("retry-after").parse().expect("seconds");
            delays.push(delay);
            house.wait(delay);
            assert_eq!(guesser.log_in(ADA, WRONG).await.told(), "401 invalid_credentials");
        }

        assert_eq!(delays, [60, 120, 240]);
    }

    async fn an_unknown_address_locks_like_a_known_one(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let (mut known, mut unknown) = (house.anonymous(), house.anonymous());
        for _ in 0..5 {
            known.log_in(ADA, WRONG).await;
            unknown.log_in("nobody@example.com", WRONG).await;
        }

        let of_known = known.log_in(ADA, WRONG).await;
        let of_unknown = unknown.log_in("nobody@example.com", WRONG).await;

        assert_eq!(of_known.told(), "429 rate_limited");
        same_but_for(&[], &of_known, &of_unknown);
    }

    async fn guesses_at_once_are_as_many_failures_as_guesses(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let guesser = house.anonymous();

        let answers = futures::future::join_all((0..40).map(|_| {
            let mut guesser = guesser.clone();
            async move { guesser.log_in(ADA, WRONG).await.told() }
        }))
        .await;

        let looked_at = answers.iter().filter(|told| *told == "401 invalid_credentials").count();
        assert!(looked_at <= 5, "{looked_at} guesses were looked at");
        assert_eq!(guesser.clone().log_in(ADA, PASSWORD).await.told(), "429 rate_limited");
    }

    async fn signing_in_elsewhere_does_not_wash_a_network_clean(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        house.wait(60);
        house.account("eve@example.com").await;
        let mut eve = house.anonymous();
        for _ in 0..5 {
            eve.log_in(ADA, WRONG).await;
        }
        assert_eq!(eve.log_in("eve@example.com", PASSWORD).await.told(), "200");

        assert_eq!(eve.log_in(ADA, PASSWORD).await.told(), "429 rate_limited");
    }

    async fn tokens_for_the_services_open_nothing_here_but_me(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let body = json!({ "email": ADA, "password": PASSWORD, "use": "services" });

        let answer = house.program().post(LOGIN, &body).await;

        let token = answer.member("accessToken");
        assert_eq!(claims(&token).1["aud"], json!(["workflow-api"]));
        let mut program = house.program().with_bearer(&token);
        assert_eq!(program.me().await, ADA);
        assert_eq!(program.poke("/api/auth/logout").await.told(), "401 invalid_token");
        let wrong = json!({ "email": ADA, "password": PASSWORD, "use": "everything" });
        assert_eq!(house.program().post(LOGIN, &wrong).await.told(), "400 invalid_request use:invalid");
    }

    async fn a_password_is_the_same_however_its_letters_are_composed(site: &Site) {
        let house = site.house().await;
        house.account_from(&json!({ "email": ADA, "password": "caf\u{e9} on seventeen boats" })).await;

        assert_eq!(house.program().log_in(ADA, "cafe\u{301} on seventeen boats").await.told(), "200");
        for close in ["cafe on seventeen boats", "caf\u{e9} on seventeen boats ", "Caf\u{e9} on seventeen boats"] {
            assert_eq!(house.program().log_in(ADA, close).await.told(), "401 invalid_credentials", "{close}");
        }
    }

    async fn a_flood_from_one_network_is_told_to_wait_and_others_get_in(site: &Site) {
        // A hash that takes a while, so that a queue forms.
        let hash = HashCost { memory_kib: 65_536, iterations: 1, lanes: 1 };
        let house: &'static House = Box::leak(Box::new(site.house_with(Setup { hash, ..Setup::default() }).await));
        house.account(ADA).await;
        let flood = house.anonymous();

        let flooding = (0..90).map(|number| {
            let mut flood = flood.clone();
            tokio::spawn(async move { flood.log_in(&format!("p{number}@example.com"), WRONG).await })
        });
        let flooding: Vec<_> = flooding.collect();
        let owner = house.program().log_in(ADA, PASSWORD).await;
        let answers: Vec<_> = futures::future::join_all(flooding).await.into_iter().map(|one| one.expect("answered")).collect();

        assert_eq!(owner.told(), "200");
        let told: Vec<_> = answers.iter().map(Answer::told).collect();
        assert!(told.iter().any(|told| told == "503 overloaded"), "one network holds a quarter of the queue");
        for told in &told {
            assert!(["401 invalid_credentials", "429 rate_limited", "503 overloaded"].contains(&told.as_str()), "{told}");
        }
        house.auth.close().await;
    }

    async fn missing_fields_are_named(site: &Site) {
        let house = site.house().await;
        for (body, told) in [
            (json!({}), "400 invalid_request email:required password:required"),
            (json!({ "username": "ada" }), "400 invalid_request password:required"),
            (json!({ "username": "ada", "password": null }), "400 invalid_request password:required"),
            (json!({ "password": PASSWORD }), "400 invalid_request email:required"),
            (json!({ "email": "", "password": "" }), "400 invalid_request email:required password:required"),
            (json!({ "email": ADA, "password": "" }), "400 invalid_request password:required"),
            (json!({ "email": "ada", "password": PASSWORD }), "400 invalid_request email:invalid"),
        ] {
            assert_eq!(house.anonymous().post(LOGIN, &body).await.told(), told);
        }
    }
}
