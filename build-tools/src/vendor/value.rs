//! What an expression of an example client may be: literals as far as they are written there, and types where a conversion
//! says them. Nothing is computed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::secrets::is_secret_name;

/// Properties of one body that are kept.
const PROPERTIES: usize = 500;
/// Different literals of one property that are kept.
const LITERALS: usize = 50;
/// Letters of a literal that are kept.
const LETTERS: usize = 120;

/// A part of a string.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Part {
    /// As it is written.
    Text(String),
    /// A value that is put in, by its name.
    Hole(String),
}

/// A type of JSON, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Type {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A number without a fraction.
    Integer,
    /// Any other number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
    /// Not known: the value comes from elsewhere.
    Unknown,
}

impl Type {
    /// The word that schemas use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
            Self::Unknown => "unknown",
        }
    }
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Text(Vec<Part>),
    Number(String),
    Boolean(Option<bool>),
    Null,
    /// Members in their order; the value of one without a name is another object that is put in.
    Object(Vec<(Option<String>, Value)>),
    Array(Vec<Value>),
    /// One of several, by a condition.
    Either(Vec<Value>),
    /// A value of a type, and the last name in its expression.
    Typed(Type, String),
    /// A variable, and the members of it that lead on.
    Variable(Vec<String>),
}

impl Value {
    pub(super) fn unknown() -> Self {
        Self::Typed(Type::Unknown, String::new())
    }

    pub(super) fn either(self, other: Self) -> Self {
        let mut all = match self {
            Self::Either(all) => all,
            one => vec![one],
        };
        match other {
            Self::Either(more) => all.extend(more),
            one => all.push(one),
        }
        Self::Either(all)
    }

    /// The value as a part of a longer string.
    pub(super) fn parts(self) -> Vec<Part> {
        match self {
            Self::Text(parts) => parts,
            Self::Number(text) => vec![Part::Text(text)],
            Self::Variable(names) => vec![Part::Hole(names.last().cloned().unwrap_or_default())],
            Self::Typed(_, name) => vec![Part::Hole(name)],
            _ => vec![Part::Hole(String::new())],
        }
    }

    /// Both as one string where either is one; else a value of unknown type.
    pub(super) fn add(self, other: Self) -> Self {
        let text = |value: &Self| matches!(value, Self::Text(_) | Self::Typed(Type::String, _));
        if text(&self) || text(&other) {
            let mut parts = self.parts();
            parts.extend(other.parts());
            return Self::Text(parts);
        }
        match (self, other) {
            (Self::Number(_) | Self::Typed(Type::Integer | Type::Number, _), _) => {
                Self::Typed(Type::Number, String::new())
            }
            _ => Self::unknown(),
        }
    }

    /// A string without holes.
    pub(super) fn plain(&self) -> Option<String> {
        let Self::Text(parts) = self else { return None };
        let text = |part: &Part| match part {
            Part::Text(text) => Some(text.clone()),
            Part::Hole(_) => None,
        };
        parts.iter().map(text).collect()
    }

    /// The member of an object, the last one of that name.
    pub(super) fn member(&self, name: &str) -> Option<&Self> {
        let Self::Object(members) = self else { return None };
        members.iter().rev().find(|(found, _)| found.as_deref() == Some(name)).map(|(_, value)| value)
    }

    fn kind(&self) -> Type {
        match self {
            Self::Text(_) => Type::String,
            Self::Number(text) if text.contains(['.', 'e', 'E']) => Type::Number,
            Self::Number(_) => Type::Integer,
            Self::Boolean(_) => Type::Boolean,
            Self::Null => Type::Null,
            Self::Object(_) => Type::Object,
            Self::Array(_) => Type::Array,
            Self::Typed(of, _) => *of,
            Self::Either(_) | Self::Variable(_) => Type::Unknown,
        }
    }
}

/// A property of a body: the types of what is put in, and the literals.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Property {
    /// The types of its values.
    pub types: BTreeSet<Type>,
    /// Literals, as JSON has them.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub literals: BTreeSet<String>,
}

/// The properties of a body by their paths: `every.number`, `users[].name`.
pub type Properties = BTreeMap<String, Property>;

/// Adds the properties of a value. `path` is empty for the body itself.
pub(super) fn flatten(value: &Value, path: &str, depth: usize, out: &mut Properties) {
    if depth > 32 || (out.len() >= PROPERTIES && !out.contains_key(path)) {
        return;
    }
    if let Value::Either(all) = value {
        return all.iter().for_each(|one| flatten(one, path, depth + 1, out));
    }
    if !path.is_empty() {
        let property = out.entry(path.to_owned()).or_default();
        property.types.insert(value.kind());
        let name = path.rsplit('.').next().unwrap_or_default();
        if let Some(literal) = literal(value).filter(|_| !is_secret_name(name) && property.literals.len() < LITERALS) {
            property.literals.insert(literal);
        }
    }
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match name {
                    Some(name) if path.is_empty() => flatten(value, name, depth + 1, out),
                    Some(name) => flatten(value, &format!("{path}.{name}"), depth + 1, out),
                    None if matches!(value, Value::Object(_) | Value::Either(_)) => {
                        flatten(value, path, depth + 1, out)
                    }
                    None => {}
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| flatten(item, &format!("{path}[]"), depth + 1, out)),
        _ => {}
    }
}

fn literal(value: &Value) -> Option<String> {
    let text = match value {
        Value::Number(text) => text.clone(),
        Value::Boolean(Some(known)) => known.to_string(),
        value => serde_json::to_string(&value.plain()?).ok()?,
    };
    Some(match text.char_indices().nth(LETTERS) {
        Some((at, _)) => format!("{}...", text.get(..at).unwrap_or_default()),
        None => text,
    })
}
