//! A document seen as its operations: references resolved, path-level parameters joined in.

use super::convert::Document;
use super::media::is_json;
use super::node::{Node, Object};
use super::pointer::{child, local_reference, plain_component};
use crate::knowledge::{COLLECTION, Facts, GROUP, KNOWN_AS};

/// The methods of a path item, in the order operations are listed.
pub const METHODS: [&str; 8] = ["get", "post", "put", "patch", "delete", "head", "options", "trace"];

/// How often a reference may lead to a reference.
pub const MAX_HOPS: usize = 32;

/// What an operation does to the account (`x-swpanel-effect`). Whether it spends or destroys is said apart from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// Makes something new.
    Create,
    /// Changes something.
    Update,
    /// Removes something.
    Delete,
    /// Does something that is none of these.
    Action,
    /// Not known: nobody has classified it.
    Unclassified,
}

impl Effect {
    /// All effects.
    pub const ALL: [Self; 6] = [Self::Read, Self::Create, Self::Update, Self::Delete, Self::Action, Self::Unclassified];

    /// The word used in documents and output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Action => "action",
            Self::Unclassified => "unclassified",
        }
    }

    /// The effect of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|effect| effect.as_str() == word)
    }
}

/// Where a parameter travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterPlace {
    /// In the path.
    Path,
    /// In the query string.
    Query,
    /// In a header.
    Header,
    /// In a cookie.
    Cookie,
}

/// A parameter of an operation.
#[derive(Clone, Copy, Debug)]
pub struct Parameter<'a> {
    /// The parameter object, references resolved.
    pub node: &'a Node,
    /// Its name.
    pub name: &'a str,
    /// Where it travels.
    pub place: ParameterPlace,
    /// Whether it must be sent.
    pub required: bool,
}

/// One operation of a document.
#[derive(Clone, Debug)]
pub struct Operation<'a> {
    document: &'a Document,
    /// Upper-case method.
    pub method: String,
    /// Path template, exactly as published.
    pub path: &'a str,
    /// The operation object.
    pub node: &'a Node,
    item: &'a Object,
    /// JSON pointer of the operation object.
    pub pointer: String,
}

impl Document {
    /// All operations, by path and then in the order of [`METHODS`].
    pub fn operations(&self) -> Vec<Operation<'_>> {
        let Some(paths) = self.root().get("paths").and_then(Node::as_object) else {
            return Vec::new();
        };
        let mut items: Vec<_> = paths.iter().filter(|(path, _)| path.starts_with('/')).collect();
        items.sort_by_key(|(path, _)| *path);
        let mut operations = Vec::new();
        for (path, item) in items {
            let Some(item) = item.as_object() else { continue };
            for method in METHODS {
                let Some(node) = item.get(method).filter(|node| node.as_object().is_some()) else { continue };
                let pointer = child(&child("/paths", path), method);
                operations.push(Operation { document: self, method: method.to_uppercase(), path, node, item, pointer });
            }
        }
        operations
    }

    /// Follows local references until something that is none; nothing where one leads nowhere or in a circle.
    pub fn resolve<'a>(&'a self, node: &'a Node) -> Option<&'a Node> {
        let mut node = node;
        for _ in 0..MAX_HOPS {
            match node.text_at("$ref") {
                Some(reference) => node = self.target(reference)?,
                None => return Some(node),
            }
        }
        None
    }

    /// What a local reference leads to, be it another reference.
    pub(crate) fn target(&self, reference: &str) -> Option<&Node> {
        // Nearly all are of this form, which needs no decoding.
        let component =
            plain_component(reference).and_then(|(kind, name)| self.root().get("components")?.get(kind)?.get(name));
        component.or_else(|| self.root().pointer(&local_reference(reference)?))
    }

    /// The JSON pointer of what a node at a pointer is, references followed.
    #[cfg(feature = "codegen")]
    pub(crate) fn place(&self, node: &Node, pointer: String) -> String {
        let (mut node, mut pointer) = (node, pointer);
        for _ in 0..MAX_HOPS {
            let Some(target) = node.text_at("$ref").and_then(local_reference) else { break };
            let Some(next) = self.root().pointer(&target) else { break };
            (node, pointer) = (next, target);
        }
        pointer
    }

    /// The named schemas.
    pub fn schemas(&self) -> impl Iterator<Item = (&str, &Node)> {
        let schemas = self.root().pointer("/components/schemas").and_then(Node::as_object);
        schemas.into_iter().flat_map(Object::iter)
    }

    /// Whether the document says of itself that it is a reconstruction.
    pub fn is_reconstruction(&self) -> bool {
        self.root().pointer("/info/x-swpanel-source/kind").and_then(Node::as_str) == Some("reconstruction")
    }

    /// The day that the document gives for itself, as in `2026-11-23`.
    pub fn date(&self) -> Option<&str> {
        self.root().pointer("/info/x-swpanel-source/date").and_then(Node::as_str)
    }

    /// `info.version`, or an empty text.
    pub fn version(&self) -> &str {
        self.root().pointer("/info/version").and_then(Node::as_str).unwrap_or_default()
    }
}

impl<'a> Operation<'a> {
    /// An operation that stands elsewhere than under `paths`: of a callback or a webhook.
    #[cfg(feature = "ingest")]
    pub(crate) fn elsewhere(
        document: &'a Document,
        (method, node): (&str, &'a Node),
        path: &'a str,
        item: &'a Object,
    ) -> Self {
        Self { document, method: method.to_uppercase(), path, node, item, pointer: String::new() }
    }

    /// `METHOD /path`, by which an operation is pinned and looked up.
    pub fn key(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// `METHOD /path` of the entry of the knowledge that it matches; where there is no other one, its own.
    pub fn known_as(&self) -> String {
        self.node.text_at(KNOWN_AS).map_or_else(|| self.key(), str::to_owned)
    }

    /// The path of [`known_as`](Self::known_as): what the names of handles and their ids are made of, so that a suffix, a
    /// prefix or a version that a document puts into its paths renames nothing.
    pub fn known_path(&self) -> &'a str {
        self.node.text_at(KNOWN_AS).and_then(|known| known.split_once(' ')).map_or(self.path, |(_, path)| path)
    }

    /// The operation id, or an empty text.
    pub fn id(&self) -> &'a str {
        self.node.text_at("operationId").unwrap_or_default()
    }

    /// The group (`x-swpanel-group`), else the first tag, or `untagged`.
    pub fn tag(&self) -> &'a str {
        if let Some(group) = self.node.text_at(GROUP) {
            return group;
        }
        let tags = self.node.get("tags").and_then(Node::as_array).unwrap_or_default();
        tags.first().and_then(Node::as_str).unwrap_or("untagged")
    }

    /// The summary, or an empty text.
    pub fn summary(&self) -> &'a str {
        self.node.text_at("summary").unwrap_or_default()
    }

    /// The servers of this operation or its path alone, where it has such.
    #[cfg(any(feature = "ingest", feature = "codegen"))]
    pub(crate) fn servers(&self) -> Option<&'a Node> {
        self.node.get("servers").or_else(|| self.item.get("servers"))
    }

    /// The parameters that all operations of its path share, as they are written.
    #[cfg(feature = "ingest")]
    pub(crate) fn shared(&self) -> Option<&'a Node> {
        self.item.get("parameters")
    }

    /// What is known of the operation, or assumed where nothing is.
    pub fn facts(&self) -> Facts {
        Facts::of(self)
    }

    /// The parameters: the operation's own, then those of the path item that it does not override.
    pub fn parameters(&self) -> Vec<Parameter<'a>> {
        let mut found: Vec<Parameter<'a>> = Vec::new();
        let shared = self.item.get("parameters");
        for list in [self.node.get("parameters"), shared].into_iter().flatten() {
            for node in list.as_array().unwrap_or_default() {
                let Some(parameter) = self.document.resolve(node).and_then(parameter) else { continue };
                if !found.iter().any(|known| known.name == parameter.name && known.place == parameter.place) {
                    found.push(parameter);
                }
            }
        }
        found
    }

    /// The JSON pointer of a parameter, references followed.
    #[cfg(feature = "codegen")]
    pub(crate) fn pointer_of(&self, parameter: &Parameter<'_>) -> String {
        let item = self.pointer.rsplit_once('/').map_or("", |(item, _)| item);
        for (list, owner) in [(self.node.get("parameters"), self.pointer.as_str()), (self.item.get("parameters"), item)]
        {
            for (at, node) in list.and_then(Node::as_array).unwrap_or_default().iter().enumerate() {
                if self.document.resolve(node).is_some_and(|known| std::ptr::eq(known, parameter.node)) {
                    return self.document.place(node, child(&child(owner, "parameters"), &at.to_string()));
                }
            }
        }
        child(&self.pointer, "parameters")
    }

    /// The request body: media type, schema (references kept) and whether it must be sent.
    pub fn request_body(&self) -> Option<(&'a str, &'a Node, bool)> {
        let body = self.document.resolve(self.node.get("requestBody")?)?;
        let required = body.get("required").and_then(Node::as_bool).unwrap_or(false);
        let (media, content) = self.preferred(body.get("content")?.as_object()?)?;
        Some((media, content.get("schema")?, required))
    }

    /// The responses by status key, references resolved, in the order of the document.
    pub fn responses(&self) -> Vec<(&'a str, &'a Node)> {
        let responses = self.node.get("responses").and_then(Node::as_object);
        let responses = responses.into_iter().flat_map(Object::iter);
        responses.filter_map(|(status, node)| Some((status, self.document.resolve(node)?))).collect()
    }

    /// The successful answers: those of 2xx, or where there is none, `default`.
    pub fn successes(&self) -> Vec<(&'a str, &'a Node)> {
        let (mut found, rest): (Vec<_>, Vec<_>) =
            self.responses().into_iter().partition(|(status, _)| status.starts_with('2'));
        if found.is_empty() {
            found.extend(rest.into_iter().filter(|(status, _)| *status == "default"));
        }
        found
    }

    /// The schema of the successful answer (references kept), where a 2xx response has JSON with one.
    pub fn success_schema(&self) -> Option<&'a Node> {
        let successes = self.successes();
        let (_, response) = successes.first()?;
        let (_, content) = self.preferred(response.get("content")?.as_object()?)?;
        content.get("schema")
    }

    /// The JSON media type where there is one, else the first.
    fn preferred(&self, content: &'a Object) -> Option<(&'a str, &'a Node)> {
        content.iter().find(|(media, _)| is_json(media)).or_else(|| content.iter().next())
    }

    /// Whether this reads a collection: it says so (`x-swpanel-collection`), or it is a GET whose answer holds an
    /// array, directly or under `result`.
    pub fn reads_collection(&self) -> bool {
        if let Some(said) = self.node.get(COLLECTION).and_then(Node::as_bool) {
            return said;
        }
        let is_array =
            |node: &Node| self.document.resolve(node).is_some_and(|schema| schema.text_at("type") == Some("array"));
        self.method == "GET"
            && self
                .success_schema()
                .and_then(|schema| self.document.resolve(schema))
                .is_some_and(|schema| is_array(schema) || schema.pointer("/properties/result").is_some_and(is_array))
    }

    /// The document the operation is of.
    pub fn document(&self) -> &'a Document {
        self.document
    }
}

fn parameter(node: &Node) -> Option<Parameter<'_>> {
    let place = match node.text_at("in")? {
        "path" => ParameterPlace::Path,
        "query" => ParameterPlace::Query,
        "header" => ParameterPlace::Header,
        "cookie" => ParameterPlace::Cookie,
        _ => return None,
    };
    let required = node.get("required").and_then(Node::as_bool).unwrap_or(false);
    Some(Parameter { node, name: node.text_at("name")?, place, required: required || place == ParameterPlace::Path })
}
