//! Why bytes were refused: one variant per cause, each with its name and with what a person can do.

use thiserror::Error;

/// The source cannot become a document. Nothing has been written when one of these is returned.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// There are no bytes, or only white space.
    #[error("the source is empty")]
    Empty,
    /// More bytes than [`super::MAX_BYTES`].
    #[error("the source has {bytes} bytes, more than the {limit} that are read")]
    TooLarge {
        /// Bytes found.
        bytes: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// Not UTF-8.
    #[error("the source is not UTF-8 text (byte {offset})")]
    NotText {
        /// Offset of the first byte that does not fit.
        offset: usize,
    },
    /// A page for people.
    #[error("the source is an HTML page, not an API document")]
    Page,
    /// The text breaks the rules of its format.
    #[error("{format} syntax error at line {line}, column {column}: {message}")]
    Syntax {
        /// `JSON` or `YAML`.
        format: &'static str,
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// A key stands twice in one object, with different values.
    #[error("the key `{key}` stands twice in one object, with different values (line {line}, column {column})")]
    DuplicateKey {
        /// The key.
        key: String,
        /// Line of the second, from 1.
        line: usize,
        /// Column of the second, from 1.
        column: usize,
    },
    /// Nested beyond [`super::MAX_DEPTH`], or aliases that unfold beyond [`super::MAX_NODES`].
    #[error("the source is nested or unfolds beyond what an API document needs ({what}, line {line})")]
    TooDeep {
        /// Which bound was met.
        what: &'static str,
        /// Line, from 1.
        line: usize,
    },
    /// Well-formed, but no API document.
    #[error("the source is well-formed but no API document: {why}")]
    NotAnApiDocument {
        /// What is missing.
        why: String,
    },
    /// An API document without operations.
    #[error("the document has no operations")]
    Emptied,
    /// An API document of a version that is not read.
    #[error("the source is {found}, which is not read (Swagger 2.0 and OpenAPI 3.0 to 3.2 are)")]
    UnsupportedVersion {
        /// Name and version found.
        found: String,
    },
}

impl Refusal {
    /// All names, so that a test can ask for an example of each.
    pub const NAMES: [&'static str; 10] = [
        "empty",
        "too-large",
        "not-text",
        "page",
        "syntax",
        "duplicate-key",
        "too-deep",
        "not-an-api-document",
        "emptied",
        "unsupported-version",
    ];

    /// The stable name of the cause.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLarge { .. } => "too-large",
            Self::NotText { .. } => "not-text",
            Self::Page => "page",
            Self::Syntax { .. } => "syntax",
            Self::DuplicateKey { .. } => "duplicate-key",
            Self::TooDeep { .. } => "too-deep",
            Self::NotAnApiDocument { .. } => "not-an-api-document",
            Self::Emptied => "emptied",
            Self::UnsupportedVersion { .. } => "unsupported-version",
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Empty => "save the document again and check that the file has content",
            Self::TooLarge { .. } => "point at the document itself, not at an archive or a dump",
            Self::NotText { .. } => "save the document as UTF-8",
            Self::Page => "save the OpenAPI document (JSON or YAML) that the page shows, and pass that file",
            Self::Syntax { .. } | Self::DuplicateKey { .. } => {
                "the file may have been cut or edited; fetch it again, or mend the place named"
            }
            Self::TooDeep { .. } => "check that this is the API document as published",
            Self::NotAnApiDocument { .. } => {
                "an API document is an object with `openapi: 3.x` or `swagger: \"2.0\"`, and `paths`"
            }
            Self::Emptied => {
                "it may be half deployed, or shown according to rights; fetch it again, or with another login"
            }
            Self::UnsupportedVersion { .. } => "ask SWPanel for a form of the document that is read, or convert it",
        }
    }
}
