//! The names of all findings. A rule names a kind of change; its consumer verdict follows from the law (`finding`), not
//! from a level given here, unless the table says that it is settled.

use serde::Serialize;

use super::finding::RustVerdict;
use super::finding::RustVerdict::{Major, Minor, None, Patch};

/// A kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// Stable kebab-case id.
    pub id: &'static str,
    /// What code written against the generated client meets.
    pub rust: RustVerdict,
    /// What changed, in a sentence.
    pub what: &'static str,
    /// Why its verdict is not the law's, or empty.
    pub settled: &'static str,
}

const fn rule(id: &'static str, rust: RustVerdict, what: &'static str) -> Rule {
    Rule { id, rust, what, settled: "" }
}

const fn settled(id: &'static str, rust: RustVerdict, what: &'static str, settled: &'static str) -> Rule {
    Rule { id, rust, what, settled }
}

/// Rules whose findings come first and are never left out of a list: something that kept people safe is lost.
pub(super) const SAFETY: [&str; 3] = ["billable-mark-removed", "destructive-mark-removed", "secret-mark-removed"];

/// All rules, by subject.
pub const RULES: &[Rule] = &[
    rule("operation-removed", Major, "an operation is gone"),
    rule("operation-added", Minor, "an operation is new"),
    settled(
        "operation-retired",
        Major,
        "an operation that was announced to end is gone",
        "it was deprecated, with a sunset that has passed",
    ),
    rule("operation-moved", Major, "an operation that seems the same has another address"),
    rule("path-prefix-changed", Major, "many operations moved by one prefix"),
    settled(
        "path-slash-changed",
        Patch,
        "a trailing or doubled slash of a path",
        "many servers treat both alike, some do not",
    ),
    rule("operation-id-changed", Major, "an operation has another id"),
    rule("operation-ids-changed", Major, "most operations have another id"),
    rule("operation-text-changed", Patch, "summary or description of an operation"),
    rule("tags-changed", Patch, "the groups of an operation"),
    rule("operation-deprecated", Patch, "an operation is to end, or no longer"),
    settled(
        "effect-changed",
        Patch,
        "what an operation does to the account is said otherwise",
        "whether a call may be repeated hangs on it, which no set shows",
    ),
    settled(
        "billable-mark-removed",
        Patch,
        "an operation is no longer marked as one that spends money",
        "guardrails and questions that stopped a call let it pass",
    ),
    settled(
        "destructive-mark-removed",
        Patch,
        "an operation is no longer marked as one that destroys something",
        "guardrails and questions that stopped a call let it pass",
    ),
    settled(
        "secret-mark-removed",
        Patch,
        "a value is no longer marked as secret",
        "a value that was hidden is shown in logs and output",
    ),
    settled(
        "sunset-changed",
        Patch,
        "the day on which an operation, a parameter or a property ends (`x-sunset`)",
        "an earlier day breaks those who rely on it, and so does no day",
    ),
    settled(
        "sunset-too-soon",
        Patch,
        "an end is announced sooner than the grace period of .swpanel-drift.toml allows",
        "a team that grants its clients a period breaks its word",
    ),
    settled(
        "stability-changed",
        Patch,
        "the level of stability of an operation (`x-stability-level`)",
        "a lower level takes a promise back",
    ),
    rule("extension-changed", Patch, "a member that begins with `x-`"),
    settled("parameter-removed", Major, "a parameter is gone", "clients that send it may be refused or not heard"),
    rule("parameter-added", Minor, "an optional parameter is new"),
    rule("parameter-required-added", Minor, "a required parameter is new"),
    rule("parameter-became-required", Patch, "a parameter must be sent now"),
    rule("parameter-became-optional", Patch, "a parameter need not be sent any more"),
    rule(
        "parameter-serialization-changed",
        Patch,
        "`style`, `explode`, `allowReserved` or the media type of a parameter",
    ),
    rule("parameter-empty-value-changed", Patch, "whether a parameter may be sent without a value"),
    rule("parameter-text-changed", Patch, "description or example of a parameter"),
    rule("parameter-renamed-in-path", Major, "a part of the path has another name, which does not travel"),
    rule("body-required-added", Minor, "a required body is new"),
    rule("body-added", Minor, "an optional body is new"),
    settled("body-removed", Major, "the body is gone", "clients that send it may be refused or not heard"),
    rule("body-became-required", Patch, "a body must be sent now"),
    rule("body-became-optional", Patch, "a body need not be sent any more"),
    settled("media-type-removed", Patch, "a media type is gone", "the client may have chosen it"),
    settled("media-type-added", Patch, "a media type is new", "the client chooses among those it knows"),
    rule("encoding-changed", Patch, "how a part of a form is encoded, or a value as XML"),
    settled(
        "status-removed",
        Patch,
        "an answer with that status is no longer documented",
        "a success breaks those who wait for it, an error less breaks nobody",
    ),
    settled(
        "status-added",
        Patch,
        "an answer with that status is new",
        "clients handle statuses they do not know by their class",
    ),
    settled(
        "status-class-changed",
        Patch,
        "what was said of a status is said of its class, or the other way round",
        "clients handle statuses they do not know by their class",
    ),
    rule("answer-content-removed", Major, "an answer has no documented content any more"),
    rule("answer-content-added", Major, "an answer has documented content now"),
    settled("header-removed", Patch, "a header of an answer is gone", "a warning where it was optional"),
    rule("header-added", Patch, "a header of an answer is new"),
    rule("header-became-optional", Patch, "a header may be missing now"),
    rule("header-became-required", Patch, "a header is always there now"),
    settled("link-removed", Patch, "a link of an answer is gone", "links tell of operations that stand for themselves"),
    rule("link-added", Patch, "a link of an answer is new"),
    settled(
        "link-changed",
        Patch,
        "a link of an answer leads elsewhere",
        "links tell of operations that stand for themselves",
    ),
    rule("answer-text-changed", Patch, "the description of an answer"),
    rule("callback-removed", Patch, "a callback is gone"),
    rule("callback-added", Patch, "a callback is new"),
    rule("webhook-removed", Patch, "a webhook is gone"),
    rule("webhook-added", Patch, "a webhook is new"),
    rule("security-requirement-added", Patch, "calls need rights they did not need"),
    rule("security-requirement-relaxed", Patch, "calls need fewer rights, or have one more way to prove them"),
    rule("security-scheme-changed", Patch, "kind, place or name of a security scheme"),
    rule("security-scheme-renamed", Patch, "a security scheme has another name, which does not travel"),
    rule("security-scopes-changed", Patch, "the scopes that a security scheme offers"),
    settled("security-url-changed", Patch, "an address of a security scheme", "clients may have it written down"),
    settled("server-changed", Patch, "the address of the API", "clients may have it written down"),
    rule("info-changed", Patch, "the words about the document, its servers and its security schemes"),
    rule("tag-description-changed", Patch, "the words about groups"),
    rule("type-changed", Major, "values are of another kind"),
    rule("null-allowed", Major, "null is possible now"),
    rule("null-refused", Major, "null is not possible any more"),
    rule("enum-value-removed", Major, "a listed value is gone"),
    settled(
        "enum-value-added",
        Minor,
        "a listed value is new",
        "received, it is a warning: readers should expect new values",
    ),
    settled(
        "extensible-enum-changed",
        Patch,
        "a list of known values (`x-extensible-enum`)",
        "the list says of itself that it may grow",
    ),
    rule("enum-replaced", Major, "none of the listed values is listed any more"),
    rule("enum-introduced", Major, "values are listed now"),
    rule("enum-lifted", Major, "values are not listed any more"),
    rule("minimum-changed", Patch, "the smallest number"),
    rule("maximum-changed", Patch, "the largest number"),
    rule("length-changed", Patch, "how long, or how many"),
    rule("pattern-changed", Patch, "the pattern of a text"),
    rule("format-changed", Major, "the format of a value"),
    rule("multiple-of-changed", Patch, "what a number is a multiple of"),
    rule("unique-items-changed", Patch, "whether items may repeat"),
    rule("content-encoding-changed", Patch, "how the content of a text is encoded"),
    rule(
        "condition-changed",
        Patch,
        "`not`, `if`, `contains`, `dependent…`, `propertyNames`, `unevaluated…` and the like",
    ),
    settled(
        "property-removed",
        Major,
        "a member is gone",
        "what is not declared is not part of the contract: sent, it is compatible (a warning where the object is closed); received, a warning, or breaking where it was required",
    ),
    settled("property-added", Minor, "an optional member is new", "clients need not know it"),
    rule("property-required-added", Minor, "a required member is new"),
    rule("property-became-required", Major, "a member is required now"),
    rule("property-became-optional", Major, "a member may be missing now"),
    rule("additional-properties-changed", Major, "which members may stand besides those named"),
    rule("alternative-removed", Major, "one of several forms is gone"),
    rule("alternative-added", Major, "one more form is possible"),
    rule("alternatives-changed", Major, "one form became several, or several one"),
    settled(
        "discriminator-changed",
        Patch,
        "what tells several forms apart",
        "which form a value has is told otherwise",
    ),
    settled(
        "default-changed",
        Patch,
        "what stands where nothing is sent",
        "the allowed values are the same, what they do may not be",
    ),
    rule("schema-text-changed", Patch, "title, description or example of a schema"),
    rule("schema-renamed", Major, "a schema that seems the same has another name"),
    rule("schema-removed", Patch, "a schema that no operation uses is gone"),
    rule("schema-added", Patch, "a schema that no operation uses is new"),
    rule("schema-unused-changed", Patch, "a schema that no operation uses is another"),
    rule("schema-deprecated", Patch, "a schema is to end, or no longer"),
    rule("reference-dangling", None, "a reference leads nowhere, so nothing is known there"),
    settled(
        "ignore-unmatched",
        None,
        "an ignore of .swpanel-drift.toml that meets no finding",
        "nothing broke, but the file says what is no longer so",
    ),
];

/// The rule of that id.
pub(super) fn rust_of(id: &str) -> RustVerdict {
    RULES.iter().find(|rule| rule.id == id).map_or(Major, |rule| rule.rust)
}
