//! The same content gives the same bytes, whatever the order of its keys and whatever its format; and any tree
//! survives being written and read.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

use proptest::prelude::*;
use swpanel_build_tools::document::{Document, Node, Object, RawDocument, Value, convert};
use swpanel_build_tools::names::{Names, pin};

const SOURCE: &str = include_str!("../../upstream/openapi.yaml");

fn document(bytes: &[u8]) -> Document {
    let (mut document, _) = convert(&RawDocument::read(bytes).unwrap()).unwrap();
    pin(&mut document, &Names::new());
    document
}

/// JSON with the members of every object in an order of its own, drawn by `seed`.
fn shuffled(node: &Node, seed: &mut u64, out: &mut String) {
    match &node.value {
        Value::Object(object) => {
            let mut members: Vec<_> = object.iter().collect();
            for at in (1..members.len()).rev() {
                *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                members.swap(at, (*seed >> 33) as usize % (at + 1));
            }
            out.push('{');
            for (at, (key, value)) in members.into_iter().enumerate() {
                out.push_str(if at > 0 { ",\n" } else { "" });
                out.push_str(&Node::from(key).to_canonical());
                out.push(':');
                shuffled(value, seed, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                shuffled(item, seed, out);
            }
            out.push(']');
        }
        _ => out.push_str(&node.to_canonical()),
    }
}

fn any_node() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![
        Just(Node::default()),
        any::<bool>().prop_map(Node::from),
        any::<i64>().prop_map(|number| Value::Number(number.to_string().into()).into()),
        "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,4})?"
            .prop_map(|text| Value::Number(text.into()).into()),
        ".*".prop_map(Node::from),
    ];
    leaf.prop_recursive(6, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Node::from),
            prop::collection::vec((".*", inner), 0..8).prop_map(|members| {
                let mut object = Object::new();
                members.into_iter().for_each(|(key, node)| object.insert(key, node));
                object.into()
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_keys_changes_no_byte(seed in any::<u64>()) {
        let expected = document(SOURCE.as_bytes()).to_canonical();
        let mut text = String::new();
        shuffled(RawDocument::read(SOURCE.as_bytes()).unwrap().root(), &mut seed.clone(), &mut text);
        prop_assert!(text != expected);
        prop_assert!(document(text.as_bytes()).to_canonical() == expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_reads_back_the_same(node in any_node()) {
        // At the top there is an object, as in every document; a bare text would be judged to be YAML.
        let mut object = Object::new();
        object.insert("x", node);
        let node = Node::from(object);
        let text = node.to_canonical();
        let json = RawDocument::read(text.as_bytes()).unwrap();
        prop_assert_eq!(json.root(), &node);
        prop_assert_eq!(json.root().to_canonical(), text);
    }

    #[test]
    fn no_bytes_make_the_reader_fail_without_saying_why(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = RawDocument::read(&bytes);
    }

    #[test]
    fn no_text_makes_the_reader_fail_without_saying_why(text in "[\\[\\]{}:,\"'&*<\\- \n#|>a1.e0!%@`\\\\]{0,80}") {
        if let Ok(raw) = RawDocument::read(text.as_bytes()) {
            // And what it reads it can write.
            let again = format!("{{\"x\":{}}}", raw.root().to_canonical());
            prop_assert!(RawDocument::read(again.as_bytes()).is_ok(), "{}", again);
        }
    }
}
