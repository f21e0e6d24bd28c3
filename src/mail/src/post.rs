//! What the transports say alike when a letter stays.

use std::future::Future;
use std::time::Duration;

use auth::PostError;

/// Runs one delivery, for no longer than `limit`: a server that accepts a connection and then
/// says nothing must not hold up the letters behind this one.
pub(crate) async fn within<T>(
    limit: Duration,
    delivery: impl Future<Output = Result<T, PostError>>,
) -> Result<T, PostError> {
    tokio::time::timeout(limit, delivery)
        .await
        .unwrap_or_else(|_| Err(PostError::Unanswered("no answer in time".to_owned())))
}

/// A template that failed: the same letter fails the same way next time.
#[expect(clippy::needless_pass_by_value, reason = "fits map_err")]
pub(crate) fn unreadable(error: askama::Error) -> PostError {
    PostError::Refused(format!("the letter cannot be rendered: {error}"))
}
