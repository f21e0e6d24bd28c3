//! What a list is asked for: `?limit=&cursor=` and its filters, refused as strictly as a body is.

use axum::extract::{FromRequestParts, Query};
use http::request::Parts;
use wire::{Error, FieldCode, Paging};

use super::body::{FromMembers, Members, Reader, read_members};
use super::problem::Problem;

/// A request read from the query.
pub(super) struct ReadQuery<T>(pub(super) T);

impl<S: Send + Sync, T: FromMembers> FromRequestParts<S> for ReadQuery<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri)
            .map_err(|_| Problem(Error::field("query", FieldCode::Invalid)))?;
        read_members(&Members::of_texts(pairs.0))
            .map(Self)
            .map_err(Problem)
    }
}

impl Reader<'_> {
    /// Which page of a list.
    pub fn paging(&mut self) -> Paging {
        let (limit, cursor) = (self.optional_text("limit"), self.optional_text("cursor"));
        Paging::read(limit.as_deref(), cursor.as_deref()).unwrap_or_else(|error| {
            for field in error.fields {
                self.wrong(&field.field, field.code);
            }
            Paging::default()
        })
    }
}
