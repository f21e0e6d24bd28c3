//! Making much that ended at once fit into a document. Each step can only refuse more tokens than
//! were meant, as stale, and never fewer.

use std::collections::BTreeMap;

use serde::Serialize;

use super::entry::{Entry, Kind, packed};
use crate::clock::Timestamp;

/// Entries that are told one by one; older ones together.
pub(super) const MOST: usize = 5000;
/// Up to here each entry is an object of its own.
const ALONE: usize = 500;
/// Objects of a document in which entries share theirs.
const MOST_SHARED: usize = 250;
/// What is told together ends at a multiple of this, so that its number, and with it what every
/// token is compared with, changes once in so many changes and not with each.
const STEP: i64 = 1000;
/// The least time entries of one kind share an object for, in seconds.
const WINDOW: i64 = 60;

/// Entries of one kind in a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Packed {
    kind: &'static str,
    number: i64,
    until: Timestamp,
    ids: String,
}

/// The number up to which entries are told together, given those of the newest ones, newest first;
/// `None` while all can be told one by one.
pub(super) fn boundary(newest: &[Entry]) -> Option<i64> {
    let first_too_many = newest.get(MOST)?;
    Some((first_too_many.number + STEP - 1) / STEP * STEP)
}

/// Entries newest first, with those up to the boundary as one `all`; `older_until` is when the last
/// of them concerns no token any more, those that are not in `entries` included.
pub(super) fn condense(entries: Vec<Entry>, older_until: Timestamp) -> Vec<Entry> {
    let Some(boundary) = boundary(&entries) else {
        return entries;
    };
    let (mut alone, older): (Vec<_>, Vec<_>) = entries
        .into_iter()
        .partition(|entry| entry.number > boundary);
    let untils = older.iter().map(|entry| entry.until);
    let until = untils.fold(older_until, Timestamp::max);
    alone.extend(older.first().map(|newest| Entry {
        kind: Kind::All,
        id: [0; 16],
        number: newest.number,
        until,
    }));
    alone
}

/// What a document tells of the entries above `since` that can still concern a token.
pub(super) fn pack(entries: &[Entry], since: i64, now: Timestamp) -> Vec<Packed> {
    let told: Vec<_> = entries
        .iter()
        .filter(|entry| entry.number > since && entry.until > now)
        .copied()
        .collect();
    if told.len() <= ALONE {
        let mut alone: Vec<_> = told.iter().map(|entry| share(&[*entry])).collect();
        alone.sort_by_key(|packed| packed.number);
        return alone;
    }
    let mut window = WINDOW;
    loop {
        let mut groups: BTreeMap<(Kind, i64), Vec<Entry>> = BTreeMap::new();
        for entry in &told {
            let at = (entry.kind, entry.until / window);
            groups.entry(at).or_default().push(*entry);
        }
        if groups.len() <= MOST_SHARED {
            return groups.values().map(|group| share(group)).collect();
        }
        window *= 2;
    }
}

/// Entries of one kind in one object.
fn share(entries: &[Entry]) -> Packed {
    let kind = entries.first().map_or(Kind::All, |entry| entry.kind);
    Packed {
        kind: kind.as_str(),
        number: entries.iter().map(|entry| entry.number).max().unwrap_or(0),
        until: entries.iter().map(|entry| entry.until).max().unwrap_or(0),
        ids: packed(entries),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = 1_767_225_600;

    /// `count` entries of several kinds, newest first; some end soon, some late.
    fn many(count: i64, spread: i64) -> Vec<Entry> {
        const KINDS: [Kind; 5] = [
            Kind::Session,
            Kind::Key,
            Kind::Subject,
            Kind::Role,
            Kind::Tenant,
        ];
        let one = |number: i64| Entry {
            kind: KINDS[usize::try_from(number % 5).expect("small")],
            id: u128::try_from(number).expect("positive").to_be_bytes(),
            number,
            until: NOW + 1 + (number * 7919) % spread,
        };
        (1..=count).rev().map(one).collect()
    }

    /// Whether a token of this epoch that an entry names is refused by what was packed.
    fn refuses(packed: &[Packed], entry: &Entry, epoch: i64) -> bool {
        let id = super::super::entry::packed(&[*entry]);
        packed.iter().any(|it| {
            let names = it.kind == "all"
                || it.kind == entry.kind.as_str() && unpacked(&it.ids).contains(&id);
            names && it.number > epoch && it.until >= entry.until
        })
    }

    fn unpacked(ids: &str) -> Vec<String> {
        use base64::Engine;
        use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
        let bytes = B64.decode(ids).expect("base64url");
        bytes.chunks(16).map(|id| B64.encode(id)).collect()
    }

    #[test]
    fn up_to_five_hundred_entries_stand_alone() {
        let packed = pack(&many(500, 900), 0, NOW);
        assert_eq!(packed.len(), 500);
        assert!(packed.iter().all(|it| it.ids.len() == 22));
        assert!(packed.is_sorted_by_key(|it| it.number));
        let packed = pack(&many(501, 900), 0, NOW);
        assert!(packed.len() <= 5 * 16, "five kinds, sixteen minutes");
    }

    #[test]
    fn only_what_came_after_and_still_matters_is_told() {
        let entries = many(10, 900);
        assert_eq!(pack(&entries, 7, NOW).len(), 3);
        assert!(pack(&entries, 10, NOW).is_empty());
        assert!(pack(&entries, 0, NOW + 1000).is_empty());
    }

    #[test]
    fn whatever_is_packed_together_still_refuses_what_it_must() {
        for count in [3, 500, 501, 4999, 5001, 20_000] {
            let entries = many(count, 3600);
            let packed = pack(&condense(entries.clone(), 0), 0, NOW);
            for entry in entries.iter().step_by(97) {
                assert!(
                    refuses(&packed, entry, entry.number - 1),
                    "{count} {entry:?}"
                );
            }
        }
    }

    #[test]
    fn five_thousand_are_told_by_name_and_older_ones_together() {
        assert_eq!(boundary(&many(5000, 900)), None);
        assert_eq!(condense(many(5000, 900), 0).len(), 5000);

        let condensed = condense(many(20_000, 900), NOW + 5000);
        let all: Vec<_> = condensed.iter().filter(|it| it.kind == Kind::All).collect();
        assert_eq!(all.len(), 1);
        assert_eq!((all[0].number, all[0].until), (15_000, NOW + 5000));
        assert_eq!(condensed.len(), 5001);
    }

    #[test]
    fn one_more_change_does_not_make_every_token_stale_again() {
        let number = |count| {
            let condensed = condense(many(count, 900), 0);
            condensed
                .iter()
                .find(|it| it.kind == Kind::All)
                .map(|it| it.number)
        };
        assert_eq!(number(20_001), Some(16_000));
        for count in 20_001..20_010 {
            assert_eq!(number(count), Some(16_000));
        }
        assert_eq!(number(21_001), Some(17_000));
    }

    #[test]
    fn objects_are_few_however_far_apart_their_ends_are() {
        assert!(pack(&many(5000, 100_000), 0, NOW).len() <= MOST_SHARED);
    }
}
