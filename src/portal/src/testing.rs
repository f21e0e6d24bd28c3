//! A whole portal for tests inside this crate: its own database, a clock that stands still.

use std::sync::Arc;
use std::time::Duration;

use auth::{
    Auth, Client, Clock, KeyRing, Parts, Registered, SeededEntropy, SignIn, Store, TestClock, Want,
};
use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::Request;
use http_body_util::BodyExt;
use tower::ServiceExt;
use wire::{Audience, Credentials, Identifier, Password, Register, Secret};

use crate::config::{self, Environment, Flags, Purpose};
use crate::{Portal, router};

/// A portal and what keeps it alive.
pub(crate) struct World {
    pub(crate) portal: Portal,
    router: Router,
    clock: Arc<TestClock>,
    _folder: tempfile::TempDir,
}

const PASSWORD: &str = "unrelated violet cucumber tram";

impl World {
    /// In development mode, with these settings beside the usual ones.
    pub(crate) async fn new(settings: &[(&str, &str)]) -> Self {
        auth::install_crypto();
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().display().to_string();
        let usual = [
            ("GATEHOUSE_DATA_DIR", data.as_str()),
            ("GATEHOUSE_HASH__MEMORY_KIB", "64"),
            ("GATEHOUSE_HASH__ITERATIONS", "1"),
            ("GATEHOUSE_HASH__LANES", "1"),
            ("GATEHOUSE_LIMITS__MULTIPLIER", "0"),
            ("GATEHOUSE_REGISTRATION__VERIFICATION", "off"),
            ("GATEHOUSE_SERVER__ALLOWED_ORIGINS", "https://app.example"),
        ];
        let kept = usual
            .iter()
            .filter(|(name, _)| settings.iter().all(|(other, _)| other != name));
        let environment = Environment::of(kept.chain(settings).copied());
        let flags = Flags {
            dev: true,
            ..Flags::default()
        };
        let config = config::load(&environment, &flags, Purpose::Serve)
            .expect("settings")
            .config;
        let store = Store::connect(config.database_url.reveal())
            .await
            .expect("a database");
        store.migrate().await.expect("migrated");
        let entropy = SeededEntropy::new(7);
        let ring = KeyRing::generate(&entropy);
        let (clock, entropy) = (Arc::new(TestClock::new()), Arc::new(entropy));
        let parts = Parts {
            store,
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            entropy,
            ring,
            settings: config.core.clone(),
        };
        let auth = Auth::open(parts).await.expect("a core");
        let mailbox = mail::Mailbox::open(config.data_dir.join("mailbox")).expect("a mailbox");
        let portal = Portal::new(auth, config, Some(mailbox)).expect("origins");
        Self {
            // Once: the documents and routes it holds take longer to put together than to ask.
            router: router(&portal),
            portal,
            clock,
            _folder: folder,
        }
    }

    /// Somebody who has just signed in, by cookie and tokens.
    pub(crate) async fn somebody(&self, name: &str, audience: Audience) -> SignIn {
        let form = Register {
            email: format!("{name}@example.com"),
            password: Secret::new(PASSWORD),
            ..Register::default()
        };
        let account = form
            .check(self.portal.auth.settings().password)
            .expect("a good form");
        let (want, client) = (Want::Cookie(audience), Client::operator());
        let registered = self.portal.auth.register(account, want, &client).await;
        match registered.expect("registered") {
            Registered::SignedIn(signed_in) => *signed_in,
            Registered::Pending { .. } => panic!("verification is off"),
        }
    }

    /// An admin who has just signed in by cookie: holds every right, with a proven address.
    pub(crate) async fn admin(&self, name: &str) -> SignIn {
        let form = Register {
            email: format!("{name}@example.com"),
            password: Secret::new(PASSWORD),
            ..Register::default()
        };
        let account = form
            .check(self.portal.auth.settings().password)
            .expect("a good form");
        let (email, client) = (account.email.clone(), Client::operator());
        self.portal
            .auth
            .create_admin(account)
            .await
            .expect("is made");
        let credentials = Credentials {
            identifier: Identifier::Email(email),
            password: Password::claimed(PASSWORD),
        };
        let want = Want::Cookie(Audience::PortalAndServices);
        let signed_in = self.portal.auth.log_in(credentials, want, &client).await;
        signed_in.expect("signs in")
    }

    /// Moves the clock on.
    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Sends a request to the whole router.
    pub(crate) async fn send(&self, request: Request<Body>) -> Response {
        let Ok(response) = self.router.clone().oneshot(request).await;
        response
    }
}

/// The body of an answer, as text.
pub(crate) async fn text(response: Response) -> String {
    let bytes = response
        .into_body()
        .collect()
        .await
        .expect("a whole body")
        .to_bytes();
    String::from_utf8(bytes.to_vec()).expect("text")
}
