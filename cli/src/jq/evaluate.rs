//! Evaluates a jq expression. Only the worker process calls this: recursion without end aborts the process it runs in.

use jaq_core::load::{Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Vars, data, unwrap_valr};
use jaq_json::{Val, read};
use serde::{Deserialize, Serialize};

/// An expression may not yield more values.
pub(super) const MOST_VALUES: usize = 250_000;
/// All values together may not be longer.
pub(super) const MOST_BYTES: usize = 256 << 20;

/// Why an expression has no result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Defect {
    Syntax,
    /// It uses functions or variables that do not exist.
    Unknown(Vec<String>),
    /// It fails on this input; the text names what it did and the type of the value, never the value.
    Fails(String),
    /// The input itself is not read.
    Input,
    TooManyValues,
    TooManyBytes,
}

/// Passes each value that an expression yields to `take`; without an input the expression is only compiled.
pub(super) fn evaluate(filter: &str, input: Option<&str>, mut take: impl FnMut(String)) -> Result<(), Defect> {
    let defs = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
    let funs = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
    let loader = Loader::new(defs);
    let arena = Arena::default();
    let modules = loader.load(&arena, File { code: filter, path: () }).map_err(|_| Defect::Syntax)?;
    let compiled = Compiler::default().with_funs(funs).compile(modules).map_err(|errors| {
        let names = errors.iter().flat_map(|(_, errors)| errors.iter().map(|(name, _)| (*name).to_owned()));
        Defect::Unknown(names.collect())
    })?;
    let Some(input) = input else { return Ok(()) };
    let input = read::parse_single(input.as_bytes()).map_err(|_| Defect::Input)?;
    let context = Ctx::<data::JustLut<Val>>::new(&compiled.lut, Vars::new([]));
    let mut bytes = 0;
    for (number, value) in compiled.id.run((context, input)).map(unwrap_valr).enumerate() {
        let value = value.map_err(|error| Defect::Fails(failing(&error.to_string())))?.to_string();
        bytes += value.len();
        if number >= MOST_VALUES {
            return Err(Defect::TooManyValues);
        }
        if bytes > MOST_BYTES {
            return Err(Defect::TooManyBytes);
        }
        take(value);
    }
    Ok(())
}

/// What an expression failed at. The library's message contains the value itself, which may be secret: only the
/// type of the value is kept.
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
        _ => "its own message",
    };
    let what = if what.is_empty() { "it ends in an error with " } else { what };
    format!("{what}{kind}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(filter: &str, input: &str) -> Result<Vec<String>, Defect> {
        let mut found = Vec::new();
        evaluate(filter, Some(input), |value| found.push(value)).map(|()| found)
    }

    #[test]
    fn filters_as_jq_does() {
        let value = r#"{"result": [{"id": "a", "n": 2}, {"id": "b", "n": 1}]}"#;
        assert_eq!(all(".result | sort_by(.n) | .[].id", value).unwrap(), ["\"b\"", "\"a\""]);
        assert_eq!(all(".result[] | select(.id | test(\"^a\")) | .n", value).unwrap(), ["2"]);
        assert_eq!(
            all(".[]", "[1.10,12345678901234567890123,1e400]").unwrap(),
            ["1.10", "12345678901234567890123", "1e400"]
        );
        assert_eq!(all("limit(2; repeat(1))", "null").unwrap(), ["1", "1"]);
    }

    #[test]
    fn a_defect_has_a_code() {
        assert_eq!(all(".a[", "null"), Err(Defect::Syntax));
        assert_eq!(all("nosuch", "null"), Err(Defect::Unknown(vec!["nosuch".to_owned()])));
        assert!(matches!(all("error(\"x\")", "null"), Err(Defect::Fails(_))));
        assert_eq!(all("range(infinite)", "null"), Err(Defect::TooManyValues));
        assert_eq!(evaluate("nosuch", None, drop), Err(Defect::Unknown(vec!["nosuch".to_owned()])));
    }
}
