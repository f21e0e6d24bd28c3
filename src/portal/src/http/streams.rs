//! Answers that do not end by themselves: how many there may be, and an end for all of them.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::metrics;

/// Streams one process holds open.
const MOST: usize = 1000;
/// Those of one network: a service has a few processes.
const MOST_OF_NETWORK: usize = 20;

/// The streams that are open.
#[derive(Clone, Default)]
pub struct Streams {
    open: Arc<Mutex<Open>>,
    stop: CancellationToken,
}

#[derive(Default)]
struct Open {
    all: usize,
    by_network: HashMap<String, usize>,
}

/// A place among them; given back when it is dropped.
pub struct Place {
    streams: Streams,
    network: String,
}

impl Streams {
    /// A place, if there is one.
    pub fn enter(&self, network: &str) -> Option<Place> {
        let mut open = self.open();
        let of_network = open.by_network.get(network).copied().unwrap_or(0);
        if open.all >= MOST || of_network >= MOST_OF_NETWORK || self.stop.is_cancelled() {
            return None;
        }
        open.all += 1;
        open.by_network.insert(network.to_owned(), of_network + 1);
        drop(open);
        metrics::stream_began();
        Some(Place {
            streams: self.clone(),
            network: network.to_owned(),
        })
    }

    /// Ends all of them, and lets nobody in any more: the process is about to stop.
    pub fn end(&self) {
        self.stop.cancel();
    }

    /// What tells that they are to end.
    pub fn stopping(&self) -> CancellationToken {
        self.stop.clone()
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.streams.open();
        open.all = open.all.saturating_sub(1);
        if let Some(of_network) = open.by_network.get_mut(&self.network) {
            *of_network = of_network.saturating_sub(1);
            if *of_network == 0 {
                open.by_network.remove(&self.network);
            }
        }
        drop(open);
        metrics::stream_ended();
    }
}

impl fmt::Debug for Streams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streams")
            .field("open", &self.open().all)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Place")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_has_a_few_places_and_gets_them_back() {
        let streams = Streams::default();
        let mut held: Vec<_> = (0..MOST_OF_NETWORK)
            .map(|_| streams.enter("192.0.2.1").expect("a place"))
            .collect();
        assert!(streams.enter("192.0.2.1").is_none());
        assert!(
            streams.enter("192.0.2.2").is_some(),
            "others are not held up"
        );
        held.pop();
        assert!(streams.enter("192.0.2.1").is_some());
        held.clear();
        assert!(streams.open().by_network.is_empty() && streams.open().all == 0);
    }

    #[test]
    fn the_process_has_an_end_of_places_too() {
        let streams = Streams::default();
        let network = |at: usize| format!("network {}", at / MOST_OF_NETWORK);
        let held: Vec<_> = (0..MOST)
            .map(|at| streams.enter(&network(at)).expect("a place"))
            .collect();
        assert!(streams.enter("192.0.2.1").is_none());
        drop(held);
        assert!(streams.enter("192.0.2.1").is_some());
    }

    #[tokio::test]
    async fn who_is_told_to_end_lets_nobody_in() {
        let streams = Streams::default();
        let stop = streams.stopping();
        streams.end();
        stop.cancelled().await;
        assert!(streams.enter("192.0.2.1").is_none());
    }
}
