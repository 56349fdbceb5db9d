//! What is known of a value: documented types, and types read from samples and widened where samples disagree.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::document::{Node, Object, Value};

/// What a statement of the imported document rests on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// The source says it in words or in a field for it.
    #[default]
    Documented,
    /// It was read from a sample.
    Sample,
    /// Neither: a rule of the importer chose it.
    Guessed,
}

impl Origin {
    /// The value of `x-provenance`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Sample => "sample",
            Self::Guessed => "guessed",
        }
    }
}

/// A place in the source.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file's name within the source; empty where there is only one.
    pub file: Arc<str>,
    /// The line, from 1; 0 where it is not known.
    pub line: usize,
}

/// A type of JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    String,
    Integer,
    Number,
    Boolean,
    Object,
    Array,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Object => "object",
            Self::Array => "array",
        }
    }
}

/// Objects of more properties than this are maps whose keys are data.
const MAX_PROPERTIES: usize = 400;
/// So many items of an array are read for their type.
const MAX_ITEMS: usize = 2_000;
/// The text that stands for a value of which nothing is known: a variable outside quotes.
pub(super) const UNKNOWN: &str = "\u{fffc}";

/// What is known of a value. Without kinds, nothing is.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Shape {
    pub(super) kinds: BTreeSet<Kind>,
    pub(super) nullable: bool,
    pub(super) format: Option<&'static str>,
    pub(super) properties: Vec<Property>,
    pub(super) items: Option<Box<Shape>>,
    /// The closed set of values, where the source says that it is closed.
    pub(super) values: Vec<Node>,
    /// Documented bounds and the default, by their keywords.
    pub(super) facets: Vec<(&'static str, Node)>,
}

/// A named value: a property of an object, or a parameter.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Property {
    pub(super) name: String,
    pub(super) shape: Shape,
    /// None where the source does not say it.
    pub(super) required: Option<bool>,
    pub(super) description: String,
    pub(super) example: Option<Node>,
    pub(super) origin: Origin,
    pub(super) place: Place,
}

impl Shape {
    pub(super) fn of_kind(kind: Kind) -> Self {
        Self { kinds: BTreeSet::from([kind]), ..Self::default() }
    }

    pub(super) fn array_of(items: Self) -> Self {
        Self { items: Some(Box::new(items)), ..Self::of_kind(Kind::Array) }
    }

    pub(super) fn object_of(properties: Vec<Property>) -> Self {
        Self { properties, ..Self::of_kind(Kind::Object) }
    }

    pub(super) fn is(&self, kind: Kind) -> bool {
        self.kinds.contains(&kind)
    }

    pub(super) fn is_open(&self) -> bool {
        self.kinds.is_empty()
    }

    /// The shape of one sample.
    pub(super) fn of_sample(node: &Node, place: &Place) -> Self {
        match &node.value {
            Value::Null => Self { nullable: true, ..Self::default() },
            Value::Bool(_) => Self::of_kind(Kind::Boolean),
            Value::Number(text) if text.contains(['.', 'e', 'E']) => Self::of_kind(Kind::Number),
            Value::Number(_) => Self::of_kind(Kind::Integer),
            Value::Text(text) if text.as_ref() == UNKNOWN => Self::default(),
            Value::Text(text) => placeholder(text).unwrap_or_else(|| Self::of_kind(Kind::String)),
            Value::Array(items) => {
                let mut all = Self::default();
                items.iter().take(MAX_ITEMS).for_each(|item| all.merge(Self::of_sample(item, place)));
                Self::array_of(all)
            }
            Value::Object(object) => Self::of_object(object, place),
        }
    }

    fn of_object(object: &Object, place: &Place) -> Self {
        let is_map = object.len() > MAX_PROPERTIES;
        let members = object.iter().take(if is_map { 0 } else { MAX_PROPERTIES });
        let property = |(name, node): (&str, &Node)| Property {
            name: name.to_owned(),
            shape: Self::of_sample(node, place),
            origin: Origin::Sample,
            place: place.clone(),
            ..Property::default()
        };
        Self::object_of(members.map(property).collect())
    }

    /// Widens this shape so that it also holds what `other` holds.
    pub(super) fn merge(&mut self, other: Self) {
        self.kinds.extend(other.kinds);
        if self.is(Kind::Number) {
            self.kinds.remove(&Kind::Integer);
        }
        self.nullable |= other.nullable;
        self.format = self.format.or(other.format);
        match (&mut self.items, other.items) {
            (Some(items), Some(more)) => items.merge(*more),
            (items @ None, more) => *items = more,
            (Some(_), None) => {}
        }
        other.properties.into_iter().for_each(|property| self.add(property));
        if self.values.is_empty() {
            self.values = other.values;
        }
        for (keyword, value) in other.facets {
            if !self.facets.iter().any(|(known, _)| *known == keyword) {
                self.facets.push((keyword, value));
            }
        }
    }

    /// Adds a property, or what it says to the known one of its name.
    pub(super) fn add(&mut self, property: Property) {
        let room = self.properties.len() < MAX_PROPERTIES;
        match self.properties.iter_mut().find(|known| known.name == property.name) {
            Some(known) => known.merge(property),
            None if room => self.properties.push(property),
            None => {}
        }
    }

    /// Adds a property at a path of names; `[]` in the path is an item of an array.
    pub(super) fn add_at(&mut self, path: &[Step], property: Property) {
        match path {
            [] => {
                self.take(property.shape);
            }
            [Step::Item, rest @ ..] => {
                self.widen_to(Kind::Array);
                self.items.get_or_insert_default().add_at(rest, property);
            }
            [Step::Name(name)] => {
                self.widen_to(Kind::Object);
                self.add(Property { name: name.clone(), ..property });
            }
            [Step::Name(name), rest @ ..] => {
                self.widen_to(Kind::Object);
                if !self.properties.iter().any(|known| known.name == *name) {
                    let (origin, place) = (property.origin, property.place.clone());
                    self.add(Property { name: name.clone(), origin, place, ..Property::default() });
                }
                if let Some(inner) = self.properties.iter_mut().find(|known| known.name == *name) {
                    // What is said of a part of it tells its kind; a type that does not fit was a word for people.
                    if !matches!(rest, [Step::Item, ..]) && inner.shape.is(Kind::Array) {
                        inner.shape.items.get_or_insert_default().add_at(rest, property);
                    } else {
                        inner.shape.add_at(rest, property);
                    }
                }
            }
        }
    }

    fn widen_to(&mut self, kind: Kind) {
        if !self.is(kind) {
            self.kinds.clear();
            self.kinds.insert(kind);
        }
    }

    /// Takes what is documented of this value over what was made of its parts.
    fn take(&mut self, shape: Self) {
        let properties = std::mem::take(&mut self.properties);
        self.merge(shape);
        properties.into_iter().for_each(|property| self.add(property));
    }

    /// Calls `visit` for each property, those of items and of properties included, with its path.
    pub(super) fn visit(&self, path: &str, visit: &mut dyn FnMut(&str, &Property)) {
        for property in &self.properties {
            let inner = if path.is_empty() { property.name.clone() } else { format!("{path}.{}", property.name) };
            visit(&inner, property);
            property.shape.visit(&inner, visit);
        }
        if let Some(items) = &self.items {
            items.visit(&format!("{path}[]"), visit);
        }
    }
}

impl Property {
    /// Adds what another source of the same property says.
    pub(super) fn merge(&mut self, other: Self) {
        // What is documented is not widened by a sample, only completed.
        if self.origin == Origin::Documented && other.origin != Origin::Documented && !self.shape.is_open() {
            self.complete(&other);
        } else if other.origin == Origin::Documented && self.origin != Origin::Documented && !other.shape.is_open() {
            let sample = std::mem::replace(&mut self.shape, other.shape.clone());
            self.complete(&Self { shape: sample, ..Self::default() });
        } else {
            self.shape.merge(other.shape.clone());
        }
        self.required = match (self.required, other.required) {
            (Some(a), Some(b)) => Some(a && b),
            (a, b) => a.or(b),
        };
        if self.description.is_empty() {
            self.description = other.description;
        }
        self.example = self.example.take().or(other.example);
        if other.origin < self.origin {
            self.origin = other.origin;
            self.place = other.place;
        }
    }

    /// Takes properties and items from a sample, where the documented kind has room for them.
    fn complete(&mut self, sample: &Self) {
        self.shape.nullable |= sample.shape.nullable && self.shape.nullable;
        if self.shape.is(Kind::Object) && sample.shape.is(Kind::Object) {
            sample.shape.properties.iter().for_each(|property| self.shape.add(property.clone()));
        }
        if self.shape.is(Kind::Array)
            && let Some(items) = &sample.shape.items
        {
            let known = self.shape.items.get_or_insert_default();
            if known.is_open() {
                known.merge((**items).clone());
            } else if known.is(Kind::Object) && items.is(Kind::Object) {
                items.properties.iter().for_each(|property| known.add(property.clone()));
            }
        }
    }
}

/// A step from a value into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Name(String),
    Item,
}

/// `a[b][0].c`, `a[].b` and `a.*.b` as steps. Dots separate only where `dots` says so.
pub(super) fn steps(name: &str, dots: bool) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut push = |text: &str| match text {
        "" | "*" => steps.push(Step::Item),
        number if number.bytes().all(|byte| byte.is_ascii_digit()) => steps.push(Step::Item),
        name => steps.push(Step::Name(name.to_owned())),
    };
    for part in name.split(|c| dots && c == '.') {
        let (head, mut rest) = part.split_at(part.find('[').unwrap_or(part.len()));
        if !head.is_empty() {
            push(head);
        }
        while let Some((inner, after)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            push(inner.trim_matches(['"', '\'']));
            rest = after;
        }
    }
    // A value as a whole has a name.
    if !matches!(steps.first(), Some(Step::Name(_))) {
        return vec![Step::Name(name.to_owned())];
    }
    steps.truncate(20);
    steps
}

/// `<integer>`, as the generators of collections write a type in place of a value.
pub(super) fn placeholder(text: &str) -> Option<Shape> {
    let word = text.trim().strip_prefix('<')?.strip_suffix('>')?;
    let kind = match word.to_ascii_lowercase().as_str() {
        "string" | "datetime" | "date-time" | "date" | "uuid" | "email" | "uri" | "url" | "password" | "byte" => {
            Kind::String
        }
        "integer" | "int" | "long" | "int32" | "int64" => Kind::Integer,
        "number" | "float" | "double" => Kind::Number,
        "boolean" | "bool" => Kind::Boolean,
        "object" => Kind::Object,
        "array" => Kind::Array,
        _ => return None,
    };
    Some(Shape::of_kind(kind))
}

/// The shape of a value that was written as text where every value is: in a query, a path or a form.
pub(super) fn of_plain(text: &str) -> Shape {
    if let Some(shape) = placeholder(text) {
        return shape;
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let leading = digits.len() > 1 && digits.starts_with('0');
    match text {
        "" | UNKNOWN => Shape::default(),
        variable if variable.contains("{{") => Shape::default(),
        "true" | "false" => Shape::of_kind(Kind::Boolean),
        _ if number(digits) && !leading && digits.len() < 16 => Shape::of_kind(Kind::Integer),
        _ if digits.split_once('.').is_some_and(|(whole, part)| number(whole) && number(part) && whole.len() < 16)
            && (!leading || digits.starts_with("0.")) =>
        {
            Shape::of_kind(Kind::Number)
        }
        _ => Shape::of_kind(Kind::String),
    }
}
