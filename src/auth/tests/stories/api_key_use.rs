//! API keys, where they are used: what they are worth, how often, and what is made from them.

use auth::{ApiKeyRefused, Auth};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use wire::{Audience, ErrorCode, KeyMode, NewApiKey, Secret, api_key_of};

use super::api_key::{key_for, made, refused};
use crate::support::*;

const ADA: &str = "ada@example.com";

fn claims(token: &Secret) -> serde_json::Value {
    let part = token.reveal().split('.').nth(1).expect("a payload");
    let bytes = URL_SAFE_NO_PAD.decode(part).expect("base64url");
    serde_json::from_slice(&bytes).expect("JSON")
}

async fn exchanged(house: &House, auth: &Auth, key: &Secret) -> Secret {
    let used = auth
        .use_api_key(key, &house.somewhere())
        .await
        .expect("opens");
    let token = auth.access_token(&used.session, Audience::Services).await;
    token.expect("a token").access_token
}

both!(
    a_key_is_worth_what_its_owner_is_worth_at_that_moment,
    async |house| {
        let session = house.member(ADA).await;
        let wanted = key_for(&["workflow:create", "workflow:read"]);
        let key = made(house, &session, &wanted).await;
        let used = house
            .auth
            .use_api_key(&key.key, &house.somewhere())
            .await
            .expect("opens");
        assert_eq!(
            used.session.user.permissions,
            ["workflow:create", "workflow:read"]
        );
        assert_eq!(used.session.user.role, "api");
        assert_eq!(used.session.user.id, session.user.id);
        assert!(
            !house.auth.is_recent(&used.session),
            "a key proves no factor"
        );

        house.console("update users set role = 'viewer'").await;

        // A node that has not looked yet; how soon the others look, `node` tells.
        let other = house.node(settings()).await;
        let used = other
            .use_api_key(&key.key, &house.somewhere())
            .await
            .expect("opens");
        assert_eq!(used.session.user.permissions, ["workflow:read"]);
    }
);

both!(
    what_is_not_written_as_a_key_is_refused_by_its_form,
    async |house| {
        let session = house.member(ADA).await;
        let key = made(house, &session, &key_for(&[])).await;
        let good = key.key.reveal().to_owned();
        for text in [
            String::new(),
            good.to_uppercase(),
            format!("{good} "),
            format!("{good}0"),
            good[..80].to_owned(),
            good.replace("wks_live_", "wks_test_"),
            "wks_live_' or 1=1 --".to_owned(),
            "x".repeat(100_000),
        ] {
            let said = refused(house, &Secret::new(text.clone())).await;
            assert_eq!(
                said.as_deref(),
                Some("the key is not written as a key is"),
                "{text:.40}"
            );
        }
        let test_key = api_key_of(KeyMode::Test, &[1; 32]);
        let said = refused(house, &test_key).await;
        assert!(said.is_some_and(|said| said.contains("other mode")));
    }
);

both!(
    made_up_keys_are_counted_and_a_neighbour_with_a_real_one_is_not_held_up,
    async |house| {
        let session = house.member(ADA).await;
        let key = made(house, &session, &key_for(&[])).await;
        let here = house.somewhere();
        for n in 0..100 {
            let answer = house
                .auth
                .use_api_key(&api_key_of(KeyMode::Live, &[n; 32]), &here)
                .await;
            assert_eq!(code(answer), ErrorCode::InvalidApiKey, "{n}");
        }
        let answer = house
            .auth
            .use_api_key(&api_key_of(KeyMode::Live, &[200; 32]), &here)
            .await;
        assert_eq!(code(answer), ErrorCode::RateLimited);
        house
            .auth
            .use_api_key(&key.key, &here)
            .await
            .expect("opens");
        house.advance(901);
        let answer = house
            .auth
            .use_api_key(&api_key_of(KeyMode::Live, &[201; 32]), &here)
            .await;
        assert_eq!(code(answer), ErrorCode::InvalidApiKey);
    }
);

both!(
    two_nodes_let_through_as_many_as_the_limit_says,
    async |house| {
        let session = house.member(ADA).await;
        let wanted = NewApiKey {
            rate_limit: 120,
            ..key_for(&[])
        };
        let key = made(house, &session, &wanted).await;
        let other = house.node(settings()).await;
        let answers = at_once(200, |n| {
            let (auth, key) = ([&house.auth, &other][n % 2].clone(), key.key.clone());
            async move { auth.use_api_key(&key, &at("192.0.2.9")).await }
        })
        .await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 120);
        for answer in answers {
            if let Err(refused) = answer {
                let quota = refused.quota().expect("says what is left");
                assert_eq!((quota.limit, quota.left), (120, 0));
                assert!((1..=3600).contains(&quota.reset));
                assert!(matches!(refused, ApiKeyRefused::UsedUp(..)));
            }
        }
        house.advance(3600);
        assert_eq!(refused(house, &key.key).await, None, "another hour");
    }
);

both!(a_token_made_from_a_key_ends_with_it, async |house| {
    let session = house.member(ADA).await;
    let short = NewApiKey {
        days: Some(1),
        ..key_for(&["workflow:read"])
    };
    let key = made(house, &session, &short).await;
    house.advance(DAY - 300);
    let token = exchanged(house, &house.auth, &key.key).await;
    let claims = claims(&token);
    assert_eq!(claims["keyId"], key.id);
    assert_eq!(claims["role"], "api");
    assert_eq!(claims["aud"], serde_json::json!(["workflow-api"]));
    assert!(claims.get("sid").is_none());
    assert_eq!(claims["permissions"], serde_json::json!(["workflow:read"]));
    let lives = claims["exp"].as_i64().expect("exp") - house.auth.now();
    assert_eq!(lives, 300, "no longer than the key");
    let by_token = house
        .auth
        .session_by_access_token(&token)
        .await
        .expect("is taken");
    assert_eq!(by_token.key_id(), Some(key.id.as_str()));

    house
        .auth
        .revoke_api_key(&*house.other_device(ADA).await, &key.id, &house.somewhere())
        .await
        .expect("is revoked");

    let late = house.auth.session_by_access_token(&token).await;
    assert_eq!(code(late), ErrorCode::TokenRevoked);
    let told = house
        .console("select subject from revocations where kind = 'key'")
        .await;
    assert_eq!(told, [key.id]);
});

both!(
    where_and_when_a_key_was_used_is_written_once_a_minute,
    async |house| {
        let session = house.member(ADA).await;
        let key = made(house, &session, &key_for(&[])).await;
        for _ in 0..5 {
            house
                .auth
                .use_api_key(&key.key, &at("192.0.2.44"))
                .await
                .expect("opens");
        }
        let query = "select last_used_address from api_keys where last_used_at is not null";
        let mut noted = Vec::new();
        for _ in 0..2000 {
            noted = house.console(query).await;
            if !noted.is_empty() {
                break;
            }
            tokio::task::yield_now().await;
        }
        assert_eq!(noted, ["192.0.2.44"]);
    }
);

both!(a_decision_for_a_key_is_about_the_key, async |house| {
    let session = house.member(ADA).await;
    let key = made(house, &session, &key_for(&["workflow:read"])).await;
    let used = house
        .auth
        .use_api_key(&key.key, &house.somewhere())
        .await
        .expect("opens");
    let question = |permission: &str, tenant: Option<&str>| wire::Question {
        permission: wire::Permission::parse(permission).expect("one"),
        tenant_id: tenant.map(str::to_owned),
        resource: None,
    };
    let questions = [
        question("workflow:read", None),
        question("workflow:create", None),
        question("user:manage", None),
        question(
            "workflow:read",
            Some("0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000"),
        ),
    ];
    let reasons = |decisions: Vec<wire::Decision>| -> Vec<_> {
        decisions.into_iter().map(|one| one.reason).collect()
    };
    let by_key = house
        .auth
        .decide(&used.session, &questions)
        .await
        .expect("decides");
    use wire::DecisionReason as R;
    assert_eq!(
        reasons(by_key),
        [
            R::GrantedByRole,
            R::KeyLacksPermission,
            R::NotHeld,
            R::NotAMember
        ]
    );
    let by_owner = house
        .auth
        .decide(&session, &questions[..2])
        .await
        .expect("decides");
    assert_eq!(reasons(by_owner), [R::GrantedByRole, R::GrantedByRole]);
});
