//! The guard: enforces the table, in the order `contract.md` gives. The method was the router's
//! to check; the members of a body are the handler's.

use std::sync::Arc;

use auth::{Client, Refused, Session};
use axum::body::Bytes;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method, header};
use wire::ErrorCode;

use super::{Body, Cors, Door, Kinds, Row, Who, consent, ended, methods, quota, row, step_up};
use crate::Portal;
use crate::api::body::{self, Members};
use crate::api::problem::Problem;
use crate::credential::{self, Caller};

/// Lets a request through to its handler, or answers it.
pub async fn guard(State(portal): State<Portal>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().cloned();
    let path = path.as_ref().map_or("", MatchedPath::as_str);
    let Some(row) = row(request.method(), path) else {
        return unlisted(request.method(), path);
    };
    let judged = match row.door {
        Door::Open => Ok(request),
        Door::Json => json(&portal, row, request).await,
        Door::Page | Door::ServerFunction => page(&portal, row, request).await,
    };
    match judged {
        Ok(request) => {
            let caller = request.extensions().get::<Caller>();
            let quota = caller.and_then(|caller| caller.quota);
            quota::say(next.run(request).await, quota)
        }
        Err(answer) => answer,
    }
}

/// Another method of a listed path, or a route nobody listed, which opens for nobody.
fn unlisted(method: &Method, path: &str) -> Response {
    let allowed = methods(path);
    if allowed.is_empty() {
        tracing::error!(%method, path, "a route is missing from the access table");
        return Problem(ErrorCode::Internal.into()).into_response();
    }
    let mut response = Problem(ErrorCode::MethodNotAllowed.into()).into_response();
    if let Ok(allowed) = HeaderValue::from_str(&allowed.join(", ")) {
        response.headers_mut().insert(header::ALLOW, allowed);
    }
    response
}

async fn json(portal: &Portal, row: &'static Row, request: Request) -> Result<Request, Response> {
    let (mut request, members) = read(row, request)
        .await
        .map_err(IntoResponse::into_response)?;
    let refuse = |refused: credential::Refused| {
        let answer = Problem(refused.error).into_response();
        quota::say(answer, refused.quota)
    };
    let client = sender(&request).map_err(IntoResponse::into_response)?;
    let (method, headers) = (request.method(), request.headers());
    let caller = caller(portal, row, headers, &client, &members).await;
    let caller = caller.map_err(refuse)?;
    let quota = caller.as_ref().and_then(|caller| caller.quota);
    let sender = (caller.as_ref(), &client);
    if let Err(problem) = come_in(portal, row, method, headers, sender).await {
        return Err(quota::say(problem.into_response(), quota));
    }
    if let Some(caller) = caller {
        request.extensions_mut().insert(caller);
    }
    request.extensions_mut().insert(members);
    Ok(request)
}

/// The members of the body, where the row says that there is one.
async fn read(row: &Row, request: Request) -> Result<(Request, Members), Problem> {
    let (request, bytes) = body::take(row.body, request).await?;
    let members = bytes.map(|bytes| Members::parse(&bytes)).transpose()?;
    Ok((request, members.unwrap_or_default()))
}

/// Who calls; `None` where nobody has to.
async fn caller(
    portal: &Portal,
    row: &Row,
    headers: &HeaderMap,
    client: &Client,
    members: &Members,
) -> Result<Option<Caller>, credential::Refused> {
    if row.who == Who::Public {
        return Ok(None);
    }
    let presented = credential::presented(headers, portal.config.session_cookie())?;
    let caller = credential::resolve(&portal.auth, presented, client).await?;
    let by_refresh_token = row.who == Who::SignedInOrRefreshToken && members.has("refreshToken");
    match caller {
        None if by_refresh_token || row.who == Who::Anyone => Ok(None),
        None => Err(ErrorCode::AuthenticationRequired.into()),
        Some(caller) => Ok(Some(caller)),
    }
}

/// Whether somebody may; who may not is written down, with what they lacked. Whoever is not known is
/// counted alone, with every other answer (`metrics`).
async fn judge(
    portal: &Portal,
    row: &'static Row,
    caller: &Caller,
    client: &Client,
) -> Result<(), Problem> {
    let Err(problem) = permitted(portal, row, caller) else {
        return Ok(());
    };
    let reason = match problem.0.code {
        ErrorCode::StepUpRequired => "step_up",
        _ if !row.kinds.take(caller.kind) => "credential",
        _ => "missing_permission",
    };
    let refused = Refused {
        method: row.method.as_str(),
        route: row.path,
        permission: row.who.permission(),
        reason,
    };
    portal
        .auth
        .note_refused(&caller.session, refused, client)
        .await;
    Err(problem)
}

/// Where the request comes from, then what its sender may do.
async fn come_in(
    portal: &Portal,
    row: &'static Row,
    method: &Method,
    headers: &HeaderMap,
    (caller, client): (Option<&Caller>, &Client),
) -> Result<(), Problem> {
    let kind = caller.map(|caller| caller.kind);
    same_origin(portal, row, method, headers, kind).await?;
    match caller {
        Some(caller) => judge(portal, row, caller, client).await,
        None => Ok(()),
    }
}

/// Kinds of credential, then the permission, then how recent the factor is.
fn permitted(portal: &Portal, row: &Row, caller: &Caller) -> Result<(), Problem> {
    if !row.kinds.take(caller.kind) {
        // A token for the services is no token here at all; the others are, but not for this.
        let code = if caller.kind == Kinds::SERVICES {
            ErrorCode::InvalidToken
        } else {
            ErrorCode::InsufficientPermissions
        };
        return Err(Problem(code.into()));
    }
    let session = &caller.session;
    if !row.who.admits(&session.user.permissions) {
        return Err(Problem(ErrorCode::InsufficientPermissions.into()));
    }
    if row.who.is_recent() && !portal.auth.is_recent(session) {
        return Err(Problem(ErrorCode::StepUpRequired.into()));
    }
    Ok(())
}

/// D4. A request that shows no cookie and sets none cannot be another site's trick.
async fn same_origin(
    portal: &Portal,
    row: &Row,
    method: &Method,
    headers: &HeaderMap,
    kind: Option<Kinds>,
) -> Result<(), Problem> {
    let has_cookie = has_our_cookie(portal, headers);
    let may_set_one =
        matches!(row.who, Who::Public | Who::Anyone) || row.door == Door::ServerFunction;
    if !has_cookie && !may_set_one && kind != Some(Kinds::COOKIE) {
        return Ok(());
    }
    let takes_listed = row.cors == Cors::Listed;
    if portal
        .cross_site
        .is_foreign(method, headers, has_cookie, takes_listed)
        .await
    {
        return Err(Problem(ErrorCode::CrossSiteRequest.into()));
    }
    Ok(())
}

fn has_our_cookie(portal: &Portal, headers: &HeaderMap) -> bool {
    let config = &portal.config;
    let names = [
        config.session_cookie(),
        config.flow_cookie(),
        config.reset_cookie(),
        config.sign_in_cookie(),
    ];
    names
        .iter()
        .any(|name| !credential::cookies(headers, name).is_empty())
}

/// Pages know their viewer, or that there is none; only a route for members sends anyone away.
async fn page(portal: &Portal, row: &'static Row, request: Request) -> Result<Request, Response> {
    let (request, viewer) = look(portal, row, request)
        .await
        .map_err(IntoResponse::into_response)?;
    let Some(caller) = viewer.filter(|_| row.who != Who::Public) else {
        return match row.who {
            Who::Public => Ok(request),
            _ => Err(ended::to_sign_in(portal, &request)),
        };
    };
    let client = sender(&request).map_err(IntoResponse::into_response)?;
    match judge(portal, row, &caller, &client).await {
        Ok(()) => {
            consent::ask(portal, row, &request.uri().clone(), &caller).await?;
            Ok(request)
        }
        Err(problem) if problem.0.code == ErrorCode::StepUpRequired => {
            Err(step_up::interrupt(portal, request, problem).await)
        }
        Err(problem) => Err(problem.into_response()),
    }
}

async fn look(
    portal: &Portal,
    row: &Row,
    request: Request,
) -> Result<(Request, Option<Caller>), Problem> {
    let mut request = form(row, request).await?;
    same_origin(portal, row, request.method(), request.headers(), None).await?;
    let name = portal.config.session_cookie();
    if credential::cookies(request.headers(), name).len() > 1 {
        forget_cookie(request.headers_mut(), name);
    }
    let client = sender(&request)?;
    let viewer = viewer(portal, request.headers(), &client).await?;
    let session: Option<Arc<Session>> = viewer.as_ref().map(|caller| Arc::clone(&caller.session));
    request.extensions_mut().insert(session);
    Ok((request, viewer))
}

/// The form is read here, so that its size is judged before anything else is.
async fn form(row: &Row, request: Request) -> Result<Request, Problem> {
    let (request, bytes) = body::take(row.body, request).await?;
    let (parts, rest) = request.into_parts();
    let body = if row.body == Body::Form {
        axum::body::Body::from(bytes.unwrap_or_else(Bytes::new))
    } else {
        rest
    };
    Ok(Request::from_parts(parts, body))
}

async fn viewer(
    portal: &Portal,
    headers: &HeaderMap,
    client: &Client,
) -> Result<Option<Caller>, Problem> {
    let Some(cookie) = credential::page_cookie(headers, portal.config.session_cookie()) else {
        return Ok(None);
    };
    let session = portal.auth.session_by_cookie(&cookie, client).await?;
    Ok(session.map(|session| Caller {
        session,
        kind: Kinds::COOKIE,
        quota: None,
    }))
}

/// Which of two is ours cannot be known, so that nothing behind the guard may pick one.
fn forget_cookie(headers: &mut HeaderMap, name: &str) {
    let lines: Vec<String> = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .map(str::to_owned)
        .collect();
    let pairs = lines.iter().flat_map(|line| line.split(';')).map(str::trim);
    let kept: Vec<&str> = pairs
        .filter(|pair| pair.split_once('=').is_none_or(|(known, _)| known != name))
        .collect();
    headers.remove(header::COOKIE);
    if let Some(value) = HeaderValue::from_str(&kept.join("; "))
        .ok()
        .filter(|value| !value.is_empty())
    {
        headers.insert(header::COOKIE, value);
    }
}

fn sender(request: &Request) -> Result<Client, Problem> {
    let client = request.extensions().get::<Client>().cloned();
    client.ok_or_else(|| {
        tracing::error!("a request came without its context");
        Problem(ErrorCode::Internal.into())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doubled_cookie_is_taken_out_and_the_others_stay() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; gatehouse=x"));
        headers.append(header::COOKIE, HeaderValue::from_static("gatehouse=y; b=2"));

        forget_cookie(&mut headers, "gatehouse");

        assert_eq!(
            headers.get_all(header::COOKIE).iter().collect::<Vec<_>>(),
            ["a=1; b=2"]
        );
    }
}
