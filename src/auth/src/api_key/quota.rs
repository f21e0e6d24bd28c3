//! How often a key is used, held over all nodes.
//!
//! An hour of the clock has one count in the database. A node takes uses from it in blocks of one in a
//! hundred of the limit, fifty at most, and gives them out without asking; so an answer costs a write
//! once a block, and the sum of all nodes never exceeds the limit. It may fall short: what a node took
//! and did not use is lost to the others for that hour, less than a block each. A limit under 200 is
//! counted one by one and exact.

use std::sync::Arc;

use crate::Auth;
use crate::clock::Timestamp;
use crate::error::Fault;
use crate::limit::Limited;

/// The unit of the limit, in seconds.
const HOUR: i64 = 3600;
/// The counter's name.
const BUCKET: &str = "api_key";

/// What is left of a key's hour: for the headers `RateLimit` and `RateLimit-Policy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Uses an hour.
    pub limit: i64,
    /// What is left, as far as this node knows.
    pub left: i64,
    /// Seconds until the hour is over.
    pub reset: i64,
}

/// What this process took of an hour.
#[derive(Debug, Default)]
pub(crate) struct Window {
    began: Timestamp,
    limit: i64,
    /// Taken and not given out.
    left: i64,
    /// What nobody has taken.
    beyond: i64,
    /// There is nothing left to take.
    is_over: bool,
    /// That somebody came for more was said.
    is_told: bool,
}

/// Why a use was not counted: the hour is over.
pub(super) struct Spent {
    pub(super) limited: Limited,
    pub(super) quota: Quota,
    /// Nobody was refused in this hour before, as far as this node knows.
    pub(super) is_first: bool,
}

impl Window {
    fn begin_at(&mut self, began: Timestamp, limit: i64) {
        if self.began != began || self.limit != limit {
            *self = Self {
                began,
                limit,
                ..Self::default()
            };
        }
    }

    /// Adds a block; `count` is what the hour's count came to by it.
    fn took(&mut self, block: i64, count: i64) {
        self.left = (self.limit - (count - block)).clamp(0, block);
        self.beyond = (self.limit - count).max(0);
        self.is_over = self.left == 0;
    }
}

fn block(limit: i64) -> i64 {
    (limit / 100).clamp(1, 50)
}

impl Auth {
    /// Counts a use of a key; `Err` when nothing was left of its hour.
    pub(super) async fn count_key_use(
        &self,
        id: &str,
        limit: i64,
    ) -> Result<Result<Quota, Spent>, Fault> {
        let now = self.now();
        let began = now - now.rem_euclid(HOUR);
        let window = self.key_cache().windows.entry_by_ref(id);
        // Not `or_default`: of two who come first at once each would have a window, and one be lost.
        let window = window.or_insert_with(async { Arc::default() }).await;
        let window = Arc::clone(window.value());
        // One at a time: whoever comes while a block is fetched takes from it.
        let mut window = window.lock().await;
        window.begin_at(began, limit);
        if window.left == 0 && !window.is_over {
            let block = block(limit);
            let key = self.counter_key(BUCKET, &[id]);
            let mut tx = self.store().write().await?;
            let count = tx.add_rates(BUCKET, &key, began, block).await?;
            tx.commit().await?;
            window.took(block, count);
        }
        let reset = began + HOUR - now;
        if window.is_over && window.left == 0 {
            let quota = Quota {
                limit,
                left: 0,
                reset,
            };
            let is_first = !std::mem::replace(&mut window.is_told, true);
            return Ok(Err(Spent {
                limited: self.refuse_until(began + HOUR).of(BUCKET),
                quota,
                is_first,
            }));
        }
        window.left -= 1;
        let left = window.left + window.beyond;
        Ok(Ok(Quota { limit, left, reset }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nodes that take turns as `turns` says; how many uses they let through.
    fn let_through(limit: i64, nodes: usize, turns: usize) -> i64 {
        let (mut count, mut through) = (0, 0);
        let mut windows: Vec<Window> = (0..nodes).map(|_| Window::default()).collect();
        for turn in 0..turns {
            let window = &mut windows[(turn * turn) % nodes];
            window.begin_at(3600, limit);
            if window.left == 0 && !window.is_over {
                count += block(limit);
                window.took(block(limit), count);
            }
            if window.left > 0 {
                window.left -= 1;
                through += 1;
            }
        }
        through
    }

    #[test]
    fn all_nodes_together_never_let_more_through_than_the_limit() {
        for limit in [1, 2, 7, 60, 199, 200, 1000, 1003, 5000, 100_000] {
            for nodes in [1, 2, 5] {
                let through = let_through(limit, nodes, 200_000);
                let lost = (block(limit) - 1) * i64::try_from(nodes - 1).expect("few");
                assert!(through <= limit, "{limit} {nodes}: {through}");
                assert!(through >= limit - lost, "{limit} {nodes}: {through}");
            }
        }
    }

    #[test]
    fn a_limit_under_two_hundred_is_exact() {
        assert_eq!(block(199), 1);
        assert_eq!(let_through(199, 2, 1000), 199);
    }

    #[test]
    fn another_limit_or_hour_begins_anew() {
        let mut window = Window::default();
        window.begin_at(3600, 1);
        window.took(1, 2);
        assert!(window.is_over);
        window.begin_at(3600, 2);
        assert!(!window.is_over);
        window.took(1, 3);
        window.begin_at(7200, 2);
        assert!(!window.is_over);
    }
}
