//! `gatehouse openapi`.

use super::{Outcome, print_json};
use crate::api::openapi;

/// Needs no settings: the document is the program's, not the installation's.
pub(super) fn run() -> Outcome {
    print_json(&openapi::document(None))
}
