//! A raw tree to an OpenAPI 3.0.3 document that means the same. Every rewrite and every loss is a ledger entry.
//!
//! Swagger 2.0 first becomes 3.0 (`swagger2`), 3.1 and 3.2 lose what 3.0 has no words for (`v31`); defects whose
//! meaning is clear are mended in all of them (`mend`, with `kinds`, `places`, `path_parameters` and `statuses`).

mod hoist;
mod kinds;
mod ledger;
mod mend;
mod path_parameters;
mod places;
mod statuses;
mod swagger2;
mod v31;

pub use ledger::{Ledger, LedgerEntry, Stage, Weight};

use super::node::{Node, Object};
use super::pointer::child;
use super::raw::RawDocument;
use super::refusal::Refusal;
use super::{MAX_OPERATIONS, MAX_PARAMETERS};

/// The version every document is written as.
const VERSION: &str = "3.0.3";

/// An OpenAPI 3.0.3 document: an object that has `openapi`, `info` and `paths`.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    root: Node,
}

impl Document {
    /// The tree.
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// The tree, to change it.
    pub fn root_mut(&mut self) -> &mut Node {
        &mut self.root
    }

    /// Reads the canonical text of a document that a sync has written.
    ///
    /// # Errors
    /// As [`convert`].
    pub fn from_canonical(bytes: &[u8]) -> Result<Self, Refusal> {
        convert(&RawDocument::read(bytes)?).map(|(document, _)| document)
    }
}

/// What a document is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    V2,
    V30,
    V31,
}

/// Converts a raw tree, keeping its meaning.
///
/// # Errors
/// The tree is no API document, is one in a form that is not read, or has no operations.
pub fn convert(raw: &RawDocument) -> Result<(Document, Ledger), Refusal> {
    let (document, ledger) = normalise(raw, raw.root().clone(), false)?;
    if document.operations().is_empty() {
        return Err(Refusal::Emptied);
    }
    Ok((document, ledger))
}

/// Converts for comparing: keywords that 3.0 has no words for stay as they are, and what cannot be mended is passed
/// over, since a document with a fault has changed or not all the same.
///
/// # Errors
/// The tree is no API document, or is one in a form that is not read.
#[cfg(feature = "ingest")]
pub fn convert_for_comparing(raw: &mut RawDocument) -> Result<(Document, Ledger), Refusal> {
    // Two documents are held at once, so neither is held twice.
    let root = raw.take_root();
    normalise(raw, root, true)
}

fn normalise(raw: &RawDocument, mut root: Node, keep: bool) -> Result<(Document, Ledger), Refusal> {
    let mut ledger = Ledger::default();
    let Some(object) = root.as_object() else {
        return Err(Refusal::NotASpec { why: "it is not an object".into() });
    };
    let (form, version) = version(object)?;
    let is_object = |part: &str| object.get(part).and_then(Node::as_object).is_some();
    // 3.1 may have webhooks or components alone; that there is no operation then is told below.
    let has_paths = is_object("paths") || (form == Form::V31 && (is_object("webhooks") || is_object("components")));
    if !has_paths {
        return Err(Refusal::NotASpec { why: "`paths` is missing, or is not an object".into() });
    }
    for (key, span) in raw.duplicates() {
        let (line, _) = raw.position(*span);
        let message = format!("`{key:?}` stands twice with the same value (line {line}); once is enough");
        let pointer = child(&RawDocument::object_at(&root, span.start), key.as_str());
        ledger.note(Stage::Convert, Weight::Mend, "key-twice", pointer, message);
    }
    for (name, wish) in raw.renamed() {
        let message = format!("it is called `{wish}` in its file, as another component here is; here it is `{name}`");
        ledger.note(Stage::Convert, Weight::Mend, "schema-renamed", child("/components/schemas", name), message);
    }
    for (pointer, reference) in raw.identified() {
        let message = format!("`{reference}` leads to a schema by its identifier; here it leads there by its place");
        ledger.note(Stage::Convert, Weight::Rewrite, "identifier-resolved", pointer, message);
    }
    if raw.outdented() > 0 {
        let message = format!(
            "{} lines within braces or quotation marks are indented too little; they are read anyway",
            raw.outdented()
        );
        ledger.note(Stage::Convert, Weight::Mend, "indentation", "", message);
    }
    within_budget(object)?;
    kinds::lists_for_objects(&mut root, &mut ledger);
    places::methods(&mut root, form, &mut ledger);
    match form {
        Form::V2 => swagger2::convert(&mut root, &mut ledger),
        Form::V30 => {}
        Form::V31 => v31::convert(&mut root, &mut ledger, keep),
    }
    places::parameters_and_answers(&mut root, &mut ledger);
    mend::mend(&mut root, form, keep, &mut ledger);
    let hoisted = hoist::hoist(&mut root, &mut ledger).map_err(|found| {
        let (line, column) = raw.position(found.span);
        let place = format!("what stands there is no schema; line {line}, column {column}");
        Refusal::DanglingReference { reference: found.reference, place }
    });
    if !keep {
        hoisted?;
    }
    if version != VERSION {
        if let Some(object) = root.as_object_mut() {
            object.insert("openapi", VERSION);
        }
        let message = format!("{version} is written as {VERSION}");
        ledger.note(Stage::Convert, Weight::Rewrite, "version", "/openapi", message);
    }
    Ok((Document { root }, ledger))
}

/// Rejects more operations, or more parameters of one operation, than are worked on.
fn within_budget(root: &Object) -> Result<(), Refusal> {
    let mut operations = 0;
    for paths in ["paths", "webhooks", "x-webhooks"].into_iter().filter_map(|part| root.get(part)?.as_object()) {
        for (path, item) in paths.iter() {
            let Some(item) = item.as_object() else { continue };
            let count = |node: &Object| node.get("parameters").and_then(Node::as_array).map_or(0, <[Node]>::len);
            let own = item.iter().filter_map(|(_, node)| node.as_object()).map(count).max().unwrap_or(0);
            if count(item) + own > MAX_PARAMETERS {
                let at = child("/paths", path);
                return Err(Refusal::OverBudget { what: "parameters of one operation", limit: MAX_PARAMETERS, at });
            }
            operations += item.iter().filter(|(_, node)| node.as_object().is_some()).count();
        }
    }
    if operations > MAX_OPERATIONS {
        let at = String::new();
        return Err(Refusal::OverBudget { what: "operations", limit: MAX_OPERATIONS, at });
    }
    Ok(())
}

/// The refusal of a document whose version is not read, where it says one.
#[cfg(feature = "ingest")]
pub(crate) fn unsupported(root: &Node) -> Option<Refusal> {
    version(root.as_object()?).err().filter(|refusal| matches!(refusal, Refusal::UnsupportedVersion { .. }))
}

fn version(object: &Object) -> Result<(Form, String), Refusal> {
    let text = |key: &str| object.get(key).and_then(|node| node.as_str().or(node.as_number()).map(str::to_owned));
    if let Some(found) = text("swagger") {
        return match found.as_str() {
            "2.0" | "2" => Ok((Form::V2, "Swagger 2.0".to_owned())),
            _ => Err(Refusal::UnsupportedVersion { found: format!("Swagger {found}") }),
        };
    }
    let is = |version: &str, minor: &str| version == minor || version.starts_with(&format!("{minor}."));
    match text("openapi") {
        Some(version) if is(&version, "3.0") => Ok((Form::V30, version)),
        Some(version) if is(&version, "3.1") || is(&version, "3.2") => Ok((Form::V31, version)),
        Some(found) => Err(Refusal::UnsupportedVersion { found: format!("OpenAPI {found}") }),
        None => Err(Refusal::NotASpec { why: "there is no `openapi` or `swagger` member".into() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = "openapi: 3.0.3
info: {title: T, version: '1'}
paths: {/a: {get: {responses: {'200': {description: ok}}}}}
";

    fn outcome(text: &str) -> Result<(Document, Ledger), Refusal> {
        convert(&RawDocument::read(text.as_bytes()).unwrap())
    }

    #[test]
    fn refuses_what_is_no_document_by_name() {
        for (text, name) in [
            ("[1]", "not-a-spec"),
            ("a: 1", "not-a-spec"),
            ("openapi: 3.0.3\ninfo: {}", "not-a-spec"),
            ("openapi: 3.0.3\ninfo: {}\npaths: {}", "emptied"),
            ("openapi: 3.0.3\ninfo: {}\npaths: {/a: {parameters: []}}", "emptied"),
            ("openapi: 3.1.0\ninfo: {}\ncomponents: {schemas: {}}", "emptied"),
            ("openapi: 4.0.0\ninfo: {}\npaths: {}", "unsupported-version"),
            ("swagger: '1.2'", "unsupported-version"),
        ] {
            assert_eq!(outcome(text).unwrap_err().name(), name, "{text}");
        }
    }

    #[test]
    fn writes_a_rewritten_version_into_the_ledger() {
        let (document, ledger) = outcome(&SOUND.replace("3.0.3", "3.0.1")).unwrap();
        assert_eq!(document.root().text_at("openapi"), Some("3.0.3"));
        assert_eq!(ledger.entries().len(), 1);
        assert_eq!(outcome(SOUND).unwrap().1.entries().len(), 0);
    }
}
