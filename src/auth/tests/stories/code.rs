//! Guessing mailed codes.

use auth::Want;
use wire::{ErrorCode, Secret};

use crate::support::*;

both!(
    five_wrong_codes_end_the_code_but_not_the_link,
    async |house| {
        let flow = house.register(account("ada@example.com")).await;
        let letter = house.letter().await;
        let right = code_of(&letter);
        for _ in 0..5 {
            let guess = by_code(&wrong(&right), Some(&flow));
            assert_eq!(code(house.finish(guess).await), ErrorCode::InvalidCode);
        }

        let too_late = by_code(&right, Some(&flow));
        assert_eq!(code(house.finish(too_late).await), ErrorCode::InvalidCode);
        let finish = by_link(&token_of(&letter), Some(&flow), None);
        house.finish(finish).await.expect("the link is no guess");
    }
);

both!(
    five_wrong_codes_are_five_even_without_limits_and_in_parallel,
    async |house| {
        let auth = house.node(without_limits()).await;
        let flow = house.register(account("ada@example.com")).await;
        let right = code_of(&house.letter().await);
        at_once(50, |_| {
            let (auth, client) = (auth.clone(), house.somewhere());
            let guess = by_code(&wrong(&right), Some(&flow));
            async move {
                assert_eq!(
                    code(auth.verify_email(guess, Want::Page, &client).await),
                    ErrorCode::InvalidCode
                )
            }
        })
        .await;

        let looked_at = house
            .console("select id from audit_log where action = 'email.verify'")
            .await;
        assert_eq!(looked_at.len(), 5, "no sixth code was ever compared");
        let too_late = by_code(&right, Some(&flow));
        assert_eq!(
            code(
                auth.verify_email(too_late, Want::Page, &house.somewhere())
                    .await
            ),
            ErrorCode::InvalidCode
        );
    }
);

both!(
    ten_wrong_codes_a_day_are_all_an_address_gets_over_all_its_registrations,
    async |house| {
        for _ in 0..2 {
            let flow = house.register(account("ada@example.com")).await;
            let right = code_of(&house.letter().await);
            for _ in 0..5 {
                let guess = by_code(&wrong(&right), Some(&flow));
                assert_eq!(code(house.finish(guess).await), ErrorCode::InvalidCode);
            }
        }
        let flow = house.register(account("ada@example.com")).await;
        let letter = house.letter().await;
        let answer = house.finish(by_code(&code_of(&letter), Some(&flow))).await;
        let error = wire::Error::from(answer.expect_err("no more today"));
        assert_eq!(
            (error.code, error.retry_after),
            (ErrorCode::RateLimited, Some(3600))
        );

        house.advance(MINUTE);
        let finish = by_link(&token_of(&letter), Some(&flow), None);
        house.finish(finish).await.expect("the link is no guess");
        house.advance(DAY);
        house.sign_up("bob@example.com", Want::Page).await;
    }
);

both!(
    guesses_at_a_used_up_flow_take_nothing_of_the_addresss_day,
    async |house| {
        let flow = house.register(account("ada@example.com")).await;
        let right = code_of(&house.letter().await);
        for _ in 0..30 {
            let guess = by_code(&wrong(&right), Some(&flow));
            assert_eq!(code(house.finish(guess).await), ErrorCode::InvalidCode);
        }

        let flow = house.register(account("ada@example.com")).await;
        let right = code_of(&house.letter().await);
        let finish = by_code(&right, Some(&flow));
        house.finish(finish).await.expect("five of ten are left");
    }
);

both!(guesses_at_one_address_lock_no_other, async |house| {
    for _ in 0..2 {
        let flow = house.register(account("ada@example.com")).await;
        let right = code_of(&house.letter().await);
        for _ in 0..5 {
            let guess = by_code(&wrong(&right), Some(&flow));
            assert!(house.finish(guess).await.is_err());
        }
    }
    house.sign_up("bob@example.com", Want::Page).await;
});

both!(a_code_without_its_flow_is_no_code, async |house| {
    let flow = house.register(account("ada@example.com")).await;
    let mailed = code_of(&house.letter().await);
    let foreign = house.register(account("eve@example.com")).await;
    house.letter().await;

    for flow in [
        None,
        Some(&foreign),
        Some(&Secret::new("made up")),
        Some(&Secret::new("")),
    ] {
        let finish = by_code(&mailed, flow);
        assert_eq!(code(house.finish(finish).await), ErrorCode::InvalidCode);
    }
    let finish = by_code(&mailed, Some(&flow));
    house.finish(finish).await.expect("with its flow it is");
});
