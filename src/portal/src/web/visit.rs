//! What a browser carries beside its session: opened before a page is rendered or a form is read,
//! put back with the answer. The pages see values; here they are cookies.

use std::sync::Arc;

use app::server::{Brought, Flash, Keep, Link, Shelf, Visit};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::SET_COOKIE;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method};
use tower_sessions::Session;
use wire::{SafeReturnTo, Secret};

use super::{cookie, flash, link};
use crate::Portal;
use crate::config::Config;

/// As long as the link in the letter, in seconds.
const FLOW_LIFE: i64 = 24 * 3600;
/// The same of a reset.
const RESET_LIFE: i64 = 3600;
/// As long as a sign-in by mailed code waits, in seconds.
const SIGN_IN_LIFE: i64 = 900;

/// Opens a [`Visit`], and keeps what it takes home.
pub(super) async fn visit(State(portal): State<Portal>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let session = parts.extensions.get::<Session>().cloned();
    let viewer = viewer(&parts);
    let mut cookies = Vec::new();
    let visit = Visit::new(open(&portal, &parts, session.as_ref(), &mut cookies).await);
    parts.extensions.insert(visit.clone());
    let mut response = next.run(Request::from_parts(parts, body)).await;
    for keep in visit.take_home() {
        match keep {
            Keep::SignInFlow {
                flow,
                next,
                remember,
            } => {
                let goal = Some((&next, remember));
                cookies.extend(sign_in_cookies(&portal, flow.reveal(), goal));
            }
            Keep::NoSignInFlow => cookies.extend(sign_in_cookies(&portal, "", None)),
            keep => {
                cookies.extend(take_home(&portal, viewer.as_deref(), session.as_ref(), keep).await)
            }
        }
    }
    for cookie in cookies {
        if let Ok(value) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(SET_COOKIE, value);
        }
    }
    response
}

async fn open(
    portal: &Portal,
    request: &Parts,
    session: Option<&Session>,
    cookies: &mut Vec<String>,
) -> Brought {
    let headers = &request.headers;
    let flash = if request.method == Method::GET {
        shown_once(portal, request, session, cookies).await
    } else {
        None
    };
    let (next, remember) = sign_in_goal(portal, headers).unzip();
    Brought {
        flow: cookie::get(headers, portal.config.flow_cookie()).map(Secret::new),
        reset: cookie::get(headers, portal.config.reset_cookie()).map(Secret::new),
        reset_password: link::token_of(portal, headers, Link::ResetPassword),
        change_email: link::token_of(portal, headers, Link::ChangeEmail),
        undo_email: link::token_of(portal, headers, Link::UndoEmail),
        verify_email: link::token_of(portal, headers, Link::VerifyEmail),
        sign_in_flow: cookie::get(headers, portal.config.sign_in_cookie()).map(Secret::new),
        sign_in_next: next,
        sign_in_remember: remember.unwrap_or_default(),
        sign_in: link::token_of(portal, headers, Link::SignIn),
        set_up: link::token_of(portal, headers, Link::SetUp),
        invitation: link::token_of(portal, headers, Link::Invitation),
        undo_deletion: link::token_of(portal, headers, Link::UndoDeletion),
        flash,
    }
}

/// The flash this page's address leads to, by its key or, for somebody signed in, by its path.
async fn shown_once(
    portal: &Portal,
    request: &Parts,
    session: Option<&Session>,
    cookies: &mut Vec<String>,
) -> Option<Flash> {
    let key = request.uri.query().and_then(flash::key);
    if let Some((flash, taken)) =
        key.and_then(|key| flash::of_visitor(portal, &request.headers, key))
    {
        cookies.push(taken);
        return flash;
    }
    let viewer = viewer(request)?;
    flash::of_session(portal, &viewer, session?, key.unwrap_or(request.uri.path())).await
}

/// Who is signed in, as the guard found.
fn viewer(request: &Parts) -> Option<Arc<auth::Session>> {
    let viewer = request.extensions.get::<Option<Arc<auth::Session>>>();
    viewer.cloned().flatten()
}

async fn take_home(
    portal: &Portal,
    viewer: Option<&auth::Session>,
    session: Option<&Session>,
    keep: Keep,
) -> Option<String> {
    let config = &portal.config;
    match keep {
        Keep::Flash {
            shelf: Shelf::Session,
            key,
            flash,
        } => {
            let kept = match session {
                Some(session) => flash::for_session(portal, viewer, session, &key, &flash).await,
                None => false,
            };
            (!kept)
                .then(|| flash::for_visitor(portal, &key, &flash))
                .flatten()
        }
        Keep::Flash {
            shelf: Shelf::Cookie,
            key,
            flash,
        } => flash::for_visitor(portal, &key, &flash),
        Keep::Flow(secret) => Some(flow(config, config.flow_cookie(), &secret, FLOW_LIFE)),
        Keep::NoFlow => Some(flow(config, config.flow_cookie(), &Secret::default(), 0)),
        Keep::Reset(secret) => Some(flow(config, config.reset_cookie(), &secret, RESET_LIFE)),
        Keep::NoReset => Some(flow(config, config.reset_cookie(), &Secret::default(), 0)),
        Keep::Link(link, token) => link::keep(portal, link, token),
        Keep::NoLink(link) => Some(link::forget(portal, link)),
        // Two cookies: see `sign_in_cookies`.
        Keep::SignInFlow { .. } | Keep::NoSignInFlow => None,
    }
}

/// The cookie of a flow; without a life it is taken back.
fn flow(config: &Config, name: &str, secret: &Secret, life: i64) -> String {
    cookie::cookie(config, name.to_owned(), secret.reveal().to_owned(), life)
}

/// The flow's secret, which the JSON API reads too, and where the sign-in leads in the end: to which
/// page, and whether to stay.
fn sign_in_cookies(
    portal: &Portal,
    secret: &str,
    goal: Option<(&SafeReturnTo, bool)>,
) -> impl Iterator<Item = String> {
    let name = next_cookie(portal);
    let next = goal
        .filter(|(next, remember)| !next.is_home() || *remember)
        .and_then(|(next, remember)| {
            let goal = (next.as_str(), remember);
            cookie::seal(&portal.auth, &name, SIGN_IN_LIFE, goal)
        });
    let life = |value: &str| if value.is_empty() { 0 } else { SIGN_IN_LIFE };
    let next = next.unwrap_or_default();
    let flow = portal.config.sign_in_cookie().to_owned();
    [
        cookie::cookie(&portal.config, flow, secret.to_owned(), life(secret)),
        cookie::cookie(&portal.config, name, next.clone(), life(&next)),
    ]
    .into_iter()
}

fn sign_in_goal(portal: &Portal, headers: &HeaderMap) -> Option<(SafeReturnTo, bool)> {
    let name = next_cookie(portal);
    let goal = cookie::open(&portal.auth, &name, &cookie::get(headers, &name)?);
    let (next, remember): (String, bool) = goal?;
    Some((SafeReturnTo::parse(&next), remember))
}

fn next_cookie(portal: &Portal) -> String {
    cookie::name(&portal.config, "sign-in-next")
}
