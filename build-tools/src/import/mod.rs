//! Documentation that is not OpenAPI to an OpenAPI 3.0.3 document: one importer for each form.
//!
//! Each importer is pure: a set of files to a [`Imported`], which says of every operation and property whether the source
//! documents it, shows it in a sample, or whether a rule guessed it. Nothing of a source is run. What a form does not say
//! stays open. Secrets are not written; where they were found is.
//!
//! `detect` says which form a set of files is in, `model` and `shape` hold what is known, `writer` writes it.

mod anchors;
mod apidoc;
mod apidoc_samples;
mod blocks;
mod blocks_html;
mod blueprint;
mod bodies;
mod bruno;
mod curl;
mod detect;
mod dom;
mod embedded;
mod fields;
mod har;
mod insomnia;
mod joins;
mod json_schema;
mod model;
mod mson;
mod postman;
mod postman_v3;
mod raml;
mod reference;
mod relaxed_json;
mod requests;
mod review;
mod scribe_fields;
mod scribe_page;
mod scribe_yaml;
mod secrets;
mod settle;
mod shape;
mod source;
mod tables;
mod templates;
mod types;
mod url;
mod vocabulary;
mod writer;

pub use detect::{Form, detect, referenced};
pub use model::{Doubt, LogEntry};
pub use review::review;
pub use shape::{Origin, Place};
pub use source::{Files, MAX_FILES};
pub use writer::{Counts, PROVENANCE};

use std::collections::BTreeMap;

use thiserror::Error;

use crate::address::redact;
use crate::document::{MAX_BYTES, METHODS, Node, Refusal};

/// What an import made.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The form that was read.
    pub form: Form,
    /// The files of the source that were read, in order.
    pub files: Vec<String>,
    /// Other forms that the source offers, with their files; the best one was read.
    pub others: Vec<(Form, String)>,
    /// The document.
    pub document: Node,
    /// The conversion log, the most doubtful entries first.
    pub log: Vec<LogEntry>,
    /// How much rests on what.
    pub counts: Counts,
}

/// Why a source cannot be imported. Nothing is written where one of these is returned.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImportError {
    /// No file is in a form that is read.
    #[error("the source holds no API documentation in a form that is read ({what})")]
    Unrecognized {
        /// What was looked at.
        what: String,
    },
    /// A form that is known and cannot become OpenAPI.
    #[error("the source is {kind}, which has no operations that OpenAPI could describe")]
    Unsupported {
        /// Which form.
        kind: &'static str,
    },
    /// The form was recognized and no operation is in it.
    #[error("the source is {form}, and no operation was found in it")]
    NoOperations {
        /// Which form.
        form: &'static str,
    },
    /// A page shows a document that it loads, and that was not saved with it.
    #[error("the page loads its OpenAPI document from `{}`, which is not among the files", redact(.address))]
    Elsewhere {
        /// Where the page says that it is.
        address: String,
    },
    /// A file could not be read as what it is.
    #[error("`{file}`: {refusal}")]
    Rejected {
        /// The file.
        file: String,
        /// Why.
        refusal: Refusal,
    },
    /// The source exceeds a bound.
    #[error("the source has more than {limit} {what}")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// The bound.
        limit: usize,
    },
}

impl ImportError {
    /// The stable name of the cause.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Unrecognized { .. } => "not-documentation",
            Self::Unsupported { .. } => "other-description",
            Self::NoOperations { .. } => "no-operations",
            Self::Elsewhere { .. } => "document-elsewhere",
            Self::Rejected { refusal, .. } => refusal.name(),
            Self::TooLarge { .. } => "too-large",
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Unrecognized { .. } => {
                "pass an OpenAPI document, a collection (Postman, Insomnia, Bruno), a HAR file, apiDoc data, or a saved page or folder of the documentation"
            }
            Self::Unsupported { .. } => {
                "ask the publisher for a description of HTTP operations (OpenAPI, or a Postman collection)"
            }
            Self::NoOperations { .. } => {
                "check that the whole documentation was saved: method and path of each operation must be in it"
            }
            Self::Elsewhere { .. } => "save that document too (signed in, if it asks for it), and pass its file",
            Self::Rejected { refusal, .. } => refusal.hint(),
            Self::TooLarge { .. } => "pass the documentation itself, not an archive or a whole site",
        }
    }
}

/// Imports a set of files: the best form among them.
///
/// # Errors
/// No form is recognized, the form cannot become OpenAPI, or it holds no operation.
pub fn import(files: &Files) -> Result<Imported, ImportError> {
    if files.len() > MAX_FILES {
        return Err(ImportError::TooLarge { what: "files", limit: MAX_FILES });
    }
    if files.values().map(Vec::len).sum::<usize>() > MAX_BYTES {
        return Err(ImportError::TooLarge { what: "bytes", limit: MAX_BYTES });
    }
    let found = detect::all(files)?;
    let mut failed = None;
    for (at, candidate) in found.iter().enumerate() {
        match detect::read(candidate, files) {
            Ok(imported) => {
                let others = found.iter().enumerate().filter(|(other, _)| *other != at);
                let others = others.map(|(_, other)| (other.form, other.files.first().cloned().unwrap_or_default()));
                return Ok(Imported { others: others.collect(), ..imported });
            }
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    if let Some(address) = detect::elsewhere(files) {
        return Err(ImportError::Elsewhere { address });
    }
    Err(failed.unwrap_or_else(|| ImportError::Unrecognized { what: described(files) }))
}

/// All forms that a source offers, the best first, with the files of each.
pub fn forms(files: &Files) -> Vec<(Form, Vec<String>)> {
    let found = detect::all(files).unwrap_or_default();
    found.into_iter().map(|candidate| (candidate.form, candidate.files)).collect()
}

/// Imports one form of those that [`forms`] names.
///
/// # Errors
/// As [`import`].
pub fn import_form(files: &Files, form: Form, names: &[String]) -> Result<Imported, ImportError> {
    detect::read(&detect::Candidate { form, files: names.to_vec() }, files)
}

/// A few words on what a source holds.
fn described(files: &Files) -> String {
    let names: Vec<&str> = files.keys().take(5).map(String::as_str).collect();
    match files.len() {
        0 => "it is empty".to_owned(),
        1 => format!("one file: {}", names.join("")),
        count => format!("{count} files: {}", names.join(", ")),
    }
}

/// The end of every importer: operations joined, the document written, the log ordered.
fn finish(mut api: model::Api, form: Form, files: Vec<String>) -> Result<Imported, ImportError> {
    if let Some(kind) = api.unsupported {
        return Err(ImportError::Unsupported { kind });
    }
    settle::settle(&mut api);
    if api.operations.is_empty() {
        return Err(ImportError::NoOperations { form: form.name() });
    }
    let mut log = std::mem::take(&mut api.log);
    let (document, counts) = writer::write(&api, &mut log);
    let mut log = log.0;
    log.sort();
    log.dedup();
    Ok(Imported { form, files, others: Vec::new(), document, log, counts })
}

impl Imported {
    /// A document that needs no conversion: it is passed on as it is.
    fn of_document(document: Node, form: Form, files: Vec<String>) -> Self {
        let items = document.get("paths").and_then(Node::as_object);
        let items = items.iter().flat_map(|paths| paths.iter()).filter_map(|(_, item)| item.as_object());
        let operations = items.map(|item| METHODS.iter().filter(|method| item.contains(method)).count()).sum();
        let counts = Counts { operations, ..Counts::default() };
        Self { form, files, others: Vec::new(), document, log: Vec::new(), counts }
    }

    /// The document as text: canonical, so that the same source gives the same bytes.
    pub fn text(&self) -> String {
        let mut text = self.document.to_canonical();
        text.push('\n');
        text
    }

    /// How often each rule of the log applied.
    pub fn rules(&self) -> BTreeMap<&'static str, usize> {
        let mut rules = BTreeMap::new();
        for entry in &self.log {
            *rules.entry(entry.rule).or_default() += 1;
        }
        rules
    }
}
