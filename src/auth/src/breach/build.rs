//! Building a filter: in bounded memory, however long the list is, and all or nothing.
//!
//! The list is read once to count it and once for each piece of the filter that fits into memory. The
//! filter grows beside its target and takes its name when it is whole and on disk.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use wire::Password;

use super::{AboutFilter, BLOCK, BLOCK_BITS, CHECKSUM, FIELDS, HEADER, MARKS, Place, sha1_of};

/// No password and no digest is longer; the rest of such a line is skipped, never held.
const LONGEST_LINE: usize = 4096;

/// What the lines of a list are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeakLines {
    /// SHA-1 in hexadecimal, alone or with `:` and a count behind it.
    Sha1,
    /// Passwords as they are typed.
    Plain,
}

/// How a filter is built.
#[derive(Clone, Copy, Debug)]
pub struct BreachFilterPlan {
    /// What the lines are.
    pub lines: LeakLines,
    /// Bits for each password: 16 give about one false positive in a thousand.
    pub bits: u32,
    /// How many bytes of the filter may be in memory at once.
    pub memory: usize,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BuiltBreachFilter {
    /// The filter.
    pub about: AboutFilter,
    /// Its size in bytes.
    pub bytes: u64,
    /// Lines that were no password or digest.
    pub skipped: u64,
}

/// Why there is no new filter. One that was there before still is.
#[derive(Debug, thiserror::Error)]
pub enum BuildBreachFilterError {
    /// The list does not read.
    #[error("the list {0} cannot be read: {1}")]
    List(PathBuf, #[source] io::Error),
    /// Nothing in it.
    #[error("the list {0} has no line of the expected form; {1} were skipped")]
    Empty(PathBuf, u64),
    /// The filter does not write.
    #[error("the filter {0} cannot be written: {1}")]
    Filter(PathBuf, #[source] io::Error),
    /// Somebody else is at it.
    #[error("another build is writing {0}")]
    Busy(PathBuf),
}

impl super::BreachFilter {
    /// Builds a filter of the lines in `list` at `target`. Blocks, for long. `progress` hears how many
    /// bytes are read of how many.
    ///
    /// # Errors
    /// [`BuildBreachFilterError`]; `target` is then as it was before.
    pub fn build(
        list: &Path,
        target: &Path,
        plan: BreachFilterPlan,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<BuiltBreachFilter, BuildBreachFilterError> {
        let partial = Partial::begin(target)?;
        let mut list = List::open(list, plan.lines, progress)?;
        let (count, skipped) = list.count()?;
        let blocks = (count * u64::from(plan.bits)).div_ceil(u64::from(BLOCK_BITS));
        let about = AboutFilter {
            blocks,
            count,
            false_positives: false_positives(count as f64 / blocks as f64),
        };
        fill(&partial, &mut list, about, plan.memory)?;
        partial.finish()?;
        Ok(BuiltBreachFilter {
            about,
            bytes: HEADER + blocks * BLOCK as u64,
            skipped,
        })
    }
}

/// Writes the blocks piece by piece, then the header.
fn fill(
    partial: &Partial,
    list: &mut List<'_>,
    about: AboutFilter,
    memory: usize,
) -> Result<(), BuildBreachFilterError> {
    let piece = (memory / BLOCK).max(1) as u64;
    let passes = about.blocks.div_ceil(piece);
    list.total = list.length * (passes + 1);
    partial.write(|mut file| file.seek(SeekFrom::Start(HEADER)))?;
    let mut context = Context::new(&SHA256);
    for first in (0..about.blocks).step_by(piece as usize) {
        let end = about.blocks.min(first + piece);
        let mut bytes = vec![0_u8; (end - first) as usize * BLOCK];
        list.each(&mut |sha1| {
            let place = Place::of(sha1, about.blocks);
            if (first..end).contains(&place.block) {
                let start = (place.block - first) as usize * BLOCK;
                for (byte, bit) in place.marks() {
                    bytes[start + byte] |= bit;
                }
            }
        })?;
        context.update(&bytes);
        partial.write(|mut file| file.write_all(&bytes))?;
    }
    let mut header = [0; FIELDS + CHECKSUM];
    header[..FIELDS].copy_from_slice(&about.fields());
    context.update(&header[..FIELDS]);
    header[FIELDS..].copy_from_slice(context.finish().as_ref());
    partial.write(|mut file| {
        file.rewind()?;
        file.write_all(&header)
    })
}

/// How often a password that was never put in finds all its bits set, when `load` passwords share a
/// block on average: the number of those that do is spread as Poisson says.
fn false_positives(load: f64) -> f64 {
    let unset = 1.0 - 1.0 / f64::from(BLOCK_BITS);
    let (mut chance, mut sum) = ((-load).exp(), 0.0);
    for passwords in 1..1000 {
        chance *= load / f64::from(passwords);
        let set = 1.0 - unset.powf(f64::from(passwords) * f64::from(MARKS));
        sum += chance * set.powf(f64::from(MARKS));
    }
    sum
}

/// A filter to be, beside its target. Gone when dropped unfinished.
struct Partial {
    file: File,
    path: PathBuf,
    target: PathBuf,
    is_finished: bool,
}

impl Partial {
    fn begin(target: &Path) -> Result<Self, BuildBreachFilterError> {
        let mut path = target.as_os_str().to_owned();
        path.push(".partial");
        let path = PathBuf::from(path);
        let failed = |error| BuildBreachFilterError::Filter(target.to_owned(), error);
        // What a build that was killed left behind is taken over.
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                return Err(BuildBreachFilterError::Busy(target.to_owned()));
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
            Ok(()) => {}
        }
        // The build before this one may have given the file its final name just now.
        let is_ours =
            fs::metadata(&path).and_then(|named| Ok(named.ino() == file.metadata()?.ino()));
        if !is_ours.unwrap_or(false) {
            return Err(BuildBreachFilterError::Busy(target.to_owned()));
        }
        file.set_len(0).map_err(failed)?;
        Ok(Self {
            file,
            path,
            target: target.to_owned(),
            is_finished: false,
        })
    }

    fn write<T>(
        &self,
        act: impl FnOnce(&File) -> io::Result<T>,
    ) -> Result<(), BuildBreachFilterError> {
        let done = act(&self.file);
        done.map(|_| ())
            .map_err(|error| BuildBreachFilterError::Filter(self.target.clone(), error))
    }

    fn finish(mut self) -> Result<(), BuildBreachFilterError> {
        self.write(|file| {
            file.sync_all()?;
            fs::rename(&self.path, &self.target)
        })?;
        self.is_finished = true;
        self.write(|_| {
            match self
                .target
                .parent()
                .filter(|folder| !folder.as_os_str().is_empty())
            {
                Some(folder) => File::open(folder)?.sync_all(),
                None => File::open(".")?.sync_all(),
            }
        })
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.is_finished {
            let _gone = fs::remove_file(&self.path);
        }
    }
}

/// The list, read from its beginning as often as needed.
struct List<'a> {
    path: &'a Path,
    file: File,
    lines: LeakLines,
    length: u64,
    /// Bytes read in all passes together, and to be read.
    done: u64,
    total: u64,
    progress: &'a mut dyn FnMut(u64, u64),
}

impl<'a> List<'a> {
    fn open(
        path: &'a Path,
        lines: LeakLines,
        progress: &'a mut dyn FnMut(u64, u64),
    ) -> Result<Self, BuildBreachFilterError> {
        let opened = File::open(path).and_then(|file| {
            let length = file.metadata()?.len();
            Ok((file, length))
        });
        let (file, length) =
            opened.map_err(|error| BuildBreachFilterError::List(path.to_owned(), error))?;
        Ok(Self {
            path,
            file,
            lines,
            length,
            done: 0,
            // Two passes unless memory is short.
            total: length * 2,
            progress,
        })
    }

    fn count(&mut self) -> Result<(u64, u64), BuildBreachFilterError> {
        let mut count = 0;
        let skipped = self.each(&mut |_| count += 1)?;
        if count == 0 {
            return Err(BuildBreachFilterError::Empty(self.path.to_owned(), skipped));
        }
        Ok((count, skipped))
    }

    /// Shows every digest once; says how many lines were none.
    fn each(&mut self, see: &mut dyn FnMut(&[u8; 20])) -> Result<u64, BuildBreachFilterError> {
        self.read(see)
            .map_err(|error| BuildBreachFilterError::List(self.path.to_owned(), error))
    }

    fn read(&mut self, see: &mut dyn FnMut(&[u8; 20])) -> io::Result<u64> {
        self.file.rewind()?;
        let mut reader = BufReader::with_capacity(1 << 18, &self.file);
        let (mut line, mut skipped, mut since) = (Vec::new(), 0, 0);
        while let Some(read) = next_line(&mut reader, &mut line)? {
            match (self.lines, line.as_slice()) {
                (_, b"") => {}
                (LeakLines::Sha1, text) => match sha1_in(text) {
                    Some(sha1) => see(&sha1),
                    None => skipped += 1,
                },
                (LeakLines::Plain, text) => match plain(text) {
                    Some(sha1) => see(&sha1),
                    None => skipped += 1,
                },
            }
            since += read;
            if since > 1 << 22 {
                self.done += since;
                since = 0;
                (self.progress)(self.done, self.total);
            }
        }
        self.done += since;
        (self.progress)(self.done, self.total);
        Ok(skipped)
    }
}

/// Reads one line into `line`, without its end; a line that is too long is cut and never fits a form.
/// How many bytes it took; `None` at the end.
fn next_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Option<u64>> {
    line.clear();
    let mut read = 0;
    loop {
        let buffer = match reader.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            buffer => buffer?,
        };
        if buffer.is_empty() {
            break;
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let part = &buffer[..end.unwrap_or(buffer.len())];
        // One byte more than allowed tells that it was too long.
        let room = (LONGEST_LINE + 1).saturating_sub(line.len());
        line.extend_from_slice(&part[..part.len().min(room)]);
        let used = end.map_or(buffer.len(), |end| end + 1);
        reader.consume(used);
        read += used as u64;
        if end.is_some() {
            break;
        }
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok((read > 0).then_some(read))
}

/// `5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:10434004`, in either case, with or without the count.
fn sha1_in(line: &[u8]) -> Option<[u8; 20]> {
    let line = line.trim_ascii();
    let (hex, rest) = line.split_at_checked(40)?;
    let is_count = match rest {
        [] => true,
        [b':', count @ ..] => count.trim_ascii().iter().all(u8::is_ascii_digit),
        _ => false,
    };
    if !is_count {
        return None;
    }
    let mut sha1 = [0; 20];
    for (byte, pair) in sha1.iter_mut().zip(hex.chunks_exact(2)) {
        let digit = |at: usize| char::from(pair[at]).to_digit(16);
        *byte = u8::try_from(digit(0)? << 4 | digit(1)?).ok()?;
    }
    Some(sha1)
}

/// Hashed as it is judged: in NFC. What is no text was never typed here.
fn plain(line: &[u8]) -> Option<[u8; 20]> {
    let text = std::str::from_utf8(line).ok()?;
    if line.len() > LONGEST_LINE {
        return None;
    }
    let password = Password::claimed(text);
    let sha1 = digest(&SHA1_FOR_LEGACY_USE_ONLY, password.reveal().as_bytes());
    Some(sha1_of(sha1.as_ref()))
}
