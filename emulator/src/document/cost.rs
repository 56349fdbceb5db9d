//! Estimates what it costs to validate a value, before it is validated: how many pairs of schema and value the validator
//! looks at.
//!
//! A schema of a few lines can make that exponential, by choices within choices or by an `allOf` that leads twice to the
//! same schema at every level of a recursive value, and a validator that runs cannot be stopped. The estimate counts
//! every way to a pair, but walks each pair once. It errs upwards: it takes every branch for taken.

use std::collections::HashMap;

use serde_json::{Map, Value};

/// The most pairs of schema and value that one validation may look at.
pub(super) const MOST: u64 = 2_000_000;
/// From here on the errors of an invalid value are not collected: each branch of each choice has errors of its own.
pub(super) const MOST_EXPLAINED: u64 = 200_000;
/// The most different pairs that the estimate itself looks at.
const MOST_DIFFERENT: usize = 400_000;
/// The longest way from the whole value to a pair, references and combinations counted.
const DEEPEST: usize = 600;
/// The most schemas of one standalone schema.
const MOST_SCHEMAS: usize = 200_000;

/// The most schemas that compiling may look at for `unevaluatedProperties`: the validator compiles all that is combined
/// there once for each way that leads to it.
const MOST_COMBINED: usize = 50_000;

/// The words under which schemas for the same value stand.
const IN_PLACE: [&str; 3] = ["allOf", "anyOf", "oneOf"];

/// Whether a standalone schema is too large, or its references lead too far, to be compiled.
pub(super) fn is_too_large(schema: &Value) -> bool {
    let mut combined = Combined { definitions: definitions(schema), known: HashMap::new() };
    let (mut open, mut count, mut ways) = (vec![schema], 0, 0_usize);
    while let Some(node) = open.pop() {
        count += 1;
        if node.get("unevaluatedProperties").is_some() {
            ways = ways.saturating_add(combined.size(node, 0));
        }
        if count > MOST_SCHEMAS || ways > MOST_COMBINED {
            return true;
        }
        match node {
            Value::Object(members) => open.extend(members.values()),
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    false
}

type Definitions<'a> = Option<&'a Map<String, Value>>;

fn definitions(schema: &Value) -> Definitions<'_> {
    schema.get("$defs").and_then(Value::as_object)
}

/// The definition that a schema refers to.
fn target<'a>(definitions: Definitions<'a>, schema: &Value) -> Option<&'a Value> {
    definitions?.get(schema.get("$ref")?.as_str()?.strip_prefix("#/$defs/")?)
}

/// The schemas for the same value that stand directly in a schema.
fn in_place(members: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    let several = IN_PLACE.iter().filter_map(|word| members.get(*word)?.as_array()).flatten();
    several.chain(members.get("not"))
}

/// How many schemas for the same value are combined, each counted for every way that leads to it.
struct Combined<'a> {
    definitions: Definitions<'a>,
    /// By address; zero while it is being counted, since a way that comes back to a schema ends there.
    known: HashMap<usize, usize>,
}

impl<'a> Combined<'a> {
    fn size(&mut self, schema: &'a Value, depth: usize) -> usize {
        let Some(members) = schema.as_object() else { return 1 };
        let address = std::ptr::from_ref(schema).addr();
        if let Some(known) = self.known.get(&address) {
            return *known;
        }
        if depth > DEEPEST {
            return usize::MAX;
        }
        self.known.insert(address, 0);
        // The validator compiles the schema of further members once more wherever it asks which members were looked at.
        let patterns = members.get("patternProperties").and_then(Value::as_object);
        let further = members.get("additionalProperties").into_iter();
        let further = further.chain(patterns.into_iter().flat_map(Map::values));
        let inner = in_place(members).chain(target(self.definitions, schema)).chain(further);
        let size = inner.fold(1_usize, |sum, inner| sum.saturating_add(self.size(inner, depth + 1)));
        self.known.insert(address, size);
        size
    }
}

/// What validating a value by a standalone schema costs.
pub(super) fn of(schema: &Value, value: &Value) -> u64 {
    Estimate { definitions: definitions(schema), known: HashMap::new() }.cost(schema, value, 0).unwrap_or(u64::MAX)
}

/// A schema and a value, by their addresses.
type Pair = (usize, usize);

struct Estimate<'a> {
    definitions: Definitions<'a>,
    /// The cost of a pair; nothing while it is being estimated.
    known: HashMap<Pair, Option<u64>>,
}

impl<'a> Estimate<'a> {
    /// The cost of a pair; nothing where it is without end or cannot be estimated.
    fn cost(&mut self, schema: &'a Value, value: &'a Value, depth: usize) -> Option<u64> {
        let Some(members) = schema.as_object() else { return Some(1) };
        let pair = (std::ptr::from_ref(schema).addr(), std::ptr::from_ref(value).addr());
        if let Some(known) = self.known.get(&pair) {
            return *known;
        }
        if depth > DEEPEST || self.known.len() > MOST_DIFFERENT {
            return None;
        }
        self.known.insert(pair, None);
        let mut combined = 0_u64;
        for inner in in_place(members).chain(target(self.definitions, schema)) {
            combined = combined.checked_add(self.cost(inner, value, depth + 1)?)?;
        }
        // Which members were looked at is found out by looking at the combined schemas once more.
        let passes = if members.contains_key("unevaluatedProperties") { 3 } else { 1 };
        let mut sum = 1 + combined.checked_mul(passes)?;
        sum = sum.checked_add(own_cost(members, value))?;
        match value {
            Value::Object(inner) => {
                let properties = members.get("properties").and_then(Value::as_object);
                let patterns = members.get("patternProperties").and_then(Value::as_object);
                for (name, value) in inner {
                    let named = properties.and_then(|properties| properties.get(name));
                    let by_pattern = patterns.into_iter().flat_map(Map::values);
                    let rest = members.get("additionalProperties").filter(|_| named.is_none());
                    for schema in named.into_iter().chain(by_pattern).chain(rest) {
                        sum = sum.checked_add(self.cost(schema, value, depth + 1)?)?;
                    }
                }
            }
            Value::Array(items) => {
                for item in items {
                    let schema = members.get("items").unwrap_or(&Value::Bool(true));
                    sum = sum.checked_add(self.cost(schema, item, depth + 1)?)?;
                }
            }
            _ => {}
        }
        self.known.insert(pair, Some(sum));
        Some(sum)
    }
}

/// What the words of one schema cost beside the schemas within it.
fn own_cost(members: &Map<String, Value>, value: &Value) -> u64 {
    let size = match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.len(),
        Value::Object(inner) => inner.len(),
        _ => 0,
    };
    let listed = members.get("enum").and_then(Value::as_array).map_or(0, Vec::len);
    let required = members.get("required").and_then(Value::as_array).map_or(0, Vec::len);
    // A pattern is read along with the text; one that looks around may go back many times.
    let pattern = members.get("pattern").and_then(Value::as_str).map_or(0, |pattern| {
        let steps = 1 + size / 16;
        if pattern.contains("(?") || pattern.contains('\\') {
            steps.saturating_mul(1 + pattern.len() / 8)
        } else {
            steps
        }
    });
    let patterns = members.get("patternProperties").and_then(Value::as_object).map_or(0, Map::len);
    let all = (listed + required) / 4 + pattern + patterns.saturating_mul(size);
    u64::try_from(all).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// `$defs` in which each level leads to the next one by `next`, and a last one that wants a text.
    fn levels(count: usize, next: impl Fn(Value) -> Value) -> Value {
        let reference = |level: usize| json!({"$ref": format!("#/$defs/d{level}")});
        let mut definitions: Map<String, Value> =
            (0..count).map(|level| (format!("d{level}"), next(reference(level + 1)))).collect();
        definitions.insert(format!("d{count}"), json!({"type": "string"}));
        json!({"$ref": "#/$defs/d0", "$defs": definitions})
    }

    #[test]
    fn every_way_to_a_pair_is_counted_and_each_pair_is_walked_once() {
        for word in IN_PLACE {
            let schema = levels(60, |next| json!({word: [next, next]}));
            assert!(of(&schema, &json!("x")) > MOST, "{word}");
            let schema = levels(60, |next| json!({word: [next]}));
            assert!(of(&schema, &json!("x")) < 500, "{word}");
        }
        let twice = json!({"properties": {"a": {"$ref": "#/$defs/d"}}});
        let schema = json!({"$ref": "#/$defs/d", "$defs": {"d": {"allOf": [twice, twice]}}});
        let nested = |depth: usize| (0..depth).fold(json!({}), |value, _| json!({"a": value}));
        assert!(of(&schema, &nested(60)) > MOST);
        assert!(of(&schema, &nested(5)) < 1000);
    }

    #[test]
    fn further_members_are_compiled_for_every_way_that_leads_to_them() {
        for word in ["additionalProperties", "patternProperties"] {
            let next = |next: Value| {
                let both = json!({"allOf": [next, next], "unevaluatedProperties": false});
                let both = if word == "patternProperties" { json!({"^a": both}) } else { both };
                json!({"type": "object", word: both})
            };
            assert!(is_too_large(&levels(40, next)), "{word}");
            assert!(!is_too_large(&levels(10, next)), "{word}");
        }
    }

    #[test]
    fn what_leads_to_itself_is_without_end() {
        let schema = json!({"$ref": "#/$defs/a", "$defs": {"a": {"allOf": [{"$ref": "#/$defs/a"}]}}});
        assert_eq!(of(&schema, &json!({})), u64::MAX);
    }

    #[test]
    fn long_lists_of_values_and_patterns_count() {
        let listed: Vec<Value> = (0..100_000).map(Value::from).collect();
        let items: Vec<Value> = (0..1_000).map(|_| json!("x")).collect();
        assert!(of(&json!({"items": {"enum": listed}}), &json!(items)) > MOST);
        let text = "a".repeat(1 << 20);
        assert!(of(&json!({"pattern": "^a+$"}), &json!(text)) < MOST);
    }
}
