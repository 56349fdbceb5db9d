//! Pure functions over API documents: no network, no clock, no file system, no printing.
//!
//! - [`document`] reads a published document into a tree with places and converts it to OpenAPI 3.0.3;
//! - [`address`] redacts what an address hides;
//! - `discover` (feature `ingest`) finds the document behind a documentation page;
//! - `import` (feature `ingest`) makes OpenAPI of documentation in other forms;
//! - [`knowledge`] says what operations do, apart from any document, and writes it into one;
//! - [`matching`] finds the operations of one document in another;
//! - [`names`] pins the operation ids;
//! - [`commands`] makes the table of commands that the command line offers;
//! - [`conflict`] reads files in which git left conflict markers;
//! - [`lint`] says what is wrong with it, by operation and pointer;
//! - `diff` (feature `ingest`) says what changed between two of them, and whom it breaks;
//! - [`safe_text`] makes text of a document safe to show, for every writer;
//! - [`lock`] is the seal over the whole chain;
//! - [`sync`] runs all stages in order; [`coverage`] reads what is covered from the artefacts;
//! - `rehearsal` (feature `ingest`) derives documents as a vendor might publish them;
//! - [`probe`] holds answers of a live API against the document and keeps their shapes;
//! - `vendor` (feature `ingest`) reads the vendor's example clients, and says what changed in them;
//! - [`codegen`] (feature `codegen`) makes the Rust client out of it with progenitor.
//!
//! ```
//! use swpanel_build_tools::document::{RawDocument, convert};
//!
//! let source = br#"{"openapi":"3.0.3","info":{"title":"T","version":"1"},
//! "paths":{"/a/":{"get":{"responses":{"200":{"description":"ok"}}}}}}"#;
//! let (document, ledger) = convert(&RawDocument::read(source)?)?;
//! assert_eq!(document.operations()[0].key(), "GET /a/");
//! assert!(ledger.entries().is_empty());
//! # Ok::<(), swpanel_build_tools::document::Refusal>(())
//! ```

#[cfg(feature = "ingest")]
mod lenient_base64;
mod secrets;

pub mod address;
pub mod commands;
pub mod conflict;
pub mod document;
pub mod examples;
pub mod hash;
pub mod knowledge;
pub mod lint;
pub mod matching;
pub mod names;
pub mod safe_text;

#[cfg(feature = "codegen")]
pub mod codegen;
#[cfg(feature = "codegen")]
pub mod coverage;
#[cfg(feature = "ingest")]
pub mod diff;
#[cfg(feature = "ingest")]
pub mod discover;
#[cfg(feature = "ingest")]
pub mod import;
#[cfg(feature = "ingest")]
pub mod lock;
#[cfg(all(feature = "codegen", feature = "ingest"))]
pub mod migration;
#[cfg(feature = "codegen")]
pub mod probe;
#[cfg(feature = "ingest")]
pub mod rehearsal;
#[cfg(all(feature = "codegen", feature = "ingest"))]
pub mod sync;
#[cfg(feature = "ingest")]
pub mod vendor;
