//! Documents, stage by stage; the result of each stage is a type of its own.
//!
//! bytes --[`detect`]--> text and format --[`RawDocument::read`]--> [`RawDocument`]
//! --[`convert`]--> [`Document`] and [`Ledger`] --[`Document::to_canonical`]--> `swpanel-api.json`.

#[cfg(feature = "ingest")]
mod bundle;
mod canonical;
mod convert;
mod detect;
#[cfg(feature = "ingest")]
mod identifiers;
mod json;
mod lines;
mod media;
mod node;
mod operation;
#[cfg(feature = "ingest")]
mod overlay;
mod pointer;
mod raw;
mod refusal;
mod walk;
#[cfg(feature = "ingest")]
mod yaml;

#[cfg(feature = "ingest")]
pub use bundle::{MAX_PARTS, Parts, bundle, wanted};
#[cfg(feature = "ingest")]
pub use convert::convert_for_comparing;
#[cfg(feature = "ingest")]
pub(crate) use convert::unsupported;
pub use convert::{Document, Ledger, LedgerEntry, Stage, Weight, convert};
#[cfg(feature = "ingest")]
pub(crate) use detect::decode;
pub use detect::{Format, detect};
pub use lines::LineIndex;
pub use media::is_json;
pub use node::{Entry, Key, Node, Object, Span, Value};
pub use operation::{Effect, MAX_HOPS, METHODS, Operation, Parameter, ParameterPlace};
#[cfg(feature = "ingest")]
pub use overlay::{Overlay, OverlayError, overlay};
pub(crate) use pointer::reference_to;
pub use pointer::{child, local_reference, schema_name};
#[cfg(feature = "ingest")]
pub(crate) use pointer::{go_down, plain_component};
pub use raw::RawDocument;
pub use refusal::Refusal;

use std::collections::HashSet;

/// The largest source that is read: 64 MiB (the largest published API documents have about 15).
pub const MAX_BYTES: usize = 64 << 20;
/// The deepest nesting that is read.
pub const MAX_DEPTH: usize = 200;
/// The most values of one source, with those that aliases unfold to (the largest published API documents have about
/// one million).
pub const MAX_NODES: usize = 4_000_000;
/// The most operations of one document (the largest published API documents have about 16,000).
pub const MAX_OPERATIONS: usize = 20_000;
/// The most parameters of one operation.
pub const MAX_PARAMETERS: usize = 1_000;
/// The most keys that may be repeated with the same value in one source.
const MAX_REPEATED: usize = 1_000;

/// Keys that stand twice in one object with equal values, and where the second stands.
type Twice = Vec<(Key, Span)>;

/// Tells whether a key is new among members: by looking along few of them, by hash among many.
#[derive(Default)]
struct KeySet(HashSet<Key>);

impl KeySet {
    const SMALL: usize = 16;

    fn insert(&mut self, entries: &[Entry], key: &Key) -> bool {
        if entries.len() < Self::SMALL {
            return !entries.iter().any(|entry| entry.key == *key);
        }
        if self.0.is_empty() {
            self.0.extend(entries.iter().map(|entry| entry.key.clone()));
        }
        self.0.insert(key.clone())
    }
}
