//! May they? Each guard goes inside [`Gatehouse::layer`](crate::Gatehouse::layer). Rights come from `permissions` alone. What a
//! caller may not know of is 404, as if it were missing; what they know of and may not do is 403.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::response::{IntoResponse, Response};
use http::Request;
use http::request::Parts;
use tower_layer::Layer;
use tower_service::Service;

use crate::claims::Claims;
use crate::layer::{Answering, Caller, misplaced};
use crate::refusal::Refusal;

/// All of these permissions, or 403. `workflow.read` is read as `workflow:read`.
///
/// # Panics
/// On an empty list: a guard that asks for nothing is a mistake.
pub fn require_permission<T: Into<String>>(all: impl IntoIterator<Item = T>) -> Guard {
    Guard::new(Rule::All(named(all)))
}

/// One of these permissions, or 403.
///
/// # Panics
/// On an empty list: a guard that asks for nothing is a mistake.
pub fn require_any_permission<T: Into<String>>(any: impl IntoIterator<Item = T>) -> Guard {
    Guard::new(Rule::Any(named(any)))
}

/// One of these roles, or 403. A role is a label: prefer a permission.
///
/// # Panics
/// On an empty list: a guard that asks for nothing is a mistake.
pub fn require_role<T: Into<String>>(any: impl IntoIterator<Item = T>) -> Guard {
    Guard::new(Rule::Role(some(any)))
}

/// The route's parameter names the caller's tenant, or 404: `require_tenant("tenant_id")` on `/tenants/{tenant_id}`.
pub fn require_tenant(parameter: impl Into<String>) -> Guard {
    Guard::new(Rule::Tenant(parameter.into()))
}

/// The person proved a factor at most this long ago; otherwise 401 `step_up_required` with the challenge of RFC 9470. An API
/// key is nobody who could: 403.
pub fn step_up(max_age: Duration) -> Guard {
    Guard::new(Rule::StepUp(max_age.as_secs(), Vec::new()))
}

/// The same, proven by one of these methods (`amr`, RFC 8176).
///
/// # Panics
/// On an empty list: a guard that asks for nothing is a mistake.
pub fn step_up_by<T: Into<String>>(
    max_age: Duration,
    methods: impl IntoIterator<Item = T>,
) -> Guard {
    Guard::new(Rule::StepUp(max_age.as_secs(), some(methods)))
}

/// Permissions by the names tokens carry: `workflow.read` is another way to write `workflow:read`.
fn named<T: Into<String>>(list: impl IntoIterator<Item = T>) -> Vec<String> {
    let canonical = |name: String| match name.contains(':') {
        true => name,
        false => name.replacen('.', ":", 1),
    };
    some(list).into_iter().map(canonical).collect()
}

fn some<T: Into<String>>(list: impl IntoIterator<Item = T>) -> Vec<String> {
    let list: Vec<String> = list.into_iter().map(Into::into).collect();
    assert!(
        !list.is_empty(),
        "gatehouse-axum: a guard needs at least one word"
    );
    list
}

enum Rule {
    All(Vec<String>),
    Any(Vec<String>),
    Role(Vec<String>),
    /// The name of a path parameter.
    Tenant(String),
    /// Seconds, and methods if any will not do.
    StepUp(u64, Vec<String>),
}

impl Rule {
    /// The answer to whoever may not go on.
    async fn check(&self, parts: &mut Parts) -> Option<Response> {
        let Some(caller) = Caller::of(&parts.extensions).cloned() else {
            return Some(misplaced());
        };
        let refusal = match &caller.claims {
            None => Some(Refusal::anonymous()),
            Some(claims) => self.refusal(claims, caller.now(), parts).await,
        };
        refusal.map(|refusal| caller.refuse(&refusal))
    }

    async fn refusal(&self, claims: &Claims, now: u64, parts: &mut Parts) -> Option<Refusal> {
        match self {
            Self::All(all) => {
                let holds = all.iter().all(|one| claims.may(one));
                (!holds).then(|| Refusal::insufficient(all))
            }
            Self::Any(any) => {
                let holds = any.iter().any(|one| claims.may(one));
                (!holds).then(|| Refusal::insufficient(any))
            }
            Self::Role(roles) => {
                (!roles.contains(&claims.role)).then(|| Refusal::insufficient(&[]))
            }
            Self::Tenant(parameter) => {
                let named = path_parameter(parts, parameter).await;
                let own = named.is_some() && named == claims.tenant_id;
                (!own).then(Refusal::not_found)
            }
            Self::StepUp(max_age, methods) => step_up_refusal(claims, now, *max_age, methods),
        }
    }
}

async fn path_parameter(parts: &mut Parts, name: &str) -> Option<String> {
    let parameters = RawPathParams::from_request_parts(parts, &()).await.ok()?;
    let mut parameters = parameters.iter();
    let (_, value) = parameters.find(|(key, _)| *key == name)?;
    Some(value.to_owned())
}

fn step_up_refusal(claims: &Claims, now: u64, max_age: u64, methods: &[String]) -> Option<Refusal> {
    if claims.key_id.is_some() {
        return Some(Refusal::insufficient(&[]));
    }
    let is_recent = |at: u64| now.saturating_sub(at) <= max_age;
    let recent = claims.auth_time.is_some_and(is_recent);
    let proven = methods.is_empty() || methods.iter().any(|one| claims.methods.contains(one));
    (!recent || !proven).then(|| Refusal::step_up_required(max_age))
}

/// A layer made by one of the functions of this crate, for a route or a router inside [`Gatehouse::layer`](crate::Gatehouse::layer).
#[derive(Clone)]
pub struct Guard(Arc<Rule>);

impl Guard {
    fn new(rule: Rule) -> Self {
        Self(Arc::new(rule))
    }
}

impl<S> Layer<S> for Guard {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Guarded {
            inner,
            rule: Arc::clone(&self.0),
        }
    }
}

/// A service behind a [`Guard`].
#[derive(Clone)]
pub struct Guarded<S> {
    inner: S,
    rule: Arc<Rule>,
}

impl<S, B> Service<Request<B>> for Guarded<S>
where
    S: Service<Request<B>, Response: IntoResponse, Future: Send> + Clone + Send + 'static,
    B: Send + 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Answering<S::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The one that said it is ready goes; another stays.
        let another = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, another);
        let rule = Arc::clone(&self.rule);
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            if let Some(answer) = rule.check(&mut parts).await {
                return Ok(answer);
            }
            let request = Request::from_parts(parts, body);
            inner.call(request).await.map(IntoResponse::into_response)
        })
    }
}
