//! Revocation: who ended is refused within one poll, and a feed that is down ends nobody too early or too late.

use gatehouse_axum::{Gatehouse, Reason};
use serde_json::{Value, json};

use crate::portal::{FEED, FEED_KEYS, Instead, Portal};
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
async fn what_ended_is_refused_and_what_is_newer_is_not() {
    for (kind, id, more, reason_code) in [
        ("session", "session-of-ada", json!({}), "token_revoked"),
        (
            "key",
            "key-of-ada",
            json!({ "keyId": "key-of-ada" }),
            "token_revoked",
        ),
        ("subject", "ada", json!({}), "token_stale"),
        ("role", "user", json!({}), "token_stale"),
        (
            "tenant",
            "acme",
            json!({ "tenantId": "acme" }),
            "token_stale",
        ),
        ("all", "", json!({}), "token_stale"),
    ] {
        let portal = Portal::open().await;
        let app = service(&portal.gatehouse());
        let before = portal.token(&more);
        assert_eq!(me(&app, &before).await.status, 200, "{kind}");

        portal.end(kind, id);
        portal.pass(10);

        let answer = me(&app, &before).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (401, reason_code),
            "{kind}"
        );
        let newer = me(&app, &portal.token(&more)).await;
        assert_eq!(newer.status, 200, "{kind}: what was read afterwards stands");
        let other = me(
            &app,
            &portal.token(
                &json!({ "sub": "bob", "userId": "bob", "sid": "b", "epoch": 10, "role": "x" }),
            ),
        )
        .await;
        assert_eq!(
            other.status == 200,
            kind != "all",
            "{kind}: others are not meant"
        );
    }
}

#[tokio::test]
async fn claims_in_hand_are_judged_again() {
    let portal = Portal::open().await;
    let gatehouse = portal.gatehouse();
    let claims = gatehouse
        .verify(&portal.token(&json!({})))
        .await
        .expect("a good token");
    assert_eq!(gatehouse.recheck(&claims), Ok(()));

    portal.end("session", "session-of-ada");
    portal.pass(10);
    gatehouse.warm_up().await;

    assert_eq!(
        gatehouse.recheck(&claims).expect_err("ended").reason,
        Reason::Revoked
    );
    portal.pass(900);
    assert!(gatehouse.recheck(&claims).is_err());
}

#[tokio::test]
async fn nothing_is_known_before_the_first_document() {
    let portal = Portal::open().await;
    let app = service(&portal.gatehouse());
    portal.instead(FEED, Instead::Status(503));

    let answer = me(&app, &portal.token(&json!({}))).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (503, "revocations_unavailable")
    );

    portal.recovers();
    portal.pass(1);
    assert_eq!(me(&app, &portal.token(&json!({}))).await.status, 200);
}

#[tokio::test]
async fn a_feed_that_is_down_is_gone_on_without_until_max_stale() {
    let portal = Portal::open().await;
    let gatehouse = portal.gatehouse();
    assert_eq!(reason(&gatehouse, &portal.token(&json!({}))).await, None);
    portal.instead(FEED, Instead::Status(500));

    portal.pass(900);
    assert_eq!(reason(&gatehouse, &portal.token(&json!({}))).await, None);
    portal.pass(1);
    assert_eq!(
        reason(&gatehouse, &portal.token(&json!({}))).await,
        Some(Reason::Unavailable)
    );

    portal.recovers();
    portal.pass(10);
    assert_eq!(reason(&gatehouse, &portal.token(&json!({}))).await, None);
}

#[tokio::test]
async fn without_max_stale_it_goes_on_for_ever_and_without_a_feed_nobody_asks() {
    let portal = Portal::open().await;
    let for_ever = Gatehouse::new(portal.settings().max_stale(None)).expect("good settings");
    let without = Gatehouse::new(portal.settings().without_feed()).expect("good settings");
    assert_eq!(reason(&for_ever, &portal.token(&json!({}))).await, None);
    let asked = portal.count(FEED);
    assert_eq!(reason(&without, &portal.token(&json!({}))).await, None);
    assert_eq!(portal.count(FEED), asked);

    portal.instead(FEED, Instead::Status(500));
    portal.pass(1_000_000);
    assert_eq!(reason(&for_ever, &portal.token(&json!({}))).await, None);
}

#[tokio::test]
async fn a_token_of_a_portal_needs_its_change_number_even_without_a_feed() {
    let portal = Portal::open().await;
    let without = Gatehouse::new(portal.settings().without_feed()).expect("good settings");

    for epoch in [
        Value::Null,
        json!("null"),
        json!("10"),
        json!(-1),
        json!(1.5),
        json!([10]),
    ] {
        let token = portal.token(&json!({ "epoch": epoch }));
        assert_eq!(
            reason(&without, &token).await,
            Some(Reason::Invalid),
            "{epoch}"
        );
    }
}

#[tokio::test]
async fn a_document_nobody_should_believe_changes_nothing() {
    let portal = Portal::open().await;
    let gatehouse = portal.gatehouse();
    let token = portal.token(&json!({}));
    assert_eq!(reason(&gatehouse, &token).await, None);
    portal.end("all", "");
    let good = portal.document(10, &json!({}));
    let payload = json!({ "iss": portal.issuer, "stream": "first", "since": 0, "seq": 99, "issuedAt": portal.now(), "expiresAt": portal.now() + 30, "kids": [], "entries": [] });
    let forged = SigningKey::es256("feed-1").jws("gatehouse-revocations", &json!({}), &payload);
    let of_token_key = portal
        .inner
        .signing
        .jws("gatehouse-revocations", &json!({}), &payload);
    let foreign = portal.document(10, &json!({ "iss": "https://evil.example.com" }));
    let old = portal.document(10, &json!({ "issuedAt": 1, "expiresAt": 31 }));

    for bad in [
        forged,
        of_token_key,
        foreign,
        old,
        token.clone(),
        String::new(),
        format!("{good}x"),
        "x".repeat(400 * 1024),
    ] {
        portal.instead(FEED, Instead::Says(bad.clone()));
        portal.pass(10);
        assert_eq!(reason(&gatehouse, &token).await, None, "{}", bad.len());
    }

    portal.instead(FEED, Instead::Says(format!("{good}\n")));
    portal.pass(10);
    // The good one: signed 90 s ago by now, which is the oldest that is taken.
    assert_eq!(reason(&gatehouse, &token).await, Some(Reason::Stale));
}

#[tokio::test]
async fn a_feed_document_is_no_token_and_a_feed_key_signs_none() {
    let portal = Portal::open().await;
    let gatehouse = portal.gatehouse();
    let document = portal.document(0, &portal.claims(&json!({})));

    assert_eq!(reason(&gatehouse, &document).await, Some(Reason::Invalid));
}

#[tokio::test]
async fn a_restored_portal_counts_anew_and_forgets_nobody() {
    let portal = Portal::open().await;
    let gatehouse = portal.gatehouse();
    portal.end("session", "session-of-ada");
    let token = portal.token(&json!({ "epoch": 10 }));
    assert_eq!(reason(&gatehouse, &token).await, Some(Reason::Revoked));

    {
        let mut says = portal.says();
        (says.stream, says.seq, says.entries) = ("second".to_owned(), 3, Vec::new());
    }
    portal.pass(10);

    assert_eq!(
        reason(&gatehouse, &portal.token(&json!({ "sid": "new" }))).await,
        None
    );
    assert_eq!(
        reason(&gatehouse, &token).await,
        Some(Reason::Revoked),
        "an ended session stays ended"
    );
}

#[tokio::test]
async fn nothing_new_is_asked_for_by_its_tag() {
    let portal = Portal::open().await;
    let gatehouse = portal.gatehouse();
    for _ in 0..12 {
        assert_eq!(reason(&gatehouse, &portal.token(&json!({}))).await, None);
        portal.pass(10);
    }
    // 304 renews nothing: over two minutes it must have been loaded again and again to be still good.
    assert!(portal.count(FEED) >= 12);
    assert_eq!(portal.count(FEED_KEYS), 1);
}

#[tokio::test]
async fn a_service_polls_by_itself() {
    let portal = Portal::open().await;
    let settings = portal
        .settings()
        .poll_every(std::time::Duration::from_secs(1));
    let gatehouse = Gatehouse::new(settings).expect("good settings");
    let claims = gatehouse
        .verify(&portal.token(&json!({})))
        .await
        .expect("a good token");
    portal.end("session", "session-of-ada");

    // Two more, so that the first of them has been read.
    portal.until_asked(FEED, 3).await;

    assert_eq!(
        gatehouse.recheck(&claims).expect_err("ended").reason,
        Reason::Revoked
    );
}
