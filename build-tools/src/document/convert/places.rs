//! What stands in another place than 3.0 has for it, before anything is looked at more closely: methods in capitals,
//! paths without a slash, bodies and forms among the parameters, an answer's schema without its media type.

use std::collections::BTreeSet;

use super::Form;
use super::ledger::{Ledger, Stage, Weight};
use super::swagger2::{Converter, content};
use crate::document::node::{Node, Object, Value};
use crate::document::pointer::{child, local_reference, tokens};
use crate::document::walk::path_items;

/// The methods of OpenAPI 3.0.
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
/// Where parameters that no call can have are kept.
const LEFT_OUT: &str = "x-parameters-left-out";

fn note(ledger: &mut Ledger, weight: Weight, rule: &'static str, pointer: &str, message: impl Into<String>) {
    ledger.note(Stage::Convert, weight, rule, pointer, message);
}

/// Paths start with a slash, and methods are written in small letters; done before the form is looked at.
pub(super) fn methods(root: &mut Node, form: Form, ledger: &mut Ledger) {
    path_items(root, &mut |item, pointer| {
        let Some(object) = item.as_object_mut() else { return };
        let operation = |node: &Node| node.get("responses").is_some() || node.get("operationId").is_some();
        let known = |name: &str| METHODS.contains(&name) || name.starts_with("x-");
        let newer = |name: &str| form == Form::V31 && matches!(name, "query" | "additionalOperations");
        let others: Vec<String> = object
            .iter()
            .filter(|(name, node)| !known(name) && !newer(name) && operation(node))
            .map(|(name, _)| name.to_owned())
            .collect();
        for name in others {
            let lower = name.trim().to_ascii_lowercase();
            let at = child(pointer, &name);
            let same = object.get(&lower) == object.get(&name);
            let (method, free) = (METHODS.contains(&lower.as_str()), !object.contains(&lower));
            let Some(node) = object.remove(&name) else { continue };
            if method && (free || same) {
                object.insert(lower.as_str(), node);
                note(ledger, Weight::Mend, "method-not-lower-case", &at, format!("`{name}` is the method `{lower}`"));
            } else {
                object.insert(format!("x-{name}"), node);
                let message = format!("3.0 has no `{name}` here; it is kept as `x-{name}`");
                note(ledger, Weight::Loss, "method-kept-aside", &at, message);
            }
        }
    });
    // The places of the above are those of the source, so this is last.
    if let Some(paths) = root.get_mut("paths").and_then(Node::as_object_mut) {
        let wrong =
            |path: &str, item: &Node| !path.starts_with('/') && !path.starts_with("x-") && item.as_object().is_some();
        if paths.iter().any(|(path, item)| wrong(path, item)) {
            *paths = slashed(paths, wrong, ledger);
        }
    }
}

fn slashed(paths: &Object, wrong: impl Fn(&str, &Node) -> bool, ledger: &mut Ledger) -> Object {
    let mut out = Object::new();
    for (path, item) in paths.iter() {
        let whole = format!("/{path}");
        let at = child("/paths", path);
        if !wrong(path, item) {
            out.insert(path, item.clone());
        } else if paths.contains(&whole) || path.contains("://") {
            let message = format!("it is no path, and is kept as `x-{path}`");
            note(ledger, Weight::Loss, "path-kept-aside", &at, message);
            out.insert(format!("x-{path}"), item.clone());
        } else {
            note(ledger, Weight::Mend, "path-without-slash", &at, format!("a path starts with a slash: `{whole}`"));
            out.insert(whole, item.clone());
        }
    }
    out
}

/// Parameters and answers of the form's own tree, which is 3.x by now.
pub(super) fn parameters_and_answers(root: &mut Node, ledger: &mut Ledger) {
    let shared = root.pointer("/components/parameters").and_then(Node::as_object).cloned().unwrap_or_default();
    path_items(root, &mut |item, pointer| {
        let Some(object) = item.as_object_mut() else { return };
        let mut work = Places { shared: &shared, placeholders: placeholders(pointer), ledger };
        work.path_item(object, pointer);
        for method in METHODS {
            let responses = object.get_mut(method).and_then(|operation| operation.get_mut("responses"));
            let at = child(&child(pointer, method), "responses");
            for (status, node) in responses.and_then(Node::as_object_mut).into_iter().flat_map(Object::iter_mut) {
                answer(node, &child(&at, status), ledger);
            }
        }
    });
    let components = root.get_mut("components");
    let Some(components) = components.and_then(Node::as_object_mut) else { return };
    for (name, node) in
        components.get_mut("responses").and_then(Node::as_object_mut).into_iter().flat_map(Object::iter_mut)
    {
        answer(node, &child("/components/responses", name), ledger);
    }
    let Some(parameters) = components.get_mut("parameters").and_then(Node::as_object_mut) else { return };
    let mut gone = Vec::new();
    for (name, node) in parameters.iter_mut() {
        match class(node, &shared, &BTreeSet::new()) {
            Class::Mended(mended) => *node = mended,
            Class::Kept => {}
            Class::Body(_) | Class::Field(_) | Class::Unusable(_) => gone.push(name.to_owned()),
        }
    }
    // What refers to them was rewritten above, each with an entry of its own.
    let mut aside = components_aside(parameters, gone, ledger);
    if let Some(known) = components.get(LEFT_OUT).and_then(Node::as_object) {
        known.iter().for_each(|(name, node)| aside.insert(name, node.clone()));
    }
    if !aside.is_empty() {
        components.insert(LEFT_OUT, aside);
    }
}

fn components_aside(parameters: &mut Object, names: Vec<String>, ledger: &mut Ledger) -> Object {
    let mut aside = Object::new();
    for name in names {
        let at = child("/components/parameters", &name);
        let message = format!("it is no parameter of 3.0; it is kept under `{LEFT_OUT}`");
        note(ledger, Weight::Mend, "parameter-place", &at, message);
        if let Some(node) = parameters.remove(&name) {
            aside.insert(name, node);
        }
    }
    aside
}

/// 2.0's `schema` of an answer in a document of 3.
fn answer(node: &mut Node, pointer: &str, ledger: &mut Ledger) {
    let Some(object) = node.as_object_mut().filter(|object| !object.contains("$ref")) else { return };
    if object.contains("content") || object.get("schema").is_none_or(|schema| schema.as_object().is_none()) {
        return;
    }
    if let Some(schema) = object.remove("schema") {
        object.insert("content", content(&["application/json"], &schema));
        let message = "an answer's schema stands under its media type; it is taken for JSON";
        note(ledger, Weight::Mend, "answer-schema", &child(pointer, "schema"), message);
    }
}

fn placeholders(pointer: &str) -> BTreeSet<String> {
    let path = tokens(pointer).and_then(|tokens| tokens.last().cloned()).unwrap_or_default();
    path.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name.to_owned()).collect()
}

/// What a parameter turns out to be.
enum Class {
    Kept,
    Mended(Node),
    Body(Node),
    Field(Node),
    Unusable(&'static str),
}

fn class(node: &Node, shared: &Object, placeholders: &BTreeSet<String>) -> Class {
    let Some(object) = node.as_object() else { return Class::Unusable("it is no parameter") };
    if let Some(reference) = object.get("$ref").and_then(Node::as_str) {
        let name = local_reference(reference).and_then(|pointer| tokens(&pointer)).and_then(|mut tokens| tokens.pop());
        // What leads nowhere, or on to another reference, is judged by `lint`.
        return match name.and_then(|name| shared.get(&name)).filter(|target| target.get("$ref").is_none()) {
            None => Class::Kept,
            Some(target) => match class(target, shared, placeholders) {
                Class::Mended(_) if target.get("in").is_some() => Class::Kept,
                class => class,
            },
        };
    }
    let name = match object.get("name").map(|node| &node.value) {
        Some(Value::Text(name)) if !name.is_empty() => name.to_string(),
        Some(Value::Number(name)) => name.to_string(),
        _ => return Class::Unusable("it has no name"),
    };
    let said = object.get("in").and_then(Node::as_str);
    let lower = said.map(|place| place.trim().to_ascii_lowercase());
    let place = match lower.as_deref() {
        Some(place @ ("path" | "query" | "header" | "cookie")) => place,
        Some("headers") => "header",
        Some("body") => return Class::Body(node.clone()),
        Some("formdata" | "form-data" | "form") => return Class::Field(node.clone()),
        None if placeholders.contains(&name) => "path",
        Some("querystring") => return Class::Unusable("3.0 has no words for a whole query string"),
        Some(_) => return Class::Unusable("it stands in a place that requests do not have"),
        None => return Class::Unusable("it does not say where it stands"),
    };
    if said == Some(place) && object.get("name").and_then(Node::as_str).is_some() {
        return Class::Kept;
    }
    let mut object = object.clone();
    object.insert("in", place);
    object.insert("name", name);
    Class::Mended(object.into())
}

struct Places<'a> {
    shared: &'a Object,
    placeholders: BTreeSet<String>,
    ledger: &'a mut Ledger,
}

/// What stood among parameters and is none.
#[derive(Default)]
struct Misplaced {
    bodies: Vec<(Node, String)>,
    fields: Vec<(Node, String)>,
}

impl Places<'_> {
    fn path_item(&mut self, item: &mut Object, pointer: &str) {
        let mut common = self.sorted(item, pointer);
        let mut given = false;
        for method in METHODS {
            let Some(operation) = item.get_mut(method).and_then(Node::as_object_mut) else { continue };
            let at = child(pointer, method);
            let mut own = self.sorted(operation, &at);
            if !matches!(method, "get" | "head" | "options" | "trace") && own.bodies.is_empty() && own.fields.is_empty()
            {
                own.bodies.clone_from(&common.bodies);
                own.fields.clone_from(&common.fields);
                given = true;
            }
            self.request_body(operation, own, &at);
        }
        if !given {
            let rest = common.bodies.drain(..).chain(common.fields.drain(..));
            for (node, at) in rest.collect::<Vec<_>>() {
                self.leave_out(item, node, &at, "no operation of this path takes it");
            }
        }
    }

    /// Leaves in the list what are parameters.
    fn sorted(&mut self, object: &mut Object, pointer: &str) -> Misplaced {
        let mut found = Misplaced::default();
        let Some(list) = object.get_mut("parameters").and_then(Node::as_array_mut) else { return found };
        if list.iter().all(|node| matches!(class(node, self.shared, &self.placeholders), Class::Kept)) {
            return found;
        }
        let mut unusable = Vec::new();
        let mut kept = Vec::new();
        for (at, node) in std::mem::take(list).into_iter().enumerate() {
            let at = child(&child(pointer, "parameters"), &at.to_string());
            match class(&node, self.shared, &self.placeholders) {
                Class::Kept => kept.push(node),
                Class::Mended(mended) => {
                    let place = mended.text_at("in").unwrap_or_default();
                    let message = format!("it stands in the {place}");
                    note(self.ledger, Weight::Mend, "parameter-place", &at, message);
                    kept.push(mended);
                }
                Class::Body(body) => found.bodies.push((body, at)),
                Class::Field(field) => found.fields.push((field, at)),
                Class::Unusable(why) => unusable.push((node, at, why)),
            }
        }
        *list = kept;
        for (node, at, why) in unusable {
            self.leave_out(object, node, &at, why);
        }
        found
    }

    fn leave_out(&mut self, object: &mut Object, node: Node, at: &str, why: &str) {
        if !object.contains(LEFT_OUT) {
            object.insert(LEFT_OUT, Vec::<Node>::new());
        }
        if let Some(list) = object.get_mut(LEFT_OUT).and_then(Node::as_array_mut) {
            list.push(node);
        }
        let message = format!("{why}; it is kept under `{LEFT_OUT}`");
        note(self.ledger, Weight::Loss, "parameter-left-out", at, message);
    }

    fn request_body(&mut self, operation: &mut Object, found: Misplaced, pointer: &str) {
        let Misplaced { bodies, fields } = found;
        let mut rest = Vec::new();
        let free = !operation.contains("requestBody");
        let mut bodies = bodies.into_iter();
        match bodies.next() {
            Some((body, at)) if free => {
                note(self.ledger, Weight::Mend, "parameter-place", &at, "3.0 has bodies in a place of their own");
                let made = Converter::new(self.ledger).body(&body, &[], pointer);
                operation.insert("requestBody", made);
                rest.extend(fields);
            }
            None if free && !fields.is_empty() => {
                for (_, at) in &fields {
                    note(self.ledger, Weight::Mend, "parameter-place", at, "3.0 has forms in a place of their own");
                }
                let fields: Vec<Node> = fields.into_iter().map(|(node, _)| node).collect();
                let made = Converter::new(self.ledger).form(&fields, &[], pointer);
                operation.insert("requestBody", made);
            }
            first => {
                rest.extend(first);
                rest.extend(fields);
            }
        }
        rest.extend(bodies);
        for (node, at) in rest {
            self.leave_out(operation, node, &at, "there is a body already");
        }
    }
}
