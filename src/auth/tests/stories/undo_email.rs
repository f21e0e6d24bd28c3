//! Taking an account back, by a letter to its former address or by "this wasn't me".

use auth::{DisownError, LetterKind, UndoEmailError, Want};
use wire::ErrorCode;

use crate::support::*;

const ADA: &str = "ada@example.com";
const EVE: &str = "eve@evil.example";

/// The letter that leads to a new password, and to whom.
fn reset_address(letter: &auth::Letter) -> &str {
    assert!(
        matches!(letter.kind, LetterKind::ResetPassword { .. }),
        "{letter:?}"
    );
    letter.to.as_str()
}

both!(an_undo_brings_everything_back, async |house| {
    let owner = house.sign_up(ADA, Want::Page).await;
    let thief = house.other_device(ADA).await;
    let changed = house.moved(&thief, EVE).await;
    assert!(
        house.session(&cookie(&owner)).await.is_none(),
        "ended by the change"
    );
    let undo = undo_of(&changed);
    let link = house.auth.undo_link(&undo).await.expect("reads");
    assert_eq!(link, Some(email(ADA)));

    let taken_back = house.undo(&undo).await.expect("is undone");

    assert_eq!(taken_back.address, Some(email(ADA)));
    assert_eq!(house.address_of(&thief.user.id).await, ADA);
    assert_eq!(reset_address(&house.letter().await), ADA);
    // The thief's session is over, and the password they may know opens nothing.
    let answer = house.ask_change(&thief, "again@evil.example").await;
    assert_eq!(code(answer), ErrorCode::AuthenticationRequired);
    for address in [ADA, EVE] {
        let answer = house.log_in(address, PASSWORD).await;
        assert_eq!(code(answer), ErrorCode::InvalidCredentials);
    }
});

both!(
    a_thief_who_changes_the_address_and_closes_the_account_keeps_nothing_and_closes_nothing,
    async |house| {
        house.sign_up(ADA, Want::Page).await;
        let thief = house.other_device(ADA).await;
        let undo = undo_of(&house.moved(&thief, EVE).await);
        let typed = wire::DeleteAccount {
            confirmation: "delete my account".to_owned(),
        };
        house
            .auth
            .delete_account(&thief, &typed, &house.somewhere())
            .await
            .expect("is closed");
        let keep_it = match house.letter().await.kind {
            LetterKind::DeletionScheduled { link, .. } => link.reveal().to_owned(),
            other => panic!("another letter: {other:?}"),
        };

        let taken_back = house.undo(&undo).await.expect("is undone");

        assert_eq!(taken_back.address, Some(email(ADA)));
        assert_eq!(reset_address(&house.letter().await), ADA);
        // What was mailed to the thief about the account leads nowhere any more.
        let (_, token) = keep_it.split_once("?token=").expect("a link");
        let token = wire::Secret::new(token);
        assert!(matches!(
            house.auth.undo_deletion(&token, &house.somewhere()).await,
            Err(auth::UndoDeletionError::Link)
        ));
        house.advance(15 * 24 * HOUR);
        house.auth.tend().await.expect("tidies");
        assert_eq!(
            house.address_of(&thief.user.id).await,
            ADA,
            "it is still there"
        );
    }
);

both!(an_undo_link_works_once_for_72_hours, async |house| {
    let session = house.member(ADA).await;
    let undo = undo_of(&house.moved(&session, EVE).await);
    for text in ["", "x", &undo.reveal()[1..]] {
        let answer = house.undo(&wire::Secret::new(text)).await;
        assert_eq!(code(answer), ErrorCode::InvalidOrExpiredLink, "{text}");
    }
    house.advance(72 * HOUR - 1);
    house.auth.tend().await.expect("tidies");
    house.undo(&undo).await.expect("is undone");
    assert_eq!(
        code(house.undo(&undo).await),
        ErrorCode::InvalidOrExpiredLink
    );
    assert_eq!(house.auth.undo_link(&undo).await.expect("reads"), None);
});

both!(after_72_hours_a_change_stands, async |house| {
    let session = house.member(ADA).await;
    let undo = undo_of(&house.moved(&session, EVE).await);
    house.advance(72 * HOUR);
    assert_eq!(
        code(house.undo(&undo).await),
        ErrorCode::InvalidOrExpiredLink
    );
    assert_eq!(house.address_of(&session.user.id).await, EVE);
});

both!(
    the_notice_stops_a_change_that_is_not_made_yet,
    async |house| {
        let thief = house.member(ADA).await;
        let asked = house.asked(&thief, EVE).await;
        let (token, mailed) = proof_of(&asked.to_new);

        let taken_back = house
            .undo(&undo_of(&asked.to_old))
            .await
            .expect("is stopped");

        assert_eq!(taken_back.address, Some(email(ADA)));
        assert_eq!(reset_address(&house.letter().await), ADA);
        assert_eq!(
            code(house.confirm_by_link(&thief, &token).await),
            ErrorCode::InvalidOrExpiredLink
        );
        assert!(house.confirm_by_code(&thief, &mailed).await.is_err());
        assert_eq!(house.address_of(&thief.user.id).await, ADA);
    }
);

both!(the_first_of_two_undos_wins, async |house| {
    let thief = house.member(ADA).await;
    let asked = house.asked(&thief, EVE).await;
    let (token, _) = proof_of(&asked.to_new);
    house
        .confirm_by_link(&thief, &token)
        .await
        .expect("is proven");
    let first = undo_of(&house.letter().await);
    let second = undo_of(&house.moved(&thief, "mallory@evil.example").await);
    let third = house.asked(&thief, "trent@evil.example").await;

    house.undo(&first).await.expect("is undone");

    assert_eq!(house.address_of(&thief.user.id).await, ADA);
    assert_eq!(reset_address(&house.letter().await), ADA);
    for dead in [second, undo_of(&third.to_old), undo_of(&asked.to_old)] {
        assert_eq!(
            code(house.undo(&dead).await),
            ErrorCode::InvalidOrExpiredLink
        );
    }
    assert_eq!(house.address_of(&thief.user.id).await, ADA);
});

both!(
    a_later_undo_does_not_take_the_first_ones_right,
    async |house| {
        let thief = house.member(ADA).await;
        let first = undo_of(&house.moved(&thief, EVE).await);
        let second = undo_of(&house.moved(&thief, "mallory@evil.example").await);

        // The thief undoes the own second change: the address is the first thief's again.
        house.undo(&second).await.expect("is undone");
        assert_eq!(house.address_of(&thief.user.id).await, EVE);
        let mailed = house.letter().await;
        assert_eq!(reset_address(&mailed), EVE);

        house.undo(&first).await.expect("the owner's still works");
        assert_eq!(house.address_of(&thief.user.id).await, ADA);
        // And the letter the thief got leads nowhere.
        let stolen = with_token(&reset_token(&mailed), OTHER_PASSWORD);
        let answer = house.auth.reset_password(stolen, &house.somewhere()).await;
        assert!(answer.is_err());
    }
);

both!(
    a_notice_of_a_replaced_change_undoes_what_came_after_it,
    async |house| {
        let thief = house.member(ADA).await;
        let asked = house.asked(&thief, "one@evil.example").await;
        house.moved(&thief, EVE).await;

        house
            .undo(&undo_of(&asked.to_old))
            .await
            .expect("is undone");

        assert_eq!(house.address_of(&thief.user.id).await, ADA);
    }
);

both!(
    a_reset_by_the_thief_leaves_the_undo_standing,
    async |house| {
        let thief = house.member(ADA).await;
        let undo = undo_of(&house.moved(&thief, EVE).await);
        let (_, letter) = house.reset_letter(EVE).await;
        let reset = with_token(&reset_token(&letter), OTHER_PASSWORD);
        let client = house.somewhere();
        house
            .auth
            .reset_password(reset, &client)
            .await
            .expect("is reset");
        house.letters().await;
        // One more letter is under way when the account is taken back.
        let (_, second) = house.reset_letter(EVE).await;

        house.undo(&undo).await.expect("is undone");

        assert_eq!(house.address_of(&thief.user.id).await, ADA);
        let late = with_token(&reset_token(&second), "blue kettles whistle daily");
        assert!(
            house
                .auth
                .reset_password(late, &house.somewhere())
                .await
                .is_err()
        );
        for address in [ADA, EVE] {
            assert!(house.log_in(address, OTHER_PASSWORD).await.is_err());
        }
    }
);

both!(
    a_reset_or_another_password_ends_a_pending_change,
    async |house| {
        let session = house.member(ADA).await;
        let (token, _) = proof_of(&house.asked(&session, EVE).await.to_new);
        let (_, letter) = house.reset_letter(ADA).await;
        let reset = with_token(&reset_token(&letter), OTHER_PASSWORD);
        let client = house.somewhere();
        house
            .auth
            .reset_password(reset, &client)
            .await
            .expect("is reset");

        let signed_in = house.log_in(ADA, OTHER_PASSWORD).await.expect("signs in");
        let session = house.session_of(&signed_in).await;
        let answer = house.confirm_by_link(&session, &token).await;
        assert_eq!(code(answer), ErrorCode::InvalidOrExpiredLink);
    }
);

both!(
    an_address_that_is_somebody_elses_by_now_closes_the_account,
    async |house| {
        let thief = house.member(ADA).await;
        let undo = undo_of(&house.moved(&thief, EVE).await);
        let other = house.member(ADA).await;

        let taken_back = house.undo(&undo).await.expect("is closed");

        assert_eq!(taken_back.address, None);
        assert!(house.letters().await.is_empty());
        assert_eq!(house.address_of(&other.user.id).await, ADA);
        let answer = house.log_in(EVE, PASSWORD).await;
        assert_eq!(code(answer), ErrorCode::InvalidCredentials);
        house.forget(EVE).await.expect("is taken on");
        assert!(house.letters().await.is_empty());
        house
            .log_in(ADA, PASSWORD)
            .await
            .expect("the other account is as it was");
    }
);

both!(
    a_disabled_account_gets_its_address_back_and_stays_disabled,
    async |house| {
        let thief = house.member(ADA).await;
        let undo = undo_of(&house.moved(&thief, EVE).await);
        let operator = at("127.0.0.1");
        house
            .auth
            .disable(&email(EVE), &operator)
            .await
            .expect("is disabled");

        let taken_back = house.undo(&undo).await.expect("is undone");

        assert_eq!(taken_back.address, None);
        assert!(house.letters().await.is_empty());
        assert_eq!(house.address_of(&thief.user.id).await, ADA);
    }
);

both!(two_hundred_undos_at_once_undo_once, async |house| {
    let auth = house.node(without_limits()).await;
    let thief = house.member(ADA).await;
    let first = undo_of(&house.moved(&thief, EVE).await);
    let second = undo_of(&house.moved(&thief, "mallory@evil.example").await);
    let answers = at_once(200, |at| {
        let (auth, client) = (auth.clone(), house.somewhere());
        let token = if at % 20 == 7 {
            second.clone()
        } else {
            first.clone()
        };
        async move { (at % 20 == 7, auth.undo_email_change(&token, &client).await) }
    })
    .await;

    let won = |of_second| {
        let good = answers
            .iter()
            .filter(|(second, answer)| *second == of_second && answer.is_ok());
        good.count()
    };
    assert_eq!(won(false), 1);
    assert!(won(true) <= 1, "only before the first");
    for (_, answer) in &answers {
        assert!(
            matches!(answer, Ok(_) | Err(UndoEmailError::Link)),
            "{answer:?}"
        );
    }
    assert_eq!(
        house.address_of(&thief.user.id).await,
        ADA,
        "the first wins"
    );
    auth.close().await;
});

both!(
    a_confirmation_and_an_undo_at_once_end_at_the_old_address,
    async |house| {
        for round in 0..10 {
            let address = format!("p{round}@example.com");
            let thief = house.member(&address).await;
            let asked = house.asked(&thief, &format!("e{round}@evil.example")).await;
            let ((token, _), undo) = (proof_of(&asked.to_new), undo_of(&asked.to_old));
            let done = at_once(2, |at| {
                let (auth, client, session) =
                    (house.auth.clone(), house.somewhere(), thief.clone());
                let (token, undo) = (token.clone(), undo.clone());
                async move {
                    if at == 0 {
                        let proof = wire::Proof::Token(token);
                        let answer = auth.confirm_email_change(&session, &proof, &client).await;
                        answer.map(drop).map_err(wire::Error::from)
                    } else {
                        let answer = auth.undo_email_change(&undo, &client).await;
                        answer.map(drop).map_err(wire::Error::from)
                    }
                }
            })
            .await;
            assert!(done[1].is_ok(), "{done:?}");
            assert_eq!(house.address_of(&thief.user.id).await, address);
            house.letters().await;
        }
    }
);

both!(this_was_not_me_takes_the_account_back, async |house| {
    let owner = house.member(ADA).await;
    let thief = house.other_device(ADA).await;
    house.asked(&thief, EVE).await;
    let events = house.events(&owner).await;
    let sign_in = events
        .iter()
        .find(|event| event.action == "session.started")
        .expect("is there");
    assert!(sign_in.disownable);

    let client = house.somewhere();
    let taken_back = house.auth.disown(&owner, &sign_in.id, &client).await;

    assert_eq!(taken_back.expect("is done").address, Some(email(ADA)));
    let letter = house.letter().await;
    assert_eq!(reset_address(&letter), ADA);
    for session in [&owner, &thief] {
        let answer = house.ask_change(session, "x@new.example").await;
        assert_eq!(code(answer), ErrorCode::AuthenticationRequired);
    }
    assert_eq!(
        code(house.log_in(ADA, PASSWORD).await),
        ErrorCode::InvalidCredentials
    );
    let reset = with_token(&reset_token(&letter), OTHER_PASSWORD);
    let client = house.somewhere();
    house
        .auth
        .reset_password(reset, &client)
        .await
        .expect("is reset");
    let signed_in = house.log_in(ADA, OTHER_PASSWORD).await.expect("signs in");
    let session = house.session_of(&signed_in).await;
    let events = house.events(&session).await;
    assert!(
        events
            .iter()
            .any(|event| event.action == "account.disowned")
    );
});

both!(
    the_password_that_was_taken_away_is_not_taken_again,
    async |house| {
        let owner = house.member(ADA).await;
        let event = house.events(&owner).await.remove(0);
        let client = house.somewhere();
        house
            .auth
            .disown(&owner, &event.id, &client)
            .await
            .expect("is done");
        let letter = house.letter().await;

        let reset = with_token(&reset_token(&letter), PASSWORD);
        let answer = house.auth.reset_password(reset, &client).await;

        let error: wire::Error = answer.expect_err("a thief may know it").into();
        assert_eq!(error.fields[0].code, wire::FieldCode::Reused);
    }
);

both!(
    a_change_of_address_since_the_event_does_not_stand,
    async |house| {
        let signed_in = house.sign_up(ADA, Want::Page).await;
        let session = house.session_of(&signed_in).await;
        let event = house.events(&session).await.remove(0);
        house.advance(HOUR);
        house.moved(&session, EVE).await;

        let client = house.somewhere();
        let taken_back = house.auth.disown(&session, &event.id, &client).await;

        assert_eq!(taken_back.expect("is done").address, Some(email(ADA)));
        assert_eq!(house.address_of(&session.user.id).await, ADA);
        assert_eq!(reset_address(&house.letter().await), ADA);
    }
);

both!(a_change_before_the_event_stands, async |house| {
    let session = house.member(ADA).await;
    house.moved(&session, "ada@new.example").await;
    house.advance(HOUR);
    let other = house.other_device("ada@new.example").await;
    let event = house.events(&other).await.remove(0);

    let client = house.somewhere();
    let taken_back = house.auth.disown(&other, &event.id, &client).await;

    let address = taken_back.expect("is done").address;
    assert_eq!(address, Some(email("ada@new.example")));
});

both!(anothers_event_is_not_found, async |house| {
    let ada = house.member(ADA).await;
    let bob = house.member("bob@example.com").await;
    let foreign = house.events(&bob).await.remove(0);
    let missing = house.auth.draw_id();
    for id in [
        foreign.id.as_str(),
        missing.as_str(),
        "",
        "x",
        "' or 1=1 --",
    ] {
        let answer = house.auth.disown(&ada, id, &house.somewhere()).await;
        assert!(
            matches!(answer, Err(DisownError::Unknown)),
            "{id}: {answer:?}"
        );
        let event = house.auth.event(&ada, id).await.expect("reads");
        assert!(event.is_none(), "{id}");
    }
    assert!(house.letters().await.is_empty());
    house
        .log_in(ADA, PASSWORD)
        .await
        .expect("nothing has changed");
});
