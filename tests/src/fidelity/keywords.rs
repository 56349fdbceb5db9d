//! Single keywords of a schema of the document beside those of a Rust type's schema.

use std::collections::BTreeSet;

use serde_json::Value;
use swpanel_build_tools::document::Node;

use super::Verdict;

/// Keywords that hold one value each.
pub(super) const SINGLE: [&str; 15] = [
    "format",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "default",
];

/// What became of a keyword with one value.
pub(super) fn single(keyword: &str, said: &Value, found: Option<&Value>) -> Verdict {
    let Some(found) = found else { return Verdict::Lost };
    if found == said {
        return Verdict::Same;
    }
    let (Some(said), Some(found)) = (said.as_f64(), found.as_f64()) else { return Verdict::Lost };
    let lower = keyword.starts_with("min") || keyword == "exclusiveMinimum";
    let upper = keyword.starts_with("max") || keyword == "exclusiveMaximum";
    match () {
        () if said == found => Verdict::Same,
        () if (lower && found < said) || (upper && found > said) => Verdict::Wider,
        () if lower || upper => Verdict::Narrower,
        () => Verdict::Lost,
    }
}

/// What a Rust type demands although the document does not: keywords, with what is demanded.
pub(super) fn added(node: &Node, rust: &Value) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let number = kinds(rust).iter().any(|kind| kind == "integer" || kind == "number");
    // Formats and bounds that a Rust number has by being one are no statement; that it has no sign is one.
    let by_being = |keyword: &str, value: &Value| {
        keyword == "default" || (number && !(keyword == "minimum" && value.as_f64() == Some(0.0)))
    };
    for keyword in SINGLE {
        let Some(value) = rust.get(keyword).filter(|_| node.get(keyword).is_none()) else { continue };
        if !by_being(keyword, value) && *value != Value::Bool(false) {
            found.push((keyword, value.to_string()));
        }
    }
    if node.get("enum").is_none() {
        // One possible kind of truth value or text is an enumeration as well.
        let listed = values(rust);
        if !listed.is_empty() && lists_all(rust) {
            found.push(("enum", listed.into_iter().collect::<Vec<_>>().join(" or ")));
        }
    }
    let kind = node.get("type").is_none() && node.get("properties").is_none() && node.get("allOf").is_none();
    let kinds = kinds(rust);
    if kind && !kinds.is_empty() {
        found.push(("type", kinds.into_iter().collect::<Vec<_>>().join(" or ")));
    }
    if node.get("additionalProperties").is_none() && rust.get("additionalProperties") == Some(&Value::Bool(false)) {
        found.push(("additionalProperties", "closed".to_owned()));
    }
    found
}

/// The kinds of JSON values that a schema admits, as far as it says so.
pub(super) fn kinds(rust: &Value) -> BTreeSet<String> {
    let own: BTreeSet<String> = match rust.get("type") {
        Some(Value::String(one)) => BTreeSet::from([one.clone()]),
        // `null` beside one kind is an optional member.
        Some(Value::Array(many)) => {
            many.iter().filter_map(Value::as_str).filter(|kind| *kind != "null").map(str::to_owned).collect()
        }
        _ => BTreeSet::new(),
    };
    if own.is_empty() { arms(rust).into_iter().flat_map(kinds).collect() } else { own }
}

pub(super) fn arms(rust: &Value) -> Vec<&Value> {
    let of = |word: &str| rust.get(word).and_then(Value::as_array).into_iter().flatten();
    of("oneOf").chain(of("anyOf")).collect()
}

/// The values that a schema lists.
pub(super) fn values(rust: &Value) -> BTreeSet<String> {
    let options = rust.get("enum").and_then(Value::as_array).into_iter().flatten();
    let mut found: BTreeSet<String> = options.filter(|value| !value.is_null()).map(Value::to_string).collect();
    found.extend(rust.get("const").map(Value::to_string));
    if found.is_empty() { arms(rust).into_iter().flat_map(values).collect() } else { found }
}

/// Whether every variant lists its values.
pub(super) fn lists_all(rust: &Value) -> bool {
    let variants = arms(rust);
    if rust.get("enum").is_some() || rust.get("const").is_some() {
        return true;
    }
    let of_null = |arm: &&Value| arm.get("type").and_then(Value::as_str) == Some("null");
    !variants.is_empty() && variants.iter().all(|arm| of_null(arm) || lists_all(arm))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Verdict, single};

    #[test]
    fn bounds_are_wider_or_narrower() {
        let of = |keyword: &str, said: i64, found: i64| single(keyword, &json!(said), Some(&json!(found)));
        assert_eq!((of("maxLength", 3, 3), of("maxLength", 3, 5)), (Verdict::Same, Verdict::Wider));
        assert_eq!((of("maximum", 5, 3), of("minItems", 1, 0)), (Verdict::Narrower, Verdict::Wider));
        assert_eq!((of("exclusiveMinimum", 1, 2), of("multipleOf", 2, 4)), (Verdict::Narrower, Verdict::Lost));
        assert_eq!(single("minimum", &json!(1), Some(&json!(1.0))), Verdict::Same);
        assert_eq!(single("format", &json!("date"), Some(&json!("date-time"))), Verdict::Lost);
        assert_eq!(single("format", &json!("date"), None), Verdict::Lost);
    }
}
