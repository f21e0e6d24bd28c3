//! The hostile-token kit of the npm package, fired at the example of this crate: nothing gets in.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use axum::Router;
use axum::routing::get;
use serde_json::Value;
use tokio::net::TcpListener;

#[expect(dead_code, reason = "its `main` serves elsewhere")]
#[path = "../examples/protected.rs"]
mod example;

fn package() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../hono")
}

/// Whether the kit is there; without it the tests say so and are left out, but not where everything has to run.
fn has_kit() -> bool {
    let there = package().join("node_modules/tsx").is_dir();
    #[expect(
        clippy::disallowed_methods,
        reason = "whether a test may be left out is said by the environment"
    )]
    let must = std::env::var_os("CI").is_some();
    assert!(there || !must, "clients/hono has no node_modules: npm ci");
    if !there {
        eprintln!("left out: clients/hono has no node_modules (npm ci)");
    }
    there
}

/// What the kit reports of a service that trusts `http://127.0.0.1:<port>`.
async fn report(service: impl FnOnce(&str) -> Router) -> Value {
    let free = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = free.local_addr().expect("an address").port();
    drop(free);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let service = service(&format!("http://127.0.0.1:{port}"));
    tokio::spawn(async move { axum::serve(listener, service).await });

    let mut kit = Command::new("node");
    kit.args(["--import", "tsx", "src/attack/cli.ts", "--json"])
        .args(["--url", &format!("http://{address}/api/workflows")])
        .args(["--port", &port.to_string()])
        .current_dir(package())
        .stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || kit.output()).await;
    let output = output.expect("no panic").expect("node runs");
    let said = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no report: {said}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn none_of_the_kit_gets_in() {
    if !has_kit() {
        return;
    }

    let report = report(|issuer| example::app(issuer).expect("good settings")).await;

    let attacks = report["attacks"].as_array().expect("attacks");
    let not_refused: Vec<&Value> = attacks
        .iter()
        .filter(|attack| attack["outcome"] != "refused")
        .collect();
    assert!(not_refused.is_empty(), "{not_refused:#?}");
    assert_eq!(report["verdict"], "safe", "{}", report["reason"]);
    assert!(attacks.len() >= 60, "only {} attacks", attacks.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_kit_finds_an_open_door() {
    if !has_kit() {
        return;
    }

    let open = |_: &str| Router::new().route("/api/workflows", get(|| async { "in" }));

    assert_eq!(report(open).await["verdict"], "broken");
}
