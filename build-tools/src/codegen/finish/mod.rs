//! progenitor's output to the client's module: its own client, hooks and errors go out, ours come in.
//!
//! After this the module holds `impl crate::Client` (one method an operation), `builder`, `types`,
//! `operations` and `DOCUMENT`. Anything unexpected is a [`CodegenError::Shape`], never a silent pass.

mod answers;
mod hand_off;
mod handles;
mod sends;
mod tables;
mod types;
mod unions;

use std::collections::BTreeMap;

pub(in crate::codegen) use handles::Reached;
use quote::quote;
use syn::visit_mut::VisitMut;
use syn::{Attribute, File, ImplItem, Item, ItemImpl, ItemMod, parse_quote};

use super::CodegenError;
use super::call::call;
use super::model::Model;
use super::prepare::GeneratorView;
use crate::document::{Document, Operation};
use crate::safe_text::doc_comment::doc_comment;
use crate::safe_text::markdown::code;

/// Rewrites the whole file.
pub(super) fn finish(
    mut file: File,
    document: &Document,
    view: &GeneratorView,
) -> Result<(File, Reached), CodegenError> {
    let dropped = view.dropped.as_slice();
    // First, while all documentation in it is progenitor's: what is added below is ours, or was made safe where it is added.
    Documentation.visit_file_mut(&mut file);
    let answers = answers::AnswerTypes::of(document, view, &file)?;
    let known = sends::Known { view, answers: &answers };
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
            Item::Mod(item) if item.ident == "types" => {
                items.push(Item::Mod(types::finish(item, &view.unions, &answers, &mut found.types)?))
            }
            Item::Mod(item) if item.ident == "builder" => {
                found.builder = true;
                items.push(Item::Mod(sends::finish(item, document, wanted, &known)?));
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
    items.push(tables::operations(document, view));
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
        // Most types are neither, and writing a type out costs more than looking at its last name.
        let last = match node {
            syn::Type::Path(path) => path.path.segments.last().map(|segment| &segment.ident),
            _ => None,
        };
        if !last.is_some_and(|name| name == "Map" || name == "Value") {
            return syn::visit_mut::visit_type_mut(self, node);
        }
        match quote!(#node).to_string().replace(' ', "").as_str() {
            "::serde_json::Map<::std::string::String,::serde_json::Value>" => *node = parse_quote! { crate::Members },
            "::serde_json::Value" => *node = parse_quote! { crate::Json },
            _ => syn::visit_mut::visit_type_mut(self, node),
        }
    }
}

/// Whatever progenitor made of the document's descriptions, paths and names: no text of it is a test or a link.
struct Documentation;

impl VisitMut for Documentation {
    fn visit_attributes_mut(&mut self, attributes: &mut Vec<Attribute>) {
        let lines: Vec<String> = attributes.iter().filter_map(doc_text).collect();
        let text = lines.join("\n");
        if lines.is_empty() || is_builder_link(&text) {
            return;
        }
        attributes.retain(|attribute| !attribute.path().is_ident("doc"));
        attributes.splice(0..0, docs(&doc_comment(text.trim())));
    }
}

/// The text of a `#[doc = "..."]`.
fn doc_text(attribute: &Attribute) -> Option<String> {
    let syn::Meta::NameValue(pair) = &attribute.meta else { return None };
    let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) = &pair.value else { return None };
    pair.path.is_ident("doc").then(|| text.value())
}

/// What progenitor says of each builder: a link to the method, whose name is one of Rust.
fn is_builder_link(text: &str) -> bool {
    let name = text.strip_prefix("Builder for [`Client::").and_then(|rest| rest.split('`').next());
    name.is_some_and(|name| {
        syn::parse_str::<syn::Ident>(name).is_ok()
            && text == format!("Builder for [`Client::{name}`]\n\n[`Client::{name}`]: super::Client::{name}")
    })
}

/// Replaces the documentation of each operation's method by ours: what it does, where it stands, what it
/// rests on, and an example that compiles.
pub(super) fn document_methods(mut file: File, document: &Document, model: &Model) -> File {
    let operations = document.operations();
    let by_id: BTreeMap<&str, &Operation<'_>> =
        operations.iter().map(|operation| (operation.id(), operation)).collect();
    for item in &mut file.items {
        let Item::Impl(item) = item else { continue };
        for function in item.items.iter_mut().filter_map(|item| match item {
            ImplItem::Fn(function) => Some(function),
            _ => None,
        }) {
            let Some(operation) = by_id.get(function.sig.ident.to_string().as_str()) else { continue };
            let mut text = String::new();
            for part in [operation.summary(), operation.node.text_at("description").unwrap_or_default()] {
                if !part.trim().is_empty() {
                    text.push_str(&doc_comment(part.trim()));
                    text.push_str("\n\n");
                }
            }
            let (key, pointer) = (code(&operation.key()), code(&operation.pointer));
            let effect = operation.facts();
            text.push_str(&format!("{key}, effect: {effect}; {pointer} in the document.\n"));
            if let Some((_, path)) = model.handles.get(operation.id()) {
                text.push_str(&format!("By its handle: `client{}`.\n", path.replacen("{}", "id", 1)));
            }
            text.push_str("\n# Errors\n\nAs every call: see [`Error`](crate::Error).\n");
            if let Some(call) = call(operation, model).map(|call| call.statements("answer"))
                && !call.is_empty()
            {
                text.push_str("\n# Example\n\n```no_run\n");
                text.push_str(
                    "# async fn example(client: &swpanel::Client) -> Result<(), Box<dyn std::error::Error>> {\n",
                );
                text.push_str(&call);
                text.push_str("# drop(answer);\n# Ok(())\n# }\n```\n");
            }
            function.attrs.retain(|attribute| !attribute.path().is_ident("doc"));
            function.attrs.splice(0..0, docs(&text));
        }
    }
    file
}

/// One `#[doc]` attribute a line. Text of the document in it was made safe before.
pub(super) fn docs(text: &str) -> Vec<Attribute> {
    let lines = text.trim_end().lines();
    lines
        .map(|line| {
            let line = if line.is_empty() { String::new() } else { format!(" {line}") };
            Attribute {
                pound_token: Default::default(),
                style: syn::AttrStyle::Outer,
                bracket_token: Default::default(),
                meta: syn::Meta::NameValue(syn::MetaNameValue {
                    path: syn::Ident::new("doc", proc_macro2::Span::call_site()).into(),
                    eq_token: Default::default(),
                    value: syn::Expr::Lit(syn::ExprLit {
                        attrs: Vec::new(),
                        lit: syn::Lit::Str(syn::LitStr::new(&line, proc_macro2::Span::call_site())),
                    }),
                }),
            }
        })
        .collect()
}

/// The module's items, or a shape error.
pub(super) fn content(item: &mut ItemMod) -> Result<&mut Vec<Item>, CodegenError> {
    let name = item.ident.to_string();
    match &mut item.content {
        Some((_, items)) => Ok(items),
        None => Err(shape(format!("an empty module `{name}`"))),
    }
}
