//! What is tried with reset links that one does not have, or has twice.

use std::time::{Duration, Instant};

use auth::{ResetPasswordError, Want};
use wire::{ErrorCode, Secret};

use crate::support::*;

const ADA: &str = "ada@example.com";

both!(what_is_no_living_reset_link_opens_nothing, async |house| {
    let waiting = house.register(account("eve@example.com")).await;
    let registration = token_of(&house.letter().await);
    house.sign_up(ADA, Want::Page).await;
    let (flow, letter) = house.reset_letter(ADA).await;
    let token = reset_token(&letter);
    let text = token.reveal();

    for dead in [
        Secret::new(""),
        Secret::new(&text[..text.len() - 1]),
        Secret::new(format!("{text}{text}")),
        Secret::new(format!("{text} ")),
        Secret::new(text.to_ascii_uppercase()),
        Secret::new("x".repeat(60_000)),
        Secret::new("' or 1=1 --"),
        registration.clone(),
        waiting,
        flow.clone(),
        reset_code(&letter),
    ] {
        let refused = house.reset(with_token(&dead, OTHER_PASSWORD)).await;
        assert_eq!(code(refused), ErrorCode::InvalidOrExpiredLink);
        assert!(!house.leads_on(&dead).await);
    }
    // And the other way round: it proves no registration.
    let proof = by_link(&token, None, Some(OTHER_PASSWORD));
    assert_eq!(
        code(house.finish(proof).await),
        ErrorCode::InvalidOrExpiredLink
    );
    house
        .reset(with_token(&token, OTHER_PASSWORD))
        .await
        .expect("and it itself still works");
});

both!(a_link_lives_an_hour_to_the_second, async |house| {
    house.sign_up(ADA, Want::Page).await;
    let (_, letter) = house.reset_letter(ADA).await;
    house.advance(HOUR - 1);
    assert!(house.leads_on(&reset_token(&letter)).await);
    house.advance(1);
    assert!(!house.leads_on(&reset_token(&letter)).await);
    let late = house
        .reset(with_token(&reset_token(&letter), OTHER_PASSWORD))
        .await;
    assert_eq!(code(late), ErrorCode::InvalidOrExpiredLink);
    house.log_in(ADA, PASSWORD).await.expect("nothing changed");
});

both!(
    two_hundred_uses_of_a_link_and_its_code_are_one,
    async |house| {
        house.sign_up(ADA, Want::Page).await;
        let auth = house.node(without_limits()).await;
        let (flow, letter) = house.reset_letter(ADA).await;
        let (token, mailed) = (reset_token(&letter), reset_code(&letter));

        let answers = at_once(200, |n| {
            let (auth, client) = (auth.clone(), house.somewhere());
            let password = format!("{n} wet herons argue");
            let request = if n % 2 == 0 {
                with_token(&token, &password)
            } else {
                with_code(&mailed, &flow, &password)
            };
            async move { (n, auth.reset_password(request, &client).await) }
        })
        .await;

        let mut winners = Vec::new();
        for (n, answer) in answers {
            match answer {
                Ok(()) => winners.push(n),
                Err(
                    ResetPasswordError::Link
                    | ResetPasswordError::Code
                    | ResetPasswordError::Overloaded(_),
                ) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
        let [winner] = winners[..] else {
            panic!("{winners:?}");
        };
        house
            .log_in(ADA, &format!("{winner} wet herons argue"))
            .await
            .expect("and the winner's password holds");
        let resets =
            "select id from audit_log where action = 'password.reset' and outcome = 'success'";
        assert_eq!(house.console(resets).await.len(), 1);
    }
);

both!(a_link_dies_with_the_account_it_is_for, async |house| {
    house.sign_up(ADA, Want::Page).await;
    let (_, letter) = house.reset_letter(ADA).await;
    let operator = at("127.0.0.1");
    house
        .auth
        .disable(&email(ADA), &operator)
        .await
        .expect("is disabled");
    let token = reset_token(&letter);

    let refused = house.reset(with_token(&token, OTHER_PASSWORD)).await;
    assert_eq!(code(refused), ErrorCode::InvalidOrExpiredLink);
    house
        .auth
        .enable(&email(ADA), &operator)
        .await
        .expect("is enabled");
    assert!(!house.leads_on(&token).await, "and does not come back");
    house.log_in(ADA, PASSWORD).await.expect("nothing changed");
});

both!(
    a_link_dies_when_the_account_moves_to_another_address,
    async |house| {
        house.sign_up(ADA, Want::Page).await;
        let (_, letter) = house.reset_letter(ADA).await;
        house
            .console("update users set email = 'new@example.com'")
            .await;

        assert!(!house.leads_on(&reset_token(&letter)).await);
        let refused = house
            .reset(with_token(&reset_token(&letter), OTHER_PASSWORD))
            .await;
        assert_eq!(code(refused), ErrorCode::InvalidOrExpiredLink);
    }
);

both!(
    a_reset_beside_sign_ins_leaves_no_session_of_the_old_password,
    async |house| {
        house.sign_up(ADA, Want::Page).await;
        let auth = house.node(without_limits()).await;
        let (_, letter) = house.reset_letter(ADA).await;
        let token = reset_token(&letter);
        at_once(40, |n| {
            let (auth, client) = (auth.clone(), house.somewhere());
            let reset = with_token(&token, OTHER_PASSWORD);
            async move {
                if n == 20 {
                    auth.reset_password(reset, &client).await.expect("is reset");
                } else {
                    // In before, or refused after: whichever it was, nobody is in at the end.
                    let credentials = credentials(ADA, PASSWORD);
                    drop(auth.log_in(credentials, Want::Page, &client).await);
                }
            }
        })
        .await;

        let living = "select id from sessions where revoked_at is null";
        assert!(house.console(living).await.is_empty());
    }
);

both!(
    a_reset_is_felt_on_the_other_node_within_a_second,
    async |house| {
        if !house.is_shared() {
            return;
        }
        let other = house.node(settings()).await;
        let following = tokio::spawn({
            let other = other.clone();
            async move { other.follow_other_nodes().await }
        });
        let listening = "select query from pg_stat_activity where query like 'LISTEN%'";
        while house.console(listening).await.is_empty() {
            assert!(!following.is_finished(), "it gave up");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let page = cookie(&house.sign_up(ADA, Want::Page).await);
        let client = house.somewhere();
        let lives = async || {
            let session = other.session_by_cookie(&page, &client).await;
            session.expect("answers").is_some()
        };
        assert!(lives().await);
        let (_, letter) = house.reset_letter(ADA).await;

        house
            .reset(with_token(&reset_token(&letter), OTHER_PASSWORD))
            .await
            .expect("is reset");

        let reset = Instant::now();
        while lives().await {
            assert!(
                reset.elapsed() < Duration::from_secs(1),
                "still alive on the other node"
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        following.abort();
        other.close().await;
    }
);
