//! Two API documents to what changed between them, whom it breaks and why.
//!
//! One law gives the verdicts (`finding`): a change is judged by what it does to the set of values that may travel, in
//! the direction in which they travel. Documents are compared in their normal form, so spelling makes no finding; each
//! pair of schemas is compared once per direction, whatever refers to it.

mod budget;
mod compare;
mod contract;
mod decimal;
mod finding;
mod github;
mod held;
mod html;
mod likeness;
mod moves;
mod patterns;
mod policy;
mod renames;
mod render;
mod rights;
mod rules;
mod same;
mod shape;
mod side;
mod spelling;
mod surface;
mod values;

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;

pub use finding::{Direction, Finding, Place, RustVerdict, Verdict};
pub use github::github;
pub use html::html;
pub use policy::{Accepted, Policy};
pub use renames::Renamed;
pub use render::{changelog, counts, markdown, short, text};
pub use rules::{RULES, Rule};
pub use side::Side;

use crate::document::{Node, Refusal, Span};
use crate::hash::sha256;
use budget::Budget;
use compare::Change;
use side::address;
use surface::Surface;

/// What a comparison says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The worst of all findings, for consumers.
    pub consumer_verdict: Verdict,
    /// The worst of all findings, for code written against the generated client.
    pub rust_verdict: RustVerdict,
    /// What the listings of the generated public APIs say, where they were made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rust_verdict_by_listing: Option<RustVerdict>,
    /// The part of the version to raise: what both verdicts demand.
    pub bump: RustVerdict,
    /// All changes, the worst first.
    pub findings: Vec<Finding>,
    /// Defects of either document, which was compared all the same.
    pub warnings: Vec<String>,
    /// Findings that `.swpanel-drift.toml` accepts; they count for no verdict.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<Accepted>,
    /// Why the comparison was given up, where it was ([`Refusal::OverBudget`]): then the findings are not all, the
    /// verdicts are the worst, and a caller must not go on as if the documents had been compared.
    #[serde(skip)]
    pub given_up: Option<Refusal>,
}

/// Compares two documents; `today` (`YYYY-MM-DD`) tells which announced ends have passed.
pub fn diff(old: &Side, new: &Side, today: &str) -> Report {
    diff_within(old, new, today, budget::LEAST)
}

fn diff_within(old: &Side, new: &Side, today: &str, least: usize) -> Report {
    let budget = Budget::of([old.document(), new.document()], least);
    let mut surface = Surface::new(old.document(), new.document(), today);
    surface.run();
    renames::schemas(&mut surface, old.document(), new.document());
    let groups = groups(&surface);
    let mut wanted: (HashMap<usize, ()>, HashMap<usize, ()>) = Default::default();
    for (change, ..) in &groups {
        wanted.0.extend(change.old.map(|node| (address(node), ())));
        wanted.1.extend(change.new.map(|node| (address(node), ())));
    }
    let pointers = (old.pointers(&wanted.0), new.pointers(&wanted.1));
    let nodes = |pick: fn(&Change<'_>) -> Option<Span>| groups.iter().filter_map(|(change, ..)| pick(change)).collect();
    let own = (
        old.source_pointers(&nodes(|change| change.old.map(|node| node.span))),
        new.source_pointers(&nodes(|change| change.new.map(|node| node.span))),
    );
    let place = |side: &Side, node: Option<&Node>, pointers: &HashMap<usize, String>| {
        let node = node?;
        Some(side.place(Some(node), pointers.get(&address(node)).map_or("", String::as_str)))
    };
    let renamed = renames::members(&groups, &pointers);
    let mut findings: Vec<Finding> = groups
        .into_iter()
        .enumerate()
        .map(|(at, (change, operations, directions))| {
            let (before, after) = (place(old, change.old, &pointers.0), place(new, change.new, &pointers.1));
            let spans = (change.old.map(|node| node.span), change.new.map(|node| node.span));
            let mut finding = finding(change, operations, &directions, before, after);
            // The fingerprint is that of the normal form, so that it survives another spelling of the document.
            for (place, span, own) in [(&mut finding.old, spans.0, &own.0), (&mut finding.new, spans.1, &own.1)] {
                if let (Some(place), Some(pointer)) = (place, span.and_then(|span| own.get(&span))) {
                    place.pointer.clone_from(pointer);
                }
            }
            if let Some(renamed) = renamed.get(&at) {
                renames::tell(&mut finding, renamed.clone());
            }
            finding
        })
        .collect();
    findings.sort_by(|a, b| {
        let key = |finding: &Finding| {
            let safety = rules::SAFETY.contains(&finding.rule);
            (std::cmp::Reverse((finding.consumer_verdict, safety)), finding.rule)
        };
        (key(a), &a.operations, &a.new, &a.old, &a.before, &a.after).cmp(&(
            key(b),
            &b.operations,
            &b.new,
            &b.old,
            &b.before,
            &b.after,
        ))
    });
    let consumer = findings.iter().map(|finding| finding.consumer_verdict).max().unwrap_or_default();
    let rust = findings.iter().map(|finding| finding.rust_verdict).max().unwrap_or_default();
    let said = |which: &str, side: &Side| {
        side.warnings().into_iter().map(move |line| format!("{which} document: {line}")).collect::<Vec<_>>()
    };
    let warnings = [said("old", old), said("new", new)].concat();
    let given_up = budget.is_exceeded().then(|| {
        let what = "schemas to look at, combined by `allOf`, `anyOf` and `oneOf`,";
        Refusal::OverBudget { what, limit: budget.limit, at: String::new() }
    });
    let (consumer, rust) = if given_up.is_some() { (Verdict::Breaking, RustVerdict::Major) } else { (consumer, rust) };
    Report {
        consumer_verdict: consumer,
        rust_verdict: rust,
        rust_verdict_by_listing: None,
        bump: rust.max(demanded(consumer)),
        findings,
        warnings,
        accepted: Vec::new(),
        given_up,
    }
}

/// What the consumers' verdict asks of the version.
fn demanded(consumer: Verdict) -> RustVerdict {
    match consumer {
        Verdict::Breaking => RustVerdict::Major,
        Verdict::Warning => RustVerdict::Minor,
        Verdict::Compatible | Verdict::Documentation => RustVerdict::Patch,
        Verdict::None => RustVerdict::None,
    }
}

impl Report {
    /// Takes the listings of the generated public APIs for the ground of the Rust verdict.
    pub fn ground(&mut self, listing: RustVerdict) {
        self.rust_verdict_by_listing = Some(listing);
        self.bump = listing.max(demanded(self.consumer_verdict));
    }

    /// The verdicts of the findings that are left, the worst first.
    fn judge(&mut self) {
        let weight = |finding: &Finding| (finding.consumer_verdict, rules::SAFETY.contains(&finding.rule));
        self.findings.sort_by_key(|finding| std::cmp::Reverse(weight(finding)));
        self.consumer_verdict = self.findings.iter().map(|finding| finding.consumer_verdict).max().unwrap_or_default();
        self.rust_verdict = self.findings.iter().map(|finding| finding.rust_verdict).max().unwrap_or_default();
        let rust = self.rust_verdict_by_listing.unwrap_or(self.rust_verdict);
        self.bump = rust.max(demanded(self.consumer_verdict));
    }
}

type Group<'d> = (Change<'d>, BTreeSet<String>, BTreeSet<Direction>);

/// The same edit seen from several operations, or in both directions, is one change: with the worst verdict. They come in
/// the order in which they were found, which hangs on the documents alone.
fn groups<'d>(surface: &Surface<'d>) -> Vec<Group<'d>> {
    let mut groups: Vec<Group<'d>> = Vec::new();
    let mut known: HashMap<_, usize> = HashMap::new();
    let whole = |at: &usize| surface.compare.changes.get(*at).is_some_and(|change| change.direction != Direction::None);
    // What travels first: where the same edit also meets types that do not travel, that adds nothing.
    let (travel, rest): (Vec<_>, Vec<_>) = surface.reach.iter().partition(|(at, _)| whole(at));
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
            groups.push((change.clone(), BTreeSet::new(), BTreeSet::new()));
        }
        let Some(group) = groups.get_mut(at) else { continue };
        if change.direction == Direction::None && group.0.direction != Direction::None {
            continue;
        }
        group.1.extend(operations.iter().cloned());
        group.2.insert(change.direction);
        if change.verdict > group.0.verdict {
            group.0 = change.clone();
        }
    }
    for group in &mut groups {
        // Of operations that 3.0 has no words for nothing is generated.
        if !group.1.is_empty() && group.1.is_subset(&surface.aside) {
            group.0.rust = RustVerdict::None;
        }
    }
    alike(groups)
}

/// The same edit made by hand in many places is told once, at the first of them, with all its operations.
fn alike<'d>(groups: Vec<Group<'d>>) -> Vec<Group<'d>> {
    let mut kept: Vec<Group<'d>> = Vec::new();
    let mut known: HashMap<_, usize> = HashMap::new();
    let mut texts: HashMap<usize, String> = HashMap::new();
    for group in groups {
        let change = &group.0;
        // Each operation that comes or goes is one of its own.
        if change.rule.starts_with("operation-") {
            kept.push(group);
            continue;
        }
        let mut text = |node: Option<&'d Node>| {
            // Of one list of values each that came is a change of its own, all at the same node.
            let node = node?;
            let known = texts.entry(address(node)).or_insert_with(|| sha256(node.to_canonical().as_bytes()));
            Some(known.clone())
        };
        let values = (change.before.clone(), change.after.clone());
        let key = (change.rule, change.verdict, group.2.clone(), values, text(change.old), text(change.new));
        match known.get(&key).and_then(|at| kept.get_mut(*at)) {
            Some(first) => first.1.extend(group.1),
            None => {
                known.insert(key, kept.len());
                kept.push(group);
            }
        }
    }
    kept
}

fn finding(
    change: Change<'_>,
    operations: BTreeSet<String>,
    directions: &BTreeSet<Direction>,
    old: Option<Place>,
    new: Option<Place>,
) -> Finding {
    let both = directions.contains(&Direction::Request) && directions.contains(&Direction::Response);
    let pointer = |place: &Option<Place>| place.as_ref().map_or("", |place| place.pointer.as_str()).to_owned();
    let component = [pointer(&new), pointer(&old)].iter().find_map(|pointer| {
        let name = pointer.strip_prefix("/components/schemas/")?.split('/').next()?;
        Some(name.replace("~1", "/").replace("~0", "~"))
    });
    // Values are part of it, so that another change at the same place is another finding.
    let (before, after) = (change.before.as_deref().unwrap_or(""), change.after.as_deref().unwrap_or(""));
    let place = if pointer(&new).is_empty() { pointer(&old) } else { pointer(&new) };
    let print = sha256(format!("{}\n{place}\n{before}\n{after}", change.rule).as_bytes());
    Finding {
        rule: change.rule,
        consumer_verdict: change.verdict,
        rust_verdict: change.rust,
        direction: if both { Direction::Both } else { change.direction },
        operations: operations.into_iter().collect(),
        component,
        old,
        new,
        before: change.before,
        after: change.after,
        reason: change.reason,
        witness: change.witness,
        renamed: None,
        fingerprint: print.get(..16).unwrap_or(&print).to_owned(),
    }
}
