//! A service behind the middleware, as its clients see it.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use axum::routing::get;
use gatehouse_axum::{Claims, Gatehouse, OptionalClaims};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::portal::Portal;

pub(crate) fn service(gatehouse: &Gatehouse) -> Router {
    Router::new()
        .route("/me", get(|claims: Claims| async move { claims.user_id }))
        .layer(gatehouse.layer())
}

pub(crate) fn open_service(gatehouse: &Gatehouse) -> Router {
    let name = |OptionalClaims(claims)| async move {
        claims.map_or_else(|| "nobody".to_owned(), |claims: Claims| claims.user_id)
    };
    Router::new()
        .route("/me", get(name))
        .route("/mine", get(|claims: Claims| async move { claims.user_id }))
        .layer(gatehouse.optional_layer())
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    /// `WWW-Authenticate`.
    pub(crate) challenge: Option<String>,
    pub(crate) content_type: String,
    pub(crate) retry_after: Option<String>,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect("JSON")
    }

    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}

pub(crate) async fn get_with(app: &Router, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::empty()).expect("a request");
    let answer: Response<Body> = app.clone().oneshot(request).await.expect("infallible");
    let header = |name| {
        let value = answer.headers().get(name)?;
        Some(value.to_str().expect("text").to_owned())
    };
    let (challenge, retry_after) = (header("www-authenticate"), header("retry-after"));
    let content_type = header("content-type").unwrap_or_default();
    let status = answer.status().as_u16();
    let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await;
    let text = String::from_utf8(body.expect("a body").to_vec()).expect("text");
    Answer {
        status,
        challenge,
        content_type,
        retry_after,
        text,
    }
}

pub(crate) async fn me(app: &Router, token: &str) -> Answer {
    get_with(app, "/me", &[("authorization", &format!("Bearer {token}"))]).await
}

#[tokio::test]
async fn a_good_token_opens() {
    let portal = Portal::open().await;
    let app = service(&portal.gatehouse());

    let answer = me(&app, &portal.token(&json!({}))).await;

    assert_eq!((answer.status, answer.text.as_str()), (200, "ada"));
}

#[tokio::test]
async fn claims_say_everything_the_token_says() {
    let portal = Portal::open().await;
    let token = portal.token(&json!({ "tenantId": "acme", "plan": "gold" }));

    let claims = portal
        .gatehouse()
        .verify(&token)
        .await
        .expect("a good token");

    assert_eq!(claims.user_id, "ada");
    assert_eq!(claims.email, "ada@example.com");
    assert_eq!(claims.role, "user");
    assert!(claims.may("workflow:read") && !claims.may("workflow"));
    assert_eq!(claims.tenant_id.as_deref(), Some("acme"));
    assert_eq!(claims.session_id.as_deref(), Some("session-of-ada"));
    assert_eq!(claims.key_id, None);
    assert_eq!(claims.auth_time, Some(portal.now() - 30));
    assert_eq!(claims.methods, ["pwd"]);
    assert_eq!(claims.expires_at, portal.now() + 895);
    assert_eq!(claims.payload["plan"], "gold");
    assert!(
        !format!("{claims:?}").contains("example.com"),
        "addresses stay out of logs"
    );
}

#[tokio::test]
async fn who_brings_nothing_is_told_to_authenticate_and_no_error() {
    let portal = Portal::open().await;
    let app = service(&portal.gatehouse());

    let answer = get_with(&app, "/me", &[("cookie", "gatehouse=x")]).await;

    assert_eq!(answer.status, 401);
    assert_eq!(
        answer.challenge.as_deref(),
        Some(r#"Bearer realm="workflow-api""#)
    );
    assert_eq!(answer.content_type, "application/problem+json");
    let message = "Authentication required";
    let expected = json!({
        "type": format!("{}/errors/authentication_required", portal.issuer), "title": message, "status": 401,
        "code": "authentication_required", "detail": message,
        "error": { "message": message, "status": 401, "code": "authentication_required" },
    });
    assert_eq!(answer.json(), expected);
    assert_eq!(portal.count("/.well-known/jwks.json"), 0);
}

#[tokio::test]
async fn a_wrong_token_is_challenged_with_its_reason() {
    let portal = Portal::open().await;
    let app = service(&portal.gatehouse());

    let answer = me(&app, "no-token").await;

    let challenge =
        r#"Bearer realm="workflow-api", error="invalid_token", error_description="Invalid token""#;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.challenge.as_deref(), Some(challenge));
    assert_eq!(answer.code(), "invalid_token");
}

#[tokio::test]
async fn two_kinds_of_credential_are_too_many_even_if_one_is_good() {
    let portal = Portal::open().await;
    let bearer = format!("Bearer {}", portal.token(&json!({})));
    for app in [
        service(&portal.gatehouse()),
        open_service(&portal.gatehouse()),
    ] {
        let answer = get_with(
            &app,
            "/me",
            &[("authorization", &bearer), ("x-api-key", "x")],
        )
        .await;

        assert_eq!(
            (answer.status, answer.code().as_str()),
            (400, "multiple_credentials")
        );
        assert!(
            answer
                .challenge
                .is_some_and(|challenge| challenge.contains(r#"error="invalid_request""#))
        );
    }
}

#[tokio::test]
async fn the_optional_layer_lets_nobody_in_and_no_wrong_token() {
    let portal = Portal::open().await;
    let app = open_service(&portal.gatehouse());

    assert_eq!(get_with(&app, "/me", &[]).await.text, "nobody");
    assert_eq!(me(&app, &portal.token(&json!({}))).await.text, "ada");
    assert_eq!(me(&app, "no-token").await.status, 401);
    assert_eq!(
        get_with(&app, "/me", &[("authorization", "Basic YTpi")])
            .await
            .status,
        401
    );
    let answer = get_with(&app, "/mine", &[]).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (401, "authentication_required")
    );
}

#[tokio::test]
async fn an_extractor_without_the_layer_opens_nothing() {
    let name = |claims: Claims| async move { claims.user_id };
    let nobody = |OptionalClaims(_)| async move { StatusCode::OK };
    let app = Router::new()
        .route("/me", get(name))
        .route("/open", get(nobody));

    for path in ["/me", "/open"] {
        let answer = get_with(&app, path, &[("authorization", "Bearer a.b.c")]).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (500, "internal"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_flat_shape_is_one_sentence() {
    let portal = Portal::open().await;
    let settings = portal.settings().errors(gatehouse_axum::ErrorShape::Flat);
    let app = service(&Gatehouse::new(settings).expect("good settings"));

    let answer = me(&app, "no-token").await;

    assert_eq!(answer.content_type, "application/json");
    assert_eq!(answer.json(), json!({ "error": "Invalid token" }));
}

#[tokio::test]
async fn a_credential_over_plain_http_is_refused_where_https_is_required() {
    let portal = Portal::open().await;
    let settings = portal.settings().require_forwarded_https();
    let app = service(&Gatehouse::new(settings).expect("good settings"));
    let bearer = format!("Bearer {}", portal.token(&json!({})));
    let came = |proto: &'static str| {
        [
            ("authorization", bearer.clone()),
            ("x-forwarded-proto", proto.to_owned()),
        ]
    };

    for (proto, status) in [
        ("https", 200),
        ("http", 403),
        ("https, http", 403),
        ("", 403),
    ] {
        let headers = came(proto);
        let headers: Vec<(&str, &str)> = headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        assert_eq!(
            get_with(&app, "/me", &headers).await.status,
            status,
            "{proto}"
        );
    }
}
