//! Registering: the same answer and the same work, whoever has the address.

use auth::{LetterKind, RegisterError, Registered, Settings, Verification, Want};
use wire::{ErrorCode, FieldCode, NewAccount, Password, PersonName, Secret};

use crate::support::*;

/// What is left behind in the database, without what is drawn or counted by moment.
async fn traces(house: &House) -> (Vec<String>, Vec<String>) {
    let letters = house
        .console("select letter || ' ' || address || ' ' || agent || ' ' || attempts from outbox order by id")
        .await;
    let audit = house
        .console(
            "select action || ' ' || outcome || ' ' || coalesce(actor_id, '-') || ' ' || address
                    || ' ' || length(subject_id) || ' ' || detail
             from audit_log where action like 'registration.%' order by id",
        )
        .await;
    (letters, audit)
}

both!(
    a_known_address_gets_the_same_answer_and_leaves_the_same_traces,
    async |house| {
        house.sign_up("ada@example.com", Want::Page).await;
        let before = traces(house).await;
        let client = house.somewhere();
        house.advance(1);

        let known = house
            .auth
            .register(account("ada@example.com"), Want::Page, &client)
            .await;
        let after_known = traces(house).await;
        house.advance(1);
        let unknown = house
            .auth
            .register(account("bob@example.com"), Want::Page, &client)
            .await;
        let after_unknown = traces(house).await;

        let (Ok(Registered::Pending { flow: one }), Ok(Registered::Pending { flow: other })) =
            (known, unknown)
        else {
            panic!("both are taken on");
        };
        assert_eq!(one.reveal().len(), other.reveal().len());
        let (letters, audit) = (
            &after_unknown.0[before.0.len()..],
            &after_unknown.1[before.1.len()..],
        );
        assert_eq!((letters.len(), audit.len()), (2, 2), "one row each");
        assert_eq!(letters[0], letters[1]);
        assert_eq!(audit[0], audit[1]);
        assert_eq!(after_known.0.len(), before.0.len() + 1);
    }
);

both!(
    a_guess_at_a_code_tells_nothing_about_the_address_either,
    async |house| {
        house.sign_up("ada@example.com", Want::Page).await;
        let mut traces = Vec::new();
        for address in ["ada@example.com", "bob@example.com"] {
            house.advance(1);
            let flow = house.register(account(address)).await;
            house.letters().await;
            house.advance(1);
            let guess = by_code(&Secret::new("000000"), Some(&flow));
            assert_eq!(code(house.finish(guess).await), ErrorCode::InvalidCode);
            traces.push(
            house
                .console(
                    "select action || ' ' || outcome || ' ' || length(subject_id) || ' ' || detail
                     from audit_log order by id desc limit 1",
                )
                .await,
        );
        }
        assert_eq!(traces[0], traces[1]);
        assert!(
            traces[0][0].starts_with("email.verify refused"),
            "{traces:?}"
        );
    }
);

both!(a_known_address_gets_a_letter_that_says_so, async |house| {
    house.sign_up("ada@example.com", Want::Page).await;
    house.register(account("ada@example.com")).await;

    let letter = house.letter().await;
    assert_eq!(letter.to.as_str(), "ada@example.com");
    let LetterKind::AlreadyRegistered { sign_in } = &letter.kind else {
        panic!("{letter:?}");
    };
    assert_eq!(sign_in, "http://localhost:3000/login");
});

both!(a_letter_says_nothing_the_requester_typed, async |house| {
    let hostile = auth::Client::new(
        "203.0.113.9".parse().expect("an address"),
        "Your account is locked, call EVIL now",
        "EVIL request",
    );
    let name = |text| Some(PersonName::parse(text).expect("a name"));
    for address in ["ada@example.com", "ada@example.com"] {
        let account = NewAccount {
            first_name: name("EVIL first"),
            last_name: name("EVIL last"),
            ..account_named(address, "EVIL-user")
        };
        house
            .auth
            .register(account, Want::Page, &hostile)
            .await
            .expect("is taken on");
    }
    let letters = house.letters().await;
    assert_eq!(letters.len(), 2);
    for letter in letters {
        let said = format!("{letter:?}");
        assert!(!said.contains("EVIL"), "{said}");
        assert!(
            !said.contains(code_of(&letter).reveal()),
            "Debug hides the code"
        );
        assert!(
            !said.contains(token_of(&letter).reveal()),
            "Debug hides the link"
        );
        assert_eq!(letter.from_device, "an unknown device");
        assert_eq!(letter.from_address, "203.0.113.9");
        assert_eq!(letter.portal, "http://localhost:3000");
    }
});

both!(a_registration_is_no_account, async |house| {
    house
        .register(account_named("ada@example.com", "ada"))
        .await;

    let answer = house.log_in("ada@example.com", PASSWORD).await;
    assert_eq!(code(answer), ErrorCode::InvalidCredentials);
    assert!(house.console("select id from users").await.is_empty());
});

both!(
    a_taken_username_is_said_and_nothing_is_taken_on,
    async |house| {
        let flow = house
            .register(account_named("ada@example.com", "ada"))
            .await;
        let letter = house.letter().await;
        let proven = house.finish(by_code(&code_of(&letter), Some(&flow)));
        proven.await.expect("is proven");

        let answer = house
            .auth
            .register(
                account_named("bob@example.com", "ADA"),
                Want::Page,
                &house.somewhere(),
            )
            .await;
        let error = wire::Error::from(answer.expect_err("is taken"));
        assert_eq!(error, wire::Error::conflict("username"));
        assert!(house.letters().await.is_empty());
    }
);

both!(
    a_weak_password_is_refused_before_anything_is_counted_or_kept,
    async |house| {
        let client = house.somewhere();
        for _ in 0..10 {
            let weak = NewAccount {
                password: Password::claimed("password1234"),
                ..account("ada@example.com")
            };
            let answer = house.auth.register(weak, Want::Page, &client).await;
            assert!(matches!(
                answer,
                Err(RegisterError::Password(
                    FieldCode::TooCommon | FieldCode::TooWeak
                ))
            ));
        }
        let own = NewAccount {
            password: Password::claimed("ada@example.com"),
            ..account("ada@example.com")
        };
        let answer = house.auth.register(own, Want::Page, &client).await;
        let error = wire::Error::from(answer.expect_err("is one's own address"));
        assert_eq!(error, wire::Error::field("password", FieldCode::TooCommon));
        assert!(house.letters().await.is_empty());
        house
            .auth
            .register(account("ada@example.com"), Want::Page, &client)
            .await
            .expect("is taken on");
    }
);

both!(one_network_registers_three_times_an_hour, async |house| {
    let client = at("192.0.2.1");
    for at in 0..3 {
        let account = account(&format!("p{at}@example.com"));
        house
            .auth
            .register(account, Want::Page, &client)
            .await
            .expect("is taken on");
    }
    for _ in 0..2 {
        let answer = house
            .auth
            .register(account("p3@example.com"), Want::Page, &client)
            .await;
        let error = wire::Error::from(answer.expect_err("is one too many"));
        assert_eq!(
            (error.code, error.retry_after),
            (ErrorCode::RateLimited, Some(3600))
        );
    }
    house
        .auth
        .register(account("p3@example.com"), Want::Page, &at("192.0.2.2"))
        .await
        .expect("is another network");

    house.advance(HOUR);
    house
        .auth
        .register(account("p4@example.com"), Want::Page, &client)
        .await
        .expect("is another hour");
});

both!(
    one_address_gets_three_letters_in_a_quarter_of_an_hour,
    async |house| {
        for _ in 0..2 {
            house.register(account("ada@example.com")).await;
        }
        house.resend("ada@example.com").await.expect("is taken on");

        let again = house
            .auth
            .register(account("ada@example.com"), Want::Page, &house.somewhere())
            .await;
        assert_eq!(code(again), ErrorCode::RateLimited);
        let resend = house.resend("ada@example.com").await;
        assert_eq!(code(resend), ErrorCode::RateLimited);
        house.advance(15 * MINUTE);
        house.register(account("ada@example.com")).await;
    }
);

both!(
    where_proving_is_off_the_account_is_there_at_once_and_has_no_rights,
    async |house| {
        let off = Settings {
            verification: Verification::Off,
            ..settings()
        };
        let auth = house.node(off).await;

        let answer = auth
            .register(
                account_named("ada@example.com", "ada"),
                TOKENS,
                &house.somewhere(),
            )
            .await;
        let Ok(Registered::SignedIn(signed_in)) = answer else {
            panic!("{answer:?}");
        };
        assert!(!signed_in.user.email_verified);
        assert!(
            signed_in.user.permissions.is_empty(),
            "an unproven address gives no rights"
        );
        assert!(house.letters().await.is_empty());
        for (taken, field) in [
            (account("ada@example.com"), "email"),
            (account_named("bob@example.com", "Ada"), "username"),
        ] {
            let answer = auth.register(taken, TOKENS, &house.somewhere()).await;
            assert_eq!(
                wire::Error::from(answer.expect_err("is taken")),
                wire::Error::conflict(field)
            );
        }
    }
);
