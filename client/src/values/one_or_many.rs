//! Answers of which it is not known whether they are one item or an array of items.

use std::ops::Deref;

use serde::{Deserialize, Serialize};

/// One item, or any number of them.
///
/// ```
/// use swpanel::OneOrMany;
///
/// let answer: OneOrMany<String> = serde_json::from_str(r#"["a","b"]"#)?;
/// assert_eq!(answer.len(), 2);
/// for item in &answer {
///     println!("{item}");
/// }
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

    /// All items, as a list.
    pub fn as_slice(&self) -> &[T] {
        match self {
            Self::Many(items) => items,
            Self::One(item) => std::slice::from_ref(item),
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

/// Reads like a list, whichever it is.
impl<T> Deref for OneOrMany<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.as_slice()
    }
}

impl<'a, T> IntoIterator for &'a OneOrMany<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.as_slice().iter()
    }
}

impl<T> From<T> for OneOrMany<T> {
    fn from(item: T) -> Self {
        Self::One(item)
    }
}
