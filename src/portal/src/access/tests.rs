//! The walk (D20): what the router holds, against the table; then every route as each actor,
//! against expectations written by hand, not derived from the table they check.

mod expected;

use std::collections::BTreeSet;

use auth::SignIn;
use axum::body::Body as Raw;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{Request, StatusCode, header};
use wire::Audience;

use super::*;
use crate::testing::{World, text};

use expected::{EXPECTED, Expected, FILE, KEY_REACHES, KEY_TOKEN_REACHES, RECENT};

/// `GET /login`, from what the router prints of itself: axum lists its routes nowhere else.
fn routed(world: &World) -> BTreeSet<(String, String)> {
    let router = crate::api::router(&world.portal).merge(crate::web::router(&world.portal));
    let printed = format!("{router:?}");
    let (routes, node) = printed
        .split_once("node: Node { paths: {")
        .expect("axum prints its routes");
    let (paths, _) = node.split_once("} }").expect("the paths end");
    let mut found = BTreeSet::new();
    for path in paths.split(", RouteId(") {
        let (id, path) = path
            .trim_start_matches("RouteId(")
            .split_once("): ")
            .expect("a path");
        let path = path.trim_matches('"').to_owned();
        let start = format!("RouteId({id}): MethodRouter(MethodRouter {{ ");
        let (_, methods) = routes.split_once(&start).expect("a method router");
        let (methods, _) = methods.split_once("fallback:").expect("the methods end");
        for method in methods.split(", ").filter_map(|one| one.split_once(": ")) {
            if method.1 != "None" {
                found.insert((method.0.to_ascii_uppercase(), path.clone()));
            }
        }
    }
    found
}

/// `/auth/…` is `/api/auth/…`, where it is not a redirect of its own.
fn canonical(method: &str, path: &str) -> (String, String) {
    let is_own = TABLE
        .iter()
        .any(|row| row.path == path && row.method.as_str() == method);
    let prefix = if path.starts_with("/auth/") && !is_own {
        "/api"
    } else {
        ""
    };
    (method.to_owned(), format!("{prefix}{path}"))
}

fn listed() -> BTreeSet<(String, String)> {
    TABLE
        .iter()
        .map(|row| (row.method.to_string(), row.path.to_owned()))
        .collect()
}

#[tokio::test]
async fn the_table_lists_every_route_and_no_other() {
    let world = World::new(&[]).await;
    let routed: BTreeSet<_> = routed(&world)
        .iter()
        .map(|(method, path)| canonical(method, path))
        .collect();

    assert_eq!(
        routed.difference(&listed()).collect::<Vec<_>>(),
        Vec::<&(String, String)>::new()
    );
    assert_eq!(
        listed().difference(&routed).collect::<Vec<_>>(),
        Vec::<&(String, String)>::new()
    );
}

#[tokio::test]
async fn the_table_lists_every_server_function_and_no_other() {
    let functions: BTreeSet<_> = leptos::server_fn::axum::server_fn_paths()
        .map(|(path, method)| (method.to_string(), path.to_owned()))
        .collect();
    let rows = TABLE.iter().filter(|row| row.door == Door::ServerFunction);
    let rows: BTreeSet<_> = rows
        .map(|row| (row.method.to_string(), row.path.to_owned()))
        .collect();

    assert_eq!(functions, rows);
}

#[test]
fn every_row_has_an_expectation() {
    let expected: BTreeSet<_> = EXPECTED
        .iter()
        .map(|one| one.route.split_once(' ').expect("a method and a path"))
        .map(|(method, path)| (method.to_owned(), path.to_owned()))
        .collect();
    assert_eq!(expected, listed());
}

#[test]
fn no_row_is_listed_twice() {
    assert_eq!(listed().len(), TABLE.len());
}

/// Each way of coming to a route.
#[derive(Clone, Copy, Debug)]
enum Actor {
    Anonymous,
    Cookie,
    Bearer,
    ServicesBearer,
    ApiKey,
    CookieAndBearer,
    ForeignSite,
    ListedOrigin,
    BareCookie,
}

impl Expected {
    fn of(&self, actor: Actor) -> &'static str {
        match actor {
            Actor::Anonymous => self.anonymous,
            Actor::Cookie => self.cookie,
            Actor::Bearer => self.bearer,
            Actor::ServicesBearer => self.services_bearer,
            Actor::ApiKey => self.api_key,
            Actor::CookieAndBearer => self.cookie_and_bearer,
            Actor::ForeignSite => self.foreign_site,
            Actor::ListedOrigin => self.listed_origin,
            Actor::BareCookie => self.bare_cookie,
        }
    }
}

const ACTORS: [Actor; 9] = [
    Actor::Anonymous,
    Actor::Cookie,
    Actor::Bearer,
    Actor::ServicesBearer,
    Actor::ApiKey,
    Actor::CookieAndBearer,
    Actor::ForeignSite,
    Actor::ListedOrigin,
    Actor::BareCookie,
];

/// The request an actor makes: as little as passes the guard, nothing the handler would do.
fn request(actor: Actor, route: &str, somebody: &SignIn, service: &SignIn) -> Request<Raw> {
    let (method, path) = route.split_once(' ').expect("a method and a path");
    let path = path
        .replace("{id}", "none")
        .replace("{sid}", "none")
        .replace("{user}", "none")
        .replace("{invitation}", "none")
        .replace("{purpose}", "terms")
        .replace("{kid}", "none")
        .replace("{key}", "none")
        .replace("{name}", "none")
        .replace("{*rest}", "none")
        .replace("{*path}", "none");
    let cookie = somebody
        .cookie
        .map(|cookie| URL_SAFE_NO_PAD.encode(cookie.0))
        .expect("a cookie");
    let bearer = |who: &SignIn| {
        let tokens = who.tokens.as_ref().expect("tokens");
        format!("Bearer {}", tokens.access.access_token.reveal())
    };
    let is_form = path.starts_with("/_sf/");
    let (kind, body) = match (method, is_form) {
        ("GET", _) => ("", ""),
        (_, true) => ("application/x-www-form-urlencoded", "x=1"),
        (_, false) => ("application/json", "{}"),
    };
    let mut request = Request::builder()
        .method(method)
        .uri(&path)
        .header(header::HOST, "localhost:3000");
    if !kind.is_empty() {
        request = request.header(header::CONTENT_TYPE, kind);
    }
    request = match actor {
        Actor::Anonymous => request,
        Actor::Bearer => request.header(header::AUTHORIZATION, bearer(somebody)),
        Actor::ServicesBearer => request.header(header::AUTHORIZATION, bearer(service)),
        Actor::ApiKey => request.header("x-api-key", "wks_test_x"),
        Actor::CookieAndBearer => request.header(header::AUTHORIZATION, bearer(somebody)),
        Actor::Cookie => request.header("sec-fetch-site", "same-origin"),
        Actor::ForeignSite => request
            .header("sec-fetch-site", "cross-site")
            .header(header::ORIGIN, "https://evil.example"),
        Actor::ListedOrigin => request
            .header("sec-fetch-site", "cross-site")
            .header(header::ORIGIN, "https://app.example"),
        Actor::BareCookie => request,
    };
    let with_cookie = matches!(
        actor,
        Actor::Cookie
            | Actor::CookieAndBearer
            | Actor::ForeignSite
            | Actor::ListedOrigin
            | Actor::BareCookie
    );
    if with_cookie {
        request = request.header(header::COOKIE, format!("gatehouse={cookie}"));
    }
    request.body(Raw::from(body)).expect("a request")
}

/// `200`, `303 /login`, `403 cross_site_request`.
async fn said(response: axum::response::Response) -> String {
    let status = response.status();
    let location = response
        .headers()
        .get(header::LOCATION)
        .and_then(|to| to.to_str().ok());
    if let Some(location) = location.filter(|_| status.is_redirection()) {
        return format!("{} {location}", status.as_u16());
    }
    let is_problem = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind == "application/problem+json");
    if !is_problem {
        return status.as_u16().to_string();
    }
    let problem: serde_json::Value = serde_json::from_str(&text(response).await).expect("JSON");
    format!(
        "{} {}",
        status.as_u16(),
        problem["code"].as_str().expect("a code")
    )
}

#[tokio::test]
async fn every_route_answers_every_actor_as_expected() {
    let world = World::new(&[]).await;
    let service = world.somebody("service", Audience::Services).await;
    let mut wrong = Vec::new();
    for (at, expected) in EXPECTED.iter().enumerate() {
        for actor in ACTORS {
            // Somebody new each time: one of the routes signs out.
            let name = format!("somebody-{at}-{actor:?}");
            let somebody = world.somebody(&name, Audience::PortalAndServices).await;
            let response = world
                .send(request(actor, expected.route, &somebody, &service))
                .await;
            let said = said(response).await;
            let wanted = expected.of(actor);
            let is_file = wanted == FILE && ["200", "404 not_found"].contains(&said.as_str());
            if said != wanted && !is_file {
                wrong.push(format!(
                    "{} as {actor:?}: {said}, expected {wanted}",
                    expected.route
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A key of an admin that may do whatever admins may, and a token made from it.
async fn key_and_token(world: &World) -> [(&'static str, String); 2] {
    let admin = world.admin("key-owner").await;
    let auth = &world.portal.auth;
    let client = auth::Client::operator();
    let cookie = admin.cookie.expect("a cookie");
    let session = auth.session_by_cookie(&cookie, &client).await;
    let session = session.expect("answers").expect("lives");
    let wanted = wire::CreateApiKey {
        name: "walk".to_owned(),
        permissions: session.user.permissions.clone(),
        rate_limit: Some(100_000),
        ..wire::CreateApiKey::default()
    };
    let wanted = wanted.check().expect("in order");
    let made = auth.create_api_key(&session, &wanted, &client).await;
    let key = made.expect("is made").key;
    let used = auth.use_api_key(&key, &client).await.expect("opens");
    let token = auth.access_token(&used.session, Audience::Services).await;
    let token = token.expect("a token").access_token;
    [
        ("x-api-key", key.reveal().to_owned()),
        ("authorization", format!("Bearer {}", token.reveal())),
    ]
}

/// Whether a route asks its JSON callers for a credential.
fn asks_for_one(expected: &Expected) -> bool {
    expected.route.contains(" /api/") && expected.anonymous.starts_with("401")
}

#[tokio::test]
async fn a_key_and_a_token_made_from_it_reach_what_is_listed_and_nothing_else() {
    let world = World::new(&[]).await;
    let credentials = key_and_token(&world).await;
    let mut wrong = Vec::new();
    for ((header, credential), reaches) in credentials.iter().zip([KEY_REACHES, KEY_TOKEN_REACHES])
    {
        for (at, expected) in EXPECTED.iter().filter(|one| asks_for_one(one)).enumerate() {
            let somebody = world.admin(&format!("walker-{header}-{at}")).await;
            let mut request = request(Actor::Anonymous, expected.route, &somebody, &somebody);
            let value = credential.parse().expect("a header");
            request.headers_mut().insert(*header, value);
            let said = said(world.send(request).await).await;
            let listed = reaches.iter().find(|(route, _)| *route == expected.route);
            let wanted = listed.map_or("403 insufficient_permissions", |(_, answer)| answer);
            if said != wanted {
                wrong.push(format!(
                    "{} by {header}: {said}, expected {wanted}",
                    expected.route
                ));
            }
        }
        for (route, _) in reaches {
            assert!(EXPECTED.iter().any(|one| one.route == *route), "{route}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether an answer sends somebody to confirm it is them.
fn asks_to_step_up(said: &str) -> bool {
    said == "401 step_up_required" || said.starts_with("303 /step-up?next=")
}

#[tokio::test]
async fn a_factor_proven_a_while_ago_opens_only_what_may_wait() {
    let world = World::new(&[]).await;
    let mut asking = BTreeSet::new();
    for (at, expected) in EXPECTED.iter().enumerate() {
        let name = format!("stale-{at}");
        let somebody = world.admin(&name).await;
        world.advance(601);
        let mut request = request(Actor::Cookie, expected.route, &somebody, &somebody);
        if !expected.route.contains(" /api/") {
            let page = header::HeaderValue::from_static("text/html");
            request.headers_mut().insert(header::ACCEPT, page);
        }
        let said = said(world.send(request).await).await;
        if asks_to_step_up(&said) {
            asking.insert(expected.route);
        }
    }
    assert_eq!(asking, RECENT.iter().copied().collect());
}

#[tokio::test]
async fn a_route_nobody_listed_opens_for_nobody() {
    let world = World::new(&[]).await;
    let router = axum::Router::new()
        .route("/forgotten", axum::routing::get(|| async { "secret" }))
        .route_layer(axum::middleware::from_fn_with_state(
            world.portal.clone(),
            guard::guard,
        ));
    let router = crate::http::surround(router, &world.portal);

    let request = Request::get("/forgotten")
        .body(Raw::empty())
        .expect("a request");
    let Ok(response) = tower::ServiceExt::oneshot(router, request).await;

    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!text(response).await.contains("secret"));
}

#[tokio::test]
async fn another_method_of_a_listed_path_is_405_and_says_which_there_are() {
    let world = World::new(&[]).await;
    for (method, path, allowed) in [
        ("DELETE", "/api/auth/me", "GET, HEAD"),
        ("GET", "/auth/refresh", "POST"),
        ("PUT", "/auth/login", "GET, HEAD, POST"),
    ] {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .body(Raw::empty());
        let response = world.send(request.expect("a request")).await;
        assert_eq!(
            response.headers().get(header::ALLOW).expect("Allow"),
            allowed,
            "{path}"
        );
        assert_eq!(said(response).await, "405 method_not_allowed", "{path}");
    }
}
