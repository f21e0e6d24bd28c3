//! The Resend API: one POST a letter, over https.

use std::time::Duration;

use auth::{Letter, PostError};
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, USER_AGENT};
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::{Deserialize, Serialize};
use wire::Secret;

use crate::render::Rendered;
use crate::{Sender, SettingsError, host, post};

/// Where the API lives.
pub const RESEND_API: &str = "https://api.resend.com";

/// How to reach the API.
#[derive(Clone, Debug)]
pub struct ResendSettings {
    /// The account's key.
    pub api_key: Secret,
    /// Who letters are from; the domain must be verified with Resend.
    pub from: Sender,
    /// [`RESEND_API`], or another place that speaks the same.
    pub base_url: String,
    /// How long one delivery may take.
    pub timeout: Duration,
}

/// The transport.
pub(crate) struct Resend {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    url: Uri,
    key: HeaderValue,
    from: String,
    timeout: Duration,
}

#[derive(Serialize)]
struct Email<'a> {
    from: &'a str,
    to: [&'a str; 1],
    subject: &'a str,
    text: &'a str,
    html: &'a str,
    headers: Headers,
}

#[derive(Serialize)]
struct Headers {
    #[serde(rename = "Auto-Submitted")]
    auto_submitted: &'static str,
}

/// The one member of an error that is read.
#[derive(Deserialize)]
struct Refusal {
    name: String,
}

impl Resend {
    pub(crate) fn new(settings: ResendSettings) -> Result<Self, SettingsError> {
        let mut key = HeaderValue::try_from(format!("Bearer {}", settings.api_key.reveal()))
            .map_err(|_| SettingsError::ApiKey)?;
        if settings.api_key.is_empty() {
            return Err(SettingsError::ApiKey);
        }
        key.set_sensitive(true);
        Ok(Self {
            client: Client::builder(TokioExecutor::new()).build(connector()?),
            url: url(&settings.base_url)?,
            key,
            from: settings.from.text(),
            timeout: settings.timeout,
        })
    }

    pub(crate) async fn deliver(&self, letter: &Letter, words: Rendered) -> Result<(), PostError> {
        let request = self.request(letter, &words)?;
        post::within(self.timeout, async {
            let answer = self
                .client
                .request(request)
                .await
                .map_err(|error| unreached(&error))?;
            let status = answer.status();
            if status.is_success() {
                return Ok(());
            }
            judge(status, reason(answer.into_body()).await.as_deref())
        })
        .await
    }

    fn request(
        &self,
        letter: &Letter,
        words: &Rendered,
    ) -> Result<Request<Full<Bytes>>, PostError> {
        let email = Email {
            from: &self.from,
            to: [letter.to.as_str()],
            subject: &words.subject,
            text: &words.text,
            html: &words.html,
            headers: Headers {
                auto_submitted: "auto-generated",
            },
        };
        let body = serde_json::to_vec(&email).map_err(|_| no_request())?;
        Request::post(&self.url)
            .header(AUTHORIZATION, &self.key)
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, "gatehouse")
            .header("Idempotency-Key", idempotency_key(letter))
            .body(Full::from(body))
            .map_err(|_| no_request())
    }
}

/// The API sends one letter for one key, and refuses a key it has seen with other words. While an
/// attempt may have been accepted, the letter is written anew and goes out under the same key: then
/// the refusal says that the first one left, and the secret in that one works. After an answer that
/// was a no the key is another, because whether the API remembers a key that it refused is its own
/// affair.
fn idempotency_key(letter: &Letter) -> String {
    format!("{}-{}", letter.id, letter.attempt)
}

fn no_request() -> PostError {
    PostError::Refused("the letter is no request".to_owned())
}

fn connector() -> Result<HttpsConnector<HttpConnector>, SettingsError> {
    // Named, not taken from the process: lettre's TLS and this are the same provider.
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    Ok(HttpsConnectorBuilder::new()
        .with_provider_and_webpki_roots(provider)
        .map_err(|_| SettingsError::ApiUrl)?
        .https_or_http()
        .enable_http1()
        .build())
}

/// The key goes along: only over https, or where it does not leave the machine.
fn url(base: &str) -> Result<Uri, SettingsError> {
    let url: Uri = format!("{}/emails", base.trim_end_matches('/'))
        .parse()
        .map_err(|_| SettingsError::ApiUrl)?;
    let host = url.host().ok_or(SettingsError::ApiUrl)?;
    match url.scheme_str() {
        Some("https") => Ok(url),
        Some("http") if host::is_loopback(host) => Ok(url),
        _ => Err(SettingsError::ApiUrl),
    }
}

/// The API's name for a failure; what else it says may repeat the address.
async fn reason(body: Incoming) -> Option<String> {
    let bytes = Limited::new(body, 16 * 1024)
        .collect()
        .await
        .ok()?
        .to_bytes();
    let refusal: Refusal = serde_json::from_slice(&bytes).ok()?;
    let is_name =
        |name: &str| name.len() <= 64 && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    Some(refusal.name).filter(|name| is_name(name))
}

fn judge(status: StatusCode, reason: Option<&str>) -> Result<(), PostError> {
    let words = format!(
        "the mail API said {} {}",
        status.as_u16(),
        reason.unwrap_or_default()
    );
    match (status.as_u16(), reason) {
        // The key was used with other words: by the attempt whose answer was lost. It left.
        (409, Some("invalid_idempotent_request")) => Ok(()),
        // That attempt is still under way, or something before the API itself gave up on it.
        (409, _) | (408 | 500.., None) => Err(PostError::Unanswered(words)),
        // 401 and 403 are about our key and our domain, which the operator can mend meanwhile.
        (401 | 403 | 408 | 425 | 429 | 500.., _) => Err(PostError::Later(words)),
        _ => Err(PostError::Refused(words)),
    }
}

fn unreached(error: &hyper_util::client::legacy::Error) -> PostError {
    if error.is_connect() {
        PostError::Later("no connection to the mail API".to_owned())
    } else {
        PostError::Unanswered("the mail API hung up".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_posted_to_https_or_this_machine_alone() {
        assert!(url(RESEND_API).is_ok_and(|url| url == "https://api.resend.com/emails"));
        assert!(url("http://127.0.0.1:9/").is_ok());
        for base in [
            "http://api.resend.com",
            "ftp://localhost",
            "api.resend.com",
            "",
            "http://127.0.0.1.example.com",
        ] {
            assert!(url(base).is_err(), "{base}");
        }
    }
}
