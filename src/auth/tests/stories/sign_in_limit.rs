//! Guessing and asking for sign-in codes (D10, C21; security.md rows 37, 84).

use auth::{RequestSignInCodeError, ResendSignInCodeError, Want};
use wire::{ErrorCode, Secret};

use crate::support::*;

const ADA: &str = "ada@example.com";

async fn ask(house: &House, address: &str, from: &str) -> Result<Secret, RequestSignInCodeError> {
    house
        .auth
        .request_sign_in_code(email(address), &at(from))
        .await
}

fn wait_of<T>(answer: Result<T, impl Into<wire::Error>>) -> u32 {
    let Err(error) = answer else {
        panic!("is too often")
    };
    let error = error.into();
    assert_eq!(error.code, ErrorCode::RateLimited);
    error.retry_after.expect("always said")
}

/// A wrong code in a flow. Whether it was looked at and found wrong.
async fn guess(house: &House, flow: &Secret) -> ErrorCode {
    let answer = house.log_in_by(sign_in_by(&Secret::new("000000"), Some(flow)));
    code(answer.await)
}

both!(two_hundred_wrong_codes_at_once_are_five, async |house| {
    house.sign_up(ADA, Want::Page).await;
    let auth = house.node(without_limits()).await;
    let flow = house.ask_code(ADA).await;
    let right = code_of(&house.letter().await);

    let answers = at_once(200, |_| {
        let (auth, client) = (auth.clone(), house.somewhere());
        let finish = sign_in_by(&wrong(&right), Some(&flow));
        async move { auth.log_in_by_code(finish, Want::Page, &client).await }
    })
    .await;

    for answer in answers {
        assert_eq!(code(answer), ErrorCode::InvalidCode);
    }
    let looked_at = "select id from audit_log where action = 'session.start'";
    assert_eq!(
        house.console(looked_at).await.len(),
        5,
        "no sixth was compared, limits or none"
    );
    let late = sign_in_by(&right, Some(&flow));
    assert_eq!(code(house.log_in_by(late).await), ErrorCode::InvalidCode);
});

both!(
    guesses_at_a_used_up_flow_take_nothing_of_the_day,
    async |house| {
        house.sign_up(ADA, Want::Page).await;
        let flow = house.ask_code(ADA).await;
        house.letter().await;
        let answers = at_once(200, |_| {
            let (auth, client) = (house.auth.clone(), house.somewhere());
            let finish = sign_in_by(&Secret::new("000000"), Some(&flow));
            async move { auth.log_in_by_code(finish, Want::Page, &client).await }
        })
        .await;
        for answer in answers {
            assert_eq!(code(answer), ErrorCode::InvalidCode);
        }

        let counted = "select lane from failures where lane = 'code' and count = 5";
        assert_eq!(house.console(counted).await.len(), 1);
        let flow = house.ask_code(ADA).await;
        let finish = sign_in_by(&code_of(&house.letter().await), Some(&flow));
        house.log_in_by(finish).await.expect("five are left");
    }
);

both!(a_new_letter_or_a_new_flow_gives_no_new_day, async |house| {
    house.sign_up(ADA, Want::Page).await;
    let flow = house.ask_code(ADA).await;
    for _ in 0..4 {
        assert_eq!(guess(house, &flow).await, ErrorCode::InvalidCode);
    }
    house.advance(MINUTE);
    let client = house.somewhere();
    let again = house.auth.resend_sign_in_code(&flow, &client).await;
    again.expect("another letter");
    assert_eq!(guess(house, &flow).await, ErrorCode::InvalidCode);
    let pending = house.auth.pending_sign_in(&flow).await.expect("reads");
    assert!(
        !pending.expect("lives").has_tries,
        "another letter gives no tries"
    );
    let again = house.auth.resend_sign_in_code(&flow, &client).await;
    assert!(matches!(again, Err(ResendSignInCodeError::Ended)));

    house.advance(20 * MINUTE);
    // A registration of the same address counts on the same day (req 128).
    let registration = house.register(account(ADA)).await;
    for _ in 0..5 {
        let finish = by_code(&Secret::new("000000"), Some(&registration));
        assert_eq!(code(house.finish(finish).await), ErrorCode::InvalidCode);
    }
    house.letters().await;
    house.advance(20 * MINUTE);
    let flow = house.ask_code(ADA).await;
    let letter = house.letter().await;
    let finish = sign_in_by(&code_of(&letter), Some(&flow));
    assert_eq!(
        wait_of(house.log_in_by(finish).await),
        3600,
        "ten are a day's"
    );
    house.log_in(ADA, PASSWORD).await.expect("signs in");
    let finish = sign_in_by(&code_of(&letter), Some(&flow));
    assert_eq!(
        wait_of(house.log_in_by(finish).await),
        3600,
        "a password clears its own lane alone"
    );
    let finish = sign_in_at(&token_of(&letter), Some(&flow), None);
    house.log_in_by(finish).await.expect("the link is no guess");
    house.advance(DAY);
    let flow = house.ask_code(ADA).await;
    let finish = sign_in_by(&code_of(&house.letter().await), Some(&flow));
    house.log_in_by(finish).await.expect("the next day");
});

both!(
    a_complete_sign_in_by_code_ends_the_run_of_wrong_ones,
    async |house| {
        house.sign_up(ADA, Want::Page).await;
        for _ in 0..4 {
            let flow = house.ask_code(ADA).await;
            let right = code_of(&house.letter().await);
            for _ in 0..4 {
                assert_eq!(guess(house, &flow).await, ErrorCode::InvalidCode);
            }
            let finish = sign_in_by(&right, Some(&flow));
            house.log_in_by(finish).await.expect("signs in");
            house.advance(HOUR);
        }
    }
);

both!(
    an_address_gets_three_letters_in_a_quarter_of_an_hour,
    async |house| {
        for address in [ADA, "nobody@example.com"] {
            house.advance(HOUR);
            for n in 0..3 {
                let from = format!("198.51.100.{n}");
                ask(house, address, &from).await.expect("is taken on");
            }
            assert_eq!(wait_of(ask(house, address, "198.51.100.9").await), 900);
        }
    }
);

both!(an_address_has_three_living_flows_at_most, async |house| {
    house.sign_up(ADA, Want::Page).await;
    // The window of letters is over sooner than the flows.
    house.advance(20 * MINUTE);
    for _ in 0..2 {
        house.ask_code(ADA).await;
    }
    house.advance(9 * MINUTE);
    house.ask_code(ADA).await;
    house.advance(MINUTE);
    assert_eq!(wait_of(ask(house, ADA, "192.0.2.1").await), 300);
    house.advance(5 * MINUTE);
    house.ask_code(ADA).await;
});

both!(flows_begun_at_once_are_three_as_well, async |house| {
    let answers = at_once(50, |n| {
        let auth = house.auth.clone();
        async move {
            let from = at(&format!("198.51.100.{n}"));
            auth.request_sign_in_code(email(ADA), &from).await
        }
    })
    .await;
    let begun = answers.iter().filter(|answer| answer.is_ok()).count();
    assert_eq!(begun, 3);
    let flows = house.console("select id from sign_in_flows").await;
    assert_eq!(flows.len(), 3);
    let letters = house.console("select id from outbox").await;
    assert_eq!(letters.len(), 3);
});

both!(
    a_network_asks_for_twenty_in_a_quarter_of_an_hour,
    async |house| {
        for n in 0..20 {
            let address = format!("p{n}@example.com");
            ask(house, &address, "192.0.2.1")
                .await
                .expect("is taken on");
        }
        assert_eq!(wait_of(ask(house, ADA, "192.0.2.1").await), 900);
        ask(house, ADA, "192.0.2.2").await.expect("another network");
    }
);

both!(another_letter_waits_half_a_minute, async |house| {
    house.sign_up(ADA, Want::Page).await;
    let flow = house.ask_code(ADA).await;
    let first = code_of(&house.letter().await);
    house.advance(10);
    let pending = house.auth.pending_sign_in(&flow).await.expect("reads");
    assert_eq!(pending.expect("lives").again_in, 20);
    let client = house.somewhere();
    let early = house.auth.resend_sign_in_code(&flow, &client).await;
    assert_eq!(wait_of(early), 20);

    house.advance(20);
    let answers = at_once(20, |_| {
        let (auth, client, flow) = (house.auth.clone(), house.somewhere(), flow.clone());
        async move { auth.resend_sign_in_code(&flow, &client).await }
    })
    .await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    let second = code_of(&house.letter().await);
    assert_ne!(first, second);
    let finish = sign_in_by(&first, Some(&flow));
    let first = house.log_in_by(finish).await;
    first.expect("people read the letter that arrives first");
});

both!(
    above_a_rate_of_wrong_codes_all_over_the_portal_links_alone_work,
    async |house| {
        house.sign_up(ADA, Want::Page).await;
        let flow = house.ask_code(ADA).await;
        let letter = house.letter().await;
        assert!(!house.auth.links_alone().await.expect("reads"));
        for n in 0..10 {
            let flow = house.ask_code(&format!("p{n}@example.com")).await;
            for _ in 0..5 {
                assert_eq!(guess(house, &flow).await, ErrorCode::InvalidCode);
            }
        }
        assert!(house.auth.links_alone().await.expect("reads"));

        let finish = sign_in_by(&code_of(&letter), Some(&flow));
        let refused = house.log_in_by(finish).await;
        assert_eq!(
            code(refused),
            ErrorCode::InvalidCode,
            "said as a wrong code"
        );
        let registration = house.register(account("carl@example.com")).await;
        let mailed = code_of(&house.letter().await);
        let refused = house.finish(by_code(&mailed, Some(&registration))).await;
        assert_eq!(
            code(refused),
            ErrorCode::InvalidCode,
            "of registrations too"
        );

        let pending = house.auth.pending_sign_in(&flow).await.expect("reads");
        assert!(pending.expect("lives").has_tries, "not a try of the flow");
        let finish = sign_in_at(&token_of(&letter), Some(&flow), None);
        house.log_in_by(finish).await.expect("the link works");

        house.advance(15 * MINUTE);
        assert!(!house.auth.links_alone().await.expect("reads"));
        let flow = house.ask_code(ADA).await;
        let finish = sign_in_by(&code_of(&house.letter().await), Some(&flow));
        house.log_in_by(finish).await.expect("codes work again");
    }
);

both!(what_has_ended_is_swept_out, async |house| {
    house.sign_up(ADA, Want::Page).await;
    house.ask_code(ADA).await;
    house.letter().await;
    house.auth.tend().await.expect("tidies");
    let flows = "select id from sign_in_flows";
    assert_eq!(house.console(flows).await.len(), 1);

    house.advance(15 * MINUTE);
    house.auth.tend().await.expect("tidies");
    assert!(house.console(flows).await.is_empty());
    let secrets = "select subject from one_time_tokens where purpose = 'sign_in'";
    assert!(house.console(secrets).await.is_empty());
});
