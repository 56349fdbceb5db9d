//! OpenAPI 3.1 and 3.2 (JSON Schema 2020-12) to 3.0.3, meaning kept where 3.0 has words for it.

use super::hoist::{component_names, redirect};
use super::ledger::{Ledger, Stage, Weight};
use crate::document::node::{Node, Object, Value};
use crate::document::pointer::child;
use crate::document::walk::{Kind, walk};

/// Keywords that 3.0 has no words for; they are taken out and counted as losses.
const NO_WORDS: [&str; 19] = [
    "if",
    "then",
    "else",
    "dependentSchemas",
    "dependentRequired",
    "unevaluatedItems",
    "unevaluatedProperties",
    "propertyNames",
    "contains",
    "minContains",
    "maxContains",
    "contentSchema",
    "$dynamicRef",
    "$dynamicAnchor",
    "$vocabulary",
    "$recursiveRef",
    "$recursiveAnchor",
    "dependencies",
    "additionalItems",
];
/// Keywords that say nothing about values.
const SILENT: [&str; 4] = ["$schema", "$id", "$anchor", "$comment"];

/// Rewrites the whole tree. `keep` leaves the keywords that 3.0 has no words for, for a reader that knows them.
pub(super) fn convert(root: &mut Node, ledger: &mut Ledger, keep: bool) {
    inline_path_items(root, ledger);
    hoist_definitions(root, ledger);
    walk(root, &mut |kind, node, pointer| match kind {
        Kind::Schema => schema(node, pointer, ledger, keep),
        Kind::PathItem => path_item(node, pointer, ledger),
        Kind::MediaType => media_type(node, pointer, ledger),
        Kind::Parameter | Kind::Header => single_example(node, pointer, ledger),
        Kind::Operation | Kind::RequestBody | Kind::Response => {}
    });
    top(root, ledger);
}

fn note(ledger: &mut Ledger, weight: Weight, rule: &'static str, pointer: &str, message: impl Into<String>) {
    ledger.note(Stage::Convert, weight, rule, pointer, message);
}

fn top(root: &mut Node, ledger: &mut Ledger) {
    let Some(object) = root.as_object_mut() else { return };
    for (member, rule) in [("jsonSchemaDialect", "dialect-dropped"), ("$self", "self-dropped")] {
        if object.remove(member).is_some() {
            note(ledger, Weight::Rewrite, rule, &child("", member), format!("`{member}` says nothing about values"));
        }
    }
    if let Some(webhooks) = object.remove("webhooks") {
        note(
            ledger,
            Weight::Loss,
            "webhooks-kept-aside",
            "/webhooks",
            "3.0 has no webhooks; they are kept as `x-webhooks`",
        );
        object.insert("x-webhooks", webhooks);
    }
    if !object.contains("paths") {
        object.insert("paths", Object::new());
    }
    for (place, member) in [("info", "summary"), ("components", "pathItems"), ("components", "mediaTypes")] {
        if object.get_mut(place).and_then(Node::as_object_mut).and_then(|object| object.remove(member)).is_some() {
            let pointer = format!("/{place}/{member}");
            note(ledger, Weight::Rewrite, "member-dropped", &pointer, format!("3.0 has no `{member}` here"));
        }
    }
    if let Some(licence) = object.get_mut("info").and_then(|info| info.get_mut("license")).and_then(Node::as_object_mut)
        && let Some(identifier) = licence.remove("identifier")
    {
        licence.insert("x-identifier", identifier);
        note(
            ledger,
            Weight::Rewrite,
            "licence-identifier",
            "/info/license",
            "the identifier is kept as `x-identifier`",
        );
    }
}

/// `paths: {/x: {$ref: ...}}`: the item itself takes the place; members beside the reference win.
fn inline_path_items(root: &mut Node, ledger: &mut Ledger) {
    let paths: Vec<(String, String)> = root
        .get("paths")
        .and_then(Node::as_object)
        .into_iter()
        .flat_map(Object::iter)
        .filter_map(|(path, item)| Some((path.to_owned(), item.text_at("$ref")?.to_owned())))
        .collect();
    for (path, reference) in paths {
        let target = crate::document::local_reference(&reference).and_then(|pointer| root.pointer(&pointer).cloned());
        let pointer = child("/paths", &path);
        let Some((target, item)) = target.zip(root.pointer_mut(&pointer).and_then(Node::as_object_mut)) else {
            continue;
        };
        item.remove("$ref");
        for (name, node) in target.as_object().into_iter().flat_map(Object::iter) {
            if !item.contains(name) {
                item.insert(name, node.clone());
            }
        }
        note(ledger, Weight::Rewrite, "path-item-inlined", &pointer, format!("`{reference}` stands in its place"));
    }
}

/// `$defs` and `definitions` within component schemas become components; references to them follow.
fn hoist_definitions(root: &mut Node, ledger: &mut Ledger) {
    let mut moved: Vec<(String, String, Node)> = Vec::new();
    let mut taken = component_names(root);
    crate::document::walk::schemas(root, &mut |node, pointer| {
        let Some(object) = node.as_object_mut() else { return };
        for member in ["$defs", "definitions"] {
            let Some(definitions) = object.remove(member) else { continue };
            let own = pointer.rsplit('/').next().unwrap_or_default();
            let own: String = own.chars().filter(|c| c.is_alphanumeric() || *c == '_').collect();
            for (name, definition) in definitions.as_object().into_iter().flat_map(Object::iter) {
                let mut wanted = name.to_owned();
                let mut number = 1;
                while taken.contains(&wanted) {
                    wanted = if number == 1 { format!("{own}{name}") } else { format!("{own}{name}{number}") };
                    number += 1;
                }
                taken.insert(wanted.clone());
                moved.push((child(&child(pointer, member), name), wanted, definition.clone()));
            }
        }
    });
    for (from, name, definition) in &moved {
        note(ledger, Weight::Rewrite, "definition-hoisted", from, format!("it is now the component `{name}`"));
        root.object_at(&["components", "schemas"]).insert(name.as_str(), definition.clone());
    }
    if !moved.is_empty() {
        redirect(root, &moved.into_iter().map(|(from, name, _)| (from, name)).collect());
    }
}

fn path_item(node: &mut Node, pointer: &str, ledger: &mut Ledger) {
    let Some(object) = node.as_object_mut() else { return };
    for member in ["query", "additionalOperations"] {
        if let Some(operations) = object.remove(member) {
            object.insert(format!("x-{member}"), operations);
            let message = format!("3.0 has no `{member}`; it is kept as `x-{member}`");
            note(ledger, Weight::Loss, "method-kept-aside", pointer, message);
        }
    }
}

fn media_type(node: &mut Node, pointer: &str, ledger: &mut Ledger) {
    if let Some(object) = node.as_object_mut()
        && let Some(item) = object.remove("itemSchema")
    {
        let mut array = Object::new();
        array.insert("type", "array");
        array.insert("items", item);
        if !object.contains("schema") {
            object.insert("schema", array);
        }
        note(ledger, Weight::Loss, "stream-as-array", pointer, "a stream of items is said as an array of them");
    }
}

/// A parameter's `examples` of 3.1 are as in 3.0; an array of plain values there is a defect.
fn single_example(node: &mut Node, pointer: &str, ledger: &mut Ledger) {
    let Some(object) = node.as_object_mut() else { return };
    if let Some(Value::Array(items)) = object.get("examples").map(|node| node.value.clone()) {
        object.remove("examples");
        if let Some(first) = items.into_iter().next() {
            object.insert("example", first);
        }
        note(ledger, Weight::Loss, "examples-to-example", pointer, "of several examples the first is kept");
    }
}

fn schema(node: &mut Node, pointer: &str, ledger: &mut Ledger, keep: bool) {
    if let Some(allowed) = node.as_bool() {
        let mut object = Object::new();
        if !allowed {
            object.insert("not", Object::new());
        }
        *node = object.into();
        return note(ledger, Weight::Rewrite, "boolean-schema", pointer, "a boolean schema is said as an object");
    }
    let Some(object) = node.as_object_mut() else { return };
    siblings(object, pointer, ledger);
    words_of_3_0(object, pointer, ledger);
    words(object, pointer, ledger, keep);
}

/// Whether a schema has a word that 3.0 does not know.
pub(super) fn has_words(object: &Object) -> bool {
    const MORE: [&str; 6] =
        ["const", "examples", "contentEncoding", "contentMediaType", "prefixItems", "patternProperties"];
    object.iter().any(|(key, node)| match key {
        "type" => node.as_array().is_some() || node.as_str() == Some("null"),
        "exclusiveMinimum" | "exclusiveMaximum" => node.as_number().is_some(),
        "items" => node.as_array().is_some(),
        // What most members are called.
        "description" | "properties" | "format" | "example" | "nullable" | "enum" | "default" | "title" => false,
        key => MORE.contains(&key) || NO_WORDS.contains(&key) || SILENT.contains(&key),
    })
}

/// The words of one schema, reference and siblings apart.
pub(super) fn words(object: &mut Object, pointer: &str, ledger: &mut Ledger, keep: bool) {
    constant(object, pointer, ledger);
    types(object, pointer, ledger);
    null_arms(object, pointer, ledger, keep);
    bounds(object, pointer, ledger);
    examples(object, pointer, ledger);
    if !keep || says_format(object) {
        content(object, pointer, ledger);
    }
    if !keep {
        tuples(object, pointer, ledger);
        pattern_properties(object, pointer, ledger);
    }
    for keyword in SILENT {
        if object.remove(keyword).is_some() {
            note(ledger, Weight::Rewrite, "keyword-silent", pointer, format!("`{keyword}` says nothing about values"));
        }
    }
    for keyword in NO_WORDS.into_iter().filter(|_| !keep) {
        if object.remove(keyword).is_some() {
            note(ledger, Weight::Loss, "keyword-lost", pointer, format!("3.0 has no words for `{keyword}`"));
        }
    }
}

/// In 3.1 what stands beside a reference counts; in 3.0 it would be passed over.
fn siblings(object: &mut Object, pointer: &str, ledger: &mut Ledger) {
    if object.len() < 2 {
        return;
    }
    if let Some(reference) = object.remove("$ref") {
        let mut target = Object::new();
        target.insert("$ref", reference);
        let mut parts = vec![Node::from(target)];
        if let Some(Value::Array(more)) = object.remove("allOf").map(|node| node.value) {
            parts.extend(more);
        }
        object.insert("allOf", parts);
        note(
            ledger,
            Weight::Rewrite,
            "reference-with-siblings",
            pointer,
            "the reference and its siblings are joined by `allOf`",
        );
    }
}

fn constant(object: &mut Object, pointer: &str, ledger: &mut Ledger) {
    if let Some(value) = object.remove("const") {
        if !object.contains("type") {
            let kind = match &value.value {
                Value::Text(_) => Some("string"),
                Value::Bool(_) => Some("boolean"),
                Value::Number(text) if text.contains(['.', 'e', 'E']) => Some("number"),
                Value::Number(_) => Some("integer"),
                _ => None,
            };
            if let Some(kind) = kind {
                object.insert("type", kind);
            }
        }
        object.insert("enum", vec![value]);
        note(ledger, Weight::Rewrite, "const-to-enum", pointer, "`const` is an enum with one value");
    }
}

/// `type: [a, null]` is `a`, nullable; several others are alternatives.
fn types(object: &mut Object, pointer: &str, ledger: &mut Ledger) {
    let listed: Vec<String> = match object.get("type").map(|node| &node.value) {
        // A list with something else in it is no list of types: `mend` makes any value of it.
        Some(Value::Array(items)) if !items.is_empty() && items.iter().all(|item| item.as_str().is_some()) => {
            items.iter().filter_map(Node::as_str).map(str::to_owned).collect()
        }
        Some(Value::Text(text)) if text.as_ref() == "null" => vec!["null".to_owned()],
        _ => return,
    };
    let null = listed.iter().any(|kind| kind == "null");
    let others: Vec<&String> = listed.iter().filter(|kind| *kind != "null").collect();
    object.remove("type");
    if null {
        object.insert("nullable", true);
    }
    match others.as_slice() {
        [] => object.insert("enum", vec![Node::default()]),
        [one] => object.insert("type", one.as_str()),
        several => {
            let arm = |kind: &&String| {
                let mut arm = Object::new();
                arm.insert("type", kind.as_str());
                if kind.as_str() == "array" {
                    arm.insert("items", object.get("items").cloned().unwrap_or_else(|| Object::new().into()));
                }
                Node::from(arm)
            };
            let arms: Vec<Node> = several.iter().map(arm).collect();
            let mut wrapper = Object::new();
            wrapper.insert("anyOf", arms);
            if object.contains("anyOf") {
                let mut parts = vec![Node::from(wrapper)];
                if let Some(Value::Array(more)) = object.remove("allOf").map(|node| node.value) {
                    parts.extend(more);
                }
                object.insert("allOf", parts);
            } else if let Some(arms) = wrapper.remove("anyOf") {
                object.insert("anyOf", arms);
            }
        }
    }
    note(
        ledger,
        Weight::Rewrite,
        "type-array",
        pointer,
        format!("the types {} in the words of 3.0", listed.join(", ")),
    );
}

/// An arm that is only `null` makes the whole nullable. Innermost first, such an arm is already rewritten. `keep` leaves
/// it under `oneOf`: where another arm takes null as well, null is not allowed at all.
fn null_arms(object: &mut Object, pointer: &str, ledger: &mut Ledger, keep: bool) {
    let is_null = |arm: &Node| {
        let only = arm.as_object().is_some_and(|object| {
            object.iter().all(|(key, _)| matches!(key, "nullable" | "enum" | "description" | "title"))
        });
        let values = arm.get("enum").and_then(Node::as_array);
        only && values.is_some_and(|values| !values.is_empty() && values.iter().all(|value| value.value == Value::Null))
    };
    for combiner in ["oneOf", "anyOf"].into_iter().filter(|combiner| !(keep && *combiner == "oneOf")) {
        let Some(arms) = object.get_mut(combiner).and_then(Node::as_array_mut) else { continue };
        let before = arms.len();
        arms.retain(|arm| !is_null(arm));
        if arms.len() == before {
            continue;
        }
        let left = arms.len();
        if left == 0 {
            object.remove(combiner);
            object.insert("enum", vec![Node::default()]);
        }
        if left == 1
            && !object.contains("allOf")
            && let Some(arms) = object.remove(combiner)
        {
            // `nullable` needs to stand beside something that has a type; one arm is `allOf` that arm.
            object.insert("allOf", arms);
        }
        object.insert("nullable", true);
        note(ledger, Weight::Rewrite, "null-arm", pointer, "an arm that is only null is `nullable`");
    }
    if let Some(values) = object.get("enum").and_then(Node::as_array)
        && values.len() > 1
        && values.iter().any(|value| value.value == Value::Null)
        && !object.contains("nullable")
    {
        object.insert("nullable", true);
        note(ledger, Weight::Rewrite, "null-in-enum", pointer, "null among the values is `nullable`");
    }
}

/// Words of 3.0 in a document that says it is 3.1: what is meant is plain, and is kept.
fn words_of_3_0(object: &Object, pointer: &str, ledger: &mut Ledger) {
    for (word, rule) in [
        ("nullable", "nullable-in-3.1"),
        ("exclusiveMinimum", "exclusive-flag-in-3.1"),
        ("exclusiveMaximum", "exclusive-flag-in-3.1"),
    ] {
        if object.get(word).and_then(Node::as_bool).is_some() {
            note(ledger, Weight::Mend, rule, pointer, format!("`{word}` as a flag is 3.0's; it is taken as such"));
        }
    }
}

fn bounds(object: &mut Object, pointer: &str, ledger: &mut Ledger) {
    for (exclusive, inclusive, wins) in [
        ("exclusiveMinimum", "minimum", std::cmp::Ordering::Greater),
        ("exclusiveMaximum", "maximum", std::cmp::Ordering::Less),
    ] {
        let Some(limit) = object.get(exclusive).and_then(Node::as_number).map(str::to_owned) else { continue };
        let known = object.get(inclusive).and_then(Node::as_number).map(str::to_owned);
        let tighter = known.as_ref().and_then(|known| known.parse::<f64>().ok()).zip(limit.parse::<f64>().ok());
        object.remove(exclusive);
        if let Some((known, limit)) = tighter
            && known.partial_cmp(&limit) == Some(wins)
        {
            continue;
        }
        object.insert(inclusive, Node::from(Value::Number(limit.into())));
        object.insert(exclusive, true);
        note(ledger, Weight::Rewrite, "exclusive-bound", pointer, format!("`{exclusive}` is a flag in 3.0"));
    }
}

fn examples(object: &mut Object, pointer: &str, ledger: &mut Ledger) {
    let Some(examples) = object.remove("examples") else { return };
    let mut all = match examples.value {
        Value::Array(items) => items,
        Value::Object(named) => {
            named.iter().map(|(_, node)| node.get("value").cloned().unwrap_or_else(|| node.clone())).collect()
        }
        _ => Vec::new(),
    };
    let weight = if all.len() > 1 { Weight::Loss } else { Weight::Rewrite };
    if !all.is_empty() && !object.contains("example") {
        object.insert("example", all.swap_remove(0));
    }
    note(ledger, weight, "examples-to-example", pointer, "of several examples the first is kept");
}

/// `prefixItems` (and an array under `items`): the items are any of the given ones.
fn tuples(object: &mut Object, pointer: &str, ledger: &mut Ledger) {
    let listed = match object.remove("prefixItems").map(|node| node.value) {
        Some(Value::Array(items)) => items,
        _ => match object.get("items").map(|node| node.value.clone()) {
            Some(Value::Array(items)) => items,
            _ => return,
        },
    };
    let mut arms = listed;
    if let Some(rest) =
        object.remove("items").filter(|node| node.as_object().is_some_and(|object| !object.contains("not")))
    {
        arms.push(rest);
    }
    let mut items = Object::new();
    if !arms.is_empty() {
        items.insert("anyOf", arms);
    }
    object.insert("items", items);
    note(
        ledger,
        Weight::Loss,
        "tuple-as-array",
        pointer,
        "3.0 cannot say which item is which; each may be any of them",
    );
}

/// Whether a content's encoding is one that 3.0 has a format for.
fn says_format(object: &Object) -> bool {
    let text = |key: &str| object.get(key).and_then(Node::as_str);
    text("contentEncoding") == Some("base64")
        || (text("contentEncoding").is_none() && text("contentMediaType") == Some("application/octet-stream"))
}

fn content(object: &mut Object, pointer: &str, ledger: &mut Ledger) {
    let encoding = object.remove("contentEncoding").and_then(|node| node.as_str().map(str::to_owned));
    let media = object.remove("contentMediaType").and_then(|node| node.as_str().map(str::to_owned));
    if encoding.is_none() && media.is_none() {
        return;
    }
    let format = match (encoding.as_deref(), media.as_deref()) {
        (Some("base64"), _) => Some("byte"),
        (None, Some("application/octet-stream")) => Some("binary"),
        _ => None,
    };
    if let Some(format) = format {
        object.insert("format", format);
        if !object.contains("type") {
            object.insert("type", "string");
        }
    }
    let lost = format.is_none() || (media.is_some() && encoding.is_some());
    let weight = if lost { Weight::Loss } else { Weight::Rewrite };
    note(ledger, weight, "content-to-format", pointer, "the content's encoding is a format in 3.0");
}

fn pattern_properties(object: &mut Object, pointer: &str, ledger: &mut Ledger) {
    let Some(Value::Object(patterns)) = object.remove("patternProperties").map(|node| node.value) else { return };
    let mut arms: Vec<Node> = patterns.iter().map(|(_, node)| node.clone()).collect();
    let open = object.get("additionalProperties").is_none_or(|node| node.as_bool() == Some(true));
    if let Some(rest) = object.get("additionalProperties").filter(|node| node.as_object().is_some()) {
        arms.push(rest.clone());
    }
    let closed = object.get("additionalProperties").and_then(Node::as_bool) == Some(false);
    if closed || !open || object.get("properties").is_none() {
        let node = match (arms.len(), arms.pop()) {
            (1, Some(one)) => one,
            (_, last) => {
                arms.extend(last);
                let mut any = Object::new();
                any.insert("anyOf", arms);
                any.into()
            }
        };
        object.insert("additionalProperties", node);
    }
    note(
        ledger,
        Weight::Loss,
        "pattern-properties",
        pointer,
        "3.0 cannot say which names the members have, only what they hold",
    );
}
