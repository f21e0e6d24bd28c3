//! Resets, held where it hurts most.

use wire::{Email, NewAccount, Password, Proof, Secret};

use super::race::somebody_waits_for;
use super::*;
use crate::client::Client;
use crate::store::{NewOneTimeToken, ResetRow};
use crate::{ResetPassword, ResetPasswordError, TestClock, TokenDigest};

const ADA: &str = "ada@example.com";

/// An account, and a reset link for it. The account's id.
async fn account_with_link(auth: &Auth, store: &Store, token: &Secret) -> String {
    let account = NewAccount {
        email: Email::parse(ADA).expect("an address"),
        password: Password::claimed("three wet otters sing"),
        username: None,
        first_name: None,
        last_name: None,
    };
    let user = auth.create_admin(account).await.expect("is made");
    let mut tx = store.write().await.expect("a transaction");
    tx.add_reset(&ResetRow {
        id: "w1".to_owned(),
        email: ADA.to_owned(),
        flow_digest: None,
        tries: 0,
        created_at: auth.now(),
        expires_at: auth.now() + 1000,
    })
    .await
    .expect("adds");
    tx.add_one_time_token(&NewOneTimeToken {
        digest: TokenDigest::of(token).as_bytes(),
        purpose: "reset_password",
        subject: "w1",
        code_digest: None,
        code_expires_at: None,
        now: auth.now(),
        expires_at: auth.now() + 1000,
    })
    .await
    .expect("adds");
    tx.commit().await.expect("commits");
    user.id
}

fn reset(token: &Secret) -> ResetPassword {
    ResetPassword {
        proof: Proof::Token(token.clone()),
        flow: None,
        password: Password::claimed("grey lamps hum softly"),
    }
}

both!(
    an_account_disabled_while_the_hash_is_computed_keeps_its_password,
    async |store| {
        let auth = auth_on(store, Arc::new(TestClock::new())).await;
        let token = Secret::new("a token");
        let user = account_with_link(&auth, store, &token).await;
        let before = number(store, "select count(*) from password_history").await;

        let mut disabling = store.write().await.expect("a transaction");
        disabling
            .set_disabled(&user, Some(auth.now()))
            .await
            .expect("runs");
        let resetting = tokio::spawn({
            let (auth, reset) = (auth.clone(), reset(&token));
            async move { auth.reset_password(reset, &Client::operator()).await }
        });
        somebody_waits_for(store, &mut disabling).await;
        disabling.commit().await.expect("commits");

        let refused = resetting.await.expect("no panic");
        assert!(matches!(refused, Err(ResetPasswordError::Link)));
        let after = number(store, "select count(*) from password_history").await;
        assert_eq!(before, after);
    }
);

both!(a_full_hash_queue_uses_nothing_up, async |store| {
    let auth = auth_on(store, Arc::new(TestClock::new())).await;
    let token = Secret::new("a token");
    account_with_link(&auth, store, &token).await;
    // All permits are held, and all who may wait for one wait.
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let mut held = Vec::new();
    for _ in 0..cores {
        held.push(auth.hasher().permit(&Client::operator()).await);
    }
    let waiting: Vec<_> = (0..128)
        .map(|n| {
            let auth = auth.clone();
            tokio::spawn(async move {
                let address = format!("192.0.2.{n}").parse().expect("an address");
                drop(
                    auth.hasher()
                        .permit(&Client::new(address, "test", "r"))
                        .await,
                );
            })
        })
        .collect();
    while auth.hasher().waiting() < 128 {
        tokio::task::yield_now().await;
    }

    let refused = auth
        .reset_password(reset(&token), &Client::operator())
        .await;

    assert!(matches!(refused, Err(ResetPasswordError::Overloaded(_))));
    drop(held);
    futures::future::join_all(waiting).await;
    auth.reset_password(reset(&token), &Client::operator())
        .await
        .expect("as if nothing had been");
});
