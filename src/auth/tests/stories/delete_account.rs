//! Leaving: an account is closed at once, kept for 14 days, and then really gone.

use std::sync::Arc;

use auth::{
    Auth, Closing, DeleteAccountError, Hand, Letter, LetterKind, Session, UndoDeletionError, Want,
};
use wire::{Audience, DeleteAccount, ErrorCode, Secret};

use crate::support::*;

const ADA: &str = "ada@example.com";
const BOB: &str = "bob@example.com";

fn typed(confirmation: &str) -> DeleteAccount {
    DeleteAccount {
        confirmation: confirmation.to_owned(),
    }
}

async fn close(house: &House, session: &Session) -> Result<Closing, DeleteAccountError> {
    let confirmation = typed(&session.user.email);
    let client = house.somewhere();
    house
        .auth
        .delete_account(session, &confirmation, &client)
        .await
}

/// Somebody new, signed in on a page.
async fn member(house: &House, email: &str) -> Arc<Session> {
    let signed_in = house.sign_up(email, Want::Page).await;
    house.session(&cookie(&signed_in)).await.expect("lives")
}

/// The token of a letter that offers to keep the account.
fn undo_of(letter: &Letter) -> Secret {
    let LetterKind::DeletionScheduled { link, .. } = &letter.kind else {
        panic!("another letter: {letter:?}")
    };
    let (page, token) = link.reveal().split_once("?token=").expect("a link");
    assert_eq!(page, "http://localhost:3000/undo-deletion");
    Secret::new(token)
}

async fn undo(house: &House, token: &Secret) -> Result<(), UndoDeletionError> {
    house.auth.undo_deletion(token, &house.somewhere()).await
}

/// The worker's round, and what it does once a minute.
async fn tend(house: &House, auth: &Auth) {
    house.advance(61);
    auth.tend().await.expect("tends");
}

both!(
    from_the_moment_it_is_closed_nothing_of_the_account_works_on_any_node,
    async |house| {
        let page = cookie(&house.sign_up(ADA, Want::Page).await);
        let session = house.session(&page).await.expect("lives");
        let program = house
            .auth
            .log_in(credentials(ADA, PASSWORD), TOKENS, &house.somewhere())
            .await;
        let (access, refresh) = tokens(program.expect("signs in"));
        let bystander = cookie(&house.sign_up(BOB, Want::Page).await);
        let other = house.node(settings()).await;
        other
            .session_by_access_token(&access)
            .await
            .expect("lives there too");

        let closing = close(house, &session).await.expect("is closed");
        assert_eq!(closing.deletes_at, house.auth.now() + 14 * 86_400);
        let letter = house.letter().await;
        assert_eq!(letter.to.as_str(), ADA);
        // Another node believes what it read for two seconds at most; here it reads anew.
        let elsewhere = house.node(settings()).await;
        for auth in [&house.auth, &elsewhere] {
            let client = house.somewhere();
            let dead = auth
                .session_by_cookie(&page, &client)
                .await
                .expect("answers");
            assert!(dead.is_none());
            let dead = auth.session_by_access_token(&access).await;
            assert_eq!(code(dead), ErrorCode::TokenRevoked);
            let dead = auth
                .refresh(&refresh, Audience::PortalAndServices, &client)
                .await;
            assert_eq!(code(dead), ErrorCode::TokenRevoked);
            let credentials = credentials(ADA, PASSWORD);
            let refused = auth.log_in(credentials, Want::Page, &client).await;
            assert_eq!(code(refused), ErrorCode::InvalidCredentials);
        }
        assert!(house.session(&bystander).await.is_some());
        let published = house
            .console("select kind from revocations where kind = 'subject'")
            .await;
        assert_eq!(published.len(), 1);
        let again = close(house, &session).await;
        assert!(matches!(again, Err(DeleteAccountError::Gone)));
    }
);

both!(only_the_right_words_close_an_account, async |house| {
    let ada = member(house, ADA).await;
    for (words, wrong) in [
        ("", "required"),
        ("yes", "mismatch"),
        (BOB, "mismatch"),
        ("delete my account now", "mismatch"),
    ] {
        let refused = house
            .auth
            .delete_account(&ada, &typed(words), &house.somewhere())
            .await
            .expect_err("is refused");
        let told: wire::Error = refused.into();
        assert_eq!(
            told.to_string(),
            format!("invalid_request confirmation={wrong}")
        );
    }
    house
        .log_in(ADA, PASSWORD)
        .await
        .expect("nothing has changed");
    house
        .auth
        .delete_account(&ada, &typed("Delete my account"), &house.somewhere())
        .await
        .expect("is closed");
});

both!(
    the_link_keeps_the_account_once_and_signs_nobody_in,
    async |house| {
        let page = cookie(&house.sign_up(ADA, Want::Page).await);
        let session = house.session(&page).await.expect("lives");
        close(house, &session).await.expect("is closed");
        let token = undo_of(&house.letter().await);

        house.advance(13 * DAY);
        tend(house, &house.auth).await;
        for _ in 0..3 {
            let closing = house.auth.closing_by_token(&token).await.expect("answers");
            assert_eq!(closing.expect("opening uses nothing up").email, ADA);
        }
        undo(house, &token).await.expect("is kept");
        assert!(matches!(
            undo(house, &token).await,
            Err(UndoDeletionError::Link)
        ));
        assert!(
            house
                .auth
                .closing_by_token(&token)
                .await
                .expect("answers")
                .is_none()
        );
        assert!(
            house.session(&page).await.is_none(),
            "what ended stays ended"
        );
        house.advance(30 * DAY);
        tend(house, &house.auth).await;
        let again = house.log_in(ADA, PASSWORD).await.expect("signs in");
        assert_eq!(again.user.id, session.user.id);
    }
);

both!(
    one_of_two_hundred_uses_of_the_link_keeps_the_account,
    async |house| {
        let ada = member(house, ADA).await;
        close(house, &ada).await.expect("is closed");
        let token = undo_of(&house.letter().await);

        let answers = at_once(200, |_| {
            let (auth, token) = (house.auth.clone(), token.clone());
            async move { auth.undo_deletion(&token, &at("192.0.2.1")).await.is_ok() }
        })
        .await;

        assert_eq!(answers.into_iter().filter(|kept| *kept).count(), 1);
        house.log_in(ADA, PASSWORD).await.expect("is kept");
    }
);

both!(
    made_up_cut_doubled_and_foreign_tokens_keep_nothing,
    async |house| {
        let ada = member(house, ADA).await;
        house.register(account(BOB)).await;
        let foreign = token_of(&house.letter().await);
        close(house, &ada).await.expect("is closed");
        let token = undo_of(&house.letter().await);
        let whole = token.reveal();

        for hostile in [
            String::new(),
            "x".repeat(100_000),
            whole[..42].to_owned(),
            format!("{whole}{whole}"),
            whole.to_lowercase() + "x",
            format!("{whole}\0"),
            "' or 1=1 --".to_owned(),
            foreign.reveal().to_owned(),
        ] {
            let hostile = Secret::new(hostile);
            assert!(matches!(
                undo(house, &hostile).await,
                Err(UndoDeletionError::Link)
            ));
            assert!(
                house
                    .auth
                    .closing_by_token(&hostile)
                    .await
                    .expect("answers")
                    .is_none()
            );
        }
        undo(house, &token)
            .await
            .expect("the right one still works");
    }
);

both!(
    a_right_password_brings_another_letter_and_no_other_answer,
    async |house| {
        let ada = member(house, ADA).await;
        close(house, &ada).await.expect("is closed");
        let first = undo_of(&house.letter().await);

        let told = |error: auth::LogInError| wire::Error::from(error);
        let right = house.log_in(ADA, PASSWORD).await.map_err(told);
        let letter = house.letter().await;
        let wrong = house.log_in(ADA, OTHER_PASSWORD).await.map_err(told);
        let nobody = house
            .log_in("nobody@example.com", PASSWORD)
            .await
            .map_err(told);
        assert!(house.letters().await.is_empty());
        let right = right.expect_err("stays out");
        assert_eq!(right, wrong.expect_err("stays out"));
        assert_eq!(right, nobody.expect_err("stays out"));
        // Not without end.
        for _ in 0..5 {
            house.log_in(ADA, PASSWORD).await.expect_err("stays out");
        }
        assert!(house.letters().await.len() <= 2);
        // Either letter keeps the account, and then both are used up.
        undo(house, &undo_of(&letter)).await.expect("is kept");
        assert!(undo(house, &first).await.is_err());
        house.log_in(ADA, PASSWORD).await.expect("signs in");
    }
);

both!(
    registering_the_address_again_brings_the_way_back,
    async |house| {
        let ada = member(house, ADA).await;
        close(house, &ada).await.expect("is closed");
        house.letter().await;

        house.register(account(ADA)).await;
        let token = undo_of(&house.letter().await);
        undo(house, &token).await.expect("is kept");
    }
);

both!(
    after_fourteen_days_the_account_is_gone_and_the_address_is_free,
    async |house| {
        let ada = member(house, ADA).await;
        let bob = member(house, BOB).await;
        close(house, &ada).await.expect("is closed");
        let token = undo_of(&house.letter().await);

        house.advance(14 * DAY - 62);
        tend(house, &house.auth).await;
        assert!(
            house
                .auth
                .closing_by_token(&token)
                .await
                .expect("answers")
                .is_some()
        );
        house.advance(1);
        assert!(
            matches!(undo(house, &token).await, Err(UndoDeletionError::Link)),
            "over"
        );
        tend(house, &house.auth).await;
        let left = house.console("select email from users").await;
        assert_eq!(left, [BOB]);
        assert!(matches!(
            undo(house, &token).await,
            Err(UndoDeletionError::Link)
        ));

        let again = house.sign_up(ADA, Want::Page).await;
        assert_ne!(again.user.id, ada.user.id, "a new person");
        assert_ne!(again.user.id, bob.user.id);
        tend(house, &house.auth).await;
        house.log_in(ADA, PASSWORD).await.expect("lives on");
    }
);

both!(
    undoing_and_deleting_at_the_same_second_never_both_happen,
    async |house| {
        let other = house.node(settings()).await;
        for round in 0..10 {
            let email = format!("p{round}@example.com");
            let person = member(house, &email).await;
            close(house, &person).await.expect("is closed");
            let token = undo_of(&house.letter().await);
            house.advance(14 * DAY - 61);
            // Half the rounds just in time, half a second too late: a tie is one or the other.
            house.advance(60 + round % 2);

            let tending = {
                let other = other.clone();
                tokio::spawn(async move { other.tend().await })
            };
            let undone = undo(house, &token).await;
            tending.await.expect("no panic").expect("tends");
            tend(house, &other).await;

            let left = house
                .console(&format!("select id from users where email = '{email}'"))
                .await;
            assert_eq!(undone.is_ok(), !left.is_empty(), "round {round}");
            assert_eq!(undone.is_ok(), round % 2 == 0);
        }
    }
);

both!(
    many_nodes_delete_many_accounts_and_one_of_them_was_stopped,
    async |house| {
        for n in 0..12 {
            let person = member(house, &format!("p{n}@example.com")).await;
            close(house, &person).await.expect("is closed");
            house.letter().await;
        }
        member(house, ADA).await;
        house.advance(15 * DAY);
        // A worker that died in the middle: one account has lost its sessions already.
        house
        .console("delete from sessions where user_id = (select id from users where email = 'p3@example.com')")
        .await;

        let mut nodes = Vec::new();
        for _ in 0..3 {
            nodes.push(house.node(settings()).await);
        }
        let rounds = at_once(3, |n| {
            let auth = nodes[n].clone();
            async move { auth.tend().await }
        })
        .await;
        assert!(rounds.iter().all(Result::is_ok), "{rounds:?}");
        tend(house, &nodes[0]).await;

        assert_eq!(house.console("select email from users").await, [ADA]);
        let deleted = house
            .console("select subject_id from audit_log where action = 'user.deleted'")
            .await;
        assert_eq!(deleted.len(), 12, "each once");
        let report = house.auth.verify_audit().await.expect("verifies");
        assert!(report.holds() && report.erased > 0, "{report:?}");
    }
);

both!(the_last_admin_stays, async |house| {
    let mut admins = Vec::new();
    for email in [ADA, BOB] {
        house
            .auth
            .create_admin(account(email))
            .await
            .expect("is made");
        let signed_in = house.log_in(email, PASSWORD).await.expect("signs in");
        admins.push(house.session(&cookie(&signed_in)).await.expect("lives"));
    }
    assert!(!house.auth.is_last_admin(&admins[0]).await.expect("answers"));
    close(house, &admins[0]).await.expect("one is left");

    assert!(house.auth.is_last_admin(&admins[1]).await.expect("answers"));
    let refused = close(house, &admins[1]).await;
    assert!(matches!(refused, Err(DeleteAccountError::LastAdmin)));
    house
        .log_in(BOB, PASSWORD)
        .await
        .expect("nothing has changed");
    let disabled = house.auth.disable(&email(BOB), &at("127.0.0.1")).await;
    assert!(disabled.is_err(), "a closed admin counts for nothing");
});

both!(admins_cannot_all_leave_at_once, async |house| {
    let other = house.node(settings()).await;
    let names = [ADA, BOB, "cyd@example.com"];
    for name in names {
        house
            .auth
            .create_admin(account(name))
            .await
            .expect("is made");
    }
    for _ in 0..5 {
        let mut sessions = Vec::new();
        for name in names {
            let signed_in = house.log_in(name, PASSWORD).await.expect("signs in");
            sessions.push(house.session(&cookie(&signed_in)).await.expect("lives"));
        }
        let answers = at_once(3, |n| {
            let auth = if n == 0 {
                house.auth.clone()
            } else {
                other.clone()
            };
            let session = Arc::clone(&sessions[n]);
            async move {
                let typed = typed("delete my account");
                auth.delete_account(&session, &typed, &at("192.0.2.1"))
                    .await
            }
        })
        .await;
        let refused = answers
            .iter()
            .filter(|answer| matches!(answer, Err(DeleteAccountError::LastAdmin)));
        assert_eq!(refused.count(), 1, "{answers:?}");
        for letter in house.letters().await {
            undo(house, &undo_of(&letter)).await.expect("is kept");
        }
        house.advance(HOUR);
    }
});

both!(
    a_disabled_account_is_not_closed_and_a_closed_one_is_not_its_owners_to_keep,
    async |house| {
        let ada = member(house, ADA).await;
        let operator = at("127.0.0.1");
        close(house, &ada).await.expect("is closed");
        let token = undo_of(&house.letter().await);
        house
            .auth
            .disable(&email(ADA), &operator)
            .await
            .expect("is disabled");
        let refused = undo(house, &token).await;
        assert!(
            matches!(refused, Err(UndoDeletionError::Link)),
            "not theirs to keep any more"
        );
        let closing = house.auth.closing_by_token(&token).await;
        assert_eq!(closing.expect("answers"), None);
        let refused = house.log_in(ADA, PASSWORD).await;
        assert_eq!(code(refused), ErrorCode::InvalidCredentials);

        let again = close(house, &ada).await;
        assert!(matches!(again, Err(DeleteAccountError::Gone)));
        let kept = house
            .auth
            .keep_user(Hand::Operator, &ada.user.id, &operator)
            .await;
        kept.expect("is kept by whoever may");
        house
            .auth
            .enable(&email(ADA), &operator)
            .await
            .expect("is enabled");
        house.log_in(ADA, PASSWORD).await.expect("signs in");
    }
);

both!(
    a_sign_in_that_is_under_way_does_not_outlive_the_account,
    async |house| {
        for round in 0..10 {
            let email = format!("p{round}@example.com");
            let person = member(house, &email).await;
            let logging_in = at_once(8, |_| {
                let (auth, email) = (house.auth.clone(), email.clone());
                let client = house.somewhere();
                async move {
                    auth.log_in(credentials(&email, PASSWORD), Want::Page, &client)
                        .await
                }
            });
            let (signed_in, closed) = tokio::join!(logging_in, close(house, &person));
            closed.expect("is closed");
            for signed_in in signed_in.into_iter().flatten() {
                assert!(house.session(&cookie(&signed_in)).await.is_none());
            }
            house.letters().await;
        }
    }
);

both!(
    a_letter_that_leaves_late_still_holds_a_way_back_and_one_too_late_is_not_sent,
    async |house| {
        let ada = member(house, ADA).await;
        close(house, &ada).await.expect("is closed");
        house.advance(13 * DAY);
        let letter = house.letter().await;
        undo(house, &undo_of(&letter)).await.expect("is kept");

        let signed_in = house.log_in(ADA, PASSWORD).await.expect("signs in");
        let ada = house.session(&cookie(&signed_in)).await.expect("lives");
        close(house, &ada).await.expect("is closed");
        house.advance(14 * DAY);
        assert!(house.letters().await.is_empty());
    }
);

both!(
    who_is_leaving_is_not_taken_along_to_another_system,
    async |house| {
        let ada = member(house, ADA).await;
        member(house, BOB).await;
        close(house, &ada).await.expect("is closed");

        let taken = house
            .auth
            .export_accounts("", 99, true)
            .await
            .expect("exports");

        assert_eq!(taken.len(), 1);
        assert_eq!(taken[0].email, BOB);
    }
);
