//! Signing keys: published before they sign, kept until their last token has ended.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use auth::{Auth, Clock, Parts, RevokeKeyError, RotateError, Want};
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
            .rotate_signing_keys(None, &at("127.0.0.1"))
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
        let too_soon = house.auth.rotate_signing_keys(None, &at("127.0.0.1")).await;
        assert!(
            matches!(too_soon, Err(RotateError::TooSoon(840))),
            "{too_soon:?}"
        );
        house.advance(840);
        house
            .auth
            .rotate_signing_keys(None, &at("127.0.0.1"))
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
        auth.rotate_signing_keys(None, &at("127.0.0.1"))
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
            .rotate_signing_keys(None, &at("127.0.0.1"))
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
        async move { auth.rotate_signing_keys(None, &at("127.0.0.1")).await }
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
    assert_eq!(
        house
            .console("select kid from signing_keys where purpose = 'token'")
            .await
            .len(),
        3
    );
});

both!(another_node_follows_a_rotation, async |house| {
    house.sign_up("ada@example.com", Want::Page).await;
    let other = house.node(settings()).await;
    house
        .auth
        .rotate_signing_keys(None, &at("127.0.0.1"))
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
        .rotate_signing_keys(None, &at("127.0.0.1"))
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
        .rotate_signing_keys(None, &at("127.0.0.1"))
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

/// The key of this state.
async fn key_that_is(auth: &Auth, state: &str) -> String {
    let keys = auth.signing_keys().await.expect("reads");
    let found = keys.into_iter().find(|key| key.state == state);
    found.expect("there is one").kid
}

both!(
    a_revoked_current_key_is_out_at_once_and_the_next_one_signs,
    async |house| {
        house.sign_up("ada@example.com", Want::Page).await;
        let client = house.somewhere();
        let signed_in = house
            .auth
            .log_in(credentials("ada@example.com", PASSWORD), TOKENS, &client)
            .await;
        let (before, refresh) = tokens(signed_in.expect("signs in"));
        let (old, next) = (
            key_that_is(&house.auth, "current").await,
            key_that_is(&house.auth, "next").await,
        );
        assert_eq!(kid_of(&before), old);

        let revoked = house.auth.revoke_signing_key(&old, None, &client).await;

        let revoked = revoked.expect("is taken out");
        assert_eq!(
            (revoked.was, revoked.current.as_str()),
            ("current", next.as_str())
        );
        assert!(!kids(&house.auth).contains(&old));
        assert_eq!(
            published(&house.auth).len(),
            2,
            "the current and a new next"
        );
        assert_eq!(
            code(house.auth.session_by_access_token(&before).await),
            ErrorCode::InvalidToken
        );
        let pair = house
            .auth
            .refresh(&refresh, wire::Audience::PortalAndServices, &client)
            .await
            .expect("nobody is signed out");
        assert_eq!(kid_of(&pair.access_token), next);
        let acts = "select detail from audit_log where action = 'signing_key.revoked'";
        let rows = house.console(acts).await;
        assert!(rows.len() == 1 && rows[0].contains(&old), "{rows:?}");

        let again = house.auth.revoke_signing_key(&old, None, &client).await;
        assert!(matches!(again, Err(RevokeKeyError::Unknown)), "{again:?}");
        let made_up = house.auth.revoke_signing_key("nobody", None, &client).await;
        assert!(matches!(made_up, Err(RevokeKeyError::Unknown)));
    }
);

both!(
    a_revoked_next_or_previous_key_leaves_the_current_one_alone,
    async |house| {
        let client = at("127.0.0.1");
        let first = key_that_is(&house.auth, "current").await;
        let next = key_that_is(&house.auth, "next").await;
        house
            .auth
            .revoke_signing_key(&next, None, &client)
            .await
            .expect("is taken out");
        assert_eq!(key_that_is(&house.auth, "current").await, first);
        assert_ne!(key_that_is(&house.auth, "next").await, next);
        let early = house.auth.rotate_signing_keys(None, &client).await;
        assert!(early.is_ok(), "it is as old as the first: {early:?}");

        assert_eq!(key_that_is(&house.auth, "previous").await, first);
        let revoked = house.auth.revoke_signing_key(&first, None, &client).await;
        assert_eq!(revoked.expect("is taken out").was, "previous");
        assert!(!kids(&house.auth).contains(&first));
        assert_eq!(published(&house.auth).len(), 2);
    }
);

both!(
    a_next_key_made_after_a_revocation_waits_its_quarter_of_an_hour,
    async |house| {
        let client = at("127.0.0.1");
        house.advance(HOUR);
        let next = key_that_is(&house.auth, "next").await;
        house
            .auth
            .revoke_signing_key(&next, None, &client)
            .await
            .expect("is taken out");
        let early = house.auth.rotate_signing_keys(None, &client).await;
        assert!(matches!(early, Err(RotateError::TooSoon(900))), "{early:?}");
    }
);

both!(one_of_many_revocations_at_once_does_it, async |house| {
    let other = house.node(settings()).await;
    let current = key_that_is(&house.auth, "current").await;
    let answers = at_once(20, |n| {
        let (current, auth) = (current.clone(), [&house.auth, &other][n % 2].clone());
        async move {
            auth.revoke_signing_key(&current, None, &at("127.0.0.1"))
                .await
        }
    })
    .await;
    assert_eq!(answers.iter().filter(|it| it.is_ok()).count(), 1);
    let alive = "select kid from signing_keys where removed_at is null and purpose = 'token'";
    assert_eq!(house.console(alive).await.len(), 2);
    assert_ne!(key_that_is(&house.auth, "current").await, current);
});

both!(
    keys_of_the_feed_are_published_apart_and_revoked_alike,
    async |house| {
        let document: Value = serde_json::from_slice(&house.auth.feed_jwks()).expect("JSON");
        let feed: Vec<_> = document["keys"].as_array().expect("keys").clone();
        assert_eq!(feed.len(), 2);
        let tokens = kids(&house.auth);
        let current = house.auth.feed_keys().await.expect("reads");
        let current = current.iter().find(|key| key.state == "current");
        let current = &current.expect("there is one").kid;
        assert!(!tokens.contains(current));

        let client = at("127.0.0.1");
        let revoked = house.auth.revoke_signing_key(current, None, &client).await;
        assert_eq!(revoked.expect("is taken out").purpose, "feed");
        assert_eq!(kids(&house.auth), tokens, "those of tokens stay");
        let now: Value = serde_json::from_slice(&house.auth.feed_jwks()).expect("JSON");
        assert!(!now.to_string().contains(current.as_str()));
    }
);
