//! What every page needs of the portal; provided as context with each request.

use std::fmt;
use std::sync::Arc;

use auth::{Auth, Deployment, Timestamp};
use serde::Deserialize;
use wire::Setting;

/// The portal, as far as pages know it.
#[derive(Clone)]
pub struct Site {
    /// The core.
    pub auth: Auth,
    /// Where the site's files are; none before the site is built.
    pub assets: Option<Arc<Assets>>,
    /// Whether letters end in the mailbox of development mode.
    pub has_mailbox: bool,
    /// What the portal runs with, without secrets.
    pub settings: Arc<[Setting]>,
    /// What the core cannot know of the process around it; files are looked at each time.
    pub looks: Looks,
}

/// Looks at the process and its files.
pub type Looks = Arc<dyn Fn() -> Deployment + Send + Sync>;

/// Paths of the built site, with the hash of the content in their names.
#[derive(Clone, Debug, Deserialize)]
pub struct Assets {
    /// The style sheet.
    pub css: String,
    /// What loads the WebAssembly.
    pub js: String,
    /// The islands.
    pub wasm: String,
}

impl Site {
    /// The host people see in the address bar: what tells this page from a copy of it.
    pub fn host(&self) -> &str {
        let url = self.auth.settings().public_url.as_str();
        url.split_once("://").map_or(url, |(_, host)| host)
    }

    /// What the core cannot know of the process around it, as it is now.
    pub fn deployment(&self) -> Deployment {
        (self.looks)()
    }
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Site")
            .field("host", &self.host())
            .finish_non_exhaustive()
    }
}

/// A letter in the mailbox of development mode.
#[derive(Clone)]
pub struct Letter {
    /// Its id.
    pub id: String,
    /// To whom.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// As plain text.
    pub text: String,
    /// When it was due.
    pub at: Timestamp,
}

/// The letters a mailbox page shows: put into the request by the mailbox's own guard (D16), so a
/// page that does not find them shows nothing.
#[derive(Clone)]
pub struct Letters(pub Arc<Vec<Letter>>);
