//! What changed from one extraction to another, each change with its kind.

use std::collections::BTreeSet;

use serde::Serialize;

use super::value::{Property, Type};
use super::{Call, Extraction, Written};
use crate::knowledge::matching::{Difference, Endpoint, Match, find};

/// A kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// The address of the API in the examples' settings is another.
    AddressChanged,
    /// An operation is new.
    Added,
    /// An operation is not there any more.
    Removed,
    /// Only code that is commented out leads to an operation, or has it.
    Withdrawn,
    /// An operation that was withdrawn is used again.
    Restored,
    /// The path of an operation is another.
    PathChanged,
    /// The method of an operation is another.
    MethodChanged,
    /// A body has a property that it had not.
    PropertyAdded,
    /// A body does not have a property any more.
    PropertyRemoved,
    /// The type of a property is another.
    TypeChanged,
    /// The literals of a property are others.
    LiteralChanged,
}

impl ChangeKind {
    /// The word used in output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AddressChanged => "address-changed",
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Withdrawn => "withdrawn",
            Self::Restored => "restored",
            Self::PathChanged => "path-changed",
            Self::MethodChanged => "method-changed",
            Self::PropertyAdded => "property-added",
            Self::PropertyRemoved => "property-removed",
            Self::TypeChanged => "type-changed",
            Self::LiteralChanged => "literal-changed",
        }
    }
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Change {
    /// What kind it is of.
    pub kind: ChangeKind,
    /// `METHOD /path`, as the newer side has it; empty for what concerns no operation.
    pub operation: String,
    /// The property of the body, as `every.number`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub property: Option<String>,
    /// What was there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
    /// What is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<String>,
    /// Files and lines.
    pub places: Vec<String>,
}

impl Change {
    pub(super) fn of(kind: ChangeKind, call: &Call) -> Self {
        let places = call.places.iter().take(5).cloned().collect();
        Self { kind, operation: call.key(), property: None, old: None, new: None, places }
    }

    /// An operation that the other side does not have.
    pub(super) fn added(call: &Call) -> Self {
        let note = match call.written {
            Written::Comment => "only in code that is commented out",
            _ if call.withdrawn => "only code that is commented out leads to it",
            Written::Page => "on a page of the manual",
            Written::Code => "",
        };
        Self::of(ChangeKind::Added, call).between("", note)
    }

    pub(super) fn between(self, old: impl Into<String>, new: impl Into<String>) -> Self {
        Self {
            old: Some(old.into()).filter(|old| !old.is_empty()),
            new: Some(new.into()).filter(|new| !new.is_empty()),
            ..self
        }
    }

    pub(super) fn property(self, name: &str) -> Self {
        Self { property: Some(name.to_owned()), ..self }
    }
}

/// In what two addresses differ, in words.
pub(super) fn words(differences: &[Difference]) -> String {
    differences.iter().map(|difference| difference.as_str()).collect::<Vec<_>>().join(", ")
}

fn endpoint(call: &Call) -> Endpoint {
    Endpoint::new(&call.method, "", &call.path)
}

/// What changed from one checkout to another.
pub fn compare(old: &Extraction, new: &Extraction) -> Vec<Change> {
    let mut changes = Vec::new();
    let joined = |of: &BTreeSet<String>| of.iter().cloned().collect::<Vec<_>>().join(", ");
    if old.addresses != new.addresses && !old.addresses.is_empty() {
        changes.push(Change {
            kind: ChangeKind::AddressChanged,
            operation: String::new(),
            property: None,
            old: Some(joined(&old.addresses)),
            new: Some(joined(&new.addresses)),
            places: Vec::new(),
        });
    }
    let (before, after): (Vec<&Call>, Vec<&Call>) = (old.calls.values().collect(), new.calls.values().collect());
    let known: Vec<Endpoint> = before.iter().map(|call| endpoint(call)).collect();
    let found: Vec<Endpoint> = after.iter().map(|call| endpoint(call)).collect();
    let mut left: BTreeSet<usize> = (0..before.len()).collect();
    let mut fresh: Vec<&Call> = Vec::new();
    for (is, matched) in after.iter().zip(find(&known, &found)) {
        let Some((at, was)) = matched.known().and_then(|at| Some((at, *before.get(at)?))) else {
            fresh.push(is);
            continue;
        };
        left.remove(&at);
        if let Match::Loose(_, differences) = &matched {
            let change = Change::of(ChangeKind::PathChanged, is);
            changes.push(change.between(was.path.clone(), format!("{} ({})", is.path, words(differences))));
        }
        same_operation(was, is, &mut changes);
    }
    // What one function does by another path or method is the same operation, where it does one such thing only.
    let gone: Vec<&Call> = left.iter().filter_map(|at| before.get(*at).copied()).collect();
    let mut moved: BTreeSet<String> = BTreeSet::new();
    for is in &fresh {
        let mut sources = gone.iter().filter(|was| may_be_moved(was, is));
        let was = sources.next().filter(|_| sources.next().is_none());
        let was = was.filter(|was| fresh.iter().filter(|is| may_be_moved(was, is)).count() == 1);
        let Some(was) = was else {
            changes.push(Change::added(is));
            continue;
        };
        moved.insert(was.key());
        let change = if was.method == is.method {
            Change::of(ChangeKind::PathChanged, is).between(was.path.clone(), is.path.clone())
        } else {
            Change::of(ChangeKind::MethodChanged, is).between(was.method.clone(), is.method.clone())
        };
        changes.push(change);
        same_operation(was, is, &mut changes);
    }
    let gone = gone.into_iter().filter(|was| !moved.contains(&was.key()));
    changes.extend(gone.map(|was| Change::of(ChangeKind::Removed, was)));
    changes.sort();
    changes
}

/// Whether one function may have had one request and have the other now.
fn may_be_moved(was: &Call, is: &Call) -> bool {
    let shares = was.functions.iter().any(|function| is.functions.contains(function));
    shares && (was.method == is.method || was.path == is.path)
}

fn same_operation(was: &Call, is: &Call, changes: &mut Vec<Change>) {
    let gone = |call: &Call| call.withdrawn || call.written == Written::Comment;
    match (gone(was), gone(is)) {
        (false, true) => changes.push(Change::of(ChangeKind::Withdrawn, is)),
        (true, false) => changes.push(Change::of(ChangeKind::Restored, is)),
        _ => {}
    }
    let empty = Property::default();
    let names: BTreeSet<&String> = was.body.keys().chain(is.body.keys()).collect();
    for name in names {
        let (old, new) = (was.body.get(name), is.body.get(name));
        let change = |kind| Change::of(kind, is).property(name);
        match (old, new) {
            (None, Some(new)) => changes.push(change(ChangeKind::PropertyAdded).between("", types(&new.types))),
            (Some(old), None) => changes.push(change(ChangeKind::PropertyRemoved).between(types(&old.types), "")),
            _ => {
                let (old, new) = (old.unwrap_or(&empty), new.unwrap_or(&empty));
                if old.types != new.types {
                    changes.push(change(ChangeKind::TypeChanged).between(types(&old.types), types(&new.types)));
                }
                if old.literals != new.literals {
                    let (gone, come) = (only(&old.literals, &new.literals), only(&new.literals, &old.literals));
                    changes.push(change(ChangeKind::LiteralChanged).between(gone, come));
                }
            }
        }
    }
}

/// Literals that the first set has and the second has not.
fn only(these: &BTreeSet<String>, those: &BTreeSet<String>) -> String {
    these.difference(those).cloned().collect::<Vec<_>>().join(", ")
}

pub(super) fn types(of: &BTreeSet<Type>) -> String {
    of.iter().map(|one| one.as_str()).collect::<Vec<_>>().join(" or ")
}
