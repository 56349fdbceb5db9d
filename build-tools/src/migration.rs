//! What breaks, operation by operation, with the call as it is written today and as it is written then: a page for
//! whoever has to change a program.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::codegen::{Call, Model, call};
use crate::diff::{Finding, Report, RustVerdict, Verdict};
use crate::document::Document;
use crate::safe_text::markdown::{code, fence, prose};

/// More operations than these are named only; nobody reads on.
const SHOWN: usize = 100;

/// A document and what is generated from it.
#[derive(Clone, Copy, Debug)]
pub struct Generation<'a> {
    /// The document, with the names that the client has.
    pub document: &'a Document,
    /// Its client.
    pub model: &'a Model,
}

impl Generation<'_> {
    fn call(&self, key: &str) -> Option<Call> {
        let operations = self.document.operations();
        operations.iter().find(|operation| operation.key() == key).and_then(|operation| call(operation, self.model))
    }
}

/// The page in Markdown, or nothing where nothing breaks.
pub fn page(report: &Report, old: Generation<'_>, new: Generation<'_>) -> Option<String> {
    let breaks = |finding: &&Finding| {
        finding.consumer_verdict == Verdict::Breaking || finding.rust_verdict == RustVerdict::Major
    };
    let breaking: Vec<&Finding> = report.findings.iter().filter(breaks).collect();
    if breaking.is_empty() {
        return None;
    }
    // An operation may be met by several changes; one change may meet many operations.
    let mut met: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    let mut elsewhere = Vec::new();
    for finding in &breaking {
        // An operation that moved is told where it was.
        let was = finding.before.as_deref().filter(|_| finding.rule == "operation-moved");
        for operation in finding.operations.iter().filter(|operation| was.is_none_or(|was| was == *operation)) {
            met.entry(operation).or_default().push(finding);
        }
        if finding.operations.is_empty() {
            elsewhere.push(*finding);
        }
    }
    let mut out = "# Migration\n\n".to_owned();
    let _ = writeln!(
        out,
        "What breaks, {} in {}, with the call before and after. Values are examples of the document; the snippets are\n\
         the inside of an async function that has a `client` and returns a `Result`.",
        plural(breaking.len(), "change"),
        plural(met.len(), "operation")
    );
    for finding in elsewhere {
        let _ = writeln!(out, "\n- {}", said(finding));
    }
    for (operation, findings) in met.iter().take(SHOWN) {
        let moved = findings.iter().find(|finding| finding.rule == "operation-moved");
        let after = moved.and_then(|finding| finding.after.as_deref());
        let _ = writeln!(out, "\n## {}\n", code(operation));
        for finding in findings {
            let _ = writeln!(out, "- {}", said(finding));
        }
        snippets(&mut out, old.call(operation), new.call(after.unwrap_or(operation)));
    }
    if met.len() > SHOWN {
        let _ = writeln!(out, "\n## And {} more\n", plural(met.len() - SHOWN, "operation"));
        for operation in met.keys().skip(SHOWN) {
            let _ = writeln!(out, "- {}", code(operation));
        }
    }
    Some(out)
}

fn snippets(out: &mut String, old: Option<Call>, new: Option<Call>) {
    let text = |call: &Call| call.statements("answer");
    match (old, new) {
        (Some(old), Some(new)) if text(&old) == text(&new) => {
            let _ = writeln!(out, "\nThe call is written as before; what it sends or answers with is not the same:");
            block(out, "before and after", &text(&new));
        }
        (old, new) => {
            match old {
                Some(old) => block(out, "before", &text(&old)),
                None => out.push_str("\nBefore: there was no generated call; `client.raw` reached it.\n"),
            }
            match new {
                Some(new) => block(out, "after", &text(&new)),
                None => out.push_str("\nAfter: nothing takes its place.\n"),
            }
        }
    }
}

fn block(out: &mut String, label: &str, code: &str) {
    let _ = write!(out, "\n{label}:\n\n{}", fence(code, "rust"));
}

fn said(finding: &Finding) -> String {
    let shown = |text: &str| code(&text.replace('\n', " "));
    let mut out = format!("`{}`: {}", finding.rule, prose(&finding.reason));
    match (&finding.before, &finding.after) {
        (Some(before), Some(after)) => out.push_str(&format!(" ({} -> {})", shown(before), shown(after))),
        (Some(before), None) => out.push_str(&format!(" (was {})", shown(before))),
        (None, Some(after)) => out.push_str(&format!(" ({})", shown(after))),
        (None, None) => {}
    }
    if let Some(renamed) = &finding.renamed {
        out.push_str(&format!("; perhaps {} ({} % alike)", shown(&renamed.name), renamed.similarity));
    }
    if let Some(witness) = &finding.witness {
        out.push_str(&format!("; for example {}", shown(witness)));
    }
    out
}

fn plural(count: usize, of: &str) -> String {
    format!("{count} {of}{}", if count == 1 { "" } else { "s" })
}
