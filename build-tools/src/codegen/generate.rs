//! The generator's view to Rust code: progenitor run with our settings, its panics caught and given a place.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle, TagStyle, TypeImpl};
use thiserror::Error;

use super::model::Model;
use super::prepare::answers::Payload;
use super::prepare::{Dropped, GeneratorView, Replacement, prepare};
use super::{finish, first_call, items, listing, proof};
use crate::document::{Document, Ledger, Node, Object, Operation, Stage, Value, Weight};
use crate::names::type_name;

/// Everything that is made from a document by generating.
#[derive(Clone, Debug)]
pub struct Generated {
    /// The Rust module, formatted.
    pub code: String,
    /// The printed public API of the module, one item a line.
    pub listing: String,
    /// What was rewritten or lost for the generator's sake.
    pub ledger: Ledger,
    /// Operations without a generated method.
    pub dropped: Vec<Dropped>,
    /// The generated types and builders, for writing calls.
    pub model: Model,
    /// The example at the head of the crate's page, as Markdown.
    pub first_call: String,
}

/// The generator could not make a client of the document.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum CodegenError {
    /// The document as a whole cannot be generated.
    #[error("the generator cannot express the document: {message}")]
    Document {
        /// What the generator said.
        message: String,
    },
    /// Merging what `allOf` combines would make the generated code out of proportion to the document.
    #[error("objects combined by `allOf` would have more than {limit} {what} in all, at the latest at {pointer}")]
    OverBudget {
        /// What there are too many of.
        what: &'static str,
        /// The most of them that merging may write.
        limit: usize,
        /// Where the limit was passed.
        pointer: String,
    },
    /// progenitor's output does not have the shape that `finish` rewrites.
    #[error(
        "the generator's output has an unknown shape ({what}); progenitor must be pinned to the version this was written for"
    )]
    Shape {
        /// What was not found.
        what: String,
    },
}

/// Generates the client module of a document.
///
/// # Errors
/// The generator cannot express an operation (it is named) or its output is not what `finish` knows.
pub fn generate(document: &Document) -> Result<Generated, CodegenError> {
    // The generator follows references by recursion, and so does everything that walks its output.
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || generate_here(document));
        match thread.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(generated)) => generated,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            // Without room for such a thread, the caller's own stack is what there is.
            Err(_) => generate_here(document),
        }
    })
}

/// The stack that generating has: reserved, and taken only as far as it is used.
const STACK: usize = 256 << 20;

/// How often operations are left out for what is found in the module made of the others.
const MAX_ROUNDS: usize = 4;

fn generate_here(document: &Document) -> Result<Generated, CodegenError> {
    // Ids of the operations that are handed off, and why.
    let mut guilty: BTreeMap<String, String> = BTreeMap::new();
    for round in 0.. {
        let mut view = prepare(document)?;
        leave_out(&mut view, document, &guilty);
        let file = match run(&view) {
            Ok(file) => file,
            Err(message) => {
                // What fails on its own is left to `raw`; if the rest fails even then, the causes cannot be separated further.
                let more = blame(&view);
                leave_out(&mut view, document, &more);
                guilty.extend(more);
                run(&view).map_err(|_| CodegenError::Document { message })?
            }
        };
        // Nothing needs the view's tree any more.
        view.root = Node::default();
        let (file, handles) = finish::finish(file, document, &view)?;
        let faults = proof::faults(&file);
        let Some(first) = faults.first() else { return Ok(whole(document, view, file, handles)) };
        let concerned = proof::concerned(&file, &faults);
        let operations = document.operations();
        let ids = operations.iter().map(Operation::id).filter(|id| !guilty.contains_key(*id));
        let more: BTreeMap<String, String> =
            ids.filter_map(|id| Some((id.to_owned(), concerned.get(&type_name(id))?.clone()))).collect();
        if more.is_empty() || round >= MAX_ROUNDS {
            return Err(CodegenError::Document { message: first.message.clone() });
        }
        guilty.extend(more);
    }
    Err(CodegenError::Document { message: "no operation is left".to_owned() })
}

/// What is made of a module without faults.
fn whole(document: &Document, view: GeneratorView, file: syn::File, handles: finish::Reached) -> Generated {
    // The model is read before documentation examples are written, since they are calls made with it.
    let model = Model { handles, ..Model::read(&file) };
    let file = finish::document_methods(file, document, &model);
    let head = "// Generated by progenitor from swpanel-api.json and finished by swpanel-build-tools. Do not edit.\n\n";
    let code = format!("{head}{}", prettyplease::unparse(&file));
    let (listing, first_call) = (listing::listing(&file), first_call::first_call(&file, document, &model));
    Generated { code, listing, ledger: view.ledger, dropped: view.dropped, model, first_call }
}

fn run(view: &GeneratorView) -> Result<syn::File, String> {
    let quiet = QuietPanics::start();
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let document: openapiv3::OpenAPI =
            serde_json::from_value(view.root.to_json()).map_err(|error| error.to_string())?;
        let tokens = Generator::new(&settings(view)).generate_tokens(&document).map_err(|error| error.to_string())?;
        drop(document);
        items::parse(tokens).map_err(|error| error.to_string())
    }));
    drop(quiet);
    outcome.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Err(text.unwrap_or_else(|| "it panicked without a message".to_owned()))
    })
}

fn settings(view: &GeneratorView) -> GenerationSettings {
    let mut settings = GenerationSettings::new();
    settings.with_interface(InterfaceStyle::Builder).with_tag(TagStyle::Merged).with_hooks(HooksMode::Expected);
    for replacement in &view.replacements {
        settings.with_replacement(&replacement.component, &replacement.rust, std::iter::empty::<TypeImpl>());
    }
    settings
}

/// Ids of the operations that fail on their own, and what the generator says of each.
fn blame(view: &GeneratorView) -> BTreeMap<String, String> {
    let mut guilty = BTreeMap::new();
    let paths = view.root.get("paths").and_then(Node::as_object).cloned().unwrap_or_default();
    for (path, item) in paths.iter() {
        for (method, operation) in item.as_object().into_iter().flat_map(Object::iter) {
            let mut one = view.clone_settings();
            let mut item = Object::new();
            item.insert(method, operation.clone());
            let mut paths = Object::new();
            paths.insert(path, item);
            // With the components it reaches alone: there may be thousands of both.
            let mut schemas = Object::new();
            reach(operation, &view.root, &mut schemas);
            let mut components = Object::new();
            components.insert("schemas", schemas);
            one.root = Node::from(Object::new());
            if let (Some(root), Some(whole)) = (one.root.as_object_mut(), view.root.as_object()) {
                for member in ["openapi", "info"] {
                    root.insert(member, whole.get(member).cloned().unwrap_or_default());
                }
                root.insert("paths", paths);
                root.insert("components", components);
            }
            if let Err(message) = run(&one) {
                guilty.insert(operation.text_at("operationId").unwrap_or_default().to_owned(), message);
            }
        }
    }
    guilty
}

/// Takes operations out of the view, with the components that only they reach, and says so.
fn leave_out(view: &mut GeneratorView, document: &Document, guilty: &BTreeMap<String, String>) {
    if guilty.is_empty() {
        return;
    }
    for operation in document.operations() {
        let Some(message) = guilty.get(operation.id()) else { continue };
        let first = message.lines().next().unwrap_or_default();
        let reason = format!("the generator fails on it ({first}); `raw` reaches it");
        let pointer = operation.pointer.as_str();
        view.ledger.note(Stage::Prepare, Weight::Loss, "operation-not-generated", pointer, reason.as_str());
        view.dropped.push(Dropped { operation: operation.key(), reason });
    }
    for (_, item) in view.root.get_mut("paths").and_then(Node::as_object_mut).into_iter().flat_map(Object::iter_mut) {
        if let Some(item) = item.as_object_mut() {
            item.retain(|_, node| !guilty.contains_key(node.text_at("operationId").unwrap_or_default()));
        }
    }
    view.answers.retain(|id, _| !guilty.contains_key(id));
    view.wired.retain(|id, _| !guilty.contains_key(id));
    let kept = needed(view);
    let components = view.root.get_mut("components").and_then(|components| components.get_mut("schemas"));
    if let Some(schemas) = components.and_then(Node::as_object_mut) {
        schemas.retain(|name, _| kept.contains(name));
    }
}

/// The components that the operations of a view reach: by reference, by a stand-in that is their type, or by what one of
/// several responses holds.
fn needed(view: &GeneratorView) -> Object {
    let schemas = view.root.pointer("/components/schemas").and_then(Node::as_object);
    let by_type: BTreeMap<String, &str> =
        schemas.into_iter().flat_map(Object::iter).map(|(name, _)| (type_name(name), name)).collect();
    let mut kept = Object::new();
    if let Some(paths) = view.root.get("paths") {
        reach(paths, &view.root, &mut kept);
    }
    let payloads =
        view.answers.values().flat_map(|answers| &answers.by_status).filter_map(|(_, payload)| match payload {
            Payload::Json(of) => Some(of.as_str()),
            Payload::Bytes | Payload::Nothing => None,
        });
    let mut open: Vec<&str> = payloads.collect();
    let mut stand_ins: Vec<&Replacement> = view.replacements.iter().collect();
    loop {
        let (reached, rest) = stand_ins.into_iter().partition(|stand_in| kept.contains(&stand_in.component));
        stand_ins = rest;
        open.extend(reached.iter().map(|stand_in: &&Replacement| stand_in.rust.as_str()));
        if open.is_empty() {
            return kept;
        }
        for of in std::mem::take(&mut open) {
            for word in of.split(|c: char| !c.is_alphanumeric() && c != '_') {
                let Some(name) = by_type.get(word).filter(|name| !kept.contains(name)) else { continue };
                let mut reference = Object::new();
                reference.insert("$ref", format!("#/components/schemas/{name}"));
                reach(&reference.into(), &view.root, &mut kept);
            }
        }
    }
}

/// The components that a node leads to. The way there may be as long as the document, so it takes no recursion.
fn reach(node: &Node, root: &Node, found: &mut Object) {
    let schemas = root.pointer("/components/schemas");
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        if let Some(name) = node.text_at("$ref").and_then(|reference| reference.strip_prefix("#/components/schemas/"))
            && !found.contains(name)
            && let Some(schema) = schemas.and_then(|schemas| schemas.get(name))
        {
            found.insert(name, schema.clone());
            open.push(schema);
        }
        match &node.value {
            Value::Array(items) => open.extend(items),
            Value::Object(object) => open.extend(object.iter().map(|(_, node)| node)),
            _ => {}
        }
    }
}

/// Keeps a caught panic from being printed; other threads' panics wait a moment for their message.
struct QuietPanics(Option<Hook>);

type Hook = Box<dyn Fn(&std::panic::PanicHookInfo<'_>) + Sync + Send + 'static>;

impl QuietPanics {
    fn start() -> Self {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        Self(Some(before))
    }
}

impl Drop for QuietPanics {
    fn drop(&mut self) {
        if let Some(before) = self.0.take() {
            std::panic::set_hook(before);
        }
    }
}
