//! The middleware: finds out who is calling and tells guards and handlers behind it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::response::{IntoResponse, Response};
use http::{Extensions, Request};
use tower_layer::Layer;
use tower_service::Service;

use crate::claims::Claims;
use crate::gatehouse::Gatehouse;
use crate::refusal::{Manner, Refusal};
use crate::settings::{ErrorShape, Settings};

/// What the layer found, in the request's extensions.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) claims: Option<Arc<Claims>>,
    gatehouse: Gatehouse,
}

impl Caller {
    /// `None` where no layer stands around whoever asks: answer [`misplaced`].
    pub(crate) fn of(extensions: &Extensions) -> Option<&Self> {
        extensions.get()
    }

    pub(crate) fn refuse(&self, refusal: &Refusal) -> Response {
        refusal.answer(&self.gatehouse.manner)
    }

    pub(crate) fn now(&self) -> u64 {
        self.gatehouse.now()
    }
}

/// What a guard or an extractor without the layer answers.
pub(crate) fn misplaced() -> Response {
    tracing::error!("a guard or a Claims extractor stands without Gatehouse::layer around it");
    // Nobody told us how this service says no.
    let manner = Manner::of(&Settings::new("", "").errors(ErrorShape::Problem));
    Refusal::misplaced().answer(&manner)
}

/// What to do about somebody who does not say who they are.
#[derive(Clone, Copy, PartialEq)]
enum Nobody {
    IsRefused,
    GoesOn,
}

/// See [`Gatehouse::layer`] and [`Gatehouse::optional_layer`].
#[derive(Clone)]
pub struct Authenticate {
    gatehouse: Gatehouse,
    nobody: Nobody,
}

impl Authenticate {
    pub(crate) fn required(gatehouse: Gatehouse) -> Self {
        let nobody = Nobody::IsRefused;
        Self { gatehouse, nobody }
    }

    pub(crate) fn optional(gatehouse: Gatehouse) -> Self {
        let nobody = Nobody::GoesOn;
        Self { gatehouse, nobody }
    }
}

impl<S> Layer<S> for Authenticate {
    type Service = Authenticated<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Authenticated {
            inner,
            rule: self.clone(),
        }
    }
}

/// A service behind [`Authenticate`].
#[derive(Clone)]
pub struct Authenticated<S> {
    inner: S,
    rule: Authenticate,
}

/// A service's future, whatever it is.
pub(crate) type Answering<E> = Pin<Box<dyn Future<Output = Result<Response, E>> + Send>>;

impl<S, B> Service<Request<B>> for Authenticated<S>
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

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        // The one that said it is ready goes; another stays.
        let another = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, another);
        let Authenticate { gatehouse, nobody } = self.rule.clone();
        Box::pin(async move {
            let headers = std::mem::take(request.headers_mut());
            let caller = gatehouse.identify(&headers).await;
            *request.headers_mut() = headers;
            let claims = match caller {
                Ok(None) if nobody == Nobody::IsRefused => Err(Refusal::anonymous()),
                caller => caller,
            };
            match claims {
                Err(refusal) => Ok(refusal.answer(&gatehouse.manner)),
                Ok(claims) => {
                    let claims = claims.map(Arc::new);
                    request
                        .extensions_mut()
                        .insert(Caller { claims, gatehouse });
                    inner.call(request).await.map(IntoResponse::into_response)
                }
            }
        })
    }
}
