//! What happens to a page or a form that wants a factor proven just now (D26): the person confirms
//! it is them, comes back to where they were, and finds what they typed. Nothing runs by itself.

use std::collections::BTreeMap;

use app::server::{Flash, Notice, accepts_html};
use axum::body::to_bytes;
use axum::extract::Request;
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use http::header::{REFERER, SET_COOKIE};
use http::{HeaderMap, Method, Uri};
use wire::SafeReturnTo;

use crate::Portal;
use crate::api::problem::Problem;
use crate::web;

/// Forms are no larger (`contract.md`, General).
const LARGEST: usize = 64 * 1024;
/// The longest value that is kept; a longer one would not fit into a cookie.
const LONGEST: usize = 1500;
/// Fields whose names hold one of these are never kept.
const SECRETS: [&str; 4] = ["password", "code", "token", "secret"];

/// Sends somebody to confirm it is them; a program is told `problem`.
pub(super) async fn interrupt(portal: &Portal, request: Request, problem: Problem) -> Response {
    if !accepts_html(request.headers()) {
        return problem.into_response();
    }
    if request.method() == Method::GET {
        let here = request
            .uri()
            .path_and_query()
            .map_or("", |here| here.as_str());
        return to_step_up(here).into_response();
    }
    let page = page_of(portal, request.headers());
    let typed = to_bytes(request.into_body(), LARGEST).await;
    let flash = Flash {
        notice: Some(Notice::SendAgain),
        kept: kept(&typed.unwrap_or_default()),
        ..Flash::default()
    };
    let key = Flash::draw_key(portal.auth.entropy());
    let cookie = web::flash_cookie(portal, &key, &flash);
    let next = Flash::address(&page, &key);
    let set = cookie.map(|cookie| AppendHeaders([(SET_COOKIE, cookie)]));
    (set, to_step_up(&next)).into_response()
}

fn to_step_up(next: &str) -> Redirect {
    let next = SafeReturnTo::parse(next);
    Redirect::to(&format!("/step-up?next={}", next.in_query()))
}

/// The page a form stood on, as the browser tells it. Ours send the whole address within the portal
/// (D5); whatever is not a page of ours leads to the account.
fn page_of(portal: &Portal, headers: &HeaderMap) -> String {
    let referer = headers
        .get(REFERER)
        .and_then(|referer| referer.to_str().ok());
    let uri = referer.and_then(|referer| {
        let rest = referer.strip_prefix(&portal.auth.settings().public_url)?;
        rest.parse::<Uri>().ok()
    });
    let Some(uri) = uri else {
        return SafeReturnTo::HOME.to_owned();
    };
    let query = uri.query().unwrap_or_default().split('&');
    let query: Vec<_> = query
        .filter(|pair| !pair.is_empty() && !pair.starts_with("flash="))
        .collect();
    let page = if query.is_empty() {
        uri.path().to_owned()
    } else {
        format!("{}?{}", uri.path(), query.join("&"))
    };
    SafeReturnTo::parse(&page).as_str().to_owned()
}

/// What was typed, under the names fields are known by on the wire; no secret. Boxes of one name
/// (`permissions[]`) are one field: what was ticked, with a space between.
fn kept(form: &[u8]) -> BTreeMap<String, String> {
    let mut kept: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(form) {
        let is_secret = SECRETS.iter().any(|secret| name.contains(secret));
        if is_secret {
            continue;
        }
        match name.strip_suffix("[]") {
            Some(boxes) => {
                let ticked = kept.entry(camel(boxes)).or_default();
                if !ticked.is_empty() {
                    ticked.push(' ');
                }
                ticked.push_str(&value);
            }
            None => {
                kept.insert(camel(&name), value.into_owned());
            }
        }
    }
    kept.retain(|_, value| value.chars().count() <= LONGEST);
    kept
}

/// `first_name` becomes `firstName`.
fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut name, word| {
        let mut letters = word.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(letters.as_str());
        name
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_kept_and_what_is_secret_is_not() {
        let kept =
            kept(b"first_name=Ada+L&email=a%40b.c&current_password=x&code=1&token=t&long_secret=1");

        let kept: Vec<_> = kept
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(kept, [("email", "a@b.c"), ("firstName", "Ada L")]);
    }

    #[test]
    fn every_box_that_was_ticked_is_kept() {
        let kept = kept(b"permissions%5B%5D=a%3Aread&name=x&permissions%5B%5D=b%3Aread");

        assert_eq!(kept["permissions"], "a:read b:read");
        assert_eq!(kept["name"], "x");
    }

    #[test]
    fn what_no_cookie_could_hold_is_not_kept() {
        assert!(kept(format!("note={}", "x".repeat(1501)).as_bytes()).is_empty());
    }
}
