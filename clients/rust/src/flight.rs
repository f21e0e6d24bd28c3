//! One piece of work at a time, shared by whoever needs it.

use std::future::Future;
use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

/// Work that runs to its end even if nobody waits any more: a caller who hangs up must not end what others wait for.
#[derive(Default)]
pub(crate) struct Flight {
    newest: Mutex<Option<Flying>>,
}

/// What is under way.
#[derive(Clone)]
pub(crate) struct Flying(watch::Receiver<()>);

impl Flying {
    /// Waits for its end.
    pub(crate) async fn landed(mut self) {
        // Nothing is ever sent: the sender goes when the work ends, by a panic too.
        let _ended = self.0.changed().await;
    }
}

impl Flight {
    /// What is under way; else, if it `starts`, the work, begun; else `None`. Of many who ask at once one is asked whether
    /// it starts, and what it notes by then is seen by the others.
    pub(crate) fn board<F>(
        &self,
        starts: impl FnOnce() -> bool,
        work: impl FnOnce() -> F,
    ) -> Option<Flying>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flying) = newest
            .as_ref()
            .filter(|flying| flying.0.has_changed().is_ok())
        {
            return Some(flying.clone());
        }
        if !starts() {
            return None;
        }
        let (sender, receiver) = watch::channel(());
        let work = work();
        tokio::spawn(async move {
            work.await;
            drop(sender);
        });
        *newest = Some(Flying(receiver));
        newest.clone()
    }
}
