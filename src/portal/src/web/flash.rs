//! Where a flash waits for its page (D15): in the session of somebody signed in, in a sealed cookie
//! of a visitor. The key in the address leads to it, so two tabs never show each other's; it is
//! taken when it is shown.

use app::server::{Flash, keep_for};
use http::HeaderMap;
use tower_sessions::Session;

use super::cookie;
use super::session_store::Waiting;
use crate::Portal;

/// How long it waits, in seconds.
const LIFE: i64 = 300;

/// The key of a flash in a query; ours are 18 hexadecimal digits, and anything else is nobody's.
pub(super) fn key(query: &str) -> Option<&str> {
    let key = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("flash="))?;
    let is_ours = key.len() == 18 && key.bytes().all(|b| b.is_ascii_hexdigit());
    is_ours.then_some(key)
}

/// A visitor's flash, and the cookie that takes its cookie back.
pub(super) fn of_visitor(
    portal: &Portal,
    headers: &HeaderMap,
    key: &str,
) -> Option<(Option<Flash>, String)> {
    let name = cookie_name(portal, key);
    let sealed = cookie::get(headers, &name)?;
    let flash = cookie::open(&portal.auth, &name, &sealed);
    Some((
        flash,
        cookie::cookie(&portal.config, name, String::new(), 0),
    ))
}

/// Makes a visitor's flash wait. What was typed is left out when it is too much for a cookie.
pub(crate) fn for_visitor(portal: &Portal, key: &str, flash: &Flash) -> Option<String> {
    let name = cookie_name(portal, key);
    let bare = Flash {
        kept: Default::default(),
        ..flash.clone()
    };
    let seal = |flash: &Flash| cookie::seal(&portal.auth, &name, LIFE, flash);
    let sealed = seal(flash).or_else(|| seal(&bare))?;
    Some(cookie::cookie(&portal.config, name.clone(), sealed, LIFE))
}

/// The flash of somebody signed in.
pub(super) async fn of_session(
    portal: &Portal,
    viewer: &auth::Session,
    session: &Session,
    key: &str,
) -> Option<Flash> {
    let waiting: Option<Waiting> = session.get(key).await.unwrap_or_else(lost);
    let waiting = waiting?;
    session.remove::<Waiting>(key).await.unwrap_or_else(lost);
    keep_for(session, viewer.cookie_seconds(portal.auth.now()));
    cookie::open(&portal.auth, &place(key), &waiting.sealed)
}

/// Makes a flash wait in a session. `false` when there is none any more.
pub(super) async fn for_session(
    portal: &Portal,
    viewer: Option<&auth::Session>,
    session: &Session,
    key: &str,
    flash: &Flash,
) -> bool {
    let Some(sealed) = cookie::seal(&portal.auth, &place(key), LIFE, flash) else {
        return false;
    };
    // Looks whether the session is still there: writing into one that is not would begin another.
    let is_issued = session
        .get_value(app::server::ISSUED)
        .await
        .unwrap_or_else(lost)
        .is_some();
    if session.id().is_none() && !is_issued {
        return false;
    }
    let waiting = Waiting {
        until: portal.auth.now() + LIFE,
        sealed,
    };
    // A session that began in this request, or goes on under another cookie, was told already.
    if let Some(viewer) = viewer.filter(|_| !is_issued) {
        keep_for(session, viewer.cookie_seconds(portal.auth.now()));
    }
    session
        .insert(key, waiting)
        .await
        .map(|()| true)
        .unwrap_or_else(lost)
}

fn cookie_name(portal: &Portal, key: &str) -> String {
    cookie::name(&portal.config, &format!("flash-{key}"))
}

fn place(key: &str) -> String {
    format!("sessions.flash/{key}")
}

/// A message that is not shown is no reason to refuse the page.
#[expect(clippy::needless_pass_by_value, reason = "for unwrap_or_else")]
fn lost<T: Default>(error: tower_sessions::session::Error) -> T {
    tracing::warn!(reason = %error, "a flash was lost");
    T::default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_key_of_ours_leads_anywhere() {
        assert_eq!(
            key("next=/x&flash=0123456789abcdef01"),
            Some("0123456789abcdef01")
        );
        for query in [
            "",
            "flash=",
            "flash=x",
            "flash=../../0123456789ab",
            "flash=0123456789abcdef0",
            "xflash=0123456789abcdef01",
        ] {
            assert_eq!(key(query), None, "{query}");
        }
    }
}
