//! What a client knows of the feed, and how it judges by it (docs/revocation-feed.md, "What a client does" and "Judging a
//! token"). No timers, no network, no clock: whoever calls says what time it is, so every rule can be tested at any moment.

use std::collections::{HashMap, HashSet};

use super::document::{Document, Entry, Kind, Name, TOLERANCE};
use crate::json::{self, Object};

/// What became of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Merged.
    Taken,
    /// Old: no news.
    Ignored,
    /// The whole document is needed.
    Reload,
}

/// What the feed says of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judgement {
    Stands,
    Revoked,
    Stale,
    /// Too little is known.
    Unavailable,
}

/// What of a token the feed is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bearing {
    /// The header's.
    kid: String,
    /// The change number its rights were read at.
    epoch: u64,
    names: Vec<Name>,
}

impl Bearing {
    /// `None` when the token does not say which change it was read at: it is invalid.
    pub(crate) fn of(payload: &Object, kid: &str) -> Option<Self> {
        let epoch = json::count(payload.get("epoch"))?;
        let present = Kind::NAMED
            .into_iter()
            .filter_map(|(kind, claim)| Some(Name::new(kind, json::text(payload.get(claim))?)));
        Some(Self {
            kid: kid.to_owned(),
            epoch,
            names: present.collect(),
        })
    }
}

/// The newest document's head.
struct Newest {
    stream: String,
    seq: u64,
    issued_at: u64,
    expires_at: u64,
}

struct Ended {
    number: u64,
    until: u64,
}

/// Everything known.
pub(crate) struct FeedState {
    newest: Option<Newest>,
    kids: HashSet<String>,
    ended: HashMap<Name, Ended>,
    max_stale: Option<u64>,
}

impl FeedState {
    /// `max_stale`: seconds to go on after the last good document while the feed is down; `None` for ever.
    pub(crate) fn new(max_stale: Option<u64>) -> Self {
        Self {
            newest: None,
            kids: HashSet::new(),
            ended: HashMap::new(),
            max_stale,
        }
    }

    /// The number of the newest change known; `None` before the first document.
    pub(crate) fn seq(&self) -> Option<u64> {
        self.newest.as_ref().map(|newest| newest.seq)
    }

    /// When the newest document runs out; 0 before the first.
    pub(crate) fn expires_at(&self) -> u64 {
        self.newest.as_ref().map_or(0, |newest| newest.expires_at)
    }

    /// Whether the portal takes tokens signed with this key.
    pub(crate) fn accepts(&self, kid: &str) -> bool {
        self.kids.contains(kid)
    }

    /// Merges a document that was found good (rules 3 to 5).
    pub(crate) fn take(&mut self, document: Document, now: u64) -> Outcome {
        let followed = self
            .newest
            .as_ref()
            .filter(|newest| newest.stream == document.stream);
        if followed.is_some_and(|newest| document.seq < newest.seq) {
            return Outcome::Ignored;
        }
        // A document of a stream we do not follow says enough only when it is whole.
        if document.since > followed.map_or(0, |newest| newest.seq) {
            return Outcome::Reload;
        }
        // Of two documents that know the same changes the later signed one tells how fresh we are.
        let newer = followed.is_none_or(|newest| {
            document.seq > newest.seq || document.issued_at >= newest.issued_at
        });
        self.ended.retain(|_, ended| ended.until >= now);
        document.entries.iter().for_each(|entry| self.keep(entry));
        if newer {
            self.kids = document.kids.into_iter().collect();
            self.newest = Some(Newest {
                stream: document.stream,
                seq: document.seq,
                issued_at: document.issued_at,
                expires_at: document.expires_at,
            });
        }
        Outcome::Taken
    }

    fn keep(&mut self, entry: &Entry) {
        let ended = self.ended.entry(entry.name).or_insert(Ended {
            number: 0,
            until: 0,
        });
        ended.number = ended.number.max(entry.number);
        ended.until = ended.until.max(entry.until);
    }

    /// Whether too little is known to judge at all (rule 7).
    fn is_unavailable(&self, now: u64) -> bool {
        let Some(newest) = &self.newest else {
            return true;
        };
        let down = newest.expires_at + TOLERANCE < now;
        let too_long = |most: u64| now > newest.issued_at.saturating_add(most);
        down && self.max_stale.is_some_and(too_long)
    }

    /// Judges a token everything else about which already holds.
    pub(crate) fn judge(&self, bearing: &Bearing, now: u64) -> Judgement {
        if self.is_unavailable(now) {
            return Judgement::Unavailable;
        }
        if !self.accepts(&bearing.kid) {
            return Judgement::Revoked;
        }
        let ended = |name: &Name| {
            let entry = self.ended.get(name);
            entry.is_some_and(|entry| entry.until >= now && entry.number > bearing.epoch)
        };
        let is_credential = |name: &&Name| matches!(name.kind, Kind::Session | Kind::Key);
        if bearing.names.iter().filter(is_credential).any(ended) {
            return Judgement::Revoked;
        }
        if bearing.names.iter().any(ended) || ended(&Name::ALL) {
            return Judgement::Stale;
        }
        Judgement::Stands
    }
}
