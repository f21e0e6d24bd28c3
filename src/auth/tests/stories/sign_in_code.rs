//! Signing in by a mailed code (req 17, 18, 126–129; security.md rows 18, 31, 34–36).

use auth::{LogInByCode, LogInByCodeError, RequestSignInCodeError, Settings, Verification, Want};
use wire::{ErrorCode, FieldCode, Secret};

use crate::support::*;

const ADA: &str = "ada@example.com";
const BOB: &str = "bob@example.com";

both!(a_code_in_its_own_flow_signs_in, async |house| {
    let known = house.sign_up(ADA, Want::Page).await.user;
    let flow = house.ask_code(" ADA@Example.com ").await;
    let pending = house.auth.pending_sign_in(&flow).await.expect("reads");
    let pending = pending.expect("waits");
    assert_eq!((pending.email, pending.has_tries), (email(ADA), true));
    let letter = house.letter().await;
    assert_eq!(letter.to.as_str(), ADA);

    let finish = sign_in_by(&code_of(&letter), Some(&flow));
    let signed_in = house.log_in_by(finish).await.expect("signs in");

    assert_eq!(signed_in.user.id, known.id);
    let session = house.session(&cookie(&signed_in)).await.expect("lives");
    assert_eq!(session.methods, ["email"]);
    assert_eq!(
        house.auth.pending_sign_in(&flow).await.expect("reads"),
        None
    );
    let log_in = house.log_in(ADA, PASSWORD);
    log_in.await.expect("the password is what it was");
});

both!(a_program_gets_tokens_for_a_code, async |house| {
    house.sign_up(ADA, Want::Page).await;
    let flow = house.ask_code(ADA).await;
    let finish = LogInByCode {
        email: Some(email(ADA)),
        ..sign_in_by(&code_of(&house.letter().await), Some(&flow))
    };

    let client = house.somewhere();
    let signed_in = house.auth.log_in_by_code(finish, TOKENS, &client).await;

    let signed_in = signed_in.expect("signs in");
    assert_eq!(signed_in.cookie, None);
    let (access, _) = tokens(signed_in);
    let session = house.auth.session_by_access_token(&access).await;
    assert_eq!(session.expect("opens").user.email, ADA);
});

both!(
    code_and_link_of_a_letter_work_once_between_them,
    async |house| {
        house.sign_up(ADA, Want::Page).await;
        for by_link in [false, true] {
            let flow = house.ask_code(ADA).await;
            let letter = house.letter().await;
            let (token, mailed) = (token_of(&letter), code_of(&letter));
            let first = match by_link {
                true => sign_in_at(&token, Some(&flow), None),
                false => sign_in_by(&mailed, Some(&flow)),
            };
            house.log_in_by(first).await.expect("signs in");

            for (again, refusal) in [
                (sign_in_by(&mailed, Some(&flow)), ErrorCode::InvalidCode),
                (
                    sign_in_at(&token, Some(&flow), None),
                    ErrorCode::InvalidOrExpiredLink,
                ),
                (
                    sign_in_at(&token, None, Some(&mailed)),
                    ErrorCode::InvalidOrExpiredLink,
                ),
            ] {
                assert_eq!(code(house.log_in_by(again).await), refusal, "{by_link}");
            }
        }
    }
);

both!(a_code_without_its_flow_is_none, async |house| {
    house.sign_up(ADA, Want::Page).await;
    house.sign_up(BOB, Want::Page).await;
    let flow = house.ask_code(ADA).await;
    let mailed = code_of(&house.letter().await);
    let bobs = house.ask_code(BOB).await;
    house.letter().await;
    let strangers = house.ask_code("nobody@example.com").await;
    let registration = house.register(account("carl@example.com")).await;
    house.letter().await;

    for foreign in [
        None,
        Some(&bobs),
        Some(&strangers),
        Some(&registration),
        Some(&Secret::new("made up")),
        Some(&Secret::new("")),
        Some(&Secret::new("x".repeat(100_000))),
    ] {
        let finish = sign_in_by(&mailed, foreign);
        assert_eq!(code(house.log_in_by(finish).await), ErrorCode::InvalidCode);
    }
    let foreign_address = LogInByCode {
        email: Some(email(BOB)),
        ..sign_in_by(&mailed, Some(&flow))
    };
    assert_eq!(
        code(house.log_in_by(foreign_address).await),
        ErrorCode::InvalidCode
    );
    let finish = sign_in_by(&mailed, Some(&flow));
    house.log_in_by(finish).await.expect("with its flow it is");
});

both!(
    two_flows_of_one_address_keep_their_codes_apart,
    async |house| {
        house.sign_up(ADA, Want::Page).await;
        let one = house.ask_code(ADA).await;
        let ones = code_of(&house.letter().await);
        let other = house.ask_code(ADA).await;
        let others = code_of(&house.letter().await);

        let swapped = sign_in_by(&ones, Some(&other));
        assert_eq!(code(house.log_in_by(swapped).await), ErrorCode::InvalidCode);
        for (mailed, flow) in [(&others, &other), (&ones, &one)] {
            let finish = sign_in_by(mailed, Some(flow));
            house.log_in_by(finish).await.expect("each in its own tab");
        }
    }
);

both!(a_code_ends_after_ten_minutes_sharp, async |house| {
    house.sign_up(ADA, Want::Page).await;
    for (wait, is_good) in [(10 * MINUTE - 1, true), (10 * MINUTE, false)] {
        let flow = house.ask_code(ADA).await;
        let letter = house.letter().await;
        house.advance(wait);
        assert_eq!(
            house
                .auth
                .sign_in_link(&token_of(&letter), None)
                .await
                .expect("reads")
                .is_some(),
            is_good
        );
        let finish = sign_in_by(&code_of(&letter), Some(&flow));
        assert_eq!(house.log_in_by(finish).await.is_ok(), is_good, "{wait}");
        if !is_good {
            let finish = sign_in_at(&token_of(&letter), Some(&flow), None);
            assert_eq!(
                code(house.log_in_by(finish).await),
                ErrorCode::InvalidOrExpiredLink
            );
        }
    }
});

both!(a_letter_too_late_for_its_flow_is_not_sent, async |house| {
    house.sign_up(ADA, Want::Page).await;
    let flow = house.ask_code(ADA).await;
    house.advance(8 * MINUTE);
    let letter = house.letter().await;
    house.advance(7 * MINUTE - 1);
    let finish = sign_in_by(&code_of(&letter), Some(&flow));
    house.log_in_by(finish).await.expect("to the flow's end");

    house.ask_code(ADA).await;
    house.advance(15 * MINUTE);
    assert!(house.letters().await.is_empty());
});

both!(
    two_hundred_right_codes_at_once_are_one_session,
    async |house| {
        house.sign_up(ADA, Want::Page).await;
        let before = sessions(house).await;
        let flow = house.ask_code(ADA).await;
        let letter = house.letter().await;
        let other_node = house.node(settings()).await;

        let answers = at_once(200, |n| {
            let auth = [&house.auth, &other_node][n % 2].clone();
            let finish = match n % 3 {
                0 => sign_in_at(&token_of(&letter), Some(&flow), None),
                _ => sign_in_by(&code_of(&letter), Some(&flow)),
            };
            let client = house.somewhere();
            async move { auth.log_in_by_code(finish, Want::Page, &client).await }
        })
        .await;

        let (good, bad): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
        assert_eq!(good.len(), 1);
        for answer in bad {
            let answer = answer.expect_err("is refused");
            assert!(
                matches!(answer, LogInByCodeError::Code | LogInByCodeError::Link),
                "{answer:?}"
            );
        }
        assert_eq!(sessions(house).await, before + 1);
    }
);

both!(
    a_disabled_account_is_refused_like_a_wrong_code,
    async |house| {
        house.sign_up(ADA, Want::Page).await;
        let flow = house.ask_code(ADA).await;
        let letter = house.letter().await;
        let client = house.somewhere();
        house
            .auth
            .disable(&email(ADA), &client)
            .await
            .expect("is disabled");

        for finish in [
            sign_in_by(&code_of(&letter), Some(&flow)),
            sign_in_at(&token_of(&letter), Some(&flow), None),
        ] {
            assert_eq!(code(house.log_in_by(finish).await), ErrorCode::InvalidCode);
        }
        house.ask_code(ADA).await;
        assert!(house.letters().await.is_empty(), "nothing is sent");
        assert_eq!(sessions(house).await, 0);
    }
);

both!(known_and_unknown_addresses_cost_the_same, async |house| {
    house.sign_up(ADA, Want::Page).await;
    house.sign_up(BOB, Want::Page).await;
    let client = house.somewhere();
    house
        .auth
        .disable(&email(BOB), &client)
        .await
        .expect("is disabled");
    house.register(account("pending@example.com")).await;
    house.letter().await;

    let mut seen = Vec::new();
    for address in [ADA, BOB, "pending@example.com", "nobody@example.com"] {
        let before = (house.auth.work(), rows(house).await);
        let flow = house.ask_code(address).await;
        let asked = house.auth.work() - before.0;
        let noted = rows(house).await - before.1;
        house.letters().await;

        let before = house.auth.work();
        let wrong = sign_in_by(&Secret::new("000000"), Some(&flow));
        assert_eq!(code(house.log_in_by(wrong).await), ErrorCode::InvalidCode);
        let tried = house.auth.work() - before;

        house.advance(MINUTE);
        let pending = house.auth.pending_sign_in(&flow).await.expect("reads");
        let pending = pending.map(|pending| (pending.again_in, pending.has_tries));
        let before = house.auth.work();
        let client = house.somewhere();
        let again = house.auth.resend_sign_in_code(&flow, &client).await;
        again.expect("another letter");
        let resent = house.auth.work() - before;
        house.letters().await;
        seen.push((flow.reveal().len(), asked, noted, tried, resent, pending));
    }
    assert!(seen.iter().all(|one| *one == seen[0]), "{seen:#?}");
    assert_eq!((seen[0].1.hashes, seen[0].2), (0, 1));
});

both!(
    only_an_account_that_may_sign_in_gets_a_letter,
    async |house| {
        house.sign_up(ADA, Want::Page).await;
        house.register(account("pending@example.com")).await;
        house.letter().await;
        for (address, letters) in [
            (ADA, 1),
            ("pending@example.com", 0),
            ("nobody@example.com", 0),
        ] {
            house.ask_code(address).await;
            assert_eq!(house.letters().await.len(), letters, "{address}");
        }
    }
);

both!(this_way_in_can_be_switched_off, async |house| {
    house.sign_up(ADA, Want::Page).await;
    let flow = house.ask_code(ADA).await;
    let letter = house.letter().await;
    let auth = house
        .node(Settings {
            email_code: false,
            ..settings()
        })
        .await;

    let client = house.somewhere();
    let refused = auth.request_sign_in_code(email(ADA), &client).await;
    assert!(matches!(refused, Err(RequestSignInCodeError::SwitchedOff)));
    let error = wire::Error::from(refused.expect_err("is off"));
    assert_eq!(error, wire::Error::field("password", FieldCode::Required));
    let resent = auth.resend_sign_in_code(&flow, &client).await;
    assert_eq!(code(resent), ErrorCode::InvalidRequest);
    for finish in [
        sign_in_by(&code_of(&letter), Some(&flow)),
        sign_in_at(&token_of(&letter), Some(&flow), None),
    ] {
        let answer = auth.log_in_by_code(finish, Want::Page, &client).await;
        assert_eq!(code(answer), ErrorCode::InvalidCode);
    }
});

both!(
    whoever_registered_an_address_first_is_out_when_its_owner_proves_it,
    async |house| {
        let auth = house
            .node(Settings {
                verification: Verification::Off,
                ..settings()
            })
            .await;
        let client = house.somewhere();
        let stranger = auth.register(account(ADA), Want::Page, &client).await;
        let auth::Registered::SignedIn(stranger) = stranger.expect("is taken on") else {
            panic!("proving is off")
        };
        let strangers = cookie(&stranger);
        assert!(house.session(&strangers).await.is_some());

        let flow = house.ask_code(ADA).await;
        let finish = sign_in_by(&code_of(&house.letter().await), Some(&flow));
        let owner = house.log_in_by(finish).await.expect("signs in");

        assert!(owner.user.email_verified);
        assert_eq!(
            owner.user.permissions.len(),
            9,
            "with the rights of a proven address"
        );
        assert!(house.session(&strangers).await.is_none());
        assert_eq!(
            code(house.log_in(ADA, PASSWORD).await),
            ErrorCode::InvalidCredentials
        );
        let owners = house.session(&cookie(&owner)).await;
        assert!(owners.is_some());
    }
);

both!(what_happened_is_in_the_audit_log, async |house| {
    house.sign_up(ADA, Want::Page).await;
    let flow = house.ask_code(ADA).await;
    let mailed = code_of(&house.letter().await);
    let refused = house
        .log_in_by(sign_in_by(&wrong(&mailed), Some(&flow)))
        .await;
    assert!(refused.is_err());
    let finish = sign_in_by(&mailed, Some(&flow));
    house.log_in_by(finish).await.expect("signs in");

    let lines = "select action || ' ' || outcome from audit_log
                 where action like 'session.%' or action like 'sign_in_code.%' order by action, id";
    let lines = house.console(lines).await;
    assert_eq!(
        (lines[0].split(' ').next(), &lines[1..]),
        (
            Some("session.start"),
            &[
                "session.started success".to_owned(),
                "session.started success".to_owned(),
                "sign_in_code.requested success".to_owned(),
            ][..]
        )
    );
    let secrets = [flow.reveal().to_owned(), mailed.reveal().to_owned()];
    for line in house
        .console("select detail from audit_log where detail is not null")
        .await
    {
        assert!(
            secrets.iter().all(|secret| !line.contains(secret)),
            "{line}"
        );
    }
});

/// Live sessions.
async fn sessions(house: &House) -> usize {
    house
        .console("select id from sessions where revoked_at is null")
        .await
        .len()
}

/// Letters noted so far.
async fn rows(house: &House) -> usize {
    house.console("select id from outbox").await.len()
}
