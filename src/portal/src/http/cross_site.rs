//! Requests that another site made a browser send (D4).
//!
//! The rule is tower-http's `CsrfLayer`, the scheme of Go 1.25: `Sec-Fetch-Site` first, then
//! `Origin` against the host. It stands here as a question instead of a layer, so that the guard
//! can ask it at its place in the order of checks. On top of it, a request with a cookie of ours
//! and neither header is refused: every browser that keeps our cookies sends one of them.

use std::convert::Infallible;

use axum::response::Response;
use http::{HeaderMap, Method, Request, header};
use tower::util::{BoxCloneSyncService, ServiceExt};
use tower::{Layer, service_fn};
use tower_http::csrf::{ConfigError, CsrfLayer};

type Judge = BoxCloneSyncService<Request<()>, Response<()>, Infallible>;

const SEC_FETCH_SITE: &str = "sec-fetch-site";

/// Tells requests of our own pages from those of others.
#[derive(Clone)]
pub struct CrossSite {
    own: Judge,
    own_and_listed: Judge,
}

impl CrossSite {
    /// `own` is the public URL's origin; `listed` may reach the routes open to foreign origins.
    ///
    /// # Errors
    /// An origin no browser would send.
    pub fn new(own: &str, listed: &[String]) -> Result<Self, ConfigError> {
        let layer = CsrfLayer::new().add_trusted_origin(own)?;
        let mut open = layer.clone();
        for origin in listed {
            open = open.add_trusted_origin(origin)?;
        }
        Ok(Self {
            own: judge(&layer),
            own_and_listed: judge(&open),
        })
    }

    /// Whether a request must be refused as another site's.
    pub async fn is_foreign(
        &self,
        method: &Method,
        headers: &HeaderMap,
        has_cookie: bool,
        takes_listed: bool,
    ) -> bool {
        if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
            return false;
        }
        if has_cookie
            && !headers.contains_key(SEC_FETCH_SITE)
            && !headers.contains_key(header::ORIGIN)
        {
            return true;
        }
        let judge = if takes_listed {
            &self.own_and_listed
        } else {
            &self.own
        };
        let mut asked = Request::new(());
        *asked.method_mut() = method.clone();
        for name in [
            header::ORIGIN.as_str(),
            header::HOST.as_str(),
            SEC_FETCH_SITE,
        ] {
            if let (Some(value), Ok(name)) = (headers.get(name), header::HeaderName::try_from(name))
            {
                asked.headers_mut().insert(name, value.clone());
            }
        }
        let Ok(verdict) = judge.clone().oneshot(asked).await;
        !verdict.status().is_success()
    }
}

fn judge(layer: &CsrfLayer) -> Judge {
    let passes = service_fn(|_| async { Ok::<_, Infallible>(Response::new(())) });
    BoxCloneSyncService::new(layer.layer(passes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "https://login.example";

    async fn foreign(
        headers: &[(&'static str, &'static str)],
        has_cookie: bool,
        takes_listed: bool,
    ) -> bool {
        let cross_site = CrossSite::new(OWN, &["https://app.example".to_owned()]).expect("origins");
        let mut map = HeaderMap::new();
        map.insert("host", "login.example".parse().expect("a value"));
        for (name, value) in headers {
            map.insert(*name, value.parse().expect("a value"));
        }
        cross_site
            .is_foreign(&Method::POST, &map, has_cookie, takes_listed)
            .await
    }

    #[tokio::test]
    async fn our_own_pages_may_post() {
        assert!(
            !foreign(
                &[("sec-fetch-site", "same-origin"), ("origin", OWN)],
                true,
                false
            )
            .await
        );
        assert!(!foreign(&[("origin", OWN)], true, false).await);
        assert!(!foreign(&[("sec-fetch-site", "none")], true, false).await);
    }

    #[tokio::test]
    async fn other_sites_may_not() {
        for origin in [
            "https://evil.example",
            "null",
            "https://sub.login.example",
            "https://login.example.evil.example",
        ] {
            assert!(foreign(&[("origin", origin)], true, true).await, "{origin}");
            assert!(
                foreign(&[("origin", origin)], false, true).await,
                "{origin}"
            );
        }
        for site in ["cross-site", "same-site", "SAME-ORIGIN"] {
            assert!(
                foreign(&[("sec-fetch-site", site)], true, true).await,
                "{site}"
            );
        }
    }

    #[tokio::test]
    async fn a_listed_origin_reaches_only_what_is_open_to_it() {
        let listed = [
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://app.example"),
        ];
        assert!(!foreign(&listed, true, true).await);
        assert!(foreign(&listed, true, false).await);
    }

    #[tokio::test]
    async fn a_cookie_without_either_header_is_foreign() {
        assert!(foreign(&[], true, false).await);
        assert!(
            !foreign(&[], false, false).await,
            "a program without cookies"
        );
    }
}
