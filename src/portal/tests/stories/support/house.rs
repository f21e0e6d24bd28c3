//! The portal as it is served: the real router over the real core, with a clock that is moved by
//! hand, seeded randomness, a cheap hash and a mailbox that can be read.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use auth::{
    Auth, Caps, Clock, ConsentDocument, HashCost, KeyRing, Parts, SeededEntropy, Settings, Store,
    TestClock, Verification,
};
use axum::Router;
use mail::{Kept, Mailbox, Mailer};
use portal::Portal;
use portal::config::{self, Config, Environment, Flags, Log, Mail, Purpose};
use wire::{ConsentPurpose, PasswordRule, Secret};

use super::actor::Actor;
use super::answer::Answer;
use super::letter::{Letter, Post};
use super::site::Site;

/// The subject of a letter most stories do not ask for.
const NEW_DEVICE: &str = "New sign-in to your account";

/// What a story changes about the portal.
pub(crate) struct Setup {
    /// The address people type.
    pub(crate) public_url: &'static str,
    /// Every limit times this.
    pub(crate) limits: f64,
    /// What a password hash costs: next to nothing, unless a story is about that.
    pub(crate) hash: HashCost,
    /// Whether an address must be proven.
    pub(crate) verification: Verification,
    /// What people are asked to agree to.
    pub(crate) consents: BTreeMap<ConsentPurpose, ConsentDocument>,
    /// Whether a mailed code signs in.
    pub(crate) email_code: bool,
    /// How long a new password must be.
    pub(crate) password: PasswordRule,
    /// Where leaked passwords are looked up.
    pub(crate) breach_filter: Option<PathBuf>,
    /// Origins of browser apps.
    pub(crate) allowed_origins: &'static [&'static str],
    /// Networks whose forwarding headers are believed.
    pub(crate) trusted_proxies: &'static [&'static str],
    /// How many letters may be on their way at once.
    pub(crate) deliveries: usize,
    /// How many there may be of what people make.
    pub(crate) caps: Caps,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            public_url: "http://localhost:3000",
            limits: 1.0,
            hash: HashCost {
                memory_kib: 8,
                iterations: 1,
                lanes: 1,
            },
            verification: Verification::Required,
            consents: BTreeMap::new(),
            email_code: true,
            password: PasswordRule::default(),
            breach_filter: None,
            allowed_origins: &[],
            trusted_proxies: &[],
            deliveries: 2,
            caps: Caps::default(),
        }
    }
}

/// One running portal.
pub(crate) struct House {
    pub(crate) clock: Arc<TestClock>,
    pub(crate) auth: Auth,
    router: Router,
    public_url: &'static str,
    mailbox: Mailbox,
    mailer: Mailer,
    actors: AtomicU32,
}

impl Site {
    /// A portal as most stories want it.
    pub(crate) async fn house(&self) -> House {
        self.house_with(Setup::default()).await
    }

    /// A portal with other settings. Called twice, it is two nodes, or one started again.
    pub(crate) async fn house_with(&self, setup: Setup) -> House {
        House::open(self, setup).await
    }
}

impl House {
    async fn open(site: &Site, setup: Setup) -> Self {
        auth::install_crypto();
        static SEED: AtomicU32 = AtomicU32::new(1);
        let entropy = Arc::new(SeededEntropy::new(u64::from(
            SEED.fetch_add(1, Ordering::Relaxed),
        )));
        let clock = Arc::new(TestClock::new());
        let store = Store::connect(&site.url())
            .await
            .expect("the database is there");
        store.migrate().await.expect("migrates");
        let auth = Auth::open(Parts {
            store,
            clock: Arc::<TestClock>::clone(&clock),
            entropy,
            // The same for every portal of a site, as a ring file would be.
            ring: KeyRing::generate(&SeededEntropy::new(0)),
            settings: settings(&setup),
        })
        .await
        .expect("opens");
        let mailbox = Mailbox::open(site.folder().join("mail")).expect("opens");
        let router = router(&auth, &mailbox, site, &setup);
        Self {
            clock,
            auth,
            router,
            public_url: setup.public_url,
            mailer: Mailer::mailbox(mailbox.clone()),
            mailbox,
            actors: AtomicU32::new(0),
        }
    }

    pub(crate) fn router(&self) -> Router {
        self.router.clone()
    }

    pub(crate) fn public_url(&self) -> &'static str {
        self.public_url
    }

    /// The host people type.
    pub(crate) fn host(&self) -> &'static str {
        self.public_url.split_once("://").expect("a URL").1
    }

    /// Somebody with nothing: no cookie jar, no token.
    pub(crate) fn anonymous(&self) -> Actor<'_> {
        Actor::anonymous(self, self.number())
    }

    /// Somebody with a browser, on a page of the portal.
    pub(crate) fn browser(&self) -> Actor<'_> {
        Actor::browser(self, self.number())
    }

    /// A program.
    pub(crate) fn program(&self) -> Actor<'_> {
        Actor::program(self, self.number())
    }

    fn number(&self) -> u32 {
        self.actors.fetch_add(1, Ordering::Relaxed)
    }

    /// Moves the clock.
    pub(crate) fn wait(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Now, in seconds.
    pub(crate) fn now(&self) -> i64 {
        self.clock.now()
    }

    /// Does what the worker does, and gives back the letters that left now.
    /// Without the news of new devices: nearly every actor comes from somewhere new, and nearly no
    /// story is about that.
    pub(crate) async fn deliver(&self) -> Post {
        let Post(letters) = self.deliver_all().await;
        let is_other = |letter: &Letter| letter.0.subject != NEW_DEVICE;
        Post(letters.into_iter().filter(is_other).collect())
    }

    /// All of them.
    pub(crate) async fn deliver_all(&self) -> Post {
        let before = self.letters().await;
        self.auth
            .deliver_letters(&self.mailer)
            .await
            .expect("delivers");
        let after = self.letters().await;
        let is_new = |letter: &Kept| before.iter().all(|known| known.id != letter.id);
        Post(after.into_iter().filter(is_new).map(Letter).collect())
    }

    async fn letters(&self) -> Vec<Kept> {
        self.mailbox.list().await.expect("lists")
    }

    /// What is true of every answer, whatever was asked (security.md 2.5).
    pub(crate) fn assert_protected(&self, answer: &Answer) {
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "same-origin");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
        assert!(
            answer
                .header("content-security-policy")
                .contains("frame-ancestors 'none'"),
            "{answer:?}"
        );
        assert!(
            !answer
                .header("content-security-policy")
                .contains("unsafe-inline"),
            "{answer:?}"
        );
        assert!(
            !answer.header("permissions-policy").is_empty()
                && !answer.header("cache-control").is_empty()
        );
        assert!(
            (8..=128).contains(&answer.header("x-request-id").len()),
            "{answer:?}"
        );
        assert!(
            answer.body.is_empty() || !answer.header("content-type").is_empty(),
            "{answer:?}"
        );
        let is_https = self.public_url.starts_with("https://");
        assert_eq!(
            answer.headers.contains_key("strict-transport-security"),
            is_https
        );
        for cookie in answer.cookies() {
            assert_guarded(cookie, is_https);
        }
    }
}

/// security.md rows 58 to 61. What takes a cookie back carries no secret, so only that a browser
/// obeys it matters.
fn assert_guarded(cookie: &str, is_https: bool) {
    let lower = cookie.to_ascii_lowercase();
    assert!(
        lower.contains("; path=/") && !lower.contains("domain="),
        "{cookie}"
    );
    assert!(cookie.len() <= 4096, "{cookie}");
    assert_eq!(lower.contains("; secure"), is_https, "{cookie}");
    assert_eq!(cookie.starts_with("__Host-"), is_https, "{cookie}");
    if !lower.contains("=;") {
        assert!(
            lower.contains("; httponly") && lower.contains("; samesite="),
            "{cookie}"
        );
    }
}

fn settings(setup: &Setup) -> Settings {
    Settings {
        public_url: setup.public_url.to_owned(),
        verification: setup.verification,
        email_code: setup.email_code,
        password: setup.password,
        breach_filter: setup.breach_filter.clone(),
        limits: setup.limits,
        hash: setup.hash,
        deliveries: setup.deliveries,
        caps: setup.caps,
        consents: setup.consents.clone(),
        ..Settings::default()
    }
}

/// The settings of a start in development mode, as people are shown them.
fn written(site: &Site, setup: &Setup) -> Vec<wire::Setting> {
    let environment = Environment::of([
        ("GATEHOUSE_SERVER__PUBLIC_URL", setup.public_url.to_owned()),
        ("DATABASE_URL", site.url()),
    ]);
    let flags = Flags {
        dev: true,
        data_dir: Some(site.folder().to_owned()),
        ..Flags::default()
    };
    let loaded = config::load(&environment, &flags, Purpose::Command).expect("holds");
    loaded.config.settings
}

/// The real router, with everything a start would read from settings.
fn router(auth: &Auth, mailbox: &Mailbox, site: &Site, setup: &Setup) -> Router {
    let config = Config {
        development: true,
        bind: SocketAddr::from(([127, 0, 0, 1], 3000)),
        allowed_origins: setup
            .allowed_origins
            .iter()
            .map(|origin| (*origin).to_owned())
            .collect(),
        trusted_proxies: setup
            .trusted_proxies
            .iter()
            .map(|network| network.parse().expect("a network"))
            .collect(),
        data_dir: site.folder().to_owned(),
        keys_file: site.folder().join("gatehouse.keys"),
        database_url: Secret::new(site.url()),
        mail: Mail::Mailbox,
        metrics_bind: None,
        log: Log {
            json: false,
            level: "off".to_owned(),
        },
        security_contact: "mailto:security@example.com".to_owned(),
        core: auth.settings().clone(),
        settings: written(site, setup),
    };
    let portal = Portal::new(auth.clone(), config, Some(mailbox.clone()))
        .expect("origins a browser would send");
    portal::router(&portal)
}
