//! Merged objects that several places have in common, as components of the view; and the budget for merging.
//!
//! `allOf` is merged by copying the properties of its parts. Where such a property is itself combined by `allOf`, a
//! copy would be merged once for each way that leads to it, which doubles with each level: a document of 3 KB needed
//! gigabytes. So the outer levels are written out, as before, and from [`WRITTEN_OUT`] levels on each place of the
//! document is merged once and referred to.

use std::collections::{BTreeMap, BTreeSet};

use super::schemas::Direction;
use crate::codegen::CodegenError;
use crate::document::{Document, Node, Object, Value};

/// So many levels of merged objects within merged objects are written out; deeper ones are shared.
const WRITTEN_OUT: usize = 2;
/// The most properties that merging may write, besides one for each value of the document.
const BUDGET: usize = 5_000;
/// The most values of the document that merging may copy: so many, and so many for each value of the document. A property
/// may hold a large schema, so the number of properties alone does not bound the size of the view.
const COPIES: (usize, usize) = (50_000, 10);

/// What is shared, and what merging has cost.
#[derive(Default)]
pub(super) struct Shared {
    /// How many merged objects are being written, one within the other.
    level: usize,
    /// Names of components by pointer and direction; those that are being written are there already, so that an object
    /// within itself ends.
    names: BTreeMap<(String, Direction), String>,
    components: Vec<(String, Node)>,
    /// Rust names of components.
    taken: BTreeSet<String>,
    limit: usize,
    spent: usize,
    copies_limit: usize,
    copies: usize,
    /// Which budget ended, its limit, and where it ended.
    ended: Option<(&'static str, usize, String)>,
}

impl Shared {
    pub(super) fn new(document: &Document) -> Self {
        let taken = document.schemas().map(|(name, _)| rust_name(name)).collect();
        let size = count(document.root());
        let (least, each) = COPIES;
        Self { limit: BUDGET + size, copies_limit: least + each * size, taken, ..Self::default() }
    }

    /// The component that the object at a pointer is, where it is one.
    pub(super) fn known(&self, pointer: &str, direction: Direction) -> Option<String> {
        self.names.get(&(pointer.to_owned(), direction)).cloned()
    }

    /// Takes a merged object from the budgets; whether they were enough.
    pub(super) fn spend(&mut self, properties: usize, merged: &Node, pointer: &str) -> bool {
        if self.ended.is_some() {
            return false;
        }
        self.spent = self.spent.saturating_add(properties.max(1));
        self.copies = self.copies.saturating_add(count(merged));
        let end = |what, limit| Some((what, limit, pointer.to_owned()));
        if self.spent > self.limit {
            self.ended = end("properties", self.limit);
        } else if self.copies > self.copies_limit {
            self.ended = end("values", self.copies_limit);
        }
        self.ended.is_none()
    }

    /// Begins to write a merged object; the name of the component that it is to be, where it is shared.
    pub(super) fn enter(&mut self, pointer: &str, direction: Direction) -> Option<String> {
        self.level += 1;
        if self.level <= WRITTEN_OUT {
            return None;
        }
        let name = self.free_name(pointer);
        self.names.insert((pointer.to_owned(), direction), name.clone());
        Some(name)
    }

    /// Ends what [`enter`](Self::enter) began.
    pub(super) fn leave(&mut self) {
        self.level = self.level.saturating_sub(1);
    }

    pub(super) fn keep(&mut self, name: String, node: Node) {
        self.components.push((name, node));
    }

    /// The components, in the order of their names.
    pub(super) fn take(&mut self) -> Vec<(String, Node)> {
        let mut components = std::mem::take(&mut self.components);
        components.sort_by(|(a, _), (b, _)| a.cmp(b));
        components
    }

    pub(super) fn within_budget(&self) -> Result<(), CodegenError> {
        match &self.ended {
            None => Ok(()),
            Some((what, limit, pointer)) => {
                Err(CodegenError::OverBudget { what, limit: *limit, pointer: pointer.clone() })
            }
        }
    }

    /// A name made of the words of a pointer, which no component has.
    fn free_name(&mut self, pointer: &str) -> String {
        let name = format!("Shared{}", self.words(pointer));
        self.free(&name)
    }

    /// The last words of a pointer: these tell places apart, and the whole way may be long.
    pub(super) fn words(&self, pointer: &str) -> String {
        let words = pointer.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| {
            !matches!(*word, "" | "components" | "schemas" | "paths" | "properties" | "allOf" | "content" | "schema")
        });
        let words: Vec<&str> = words.collect();
        let mut name = String::new();
        for word in words.iter().skip(words.len().saturating_sub(4)) {
            name.push_str(&word.chars().take(1).collect::<String>().to_ascii_uppercase());
            name.push_str(&word.chars().skip(1).take(40).collect::<String>());
        }
        name
    }

    /// The name itself, or with a number where a component has it.
    pub(super) fn free(&mut self, name: &str) -> String {
        let numbered = (2..).map(|number: usize| format!("{name}{number}"));
        let free = std::iter::once(name.to_owned()).chain(numbered).find(|name| !self.taken.contains(&rust_name(name)));
        let name = free.unwrap_or_else(|| name.to_owned());
        self.taken.insert(rust_name(&name));
        name
    }
}

fn rust_name(name: &str) -> String {
    crate::names::snake_case(name).replace('_', "")
}

fn count(node: &Node) -> usize {
    1 + match &node.value {
        Value::Array(items) => items.iter().map(count).sum::<usize>(),
        Value::Object(object) => Object::iter(object).map(|(_, node)| count(node)).sum(),
        _ => 0,
    }
}
