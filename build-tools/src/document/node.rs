//! The tree that every stage works on: JSON's six kinds of value, each with the byte span it was read from.
//!
//! Numbers stay the text they were written as (nothing is lost beyond 64 bits), keys are shared between
//! all objects of one document, and a node is 48 bytes, so that documents of tens of megabytes fit.

use std::borrow::Borrow;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, OnceLock};

/// Where a node stands in the source text: a half-open range of byte offsets.
///
/// Nodes that a later stage made have the empty span at zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// An object key; cloning shares the text.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(Arc<str>);

impl Key {
    /// The key's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Key {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<&str> for Key {
    fn from(text: &str) -> Self {
        Self(Arc::from(text))
    }
}

impl From<String> for Key {
    fn from(text: String) -> Self {
        Self(Arc::from(text))
    }
}

/// Hands out one shared [`Key`] per text.
#[derive(Debug, Default)]
pub(super) struct Interner {
    all: HashSet<Arc<str>>,
    /// The last key of each kind of look: the same few dozen words are most of a document's keys.
    recent: Vec<Option<Key>>,
}

impl Interner {
    const RECENT: usize = 512;

    pub(super) fn key(&mut self, text: &str) -> Key {
        let at = Self::look(text);
        if let Some(Some(known)) = self.recent.get(at)
            && known.as_str() == text
        {
            return known.clone();
        }
        let key = match self.all.get(text) {
            Some(known) => Key(Arc::clone(known)),
            None => {
                let new: Arc<str> = Arc::from(text);
                self.all.insert(Arc::clone(&new));
                Key(new)
            }
        };
        self.recent.resize(Self::RECENT, None);
        if let Some(slot) = self.recent.get_mut(at) {
            *slot = Some(key.clone());
        }
        key
    }

    /// What tells most keys apart at a glance: the length and three of the letters.
    fn look(text: &str) -> usize {
        let bytes = text.as_bytes();
        let byte = |at: usize| bytes.get(at).copied().map_or(0, usize::from);
        let last = bytes.len().saturating_sub(1);
        (bytes.len() + 7 * byte(0) + 31 * byte(last / 2) + 101 * byte(last)) % Self::RECENT
    }
}

/// A value and the place it was read from.
#[derive(Clone, Debug, Default)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where it was read from.
    pub span: Span,
}

/// What a node holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// `null`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as the text of a JSON number.
    Number(Box<str>),
    /// A text.
    Text(Box<str>),
    /// An array.
    Array(Vec<Node>),
    /// An object.
    Object(Object),
}

/// An object: entries in the order of the source, each key once.
#[derive(Clone, Debug, Default)]
pub struct Object {
    entries: Vec<Entry>,
    /// Where each key stands, made at the first look-up in an object of many members; dropped by what moves them.
    #[allow(clippy::box_collection, reason = "most objects have no index; a box keeps them small")]
    index: OnceLock<Box<HashMap<Key, usize>>>,
}

/// Objects of more members than this are looked up by hash.
const INDEXED: usize = 32;

/// One member of an object.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The member's name.
    pub key: Key,
    /// Byte offset of the name in the source.
    pub key_start: u32,
    /// The member's value.
    pub node: Node,
}

/// Equality is about meaning: spans do not count.
impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

/// Equality is about meaning: the order of members does not count.
impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self.entries.iter().zip(&other.entries).all(|(a, b)| {
                if a.key == b.key { a.node == b.node } else { other.get(a.key.as_str()) == Some(&a.node) }
            })
    }
}

impl Object {
    /// An object without members.
    pub fn new() -> Self {
        Self::default()
    }

    /// An object of these members; the reader has made sure that each key is there once.
    pub(super) fn of(entries: Vec<Entry>) -> Self {
        Self { entries, index: OnceLock::new() }
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The value of a member.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries.get(self.position(key)?).map(|entry| &entry.node)
    }

    fn position(&self, key: &str) -> Option<usize> {
        if self.entries.len() <= INDEXED {
            return self.entries.iter().position(|entry| entry.key.as_str() == key);
        }
        let all = || Box::new(self.entries.iter().enumerate().map(|(at, entry)| (entry.key.clone(), at)).collect());
        self.index.get_or_init(all).get(key).copied()
    }

    /// The value of a member, to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        let at = self.position(key)?;
        self.entries.get_mut(at).map(|entry| &mut entry.node)
    }

    /// Whether a member of this name is there.
    pub fn contains(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Sets a member, in its old place where it was there already.
    pub fn insert(&mut self, key: impl Into<Key>, node: impl Into<Node>) {
        let key = key.into();
        let node = node.into();
        match self.get_mut(key.as_str()) {
            Some(old) => *old = node,
            None => self.append(Entry { key, key_start: 0, node }),
        }
    }

    /// Appends a member whose key is new. An index is kept up to date: making it anew for each member would make
    /// filling an object of thousands quadratic.
    fn append(&mut self, entry: Entry) {
        if let Some(index) = self.index.get_mut() {
            index.insert(entry.key.clone(), self.entries.len());
        }
        self.entries.push(entry);
    }

    /// Takes a member out.
    pub fn remove(&mut self, key: &str) -> Option<Node> {
        let at = self.position(key)?;
        self.index.take();
        Some(self.entries.remove(at).node)
    }

    /// Gives a member another name in its place, unless another member has that name.
    pub fn rename(&mut self, from: &str, to: impl Into<Key>) {
        let to = to.into();
        if !self.contains(to.as_str())
            && let Some(at) = self.position(from)
            && let Some(entry) = self.entries.get_mut(at)
        {
            entry.key = to;
            self.index.take();
        }
    }

    /// Keeps the members for which `keep` is true.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &Node) -> bool) {
        self.index.take();
        self.entries.retain(|entry| keep(entry.key.as_str(), &entry.node));
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.entries.iter().map(|entry| (entry.key.as_str(), &entry.node))
    }

    /// Names and values, in order, to change the values.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut Node)> {
        self.entries.iter_mut().map(|entry| (entry.key.as_str(), &mut entry.node))
    }

    /// The members as they were read.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Appends without looking for the key; the reader has made sure that it is new.
    #[cfg(feature = "ingest")]
    pub(super) fn push(&mut self, entry: Entry) {
        self.append(entry);
    }

    /// Orders the members by name.
    pub fn sort(&mut self) {
        self.index.take();
        self.entries.sort_by(|a, b| a.key.cmp(&b.key));
    }
}

impl Node {
    /// The object, where it is one.
    pub fn as_object(&self) -> Option<&Object> {
        match &self.value {
            Value::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The object to change, where it is one.
    pub fn as_object_mut(&mut self) -> Option<&mut Object> {
        match &mut self.value {
            Value::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The items, where it is an array.
    pub fn as_array(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The items to change, where it is an array.
    pub fn as_array_mut(&mut self) -> Option<&mut Vec<Node>> {
        match &mut self.value {
            Value::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The text, where it is one.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The truth value, where it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match &self.value {
            Value::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The text of the number, where it is one.
    pub fn as_number(&self) -> Option<&str> {
        match &self.value {
            Value::Number(text) => Some(text),
            _ => None,
        }
    }

    /// The member of that name, where this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_object()?.get(key)
    }

    /// The member of that name, to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.as_object_mut()?.get_mut(key)
    }

    /// The text of the member of that name.
    pub fn text_at(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_str()
    }

    /// The node at a JSON pointer (RFC 6901, without the leading `#`).
    pub fn pointer(&self, pointer: &str) -> Option<&Node> {
        super::pointer::tokens(pointer)?.iter().try_fold(self, |node, token| match &node.value {
            Value::Object(object) => object.get(token),
            Value::Array(items) => items.get(token.parse::<usize>().ok()?),
            _ => None,
        })
    }

    /// The node at a JSON pointer, to change it.
    pub fn pointer_mut(&mut self, pointer: &str) -> Option<&mut Node> {
        super::pointer::tokens(pointer)?.iter().try_fold(self, |node, token| match &mut node.value {
            Value::Object(object) => object.get_mut(token),
            Value::Array(items) => items.get_mut(token.parse::<usize>().ok()?),
            _ => None,
        })
    }

    /// The object at a path of member names, made where it is not there.
    pub(super) fn object_at(&mut self, path: &[&str]) -> &mut Object {
        let node = path.iter().fold(self, |node, name| {
            let object = node.make_object();
            if !object.contains(name) {
                object.insert(*name, Object::new());
            }
            object.get_mut(name).expect("it was put there just above")
        });
        node.make_object()
    }

    fn make_object(&mut self) -> &mut Object {
        if self.as_object().is_none() {
            self.value = Value::Object(Object::new());
        }
        self.as_object_mut().expect("it was made an object just above")
    }

    /// Gives the node and everything in it one place.
    pub fn set_span(&mut self, span: Span) {
        self.span = span;
        match &mut self.value {
            Value::Array(items) => items.iter_mut().for_each(|item| item.set_span(span)),
            Value::Object(object) => object.iter_mut().for_each(|(_, node)| node.set_span(span)),
            _ => {}
        }
    }

    /// The same value as `serde_json` has it, for crates that want that; numbers beyond its range become text.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => (*value).into(),
            Value::Number(text) => match text.parse::<serde_json::Number>() {
                Ok(number) => serde_json::Value::Number(number),
                Err(_) => text.as_ref().into(),
            },
            Value::Text(text) => text.as_ref().into(),
            Value::Array(items) => items.iter().map(Node::to_json).collect(),
            Value::Object(object) => {
                serde_json::Value::Object(object.iter().map(|(k, v)| (k.to_owned(), v.to_json())).collect())
            }
        }
    }

    /// A node from a `serde_json` value.
    pub fn from_json(value: &serde_json::Value) -> Self {
        let value = match value {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(value) => Value::Bool(*value),
            serde_json::Value::Number(number) => Value::Number(number.to_string().into()),
            serde_json::Value::String(text) => Value::Text(text.as_str().into()),
            serde_json::Value::Array(items) => Value::Array(items.iter().map(Self::from_json).collect()),
            serde_json::Value::Object(members) => {
                let mut object = Object::new();
                for (key, value) in members {
                    object.insert(key.as_str(), Self::from_json(value));
                }
                Value::Object(object)
            }
        };
        value.into()
    }
}

impl From<Value> for Node {
    fn from(value: Value) -> Self {
        Self { value, span: Span::default() }
    }
}

impl From<&str> for Node {
    fn from(text: &str) -> Self {
        Value::Text(text.into()).into()
    }
}

impl From<String> for Node {
    fn from(text: String) -> Self {
        Value::Text(text.into()).into()
    }
}

impl From<bool> for Node {
    fn from(value: bool) -> Self {
        Value::Bool(value).into()
    }
}

impl From<Object> for Node {
    fn from(object: Object) -> Self {
        Value::Object(object).into()
    }
}

impl From<Vec<Node>> for Node {
    fn from(items: Vec<Node>) -> Self {
        Value::Array(items).into()
    }
}
