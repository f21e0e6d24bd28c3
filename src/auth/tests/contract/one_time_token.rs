//! Secrets that work once.

use super::*;
use crate::store::NewOneTimeToken;

pub(super) fn token<'a>(
    of: &'a [u8],
    subject: &'a str,
    code: Option<&'a [u8]>,
) -> NewOneTimeToken<'a> {
    NewOneTimeToken {
        digest: of,
        purpose: "verify_email",
        subject,
        code_digest: code,
        code_expires_at: code.map(|_| NOW + 10),
        now: NOW,
        expires_at: NOW + 100,
    }
}

both!(
    a_secret_works_once_in_time_and_for_its_purpose,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        tx.add_one_time_token(&token(&digest(1), "r1", None))
            .await
            .expect("adds");

        for (purpose, of, at) in [
            ("set_up", 1, NOW),
            ("verify_email", 2, NOW),
            ("verify_email", 1, NOW + 100),
        ] {
            assert!(
                tx.one_time_token_by_digest(purpose, &digest(of), at)
                    .await
                    .expect("reads")
                    .is_none()
            );
            assert!(
                tx.consume_one_time_token(purpose, &digest(of), at)
                    .await
                    .expect("runs")
                    .is_none()
            );
        }
        let seen = tx
            .one_time_token_by_digest("verify_email", &digest(1), NOW + 99)
            .await
            .expect("reads");
        let used = tx
            .consume_one_time_token("verify_email", &digest(1), NOW + 99)
            .await
            .expect("runs");
        assert_eq!((seen.as_deref(), used.as_deref()), (Some("r1"), Some("r1")));
        assert!(
            tx.consume_one_time_token("verify_email", &digest(1), NOW)
                .await
                .expect("runs")
                .is_none()
        );
        assert!(
            tx.one_time_token_by_digest("verify_email", &digest(1), NOW)
                .await
                .expect("reads")
                .is_none()
        );
    }
);

both!(one_of_two_hundred_uses_a_secret_up, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    tx.add_one_time_token(&token(&digest(1), "r1", Some(&digest(9))))
        .await
        .expect("adds");
    tx.commit().await.expect("commits");

    let users = (0..200).map(|at| {
        let store = store.clone();
        tokio::spawn(async move {
            let mut tx = store.write().await.expect("a transaction");
            // By the link or by the code: they are one secret.
            let won = if at % 2 == 0 {
                tx.consume_one_time_token("verify_email", &digest(1), NOW)
                    .await
                    .expect("runs")
                    .is_some()
            } else {
                tx.consume_code("verify_email", "r1", &digest(9), NOW)
                    .await
                    .expect("runs")
            };
            tx.commit().await.expect("commits");
            won
        })
    });
    let won = futures::future::join_all(users.collect::<Vec<_>>()).await;

    assert_eq!(
        won.into_iter()
            .filter(|won| *won.as_ref().expect("no panic"))
            .count(),
        1
    );
});

both!(
    a_code_works_once_in_time_and_for_its_subject,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        tx.add_one_time_token(&token(&digest(1), "r1", Some(&digest(9))))
            .await
            .expect("adds");
        tx.add_one_time_token(&token(&digest(2), "r1", Some(&digest(8))))
            .await
            .expect("adds");

        for (purpose, subject, of, at) in [
            ("set_up", "r1", 9, NOW),
            ("verify_email", "r2", 9, NOW),
            ("verify_email", "r1", 7, NOW),
            ("verify_email", "r1", 9, NOW + 10),
        ] {
            assert!(
                !tx.consume_code(purpose, subject, &digest(of), at)
                    .await
                    .expect("runs")
            );
        }
        assert!(
            tx.consume_code("verify_email", "r1", &digest(9), NOW + 9)
                .await
                .expect("runs")
        );
        assert!(
            !tx.consume_code("verify_email", "r1", &digest(9), NOW + 9)
                .await
                .expect("runs")
        );
        assert!(
            tx.consume_code("verify_email", "r1", &digest(8), NOW + 9)
                .await
                .expect("runs"),
            "each letter has its own"
        );
    }
);

both!(all_secrets_of_a_purpose_go_together, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    tx.add_one_time_token(&token(&digest(1), "r1", None))
        .await
        .expect("adds");
    for of in [digest(2), digest(3)] {
        let set_up = NewOneTimeToken {
            purpose: "set_up",
            ..token(&of, "", None)
        };
        tx.add_one_time_token(&set_up).await.expect("adds");
    }

    assert_eq!(
        tx.delete_one_time_tokens_by_purpose("set_up")
            .await
            .expect("deletes"),
        2
    );
    assert!(
        tx.one_time_token_by_digest("verify_email", &digest(1), NOW)
            .await
            .expect("reads")
            .is_some()
    );
});

both!(
    the_secrets_of_a_subject_go_but_for_the_one_that_is_spared,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        for (of, subject, later) in [(1, "r1", 0), (2, "r1", 1), (3, "r1", 2), (4, "r2", 0)] {
            let of = digest(of);
            let added = NewOneTimeToken {
                now: NOW + later,
                ..token(&of, subject, None)
            };
            tx.add_one_time_token(&added).await.expect("adds");
        }

        for (purpose, than, gone) in [
            ("set_up", 2, 0),
            ("verify_email", 9, 0),
            ("verify_email", 2, 1),
            ("verify_email", 2, 0),
            ("verify_email", 3, 1),
        ] {
            let deleted = tx
                .delete_older_one_time_tokens(purpose, "r1", &digest(than))
                .await;
            assert_eq!(deleted.expect("deletes"), gone, "{purpose} {than}");
        }
        let deleted = tx.delete_one_time_tokens_of("verify_email", "r1").await;
        assert_eq!(deleted.expect("deletes"), 1, "none is spared");
        assert!(
            tx.one_time_token_by_digest("verify_email", &digest(4), NOW)
                .await
                .expect("reads")
                .is_some()
        );
    }
);
