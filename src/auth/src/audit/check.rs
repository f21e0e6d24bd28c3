//! Looking for what was done to the chain, row by row, in constant memory.
//!
//! A row that does not follow from the one before is set aside, until a later one follows from its
//! neighbour again: by how far numbers are off then, it is told whether rows were altered, removed or
//! inserted. A removed row that stands elsewhere was moved. What hangs together and is yet not what was
//! vouched for was rewritten.

use std::collections::VecDeque;

use super::chain::{ChainKey, GENESIS, Hash, chain, stored};
use super::report::{AuditBreach, AuditReport, Breach, KeptCheckpoint, MOST_LISTED};
use crate::store::{AuditRow, Checkpoint, Mark};

/// Rows set aside at once, and how far numbers may be off: more than that was not done to single rows.
const WINDOW: usize = 48;

/// What the sealer writes when the end of the log is not what it sealed.
const ALARM: &str = "audit.tail_broken";

/// A place where a row is missing.
struct Gap {
    /// The hash the missing row was built on.
    previous: Hash,
    /// The place it had.
    seq: i64,
    /// The breach that tells of it.
    breach: usize,
}

/// A row that stands where none belongs.
struct Stray {
    row: AuditRow,
    breach: usize,
}

/// A check under way.
pub(crate) struct ChainCheck {
    key: Option<ChainKey>,
    /// The hash of the last row that is in its place.
    previous: Hash,
    /// Where the next row should stand.
    next: i64,
    /// How far numbers are off, because rows were renumbered: what a row's place was, less what it is.
    shift: i64,
    aside: Vec<AuditRow>,
    /// A row beyond its place, until the next one tells whether rows are missing before it, or it came
    /// too early.
    early: Option<AuditRow>,
    gaps: Vec<Gap>,
    strays: Vec<Stray>,
    checkpoints: VecDeque<Checkpoint>,
    kept: Option<(i64, Vec<u8>)>,
    breaches: Vec<Option<AuditBreach>>,
    report: AuditReport,
}

impl ChainCheck {
    /// A check that begins after the anchor, if there is one. Without a key nothing that is MACed can
    /// be told.
    pub(crate) fn begin(key: Option<ChainKey>, anchor: Option<&Checkpoint>) -> Self {
        let mut check = Self {
            previous: GENESIS,
            next: 1,
            shift: 0,
            aside: Vec::new(),
            early: None,
            gaps: Vec::new(),
            strays: Vec::new(),
            checkpoints: VecDeque::new(),
            kept: None,
            breaches: Vec::new(),
            report: AuditReport {
                with_keys: key.is_some(),
                ..AuditReport::default()
            },
            key,
        };
        if let Some(anchor) = anchor {
            check.start_after(anchor, true);
        }
        check
    }

    /// Begins after a row whose hash the portal swears to.
    fn start_after(&mut self, row: &Checkpoint, is_vouched: bool) {
        // What does not hold moves the beginning nowhere: then everything before it is missing.
        if is_vouched && !self.judge_mark(Mark::Anchor, row) {
            return;
        }
        match Hash::try_from(&*row.hash) {
            Ok(hash) => {
                self.previous = hash;
                self.next = row.seq.saturating_add(1);
                self.report.after = row.seq;
            }
            Err(_) => {
                self.found(Breach::Mark, row.seq, row.seq);
            }
        }
    }

    /// Begins after a row of which the file says the hash. Nobody need vouch for that: the rows after it
    /// follow from no other.
    pub(crate) fn begin_after(key: Option<ChainKey>, row: &Checkpoint) -> Self {
        let mut check = Self::begin(key, None);
        check.report.is_begin_asked = true;
        check.start_after(row, false);
        check
    }

    /// A row without a place, where every row should have one.
    pub(crate) fn unplaced(&mut self) {
        self.found(Breach::Inserted, self.next, self.next);
    }

    /// A checkpoint somebody kept elsewhere, to be compared.
    pub(crate) fn keep(&mut self, seq: i64, mac: Vec<u8>) {
        self.report.kept_checkpoint = Some(match seq <= self.report.after {
            true => KeptCheckpoint::TooOld,
            false => KeptCheckpoint::Missing,
        });
        self.kept = Some((seq, mac));
    }

    /// Where the chain is followed to.
    pub(crate) fn reached(&self) -> i64 {
        self.aside
            .last()
            .or(self.early.as_ref())
            .and_then(|row| row.seq)
            .unwrap_or(self.next - 1)
    }

    /// The next checkpoint, in order; before the row it is about, or right after.
    pub(crate) fn checkpoint(&mut self, checkpoint: Checkpoint) {
        let is_passed = checkpoint.seq <= self.next - 1 + self.shift;
        self.checkpoints.push_back(checkpoint);
        if is_passed && self.aside.is_empty() {
            self.judge_checkpoints(self.next - 1 + self.shift, self.previous);
        }
    }

    pub(crate) fn unsealed(&mut self, many: i64) {
        self.report.unsealed += many;
    }

    /// The next row, in order of place.
    pub(crate) fn row(&mut self, row: AuditRow) {
        self.report.sealed += 1;
        self.report.erased += i64::from(row.erased_mac.is_some());
        let seq = row.seq.unwrap_or_default();
        if row.action == ALARM && self.report.alarms.len() < MOST_LISTED {
            self.report.alarms.push(seq);
        }
        if let Some(early) = self.early.take() {
            let is_next = seq == self.next && self.follows(&self.previous, seq + self.shift, &row);
            match is_next {
                true => self.stray(early),
                false => self.jump(early),
            }
        }
        if !self.aside.is_empty() {
            self.aside.push(row);
            self.resume();
        } else if seq < self.next {
            self.stray(row);
        } else if seq > self.next {
            self.early = Some(row);
        } else if self.follows(&self.previous, seq + self.shift, &row) {
            self.settle(&row, seq);
        } else {
            self.aside.push(row);
        }
    }

    /// Whether a row follows from a hash, at a place.
    fn follows(&self, previous: &Hash, seq: i64, row: &AuditRow) -> bool {
        match (&row.erased_mac, &self.key) {
            (None, _) => stored(row) == Some(chain(previous, seq, row)),
            (Some(mac), Some(key)) => {
                let row = AuditRow {
                    seq: Some(seq),
                    ..row.clone()
                };
                *mac == key.erased(previous, &row)
            }
            // What it was built on is in its hash alone, which nobody here can vouch for.
            (Some(_), None) => seq == row.seq.unwrap_or_default() + self.shift,
        }
    }

    /// A row that is in its place: the next one follows from it.
    fn settle(&mut self, row: &AuditRow, seq: i64) {
        if row.erased_mac.is_some() && self.key.is_none() {
            self.report.unproven += 1;
        }
        self.previous = stored(row).unwrap_or(GENESIS);
        self.next = seq + 1;
        self.compare_kept(seq + self.shift);
        self.judge_checkpoints(seq + self.shift, self.previous);
    }

    /// A row behind its place: it is one that is missing elsewhere, or one too many.
    fn stray(&mut self, row: AuditRow) {
        let seq = row.seq.unwrap_or_default();
        let breach = self.found(Breach::Inserted, seq, seq);
        self.strays.push(Stray { row, breach });
        self.strays.truncate(WINDOW);
        self.match_up();
    }

    /// A row beyond its place: rows before it are missing, or it is one of those that are.
    fn jump(&mut self, row: AuditRow) {
        let seq = row.seq.unwrap_or_default();
        let is_missing = |gap: &Gap| self.follows(&gap.previous, gap.seq, &row);
        if self.gaps.iter().any(is_missing) {
            self.stray(row);
            return;
        }
        self.missing(self.next, seq - 1);
        // What it was built on is gone: its own hash is taken for it.
        self.settle(&row, seq);
    }

    /// Nothing stands from one number to another: told by the places those rows had.
    fn missing(&mut self, from: i64, to: i64) {
        let breach = self.found(Breach::Removed, from + self.shift, to + self.shift);
        self.gaps.push(Gap {
            previous: self.previous,
            seq: from + self.shift,
            breach,
        });
        self.gaps.truncate(WINDOW);
        self.match_up();
    }

    /// Looks whether the newest row set aside follows from the one before it, or from the last one in
    /// its place: then it is told what was done in between.
    fn resume(&mut self) {
        let [.., before, last] = self.aside.as_slice() else {
            return;
        };
        let seq = last.seq.unwrap_or_default();
        let before = stored(before).unwrap_or(GENESIS);
        let off = i64::try_from(WINDOW).unwrap_or(i64::MAX);
        let nearest = (0..=off).flat_map(|by| [self.shift + by, self.shift - by]);
        let found = nearest
            .clone()
            .find(|shift| self.follows(&before, seq + shift, last))
            .or_else(|| {
                let mut renumbered = nearest.filter(|shift| *shift < self.shift);
                renumbered.find(|shift| self.follows(&self.previous, seq + shift, last))
            });
        match found {
            Some(shift) => {
                let Some(last) = self.aside.pop() else { return };
                self.tell(shift);
                self.settle(&last, seq);
            }
            None if self.aside.len() >= WINDOW => {
                let Some(last) = self.aside.pop() else { return };
                self.tell(self.shift);
                self.settle(&last, seq);
            }
            None => {}
        }
    }

    /// What was done to the rows set aside, now that it is known how far numbers are off after them.
    fn tell(&mut self, shift: i64) {
        let aside = std::mem::take(&mut self.aside);
        let by = shift - self.shift;
        let first = aside.first().and_then(|row| row.seq).unwrap_or(self.next);
        if by > 0 {
            let from = first + self.shift;
            let breach = self.found(Breach::Removed, from, from + by - 1);
            let previous = self.previous;
            self.gaps.push(Gap {
                previous,
                seq: from,
                breach,
            });
            self.gaps.truncate(WINDOW);
        }
        // What the first one after a gap was built on is gone; it is none of those that were altered.
        let mut expected = match by > 0 {
            true => first - 1,
            false => self.next,
        };
        for row in aside {
            let seq = row.seq.unwrap_or_default();
            let is_after_gap = seq > expected;
            if is_after_gap && by == 0 {
                let (from, to) = (expected + shift, seq - 1 + shift);
                self.found(Breach::Removed, from, to);
            }
            expected = seq + 1;
            let is_missing = |gap: &Gap| self.follows(&gap.previous, gap.seq, &row);
            if by < 0 || self.gaps.iter().any(is_missing) {
                self.stray(row);
            } else if !is_after_gap {
                self.found(Breach::Altered, seq, seq);
            }
        }
        self.shift = shift;
        self.match_up();
    }

    /// A row that is missing in one place and too much in another was moved.
    fn match_up(&mut self) {
        let pair = self.gaps.iter().enumerate().find_map(|(at, gap)| {
            let fits = |stray: &Stray| self.follows(&gap.previous, gap.seq, &stray.row);
            Some((at, self.strays.iter().position(fits)?))
        });
        let Some((gap, stray)) = pair else { return };
        let mut gap = self.gaps.swap_remove(gap);
        let stray = self.strays.swap_remove(stray);
        let to = stray.row.seq.unwrap_or_default();
        let moved = AuditBreach {
            what: Breach::Moved,
            from: gap.seq,
            to,
        };
        if let Some(breach) = self.breaches.get_mut(stray.breach) {
            *breach = Some(moved);
        }
        if let Some(slot) = self.breaches.get_mut(gap.breach)
            && let Some(removed) = slot
        {
            removed.from += 1;
            if removed.from > removed.to {
                *slot = None;
            } else {
                gap.previous = stored(&stray.row).unwrap_or(GENESIS);
                gap.seq += 1;
                self.gaps.push(gap);
            }
        }
        self.match_up();
    }

    /// Judges the checkpoints up to a place whose hash is known.
    fn judge_checkpoints(&mut self, place: i64, hash: Hash) {
        while self
            .checkpoints
            .front()
            .is_some_and(|next| next.seq <= place)
        {
            let Some(checkpoint) = self.checkpoints.pop_front() else {
                return;
            };
            let is_sworn = self
                .key
                .as_ref()
                .is_none_or(|key| key.vouches_for(&checkpoint));
            if !is_sworn {
                self.found(Breach::Mark, checkpoint.seq, checkpoint.seq);
            } else if checkpoint.seq == place {
                self.vouch(place, checkpoint.hash == hash);
                self.report.checkpoints += i64::from(checkpoint.hash == hash);
            }
            self.compare_kept_record(&checkpoint);
        }
    }

    /// Somebody vouches for a place: it is as they say, or the rows since the last time were rewritten.
    fn vouch(&mut self, place: i64, holds: bool) {
        if holds {
            self.report.vouched_to = place;
        } else if !self.is_told(place, place) {
            // What is known of rows before explains nothing of this one.
            let told = self
                .breaches
                .iter()
                .flatten()
                .map(|one| one.to.max(one.from));
            let told = told.filter(|last| *last < place).max().unwrap_or(0);
            let from = told.max(self.report.vouched_to).max(self.report.after) + 1;
            self.found(Breach::Rewritten, from, place);
        }
    }

    /// Whether something is known of these rows that explains why they are not what was vouched for.
    fn is_told(&self, from: i64, to: i64) -> bool {
        let touches = |breach: &AuditBreach| {
            let (first, last) = (breach.from.min(breach.to), breach.from.max(breach.to));
            first <= to && last >= from && breach.what != Breach::Mark
        };
        self.breaches.iter().flatten().any(touches)
    }

    fn judge_mark(&mut self, mark: Mark, at: &Checkpoint) -> bool {
        let Some(key) = &self.key else { return true };
        let holds = key.vouches_for_mark(mark, at);
        if !holds {
            self.found(Breach::Mark, at.seq, at.seq);
        }
        holds
    }

    fn compare_kept(&mut self, place: i64) {
        if let (Some((seq, mac)), Some(key)) = (&self.kept, &self.key)
            && *seq == place
        {
            let holds = *mac == key.checkpoint(place, &self.previous);
            self.report.kept_checkpoint = Some(match holds {
                true => KeptCheckpoint::Holds,
                false => KeptCheckpoint::Differs,
            });
        } else if let (Some((seq, _)), None) = (&self.kept, &self.key)
            && *seq == place
        {
            self.report.kept_checkpoint = Some(KeptCheckpoint::Unproven);
        }
    }

    /// Without the key a kept checkpoint can still be compared with the one that stands beside the row.
    fn compare_kept_record(&mut self, checkpoint: &Checkpoint) {
        if let (Some((seq, mac)), None) = (&self.kept, &self.key)
            && *seq == checkpoint.seq
        {
            self.report.kept_checkpoint = Some(match *mac == checkpoint.mac {
                true => KeptCheckpoint::Unproven,
                false => KeptCheckpoint::Differs,
            });
        }
    }

    /// Notes a breach; which one, for what may yet explain it.
    fn found(&mut self, what: Breach, from: i64, to: i64) -> usize {
        if let Some(Some(last)) = self.breaches.last_mut()
            && (last.what, what) == (Breach::Altered, Breach::Altered)
            && from == last.to + 1
        {
            last.to = to;
            return self.breaches.len() - 1;
        }
        self.breaches.push(Some(AuditBreach { what, from, to }));
        self.breaches.len() - 1
    }

    /// What was found, now that there are no more rows. `tail`: what the portal says it sealed last.
    pub(crate) fn finish(mut self, tail: Option<&Checkpoint>) -> AuditReport {
        let is_missing = tail.is_none() && self.report.sealed > 0;
        let tail = tail.filter(|tail| self.judge_mark(Mark::Tail, tail));
        if let Some(early) = self.early.take() {
            self.jump(early);
        }
        self.finish_aside(tail);
        let place = self.next - 1 + self.shift;
        self.judge_checkpoints(place, self.previous);
        let sworn: Vec<i64> = self
            .checkpoints
            .iter()
            .filter(|one| self.key.as_ref().is_none_or(|key| key.vouches_for(one)))
            .map(|one| one.seq)
            .chain(tail.map(|tail| tail.seq))
            .collect();
        for one in std::mem::take(&mut self.checkpoints) {
            if !sworn.contains(&one.seq) {
                self.found(Breach::Mark, one.seq, one.seq);
            }
        }
        let reached = sworn.into_iter().max().unwrap_or(place);
        if reached > place {
            self.missing(place + 1 - self.shift, reached - self.shift);
        }
        if is_missing {
            self.found(Breach::Mark, place, place);
        }
        if let Some(tail) = tail {
            if tail.seq == place {
                self.vouch(place, tail.hash == self.previous);
            } else if tail.seq < place && !self.is_told(tail.seq + 1, place) {
                self.found(Breach::Inserted, tail.seq + 1, place);
            }
        }
        self.summed_up()
    }

    /// Rows set aside to the very end: by what vouches for the last of them it may be told how far
    /// numbers are off.
    fn finish_aside(&mut self, tail: Option<&Checkpoint>) {
        let Some(last) = self.aside.last() else {
            return;
        };
        let (seq, hash) = (last.seq.unwrap_or_default(), last.hash.clone());
        let ends = self.checkpoints.iter().chain(tail);
        let end = ends
            .filter(|end| Some(&end.hash) == hash.as_ref())
            .map(|end| end.seq - seq)
            .next();
        let last = stored(last).unwrap_or(GENESIS);
        match tail.filter(|tail| end.is_none() && seq + self.shift > tail.seq) {
            Some(tail) => self.tell_beyond(tail.seq - self.shift),
            None => {
                self.tell(end.unwrap_or(self.shift));
                self.previous = last;
                self.next = seq + 1;
                self.compare_kept(seq + self.shift);
            }
        }
    }

    /// Rows set aside of which some stand beyond the last one that was sealed.
    fn tell_beyond(&mut self, sealed: i64) {
        for row in std::mem::take(&mut self.aside) {
            let seq = row.seq.unwrap_or_default();
            if seq > sealed {
                self.stray(row);
                continue;
            }
            self.found(Breach::Altered, seq, seq);
            self.previous = stored(&row).unwrap_or(GENESIS);
            self.next = seq + 1;
        }
    }

    fn summed_up(mut self) -> AuditReport {
        let mut breaches: Vec<_> = self.breaches.into_iter().flatten().collect();
        breaches.sort_by_key(|breach| (breach.from, breach.to));
        let mut joined: Vec<AuditBreach> = Vec::new();
        for breach in breaches {
            match joined.last_mut() {
                Some(last)
                    if last.what == breach.what
                        && breach.what != Breach::Moved
                        && breach.from <= last.to + 1 =>
                {
                    last.to = last.to.max(breach.to);
                }
                _ => joined.push(breach),
            }
        }
        let more = joined.len().saturating_sub(MOST_LISTED);
        joined.truncate(MOST_LISTED);
        self.report.more_breaches = i64::try_from(more).unwrap_or(i64::MAX);
        self.report.breaches = joined;
        self.report
    }
}
