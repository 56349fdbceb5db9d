//! Requests made from the document: values that keep to a schema, and the schemas that answers must keep to.
//!
//! It shares no code with the emulator, so that one mistake cannot hide another.

use std::collections::BTreeMap;

use jsonschema::Validator;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;
use proptest::strategy::{BoxedStrategy, Union};
use serde_json::{Map, Value, json};

use super::{RECONSTRUCTION, Reply};

/// A call, ready to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Below the base, percent-encoded, query included.
    pub(crate) path: String,
    pub(crate) body: Option<Value>,
}

/// An operation as the document describes it.
#[derive(Clone, Debug)]
pub(crate) struct Described {
    pub(crate) method: String,
    pub(crate) template: String,
    pub(crate) parameters: Vec<Value>,
    pub(crate) body: Option<Value>,
    pub(crate) responses: Map<String, Value>,
}

pub(crate) struct Document {
    pub(crate) tree: Value,
    pub(crate) operations: Vec<Described>,
    validators: std::cell::RefCell<BTreeMap<String, std::rc::Rc<Validator>>>,
}

impl Document {
    pub(crate) fn read() -> Self {
        let tree: Value = serde_json::from_slice(&RECONSTRUCTION).unwrap();
        let mut operations = Vec::new();
        for (template, path) in tree["paths"].as_object().unwrap() {
            for (method, operation) in path.as_object().unwrap() {
                let body = operation.pointer("/requestBody/content/application~1json/schema").cloned();
                let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
                operations.push(Described {
                    method: method.to_uppercase(),
                    template: template.clone(),
                    parameters: parameters.iter().map(|parameter| resolve(&tree, parameter).clone()).collect(),
                    body,
                    responses: operation["responses"].as_object().unwrap().clone(),
                });
            }
        }
        Self { tree, operations, validators: Default::default() }
    }

    /// Fails where an answer is not what the document promises for its status.
    pub(crate) fn check(&self, operation: &Described, reply: &Reply) {
        let at = format!("{} {} -> {} {}", operation.method, operation.template, reply.status, reply.text());
        assert!(reply.status < 500, "{at}");
        let class = format!("{}XX", reply.status / 100);
        let status = reply.status.to_string();
        let keys = [status.as_str(), class.as_str(), "default"];
        let promised = keys.iter().find_map(|key| operation.responses.get(*key)).unwrap_or_else(|| panic!("{at}"));
        let content = resolve(&self.tree, promised)["content"].as_object().unwrap();
        let media = reply.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default().to_owned();
        let schema = content.get(&media).unwrap_or_else(|| panic!("{media}: {at}"))["schema"].clone();
        let body = if media == "application/json" { reply.json() } else { Value::String(reply.text()) };
        let errors: Vec<String> = self.validator(schema).iter_errors(&body).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}: {at}");
        let basis = reply.header("x-swpanel-emulator-basis").unwrap_or_default();
        assert!(["document", "observed", "guessed"].contains(&basis), "{at}");
    }

    fn validator(&self, schema: Value) -> std::rc::Rc<Validator> {
        let key = schema.to_string();
        let mut validators = self.validators.borrow_mut();
        let made = || {
            let mut root = schema;
            root["components"] = json!({"schemas": self.tree["components"]["schemas"]});
            std::rc::Rc::new(jsonschema::draft202012::new(&root).unwrap())
        };
        validators.entry(key).or_insert_with(made).clone()
    }

    /// The call that the document's examples make up.
    pub(crate) fn example(&self, operation: &Described) -> Request {
        let value = |parameter: &Value| text_of(parameter.get("example").unwrap_or(&json!("text")));
        let path = self.path(operation, &value, &|parameter| parameter["in"] == "query");
        let body = operation.body.as_ref().map(|schema| self.example_of(schema));
        Request { method: operation.method.clone(), path, body }
    }

    fn example_of(&self, schema: &Value) -> Value {
        let schema = resolve(&self.tree, schema);
        if let Some(example) = schema.get("example") {
            return example.clone();
        }
        if let Some(choice) = schema["oneOf"].as_array() {
            return self.example_of(&choice[0]);
        }
        if let Some(options) = schema["enum"].as_array() {
            return options[0].clone();
        }
        match schema["type"].as_str() {
            Some("object") => {
                let properties = schema["properties"].as_object().cloned().unwrap_or_default();
                let all = properties.iter().map(|(name, inner)| (name.clone(), self.example_of(inner)));
                Value::Object(all.collect())
            }
            Some("array") => json!([self.example_of(&schema["items"])]),
            Some("integer") => schema.get("minimum").cloned().unwrap_or(json!(1)),
            Some("boolean") => json!(false),
            _ => json!("1"),
        }
    }

    fn path(&self, operation: &Described, value: &dyn Fn(&Value) -> String, with: &dyn Fn(&Value) -> bool) -> String {
        let mut path = operation.template.clone();
        let mut query = Vec::new();
        for parameter in &operation.parameters {
            let name = parameter["name"].as_str().unwrap();
            let text = utf8_percent_encode(&value(parameter), NON_ALPHANUMERIC).to_string();
            if parameter["in"] == "path" {
                path = path.replace(&format!("{{{name}}}"), &text);
            } else if with(parameter) {
                query.push(format!("{name}={text}"));
            }
        }
        if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
    }

    /// Calls that keep to the document. Most of them name what the account of the demo has.
    pub(crate) fn requests(&self, operation: &Described) -> BoxedStrategy<Request> {
        let body = match &operation.body {
            Some(schema) => value_of(&self.tree, schema, 12).prop_map(Some).boxed(),
            None => prop_oneof![Just(None), Just(Some(json!({})))].boxed(),
        };
        let values: Vec<BoxedStrategy<Value>> =
            operation.parameters.iter().map(|parameter| parameter_of(&self.tree, parameter)).collect();
        let flags = proptest::collection::vec(any::<bool>(), operation.parameters.len());
        let operation = operation.clone();
        let lone = Self { tree: Value::Null, operations: Vec::new(), validators: Default::default() };
        (body, values, flags)
            .prop_map(move |(body, values, flags)| {
                let at = |parameter: &Value| operation.parameters.iter().position(|known| known == parameter).unwrap();
                let value = |parameter: &Value| text_of(&values[at(parameter)]);
                let path = lone.path(&operation, &value, &|parameter| flags[at(parameter)]);
                Request { method: operation.method.clone(), path, body }
            })
            .boxed()
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

pub(crate) fn resolve<'a>(tree: &'a Value, node: &'a Value) -> &'a Value {
    match node.get("$ref").and_then(Value::as_str) {
        Some(reference) => resolve(tree, tree.pointer(&reference[1..]).unwrap()),
        None => node,
    }
}

fn parameter_of(tree: &Value, parameter: &Value) -> BoxedStrategy<Value> {
    let example = parameter.get("example").cloned().unwrap_or(json!("x"));
    let any = match parameter["schema"]["type"].as_str() {
        Some("string") => "[a-zA-Z0-9ñé@ %/?#.+-]{1,12}"
            .prop_filter("dots are no name", |text| text != "." && text != "..")
            .prop_map(Value::String)
            .boxed(),
        _ => value_of(tree, &parameter["schema"], 3),
    };
    prop_oneof![3 => Just(example), 1 => any].boxed()
}

/// Values that keep to a schema.
pub(crate) fn value_of(tree: &Value, schema: &Value, depth: usize) -> BoxedStrategy<Value> {
    let schema = resolve(tree, schema);
    if let Some(choices) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
        // Whoever fits `integer` fits `number or text`; the forms of orders exclude each other by themselves.
        return Union::new(choices.iter().map(|choice| value_of(tree, choice, depth - 1))).boxed();
    }
    if let Some(options) = schema["enum"].as_array() {
        return proptest::sample::select(options.clone()).boxed();
    }
    let made = match schema["type"].as_str() {
        Some("object") => {
            let none = Map::new();
            let properties = schema["properties"].as_object().unwrap_or(&none);
            let required: Vec<&str> =
                schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let members: Vec<BoxedStrategy<Option<(String, Value)>>> = properties
                .iter()
                .map(|(name, inner)| {
                    let must = required.contains(&name.as_str()) || depth == 0;
                    let name = name.clone();
                    let value = value_of(tree, inner, depth.saturating_sub(1));
                    (value, any::<bool>())
                        .prop_map(move |(value, there)| (must || there).then(|| (name.clone(), value)))
                        .boxed()
                })
                .collect();
            return members.prop_map(|members| Value::Object(members.into_iter().flatten().collect())).boxed();
        }
        Some("array") => {
            let least = usize::try_from(schema["minItems"].as_u64().unwrap_or(0)).unwrap();
            let most = usize::try_from(schema["maxItems"].as_u64().unwrap_or(3)).unwrap();
            let item = value_of(tree, &schema["items"], depth.saturating_sub(1));
            proptest::collection::vec(item, least..=most).prop_map(Value::Array).boxed()
        }
        Some("integer") => {
            let step = schema["multipleOf"].as_i64().unwrap_or(1);
            let least = schema["minimum"].as_i64().unwrap_or(-5);
            let most = schema["maximum"].as_i64().unwrap_or(100_000);
            let first = least.div_euclid(step) + i64::from(least.rem_euclid(step) != 0);
            (first..=most / step).prop_map(move |number| json!(number * step)).boxed()
        }
        Some("boolean") => any::<bool>().prop_map(Value::Bool).boxed(),
        Some("string") => "[a-zA-Z0-9áñ .:;@_/\"'<&-]{0,16}".prop_map(Value::String).boxed(),
        _ => prop_oneof![Just(json!("any")), Just(json!(1)), Just(json!({"a": null}))].boxed(),
    };
    match schema.get("example") {
        Some(example) => prop_oneof![2 => Just(example.clone()), 1 => made].boxed(),
        None => made,
    }
}
