//! What a list is asked for: `?limit=&cursor=` and its filters, refused as strictly as a body is.

use axum::extract::{FromRequestParts, Query};
use http::request::Parts;
use wire::{Error, FieldCode, Paging, searched};

use super::body::{FromMembers, Members, Reader, read_members};
use super::problem::Problem;

/// A request read from the query.
pub(crate) struct ReadQuery<T>(pub(crate) T);

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

/// A page of a list, where nothing else can be asked for.
pub(super) struct Listed(pub(super) Paging);

impl FromMembers for Listed {
    fn from_members(read: &mut Reader<'_>) -> Self {
        read.newest_first();
        Self(read.paging())
    }
}

impl Reader<'_> {
    /// One of some values; empty is none, as forms send it.
    pub fn choice<T>(&mut self, name: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let written = self.optional_text(name).filter(|text| !text.is_empty())?;
        let read = parse(&written);
        if read.is_none() {
            self.wrong(name, FieldCode::Invalid);
        }
        read
    }

    /// `q`: what is searched for; empty for all.
    pub fn part(&mut self) -> String {
        let written = self.optional_text("q").unwrap_or_default();
        searched(&written).unwrap_or_else(|error| {
            for field in error.fields {
                self.wrong(&field.field, field.code);
            }
            String::new()
        })
    }

    /// How many at most.
    pub fn limit(&mut self) -> u32 {
        let limit = self.optional_text("limit");
        match Paging::read(limit.as_deref(), None) {
            Ok(paging) => paging.limit,
            Err(_) => {
                self.wrong("limit", FieldCode::Invalid);
                Paging::default().limit
            }
        }
    }

    /// `sort`, where there is one order.
    pub fn newest_first(&mut self) {
        if self
            .optional_text("sort")
            .is_some_and(|sort| sort != "-createdAt")
        {
            self.wrong("sort", FieldCode::Invalid);
        }
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(query: &str) -> Result<u32, String> {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let texts = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        read_members::<Listed>(&Members::of_texts(texts.collect()))
            .map(|Listed(paging)| paging.limit)
            .map_err(|error| error.fields[0].field.clone())
    }

    #[test]
    fn a_page_is_asked_for_once_and_nothing_unknown_beside_it() {
        assert_eq!(listed(""), Ok(50));
        assert_eq!(listed("sort=-createdAt&limit=7"), Ok(7));
        for (query, wrong) in [
            ("limit=1&limit=2", "limit"),
            ("limit=all", "limit"),
            ("cursor=x", "cursor"),
            ("sort=password_hash", "sort"),
            ("page=2", "page"),
        ] {
            assert_eq!(listed(query), Err(wrong.to_owned()), "{query}");
        }
    }
}
