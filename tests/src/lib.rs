//! What the tests of this package share: the cases made from the document, a server that records, and the files.

pub mod fidelity;
pub mod files;
pub mod server;

use std::future::Future;
use std::pin::Pin;

/// What a generated call comes to: the answer as `Debug` shows it.
pub type Outcome<'a> = Pin<Box<dyn Future<Output = Result<String, Box<dyn std::error::Error>>> + 'a>>;

/// What stands for every secret of [`Case::secret_answer`].
pub const MARKER: &str = "marker-of-an-answer";

/// One operation, as far as testing it goes; made from the document by `build.rs`.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// Operation id.
    pub id: &'static str,
    /// HTTP method.
    pub method: &'static str,
    /// Path template.
    pub path: &'static str,
    /// Folder of its snapshots.
    pub folder: &'static str,
    /// Its contract, as the snapshot has it.
    pub contract: &'static str,
    /// An example of its successful answer, or an empty text.
    pub answer: &'static str,
    /// The same with [`MARKER`] wherever the document says that a secret is, and under a secret's name in every object.
    pub secret_answer: &'static str,
    /// Whether that answer is JSON; otherwise it is a file, or nothing.
    pub json: bool,
    /// The body that `call` sends.
    pub body: Option<&'static str>,
    /// Whether it is an object with a list under `result`, each item with members.
    pub result_list: bool,
    /// Place, name and value of the parameters that `call` sends.
    pub parameters: &'static [(&'static str, &'static str, &'static str)],
    /// The generated call with example values.
    pub call: Option<fn(&swpanel::Client) -> Outcome<'_>>,
    /// The same call by a handle, where one leads to it.
    pub by_handle: Option<fn(&swpanel::Client) -> Outcome<'_>>,
    /// The type of its body.
    pub body_type: Option<BodyType>,
}

/// The type of a request body.
#[derive(Clone, Copy, Debug)]
pub struct BodyType {
    /// Rust path.
    pub name: &'static str,
    /// JSON into the type and out again.
    pub again: fn(&str) -> Result<serde_json::Value, String>,
    /// The type's own JSON Schema.
    pub json_schema: fn() -> serde_json::Value,
}

/// A component of the document and the Rust type that is made of it.
#[derive(Clone, Copy, Debug)]
pub struct ComponentType {
    /// Name of the component.
    pub name: &'static str,
    /// The type; none where none is made.
    pub rust: Option<BodyType>,
}

fn again<T: serde::de::DeserializeOwned + serde::Serialize>(text: &str) -> Result<serde_json::Value, String> {
    let value: T = serde_json::from_str(text).map_err(|error| error.to_string())?;
    serde_json::to_value(&value).map_err(|error| error.to_string())
}

fn json_schema<T: schemars::JsonSchema>() -> serde_json::Value {
    schemars::schema_for!(T).to_value()
}

#[allow(clippy::all, clippy::pedantic, clippy::restriction, unused_qualifications)]
mod cases {
    use super::{BodyType, Case, ComponentType, again, json_schema};
    use swpanel::types;
    include!(concat!(env!("OUT_DIR"), "/cases.rs"));
}

pub use cases::{CASES, TYPES};

/// The case of an operation id.
///
/// # Errors
/// There is none; the message says which were looked through.
pub fn case(id: &str) -> Result<&'static Case, String> {
    let found = CASES.iter().find(|case| case.id == id);
    found.ok_or_else(|| format!("`{id}` is none of the {} operations of the document", CASES.len()))
}

/// The case at a method and path.
///
/// # Errors
/// There is none.
pub fn case_at(method: &str, path: &str) -> Result<&'static Case, String> {
    let found = CASES.iter().find(|case| case.method == method && case.path == path);
    found.ok_or_else(|| format!("the document has no {method} {path}"))
}

/// Equal in meaning: 1 and 1.0 are the same number.
pub fn same(a: &serde_json::Value, b: &serde_json::Value) -> bool {
    use serde_json::Value;
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        (a, b) => a == b,
    }
}

/// The README's example must compile. It names types of the reconstruction, so it is a test as long as that is here.
#[cfg(all(doctest, reconstruction))]
#[doc = include_str!("../../README.md")]
pub struct Readme;

/// That of the client's page, for the same reason.
#[cfg(all(doctest, reconstruction))]
#[doc = include_str!("../../client/README.md")]
pub struct ClientReadme;
