//! `.swpanel-drift.toml` to what a team wants told otherwise: other verdicts, findings that were looked at and accepted,
//! paths left out, prefixes taken off. What is accepted stays in the report, with its reason; an acceptance that meets
//! nothing any more is itself a finding, so the file cannot rot unseen.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::finding::{Direction, Finding, RustVerdict, Verdict};
use super::sunset::Grace;
use super::{RULES, Report, Side};

/// The rule of an acceptance that meets nothing.
pub(super) const UNMATCHED: &str = "ignore-unmatched";

/// What a team wants told otherwise than the law says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Rule id to the consumer verdict that all its findings get.
    #[serde(default)]
    severity: BTreeMap<String, Verdict>,
    /// Findings that were looked at.
    #[serde(default)]
    ignore: Vec<Ignore>,
    #[serde(default)]
    exclude: Exclude,
    #[serde(default)]
    strip: Strip,
    /// How many days must be between the announcement of an end and the end.
    #[serde(default)]
    grace_days: Grace,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ignore {
    fingerprint: String,
    reason: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exclude {
    /// Paths of operations; `*` stands for any text.
    #[serde(default)]
    paths: Vec<String>,
    /// Rule ids, or `texts`, `extensions`, `tags`, `ids`.
    #[serde(default)]
    elements: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Strip {
    /// Taken off the paths of the old document.
    #[serde(default)]
    old: String,
    /// Taken off the paths of the new document.
    #[serde(default)]
    new: String,
}

/// A finding that was looked at and accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Accepted {
    /// Its fingerprint.
    pub fingerprint: String,
    /// Its rule.
    pub rule: &'static str,
    /// Why it was accepted, as the file says.
    pub reason: String,
}

/// Whether a rule belongs to an element that can be excluded by one word.
fn is_of(element: &str, rule: &str) -> bool {
    match element {
        "texts" => rule.ends_with("-text-changed") || ["info-changed", "tag-description-changed"].contains(&rule),
        "extensions" => rule == "extension-changed",
        "tags" => ["tags-changed", "tag-description-changed"].contains(&rule),
        "ids" => rule.starts_with("operation-id"),
        own => own == rule,
    }
}

fn is_rule(id: &str) -> bool {
    RULES.iter().any(|rule| rule.id == id)
}

/// Whether a path is one that a pattern with `*` means.
fn matches(pattern: &str, path: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == path };
    let Some(path) = path.strip_prefix(head) else { return false };
    if rest.is_empty() {
        return true;
    }
    let starts = path.char_indices().map(|(at, _)| at).chain([path.len()]);
    starts.into_iter().any(|at| path.get(at..).is_some_and(|tail| matches(rest, tail)))
}

impl Policy {
    /// Reads the file's text.
    ///
    /// # Errors
    /// In a sentence: not TOML, an unknown member, an unknown rule, or an acceptance without a reason.
    pub fn read(text: &str) -> Result<Self, String> {
        let policy: Self = toml::from_str(text).map_err(|error| error.to_string().trim().replace('\n', " "))?;
        let known = |word: &String| is_rule(word) || ["texts", "extensions", "tags", "ids"].contains(&word.as_str());
        if let Some(rule) = policy.severity.keys().find(|rule| !is_rule(rule)) {
            return Err(format!("`severity` names the rule `{rule}`, which does not exist"));
        }
        if let Some(element) = policy.exclude.elements.iter().find(|element| !known(element)) {
            return Err(format!("`exclude.elements` names `{element}`, which is neither a rule nor an element"));
        }
        match policy.ignore.iter().find(|ignore| ignore.reason.trim().is_empty()) {
            Some(ignore) => Err(format!("the ignore of `{}` has no reason", ignore.fingerprint)),
            None => Ok(policy),
        }
    }

    /// Takes the prefixes off the paths; before the documents are compared.
    pub fn strip(&self, old: &mut Side, new: &mut Side) {
        old.strip_prefix(&self.strip.old);
        new.strip_prefix(&self.strip.new);
    }

    /// How many days must be between the announcement of an end and the end.
    pub fn grace(&self) -> Grace {
        self.grace_days
    }

    /// Applies what is asked to a report, and judges anew.
    pub fn apply(&self, report: &mut Report) {
        for finding in &mut report.findings {
            let told = |operation: &String| {
                let path = operation.split_once(' ').map_or("", |(_, path)| path);
                // A callback belongs to its operation.
                let path = path.split_once(" (").map_or(path, |(path, _)| path);
                !self.exclude.paths.iter().any(|pattern| matches(pattern, path))
            };
            let reached = !finding.operations.is_empty();
            finding.operations.retain(told);
            // One that reaches only what is left out has nothing to say.
            if reached && finding.operations.is_empty() {
                finding.consumer_verdict = Verdict::None;
            }
            if self.exclude.elements.iter().any(|element| is_of(element, finding.rule)) {
                finding.consumer_verdict = Verdict::None;
            }
            if finding.consumer_verdict > Verdict::None
                && let Some(verdict) = self.severity.get(finding.rule)
                && finding.consumer_verdict != *verdict
            {
                finding.consumer_verdict = *verdict;
                finding.reason.push_str(" (its verdict is set by .swpanel-drift.toml)");
            }
        }
        report.findings.retain(|finding| finding.consumer_verdict > Verdict::None);
        for ignore in &self.ignore {
            let before = report.findings.len();
            let accepted = report.findings.iter().filter(|finding| finding.fingerprint == ignore.fingerprint);
            let accepted = accepted.map(|finding| Accepted {
                fingerprint: ignore.fingerprint.clone(),
                rule: finding.rule,
                reason: ignore.reason.clone(),
            });
            report.accepted.extend(accepted.collect::<Vec<_>>());
            report.findings.retain(|finding| finding.fingerprint != ignore.fingerprint);
            if report.findings.len() == before {
                report.findings.push(unmatched(ignore));
            }
        }
        report.judge();
    }
}

fn unmatched(ignore: &Ignore) -> Finding {
    Finding {
        rule: UNMATCHED,
        consumer_verdict: Verdict::Warning,
        rust_verdict: RustVerdict::None,
        direction: Direction::None,
        operations: Vec::new(),
        component: None,
        old: None,
        new: None,
        also: Vec::new(),
        before: Some(format!("{} ({})", ignore.fingerprint, ignore.reason)),
        after: None,
        reason: "an ignore of .swpanel-drift.toml meets no finding: the change is gone or is another now".to_owned(),
        witness: None,
        renamed: None,
        fingerprint: crate::hash::sha256(format!("{UNMATCHED}\n{}", ignore.fingerprint).as_bytes())
            .chars()
            .take(16)
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, path, is) in [
            ("/a", "/a", true),
            ("/a", "/ab", false),
            ("/a/*", "/a/b/c", true),
            ("/a/*/c", "/a/ñ/c", true),
            ("/a/*/c", "/a/b/d", false),
            ("*", "/x", true),
            ("*/c*d", "/b/cd", true),
        ] {
            assert_eq!(matches(pattern, path), is, "{pattern} {path}");
        }
    }

    #[test]
    fn what_is_wrong_in_the_file_is_named() {
        for (text, word) in [
            ("[severity]\nno-such = 'breaking'", "no-such"),
            ("[severity]\ntype-changed = 'fatal'", "fatal"),
            ("[exclude]\nelements = ['colours']", "colours"),
            ("[[ignore]]\nfingerprint = 'a'\nreason = ' '", "no reason"),
            ("[[ignore]]\nfingerprint = 'a'", "reason"),
            ("[ignored]", "ignored"),
        ] {
            let error = Policy::read(text).unwrap_err();
            assert!(error.contains(word), "{text}: {error}");
        }
        assert_eq!(Policy::read("").unwrap(), Policy::default());
    }
}
