//! What runs beside requests: letters, the core's round, news from other nodes.
//!
//! Nothing here can end the process: a failure is logged once, when it begins, and tried again,
//! each time after a longer wait.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use auth::{Auth, Fault, Letter, PostError, Postman};
use futures::FutureExt;
use futures::future::join_all;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::metrics;

const ROUND: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Starts all loops; they end when `stop` is cancelled.
pub fn start(
    tasks: &TaskTracker,
    auth: &Auth,
    postman: Option<Arc<dyn Postman>>,
    stop: &CancellationToken,
) {
    tasks.spawn(tend(auth.clone(), stop.clone()));
    tasks.spawn(follow(auth.clone(), stop.clone()));
    tasks.spawn(tell(auth.clone(), stop.clone()));
    if let Some(postman) = postman {
        tasks.spawn(deliver(auth.clone(), postman, stop.clone()));
    }
}

async fn tend(auth: Auth, stop: CancellationToken) {
    repeat("tending", &stop, || async {
        auth.tend().await?;
        pause(ROUND, &stop).await;
        Ok(())
    })
    .await;
}

/// Looks once a second, or at once when something was published here, what the revocation feed has to
/// tell: those who follow it hear it from memory.
async fn tell(auth: Auth, stop: CancellationToken) {
    repeat("reading the revocation feed", &stop, || async {
        auth.tend_revocations().await?;
        tokio::select! {
            () = auth.revocations_waiting() => {}
            () = pause(ROUND, &stop) => {}
        }
        Ok(())
    })
    .await;
}

/// Ends at once where there are no other nodes to follow.
async fn follow(auth: Auth, stop: CancellationToken) {
    let goes_on = stop.child_token();
    repeat("following other nodes", &goes_on, || async {
        tokio::select! {
            followed = auth.follow_other_nodes() => {
                followed?;
                goes_on.cancel();
            }
            () = goes_on.cancelled() => {}
        }
        Ok(())
    })
    .await;
}

/// Several lanes, so that a mail server that hangs holds back the letter in one of them alone.
async fn deliver(auth: Auth, postman: Arc<dyn Postman>, stop: CancellationToken) {
    let postman = Closing {
        postman,
        stop: stop.clone(),
    };
    if let Err(fault) = auth.resume_letters().await {
        tracing::error!(error = %fault, "letters a stopped worker held wait for their lease to end");
    }
    let lanes = (0..auth.settings().deliveries).map(|_| lane(&auth, &postman, &stop));
    join_all(lanes).await;
}

/// Woken by a flow that noted a letter, or by the clock for letters that are tried again.
async fn lane(auth: &Auth, postman: &Closing, stop: &CancellationToken) {
    repeat("delivering letters", stop, || async {
        metrics::letters(auth.deliver_letters(postman).await?);
        tokio::select! {
            () = auth.letters_waiting() => {}
            () = pause(ROUND, stop) => {}
        }
        Ok(())
    })
    .await;
}

/// A postman who, once told to stop, takes no further letter.
struct Closing {
    postman: Arc<dyn Postman>,
    stop: CancellationToken,
}

#[async_trait]
impl Postman for Closing {
    async fn deliver(&self, letter: &Letter) -> Result<(), PostError> {
        self.postman.deliver(letter).await
    }

    fn is_closed(&self) -> bool {
        self.stop.is_cancelled()
    }
}

/// Runs `act` until told to stop, waiting longer after each failure in a row.
async fn repeat<F: Future<Output = Result<(), Fault>>>(
    what: &'static str,
    stop: &CancellationToken,
    act: impl Fn() -> F,
) {
    let mut failures = 0;
    while !stop.is_cancelled() {
        match AssertUnwindSafe(act()).catch_unwind().await {
            Ok(Ok(())) if failures == 0 => continue,
            Ok(Ok(())) => {
                tracing::info!(what, failures, "works again");
                failures = 0;
                continue;
            }
            Ok(Err(fault)) if failures == 0 => {
                tracing::error!(what, error = %fault, "failed; trying again")
            }
            Err(_) if failures == 0 => tracing::error!(what, "panicked; trying again"),
            Ok(Err(_)) | Err(_) => {}
        }
        failures += 1;
        pause(wait_after(failures), stop).await;
    }
}

async fn pause(length: Duration, stop: &CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = sleep(length) => {}
    }
}

/// 1 s, 2 s, 4 s … a minute.
fn wait_after(failures: u32) -> Duration {
    LONGEST_WAIT.min(ROUND * 2_u32.saturating_pow(failures.saturating_sub(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end_at_a_minute() {
        assert_eq!(wait_after(1), ROUND);
        assert_eq!(wait_after(3), ROUND * 4);
        assert_eq!(wait_after(1000), LONGEST_WAIT);
    }
}
