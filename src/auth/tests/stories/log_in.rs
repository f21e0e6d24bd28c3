//! Signing in with a password: one answer for whatever is wrong.

use auth::{HashCost, LogInError, Settings, Want};
use wire::{Audience, Credentials, ErrorCode, Identifier, Password, Username};

use crate::support::*;

both!(
    the_right_password_signs_in_by_address_and_by_username,
    async |house| {
        let flow = house
            .register(account_named("ada@example.com", "Ada.L"))
            .await;
        let mailed = code_of(&house.letter().await);
        let ada = house
            .finish(by_code(&mailed, Some(&flow)))
            .await
            .expect("is proven");

        let by_address = house
            .log_in(" ADA@Example.com ", PASSWORD)
            .await
            .expect("signs in");
        let by_name = Credentials {
            identifier: Identifier::Username(Username::parse("ADA.l").expect("a username")),
            password: Password::claimed(PASSWORD),
        };
        let by_name = house
            .auth
            .log_in(by_name, Want::Page, &house.somewhere())
            .await
            .expect("signs in");

        assert_eq!((&by_address.user, &by_name.user), (&ada.user, &ada.user));
        assert_ne!(
            by_address.session_id, by_name.session_id,
            "each sign-in is a session of its own"
        );
        let session = house.session(&cookie(&by_address)).await.expect("lives");
        assert_eq!(session.methods, ["pwd"]);
        assert_eq!(house.auth.me(&session).await.expect("answers"), ada.user);
    }
);

both!(a_sign_in_is_carried_by_what_was_asked_for, async |house| {
    house.sign_up("ada@example.com", Want::Page).await;
    for (want, has_cookie, has_access, has_refresh) in [
        (Want::Page, true, false, false),
        (Want::Cookie(Audience::PortalAndServices), true, true, false),
        (Want::Tokens(Audience::Services), false, true, true),
    ] {
        let credentials = credentials("ada@example.com", PASSWORD);
        let signed_in = house
            .auth
            .log_in(credentials, want, &house.somewhere())
            .await
            .expect("signs in");
        assert_eq!(signed_in.cookie.is_some(), has_cookie, "{want:?}");
        assert_eq!(signed_in.tokens.is_some(), has_access, "{want:?}");
        let refresh = signed_in.tokens.and_then(|tokens| tokens.refresh);
        assert_eq!(refresh.is_some(), has_refresh, "{want:?}");
    }
});

both!(
    whatever_is_wrong_gets_the_same_answer_and_the_log_knows_why,
    async |house| {
        for address in [
            "ada@example.com",
            "disabled@example.com",
            "bare@example.com",
        ] {
            house.sign_up(address, Want::Page).await;
        }
        house
            .auth
            .disable(&email("disabled@example.com"), &at("127.0.0.1"))
            .await
            .expect("is disabled");
        house
            .console("update users set password_hash = null where email = 'bare@example.com'")
            .await;
        house.register(account("pending@example.com")).await;

        let mut answers = Vec::new();
        for (address, password, reason) in [
            ("ada@example.com", OTHER_PASSWORD, "wrong_password"),
            ("ada@example.com", "", "wrong_password"),
            ("ada@example.com", "THREE WET OTTERS SING", "wrong_password"),
            ("nobody@example.com", PASSWORD, "unknown_account"),
            ("pending@example.com", PASSWORD, "unknown_account"),
            ("disabled@example.com", PASSWORD, "disabled"),
            ("disabled@example.com", OTHER_PASSWORD, "disabled"),
            ("bare@example.com", PASSWORD, "no_password"),
            ("bare@example.com", "", "no_password"),
        ] {
            house.advance(1);
            let error = house
                .log_in(address, password)
                .await
                .expect_err("is refused");
            answers.push(wire::Error::from(error));
            let newest = "select action || ' ' || detail from audit_log order by id desc limit 1";
            assert_eq!(
                house.console(newest).await,
                [format!("session.start {{\"reason\":\"{reason}\"}}")],
                "{address}"
            );
        }
        assert!(
            answers
                .iter()
                .all(|answer| *answer == ErrorCode::InvalidCredentials.into())
        );
    }
);

both!(everybody_costs_a_hash, async |house| {
    house.sign_up("ada@example.com", Want::Page).await;
    // So dear that leaving it out would show, so cheap that nobody waits.
    let dear = Settings {
        hash: HashCost {
            memory_kib: 16_384,
            iterations: 2,
            lanes: 1,
        },
        ..without_limits()
    };
    let auth = house.node(dear).await;
    auth.log_in(
        credentials("ada@example.com", PASSWORD),
        Want::Page,
        &house.somewhere(),
    )
    .await
    .expect("is rehashed");

    let mut fastest = Vec::new();
    for address in ["ada@example.com", "nobody@example.com"] {
        let mut best = u128::MAX;
        for _ in 0..5 {
            let began = std::time::Instant::now();
            let answer = auth
                .log_in(
                    credentials(address, OTHER_PASSWORD),
                    Want::Page,
                    &house.somewhere(),
                )
                .await;
            assert_eq!(code(answer), ErrorCode::InvalidCredentials);
            best = best.min(began.elapsed().as_micros());
        }
        fastest.push(best);
    }
    let (known, unknown) = (fastest[0], fastest[1]);
    assert!(
        unknown * 3 > known,
        "unknown {unknown} µs, known {known} µs"
    );
});

both!(
    a_password_is_hashed_anew_when_the_cost_has_risen,
    async |house| {
        house.sign_up("ada@example.com", Want::Page).await;
        let dearer = Settings {
            hash: HashCost {
                memory_kib: 128,
                iterations: 1,
                lanes: 1,
            },
            ..settings()
        };
        let auth = house.node(dearer).await;
        let hash = "select password_hash from users";
        assert!(house.console(hash).await[0].contains("m=64,"));

        let wrong = auth
            .log_in(
                credentials("ada@example.com", OTHER_PASSWORD),
                Want::Page,
                &house.somewhere(),
            )
            .await;
        assert!(matches!(wrong, Err(LogInError::WrongPassword)));
        assert!(
            house.console(hash).await[0].contains("m=64,"),
            "a wrong password changes nothing"
        );
        auth.log_in(
            credentials("ada@example.com", PASSWORD),
            Want::Page,
            &house.somewhere(),
        )
        .await
        .expect("signs in");
        assert!(house.console(hash).await[0].contains("m=128,"));

        house
            .log_in("ada@example.com", PASSWORD)
            .await
            .expect("still the same password");
        assert!(
            house.console(hash).await[0].contains("m=128,"),
            "never weaker again"
        );
    }
);

both!(
    a_password_matches_in_every_normal_form_and_in_no_other_way,
    async |house| {
        let account = wire::NewAccount {
            password: Password::claimed("café au lait à minuit"),
            ..account("ada@example.com")
        };
        let flow = house.register(account).await;
        let mailed = code_of(&house.letter().await);
        house
            .finish(by_code(&mailed, Some(&flow)))
            .await
            .expect("is proven");

        house
            .log_in("ada@example.com", "cafe\u{301} au lait a\u{300} minuit")
            .await
            .expect("signs in");
        for wrong in [
            "cafe au lait a minuit",
            " café au lait à minuit",
            "café au lait à minuit\0",
        ] {
            assert_eq!(
                code(house.log_in("ada@example.com", wrong).await),
                ErrorCode::InvalidCredentials
            );
        }
    }
);
