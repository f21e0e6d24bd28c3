//! Proving an address, by link and by code.

use auth::{VerifyEmailError, Want};
use wire::{ErrorCode, FieldCode, NewAccount, PersonName};

use crate::support::*;

both!(
    a_link_in_its_own_flow_makes_the_account_as_registered,
    async |house| {
        let flow = house
            .register(NewAccount {
                first_name: Some(PersonName::parse("Ada").expect("a name")),
                ..account_named("ada@example.com", "Ada.L")
            })
            .await;
        let letter = house.letter().await;
        assert_eq!(letter.to.as_str(), "ada@example.com");

        let finish = by_link(&token_of(&letter), Some(&flow), None);
        let signed_in = house
            .auth
            .verify_email(finish, TOKENS, &house.somewhere())
            .await
            .expect("is proven");

        assert_eq!(signed_in.user.email, "ada@example.com");
        assert!(signed_in.user.email_verified);
        assert_eq!(signed_in.user.username.as_deref(), Some("Ada.L"));
        assert_eq!(signed_in.user.first_name.as_deref(), Some("Ada"));
        assert_eq!(
            (
                signed_in.user.role.as_str(),
                signed_in.user.permissions.len()
            ),
            ("user", 9)
        );
        assert_eq!(signed_in.cookie, None);
        let log_in = house.log_in("ada@example.com", PASSWORD);
        assert_eq!(
            log_in.await.expect("with the registered password").user.id,
            signed_in.user.id
        );
    }
);

both!(
    a_code_in_its_own_flow_makes_the_account_as_registered,
    async |house| {
        let flow = house
            .register(account_named("ada@example.com", "ada"))
            .await;
        assert_eq!(
            house.auth.pending_address(&flow).await.expect("reads"),
            Some(email("ada@example.com"))
        );
        let letter = house.letter().await;

        let finish = by_code(&code_of(&letter), Some(&flow));
        let signed_in = house.finish(finish).await.expect("is proven");

        assert_eq!(signed_in.user.username.as_deref(), Some("ada"));
        assert!(signed_in.tokens.is_none());
        let session = house.session(&cookie(&signed_in)).await.expect("lives");
        assert_eq!(session.id, signed_in.session_id);
        assert_eq!(session.methods, ["pwd", "email"]);
        assert_eq!(
            house.auth.pending_address(&flow).await.expect("reads"),
            None
        );
    }
);

both!(a_link_or_code_works_once, async |house| {
    let flow = house.register(account("ada@example.com")).await;
    let letter = house.letter().await;
    let (token, mailed) = (token_of(&letter), code_of(&letter));
    let finish = by_link(&token, Some(&flow), None);
    house.finish(finish).await.expect("is proven");

    for (again, refusal) in [
        (
            by_link(&token, Some(&flow), None),
            ErrorCode::InvalidOrExpiredLink,
        ),
        (
            by_link(&token, None, Some(OTHER_PASSWORD)),
            ErrorCode::InvalidOrExpiredLink,
        ),
        (by_code(&mailed, Some(&flow)), ErrorCode::InvalidCode),
    ] {
        assert_eq!(code(house.finish(again).await), refusal);
    }
    let log_in = house.log_in("ada@example.com", PASSWORD);
    log_in.await.expect("the password is what it was");
});

both!(
    a_link_pressed_many_times_at_once_makes_one_account,
    async |house| {
        let flow = house.register(account("ada@example.com")).await;
        let token = token_of(&house.letter().await);
        let answers = at_once(20, |_| {
            let (auth, client) = (house.auth.clone(), house.somewhere());
            let finish = by_link(&token, Some(&flow), None);
            async move { auth.verify_email(finish, Want::Page, &client).await }
        })
        .await;

        let (good, bad): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
        assert_eq!(good.len(), 1);
        for answer in bad {
            assert!(matches!(answer, Err(VerifyEmailError::Link)), "{answer:?}");
        }
        assert_eq!(house.console("select email from users").await.len(), 1);
    }
);

both!(
    two_registrations_of_an_address_finished_at_once_make_one_account,
    async |house| {
        let auth = house.node(without_limits()).await;
        for round in 0..10 {
            let address = format!("p{round}@example.com");
            let mut finishers = Vec::new();
            for _ in 0..4 {
                let answer = auth
                    .register(account(&address), Want::Page, &house.somewhere())
                    .await;
                let Ok(auth::Registered::Pending { flow }) = answer else {
                    panic!("{answer:?}");
                };
                finishers.push((flow, code_of(&house.letter().await)));
            }
            let answers = at_once(4, |at| {
                let (auth, client) = (auth.clone(), house.somewhere());
                let finish = by_code(&finishers[at].1, Some(&finishers[at].0));
                async move { auth.verify_email(finish, Want::Page, &client).await }
            })
            .await;
            let (good, bad): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
            assert_eq!(good.len(), 1);
            for answer in bad {
                assert!(matches!(answer, Err(VerifyEmailError::Code)), "{answer:?}");
            }
        }
    }
);

both!(a_code_lives_ten_minutes_and_its_link_a_day, async |house| {
    let flow = house.register(account("ada@example.com")).await;
    let first = house.letter().await;
    house.advance(10 * MINUTE - 1);
    house.resend("ada@example.com").await.expect("is taken on");
    let second = house.letter().await;
    house.advance(1);

    let late = by_code(&code_of(&first), Some(&flow));
    assert_eq!(code(house.finish(late).await), ErrorCode::InvalidCode);
    house.advance(DAY - 10 * MINUTE - 1);
    let in_time = by_link(&token_of(&first), Some(&flow), None);
    house
        .finish(in_time)
        .await
        .expect("lives to the last second");
    drop(second);

    let flow = house.register(account("bob@example.com")).await;
    let token = token_of(&house.letter().await);
    house.advance(DAY);
    for late in [
        by_link(&token, Some(&flow), None),
        by_link(&token, None, Some(OTHER_PASSWORD)),
    ] {
        let answer = house.finish(late).await;
        assert_eq!(code(answer), ErrorCode::InvalidOrExpiredLink);
    }
});

both!(
    a_username_taken_meanwhile_is_left_out_and_the_address_is_proven_all_the_same,
    async |house| {
        let first = house
            .register(account_named("ada@example.com", "ada"))
            .await;
        let first_code = code_of(&house.letter().await);
        let second = house
            .register(account_named("bob@example.com", "Ada"))
            .await;
        let second_code = code_of(&house.letter().await);

        let finish = by_code(&first_code, Some(&first));
        let ada = house.finish(finish).await.expect("is proven");
        let finish = by_code(&second_code, Some(&second));
        let bob = house.finish(finish).await.expect("is proven");

        assert_eq!(ada.user.username.as_deref(), Some("ada"));
        assert_eq!(
            (bob.user.username, bob.user.email.as_str()),
            (None, "bob@example.com")
        );
    }
);

both!(
    an_address_that_got_its_account_meanwhile_is_refused_and_nothing_changes,
    async |house| {
        let flow = house.register(account("ada@example.com")).await;
        let letter = house.letter().await;
        house
            .auth
            .create_admin(account("ada@example.com"))
            .await
            .expect("is made");

        for finish in [
            by_code(&code_of(&letter), Some(&flow)),
            by_link(&token_of(&letter), Some(&flow), None),
        ] {
            assert!(house.finish(finish).await.is_err());
        }
        assert_eq!(house.console("select role from users").await, ["admin"]);
    }
);

both!(
    a_resent_letter_brings_another_code_and_the_first_one_still_works,
    async |house| {
        let flow = house.register(account("ada@example.com")).await;
        let first = house.letter().await;
        house.resend("ada@example.com").await.expect("is taken on");
        let second = house.letter().await;
        assert_ne!(first.id, second.id);
        assert_ne!(token_of(&first).reveal(), token_of(&second).reveal());

        let finish = by_code(&code_of(&first), Some(&flow));
        house.finish(finish).await.expect("the first still works");
        let finish = by_link(&token_of(&second), Some(&flow), None);
        assert!(house.finish(finish).await.is_err(), "gone with it");
    }
);

both!(
    a_resent_link_lives_a_day_from_its_own_letter,
    async |house| {
        let flow = house.register(account("ada@example.com")).await;
        house.letter().await;
        house.advance(DAY - MINUTE);
        house.resend("ada@example.com").await.expect("is taken on");
        let token = token_of(&house.letter().await);

        house.advance(DAY - 1);
        let finish = by_link(&token, Some(&flow), None);
        house.finish(finish).await.expect("its day is not over");
    }
);

both!(
    a_resend_to_an_address_nobody_registered_sends_nothing,
    async |house| {
        house
            .resend("nobody@example.com")
            .await
            .expect("is taken on");
        assert!(house.letters().await.is_empty());
        house.sign_up("ada@example.com", Want::Page).await;
        house.resend("ada@example.com").await.expect("is taken on");
        assert!(
            house.letters().await.is_empty(),
            "who has an account needs none"
        );
    }
);

both!(a_password_chosen_at_the_link_must_do, async |house| {
    house.register(account("ada@example.com")).await;
    let token = token_of(&house.letter().await);
    for (password, wanted) in [
        (None, FieldCode::Required),
        (Some(""), FieldCode::Required),
        (Some("short"), FieldCode::TooShort),
        (Some("ada@example.com"), FieldCode::TooCommon),
        (Some("dragonmonkey"), FieldCode::TooWeak),
    ] {
        let answer = house.finish(by_link(&token, None, password)).await;
        let error = wire::Error::from(answer.expect_err("will not do"));
        assert_eq!(
            error,
            wire::Error::field("password", wanted),
            "{password:?}"
        );
    }
    let finish = by_link(&token, None, Some(OTHER_PASSWORD));
    house.finish(finish).await.expect("nothing was used up");
});

both!(
    another_letter_is_of_the_registration_that_asks_for_it,
    async |house| {
        let flow = house
            .register(account_named("ada@example.com", "ada"))
            .await;
        house.letter().await;
        house.advance(MINUTE);
        let later = house.register(account("ada@example.com")).await;
        house.letter().await;
        house.advance(20 * MINUTE);

        let client = house.somewhere();
        let again = house
            .auth
            .resend_verification(email("ada@example.com"), Some(&flow), &client)
            .await;
        again.expect("another letter");
        let mailed = code_of(&house.letter().await);

        let foreign = house.finish(by_code(&mailed, Some(&later))).await;
        assert_eq!(code(foreign), ErrorCode::InvalidCode);
        let finish = by_code(&mailed, Some(&flow));
        let signed_in = house.finish(finish).await.expect("is proven");
        assert_eq!(signed_in.user.username.as_deref(), Some("ada"));
    }
);

both!(
    another_letter_for_an_address_that_is_not_the_flows_is_of_the_newest,
    async |house| {
        let flow = house.register(account("ada@example.com")).await;
        house.letter().await;
        let bobs = house.register(account("bob@example.com")).await;
        house.letter().await;
        for (address, foreign) in [
            ("bob@example.com", &flow),
            ("ada@example.com", &bobs),
            ("ada@example.com", &wire::Secret::new("made up")),
        ] {
            house.advance(20 * MINUTE);
            let client = house.somewhere();
            let again = house
                .auth
                .resend_verification(email(address), Some(foreign), &client)
                .await;
            again.expect("another letter");
            assert_eq!(house.letter().await.to.as_str(), address);
        }
    }
);
