//! Changing the password from inside.

use auth::{ChangePassword, ChangePasswordError, LetterKind, Want};
use wire::{ErrorCode, FieldCode, LogOutScope, Password};

use crate::support::*;

const ADA: &str = "ada@example.com";

both!(
    whoever_knows_the_present_password_chooses_another,
    async |house| {
        let mine = cookie(&house.sign_up(ADA, Want::Page).await);
        let other = cookie(&house.log_in(ADA, PASSWORD).await.expect("signs in"));
        let session = house.session(&mine).await.expect("lives");

        let renewed = house
            .change(&session, PASSWORD, OTHER_PASSWORD)
            .await
            .expect("is changed")
            .expect("a cookie carries this session");

        let goes_on = house.session(&renewed).await.expect("this one goes on");
        assert_eq!(goes_on.id, session.id);
        assert!(house.session(&mine).await.is_none(), "under a new cookie");
        assert!(house.session(&other).await.is_none(), "the others do not");
        let old = house.log_in(ADA, PASSWORD).await;
        assert_eq!(code(old), ErrorCode::InvalidCredentials);
        house
            .log_in(ADA, OTHER_PASSWORD)
            .await
            .expect("with the new one");
        let told = house.letter().await;
        assert_eq!(told.to.as_str(), ADA);
        assert!(matches!(told.kind, LetterKind::PasswordChanged { .. }));
    }
);

both!(
    other_devices_stay_only_if_the_owner_wants_it,
    async |house| {
        let mine = cookie(&house.sign_up(ADA, Want::Page).await);
        let other = cookie(&house.log_in(ADA, PASSWORD).await.expect("signs in"));
        let session = house.session(&mine).await.expect("lives");
        let change = ChangePassword {
            current: Password::claimed(PASSWORD),
            new: Password::claimed(OTHER_PASSWORD),
            ends_others: false,
        };

        let changed = house
            .auth
            .change_password(&session, change, &house.somewhere())
            .await;

        let renewed = changed.expect("is changed").expect("a cookie");
        assert!(house.session(&renewed).await.is_some());
        assert!(house.session(&other).await.is_some());
    }
);

both!(
    tokens_from_before_a_change_are_stale_and_a_refresh_mends_that,
    async |house| {
        let signed_in = house.sign_up(ADA, TOKENS).await;
        let (access, refresh) = tokens(signed_in);
        let session = house
            .auth
            .session_by_access_token(&access)
            .await
            .expect("lives");

        house
            .change(&session, PASSWORD, OTHER_PASSWORD)
            .await
            .expect("is changed");

        assert_eq!(
            code(house.auth.session_by_access_token(&access).await),
            ErrorCode::TokenStale
        );
        let audience = wire::Audience::PortalAndServices;
        let pair = house
            .auth
            .refresh(&refresh, audience, &house.somewhere())
            .await
            .expect("this session goes on");
        house
            .auth
            .session_by_access_token(&pair.access_token)
            .await
            .expect("is new");
    }
);

both!(
    a_wrong_present_password_is_counted_like_a_sign_in,
    async |house| {
        let mine = cookie(&house.sign_up(ADA, Want::Page).await);
        let session = house.session(&mine).await.expect("lives");
        let from = at("192.0.2.1");
        let guess = async |current: &str| {
            let change = ChangePassword {
                current: Password::claimed(current),
                new: Password::claimed("nine brass kettles whistle"),
                ends_others: true,
            };
            house.auth.change_password(&session, change, &from).await
        };
        for _ in 0..3 {
            let error = wire::Error::from(guess(OTHER_PASSWORD).await.expect_err("is wrong"));
            assert_eq!(
                error,
                wire::Error::field("currentPassword", FieldCode::Invalid)
            );
        }
        for _ in 0..2 {
            let wrong = credentials(ADA, OTHER_PASSWORD);
            let refused = house.auth.log_in(wrong, Want::Page, &from).await;
            assert_eq!(code(refused), ErrorCode::InvalidCredentials);
        }

        assert_eq!(code(guess(PASSWORD).await), ErrorCode::RateLimited);
        let right = credentials(ADA, PASSWORD);
        let locked = house.auth.log_in(right, Want::Page, &from).await;
        assert_eq!(code(locked), ErrorCode::RateLimited, "one lane for both");
        house.advance(MINUTE);
        guess(PASSWORD).await.expect("the lock has ended");
        let refused = "select outcome from audit_log where action = 'password.change'";
        assert_eq!(house.console(refused).await.len(), 3);
    }
);

both!(the_last_five_are_refused_here_too, async |house| {
    let mine = cookie(&house.sign_up(ADA, Want::Page).await);
    let session = house.session(&mine).await.expect("lives");
    let all: Vec<_> = [PASSWORD.to_owned()]
        .into_iter()
        .chain((0..5).map(|n| format!("{n} otters hum quietly {n}")))
        .collect();
    for pair in all.windows(2) {
        house
            .change(&session, &pair[0], &pair[1])
            .await
            .expect("is changed");
        house.advance(MINUTE);
    }

    for former in &all[1..] {
        let refused = house.change(&session, &all[5], former).await;
        let error = wire::Error::from(refused.expect_err("was used"));
        assert_eq!(error, wire::Error::field("newPassword", FieldCode::Reused));
    }
    house
        .change(&session, &all[5], &all[0])
        .await
        .expect("five others lie between");
});

both!(a_reused_password_costs_no_try, async |house| {
    let mine = cookie(&house.sign_up(ADA, Want::Page).await);
    let session = house.session(&mine).await.expect("lives");
    let from = at("192.0.2.1");
    for _ in 0..10 {
        let change = ChangePassword {
            current: Password::claimed(PASSWORD),
            new: Password::claimed(PASSWORD),
            ends_others: true,
        };
        let refused = house.auth.change_password(&session, change, &from).await;
        assert!(matches!(
            refused,
            Err(ChangePasswordError::Password(FieldCode::Reused))
        ));
    }
});

both!(a_change_ends_resets_that_are_on_their_way, async |house| {
    let mine = cookie(&house.sign_up(ADA, Want::Page).await);
    let session = house.session(&mine).await.expect("lives");
    let (_, letter) = house.reset_letter(ADA).await;

    house
        .change(&session, PASSWORD, OTHER_PASSWORD)
        .await
        .expect("is changed");

    assert!(!house.leads_on(&reset_token(&letter)).await);
});

both!(an_ended_session_changes_nothing, async |house| {
    let mine = cookie(&house.sign_up(ADA, Want::Page).await);
    let session = house.session(&mine).await.expect("lives");
    house
        .auth
        .log_out(&session, LogOutScope::Local, &house.somewhere())
        .await
        .expect("ends");

    let refused = house.change(&session, PASSWORD, OTHER_PASSWORD).await;

    assert_eq!(code(refused), ErrorCode::AuthenticationRequired);
    house.log_in(ADA, PASSWORD).await.expect("nothing changed");
});

both!(who_has_no_password_cannot_change_it, async |house| {
    let mine = cookie(&house.sign_up(ADA, Want::Page).await);
    let session = house.session(&mine).await.expect("lives");
    house.console("update users set password_hash = null").await;
    for claimed in ["", PASSWORD] {
        let work = house.auth.work();
        let refused = house.change(&session, claimed, OTHER_PASSWORD).await;
        assert!(matches!(refused, Err(ChangePasswordError::WrongPassword)));
        assert_eq!((house.auth.work() - work).hashes, 1, "a dummy");
    }
});

both!(one_of_many_changes_at_once_wins, async |house| {
    let mine = cookie(&house.sign_up(ADA, Want::Page).await);
    let auth = house.node(without_limits()).await;
    let session = house.session(&mine).await.expect("lives");
    let answers = at_once(20, |n| {
        let (auth, session, client) = (auth.clone(), session.clone(), house.somewhere());
        let change = ChangePassword {
            current: Password::claimed(PASSWORD),
            new: Password::claimed(&format!("{n} wet herons argue")),
            ends_others: true,
        };
        async move { (n, auth.change_password(&session, change, &client).await) }
    })
    .await;

    let winners: Vec<_> = answers
        .iter()
        .filter(|(_, answer)| answer.is_ok())
        .map(|(n, _)| *n)
        .collect();
    let [winner] = winners[..] else {
        panic!("{answers:?}");
    };
    house
        .log_in(ADA, &format!("{winner} wet herons argue"))
        .await
        .expect("and its password holds");
});
