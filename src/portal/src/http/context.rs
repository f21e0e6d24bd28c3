//! The beginning of a request: its id, its sender, its nonce.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use tracing::Instrument;

use super::client_address::{is_trusted, of_request};
use super::headers::CspNonce;
use crate::Portal;

/// Where a request's id travels.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request, for whoever answers it.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// Puts [`RequestId`], [`auth::Client`] and [`CspNonce`] into the request, the id into the answer,
/// and a span around everything in between.
pub async fn establish(State(portal): State<Portal>, mut request: Request, next: Next) -> Response {
    let socket = socket(&request);
    let id = request_id(&portal, socket, request.headers());
    let address = of_request(socket, request.headers(), &portal.config.trusted_proxies);
    let agent = request
        .headers()
        .get(header::USER_AGENT)
        .and_then(|agent| agent.to_str().ok())
        .unwrap_or_default();
    let client = auth::Client::new(address, agent, &id);
    let extensions = request.extensions_mut();
    extensions.insert(client);
    extensions.insert(RequestId(id.clone()));
    extensions.insert(CspNonce::draw(portal.auth.entropy()));
    let span = tracing::info_span!("request", request_id = %id);
    let mut response = next.run(request).instrument(span).await;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// The other end of the connection. Without one, as in a test that calls the router directly,
/// nobody: an address that is neither loopback nor a proxy's.
fn socket(request: &Request) -> IpAddr {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| {
        peer.ip().to_canonical()
    })
}

/// The proxy's id, so that its log and ours meet; anybody else's would be theirs to forge.
fn request_id(portal: &Portal, socket: IpAddr, headers: &HeaderMap) -> String {
    let given = headers
        .get(REQUEST_ID)
        .and_then(|id| id.to_str().ok())
        .filter(|id| is_sane(id));
    match given {
        Some(id) if is_trusted(socket, &portal.config.trusted_proxies) => id.to_owned(),
        _ => portal.auth.draw_id(),
    }
}

fn is_sane(id: &str) -> bool {
    (8..=128).contains(&id.len())
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_cannot_forge_a_log_line() {
        assert!(is_sane("0199c0de-0000-7000-8000-000000000000"));
        for id in [
            "",
            "short",
            "with space",
            "quote\"quote",
            "new\nline12",
            &"x".repeat(129),
        ] {
            assert!(!is_sane(id), "{id:?}");
        }
    }
}
