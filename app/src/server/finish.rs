//! How every server function ends (D15).
//!
//! A form is answered 303 to a page, and what there is to show waits in the flash; a fetch gets
//! the outcome itself. A page's own redirect path is one of ours or a [`SafeReturnTo`], so that
//! what stands in `Location` was judged before.

use std::fmt::Display;

use auth::{CookieToken, Session, SignIn};
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use wire::SafeReturnTo;

use super::carry::{carry, carry_on};
use super::door::{Door, told};
use super::error::UiError;
use super::flash::{Flash, Notice};
use super::visit::{Keep, Shelf};

/// What came of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Done; the next page.
    Done {
        /// Its path.
        next: String,
    },
    /// Not done, and why.
    Refused(wire::Error),
}

impl Door {
    /// Somebody signed in: the cookie, good news for the page they land on, and on to it.
    pub(super) async fn signed_in(
        &self,
        signed_in: &SignIn,
        next: &SafeReturnTo,
        notice: Option<Notice>,
    ) -> Result<Outcome, UiError> {
        self.end_former().await;
        carry(&self.carrier, signed_in).await.map_err(|error| {
            tracing::error!(reason = %error, "the session cookie was not set");
            UiError::Internal
        })?;
        if let Some(notice) = notice {
            // By path, not by nonce: the address of the page they will use stays clean.
            let key = next
                .as_str()
                .split(['?', '#'])
                .next()
                .unwrap_or_default()
                .to_owned();
            self.visit.keep(Keep::Flash {
                shelf: Shelf::Session,
                key,
                flash: Box::new(Flash::news(notice)),
            });
        }
        self.go(next.as_str());
        Ok(Outcome::Done {
            next: next.as_str().to_owned(),
        })
    }

    /// The session goes on under another cookie, which lasts as the former one did.
    pub(super) async fn go_on(
        &self,
        session: &Session,
        cookie: CookieToken,
    ) -> Result<(), wire::Error> {
        let seconds = session.cookie_seconds(self.auth().now());
        let carried = carry_on(&self.carrier, cookie, seconds).await;
        carried.map_err(|error| {
            tracing::error!(reason = %error, "the renewed cookie was not set");
            wire::ErrorCode::Internal.into()
        })
    }

    /// Ends the session this browser had, by the hand of whoever signs in over it. The session layer
    /// would end it too, and could not say who did.
    async fn end_former(&self) {
        if let (Some(id), Some(_)) = (self.carrier.id(), &self.session) {
            let cookie = CookieToken(id.0.to_le_bytes());
            if let Err(fault) = self
                .auth()
                .end_session_by_cookie(&cookie, &self.client)
                .await
            {
                tracing::error!(reason = %fault, "a former session was not ended");
            }
        }
    }

    /// Done, and on to a page of ours that says so.
    pub(super) fn done(&self, page: &str, notice: Option<Notice>) -> Result<Outcome, UiError> {
        match notice {
            Some(notice) => self.back(page, Shelf::Cookie, Flash::news(notice)),
            None => self.go(page),
        }
        Ok(Outcome::Done {
            next: page.to_owned(),
        })
    }

    /// Done, and on to a page of ours that says what came of it.
    pub(super) fn done_with(&self, page: &str, flash: Flash) -> Outcome {
        self.back(page, Shelf::Session, flash);
        Outcome::Done {
            next: page.to_owned(),
        }
    }

    /// The same, kept in the browser alone, sealed: what must not be in the database.
    pub(super) fn done_sealed(&self, page: &str, flash: Flash) -> Outcome {
        self.back(page, Shelf::Cookie, flash);
        Outcome::Done {
            next: page.to_owned(),
        }
    }

    /// Done or not, back to the same page, from a form in which nothing is typed that would be lost.
    pub(super) fn answered<T, E: Display + Into<wire::Error>>(
        &self,
        page: &str,
        done: Result<T, E>,
        notice: Notice,
    ) -> Result<Outcome, UiError> {
        match done {
            Ok(_) => self.done(page, Some(notice)),
            Err(error) => self.refused(page, told(error), &[]),
        }
    }

    /// Not done: back to the form's page with what was wrong and what was typed.
    pub(super) fn refused(
        &self,
        page: &str,
        error: wire::Error,
        typed: &[(&str, &str)],
    ) -> Result<Outcome, UiError> {
        self.refused_with(page, error.clone(), Flash::refusal(error, typed))
    }

    /// The same, with a flash that holds more than what was typed.
    pub(super) fn refused_with(
        &self,
        page: &str,
        error: wire::Error,
        mut flash: Flash,
    ) -> Result<Outcome, UiError> {
        if error.code.status() >= 500 {
            flash.reference = Some(self.client.request_id.clone());
        }
        let shelf = if self.session.is_some() {
            Shelf::Session
        } else {
            Shelf::Cookie
        };
        self.back(page, shelf, flash);
        Ok(Outcome::Refused(error))
    }

    /// To a page of ours, with a flash only that page's address leads to: two tabs never mix.
    fn back(&self, page: &str, shelf: Shelf, flash: Flash) {
        if !self.is_form {
            return;
        }
        let key = Flash::draw_key(self.auth().entropy());
        self.go(&Flash::address(page, &key));
        let flash = Box::new(flash);
        self.visit.keep(Keep::Flash { shelf, key, flash });
    }

    /// 303 (RFC 9110 15.4.4): the next request is a GET whatever this one was.
    fn go(&self, path: &str) {
        if !self.is_form {
            return;
        }
        if let Ok(path) = HeaderValue::from_str(path) {
            self.answer.set_status(StatusCode::SEE_OTHER);
            self.answer.insert_header(header::LOCATION, path);
        }
    }
}
