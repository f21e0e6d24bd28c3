//! Wishes for another password, and the passwords an account had.

use super::*;
use crate::store::{NewOneTimeToken, ResetRow};

fn wish(id: &str, email: &str, flow: Option<u8>) -> ResetRow {
    ResetRow {
        id: id.to_owned(),
        email: email.to_owned(),
        flow_digest: flow.map(|of| digest(of).to_vec()),
        tries: 0,
        created_at: NOW,
        expires_at: NOW + 100,
    }
}

fn secret<'a>(of: &'a [u8], subject: &'a str, code: Option<&'a [u8]>) -> NewOneTimeToken<'a> {
    NewOneTimeToken {
        digest: of,
        purpose: "reset_password",
        subject,
        code_digest: code,
        code_expires_at: code.map(|_| NOW + 10),
        now: NOW,
        expires_at: NOW + 100,
    }
}

both!(
    a_wish_is_found_by_id_and_flow_until_its_end,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        tx.add_reset(&wish("w1", "ada@example.com", Some(1)))
            .await
            .expect("adds");
        tx.add_reset(&wish("w2", "ada@example.com", None))
            .await
            .expect("adds");
        tx.add_reset(&wish("w3", "ada@example.com", None))
            .await
            .expect("any number without a flow");

        let by_id = tx.reset_by_id("w1", NOW + 99).await.expect("reads");
        let by_flow = tx.reset_by_flow(&digest(1), NOW + 99).await.expect("reads");
        let (by_id, by_flow) = (by_id.expect("is there"), by_flow.expect("is there"));
        assert_eq!((by_id.id.as_str(), by_flow.id.as_str()), ("w1", "w1"));
        assert_eq!(by_id.email, "ada@example.com");
        assert_eq!(by_id.flow_digest, Some(digest(1).to_vec()));
        assert_eq!((by_id.tries, by_id.created_at), (0, NOW));
        assert_eq!(by_id.expires_at, NOW + 100);
        let without = tx.reset_by_id("w2", NOW).await.expect("reads");
        assert_eq!(without.expect("is there").flow_digest, None);
        for (id, flow, at) in [("w1", 1, NOW + 100), ("w9", 2, NOW)] {
            assert!(tx.reset_by_id(id, at).await.expect("reads").is_none());
            assert!(
                tx.reset_by_flow(&digest(flow), at)
                    .await
                    .expect("reads")
                    .is_none()
            );
        }
        assert_eq!(tx.delete_resets_before(NOW + 99).await.expect("tidies"), 0);
        assert_eq!(tx.delete_resets_before(NOW + 100).await.expect("tidies"), 3);
    }
);

both!(
    a_wish_has_its_tries_and_one_can_be_given_back,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        tx.add_reset(&wish("w1", "ada@example.com", Some(1)))
            .await
            .expect("adds");

        assert!(tx.consume_reset_try("w1", 2).await.expect("runs"));
        assert!(tx.consume_reset_try("w1", 2).await.expect("runs"));
        assert!(!tx.consume_reset_try("w1", 2).await.expect("runs"));
        tx.set_reset_try_taken_back("w1").await.expect("runs");
        assert!(tx.consume_reset_try("w1", 2).await.expect("runs"));
        for _ in 0..5 {
            tx.set_reset_try_taken_back("w1").await.expect("runs");
        }
        let row = tx.reset_by_id("w1", NOW).await.expect("reads");
        assert_eq!(row.expect("is there").tries, 0, "never below none");
        assert!(!tx.consume_reset_try("w9", 2).await.expect("runs"));
    }
);

both!(
    a_code_leads_to_its_secret_in_time_and_uses_nothing_up,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        tx.add_one_time_token(&secret(&digest(1), "w1", Some(&digest(9))))
            .await
            .expect("adds");

        for _ in 0..2 {
            let found = tx
                .one_time_token_by_code("reset_password", "w1", &digest(9), NOW + 9)
                .await
                .expect("reads");
            assert_eq!(found, Some(digest(1).to_vec()));
        }
        for (purpose, subject, of, at) in [
            ("verify_email", "w1", 9, NOW),
            ("reset_password", "w2", 9, NOW),
            ("reset_password", "w1", 8, NOW),
            ("reset_password", "w1", 9, NOW + 10),
        ] {
            let found = tx
                .one_time_token_by_code(purpose, subject, &digest(of), at)
                .await
                .expect("reads");
            assert_eq!(found, None);
        }
        tx.consume_one_time_token("reset_password", &digest(1), NOW)
            .await
            .expect("runs");
        let used = tx
            .one_time_token_by_code("reset_password", "w1", &digest(9), NOW)
            .await
            .expect("reads");
        assert_eq!(used, None);
    }
);

both!(
    a_sent_wish_takes_the_secrets_of_the_others_of_its_address,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        for (id, email, of, later) in [
            ("w1", "ada@example.com", 1, 0),
            ("w2", "ada@example.com", 2, 1),
            ("w3", "bob@example.com", 3, 0),
        ] {
            let wish = ResetRow {
                created_at: NOW + later,
                ..wish(id, email, Some(of))
            };
            tx.add_reset(&wish).await.expect("adds");
            let of = digest(of);
            tx.add_one_time_token(&secret(&of, id, None))
                .await
                .expect("adds");
        }
        let of = digest(4);
        let verification = NewOneTimeToken {
            purpose: "verify_email",
            ..secret(&of, "w1", None)
        };
        tx.add_one_time_token(&verification).await.expect("adds");

        assert_eq!(tx.delete_older_reset_secrets("w1").await.expect("runs"), 0);
        assert_eq!(tx.delete_older_reset_secrets("w2").await.expect("runs"), 1);
        assert_eq!(tx.delete_older_reset_secrets("w9").await.expect("runs"), 0);
        for (of, lives) in [(1, false), (2, true), (3, true)] {
            let found = tx
                .one_time_token_by_digest("reset_password", &digest(of), NOW)
                .await
                .expect("reads");
            assert_eq!(found.is_some(), lives, "{of}");
        }
        let other_purpose = tx
            .one_time_token_by_digest("verify_email", &digest(4), NOW)
            .await
            .expect("reads");
        assert!(other_purpose.is_some());
    }
);

both!(
    all_wishes_of_an_address_go_with_their_secrets,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        for (id, email, of) in [
            ("w1", "ada@example.com", 1),
            ("w2", "ada@example.com", 2),
            ("w3", "bob@example.com", 3),
        ] {
            tx.add_reset(&wish(id, email, Some(of)))
                .await
                .expect("adds");
            let of = digest(of);
            tx.add_one_time_token(&secret(&of, id, None))
                .await
                .expect("adds");
        }

        assert_eq!(
            tx.delete_resets_by_email("ada@example.com")
                .await
                .expect("deletes"),
            2
        );
        for (of, lives) in [(1, false), (2, false), (3, true)] {
            let found = tx
                .one_time_token_by_digest("reset_password", &digest(of), NOW)
                .await
                .expect("reads");
            assert_eq!(found.is_some(), lives, "{of}");
        }
        assert!(tx.reset_by_id("w3", NOW).await.expect("reads").is_some());
    }
);

both!(the_newest_passwords_are_kept_and_no_more, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    add_user(&mut tx, "u1", "ada@example.com").await;
    add_user(&mut tx, "u2", "bob@example.com").await;
    for n in 0..6 {
        let id = format!("h{n}");
        tx.add_password_history(&id, "u1", &format!("hash {n}"), NOW + n)
            .await
            .expect("adds");
    }
    tx.add_password_history("other", "u2", "hash of bob", NOW)
        .await
        .expect("adds");

    let newest = tx
        .list_password_history_by_user("u1", 2)
        .await
        .expect("reads");
    assert_eq!(newest, ["hash 5", "hash 4"]);
    let gone = tx
        .delete_password_history_beyond("u1", 4)
        .await
        .expect("deletes");
    assert_eq!(gone, 2);
    let left = tx
        .list_password_history_by_user("u1", 10)
        .await
        .expect("reads");
    assert_eq!(left, ["hash 5", "hash 4", "hash 3", "hash 2"]);
    let others = tx
        .list_password_history_by_user("u2", 10)
        .await
        .expect("reads");
    assert_eq!(others, ["hash of bob"]);
});

both!(
    a_password_is_set_and_an_address_proven_once,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        add_user(&mut tx, "u1", "ada@example.com").await;
        run(&mut tx, "update users set email_verified_at = null")
            .await
            .expect("runs");

        tx.set_password_changed("u1", NOW + 5).await.expect("runs");
        tx.set_password("u1", "$argon2id$new").await.expect("runs");
        tx.set_email_proven("u1", NOW + 5).await.expect("runs");
        tx.set_email_proven("u1", NOW + 9).await.expect("runs");

        let user = tx.user_by_id("u1").await.expect("reads").expect("is there");
        assert_eq!(user.password_hash.as_deref(), Some("$argon2id$new"));
        assert_eq!(user.email_verified_at, Some(NOW + 5), "the first proof");
        tx.commit().await.expect("commits");
        let changed = number(store, "select password_changed_at from users").await;
        assert_eq!(changed, NOW + 5);
    }
);
