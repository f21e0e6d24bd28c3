//! The error of server functions: closed, without a word of text (`stack.md` 2.3).

use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

/// Why a server function did not run at all. What people do wrong is an [`super::Outcome`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UiError {
    /// The request does not read as this function's.
    InvalidRequest,
    /// Ours.
    Internal,
}

impl FromServerFnError for UiError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        // The texts of these quote what was sent, passwords included: they go nowhere.
        match error {
            ServerFnErrorErr::Args(_)
            | ServerFnErrorErr::MissingArg(_)
            | ServerFnErrorErr::Request(_)
            | ServerFnErrorErr::Deserialization(_)
            | ServerFnErrorErr::UnsupportedRequestMethod(_) => Self::InvalidRequest,
            _ => Self::Internal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_was_sent_comes_back() {
        let error = UiError::from_server_fn_error(ServerFnErrorErr::Args("hunter2-hunter2".into()));

        assert_eq!(error, UiError::InvalidRequest);
        assert_eq!(&error.ser()[..], b"\"invalid_request\"");
    }
}
