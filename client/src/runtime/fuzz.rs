//! The guard and the decoding under anything a server may send: whatever comes, an error body is no success, what is no
//! JSON is no success, and nothing panics.

use proptest::prelude::*;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::{Map, Value};

use super::guard::Judged;
use super::{Answer, decode, guard};
use crate::error::ErrorKind;
use crate::values::{Json, Members, NumberOrText, OneOrMany};

/// Names that mean something to the guard, beside some that do not.
fn name() -> impl Strategy<Value = String> {
    const KNOWN: [&str; 9] =
        ["Error code", "Error message", "message", "result", "Error", "error code", "id", "a\"b", "ñ"];
    prop_oneof![3 => prop::sample::select(&KNOWN[..]).prop_map(str::to_owned), 1 => ".{0,6}"]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<i32>().prop_map(|number| Value::from(f64::from(number) / 8.0)),
        Just(Value::from("#APIGENE25")),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name(), inner), 0..5).prop_map(Value::from_iter),
        ]
    })
}

/// JSON as any encoder may write it: every character of a text may be escaped.
fn written(value: &Value, escape: &mut impl FnMut(char) -> bool) -> String {
    let mut text = |text: &str| {
        let mut out = String::from("\"");
        for c in text.chars() {
            if escape(c) {
                let mut units = [0; 2];
                c.encode_utf16(&mut units).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
            } else {
                out.push_str(Value::from(c.to_string()).to_string().trim_matches('"'));
            }
        }
        // A quotation mark is its own trim's victim.
        if text.contains('"') { Value::from(text).to_string() } else { out + "\"" }
    };
    match value {
        Value::String(value) => text(value),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| written(item, escape)).collect();
            format!("[{}]", items.join(" , "))
        }
        Value::Object(members) => {
            let names: Vec<String> = members.keys().map(|name| text(name)).collect();
            let members = names
                .into_iter()
                .zip(members.values())
                .map(|(name, value)| format!("{name} :{}", written(value, escape)));
            let members: Vec<String> = members.collect();
            format!("{{{}}}", members.join(","))
        }
        other => other.to_string(),
    }
}

fn answer(status: u16, body: Vec<u8>) -> Answer {
    let status = StatusCode::from_u16(status).expect("a status of three digits");
    Answer { status, headers: HeaderMap::new(), body }
}

/// What a typed call makes of an answer.
fn made<T: serde::de::DeserializeOwned>(answer: &Answer) -> Result<T, ErrorKind> {
    let judged = guard::judge(answer, None, true).map_err(|error| error.kind())?;
    decode::typed(&answer.body, judged.0).map_err(|error| {
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains('\n') && shown.len() < 3000, "{shown}");
        error.kind()
    })
}

#[test]
fn the_same_member_twice_is_still_an_error_body() {
    for body in [
        r#"{"Error code":"#.to_owned() + r##""#X","message":"a","message":"b"}"##,
        r##"{"message":1,"Error code":null,"Error code":"#X"}"##.to_owned(),
    ] {
        let judged = guard::judge(&answer(200, body.into_bytes()), None, true);
        assert_eq!(judged.unwrap_err().kind(), ErrorKind::Refused);
    }
}

/// A batch of `cargo xtask fuzz guard`: the first line of an input is the status, the rest the body.
#[test]
#[ignore = "`cargo xtask fuzz guard` runs it"]
fn batch() {
    use std::io::Write as _;
    let folder = std::env::var_os("SWPANEL_FUZZ_BATCH").expect("`cargo xtask fuzz` says where the batch is");
    let mut inputs: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    inputs.sort();
    for input in inputs {
        let name = input.file_name().unwrap().to_string_lossy();
        // What tests print is kept back; this is not.
        std::io::stdout().write_all(format!("\n{name}\n").as_bytes()).unwrap();
        let bytes = std::fs::read(&input).unwrap();
        let at = bytes.iter().position(|byte| *byte == b'\n').unwrap_or_default();
        let status = std::str::from_utf8(&bytes[..at]).ok().and_then(|status| status.parse().ok());
        let status = status.filter(|status| (200..600).contains(status)).unwrap_or(200);
        is_no_false_success(&answer(status, bytes[at..].to_vec()));
    }
}

/// An error envelope, a status of failure and what is no JSON are never a success, typed or as a file.
fn is_no_false_success(answer: &Answer) {
    let whole = serde_json::from_slice::<Value>(guard::content(&answer.body)).ok();
    let is = |name: &str| whole.as_ref().and_then(|value| value.get(name)).is_some_and(|value| !value.is_null());
    let fails = is("Error code") || is("Error message") || !answer.status.is_success();
    assert!(!fails || guard::judge(answer, None, true).is_err(), "a failure is taken for a success");
    assert!(!fails || guard::judge_file(answer).is_err(), "a failure is taken for a file");
    if made::<Value>(answer).is_ok() {
        assert!(
            !fails && (whole.is_some() || guard::content(&answer.body).is_empty()),
            "no JSON is taken for a success"
        );
    }
    let _ = (made::<Json>(answer), made::<Members>(answer));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, max_shrink_iters: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_error_body_is_no_success_however_it_is_written(
        value in value(), escapes in any::<u64>(), status in prop::sample::select(&[200u16, 201, 400, 404, 500][..]),
        mark in any::<bool>(),
    ) {
        let mut bits = escapes;
        let text = written(&value, &mut |_| { bits = bits.rotate_left(7).wrapping_mul(0x9E37_79B9_7F4A_7C15); bits % 5 == 0 });
        prop_assert_eq!(&serde_json::from_str::<Value>(&text).unwrap(), &value, "the text says something else");
        let body = if mark { [b"\xef\xbb\xbf", text.as_bytes()].concat() } else { text.into_bytes() };
        let answer = answer(status, body);
        let judged = guard::judge(&answer, None, true);
        let none = Map::new();
        let members = value.as_object().unwrap_or(&none);
        let is = |name: &str| members.get(name).is_some_and(|value| !value.is_null());
        match (is("Error code") || is("Error message"), status < 300) {
            (true, _) => prop_assert!(judged.is_err(), "{:?}", members),
            (false, false) => prop_assert!(judged.is_err()),
            // `null` is no content.
            (false, true) if value.is_null() => prop_assert_eq!(judged.ok().map(|(judged, _)| judged), Some(Judged::Empty)),
            (false, true) => {
                let (judged, message) = judged.map_err(|error| TestCaseError::fail(error.to_string()))?;
                prop_assert_eq!(judged, Judged::Json);
                prop_assert_eq!(message.as_deref(), members.get("message").and_then(Value::as_str));
                prop_assert_eq!(made::<Value>(&answer), Ok(value));
            }
        }
    }

    #[test]
    fn half_an_answer_is_no_success(value in value(), share in 0.0..1.0f64) {
        let text = Value::from_iter([("result", value)]).to_string();
        let cut = (text.len() as f64 * share) as usize;
        let answer = answer(200, text.as_bytes()[..cut].to_vec());
        let outcome = made::<Value>(&answer);
        // Nothing at all is an answer of its own.
        prop_assert!(matches!(outcome, Err(ErrorKind::NotJson)) || cut == 0, "{:?}", outcome);
    }

    #[test]
    fn whatever_bytes_come_nothing_panics(body in prop::collection::vec(any::<u8>(), 0..200), status in 200u16..600) {
        let answer = answer(status, body);
        let _ = (guard::judge(&answer, None, false).is_ok(), guard::judge_file(&answer).is_ok());
        let valid = serde_json::from_slice::<Value>(guard::content(&answer.body)).is_ok();
        if made::<Value>(&answer).is_ok() {
            prop_assert!(valid || answer.body.trim_ascii().is_empty());
        }
        let _ = (made::<Json>(&answer), made::<Members>(&answer));
    }

    #[test]
    fn lenient_values_keep_what_they_were_given(value in value()) {
        if let Ok(lenient) = serde_json::from_value::<NumberOrText>(value.clone()) {
            prop_assert!(value.is_number() || value.is_string());
            prop_assert_eq!(serde_json::to_value(&lenient).unwrap(), value.clone());
        }
        if let Ok(lenient) = serde_json::from_value::<OneOrMany<Value>>(value.clone()) {
            prop_assert_eq!(serde_json::to_value(&lenient).unwrap(), value);
        }
    }
}
