//! Signing keys: published before they sign, kept until their last token has ended.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use auth::{Auth, Clock, Parts, RotateError, Want};
use serde_json::Value;
use wire::ErrorCode;

use crate::support::*;

/// The published set, as a verifier reads it.
fn published(auth: &Auth) -> Vec<Value> {
    let document: Value = serde_json::from_slice(&auth.jwks()).expect("JSON");
    document["keys"].as_array().expect("keys").clone()
}

fn kids(auth: &Auth) -> Vec<String> {
    published(auth)
        .iter()
        .map(|key| key["kid"].as_str().expect("a kid").to_owned())
        .collect()
}

/// Which key a token names.
fn kid_of(token: &wire::Secret) -> String {
    use base64::Engine;
    let header = token.reveal().split('.').next().expect("a header");
    let header = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(header)
        .expect("base64url");
    let header: Value = serde_json::from_slice(&header).expect("JSON");
    header["kid"].as_str().expect("a kid").to_owned()
}

async fn token(house: &House) -> wire::Secret {
    let client = house.somewhere();
    let signed_in = house
        .auth
        .log_in(credentials("ada@example.com", PASSWORD), TOKENS, &client)
        .await;
    tokens(signed_in.expect("signs in")).0
}

both!(
    the_set_holds_current_and_next_and_no_private_part,
    async |house| {
        let keys = published(&house.auth);
        assert_eq!(keys.len(), 2);
        for key in &keys {
            for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
                assert!(key.get(private).is_none(), "{private}");
            }
            assert_eq!(
                (&key["alg"], &key["use"], &key["kty"]),
                (&"ES256".into(), &"sig".into(), &"EC".into())
            );
        }
        let mut states: Vec<_> = house
            .auth
            .signing_keys()
            .await
            .expect("reads")
            .into_iter()
            .map(|key| key.state)
            .collect();
        states.sort_unstable();
        assert_eq!(states, ["current", "next"]);
    }
);

both!(
    the_first_rotation_is_at_once_and_the_second_a_quarter_of_an_hour_later,
    async |house| {
        house.sign_up("ada@example.com", Want::Page).await;
        let before = token(house).await;
        let rotated = house
            .auth
            .rotate_signing_keys(&at("127.0.0.1"))
            .await
            .expect("verifiers know the next");
        assert_eq!(rotated.state, "current");
        assert_ne!(kid_of(&before), rotated.kid);
        assert_eq!(kid_of(&token(house).await), rotated.kid);
        assert_eq!(published(&house.auth).len(), 3, "previous, current, next");
        assert!(
            house.auth.session_by_access_token(&before).await.is_ok(),
            "nobody is signed out"
        );

        house.advance(60);
        let too_soon = house.auth.rotate_signing_keys(&at("127.0.0.1")).await;
        assert!(
            matches!(too_soon, Err(RotateError::TooSoon(840))),
            "{too_soon:?}"
        );
        house.advance(840);
        house
            .auth
            .rotate_signing_keys(&at("127.0.0.1"))
            .await
            .expect("is known by now");
    }
);

/// A clock that moves a second with every look at it.
struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now_millis(&self) -> i64 {
        self.0.fetch_add(1000, Ordering::SeqCst)
    }
}

both!(
    keys_that_take_long_to_make_may_be_rotated_at_once_too,
    async |house| {
        house.console("delete from signing_keys").await;
        house.console("delete from leases").await;
        let parts = Parts {
            clock: Arc::new(Ticking(AtomicI64::new(1_767_225_600_000))),
            ..house.parts(settings()).await
        };
        let auth = Auth::open(parts).await.expect("opens");
        auth.rotate_signing_keys(&at("127.0.0.1"))
            .await
            .expect("the first next is in every set");
    }
);

both!(
    a_previous_key_leaves_only_after_its_last_token,
    async |house| {
        house.sign_up("ada@example.com", Want::Page).await;
        let last = token(house).await;
        let old = kid_of(&last);
        house
            .auth
            .rotate_signing_keys(&at("127.0.0.1"))
            .await
            .expect("rotates");

        house.advance(894);
        house.auth.tend().await.expect("tends");
        assert!(
            house.auth.session_by_access_token(&last).await.is_ok(),
            "its last second"
        );
        house.advance(1);
        assert_eq!(
            code(house.auth.session_by_access_token(&last).await),
            ErrorCode::TokenExpired
        );
        house.advance(69);
        house.auth.tend().await.expect("tends");
        assert!(kids(&house.auth).contains(&old));
        let previous = house.auth.signing_keys().await.expect("reads");
        let previous = previous
            .iter()
            .find(|key| key.kid == old)
            .expect("is listed");
        assert_eq!(
            (previous.state, previous.leaves_at),
            ("previous", Some(house.auth.now() + 1))
        );

        // The worker looks at keys every five seconds.
        house.advance(6);
        house.auth.tend().await.expect("tends");
        assert!(!kids(&house.auth).contains(&old));
        assert_eq!(published(&house.auth).len(), 2);
    }
);

both!(keys_rotate_on_schedule, async |house| {
    let first = kids(&house.auth);
    let current = |keys: Vec<auth::SigningKeyView>| {
        keys.into_iter()
            .find(|key| key.state == "current")
            .expect("there is one")
            .kid
    };
    let signing = current(house.auth.signing_keys().await.expect("reads"));
    house.advance(90 * DAY - 1);
    house.auth.tend().await.expect("tends");
    assert_eq!(
        current(house.auth.signing_keys().await.expect("reads")),
        signing,
        "not yet"
    );

    house.advance(6);
    house.auth.tend().await.expect("tends");
    let next = current(house.auth.signing_keys().await.expect("reads"));
    assert!(
        next != signing && first.contains(&next),
        "the one that was published all the time"
    );
    house.advance(6);
    house.auth.tend().await.expect("tends");
    assert_eq!(
        current(house.auth.signing_keys().await.expect("reads")),
        next,
        "once"
    );
});

both!(many_rotations_at_once_are_one, async |house| {
    let other = house.node(settings()).await;
    let answers = at_once(10, |n| {
        let auth = if n % 2 == 0 {
            house.auth.clone()
        } else {
            other.clone()
        };
        async move { auth.rotate_signing_keys(&at("127.0.0.1")).await }
    })
    .await;
    let done = answers.iter().filter(|answer| answer.is_ok()).count();
    assert_eq!(done, 1, "{answers:?}");
    for answer in answers {
        assert!(
            matches!(
                answer,
                Ok(_) | Err(RotateError::Busy | RotateError::TooSoon(_))
            ),
            "{answer:?}"
        );
    }
    assert_eq!(house.console("select kid from signing_keys").await.len(), 3);
});

both!(another_node_follows_a_rotation, async |house| {
    house.sign_up("ada@example.com", Want::Page).await;
    let other = house.node(settings()).await;
    house
        .auth
        .rotate_signing_keys(&at("127.0.0.1"))
        .await
        .expect("rotates");
    let fresh = token(house).await;
    assert!(
        other.session_by_access_token(&fresh).await.is_ok(),
        "it knew the next key"
    );

    house.advance(15 * MINUTE);
    house
        .auth
        .rotate_signing_keys(&at("127.0.0.1"))
        .await
        .expect("rotates");
    let newest = token(house).await;
    assert!(
        other.session_by_access_token(&newest).await.is_ok(),
        "it looks when it sees a new name"
    );
    assert_eq!(kids(&other), kids(&house.auth));

    house.advance(15 * MINUTE);
    house
        .auth
        .rotate_signing_keys(&at("127.0.0.1"))
        .await
        .expect("rotates");
    assert_ne!(kids(&other), kids(&house.auth));
    house.advance(6);
    house.auth.tend().await.expect("tends");
    other.tend().await.expect("tends");
    assert_eq!(
        kids(&other),
        kids(&house.auth),
        "its worker looks by itself"
    );
});
