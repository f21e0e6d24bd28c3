//! The program `gatehouse`.

use std::process::ExitCode;

fn main() -> ExitCode {
    portal::cli::run()
}
