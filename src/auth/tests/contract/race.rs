//! Races between flows, brought about by hand: one side is held where it hurts most.

use std::time::Duration;

use wire::{Audience, Credentials, Email, Identifier, NewAccount, Password, Secret};

use super::*;
use crate::client::Client;
use crate::store::{Connection, NewOneTimeToken};
use crate::{TestClock, TokenError, VerifyEmail, VerifyEmailError, Want};

const PASSWORD: &str = "three wet otters sing";

fn account(email: &str) -> NewAccount {
    NewAccount {
        email: Email::parse(email).expect("an address"),
        password: Password::claimed(PASSWORD),
        username: None,
        first_name: None,
        last_name: None,
    }
}

fn credentials(email: &str) -> Credentials {
    Credentials {
        identifier: Identifier::Email(Email::parse(email).expect("an address")),
        password: Password::claimed(PASSWORD),
    }
}

/// Waits until somebody waits for what a transaction holds. SQLite does not say; there a moment must
/// do, and too short a one can only make a test pass.
pub(super) async fn somebody_waits_for(store: &Store, held: &mut Tx) {
    let Connection::Postgres(c) = held.connection() else {
        return tokio::time::sleep(Duration::from_millis(100)).await;
    };
    let pid: i32 = sqlx::query_scalar("select pg_backend_pid()")
        .fetch_one(c)
        .await
        .expect("a number");
    let waiting =
        format!("select count(*) from pg_stat_activity where {pid} = any(pg_blocking_pids(pid))");
    for _ in 0..500 {
        if number(store, &waiting).await > 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("nobody waits");
}

both!(
    a_sign_in_beside_a_disabling_does_not_outlive_it,
    async |store| {
        let auth = auth_on(store, Arc::new(TestClock::new())).await;
        let user = auth
            .create_admin(account("ada@example.com"))
            .await
            .expect("is made");

        let mut disabling = store.write().await.expect("a transaction");
        assert!(
            disabling
                .set_disabled(&user.id, Some(NOW))
                .await
                .expect("runs")
        );
        let ended = disabling
            .set_sessions_revoked(&user.id, None, NOW, "disabled")
            .await
            .expect("runs");
        assert!(ended.is_empty());
        let signing_in = tokio::spawn({
            let auth = auth.clone();
            async move {
                auth.log_in(
                    credentials("ada@example.com"),
                    Want::Page,
                    &Client::operator(),
                )
                .await
            }
        });
        somebody_waits_for(store, &mut disabling).await;
        disabling.commit().await.expect("commits");

        // Refused; or let in before, and ended by the disabling. Never: let in, and back when enabled.
        if let Ok(signed_in) = signing_in.await.expect("no panic") {
            let mut enabling = store.write().await.expect("a transaction");
            enabling.set_disabled(&user.id, None).await.expect("runs");
            enabling.commit().await.expect("commits");
            let session = enabling_sees(&auth, &signed_in).await;
            assert!(!session, "the session came back with the account");
        }
    }
);

async fn enabling_sees(auth: &Auth, signed_in: &crate::SignIn) -> bool {
    let cookie = signed_in.cookie.expect("a cookie");
    let session = auth.session_by_cookie(&cookie, &Client::operator()).await;
    session.expect("answers").is_some()
}

both!(
    a_token_older_than_a_change_of_rights_is_stale,
    async |store| {
        let clock = Arc::new(TestClock::new());
        let auth = auth_on(store, Arc::clone(&clock) as Arc<dyn Clock>).await;
        let user = auth
            .create_admin(account("ada@example.com"))
            .await
            .expect("is made");
        let want = Want::Tokens(Audience::PortalAndServices);
        let client = Client::operator();
        let tokens = auth
            .log_in(credentials("ada@example.com"), want, &client)
            .await
            .expect("signs in")
            .tokens
            .expect("tokens");
        assert!(
            auth.session_by_access_token(&tokens.access.access_token)
                .await
                .is_ok()
        );

        for (kind, subject) in [
            ("subject", user.id.as_str()),
            ("role", "admin"),
            ("all", ""),
        ] {
            let fresh = auth_on(store, Arc::clone(&clock) as Arc<dyn Clock>).await;
            let session = fresh
                .session_by_access_token(&tokens.access.access_token)
                .await;
            assert!(kind == "subject" || matches!(session, Err(TokenError::Stale)));
            let mut tx = store.write().await.expect("a transaction");
            tx.add_revocation(kind, subject, NOW, NOW + 960)
                .await
                .expect("adds");
            tx.commit().await.expect("commits");
        }
        let fresh = auth_on(store, clock).await;
        let refused = fresh
            .session_by_access_token(&tokens.access.access_token)
            .await;
        let error = refused.expect_err("is older than its rights");
        assert_eq!(wire::Error::from(error).code, wire::ErrorCode::TokenStale);

        let refresh = tokens.refresh.expect("a refresh token");
        let pair = fresh
            .refresh(&refresh, Audience::PortalAndServices, &client)
            .await
            .expect("reads rights anew");
        assert!(
            fresh
                .session_by_access_token(&pair.access_token)
                .await
                .is_ok()
        );
    }
);

both!(a_change_of_others_makes_nothing_stale, async |store| {
    let clock = Arc::new(TestClock::new());
    let auth = auth_on(store, Arc::clone(&clock) as Arc<dyn Clock>).await;
    auth.create_admin(account("ada@example.com"))
        .await
        .expect("is made");
    let want = Want::Tokens(Audience::PortalAndServices);
    let signed_in = auth
        .log_in(credentials("ada@example.com"), want, &Client::operator())
        .await;
    let token = signed_in
        .expect("signs in")
        .tokens
        .expect("tokens")
        .access
        .access_token;
    let mut tx = store.write().await.expect("a transaction");
    for (kind, subject) in [
        ("subject", "somebody"),
        ("role", "viewer"),
        ("session", "other"),
    ] {
        tx.add_revocation(kind, subject, NOW, NOW + 960)
            .await
            .expect("adds");
    }
    tx.commit().await.expect("commits");

    let fresh = auth_on(store, clock).await;
    assert!(fresh.session_by_access_token(&token).await.is_ok());
});

both!(
    a_secret_of_a_registration_that_is_gone_opens_nothing,
    async |store| {
        // What a worker leaves behind that wrote a letter while the registration was being finished.
        let auth = auth_on(store, Arc::new(TestClock::new())).await;
        let token = Secret::new("a token");
        let mut tx = store.write().await.expect("a transaction");
        tx.add_one_time_token(&NewOneTimeToken {
            digest: crate::TokenDigest::of(&token).as_bytes(),
            purpose: "verify_email",
            subject: "gone",
            code_digest: None,
            code_expires_at: None,
            now: NOW,
            expires_at: NOW + 100,
        })
        .await
        .expect("adds");
        tx.commit().await.expect("commits");

        let finish = VerifyEmail {
            proof: wire::Proof::Token(token),
            flow: None,
            password: Some(Secret::new(PASSWORD)),
        };
        let refused = auth
            .verify_email(finish, Want::Page, &Client::operator())
            .await;
        assert!(matches!(refused, Err(VerifyEmailError::Link)));
    }
);

both!(
    a_database_that_is_gone_is_said_without_detail,
    async |store| {
        let auth = auth_on(store, Arc::new(TestClock::new())).await;
        store.close().await;

        let error = auth
            .log_in(
                credentials("ada@example.com"),
                Want::Page,
                &Client::operator(),
            )
            .await;
        let world = wire::Error::from(error.expect_err("there is no database"));
        assert_eq!(world, wire::ErrorCode::DatabaseUnavailable.into());
        assert!(world.retry_after.is_some() && world.to_string() == "database_unavailable");
    }
);
