//! progenitor's output to the client's module: its own client, hooks and errors go out, ours come in.
//!
//! After this the module holds `impl crate::Client` (one method an operation), `builder`, `types`,
//! `operations` and `DOCUMENT`. Anything unexpected is a [`CodegenError::Shape`], never a silent pass.

mod hand_off;
mod handles;
mod sends;
mod tables;
mod types;

use handles::Reached;
use quote::quote;
use syn::visit_mut::VisitMut;
use syn::{Attribute, File, ImplItem, Item, ItemImpl, ItemMod, parse_quote};

use super::CodegenError;
use super::call::call;
use super::model::Model;
use super::prepare::Dropped;
use crate::document::Document;

/// Rewrites the whole file.
pub(super) fn finish(file: File, document: &Document, dropped: &[Dropped]) -> Result<(File, Reached), CodegenError> {
    let mut items: Vec<Item> = vec![parse_quote! { use crate::Client; }];
    let mut found = Found::default();
    let operations = document.operations();
    let wanted = operations.len().saturating_sub(dropped.len());
    for item in file.items {
        match item {
            // progenitor's client, its hooks and its prelude: the runtime has its own.
            Item::Use(_) | Item::Struct(_) => {}
            // The assertion that hooks are there: dispatch stands in their place.
            Item::Const(item) if item.ident == "_" => {}
            Item::Impl(item) if item.trait_.is_some() => {}
            Item::Impl(item) => items.extend(methods(item, &mut found)),
            Item::Mod(item) if item.ident == "types" => items.push(Item::Mod(types::finish(item, &mut found.types)?)),
            Item::Mod(item) if item.ident == "builder" => {
                found.builder = true;
                items.push(Item::Mod(sends::finish(item, document, wanted)?));
            }
            Item::Mod(item) if item.ident == "prelude" => {}
            other => return Err(shape(format!("an item `{}`", first_words(&quote!(#other).to_string())))),
        }
    }
    if !found.types || !found.builder || found.methods != wanted {
        return Err(shape(format!("{} methods where {wanted} were expected", found.methods)));
    }
    let (handles, reached) = handles::items(document, &items);
    items.extend(handles);
    items.extend(hand_off::methods(document, dropped));
    items.push(tables::operations(document, dropped));
    items.push(tables::provenance(document));
    let mut file = File { shebang: None, frontmatter: None, attrs: Vec::new(), items };
    OpenMembers.visit_file_mut(&mut file);
    Ok((file, reached))
}

#[derive(Default)]
struct Found {
    types: bool,
    builder: bool,
    methods: usize,
}

pub(super) fn shape(what: impl Into<String>) -> CodegenError {
    CodegenError::Shape { what: what.into() }
}

fn first_words(text: &str) -> String {
    text.chars().take(60).collect()
}

/// The operation methods of an inherent `impl Client`; its constructors go.
fn methods(mut item: ItemImpl, found: &mut Found) -> Option<Item> {
    item.items.retain(|item| {
        let ImplItem::Fn(function) = item else { return false };
        function.sig.ident != "new" && function.sig.ident != "new_with_client"
    });
    found.methods += item.items.len();
    (!item.items.is_empty()).then_some(Item::Impl(item))
}

/// `Map<String, Value>` is everywhere the place for members that the document does not know, and `Value` for what
/// it does not describe. Ours do not show what looks like a secret.
struct OpenMembers;

impl VisitMut for OpenMembers {
    fn visit_type_mut(&mut self, node: &mut syn::Type) {
        match quote!(#node).to_string().replace(' ', "").as_str() {
            "::serde_json::Map<::std::string::String,::serde_json::Value>" => *node = parse_quote! { crate::Members },
            "::serde_json::Value" => *node = parse_quote! { crate::Json },
            _ => syn::visit_mut::visit_type_mut(self, node),
        }
    }
}

/// Replaces the documentation of each operation's method by ours: what it does, where it stands, what it
/// rests on, and an example that compiles.
pub(super) fn document_methods(mut file: File, document: &Document, model: &Model) -> File {
    let operations = document.operations();
    for item in &mut file.items {
        let Item::Impl(item) = item else { continue };
        for function in item.items.iter_mut().filter_map(|item| match item {
            ImplItem::Fn(function) => Some(function),
            _ => None,
        }) {
            let Some(operation) = operations.iter().find(|operation| function.sig.ident == operation.id()) else {
                continue;
            };
            let mut text = String::new();
            for part in [operation.summary(), operation.node.text_at("description").unwrap_or_default()] {
                if !part.trim().is_empty() {
                    text.push_str(&plain(part.trim()));
                    text.push_str("\n\n");
                }
            }
            let (key, effect) = (operation.key(), operation.facts());
            text.push_str(&format!("`{key}`, effect: {effect}; `{}` in the document.\n", operation.pointer));
            if let Some((_, path)) = model.handles.get(operation.id()) {
                text.push_str(&format!("By its handle: `client{}`.\n", path.replacen("{}", "id", 1)));
            }
            text.push_str("\n# Errors\n\nAs every call: see [`Error`](crate::Error).\n");
            if let Some(call) = call(operation, model) {
                text.push_str("\n# Example\n\n```no_run\n");
                text.push_str(
                    "# async fn example(client: &swpanel::Client) -> Result<(), Box<dyn std::error::Error>> {\n",
                );
                text.push_str(&call.statements("answer"));
                text.push_str("# drop(answer);\n# Ok(())\n# }\n```\n");
            }
            function.attrs.retain(|attribute| !attribute.path().is_ident("doc"));
            function.attrs.splice(0..0, docs(&text));
        }
    }
    file
}

/// One `#[doc]` attribute a line.
pub(super) fn docs(text: &str) -> Vec<Attribute> {
    let lines = text.trim_end().lines();
    lines
        .map(|line| {
            let line = if line.is_empty() { String::new() } else { format!(" {line}") };
            parse_quote! { #[doc = #line] }
        })
        .collect()
}

/// Markdown of a vendor as rustdoc takes it without warnings: brackets, angles and bare addresses made plain.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut code = false;
    for word in text.split_inclusive(char::is_whitespace) {
        let ticks = word.matches('`').count();
        let inside = code || ticks > 0;
        if !inside && (word.contains("http://") || word.contains("https://")) {
            let (address, rest) = word.split_at(word.trim_end().trim_end_matches(['.', ',', ';', ')']).len());
            let bare = address.trim_start_matches(['(', '<']);
            let lead = &address[..address.len() - bare.len()];
            out.push_str(&lead.replace('<', ""));
            out.push_str(&format!("<{}>", bare.trim_end_matches('>')));
            out.push_str(rest);
        } else if inside {
            out.push_str(word);
        } else {
            out.push_str(&word.replace('[', "\\[").replace(']', "\\]").replace('<', "\\<").replace('>', "\\>"));
        }
        code ^= ticks % 2 == 1;
    }
    out
}

/// The module's items, or a shape error.
pub(super) fn content(item: &mut ItemMod) -> Result<&mut Vec<Item>, CodegenError> {
    let name = item.ident.to_string();
    match &mut item.content {
        Some((_, items)) => Ok(items),
        None => Err(shape(format!("an empty module `{name}`"))),
    }
}
