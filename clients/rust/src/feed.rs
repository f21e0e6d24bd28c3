//! The revocation feed (docs/revocation-feed.md of the portal).

pub(crate) mod document;
pub(crate) mod follower;
pub(crate) mod state;
#[cfg(test)]
mod vectors;
