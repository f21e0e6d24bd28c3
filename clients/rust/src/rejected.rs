//! The ways a credential can fail, each with its code and its one plain sentence.

use std::fmt;

/// Why a credential was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// Its `exp` has passed.
    Expired,
    /// Its `nbf` or `iat` is still to come.
    NotBefore,
    /// Not a token of ours at all: signature, algorithm, issuer, audience, shape. Or a wrong API key.
    Invalid,
    /// The session, the API key or the signing key behind it has ended.
    Revoked,
    /// Rights have changed since: fetch another token and go on.
    Stale,
    /// Not the credential's fault: keys or revocations are not known (any more). Answer 503.
    Unavailable,
}

/// A token or an API key that was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rejected {
    /// Why.
    pub reason: Reason,
    /// The error code of the portal's contract, such as `token_expired`.
    pub code: &'static str,
    /// One plain sentence. It says nothing about the credential.
    pub message: &'static str,
    /// Seconds after which to try again; only with [`Reason::Unavailable`].
    pub retry_after: Option<u64>,
}

impl fmt::Display for Rejected {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(self.message)
    }
}

impl std::error::Error for Rejected {}

impl Rejected {
    pub(crate) const EXPIRED: Self = Self::new(Reason::Expired, "token_expired", "Token expired");
    pub(crate) const NOT_BEFORE: Self =
        Self::new(Reason::NotBefore, "invalid_token", "Token not valid yet");
    pub(crate) const INVALID: Self = Self::new(Reason::Invalid, "invalid_token", "Invalid token");
    pub(crate) const REVOKED: Self = Self::new(Reason::Revoked, "token_revoked", "Token revoked");
    pub(crate) const STALE: Self = Self::new(
        Reason::Stale,
        "token_stale",
        "Rights have changed since this token was made: fetch another",
    );
    pub(crate) const BAD_KEY: Self =
        Self::new(Reason::Invalid, "invalid_api_key", "Invalid API key");
    pub(crate) const NO_KEYS: Self =
        Self::unavailable("keys_unavailable", "The signing keys cannot be loaded", 5);
    pub(crate) const NO_REVOCATIONS: Self = Self::unavailable(
        "revocations_unavailable",
        "What has been revoked is not known",
        5,
    );

    /// API keys cannot be checked now.
    pub(crate) const fn no_exchange(retry_after: u64) -> Self {
        Self::unavailable(
            "exchange_unavailable",
            "API keys cannot be checked",
            retry_after,
        )
    }

    const fn new(reason: Reason, code: &'static str, message: &'static str) -> Self {
        Self {
            reason,
            code,
            message,
            retry_after: None,
        }
    }

    /// Neither yes nor no: a 401 here would sign everybody out.
    const fn unavailable(code: &'static str, message: &'static str, retry_after: u64) -> Self {
        Self {
            reason: Reason::Unavailable,
            code,
            message,
            retry_after: Some(retry_after),
        }
    }
}
