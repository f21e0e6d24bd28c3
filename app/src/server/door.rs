//! What a server function needs of its request, read before the first `.await`.

use std::fmt::Display;
use std::sync::Arc;

use auth::{Auth, Client, Session};
use http::HeaderMap;
use http::header::ACCEPT;
use http::request::Parts;
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use super::error::UiError;
use super::site::Site;
use super::visit::Visit;

/// One request, opened.
pub(crate) struct Door {
    pub(super) site: Site,
    pub(super) client: Client,
    pub(super) session: Option<Arc<Session>>,
    pub(super) carrier: tower_sessions::Session,
    pub(super) visit: Visit,
    pub(super) answer: ResponseOptions,
    /// A form that was posted, not a fetch: answered with a redirect.
    pub(super) is_form: bool,
}

impl Door {
    /// Reads the context of this request.
    ///
    /// # Errors
    /// `Internal` when a layer is missing.
    pub(super) fn open() -> Result<Self, UiError> {
        let door = || {
            let parts = use_context::<Parts>()?;
            let extensions = &parts.extensions;
            Some(Self {
                site: use_context()?,
                client: extensions.get::<Client>()?.clone(),
                session: extensions.get::<Option<Arc<Session>>>()?.clone(),
                carrier: extensions.get::<tower_sessions::Session>()?.clone(),
                visit: extensions.get::<Visit>()?.clone(),
                answer: use_context()?,
                is_form: accepts_html(&parts.headers),
            })
        };
        door().ok_or_else(|| {
            tracing::error!("a server function runs without the layers of the browser's door");
            UiError::Internal
        })
    }

    /// Who sent the form.
    ///
    /// # Errors
    /// `authentication_required` where nobody is signed in.
    pub(super) fn session(&self) -> Result<&Arc<Session>, wire::Error> {
        Ok(self
            .session
            .as_ref()
            .ok_or(wire::ErrorCode::AuthenticationRequired)?)
    }

    /// Who sent a form that the access table opens to nobody else.
    ///
    /// # Errors
    /// [`UiError::Internal`] where table and form disagree: to the core, nobody is the operator.
    pub(super) fn person(&self) -> Result<&Arc<Session>, UiError> {
        self.session.as_ref().ok_or(UiError::Internal)
    }

    pub(super) fn auth(&self) -> &Auth {
        &self.site.auth
    }
}

/// Whether whoever sent this shows pages: a browser says so, a fetch and a program do not.
pub fn accepts_html(headers: &HeaderMap) -> bool {
    let mut accepts = headers.get_all(ACCEPT).iter();
    accepts.any(|accept| {
        accept
            .to_str()
            .is_ok_and(|accept| accept.contains("text/html"))
    })
}

/// What the world learns of a flow's error; the log learns its reason, here and once.
pub(super) fn told<E: Display + Into<wire::Error>>(error: E) -> wire::Error {
    let reason = error.to_string();
    let told: wire::Error = error.into();
    if told.code.status() >= 500 {
        tracing::error!(reason, code = %told.code, "a form could not be served");
    } else {
        tracing::debug!(reason, code = %told.code, "a form was refused");
    }
    told
}
