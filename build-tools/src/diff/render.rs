//! A report as people read it: on a terminal, or as the body of a pull request.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::rules::SAFETY;
use super::{Finding, Report, Verdict};
use crate::safe_text::line;
use crate::safe_text::markdown::{cell, code, prose, prose_cell};

/// How many operations of one finding are named before they are only counted.
const NAMED: usize = 5;

const HEADS: [(Verdict, &str); 4] = [
    (Verdict::Breaking, "breaks"),
    (Verdict::Warning, "may break"),
    (Verdict::Compatible, "compatible"),
    (Verdict::Documentation, "words only"),
];

/// Whom it concerns: operations, or the component with how many it reaches.
pub(super) fn subject(finding: &Finding, show: impl Fn(&str) -> String) -> String {
    let operations = &finding.operations;
    let most = if SAFETY.contains(&finding.rule) { usize::MAX } else { NAMED };
    let shown = operations.iter().take(most).map(|operation| show(operation)).collect::<Vec<_>>().join(", ");
    let more = if operations.len() > most { format!(" and {} more", operations.len() - most) } else { String::new() };
    match &finding.component {
        Some(component) if operations.is_empty() => show(component),
        Some(component) => format!("{} (in {shown}{more})", show(component)),
        None if operations.is_empty() => "the document".to_owned(),
        None => format!("{shown}{more}"),
    }
}

/// `before -> after`, each no longer than a line can hold.
pub(super) fn change(finding: &Finding, show: impl Fn(&str) -> String) -> String {
    let short = |text: &Option<String>| {
        let text = text.as_deref()?;
        let cut: String = text.replace('\n', " ").chars().take(80).collect();
        Some(show(&if cut.len() < text.len() { format!("{cut}…") } else { cut }))
    };
    match (short(&finding.before), short(&finding.after)) {
        (Some(before), Some(after)) => format!("{before} -> {after}"),
        (Some(before), None) => format!("- {before}"),
        (None, Some(after)) => format!("+ {after}"),
        (None, None) => String::new(),
    }
}

/// As it stands within a line of a terminal.
pub(super) fn on_line(text: &str) -> String {
    line(text).into_owned()
}

/// Findings of the same words, at different places: each is a finding of its own, and the words are shown once.
fn alike<'a>(findings: impl Iterator<Item = &'a Finding>) -> Vec<Vec<&'a Finding>> {
    let mut found: Vec<Vec<&Finding>> = Vec::new();
    let mut known: BTreeMap<_, usize> = BTreeMap::new();
    for finding in findings {
        let values = (&finding.before, &finding.after, &finding.witness);
        let key = (finding.rule, finding.direction, values, &finding.reason, finding.rust_verdict);
        let at = *known.entry(key).or_insert(found.len());
        match found.get_mut(at) {
            Some(same) => same.push(finding),
            None => found.push(vec![finding]),
        }
    }
    found
}

fn at(finding: &Finding) -> String {
    let one = |old: &Option<super::Place>, new: &Option<super::Place>| {
        [place("old", old), place("new", new)].into_iter().flatten().collect::<Vec<_>>().join("; ")
    };
    std::iter::once(one(&finding.old, &finding.new))
        .chain(finding.also.iter().map(|edit| one(&edit.old, &edit.new)))
        .collect::<Vec<_>>()
        .join("\n    ")
}

fn place(name: &str, place: &Option<super::Place>) -> Option<String> {
    let place = place.as_ref()?;
    let line = if place.line > 0 { format!(" line {}, column {}", place.line, place.column) } else { String::new() };
    Some(format!("{name}{line} {}", crate::safe_text::line(&place.pointer)))
}

pub(super) fn words<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn summary(report: &Report) -> String {
    let count = |verdict| report.findings.iter().filter(|finding| finding.consumer_verdict == verdict).count();
    let parts: Vec<String> = HEADS
        .iter()
        .map(|(verdict, _)| (count(*verdict), words(verdict)))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    if parts.is_empty() { "nothing changed".to_owned() } else { parts.join(", ") }
}

/// For a terminal, without colours.
pub fn text(report: &Report) -> String {
    let mut out = format!(
        "verdict       {} for consumers, {} for Rust code: {}\n",
        words(&report.consumer_verdict),
        words(&report.rust_verdict),
        summary(report)
    );
    if report.bump != super::RustVerdict::None {
        let _ = writeln!(out, "version       raise the {} part", words(&report.bump));
    }
    if let Some(listing) = report.rust_verdict_by_listing {
        let (listing, derived) = (words(&listing), words(&report.rust_verdict_by_changes.unwrap_or_default()));
        let odds = if listing == derived { String::new() } else { format!("; by the changes it would be {derived}") };
        let _ = writeln!(out, "Rust listing  {listing}{odds}");
    }
    for warning in &report.warnings {
        let _ = writeln!(out, "warning       {}", line(warning));
    }
    for accepted in &report.accepted {
        let reason = line(&accepted.reason);
        let _ = writeln!(out, "accepted      {} {}: {reason}", accepted.fingerprint, accepted.rule);
    }
    for (verdict, head) in HEADS {
        for same in alike(report.findings.iter().filter(|finding| finding.consumer_verdict == verdict)) {
            let Some((finding, further)) = same.split_first() else { continue };
            let _ = writeln!(out, "\n{head}: {}  [{}]", subject(finding, on_line), finding.rule);
            let change = change(finding, on_line);
            if !change.is_empty() {
                let _ = writeln!(out, "    {change}");
            }
            let direction = words(&finding.direction);
            let direction = if direction == "none" { String::new() } else { format!(" ({direction})") };
            let (reason, rust) = (line(&finding.reason), words(&finding.rust_verdict));
            let _ = writeln!(out, "    {reason}{direction}; Rust: {rust}");
            if let Some(witness) = &finding.witness {
                let _ = writeln!(out, "    for example {}", line(witness));
            }
            let _ = writeln!(out, "    {}  {}", at(finding), finding.fingerprint);
            for other in further {
                let _ = writeln!(out, "  also {}", subject(other, on_line));
                let _ = writeln!(out, "    {}  {}", at(other), other.fingerprint);
            }
        }
    }
    out
}

/// For a pull request.
pub fn markdown(report: &Report) -> String {
    let mut out = format!(
        "**{}** for consumers, **{}** for Rust code: {}.\n",
        words(&report.consumer_verdict),
        words(&report.rust_verdict),
        summary(report)
    );
    if report.bump != super::RustVerdict::None {
        let _ = writeln!(out, "\nRaise the **{}** part of the version.", words(&report.bump));
    }
    for warning in &report.warnings {
        let _ = writeln!(out, "\n> {}", prose(warning));
    }
    for accepted in &report.accepted {
        let (fingerprint, reason) = (code(&accepted.fingerprint), prose(&accepted.reason));
        let _ = writeln!(out, "\n> accepted {fingerprint} ({}): {reason}", accepted.rule);
    }
    for (verdict, _) in HEADS {
        let findings: Vec<&Finding> =
            report.findings.iter().filter(|finding| finding.consumer_verdict == verdict).collect();
        if findings.is_empty() {
            continue;
        }
        let _ = writeln!(
            out,
            "\n## {} ({})\n\n| where | what | why | Rust |\n|---|---|---|---|",
            words(&verdict),
            findings.len()
        );
        for same in alike(findings.into_iter()) {
            let Some((finding, further)) = same.split_first() else { continue };
            let further = further.iter().map(|other| format!("; {}", subject(other, cell))).collect::<String>();
            let witness =
                finding.witness.as_ref().map(|witness| format!(", for example {}", cell(witness))).unwrap_or_default();
            // An ignore accepts all of these places, so a reader sees all of them.
            let places: Vec<String> = finding
                .also
                .iter()
                .filter_map(|edit| Some(cell(&edit.new.as_ref().or(edit.old.as_ref())?.pointer)))
                .collect();
            let also = if places.is_empty() { String::new() } else { format!("; also at {}", places.join(", ")) };
            let _ = writeln!(
                out,
                "| {}{further} | `{}` {} | {}{}{also} | {} |",
                subject(finding, cell),
                finding.rule,
                change(finding, cell),
                prose_cell(&finding.reason),
                witness,
                words(&finding.rust_verdict),
            );
        }
    }
    out
}

/// The worst findings, one line each, for the report of a sync.
pub fn short(report: &Report, most: usize) -> Vec<String> {
    let worth = |finding: &&Finding| finding.consumer_verdict > Verdict::Documentation;
    let telling: Vec<&Finding> = report.findings.iter().filter(worth).collect();
    // What kept people safe is named, however much there is of it.
    let most = most.max(telling.iter().filter(|finding| SAFETY.contains(&finding.rule)).count());
    let (mut lines, mut shown) = (Vec::new(), 0);
    for same in alike(telling.iter().copied()).into_iter().take(most) {
        let Some((finding, further)) = same.split_first() else { continue };
        let change = change(finding, on_line);
        let change = if change.is_empty() { String::new() } else { format!(": {change}") };
        // What kept people safe is named, however much there is of it.
        let named = SAFETY.contains(&finding.rule);
        let also: String = match further {
            [] => String::new(),
            all if named => all.iter().map(|other| format!(", {}", subject(other, on_line))).collect(),
            more => format!(" and {} more alike", more.len()),
        };
        let (verdict, rule) = (words(&finding.consumer_verdict), finding.rule);
        lines.push(format!("{verdict} {rule} {}{also}{change}", subject(finding, on_line)));
        shown += same.len();
    }
    if telling.len() > shown {
        lines.push(format!("and {} more", telling.len() - shown));
    }
    lines
}

/// The counts in one line.
pub fn counts(report: &Report) -> String {
    summary(report)
}

/// A draft in the form of Keep a Changelog; words about words are left out.
pub fn changelog(report: &Report) -> String {
    let section = |finding: &Finding| match finding.rule {
        rule if rule.starts_with("security-") => "Security",
        rule if rule.ends_with("-added") || rule == "null-allowed" => "Added",
        rule if rule.ends_with("-removed") || rule == "operation-retired" => "Removed",
        rule if rule.ends_with("deprecated") => "Deprecated",
        _ => "Changed",
    };
    let mut out = "## [Unreleased]\n".to_owned();
    for name in ["Added", "Changed", "Deprecated", "Removed", "Security"] {
        let told = |finding: &&Finding| {
            section(finding) == name && (finding.consumer_verdict > Verdict::Documentation || name == "Deprecated")
        };
        let findings: Vec<&Finding> = report.findings.iter().filter(told).collect();
        if findings.is_empty() {
            continue;
        }
        let _ = writeln!(out, "\n### {name}\n");
        for finding in findings {
            let breaking = if finding.consumer_verdict == Verdict::Breaking { "**Breaking:** " } else { "" };
            let change = change(finding, str::to_owned);
            let change = if change.is_empty() { String::new() } else { format!(", {}", code(&change)) };
            let _ = writeln!(out, "- {breaking}`{}` in {}{change}.", finding.rule, subject(finding, code));
        }
    }
    out
}
