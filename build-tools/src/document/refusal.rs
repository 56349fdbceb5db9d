//! Why a source was refused: one variant per cause, each with its name and with what a person can do.

use thiserror::Error;

use crate::address::redact;

/// The source cannot become a document. Nothing has been written when one of these is returned.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// A page that asks for a login, where a document was expected.
    #[error("`{}` leads to a login page ({sign}), not to an API document", redact(.address))]
    LoginPage {
        /// Where it ended, after redirects; `the source` where no address is known.
        address: String,
        /// What tells a login page.
        sign: String,
    },
    /// A page for people in which no rule of discovery finds a document.
    #[error("the source is an HTML page, not an API document")]
    HtmlNotSpec,
    /// Well-formed, but no API document.
    #[error("the source is no API document: {why}")]
    NotASpec {
        /// What is missing.
        why: String,
    },
    /// A description of an API in another language.
    #[error("the source is {kind}, not OpenAPI{}", place(.address))]
    OtherDescription {
        /// The language: Postman, apiDoc, RAML, WADL, GraphQL.
        kind: &'static str,
        /// Where it is; empty where the source itself is it.
        address: String,
    },
    /// The example document that a renderer ships with.
    #[error("{} is a renderer's sample, not the document of this API", redact(.what))]
    SampleSpec {
        /// The address or the title that tells it.
        what: String,
    },
    /// An address that is not asked without leave.
    #[error("`{}` is not asked: {why}", redact(.address))]
    UnsafeUrl {
        /// The address.
        address: String,
        /// What is unsafe about it.
        why: String,
    },
    /// An address on another host than the page that names it.
    #[error("`{}` is on another host than {}, which leads to it", redact(.address), redact(.page))]
    CrossOrigin {
        /// The address.
        address: String,
        /// The page.
        page: String,
    },
    /// More bytes than are read.
    #[error("the source has {bytes} bytes or more; {limit} are read")]
    TooLarge {
        /// Bytes found, as far as they were counted.
        bytes: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// Nested beyond [`super::MAX_DEPTH`].
    #[error("the source is nested deeper than an API document needs ({what}, line {line})")]
    TooDeep {
        /// Which bound was met.
        what: &'static str,
        /// Line, from 1.
        line: usize,
    },
    /// YAML aliases that unfold beyond [`super::MAX_NODES`].
    #[error("the aliases of the source unfold to more than {limit} values (line {line})")]
    TooManyAliases {
        /// Values allowed.
        limit: usize,
        /// Line, from 1.
        line: usize,
    },
    /// Fewer bytes came than were announced.
    #[error("the source was cut: {what}")]
    Truncated {
        /// What tells that.
        what: String,
    },
    /// Git left conflict markers in the text.
    #[error("it has git conflict markers (line {line})")]
    ConflictMarkers {
        /// Line of the first, from 1.
        line: usize,
    },
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
    /// Bytes that are no text in UTF-8, UTF-16 or gzip of these.
    #[error("the source cannot be decoded as UTF-8, UTF-16 or gzip (byte {offset})")]
    Undecodable {
        /// Offset of the first byte that does not fit.
        offset: usize,
    },
    /// An API document of a version that is not read.
    #[error("the source is {found}, which is not read (Swagger 2.0 and OpenAPI 3.0 to 3.2 are)")]
    UnsupportedVersion {
        /// Name and version found.
        found: String,
    },
    /// A key stands twice in one object, with different values.
    #[error("the key `{key}` stands twice in one object, with different values (line {line}, column {column})")]
    DuplicateKeys {
        /// The key.
        key: String,
        /// Line of the second, from 1.
        line: usize,
        /// Column of the second, from 1.
        column: usize,
    },
    /// A reference to what is not there.
    #[error("the reference `{}` leads nowhere ({place})", redact(.reference))]
    DanglingReference {
        /// The text of the reference.
        reference: String,
        /// Where it stands.
        place: String,
    },
    /// References that lead to each other and never to a value.
    #[error("the reference `{}` leads in a circle and never to a value ({place})", redact(.reference))]
    CircularReference {
        /// The text of the reference.
        reference: String,
        /// Where it stands.
        place: String,
    },
    /// A reference out of the folder of the source.
    #[error("the reference `{}` is not followed: {} ({place})", redact(.reference), redact(.why))]
    UnsafeReference {
        /// The text of the reference.
        reference: String,
        /// What is unsafe about it.
        why: String,
        /// Where it stands.
        place: String,
    },
    /// More of something than is worked on, though the source is small enough to be read.
    #[error("the document has more than {limit} {what}{}", where_it_is(.at))]
    OverBudget {
        /// What there is too much of, in the plural.
        what: &'static str,
        /// The most that is worked on.
        limit: usize,
        /// JSON pointer or line where the limit was passed; empty where it is the whole document.
        at: String,
    },
    /// An API document without operations.
    #[error("the document has no operations")]
    Emptied,
    /// Far fewer operations than the stored document has.
    #[error("the document has {found} operations, less than 60 % of the {locked} that are locked")]
    Shrunk {
        /// Operations found.
        found: usize,
        /// Operations of the stored document.
        locked: usize,
    },
}

/// A place in the document, in words.
fn where_it_is(place: &str) -> String {
    if place.is_empty() { String::new() } else { format!(" ({place})") }
}

/// Where something is, in words.
fn place(address: &str) -> String {
    if address.is_empty() { String::new() } else { format!(" (at `{}`)", redact(address)) }
}

impl Refusal {
    /// The refusal of a source without content.
    pub(crate) fn empty() -> Self {
        Self::NotASpec { why: "it is empty".to_owned() }
    }

    /// All names, so that a test can ask for an example of each.
    pub const NAMES: [&'static str; 22] = [
        "login-page",
        "html-not-spec",
        "not-a-spec",
        "other-description",
        "sample-spec",
        "unsafe-url",
        "cross-origin",
        "too-large",
        "too-deep",
        "too-many-aliases",
        "truncated",
        "conflict-markers",
        "syntax",
        "undecodable",
        "unsupported-version",
        "duplicate-keys",
        "dangling-reference",
        "circular-reference",
        "unsafe-reference",
        "over-budget",
        "emptied",
        "shrunk",
    ];

    /// The stable name of the cause.
    pub fn name(&self) -> &'static str {
        match self {
            Self::LoginPage { .. } => "login-page",
            Self::HtmlNotSpec => "html-not-spec",
            Self::NotASpec { .. } => "not-a-spec",
            Self::OtherDescription { .. } => "other-description",
            Self::SampleSpec { .. } => "sample-spec",
            Self::UnsafeUrl { .. } => "unsafe-url",
            Self::CrossOrigin { .. } => "cross-origin",
            Self::TooLarge { .. } => "too-large",
            Self::TooDeep { .. } => "too-deep",
            Self::TooManyAliases { .. } => "too-many-aliases",
            Self::Truncated { .. } => "truncated",
            Self::ConflictMarkers { .. } => "conflict-markers",
            Self::Syntax { .. } => "syntax",
            Self::Undecodable { .. } => "undecodable",
            Self::UnsupportedVersion { .. } => "unsupported-version",
            Self::DuplicateKeys { .. } => "duplicate-keys",
            Self::DanglingReference { .. } => "dangling-reference",
            Self::CircularReference { .. } => "circular-reference",
            Self::UnsafeReference { .. } => "unsafe-reference",
            Self::OverBudget { .. } => "over-budget",
            Self::Emptied => "emptied",
            Self::Shrunk { .. } => "shrunk",
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::LoginPage { .. } => {
                "put a token into SWPANEL_TOKEN and pass --with-token, or save the document from the panel and pass that file"
            }
            Self::HtmlNotSpec => {
                "save the OpenAPI document (JSON or YAML) that the page shows, and pass that file or its address"
            }
            Self::NotASpec { .. } => {
                "an API document is an object with `openapi: 3.x` or `swagger: \"2.0\"`, and `paths`; check what was saved or fetched"
            }
            Self::OtherDescription { .. } => {
                "ask the publisher for OpenAPI, or convert it and read the result with care"
            }
            Self::SampleSpec { .. } => "find the address of the real document and pass that",
            Self::UnsafeUrl { .. } => "pass --allow-host HOST[:PORT] where you know and trust that host",
            Self::CrossOrigin { .. } => {
                "pass --allow-host HOST where you trust it, or pass that address itself with --from"
            }
            Self::TooLarge { .. } => "point at the document itself, not at an archive or a dump",
            Self::TooDeep { .. } | Self::TooManyAliases { .. } => "check that this is the API document as published",
            Self::Truncated { .. } => "fetch or save it again",
            Self::ConflictMarkers { .. } => {
                "`cargo xtask sync` makes swpanel-api.json, swpanel-api.lock and client/public-api.txt again; in any other file keep one side of each conflict"
            }
            Self::Syntax { .. } | Self::DuplicateKeys { .. } => {
                "the file may have been cut or edited; fetch it again, or mend the place named"
            }
            Self::Undecodable { .. } => "save the document as UTF-8",
            Self::UnsupportedVersion { .. } => "ask SWPanel for a form of the document that is read, or convert it",
            Self::DanglingReference { .. } | Self::CircularReference { .. } => {
                "report the place named to whoever publishes the document, or mend it in a copy"
            }
            Self::UnsafeReference { .. } => {
                "put the file that is referred to into the folder of the document or below, and refer to it by a relative path"
            }
            Self::OverBudget { .. } => {
                "check that this is the API document as published; where it is, take a part of it, or report the document and this limit"
            }
            Self::Emptied => {
                "it may be half deployed, or shown according to rights; fetch it again, or with another login"
            }
            Self::Shrunk { .. } => {
                "it may be half deployed, or shown according to rights; where it is meant, pass --accept-shrink"
            }
        }
    }
}
