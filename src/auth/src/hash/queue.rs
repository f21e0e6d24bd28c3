//! The queue in front of the hash workers: bounded, and no network holds more than its share of it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::Overloaded;

/// How many may wait for a permit. At 150 ms a hash on two cores the last one waits ten seconds.
const LENGTH: usize = 128;
/// What one network may hold of the queue: a flood from one place leaves room for everybody else.
pub(super) const NETWORK_SHARE: usize = LENGTH / 4;

/// Who waits, by network.
pub(super) struct Queue {
    /// Whether one network is held to its share; off when limits are.
    fair: bool,
    waiting: Mutex<HashMap<String, usize>>,
}

/// A place in the queue; given up when dropped.
pub(super) struct Place<'a> {
    queue: &'a Queue,
    network: String,
}

impl Queue {
    pub(super) fn new(fair: bool) -> Self {
        Self {
            fair,
            waiting: Mutex::default(),
        }
    }

    /// How many wait.
    pub(super) fn len(&self) -> usize {
        self.waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .values()
            .sum()
    }

    /// Takes a place, if there is one for this network.
    pub(super) fn place(&self, network: String) -> Result<Place<'_>, Overloaded> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let share = if self.fair { NETWORK_SHARE } else { LENGTH };
        let is_full = waiting.values().sum::<usize>() >= LENGTH;
        if is_full || waiting.get(&network).copied().unwrap_or(0) >= share {
            return Err(Overloaded);
        }
        *waiting.entry(network.clone()).or_default() += 1;
        drop(waiting);
        Ok(Place {
            queue: self,
            network,
        })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut waiting = self
            .queue
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = waiting.get_mut(&self.network) {
            *held -= 1;
            if *held == 0 {
                waiting.remove(&self.network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_network_cannot_fill_the_queue() {
        let queue = Queue::new(true);
        let network = || "192.0.2.1".to_owned();
        let held: Vec<_> = (0..NETWORK_SHARE)
            .map(|_| queue.place(network()).expect("room"))
            .collect();

        assert!(queue.place(network()).is_err());
        assert!(queue.place("198.51.100.1".to_owned()).is_ok());
        assert_eq!(queue.len(), NETWORK_SHARE);

        drop(held);
        assert!(queue.place(network()).is_ok());
        assert_eq!(queue.len(), 0);
    }
}
