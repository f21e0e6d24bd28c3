//! The load generator of `cargo xtask bench`, and the bare server it takes for the limit.
//!
//! `xtask-load bare` serves an empty axum router and prints its address; `xtask-load fire <plan>` measures the targets
//! of a plan in rounds, so that a slow minute of the machine hits all of them, and prints what it found as JSON.
//! `xtask-load seed <database> <users> <events>` makes up a big portal for `bench --console`.

mod connection;
mod fire;
mod seed;

use std::error::Error;
use std::io::Write;

use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        ["bare"] => bare().await,
        ["fire", plan] => say(&serde_json::to_string(
            &fire::fire(serde_json::from_str(plan)?).await?,
        )?),
        ["seed", database, users, events] => seed::seed(database, users, events).await,
        _ => Err("usage: xtask-load bare | fire <plan> | seed <database> <users> <events>".into()),
    }
}

/// The fastest answer this stack can give.
async fn bare() -> Result<(), Box<dyn Error>> {
    use axum::serve::ListenerExt;

    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    say(&listener.local_addr()?.to_string())?;
    let listener = listener.tap_io(|stream| {
        // As the portal does: otherwise small answers wait for the delayed acknowledgement.
        let _slower = stream.set_nodelay(true);
    });
    axum::serve(listener, Router::new().route("/", get(async || "ok"))).await?;
    Ok(())
}

fn say(text: &str) -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()?;
    Ok(())
}
