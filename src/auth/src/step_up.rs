//! Stepping up (D26): whoever is signed in confirms once more that it is them, before something
//! that cannot be taken back easily.

use crate::Auth;
use crate::session::Session;

/// How long a factor counts as just proven, in seconds.
const RECENT: i64 = 600;

impl Auth {
    /// Whether the owner of a session proved a factor in the last ten minutes: by signing in, or by
    /// stepping up.
    pub fn is_recent(&self, session: &Session) -> bool {
        self.now() - session.step_up_at.unwrap_or(session.auth_time) <= RECENT
    }
}
