//! What an operator sees of letters, and may do about them.

use std::sync::Arc;

use auth::{PostError, RetryLetterError, Session, Want};
use wire::{LetterStatus, Paging};

use crate::support::*;

/// The statuses and recipients of all letters, newest first.
async fn desk(house: &House) -> Vec<(LetterStatus, Option<String>)> {
    let page = house.auth.list_letters(None, &Paging::default()).await;
    let letters = page.expect("lists").items.into_iter();
    letters.map(|letter| (letter.status, letter.to)).collect()
}

/// Somebody who has just signed in.
async fn somebody(house: &House) -> Arc<Session> {
    let signed_in = house.sign_up("ada@example.com", Want::Page).await;
    let cookie = signed_in.cookie.expect("a cookie");
    house.session(&cookie).await.expect("is signed in")
}

both!(the_desk_says_how_far_each_letter_has_come, async |house| {
    house.register(account("ada@example.com")).await;
    house.advance(1);
    assert_eq!(desk(house).await, [(LetterStatus::Due, None)]);
    house.postman.fail(PostError::Later("busy".into()));
    house.letters().await;
    let ada = Some("ada@example.com".to_owned());
    assert_eq!(desk(house).await, [(LetterStatus::Due, ada.clone())]);
    let page = house.auth.list_letters(None, &Paging::default()).await;
    let letter = page.expect("lists").items.remove(0);
    assert_eq!(
        (letter.attempts, letter.last_error.as_deref()),
        (1, Some("not delivered this time: busy"))
    );
    assert!(
        letter
            .next_attempt_at
            .is_some_and(|next| next > letter.created_at)
    );

    house.advance(MINUTE);
    house.letters().await;
    house
        .resend("nobody@example.com")
        .await
        .expect("is taken on");
    house.letters().await;
    assert_eq!(
        desk(house).await,
        [(LetterStatus::NotNeeded, None), (LetterStatus::Sent, ada)],
        "nobody has the second address, so nothing was sent"
    );
});

both!(the_desk_is_read_page_by_page_and_by_status, async |house| {
    for name in ["ada", "bob", "cyd"] {
        house
            .register(account(&format!("{name}@example.com")))
            .await;
        house.advance(1);
    }
    house
        .postman
        .fail(PostError::Refused("no such mailbox".into()));
    house.letters().await;
    let page = async |status, limit, after| {
        let paging = Paging { limit, after };
        let page = house.auth.list_letters(status, &paging).await;
        let page = page.expect("lists");
        let to = page.items.iter().filter_map(|letter| letter.to.clone());
        (to.collect::<Vec<_>>(), page.next)
    };

    let (first, next) = page(None, 2, None).await;
    assert_eq!(first, ["cyd@example.com", "bob@example.com"]);
    let (second, none) = page(None, 2, next).await;
    assert_eq!((second, none), (vec!["ada@example.com".to_owned()], None));
    let (dead, _) = page(Some(LetterStatus::Dead), 9, None).await;
    assert_eq!(dead, ["ada@example.com"]);
});

both!(a_letter_that_was_given_up_gets_another_day, async |house| {
    let admin = somebody(house).await;
    house.register(account("bob@example.com")).await;
    house
        .postman
        .fail(PostError::Refused("no such mailbox".into()));
    house.letters().await;
    let paging = Paging::default();
    let page = house
        .auth
        .list_letters(Some(LetterStatus::Dead), &paging)
        .await;
    let id = page.expect("lists").items.remove(0).id;
    let client = house.somewhere();
    let retry = async |id: &str| house.auth.retry_letter(id, &admin, &client).await;

    house.advance(12 * HOUR);
    retry(&id).await.expect("is due again");
    assert!(matches!(retry(&id).await, Err(RetryLetterError::NotDead)));
    house.postman.fail(PostError::Later("busy".into()));
    assert!(house.letters().await.is_empty());
    house.advance(HOUR);
    let letter = house.letter().await;
    assert_eq!((&letter.id, letter.to.as_str()), (&id, "bob@example.com"));
    assert!(matches!(retry(&id).await, Err(RetryLetterError::NotDead)));

    for unknown in ["", "x", "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000", "' or 1=1"] {
        let refused = retry(unknown).await;
        assert!(
            matches!(refused, Err(RetryLetterError::Unknown)),
            "{unknown}"
        );
    }
    let acts = "select actor_id from audit_log where action = 'letter.retried'";
    assert_eq!(
        house.console(acts).await,
        std::slice::from_ref(&admin.user.id)
    );
});

both!(a_test_letter_goes_to_whoever_asks, async |house| {
    let admin = somebody(house).await;
    let client = house.somewhere();
    house
        .auth
        .send_test_letter(&admin, &client)
        .await
        .expect("is taken on");

    let letter = house.letter().await;
    assert_eq!(letter.to.as_str(), "ada@example.com");
    assert!(matches!(letter.kind, auth::LetterKind::MailTest));
    let acts = "select actor_id from audit_log where action = 'letter.test_requested'";
    assert_eq!(
        house.console(acts).await,
        std::slice::from_ref(&admin.user.id)
    );
});

both!(test_letters_are_limited, async |house| {
    let admin = somebody(house).await;
    let client = house.somewhere();
    let mut refused = 0;
    for _ in 0..5 {
        let answer = house.auth.send_test_letter(&admin, &client).await;
        refused += usize::from(answer.is_err());
    }
    assert!((1..5).contains(&refused), "{refused}");
});

both!(what_waits_is_counted, async |house| {
    assert_eq!(
        house.auth.count_letters().await.expect("counts"),
        auth::OutboxCounts::default()
    );
    house.register(account("ada@example.com")).await;
    house.advance(90);
    let counts = house.auth.count_letters().await.expect("counts");
    assert_eq!((counts.due, counts.dead), (1, 0));
    assert_eq!(counts.oldest_due_seconds, 90);
    house.postman.fail(PostError::Refused("no".into()));
    house.letters().await;
    let counts = house.auth.count_letters().await.expect("counts");
    assert_eq!(
        (counts.due, counts.dead, counts.oldest_due_seconds),
        (0, 1, 0)
    );
});

both!(
    letters_given_up_are_kept_a_month_and_letters_that_left_a_week,
    async |house| {
        house.register(account("ada@example.com")).await;
        house.letters().await;
        house.register(account("bob@example.com")).await;
        house.postman.fail(PostError::Refused("no".into()));
        house.letters().await;

        house.advance(8 * DAY);
        house.auth.tend().await.expect("tends");
        assert_eq!(
            desk(house).await,
            [(LetterStatus::Dead, Some("bob@example.com".to_owned()))]
        );
        house.advance(23 * DAY);
        house.auth.tend().await.expect("tends");
        assert!(desk(house).await.is_empty());
    }
);
