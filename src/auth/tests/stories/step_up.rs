//! Stepping up (D26): ten minutes, one password, slowed down like a sign-in.

use auth::{Session, SteppedUp, Want};
use wire::{ErrorCode, Secret};

use crate::support::*;

/// Confirms with a password, from a network of its own.
async fn confirm(house: &House, session: &Session, password: &str) -> Result<SteppedUp, ErrorCode> {
    let client = house.somewhere();
    let confirmed = house
        .auth
        .step_up(session, &Secret::new(password), &client)
        .await;
    confirmed.map_err(|error| wire::Error::from(error).code)
}

both!(a_sign_in_counts_for_ten_minutes, async |house| {
    let cookie = cookie(&house.sign_up("ada@example.com", Want::Page).await);
    house.advance(600);
    let session = house.session(&cookie).await.expect("lives");
    assert!(house.auth.is_recent(&session), "its last second");

    house.advance(1);
    assert!(!house.auth.is_recent(&session));
});

both!(
    the_password_confirms_for_ten_minutes_and_renews_the_cookie,
    async |house| {
        let old = cookie(&house.sign_up("ada@example.com", Want::Page).await);
        let other_node = house.node(settings()).await;
        house.advance(HOUR);
        let session = house.session(&old).await.expect("lives");
        let known_elsewhere = other_node
            .session_by_cookie(&old, &house.somewhere())
            .await
            .expect("answers");
        assert!(known_elsewhere.is_some());
        assert!(!house.auth.is_recent(&session));

        let confirmed = confirm(house, &session, PASSWORD).await.expect("confirms");
        let new = confirmed.cookie.expect("a cookie");

        assert!(
            house.session(&old).await.is_none(),
            "the old cookie is dead"
        );
        let again = house.session(&new).await.expect("lives");
        assert_eq!(again.id, session.id, "the session goes on");
        assert!(house.auth.is_recent(&again));
        let elsewhere = other_node.session_by_cookie(&new, &house.somewhere()).await;
        assert!(other_node.is_recent(&elsewhere.expect("answers").expect("lives")));
        house.advance(601);
        assert!(!house.auth.is_recent(&again));
    }
);

both!(
    a_wrong_password_confirms_nothing_and_counts_like_a_sign_in,
    async |house| {
        let cookie = cookie(&house.sign_up("ada@example.com", Want::Page).await);
        house.advance(HOUR);
        let session = house.session(&cookie).await.expect("lives");
        let here = house.somewhere();

        let mut said = Vec::new();
        for _ in 0..6 {
            let wrong = Secret::new(OTHER_PASSWORD);
            said.push(code(house.auth.step_up(&session, &wrong, &here).await));
        }
        let right = house
            .auth
            .log_in(credentials("ada@example.com", PASSWORD), Want::Page, &here)
            .await;

        assert_eq!(said[..5], [ErrorCode::InvalidCredentials; 5]);
        assert_eq!(said[5], ErrorCode::RateLimited);
        assert_eq!(code(right), ErrorCode::RateLimited, "one counter for both");
        let session = house.session(&cookie).await.expect("lives");
        assert!(!house.auth.is_recent(&session));
        let refused = house
            .console("select cast(count(*) as varchar(20)) from audit_log where action = 'session.step_up' and outcome = 'refused'")
            .await;
        assert_eq!(refused, ["5"]);
    }
);

both!(
    confirming_often_locks_nobody_out_and_washes_nothing_clean,
    async |house| {
        let mut cookie = cookie(&house.sign_up("ada@example.com", Want::Page).await);
        let here = house.somewhere();
        for _ in 0..4 {
            let refused = house
                .auth
                .log_in(
                    credentials("ada@example.com", OTHER_PASSWORD),
                    Want::Page,
                    &here,
                )
                .await;
            assert_eq!(code(refused), ErrorCode::InvalidCredentials);
        }

        for _ in 0..20 {
            let session = house.session(&cookie).await.expect("lives");
            let confirmed = house
                .auth
                .step_up(&session, &Secret::new(PASSWORD), &here)
                .await;
            cookie = confirmed.expect("confirms").cookie.expect("a cookie");
        }
        let fifth = house
            .auth
            .log_in(
                credentials("ada@example.com", OTHER_PASSWORD),
                Want::Page,
                &here,
            )
            .await;
        let sixth = house
            .auth
            .log_in(credentials("ada@example.com", PASSWORD), Want::Page, &here)
            .await;

        assert_eq!(code(fifth), ErrorCode::InvalidCredentials);
        assert_eq!(
            code(sixth),
            ErrorCode::RateLimited,
            "the failures before it still count"
        );
    }
);

both!(a_session_that_has_ended_cannot_step_up, async |house| {
    let cookie = cookie(&house.sign_up("ada@example.com", Want::Page).await);
    let session = house.session(&cookie).await.expect("lives");
    house
        .auth
        .log_out(&session, wire::LogOutScope::Local, &house.somewhere())
        .await
        .expect("ends");

    let confirmed = confirm(house, &session, PASSWORD).await;

    assert_eq!(
        confirmed.map(|_| ()),
        Err(ErrorCode::AuthenticationRequired)
    );
    assert!(house.session(&cookie).await.is_none());
});

both!(
    an_account_without_password_signs_in_once_more_instead,
    async |house| {
        let cookie = cookie(&house.sign_up("ada@example.com", Want::Page).await);
        let session = house.session(&cookie).await.expect("lives");
        assert!(house.auth.has_password(&session).await.expect("answers"));
        house
            .console("update users set password_hash = null returning id")
            .await;

        assert!(!house.auth.has_password(&session).await.expect("answers"));
        for password in ["", PASSWORD] {
            let confirmed = confirm(house, &session, password).await;
            assert_eq!(confirmed.map(|_| ()), Err(ErrorCode::InvalidCredentials));
        }
    }
);

both!(
    a_session_of_tokens_steps_up_without_a_cookie,
    async |house| {
        let signed_in = house.sign_up("ada@example.com", TOKENS).await;
        let (access, _) = tokens(signed_in);
        house.advance(800);
        let session = house.auth.session_by_access_token(&access).await;
        let session = session.expect("lives");

        let confirmed = confirm(house, &session, PASSWORD).await.expect("confirms");

        assert!(confirmed.cookie.is_none());
        let session = house.auth.session_by_access_token(&access).await;
        assert!(house.auth.is_recent(&session.expect("lives")));
    }
);

both!(
    of_fifty_confirmations_at_once_one_cookie_lives,
    async |house| {
        let auth = house.node(without_limits()).await;
        let first = cookie(&house.sign_up("ada@example.com", Want::Page).await);
        let session = house.session(&first).await.expect("lives");

        let confirmed = at_once(50, |_| {
            let (auth, session, client) = (auth.clone(), session.clone(), house.somewhere());
            async move {
                auth.step_up(&session, &Secret::new(PASSWORD), &client)
                    .await
                    .ok()
                    .and_then(|confirmed| confirmed.cookie)
            }
        })
        .await;

        let mut alive = 0;
        for cookie in confirmed.iter().flatten() {
            let found = auth.session_by_cookie(cookie, &house.somewhere()).await;
            alive += usize::from(found.expect("answers").is_some());
        }
        assert_eq!(alive, 1);
    }
);

both!(
    the_next_token_after_a_step_up_says_when_and_how_it_was,
    async |house| {
        let claims = |token: &wire::Secret| -> serde_json::Value {
            use base64::Engine;
            let part = token.reveal().split('.').nth(1).expect("a payload");
            let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part);
            serde_json::from_slice(&bytes.expect("base64url")).expect("JSON")
        };
        let signed_in = house.sign_up("ada@example.com", TOKENS).await;
        let (access, refresh) = tokens(signed_in);
        let signed_in_at = claims(&access)["auth_time"].as_i64().expect("a time");
        house.advance(HOUR / 10);
        // As if it had begun by a mailed code: seen by a node that has not read it yet.
        house.console("update sessions set methods = 'email'").await;
        let other = house.node(settings()).await;
        let session = other.session_by_access_token(&access).await;
        let session = session.expect("lives");

        let password = wire::Secret::new(PASSWORD);
        let client = house.somewhere();
        let confirmed = other.step_up(&session, &password, &client).await;
        confirmed.expect("is confirmed");

        let audience = wire::Audience::Services;
        let pair = house.auth.refresh(&refresh, audience, &client).await;
        let next = claims(&pair.expect("is exchanged").access_token);
        assert_eq!(next["auth_time"], house.auth.now());
        assert!(house.auth.now() > signed_in_at);
        assert_eq!(next["amr"], serde_json::json!(["email", "pwd"]));
    }
);
