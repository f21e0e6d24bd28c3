//! Signing out: this session, the others, or all.

use auth::{RefreshError, SignIn, Want};
use wire::{Audience, ErrorCode, LogOutScope, Secret};

use crate::support::*;

const ADA: &str = "ada@example.com";

/// Three devices of ada's and one of bob's.
async fn devices(house: &House) -> (Vec<SignIn>, SignIn) {
    let mut ada = vec![house.sign_up(ADA, Want::Page).await];
    for _ in 0..2 {
        ada.push(house.log_in(ADA, PASSWORD).await.expect("signs in"));
    }
    (ada, house.sign_up("bob@example.com", Want::Page).await)
}

async fn live(house: &House, devices: &[SignIn]) -> Vec<bool> {
    let mut live = Vec::new();
    for device in devices {
        live.push(house.session(&cookie(device)).await.is_some());
    }
    live
}

both!(each_scope_ends_what_it_says, async |house| {
    for (scope, left) in [
        (LogOutScope::Local, [false, true, true]),
        (LogOutScope::Others, [true, false, false]),
        (LogOutScope::Global, [false, false, false]),
    ] {
        house.console("delete from users").await;
        let (ada, bob) = devices(house).await;
        let session = house.session(&cookie(&ada[0])).await.expect("lives");

        house
            .auth
            .log_out(&session, scope, &house.somewhere())
            .await
            .expect("ends");

        assert_eq!(live(house, &ada).await, left, "{scope:?}");
        assert!(
            house.session(&cookie(&bob)).await.is_some(),
            "nobody else's"
        );
        house.advance(HOUR);
    }
});

both!(
    tokens_of_an_ended_session_are_refused_at_once,
    async |house| {
        let (access, refresh) = tokens(house.sign_up(ADA, TOKENS).await);
        let session = house
            .auth
            .session_by_access_token(&access)
            .await
            .expect("lives");

        house
            .auth
            .log_out(&session, LogOutScope::Local, &house.somewhere())
            .await
            .expect("ends");

        assert_eq!(
            code(house.auth.session_by_access_token(&access).await),
            ErrorCode::TokenRevoked
        );
        let answer = house
            .auth
            .refresh(&refresh, Audience::PortalAndServices, &house.somewhere())
            .await;
        assert_eq!(code(answer), ErrorCode::TokenRevoked);
    }
);

both!(a_refresh_token_alone_signs_out, async |house| {
    let (access, refresh) = tokens(house.sign_up(ADA, TOKENS).await);
    let unknown = house
        .auth
        .log_out_by_refresh(&Secret::new("made up"), &house.somewhere())
        .await;
    assert!(matches!(unknown, Err(RefreshError::Unknown)));

    for _ in 0..2 {
        house
            .auth
            .log_out_by_refresh(&refresh, &house.somewhere())
            .await
            .expect("twice is no error");
    }
    assert_eq!(
        code(house.auth.session_by_access_token(&access).await),
        ErrorCode::TokenRevoked
    );
});

both!(signing_in_over_a_session_ends_it, async |house| {
    let (ada, bob) = devices(house).await;
    house
        .auth
        .end_session_by_cookie(&cookie(&ada[1]), &house.somewhere())
        .await
        .expect("ends");
    house
        .auth
        .end_session_by_cookie(&auth::CookieToken([9; 16]), &house.somewhere())
        .await
        .expect("none is no error");

    assert_eq!(live(house, &ada).await, [true, false, true]);
    assert!(house.session(&cookie(&bob)).await.is_some());
    let reasons = "select coalesce(revoked_reason, '-') from sessions order by revoked_reason";
    assert!(
        house
            .console(reasons)
            .await
            .contains(&"replaced".to_owned())
    );
});

both!(
    every_ended_session_is_published_in_the_same_breath,
    async |house| {
        let (ada, _) = devices(house).await;
        let session = house.session(&cookie(&ada[0])).await.expect("lives");
        house
            .auth
            .log_out(&session, LogOutScope::Global, &house.somewhere())
            .await
            .expect("ends");

        let mut published = house
            .console("select subject from revocations where kind = 'session'")
            .await;
        let mut ended: Vec<_> = ada.iter().map(|device| device.session_id.clone()).collect();
        published.sort();
        ended.sort();
        assert_eq!(published, ended);
    }
);

both!(signing_out_many_times_at_once_ends_it_once, async |house| {
    let signed_in = house.sign_up(ADA, Want::Page).await;
    let session = house.session(&cookie(&signed_in)).await.expect("lives");
    at_once(20, |_| {
        let (auth, session, client) = (house.auth.clone(), session.clone(), house.somewhere());
        async move {
            auth.log_out(&session, LogOutScope::Local, &client)
                .await
                .expect("is no error")
        }
    })
    .await;
    assert_eq!(
        house.console("select subject from revocations").await,
        [signed_in.session_id]
    );
});
