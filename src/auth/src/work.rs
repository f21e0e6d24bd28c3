//! How much was done so far: for the operator's metrics, and for the tests that show that known and
//! unknown addresses cost the same (security.md row 18).

use std::ops::Sub;

use crate::Auth;

/// Counts since this process opened the core. Two of them differ by what was done in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    /// Password hashes computed.
    pub hashes: u64,
    /// SQL statements run.
    pub statements: u64,
}

impl Sub for Work {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            hashes: self.hashes - earlier.hashes,
            statements: self.statements - earlier.statements,
        }
    }
}

impl Auth {
    /// What was done so far.
    pub fn work(&self) -> Work {
        Work {
            hashes: self.hasher().computed(),
            statements: self.store().statements(),
        }
    }
}
