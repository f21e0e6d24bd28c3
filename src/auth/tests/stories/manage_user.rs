//! Looking after people: who may do what to whom (D25), and what is left of it.

use std::sync::Arc;

use auth::{ManageUserError, Session, UserQuery, Want};
use wire::{
    Audience, Disabling, ErrorCode, Event, FieldCode, ManagedUser, OneManagedUser, UserStatus,
};

use crate::invitation::{add_role, admin, give_role, session_of};
use crate::support::*;

const ROOT: &str = "root@example.com";
const ADA: &str = "ada@example.com";
const BOB: &str = "bob@example.com";

/// Somebody who may manage people, and beside that what everybody may.
async fn helper(house: &House) -> Arc<Session> {
    add_role(house, "helper", &["user:manage"]).await;
    let and_what_users_may = "insert into role_grants (role, pattern) \
         select 'helper', pattern from role_grants where role = 'user' returning role";
    house.console(and_what_users_may).await;
    house.sign_up(BOB, Want::Page).await;
    give_role(house, BOB, "helper").await;
    session_of(house, BOB).await
}

async fn users(house: &House, query: UserQuery) -> Vec<ManagedUser> {
    house.auth.list_users(&query).await.expect("lists").users
}

async fn one(house: &House, by: &Session, id: &str) -> Option<OneManagedUser> {
    house.auth.managed_user(by, id).await.expect("answers")
}

async fn sessions_of(house: &House, by: &Session, id: &str) -> usize {
    let listed = house.auth.list_sessions_of(by, id).await.expect("lists");
    listed.expect("is there").len()
}

async fn disable(house: &House, by: &Session, id: &str) -> Result<(), ManageUserError> {
    let client = house.somewhere();
    let disabling = Disabling {
        reason: Some("left the company".to_owned()),
        seconds: None,
    };
    house.auth.disable_user(by, id, &disabling, &client).await
}

/// The event of somebody's activity that is told like this.
async fn told(house: &House, whose: &Session, sentence: &str) -> Event {
    let events = house.events(whose).await;
    let event = events.iter().find(|event| event.sentence == sentence);
    event.unwrap_or_else(|| panic!("{events:?}")).clone()
}

/// Everything that can be done to an account, each as what came of it.
async fn all_acts(house: &House, by: &Session, id: &str, sid: &str) -> [wire::Error; 4] {
    let (auth, client) = (&house.auth, house.somewhere());
    [
        auth.end_session_of(by, id, sid, &client).await.err(),
        auth.sign_out_user(by, id, &client).await.err(),
        auth.disable_user(by, id, &Disabling::default(), &client)
            .await
            .err(),
        auth.enable_user(by, id, &client).await.err(),
    ]
    .map(|error| error.expect("is refused").into())
}

both!(
    an_admin_finds_people_and_sees_how_they_stand,
    async |house| {
        let root = admin(house, ROOT).await;
        house.advance(1);
        let ada = house.member(ADA).await;
        disable(house, &root, &ada.user.id).await.expect("disables");

        let listed = users(house, UserQuery::default()).await;
        let told: Vec<_> = listed
            .iter()
            .map(|user| {
                (
                    user.email.as_str(),
                    user.status,
                    user.last_login_at.is_some(),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                (ADA, UserStatus::Disabled, true),
                (ROOT, UserStatus::Active, true)
            ]
        );
        for (status, part, found) in [
            (None, "ADA@", 1),
            (Some(UserStatus::Disabled), "", 1),
            (Some(UserStatus::Leaving), "", 0),
            (None, &*"x".repeat(10_000), 0),
            (None, "'; drop table users; --", 0),
        ] {
            let query = UserQuery {
                status,
                part: part.to_owned(),
                ..UserQuery::default()
            };
            assert_eq!(users(house, query).await.len(), found);
        }
        let known = one(house, &root, &ada.user.id).await.expect("is there");
        assert_eq!(known.disabled_reason.as_deref(), Some("left the company"));
        assert!(known.manageable && known.user.disabled_at.is_some());
        for id in ["", "none", &house.auth.draw_id()] {
            assert_eq!(one(house, &root, id).await, None, "{id}");
        }
    }
);

both!(
    an_admin_ends_one_session_of_somebody_or_all,
    async |house| {
        let root = admin(house, ROOT).await;
        let ada = house.member(ADA).await;
        let other = house.other_device(ADA).await;
        let id = &ada.user.id;
        assert_eq!(sessions_of(house, &root, id).await, 2);

        let client = house.somewhere();
        let end = async |sid: &str| house.auth.end_session_of(&root, id, sid, &client).await;
        end(&other.id).await.expect("ends");
        for none in [other.id.as_str(), &root.id, &house.auth.draw_id(), "x"] {
            assert_eq!(code(end(none).await), ErrorCode::NotFound, "{none}");
        }
        assert_eq!(sessions_of(house, &root, id).await, 1);
        let mine = told(house, &ada, "An admin ended a session of yours.").await;
        assert_eq!((mine.ip, mine.device), (None, None));
        told(house, &root, "You ended a session of somebody else.").await;

        let program = house
            .auth
            .log_in(credentials(ADA, PASSWORD), TOKENS, &client);
        let (access, refresh) = tokens(program.await.expect("signs in"));
        let ended = house.auth.sign_out_user(&root, id, &client).await;
        assert_eq!(ended.expect("ends"), 2);
        assert_eq!(
            code(house.auth.session_by_access_token(&access).await),
            ErrorCode::TokenRevoked
        );
        let again = house
            .auth
            .refresh(&refresh, Audience::PortalAndServices, &client)
            .await;
        assert_eq!(code(again), ErrorCode::TokenRevoked);
        let back = house.other_device(ADA).await;
        told(house, &back, "An admin signed you out on every device.").await;
    }
);

both!(
    a_disabled_person_is_out_until_they_are_enabled,
    async |house| {
        let root = admin(house, ROOT).await;
        let signed_in = house.sign_up(ADA, Want::Page).await;
        let id = house.session_of(&signed_in).await.user.id.clone();

        for _ in 0..2 {
            disable(house, &root, &id)
                .await
                .expect("disables, also twice");
            assert!(house.session(&cookie(&signed_in)).await.is_none());
            assert_eq!(
                code(house.log_in(ADA, PASSWORD).await),
                ErrorCode::InvalidCredentials
            );
        }
        let noted = "select detail from audit_log where action = 'user.disabled'";
        let noted = house.console(noted).await;
        assert_eq!(
            noted,
            [
                r#"{"after":{"status":"disabled"},"before":{"status":"enabled"},"reason":"left the company"}"#
            ],
            "once"
        );
        let stale = format!("select kind from revocations where subject = '{id}'");
        assert_eq!(house.console(&stale).await, ["subject"]);

        let client = house.somewhere();
        for _ in 0..2 {
            let enabled = house.auth.enable_user(&root, &id, &client).await;
            enabled.expect("enables, also twice");
        }
        assert!(house.session(&cookie(&signed_in)).await.is_none());
        house.log_in(ADA, PASSWORD).await.expect("signs in");
        let known = one(house, &root, &id).await.expect("is there");
        assert_eq!(known.disabled_reason, None);
    }
);

both!(nobody_acts_on_who_has_rights_they_lack, async |house| {
    let root = admin(house, ROOT).await;
    let helper = helper(house).await;
    let ada = house.member(ADA).await;

    let known = one(house, &helper, &root.user.id).await.expect("is seen");
    assert!(!known.manageable);
    assert_eq!(sessions_of(house, &helper, &root.user.id).await, 1);
    for told in all_acts(house, &helper, &root.user.id, &root.id).await {
        assert_eq!(told, ErrorCode::InsufficientPermissions.into());
    }
    assert_eq!(sessions_of(house, &root, &root.user.id).await, 1);

    // A right the helper lost a moment ago, whatever the door was shown, is no right.
    assert!(
        one(house, &helper, &ada.user.id)
            .await
            .expect("is seen")
            .manageable
    );
    give_role(house, BOB, "user").await;
    for told in all_acts(house, &helper, &ada.user.id, &ada.id).await {
        assert_eq!(told, ErrorCode::InsufficientPermissions.into());
    }
    assert_eq!(sessions_of(house, &root, &ada.user.id).await, 1);
});

both!(
    an_admin_neither_disables_themselves_nor_goes_on_once_signed_out,
    async |house| {
        let root = admin(house, ROOT).await;
        let ada = house.member(ADA).await;
        let refused = disable(house, &root, &root.user.id).await;
        let told: wire::Error = refused.expect_err("is refused").into();
        assert_eq!(told, wire::Error::conflict("id"));
        assert_eq!(told.fields[0].code, FieldCode::Taken);

        let other = session_of(house, ROOT).await;
        let client = house.somewhere();
        let ended = house.auth.end_session(&other, &root.id, &client).await;
        ended.expect("ends");
        for told in all_acts(house, &root, &ada.user.id, &ada.id).await {
            assert_eq!(told, ErrorCode::AuthenticationRequired.into());
        }
        assert_eq!(sessions_of(house, &other, &ada.user.id).await, 1);
    }
);

both!(two_admins_who_disable_each_other_leave_one, async |house| {
    for round in 0..5 {
        let names = [
            format!("a{round}@example.com"),
            format!("b{round}@example.com"),
        ];
        let (one, other) = (admin(house, &names[0]).await, admin(house, &names[1]).await);
        let pairs = [(one.clone(), other.clone()), (other, one)];
        let done = at_once(2, |at| {
            let (auth, (by, of), client) =
                (house.auth.clone(), pairs[at].clone(), house.somewhere());
            async move {
                let disabling = Disabling::default();
                auth.disable_user(&by, &of.user.id, &disabling, &client)
                    .await
            }
        })
        .await;

        assert_eq!(done.iter().filter(|one| one.is_ok()).count(), 1, "{done:?}");
        let left = "update users set role = 'user' where role = 'admin' and disabled_at is null returning id";
        assert_eq!(
            house.console(left).await.len(),
            1,
            "one is left to look after the portal"
        );
    }
});
