//! Values that the API writes now as a number, now as a text.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A number or a text, kept as it came, so that what was read can be sent back unchanged.
///
/// ```
/// use swpanel::NumberOrText;
///
/// let quota = NumberOrText::from(512);
/// assert_eq!(quota.as_i64(), NumberOrText::from("512").as_i64());
/// assert_eq!(serde_json::to_string(&quota)?, "512");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(untagged)]
#[non_exhaustive]
pub enum NumberOrText {
    /// A JSON number, as its text.
    Number(serde_json::Number),
    /// A JSON text.
    Text(String),
}

impl NumberOrText {
    /// The whole number this is or spells.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Number(number) => number.as_i64(),
            Self::Text(text) => text.trim().parse().ok(),
        }
    }
}

impl fmt::Display for NumberOrText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl From<i64> for NumberOrText {
    fn from(number: i64) -> Self {
        Self::Number(number.into())
    }
}

impl From<&str> for NumberOrText {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for NumberOrText {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
