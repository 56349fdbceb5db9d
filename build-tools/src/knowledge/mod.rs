//! What we know of the operations of the API, apart from any document of it: what each does to the account, whether it
//! spends money or destroys something, which of its values are secret, and what it is called.
//!
//! The knowledge is one reviewed file, `knowledge.toml`. A sync matches it with the operations of whatever document it
//! reads ([`matching`]) and writes it into the result as `x-` members, which everything downstream reads. What no
//! entry matches is `unclassified`: `classify` says what that means and proposes entries for review.

#[cfg(feature = "ingest")]
mod apply;
mod classify;
#[cfg(feature = "ingest")]
pub mod edit;
#[cfg(feature = "ingest")]
mod file;
#[cfg(feature = "ingest")]
mod parameters;
#[cfg(feature = "ingest")]
mod proposals;
#[cfg(feature = "ingest")]
mod requested;
#[cfg(feature = "ingest")]
mod secrets;

pub use crate::matching::{self, endpoints};
#[cfg(all(feature = "codegen", feature = "ingest"))]
pub(crate) use apply::entries_of;
#[cfg(feature = "ingest")]
pub use apply::{Applied, LooseMatch, Unclassified, apply, strip};
pub use classify::{ACTION_WORDS, Facts, names_an_action, reads_by_its_words};
#[cfg(feature = "ingest")]
pub use file::{Entry, Knowledge, KnowledgeError};
#[cfg(feature = "ingest")]
pub use parameters::keep_parameter_names;
#[cfg(feature = "ingest")]
pub use proposals::{Proposal, proposals};
#[cfg(feature = "ingest")]
pub use requested::requested;

/// The member that says what an operation does to the account: a word of [`Effect`](crate::document::Effect).
pub const EFFECT: &str = "x-swpanel-effect";
/// The member of an operation that spends money, or may.
pub const BILLABLE: &str = "x-swpanel-billable";
/// The member of an operation that destroys something that another call cannot bring back, or may.
pub const DESTRUCTIVE: &str = "x-swpanel-destructive";
/// The member of an operation that answers before its work is done.
pub const ASYNCHRONOUS: &str = "x-swpanel-asynchronous";
/// The member of an operation that reads a collection although its response does not show it.
pub const COLLECTION: &str = "x-swpanel-collection";
/// The member that names the group of an operation; the first tag of the document where it is absent.
pub const GROUP: &str = "x-swpanel-group";
/// The member that names the operation that reads what an operation changed, as `GET /path/`.
pub const READ_BACK: &str = "x-swpanel-read-back";
/// The member that says which entry of the knowledge an operation matches, as `GET /path/`, where that is not the
/// operation's own method and path. What is written by hand for an operation finds it by this.
pub const KNOWN_AS: &str = "x-swpanel-known-as";
/// The member of a schema whose values must not be shown.
pub const SENSITIVE: &str = "x-sensitive";
/// The member of an operation whose whole response must not be shown, where its document describes no response that
/// could carry the mark.
pub const SENSITIVE_RESPONSE: &str = "x-swpanel-sensitive-response";
/// The member that lists the lines that the reconstruction rests on. A change of it is not a change of the API.
pub const EVIDENCE: &str = "x-evidence";
/// The member of a schema that no evidence shows: the reconstruction has it by inference. A published document has none,
/// and says no less for that.
pub const INFERRED: &str = "x-swpanel-inferred";
/// The member that says who wrote the document.
pub const SOURCE: &str = "x-swpanel-source";
