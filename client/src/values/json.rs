//! Values of which the document does not say what they are, and files.

use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::members::Shown;

/// Any JSON. Reads like a [`serde_json::Value`], and `Display` writes it out; `Debug` hides the values of members
/// whose name says that they are secret.
///
/// ```
/// let answer: swpanel::Json = serde_json::from_str(r#"{"result":[{"login":"ana","quota":"512","password":"x1"}]}"#)?;
/// assert_eq!(answer["result"][0]["login"], "ana");
/// assert_eq!(answer.integer_at("result[0].quota")?, 512);
/// assert!(!format!("{answer:?}").contains("x1"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Json(Value);

impl Json {
    /// The value itself.
    pub fn into_value(self) -> Value {
        self.0
    }
}

super::access::accessors!(Json, super::access::Root::Value);

impl Deref for Json {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.0
    }
}

impl From<Value> for Json {
    fn from(value: Value) -> Self {
        Self(value)
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Shown { value: &self.0, hidden: false }.fmt(f)
    }
}

/// The bytes of a file; `Debug` tells their number alone.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Binary(Vec<u8>);

impl Binary {
    /// The bytes themselves.
    pub fn into_vec(self) -> Vec<u8> {
        self.0
    }
}

impl Deref for Binary {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Binary {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for Binary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Binary({} bytes)", self.0.len())
    }
}
