//! Signing keys: rotation, and a portal that is down, slow, or says something else.

use gatehouse_axum::{Algorithm, Gatehouse, OtherIssuer, Reason};
use serde_json::{Value, json};

use crate::portal::{FEED, FEED_KEYS, Instead, JWKS, Portal};
use crate::service::{me, service};
use crate::sign::SigningKey;

async fn reason(gatehouse: &Gatehouse, token: &str) -> Option<Reason> {
    gatehouse
        .verify(token)
        .await
        .err()
        .map(|rejected| rejected.reason)
}

#[tokio::test]
async fn keys_are_fetched_once_for_many_tokens() {
    let portal = Portal::open().await;
    let gatehouse = portal.gatehouse();
    let token = portal.token(&json!({}));

    let all: Vec<_> = (0..200)
        .map(|_| {
            let (gatehouse, token) = (gatehouse.clone(), token.clone());
            tokio::spawn(async move { gatehouse.verify(&token).await.is_ok() })
        })
        .collect();
    for one in all {
        assert!(one.await.expect("no panic"));
    }

    assert_eq!(
        [JWKS, FEED, FEED_KEYS].map(|path| portal.count(path)),
        [1, 1, 1]
    );
}

#[tokio::test]
async fn tokens_are_taken_before_during_and_after_a_rotation() {
    let portal = Portal::open().await;
    let gatehouse = portal.gatehouse();
    let before = portal.token(&json!({}));
    assert_eq!(reason(&gatehouse, &before).await, None);

    portal.says().keys = vec![portal.inner.signing.jwk(), portal.inner.next.jwk()];
    portal.pass(30);
    let after = portal
        .inner
        .next
        .jws("JWT", &json!({}), &portal.claims(&json!({})));
    assert_eq!(reason(&gatehouse, &after).await, None);
    assert_eq!(reason(&gatehouse, &before).await, None);

    // An emergency: the old one is gone from the feed's list, while the cached set still has it.
    portal.says().kids = vec!["key-2".to_owned()];
    portal.pass(10);
    assert_eq!(reason(&gatehouse, &before).await, Some(Reason::Revoked));
    assert_eq!(reason(&gatehouse, &after).await, None);
}

#[tokio::test]
async fn invented_key_names_are_no_flood() {
    let portal = Portal::open().await;
    let gatehouse = portal.gatehouse();
    let invented =
        |n: u32| portal.token_with(&json!({}), &json!({ "kid": format!("invented-{n}") }));
    assert_eq!(reason(&gatehouse, &portal.token(&json!({}))).await, None);

    for n in 0..50 {
        assert_eq!(
            reason(&gatehouse, &invented(n)).await,
            Some(Reason::Invalid)
        );
    }
    assert_eq!(portal.count(JWKS), 1, "the set is only just loaded");

    portal.pass(30);
    for n in 0..50 {
        assert_eq!(
            reason(&gatehouse, &invented(n)).await,
            Some(Reason::Invalid)
        );
    }
    assert_eq!(portal.count(JWKS), 2);
}

#[tokio::test]
async fn a_key_the_feed_knows_and_we_do_not_is_our_trouble() {
    let portal = Portal::open().await;
    let app = service(&portal.gatehouse());
    let token = portal
        .inner
        .next
        .jws("JWT", &json!({}), &portal.claims(&json!({})));

    let answer = me(&app, &token).await;

    assert_eq!(
        (answer.status, answer.code().as_str()),
        (503, "keys_unavailable")
    );
    assert_eq!(answer.retry_after.as_deref(), Some("5"));
}

#[tokio::test]
async fn an_old_set_is_renewed_behind_the_back_of_a_request() {
    let portal = Portal::open().await;
    let gatehouse = Gatehouse::new(portal.settings().without_feed()).expect("good settings");
    assert_eq!(reason(&gatehouse, &portal.token(&json!({}))).await, None);

    // A portal that hangs delays nobody.
    portal.instead(JWKS, Instead::Hangs);
    portal.pass(601);
    assert_eq!(reason(&gatehouse, &portal.token(&json!({}))).await, None);
    portal.until_asked(JWKS, 2).await;
    assert_eq!(reason(&gatehouse, &portal.token(&json!({}))).await, None);
}

#[tokio::test]
async fn a_portal_that_stopped_is_not_needed_for_known_keys() {
    let portal = Portal::open().await;
    let gatehouse = portal.gatehouse();
    assert_eq!(reason(&gatehouse, &portal.token(&json!({}))).await, None);

    for path in [JWKS, FEED, FEED_KEYS] {
        portal.instead(path, Instead::Status(502));
    }
    portal.pass(700);

    assert_eq!(reason(&gatehouse, &portal.token(&json!({}))).await, None);
}

#[tokio::test]
async fn a_set_that_is_none_is_503_until_there_is_one() {
    let private = json!({ "keys": [{ "kty": "EC", "crv": "P-256", "kid": "key-1", "d": "AAAA" }] });
    let bodies = [
        "",
        "null",
        "{}",
        "[]",
        "<html>",
        r#"{"keys":{}}"#,
        r#"{"keys":[]}"#,
        r#"{"keys":[null,7,"x",{}]}"#,
        &private.to_string(),
    ];
    let mut ways: Vec<Instead> = bodies.map(|body| Instead::Says(body.to_owned())).into();
    ways.extend([500, 404, 301, 204].map(Instead::Status));
    ways.push(Instead::Redirects("/elsewhere"));
    ways.push(Instead::Floods(10 << 20));
    for instead in ways {
        let portal = Portal::open().await;
        let app = service(&portal.gatehouse());
        portal.instead(JWKS, instead);

        let answer = me(&app, &portal.token(&json!({}))).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (503, "keys_unavailable")
        );
        assert_eq!(answer.challenge, None, "503 signs nobody out");

        portal.recovers();
        portal.pass(1);
        assert_eq!(me(&app, &portal.token(&json!({}))).await.status, 200);
    }
}

/// After the 5 s that a portal has for an answer: the one test here that takes its time.
#[tokio::test]
async fn a_portal_that_never_answers_is_given_up() {
    let portal = Portal::open().await;
    for path in [JWKS, FEED, FEED_KEYS] {
        portal.instead(path, Instead::Hangs);
    }

    let answer = me(&service(&portal.gatehouse()), &portal.token(&json!({}))).await;

    assert_eq!(answer.status, 503);
}

#[tokio::test]
async fn a_request_that_hangs_up_ends_nothing_for_others() {
    let portal = Portal::open().await;
    portal.instead(JWKS, Instead::Hangs);
    let gatehouse = Gatehouse::new(portal.settings().without_feed()).expect("good settings");
    let first = tokio::spawn({
        let (gatehouse, token) = (gatehouse.clone(), portal.token(&json!({})));
        async move { gatehouse.verify(&token).await.is_ok() }
    });
    portal.until_asked(JWKS, 1).await;

    first.abort();
    assert!(first.await.is_err_and(|error| error.is_cancelled()));

    // Still under way: the next one waits for the same and asks for nothing.
    let next = gatehouse.warm_up();
    tokio::select! {
        biased;
        () = next => panic!("nothing was loaded yet"),
        () = tokio::task::yield_now() => {}
    }
    assert_eq!(portal.count(JWKS), 1);
}

#[tokio::test]
async fn each_algorithm_is_taken_where_it_is_expected_and_nowhere_else() {
    let portal = Portal::open().await;
    let kinds = [
        (Algorithm::Es256, SigningKey::es256("es")),
        (Algorithm::EdDsa, SigningKey::ed_dsa("ed")),
        (Algorithm::Rs256, SigningKey::rs256("rs")),
    ];
    portal.says().keys = kinds.iter().map(|(_, key)| key.jwk()).collect();
    portal.says().kids = ["es", "ed", "rs"].map(str::to_owned).into();
    for (expected, _) in &kinds {
        let gatehouse =
            Gatehouse::new(portal.settings().algorithms([*expected])).expect("good settings");
        for (algorithm, key) in &kinds {
            let token = key.jws("JWT", &json!({}), &portal.claims(&json!({})));
            let taken = reason(&gatehouse, &token).await.is_none();
            assert_eq!(
                taken,
                algorithm == expected,
                "{algorithm:?} where {expected:?} is expected"
            );
        }
    }
}

#[tokio::test]
async fn another_issuer_stands_beside_the_portal() {
    let (portal, clerk) = (Portal::open().await, Portal::open().await);
    let other = OtherIssuer::new(&clerk.issuer, format!("{}{JWKS}", clerk.issuer))
        .algorithms([Algorithm::Es256])
        .authorized_parties(["https://app.example.com"])
        .read_with(|payload, mut claims| {
            claims.user_id = format!("clerk:{}", claims.user_id);
            claims.permissions = vec![payload.get("plan")?.as_str()?.to_owned()];
            Some(claims)
        });
    let gatehouse = Gatehouse::new(portal.settings().also_trust(other)).expect("good settings");
    let of_clerk = |more: &Value| {
        let base = json!({ "azp": "https://app.example.com", "plan": "gold", "permissions": ["admin:all"], "epoch": null });
        clerk.token(&crate::sign::merged(&base, more))
    };

    let claims = gatehouse
        .verify(&of_clerk(&json!({})))
        .await
        .expect("a good token");
    assert_eq!(
        (claims.user_id.as_str(), claims.permissions),
        ("clerk:ada", vec!["gold".to_owned()])
    );
    assert_eq!(claims.role, "user");
    assert_eq!(clerk.count(FEED), 0, "it has no feed");

    assert_eq!(reason(&gatehouse, &portal.token(&json!({}))).await, None);
    for no in [
        json!({ "azp": "https://evil.example.com" }),
        json!({ "azp": null }),
        json!({ "plan": null }),
        json!({ "iss": portal.issuer }),
    ] {
        assert_eq!(
            reason(&gatehouse, &of_clerk(&no)).await,
            Some(Reason::Invalid),
            "{no}"
        );
    }
    // Neither can speak for the other.
    let impostor = portal
        .token(&json!({ "iss": clerk.issuer, "azp": "https://app.example.com", "plan": "gold" }));
    assert_eq!(reason(&gatehouse, &impostor).await, Some(Reason::Invalid));
}
