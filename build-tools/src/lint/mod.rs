//! A document to findings: what would break the client (errors) and what a person should know (warnings).
//!
//! What `convert` mends (path parameters, for one) is in its ledger, and no finding any more.
//!
//! `docs/lint-rules.md` has all rules for people.

mod references;
mod rules;

pub use references::references;

use serde::Serialize;

use crate::document::{Document, Span};

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The sync stops here.
    Error,
    /// The sync goes on.
    Warning,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Error or warning.
    pub severity: Severity,
    /// Stable id of the rule, kebab-case.
    pub rule: &'static str,
    /// `METHOD /path`, where the finding is about an operation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// JSON pointer into the document.
    pub pointer: String,
    /// What is wrong, in one sentence.
    pub message: String,
    /// Where the source has it; empty at zero where nothing of the source stands behind it.
    #[serde(skip)]
    pub span: Span,
}

/// The ids of the rules for every document.
pub const RULES: [&str; 4] = ["answer-missing", "summary-missing", "tag-missing", "secret-not-marked"];

/// The ids of the rules for our reconstruction alone: what this project demands of what it writes itself.
pub const HOUSE_RULES: [&str; 3] = ["house-effect-missing", "house-evidence-missing", "house-errors-missing"];

/// All findings, errors first, then by pointer.
pub fn lint(document: &Document) -> Vec<Finding> {
    let mut findings = Vec::new();
    for operation in document.operations() {
        rules::answers(&operation, &mut findings);
        rules::descriptions(&operation, &mut findings);
        rules::paths(&operation, &mut findings);
        if document.is_reconstruction() {
            rules::house(&operation, &mut findings);
        }
    }
    rules::sensitive(document, &mut findings);
    findings.sort_by(|a, b| (a.severity, &a.pointer, a.rule).cmp(&(b.severity, &b.pointer, b.rule)));
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{RawDocument, convert};

    fn rules_of(text: &str) -> Vec<(&'static str, Option<String>, String)> {
        let document = convert(&RawDocument::read(text.as_bytes()).unwrap()).unwrap().0;
        lint(&document).into_iter().map(|f| (f.rule, f.operation, f.pointer)).collect()
    }

    #[test]
    fn finds_each_thing_once_and_names_operation_and_pointer() {
        let text = "
openapi: 3.0.3
info: {}
paths:
  /a/{id}/{other}:
    get:
      operationId: a_get
      tags: [a]
      summary: x
      parameters: [{name: id, in: path, required: true, schema: {type: string}}, {name: gone, in: path, schema: {type: string}}]
      responses: {'404': {description: no}}
components:
  schemas:
    S: {type: object, properties: {password: {type: string}, user: {type: string}, token: {type: string, x-sensitive: true}, dsKey: {type: string, x-sensitive: false}, clave: {type: string, enum: [a, b]}}}
";
        let operation = Some("GET /a/{id}/{other}".to_owned());
        let at = "/paths/~1a~1{id}~1{other}/get".to_owned();
        assert_eq!(
            rules_of(text),
            vec![
                ("secret-not-marked", None, "/components/schemas/S/properties/password".to_owned()),
                ("answer-missing", operation, at),
            ]
        );
    }

    /// A document with every fault that a rule knows.
    const FAULTY: &str = "
openapi: 3.0.3
info: {x-swpanel-source: {kind: KIND}}
paths:
  /a/:
    get: {operationId: a_list, x-swpanel-effect: unclassified, responses: {'404': {description: no}}}
components:
  schemas:
    S: {type: object, properties: {password: {type: string}}}
";

    #[test]
    fn house_rules_are_for_the_reconstruction_alone() {
        let found = |kind: &str| -> std::collections::BTreeSet<&str> {
            rules_of(&FAULTY.replace("KIND", kind)).into_iter().map(|(rule, ..)| rule).collect()
        };
        assert_eq!(found("published"), RULES.into_iter().collect());
        assert_eq!(found("reconstruction"), RULES.into_iter().chain(HOUSE_RULES).collect());
    }

    #[test]
    fn the_page_has_every_rule_and_no_other() {
        let page = include_str!("../../../docs/lint-rules.md");
        let (general, house) = page.split_once("\n## House rules").unwrap();
        let rows = |text: &str| -> Vec<String> {
            let rows = text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
            rows.map(|(id, _)| id.to_owned()).collect()
        };
        assert_eq!(rows(general), RULES);
        assert_eq!(rows(house), HOUSE_RULES);
    }

    #[test]
    fn is_silent_about_a_sound_document() {
        let text = "
openapi: 3.0.3
info: {}
paths:
  /a/:
    get: {operationId: a_list, tags: [a], summary: x, responses: {'200': {description: ok}}}
";
        assert_eq!(rules_of(text), vec![]);
    }
}
