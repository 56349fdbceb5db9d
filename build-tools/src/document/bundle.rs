//! A document in several files to one: what its references fetch from beside it is taken in, and nothing else is.
//!
//! Pure: [`wanted`] names the files that are missing, the caller reads them if it may, and [`bundle`] puts them
//! together. Schemas become named components, so that they stay shared and may contain themselves; everything else
//! takes the place of its reference.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::node::{Node, Object, Span, Value};
use super::pointer::local_reference;
use super::raw::RawDocument;
use super::refusal::Refusal;
use super::{MAX_NODES, pointer};

/// The most files beside the document that are read.
pub const MAX_PARTS: usize = 1000;
/// How deep files may take in each other outside schemas.
const MAX_INLINED: usize = 20;

/// The files beside a document.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    /// The file name of the document itself, by which the others may refer to it; empty where it has none.
    pub root: String,
    /// By path from the document's folder (or by address): the bytes, or why they were not read.
    pub files: BTreeMap<String, Result<Vec<u8>, String>>,
}

/// The names of files that the document and the parts so far refer to and that were not asked for yet.
///
/// # Errors
/// The document or a part cannot be read.
pub fn wanted(raw: &RawDocument, parts: &Parts) -> Result<BTreeSet<String>, Refusal> {
    let mut names = BTreeSet::new();
    collect(raw.root(), "", &mut names);
    for (name, bytes) in &parts.files {
        if let Ok(bytes) = bytes {
            collect(RawDocument::read(bytes)?.root(), name, &mut names);
        }
    }
    names.retain(|name| !name.is_empty() && *name != parts.root && !parts.files.contains_key(name));
    Ok(names)
}

fn collect(node: &Node, base: &str, names: &mut BTreeSet<String>) {
    let mut add = |reference: &str| {
        let file = reference.split('#').next().unwrap_or_default();
        if !file.is_empty()
            && let Ok(name) = resolve(base, file)
        {
            names.insert(name);
        }
    };
    let mut open = vec![(node, Kind::Any)];
    while let Some((node, kind)) = open.pop() {
        if kind == Kind::Literal {
            continue;
        }
        if let (Some(reference), true) = (node.text_at("$ref"), kind != Kind::Schemas) {
            add(reference);
        }
        mapped(node).filter(|to| names_file(to)).for_each(&mut add);
        match &node.value {
            Value::Array(items) => {
                let kind = if kind == Kind::Schemas { Kind::Schema } else { kind };
                open.extend(items.iter().map(|item| (item, kind)));
            }
            Value::Object(object) => open.extend(object.iter().map(|(key, node)| (node, kind.of(key)))),
            _ => {}
        }
    }
}

/// What the discriminator of a schema maps its values to.
fn mapped(node: &Node) -> impl Iterator<Item = &str> {
    let mapping = node.get("discriminator").and_then(|node| node.get("mapping")).and_then(Node::as_object);
    mapping.into_iter().flat_map(Object::iter).filter_map(|(_, node)| node.as_str())
}

/// Whether a mapping leads to another file. The name of a component may have a dot in it, but does not end as a file does.
fn names_file(to: &str) -> bool {
    let file = to.split('#').next().unwrap_or_default();
    let ends = [".yaml", ".yml", ".json"].iter().any(|end| file.to_ascii_lowercase().ends_with(end));
    !file.is_empty() && (to.contains('#') || to.contains('/') || ends)
}

/// The name of a file that is referred to from another; never one above the document's folder.
fn resolve(base: &str, file: &str) -> Result<String, String> {
    let is_address = |text: &str| text.starts_with("https://") || text.starts_with("http://");
    if is_address(file) || is_address(base) {
        let base = if is_address(base) { base } else { file };
        let url = url::Url::parse(base).and_then(|base| base.join(file));
        return url.map(Into::into).map_err(|error| format!("it is no address: {error}"));
    }
    if file.starts_with('/') || file.contains('\\') || file.contains(':') {
        return Err("only paths from the document's own folder downwards are followed".to_owned());
    }
    let decoded = local_reference(&format!("#{file}")).unwrap_or_else(|| file.to_owned());
    let folder = base.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut path: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in decoded.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                path.pop().ok_or("it leads upwards out of the document's folder")?;
            }
            part => path.push(part),
        }
    }
    Ok(path.join("/"))
}

/// Takes the parts into the document; without references to other files it comes back as it was.
///
/// # Errors
/// A part is refused, was not read, has no such place, or takes itself in.
pub fn bundle(raw: RawDocument, parts: &Parts) -> Result<RawDocument, Refusal> {
    if !leads_out(raw.root()) {
        return Ok(raw);
    }
    let mut files = HashMap::new();
    for (name, bytes) in &parts.files {
        if let Ok(bytes) = bytes {
            files.insert(name.as_str(), RawDocument::read(bytes)?);
        }
    }
    let container = if raw.root().get("swagger").is_some() { "/definitions" } else { "/components/schemas" };
    let mut root = raw.root().clone();
    let mut work = Work {
        parts,
        raw: &raw,
        files,
        container,
        names: HashMap::new(),
        renamed: Vec::new(),
        taken: BTreeSet::new(),
        queue: Vec::new(),
        stack: Vec::new(),
        nodes: 0,
    };
    work.adopt(&root);
    work.go(&mut root, "", Kind::Any, None)?;
    let mut added = Object::new();
    while let Some((file, at, name, span)) = work.queue.pop() {
        let mut node = work.fetch(&file, &at, span)?;
        work.go(&mut node, &file, Kind::Schema, Some(span))?;
        node.set_span(span);
        added.insert(name, node);
    }
    added.sort();
    let renamed = work.renamed;
    let path: Vec<&str> = container.split('/').skip(1).collect();
    let components = root.object_at(&path);
    added.iter().for_each(|(name, node)| components.insert(name, node.clone()));
    Ok(raw.with_root(root, renamed))
}

/// Whether any reference leads out of the document.
fn leads_out(node: &Node) -> bool {
    match &node.value {
        Value::Array(items) => items.iter().any(leads_out),
        Value::Object(object) => object.iter().any(|(key, node)| {
            (key == "$ref" && node.as_str().is_some_and(|text| !text.starts_with('#')))
                || (key == "discriminator"
                    && node
                        .get("mapping")
                        .and_then(Node::as_object)
                        .is_some_and(|map| map.iter().any(|(_, to)| to.as_str().is_some_and(names_file))))
                || leads_out(node)
        }),
        _ => false,
    }
}

/// What a node is, as far as references are concerned.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Schema,
    /// Schemas by name, or one after the other.
    Schemas,
    Any,
    /// Values for people and programs, in which `$ref` is only a word.
    Literal,
}

impl Kind {
    pub(super) fn of(self, key: &str) -> Self {
        match (self, key) {
            (Self::Literal, _) => Self::Literal,
            (Self::Schemas, _) => Self::Schema,
            (_, "example" | "default" | "enum" | "const") => Self::Literal,
            (Self::Schema, "examples") => Self::Literal,
            (Self::Any, "value") => Self::Literal,
            (_, key) if key.starts_with("x-") => Self::Literal,
            (Self::Schema, "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas") => {
                Self::Schemas
            }
            (Self::Schema, "allOf" | "anyOf" | "oneOf" | "prefixItems") => Self::Schemas,
            (Self::Schema, _) | (Self::Any, "schema") => Self::Schema,
            (Self::Any, "schemas" | "definitions") => Self::Schemas,
            (Self::Any, _) => Self::Any,
        }
    }
}

struct Work<'a> {
    parts: &'a Parts,
    raw: &'a RawDocument,
    files: HashMap<&'a str, RawDocument>,
    container: &'static str,
    /// Component names by file and pointer.
    names: HashMap<(String, String), String>,
    /// Components whose name was taken: the one they got, and the one they had.
    renamed: Vec<(String, String)>,
    taken: BTreeSet<String>,
    /// Schemas that are still to be taken in: file, pointer, component name, place of the reference.
    queue: Vec<(String, String, String, Span)>,
    /// Files and pointers that are being taken in, for circles.
    stack: Vec<(String, String)>,
    nodes: usize,
}

impl Work<'_> {
    /// Components that are nothing but a reference to a file lend what it has their name.
    fn adopt(&mut self, root: &Node) {
        let Some(components) = root.pointer(self.container).and_then(Node::as_object) else { return };
        for (name, node) in components.iter() {
            self.taken.insert(name.to_owned());
            let reference = node.text_at("$ref").filter(|_| node.as_object().is_some_and(|node| node.len() == 1));
            if let Some((file, at)) = reference.and_then(|reference| self.target("", reference).ok())
                && !file.is_empty()
                && !self.names.contains_key(&(file.clone(), at.clone()))
            {
                self.names.insert((file.clone(), at.clone()), name.to_owned());
                self.queue.push((file, at, name.to_owned(), node.span));
            }
        }
    }

    /// The file (empty for the document itself) and the pointer that a reference leads to.
    fn target(&self, base: &str, reference: &str) -> Result<(String, String), String> {
        let (file, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let name = if file.is_empty() { base.to_owned() } else { resolve(base, file)? };
        let name = if name == self.parts.root { String::new() } else { name };
        Ok((name, local_reference(&format!("#{fragment}")).unwrap_or_default()))
    }

    fn place(&self, span: Span) -> String {
        let (line, column) = self.raw.position(span);
        format!("line {line}, column {column}")
    }

    fn fetch(&mut self, file: &str, at: &str, span: Span) -> Result<Node, Refusal> {
        let reference = if at.is_empty() { file.to_owned() } else { format!("{file}#{at}") };
        let Some(part) = self.files.get(file) else {
            let why = match self.parts.files.get(file) {
                Some(Err(why)) => why.clone(),
                _ => "it was not read".to_owned(),
            };
            return Err(Refusal::UnsafeReference { reference, why, place: self.place(span) });
        };
        let Some(node) = part.root().pointer(at) else {
            return Err(Refusal::DanglingReference { reference, place: self.place(span) });
        };
        self.nodes += count(node);
        if self.nodes > MAX_NODES {
            return Err(Refusal::TooManyAliases { limit: MAX_NODES, line: self.raw.position(span).0 });
        }
        Ok(node.clone())
    }

    /// The component that a schema of a file becomes.
    fn component(&mut self, file: &str, at: &str, span: Span) -> String {
        let key = (file.to_owned(), at.to_owned());
        if let Some(name) = self.names.get(&key) {
            return name.clone();
        }
        let stem = file.rsplit('/').next().unwrap_or_default();
        let stem = stem.split('.').next().unwrap_or_default();
        let last = at.rsplit('/').next().filter(|token| !token.is_empty());
        let wish: String = last.unwrap_or(stem).replace("~1", "_").replace("~0", "_");
        let usable = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
        let wish: String = wish.chars().map(usable).collect();
        let mut name = wish.clone();
        let mut number = 2;
        while !self.taken.insert(name.clone()) {
            name = format!("{wish}_{number}");
            number += 1;
        }
        if name != wish {
            self.renamed.push((name.clone(), wish));
        }
        self.names.insert(key, name.clone());
        self.queue.push((file.to_owned(), at.to_owned(), name.clone(), span));
        name
    }

    /// Rewrites the references of a node that stands in `file`; `from` is where the document refers to it.
    fn go(&mut self, node: &mut Node, file: &str, kind: Kind, from: Option<Span>) -> Result<(), Refusal> {
        if kind == Kind::Literal {
            return Ok(());
        }
        let span = from.unwrap_or(node.span);
        if let Some(reference) = node.text_at("$ref").map(str::to_owned)
            && kind != Kind::Schemas
        {
            let target = self.target(file, &reference);
            let (to, at) = target.map_err(|why| {
                let place = self.place(span);
                Refusal::UnsafeReference { reference: reference.clone(), why, place }
            })?;
            if to.is_empty() {
                set(node, "$ref", pointer::reference_to(&at));
            } else if kind == Kind::Schema {
                let name = self.component(&to, &at, span);
                set(node, "$ref", pointer::reference_to(&pointer::child(self.container, &name)));
            } else {
                return self.inline(node, (to, at), span);
            }
        }
        if kind == Kind::Schema
            && let Some(mapping) = node.get_mut("discriminator").and_then(|node| node.get_mut("mapping"))
            && let Some(mapping) = mapping.as_object_mut()
        {
            for (_, value) in mapping.iter_mut() {
                let leads = |text: &&str| text.contains('#') || names_file(text);
                let Some(reference) = value.as_str().filter(leads).map(str::to_owned) else { continue };
                let Ok((to, at)) = self.target(file, &reference) else { continue };
                let at = match to.is_empty() {
                    true => at,
                    false => pointer::child(self.container, &self.component(&to, &at, span)),
                };
                value.value = Value::Text(pointer::reference_to(&at).into());
            }
        }
        match &mut node.value {
            Value::Array(items) => {
                let kind = if kind == Kind::Schemas { Kind::Schema } else { kind };
                items.iter_mut().try_for_each(|item| self.go(item, file, kind, from))
            }
            Value::Object(object) => {
                object.iter_mut().try_for_each(|(key, node)| self.go(node, file, kind.of(key), from))
            }
            _ => Ok(()),
        }
    }

    /// Puts what a reference leads to in its place; members beside the reference stay and win.
    fn inline(&mut self, node: &mut Node, target: (String, String), span: Span) -> Result<(), Refusal> {
        if self.stack.contains(&target) || self.stack.len() >= MAX_INLINED {
            let reference = format!("{}#{}", target.0, target.1);
            return Err(Refusal::CircularReference { reference, place: self.place(span) });
        }
        let mut found = self.fetch(&target.0, &target.1, span)?;
        let file = target.0.clone();
        self.stack.push(target);
        self.go(&mut found, &file, Kind::Any, Some(span))?;
        self.stack.pop();
        found.set_span(span);
        if let (Some(object), Some(beside)) = (found.as_object_mut(), node.as_object()) {
            for (key, value) in beside.iter().filter(|(key, _)| *key != "$ref") {
                object.insert(key, value.clone());
            }
        }
        *node = found;
        Ok(())
    }
}

fn set(node: &mut Node, key: &str, text: String) {
    if let Some(member) = node.get_mut(key) {
        member.value = Value::Text(text.into());
    }
}

fn count(node: &Node) -> usize {
    1 + match &node.value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(object) => object.iter().map(|(_, node)| count(node)).sum(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /a: {$ref: paths/a.yaml}
components:
  schemas:
    Owner: {$ref: 'schemas/owner.yaml'}
";
    const PATH: &str = "get:
  parameters: [{$ref: '../common.yaml#/parameters/limit'}]
  responses:
    '200': {description: ok, content: {application/json: {schema: {$ref: ../schemas/pet.yaml}}}}
    '404': {$ref: '../openapi.yaml#/components/responses/None'}
";

    fn files(list: &[(&str, &str)]) -> Parts {
        let bytes = |text: &str| Ok(text.as_bytes().to_vec());
        Parts { root: "openapi.yaml".into(), files: list.iter().map(|(n, t)| ((*n).to_owned(), bytes(t))).collect() }
    }

    fn bundled(root: &str, list: &[(&str, &str)]) -> Result<serde_json::Value, Refusal> {
        bundle(RawDocument::read(root.as_bytes()).unwrap(), &files(list)).map(|raw| raw.root().to_json())
    }

    #[test]
    fn takes_in_paths_parameters_and_schemas_from_files() {
        let json = bundled(
            ROOT,
            &[
                ("paths/a.yaml", PATH),
                ("common.yaml", "parameters: {limit: {name: limit, in: query, schema: {type: integer}}}"),
                ("schemas/pet.yaml", "type: object\nproperties: {owner: {$ref: owner.yaml}, self: {$ref: '#'}}"),
                ("schemas/owner.yaml", "type: object\nexample: {$ref: no.yaml}\n"),
            ],
        )
        .unwrap();
        let at = |pointer: &str| json.pointer(pointer).unwrap_or_else(|| panic!("{pointer}: {json:#}")).clone();
        assert_eq!(at("/paths/~1a/get/parameters/0/name"), "limit");
        let schema = "/paths/~1a/get/responses/200/content/application~1json/schema/$ref";
        assert_eq!(at(schema), "#/components/schemas/pet");
        assert_eq!(at("/components/schemas/pet/properties/owner/$ref"), "#/components/schemas/Owner");
        assert_eq!(at("/components/schemas/pet/properties/self/$ref"), "#/components/schemas/pet");
        assert_eq!(at("/components/schemas/Owner/type"), "object");
        assert_eq!(at("/paths/~1a/get/responses/404/$ref"), "#/components/responses/None");
    }

    #[test]
    fn a_mapping_leads_where_the_reference_beside_it_leads() {
        let root = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths: {}\ncomponents: {schemas: {V: {$ref: schemas/v.yaml}, Own: {type: object}}}\n";
        let choice = "oneOf: [{$ref: e.yaml}, {$ref: 'f.json#/F'}]\ndiscriminator: {propertyName: k, mapping: \
            {e: e.yaml, f: 'f.json#/F', g: ./e.yaml, own: '../openapi.yaml#/components/schemas/Own', name: some.name, plain: Own}}\n";
        let json = bundled(
            root,
            &[
                ("schemas/v.yaml", choice),
                ("schemas/e.yaml", "type: object"),
                ("schemas/f.json", "{\"F\": {\"type\": \"object\"}}"),
            ],
        )
        .unwrap();
        let mapping = json.pointer("/components/schemas/V/discriminator/mapping").unwrap();
        let e = "#/components/schemas/e";
        assert_eq!(
            *mapping,
            serde_json::json!({"e": e, "f": "#/components/schemas/F", "g": e, "own": "#/components/schemas/Own", "name": "some.name", "plain": "Own"})
        );
        // A file that only a mapping names is asked for and taken in too.
        let only = "oneOf: [{type: object}]\ndiscriminator: {propertyName: k, mapping: {e: e.yaml}}\n";
        let raw = RawDocument::read(root.as_bytes()).unwrap();
        assert!(wanted(&raw, &files(&[("schemas/v.yaml", only)])).unwrap().contains("schemas/e.yaml"));
        // What an extension or an example refers to is nobody's file.
        let raw = RawDocument::read(b"openapi: 3.0.3\ninfo: {x-a: {$ref: a.yaml}}\nx-b: {$ref: b.yaml}\npaths: {}\n")
            .unwrap();
        assert!(wanted(&raw, &files(&[])).unwrap().is_empty());
        assert!(bundle(raw, &files(&[])).is_ok());
    }

    #[test]
    fn says_which_components_got_another_name() {
        let root = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n  /a: {get: {responses: {'200': {description: ok, content: \
            {application/json: {schema: {$ref: 'other.yaml#/Pet'}}}}}}}\ncomponents: {schemas: {Pet: {type: object}}}\n";
        let raw = RawDocument::read(root.as_bytes()).unwrap();
        let raw = bundle(raw, &files(&[("other.yaml", "Pet: {type: string}")])).unwrap();
        let (document, ledger) = crate::document::convert(&raw).unwrap();
        assert!(document.root().pointer("/components/schemas/Pet_2").is_some());
        let entries: Vec<_> = ledger.entries().iter().map(|entry| (entry.rule, entry.pointer.as_str())).collect();
        assert_eq!(entries, [("schema-renamed", "/components/schemas/Pet_2")]);
    }

    #[test]
    fn says_which_files_it_wants_and_never_asks_above_its_folder() {
        let raw = RawDocument::read(ROOT.as_bytes()).unwrap();
        let first = wanted(&raw, &files(&[])).unwrap();
        assert_eq!(first.into_iter().collect::<Vec<_>>(), ["paths/a.yaml", "schemas/owner.yaml"]);
        let then = wanted(&raw, &files(&[("paths/a.yaml", PATH), ("schemas/owner.yaml", "{}")])).unwrap();
        assert_eq!(then.into_iter().collect::<Vec<_>>(), ["common.yaml", "schemas/pet.yaml"]);
        for up in ["../x.yaml", "a/../../x.yaml", "/etc/x", "C:\\x", "file:///x", "..%2fx.yaml"] {
            assert!(resolve("", up).is_err(), "{up}");
        }
        assert_eq!(resolve("https://h/a/b.yaml", "../c.yaml").as_deref(), Ok("https://h/c.yaml"));
    }

    #[test]
    fn refuses_circles_missing_places_and_files_that_were_not_read() {
        let root = "openapi: 3.0.3\npaths:\n  /a: {$ref: a.yaml}\n";
        let name = |list: &[(&str, &str)]| bundled(root, list).unwrap_err().name();
        assert_eq!(name(&[("a.yaml", "$ref: b.yaml"), ("b.yaml", "$ref: a.yaml")]), "circular-reference");
        assert_eq!(name(&[("a.yaml", "$ref: 'b.yaml#/x'"), ("b.yaml", "y: 1")]), "dangling-reference");
        let mut parts = files(&[]);
        parts.files.insert("a.yaml".into(), Err("it is not there".into()));
        let refusal = bundle(RawDocument::read(root.as_bytes()).unwrap(), &parts).unwrap_err();
        assert_eq!(refusal.to_string(), "the reference `a.yaml` is not followed: it is not there (line 3, column 7)");
    }
}
