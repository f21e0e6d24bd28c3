//! The access table (D20): every JSON route, page and server function, who may use it and with
//! which kinds of credential. The guard obeys it; a route that is not here answers nothing.

mod consent;
mod ended;
pub mod guard;
mod quota;
mod step_up;
mod table;
#[cfg(test)]
mod tests;

use http::Method;

pub use table::TABLE;

/// One route and its rules.
#[derive(Clone, Debug)]
pub struct Row {
    /// The method; `GET` covers `HEAD`.
    pub method: Method,
    /// The path as the router writes it. `/api/auth/…` covers `/auth/…`.
    pub path: &'static str,
    /// What kind of answer it gives.
    pub door: Door,
    /// Who may come in.
    pub who: Who,
    /// With which credentials.
    pub kinds: Kinds,
    /// What the request carries.
    pub body: Body,
    /// Which other origins may read the answer.
    pub cors: Cors,
}

/// The kinds of route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Answers JSON, refuses with problem details.
    Json,
    /// Answers a page; who is missing is sent to sign in.
    Page,
    /// A form or a fetch of a page.
    ServerFunction,
    /// A file or a redirect, the same for everyone: no credential is looked at.
    Open,
}

/// Who may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Anyone; credentials sent along are ignored by JSON routes, and known to pages.
    Public,
    /// Anyone; a JSON route judges a credential that is sent along, and knows its owner.
    Anyone,
    /// Anyone signed in.
    SignedIn,
    /// Anyone signed in, or whoever names a refresh token in the body.
    SignedInOrRefreshToken,
    /// Anyone signed in who proved a factor in the last ten minutes.
    Recent,
    /// Anyone signed in who holds this permission.
    Permission(&'static str),
    /// Anyone signed in who holds one of these.
    OneOf(&'static [&'static str]),
    /// Both: holds one of these and proved a factor in the last ten minutes.
    RecentOneOf(&'static [&'static str]),
    /// Both: holds this permission and proved a factor in the last ten minutes.
    RecentPermission(&'static str),
}

impl Who {
    /// The permission one must hold; of several, the one that reaches furthest.
    pub fn permission(self) -> Option<&'static str> {
        match self {
            Self::Permission(needed) | Self::RecentPermission(needed) => Some(needed),
            Self::OneOf(any) | Self::RecentOneOf(any) => any.first().copied(),
            _ => None,
        }
    }

    /// Whether somebody who holds these permissions may come in.
    pub fn admits(self, held: &[String]) -> bool {
        let holds = |needed: &str| held.iter().any(|held| held == needed);
        match self {
            Self::Permission(needed) | Self::RecentPermission(needed) => holds(needed),
            Self::OneOf(any) | Self::RecentOneOf(any) => any.iter().any(|needed| holds(needed)),
            _ => true,
        }
    }

    /// Whether a factor must have been proven just now.
    pub fn is_recent(self) -> bool {
        matches!(
            self,
            Self::Recent | Self::RecentPermission(_) | Self::RecentOneOf(_)
        )
    }
}

/// Kinds of credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kinds(u8);

impl Kinds {
    /// None.
    pub const NONE: Self = Self(0);
    /// The session cookie.
    pub const COOKIE: Self = Self(1);
    /// An access token for the portal.
    pub const BEARER: Self = Self(2);
    /// An access token for the services alone.
    pub const SERVICES: Self = Self(4);
    /// An API key.
    pub const API_KEY: Self = Self(8);
    /// An access token that was made from an API key.
    pub const KEY_TOKEN: Self = Self(16);

    /// Both.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether `kind` is among them.
    pub const fn take(self, kind: Self) -> bool {
        self.0 & kind.0 == kind.0 && kind.0 != 0
    }
}

/// What a request carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// Nothing anybody reads.
    None,
    /// A JSON object.
    Json,
    /// A JSON object, or nothing.
    OptionalJson,
    /// A form.
    Form,
}

/// Which other origins may read an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cors {
    /// None.
    None,
    /// Those of `server.allowed_origins`.
    Listed,
    /// All: there is nothing personal in it.
    Any,
}

/// The row of a request: `path` is the router's, with its placeholders.
pub fn row(method: &Method, path: &str) -> Option<&'static Row> {
    let method = if *method == Method::HEAD {
        &Method::GET
    } else {
        method
    };
    let find = |prefix: &str, path: &str| {
        let same = |row: &&Row| {
            row.path
                .strip_prefix(prefix)
                .is_some_and(|rest| rest == path)
                && row.method == *method
        };
        TABLE.iter().find(same)
    };
    find("", path).or_else(|| {
        path.starts_with("/auth/")
            .then(|| find("/api", path))
            .flatten()
    })
}

/// The methods a path takes; none for a path nobody listed.
pub fn methods(path: &str) -> Vec<&'static str> {
    let taken = |(method, _): &(Method, _)| row(method, path).is_some();
    let all = [
        (Method::GET, "GET"),
        (Method::HEAD, "HEAD"),
        (Method::POST, "POST"),
        (Method::PUT, "PUT"),
        (Method::PATCH, "PATCH"),
        (Method::DELETE, "DELETE"),
    ];
    all.into_iter()
        .filter(taken)
        .map(|(_, name)| name)
        .collect()
}
