//! `?limit=&cursor=`: which page of a list.

use axum::extract::FromRequestParts;
use http::request::Parts;
use wire::{Error, FieldCode, Paging};

use super::problem::Problem;

/// A page of a list, read from the query. Other members of it are the handler's.
pub(super) struct Listed(pub(super) Paging);

impl<S: Send + Sync> FromRequestParts<S> for Listed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        read(query).map(Self).map_err(Problem)
    }
}

fn read(query: &str) -> Result<Paging, Error> {
    Paging::read(one(query, "limit")?, one(query, "cursor")?)
}

/// The one value of a name. Neither a limit nor a cursor needs escaping.
fn one<'a>(query: &'a str, name: &str) -> Result<Option<&'a str>, Error> {
    let mut values = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .filter(|(known, _)| *known == name)
        .map(|(_, value)| value);
    let first = values.next();
    if values.next().is_some() {
        return Err(Error::field(name, FieldCode::DuplicateField));
    }
    Ok(first.filter(|value| !value.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_asked_for_once() {
        assert_eq!(read("").map(|paging| paging.limit), Ok(50));
        assert_eq!(
            read("q=x&limit=7&cursor=").map(|paging| paging.limit),
            Ok(7)
        );
        for query in ["limit=1&limit=2", "limit=all", "cursor=x", "limit=%31"] {
            assert!(read(query).is_err(), "{query}");
        }
    }
}
