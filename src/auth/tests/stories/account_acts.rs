//! What is done to an account by those who look after people, beyond ending sessions (req 106, 231): for
//! how long, with what trace, and never to whom it must not be.

use std::sync::Arc;

use auth::{Hand, LogInError, ManageUserError, Session, UserQuery, Want};
use wire::{
    DeleteUser, Disabling, ErrorCode, FieldCode, ProfileChange, UpdateProfile, UserSort, UserStatus,
};

use crate::invitation::{admin, session_of};
use crate::support::*;

const ROOT: &str = "root@example.com";
const ADA: &str = "ada@example.com";
const BOB: &str = "bob@example.com";

async fn suspend(
    house: &House,
    by: &Session,
    id: &str,
    seconds: Option<i64>,
) -> Result<(), ManageUserError> {
    let disabling = Disabling {
        reason: Some("on leave".to_owned()),
        seconds,
    };
    let client = house.somewhere();
    house.auth.disable_user(by, id, &disabling, &client).await
}

async fn status(house: &House, id: &str) -> UserStatus {
    let one = house.auth.managed_user(Hand::Operator, id).await;
    one.expect("answers").expect("is there").user.status
}

async fn details(house: &House, action: &str) -> Vec<String> {
    house
        .console(&format!(
            "select detail from audit_log where action = '{action}' order by id"
        ))
        .await
}

async fn delete(
    house: &House,
    by: &Session,
    id: &str,
    confirmation: &str,
    now: bool,
) -> Result<i64, ManageUserError> {
    let request = DeleteUser {
        confirmation: Some(confirmation.to_owned()),
        immediately: Some(now),
    };
    let client = house.somewhere();
    house.auth.delete_user(by, id, &request, &client).await
}

both!(a_suspension_ends_by_itself_and_not_before, async |house| {
    let root = admin(house, ROOT).await;
    let signed_in = house.sign_up(ADA, Want::Page).await;
    let id = house.session_of(&signed_in).await.user.id.clone();

    suspend(house, &root, &id, Some(3600))
        .await
        .expect("suspends");
    assert_eq!(status(house, &id).await, UserStatus::Suspended);
    assert!(house.session(&cookie(&signed_in)).await.is_none());
    house.advance(3599);
    house.auth.tend().await.expect("tends");
    assert_eq!(
        code(house.log_in(ADA, PASSWORD).await),
        ErrorCode::InvalidCredentials
    );

    house.advance(1);
    house.auth.tend().await.expect("tends");
    house.auth.tend().await.expect("tends, also twice");
    assert_eq!(status(house, &id).await, UserStatus::Active);
    house.log_in(ADA, PASSWORD).await.expect("signs in");
    assert!(
        house.session(&cookie(&signed_in)).await.is_none(),
        "what ended stays ended"
    );
    assert_eq!(
        details(house, "user.suspension_ended").await.len(),
        1,
        "of all nodes one"
    );
    let noted = details(house, "user.disabled").await;
    assert!(
        noted[0].contains(r#""before":{"status":"enabled","until":null}"#)
            && noted[0].contains("2026-01-01T01:00"),
        "{noted:?}"
    );
});

both!(
    another_end_replaces_the_former_and_none_ends_by_hand_alone,
    async |house| {
        let root = admin(house, ROOT).await;
        let ada = house.member(ADA).await;
        let id = &ada.user.id;

        suspend(house, &root, id, Some(60)).await.expect("suspends");
        suspend(house, &root, id, None).await.expect("disables");
        suspend(house, &root, id, None).await.expect("and again");
        house.advance(400 * DAY);
        house.auth.tend().await.expect("tends");
        assert_eq!(status(house, id).await, UserStatus::Disabled);
        assert_eq!(details(house, "user.disabled").await.len(), 2, "once each");

        let root = session_of(house, ROOT).await;
        let client = house.somewhere();
        house
            .auth
            .enable_user(&root, id, &client)
            .await
            .expect("enables");
        assert_eq!(status(house, id).await, UserStatus::Active);
    }
);

both!(
    who_guessed_too_often_is_seen_and_unlocked_from_everywhere,
    async |house| {
        let root = admin(house, ROOT).await;
        let ada = house.member(ADA).await;
        let (id, here) = (&ada.user.id, at("203.0.113.7"));
        let try_here = async |password: &str| {
            let credentials = credentials(ADA, password);
            house.auth.log_in(credentials, Want::Page, &here).await
        };
        for _ in 0..5 {
            let wrong = try_here("not the password").await;
            assert!(matches!(wrong, Err(LogInError::WrongPassword)), "{wrong:?}");
        }
        assert_eq!(code(try_here(PASSWORD).await), ErrorCode::RateLimited);
        assert_eq!(
            status(house, id).await,
            UserStatus::Active,
            "one network alone waits"
        );
        for _ in 5..20 {
            house
                .log_in(ADA, "not the password")
                .await
                .expect_err("is wrong");
        }
        assert_eq!(
            code(house.log_in(ADA, PASSWORD).await),
            ErrorCode::RateLimited
        );
        assert_eq!(status(house, id).await, UserStatus::Locked);
        let locked = UserQuery {
            status: Some(UserStatus::Locked),
            ..UserQuery::default()
        };
        let listed = house.auth.list_users(&locked).await.expect("lists");
        assert_eq!((listed.users.len(), listed.total), (1, Some(1)));
        assert!(listed.users[0].locked_until.is_some());

        let client = house.somewhere();
        house
            .auth
            .unlock_user(&root, id, &client)
            .await
            .expect("unlocks");
        assert_eq!(status(house, id).await, UserStatus::Active);
        house
            .log_in(ADA, PASSWORD)
            .await
            .expect("signs in from elsewhere");
        try_here(PASSWORD)
            .await
            .expect("and from where it was guessed");
        let noted = details(house, "user.unlocked").await;
        assert!(
            noted[0].contains(r#""before":{"lockedUntil":"#),
            "{noted:?}"
        );
    }
);

both!(an_unknown_name_locks_nobodys_account, async |house| {
    admin(house, ROOT).await;
    let ada = house.member(ADA).await;
    // The id of an account is no name to sign in with; guessing at it is guessing at nobody.
    for _ in 0..20 {
        let client = house.somewhere();
        let credentials = credentials(&format!("{}@example.com", ada.user.id), "x");
        house
            .auth
            .log_in(credentials, Want::Page, &client)
            .await
            .expect_err("is nobody");
    }
    let named = house
        .console("select lane from failures where account_id is not null")
        .await;
    assert_eq!(named, [""; 0]);
    assert_eq!(status(house, &ada.user.id).await, UserStatus::Active);
});

both!(
    a_reset_letter_shows_the_admin_nothing_and_the_owner_no_admin,
    async |house| {
        let root = admin(house, ROOT).await;
        let ada = house.member(ADA).await;
        house.letters().await;
        // Registering was a letter to the same address.
        house.advance(15 * MINUTE);
        let client = at("198.51.100.9");
        for _ in 0..3 {
            let mailed = house.auth.mail_reset_to_user(&root, &ada.user.id, &client);
            mailed.await.expect("is on its way");
            let letter = house.letter().await;
            assert_eq!(letter.to.as_str(), ADA);
            assert!(
                !format!("{letter:?}").contains("198.51.100.9"),
                "{letter:?}"
            );
        }
        let fourth = house
            .auth
            .mail_reset_to_user(&root, &ada.user.id, &client)
            .await;
        assert_eq!(code(fourth), ErrorCode::RateLimited);
        house
            .log_in(ADA, PASSWORD)
            .await
            .expect("the old password works until then");
        assert_eq!(details(house, "password.reset_mailed").await.len(), 3);

        suspend(house, &root, &ada.user.id, None)
            .await
            .expect("disables");
        let shut = house
            .auth
            .mail_reset_to_user(&root, &ada.user.id, &client)
            .await;
        let told: wire::Error = shut.expect_err("is refused").into();
        assert_eq!(
            (told.code, told.fields[0].field.as_str()),
            (ErrorCode::Conflict, "status")
        );
    }
);

both!(
    an_account_is_deleted_in_a_fortnight_unless_somebody_keeps_it,
    async |house| {
        let root = admin(house, ROOT).await;
        let signed_in = house.sign_up(ADA, Want::Page).await;
        let id = house.session_of(&signed_in).await.user.id.clone();
        house.letters().await;

        for typed in ["", "yes", BOB, "delete my account"] {
            let refused = delete(house, &root, &id, typed, false).await;
            let told: wire::Error = refused.expect_err("is refused").into();
            assert_eq!(told.fields[0].field, "confirmation", "{typed}");
        }
        assert_eq!(status(house, &id).await, UserStatus::Active);

        let at = delete(house, &root, &id, ADA, false)
            .await
            .expect("is taken on");
        assert_eq!(at, house.auth.now() + 14 * 86_400);
        assert_eq!(status(house, &id).await, UserStatus::Leaving);
        assert!(house.session(&cookie(&signed_in)).await.is_none());
        assert_eq!(
            code(house.log_in(ADA, PASSWORD).await),
            ErrorCode::InvalidCredentials
        );
        assert!(
            house.letters().await.is_empty(),
            "nobody but those who may keep it is offered to"
        );

        let client = house.somewhere();
        house
            .auth
            .keep_user(&root, &id, &client)
            .await
            .expect("keeps");
        assert_eq!(
            status(house, &id).await,
            UserStatus::Disabled,
            "enabling is another act"
        );
        let again = house.auth.keep_user(&root, &id, &client).await;
        assert_eq!(code(again), ErrorCode::Conflict);
        house
            .auth
            .enable_user(&root, &id, &client)
            .await
            .expect("enables");
        house.log_in(ADA, PASSWORD).await.expect("signs in");

        delete(house, &root, &id, ADA, false)
            .await
            .expect("is taken on");
        house.advance(14 * DAY);
        house.auth.tend().await.expect("tends");
        let root = session_of(house, ROOT).await;
        let gone = house.auth.managed_user(&root, &id).await.expect("answers");
        assert_eq!(gone, None);
    }
);

both!(
    an_account_is_deleted_now_with_all_that_is_its,
    async |house| {
        let root = admin(house, ROOT).await;
        let signed_in = house.sign_up(ADA, Want::Page).await;
        let id = house.session_of(&signed_in).await.user.id.clone();
        suspend(house, &root, &id, Some(60))
            .await
            .expect("suspends");

        delete(house, &root, &id, "Ada@Example.COM", true)
            .await
            .expect("deletes");

        let gone = house.auth.managed_user(&root, &id).await.expect("answers");
        assert_eq!(gone, None);
        for table in ["sessions", "failures"] {
            let column = if table == "sessions" {
                "user_id"
            } else {
                "account_id"
            };
            let left = format!("select {column} from {table} where {column} = '{id}'");
            assert_eq!(house.console(&left).await, [""; 0], "{table}");
        }
        let twice = delete(house, &root, &id, ADA, true).await;
        assert_eq!(code(twice), ErrorCode::NotFound);
        house.sign_up(ADA, Want::Page).await;
    }
);

both!(
    nobody_deletes_themselves_here_and_the_last_admin_stays,
    async |house| {
        let root = admin(house, ROOT).await;
        for now in [false, true] {
            let own = delete(house, &root, &root.user.id, ROOT, now).await;
            let told: wire::Error = own.expect_err("is refused").into();
            assert_eq!(told, wire::Error::conflict("id"));
        }
        let request = DeleteUser {
            confirmation: Some(ROOT.to_owned()),
            immediately: Some(true),
        };
        let client = house.somewhere();
        let last = house
            .auth
            .delete_user(Hand::Operator, &root.user.id, &request, &client)
            .await;
        let told: wire::Error = last.expect_err("is refused").into();
        assert_eq!(told, wire::Error::conflict("role"));
        assert_eq!(status(house, &root.user.id).await, UserStatus::Active);
    }
);

both!(
    admins_who_shut_each_other_out_at_once_leave_one,
    async |house| {
        let nodes = [house.node(settings()).await, house.node(settings()).await];
        let mut admins: Vec<Arc<Session>> = Vec::new();
        for at in 0..20 {
            admins.push(admin(house, &format!("admin{at}@example.com")).await);
        }
        let many = admins.len();
        let done = at_once(200, |at| {
            let (by, of) = (&admins[at % many], &admins[(at * 7 + at / many + 1) % many]);
            let (auth, by, of) = (nodes[at % 2].clone(), Arc::clone(by), of.user.clone());
            let client = house.somewhere();
            async move {
                if at % 3 == 0 {
                    let request = DeleteUser {
                        confirmation: Some(of.email.clone()),
                        immediately: Some(at % 6 == 0),
                    };
                    let deleted = auth.delete_user(&by, &of.id, &request, &client).await;
                    return deleted.map(drop);
                }
                let disabling = Disabling {
                    reason: None,
                    seconds: (at % 2 == 0).then_some(3600),
                };
                auth.disable_user(&by, &of.id, &disabling, &client).await
            }
        })
        .await;

        for one in &done {
            assert!(!matches!(one, Err(ManageUserError::Fault(_))), "{one:?}");
        }
        let left = "select id from users where role = 'admin' and disabled_at is null and deletes_at is null";
        let left = house.console(left).await.len();
        assert!(left >= 1, "somebody looks after the portal");
        assert!(done.iter().any(Result::is_ok));
        for auth in nodes {
            auth.close().await;
        }
    }
);

fn named(first: Option<&str>, username: Option<&str>) -> ProfileChange {
    let text = |text: Option<&str>| Some(text.map(str::to_owned));
    let request = UpdateProfile {
        first_name: text(first),
        last_name: None,
        username: text(username),
    };
    request.check().expect("holds")
}

both!(
    names_are_changed_with_a_trace_and_seen_at_once,
    async |house| {
        let root = admin(house, ROOT).await;
        let signed_in = house.sign_up(ADA, Want::Page).await;
        let id = house.session_of(&signed_in).await.user.id.clone();
        let client = house.somewhere();

        // What a spreadsheet would run and what a database would, is a name like any other.
        for name in ["=cmd|' /C calc'!A0", "Robert'); drop table users;--"] {
            let change = named(Some(name), Some("countess"));
            let one = house.auth.update_user(&root, &id, &change, &client).await;
            assert_eq!(one.expect("changes").user.first_name.as_deref(), Some(name));
            let seen = house.session_of(&signed_in).await;
            assert_eq!(seen.user.first_name.as_deref(), Some(name));
        }
        let noted = details(house, "profile.updated").await;
        let replaced = r#""before":{"firstName":"=cmd"#;
        assert!(noted.iter().any(|row| row.contains(replaced)), "{noted:?}");
        let same = named(Some("Robert'); drop table users;--"), Some("countess"));
        house
            .auth
            .update_user(&root, &id, &same, &client)
            .await
            .expect("holds already");
        assert_eq!(details(house, "profile.updated").await.len(), 2);

        let bob = house.member(BOB).await;
        let taken = house
            .auth
            .update_user(&root, &bob.user.id, &named(None, Some("Countess")), &client)
            .await;
        let told: wire::Error = taken.expect_err("is refused").into();
        assert_eq!(
            (told.code, told.fields[0].code),
            (ErrorCode::Conflict, FieldCode::Taken)
        );
        let nobody = house.auth.draw_id();
        for id in ["", "none", &nobody] {
            let none = house.auth.update_user(&root, id, &same, &client).await;
            assert_eq!(code(none), ErrorCode::NotFound);
        }
    }
);

both!(
    every_order_of_the_list_leads_through_all_pages,
    async |house| {
        admin(house, ROOT).await;
        for at in 0..7 {
            house.member(&format!("m{at}@example.com")).await;
            house.advance(u64::from(at % 2 == 0));
        }
        let all = house
            .auth
            .list_users(&UserQuery::default())
            .await
            .expect("lists");
        assert_eq!(all.total, Some(8));
        for sort in UserSort::ALL {
            let whole = UserQuery {
                sort,
                ..UserQuery::default()
            };
            let whole = house.auth.list_users(&whole).await.expect("lists").users;
            let (mut seen, mut after) = (Vec::new(), None);
            for _ in 0..10 {
                let query = UserQuery {
                    sort,
                    limit: 3,
                    after,
                    ..UserQuery::default()
                };
                let page = house.auth.list_users(&query).await.expect("lists");
                seen.extend(page.users.into_iter().map(|user| user.id));
                after = page.next_cursor.as_deref().map(|cursor| {
                    wire::UserCursor::parse(sort, cursor).expect("reads as it was written")
                });
                if after.is_none() {
                    break;
                }
            }
            let ids: Vec<_> = whole.into_iter().map(|user| user.id).collect();
            assert_eq!(seen, ids, "{sort}");
        }
    }
);
