//! What every importer makes of its source, before it is written as OpenAPI.

use std::collections::BTreeMap;

use super::shape::{Origin, Place, Property, Shape};
use crate::document::Node;

/// An API as a source describes it.
#[derive(Debug, Default)]
pub(super) struct Api {
    pub(super) title: String,
    pub(super) version: String,
    pub(super) description: String,
    /// Addresses of servers, the most used first.
    pub(super) servers: Vec<String>,
    pub(super) operations: Vec<Operation>,
    /// What it is, where it cannot become OpenAPI.
    pub(super) unsupported: Option<&'static str>,
    pub(super) log: Log,
}

/// Where a parameter is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum In {
    Path,
    Query,
    Header,
}

/// One operation.
#[derive(Clone, Debug, Default)]
pub(super) struct Operation {
    /// In lower case.
    pub(super) method: String,
    /// With `{name}` for parameters, and a leading slash.
    pub(super) path: String,
    pub(super) id: String,
    pub(super) summary: String,
    pub(super) description: String,
    pub(super) tag: String,
    pub(super) deprecated: bool,
    pub(super) parameters: Vec<(In, Property)>,
    pub(super) body: Option<Body>,
    /// By status code, or `default`.
    pub(super) responses: BTreeMap<String, Response>,
    /// None where the source says nothing of it; an empty list where it says that none is needed.
    pub(super) security: Option<Vec<Scheme>>,
    pub(super) origin: Origin,
    pub(super) place: Place,
}

/// A request body.
#[derive(Clone, Debug, Default)]
pub(super) struct Body {
    pub(super) media: String,
    pub(super) shape: Shape,
    pub(super) example: Option<Node>,
    pub(super) origin: Origin,
}

/// A response.
#[derive(Clone, Debug, Default)]
pub(super) struct Response {
    pub(super) description: String,
    pub(super) media: String,
    pub(super) shape: Option<Shape>,
    pub(super) example: Option<Node>,
    pub(super) origin: Origin,
}

/// How a request proves who sends it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scheme {
    Bearer,
    Basic,
    Digest,
    /// In a header, a query parameter or a cookie of this name.
    Key {
        place: &'static str,
        name: String,
    },
    /// The addresses of authorization and token, where they are known.
    OAuth2 {
        token: String,
    },
}

impl Operation {
    /// `POST /a/{id}`, as messages name it.
    pub(super) fn key(&self) -> String {
        format!("{} {}", self.method.to_uppercase(), self.path)
    }

    /// Method and path with the names of parameters taken out: what makes two operations the same.
    pub(super) fn anonymous_key(&self) -> (String, String) {
        (self.method.clone(), super::url::anonymous(&self.path))
    }

    /// Adds a parameter, or what it says to the known one.
    pub(super) fn add_parameter(&mut self, place: In, property: Property) {
        match self.parameters.iter_mut().find(|(known, p)| *known == place && p.name == property.name) {
            Some((_, known)) => known.merge(property),
            None => self.parameters.push((place, property)),
        }
    }

    /// Adds what another description of the same operation says.
    pub(super) fn merge(&mut self, other: Self) {
        for (place, property) in other.parameters {
            self.add_parameter(place, property);
        }
        match (&mut self.body, other.body) {
            (Some(body), Some(more)) => body.merge(more),
            (body @ None, more) => *body = more,
            (Some(_), None) => {}
        }
        for (status, response) in other.responses {
            match self.responses.get_mut(&status) {
                Some(known) => known.merge(response),
                None => {
                    self.responses.insert(status, response);
                }
            }
        }
        for (mine, more) in [
            (&mut self.id, other.id),
            (&mut self.summary, other.summary),
            (&mut self.description, other.description),
            (&mut self.tag, other.tag),
        ] {
            if mine.is_empty() {
                *mine = more;
            }
        }
        self.deprecated &= other.deprecated;
        match (&mut self.security, other.security) {
            (Some(mine), Some(more)) => more.into_iter().for_each(|scheme| {
                if !mine.contains(&scheme) {
                    mine.push(scheme);
                }
            }),
            (mine @ None, more) => *mine = more,
            (Some(_), None) => {}
        }
        self.origin = self.origin.min(other.origin);
    }
}

impl Body {
    fn merge(&mut self, other: Self) {
        // A form beside JSON says the same properties; JSON says more of their types.
        if other.media.contains("json") && !self.media.contains("json") {
            self.media = other.media.clone();
        }
        if self.origin == Origin::Documented && other.origin != Origin::Documented {
            let mut known = Property { shape: std::mem::take(&mut self.shape), ..Property::default() };
            known.merge(Property { shape: other.shape, origin: Origin::Sample, ..Property::default() });
            self.shape = known.shape;
        } else {
            self.shape.merge(other.shape);
        }
        self.example = self.example.take().or(other.example);
        self.origin = self.origin.min(other.origin);
    }
}

impl Response {
    fn merge(&mut self, other: Self) {
        match (&mut self.shape, other.shape) {
            (Some(shape), Some(more)) => shape.merge(more),
            (shape @ None, more) => *shape = more,
            (Some(_), None) => {}
        }
        if self.description.is_empty() {
            self.description = other.description;
        }
        if self.media.is_empty() {
            self.media = other.media;
        }
        self.example = self.example.take().or(other.example);
        self.origin = self.origin.min(other.origin);
    }
}

/// How much a person should doubt an entry of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Doubt {
    /// A rule chose: it may be wrong.
    Guess,
    /// Two statements of the source do not agree.
    Disagreement,
    /// Something of the source was left out.
    Dropped,
    /// The source does not say it, so the document does not either.
    NotSaid,
    /// Worth knowing.
    Note,
}

impl Doubt {
    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Guess => "guess",
            Self::Disagreement => "disagreement",
            Self::Dropped => "dropped",
            Self::NotSaid => "not-said",
            Self::Note => "note",
        }
    }
}

/// One entry of the conversion log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogEntry {
    /// How much to doubt it.
    pub doubt: Doubt,
    /// The rule, kebab-case.
    pub rule: &'static str,
    /// `METHOD /path`, or empty.
    pub operation: String,
    /// What happened.
    pub message: String,
    /// Where in the source.
    pub place: Place,
}

/// The conversion log of one import.
#[derive(Debug, Default)]
pub(super) struct Log(pub(super) Vec<LogEntry>);

/// The most entries that are kept; a source that causes more is not read any better with them.
const MAX_ENTRIES: usize = 20_000;

impl Log {
    pub(super) fn add(
        &mut self,
        doubt: Doubt,
        rule: &'static str,
        operation: &str,
        place: &Place,
        message: impl Into<String>,
    ) {
        if self.0.len() < MAX_ENTRIES {
            let message = super::secrets::redact_text(&message.into());
            let operation = operation.to_owned();
            self.0.push(LogEntry { doubt, rule, operation, message, place: place.clone() });
        }
    }
}
