//! Answers of which it is not known whether they are one item or an array of items.

use serde::{Deserialize, Serialize};

/// One item, or any number of them.
///
/// ```
/// use swpanel::OneOrMany;
///
/// let answer: OneOrMany<String> = serde_json::from_str(r#"["a","b"]"#)?;
/// assert_eq!(answer.into_iter().next().as_deref(), Some("a"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum OneOrMany<T> {
    /// An array.
    Many(Vec<T>),
    /// A single item.
    One(T),
}

impl<T> OneOrMany<T> {
    /// The first item.
    pub fn first(&self) -> Option<&T> {
        match self {
            Self::Many(items) => items.first(),
            Self::One(item) => Some(item),
        }
    }

    /// All items.
    pub fn into_vec(self) -> Vec<T> {
        match self {
            Self::Many(items) => items,
            Self::One(item) => vec![item],
        }
    }
}

impl<T> IntoIterator for OneOrMany<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.into_vec().into_iter()
    }
}

impl<T> From<T> for OneOrMany<T> {
    fn from(item: T) -> Self {
        Self::One(item)
    }
}
