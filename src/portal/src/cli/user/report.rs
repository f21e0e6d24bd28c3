//! The report of refused rows: CSV, or JSON where the file's name ends so. It names line and id, never
//! the address or the hash, and is for nobody but its owner.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use serde::Serialize;

use super::csv::line;
use crate::csv::harmless;

/// One refused row.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Refused {
    /// Where it begins in the file.
    pub(super) line: u64,
    /// Its id there, if that was read.
    pub(super) id: Option<String>,
    /// The word for programs.
    pub(super) code: &'static str,
    /// The sentence for people.
    pub(super) reason: String,
}

/// A report that is being written.
pub(super) struct Report {
    file: BufWriter<File>,
    is_json: bool,
    is_empty: bool,
}

impl Report {
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(path)?;
        let is_json = path
            .extension()
            .is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
        let mut file = BufWriter::new(file);
        let head = match is_json {
            true => "[",
            false => "line,id,code,reason\r\n",
        };
        file.write_all(head.as_bytes())?;
        Ok(Self {
            file,
            is_json,
            is_empty: true,
        })
    }

    pub(super) fn add(&mut self, refused: &Refused) -> io::Result<()> {
        if !self.is_json {
            let (number, id) = (
                refused.line.to_string(),
                refused.id.clone().unwrap_or_default(),
            );
            let fields = [
                number.as_str(),
                &harmless(&id),
                refused.code,
                &refused.reason,
            ];
            return self.file.write_all(line(fields).as_bytes());
        }
        let comma = if self.is_empty { "\n" } else { ",\n" };
        self.is_empty = false;
        self.file.write_all(comma.as_bytes())?;
        serde_json::to_writer(&mut self.file, refused).map_err(io::Error::from)
    }

    pub(super) fn end(mut self) -> io::Result<()> {
        if self.is_json {
            self.file.write_all(b"\n]\n")?;
        }
        self.file.flush()
    }
}
