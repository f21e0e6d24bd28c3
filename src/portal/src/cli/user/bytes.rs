//! A file byte by byte, with the line it stands at.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

/// No account takes more. A longer record is skipped, not kept.
pub(super) const LONGEST_RECORD: usize = 1 << 20;
const BUFFER: usize = 64 * 1024;

/// What the readers of CSV and JSON read from.
pub(super) struct Bytes {
    inner: BufReader<Box<dyn io::Read + Send>>,
    /// The line the next byte stands on, counted from 1.
    pub(super) line: u64,
    /// How many were taken.
    pub(super) taken: u64,
    /// How many there are, as far as that is known.
    pub(super) total: Option<u64>,
}

impl Bytes {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let total = file.metadata().ok().map(|found| found.len());
        let mut bytes = Self::of(file);
        bytes.total = total;
        Ok(bytes)
    }

    pub(super) fn of(inner: impl io::Read + Send + 'static) -> Self {
        Self {
            inner: BufReader::with_capacity(BUFFER, Box::new(inner)),
            line: 1,
            taken: 0,
            total: None,
        }
    }

    /// What comes next, without taking it: all of a short file, the beginning of a long one.
    pub(super) fn peek(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    /// Takes the next byte.
    pub(super) fn next(&mut self) -> io::Result<Option<u8>> {
        let Some(&byte) = self.inner.fill_buf()?.first() else {
            return Ok(None);
        };
        self.inner.consume(1);
        self.taken += 1;
        if byte == b'\n' {
            self.line += 1;
        }
        Ok(Some(byte))
    }

    /// Takes the next byte if it is this one.
    pub(super) fn next_if(&mut self, wanted: u8) -> io::Result<bool> {
        let is_next = self.inner.fill_buf()?.first() == Some(&wanted);
        if is_next {
            self.next()?;
        }
        Ok(is_next)
    }

    /// Takes as many.
    pub(super) fn skip(&mut self, count: usize) -> io::Result<()> {
        for _ in 0..count {
            self.next()?;
        }
        Ok(())
    }

    /// Takes the mark some editors begin a file with.
    pub(super) fn skip_mark(&mut self) -> io::Result<()> {
        if self.peek()?.starts_with(b"\xef\xbb\xbf") {
            self.skip(3)?;
        }
        Ok(())
    }
}
