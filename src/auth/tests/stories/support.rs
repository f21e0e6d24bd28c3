//! A house for each story: the core on a database of its own, with a clock, a postman and a seed
//! that belong to the story.

#[path = "support/account.rs"]
mod account;
#[path = "support/postman.rs"]
mod postman;
#[path = "support/recover.rs"]
mod recover;
#[path = "support/words.rs"]
mod words;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use auth::{
    Auth, Client, Clock, CookieToken, Entropy, HashCost, KeyRing, Letter, LogInByCode,
    LogInByCodeError, LogInError, Parts, Registered, ResendError, SeededEntropy, Session, Settings,
    SignIn, Store, TestClock, VerifyEmail, VerifyEmailError, Want,
};
use wire::{Audience, NewAccount, Secret};

use crate::console::console;
pub(crate) use crate::database::Kind;
use crate::database::{Database, on_database};
pub(crate) use account::*;
pub(crate) use postman::TestPostman;
pub(crate) use recover::*;
pub(crate) use words::*;

/// What everybody signs in with.
pub(crate) const PASSWORD: &str = "three wet otters sing";
/// And with what else.
pub(crate) const OTHER_PASSWORD: &str = "grey lamps hum softly";
pub(crate) const MINUTE: u64 = 60;
pub(crate) const HOUR: u64 = 60 * MINUTE;
pub(crate) const DAY: u64 = 24 * HOUR;

/// A set of tokens for everything.
pub(crate) const TOKENS: Want = Want::Tokens(Audience::PortalAndServices);

/// Everything one story happens in.
pub(crate) struct House {
    pub(crate) auth: Auth,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) postman: TestPostman,
    pub(crate) ring: KeyRing,
    pub(crate) database: Database,
    seeds: AtomicU64,
    places: AtomicU64,
}

/// Gives the body of a story its house.
pub(crate) fn tell(kind: Kind, story: &str, body: impl AsyncFnOnce(&House)) {
    // Another seed for every story: the first digits of nothing are special.
    let seed = story.bytes().fold(kind as u64 + 1, |seed, byte| {
        seed.wrapping_mul(31).wrapping_add(u64::from(byte))
    });
    on_database(kind, story, async |database| {
        auth::install_crypto();
        let clock = Arc::new(TestClock::new());
        let ring = KeyRing::generate(&SeededEntropy::new(seed));
        let parts = parts(&database, seed + 1, &clock, &ring, settings()).await;
        let house = House {
            auth: Auth::open(parts).await.expect("opens"),
            clock,
            postman: TestPostman::default(),
            ring,
            database,
            seeds: AtomicU64::new(seed + 2),
            places: AtomicU64::new(0),
        };
        body(&house).await;
        house.auth.close().await;
        house.database
    });
}

/// The defaults, with a hash that takes no time.
pub(crate) fn settings() -> Settings {
    Settings {
        hash: HashCost {
            memory_kib: 64,
            iterations: 1,
            lanes: 1,
        },
        ..Settings::default()
    }
}

/// The same without limits: for stories that need many of something.
pub(crate) fn without_limits() -> Settings {
    Settings {
        limits: 0.0,
        ..settings()
    }
}

async fn parts(
    database: &Database,
    seed: u64,
    clock: &Arc<TestClock>,
    ring: &KeyRing,
    settings: Settings,
) -> Parts {
    let store = Store::connect(database.url()).await.expect("connects");
    store.migrate().await.expect("migrates");
    Parts {
        store,
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        entropy: Arc::new(SeededEntropy::new(seed)) as Arc<dyn Entropy>,
        ring: ring.clone(),
        settings,
    }
}

impl House {
    /// What another node is made of: its own connections, caches and chance.
    pub(crate) async fn parts(&self, settings: Settings) -> Parts {
        let seed = self.seeds.fetch_add(1, Ordering::Relaxed);
        parts(&self.database, seed, &self.clock, &self.ring, settings).await
    }

    /// Another node, or this one after a restart.
    pub(crate) async fn node(&self, settings: Settings) -> Auth {
        Auth::open(self.parts(settings).await).await.expect("opens")
    }

    /// Whether there may be other nodes.
    pub(crate) fn is_shared(&self) -> bool {
        self.database.url().starts_with("postgres")
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// A caller from a network nobody called from before.
    pub(crate) fn somewhere(&self) -> Client {
        let place = self.places.fetch_add(1, Ordering::Relaxed);
        at(&format!("10.{}.{}.7", place / 256, place % 256))
    }

    /// Registers with the usual password. The flow's secret.
    pub(crate) async fn register(&self, account: NewAccount) -> Secret {
        let answer = self
            .auth
            .register(account, Want::Page, &self.somewhere())
            .await;
        match answer.expect("is taken on") {
            Registered::Pending { flow } => flow,
            Registered::SignedIn(_) => panic!("addresses are to be proven"),
        }
    }

    /// Delivers what is due. The letters that left now.
    pub(crate) async fn letters(&self) -> Vec<Letter> {
        self.auth
            .deliver_letters(&self.postman)
            .await
            .expect("delivers");
        self.postman.take()
    }

    /// Delivers the one letter that is due.
    pub(crate) async fn letter(&self) -> Letter {
        let mut letters = self.letters().await;
        assert_eq!(letters.len(), 1, "{letters:?}");
        letters.remove(0)
    }

    /// Delivers what is due. The news of new devices among it.
    pub(crate) async fn device_news(&self) -> Vec<Letter> {
        self.letters().await;
        self.postman.take_device_news()
    }

    /// Registers an address and proves it by code.
    pub(crate) async fn sign_up(&self, email: &str, want: Want) -> SignIn {
        let flow = self.register(account(email)).await;
        let letter = self.letter().await;
        self.auth
            .verify_email(
                by_code(&code_of(&letter), Some(&flow)),
                want,
                &self.somewhere(),
            )
            .await
            .expect("is proven")
    }

    /// Finishes a registration on a page.
    pub(crate) async fn finish(&self, finish: VerifyEmail) -> Result<SignIn, VerifyEmailError> {
        let client = self.somewhere();
        self.auth.verify_email(finish, Want::Page, &client).await
    }

    /// Signs in on a page, from a network of its own.
    pub(crate) async fn log_in(&self, email: &str, password: &str) -> Result<SignIn, LogInError> {
        let client = self.somewhere();
        let credentials = credentials(email, password);
        self.auth.log_in(credentials, Want::Page, &client).await
    }

    /// Asks for another letter.
    pub(crate) async fn resend(&self, address: &str) -> Result<(), ResendError> {
        let client = self.somewhere();
        self.auth
            .resend_verification(email(address), None, &client)
            .await
    }

    /// Asks for a code to sign in with. The flow's secret.
    pub(crate) async fn ask_code(&self, address: &str) -> Secret {
        let client = self.somewhere();
        let flow = self.auth.request_sign_in_code(email(address), &client);
        flow.await.expect("is taken on")
    }

    /// Signs in by letter on a page, from a network of its own.
    pub(crate) async fn log_in_by(&self, finish: LogInByCode) -> Result<SignIn, LogInByCodeError> {
        let client = self.somewhere();
        self.auth.log_in_by_code(finish, Want::Page, &client).await
    }

    /// The live session of a cookie.
    pub(crate) async fn session(&self, cookie: &CookieToken) -> Option<Arc<Session>> {
        let session = self.auth.session_by_cookie(cookie, &self.somewhere()).await;
        session.expect("answers")
    }

    /// What the database's own console says, row by row.
    pub(crate) async fn console(&self, query: &str) -> Vec<String> {
        console(self.database.url(), query).await
    }
}

/// Runs many at once, on as many threads as there are, and collects what came of them.
pub(crate) async fn at_once<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    many: usize,
    one: impl Fn(usize) -> F,
) -> Vec<T> {
    let tasks: Vec<_> = (0..many).map(|at| tokio::spawn(one(at))).collect();
    let mut done = Vec::with_capacity(many);
    for task in tasks {
        done.push(task.await.expect("no panic"));
    }
    done
}
