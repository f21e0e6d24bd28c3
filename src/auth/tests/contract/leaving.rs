//! Leaving: closing and restoring, deleting for good, consents, what is exported, what is erased.

use super::*;
use crate::store::{NewConsent, NewLetter, NewOneTimeToken};

const DAY: i64 = 86_400;

fn consent<'a>(id: &'a str, version: &'a str, now: i64) -> NewConsent<'a> {
    NewConsent {
        id,
        user_id: "u1",
        purpose: "terms",
        version,
        now,
        address: "192.0.2.1",
        agent: "test",
    }
}

both!(
    a_consent_holds_once_a_version_and_keeps_its_history,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        add_user(&mut tx, "u1", "ada@example.com").await;

        assert!(
            tx.add_consent(&consent("c1", "1", NOW))
                .await
                .expect("adds")
        );
        assert!(
            !tx.add_consent(&consent("c2", "1", NOW))
                .await
                .expect("is asked")
        );
        assert!(
            tx.add_consent(&consent("c3", "2", NOW + 1))
                .await
                .expect("adds")
        );
        let withdraw = tx.set_consents_withdrawn("u1", "terms", NOW + 2).await;
        assert_eq!(withdraw.expect("runs"), 2);
        let again = tx.set_consents_withdrawn("u1", "terms", NOW + 3).await;
        assert_eq!(again.expect("runs"), 0, "set once");
        assert!(
            tx.add_consent(&consent("c4", "2", NOW + 4))
                .await
                .expect("adds")
        );

        let history = tx.list_consents_by_user("u1").await.expect("reads");
        let history: Vec<_> = history
            .iter()
            .map(|row| {
                (
                    row.version.as_str(),
                    row.given_at - NOW,
                    row.withdrawn_at.map(|at| at - NOW),
                )
            })
            .collect();
        assert_eq!(
            history,
            [("1", 0, Some(2)), ("2", 1, Some(2)), ("2", 4, None)]
        );
        assert!(
            tx.list_consents_by_user("u2")
                .await
                .expect("reads")
                .is_empty()
        );
    }
);

both!(undoing_and_deleting_part_at_one_second, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    add_user(&mut tx, "u1", "ada@example.com").await;
    let end = NOW + 14 * DAY;

    assert!(tx.set_deletion("u1", NOW, end).await.expect("closes"));
    assert!(
        !tx.set_deletion("u1", NOW, end).await.expect("is asked"),
        "once"
    );
    assert!(
        tx.list_users_to_delete(end - 1, 9)
            .await
            .expect("reads")
            .is_empty()
    );
    assert_eq!(tx.delete_user("u1", end - 1).await.expect("is asked"), None);
    assert!(
        tx.set_deletion_undone("u1", end - 1)
            .await
            .expect("restores")
    );
    assert!(
        !tx.set_deletion_undone("u1", end - 1)
            .await
            .expect("is asked"),
        "once"
    );

    assert!(tx.set_deletion("u1", NOW, end).await.expect("closes again"));
    assert!(
        !tx.set_deletion_undone("u1", end).await.expect("is asked"),
        "over"
    );
    assert_eq!(
        tx.list_users_to_delete(end, 9).await.expect("reads"),
        ["u1"]
    );
    let gone = tx.delete_user("u1", end).await.expect("deletes");
    assert_eq!(gone.as_deref(), Some("ada@example.com"));
    assert_eq!(tx.delete_user("u1", end).await.expect("is asked"), None);
    add_user(&mut tx, "u2", "ada@example.com").await;
    assert!(tx.set_disabled("u2", Some(NOW)).await.expect("runs"));
    assert!(
        !tx.set_deletion("u2", NOW, end).await.expect("is asked"),
        "disabled"
    );
    assert!(
        !tx.set_deletion_called_off("u2", NOW).await.expect("runs"),
        "it is to stay"
    );
    tx.set_deletion_ordered("u2", NOW, end).await.expect("runs");
    assert!(
        !tx.set_deletion_undone("u2", NOW).await.expect("is asked"),
        "not its owner's to keep"
    );
    assert!(!tx.set_deletion_called_off("u2", end).await.expect("runs"));
    assert!(tx.set_deletion_called_off("u2", NOW).await.expect("runs"));
    let kept = tx.user_by_id("u2").await.expect("reads").expect("is there");
    assert_eq!((kept.deletes_at, kept.disabled_at), (None, Some(NOW)));
});

both!(
    only_who_leaves_loses_sessions_and_only_in_time,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        for (user, session) in [("u1", 1_u8), ("u2", 2)] {
            add_user(&mut tx, user, &format!("{user}@example.com")).await;
            for n in 0..3 {
                let id = format!("{user}-{n}");
                tx.add_session(&session_of(user, &id, None))
                    .await
                    .expect("adds");
                tx.add_refresh_token(&digest(session * 10 + n), &id, NOW, NOW + DAY)
                    .await
                    .expect("adds");
            }
        }
        let owner = tx.owner_by_session("u1-0").await.expect("reads");
        assert_eq!(owner.as_deref(), Some("u1"));
        assert_eq!(tx.owner_by_session("none").await.expect("reads"), None);
        tx.set_deletion("u1", NOW, NOW + 5).await.expect("closes");

        for user in ["u1", "u2"] {
            let tokens = tx.delete_refresh_tokens_of_leaver(user, NOW + 4, 9).await;
            let sessions = tx.delete_sessions_of_leaver(user, NOW + 4, 9).await;
            assert_eq!(
                (tokens.expect("runs"), sessions.expect("runs")),
                (0, 0),
                "{user}"
            );
        }
        let first = tx.delete_refresh_tokens_of_leaver("u1", NOW + 5, 2).await;
        let rest = tx.delete_refresh_tokens_of_leaver("u1", NOW + 5, 2).await;
        assert_eq!((first.expect("runs"), rest.expect("runs")), (2, 1));
        let first = tx.delete_sessions_of_leaver("u1", NOW + 5, 2).await;
        let rest = tx.delete_sessions_of_leaver("u1", NOW + 5, 2).await;
        assert_eq!((first.expect("runs"), rest.expect("runs")), (2, 1));
        let others = tx.delete_sessions_of_leaver("u2", NOW + 5, 9).await;
        assert_eq!(others.expect("runs"), 0);
    }
);

both!(
    letters_and_secrets_about_something_go_with_it,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        for (n, purpose, subject) in [
            (1, "a", "u1"),
            (2, "b", "u1"),
            (3, "a", "u2"),
            (4, "c", "u1"),
        ] {
            tx.add_one_time_token(&NewOneTimeToken {
                digest: &digest(n),
                purpose,
                subject,
                code_digest: None,
                code_expires_at: None,
                now: NOW,
                expires_at: NOW + DAY,
            })
            .await
            .expect("adds");
        }
        for (id, subject) in [("l1", "u1"), ("l2", "u2"), ("l3", "ada@example.com")] {
            tx.add_letter(&NewLetter {
                id,
                letter: "reuse_detected",
                subject,
                address: "192.0.2.1",
                agent: "test",
                now: NOW,
            })
            .await
            .expect("adds");
        }

        let letters = tx.list_own_letters("u1", "ada@example.com").await;
        assert_eq!(letters.expect("reads").len(), 2);
        let one_purpose = tx.delete_one_time_tokens_of("a", "u1").await;
        assert_eq!(one_purpose.expect("runs"), 1);
        let all = tx.delete_all_one_time_tokens_of("u1").await;
        assert_eq!(all.expect("runs"), 2);
        let kept = tx.one_time_token_by_digest("a", &digest(3), NOW).await;
        assert_eq!(kept.expect("reads").as_deref(), Some("u2"));
        assert_eq!(tx.delete_letters_by_subject("u1").await.expect("runs"), 1);
        let letters = tx.list_own_letters("u2", "ada@example.com").await;
        assert_eq!(letters.expect("reads").len(), 2);
    }
);

both!(
    an_export_reads_what_there_is_of_one_account,
    async |store| {
        let mut tx = store.write().await.expect("a transaction");
        for user in ["u1", "u2"] {
            add_user(&mut tx, user, &format!("{user}@example.com")).await;
            tx.add_session(&session_of(user, user, None))
                .await
                .expect("adds");
        }
        let mac = if store.is_embedded() {
            "x'00'"
        } else {
            "'\\x00'"
        };
        run(
            &mut tx,
            &format!(
                "insert into imported_accounts (source, external_id, user_id, profile_mac, hash_mac, kept_mac, imported_at, updated_at)
             values ('clerk', 'x1', 'u1', {mac}, {mac}, {mac}, 5, 5)"
            ),
        )
        .await
        .expect("adds");
        run(
            &mut tx,
            "insert into tenants (id, name, name_key, created_at) values ('t1', 'Clinic', 'clinic', 5)",
        )
        .await
        .expect("adds");
        run(
            &mut tx,
            "insert into memberships (user_id, tenant_id, role, joined_at) values ('u1', 't1', 'user', 6)",
        )
        .await
        .expect("adds");
        run(
            &mut tx,
            "insert into email_changes (id, user_id, session_id, place, old_email, new_email, tries, created_at, expires_at)
             values ('e1', 'u1', 's', 1, 'ada@example.com', 'countess@example.com', 0, 7, 9)",
        )
        .await
        .expect("adds");
        let joined = tx.list_own_memberships("u1").await.expect("reads");
        assert_eq!(
            (joined.len(), joined[0].name.as_str(), joined[0].joined_at),
            (1, "Clinic", 6)
        );
        assert!(
            tx.list_own_memberships("u2")
                .await
                .expect("reads")
                .is_empty()
        );
        let changes = tx.list_own_email_changes("u1").await.expect("reads");
        assert_eq!(
            (changes.len(), changes[0].new_email.as_str()),
            (1, "countess@example.com")
        );
        run(
            &mut tx,
            "insert into invitations (id, email, role, inviter_id, created_at, expires_at)
             values ('i1', 'ada@example.com', 'user', 'u9', 1, 2), ('i2', 'bob@example.com', 'user', 'u9', 1, 2)",
        )
        .await
        .expect("adds");
        tx.delete_traces_of_address("ada@example.com")
            .await
            .expect("runs");
        let left = run(&mut tx, "delete from invitations").await;
        assert_eq!(left.expect("runs"), 1, "somebody else's stays");
        let keys = tx.list_own_api_keys("u1").await.expect("reads");
        assert!(keys.is_empty());
        let imports = tx.list_own_imports("u1").await.expect("reads");
        assert_eq!((imports.len(), imports[0].imported_at), (1, 5));
        assert!(tx.list_own_imports("u2").await.expect("reads").is_empty());
        tx.set_session_revoked("u1", NOW + 1, "log_out")
            .await
            .expect("ends");

        let user = tx
            .own_account_by_id("u1")
            .await
            .expect("reads")
            .expect("is there");
        assert_eq!(
            (user.email.as_str(), user.password_changed_at),
            ("u1@example.com", Some(NOW))
        );
        let sessions = tx.list_own_sessions("u1").await.expect("reads");
        assert_eq!(sessions.len(), 1);
        assert_eq!(sessions[0].revoked_reason.as_deref(), Some("log_out"));
        assert!(tx.own_account_by_id("u3").await.expect("reads").is_none());
    }
);
