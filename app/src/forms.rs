//! Forms: fields with their labels, hints and errors, and the summary above them.

mod area;
mod field;
mod summary;
mod words;

pub(crate) use area::{Area, Choice};
pub(crate) use field::{Field, Kind};
pub(crate) use summary::Summary;
