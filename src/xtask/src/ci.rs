//! `cargo xtask ci`: what `.ci/run` calls. The same as `test`, except that nothing is left out in silence.

use crate::error::Result;
use crate::test::{self, Lacking};

/// Runs every stage; a missing database server or browser is a failure.
pub(crate) fn ci() -> Result<()> {
    test::run(&test::Options::default(), Lacking::Fails)
}
