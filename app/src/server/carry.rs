//! Putting a session the core began into the browser's cookie.

use auth::{CookieToken, SignIn};
use tower_sessions::cookie::time::Duration;
use tower_sessions::{Expiry, Session};

/// Where a session record holds the cookie the core issued, until the portal's store adopts it.
pub const ISSUED: &str = "issued";

/// Why a sign-in did not reach the cookie.
#[derive(Debug)]
pub enum CarryError {
    /// The sign-in was not made for a cookie.
    NoCookie,
    /// The session layer or its store.
    Session(tower_sessions::session::Error),
}

impl std::fmt::Display for CarryError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoCookie => f.write_str("the sign-in came without a cookie"),
            Self::Session(error) => write!(f, "session layer: {error}"),
        }
    }
}

impl std::error::Error for CarryError {}

impl From<tower_sessions::session::Error> for CarryError {
    fn from(error: tower_sessions::session::Error) -> Self {
        Self::Session(error)
    }
}

/// Makes the answer set the cookie of `signed_in`. A session the browser had before ends here
/// (security.md row 49), and nothing of it goes over into the new one: it may be another person's.
///
/// # Errors
/// [`CarryError`]; the browser keeps what it had, or nothing.
pub async fn carry(session: &Session, signed_in: &SignIn) -> Result<(), CarryError> {
    let cookie = signed_in.cookie.ok_or(CarryError::NoCookie)?;
    Ok(carry_on(session, cookie, signed_in.cookie_seconds).await?)
}

/// Makes the answer set `cookie`: of a session that begins, or of one that goes on under a new one.
/// The browser keeps it for `seconds`; `None`: until it is closed.
///
/// # Errors
/// Those of the session layer; the browser keeps what it had, or nothing.
pub async fn carry_on(
    session: &Session,
    cookie: CookieToken,
    seconds: Option<i64>,
) -> Result<(), tower_sessions::session::Error> {
    if session.id().is_some() {
        // tower-sessions cannot be told an id. Without one, saving means creating, and the store's
        // `create` gives the record the id that was issued.
        session.cycle_id().await?;
        session.clear().await;
    }
    session.insert(ISSUED, cookie.0).await?;
    keep_for(session, seconds);
    Ok(())
}

/// Makes the answer set the cookie, and the browser keep it for `seconds`. Whoever writes into a session
/// makes the answer set it, so they say this too: else a cookie that was to stay would go with the
/// browser.
pub fn keep_for(session: &Session, seconds: Option<i64>) {
    session.set_expiry(Some(match seconds {
        Some(seconds) => Expiry::OnInactivity(Duration::seconds(seconds)),
        None => Expiry::OnSessionEnd,
    }));
}
