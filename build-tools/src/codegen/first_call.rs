//! The example at the head of the crate's page: a typed call of the document, and how its response is read.
//!
//! Hand-written documentation names no operation, since another document may not have it; so this one is generated.

use std::collections::BTreeMap;

use quote::quote;
use syn::{File, ImplItem, Item, Type};

use super::model::{Model, RustType};
use crate::document::{Document, Operation};

/// The operation that is preferred, where the document has it: an account has services first.
const PREFERRED: (&str, &str) = ("GET", "/services/");

/// The example, as Markdown.
pub(super) fn first_call(file: &File, document: &Document, model: &Model) -> String {
    let answers = answers(file);
    let operations = document.operations();
    let needs_nothing = |operation: &&Operation<'_>| {
        operation.facts().effect.as_str() == "read"
            && operation.method == "GET"
            && !operation.parameters().iter().any(|parameter| parameter.required)
    };
    let candidates = operations.iter().filter(needs_nothing).filter_map(|operation| {
        let loop_over = items(model.structs.get(answers.get(operation.id())?)?.fields.as_slice(), model)?;
        let is_preferred = operation.method == PREFERRED.0 && operation.path == PREFERRED.1;
        Some((!is_preferred, operation.id(), loop_over))
    });
    let body = match candidates.min_by_key(|(is_other, ..)| *is_other) {
        Some((_, id, loop_over)) => format!("let answer = client.{id}().send().await?;\n{loop_over}"),
        // No list that needs nothing: the call by method and path is there whatever the document has.
        None => {
            "let answer = client.raw(\"GET\", \"/services/\").send().await?;\nprintln!(\"{}\", *answer);\n".to_owned()
        }
    };
    format!(
        "```no_run\n# #[tokio::main(flavor = \"current_thread\")]\n\
         # async fn main() -> Result<(), Box<dyn std::error::Error>> {{\n\
         // SWPANEL_TOKEN holds the token; see `getting_a_token`.\n\
         let client = swpanel::Client::from_env()?;\n{body}# Ok(())\n# }}\n```\n"
    )
}

/// How the items of a response with a `result` are read, where it is a list of objects.
fn items(fields: &[(String, String, RustType)], model: &Model) -> Option<String> {
    let (_, _, of) = fields.iter().find(|(rust, ..)| rust == "result")?;
    let RustType::List(item) = of else { return None };
    let RustType::Named(item) = item.as_ref() else { return None };
    let fields = &model.structs.get(item)?.fields;
    let is_shown = |of: &RustType| !matches!(of, RustType::Secret | RustType::SecretJson);
    let line = match fields.iter().find(|(_, _, of)| *of != RustType::Members && is_shown(of)) {
        Some((field, ..)) => format!("    println!(\"{{:?}}\", item.{field});\n"),
        None => "    // The document names no property of it, so they are read by name.\n    \
                 println!(\"{}\", item.text_at(\"id\")?);\n"
            .to_owned(),
    };
    Some(format!("for item in answer.result() {{\n{line}}}\n"))
}

/// The type that each operation's builder returns, by operation id.
fn answers(file: &File) -> BTreeMap<String, String> {
    let mut ids = BTreeMap::new();
    for item in &file.items {
        let Item::Impl(item) = item else { continue };
        for (id, output) in functions(item) {
            if let Some(builder) = output.strip_prefix("->builder::") {
                ids.insert(identifier(builder), id);
            }
        }
    }
    let mut answers = BTreeMap::new();
    for item in &file.items {
        let Item::Mod(module) = item else { continue };
        for item in module.content.iter().filter(|_| module.ident == "builder").flat_map(|(_, items)| items) {
            let Item::Impl(item) = item else { continue };
            let Type::Path(own) = item.self_ty.as_ref() else { continue };
            let Some(id) = own.path.segments.last().and_then(|own| ids.get(&own.ident.to_string())) else { continue };
            for (_, output) in functions(item).filter(|(name, _)| name == "send") {
                if let Some((_, of)) = output.split_once("types::") {
                    answers.insert(id.clone(), identifier(of));
                }
            }
        }
    }
    answers
}

/// Names and return types of the functions of an `impl`.
fn functions(item: &syn::ItemImpl) -> impl Iterator<Item = (String, String)> {
    item.items.iter().filter_map(|item| {
        let ImplItem::Fn(function) = item else { return None };
        let output = &function.sig.output;
        Some((function.sig.ident.to_string(), quote!(#output).to_string().replace(' ', "")))
    })
}

/// The identifier that a text begins with.
fn identifier(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}
