//! Tickets that open a WebSocket, once.

use auth::{Auth, Session, Want};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use wire::{Audience, ErrorCode, LogOutScope, Secret};

use crate::support::*;

const SERVICE: &str = "workflow-api";

async fn signed_in(house: &House) -> std::sync::Arc<Session> {
    house.sign_up("ada@example.com", Want::Page).await;
    let signed_in = house.log_in("ada@example.com", PASSWORD).await;
    let cookie = cookie(&signed_in.expect("signs in"));
    house.session(&cookie).await.expect("lives")
}

async fn ticket(auth: &Auth, session: &Session) -> Secret {
    let ticket = auth.issue_ws_ticket(session, None, &at("192.0.2.7")).await;
    ticket.expect("a ticket")
}

fn claims(token: &Secret) -> serde_json::Value {
    let part = token.reveal().split('.').nth(1).expect("a payload");
    let bytes = URL_SAFE_NO_PAD.decode(part).expect("base64url");
    serde_json::from_slice(&bytes).expect("JSON")
}

both!(
    a_ticket_becomes_a_token_of_its_session_for_the_services_alone,
    async |house| {
        let session = signed_in(house).await;
        let ticket = ticket(&house.auth, &session).await;
        house.advance(29);

        let token = house.auth.redeem_ws_ticket(&ticket, SERVICE).await;

        let claims = claims(&token.expect("is redeemed").access_token);
        assert_eq!(claims["sid"], session.id);
        assert_eq!(claims["aud"], serde_json::json!([SERVICE]));
        let again = house.auth.redeem_ws_ticket(&ticket, SERVICE).await;
        assert_eq!(code(again), ErrorCode::InvalidToken, "once");
    }
);

both!(a_token_does_not_prolong_itself_by_tickets, async |house| {
    let session = signed_in(house).await;
    let token = house.auth.access_token(&session, Audience::Services).await;
    let token = token.expect("a token").access_token;
    let end = &claims(&token)["exp"];
    house.advance(600);
    let by_token = house.auth.session_by_access_token(&token).await;
    let by_token = by_token.expect("lives");
    let ticket = ticket(&house.auth, &by_token).await;

    let next = house.auth.redeem_ws_ticket(&ticket, SERVICE).await;

    let next = next.expect("is redeemed").access_token;
    assert_eq!(&claims(&next)["exp"], end, "not a second later");
    // Nor in the last moment of its life.
    house.advance(270);
    let by_token = house.auth.session_by_access_token(&next).await;
    let last = self::ticket(&house.auth, &by_token.expect("lives")).await;
    house.advance(25);
    let late = house.auth.redeem_ws_ticket(&last, SERVICE).await;
    assert_eq!(code(late), ErrorCode::InvalidToken);
});

both!(a_ticket_is_late_after_half_a_minute, async |house| {
    let session = signed_in(house).await;
    let ticket = ticket(&house.auth, &session).await;
    house.advance(30);
    let late = house.auth.redeem_ws_ticket(&ticket, SERVICE).await;
    assert_eq!(code(late), ErrorCode::InvalidToken);
    house.advance(60);
    house.auth.tend().await.expect("tends");
    let kept = house.console("select session_id from ws_tickets").await;
    assert!(kept.is_empty());
});

both!(
    another_service_neither_opens_it_nor_uses_it_up,
    async |house| {
        let session = signed_in(house).await;
        let ticket = ticket(&house.auth, &session).await;
        for audience in ["", "billing", "WORKFLOW-API", "http://localhost:3000"] {
            let refused = house.auth.redeem_ws_ticket(&ticket, audience).await;
            assert_eq!(code(refused), ErrorCode::InvalidToken, "{audience}");
        }
        let made_up = Secret::new("A".repeat(43));
        let refused = house.auth.redeem_ws_ticket(&made_up, SERVICE).await;
        assert_eq!(code(refused), ErrorCode::InvalidToken);
        let token = house.auth.redeem_ws_ticket(&ticket, SERVICE).await;
        token.expect("still opens its own");

        let refused = house
            .auth
            .issue_ws_ticket(&session, Some("billing"), &house.somewhere())
            .await;
        assert_eq!(code(refused), ErrorCode::InvalidRequest);
        let named = house
            .auth
            .issue_ws_ticket(&session, Some(SERVICE), &house.somewhere())
            .await;
        named.expect("its own name is known");
    }
);

both!(a_ticket_ends_with_its_session, async |house| {
    let session = signed_in(house).await;
    let ticket = ticket(&house.auth, &session).await;
    house
        .auth
        .log_out(&session, LogOutScope::Local, &house.somewhere())
        .await
        .expect("signs out");
    let refused = house.auth.redeem_ws_ticket(&ticket, SERVICE).await;
    assert_eq!(code(refused), ErrorCode::InvalidToken);
});

both!(
    a_ticket_brings_the_rights_of_the_moment_it_is_redeemed,
    async |house| {
        let session = signed_in(house).await;
        let ticket = ticket(&house.auth, &session).await;
        house.console("update users set role = 'viewer'").await;
        let token = house.auth.redeem_ws_ticket(&ticket, SERVICE).await;
        let claims = claims(&token.expect("is redeemed").access_token);
        assert_eq!(claims["role"], "viewer");
        assert!(
            !claims["permissions"]
                .to_string()
                .contains("workflow:create")
        );
    }
);

both!(one_of_two_hundred_parallel_uses_wins, async |house| {
    let session = signed_in(house).await;
    let ticket = ticket(&house.auth, &session).await;
    let other = house.node(settings()).await;
    let answers = at_once(200, |n| {
        let (auth, ticket) = ([&house.auth, &other][n % 2].clone(), ticket.clone());
        async move { auth.redeem_ws_ticket(&ticket, SERVICE).await }
    })
    .await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    for refused in answers.into_iter().filter(Result::is_err) {
        assert_eq!(code(refused), ErrorCode::InvalidToken);
    }
});

both!(a_session_gets_sixty_tickets_a_minute, async |house| {
    let session = signed_in(house).await;
    for _ in 0..60 {
        ticket(&house.auth, &session).await;
    }
    let refused = house
        .auth
        .issue_ws_ticket(&session, None, &house.somewhere())
        .await;
    assert_eq!(code(refused), ErrorCode::RateLimited);
    house.advance(61);
    ticket(&house.auth, &session).await;
});

both!(a_ticket_is_stored_nowhere_as_it_is, async |house| {
    let session = signed_in(house).await;
    let ticket = ticket(&house.auth, &session).await;
    let hex = match house.is_shared() {
        true => "select encode(digest, 'hex') from ws_tickets",
        false => "select lower(hex(digest)) from ws_tickets",
    };
    let stored = house.console(hex).await;
    let plain: String = ticket
        .reveal()
        .bytes()
        .map(|b| format!("{b:02x}"))
        .collect();
    assert!(stored.len() == 1 && stored[0].len() == 64 && stored[0] != plain);
    let token = house.auth.access_token(&session, Audience::Services).await;
    let refused = house
        .auth
        .redeem_ws_ticket(&token.expect("a token").access_token, SERVICE)
        .await;
    assert_eq!(
        code(refused),
        ErrorCode::InvalidToken,
        "a token is no ticket"
    );
});
