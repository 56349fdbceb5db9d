//! Which form of documentation each file of a source is in, by content; and which importer reads it.

use super::model::Api;
use super::source::{File, Files};
use super::{ImportError, Imported, finish, postman};
use crate::document::{Node, RawDocument, decode};

/// A form of documentation, the best one first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// OpenAPI or Swagger: it is not converted here.
    OpenApi,
    /// A Postman collection.
    Postman,
}

impl Form {
    /// What it is called in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::OpenApi => "an OpenAPI document",
            Self::Postman => "a Postman collection",
        }
    }

    /// Its name for programs.
    pub fn id(self) -> &'static str {
        match self {
            Self::OpenApi => "openapi",
            Self::Postman => "postman",
        }
    }
}

/// A form and the files that it is in.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) form: Form,
    pub(super) files: Vec<String>,
}

/// The best form of a source, where one is recognized.
pub fn detect(files: &Files) -> Option<Form> {
    all(files).ok()?.first().map(|candidate| candidate.form)
}

/// All forms of a source, the best first.
pub(super) fn all(files: &Files) -> Result<Vec<Candidate>, ImportError> {
    let mut found = Vec::new();
    for (name, bytes) in files {
        if let Some(form) = of_file(name, bytes) {
            found.push(Candidate { form, files: vec![name.clone()] });
        }
    }
    found.sort_by_key(|candidate| candidate.form);
    Ok(found)
}

fn of_file(_name: &str, bytes: &[u8]) -> Option<Form> {
    let raw = RawDocument::read(bytes).ok()?;
    of_tree(raw.root())
}

fn of_tree(root: &Node) -> Option<Form> {
    if postman::is(root) {
        return Some(Form::Postman);
    }
    None
}

/// Reads the files of a candidate.
pub(super) fn read(candidate: &Candidate, files: &Files) -> Result<Imported, ImportError> {
    let name = candidate.files.first().cloned().unwrap_or_default();
    let bytes = files.get(&name).map(Vec::as_slice).unwrap_or_default();
    let rejected = |refusal| ImportError::Rejected { file: name.clone(), refusal };
    let text = decode(bytes).map_err(rejected)?;
    let file = File::new(&name, &text);
    let api: Api = match candidate.form {
        Form::Postman => postman::import(&RawDocument::read(bytes).map_err(rejected)?, &file),
        Form::OpenApi => return Err(ImportError::Unrecognized { what: "it is OpenAPI already".to_owned() }),
    };
    finish(api, candidate.form, candidate.files.clone())
}

/// Files beside a file that it names and that an import needs, relative to the same folder.
pub fn referenced(_name: &str, _bytes: &[u8]) -> Vec<String> {
    Vec::new()
}
