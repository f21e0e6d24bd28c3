//! What can go wrong in a task, each as one sentence for the person at the keyboard.

use std::io;

/// The result of a task or of a step of one.
pub(crate) type Result<T> = std::result::Result<T, Error>;

/// Why a task stopped.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Something the machine or the tree has to bring is not there.
    #[error("{what} is missing: {remedy}.")]
    Missing {
        /// What was looked for.
        what: String,
        /// How to get it.
        remedy: String,
    },
    /// A program ran and said no; its own output, printed above, says why.
    #[error("`{command}` failed ({status}).")]
    Failed {
        /// The command as one would type it.
        command: String,
        /// Its exit status, in words.
        status: String,
    },
    /// The operating system refused.
    #[error("{doing} failed: {source}.")]
    Io {
        /// What was being done, as a noun phrase.
        doing: String,
        /// The system's answer.
        source: io::Error,
    },
    /// Ctrl-C, or a request to terminate.
    #[error("stopped on request.")]
    Interrupted,
    /// Anything else, already a sentence.
    #[error("{0}")]
    Other(String),
}

impl Error {
    /// Something is not there, and this is how to get it.
    pub(crate) fn missing(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::Missing {
            what: what.into(),
            remedy: remedy.into(),
        }
    }

    /// A sentence of one's own.
    pub(crate) fn other(sentence: impl Into<String>) -> Self {
        Self::Other(sentence.into())
    }
}

/// Says what was being done when an input or output error struck.
pub(crate) trait Doing<T> {
    /// `what` reads as a noun phrase: "Reading style/main.css".
    fn doing(self, what: impl Into<String>) -> Result<T>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, what: impl Into<String>) -> Result<T> {
        self.map_err(|source| Error::Io {
            doing: what.into(),
            source,
        })
    }
}
