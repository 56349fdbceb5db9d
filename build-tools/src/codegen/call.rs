//! An operation and example values to the Rust call that sends them: the one generator of call expressions,
//! used by wire tests, snapshots and documentation.

use std::collections::BTreeSet;

use super::model::{Model, RustType};
use super::prepare::operations::{RESERVED, view_name};
use crate::document::{Node, Operation, ParameterPlace, Value};
use crate::examples::{self, Fill};
use crate::names::setter_name;

/// A Rust call of one operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// `client.x().y("...").send()`, formatted, without `.await`.
    expression: String,
    /// The body the call sends, where it sends one.
    pub body: Option<Node>,
    /// The same call by a handle, where one leads to it.
    pub by_handle: Option<String>,
    /// The values of the parameters that it sends.
    pub parameters: Vec<(ParameterPlace, String, Node)>,
    uses_types: bool,
}

impl Call {
    /// The statements of an example: imports, then `let NAME = ...await?;`.
    pub fn statements(&self, name: &str) -> String {
        let import = if self.uses_types { "use swpanel::types;\n\n" } else { "" };
        let text = format!("fn f() {{ let {name} = {}.await?; }}", self.expression);
        let Ok(file) = syn::parse_str::<syn::File>(&text) else { return String::new() };
        let pretty = prettyplease::unparse(&file);
        let lines: Vec<&str> = pretty.lines().collect();
        let body = lines.get(1..lines.len().saturating_sub(1)).unwrap_or_default();
        let body: String = body.iter().map(|line| format!("{}\n", line.strip_prefix("    ").unwrap_or(line))).collect();
        format!("{import}{body}")
    }

    /// The expression without `.await`, for code that polls it itself.
    pub fn expression(&self) -> &str {
        &self.expression
    }
}

/// The call of an operation with its example values, or nothing where the operation has no generated method
/// or an example cannot be said in its types.
pub fn call(operation: &Operation<'_>, model: &Model) -> Option<Call> {
    let builder = model.builders.get(operation.id())?;
    let document = operation.document();
    let mut text = String::new();
    let handle = model.handles.get(operation.id());
    let mut by_handle = None;
    let mut writer = Writer { model, uses_types: false };
    let mut parameters = Vec::new();
    let mut taken: BTreeSet<String> = RESERVED.iter().map(|name| (*name).to_owned()).collect();
    for parameter in operation.parameters() {
        let setter = setter_name(&view_name(&parameter, &mut taken));
        let Some(of) = builder.setters.get(&setter) else { continue };
        let value = examples::parameter(document, &parameter);
        let written = writer.write(of, &value, Wanted::Convertible)?;
        let given = format!(".{setter}({written})");
        if handle.is_some_and(|(spared, _)| *spared == setter) {
            by_handle = handle.map(|(_, path)| (path.replacen("{}", &written, 1), given.clone()));
        }
        text.push_str(&given);
        parameters.push((parameter.place, parameter.name.to_owned(), value));
    }
    let mut body = None;
    if let (Some((_, schema, _)), Some(of)) = (operation.request_body(), builder.setters.get("body")) {
        let value = examples::example(document, schema, Fill::Shown, 0);
        text.push_str(&format!(".body({})", writer.write(of, &value, Wanted::Convertible)?));
        body = Some(value);
    }
    let by_handle = by_handle.map(|(path, given)| format!("client{path}{}.send()", text.replacen(&given, "", 1)));
    let expression = format!("client.{}(){text}.send()", operation.id());
    Some(Call { expression, by_handle, body, parameters, uses_types: writer.uses_types })
}

/// Whether an expression must have the type itself, or may be anything that converts into it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Exact,
    Convertible,
}

struct Writer<'a> {
    model: &'a Model,
    uses_types: bool,
}

impl Writer<'_> {
    fn write(&mut self, of: &RustType, value: &Node, wanted: Wanted) -> Option<String> {
        match (of, &value.value) {
            (RustType::Text, Value::Text(text)) if wanted == Wanted::Convertible => Some(literal(text)),
            (RustType::Text, Value::Text(text)) => Some(format!("{}.to_owned()", literal(text))),
            (RustType::Bool, Value::Bool(value)) => Some(value.to_string()),
            (RustType::Integer, Value::Number(number)) if number.parse::<i64>().is_ok() => Some(number.to_string()),
            (RustType::Float, Value::Number(number)) => number.parse::<f64>().ok().map(|number| format!("{number:?}")),
            (RustType::Secret, Value::Text(text)) if wanted == Wanted::Convertible => Some(literal(text)),
            (RustType::Secret, Value::Text(text)) => Some(format!("swpanel::Secret::from({})", literal(text))),
            (RustType::NumberOrText, Value::Text(text)) => {
                Some(format!("swpanel::NumberOrText::from({})", literal(text)))
            }
            (RustType::NumberOrText, Value::Number(number)) if number.parse::<i64>().is_ok() => {
                Some(format!("swpanel::NumberOrText::from({number})"))
            }
            (RustType::Constant(true), _) => Some("swpanel::True".to_owned()),
            (RustType::Constant(false), _) => Some("swpanel::False".to_owned()),
            (RustType::Json, _) => Some(format!("swpanel::Json::from(serde_json::json!({}))", json(value))),
            (RustType::Optional(of), _) => {
                let inner = self.write(of, value, Wanted::Exact)?;
                Some(if wanted == Wanted::Exact { format!("Some({inner})") } else { inner })
            }
            (RustType::List(of), Value::Array(items)) => {
                let items: Option<Vec<String>> = items.iter().map(|item| self.write(of, item, Wanted::Exact)).collect();
                Some(format!("vec![{}]", items?.join(", ")))
            }
            (RustType::Members, Value::Object(object)) if object.is_empty() => {
                Some("swpanel::Members::default()".to_owned())
            }
            (RustType::Members, Value::Object(object)) => {
                let members = object
                    .iter()
                    .map(|(key, node)| format!("({}.to_owned(), serde_json::json!({}))", literal(key), json(node)));
                let members: Vec<String> = members.collect();
                Some(format!("[{}].into_iter().collect::<swpanel::Members>()", members.join(", ")))
            }
            (RustType::Map(of), Value::Object(object)) => {
                let members = object.iter().map(|(key, node)| {
                    Some(format!("({}.to_owned(), {})", literal(key), self.write(of, node, Wanted::Exact)?))
                });
                let members: Option<Vec<String>> = members.collect();
                Some(format!("[{}].into_iter().collect::<std::collections::HashMap<_, _>>()", members?.join(", ")))
            }
            (RustType::Named(name), _) => self.named(name, value, wanted),
            _ => None,
        }
    }

    fn named(&mut self, name: &str, value: &Node, wanted: Wanted) -> Option<String> {
        self.uses_types = true;
        if let Some(of) = self.model.newtypes.get(name) {
            let inner = self.write(of, value, Wanted::Exact)?;
            return Some(format!("types::{name}({inner})"));
        }
        if self.model.structs.contains_key(name) {
            let builder = self.structure(name, value)?;
            return Some(exactly(name, builder, wanted));
        }
        let found = self.model.enums.get(name)?;
        if let Some(text) = value.as_str()
            && let Some((rust, _)) = found.units.iter().find(|(_, json)| json == text)
        {
            return Some(format!("types::{name}::{rust}"));
        }
        for (rust, of) in &found.holding {
            if !self.fits(of, value) {
                continue;
            }
            if let RustType::Named(arm) = of
                && self.model.structs.contains_key(arm)
            {
                let builder = self.structure(arm, value)?;
                return Some(exactly(name, builder, wanted));
            }
            if let Some(inner) = self.write(of, value, Wanted::Exact) {
                return Some(format!("types::{name}::{rust}({inner})"));
            }
        }
        None
    }

    /// A builder with every member of the value set.
    fn structure(&mut self, name: &str, value: &Node) -> Option<String> {
        let object = value.as_object()?;
        let mut text = format!("types::{name}::builder()");
        for (rust, json, of) in &self.model.structs.get(name)?.fields {
            let Some(member) = object.get(json) else { continue };
            if self.is_constant(of) {
                continue;
            }
            text.push_str(&format!(".{rust}({})", self.write(of, member, Wanted::Convertible)?));
        }
        let fields = &self.model.structs.get(name)?.fields;
        let mut rest = object.clone();
        rest.retain(|key, _| !fields.iter().any(|(_, json, _)| json == key));
        if !rest.is_empty() && fields.iter().any(|(rust, _, of)| rust == "extra" && *of == RustType::Members) {
            text.push_str(&format!(".extra({})", self.write(&RustType::Members, &rest.into(), Wanted::Exact)?));
        }
        Some(text)
    }

    /// Whether a builder starts with the one value this type has.
    fn is_constant(&self, of: &RustType) -> bool {
        match of {
            RustType::Constant(_) => true,
            RustType::Named(name) => {
                self.model.enums.get(name).is_some_and(|e| e.units.len() == 1 && e.holding.is_empty())
            }
            _ => false,
        }
    }

    /// Whether a value would be read as this type: members that must be there are, constants agree.
    fn fits(&self, of: &RustType, value: &Node) -> bool {
        match (of, &value.value) {
            (RustType::Optional(_), Value::Null) | (RustType::Json, _) => true,
            (RustType::Optional(of), _) => self.fits(of, value),
            (RustType::Text | RustType::Secret, Value::Text(_)) => true,
            (RustType::NumberOrText, Value::Text(_) | Value::Number(_)) => true,
            (RustType::Bool, Value::Bool(_)) => true,
            (RustType::Constant(wanted), Value::Bool(value)) => wanted == value,
            (RustType::Integer, Value::Number(number)) => number.parse::<i64>().is_ok(),
            (RustType::Float, Value::Number(_)) => true,
            (RustType::List(of), Value::Array(items)) => items.iter().all(|item| self.fits(of, item)),
            (RustType::Map(of), Value::Object(object)) => object.iter().all(|(_, node)| self.fits(of, node)),
            (RustType::Members, Value::Object(_)) => true,
            (RustType::Named(name), _) => {
                if let Some(of) = self.model.newtypes.get(name) {
                    return self.fits(of, value);
                }
                if let Some(found) = self.model.structs.get(name) {
                    return value.as_object().is_some_and(|object| {
                        found.fields.iter().all(|(_, json, of)| match object.get(json) {
                            Some(member) => self.fits(of, member),
                            None => matches!(of, RustType::Optional(_) | RustType::List(_) | RustType::Members),
                        })
                    });
                }
                self.model.enums.get(name).is_some_and(|found| {
                    let unit = value.as_str().is_some_and(|text| found.units.iter().any(|(_, json)| json == text));
                    unit || found.holding.iter().any(|(_, of)| self.fits(of, value))
                })
            }
            _ => false,
        }
    }
}

fn exactly(name: &str, builder: String, wanted: Wanted) -> String {
    match wanted {
        Wanted::Convertible => builder,
        Wanted::Exact => format!("types::{name}::try_from({builder})?"),
    }
}

fn literal(text: &str) -> String {
    format!("{text:?}")
}

/// What stands within `json!`: texts as Rust writes them, whose escapes JSON does not know.
fn json(value: &Node) -> String {
    match &value.value {
        Value::Text(text) => literal(text),
        Value::Array(items) => format!("[{}]", items.iter().map(json).collect::<Vec<_>>().join(", ")),
        Value::Object(object) => {
            let members = object.iter().map(|(key, node)| format!("{}: {}", literal(key), json(node)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_canonical(),
    }
}
