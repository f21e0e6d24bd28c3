//! The link in a sign-in letter: enough where it was asked for, and elsewhere only beside its code
//! (security.md rows 36, 64).

use auth::Want;
use wire::{ErrorCode, FieldCode, Secret};

use crate::support::*;

const ADA: &str = "ada@example.com";

both!(looking_at_a_link_uses_nothing_up, async |house| {
    house.sign_up(ADA, Want::Page).await;
    let flow = house.ask_code(ADA).await;
    let token = token_of(&house.letter().await);
    for _ in 0..3 {
        let own = house.auth.sign_in_link(&token, Some(&flow)).await;
        let own = own.expect("reads").expect("works");
        assert_eq!((own.email, own.holds_flow), (email(ADA), true));
        let elsewhere = house.auth.sign_in_link(&token, None).await;
        let elsewhere = elsewhere.expect("reads").expect("works");
        assert!(!elsewhere.holds_flow);
        assert_eq!(elsewhere.asked_by, "an unknown device");
        assert!(elsewhere.asked_from.starts_with("10."));
    }

    let finish = sign_in_at(&token, Some(&flow), None);
    house.log_in_by(finish).await.expect("one press is enough");
    let used = house.auth.sign_in_link(&token, Some(&flow)).await;
    assert_eq!(used.expect("reads"), None);
});

both!(elsewhere_a_link_alone_signs_nobody_in, async |house| {
    house.sign_up(ADA, Want::Page).await;
    let flow = house.ask_code(ADA).await;
    let letter = house.letter().await;
    let (token, mailed) = (token_of(&letter), code_of(&letter));
    let strangers = house.ask_code("nobody@example.com").await;

    for foreign in [None, Some(&strangers)] {
        let pressed = house.log_in_by(sign_in_at(&token, foreign, None)).await;
        let error = wire::Error::from(pressed.expect_err("a scanner presses buttons"));
        assert_eq!(error, wire::Error::field("code", FieldCode::Required));
    }
    let both = sign_in_at(&token, Some(&strangers), Some(&mailed));
    house.log_in_by(both).await.expect("link and code");
    let finish = sign_in_by(&mailed, Some(&flow));
    assert_eq!(code(house.log_in_by(finish).await), ErrorCode::InvalidCode);
});

both!(tries_elsewhere_are_tries_of_the_flow, async |house| {
    house.sign_up(ADA, Want::Page).await;
    let flow = house.ask_code(ADA).await;
    let letter = house.letter().await;
    let (token, mailed) = (token_of(&letter), code_of(&letter));
    for n in 0..5 {
        let guess = match n % 2 {
            0 => sign_in_at(&token, None, Some(&wrong(&mailed))),
            _ => sign_in_by(&wrong(&mailed), Some(&flow)),
        };
        assert_eq!(code(house.log_in_by(guess).await), ErrorCode::InvalidCode);
    }

    for late in [
        sign_in_at(&token, None, Some(&mailed)),
        sign_in_by(&mailed, Some(&flow)),
    ] {
        assert_eq!(code(house.log_in_by(late).await), ErrorCode::InvalidCode);
    }
    let finish = sign_in_at(&token, Some(&flow), None);
    house.log_in_by(finish).await.expect("the link is no guess");
});

both!(
    the_code_of_another_letter_does_not_go_with_a_link,
    async |house| {
        house.sign_up(ADA, Want::Page).await;
        house.sign_up("bob@example.com", Want::Page).await;
        house.ask_code(ADA).await;
        let token = token_of(&house.letter().await);
        house.ask_code("bob@example.com").await;
        let bobs = house.letter().await;

        let mixed = sign_in_at(&token, None, Some(&code_of(&bobs)));
        assert_eq!(code(house.log_in_by(mixed).await), ErrorCode::InvalidCode);
    }
);

both!(what_is_no_link_of_ours_opens_nothing, async |house| {
    house.sign_up(ADA, Want::Page).await;
    let flow = house.ask_code(ADA).await;
    let letter = house.letter().await;
    let (token, mailed) = (token_of(&letter), code_of(&letter));
    let registration = house.register(account("carl@example.com")).await;
    let registered = token_of(&house.letter().await);

    let truncated = &token.reveal()[..token.reveal().len() - 1];
    let doubled = format!("{0}{0}", token.reveal());
    for other in ["", "x", truncated, &doubled, registered.reveal()] {
        let finish = sign_in_at(&Secret::new(other), Some(&flow), Some(&mailed));
        assert_eq!(
            code(house.log_in_by(finish).await),
            ErrorCode::InvalidOrExpiredLink
        );
    }
    let as_registration = by_link(&token, Some(&registration), Some(OTHER_PASSWORD));
    assert_eq!(
        code(house.finish(as_registration).await),
        ErrorCode::InvalidOrExpiredLink,
        "a link for one thing is nothing for another"
    );
    let finish = sign_in_at(&token, Some(&flow), None);
    house.log_in_by(finish).await.expect("signs in");
});

both!(a_link_pressed_in_two_tabs_signs_in_once, async |house| {
    house.sign_up(ADA, Want::Page).await;
    let flow = house.ask_code(ADA).await;
    let token = token_of(&house.letter().await);
    let answers = at_once(20, |_| {
        let (auth, client) = (house.auth.clone(), house.somewhere());
        let finish = sign_in_at(&token, Some(&flow), None);
        async move { auth.log_in_by_code(finish, Want::Page, &client).await }
    })
    .await;

    let good = answers.iter().filter(|answer| answer.is_ok()).count();
    assert_eq!(good, 1);
});
