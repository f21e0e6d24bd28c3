//! API keys: exchanged once, shared, bounded, and ended by the feed.

use gatehouse_axum::{Gatehouse, Reason};
use serde_json::{Value, json};

use crate::portal::{EXCHANGE, FEED, Instead, Portal};
use crate::service::{get_with, service};

const KEY: &str =
    "wks_live_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef83f4b962";

/// A key of what stands before its checksum.
fn written(before: &str) -> String {
    let step = |crc: u32| (crc >> 1) ^ (0xEDB8_8320 * (crc & 1));
    let crc = before.bytes().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| step(crc))
    });
    format!("{before}{:08x}", !crc)
}

async fn with_key() -> Portal {
    let portal = Portal::open().await;
    let claims = json!({ "keyId": "key-of-ada", "permissions": ["workflow:read"] });
    portal.says().api_keys.insert(KEY.to_owned(), claims);
    portal
}

async fn reason(gatehouse: &Gatehouse, key: &str) -> Option<Reason> {
    gatehouse
        .verify_api_key(key)
        .await
        .err()
        .map(|rejected| rejected.reason)
}

#[tokio::test]
async fn a_key_is_exchanged_once_and_then_known() {
    let portal = with_key().await;
    let gatehouse = portal.gatehouse();

    let claims = gatehouse.verify_api_key(KEY).await.expect("a good key");
    assert_eq!(
        (claims.role.as_str(), claims.email.as_str()),
        ("api", "api@system")
    );
    assert_eq!(claims.key_id.as_deref(), Some("key-of-ada"));
    for _ in 0..20 {
        assert_eq!(reason(&gatehouse, KEY).await, None);
    }

    assert_eq!(portal.count(EXCHANGE), 1);
    let answer = get_with(&service(&gatehouse), "/me", &[("x-api-key", KEY)]).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, "ada"));
}

#[tokio::test]
async fn many_at_once_share_one_exchange() {
    let portal = with_key().await;
    let gatehouse = portal.gatehouse();

    let all: Vec<_> = (0..200)
        .map(|_| {
            let gatehouse = gatehouse.clone();
            tokio::spawn(async move { gatehouse.verify_api_key(KEY).await.is_ok() })
        })
        .collect();
    for one in all {
        assert!(one.await.expect("no panic"));
    }

    assert_eq!(portal.count(EXCHANGE), 1);
}

#[tokio::test]
async fn a_revoked_key_is_refused_within_a_poll() {
    let portal = with_key().await;
    let gatehouse = portal.gatehouse();
    assert_eq!(reason(&gatehouse, KEY).await, None);

    portal.end("key", "key-of-ada");
    portal.says().api_keys.clear();
    portal.pass(10);

    let answer = get_with(&service(&gatehouse), "/me", &[("x-api-key", KEY)]).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (401, "invalid_api_key")
    );
}

#[tokio::test]
async fn changed_rights_of_the_owner_are_fetched_anew() {
    let portal = with_key().await;
    let gatehouse = portal.gatehouse();
    assert!(
        gatehouse
            .verify_api_key(KEY)
            .await
            .expect("a good key")
            .may("workflow:read")
    );

    portal.end("subject", "ada");
    portal.says().api_keys.insert(
        KEY.to_owned(),
        json!({ "keyId": "key-of-ada", "permissions": [] }),
    );
    portal.pass(10);

    let claims = gatehouse
        .verify_api_key(KEY)
        .await
        .expect("still a good key");
    assert!(!claims.may("workflow:read"));
    assert_eq!(portal.count(EXCHANGE), 2);
}

#[tokio::test]
async fn a_wrong_key_is_refused_for_a_while_without_asking() {
    let portal = with_key().await;
    let gatehouse = portal.gatehouse();
    // Well formed, and made by nobody: its checksum is right.
    let wrong = format!("wks_live_{}0d8d4ada", "f".repeat(64));

    for _ in 0..5 {
        assert_eq!(reason(&gatehouse, &wrong).await, Some(Reason::Invalid));
    }
    assert_eq!(portal.count(EXCHANGE), 1);
    portal.pass(10);
    assert_eq!(reason(&gatehouse, &wrong).await, Some(Reason::Invalid));
    assert_eq!(portal.count(EXCHANGE), 2);
}

#[tokio::test]
async fn what_cannot_be_a_key_is_not_asked_about() {
    let portal = with_key().await;
    let gatehouse = portal.gatehouse();

    for no in [
        "",
        "short",
        "0123456789abcde",
        "0123456789abcdef!",
        "0123456789 abcdef",
        "ключключключключ",
        &"a".repeat(257),
        &KEY.replace("0123", "0124"),
        &KEY.to_uppercase(),
        &KEY.replace("live", "test"),
        &format!("{KEY}0"),
    ] {
        let rejected = gatehouse.verify_api_key(no).await.expect_err("no key");
        assert_eq!(rejected.code, "invalid_api_key", "{no}");
    }
    assert_eq!(portal.count(EXCHANGE), 0);
    let without = Gatehouse::new(portal.settings().without_api_keys()).expect("good settings");
    assert_eq!(reason(&without, KEY).await, Some(Reason::Invalid));
    assert_eq!(portal.count(EXCHANGE), 0);
}

#[tokio::test]
async fn a_portal_that_cannot_say_is_503_and_what_it_said_last_holds_to_its_end() {
    let portal = with_key().await;
    let gatehouse = portal.gatehouse();
    portal.instead(EXCHANGE, Instead::Status(500));
    let answer = get_with(&service(&gatehouse), "/me", &[("x-api-key", KEY)]).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (503, "exchange_unavailable")
    );

    portal.recovers();
    assert_eq!(reason(&gatehouse, KEY).await, None);
    portal.instead(EXCHANGE, Instead::Status(500));
    // 10 s before its end: too late to be kept without asking, and nobody answers.
    portal.pass(885);
    assert_eq!(reason(&gatehouse, KEY).await, None);
    portal.pass(10);
    assert_eq!(reason(&gatehouse, KEY).await, Some(Reason::Unavailable));
}

#[tokio::test]
async fn a_kept_token_is_not_taken_while_nobody_knows_what_was_revoked() {
    let portal = with_key().await;
    let settings = portal.settings().max_stale(Some(std::time::Duration::ZERO));
    let gatehouse = Gatehouse::new(settings).expect("good settings");
    assert_eq!(reason(&gatehouse, KEY).await, None);

    portal.instead(FEED, Instead::Status(500));
    portal.pass(91);

    assert_eq!(reason(&gatehouse, KEY).await, Some(Reason::Unavailable));
}

#[tokio::test]
async fn an_answer_that_is_no_token_of_a_key_is_our_trouble() {
    let portal = with_key().await;
    let of_nobody = portal.token(&json!({}));
    let foreign = portal.token(&json!({ "keyId": "k", "aud": "other" }));
    let says = |token: Value| Instead::Says(json!({ "accessToken": token }).to_string());
    let ways = [
        Instead::Says(String::new()),
        Instead::Says("[]".to_owned()),
        says(json!(null)),
        says(json!(7)),
        says(json!("x")),
        says(json!(of_nobody)),
        says(json!(foreign)),
        Instead::Redirects("/elsewhere"),
        Instead::Floods(1 << 20),
    ];
    for instead in ways {
        let gatehouse = portal.gatehouse();
        portal.instead(EXCHANGE, instead);
        assert_eq!(reason(&gatehouse, KEY).await, Some(Reason::Unavailable));
    }
}

#[tokio::test]
async fn made_up_keys_are_no_flood() {
    let portal = with_key().await;
    let gatehouse = portal.gatehouse();
    gatehouse.warm_up().await;
    portal.instead(EXCHANGE, Instead::Hangs);

    let made_up = |n: u32| written(&format!("wks_live_{n:064}"));
    let waiting: Vec<_> = (0..50)
        .map(|n| {
            let gatehouse = gatehouse.clone();
            tokio::spawn(async move { gatehouse.verify_api_key(&made_up(n)).await })
        })
        .collect();
    portal.until_asked(EXCHANGE, 50).await;
    let rejected = gatehouse
        .verify_api_key(&made_up(50))
        .await
        .expect_err("too many");

    assert_eq!(
        (rejected.code, rejected.retry_after),
        ("exchange_unavailable", Some(1))
    );
    assert_eq!(portal.count(EXCHANGE), 50);
    waiting.iter().for_each(tokio::task::JoinHandle::abort);
}
