//! What a caller may do.

use std::time::Duration;

use axum::Router;
use axum::routing::get;
use gatehouse_axum::{
    Gatehouse, Guard, require_any_permission, require_permission, require_role, require_tenant,
    step_up, step_up_by,
};
use serde_json::{Value, json};

use crate::portal::Portal;
use crate::service::{Answer, get_with};

fn guarded(gatehouse: &Gatehouse, guard: &Guard) -> Router {
    Router::new()
        .route(
            "/of/{tenant_id}",
            get(|| async { "in" }).layer(guard.clone()),
        )
        .layer(gatehouse.layer())
}

/// How somebody with these claims fares behind a guard.
async fn asks(portal: &Portal, guard: &Guard, path: &str, claims: &Value) -> Answer {
    let app = guarded(&portal.gatehouse(), guard);
    let bearer = format!("Bearer {}", portal.token(claims));
    get_with(&app, path, &[("authorization", &bearer)]).await
}

async fn fares(guard: Guard, claims: Value) -> (u16, String) {
    let portal = Portal::open().await;
    let answer = asks(&portal, &guard, "/of/acme", &claims).await;
    let code = if answer.status == 200 {
        String::new()
    } else {
        answer.code()
    };
    (answer.status, code)
}

fn no() -> (u16, String) {
    (403, "insufficient_permissions".to_owned())
}

fn yes() -> (u16, String) {
    (200, String::new())
}

#[tokio::test]
async fn all_permissions_are_needed_or_any() {
    let holds = |all: &[&str]| json!({ "permissions": all });

    assert_eq!(
        fares(
            require_permission(["a:x", "a:y"]),
            holds(&["a:x", "a:y", "a:z"])
        )
        .await,
        yes()
    );
    assert_eq!(
        fares(require_permission(["a:x", "a:y"]), holds(&["a:x"])).await,
        no()
    );
    assert_eq!(
        fares(require_any_permission(["a:x", "a:y"]), holds(&["a:y"])).await,
        yes()
    );
    assert_eq!(
        fares(require_any_permission(["a:x", "a:y"]), holds(&["a:z", "a"])).await,
        no()
    );
    // A dot is another way to write the colon; no token carries it.
    assert_eq!(
        fares(require_permission(["a.x"]), holds(&["a:x"])).await,
        yes()
    );
    assert_eq!(
        fares(require_permission(["a.x"]), holds(&["a.x"])).await,
        no()
    );
    // No wildcard, no prefix, and no role makes up for a permission.
    assert_eq!(
        fares(
            require_permission(["a:x"]),
            json!({ "permissions": ["*", "a:*", "a"], "role": "admin" })
        )
        .await,
        no()
    );
}

#[tokio::test]
async fn a_refusal_names_what_would_have_been_enough() {
    let portal = Portal::open().await;

    let answer = asks(
        &portal,
        &require_permission(["a:x", "a:y"]),
        "/of/acme",
        &json!({}),
    )
    .await;

    let challenge = r#"Bearer realm="workflow-api", error="insufficient_scope", scope="a:x a:y""#;
    assert_eq!(answer.challenge.as_deref(), Some(challenge));
}

#[tokio::test]
async fn a_role_is_compared_to_the_letter() {
    assert_eq!(
        fares(require_role(["editor", "user"]), json!({})).await,
        yes()
    );
    assert_eq!(fares(require_role(["User"]), json!({})).await, no());
}

#[tokio::test]
async fn a_foreign_tenant_is_missing() {
    let portal = Portal::open().await;
    let guard = require_tenant("tenant_id");
    let of = |tenant: Value| json!({ "tenantId": tenant });

    assert_eq!(
        asks(&portal, &guard, "/of/acme", &of(json!("acme")))
            .await
            .status,
        200
    );
    assert_eq!(
        asks(&portal, &guard, "/of/ac%6De", &of(json!("acme")))
            .await
            .status,
        200
    );
    for (path, tenant) in [
        ("/of/acme", json!("umbrella")),
        ("/of/acme", json!("null")),
        ("/of/null", json!("null")),
        ("/of/ACME", json!("acme")),
    ] {
        let answer = asks(&portal, &guard, path, &of(tenant)).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (404, "not_found"),
            "{path}"
        );
        assert_eq!(answer.challenge, None);
    }
    let misspelt = asks(
        &portal,
        &require_tenant("tenant"),
        "/of/acme",
        &of(json!("acme")),
    )
    .await;
    assert_eq!(misspelt.status, 404);
}

#[tokio::test]
async fn a_factor_has_to_be_recent() {
    let portal = Portal::open().await;
    let at = |seconds_ago: u64| json!({ "auth_time": portal.now() - seconds_ago });
    let guard = step_up(Duration::from_secs(600));

    assert_eq!(
        asks(&portal, &guard, "/of/acme", &at(600)).await.status,
        200
    );
    let answer = asks(&portal, &guard, "/of/acme", &at(601)).await;

    let challenge = "Bearer realm=\"workflow-api\", error=\"insufficient_user_authentication\", \
                     error_description=\"A more recent authentication is required\", max_age=600";
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (401, "step_up_required")
    );
    assert_eq!(answer.challenge.as_deref(), Some(challenge));
    assert_eq!(
        asks(&portal, &guard, "/of/acme", &json!({ "auth_time": null }))
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn a_factor_may_have_to_be_of_a_kind() {
    let guard = || step_up_by(Duration::from_secs(600), ["otp", "hwk"]);

    assert_eq!(
        fares(guard(), json!({ "amr": ["pwd", "hwk"] })).await,
        yes()
    );
    assert_eq!(fares(guard(), json!({ "amr": ["pwd"] })).await.0, 401);
    assert_eq!(fares(guard(), json!({ "amr": null })).await.0, 401);
}

#[tokio::test]
async fn a_key_cannot_step_up() {
    assert_eq!(
        fares(step_up(Duration::from_secs(600)), json!({ "keyId": "k" })).await,
        no()
    );
}

#[tokio::test]
async fn a_guard_opens_nothing_to_nobody_and_nothing_without_the_layer() {
    let portal = Portal::open().await;
    let route = || get(|| async { "in" }).layer(require_permission(["a:x"]));
    let open = Router::new()
        .route("/", route())
        .layer(portal.gatehouse().optional_layer());
    let bare = Router::new().route("/", route());
    let inside_out = Router::new()
        .route(
            "/",
            get(|| async { "in" }).layer(portal.gatehouse().layer()),
        )
        .layer(require_permission(["workflow:read"]));
    let bearer = format!("Bearer {}", portal.token(&json!({})));

    assert_eq!(get_with(&open, "/", &[]).await.status, 401);
    assert_eq!(get_with(&bare, "/", &[]).await.status, 500);
    assert_eq!(
        get_with(&inside_out, "/", &[("authorization", &bearer)])
            .await
            .status,
        500
    );
}

#[test]
#[should_panic(expected = "at least one word")]
fn a_guard_that_asks_for_nothing_is_a_mistake() {
    let _guard = require_permission::<String>([]);
}
