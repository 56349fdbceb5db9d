//! How the values of a parameter are written in path, query and headers, where it is not the way that the generator knows.

use super::State;
use super::schemas;
use crate::document::{Document, MAX_DEPTH, Node, Object, Operation, Parameter, ParameterPlace, is_json, schema_name};
use crate::names::type_name;

/// How a value becomes text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::codegen) enum Spelling {
    /// A word, or the name once for each word of a list: what the generator does.
    Plain,
    /// The names and values of an object as parameters of their own.
    Pairs,
    /// One text, the words of a list or an object joined.
    Joined(&'static str),
    /// One text, `name=value` for each property.
    JoinedPairs(&'static str),
    /// `name[property]=value`.
    Deep,
    /// The JSON text.
    Json,
}

/// A parameter that is written otherwise, or under another name, than the generator would.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::codegen) struct Wired {
    /// The place of the parameter.
    pub(in crate::codegen) place: ParameterPlace,
    /// Its name in the view, which is also that of its setter.
    pub(in crate::codegen) view: String,
    /// Its name in requests.
    pub(in crate::codegen) wire: String,
    /// How its value is written.
    pub(in crate::codegen) spelling: Spelling,
}

/// What the values of a parameter can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Word,
    List,
    Object,
    /// Objects within objects.
    Deep,
    /// A word, a list or an object, or not known.
    Any,
    /// Lists or objects within lists, and lists within objects.
    Nested,
}

/// The schema of a parameter and how it is written, or nothing where its style says no way to write such values.
pub(super) fn of<'a>(operation: &Operation<'a>, known: &Parameter<'a>) -> Option<(&'a Node, Spelling)> {
    let document = operation.document();
    let Some(schema) = known.node.get("schema") else {
        let (media, content) = known.node.get("content")?.as_object()?.iter().next()?;
        let json = is_json(media) && known.place != ParameterPlace::Cookie;
        return Some((content.get("schema")?, Spelling::Json)).filter(|_| json);
    };
    let shape = shape(document, schema, MAX_DEPTH);
    let style = known.node.text_at("style");
    let explode = known.node.get("explode").and_then(Node::as_bool);
    let spelling = match known.place {
        ParameterPlace::Query => query(style.unwrap_or("form"), explode, shape)?,
        ParameterPlace::Path | ParameterPlace::Header if matches!(style, None | Some("simple")) => match shape {
            Shape::Word => Spelling::Plain,
            Shape::List => Spelling::Joined(","),
            Shape::Object | Shape::Any if explode == Some(true) => Spelling::JoinedPairs(","),
            Shape::Object | Shape::Any => Spelling::Joined(","),
            Shape::Deep | Shape::Nested => return None,
        },
        _ => return None,
    };
    Some((schema, spelling))
}

fn query(style: &str, explode: Option<bool>, shape: Shape) -> Option<Spelling> {
    let joined = match style {
        "form" if explode == Some(false) => ",",
        "form" => {
            return match shape {
                Shape::Word | Shape::List => Some(Spelling::Plain),
                Shape::Object | Shape::Any => Some(Spelling::Pairs),
                Shape::Deep | Shape::Nested => None,
            };
        }
        "deepObject" => return matches!(shape, Shape::Object | Shape::Deep | Shape::Any).then_some(Spelling::Deep),
        "spaceDelimited" => " ",
        "pipeDelimited" => "|",
        // Swagger 2.0 has it, and no style of 3.0 is the same.
        "tabDelimited" => "\t",
        _ => return None,
    };
    match shape {
        Shape::Word => Some(Spelling::Plain),
        Shape::List if explode == Some(true) => Some(Spelling::Plain),
        Shape::Object if explode == Some(true) => None,
        Shape::List | Shape::Object | Shape::Any => Some(Spelling::Joined(joined)),
        Shape::Deep | Shape::Nested => None,
    }
}

fn shape(document: &Document, schema: &Node, depth: usize) -> Shape {
    let Some(schema) = document.resolve(schema).filter(|_| depth > 0) else { return Shape::Nested };
    let inner = |node: &Node| shape(document, node, depth - 1);
    let choice = ["oneOf", "anyOf"].into_iter().find_map(|keyword| schema.get(keyword)?.as_array());
    if let Some(arms) = choice {
        return arms.iter().map(inner).reduce(either).unwrap_or(Shape::Any);
    }
    let kind = schema.text_at("type");
    if kind == Some("array") {
        return match schema.get("items").map_or(Shape::Any, inner) {
            // What the items are is not known; the runtime says what it cannot write.
            Shape::Word | Shape::Any => Shape::List,
            _ => Shape::Nested,
        };
    }
    let properties = schema.get("properties").and_then(Node::as_object);
    if kind == Some("object") || (kind.is_none() && properties.is_some()) {
        let values = schema.get("additionalProperties").filter(|node| node.as_object().is_some());
        let members = properties.into_iter().flat_map(Object::iter).map(|(_, node)| node).chain(values);
        return members.map(inner).fold(Shape::Object, |whole, one| match (whole, one) {
            (Shape::Nested, _) | (_, Shape::List | Shape::Nested) => Shape::Nested,
            (Shape::Deep, _) | (_, Shape::Object | Shape::Deep) => Shape::Deep,
            _ => whole,
        });
    }
    let parts = schema.get("allOf").and_then(Node::as_array).unwrap_or_default();
    match parts.iter().map(inner).reduce(|a, b| {
        if a == Shape::Any {
            b
        } else if b == Shape::Any {
            a
        } else {
            either(a, b)
        }
    }) {
        Some(shape) => shape,
        None if kind.is_none() && schema.get("enum").is_none() => Shape::Any,
        None => Shape::Word,
    }
}

fn either(one: Shape, other: Shape) -> Shape {
    match (one, other) {
        (Shape::Nested, _) | (_, Shape::Nested) => Shape::Nested,
        (Shape::Deep, _) | (_, Shape::Deep) => Shape::Deep,
        (one, other) if one == other => one,
        // A word, or a list of words: the generator writes each as it should.
        (Shape::Word, Shape::List) | (Shape::List, Shape::Word) => Shape::List,
        _ => Shape::Any,
    }
}

/// Notes how a parameter is written, where the generator does not know it.
pub(super) fn note(
    operation: &Operation<'_>,
    known: &Parameter<'_>,
    view: &str,
    spelling: Spelling,
    state: &mut State,
) {
    let renamed = view != known.name && known.place != ParameterPlace::Path;
    if spelling == Spelling::Plain && !renamed {
        return;
    }
    let wired = Wired { place: known.place, view: view.to_owned(), wire: known.name.to_owned(), spelling };
    state.wired.entry(operation.id().to_owned()).or_default().push(wired);
}

/// The prepared schema of a parameter; what stands in a path, a query or a header is some text, so null cannot be said there.
///
/// The generator has no parameters whose type has a builder, as every struct has: such a type is a component, and a stand-in
/// for it is the type of the parameter.
pub(super) fn prepared(operation: &Operation<'_>, schema: &Node, pointer: &str, view: &str, state: &mut State) -> Node {
    let document = operation.document();
    let prepared = schemas::never_null(schemas::prepare(document, schema, schemas::Direction::REQUEST, pointer, state));
    let description = prepared.text_at("description").map(str::to_owned);
    let inner = match prepared.get("allOf").and_then(Node::as_array) {
        Some([one]) => one.clone(),
        _ => prepared.clone(),
    };
    let has_properties =
        |node: &Node| node.get("properties").and_then(Node::as_object).is_some_and(|all| !all.is_empty());
    let name = match inner.text_at("$ref").and_then(schema_name) {
        Some(name) => {
            let is_object = matches!(shape(document, schema, MAX_DEPTH), Shape::Object | Shape::Deep);
            Some(name).filter(|name| is_object && !state.replaced.contains_key(name))
        }
        None if has_properties(&inner) => {
            let name = state.shared.free(&type_name(&format!("{}-{view}", operation.id())));
            state.shared.keep(name.clone(), inner);
            Some(name)
        }
        None => None,
    };
    let Some(name) = name else { return prepared };
    let component = format!("RuntimeTyped{}", type_name(&name));
    state.replaced.insert(component.clone(), format!("crate::types::{}", type_name(&name)));
    super::reference(&component, description.as_deref())
}
