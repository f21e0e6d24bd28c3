//! Numbers for Prometheus, on a listener of their own: they are nobody's business but the operator's.

use std::net::SocketAddr;
use std::time::Duration;

use auth::{Auth, Delivered};
use axum::Router;
use axum::response::Response;
use axum::routing::get;
use http::header::{CONTENT_TYPE, SET_COOKIE};
use http::{HeaderMap, StatusCode};
use metrics::{counter, gauge, histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

const REQUESTS: &str = "gatehouse_requests_total";
const SECONDS: &str = "gatehouse_request_seconds";
const SIGN_INS: &str = "gatehouse_sign_ins_total";
const LETTERS: &str = "gatehouse_letters_delivered_total";
const LETTERS_DELAYED: &str = "gatehouse_letters_delayed_total";
const LETTERS_DEAD: &str = "gatehouse_letters_dead_total";
const OUTBOX: &str = "gatehouse_outbox_letters";
const OUTBOX_AGE: &str = "gatehouse_outbox_oldest_due_seconds";
const HASHES: &str = "gatehouse_hashes_waiting";
const HASHED: &str = "gatehouse_hashes_total";
const STREAMS: &str = "gatehouse_revocation_streams";
const REVOCATION: &str = "gatehouse_revocation_number";
const STATEMENTS: &str = "gatehouse_statements_total";
const BUCKETS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 2.5, 10.0];

/// Begins to count. Once a process; before it, nothing is counted.
///
/// # Errors
/// When something else counts already.
pub fn install() -> Result<PrometheusHandle, BuildError> {
    let seconds = Matcher::Full(SECONDS.to_owned());
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(seconds, &BUCKETS)?
        .install_recorder()?;
    metrics::describe_counter!(REQUESTS, "Requests by method, route and status.");
    metrics::describe_histogram!(SECONDS, "Time to answer, by route.");
    metrics::describe_counter!(SIGN_INS, "Sign-ins by outcome.");
    metrics::describe_gauge!(HASHES, "Sign-ins that wait for a password hash.");
    metrics::describe_counter!(LETTERS, "Letters that left.");
    metrics::describe_counter!(
        LETTERS_DELAYED,
        "Attempts after which a letter stayed, to be tried again."
    );
    metrics::describe_counter!(LETTERS_DEAD, "Letters that were given up.");
    metrics::describe_gauge!(OUTBOX, "Letters that have not left, by state: due, dead.");
    metrics::describe_gauge!(OUTBOX_AGE, "Age of the oldest letter that is to leave.");
    metrics::describe_counter!(HASHED, "Password hashes computed.");
    metrics::describe_gauge!(STREAMS, "Streams of the revocation feed that are open.");
    metrics::describe_gauge!(
        REVOCATION,
        "The newest change the revocation feed of this process tells of."
    );
    metrics::describe_counter!(STATEMENTS, "SQL statements run.");
    Ok(handle)
}

/// Serves the numbers until told to stop.
pub async fn serve(
    listener: TcpListener,
    handle: PrometheusHandle,
    auth: Auth,
    stop: CancellationToken,
) {
    let render = move || async move {
        gauge!(HASHES).set(count(auth.hashes_waiting()));
        let work = auth.work();
        counter!(HASHED).absolute(work.hashes);
        counter!(STATEMENTS).absolute(work.statements);
        gauge!(REVOCATION).set(auth.revocation_number() as f64);
        outbox(&auth).await;
        handle.run_upkeep();
        (
            [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
            handle.render(),
        )
    };
    let router = Router::new().route("/metrics", get(render));
    let served = axum::serve(
        listener,
        router.into_make_service_with_connect_info::<SocketAddr>(),
    );
    if let Err(error) = served.with_graceful_shutdown(stop.cancelled_owned()).await {
        tracing::error!(%error, "metrics are no longer served");
    }
}

/// The queue holds a hundred or so.
fn count(waiting: usize) -> f64 {
    u32::try_from(waiting).map_or(f64::INFINITY, f64::from)
}

/// Notes one request.
pub(crate) fn request(method: &'static str, route: &str, response: &Response, took: Duration) {
    let status = response.status().as_u16().to_string();
    counter!(REQUESTS, "method" => method, "route" => route.to_owned(), "status" => status)
        .increment(1);
    histogram!(SECONDS, "route" => route.to_owned()).record(took.as_secs_f64());
    if let Some(outcome) = sign_in(method, route, response.status(), response.headers()) {
        counter!(SIGN_INS, "outcome" => outcome).increment(1);
    }
}

/// Notes that a stream was opened.
pub(crate) fn stream_began() {
    gauge!(STREAMS).increment(1.0);
}

/// Notes that a stream has ended.
pub(crate) fn stream_ended() {
    gauge!(STREAMS).decrement(1.0);
}

/// Notes what came of a round of the worker.
pub(crate) fn letters(delivered: Delivered) {
    counter!(LETTERS).increment(delivered.sent as u64);
    counter!(LETTERS_DELAYED).increment(delivered.delayed as u64);
    counter!(LETTERS_DEAD).increment(delivered.dead as u64);
}

/// What waits in the outbox. The same on every node, because the database is: take the greatest.
async fn outbox(auth: &Auth) {
    match auth.count_letters().await {
        Ok(counts) => {
            gauge!(OUTBOX, "state" => "due").set(counts.due as f64);
            gauge!(OUTBOX, "state" => "dead").set(counts.dead as f64);
            gauge!(OUTBOX_AGE).set(counts.oldest_due_seconds as f64);
        }
        // The other numbers are wanted most when the database does not answer.
        Err(fault) => tracing::warn!(error = %fault, "the outbox was not counted"),
    }
}

/// What became of a sign-in, where one was tried at all. The page answers 303 either way; only
/// success sets the cookie.
fn sign_in(
    method: &str,
    route: &str,
    status: StatusCode,
    headers: &HeaderMap,
) -> Option<&'static str> {
    let succeeded = match (method, route) {
        ("POST", "/api/auth/login" | "/auth/login") => match status {
            StatusCode::OK => true,
            StatusCode::UNAUTHORIZED | StatusCode::TOO_MANY_REQUESTS => false,
            _ => return None,
        },
        ("POST", "/_sf/log_in") => sets_session(headers),
        _ => return None,
    };
    Some(if succeeded { "succeeded" } else { "failed" })
}

fn sets_session(headers: &HeaderMap) -> bool {
    let cookies = headers.get_all(SET_COOKIE).iter();
    cookies
        .filter_map(|cookie| cookie.to_str().ok())
        .any(|cookie| {
            let (name, rest) = cookie.split_once('=').unwrap_or((cookie, ""));
            matches!(name, "gatehouse" | "__Host-gatehouse") && !rest.starts_with(';')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_sets_the_cookie_has_signed_somebody_in() {
        let mut headers = HeaderMap::new();
        assert_eq!(
            sign_in("POST", "/_sf/log_in", StatusCode::SEE_OTHER, &headers),
            Some("failed")
        );
        headers.insert(
            SET_COOKIE,
            "gatehouse=; Path=/; Max-Age=0".parse().expect("a value"),
        );
        assert_eq!(
            sign_in("POST", "/_sf/log_in", StatusCode::SEE_OTHER, &headers),
            Some("failed")
        );
        headers.append(
            SET_COOKIE,
            "__Host-gatehouse=AAAA; Path=/".parse().expect("a value"),
        );
        assert_eq!(
            sign_in("POST", "/_sf/log_in", StatusCode::SEE_OTHER, &headers),
            Some("succeeded")
        );
        assert_eq!(
            sign_in("GET", "/auth/login", StatusCode::SEE_OTHER, &headers),
            None
        );
    }
}
