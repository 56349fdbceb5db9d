//! What a comparison says: findings with two verdicts, each derived from the effect of a change on a set of values.

use serde::{Deserialize, Serialize};

/// Whether a consumer who followed the old document can fail under the new one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nothing changed.
    #[default]
    None,
    /// Words changed: texts, examples, order, names that do not travel.
    Documentation,
    /// Every such consumer goes on as before.
    Compatible,
    /// It cannot be decided, or breaks only consumers who rely on more than was promised.
    Warning,
    /// It can fail.
    Breaking,
}

/// Whether code written against the old generated client compiles and decodes with the new one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RustVerdict {
    /// The client is the same.
    #[default]
    None,
    /// Only its documentation or what it checks is another.
    Patch,
    /// Something was added.
    Minor,
    /// Something was removed or has another type.
    Major,
}

/// The way in which values travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// The client sends them.
    Request,
    /// The client receives them.
    Response,
    /// Both.
    Both,
    /// Neither: a whole operation, its address, its rights, its words.
    None,
}

impl Direction {
    /// The other side's view, for callbacks and webhooks.
    pub(super) fn swapped(self) -> Self {
        match self {
            Self::Request => Self::Response,
            Self::Response => Self::Request,
            other => other,
        }
    }
}

/// What a change does to the set of allowed values. Several at once are possible: narrower here, wider there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Effect {
    pub(super) narrows: bool,
    pub(super) widens: bool,
    pub(super) unknown: bool,
}

impl Effect {
    pub(super) const NONE: Self = Self { narrows: false, widens: false, unknown: false };
    pub(super) const NARROWS: Self = Self { narrows: true, ..Self::NONE };
    pub(super) const WIDENS: Self = Self { widens: true, ..Self::NONE };
    pub(super) const INCOMPARABLE: Self = Self { narrows: true, widens: true, unknown: false };
    pub(super) const UNKNOWN: Self = Self { unknown: true, ..Self::NONE };

    pub(super) fn and(self, other: Self) -> Self {
        Self {
            narrows: self.narrows || other.narrows,
            widens: self.widens || other.widens,
            unknown: self.unknown || other.unknown,
        }
    }

    /// The law: what is sent must not have become narrower, what is received not wider.
    pub(super) fn verdict(self, direction: Direction) -> Verdict {
        let fails = match direction {
            Direction::Request => self.narrows,
            Direction::Response => self.widens,
            Direction::Both | Direction::None => self.narrows || self.widens,
        };
        match (fails, self.unknown) {
            (true, _) => Verdict::Breaking,
            (false, true) => Verdict::Warning,
            (false, false) if self == Self::NONE => Verdict::Documentation,
            (false, false) => Verdict::Compatible,
        }
    }

    /// In a sentence, for the reason.
    pub(super) fn words(self, direction: Direction) -> &'static str {
        match (self.narrows, self.widens, direction) {
            (true, true, _) => "some values that were allowed are not, and others are new",
            (true, false, Direction::Request) => "values that clients may send today are refused",
            (true, false, _) => "fewer values are possible than before",
            (false, true, Direction::Response) => "clients may receive values they were never told of",
            (false, true, _) => "more values are allowed than before",
            (false, false, _) if self.unknown => "whether the allowed values are the same cannot be decided",
            (false, false, _) => "the allowed values are the same",
        }
    }
}

/// A place in one of the documents.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// JSON pointer into the document as it was read, where the source has it; else into its normal form.
    pub pointer: String,
    /// Line from 1, or 0 where the source has no such place.
    pub line: usize,
    /// Column from 1, or 0.
    pub column: usize,
    /// JSON pointer into the normal form of the document.
    #[serde(skip)]
    pub(super) normal: String,
}

/// One place that was edited: in the old document and in the new one, where each has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Edit {
    /// Where the old document has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Place>,
    /// Where the new document has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Place>,
}

/// One change, once, however many operations it reaches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable kebab-case id.
    pub rule: &'static str,
    /// For consumers.
    pub consumer_verdict: Verdict,
    /// For code written against the generated client.
    pub rust_verdict: RustVerdict,
    /// The way of the values.
    pub direction: Direction,
    /// `METHOD /path` of every operation that it reaches, sorted; callbacks and webhooks say so in brackets behind it.
    pub operations: Vec<String>,
    /// The component that was edited, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
    /// Where the old document has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Place>,
    /// Where the new document has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Place>,
    /// Further places at which the same reference was changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Edit>,
    /// The value before, as JSON or in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The value after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Why the verdict is what it is, in one sentence.
    pub reason: String,
    /// A value that was fine before and is not now (or, received, was never promised), as JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub witness: Option<String>,
    /// What it seems to be called now, or was called before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renamed: Option<super::Renamed>,
    /// The same change has the same one, whatever its words.
    pub fingerprint: String,
}
