//! Resetting a forgotten password by link.

use auth::{LetterKind, ManageUserError, Settings, Verification, Want, WithCode};
use wire::{Audience, ErrorCode, FieldCode};

use crate::support::*;

const ADA: &str = "ada@example.com";
const THIRD_PASSWORD: &str = "nine brass kettles whistle";

both!(a_reset_link_works_once, async |house| {
    house.sign_up(ADA, Want::Page).await;
    let (_, letter) = house.reset_letter(ADA).await;
    assert_eq!(letter.to.as_str(), ADA);
    let token = reset_token(&letter);
    assert_eq!(
        house.auth.reset_link(&token).await.expect("reads"),
        Some(email(ADA)),
        "the page says whose password it is"
    );

    house
        .reset(with_token(&token, OTHER_PASSWORD))
        .await
        .expect("is reset");

    let again = house.reset(with_token(&token, THIRD_PASSWORD)).await;
    assert_eq!(code(again), ErrorCode::InvalidOrExpiredLink);
    assert!(!house.leads_on(&token).await);
    let old = house.log_in(ADA, PASSWORD).await;
    assert_eq!(code(old), ErrorCode::InvalidCredentials);
    house
        .log_in(ADA, OTHER_PASSWORD)
        .await
        .expect("with the new one");
});

both!(a_reset_signs_nobody_in_and_tells_the_owner, async |house| {
    house.sign_up(ADA, Want::Page).await;
    let (_, letter) = house.reset_letter(ADA).await;
    let reset = with_token(&reset_token(&letter), OTHER_PASSWORD);
    house
        .auth
        .reset_password(reset, &at("203.0.113.9"))
        .await
        .expect("is reset");

    let living = "select id from sessions where revoked_at is null";
    assert!(house.console(living).await.is_empty());
    let told = house.letter().await;
    assert_eq!(told.to.as_str(), ADA);
    assert_eq!(told.from_address, "203.0.113.9");
    let LetterKind::PasswordChanged { reset } = told.kind else {
        panic!("{told:?}");
    };
    assert_eq!(reset, "http://localhost:3000/forgot-password");
    let noted = "select action || ' ' || outcome from audit_log where action like 'password.%' order by action desc";
    assert_eq!(
        house.console(noted).await,
        ["password.reset_requested success", "password.reset success"]
    );
});

both!(a_reset_ends_everything_that_was_open, async |house| {
    let page = cookie(&house.sign_up(ADA, Want::Page).await);
    let program = house
        .auth
        .log_in(credentials(ADA, PASSWORD), TOKENS, &house.somewhere())
        .await;
    let (access, refresh) = tokens(program.expect("signs in"));
    let bystander = cookie(&house.sign_up("bob@example.com", Want::Page).await);
    assert!(house.session(&page).await.is_some());
    house
        .auth
        .session_by_access_token(&access)
        .await
        .expect("lives");
    let (_, letter) = house.reset_letter(ADA).await;

    house
        .reset(with_token(&reset_token(&letter), OTHER_PASSWORD))
        .await
        .expect("is reset");

    assert!(house.session(&page).await.is_none());
    assert_eq!(
        code(house.auth.session_by_access_token(&access).await),
        ErrorCode::TokenRevoked
    );
    let refreshed = house
        .auth
        .refresh(&refresh, Audience::PortalAndServices, &house.somewhere())
        .await;
    assert_eq!(code(refreshed), ErrorCode::TokenRevoked);
    assert!(house.session(&bystander).await.is_some());
    let published = "select kind from revocations order by kind";
    assert_eq!(
        house.console(published).await,
        ["session", "session", "subject"],
        "others learn of it"
    );
});

both!(
    the_last_five_passwords_are_refused_and_the_sixth_is_not,
    async |house| {
        house.sign_up(ADA, Want::Page).await;
        let passwords: Vec<_> = (0..6)
            .map(|n| format!("{n} otters hum quietly {n}"))
            .collect();
        let all = [&[PASSWORD.to_owned()], &passwords[..]].concat();
        for (at, password) in all.iter().enumerate().skip(1) {
            let (_, letter) = house.reset_letter(ADA).await;
            let token = reset_token(&letter);
            // The five before this one: the present one and four that were.
            for former in &all[at.saturating_sub(5)..at] {
                let refused = house.reset(with_token(&token, former)).await;
                let error = wire::Error::from(refused.expect_err("was used"));
                assert_eq!(
                    error,
                    wire::Error::field("password", FieldCode::Reused),
                    "{former}"
                );
            }
            house
                .reset(with_token(&token, password))
                .await
                .expect("nothing was used up by the refusals");
            house.letter().await;
            house.advance(HOUR);
        }

        let (_, letter) = house.reset_letter(ADA).await;
        house
            .reset(with_token(&reset_token(&letter), &all[1]))
            .await
            .expect("five others lie between");
        assert_eq!(
            house.console("select id from password_history").await.len(),
            4,
            "no more are kept than are compared"
        );
    }
);

both!(a_refused_password_uses_nothing_up, async |house| {
    house.sign_up(ADA, Want::Page).await;
    let (_, letter) = house.reset_letter(ADA).await;
    let token = reset_token(&letter);
    for (password, wanted) in [
        ("ada@example.com", FieldCode::TooCommon),
        ("aaaaaaaaaaaaaa", FieldCode::TooCommon),
        (PASSWORD, FieldCode::Reused),
    ] {
        let refused = house.reset(with_token(&token, password)).await;
        let error = wire::Error::from(refused.expect_err("will not do"));
        assert_eq!(error, wire::Error::field("password", wanted), "{password}");
    }
    house
        .reset(with_token(&token, OTHER_PASSWORD))
        .await
        .expect("is reset");
});

both!(
    a_locked_account_is_its_owners_again_after_a_reset,
    async |house| {
        house.sign_up(ADA, Want::Page).await;
        for n in 0..100 {
            let from = at(&format!("198.51.100.{}", n + 1));
            let guess = credentials(ADA, OTHER_PASSWORD);
            let refused = house.auth.log_in(guess, Want::Page, &from).await;
            assert_eq!(code(refused), ErrorCode::InvalidCredentials);
            house.advance(HOUR);
        }
        let owner = at("203.0.113.1");
        for _ in 0..5 {
            let right = credentials(ADA, PASSWORD);
            let locked = house.auth.log_in(right, Want::Page, &owner).await;
            assert_eq!(code(locked), ErrorCode::RateLimited, "for good");
        }

        let (_, letter) = house.reset_letter(ADA).await;
        let reset = with_token(&reset_token(&letter), OTHER_PASSWORD);
        house
            .auth
            .reset_password(reset, &owner)
            .await
            .expect("is reset");

        let right = credentials(ADA, OTHER_PASSWORD);
        house
            .auth
            .log_in(right, Want::Page, &owner)
            .await
            .expect("gets in at once");
    }
);

both!(
    an_account_without_a_password_gets_its_first_by_a_reset,
    async |house| {
        house.sign_up(ADA, Want::Page).await;
        house.console("update users set password_hash = null").await;
        let (_, letter) = house.reset_letter(ADA).await;

        house
            .reset(with_token(&reset_token(&letter), PASSWORD))
            .await
            .expect("is set");

        house.log_in(ADA, PASSWORD).await.expect("signs in");
        assert!(
            house
                .console("select id from password_history")
                .await
                .is_empty(),
            "there was none to keep"
        );
    }
);

both!(
    a_reset_proves_an_address_that_was_not_proven,
    async |house| {
        let unproven = Settings {
            verification: Verification::Off,
            ..settings()
        };
        let auth = house.node(unproven).await;
        auth.register(account(ADA), Want::Page, &house.somewhere())
            .await
            .expect("has an account");
        let (_, letter) = house.reset_letter(ADA).await;

        house
            .reset(with_token(&reset_token(&letter), OTHER_PASSWORD))
            .await
            .expect("is reset");

        let signed_in = house.log_in(ADA, OTHER_PASSWORD).await.expect("signs in");
        assert!(signed_in.user.email_verified);
    }
);

both!(
    an_address_is_the_same_however_it_is_written,
    async |house| {
        house.sign_up(ADA, Want::Page).await;
        let (_, letter) = house.reset_letter("Ada@EXAMPLE.Com").await;
        assert_eq!(letter.to.as_str(), ADA);
        house
            .reset(with_token(&reset_token(&letter), OTHER_PASSWORD))
            .await
            .expect("is reset");
    }
);

both!(
    a_program_that_cannot_type_gets_a_link_alone,
    async |house| {
        house.sign_up(ADA, Want::Page).await;
        let flow = house
            .auth
            .request_password_reset(email(ADA), WithCode::No, &house.somewhere())
            .await
            .expect("is taken on");
        assert!(flow.is_none());
        let letter = house.letter().await;
        assert!(matches!(
            letter.kind,
            LetterKind::ResetPassword { code: None, .. }
        ));
        house
            .reset(with_token(&reset_token(&letter), OTHER_PASSWORD))
            .await
            .expect("is reset");
    }
);

both!(
    an_operator_starts_a_reset_and_sees_nothing_of_it,
    async |house| {
        house.sign_up(ADA, Want::Page).await;
        let operator = at("127.0.0.1");
        for _ in 0..5 {
            house
                .auth
                .mail_reset(&email(ADA), &operator)
                .await
                .expect("without limits: they are here to help");
        }
        let letters = house.letters().await;
        assert_eq!(letters.len(), 5);
        assert!(!house.leads_on(&reset_token(&letters[0])).await);
        house
            .reset(with_token(&reset_token(&letters[4]), OTHER_PASSWORD))
            .await
            .expect("the newest works");

        house
            .auth
            .disable(&email(ADA), &operator)
            .await
            .expect("is disabled");
        let refused = house.auth.mail_reset(&email(ADA), &operator).await;
        assert!(matches!(refused, Err(ManageUserError::Shut)));
    }
);
