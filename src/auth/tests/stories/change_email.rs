//! Another address: asked for, proven, refused.

use auth::{ConfirmEmailError, LetterKind, Want};
use wire::{ErrorCode, Proof};

use crate::support::*;

const ADA: &str = "ada@example.com";
const NEW: &str = "ada@new.example";

both!(
    an_address_is_the_accounts_once_it_is_proven,
    async |house| {
        let session = house.member(ADA).await;
        let other = house.other_device(ADA).await;
        let program = house
            .auth
            .log_in(credentials(ADA, PASSWORD), TOKENS, &house.somewhere())
            .await;
        let (access, refresh) = tokens(program.expect("signs in"));

        let asked = house.asked(&session, "Ada@NEW.example").await;
        assert_eq!(asked.to_new.to.as_str(), NEW);
        assert_eq!(asked.to_old.to.as_str(), ADA);
        assert_eq!(house.address_of(&session.user.id).await, ADA);
        for (session, takes_code) in [(&session, true), (&other, false)] {
            let pending = house.auth.pending_email(session).await.expect("reads");
            let pending = pending.expect("waits");
            assert_eq!(
                (pending.email.as_str(), pending.takes_code),
                (NEW, takes_code)
            );
        }

        let (_, mailed) = proof_of(&asked.to_new);
        let user = house.confirm_by_code(&session, &mailed).await;

        assert_eq!(user.expect("is proven").email, NEW);
        let still = house.auth.session_by_access_token(&access).await;
        assert_eq!(code(still), ErrorCode::TokenRevoked);
        let refreshed = house
            .auth
            .refresh(
                &refresh,
                wire::Audience::PortalAndServices,
                &house.somewhere(),
            )
            .await;
        assert_eq!(code(refreshed), ErrorCode::TokenRevoked);
        let events = house.events(&session).await;
        assert!(
            events
                .iter()
                .any(|event| event.action == "email_change.confirmed")
        );
        assert_eq!(
            house.auth.pending_email(&session).await.expect("reads"),
            None
        );
        let after = house.letter().await;
        assert_eq!(after.to.as_str(), ADA);
        assert!(matches!(after.kind, LetterKind::EmailChanged { .. }));
        // The others ended, this one shows the new address, and it is what one signs in with.
        assert_eq!(
            code(house.confirm_by_code(&other, &mailed).await),
            ErrorCode::InvalidCode
        );
        let again = house.log_in(NEW, PASSWORD).await.expect("signs in");
        assert_eq!(again.user.email, NEW);
        assert_eq!(
            code(house.log_in(ADA, PASSWORD).await),
            ErrorCode::InvalidCredentials
        );
    }
);

both!(
    sessions_and_tokens_say_the_new_address_at_once,
    async |house| {
        let signed_in = house.sign_up(ADA, Want::Page).await;
        let session = house.session_of(&signed_in).await;
        let token = house
            .auth
            .access_token(&session, wire::Audience::PortalAndServices)
            .await
            .expect("is signed");
        house.moved(&session, NEW).await;

        let now = house.session_of(&signed_in).await;
        assert_eq!(now.user.email, NEW);
        let stale = house
            .auth
            .session_by_access_token(&token.access_token)
            .await;
        assert_eq!(code(stale), ErrorCode::TokenStale);
    }
);

both!(
    a_known_address_gets_another_letter_and_the_same_answer,
    async |house| {
        let auth = house.node(without_limits()).await;
        let session = house.member(ADA).await;
        house.member("bob@example.com").await;

        let mut seen = Vec::new();
        for new in ["bob@example.com", NEW] {
            let before = auth.work();
            let client = house.somewhere();
            auth.change_email(&session, &email(new), &client)
                .await
                .expect("is taken on");
            let work = auth.work() - before;
            let rows = house
                .console("select letter from outbox where sent_at is null order by letter")
                .await;
            let letters = house.letters().await;
            seen.push((work, rows));
            let to_new = letters.iter().find(|letter| letter.to.as_str() == new);
            match &to_new.expect("a letter").kind {
                LetterKind::EmailInUse { sign_in } if new != NEW => {
                    assert_eq!(sign_in, "http://localhost:3000/login");
                }
                LetterKind::ConfirmNewEmail { .. } if new == NEW => {}
                other => panic!("{new}: {other:?}"),
            }
            let pending = auth.pending_email(&session).await.expect("reads");
            assert_eq!(pending.map(|pending| pending.email), Some(email(new)));
        }
        assert_eq!(seen[0], seen[1]);
        auth.close().await;
    }
);

both!(ones_own_address_is_no_change, async |house| {
    let session = house.member(ADA).await;
    for new in [ADA, "ADA@Example.com"] {
        let refused: wire::Error = house
            .ask_change(&session, new)
            .await
            .expect_err("is refused")
            .into();
        assert_eq!(refused.fields[0].field, "newEmail");
    }
    assert!(house.letters().await.is_empty());
});

both!(
    a_code_works_once_in_the_session_that_asked_for_ten_minutes,
    async |house| {
        let session = house.member(ADA).await;
        let other = house.other_device(ADA).await;
        let (_, mailed) = proof_of(&house.asked(&session, NEW).await.to_new);

        let elsewhere = house.confirm_by_code(&other, &mailed).await;
        assert_eq!(code(elsewhere), ErrorCode::InvalidCode);
        house.advance(10 * MINUTE);
        let late = house.confirm_by_code(&session, &mailed).await;
        assert_eq!(code(late), ErrorCode::InvalidCode);

        let (_, mailed) = proof_of(&house.asked(&session, NEW).await.to_new);
        house.advance(10 * MINUTE - 1);
        house
            .confirm_by_code(&session, &mailed)
            .await
            .expect("in time");
        let again = house.confirm_by_code(&session, &mailed).await;
        assert_eq!(code(again), ErrorCode::InvalidCode);
    }
);

both!(
    five_wrong_codes_end_a_change_for_codes_not_for_its_link,
    async |house| {
        let session = house.member(ADA).await;
        let (token, mailed) = proof_of(&house.asked(&session, NEW).await.to_new);
        for _ in 0..5 {
            let answer = house.confirm_by_code(&session, &wrong(&mailed)).await;
            assert_eq!(code(answer), ErrorCode::InvalidCode);
        }
        let right = house.confirm_by_code(&session, &mailed).await;
        assert_eq!(code(right), ErrorCode::InvalidCode);
        house
            .confirm_by_link(&session, &token)
            .await
            .expect("a link is no guess");
    }
);

both!(
    a_link_works_once_for_a_day_in_any_session_of_its_account,
    async |house| {
        let session = house.member(ADA).await;
        let bob = house.member("bob@example.com").await;
        let (token, _) = proof_of(&house.asked(&session, NEW).await.to_new);

        for (visitor, is_own) in [(None, false), (Some(&*bob), false), (Some(&*session), true)] {
            let link = house.auth.email_change_link(&token, visitor).await;
            let link = link.expect("reads").expect("works");
            assert_eq!((link.email.as_str(), link.is_own), (NEW, is_own));
        }
        let foreign = house.confirm_by_link(&bob, &token).await;
        assert_eq!(code(foreign), ErrorCode::InvalidOrExpiredLink);
        for text in ["", "x", &token.reveal()[1..]] {
            let answer = house
                .confirm_by_link(&session, &wire::Secret::new(text))
                .await;
            assert_eq!(code(answer), ErrorCode::InvalidOrExpiredLink, "{text}");
        }
        house.advance(DAY - 1);
        let other = house.other_device(ADA).await;
        house.confirm_by_link(&other, &token).await.expect("is own");
        let again = house.confirm_by_link(&other, &token).await;
        assert_eq!(code(again), ErrorCode::InvalidOrExpiredLink);
        assert_eq!(house.address_of(&bob.user.id).await, "bob@example.com");
    }
);

both!(a_link_is_dead_after_a_day, async |house| {
    let session = house.member(ADA).await;
    let (token, _) = proof_of(&house.asked(&session, NEW).await.to_new);
    house.advance(DAY);
    assert_eq!(
        house
            .auth
            .email_change_link(&token, None)
            .await
            .expect("reads"),
        None
    );
    let late = house.confirm_by_link(&session, &token).await;
    assert_eq!(code(late), ErrorCode::InvalidOrExpiredLink);
});

both!(a_link_for_one_thing_is_nothing_for_another, async |house| {
    let session = house.member(ADA).await;
    let asked = house.asked(&session, NEW).await;
    let (token, _) = proof_of(&asked.to_new);
    let undo = undo_of(&asked.to_old);

    assert_eq!(
        code(house.undo(&token).await),
        ErrorCode::InvalidOrExpiredLink
    );
    let answer = house.confirm_by_link(&session, &undo).await;
    assert_eq!(code(answer), ErrorCode::InvalidOrExpiredLink);
    let answer = house
        .finish(by_link(&token, None, Some(OTHER_PASSWORD)))
        .await;
    assert_eq!(code(answer), ErrorCode::InvalidOrExpiredLink);
    house
        .confirm_by_link(&session, &token)
        .await
        .expect("nothing was used up");
});

both!(the_newest_of_two_pending_changes_counts, async |house| {
    let session = house.member(ADA).await;
    let (first, first_code) = proof_of(&house.asked(&session, "one@new.example").await.to_new);
    let (second, _) = proof_of(&house.asked(&session, "two@new.example").await.to_new);

    for proof in [Proof::Token(first), Proof::Code(first_code)] {
        let client = house.somewhere();
        let answer = house
            .auth
            .confirm_email_change(&session, &proof, &client)
            .await;
        assert!(
            matches!(
                answer,
                Err(ConfirmEmailError::Link | ConfirmEmailError::Code)
            ),
            "{answer:?}"
        );
    }
    let user = house.confirm_by_link(&session, &second).await;
    assert_eq!(user.expect("is proven").email, "two@new.example");
});

both!(
    a_cancelled_change_is_dead_and_so_is_its_unsent_letter,
    async |house| {
        let session = house.member(ADA).await;
        let (token, mailed) = proof_of(&house.asked(&session, NEW).await.to_new);
        let cancel = async || {
            let client = house.somewhere();
            house
                .auth
                .cancel_email_change(&session, &client)
                .await
                .expect("runs");
        };
        cancel().await;
        let by_link = house.confirm_by_link(&session, &token).await;
        assert_eq!(code(by_link), ErrorCode::InvalidOrExpiredLink);
        let by_code = house.confirm_by_code(&session, &mailed).await;
        assert_eq!(code(by_code), ErrorCode::InvalidCode);

        house.ask_change(&session, NEW).await.expect("is taken on");
        cancel().await;
        let letters = house.letters().await;
        assert!(
            letters.iter().all(|letter| letter.to.as_str() == ADA),
            "{letters:?}"
        );
    }
);

both!(
    an_address_somebody_took_meanwhile_is_refused_to_its_owner_alone,
    async |house| {
        let session = house.member(ADA).await;
        let (token, mailed) = proof_of(&house.asked(&session, NEW).await.to_new);
        house.member(NEW).await;

        let guess = house.confirm_by_code(&session, &wrong(&mailed)).await;
        assert_eq!(code(guess), ErrorCode::InvalidCode, "a guess tells nothing");
        for answer in [
            house.confirm_by_code(&session, &mailed).await,
            house.confirm_by_link(&session, &token).await,
        ] {
            let error: wire::Error = answer.expect_err("is taken").into();
            assert_eq!(error, wire::Error::conflict("newEmail"));
        }
        assert_eq!(house.address_of(&session.user.id).await, ADA);
    }
);

both!(
    a_registration_that_waits_for_the_address_goes,
    async |house| {
        let session = house.member(ADA).await;
        let flow = house.register(account(NEW)).await;
        let registered = code_of(&house.letter().await);
        house.moved(&session, NEW).await;

        let late = house.finish(by_code(&registered, Some(&flow))).await;
        assert_eq!(code(late), ErrorCode::InvalidCode);
        assert_eq!(house.console("select id from registrations").await.len(), 0);
    }
);

both!(
    two_hundred_confirmations_at_once_change_it_once,
    async |house| {
        let auth = house.node(without_limits()).await;
        let session = house.member(ADA).await;
        let (token, mailed) = proof_of(&house.asked(&session, NEW).await.to_new);
        let answers = at_once(200, |at| {
            let (auth, session, client) = (auth.clone(), session.clone(), house.somewhere());
            let proof = match at % 50 {
                0 => Proof::Code(mailed.clone()),
                _ => Proof::Token(token.clone()),
            };
            async move { auth.confirm_email_change(&session, &proof, &client).await }
        })
        .await;

        let (good, bad): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
        assert_eq!(good.len(), 1);
        for answer in bad {
            assert!(
                matches!(
                    answer,
                    Err(ConfirmEmailError::Link | ConfirmEmailError::Code)
                ),
                "{answer:?}"
            );
        }
        assert_eq!(
            house.letters().await.len(),
            1,
            "one letter to the former address"
        );
        auth.close().await;
    }
);

both!(two_accounts_cannot_get_one_address, async |house| {
    let ada = house.member(ADA).await;
    let bob = house.member("bob@example.com").await;
    for round in 0..5 {
        let new = format!("round{round}@new.example");
        house.advance(HOUR);
        let mut claims = Vec::new();
        for session in [&ada, &bob] {
            let (token, _) = proof_of(&house.asked(session, &new).await.to_new);
            claims.push((session.clone(), token));
        }
        let answers = at_once(2, |at| {
            let (auth, client) = (house.auth.clone(), house.somewhere());
            let (session, token) = claims[at].clone();
            async move {
                let proof = Proof::Token(token);
                auth.confirm_email_change(&session, &proof, &client).await
            }
        })
        .await;
        let won = answers.iter().filter(|answer| answer.is_ok()).count();
        assert_eq!(won, 1, "{answers:?}");
        house.letters().await;
    }
});

both!(an_account_may_not_ask_for_ever, async |house| {
    let session = house.member(ADA).await;
    for number in 0..5 {
        let new = format!("{number}@new.example");
        house.ask_change(&session, &new).await.expect("is taken on");
    }
    let sixth = house.ask_change(&session, "six@new.example").await;
    assert_eq!(code(sixth), ErrorCode::RateLimited);
    house.advance(HOUR);
    let later = house.ask_change(&session, "six@new.example").await;
    later.expect("is taken on");
});
