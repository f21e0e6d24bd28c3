//! Which reset letters are sent, to whom, and which of them work.

use auth::{PostError, RequestResetError, Want};
use wire::ErrorCode;

use crate::support::*;

const ADA: &str = "ada@example.com";

both!(
    a_newer_letter_cancels_the_older_ones_when_it_is_sent,
    async |house| {
        house.sign_up(ADA, Want::Page).await;
        let (_, first) = house.reset_letter(ADA).await;
        house.forget(ADA).await.expect("is taken on");
        assert!(
            house.leads_on(&reset_token(&first)).await,
            "nothing newer has been sent"
        );

        house.postman.fail(PostError::Later("busy".into()));
        assert!(house.letters().await.is_empty());
        assert!(
            house.leads_on(&reset_token(&first)).await,
            "a letter that did not arrive takes no other's link"
        );
        house.advance(MINUTE);
        let second = house.letter().await;

        let stale = house
            .reset(with_token(&reset_token(&first), OTHER_PASSWORD))
            .await;
        assert_eq!(code(stale), ErrorCode::InvalidOrExpiredLink);
        house
            .reset(with_token(&reset_token(&second), OTHER_PASSWORD))
            .await
            .expect("the newest works");
    }
);

both!(a_newer_letter_of_one_leaves_anothers_alone, async |house| {
    house.sign_up(ADA, Want::Page).await;
    house.sign_up("bob@example.com", Want::Page).await;
    let (_, adas) = house.reset_letter(ADA).await;
    house.reset_letter("bob@example.com").await;
    assert!(house.leads_on(&reset_token(&adas)).await);
});

both!(
    a_letter_that_is_still_waiting_dies_with_the_reset,
    async |house| {
        house.sign_up(ADA, Want::Page).await;
        let (_, letter) = house.reset_letter(ADA).await;
        house.forget(ADA).await.expect("is taken on");
        house.postman.fail(PostError::Later("busy".into()));
        assert!(house.letters().await.is_empty());

        house
            .reset(with_token(&reset_token(&letter), OTHER_PASSWORD))
            .await
            .expect("is reset");

        house.advance(HOUR);
        let left = house.letter().await;
        assert!(
            matches!(left.kind, auth::LetterKind::PasswordChanged { .. }),
            "{left:?}"
        );
    }
);

both!(
    a_letter_that_arrives_hours_later_still_works_for_an_hour,
    async |house| {
        house.sign_up(ADA, Want::Page).await;
        house.forget(ADA).await.expect("is taken on");
        house.advance(23 * HOUR);
        let letter = house.letter().await;

        house.advance(HOUR - 1);
        assert!(house.leads_on(&reset_token(&letter)).await);
        house.advance(1);
        assert!(!house.leads_on(&reset_token(&letter)).await);
    }
);

both!(nobody_who_has_no_account_hears_anything, async |house| {
    house.register(account("pending@example.com")).await;
    house.letter().await;
    house.sign_up("off@example.com", Want::Page).await;
    house
        .auth
        .disable(&email("off@example.com"), &at("127.0.0.1"))
        .await
        .expect("is disabled");

    for address in [
        "nobody@example.com",
        "pending@example.com",
        "off@example.com",
    ] {
        house.forget(address).await.expect("the answer is the same");
        assert!(house.letters().await.is_empty(), "{address}");
    }
    let waiting = "select id from outbox where sent_at is null";
    assert!(house.console(waiting).await.is_empty());
});

both!(every_address_costs_the_same, async |house| {
    house.sign_up(ADA, Want::Page).await;
    house.register(account("pending@example.com")).await;
    house.letter().await;
    house.sign_up("off@example.com", Want::Page).await;
    house
        .auth
        .disable(&email("off@example.com"), &at("127.0.0.1"))
        .await
        .expect("is disabled");
    let rows = "select id from outbox";
    let mut costs = Vec::new();
    for address in [
        ADA,
        "nobody@example.com",
        "pending@example.com",
        "off@example.com",
    ] {
        let (work, letters) = (house.auth.work(), house.console(rows).await.len());
        let flow = house.forget(address).await.expect("is taken on");
        let work = house.auth.work() - work;
        let letters = house.console(rows).await.len() - letters;
        let shown = house.auth.reset_address(&flow).await.expect("reads");
        assert_eq!(shown, Some(email(address)), "the page waits all the same");
        costs.push((work, letters));
    }
    assert_eq!((costs[0].0.hashes, costs[0].1), (0, 1));
    assert!(costs.iter().all(|cost| *cost == costs[0]), "{costs:?}");
});

both!(
    three_letters_in_a_quarter_of_an_hour_are_enough_for_anybody,
    async |house| {
        house.sign_up(ADA, Want::Page).await;
        house.advance(15 * MINUTE);
        for address in [ADA, "nobody@example.com"] {
            for _ in 0..3 {
                house.forget(address).await.expect("is taken on");
            }
            let refused = house.forget(address).await;
            assert!(matches!(refused, Err(RequestResetError::Limited(_))));
        }
        house.advance(15 * MINUTE);
        house.forget(ADA).await.expect("is taken on again");
    }
);

both!(
    one_network_asks_twenty_times_whomever_it_asks_for,
    async |house| {
        let from = at("192.0.2.1");
        for n in 0..20 {
            let whom = email(&format!("p{n}@example.com"));
            house
                .auth
                .request_password_reset(whom, auth::WithCode::No, &from)
                .await
                .expect("is taken on");
        }
        let refused = house
            .auth
            .request_password_reset(email(ADA), auth::WithCode::No, &from)
            .await;
        assert_eq!(code(refused), ErrorCode::RateLimited);
        house.forget(ADA).await.expect("another network may");
    }
);
