//! References by name (`$anchor`) and by address (`$id`) to references by place, which is what every later stage follows.

use std::collections::BTreeMap;

use super::bundle::Kind;
use super::node::{Node, Value};
use super::pointer::{child, local_reference, reference_to};

/// Rewrites the references that lead to an identifier of the same document; returns the place and the text of each.
pub(super) fn resolve(root: &mut Node) -> Vec<(String, String)> {
    let mut known = Known::default();
    let base = root.text_at("$self").unwrap_or_default().to_owned();
    walk(root, &base, &mut |node, pointer, base| {
        if node.text_at("$id").is_some() {
            known.ids.insert(base.to_owned(), pointer.to_owned());
        }
        for keyword in ["$anchor", "$dynamicAnchor"] {
            if let Some(name) = node.text_at(keyword) {
                known.anchors.entry(name.to_owned()).or_default().insert(base.to_owned(), pointer.to_owned());
            }
        }
    });
    if known.ids.is_empty() && known.anchors.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    walk(root, &base, &mut |node, pointer, base| {
        if let Some(reference) = node.text_at("$ref")
            && let Some(target) = known.target(root, base, reference)
        {
            found.push((pointer.to_owned(), reference.to_owned(), target));
        }
    });
    for (pointer, _, target) in &found {
        if let Some(node) = root.pointer_mut(pointer).and_then(|node| node.get_mut("$ref")) {
            node.value = Value::Text(reference_to(target).into());
        }
    }
    found.into_iter().map(|(pointer, reference, _)| (pointer, reference)).collect()
}

/// Calls `visit` for every object that is not a value, with its place and the address that its references are relative to.
fn walk<'a>(root: &'a Node, base: &str, visit: &mut dyn FnMut(&'a Node, &str, &str)) {
    let mut open = vec![(root, String::new(), Kind::Any, base.to_owned())];
    while let Some((node, pointer, kind, mut base)) = open.pop() {
        match &node.value {
            Value::Array(items) => {
                let kind = if kind == Kind::Schemas { Kind::Schema } else { kind };
                let items = items.iter().enumerate();
                open.extend(items.map(|(at, item)| (item, child(&pointer, &at.to_string()), kind, base.clone())));
            }
            Value::Object(object) if kind != Kind::Literal => {
                if kind != Kind::Schemas {
                    if let Some(id) = node.text_at("$id") {
                        base = joined(&base, id.trim_end_matches('#'));
                    }
                    visit(node, &pointer, &base);
                }
                open.extend(object.iter().map(|(key, node)| (node, child(&pointer, key), kind.of(key), base.clone())));
            }
            _ => {}
        }
    }
}

/// An address relative to another one.
fn joined(base: &str, address: &str) -> String {
    let url = url::Url::parse(base).and_then(|base| base.join(address));
    url.map_or_else(|_| address.to_owned(), String::from)
}

#[derive(Default)]
struct Known {
    /// Places by address.
    ids: BTreeMap<String, String>,
    /// Places by name and by the address of the schema that the name belongs to.
    anchors: BTreeMap<String, BTreeMap<String, String>>,
}

impl Known {
    /// The place that a reference leads to, where it leads there by an identifier.
    fn target(&self, root: &Node, base: &str, reference: &str) -> Option<String> {
        let (file, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let address = if file.is_empty() { base.to_owned() } else { joined(base, file) };
        let whole = self.ids.get(&address).or_else(|| self.ids.get(file).filter(|_| !file.is_empty()));
        let fragment = local_reference(&format!("#{fragment}")).unwrap_or_default();
        if fragment.is_empty() {
            return whole.cloned();
        }
        if fragment.starts_with('/') {
            // Many write references into the document beside an `$id`, which would lead elsewhere by the letter.
            let is_local = file.is_empty() && root.pointer(&fragment).is_some();
            let within = whole.map(|whole| format!("{whole}{fragment}")).filter(|_| !is_local);
            return within.filter(|pointer| root.pointer(pointer).is_some());
        }
        let places = self.anchors.get(&fragment)?;
        let only = places.values().next().filter(|_| places.len() == 1 && file.is_empty());
        places.get(&address).or(only).cloned()
    }
}

#[cfg(test)]
mod tests {
    use crate::document::RawDocument;

    #[test]
    fn references_by_name_and_by_address_lead_to_a_place() {
        let text = "openapi: 3.1.0\ncomponents:\n  schemas:\n    A: {$anchor: here, type: string}\n    Inner: {$id: 'https://e.test/s/inner', \
            $defs: {x: {$anchor: in, type: string}, y: {$ref: '#in'}, z: {$ref: '#/$defs/x'}, own: {$ref: '#'}}}\n    B:\n      \
            $id: https://e.test/s/b\n      properties:\n        a: {$ref: '#here'}\n        b: {$ref: inner}\n        \
            c: {$ref: 'inner#in'}\n        d: {$ref: 'https://e.test/s/inner#/$defs/x'}\n        e: {$ref: '#/components/schemas/A'}\n        \
            f: {$ref: other.yaml}\n        $id: {type: string}\n      example: {$ref: '#here'}\n";
        let raw = RawDocument::read(text.as_bytes()).unwrap();
        let at = |pointer: &str| {
            raw.root().pointer(&format!("/components/schemas/{pointer}/$ref")).and_then(|node| node.as_str())
        };
        for (pointer, to) in [
            ("Inner/$defs/y", "#/components/schemas/Inner/$defs/x"),
            ("Inner/$defs/z", "#/components/schemas/Inner/$defs/x"),
            ("Inner/$defs/own", "#/components/schemas/Inner"),
            ("B/properties/a", "#/components/schemas/A"),
            ("B/properties/b", "#/components/schemas/Inner"),
            ("B/properties/c", "#/components/schemas/Inner/$defs/x"),
            ("B/properties/d", "#/components/schemas/Inner/$defs/x"),
            ("B/properties/e", "#/components/schemas/A"),
            ("B/properties/f", "other.yaml"),
            ("B/example", "#here"),
        ] {
            assert_eq!(at(pointer), Some(to), "{pointer}");
        }
        assert_eq!(raw.identified().len(), 7);
    }
}
