//! What this crate touches outside itself: the time, and the portal's answers, which may be slow, endless or somebody else's.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Empty, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// How long the portal may take for one answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Seconds since 1970.
pub(crate) type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// The machine's own clock.
pub(crate) fn system_clock() -> Clock {
    Arc::new(|| {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place that implements the clock"
        )]
        let now = SystemTime::now();
        now.duration_since(SystemTime::UNIX_EPOCH)
            .map_or(0, |since| since.as_secs())
    })
}

/// Clone: handles of the same.
#[derive(Clone)]
pub(crate) struct World {
    clock: Clock,
    client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
}

/// What the portal said.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl World {
    /// `None` when there is no TLS to be had.
    pub(crate) fn new(clock: Clock) -> Option<Self> {
        // Named, not taken from the process: another crate's choice must not become ours.
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(provider)
            .ok()?
            .https_or_http()
            .enable_http1()
            .build();
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Some(Self { clock, client })
    }

    pub(crate) fn now(&self) -> u64 {
        (self.clock)()
    }

    /// Fails after 5 s, on a body larger than `most`, and on a network error. Follows no redirect: the address is the trust.
    /// The sentence it fails with says nothing of the request.
    pub(crate) async fn ask(
        &self,
        request: Request<Empty<Bytes>>,
        most: usize,
    ) -> Result<Answer, String> {
        let asking = async {
            let answer = self.client.request(request).await;
            let (head, body) = answer.map_err(|_| "no answer".to_owned())?.into_parts();
            let body = Limited::new(body, most).collect().await;
            let body =
                body.map_err(|_| format!("an answer broken off, or of more than {most} bytes"))?;
            Ok(Answer {
                status: head.status,
                headers: head.headers,
                body: body.to_bytes(),
            })
        };
        tokio::time::timeout(TIMEOUT, asking)
            .await
            .unwrap_or_else(|_| Err("no answer in 5 s".to_owned()))
    }
}

/// Seconds since a moment; for ever, where there was none or the clock was set back behind it.
pub(crate) fn since(moment: Option<u64>, now: u64) -> u64 {
    moment
        .and_then(|moment| now.checked_sub(moment))
        .unwrap_or(u64::MAX)
}
