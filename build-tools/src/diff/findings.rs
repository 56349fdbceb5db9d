//! Makes findings of changes: each edit of a document is one finding, with every place where it was made and all
//! operations that it reaches. Edits at different places are different findings, whatever their text.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::compare::{Change, Site};
use super::finding::{Direction, Edit, Finding, Place, RustVerdict, Verdict};
use super::side::{Side, address};
use super::surface::Surface;
use super::{renames, rules};
use crate::document::{Document, Node, Span};
use crate::hash::sha256;

/// One edit, seen from every operation and in both directions.
pub(super) struct Group<'d> {
    /// The change with the worst verdict.
    pub(super) change: Change<'d>,
    operations: BTreeSet<String>,
    directions: BTreeSet<Direction>,
    /// The pairs of schemas in which it was found.
    pairs: BTreeSet<usize>,
}

/// All findings of a comparison, in the order in which the changes were found.
pub(super) fn all(surface: &Surface<'_>, old: &Side, new: &Side) -> Vec<Finding> {
    let groups = groups(surface);
    let places = Places::of(surface, &groups, old, new);
    let renamed = renames::members(&groups, &places.normal);
    let mut reach = surface.compare.reach();
    let mut seen = HashSet::new();
    let made = groups.into_iter().enumerate().map(|(at, group)| {
        let sites: Vec<Site<'_>> = match places.is_elsewhere(&group.change, old.document(), new.document()) {
            true => group.pairs.iter().flat_map(|pair| reach.sites(*pair)).collect(),
            false => Vec::new(),
        };
        let mut finding = places.finding(group, &sites);
        let first = finding.fingerprint.clone();
        let mut number = 1;
        while !seen.insert(finding.fingerprint.clone()) {
            // The same values at the same place, found in another way: both must be seen before both are accepted.
            number += 1;
            finding.fingerprint = short(&format!("{first}\n{number}\n{}", finding.operations.join("\n")));
        }
        if let Some(renamed) = renamed.get(&at) {
            renames::tell(&mut finding, renamed.clone());
        }
        finding
    });
    made.collect()
}

/// The same edit seen from several operations, or in both directions, is one change: with the worst verdict. They come in
/// the order in which they were found, which depends only on the documents.
fn groups<'d>(surface: &Surface<'d>) -> Vec<Group<'d>> {
    let mut groups: Vec<Group<'d>> = Vec::new();
    let mut known: HashMap<_, usize> = HashMap::new();
    let travels =
        |at: &usize| surface.compare.changes.get(*at).is_some_and(|change| change.direction != Direction::None);
    // What travels first: where the same edit also meets types that do not travel, that adds nothing.
    let (travel, rest): (Vec<_>, Vec<_>) = surface.reach.iter().partition(|(at, _)| travels(at));
    for (at, operations) in travel.into_iter().chain(rest) {
        let Some(change) = surface.compare.changes.get(*at) else { continue };
        let key = (
            change.rule,
            change.old.map(address),
            change.new.map(address),
            change.before.clone(),
            change.after.clone(),
        );
        let at = *known.entry(key).or_insert(groups.len());
        if at == groups.len() {
            let (operations, directions, pairs) = Default::default();
            groups.push(Group { change: change.clone(), operations, directions, pairs });
        }
        let Some(group) = groups.get_mut(at) else { continue };
        if change.direction == Direction::None && group.change.direction != Direction::None {
            continue;
        }
        group.operations.extend(operations.iter().cloned());
        group.directions.insert(change.direction);
        group.pairs.extend(change.pair);
        if change.verdict > group.change.verdict {
            group.change = change.clone();
        }
    }
    for group in &mut groups {
        let levels: Option<BTreeSet<&str>> =
            group.operations.iter().map(|operation| surface.free.get(operation).copied()).collect();
        if let Some(levels) = levels.filter(|levels| !levels.is_empty())
            && group.change.verdict > Verdict::Compatible
            && !rules::SAFETY.contains(&group.change.rule)
        {
            // Nobody was promised that these operations stay as they are.
            let levels = levels.into_iter().collect::<Vec<_>>().join(", ");
            group.change.verdict = Verdict::Compatible;
            group.change.reason.push_str(&format!("; its stability level ({levels}) says that it may change"));
        }
        // Of operations that 3.0 has no words for nothing is generated.
        if !group.operations.is_empty() && group.operations.is_subset(&surface.aside) {
            group.change.rust = RustVerdict::None;
        }
    }
    groups
}

/// Where the nodes of the changes are: in the normal form, and in the source where that is another.
struct Places<'a> {
    sides: (&'a Side, &'a Side),
    normal: (HashMap<usize, String>, HashMap<usize, String>),
    own: (HashMap<Span, String>, HashMap<Span, String>),
}

impl<'a> Places<'a> {
    fn of(surface: &Surface<'_>, groups: &[Group<'_>], old: &'a Side, new: &'a Side) -> Self {
        let mut wanted: (HashMap<usize, ()>, HashMap<usize, ()>) = Default::default();
        let mut spans: (HashSet<Span>, HashSet<Span>) = Default::default();
        let sites = surface.compare.sites().map(|(was, is)| (Some(was), Some(is)));
        for (was, is) in groups.iter().map(|group| (group.change.old, group.change.new)).chain(sites) {
            wanted.0.extend(was.map(|node| (address(node), ())));
            wanted.1.extend(is.map(|node| (address(node), ())));
            spans.0.extend(was.map(|node| node.span));
            spans.1.extend(is.map(|node| node.span));
        }
        Self {
            sides: (old, new),
            normal: (old.pointers(&wanted.0), new.pointers(&wanted.1)),
            own: (old.source_pointers(&spans.0), new.source_pointers(&spans.1)),
        }
    }

    /// Whether the schemas that differ are not those that were edited: one place refers to another component now.
    fn is_elsewhere(&self, change: &Change<'_>, old: &Document, new: &Document) -> bool {
        let pointer = |node: Option<&Node>, known: &HashMap<usize, String>| Some(known.get(&address(node?))?.clone());
        let was = pointer(change.old, &self.normal.0);
        let (Some(was), Some(is)) = (was, pointer(change.new, &self.normal.1)) else { return false };
        match (component(&was), component(&is)) {
            (Some(was), Some(is)) => {
                let has = |document: &Document, wanted: &str| document.schemas().any(|(name, _)| name == wanted);
                was != is && (has(new, &was) || has(old, &is))
            }
            (None, None) => false,
            _ => true,
        }
    }

    fn finding(&self, group: Group<'_>, sites: &[Site<'_>]) -> Finding {
        let Group { change, operations, directions, .. } = group;
        let both = directions.contains(&Direction::Request) && directions.contains(&Direction::Response);
        let direction = if both { Direction::Both } else { change.direction };
        let mut edits: Vec<Edit> = sites.iter().map(|(was, is)| self.edit(Some(was), Some(is))).collect();
        edits.sort();
        edits.dedup();
        let (mut reason, mut within) = (change.reason, String::new());
        if edits.is_empty() {
            edits.push(self.edit(change.old, change.new));
        } else {
            let there = self.edit(change.old, change.new);
            let pointer = |place: &Option<Place>| place.as_ref().map_or("", |place| place.pointer.as_str()).to_owned();
            within = format!("{} -> {}", pointer(&there.old), pointer(&there.new));
            // What is said around the reference needs no other place.
            if !edits.iter().any(|edit| edit.new == there.new || edit.old == there.old) {
                reason.push_str(&format!("; the reference there was changed, and what differs is {within}"));
            }
        }
        let first = edits.remove(0);
        let component = [&first.new, &first.old].into_iter().flatten().find_map(|place| component(&place.normal));
        // Values are part of it, so that another change at the same place is another finding.
        let (before, after) = (change.before.as_deref().unwrap_or(""), change.after.as_deref().unwrap_or(""));
        let mut print = format!("{}\n{}\n{before}\n{after}", change.rule, normal(&first));
        edits.iter().for_each(|edit| print.push_str(&format!("\n{}", normal(edit))));
        if !within.is_empty() {
            print.push_str(&format!("\n{within}"));
        }
        // An edit that was accepted in one direction was not seen in the other.
        if matches!(direction, Direction::Both | Direction::Response) {
            print.push_str(&format!("\n{direction:?}"));
        }
        Finding {
            rule: change.rule,
            consumer_verdict: change.verdict,
            rust_verdict: change.rust,
            direction,
            operations: operations.into_iter().collect(),
            component,
            old: first.old,
            new: first.new,
            also: edits,
            before: change.before,
            after: change.after,
            reason,
            witness: change.witness,
            renamed: None,
            fingerprint: short(&print),
        }
    }

    fn edit(&self, was: Option<&Node>, is: Option<&Node>) -> Edit {
        let place = |side: &Side, node: Option<&Node>, normal: &HashMap<usize, String>, own: &HashMap<Span, String>| {
            let node = node?;
            let pointer = normal.get(&address(node)).map_or("", String::as_str);
            let mut place = side.place(Some(node), pointer);
            if let Some(own) = own.get(&node.span) {
                place.pointer.clone_from(own);
            }
            Some(place)
        };
        Edit {
            old: place(self.sides.0, was, &self.normal.0, &self.own.0),
            new: place(self.sides.1, is, &self.normal.1, &self.own.1),
        }
    }
}

/// The place by which an edit is known. It is that of the normal form, so that it survives another spelling of the
/// document: the new one, and the old one where that is elsewhere.
fn normal(edit: &Edit) -> String {
    let pointer = |place: &Option<Place>| place.as_ref().map_or("", |place| place.normal.as_str()).to_owned();
    let within = |one: &str, other: &str| one.strip_prefix(other).is_some_and(|rest| rest.starts_with('/'));
    match (pointer(&edit.old), pointer(&edit.new)) {
        (old, new) if new.is_empty() || old == new => old,
        (old, new) if old.is_empty() || within(&new, &old) || within(&old, &new) => new,
        (old, new) => format!("{new}\n{old}"),
    }
}

/// The component schema that a pointer leads into.
fn component(pointer: &str) -> Option<String> {
    let name = pointer.strip_prefix("/components/schemas/")?.split('/').next()?;
    Some(name.replace("~1", "/").replace("~0", "~"))
}

fn short(text: &str) -> String {
    let print = sha256(text.as_bytes());
    print.get(..16).unwrap_or(&print).to_owned()
}
