//! A service whose routes want a good token: `protected <issuer> <address>`.

use axum::Router;
use axum::routing::get;
use gatehouse_axum::{Claims, Gatehouse, Settings, SettingsError, require_permission};
use tokio::net::TcpListener;

pub(crate) fn app(issuer: &str) -> Result<Router, SettingsError> {
    // Made once, for the whole service: it holds the keys and follows the revocations.
    let gatehouse = Gatehouse::new(Settings::new(issuer, "workflow-api"))?;
    let read = require_permission(["workflow:read"]);
    Ok(Router::new()
        .route("/api/workflows", get(list).layer(read))
        // Last, so that it stands around all of the above.
        .layer(gatehouse.layer()))
}

async fn list(claims: Claims) -> String {
    format!("The workflows of {} go here.", claims.user_id)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut words = std::env::args().skip(1);
    let issuer = words.next().unwrap_or("http://localhost:3000".to_owned());
    let address = words.next().unwrap_or("127.0.0.1:3014".to_owned());
    let listener = TcpListener::bind(address).await?;
    Ok(axum::serve(listener, app(&issuer)?).await?)
}
