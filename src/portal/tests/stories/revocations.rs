//! The revocation feed over HTTP, for whoever asks.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{Method, Request};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::support::{ADA, House, Site, both, claims};

const FEED: &str = "/.well-known/revocations";
const STREAM: &str = "/.well-known/revocations/stream";

fn payload(jws: &str) -> Value {
    let part = jws.split('.').nth(1).expect("three parts");
    let bytes = URL_SAFE_NO_PAD.decode(part).expect("base64url");
    serde_json::from_slice(&bytes).expect("JSON")
}

/// A stream that was opened, or refused.
async fn open(house: &House, path: &str, last: Option<&str>, from: &str) -> http::Response<Body> {
    let from: SocketAddr = from.parse().expect("an address");
    let mut request = Request::get(path)
        .header("host", house.host())
        .extension(ConnectInfo(from));
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    let request = request.body(Body::empty()).expect("a request");
    house.router().oneshot(request).await.expect("answers")
}

/// The id and the document of the next event, which comes soon.
async fn event(body: &mut Body) -> (String, Value) {
    let frame = tokio::time::timeout(Duration::from_secs(2), body.frame()).await;
    let frame = frame
        .expect("comes soon")
        .expect("goes on")
        .expect("is read");
    let text = String::from_utf8(frame.into_data().expect("data").to_vec()).expect("text");
    let line = |name: &str| {
        let found = text.lines().find_map(|line| line.strip_prefix(name));
        found
            .unwrap_or_else(|| panic!("no {name} in {text}"))
            .trim()
            .to_owned()
    };
    assert_eq!(line("event:"), "revocations");
    (line("id:"), payload(&line("data:")))
}

both! {
    async fn an_ended_session_is_in_the_document_and_a_known_document_is_not_sent_again(site: &Site) {
        let house = site.house().await;
        let account = house.account(ADA).await;
        let mut anonymous = house.anonymous();

        let before = anonymous.get(FEED).await;
        let again = anonymous.send(anonymous.request(Method::GET, FEED).header("if-none-match", before.header("etag"))).await;
        house.program().with_bearer(&account.access).poke("/api/auth/logout").await;
        let after = anonymous.send(anonymous.request(Method::GET, FEED).header("if-none-match", before.header("etag"))).await;

        assert_eq!(before.told(), "200");
        assert_eq!(before.header("content-type"), "application/jose");
        assert_eq!(before.header("cache-control"), "no-cache");
        assert_eq!(before.header("access-control-allow-origin"), "*");
        assert_eq!((again.status.as_u16(), again.header("etag"), again.body.len()), (304, before.header("etag"), 0));
        assert_eq!(after.told(), "200");
        assert_ne!(after.header("etag"), before.header("etag"));
        let told = payload(&after.text());
        assert_eq!(told["iss"], claims(&account.access).1["iss"]);
        assert_eq!(told["entries"][0]["kind"], "session");
        let seq = told["seq"].as_i64().expect("a number");
        let since = anonymous.get(&format!("{FEED}?since={seq}")).await;
        assert_eq!((payload(&since.text())["since"].as_i64(), &payload(&since.text())["entries"]), (Some(seq), &json!([])));
        let ahead = anonymous.get(&format!("{FEED}?since={}", seq + 1)).await;
        assert_eq!(ahead.told(), "410 not_found");
    }

    async fn nonsense_is_refused(site: &Site) {
        let house = site.house().await;
        for query in ["since=", "since=-1", "since=1e3", "since=1&since=2", "until=1"] {
            let answer = house.anonymous().get(&format!("{FEED}?{query}")).await;
            assert!(answer.told().starts_with("400 invalid_request"), "{query}: {}", answer.told());
        }
        assert_eq!(house.anonymous().get(&format!("{FEED}?since=9999999")).await.told(), "410 not_found");
    }

    async fn its_keys_are_published_apart(site: &Site) {
        let house = site.house().await;

        let keys = house.anonymous().get("/.well-known/revocation-keys.json").await;
        let tokens = house.anonymous().get("/.well-known/jwks.json").await;

        assert_eq!((keys.told().as_str(), keys.header("access-control-allow-origin")), ("200", "*"));
        let jws = house.anonymous().get(FEED).await.text();
        let header = URL_SAFE_NO_PAD.decode(jws.split('.').next().expect("a header")).expect("base64url");
        let header: Value = serde_json::from_slice(&header).expect("JSON");
        let kid = header["kid"].as_str().expect("a kid");
        assert!(keys.text().contains(kid) && !tokens.text().contains(kid));
        for key in keys.json()["keys"].as_array().expect("keys") {
            assert_eq!(key["d"], Value::Null);
        }
        let discovery = house.anonymous().get("/.well-known/openid-configuration").await.json();
        for (name, path) in [("revocations_uri", FEED), ("revocations_stream_uri", STREAM), ("revocations_jwks_uri", "/.well-known/revocation-keys.json")] {
            assert_eq!(discovery[name], format!("{}{path}", house.public_url()));
        }
    }

    async fn a_stream_begins_at_once_and_says_what_changes(site: &Site) {
        let house = site.house().await;
        let account = house.account(ADA).await;

        let response = open(&house, STREAM, None, "10.1.0.1:1").await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["access-control-allow-origin"], "*");
        let mut body = response.into_body();
        let (id, first) = event(&mut body).await;
        assert_eq!(id, format!("{}.{}", first["stream"].as_str().expect("a name"), first["seq"]));
        house.program().with_bearer(&account.access).poke("/api/auth/logout").await;
        house.auth.tend_revocations().await.expect("looks");
        let (next_id, next) = event(&mut body).await;
        assert_eq!((&next["since"], next["entries"].as_array().map(Vec::len)), (&first["seq"], Some(1)));

        // Whoever comes back gets what was missed, or everything where that cannot be.
        let since = format!("{STREAM}?since={}", first["seq"]);
        for (path, last, from) in [
            (STREAM, Some(id.as_str()), &first["seq"]),
            (&since, None, &first["seq"]),
            (&since, Some(next_id.as_str()), &next["seq"]),
            (STREAM, Some("another-stream.1"), &json!(0)),
            (STREAM, Some("nonsense"), &json!(0)),
            ("/.well-known/revocations/stream?since=99999999", None, &json!(0)),
        ] {
            let mut body = open(&house, path, last, "10.1.0.1:1").await.into_body();
            let (_, told) = event(&mut body).await;
            assert_eq!(&told["since"], from, "{path} {last:?}");
        }
    }

    async fn one_network_holds_a_few_streams_and_others_are_let_in(site: &Site) {
        let house = site.house().await;
        let mut held = Vec::new();
        for _ in 0..20 {
            let response = open(&house, STREAM, None, "10.2.0.1:1").await;
            assert_eq!(response.status(), 200);
            held.push(response);
        }

        let refused = open(&house, STREAM, None, "10.2.0.1:1").await;

        assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (503, &http::HeaderValue::from_static("30")));
        assert_eq!(open(&house, STREAM, None, "10.2.0.2:1").await.status(), 200);
        assert_eq!(house.anonymous().at("10.2.0.1").get(FEED).await.told(), "200", "it polls meanwhile");
        held.clear();
        assert_eq!(open(&house, STREAM, None, "10.2.0.1:1").await.status(), 200);
    }
}
