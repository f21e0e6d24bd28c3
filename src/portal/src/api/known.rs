//! Ids in paths.

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use wire::ErrorCode;

/// An id that cannot be read is nobody's: 404, like one that nobody has.
pub(super) fn known<T>(id: Result<Path<T>, PathRejection>) -> Result<T, ErrorCode> {
    id.map(|Path(id)| id).map_err(|_| ErrorCode::NotFound)
}
