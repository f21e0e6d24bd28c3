//! Serving: listen, answer, and stop in good order.

mod connection;
mod patience;

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use auth::{Fault, Postman};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::compose::{self, ComposeError};
use crate::config::Config;
use crate::{Portal, metrics, router, worker};

/// How long requests and a letter in hand may take to finish.
const FAREWELL: Duration = Duration::from_secs(10);
/// How often quiet networks are forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(60);

/// Why the portal does not serve. Each is a sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Something did not come together.
    #[error(transparent)]
    Compose(#[from] ComposeError),
    /// A port.
    #[error("{0} cannot be listened on: {1}.")]
    Bind(std::net::SocketAddr, io::Error),
    /// Metrics.
    #[error("Metrics cannot be counted: {0}.")]
    Metrics(#[from] metrics_exporter_prometheus::BuildError),
    /// Origins.
    #[error("server.public_url or server.allowed_origins is no origin: {0}.")]
    Origin(#[from] tower_http::csrf::ConfigError),
    /// The database.
    #[error("The database did not answer: {0}.")]
    Fault(#[from] Fault),
    /// Signals or the terminal.
    #[error("The system refused: {0}.")]
    Io(#[from] io::Error),
}

/// Serves until told to stop by a signal.
///
/// # Errors
/// [`ServeError`], before the first request.
pub async fn serve(config: Config) -> Result<(), ServeError> {
    let told = stop_signal()?;
    let auth = compose::core(&config).await?;
    let (postman, mailbox) = match compose::mail(&config)? {
        Some((mailer, mailbox)) => (Some(Arc::new(mailer) as Arc<dyn Postman>), mailbox),
        None => (None, None),
    };
    let portal = Portal::new(auth, config, mailbox)?;
    let listener = listen(portal.config.bind).await?;
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    serve_metrics(&portal, &tasks, &stop).await?;
    worker::start(&tasks, &portal.auth, postman, &stop);
    tasks.spawn(forget_networks(portal.clone(), stop.clone()));
    announce(&portal).await?;

    // What does not end by itself ends before the rest is waited for.
    let streams = portal.streams.clone();
    let told = async move {
        told.await;
        streams.end();
    };
    connection::accept(listener, router(&portal), told, FAREWELL).await;

    tracing::info!("stopping");
    stop.cancel();
    tasks.close();
    if tokio::time::timeout(FAREWELL, tasks.wait()).await.is_err() {
        tracing::warn!(
            "a task did not finish in time; letters it held are sent again at the next start"
        );
    }
    portal.auth.close().await;
    Ok(())
}

async fn listen(address: std::net::SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address)
        .await
        .map_err(|error| ServeError::Bind(address, error))
}

async fn serve_metrics(
    portal: &Portal,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) -> Result<(), ServeError> {
    let Some(address) = portal.config.metrics_bind else {
        return Ok(());
    };
    let listener = listen(address).await?;
    let handle = metrics::install()?;
    let served = metrics::serve(listener, handle, portal.auth.clone(), stop.clone());
    tasks.spawn(served);
    Ok(())
}

/// Says where the portal is and, as long as nobody can manage it, how to begin. Standard output
/// belongs to people and their scripts; everything else is the log's.
async fn announce(portal: &Portal) -> Result<(), ServeError> {
    let url = portal.config.public_url();
    let mut lines = format!(
        "Gatehouse listens on http://{} for {url}\n",
        portal.config.bind
    );
    if let Some(token) = portal.auth.set_up_token().await? {
        lines.push_str(&format!(
            "Set-up link: {url}/setup?token={}\n",
            token.reveal()
        ));
    }
    let mut out = io::stdout().lock();
    out.write_all(lines.as_bytes())?;
    out.flush()?;
    Ok(())
}

async fn forget_networks(portal: Portal, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(FORGET_EVERY) => portal.general_limit.forget(),
        }
    }
}

/// Resolves at the first SIGTERM or SIGINT. Taken before anything starts, so that none is missed.
fn stop_signal() -> io::Result<impl Future<Output = ()> + Send> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
