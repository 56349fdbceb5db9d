//! What a live API was seen to answer, held against the document: shapes alone, never a value.
//!
//! [`Probe`] is what is kept. Nothing in it can hold a value of an answer: a text gets into it only as a word that the
//! document or a fixed list has, and a member's name only where it is of such words, or that of a field which records have.

mod differences;
mod fit;
mod hold;
mod observe;
mod plan;
mod seal;
mod seen;
#[cfg(feature = "ingest")]
pub mod traffic;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use differences::{Difference, differences};
pub use hold::{Heard, Watch};
pub use observe::{Proposal, observe};
pub use plan::{Candidate, Reads, candidates, is_list};

/// The form of the file that [`Probe`] is kept in.
pub const VERSION: u32 = 2;

/// Everything that a probe found out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// [`VERSION`].
    pub version: u32,
    /// The day, as in `2026-11-24`.
    pub date: String,
    /// The address that was asked, without user, query and fragment.
    pub base_url: String,
    /// SHA-256 of the document that it was held against.
    pub document: String,
    /// Whether it was our emulator that answered: what it says is no evidence of SWPanel.
    pub emulator: bool,
    /// How many requests were sent.
    pub requests: u64,
    /// Why it ended before everything was asked.
    pub stopped: Option<String>,
    /// By `METHOD /path`, every operation of the document that only reads.
    pub operations: BTreeMap<String, Asked>,
    /// By JSON pointer in the document, each schema that a value was held against.
    pub places: BTreeMap<String, Place>,
    /// Ways of the API as a whole.
    pub ways: Ways,
}

/// An operation, and how its calls went.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Operation id.
    pub id: String,
    /// How often each status came.
    pub statuses: BTreeMap<u16, u64>,
    /// How many successful answers were held against the document.
    pub read: u64,
    /// Statuses that the document does not name for it.
    pub undocumented: BTreeSet<u16>,
    /// Answers that were not what the document announces, by what they were.
    pub unreadable: BTreeMap<String, u64>,
    /// Why it was not asked.
    pub skipped: Option<String>,
}

/// A schema of the document, and the values that stood in its place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// How many values were seen.
    pub seen: u64,
    /// Operations whose answers led here.
    pub operations: BTreeSet<String>,
    /// How often each kind of value came.
    pub kinds: BTreeMap<Kind, u64>,
    /// Those of a kind that the schema does not allow.
    pub mismatched: BTreeMap<Kind, u64>,
    /// Required members that were absent.
    pub missing: BTreeMap<String, u64>,
    /// Values outside its `enum`.
    pub outside: u64,
    /// The words among them, where they came often enough and cannot be anybody's data.
    pub words: BTreeSet<String>,
    /// Whether the schema names no member at all, so that what comes is no difference.
    pub open: bool,
    /// Members that it does not name.
    pub more: BTreeMap<String, Member>,
    /// Members whose names may be data and are not kept.
    pub unnamed: u64,
    /// What stands under such names.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub values: Option<Shape>,
    /// What came where the schema says nothing at all, or of kinds that it does not allow.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub whole: Option<Shape>,
}

/// A member that no schema names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// In how many of the objects it was.
    pub present: u64,
    /// What it held.
    pub shape: Shape,
}

/// What values of one place have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// How many values were seen.
    pub seen: u64,
    /// How often each kind came.
    pub kinds: BTreeMap<Kind, u64>,
    /// The format that all texts keep to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub format: Option<String>,
    /// The few words that all texts are, where that is likely to be an enumeration.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub words: BTreeSet<String>,
    /// Members of the objects.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub members: BTreeMap<String, Member>,
    /// What stands under names that may be data.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub values: Option<Box<Shape>>,
    /// Items of the arrays.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub items: Option<Box<Shape>>,
}

/// A kind of JSON value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A number without a fraction.
    Integer,
    /// Any other number.
    Number,
    /// A text.
    String,
    /// A list.
    Array,
    /// An object.
    Object,
}

impl Kind {
    /// The word that schemas use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }
}

/// Ways of the API as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ways {
    /// Error objects by the status they came with.
    pub errors: BTreeMap<u16, u64>,
    /// Members of error objects that the document names.
    pub envelope: BTreeSet<String>,
    /// What a path brings that is spelled with a slash more or less at its end than in the document.
    pub slashes: BTreeMap<String, String>,
}

impl Ways {
    /// `4xx`, `200`, `both` or `not seen`: which statuses error objects come with.
    pub fn error_style(&self) -> &'static str {
        let success = self.errors.keys().any(|status| (200..300).contains(status));
        let failure = self.errors.keys().any(|status| *status >= 400);
        match (success, failure) {
            (true, true) => "both",
            (true, false) => "200",
            (false, true) => "4xx",
            (false, false) => "not seen",
        }
    }
}

impl Place {
    /// How many members came of which the schema leaves open what they are.
    pub fn unsaid(&self) -> usize {
        let of = |shape: &Shape| shape.members.len() + shape.items.as_ref().map_or(0, |items| items.members.len());
        let nothing_said = self.open && self.mismatched.is_empty();
        let whole =
            self.whole.as_ref().filter(|shape| nothing_said && shape.kinds.keys().any(|kind| *kind != Kind::Null));
        let named = if self.open { self.more.len() } else { 0 };
        named + whole.map_or(0, |shape| of(shape).max(1))
    }
}

impl Probe {
    /// Whether a successful answer of an operation was held against the document.
    pub fn has_read(&self, key: &str) -> bool {
        self.operations.get(key).is_some_and(|asked| asked.read > 0)
    }
}
