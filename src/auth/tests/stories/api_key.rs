//! API keys, as their owners have them: made, rolled, suspended, reminded of, ended.

use auth::{LetterKind, RightsChange, SecurityChange, Session};
use wire::{
    ApiKeyChange, ApiKeyStatus, CreateApiKey, ErrorCode, MadeApiKey, NewApiKey, Paging, Permission,
    Secret,
};

use crate::invitation::admin;
use crate::support::*;

const ADA: &str = "ada@example.com";

/// A key that may do this.
pub(crate) fn key_for(permissions: &[&str]) -> NewApiKey {
    let wanted = CreateApiKey {
        name: "Nightly build".to_owned(),
        permissions: permissions.iter().map(|&name| name.to_owned()).collect(),
        ..CreateApiKey::default()
    };
    wanted.check().expect("in order")
}

/// A key of whoever is signed in.
pub(crate) async fn made(house: &House, session: &Session, wanted: &NewApiKey) -> MadeApiKey {
    let client = house.somewhere();
    let made = house.auth.create_api_key(session, wanted, &client).await;
    made.expect("is made")
}

/// What a key says where it is used: how it is refused, or nothing.
pub(crate) async fn refused(house: &House, key: &Secret) -> Option<String> {
    let used = house.auth.use_api_key(key, &house.somewhere()).await;
    used.err().map(|reason| reason.to_string())
}

both!(a_key_is_shown_once_and_kept_as_a_digest, async |house| {
    let session = house.member(ADA).await;
    house.letters().await;
    let key = made(house, &session, &key_for(&["workflow:read"])).await;

    let letter = house.letter().await;
    assert!(matches!(
        letter.kind,
        LetterKind::SecurityChange {
            change: SecurityChange::ApiKeyCreated,
            ..
        }
    ));
    let shown = key.key.reveal();
    assert!(shown.starts_with(&key.prefix) && shown.ends_with(&key.last4) && shown.len() == 81);
    let mut everything = String::new();
    for column in ["name", "prefix", "last4", "permissions"] {
        everything += &house
            .console(&format!("select {column} from api_keys"))
            .await
            .join(" ");
    }
    everything += &house
        .console("select detail from audit_log")
        .await
        .join(" ");
    assert!(!everything.contains(&shown[9..73]), "{everything}");
    assert!(!format!("{key:?}").contains(&shown[9..30]));
    let page = house.auth.list_api_keys(&session, &Paging::default()).await;
    let listed = page.expect("lists").items;
    assert_eq!(
        (listed[0].id.as_str(), listed[0].status),
        (key.id.as_str(), ApiKeyStatus::Active)
    );
});

both!(nobody_gives_a_key_what_they_do_not_hold, async |house| {
    let session = house.member(ADA).await;
    let client = house.somewhere();
    for (permission, refusal) in [
        ("user:manage", ErrorCode::InsufficientPermissions),
        ("workflow:fly", ErrorCode::InvalidRequest),
    ] {
        let wanted = key_for(&["workflow:read", permission]);
        let answer = house.auth.create_api_key(&session, &wanted, &client).await;
        assert_eq!(code(answer), refusal, "{permission}");
    }
    let key = made(house, &session, &key_for(&["workflow:read"])).await;
    let wider = ApiKeyChange {
        permissions: Some(vec![Permission::parse("user:manage").expect("one")]),
        ..ApiKeyChange::default()
    };
    let answer = house
        .auth
        .update_api_key(&session, &key.id, &wider, &client)
        .await;
    assert_eq!(code(answer), ErrorCode::InsufficientPermissions);
    // Whoever comes by a key makes none.
    let used = house
        .auth
        .use_api_key(&key.key, &client)
        .await
        .expect("opens");
    let answer = house
        .auth
        .create_api_key(&used.session, &key_for(&[]), &client)
        .await;
    assert_eq!(code(answer), ErrorCode::AuthenticationRequired);
});

both!(a_foreign_key_is_like_one_that_never_was, async |house| {
    let ada = house.member(ADA).await;
    let bob = house.member("bob@example.com").await;
    let key = made(house, &ada, &key_for(&[])).await;
    let client = house.somewhere();
    for id in [
        key.id.as_str(),
        "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000",
        "x",
        "",
    ] {
        let none = ErrorCode::NotFound;
        assert_eq!(
            code(house.auth.revoke_api_key(&bob, id, &client).await),
            none,
            "{id}"
        );
        assert_eq!(
            code(house.auth.roll_api_key(&bob, id, 0, &client).await),
            none,
            "{id}"
        );
        assert_eq!(
            code(house.auth.confirm_api_key(&bob, id, &client).await),
            none,
            "{id}"
        );
        assert_eq!(
            code(house.auth.take_over_api_key(&bob, id, &client).await),
            none,
            "{id}"
        );
        let change = ApiKeyChange::default();
        assert_eq!(
            code(house.auth.update_api_key(&bob, id, &change, &client).await),
            none,
            "{id}"
        );
        assert_eq!(
            house.auth.own_api_key(&bob, id).await.expect("answers"),
            None
        );
    }
    assert_eq!(refused(house, &key.key).await, None);
});

both!(two_hundred_at_once_do_not_get_past_the_cap, async |house| {
    let session = house.member(ADA).await;
    let auth = house.node(without_limits()).await;
    let answers = at_once(60, |_| {
        let (auth, session) = (auth.clone(), session.clone());
        async move {
            auth.create_api_key(&session, &key_for(&[]), &at("192.0.2.9"))
                .await
        }
    })
    .await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 50);
    for answer in answers.into_iter().filter(Result::is_err) {
        assert_eq!(code(answer), ErrorCode::Conflict);
    }
    // Rolling is no way round it.
    let page = auth
        .list_api_keys(&session, &Paging::default())
        .await
        .expect("lists");
    let id = &page.items[0].id;
    let answer = auth.roll_api_key(&session, id, 60, &at("192.0.2.9")).await;
    assert_eq!(code(answer), ErrorCode::Conflict);
    auth.roll_api_key(&session, id, 0, &at("192.0.2.9"))
        .await
        .expect("one for one");
});

both!(
    a_rolled_key_works_until_its_overlap_is_over,
    async |house| {
        let session = house.member(ADA).await;
        let old = made(house, &session, &key_for(&["workflow:read"])).await;
        let client = house.somewhere();

        let new = house
            .auth
            .roll_api_key(&session, &old.id, 3600, &client)
            .await;
        let new = new.expect("is rolled");

        assert_eq!(new.permissions, old.permissions);
        assert_ne!(new.key, old.key);
        assert_eq!(refused(house, &old.key).await, None);
        let again = house
            .auth
            .roll_api_key(&session, &old.id, 3600, &client)
            .await;
        assert_eq!(code(again), ErrorCode::Conflict, "once");
        house.advance(3599);
        assert_eq!(refused(house, &old.key).await, None);
        house.advance(1);
        assert_eq!(
            refused(house, &old.key).await.as_deref(),
            Some("the key has expired")
        );
        assert_eq!(refused(house, &new.key).await, None);

        let newest = house
            .auth
            .roll_api_key(&*house.other_device(ADA).await, &new.id, 0, &client)
            .await;
        newest.expect("is rolled");
        assert_eq!(
            refused(house, &new.key).await.as_deref(),
            Some("the key was revoked")
        );
    }
);

both!(
    a_reset_suspends_keys_until_their_owner_confirms_them,
    async |house| {
        let session = house.member(ADA).await;
        let key = made(house, &session, &key_for(&["workflow:read"])).await;
        house.letters().await;
        let (_, letter) = house.reset_letter(ADA).await;
        let request = with_token(&reset_token(&letter), OTHER_PASSWORD);
        house
            .auth
            .reset_password(request, &house.somewhere())
            .await
            .expect("is reset");

        let suspended = "the key is suspended until its owner confirms it";
        assert_eq!(refused(house, &key.key).await.as_deref(), Some(suspended));
        let again = house.log_in(ADA, OTHER_PASSWORD).await.expect("signs in");
        let session = house.session_of(&again).await;
        let client = house.somewhere();
        let told = house
            .console(
                "select cast(count(*) as text) from audit_log where action = 'api_key.suspended'",
            )
            .await;
        assert_eq!(told, ["1"]);
        house
            .auth
            .confirm_api_key(&session, &key.id, &client)
            .await
            .expect("is confirmed");
        assert_eq!(refused(house, &key.key).await, None);
    }
);

both!(
    a_key_stops_with_its_account_and_does_not_come_back_by_itself,
    async |house| {
        let session = house.member(ADA).await;
        let key = made(house, &session, &key_for(&[])).await;
        assert_eq!(refused(house, &key.key).await, None);
        house
            .auth
            .disable(&email(ADA), &at("127.0.0.1"))
            .await
            .expect("is disabled");
        assert!(refused(house, &key.key).await.is_some());
        house
            .auth
            .enable(&email(ADA), &at("127.0.0.1"))
            .await
            .expect("is enabled");
        assert!(refused(house, &key.key).await.is_some());
    }
);

both!(
    owners_are_told_a_week_and_a_day_before_the_end_once_each,
    async |house| {
        let session = house.member(ADA).await;
        let short = NewApiKey {
            days: Some(30),
            ..key_for(&[])
        };
        let key = made(house, &session, &short).await;
        house.letters().await;
        let mut told = Vec::new();
        for day in 0..32 {
            for _ in 0..2 {
                house.advance(61);
                house.auth.tend().await.expect("tends");
            }
            for letter in house.letters().await {
                if let LetterKind::ApiKeyEnding { hint, .. } = &letter.kind {
                    assert!(hint.ends_with(&key.last4));
                    told.push(day);
                }
            }
            house.advance(DAY - 122);
        }
        assert_eq!(told, [23, 29]);
    }
);

both!(
    whoever_changes_somebodys_rights_is_told_how_many_keys_it_touches,
    async |house| {
        let session = house.member(ADA).await;
        let root = admin(house, "root@example.com").await;
        let to_viewer = RightsChange {
            role: Some("viewer"),
            ..RightsChange::default()
        };
        let touched = async || {
            let preview = house
                .auth
                .preview_rights_of(Some(&root), &session.user.id, &to_viewer);
            preview.await.expect("is told").api_keys
        };
        assert_eq!(touched().await, 0);
        let one = made(house, &session, &key_for(&["workflow:read"])).await;
        made(house, &session, &key_for(&[])).await;
        assert_eq!(touched().await, 2);
        let client = house.somewhere();
        let ended = house.auth.revoke_api_key(&session, &one.id, &client);
        ended.await.expect("ends");
        assert_eq!(touched().await, 1, "one that is over is touched by nothing");
    }
);

both!(whoever_finds_a_key_can_end_it, async |house| {
    let session = house.member(ADA).await;
    let key = made(house, &session, &key_for(&[])).await;
    house.letters().await;
    let finder = house.somewhere();
    let made_up = wire::api_key_of(wire::KeyMode::Live, &[9; 32]);
    for reported in [&key.key, &key.key, &made_up] {
        let answer = house.auth.revoke_leaked_key(reported, &finder).await;
        answer.expect("the same whatever there was");
    }
    let answer = house
        .auth
        .revoke_leaked_key(&Secret::new("wks_live_x"), &finder)
        .await;
    assert_eq!(code(answer), ErrorCode::InvalidRequest);

    assert_eq!(
        refused(house, &key.key).await.as_deref(),
        Some("the key was revoked")
    );
    let letter = house.letter().await;
    assert!(matches!(
        letter.kind,
        LetterKind::SecurityChange {
            change: SecurityChange::ApiKeyLeaked,
            ..
        }
    ));
});
