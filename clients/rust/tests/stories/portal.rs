//! A portal in miniature: keys, feed, key exchange, and every way to fail at them. Its clock stands until it is moved.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use aws_lc_rs::digest::{SHA256, digest};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use gatehouse_axum::{Gatehouse, Settings};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::sign::{SigningKey, base64url, merged};

pub(crate) const AUDIENCE: &str = "workflow-api";
pub(crate) const JWKS: &str = "/.well-known/jwks.json";
pub(crate) const FEED_KEYS: &str = "/.well-known/revocation-keys.json";
pub(crate) const FEED: &str = "/.well-known/revocations";
pub(crate) const EXCHANGE: &str = "/api/keys/exchange";

/// What a place says instead of what it should.
#[derive(Clone)]
pub(crate) enum Instead {
    Status(u16),
    Says(String),
    Redirects(&'static str),
    /// Never answers.
    Hangs,
    /// Says that much.
    Floods(usize),
}

pub(crate) struct Portal {
    pub(crate) issuer: String,
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    issuer: String,
    now: AtomicU64,
    feed_key: SigningKey,
    pub(crate) signing: SigningKey,
    pub(crate) next: SigningKey,
    state: Mutex<Saying>,
    /// How often anything was asked.
    asked: watch::Sender<usize>,
}

pub(crate) struct Saying {
    /// Published keys.
    pub(crate) keys: Vec<Value>,
    /// Accepted keys.
    pub(crate) kids: Vec<String>,
    pub(crate) stream: String,
    pub(crate) seq: u64,
    pub(crate) entries: Vec<Value>,
    /// Good API keys, and the claims of their tokens.
    pub(crate) api_keys: HashMap<String, Value>,
    pub(crate) instead: HashMap<&'static str, Instead>,
    asked: Vec<String>,
}

impl Portal {
    pub(crate) async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let issuer = format!("http://{}", listener.local_addr().expect("an address"));
        let (signing, next) = (SigningKey::es256("key-1"), SigningKey::es256("key-2"));
        let state = Saying {
            keys: vec![signing.jwk()],
            kids: vec!["key-1".to_owned(), "key-2".to_owned()],
            stream: "first".to_owned(),
            seq: 10,
            entries: Vec::new(),
            api_keys: HashMap::new(),
            instead: HashMap::new(),
            asked: Vec::new(),
        };
        let inner = Arc::new(Inner {
            issuer: issuer.clone(),
            now: AtomicU64::new(1_800_000_000),
            feed_key: SigningKey::es256("feed-1"),
            signing,
            next,
            state: Mutex::new(state),
            asked: watch::Sender::new(0),
        });
        let app = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { issuer, inner }
    }

    pub(crate) fn settings(&self) -> Settings {
        let inner = Arc::clone(&self.inner);
        Settings::new(&self.issuer, AUDIENCE).clock(move || inner.now())
    }

    pub(crate) fn gatehouse(&self) -> Gatehouse {
        Gatehouse::new(self.settings()).expect("good settings")
    }

    pub(crate) fn now(&self) -> u64 {
        self.inner.now()
    }

    /// Moves the clock of everybody.
    pub(crate) fn pass(&self, seconds: u64) {
        self.inner.now.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(crate) fn says(&self) -> MutexGuard<'_, Saying> {
        self.inner.state.lock().expect("nobody panicked")
    }

    pub(crate) fn instead(&self, path: &'static str, instead: Instead) {
        self.says().instead.insert(path, instead);
    }

    pub(crate) fn recovers(&self) {
        self.says().instead.clear();
    }

    pub(crate) fn count(&self, path: &str) -> usize {
        self.says()
            .asked
            .iter()
            .filter(|asked| *asked == path)
            .count()
    }

    /// Waits until it was asked for something that often.
    pub(crate) async fn until_asked(&self, path: &str, times: usize) {
        let mut asked = self.inner.asked.subscribe();
        let waiting = asked.wait_for(|_| self.count(path) >= times);
        let waiting = tokio::time::timeout(std::time::Duration::from_secs(20), waiting);
        waiting
            .await
            .expect("somebody asks")
            .expect("the portal lives");
    }

    pub(crate) fn claims(&self, more: &Value) -> Value {
        self.inner.claims(more)
    }

    pub(crate) fn token(&self, more: &Value) -> String {
        self.token_with(more, &json!({}))
    }

    pub(crate) fn token_with(&self, more: &Value, header: &Value) -> String {
        self.inner.signing.jws("JWT", header, &self.claims(more))
    }

    /// Tells the feed that something ended.
    pub(crate) fn end(&self, kind: &str, id: &str) {
        let until = self.now() + 960;
        let mut says = self.says();
        says.seq += 1;
        let name = digest(&SHA256, format!("{kind}:{id}").as_bytes());
        let ids = if kind == "all" {
            String::new()
        } else {
            base64url(&name.as_ref()[..16])
        };
        let number = says.seq;
        says.entries
            .push(json!({ "kind": kind, "number": number, "until": until, "ids": ids }));
    }

    pub(crate) fn document(&self, since: u64, more: &Value) -> String {
        self.inner.document(since, more)
    }
}

impl Inner {
    fn now(&self) -> u64 {
        self.now.load(Ordering::SeqCst)
    }

    fn says(&self) -> MutexGuard<'_, Saying> {
        self.state.lock().expect("nobody panicked")
    }

    fn claims(&self, more: &Value) -> Value {
        let now = self.now();
        let claims = json!({
            "iss": self.issuer, "aud": [AUDIENCE, self.issuer], "sub": "ada", "userId": "ada", "sid": "session-of-ada",
            "jti": "1", "iat": now - 5, "exp": now + 895, "auth_time": now - 30, "amr": ["pwd"],
            "email": "ada@example.com", "email_verified": true, "role": "user", "permissions": ["workflow:read"],
            "tenantId": null, "epoch": self.says().seq,
        });
        merged(&claims, more)
    }

    fn document(&self, since: u64, more: &Value) -> String {
        let now = self.now();
        let payload = {
            let says = self.says();
            let newer = |entry: &&Value| entry["number"].as_u64() > Some(since);
            let entries: Vec<&Value> = says.entries.iter().filter(newer).collect();
            json!({
                "iss": self.issuer, "stream": says.stream, "since": since, "seq": says.seq, "issuedAt": now,
                "expiresAt": now + 30, "kids": says.kids, "entries": entries,
            })
        };
        let payload = merged(&payload, more);
        self.feed_key
            .jws("gatehouse-revocations", &json!({}), &payload)
    }

    fn feed(&self, query: Option<&str>, headers: &HeaderMap) -> Response {
        let since = query.and_then(|query| query.strip_prefix("since=")?.parse().ok());
        let since: u64 = since.unwrap_or(0);
        let tag = {
            let says = self.says();
            if since > says.seq {
                return StatusCode::GONE.into_response();
            }
            format!(
                "\"{}.{}.{}.{since}\"",
                says.stream,
                says.seq,
                says.kids.len()
            )
        };
        if headers
            .get(header::IF_NONE_MATCH)
            .is_some_and(|known| known == tag.as_str())
        {
            return StatusCode::NOT_MODIFIED.into_response();
        }
        let head = [
            (header::CONTENT_TYPE, "application/jose".to_owned()),
            (header::ETAG, tag),
        ];
        (head, self.document(since, &json!({}))).into_response()
    }

    fn exchange(&self, headers: &HeaderMap) -> Response {
        let key = headers.get("x-api-key").and_then(|key| key.to_str().ok());
        let more = key.and_then(|key| self.says().api_keys.get(key).cloned());
        let Some(more) = more else {
            return (StatusCode::UNAUTHORIZED, "{}").into_response();
        };
        let more = merged(&json!({ "sid": "x", "role": "api", "email": "x" }), &more);
        let absent = merged(&self.claims(&more), &json!({ "sid": null, "email": null }));
        let token = self.signing.jws("JWT", &json!({}), &absent);
        json!({ "accessToken": token, "expiresIn": 895 })
            .to_string()
            .into_response()
    }
}

async fn answer(State(portal): State<Arc<Inner>>, request: Request) -> Response {
    let (path, query) = (request.uri().path().to_owned(), request.uri().query());
    let instead = {
        let mut says = portal.says();
        says.asked.push(path.clone());
        says.instead.get(path.as_str()).cloned()
    };
    portal.asked.send_modify(|times| *times += 1);
    if let Some(instead) = instead {
        return failing(instead).await;
    }
    match path.as_str() {
        JWKS => json!({ "keys": portal.says().keys })
            .to_string()
            .into_response(),
        FEED_KEYS => json!({ "keys": [portal.feed_key.jwk()] })
            .to_string()
            .into_response(),
        FEED => portal.feed(query, request.headers()),
        EXCHANGE => portal.exchange(request.headers()),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn failing(instead: Instead) -> Response {
    match instead {
        Instead::Status(status) => StatusCode::from_u16(status)
            .expect("a status")
            .into_response(),
        Instead::Says(body) => body.into_response(),
        Instead::Redirects(to) => (StatusCode::FOUND, [(header::LOCATION, to)]).into_response(),
        Instead::Hangs => std::future::pending().await,
        Instead::Floods(bytes) => Body::from(vec![b' '; bytes]).into_response(),
    }
}
