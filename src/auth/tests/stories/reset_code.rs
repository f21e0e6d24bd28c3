//! Resetting a forgotten password by code: only in the flow that asked, and not by guessing.

use auth::{ResetPasswordError, Want};
use wire::{ErrorCode, FieldCode, Secret};

use crate::support::*;

const ADA: &str = "ada@example.com";

/// One guess in a flow.
async fn guess(house: &House, mailed: &Secret, flow: &Secret) -> Result<(), ResetPasswordError> {
    house.reset(with_code(mailed, flow, OTHER_PASSWORD)).await
}

both!(
    a_code_in_its_own_flow_resets_the_password_once,
    async |house| {
        house.sign_up(ADA, Want::Page).await;
        let (flow, letter) = house.reset_letter(ADA).await;
        let mailed = reset_code(&letter);

        guess(house, &mailed, &flow).await.expect("is reset");

        assert_eq!(
            code(guess(house, &mailed, &flow).await),
            ErrorCode::InvalidCode
        );
        assert!(!house.leads_on(&reset_token(&letter)).await);
        house.log_in(ADA, OTHER_PASSWORD).await.expect("signs in");
    }
);

both!(
    a_code_is_taken_for_a_link_once_and_a_password_is_chosen_next,
    async |house| {
        house.sign_up(ADA, Want::Page).await;
        let (flow, letter) = house.reset_letter(ADA).await;
        let mailed = reset_code(&letter);
        let redeem = async |mailed: &Secret, flow: Option<&Secret>| {
            let client = house.somewhere();
            house.auth.redeem_reset_code(mailed, flow, &client).await
        };
        assert_eq!(code(redeem(&mailed, None).await), ErrorCode::InvalidCode);

        let token = redeem(&mailed, Some(&flow)).await.expect("is right");

        assert_eq!(
            code(redeem(&mailed, Some(&flow)).await),
            ErrorCode::InvalidCode
        );
        assert!(
            !house.leads_on(&reset_token(&letter)).await,
            "its link went along"
        );
        house.advance(10 * MINUTE - 1);
        house
            .reset(with_token(&token, OTHER_PASSWORD))
            .await
            .expect("there were ten minutes to choose");
    }
);

both!(a_code_is_redeemed_by_one_of_many, async |house| {
    house.sign_up(ADA, Want::Page).await;
    let auth = house.node(without_limits()).await;
    let (flow, letter) = house.reset_letter(ADA).await;
    let mailed = reset_code(&letter);
    let answers = at_once(200, |_| {
        let (auth, client) = (auth.clone(), house.somewhere());
        let (mailed, flow) = (mailed.clone(), flow.clone());
        async move { auth.redeem_reset_code(&mailed, Some(&flow), &client).await }
    })
    .await;

    let (good, bad): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!(good.len(), 1);
    assert!(
        bad.iter()
            .all(|answer| matches!(answer, Err(ResetPasswordError::Code)))
    );
});

both!(a_code_of_another_flow_is_no_code, async |house| {
    house.sign_up(ADA, Want::Page).await;
    house.sign_up("eve@example.com", Want::Page).await;
    let (first, _) = house.reset_letter(ADA).await;
    let (second, letter) = house.reset_letter(ADA).await;
    let (eves, _) = house.reset_letter("eve@example.com").await;
    let registration = house.register(account("new@example.com")).await;
    let mailed = reset_code(&letter);

    for foreign in [
        first,
        eves,
        registration,
        Secret::new(""),
        Secret::new("made up"),
    ] {
        let refused = guess(house, &mailed, &foreign).await;
        assert_eq!(code(refused), ErrorCode::InvalidCode);
    }
    guess(house, &mailed, &second)
        .await
        .expect("in its own it is");
});

both!(a_code_lives_ten_minutes, async |house| {
    house.sign_up(ADA, Want::Page).await;
    let (flow, letter) = house.reset_letter(ADA).await;
    house.advance(10 * MINUTE);
    let late = guess(house, &reset_code(&letter), &flow).await;
    assert_eq!(code(late), ErrorCode::InvalidCode);
    assert!(
        house.leads_on(&reset_token(&letter)).await,
        "its link lives on"
    );
});

both!(
    five_wrong_codes_end_the_flows_code_but_not_its_link,
    async |house| {
        house.sign_up(ADA, Want::Page).await;
        let (flow, letter) = house.reset_letter(ADA).await;
        let right = reset_code(&letter);
        for _ in 0..5 {
            let refused = guess(house, &wrong(&right), &flow).await;
            assert_eq!(code(refused), ErrorCode::InvalidCode);
        }

        let too_late = guess(house, &right, &flow).await;
        assert_eq!(code(too_late), ErrorCode::InvalidCode);
        house
            .reset(with_token(&reset_token(&letter), OTHER_PASSWORD))
            .await
            .expect("the link is no guess");
    }
);

both!(
    fifty_guesses_at_once_are_five_even_without_limits,
    async |house| {
        house.sign_up(ADA, Want::Page).await;
        let auth = house.node(without_limits()).await;
        let (flow, letter) = house.reset_letter(ADA).await;
        let right = reset_code(&letter);
        at_once(50, |_| {
            let (auth, client) = (auth.clone(), house.somewhere());
            let request = with_code(&wrong(&right), &flow, OTHER_PASSWORD);
            async move {
                let refused = auth.reset_password(request, &client).await;
                assert_eq!(code(refused), ErrorCode::InvalidCode);
            }
        })
        .await;
        let looked_at = "select id from audit_log where action = 'password.reset'";
        assert_eq!(
            house.console(looked_at).await.len(),
            5,
            "no sixth code was ever compared"
        );
    }
);

both!(
    ten_wrong_codes_a_day_are_all_an_address_gets,
    async |house| {
        house.sign_up(ADA, Want::Page).await;
        for _ in 0..2 {
            let (flow, letter) = house.reset_letter(ADA).await;
            let right = reset_code(&letter);
            for _ in 0..5 {
                let refused = guess(house, &wrong(&right), &flow).await;
                assert_eq!(code(refused), ErrorCode::InvalidCode);
            }
        }
        house.advance(15 * MINUTE);
        let (flow, letter) = house.reset_letter(ADA).await;
        let refused = guess(house, &reset_code(&letter), &flow).await;
        assert_eq!(code(refused), ErrorCode::RateLimited);
        house
            .reset(with_token(&reset_token(&letter), OTHER_PASSWORD))
            .await
            .expect("links alone work beyond that");
    }
);

both!(
    a_right_code_with_a_refused_password_costs_no_try,
    async |house| {
        house.sign_up(ADA, Want::Page).await;
        let (flow, letter) = house.reset_letter(ADA).await;
        let right = reset_code(&letter);
        for _ in 0..12 {
            let refused = house.reset(with_code(&right, &flow, PASSWORD)).await;
            let error = wire::Error::from(refused.expect_err("was used"));
            assert_eq!(error, wire::Error::field("password", FieldCode::Reused));
        }
        guess(house, &right, &flow).await.expect("is reset");
    }
);

both!(a_wrong_code_says_nothing_of_the_password, async |house| {
    house.sign_up(ADA, Want::Page).await;
    let (flow, letter) = house.reset_letter(ADA).await;
    let right = reset_code(&letter);
    let refused = house
        .reset(with_code(&wrong(&right), &flow, PASSWORD))
        .await;
    assert_eq!(
        code(refused),
        ErrorCode::InvalidCode,
        "whether it was the account's is nobody's to try out here"
    );
});

both!(a_guess_does_not_tell_who_has_an_account, async |house| {
    house.sign_up(ADA, Want::Page).await;
    let mut costs = Vec::new();
    for address in [ADA, "nobody@example.com"] {
        let flow = house.forget(address).await.expect("is taken on");
        house.letters().await;
        let work = house.auth.work();
        let refused = guess(house, &Secret::new("000000"), &flow).await;
        assert_eq!(code(refused), ErrorCode::InvalidCode);
        costs.push(house.auth.work() - work);
    }
    assert_eq!(costs[0], costs[1]);
    assert_eq!(costs[0].hashes, 0);
});
