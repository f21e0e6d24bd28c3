//! What a browser brings along and takes home beside its session. Pages deal in values; that
//! these are cookies, and which, is the portal's to know.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use wire::{SafeReturnTo, Secret};

use super::flash::Flash;

/// One request's view of both.
#[derive(Clone, Default)]
pub struct Visit(Arc<Inner>);

#[derive(Default)]
struct Inner {
    brought: Brought,
    home: Mutex<Vec<Keep>>,
}

/// What came with the request, opened and checked.
#[derive(Clone, Default)]
pub struct Brought {
    /// The secret of the registration begun in this browser (D13).
    pub flow: Option<Secret>,
    /// The secret of the reset asked for in this browser.
    pub reset: Option<Secret>,
    /// The token of a reset link opened in this browser. Empty when it was none.
    pub reset_password: Option<Secret>,
    /// The token of a link to a new address opened in this browser. Empty when it was none.
    pub change_email: Option<Secret>,
    /// The token of a link that takes an account back opened in this browser. Empty when it was none.
    pub undo_email: Option<Secret>,
    /// The token of a verification link opened in this browser. Empty when it was none.
    pub verify_email: Option<Secret>,
    /// The secret of the sign-in by mailed code begun in this browser (D7).
    pub sign_in_flow: Option<Secret>,
    /// Where that leads in the end.
    pub sign_in_next: Option<SafeReturnTo>,
    /// Whether its owner wants to stay signed in.
    pub sign_in_remember: bool,
    /// The token of a sign-in link opened in this browser. Empty when it was none.
    pub sign_in: Option<Secret>,
    /// The token of a set-up link opened in this browser. Empty when it was none.
    pub set_up: Option<Secret>,
    /// The token of an invitation opened in this browser. Empty when it was none.
    pub invitation: Option<Secret>,
    /// The token of a link that keeps an account, opened in this browser. Empty when it was none.
    pub undo_deletion: Option<Secret>,
    /// What this page shows once.
    pub flash: Option<Flash>,
}

/// Links whose token is moved from the URL into a cookie before the page is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// `/change-email?token=`.
    ChangeEmail,
    /// `/undo-email?token=`.
    UndoEmail,
    /// `/verify-email?token=`.
    VerifyEmail,
    /// `/reset-password?token=`.
    ResetPassword,
    /// `/login/code?token=`.
    SignIn,
    /// `/setup?token=`.
    SetUp,
    /// `/accept-invitation?token=`.
    Invitation,
    /// `/undo-deletion?token=`.
    UndoDeletion,
}

/// Where a flash waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    /// In the session of somebody signed in.
    Session,
    /// In a sealed cookie.
    Cookie,
}

/// What goes home with the answer.
pub enum Keep {
    /// A flash, for whoever asks with this key: a nonce in the query, or the path of a page.
    Flash {
        /// Where it waits.
        shelf: Shelf,
        /// What leads to it.
        key: String,
        /// What is shown.
        flash: Box<Flash>,
    },
    /// The secret of a registration that has begun.
    Flow(Secret),
    /// The registration is finished.
    NoFlow,
    /// The secret of a reset that was asked for.
    Reset(Secret),
    /// The reset is finished.
    NoReset,
    /// A token that is as good as a link's, for the page such a link opens.
    Link(Link, Secret),
    /// The secret of a sign-in by mailed code that has begun.
    SignInFlow {
        /// The secret.
        flow: Secret,
        /// Where it leads in the end: a letter's link does not know.
        next: SafeReturnTo,
        /// Whether its owner wants to stay signed in.
        remember: bool,
    },
    /// The sign-in by mailed code is finished.
    NoSignInFlow,
    /// The link is used up.
    NoLink(Link),
}

impl Visit {
    /// A visit that brought this.
    pub fn new(brought: Brought) -> Self {
        Self(Arc::new(Inner {
            brought,
            home: Mutex::default(),
        }))
    }

    /// What came along.
    pub fn brought(&self) -> &Brought {
        &self.0.brought
    }

    /// Sends something home with the answer.
    pub fn keep(&self, what: Keep) {
        self.0
            .home
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(what);
    }

    /// Everything that goes home; the portal asks once, when the answer is made.
    pub fn take_home(&self) -> Vec<Keep> {
        std::mem::take(&mut self.0.home.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Nearly everything in it is a secret.
impl fmt::Debug for Visit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Visit(…)")
    }
}
