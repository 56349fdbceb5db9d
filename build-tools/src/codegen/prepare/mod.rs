//! A document to what progenitor can swallow, in memory. Every workaround for the generator lives here and
//! every one is a ledger entry; the document itself is never bent.
//!
//! What it leaves to others: error answers (the runtime's guard reads those), sensitive values, open types and
//! constants (types of the runtime, see [`Replacement`]), and the final shape of the code (`finish`).

mod all_of;
pub(super) mod answers;
mod cycles;
mod mixed;
pub(super) mod operations;
mod schemas;
pub(super) mod security;
mod shared;
pub(super) mod tags;
mod type_names;
pub(super) mod wire;

use std::collections::{BTreeMap, BTreeSet};

use self::shared::Shared;
use super::CodegenError;
use crate::document::{Document, Ledger, Node, Object, Stage, Weight, child, schema_name};

/// A schema that the generated code takes from the runtime instead of generating a type for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Replacement {
    /// Name of the stand-in component.
    pub(super) component: String,
    /// Rust path of the runtime's type.
    pub(super) rust: String,
}

/// An operation that the generator cannot express.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// `METHOD /path`.
    pub operation: String,
    /// Why, in one sentence.
    pub reason: String,
}

/// The document as the generator gets it.
#[derive(Clone, Debug, Default)]
pub(super) struct GeneratorView {
    pub(super) root: Node,
    pub(super) replacements: Vec<Replacement>,
    pub(super) dropped: Vec<Dropped>,
    pub(super) ledger: Ledger,
    /// Parameters that are written otherwise than the generator knows, by operation id.
    pub(super) wired: BTreeMap<String, Vec<wire::Wired>>,
    /// What is known of the responses besides their one type, by operation id.
    pub(super) answers: BTreeMap<String, answers::Answers>,
    /// Choices that are decoded by their tag.
    pub(super) unions: Vec<tags::Union>,
    /// How calls show who makes them.
    pub(super) security: security::Security,
}

impl GeneratorView {
    /// The same without the tree, for trying a part of it.
    pub(super) fn clone_settings(&self) -> Self {
        Self { replacements: self.replacements.clone(), ..Self::default() }
    }
}

/// Stand-ins whose Rust type does not depend on the document.
const FIXED: [(&str, &str); 5] = [
    ("RuntimeSecret", "crate::Secret"),
    ("RuntimeSecretJson", "crate::SecretJson"),
    ("RuntimeNumberOrText", "crate::NumberOrText"),
    ("RuntimeTrue", "crate::True"),
    ("RuntimeFalse", "crate::False"),
];

/// Bends a copy of the document.
///
/// # Errors
/// [`CodegenError::OverBudget`] where the view would be out of proportion to the document.
pub(super) fn prepare(document: &Document) -> Result<GeneratorView, CodegenError> {
    let mut state = State { shared: Shared::new(document), ..State::default() };
    state.renames = renames(document, &mut state.ledger);
    state.nullable = nullable(document);
    state.endless = cycles::endless(document);
    let directions = schemas::directions(document);
    let mut components = Object::new();
    let mut named: Vec<_> = document.schemas().collect();
    named.sort_by_key(|(name, _)| *name);
    for (name, schema) in named {
        let direction = directions.of(name);
        if !direction.used() {
            continue;
        }
        let pointer = child("/components/schemas", name);
        let mut prepared = schemas::prepare(document, schema, direction, &pointer, &mut state);
        if state.nullable.contains(name) {
            prepared = schemas::never_null(prepared);
        }
        let name = state.renames.get(name).cloned().unwrap_or_else(|| name.to_owned());
        components.insert(name, prepared);
    }
    let mut paths = operations::prepare(document, &mut state);
    state.shared.within_budget()?;
    for (name, node) in state.shared.take() {
        components.insert(name, node);
    }
    let mut replacements = Vec::new();
    for (component, rust) in &state.replaced {
        components.insert(component.as_str(), Object::new());
        replacements.push(Replacement { component: component.clone(), rust: rust.clone() });
    }
    type_names::unique(&mut components, &mut paths, &mut state.ledger);
    let mut info = Object::new();
    info.insert("title", "SWPanel API");
    info.insert("version", "0");
    let mut all = Object::new();
    all.insert("schemas", components);
    let mut root = Object::new();
    root.insert("openapi", "3.0.3");
    root.insert("info", info);
    root.insert("paths", paths);
    root.insert("components", all);
    let security = security::of(document, &mut state);
    let State { dropped, ledger, wired, answers, unions, .. } = state;
    Ok(GeneratorView { root: root.into(), replacements, dropped, ledger, wired, answers, unions, security })
}

#[derive(Default)]
struct State {
    ledger: Ledger,
    /// Stand-in component to Rust path.
    replaced: BTreeMap<String, String>,
    dropped: Vec<Dropped>,
    /// Components that have another name here.
    renames: BTreeMap<String, String>,
    /// Components that may be null: here null belongs to each reference to them. A type with a name that is both an option and
    /// what is in it would contain itself, or need a second name.
    nullable: BTreeSet<String>,
    /// References between components that never come to a type.
    endless: BTreeSet<(String, String)>,
    /// Members of merged objects: where they would stand, and where they do stand in the document.
    origins: BTreeMap<String, String>,
    /// Merged objects that several places have in common.
    shared: Shared,
    wired: BTreeMap<String, Vec<wire::Wired>>,
    answers: BTreeMap<String, answers::Answers>,
    unions: Vec<tags::Union>,
}

/// Components whose Rust names would be the same, or that of a stand-in, get a number; what a reference would have to
/// escape is written as `_`.
fn renames(document: &Document, ledger: &mut Ledger) -> BTreeMap<String, String> {
    let rust = |name: &str| crate::names::type_name(name).to_lowercase();
    let mut names: Vec<&str> = document.schemas().map(|(name, _)| name).collect();
    names.sort_unstable();
    let mut taken = BTreeSet::new();
    let mut renames = BTreeMap::new();
    for name in names {
        let plain = name.replace(['/', '~', '%', '"', '#'], "_");
        let stand_in = name.starts_with("Runtime");
        if !stand_in && taken.insert(rust(name)) {
            // Its Rust name is made of the words alone, so this changes nothing that anybody sees.
            if plain != name {
                renames.insert(name.to_owned(), plain);
            }
            continue;
        }
        let numbered = (2..).map(|number| format!("{plain}{number}")).find(|name| !taken.contains(&rust(name)));
        let mut renamed = numbered.unwrap_or(plain);
        if stand_in {
            renamed = format!("The{renamed}");
        }
        taken.insert(rust(&renamed));
        let message = format!("its Rust name is taken by another schema; it is `{renamed}` there");
        ledger.note(Stage::Prepare, Weight::Mend, "schema-renamed", child("/components/schemas", name), message);
        renames.insert(name.to_owned(), renamed);
    }
    renames
}

/// The names of [`State::nullable`].
fn nullable(document: &Document) -> BTreeSet<String> {
    let is_nullable = |schema: &Node| schema.as_object().is_some_and(schemas::is_nullable);
    document.schemas().filter(|(_, schema)| is_nullable(schema)).map(|(name, _)| name.to_owned()).collect()
}

impl State {
    /// Whether the reference at a pointer leads back to the component that it is a part of.
    fn leads_back(&self, pointer: &str, reference: &str) -> bool {
        // Nearly all documents have none.
        !self.endless.is_empty()
            && cycles::component_at(pointer)
                .zip(schema_name(reference))
                .is_some_and(|pair| self.endless.contains(&pair))
    }

    /// A reference to a component, by its name here.
    fn renamed(&self, reference: &str) -> String {
        match schema_name(reference) {
            Some(name) => reference_in_view(self.renames.get(&name).unwrap_or(&name)),
            None => reference.to_owned(),
        }
    }

    /// The Rust type of a component of the view.
    fn rust_type(&self, component: &str) -> String {
        self.replaced.get(component).cloned().unwrap_or_else(|| crate::names::type_name(component))
    }

    /// A reference to a stand-in, with the description beside it where there is one.
    fn stand_in(&mut self, component: &str, description: Option<&str>) -> Node {
        let rust = FIXED.iter().find(|(name, _)| *name == component).map(|(_, rust)| (*rust).to_owned());
        let rust = rust.unwrap_or_else(|| {
            let item = component.strip_prefix("RuntimeOneOrMany").unwrap_or(component);
            format!("crate::OneOrMany<crate::types::{item}>")
        });
        self.replaced.insert(component.to_owned(), rust);
        reference(component, description)
    }
}

/// The view's names need no escapes, and the generator undoes none.
fn reference_in_view(component: &str) -> String {
    format!("#/components/schemas/{component}")
}

/// `{$ref}`, or with a description an `allOf` of one.
fn reference(component: &str, description: Option<&str>) -> Node {
    let mut object = Object::new();
    object.insert("$ref", reference_in_view(component));
    match description {
        None => object.into(),
        Some(description) => {
            let mut outer = Object::new();
            outer.insert("description", description);
            outer.insert("allOf", vec![Node::from(object)]);
            outer.into()
        }
    }
}
