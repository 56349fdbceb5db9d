//! Which parts of two documents are the same, references followed, so that only the rest is compared keyword by keyword.
//!
//! What is the same has no change in any direction. It errs on one side alone: what it does not know for the same is
//! compared.

use std::collections::{HashMap, HashSet};

use super::side::address;
use crate::document::{Document, Node, Object, Value, plain_component};

/// Kind and name of a component.
type Component<'d> = (&'d str, &'d str);

/// What is known of two documents.
pub(super) struct Same<'d> {
    /// Components that are the same in both, with everything that they refer to.
    components: HashSet<Component<'d>>,
    /// Pairs of objects that were looked at.
    known: HashMap<(usize, usize), bool>,
}

impl<'d> Same<'d> {
    pub(super) fn new(old: &'d Document, new: &'d Document) -> Self {
        Self { components: components(old, new), known: HashMap::new() }
    }

    /// Whether two nodes are the same, and lead to what is.
    pub(super) fn nodes(&mut self, old: &Node, new: &Node) -> bool {
        let is = self.walk(old, new);
        // Of a pair that is not the same the walk has noted which of its parts are not; its other parts are asked for
        // next, and of those that are the same nothing within them ever is.
        self.known.insert((address(old), address(new)), is);
        is
    }

    /// The same of what may be missing on either side.
    pub(super) fn both(&mut self, old: Option<&Node>, new: Option<&Node>) -> bool {
        match (old, new) {
            (None, None) => true,
            (Some(old), Some(new)) => self.nodes(old, new),
            _ => false,
        }
    }

    fn walk(&mut self, old: &Node, new: &Node) -> bool {
        match (&old.value, &new.value) {
            (Value::Object(was), Value::Object(is)) => {
                let key = (address(old), address(new));
                if let Some(known) = self.known.get(&key) {
                    return *known;
                }
                let same = self.objects(was, is);
                if !same {
                    self.known.insert(key, false);
                }
                same
            }
            (Value::Array(was), Value::Array(is)) => {
                was.len() == is.len() && was.iter().zip(is).all(|(was, is)| self.walk(was, is))
            }
            (was, is) => was == is,
        }
    }

    fn objects(&mut self, was: &Object, is: &Object) -> bool {
        was.len() == is.len()
            && was.entries().iter().zip(is.entries()).all(|(entry, beside)| {
                let name = entry.key.as_str();
                // Members mostly stand in one order.
                let other = if entry.key == beside.key { Some(&beside.node) } else { is.get(name) };
                let Some(other) = other else { return false };
                match (name, entry.node.as_str()) {
                    ("$ref", Some(reference)) => other.as_str() == Some(reference) && self.leads_to_same(reference),
                    ("discriminator", None) => {
                        self.walk(&entry.node, other)
                            && mapped(&entry.node).all(|to| to.is_some_and(|to| self.components.contains(&to)))
                    }
                    _ => self.walk(&entry.node, other),
                }
            })
    }

    fn leads_to_same(&self, reference: &str) -> bool {
        plain_component(reference).is_some_and(|component| self.components.contains(&component))
    }
}

/// The components that are the same: those that read the same, less those that lead to one that is not.
fn components<'d>(old: &'d Document, new: &'d Document) -> HashSet<Component<'d>> {
    let mut alike: HashMap<Component<'d>, usize> = HashMap::new();
    let mut nodes: Vec<&'d Node> = Vec::new();
    let kinds = |document: &'d Document| document.root().get("components").and_then(Node::as_object);
    for (kind, was) in kinds(old).into_iter().flat_map(Object::iter) {
        let is = kinds(new).and_then(|kinds| kinds.get(kind)).and_then(Node::as_object);
        let (Some(was), Some(is)) = (was.as_object(), is) else { continue };
        for (name, node) in was.iter().filter(|(name, node)| is.get(name) == Some(*node)) {
            alike.insert((kind, name), nodes.len());
            nodes.push(node);
        }
    }
    let mut others = vec![false; nodes.len()];
    let mut users: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    for (at, node) in nodes.iter().enumerate() {
        let mut to = Some(Vec::new());
        references(node, &mut to);
        let to = to.map(|to| to.into_iter().map(|one| alike.get(&one).copied()).collect::<Option<Vec<usize>>>());
        match to.flatten() {
            Some(to) => {
                for to in to {
                    users.get_mut(to).into_iter().for_each(|users| users.push(at));
                }
            }
            None => others.get_mut(at).into_iter().for_each(|other| *other = true),
        }
    }
    let mut open: Vec<usize> = others.iter().enumerate().filter(|(_, other)| **other).map(|(at, _)| at).collect();
    while let Some(at) = open.pop() {
        for user in users.get_mut(at).map(std::mem::take).unwrap_or_default() {
            if let Some(other) = others.get_mut(user).filter(|other| !**other) {
                *other = true;
                open.push(user);
            }
        }
    }
    alike.retain(|_, at| others.get(*at) == Some(&false));
    alike.into_keys().collect()
}

/// The components that a discriminator leads to by names of schemas or by references.
fn mapped(discriminator: &Node) -> impl Iterator<Item = Option<Component<'_>>> {
    let mapping = discriminator.get("mapping").and_then(Node::as_object).into_iter().flat_map(Object::iter);
    mapping
        .filter_map(|(_, to)| to.as_str())
        .map(|to| if to.contains(['#', '/']) { plain_component(to) } else { Some(("schemas", to)) })
}

/// The components that a node refers to; nothing where a reference is not plainly to one.
fn references<'d>(node: &'d Node, found: &mut Option<Vec<Component<'d>>>) {
    match &node.value {
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        Value::Object(object) => {
            for (name, node) in object.iter() {
                if name == "discriminator" {
                    for to in mapped(node) {
                        match (to, found.as_mut()) {
                            (Some(component), Some(found)) => found.push(component),
                            _ => *found = None,
                        }
                    }
                }
                match node.as_str().filter(|_| name == "$ref") {
                    Some(reference) => match (plain_component(reference), found.as_mut()) {
                        (Some(component), Some(found)) => found.push(component),
                        _ => *found = None,
                    },
                    None => references(node, found),
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::Side;

    fn side(schemas: &str) -> Side {
        let head = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths: {}\ncomponents:\n  schemas:\n";
        Side::read(format!("{head}{schemas}").as_bytes(), None).unwrap()
    }

    #[test]
    fn what_leads_to_another_is_another_and_circles_end() {
        let shared = "
    b: {items: {$ref: '#/components/schemas/a'}}
    f: {$ref: '#/components/schemas/gone'}
    g: {$ref: '#/paths'}
";
        let old = "
    a: {$ref: '#/components/schemas/b'}
    c: {properties: {d: {$ref: '#/components/schemas/d'}, e: {type: string}}}
    d: {type: string}
    h: {items: {$ref: '#/components/schemas/c'}}";
        let new = "
    d: {type: integer}
    c: {properties: {e: {type: string}, d: {$ref: '#/components/schemas/d'}}}
    h: {items: {$ref: '#/components/schemas/c'}}
    a: {$ref: '#/components/schemas/b'}";
        let (old, new) = (side(&format!("{old}{shared}")), side(&format!("{new}{shared}")));
        let mut same = Same::new(old.document(), new.document());
        let at = |pointer: &str| {
            let found = [&old, &new].map(|side| side.document().root().pointer(pointer).unwrap());
            (found[0], found[1])
        };
        for (name, is) in
            [("a", true), ("b", true), ("c", false), ("d", false), ("f", false), ("g", false), ("h", false)]
        {
            let (was, now) = at(&format!("/components/schemas/{name}"));
            assert_eq!(same.nodes(was, now), is, "{name}");
        }
        let (was, now) = at("/components/schemas/c/properties/e");
        assert!(same.nodes(was, now) && same.both(None, None) && !same.both(Some(was), None));
    }
}
