//! A jq expression and a JSON value to the values that it yields.

use jaq_core::load::{Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Vars, data, unwrap_valr};
use jaq_json::{Val, read};
use serde_json::Value;

use crate::failure::Failure;

/// No filter may yield more; an endless one ends here.
const MOST: usize = 1_000_000;

/// All values that a filter yields.
pub(crate) fn apply(filter: &str, value: &Value) -> Result<Vec<Value>, Failure> {
    let wrong = |what: String| {
        Failure::usage(format!("the jq expression `{filter}` {what}")).hint("as in `--jq '.result[].id'`")
    };
    let defs = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
    let funs = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
    let loader = Loader::new(defs);
    let arena = Arena::default();
    let modules = loader.load(&arena, File { code: filter, path: () });
    let modules = modules.map_err(|_| wrong("is not understood".to_owned()))?;
    let compiled = Compiler::default().with_funs(funs).compile(modules);
    let compiled = compiled.map_err(|errors| {
        let names: Vec<String> =
            errors.iter().flat_map(|(_, errors)| errors.iter().map(|(name, _)| format!("`{name}`"))).collect();
        wrong(format!("names what there is not: {}", names.join(", ")))
    })?;
    let input = read::parse_single(value.to_string().as_bytes());
    let input = input.map_err(|error| Failure::other(format!("the answer cannot be filtered: {error}")))?;
    let context = Ctx::<data::JustLut<Val>>::new(&compiled.lut, Vars::new([]));
    let mut found = Vec::new();
    for value in compiled.id.run((context, input)).map(unwrap_valr).take(MOST) {
        let value = value.map_err(|error| wrong(format!("fails on this answer: {}", failing(&error.to_string()))))?;
        let value = serde_json::from_str(&value.to_string());
        found.push(value.map_err(|error| wrong(format!("yields what is no JSON: {error}")))?);
    }
    Ok(found)
}

/// What a filter failed at, without the answer itself, which stands in the words of the library.
fn failing(error: &str) -> String {
    let begins = ["cannot index ", "cannot use ", "cannot calculate with ", "cannot calculate "];
    let (what, value) =
        begins.iter().find_map(|start| Some((*start, error.strip_prefix(start)?))).unwrap_or(("", error));
    let kind = match value.chars().next() {
        Some('{') => "an object",
        Some('[') => "an array",
        Some('"') => "a text",
        Some('t' | 'f') => "true or false",
        Some('n') => "null",
        Some(digit) if digit.is_ascii_digit() || digit == '-' => "a number",
        _ => "what it came to",
    };
    let what = if what.is_empty() { "it ends in an error with " } else { what };
    format!("{what}{kind}")
}

/// Whether a filter yields something that is neither false nor null.
pub(crate) fn is_true(filter: &str, value: &Value) -> Result<bool, Failure> {
    Ok(apply(filter, value)?.first().is_some_and(|value| !matches!(value, Value::Null | Value::Bool(false))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_as_jq_does() {
        let value = serde_json::json!({"result": [{"id": "a", "n": 2}, {"id": "b", "n": 1}]});
        assert_eq!(apply(".result | sort_by(.n) | .[].id", &value).unwrap(), ["b", "a"]);
        assert_eq!(apply(".result[] | select(.id | test(\"^a\")) | .n", &value).unwrap(), [2]);
        assert!(is_true(".result | length == 2", &value).unwrap());
        assert!(!is_true(".nothing", &value).unwrap());
    }

    #[test]
    fn a_wrong_filter_is_told() {
        let value = Value::Null;
        for (filter, says) in [(".a[", "not understood"), ("nosuch", "nosuch"), ("error(\"x\")", "fails on")] {
            let failure = apply(filter, &value).unwrap_err();
            assert!(failure.what.contains(says), "{}", failure.what);
        }
    }
}
