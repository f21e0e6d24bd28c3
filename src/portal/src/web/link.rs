//! Mailed and printed links: the token leaves the URL before a page is shown (ASVS 14.2.1, security.md
//! row 69), into a sealed cookie of this browser. Opening a link uses nothing up.

use app::server::Link;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use http::header::SET_COOKIE;
use http::{HeaderMap, Method};
use wire::Secret;

use super::cookie;
use crate::Portal;

/// The longest token that could be ours.
const LONGEST: usize = 128;

/// The pages such links open, and how long their tokens wait there, in seconds. A set-up form has
/// more to fill in.
const PAGES: &[(Link, &str, &str, i64)] = &[
    (Link::ChangeEmail, "/change-email", "change-email", 600),
    (Link::UndoEmail, "/undo-email", "undo-email", 600),
    (Link::SignIn, "/login/code", "sign-in-link", 900),
    (Link::VerifyEmail, "/verify-email", "verify-email", 600),
    (
        Link::ResetPassword,
        "/reset-password",
        "reset-password",
        1800,
    ),
    (Link::SetUp, "/setup", "set-up", 3600),
    // Time to sign in first, or to sign out.
    (Link::Invitation, "/accept-invitation", "invitation", 3600),
    (Link::UndoDeletion, "/undo-deletion", "undo-deletion", 600),
];

/// Answers a link with its token by the same page without.
pub(super) async fn move_token(
    State(portal): State<Portal>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    let page = PAGES
        .iter()
        .find(|(_, page, ..)| *page == path && request.method() == Method::GET);
    let token = request.uri().query().and_then(token);
    let (Some((_, page, short, life)), Some(token)) = (page, token) else {
        return next.run(request).await;
    };
    let set = kept(&portal, short, *life, Secret::new(token));
    let set = set.map(|cookie| AppendHeaders([(SET_COOKIE, cookie)]));
    (set, Redirect::to(page)).into_response()
}

/// A token as a cookie that only its own page opens.
fn kept(portal: &Portal, short: &str, life: i64, token: Secret) -> Option<String> {
    let name = cookie::name(&portal.config, short);
    let sealed = cookie::seal(&portal.auth, &name, life, token)?;
    Some(cookie::cookie(&portal.config, name, sealed, life))
}

/// What keeps a token as if its link had been opened.
pub(super) fn keep(portal: &Portal, link: Link, token: Secret) -> Option<String> {
    let (_, _, short, life) = PAGES.iter().find(|(known, ..)| *known == link)?;
    kept(portal, short, *life, token)
}

/// The token a link left in this browser.
pub(super) fn token_of(portal: &Portal, headers: &HeaderMap, link: Link) -> Option<Secret> {
    let name = cookie_name(portal, link);
    cookie::open(&portal.auth, &name, &cookie::get(headers, &name)?)
}

/// What takes it back.
pub(super) fn forget(portal: &Portal, link: Link) -> String {
    cookie::cookie(&portal.config, cookie_name(portal, link), String::new(), 0)
}

fn cookie_name(portal: &Portal, link: Link) -> String {
    let page = PAGES.iter().find(|(known, ..)| *known == link);
    cookie::name(&portal.config, page.map_or("", |(_, _, short, _)| short))
}

/// The one token of a query; empty, and so nobody's, when it cannot be one of ours.
fn token(query: &str) -> Option<&str> {
    let mut tokens = query
        .split('&')
        .filter_map(|pair| pair.strip_prefix("token="));
    let first = tokens.next()?;
    let plain = first
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    Some(
        if plain && first.len() <= LONGEST && tokens.next().is_none() {
            first
        } else {
            ""
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_a_token_is_none() {
        assert_eq!(token("token=abc_-9"), Some("abc_-9"));
        assert_eq!(token("a=b"), None);
        for query in [
            "token=",
            "token=%00",
            "token=%3Cscript%3E",
            "token=a&token=b",
            &format!("token={}", "a".repeat(129)),
        ] {
            assert_eq!(token(query), Some(""), "{query}");
        }
    }
}
