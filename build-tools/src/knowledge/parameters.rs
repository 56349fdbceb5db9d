//! Names of path parameters: an operation that matches an entry keeps the names that the entry gives them.
//!
//! These names are not sent. They are names of methods, handles and arguments, which another document must not change:
//! `client.service("XX012")` stays, whatever the vendor calls the first part of a path.

use std::collections::{BTreeMap, BTreeSet};

use super::{Knowledge, apply};
use crate::document::{Document, Ledger, Node, Object, Stage, Value, Weight, child};

/// A name that a document gives a path parameter, and the one that it keeps.
type Renamed = Vec<(String, String)>;

/// Gives path parameters the names of the entries that their operations match. A path whose operations disagree, and one
/// where a name would be taken or a reference would lead nowhere, stays as it is.
pub fn keep_parameter_names(document: &mut Document, knowledge: &Knowledge, ledger: &mut Ledger) {
    let referred = referred_paths(document.root());
    for (path, renamed) in wanted(document, knowledge) {
        let place = child("/paths", &path);
        if referred.iter().any(|pointer| pointer.starts_with(&format!("#{place}/"))) {
            continue;
        }
        let new = with_names(&path, &renamed);
        let Some(item) = document.root().pointer(&place).and_then(Node::as_object) else { continue };
        let taken = others(document, item);
        if renamed.iter().any(|(_, name)| taken.contains(name)) {
            continue;
        }
        let made = item_with_names(document, item, &renamed);
        let paths = document.root_mut().get_mut("paths").and_then(Node::as_object_mut);
        let Some(paths) = paths.filter(|paths| !paths.contains(&new)) else { continue };
        paths.insert(path.as_str(), made);
        paths.rename(&path, new.as_str());
        let names: Vec<String> = renamed.iter().map(|(from, to)| format!("`{from}` is `{to}`")).collect();
        let message = format!("path parameters of {path} keep their names: {}", names.join(", "));
        ledger.note(Stage::Name, Weight::Rewrite, "path-parameter-renamed", child("/paths", &new), message);
    }
}

/// The paths with a parameter of another name than its entry has, each with all names that change.
fn wanted(document: &Document, knowledge: &Knowledge) -> BTreeMap<String, Renamed> {
    let mut wanted: BTreeMap<String, BTreeSet<Renamed>> = BTreeMap::new();
    let mut paths: BTreeMap<String, String> = BTreeMap::new();
    for operation in document.operations() {
        paths.insert(operation.key(), operation.path.to_owned());
    }
    for (operation, entry) in apply::keys_of(document, knowledge) {
        let (Some(path), Some((_, known))) = (paths.get(&operation), entry.split_once(' ')) else { continue };
        let (own, kept) = (names(path), names(known));
        // A parameter may also stand for the version, before all that the entry has.
        let Some(first) = own.len().checked_sub(kept.len()) else { continue };
        let pairs = own.into_iter().skip(first).zip(kept);
        wanted.entry(path.clone()).or_default().insert(pairs.collect());
    }
    let mut found = BTreeMap::new();
    for (path, mut candidates) in wanted {
        let one = candidates.pop_first().filter(|_| candidates.is_empty()).unwrap_or_default();
        let all: BTreeSet<&String> = one.iter().map(|(_, to)| to).collect();
        let rest = names(&path).into_iter().filter(|name| !one.iter().any(|(from, _)| from == name));
        let is_free = all.len() == one.len() && rest.into_iter().all(|name| !all.contains(&name));
        let renamed: Renamed = one.iter().filter(|(from, to)| from != to).cloned().collect();
        if is_free && !renamed.is_empty() {
            found.insert(path, renamed);
        }
    }
    found
}

/// The names of the parameters in a path template, in their order.
fn names(path: &str) -> Vec<String> {
    path.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.to_owned())).collect()
}

fn new_name<'r>(renamed: &'r Renamed, name: &str) -> Option<&'r str> {
    renamed.iter().find(|(from, _)| from == name).map(|(_, to)| to.as_str())
}

fn with_names(path: &str, renamed: &Renamed) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        out.push_str(&format!("{before}{{{}}}", new_name(renamed, name).unwrap_or(name)));
        rest = after;
    }
    out + rest
}

/// The lists of parameters of a path item: its own, and those of its operations.
fn lists(item: &Object) -> impl Iterator<Item = &[Node]> {
    item.iter()
        .filter_map(|(key, node)| if key == "parameters" { Some(node) } else { node.get("parameters") }?.as_array())
}

/// The names of the parameters of a path item that do not stand in the path.
fn others(document: &Document, item: &Object) -> BTreeSet<String> {
    let all = lists(item).flatten().filter_map(|node| document.resolve(node));
    let others = all.filter(|node| node.text_at("in") != Some("path"));
    others.filter_map(|node| node.text_at("name")).map(str::to_owned).collect()
}

/// A path item whose path parameters have their new names. One that is a shared component is written out: other paths
/// may use it under its own name.
fn item_with_names(document: &Document, item: &Object, renamed: &Renamed) -> Node {
    let list = |nodes: &[Node]| -> Vec<Node> { nodes.iter().map(|node| parameter(document, node, renamed)).collect() };
    let mut made = item.clone();
    for (key, node) in made.iter_mut() {
        let list_of = if key == "parameters" { Some(node) } else { node.get_mut("parameters") };
        if let Some(nodes) = list_of.and_then(Node::as_array_mut) {
            *nodes = list(nodes);
        }
    }
    made.into()
}

fn parameter(document: &Document, node: &Node, renamed: &Renamed) -> Node {
    let Some(whole) = document.resolve(node).filter(|whole| whole.text_at("in") == Some("path")) else {
        return node.clone();
    };
    let Some(name) = whole.text_at("name").and_then(|name| new_name(renamed, name)) else { return node.clone() };
    let mut made = whole.clone();
    if let Some(members) = made.as_object_mut() {
        members.insert("name", name);
    }
    made
}

/// The references that lead into paths. The way there may be as long as the document, so it takes no recursion.
fn referred_paths(root: &Node) -> BTreeSet<String> {
    let (mut found, mut open) = (BTreeSet::new(), vec![root]);
    while let Some(node) = open.pop() {
        found.extend(node.text_at("$ref").filter(|to| to.starts_with("#/paths/")).map(str::to_owned));
        match &node.value {
            Value::Array(items) => open.extend(items),
            Value::Object(object) => open.extend(object.iter().map(|(_, node)| node)),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{RawDocument, convert};

    const KNOWN: &str = "version = 1\nserver = \"https://a.example/v1\"\n\
        [operations.\"GET /services/{service}/dns/{record_id}\"]\neffect = \"read\"\n\
        [operations.\"PUT /services/{service}/dns/{record_id}\"]\neffect = \"update\"\n\
        [operations.\"GET /swap/{one}/{two}\"]\neffect = \"read\"\n";

    fn renamed(paths: &str) -> (Vec<String>, serde_json::Value, usize) {
        let text = format!("openapi: 3.0.3\ninfo: {{}}\nservers: [{{url: https://a.example/v1}}]\npaths:\n{paths}");
        let (mut document, _) = convert(&RawDocument::read(text.as_bytes()).unwrap()).unwrap();
        let mut ledger = Ledger::default();
        keep_parameter_names(&mut document, &Knowledge::parse(KNOWN).unwrap(), &mut ledger);
        let keys = document.operations().iter().map(|operation| operation.key()).collect();
        (keys, document.root().to_json(), ledger.entries().len())
    }

    const OK: &str = "responses: {'200': {description: ok}}";

    fn named(name: &str) -> String {
        format!("{{name: {name}, in: path, required: true, schema: {{type: string}}}}")
    }

    #[test]
    fn parameters_keep_the_names_of_the_entry() {
        let (first, second) = (named("servicio"), named("idRegistro"));
        let paths = format!(
            "  /services/{{servicio}}/dns/{{idRegistro}}/:\n    parameters: [{first}]\n    get: {{parameters: [{second}], {OK}}}\n\
             \x20 /swap/{{two}}/{{one}}:\n    get: {{parameters: [{}, {}], {OK}}}\n",
            named("one"),
            named("two")
        );
        let (keys, document, noted) = renamed(&paths);
        assert_eq!(keys, ["GET /services/{service}/dns/{record_id}/", "GET /swap/{one}/{two}"]);
        let item = &document["paths"]["/services/{service}/dns/{record_id}/"];
        assert_eq!(
            (&item["parameters"][0]["name"], &item["get"]["parameters"][0]["name"]),
            (&"service".into(), &"record_id".into())
        );
        assert_eq!(noted, 2);
    }

    #[test]
    fn a_doubtful_name_stays() {
        let query = "{name: service, in: query, schema: {type: string}}";
        let (first, second) = (named("s"), named("r"));
        let taken =
            format!("  /services/{{s}}/dns/{{r}}:\n    get: {{parameters: [{first}, {second}, {query}], {OK}}}\n");
        let unknown = format!("  /others/{{s}}:\n    get: {{parameters: [{first}], {OK}}}\n");
        for (paths, key) in [(taken, "GET /services/{s}/dns/{r}"), (unknown, "GET /others/{s}")] {
            let (keys, _, noted) = renamed(&paths);
            assert_eq!((keys, noted), (vec![key.to_owned()], 0));
        }
    }
}
