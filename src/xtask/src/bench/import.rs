//! `cargo xtask bench --import ROWS`: an import of made-up people, its speed and the memory it takes. A tenth of them
//! goes first: memory that grew with the file would show.

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use crate::error::{Doing, Error, Result};
use crate::portal::command;
use crate::process::{self, Running};
use crate::say;
use crate::workspace::{self, Profile};

const ALPHABET: &[u8; 64] = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Measures and prints the table.
pub(crate) fn import(rows: u64) -> Result<()> {
    say::step("Building the portal (release, some minutes)");
    let binary = workspace::portal(Profile::Release)?;
    let mut table = vec![
        ["", "seconds", "rows a second", "peak memory"]
            .map(str::to_owned)
            .to_vec(),
    ];
    for rows in [rows / 10, rows] {
        say::step(format!("Importing {rows} people, twice"));
        let folder = tempfile::tempdir().doing("Making a folder")?;
        let file = folder.path().join("people.csv");
        write(&file, rows).doing("Writing the file")?;
        for (name, outcome) in [("made", "made"), ("unchanged", "unchanged")] {
            let (summary, peak) = take(&binary, folder.path(), &file)?;
            if summary[outcome] != rows {
                return Err(Error::other(format!(
                    "The import did something else: {summary}"
                )));
            }
            let seconds = summary["seconds"].as_f64().unwrap_or(f64::NAN);
            #[expect(clippy::cast_precision_loss, reason = "a table for people")]
            let speed = rows as f64 / seconds;
            table.push(vec![
                format!("{rows} {name}"),
                format!("{seconds:.1}"),
                format!("{speed:.0}"),
                format!("{} MiB", peak / 1024),
            ]);
        }
    }
    say::result(format!("\n{}", say::table(&table)));
    Ok(())
}

/// People with a hash of their own each: nobody's password, but the right form.
fn write(path: &Path, rows: u64) -> std::io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(
        file,
        "id,email,email_verified,username,first_name,last_name,created_at,password_hash"
    )?;
    for row in 0..rows {
        let mut state = row.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut letters = String::new();
        while letters.len() < 53 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            // The last letter of salt and of hash has bits that mean nothing, and must not be set.
            let letter = match letters.len() {
                21 => state % 4 * 16,
                52 => state % 16 * 4,
                _ => state % 64,
            };
            letters.push(char::from(ALPHABET[usize::try_from(letter).unwrap_or(0)]));
        }
        writeln!(
            file,
            "user_{row},person{row}@example.test,true,person{row},Ada,\"Lovelace, the {row}th\",2026-01-01T00:00:00Z,$2b$10${letters}"
        )?;
    }
    file.flush()
}

/// One run: its summary, and the most memory it held, in KiB.
fn take(binary: &Path, folder: &Path, file: &Path) -> Result<(Value, u64)> {
    let data = folder.join("data").display().to_string();
    let mut settings = vec![("GATEHOUSE_DATA_DIR".to_owned(), data)];
    if let Some(url) = std::env::var_os("BENCH_DATABASE_URL") {
        let url = url.to_string_lossy().into_owned();
        settings.push(("GATEHOUSE_DATABASE__URL".to_owned(), url));
    }
    let mut command = command(binary, folder, &settings);
    command
        .args(["user", "import", "--from", "csv", "--json"])
        .arg(file);
    let mut running = Running::start(command.stdout(Stdio::piped()))?;
    let mut peak = 0;
    let status = loop {
        peak = running.peak_memory_kib().unwrap_or(peak);
        match running.ended()? {
            Some(status) => break status,
            None => process::pause()?,
        }
    };
    let mut said = String::new();
    if let Some(mut stdout) = running.stdout() {
        stdout
            .read_to_string(&mut said)
            .doing("Reading the summary")?;
    }
    running.judge(status)?;
    let summary = serde_json::from_str(&said)
        .map_err(|error| Error::other(format!("The summary was not understood: {error}.")))?;
    Ok((summary, peak))
}
