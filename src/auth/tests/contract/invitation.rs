//! Invitations.

use wire::{Cursor, Paging};

use super::*;
use crate::store::{InvitationFilter, NewInvitationRow, TenantRow};

pub(super) fn invitation<'a>(id: &'a str, email: &'a str, now: i64) -> NewInvitationRow<'a> {
    NewInvitationRow {
        id,
        email,
        role: "user",
        first_name: Some("Ada"),
        last_name: None,
        tenant_id: None,
        account_role: None,
        inviter_id: "u1",
        now,
        expires_at: now + 100,
    }
}

fn id(number: u8) -> String {
    format!("0199aaaa-bbbb-7ccc-8ddd-0000000000{number:02}")
}

async fn ids(tx: &mut Tx, filter: InvitationFilter<'_>, paging: &Paging) -> Vec<String> {
    let rows = tx.list_invitations(filter, paging).await.expect("reads");
    rows.into_iter().map(|row| row.email).collect()
}

both!(an_invitation_is_kept_as_it_was_made, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    let tenant = TenantRow {
        id: "t1".to_owned(),
        name: "Acme".to_owned(),
        created_at: NOW,
    };
    assert!(tx.add_tenant(&tenant, "acme").await.expect("adds"));
    let row = NewInvitationRow {
        tenant_id: Some("t1"),
        ..invitation("i1", "ada@example.com", NOW)
    };
    tx.add_invitation(&row).await.expect("adds");

    let row = tx.invitation_by_id("i1").await.expect("reads");
    let row = row.expect("is there");
    assert_eq!(
        (row.email.as_str(), row.role.as_str()),
        ("ada@example.com", "user")
    );
    assert_eq!(
        (row.first_name.as_deref(), row.last_name),
        (Some("Ada"), None)
    );
    assert_eq!(row.tenant_id.as_deref(), Some("t1"));
    assert_eq!(row.tenant_name.as_deref(), Some("Acme"));
    assert_eq!((row.inviter_id.as_str(), row.created_at), ("u1", NOW));
    assert_eq!(row.expires_at, NOW + 100);
    assert_eq!((row.accepted_at, row.revoked_at), (None, None));
    assert!(tx.invitation_by_id("i2").await.expect("reads").is_none());
});

both!(an_invitation_is_accepted_once_and_in_time, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    for (id, now) in [("i1", NOW), ("i2", NOW), ("i3", NOW - 100)] {
        tx.add_invitation(&invitation(id, "ada@example.com", now))
            .await
            .expect("adds");
    }
    assert!(tx.set_invitation_revoked("i2", NOW).await.expect("runs"));

    for (id, accepted) in [
        ("i1", true),
        ("i1", false),
        ("i2", false),
        ("i3", false),
        ("i4", false),
    ] {
        let done = tx.set_invitation_accepted(id, "u2", NOW).await;
        assert_eq!(done.expect("runs"), accepted, "{id}");
    }
    assert!(!tx.set_invitation_revoked("i1", NOW).await.expect("runs"));
    assert!(
        !tx.set_invitation_revoked("i2", NOW).await.expect("runs"),
        "once"
    );
    let renewed = tx.set_invitation_renewed("i1", "u9", NOW + 900).await;
    assert!(!renewed.expect("runs"), "what is accepted waits no more");
    let renewed = tx.set_invitation_renewed("i3", "u9", NOW + 900).await;
    assert!(renewed.expect("runs"));
    let row = tx
        .invitation_by_id("i3")
        .await
        .expect("reads")
        .expect("is there");
    assert_eq!((row.inviter_id.as_str(), row.expires_at), ("u9", NOW + 900));
    assert!(
        tx.set_invitation_accepted("i3", "u2", NOW)
            .await
            .expect("runs")
    );
});

both!(one_of_two_hundred_accepts_an_invitation, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    tx.add_invitation(&invitation("i1", "ada@example.com", NOW))
        .await
        .expect("adds");
    tx.commit().await.expect("commits");

    let users = (0..200).map(|at| {
        let store = store.clone();
        tokio::spawn(async move {
            let mut tx = store.write().await.expect("a transaction");
            let won = match at % 4 {
                // Some take it back meanwhile.
                0 => tx.set_invitation_revoked("i1", NOW).await,
                _ => tx.set_invitation_accepted("i1", "u2", NOW).await,
            };
            tx.commit().await.expect("commits");
            won.expect("runs")
        })
    });
    let won = futures::future::join_all(users.collect::<Vec<_>>()).await;
    let won = won
        .into_iter()
        .filter(|won| *won.as_ref().expect("no panic"));
    assert_eq!(won.count(), 1);
});

both!(a_list_is_filtered_and_paged, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    for (number, email) in [
        (1, "a_b@example.com"),
        (2, "axb@example.com"),
        (3, "50%@example.com"),
        (4, "eve@other.example"),
    ] {
        tx.add_invitation(&invitation(&id(number), email, NOW + i64::from(number / 3)))
            .await
            .expect("adds");
    }
    assert!(tx.set_invitation_revoked(&id(2), NOW).await.expect("runs"));
    assert!(
        tx.set_invitation_accepted(&id(3), "u2", NOW)
            .await
            .expect("runs")
    );
    let all = Paging::default();
    let with = |status, part, now| InvitationFilter { status, part, now };

    assert_eq!(
        ids(&mut tx, with("", "", NOW), &all).await,
        [
            "eve@other.example",
            "50%@example.com",
            "axb@example.com",
            "a_b@example.com"
        ]
    );
    assert_eq!(
        ids(&mut tx, with("pending", "", NOW), &all).await,
        ["eve@other.example", "a_b@example.com"]
    );
    assert_eq!(
        ids(&mut tx, with("revoked", "", NOW), &all).await,
        ["axb@example.com"]
    );
    assert_eq!(
        ids(&mut tx, with("accepted", "", NOW), &all).await,
        ["50%@example.com"]
    );
    assert_eq!(
        ids(&mut tx, with("expired", "", NOW + 100), &all).await,
        ["a_b@example.com"],
        "the other one is a second younger"
    );
    // What is searched for stands for itself.
    assert_eq!(
        ids(&mut tx, with("", "a_b", NOW), &all).await,
        ["a_b@example.com"]
    );
    assert_eq!(
        ids(&mut tx, with("", "0%", NOW), &all).await,
        ["50%@example.com"]
    );
    assert!(ids(&mut tx, with("", r"\", NOW), &all).await.is_empty());
    assert!(
        ids(&mut tx, with("", "' or 1=1 --", NOW), &all)
            .await
            .is_empty()
    );

    let second = Paging {
        limit: 1,
        after: Some(Cursor {
            at: NOW + 1,
            id: id(3),
        }),
    };
    assert_eq!(
        ids(&mut tx, with("", "", NOW), &second).await,
        ["axb@example.com", "a_b@example.com"],
        "one more than the page holds"
    );
});

both!(what_is_long_over_goes, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    for id in ["accepted", "revoked", "expired", "waits"] {
        let mut row = invitation(id, "ada@example.com", NOW);
        if id != "expired" {
            row.expires_at = NOW + 9000;
        }
        tx.add_invitation(&row).await.expect("adds");
    }
    assert!(
        tx.set_invitation_accepted("accepted", "u2", NOW)
            .await
            .expect("runs")
    );
    assert!(
        tx.set_invitation_revoked("revoked", NOW)
            .await
            .expect("runs")
    );

    assert_eq!(
        tx.delete_invitations_before(NOW - 1)
            .await
            .expect("deletes"),
        0
    );
    assert_eq!(
        tx.delete_invitations_before(NOW + 100)
            .await
            .expect("deletes"),
        3
    );
    assert!(tx.invitation_by_id("waits").await.expect("reads").is_some());
});
