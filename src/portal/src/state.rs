//! What every request can reach.

use std::fmt;
use std::sync::Arc;

use auth::Auth;
use mail::Mailbox;
use tower_http::csrf::ConfigError;

use crate::config::Config;
use crate::http::cross_site::CrossSite;
use crate::http::limit::GeneralLimit;
use crate::http::streams::Streams;

/// The portal's state. Cheap to clone.
#[derive(Clone)]
pub struct Portal {
    /// The core.
    pub auth: Auth,
    /// The settings.
    pub config: Arc<Config>,
    /// Letters that never left, in development mode.
    pub mailbox: Option<Mailbox>,
    /// Tells our pages' requests from other sites'.
    pub cross_site: CrossSite,
    /// The shield of the JSON API.
    pub general_limit: GeneralLimit,
    /// Answers that do not end by themselves.
    pub streams: Streams,
}

impl Portal {
    /// Puts the state together.
    ///
    /// # Errors
    /// When the public URL or an allowed origin is none a browser would send.
    pub fn new(auth: Auth, config: Config, mailbox: Option<Mailbox>) -> Result<Self, ConfigError> {
        Ok(Self {
            cross_site: CrossSite::new(config.public_url(), &config.allowed_origins)?,
            general_limit: GeneralLimit::new(config.core.limits),
            streams: Streams::default(),
            config: Arc::new(config),
            auth,
            mailbox,
        })
    }
}

impl fmt::Debug for Portal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Portal")
            .field("public_url", &self.config.public_url())
            .finish_non_exhaustive()
    }
}
