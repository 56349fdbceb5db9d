//! The test that keeps the verdicts honest: random pairs of schemas are compared, values are drawn from each, and a
//! validator of JSON Schema looks for one that shows a verdict to be too mild. A fixed seed; more with
//! `SOUNDNESS_PAIRS=100000 cargo test -p swpanel-build-tools --all-features --test soundness`.

#![cfg(feature = "ingest")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use swpanel_build_tools::diff::{Report, Side, Verdict, diff};

/// A small generator of numbers, so that every run draws the same (xorshift64*).
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % sides
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[usize::try_from(self.below(list.len() as u64)).unwrap()]
    }
}

fn schema(dice: &mut Dice, depth: u64) -> Value {
    let deep = if depth > 2 { 4 } else { 8 };
    let mut schema = match dice.below(deep) {
        0 => {
            let mut schema = json!({"type": "string"});
            if dice.chance(30) {
                schema["minLength"] = json!(dice.below(3));
            }
            if dice.chance(30) {
                schema["maxLength"] = json!(dice.below(4) + 2);
            }
            schema
        }
        1 => {
            let mut schema = json!({"type": dice.pick(&["integer", "number"])});
            if dice.chance(40) {
                schema["minimum"] = json!(dice.below(5));
                if dice.chance(30) {
                    schema["exclusiveMinimum"] = json!(true);
                }
            }
            if dice.chance(40) {
                schema["maximum"] = json!(dice.below(5) + 4);
                if dice.chance(30) {
                    schema["exclusiveMaximum"] = json!(true);
                }
            }
            if dice.chance(15) {
                schema["multipleOf"] = json!(dice.below(3) + 1);
            }
            schema
        }
        2 => {
            let all = [json!("a"), json!("b"), json!("ccc"), json!(1), json!(2.5), json!(true)];
            let count = dice.below(3) + 1;
            let mut values: Vec<Value> = (0..count).map(|_| dice.pick(&all).clone()).collect();
            values.dedup();
            json!({"enum": values})
        }
        3 => json!({"type": "boolean"}),
        4 => {
            let mut schema = json!({"type": "array", "items": schema(dice, depth + 1)});
            if dice.chance(30) {
                schema["minItems"] = json!(dice.below(3));
            }
            if dice.chance(30) {
                schema["maxItems"] = json!(dice.below(3) + 1);
            }
            if dice.chance(15) {
                schema["uniqueItems"] = json!(true);
            }
            schema
        }
        5 | 6 => {
            let mut properties = Map::new();
            for name in ["a", "b", "c"] {
                if dice.chance(60) {
                    properties.insert(name.to_owned(), schema(dice, depth + 1));
                }
            }
            let required: Vec<&String> = properties.keys().filter(|_| dice.chance(40)).collect();
            let mut schema = json!({"type": "object", "required": required});
            if dice.chance(20) {
                schema["additionalProperties"] = json!(false);
            }
            schema["properties"] = properties.into();
            schema
        }
        _ => {
            let keyword = *dice.pick(&["anyOf", "oneOf", "allOf"]);
            let first = open(schema(dice, depth + 2));
            let second = match keyword {
                "oneOf" if dice.chance(60) => overlapping(dice, &first, depth + 2),
                _ => open(schema(dice, depth + 2)),
            };
            json!({keyword: [first, second]})
        }
    };
    if schema.get("type").is_some() && dice.chance(15) {
        schema["nullable"] = json!(true);
    }
    schema
}

/// A form that has values in common with another, as a rule: exactly one of them must fit.
fn overlapping(dice: &mut Dice, form: &Value, depth: u64) -> Value {
    match dice.below(10) {
        0 => json!({}),
        1 => json!({"enum": [null]}),
        2 => form.clone(),
        _ => open(varied(dice, form, depth)),
    }
}

/// Without closed objects: that new members of those are not part of the contract is judged for plain objects alone.
fn open(mut schema: Value) -> Value {
    if let Some(object) = schema.as_object_mut() {
        object.remove("additionalProperties");
        for value in object.values_mut() {
            *value = match value.take() {
                Value::Array(items) => items.into_iter().map(open).collect(),
                other => open(other),
            };
        }
    }
    schema
}

/// Another schema that is near to the first: one of its parts drawn anew, or a keyword taken out.
fn varied(dice: &mut Dice, old: &Value, depth: u64) -> Value {
    if dice.chance(20) {
        return schema(dice, depth);
    }
    let mut new = old.clone();
    let Some(object) = new.as_object_mut() else { return new };
    let keys: Vec<String> = object.keys().cloned().collect();
    if keys.is_empty() {
        return new;
    }
    let key = dice.pick(&keys).clone();
    match object.get(&key).cloned() {
        Some(Value::Object(properties)) if key == "properties" => {
            let mut properties = properties;
            let names: Vec<String> = properties.keys().cloned().collect();
            match names.is_empty() || dice.chance(30) {
                true => {
                    properties.insert("d".to_owned(), schema(dice, depth + 1));
                }
                false => {
                    let name = dice.pick(&names).clone();
                    let part = varied(dice, &properties[&name], depth + 1);
                    properties.insert(name, part);
                }
            }
            object.insert(key, properties.into());
        }
        Some(items) if key == "items" => {
            object.insert(key, varied(dice, &items, depth + 1));
        }
        Some(Value::Array(mut arms)) if key.ends_with("Of") => {
            match dice.below(3) {
                0 if arms.len() > 1 => drop(arms.pop()),
                1 if key == "oneOf" && dice.chance(50) => {
                    let form = dice.pick(&arms).clone();
                    arms.push(overlapping(dice, &form, depth + 1));
                }
                1 => arms.push(open(schema(dice, depth + 1))),
                _ => {
                    let last = arms.pop().unwrap();
                    arms.push(open(varied(dice, &last, depth + 1)));
                }
            }
            object.insert(key, arms.into());
        }
        Some(Value::Array(mut values)) if key == "enum" => {
            match dice.chance(50) && values.len() > 1 {
                true => drop(values.pop()),
                false => values.push(json!("new")),
            }
            object.insert(key, values.into());
        }
        Some(Value::Array(names)) if key == "required" => {
            object.insert(key, names.into_iter().skip(1).collect());
        }
        Some(Value::Number(number)) => {
            let moved = number.as_i64().unwrap_or(1) + if dice.chance(50) { 1 } else { -1 };
            object.insert(key, json!(moved.max(i64::from(old.get("multipleOf").is_some()))));
        }
        _ if key != "type" && key != "properties" => drop(object.remove(&key)),
        _ => {}
    }
    new
}

/// A value that may be in the set: declared members only, as the law has it.
fn value(dice: &mut Dice, schema: &Value) -> Value {
    if let Some(values) = schema["enum"].as_array() {
        return dice.pick(values).clone();
    }
    if schema["nullable"] == true && dice.chance(20) {
        return Value::Null;
    }
    for keyword in ["anyOf", "oneOf"] {
        if let Some(arms) = schema[keyword].as_array() {
            let arm = dice.pick(arms).clone();
            return value(dice, &arm);
        }
    }
    if let Some(arms) = schema["allOf"].as_array() {
        let parts: Vec<Value> = arms.iter().map(|arm| value(dice, arm)).collect();
        let objects: Vec<&Map<String, Value>> = parts.iter().filter_map(Value::as_object).collect();
        if objects.len() == parts.len() {
            return objects.into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect();
        }
        return parts.into_iter().next().unwrap();
    }
    match schema["type"].as_str() {
        Some("string") => {
            let low = schema["minLength"].as_u64().unwrap_or(0);
            let high = schema["maxLength"].as_u64().unwrap_or(low + 4);
            json!("x".repeat(usize::try_from(low + dice.below(high.saturating_sub(low) + 1)).unwrap()))
        }
        Some("integer") => json!(dice.below(12)),
        Some("number") => json!(dice.below(24) as f64 / 2.0),
        Some("boolean") => json!(dice.chance(50)),
        Some("array") => {
            let low = schema["minItems"].as_u64().unwrap_or(0);
            let high = schema["maxItems"].as_u64().unwrap_or(low + 3);
            let count = low + dice.below(high.saturating_sub(low) + 1);
            (0..count).map(|_| value(dice, &schema["items"])).collect()
        }
        Some("object") => {
            let required: Vec<&str> =
                schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let mut members = Map::new();
            for (name, part) in schema["properties"].as_object().into_iter().flatten() {
                if required.contains(&name.as_str()) || dice.chance(50) {
                    members.insert(name.clone(), value(dice, part));
                }
            }
            members.into()
        }
        _ => dice.pick(&[json!("anything"), json!(null), json!(1), json!(2.5), json!(true)]).clone(),
    }
}

/// The same schema in the words of JSON Schema 2020-12.
fn standard(schema: &Value) -> Value {
    let Value::Object(schema) = schema else { return schema.clone() };
    let mut out = Map::new();
    for (key, value) in schema {
        let value = match value {
            Value::Object(properties) if key == "properties" => {
                Value::Object(properties.iter().map(|(name, part)| (name.clone(), standard(part))).collect())
            }
            Value::Array(arms) if key.ends_with("Of") => arms.iter().map(standard).collect(),
            part if key == "items" => standard(part),
            other => other.clone(),
        };
        out.insert(key.clone(), value);
    }
    if out.remove("nullable").is_some() {
        let kind = out["type"].clone();
        out.insert("type".into(), json!([kind, "null"]));
    }
    for (flag, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        if out.remove(flag) == Some(json!(true))
            && let Some(limit) = out.remove(bound)
        {
            out.insert(flag.into(), limit);
        }
    }
    out.into()
}

/// Every object takes what it names alone (but for parts of an `allOf`, which name only theirs): no value slips in
/// through a form that does not declare its members.
fn closed(schema: &Value) -> Value {
    let Value::Object(schema) = schema else { return schema.clone() };
    let mut out = Map::new();
    for (key, value) in schema {
        let value = match value {
            Value::Object(properties) if key == "properties" => {
                Value::Object(properties.iter().map(|(name, part)| (name.clone(), closed(part))).collect())
            }
            Value::Array(arms) if key == "anyOf" || key == "oneOf" => arms.iter().map(closed).collect(),
            part if key == "items" => closed(part),
            other => other.clone(),
        };
        out.insert(key.clone(), value);
    }
    if out.contains_key("properties") {
        out.insert("additionalProperties".into(), json!(false));
    }
    out.into()
}

/// A document with the schema in one direction, in the words of 3.0 or 3.1.
fn document(schema: &Value, request: bool, later: bool) -> Side {
    let schema = if later { standard(schema) } else { schema.clone() };
    let media = json!({"application/json": {"schema": schema}});
    let body = if request { json!({"required": true, "content": media}) } else { json!({"content": {}}) };
    let answer = if request { json!({"description": "ok"}) } else { json!({"description": "ok", "content": media}) };
    let document = json!({"openapi": if later { "3.1.0" } else { "3.0.3" }, "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"post": {"operationId": "a", "requestBody": body, "responses": {"200": answer}}}}});
    Side::read(document.to_string().as_bytes(), None).unwrap()
}

fn compared(old: &Value, new: &Value, request: bool) -> Report {
    compared_in(old, new, request, false)
}

fn compared_in(old: &Value, new: &Value, request: bool, later: bool) -> Report {
    diff(&document(old, request, later), &document(new, request, later), "2026-01-01")
}

/// Members that one side does not declare are not part of its contract: they are left out of what it judges.
fn declared(schema: &Value, value: &Value) -> Value {
    match (value, schema["properties"].as_object()) {
        (Value::Object(members), Some(properties)) => members
            .iter()
            .filter(|(name, _)| properties.contains_key(*name))
            .map(|(name, value)| (name.clone(), declared(&properties[name], value)))
            .collect(),
        (Value::Array(items), _) => items.iter().map(|item| declared(&schema["items"], item)).collect(),
        _ => value.clone(),
    }
}

#[test]
fn no_verdict_is_too_mild() {
    let pairs: u64 = std::env::var("SOUNDNESS_PAIRS").ok().and_then(|text| text.parse().ok()).unwrap_or(3000);
    let cap = Duration::from_secs(if pairs > 3000 { 3600 } else { 45 });
    let (started, mut dice) = (Instant::now(), Dice(0x5eed_0fa1_1d0c_5eed));
    let (mut judged, mut tried, mut mild, mut loose) = (0, 0, 0, 0);
    let mut faults: Vec<String> = Vec::new();
    while judged < pairs && started.elapsed() < cap {
        judged += 1;
        let old = schema(&mut dice, 0);
        let new = varied(&mut dice, &old, 0);
        let closed = |schema: &Value| jsonschema::validator_for(&closed(&standard(schema)));
        let (Ok(old_closed), Ok(new_closed)) = (closed(&old), closed(&new)) else { continue };
        let (Ok(old_set), Ok(new_set)) =
            (jsonschema::validator_for(&standard(&old)), jsonschema::validator_for(&standard(&new)))
        else {
            continue;
        };
        for request in [true, false] {
            let report = compared_in(&old, &new, request, judged % 2 == 0);
            let (from, set, target, other) =
                if request { (&old, &old_set, &new, &new_set) } else { (&new, &new_set, &old, &old_set) };
            let declared_set = if request { &old_closed } else { &new_closed };
            let mut counterexample = None;
            for _ in 0..25 {
                let value = value(&mut dice, from);
                tried += 1;
                if set.is_valid(&value)
                    && declared_set.is_valid(&value)
                    && !other.is_valid(&value)
                    && !other.is_valid(&declared(target, &value))
                {
                    counterexample = Some(value);
                    break;
                }
            }
            match counterexample {
                Some(value) if report.consumer_verdict < Verdict::Warning => {
                    let way = if request { "request" } else { "response" };
                    faults.push(format!("{way}: {} is {:?}\n  old {old}\n  new {new}", value, report.consumer_verdict));
                }
                Some(_) => mild += 1,
                None if report.consumer_verdict == Verdict::Breaking => loose += 1,
                None => {}
            }
            // A witness must show what it says.
            for witness in report
                .findings
                .iter()
                .filter(|finding| finding.consumer_verdict == Verdict::Breaking)
                .filter_map(|finding| finding.witness.as_deref())
            {
                assert!(serde_json::from_str::<Value>(witness).is_ok(), "{witness}");
            }
        }
    }
    println!(
        "{judged} pairs, {tried} values: {mild} breaks shown by a value, {loose} breaks without one, {} faults",
        faults.len()
    );
    assert!(
        faults.is_empty(),
        "{} verdicts are too mild, such as\n{}",
        faults.len(),
        faults.iter().take(5).cloned().collect::<Vec<_>>().join("\n")
    );
    assert!(judged >= 500, "only {judged} pairs in {cap:?}");
    assert!(mild > 200, "the values drawn show hardly any break: {mild}");
}

/// A form of one plain kind.
fn plain(dice: &mut Dice) -> Value {
    loop {
        let form = schema(dice, 3);
        if form.get("type") != Some(&json!("array")) && form.get("properties").is_none() {
            return form;
        }
    }
}

/// Every value that the plain forms drawn here tell apart.
fn universe() -> Vec<Value> {
    let texts =
        (0..8).map(|length| json!("x".repeat(length))).chain([json!("a"), json!("b"), json!("ccc"), json!("new")]);
    let numbers = (-4..60).map(|half| if half % 2 == 0 { json!(half / 2) } else { json!(f64::from(half) / 2.0) });
    texts.chain(numbers).chain([json!(true), json!(false), json!(null)]).collect()
}

#[test]
fn forms_of_which_exactly_one_must_fit_are_judged_as_the_sets_they_are() {
    let (mut dice, all) = (Dice(0x0ff0_5e75), universe());
    let (mut breaks, mut undecided, mut calm, mut strict) = (0, 0, 0, 0);
    let mut mild: Vec<String> = Vec::new();
    for round in 0..1500 {
        let first = plain(&mut dice);
        let mut forms = vec![first.clone()];
        for _ in 0..dice.below(3) {
            let form = if dice.chance(70) { overlapping(&mut dice, &first, 3) } else { plain(&mut dice) };
            forms.push(form);
        }
        let old = json!({"oneOf": forms});
        match dice.below(3) {
            0 if forms.len() > 1 => drop(forms.pop()),
            1 => {
                let last = forms.pop().unwrap();
                forms.push(open(varied(&mut dice, &last, 3)));
            }
            _ => forms.push(overlapping(&mut dice, &first, 3)),
        }
        let new = json!({"oneOf": forms});
        let set = |schema: &Value| jsonschema::validator_for(&standard(schema));
        let (Ok(was), Ok(is)) = (set(&old), set(&new)) else { continue };
        let lost = all.iter().find(|value| was.is_valid(value) && !is.is_valid(value));
        let won = all.iter().find(|value| !was.is_valid(value) && is.is_valid(value));
        for (request, shown) in [(true, lost), (false, won)] {
            let verdict = compared_in(&old, &new, request, round % 2 == 0).consumer_verdict;
            match (shown, verdict) {
                (Some(value), verdict) if verdict < Verdict::Warning => {
                    let way = if request { "request" } else { "response" };
                    mild.push(format!("{way}: {value} is {verdict:?}\n  old {old}\n  new {new}"));
                }
                (Some(_), Verdict::Warning) => undecided += 1,
                (Some(_), _) => breaks += 1,
                (None, Verdict::Breaking) => strict += 1,
                (None, _) => calm += 1,
            }
        }
    }
    println!("{breaks} breaks told, {undecided} only warned of; {calm} others calm, {strict} taken for a break");
    assert!(mild.is_empty(), "{} too mild, such as\n{}", mild.len(), mild.first().unwrap());
    // New listed values are only warned of, as is settled.
    assert!(undecided * 8 < breaks, "{undecided} of {breaks} breaks are only warned of");
    assert!(strict * 8 < calm, "{strict} of {calm} others are taken for a break");
}

#[test]
fn a_schema_against_itself_is_silent_and_the_mirror_mirrors() {
    let mut dice = Dice(0x0dd_ba11);
    let mut mirrored = 0;
    for _ in 0..400 {
        let old = schema(&mut dice, 0);
        let new = varied(&mut dice, &old, 0);
        for request in [true, false] {
            let same = compared(&old, &old, request);
            assert_eq!(same.consumer_verdict, Verdict::None, "{old}: {:#?}", same.findings);
        }
        let there = compared(&old, &new, true);
        let back = compared(&new, &old, false);
        assert_eq!(there.findings.is_empty(), back.findings.is_empty(), "{old}\n{new}");
        // What narrows one way widens the other: what breaks senders there breaks receivers back. Lists and members
        // have settled verdicts that differ by direction, and forms that overlap cannot be decided either way.
        let settled = [&old, &new].iter().any(|schema| {
            let text = schema.to_string();
            ["enum", "properties", "oneOf"].iter().any(|word| text.contains(word))
        });
        if !settled {
            mirrored += 1;
            assert_eq!(there.consumer_verdict, back.consumer_verdict, "{old}\n{new}\n{there:#?}\n{back:#?}");
        }
    }
    assert!(mirrored > 100, "only {mirrored} pairs could be mirrored");
}

#[test]
fn spelling_makes_no_finding() {
    let mut dice = Dice(0x0005_9e11);
    let read = |version: &str, schema: &Value, component: &Value| {
        let media = json!({"application/json": {"schema": schema}});
        let document = json!({"openapi": version, "info": {"title": "T", "version": "1"},
            "paths": {"/a": {"post": {"operationId": "a", "requestBody": {"content": media}, "responses": {"200": {"description": "ok", "content": media}}}}},
            "components": {"schemas": {"C": component}}});
        Side::read(document.to_string().as_bytes(), None).unwrap()
    };
    // With the members of every object in the other order.
    let turned = |schema: &Value| {
        let mut text = String::new();
        turn(
            &json!({"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "paths": {"/a": {"post": {"operationId": "a",
            "requestBody": {"content": {"application/json": {"schema": schema}}},
            "responses": {"200": {"description": "ok", "content": {"application/json": {"schema": schema}}}}}}},
            "components": {"schemas": {"C": schema}}}),
            &mut text,
        );
        Side::read(text.as_bytes(), None).unwrap()
    };
    for _ in 0..400 {
        let schema = schema(&mut dice, 0);
        let plain = read("3.0.3", &schema, &schema);
        let reference = json!({"$ref": "#/components/schemas/C"});
        for (how, other) in [
            ("in an allOf of one", read("3.0.3", &json!({"allOf": [schema]}), &schema)),
            ("by reference", read("3.0.3", &reference, &schema)),
            ("by an allOf of a reference", read("3.0.3", &json!({"allOf": [reference]}), &schema)),
            ("in another order of keys", turned(&schema)),
            ("in 3.1", read("3.1.0", &standard(&schema), &schema)),
        ] {
            for (old, new) in [(&plain, &other), (&other, &plain)] {
                let report = diff(old, new, "2026-01-01");
                assert!(report.findings.is_empty(), "{how}: {schema}\n{:#?}", report.findings);
            }
        }
    }
}

/// JSON with the members of every object from the last to the first.
fn turn(value: &Value, out: &mut String) {
    match value {
        Value::Object(members) => {
            out.push('{');
            for (at, (key, value)) in members.iter().rev().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                out.push_str(&json!(key).to_string());
                out.push(':');
                turn(value, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                turn(item, out);
            }
            out.push(']');
        }
        other => out.push_str(&other.to_string()),
    }
}
