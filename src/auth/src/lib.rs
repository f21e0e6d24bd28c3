//! The core of Gatehouse: every act of the product is one method of [`Auth`].
//!
//! Doors — pages, JSON API, command line — are thin: they read a request, call one method here and
//! put its outcome into their own words (`design.md` 1). The core speaks outcomes and domain
//! errors, knows no HTTP, and asks neither the machine's clock nor its randomness: both are ports,
//! as is the postman.
//!
//! One flow a file: `register`, `verify_email`, `log_in`, `request_sign_in_code`, `log_in_by_code`,
//! `log_out`, `request_reset`, `reset_password`, `change_password`, `session`, `token`, `refresh`,
//! `inspect_token`, `api_key`, `set_up`, `signing_key`. Under them: `limit` and `hash` (what slows guessing
//! down), `audit`, `outbox`, `store` (all SQL).

mod accept_invitation;
mod activity;
mod api_key;
mod assignment;
mod audit;
mod breach;
mod bulk;
mod change_email;
mod change_password;
mod client;
mod clock;
mod confirm_email_change;
mod consent;
mod decide;
mod delete_account;
mod delete_user;
mod deliver_letters;
mod device;
mod disable;
mod disown;
mod erase;
mod error;
mod export;
mod feed;
mod giver;
mod hash;
mod import;
mod inspect_token;
mod invitation;
mod invite;
mod jwt;
mod letter;
mod limit;
mod log_in;
mod log_in_by_code;
mod log_out;
mod manage_user;
mod managed_users;
mod new_device;
mod outbox;
mod outbox_desk;
mod own_data;
mod password;
mod permission;
mod policy;
mod posture;
mod readiness;
mod refresh;
mod register;
mod request_reset;
mod request_sign_in_code;
mod resend_verification;
mod reset_claim;
mod reset_password;
mod rights;
mod ring;
mod role;
mod secret;
mod session;
mod sessions;
mod set_up;
mod settings;
mod sign_in;
mod sign_in_link;
mod signing_key;
mod stats;
mod step_up;
mod store;
mod take_back;
mod tenant;
mod tend;
mod token;
mod tune;
mod undo_email_change;
mod update_profile;
mod update_user;
mod user_rights;
mod verification_link;
mod verify_email;
mod vouch;
mod work;
mod ws_ticket;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use tokio::sync::{Notify, Semaphore};

use crate::api_key::KeyCache;
use crate::feed::Feed;
use crate::hash::Hasher;
use crate::session::SessionCache;
use crate::signing_key::{KeyUse, Keys};

pub use accept_invitation::{AcceptError, Accepted, InvitationLink};
pub use api_key::{
    ApiKeyError, ApiKeyQuery, ApiKeyRefused, ApiKeyUse, KeyRights, Quota, ReportLeakError,
};
pub use assignment::{AssignError, AssignmentQuery};
pub use audit::{
    AuditBreach, AuditExport, AuditExportError, AuditExportRecord, AuditExportRefused, AuditPage,
    AuditQuery, AuditReport, Breach, ExportLine, ExportPage, ExportedEvent, KeptCheckpoint,
    Refused, Sworn, verify_audit_export,
};
pub use breach::{
    AboutFilter, BreachFilter, BreachFilterError, BreachFilterPlan, BuildBreachFilterError,
    BuiltBreachFilter, LeakLines,
};
pub use change_email::{ChangeEmailError, PendingEmail};
pub use change_password::{ChangePassword, ChangePasswordError};
pub use client::Client;
pub use clock::{Clock, SystemClock, TestClock, Timestamp, rfc3339};
pub use confirm_email_change::{ConfirmEmailError, EmailChangeLink};
pub use consent::ConsentError;
pub use delete_account::{Closing, DeleteAccountError, UndoDeletionError};
pub use deliver_letters::Delivered;
pub use disown::DisownError;
pub use error::Fault;
pub use export::ExportedAccount;
pub use feed::{FeedDocument, FeedError, RestartedFeed};
pub use giver::RightsError;
pub use hash::{FirebaseProject, ForeignHash, HashRefused, Overloaded};
pub use import::{
    ImportCounts, ImportError, ImportOutcome, ImportPlan, ImportRefused, ImportRow, ImportRun,
};
pub use invitation::InvitationQuery;
pub use invite::{InviteError, Invited};
pub use jwt::{CLAIMS, install_crypto};
pub use letter::{Letter, LetterKind, PostError, Postman, SecurityChange};
pub use limit::Limited;
pub use log_in::LogInError;
pub use log_in_by_code::{LogInByCode, LogInByCodeError};
pub use manage_user::{Hand, ManageUserError};
pub use managed_users::UserQuery;
pub use outbox_desk::{OutboxCounts, RetryLetterError, TestLetterError};
pub use own_data::OwnDataError;
pub use policy::{Advice, Strength};
pub use posture::Deployment;
pub use readiness::NotReady;
pub use refresh::RefreshError;
pub use register::{RegisterError, Registered};
pub use request_reset::{RequestResetError, WithCode};
pub use request_sign_in_code::{PendingSignIn, RequestSignInCodeError, ResendSignInCodeError};
pub use resend_verification::ResendError;
pub use reset_password::{ResetPassword, ResetPasswordError};
pub use ring::{KeyRing, Purpose, RingError};
pub use secret::{CookieToken, Entropy, SeededEntropy, SystemEntropy, TokenDigest, draw_id, is_id};
pub use session::{ActingKey, Session};
pub use sessions::EndSessionError;
pub use set_up::{CreateAdminError, SetUpError};
pub use settings::{
    ApiKeySettings, Caps, ConsentDocument, HashCost, SessionLife, Settings, SigningAlgorithm,
    Verification,
};
pub use sign_in::{SignIn, Tokens, Want};
pub use sign_in_link::SignInLink;
pub use signing_key::{
    PUBLISHED_BEFORE_USE, RevokeKeyError, RevokedKey, RotateError, SigningKeyView,
};
pub use step_up::{StepUpError, SteppedUp};
#[cfg(feature = "seed")]
pub use store::Seed;
pub use store::{DatabaseError, Flash, Store};
pub use take_back::TakenBack;
pub use tenant::{MemberQuery, TenantError};
pub use token::TokenError;
pub use tune::time_hash;
pub use undo_email_change::UndoEmailError;
pub use update_profile::UpdateProfileError;
pub use user_rights::RightsChange;
pub use verification_link::VerificationLink;
pub use verify_email::{VerifyEmail, VerifyEmailError};
pub use work::Work;
pub use ws_ticket::{RedeemWsTicketError, WS_TICKET_LIFE, WsTicketError};

/// What the core is made of.
pub struct Parts {
    /// An open, migrated store.
    pub store: Store,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Draws secrets.
    pub entropy: Arc<dyn Entropy>,
    /// Keys that are not in the database.
    pub ring: KeyRing,
    /// What the operator decided.
    pub settings: Settings,
}

/// The product. Cheap to clone; one a process.
#[derive(Clone)]
pub struct Auth(Arc<Inner>);

struct Inner {
    store: Store,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    ring: KeyRing,
    settings: Settings,
    hasher: Hasher,
    breaches: Option<BreachFilter>,
    strength_permits: Arc<Semaphore>,
    keys: Keys,
    feed_keys: Keys,
    reading_keys: tokio::sync::Mutex<()>,
    feed: Feed,
    longest_access_seconds: i64,
    sessions: SessionCache,
    api_keys: KeyCache,
    letters: Notify,
    node: String,
    tidied_at: AtomicI64,
    refusals: audit::Refusals,
    /// The highest number of an audit row this node has sealed.
    sealed: AtomicI64,
}

/// Why the core did not start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// This database was sealed with a key the ring does not hold (D18).
    #[error(
        "the key ring lacks key {0}, which this database needs: give this node the ring it was made with"
    )]
    WrongRing(String),
    /// The filter of leaked passwords cannot be asked.
    #[error(transparent)]
    BreachFilter(#[from] BreachFilterError),
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Auth {
    /// Puts the core together: compares ring and database, and makes the first signing keys.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open(parts: Parts) -> Result<Self, OpenError> {
        let Parts {
            store,
            clock,
            entropy,
            ring,
            settings,
        } = parts;
        claim_ring(&store, &ring).await?;
        let stream = secret::draw_id(entropy.as_ref(), clock.now_millis());
        feed::claim_stream(&store, &stream).await?;
        let longest_access_seconds = token::claim_life(&store, settings.access_seconds).await?;
        let breaches = open_breach_filter(&settings).await?;
        let hasher = Hasher::new(
            settings.hash,
            settings.limits > 0.0,
            ring.clone(),
            entropy.as_ref(),
        )?;
        let auth = Self(Arc::new(Inner {
            node: secret::draw_id(entropy.as_ref(), clock.now_millis()),
            sessions: SessionCache::new(),
            api_keys: KeyCache::new(),
            keys: Keys::default(),
            feed_keys: Keys::default(),
            reading_keys: tokio::sync::Mutex::default(),
            feed: Feed::new(),
            longest_access_seconds,
            letters: Notify::new(),
            tidied_at: AtomicI64::new(0),
            refusals: audit::Refusals::default(),
            sealed: AtomicI64::new(0),
            store,
            clock,
            entropy,
            ring,
            settings,
            hasher,
            breaches,
            strength_permits: policy::strength_permits(),
        }));
        auth.begin_audit().await?;
        auth.ensure_keys().await?;
        Ok(auth)
    }

    /// What the operator decided.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// Now, in seconds.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// The key ring, for sealing what a door keeps in a visitor's cookie.
    pub fn ring(&self) -> &KeyRing {
        &self.0.ring
    }

    /// The source of random bytes.
    pub fn entropy(&self) -> &dyn Entropy {
        self.0.entropy.as_ref()
    }

    /// A new UUIDv7: for request ids and the like.
    pub fn draw_id(&self) -> String {
        secret::draw_id(self.entropy(), self.0.clock.now_millis())
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0.store
    }

    pub(crate) fn hasher(&self) -> &Hasher {
        &self.0.hasher
    }

    /// The filter of leaked passwords in use.
    pub fn breach_filter(&self) -> Option<AboutFilter> {
        self.breaches().map(BreachFilter::about)
    }

    pub(crate) fn breaches(&self) -> Option<&BreachFilter> {
        self.0.breaches.as_ref()
    }

    pub(crate) fn strength_permits(&self) -> &Arc<Semaphore> {
        &self.0.strength_permits
    }

    pub(crate) fn keys(&self, of: KeyUse) -> &Keys {
        match of {
            KeyUse::Tokens => &self.0.keys,
            KeyUse::Feed => &self.0.feed_keys,
        }
    }

    /// How long any access token that is about may have been given.
    pub(crate) fn longest_access_seconds(&self) -> i64 {
        self.0.longest_access_seconds
    }

    pub(crate) fn feed(&self) -> &Feed {
        &self.0.feed
    }

    pub(crate) fn cache(&self) -> &SessionCache {
        &self.0.sessions
    }

    pub(crate) fn key_cache(&self) -> &KeyCache {
        &self.0.api_keys
    }

    pub(crate) fn letters(&self) -> &Notify {
        &self.0.letters
    }

    /// When this process last tidied up.
    pub(crate) fn tidied_at(&self) -> &AtomicI64 {
        &self.0.tidied_at
    }

    /// What was refused in the last minute.
    pub(crate) fn refusals(&self) -> &audit::Refusals {
        &self.0.refusals
    }

    /// This process among others on the same database.
    pub(crate) fn node(&self) -> &str {
        &self.0.node
    }

    /// Ends all database connections in good order.
    pub async fn close(&self) {
        self.store().close().await;
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth")
            .field("node", &self.0.node)
            .finish_non_exhaustive()
    }
}

/// A new database takes the ring it is opened with; every later node must hold its oldest key, which
/// stored digests are made with.
async fn claim_ring(store: &Store, ring: &KeyRing) -> Result<(), OpenError> {
    if store.ring_id().await?.is_none() {
        let mut tx = store.write().await?;
        tx.add_meta("ring_id", &ring.oldest_id()).await?;
        tx.commit().await?;
    }
    // Read again: another node may have been first.
    match store.ring_id().await? {
        Some(id) if !ring.holds(&id) => Err(OpenError::WrongRing(id)),
        _ => Ok(()),
    }
}

/// Reads the filter once, off the async threads: it may be gigabytes.
async fn open_breach_filter(settings: &Settings) -> Result<Option<BreachFilter>, OpenError> {
    let Some(path) = settings.breach_filter.clone() else {
        return Ok(None);
    };
    let opened = tokio::task::spawn_blocking(move || BreachFilter::open(&path));
    Ok(Some(opened.await.map_err(|_| Fault::Hashing)??))
}
