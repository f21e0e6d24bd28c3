//! The operator's filter of leaked passwords: asked when a password is chosen, never at sign-in.
//!
//! The file is a blocked Bloom filter over SHA-1, the form leaks are published in. A question reads
//! 64 bytes at one place of the file, off the async threads: nothing is held in memory, the system's
//! page cache keeps what is asked often, and a filter of all known leaks (two to four gigabytes)
//! costs no more than a small one. It says "perhaps" for about one in a thousand of other passwords and
//! never "no" for one it holds. Its checksum is computed once, at start: a damaged file refuses it.

mod build;

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use wire::Password;

pub use build::{BreachFilterPlan, BuildBreachFilterError, BuiltBreachFilter, LeakLines};

const MAGIC: &[u8; 8] = b"GHBREACH";
const VERSION: u32 = 1;
/// Where the blocks begin; the rest of the header is zero.
const HEADER: u64 = 128;
/// How many bytes of the header say something, the checksum after them.
const FIELDS: usize = 40;
const CHECKSUM: usize = 32;
/// One block in bytes: a question reads one.
const BLOCK: usize = 64;
const BLOCK_BITS: u32 = 512;
/// Bits set for a password, nine bits of its digest each.
const MARKS: u32 = 9;
const MARK_BITS: u32 = 9;

/// A filter of leaked passwords, open.
#[derive(Debug)]
pub struct BreachFilter {
    file: File,
    about: AboutFilter,
}

/// What a filter says of itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AboutFilter {
    /// Blocks of 64 bytes.
    pub blocks: u64,
    /// How many passwords went into it.
    pub count: u64,
    /// How often it says "perhaps" of a password that is not in it.
    pub false_positives: f64,
}

/// Why a file is no filter to ask.
#[derive(Debug, thiserror::Error)]
pub enum BreachFilterError {
    /// It does not open or read.
    #[error("the breach filter {0} cannot be read: {1}")]
    Unreadable(PathBuf, #[source] io::Error),
    /// It is something else, or was never finished.
    #[error("{0} is no breach filter; `gatehouse breach-filter build` makes one")]
    Foreign(PathBuf),
    /// Some of it is missing or altered.
    #[error("the breach filter {0} is damaged; build it again")]
    Damaged(PathBuf),
}

impl BreachFilter {
    /// Opens a filter and reads it once, to be sure that it is whole. Blocks: the gigabytes of a full
    /// filter take seconds.
    ///
    /// # Errors
    /// [`BreachFilterError`].
    pub fn open(path: &Path) -> Result<Self, BreachFilterError> {
        let unreadable = |error| BreachFilterError::Unreadable(path.to_owned(), error);
        let mut file = File::open(path).map_err(unreadable)?;
        let length = file.metadata().map_err(unreadable)?.len();
        let mut header = [0; HEADER as usize];
        if length < HEADER {
            return Err(BreachFilterError::Foreign(path.to_owned()));
        }
        file.read_exact(&mut header).map_err(unreadable)?;
        let about = AboutFilter::read(&header)
            .ok_or_else(|| BreachFilterError::Foreign(path.to_owned()))?;
        let is_whole = about.file_length() == Some(length)
            && checksum(&mut file, &header).map_err(unreadable)?
                == header[FIELDS..FIELDS + CHECKSUM];
        if !is_whole {
            return Err(BreachFilterError::Damaged(path.to_owned()));
        }
        Ok(Self { file, about })
    }

    /// What it says of itself.
    pub fn about(&self) -> AboutFilter {
        self.about
    }

    /// Whether a password is perhaps in it. Blocks.
    ///
    /// # Errors
    /// When the file does not read any more.
    pub fn holds(&self, password: &Password) -> io::Result<bool> {
        let sha1 = digest(&SHA1_FOR_LEGACY_USE_ONLY, password.reveal().as_bytes());
        let place = Place::of(&sha1_of(sha1.as_ref()), self.about.blocks);
        let mut block = [0; BLOCK];
        self.file
            .read_exact_at(&mut block, HEADER + place.block * BLOCK as u64)?;
        Ok(place.marks().all(|(byte, bit)| block[byte] & bit != 0))
    }

    /// The same for whoever has to decide. A file that stopped reading must keep nobody out: the other
    /// rules still hold, and the log says it.
    pub(crate) fn holds_or_unknown(&self, password: &Password) -> bool {
        self.holds(password).unwrap_or_else(|error| {
            tracing::error!(%error, "the breach filter does not read; passwords are judged without it");
            false
        })
    }
}

impl AboutFilter {
    fn read(header: &[u8]) -> Option<Self> {
        let number = |at: usize| Some(u64::from_le_bytes(header.get(at..at + 8)?.try_into().ok()?));
        let about = Self {
            blocks: number(16)?,
            count: number(24)?,
            false_positives: f64::from_bits(number(32)?),
        };
        let versions = number(8)? == u64::from(VERSION) | u64::from(MARKS) << 32;
        (header.starts_with(MAGIC) && versions && about.blocks > 0).then_some(about)
    }

    fn fields(&self) -> [u8; FIELDS] {
        let mut fields = [0; FIELDS];
        fields[..8].copy_from_slice(MAGIC);
        fields[8..12].copy_from_slice(&VERSION.to_le_bytes());
        fields[12..16].copy_from_slice(&MARKS.to_le_bytes());
        fields[16..24].copy_from_slice(&self.blocks.to_le_bytes());
        fields[24..32].copy_from_slice(&self.count.to_le_bytes());
        fields[32..].copy_from_slice(&self.false_positives.to_bits().to_le_bytes());
        fields
    }

    /// `None` for numbers no file can have.
    fn file_length(&self) -> Option<u64> {
        self.blocks.checked_mul(BLOCK as u64)?.checked_add(HEADER)
    }
}

/// Where a digest lives: one block, and the bits it sets there.
struct Place {
    block: u64,
    bits: u128,
}

impl Place {
    /// Digests in order lead to blocks in order: a sorted list fills the file from front to back.
    fn of(sha1: &[u8; 20], blocks: u64) -> Self {
        let mut front = [0; 8];
        front.copy_from_slice(&sha1[..8]);
        let mut rest = [0; 16];
        rest[4..].copy_from_slice(&sha1[8..]);
        let block = (u128::from(u64::from_be_bytes(front)) * u128::from(blocks)) >> 64;
        Self {
            block: block as u64,
            bits: u128::from_be_bytes(rest),
        }
    }

    /// Byte and bit of each mark within the block.
    fn marks(&self) -> impl Iterator<Item = (usize, u8)> {
        let bits = self.bits;
        (0..MARKS).map(move |mark| {
            let at = (bits >> (mark * MARK_BITS)) as usize % BLOCK_BITS as usize;
            (at / 8, 1 << (at % 8))
        })
    }
}

/// Over the blocks, then the fields: they are known last.
fn checksum(file: &mut File, header: &[u8]) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(HEADER))?;
    let mut context = Context::new(&SHA256);
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            length => context.update(&buffer[..length]),
        }
    }
    context.update(&header[..FIELDS]);
    Ok(context.finish().as_ref().to_vec())
}

fn sha1_of(digest: &[u8]) -> [u8; 20] {
    let mut sha1 = [0; 20];
    sha1.copy_from_slice(digest);
    sha1
}

#[cfg(test)]
mod tests;
