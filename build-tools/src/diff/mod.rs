//! Compares two API documents: what changed between them, whom it breaks and why.
//!
//! One law gives the verdicts (`finding`): a change is judged by what it does to the set of values that may travel, in
//! the direction in which they travel. Documents are compared in their normal form, so spelling makes no finding; each
//! pair of schemas is compared once per direction, whatever refers to it.

mod budget;
mod compare;
mod contract;
mod decimal;
mod finding;
mod findings;
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
mod sunset;
mod surface;
mod values;

use serde::Serialize;

pub use finding::{Direction, Edit, Finding, Place, RustVerdict, Verdict};
pub use github::github;
pub use html::html;
pub use policy::{Accepted, Policy};
pub use renames::Renamed;
pub use render::{changelog, counts, markdown, short, text};
pub use rules::{RULES, Rule};
pub use side::Side;
pub use sunset::Grace;

use crate::document::Refusal;
use budget::Budget;
use surface::Surface;

/// What a comparison says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The worst of all findings, for consumers.
    pub consumer_verdict: Verdict,
    /// For code written against the generated client: what the listings of the generated public APIs say, or the worst of
    /// all findings where no listings were made.
    pub rust_verdict: RustVerdict,
    /// What the listings of the generated public APIs say, where they were made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rust_verdict_by_listing: Option<RustVerdict>,
    /// The worst of all findings, where listings were made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rust_verdict_by_changes: Option<RustVerdict>,
    /// The part of the version to raise: what both verdicts demand.
    pub bump: RustVerdict,
    /// All changes, the worst first.
    pub findings: Vec<Finding>,
    /// Defects of either document, which was compared anyway.
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
    diff_within(old, new, (today, Grace::default()), budget::LEAST)
}

/// Compares two documents; an end that is announced must leave clients as many days as `grace` says.
pub fn diff_with_grace(old: &Side, new: &Side, today: &str, grace: Grace) -> Report {
    diff_within(old, new, (today, grace), budget::LEAST)
}

fn diff_within(old: &Side, new: &Side, (today, grace): (&str, Grace), least: usize) -> Report {
    let budget = Budget::of([old.document(), new.document()], least);
    let mut surface = Surface::new(old.document(), new.document(), today, grace);
    surface.run();
    renames::schemas(&mut surface, old.document(), new.document());
    let mut findings = findings::all(&surface, old, new);
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
        rust_verdict_by_changes: None,
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
        self.rust_verdict_by_changes = Some(self.rust_verdict);
        self.rust_verdict = listing;
        self.bump = listing.max(demanded(self.consumer_verdict));
    }

    /// The verdicts of the findings that are left, the worst first.
    fn judge(&mut self) {
        let weight = |finding: &Finding| (finding.consumer_verdict, rules::SAFETY.contains(&finding.rule));
        self.findings.sort_by_key(|finding| std::cmp::Reverse(weight(finding)));
        self.consumer_verdict = self.findings.iter().map(|finding| finding.consumer_verdict).max().unwrap_or_default();
        let changes = self.findings.iter().map(|finding| finding.rust_verdict).max().unwrap_or_default();
        self.rust_verdict = self.rust_verdict_by_listing.unwrap_or(changes);
        self.rust_verdict_by_changes = self.rust_verdict_by_listing.map(|_| changes);
        self.bump = self.rust_verdict.max(demanded(self.consumer_verdict));
    }
}
