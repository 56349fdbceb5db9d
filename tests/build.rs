//! Writes, from the document, one call and one test per operation: what is not in the document is not called,
//! and what is in it cannot be forgotten.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use swpanel_build_tools::codegen::{Generated, RustType, call, contract, generate};
use swpanel_build_tools::coverage::folder;
use swpanel_build_tools::document::{Document, Effect, Node, Operation, ParameterPlace};
use swpanel_build_tools::examples::{Fill, example};
use swpanel_build_tools::names::snake_case;

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=../swpanel-api.json");
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            println!("cargo::error={}", message.replace('\n', " "));
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let here = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").ok_or("CARGO_MANIFEST_DIR is not set")?);
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
    let path = here.join("../swpanel-api.json");
    let bytes = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let document = Document::from_canonical(&bytes)
        .map_err(|error| format!("swpanel-api.json: {error}; run `cargo xtask sync`, which makes the file again"))?;
    println!("cargo::rustc-check-cfg=cfg(reconstruction)");
    if document.is_reconstruction() {
        println!("cargo::rustc-cfg=reconstruction");
    }
    println!("cargo::rustc-check-cfg=cfg(usual_operations)");
    if has_usual_operations(&document) {
        println!("cargo::rustc-cfg=usual_operations");
    }
    let generated = generate(&document).map_err(|error| error.to_string())?;
    println!("cargo::rustc-check-cfg=cfg(known_names)");
    println!("cargo::rerun-if-changed=reconstruction.json");
    if document.is_reconstruction() || has_known_names(&here.join("reconstruction.json"), &generated)? {
        println!("cargo::rustc-cfg=known_names");
    }
    let save = |name: &str, text: String| std::fs::write(out.join(name), text).map_err(|error| error.to_string());
    save("cases.rs", cases(&document, &generated) + &types(&document, &generated))?;
    save("contract_tests.rs", tests(&document, "contract", |_| true))?;
    save("wire_tests.rs", tests(&document, "wire", |operation| call(operation, &generated.model).is_some()))
}

/// Whether the client has every method and type that a client of the reconstruction has: tests that name some of them
/// compile then.
fn has_known_names(reconstruction: &std::path::Path, generated: &Generated) -> Result<bool, String> {
    let say = |error: String| format!("{}: {error}", reconstruction.display());
    let bytes = std::fs::read(reconstruction).map_err(|error| say(error.to_string()))?;
    let known = Document::from_canonical(&bytes).map_err(|error| say(error.to_string()))?;
    let known = generate(&known).map_err(|error| say(error.to_string()))?;
    let names = |listing: &str| -> std::collections::BTreeSet<String> {
        // Properties may come and go: bodies are made from JSON.
        let is_named = |line: &&str| !line.starts_with('#') && !line.contains("::types::") || is_type(line);
        listing.lines().filter(is_named).filter_map(|line| Some(line.split_once(": ")?.0.to_owned())).collect()
    };
    Ok(names(&known.listing).is_subset(&names(&generated.listing)))
}

/// Whether a line of the listing is a type of a request body.
fn is_type(line: &str) -> bool {
    let rest = line.strip_prefix("swpanel::types::").and_then(|rest| rest.split_once(": "));
    rest.is_some_and(|(name, _)| !name.contains(['.', ':']) && name.ends_with("Request"))
}

/// Whether the document has one of each operation that tests of the runtime call; else they are ignored.
fn has_usual_operations(document: &Document) -> bool {
    let operations = document.operations();
    let any = |fits: &dyn Fn(&Operation<'_>) -> bool| operations.iter().any(fits);
    let is = |operation: &Operation<'_>, effect| operation.facts().effect == effect;
    any(&|one| is(one, Effect::Create) && one.method == "POST" && !one.facts().billable)
        && any(&|one| is(one, Effect::Create) && one.path.contains("{service}") && !one.facts().billable)
        && any(&|one| is(one, Effect::Update) && one.method == "PUT")
        && any(&|one| is(one, Effect::Delete) && one.method == "DELETE")
        && any(&|one| is(one, Effect::Read) && one.path.starts_with("/services/{service}"))
        && any(&|one| one.facts().billable)
}

/// The table of everything that is known of each operation for testing it.
fn cases(document: &Document, generated: &Generated) -> String {
    let mut out = String::from("/// One case per operation of the document.\npub static CASES: &[Case] = &[\n");
    for operation in document.operations() {
        let call = call(&operation, &generated.model);
        let answer = operation.success_schema().map(|schema| (schema, example(document, schema, Fill::Full, 0)));
        let secret = answer.as_ref().map(|(schema, answer)| {
            let mut answer = answer.to_json();
            mark(document, schema, &mut answer, 0);
            answer.to_string()
        });
        let answer = answer.map(|(_, answer)| answer.to_canonical());
        let body = call.as_ref().and_then(|call| call.body.as_ref()).map(|body| body.to_canonical());
        let _ = writeln!(out, "Case {{");
        let _ =
            writeln!(out, "    id: {:?}, method: {:?}, path: {:?},", operation.id(), operation.method, operation.path);
        let _ = writeln!(out, "    folder: {:?},", folder(operation.tag()));
        let _ = writeln!(out, "    contract: {:?},", contract(&operation, &generated.model));
        let _ = writeln!(out, "    answer: {:?},", answer.unwrap_or_default());
        let _ = writeln!(out, "    secret_answer: {:?},", secret.unwrap_or_default());
        let _ = writeln!(out, "    json: {}, result_list: {},", is_json(&operation), has_result_list(&operation));
        let _ = writeln!(out, "    body: {body:?},");
        let _ = writeln!(out, "    parameters: &{:?},", parameters(call.as_ref()));
        let function =
            |call: &str| format!("Some(|client| Box::pin(async move {{ Ok(format!(\"{{:?}}\", {call}.await?)) }}))");
        let expression = call.as_ref().map(|call| function(call.expression()));
        let by_handle = call.as_ref().and_then(|call| call.by_handle.as_deref()).map(function);
        let _ = writeln!(out, "    call: {},", expression.as_deref().unwrap_or("None"));
        let _ = writeln!(out, "    by_handle: {},", by_handle.as_deref().unwrap_or("None"));
        let _ = writeln!(out, "    body_type: {},", body_type(&operation, generated));
        let _ = writeln!(out, "}},");
    }
    out.push_str("];\n");
    out
}

/// Puts a marker in the place of every secret of an answer, and adds one under a secret's name to every object.
fn mark(document: &Document, schema: &Node, answer: &mut serde_json::Value, depth: usize) {
    let marker = || serde_json::Value::from("marker-of-an-answer");
    let Some(schema) = document.resolve(schema).filter(|_| depth < 32) else { return };
    let secret = schema.get("x-sensitive").and_then(Node::as_bool) == Some(true);
    match answer {
        serde_json::Value::Array(items) if secret => *items = vec![serde_json::json!({ "value": marker() })],
        _ if secret => *answer = marker(),
        serde_json::Value::Array(items) => {
            let of = schema.get("items").cloned().unwrap_or_default();
            items.iter_mut().for_each(|item| mark(document, &of, item, depth + 1));
        }
        serde_json::Value::Object(members) => {
            for (name, value) in members.iter_mut() {
                let of = schema.get("properties").and_then(|properties| properties.get(name));
                if let Some(of) = of {
                    mark(document, of, value, depth + 1);
                }
            }
            members.entry("ftp_password").or_insert_with(marker);
        }
        _ => {}
    }
}

fn is_json(operation: &Operation<'_>) -> bool {
    operation.responses().iter().filter(|(status, _)| status.starts_with('2')).any(|(_, response)| {
        let content = response.get("content").and_then(Node::as_object);
        content.is_some_and(|content| content.iter().any(|(media, _)| media.contains("json")))
    })
}

/// Place, name and value of each parameter; an array is as many values.
fn parameters(call: Option<&swpanel_build_tools::codegen::Call>) -> Vec<(&'static str, String, String)> {
    let mut out = Vec::new();
    for (place, name, value) in call.map(|call| call.parameters.clone()).unwrap_or_default() {
        let place = match place {
            ParameterPlace::Path => "path",
            ParameterPlace::Query => "query",
            ParameterPlace::Header => "header",
            ParameterPlace::Cookie => "cookie",
        };
        let text = |value: &Node| value.as_str().map_or_else(|| value.to_canonical(), str::to_owned);
        match value.as_array() {
            Some(items) => out.extend(items.iter().map(|item| (place, name.clone(), text(item)))),
            None => out.push((place, name, text(&value))),
        }
    }
    out
}

/// Whether the answer is a list under `result`, which is this vendor's way.
fn has_result_list(operation: &Operation<'_>) -> bool {
    let document = operation.document();
    let answer = operation.success_schema().and_then(|schema| document.resolve(schema));
    let result = answer.and_then(|answer| answer.pointer("/properties/result")).and_then(|node| document.resolve(node));
    let plain = result.filter(|result| result.get("x-sensitive").is_none());
    operation.method == "GET" && plain.is_some_and(|result| result.text_at("type") == Some("array"))
}

/// The functions of the request body's type, where the operation has one.
fn body_type(operation: &Operation<'_>, generated: &Generated) -> String {
    let builder = generated.model.builders.get(operation.id());
    let Some(of) = builder.and_then(|builder| builder.setters.get("body")).and_then(rust) else {
        return "None".to_owned();
    };
    format!("Some(BodyType {{ name: {of:?}, again: again::<{of}>, json_schema: json_schema::<{of}> }})")
}

/// Every component of the document with the type of its name.
fn types(document: &Document, generated: &Generated) -> String {
    let plain = |name: &str| snake_case(name).replace('_', "");
    let listed = generated.listing.lines().filter_map(|line| line.strip_prefix("swpanel::types::")?.split_once(": "));
    let made: BTreeMap<String, &str> = listed
        .filter(|(name, what)| !name.contains(['.', ':']) && (what.starts_with("struct") || what.starts_with("enum")))
        .map(|(name, _)| (plain(name), name))
        .collect();
    let mut out = String::from("/// Every named schema of the document.\npub static TYPES: &[ComponentType] = &[\n");
    for (name, _) in document.schemas() {
        let rust = made.get(&plain(name)).map_or_else(
            || "None".to_owned(),
            |rust| {
                let of = format!("swpanel::types::{rust}");
                format!("Some(BodyType {{ name: {of:?}, again: again::<{of}>, json_schema: json_schema::<{of}> }})")
            },
        );
        let _ = writeln!(out, "ComponentType {{ name: {name:?}, rust: {rust} }},");
    }
    out.push_str("];\n");
    out
}

/// The type as tests write it.
fn rust(of: &RustType) -> Option<String> {
    Some(match of {
        RustType::Named(name) => format!("swpanel::types::{name}"),
        RustType::List(of) => format!("Vec<{}>", rust(of)?),
        RustType::Map(of) => format!("std::collections::HashMap<String, {}>", rust(of)?),
        RustType::Members => "swpanel::Members".to_owned(),
        RustType::Json => "swpanel::Json".to_owned(),
        RustType::Text => "String".to_owned(),
        _ => return None,
    })
}

/// One test per operation, in a module per group. One that has nothing to test is ignored.
fn tests(document: &Document, kind: &str, has: impl Fn(&Operation<'_>) -> bool) -> String {
    let mut groups = BTreeMap::<String, Vec<(String, bool)>>::new();
    for operation in document.operations() {
        let group = format!("group_{}", folder(operation.tag()).replace('-', "_"));
        groups.entry(group).or_default().push((operation.id().to_owned(), has(&operation)));
    }
    let mut out = String::new();
    for (group, ids) in groups {
        let _ = writeln!(out, "mod {group} {{");
        for (id, has) in ids {
            let ignored = if has { "" } else { "#[ignore = \"the operation has no generated call\"]" };
            let _ = writeln!(out, "    #[test]\n    {ignored}\n    fn {id}() {{ super::{kind}({id:?}); }}");
        }
        out.push_str("}\n");
    }
    out
}
