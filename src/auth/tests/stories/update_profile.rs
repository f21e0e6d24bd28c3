//! Names.

use auth::UpdateProfileError;
use wire::{ErrorCode, PersonName, ProfileChange, Username};

use crate::support::*;

const ADA: &str = "ada@example.com";

fn name(text: &str) -> Option<Option<PersonName>> {
    Some(Some(PersonName::parse(text).expect("a name")))
}

fn username(text: &str) -> Option<Option<Username>> {
    Some(Some(Username::parse(text).expect("a username")))
}

both!(
    a_change_is_seen_at_once_in_every_session_on_every_node,
    async |house| {
        let here = house.member(ADA).await;
        let signed_in = house.log_in(ADA, PASSWORD).await.expect("signs in");
        let other_node = house.node(settings()).await;
        let following = tokio::spawn({
            let node = other_node.clone();
            async move { node.follow_other_nodes().await }
        });
        let there = async |node: &auth::Auth| {
            let (cookie, client) = (cookie(&signed_in), at("192.0.2.1"));
            let session = node.session_by_cookie(&cookie, &client).await;
            session
                .expect("answers")
                .expect("lives")
                .user
                .first_name
                .clone()
        };
        assert_eq!(there(&house.auth).await, None);
        assert_eq!(there(&other_node).await, None);

        let change = ProfileChange {
            first_name: name("Ada"),
            last_name: name("李"),
            username: username("Ada.L"),
        };
        let user = house
            .auth
            .update_profile(&here, &change, &house.somewhere())
            .await
            .expect("is changed");

        assert_eq!(user.username.as_deref(), Some("Ada.L"));
        assert_eq!(user.last_name.as_deref(), Some("李"));
        assert_eq!(there(&house.auth).await.as_deref(), Some("Ada"));
        if house.is_shared() {
            for _ in 0..200 {
                if there(&other_node).await.is_some() {
                    break;
                }
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
            assert_eq!(there(&other_node).await.as_deref(), Some("Ada"));
        }
        following.abort();
        other_node.close().await;
    }
);

both!(what_is_left_out_stays_and_null_clears, async |house| {
    let session = house.member(ADA).await;
    let set = async |change: ProfileChange| {
        let client = house.somewhere();
        let user = house.auth.update_profile(&session, &change, &client).await;
        let user = user.expect("is changed");
        (user.username, user.first_name, user.last_name)
    };
    let text = |text: &str| Some(text.to_owned());
    let all = ProfileChange {
        username: username("ada"),
        first_name: name("Ada"),
        last_name: name("Lovelace"),
    };
    assert_eq!(set(all).await, (text("ada"), text("Ada"), text("Lovelace")));
    let cleared = ProfileChange {
        last_name: Some(None),
        ..ProfileChange::default()
    };
    assert_eq!(set(cleared).await, (text("ada"), text("Ada"), None));
    let nothing = ProfileChange::default();
    assert_eq!(set(nothing).await, (text("ada"), text("Ada"), None));
    let nameless = ProfileChange {
        username: Some(None),
        ..ProfileChange::default()
    };
    assert_eq!(set(nameless).await, (None, text("Ada"), None));

    let details = house
        .console("select detail from audit_log where action = 'profile.updated' order by id")
        .await;
    assert_eq!(details.len(), 3, "nothing changed, nothing noted");
    let details: Vec<serde_json::Value> = details
        .iter()
        .map(|detail| serde_json::from_str(detail).expect("JSON"))
        .collect();
    assert!(
        details.contains(&serde_json::json!({ "before": { "lastName": "Lovelace" }, "after": { "lastName": null } })),
        "{details:?}"
    );
});

both!(a_username_has_one_owner, async |house| {
    let ada = house.member(ADA).await;
    let bob = house.member("bob@example.com").await;
    let take = async |session: &auth::Session, name: &str| {
        let change = ProfileChange {
            username: username(name),
            ..ProfileChange::default()
        };
        house
            .auth
            .update_profile(session, &change, &house.somewhere())
            .await
    };
    take(&ada, "ada").await.expect("is free");

    let refused = take(&bob, "ADA").await;
    assert!(matches!(refused, Err(UpdateProfileError::UsernameTaken)));
    assert_eq!(code(take(&bob, "ADA").await), ErrorCode::Conflict);
    take(&ada, "ADA")
        .await
        .expect("another spelling of one's own");
    take(&bob, "bob").await.expect("is free");
});

both!(a_session_that_ended_changes_nothing, async |house| {
    let session = house.member(ADA).await;
    house
        .auth
        .disable(&email(ADA), &at("127.0.0.1"))
        .await
        .expect("is disabled");
    let change = ProfileChange {
        first_name: name("Eve"),
        ..ProfileChange::default()
    };

    let answer = house
        .auth
        .update_profile(&session, &change, &house.somewhere())
        .await;

    assert_eq!(code(answer), ErrorCode::AuthenticationRequired);
    assert_eq!(
        code(house.ask_change(&session, "eve@example.com").await),
        ErrorCode::AuthenticationRequired
    );
});
