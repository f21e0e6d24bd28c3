//! Forms: fields with their labels, hints and errors, and the summary above them.

mod area;
mod field;
mod new_password;
mod stay;
mod summary;
mod words;

pub(crate) use area::{Area, Choice};
pub(crate) use field::{Field, Kind};
pub(crate) use new_password::NewPassword;
pub(crate) use stay::StaySignedIn;
pub(crate) use summary::Summary;
pub(crate) use words::{duration, waiting};
