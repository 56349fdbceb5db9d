//! What the runtime knows of each operation, and of the document, as constants of the generated module.

use std::collections::{BTreeMap, BTreeSet};

use quote::quote;
use syn::{Ident, Item, parse_quote};

use super::docs;
use crate::codegen::prepare::GeneratorView;
use crate::codegen::prepare::security::{Scheme, server};
use crate::document::{Document, Node, Object, Value};
use crate::hash::sha256;
use crate::knowledge::{ACTION_WORDS, Facts};
use crate::safe_text::line;
use crate::safe_text::markdown::code;
use crate::secrets::is_secret;

/// `pub mod operations`: one constant an operation, and all of them in a row.
pub(super) fn operations(document: &Document, view: &GeneratorView) -> Item {
    let mut constants = Vec::new();
    let mut names = Vec::new();
    let mut secrets = Sensitive::new(document);
    let handed_off: BTreeSet<&str> = view.dropped.iter().map(|dropped| dropped.operation.as_str()).collect();
    for operation in document.operations() {
        let name = Ident::new(&operation.id().to_uppercase(), proc_macro2::Span::call_site());
        let (id, method, path) = (operation.id(), operation.method.as_str(), operation.path);
        // Both are only shown.
        let (tag, summary) = (line(operation.tag()), line(operation.summary()));
        let facts = operation.facts();
        let Facts { billable, destructive, asynchronous, .. } = facts;
        let effect = facts.effect.as_str();
        let effect = Ident::new(&(effect[..1].to_uppercase() + &effect[1..]), proc_macro2::Span::call_site());
        let collection = operation.reads_collection();
        let may_be_empty = view.answers.get(id).is_some_and(|answers| answers.may_be_empty);
        let answers = operation.success_schema().is_some() && !may_be_empty;
        let generated = !handed_off.contains(operation.key().as_str());
        let sensitive = secrets.of(operation.request_body().map(|(_, schema, _)| schema));
        let sensitive_answer = secrets.of(operation.success_schema());
        let documentation = docs(&code(&operation.key()));
        constants.push(quote! {
            #(#documentation)*
            pub static #name: Operation = Operation {
                id: #id,
                method: #method,
                path: #path,
                tag: #tag,
                summary: #summary,
                effect: Effect::#effect,
                billable: #billable,
                destructive: #destructive,
                asynchronous: #asynchronous,
                collection: #collection,
                answers: #answers,
                sensitive: &[#(#sensitive),*],
                sensitive_answer: &[#(#sensitive_answer),*],
                generated: #generated,
            };
        });
        names.push(name);
    }
    let action_words = ACTION_WORDS;
    let (common, optional) = (scheme(&view.security.common), view.security.optional);
    let others = view.security.others.iter().map(|(id, of)| {
        let of = scheme(of);
        quote! { #id => #of, }
    });
    parse_quote! {
        /// What is known of each operation at run time.
        pub mod operations {
            use crate::{Effect, Operation};
            #(#constants)*
            /// Words that name an action in the path of a GET.
            pub(crate) static ACTION_WORDS: &[&str] = &[#(#action_words),*];
            /// How most calls show who makes them.
            pub(crate) static COMMON_SCHEME: crate::runtime::Scheme = #common;
            /// Whether a client may be built without a token.
            pub(crate) static TOKEN_IS_OPTIONAL: bool = #optional;
            /// How the calls of an operation show who makes them.
            pub(crate) fn scheme(id: &str) -> crate::runtime::Scheme {
                match id {
                    #(#others)*
                    _ => COMMON_SCHEME,
                }
            }
            /// All operations, by path and method.
            pub static ALL: &[&Operation] = &[#(&#names),*];
        }
    }
}

fn scheme(of: &Scheme) -> proc_macro2::TokenStream {
    match of {
        Scheme::Bearer => quote!(crate::runtime::Scheme::Bearer),
        Scheme::Basic => quote!(crate::runtime::Scheme::Basic),
        Scheme::Header(name) => quote!(crate::runtime::Scheme::Header(#name)),
        Scheme::Query(name) => quote!(crate::runtime::Scheme::Query(#name)),
        Scheme::Cookie(name) => quote!(crate::runtime::Scheme::Cookie(#name)),
        Scheme::Nothing => quote!(crate::runtime::Scheme::Nothing),
    }
}

/// `pub const DOCUMENT`.
pub(super) fn provenance(document: &Document) -> Item {
    let version = document.version();
    let digest = sha256(document.to_canonical().as_bytes());
    let kind = if document.is_reconstruction() { quote!(Reconstruction) } else { quote!(Published) };
    let operations = document.operations().len();
    let date = document.date().map_or_else(|| quote!(None), |date| quote!(Some(#date)));
    let server = server(document);
    parse_quote! {
        /// Where this client comes from: the document it was generated from.
        pub const DOCUMENT: crate::DocumentInfo = crate::DocumentInfo {
            version: #version,
            sha256: #digest,
            kind: crate::DocumentKind::#kind,
            server: #server,
            date: #date,
            operations: #operations,
        };
    }
}

/// Names of the members that hold secrets: where the document says so, or the name does.
///
/// Thousands of operations reach the same components, so each of these is looked through once.
struct Sensitive<'a> {
    document: &'a Document,
    components: BTreeMap<&'a str, Found<'a>>,
}

/// What stands in one schema: names of secrets, and the references that lead on.
#[derive(Clone, Default)]
struct Found<'a> {
    names: BTreeSet<&'a str>,
    references: BTreeSet<&'a str>,
}

impl<'a> Sensitive<'a> {
    fn new(document: &'a Document) -> Self {
        Self { document, components: BTreeMap::new() }
    }

    /// The names in a schema and in all that it leads to. The way may be as long as the document, so it takes no recursion.
    fn of(&mut self, schema: Option<&'a Node>) -> BTreeSet<&'a str> {
        let Some(schema) = schema else { return BTreeSet::new() };
        let Found { mut names, references } = found(self.document, schema);
        let mut seen = references.clone();
        let mut open: Vec<&str> = references.into_iter().collect();
        while let Some(reference) = open.pop() {
            let document = self.document;
            let component = self
                .components
                .entry(reference)
                .or_insert_with(|| document.target(reference).map(|node| found(document, node)).unwrap_or_default());
            names.extend(&component.names);
            open.extend(component.references.iter().copied().filter(|reference| seen.insert(reference)));
        }
        names
    }
}

/// What stands in a schema, references not followed.
fn found<'a>(document: &'a Document, schema: &'a Node) -> Found<'a> {
    let mut found = Found::default();
    let mut open = vec![schema];
    while let Some(node) = open.pop() {
        if let Some(reference) = node.text_at("$ref") {
            found.references.insert(reference);
            continue;
        }
        for (name, schema) in node.get("properties").and_then(Node::as_object).into_iter().flat_map(Object::iter) {
            let target = document.resolve(schema).unwrap_or(schema);
            if target.as_object().is_some_and(|schema| is_secret(name, schema)) {
                found.names.insert(name);
            }
        }
        match &node.value {
            Value::Array(items) => open.extend(items),
            // What is data holds no schemas.
            Value::Object(members) => open.extend(
                members
                    .iter()
                    .filter(|(name, _)| !matches!(*name, "example" | "examples" | "default" | "enum"))
                    .map(|(_, node)| node),
            ),
            _ => {}
        }
    }
    found
}
