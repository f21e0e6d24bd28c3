//! The mailbox of development mode (D16): for this machine, and nobody who only looks like it.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use app::server::{Letter, Letters};
use axum::extract::{ConnectInfo, Path, Request, State};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::header::{CONTENT_SECURITY_POLICY, HOST, ORIGIN};
use http::{HeaderMap, HeaderValue, StatusCode};
use mail::{Kept, Mailbox};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use wire::ErrorCode;

use crate::Portal;
use crate::api::problem::Problem;
use crate::http::headers::{CspNonce, page_policy};

const LIST: &str = "/dev/mailbox";
const LETTER: &str = "/dev/mailbox/{id}";
/// What a proxy adds: whoever comes through one is not at this machine.
const FORWARDING: [&str; 6] = [
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
    "via",
];
/// A letter shows itself, its own style included, and can do nothing.
const LETTER_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox",
);

/// The pages that exist in development mode alone.
pub(super) fn page_paths() -> Vec<String> {
    vec![LIST.to_owned(), LETTER.to_owned()]
}

/// What is no page: the list for programs, and a letter for the frame of its page.
pub(super) fn router(portal: &Portal) -> Router {
    let Some(mailbox) = portal.mailbox.clone() else {
        return Router::new();
    };
    Router::new()
        .route("/dev/mailbox.json", get(list))
        .route("/dev/mailbox/{id}/html", get(html))
        .with_state(mailbox)
}

async fn list(State(mailbox): State<Mailbox>) -> Result<Json<Vec<Kept>>, Problem> {
    Ok(Json(mailbox.list().await.map_err(unreadable)?))
}

async fn html(State(mailbox): State<Mailbox>, Path(id): Path<String>) -> Result<Response, Problem> {
    let letter = mailbox
        .get(&id)
        .await
        .map_err(unreadable)?
        .ok_or(Problem(ErrorCode::NotFound.into()))?;
    Ok((
        [(CONTENT_SECURITY_POLICY, LETTER_POLICY)],
        Html(letter.html),
    )
        .into_response())
}

/// Keeps everybody else out, and puts the letters a page shows into its request.
pub(super) async fn guard(
    State(portal): State<Portal>,
    mut request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path().to_owned();
    if !path.starts_with("/dev/") {
        return next.run(request).await;
    }
    let Some(mailbox) = portal
        .mailbox
        .as_ref()
        .filter(|_| is_from_here(&portal, &request))
    else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let id = path
        .strip_prefix("/dev/mailbox/")
        .filter(|rest| !rest.contains('/'));
    match letters(mailbox, &path, id).await {
        Ok(Some(letters)) => request.extensions_mut().insert(letters),
        Ok(None) if id.is_some() => return Problem(ErrorCode::NotFound.into()).into_response(),
        Ok(None) => None,
        Err(problem) => return problem.into_response(),
    };
    let nonce = request.extensions().get::<CspNonce>().cloned();
    let mut response = next.run(request).await;
    if let (Some(policy), Some(_)) = (nonce.and_then(with_frame), id) {
        response
            .headers_mut()
            .insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

async fn letters(
    mailbox: &Mailbox,
    path: &str,
    id: Option<&str>,
) -> Result<Option<Letters>, Problem> {
    let kept = match id {
        Some(id) => mailbox
            .get(id)
            .await
            .map_err(unreadable)?
            .map(|letter| vec![letter]),
        None if path == LIST => Some(mailbox.list().await.map_err(unreadable)?),
        None => None,
    };
    Ok(kept.map(|kept| Letters(Arc::new(kept.into_iter().map(letter).collect()))))
}

fn letter(kept: Kept) -> Letter {
    let at = OffsetDateTime::parse(&kept.created_at, &Rfc3339);
    Letter {
        id: kept.id,
        to: kept.to,
        subject: kept.subject,
        text: kept.text,
        at: at.map_or(0, OffsetDateTime::unix_timestamp),
    }
}

/// The page of a letter frames it; no other page frames anything.
fn with_frame(nonce: CspNonce) -> Option<HeaderValue> {
    let policy = page_policy(nonce)?;
    HeaderValue::from_str(&format!("{}; frame-src 'self'", policy.to_str().ok()?)).ok()
}

/// The socket, the name that was typed and the page it was asked from: all of this machine. A name
/// that is not (DNS rebinding) reaches the socket just as well.
fn is_from_here(portal: &Portal, request: &Request) -> bool {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let headers = request.headers();
    peer.is_some_and(|ConnectInfo(peer)| peer.ip().to_canonical().is_loopback())
        && one(headers, HOST.as_str())
            .or(request.uri().host())
            .is_some_and(is_loopback)
        && FORWARDING.iter().all(|name| !headers.contains_key(*name))
        && (!headers.contains_key(ORIGIN)
            || one(headers, ORIGIN.as_str()) == Some(portal.config.public_url()))
}

fn one<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut lines = headers.get_all(name).iter();
    let first = lines.next()?.to_str().ok()?;
    lines.next().is_none().then_some(first)
}

/// `localhost:3000`, `127.0.0.1`, `[::1]:3000`.
fn is_loopback(host: &str) -> bool {
    let bare = match host.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map_or("", |(address, _)| address),
        None => host.split_once(':').map_or(host, |(name, _)| name),
    };
    bare.eq_ignore_ascii_case("localhost")
        || bare
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn unreadable(error: mail::MailboxError) -> Problem {
    tracing::error!(reason = %error, "the development mailbox does not read");
    Problem(ErrorCode::Internal.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_loopback() {
        for host in [
            "localhost",
            "LOCALHOST:3000",
            "127.0.0.1:3000",
            "127.1.2.3",
            "[::1]:3000",
            "[::1]",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "localhost.evil.example:3000",
            "evil.example",
            "",
            "[evil]",
            "0.0.0.0",
            "127.0.0.1.evil.example",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
