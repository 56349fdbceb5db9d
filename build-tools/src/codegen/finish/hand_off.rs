//! Operations that the generator cannot express to methods that hand over to a raw call: method, path and path values
//! are typed, query and body are added by the caller.

use proc_macro2::{Ident, Span};
use quote::quote;
use syn::{Item, parse_quote};

use super::docs;
use crate::codegen::prepare::Dropped;
use crate::document::{Document, Operation};
use crate::names::snake_case;
use crate::safe_text::doc_comment::doc_comment;
use crate::safe_text::markdown::code;

/// `impl Client` with one method for each operation left out, or nothing where none was.
pub(super) fn methods(document: &Document, dropped: &[Dropped]) -> Option<Item> {
    let operations = document.operations();
    let reason = |key: &str| dropped.iter().find(|dropped| dropped.operation == key).map(|dropped| &dropped.reason);
    let methods: Vec<_> = operations
        .iter()
        .filter_map(|operation| reason(&operation.key()).map(|reason| method(operation, reason)))
        .collect();
    (!methods.is_empty()).then(|| parse_quote! { impl Client { #(#methods)* } })
}

fn method(operation: &Operation<'_>, reason: &str) -> proc_macro2::TokenStream {
    let name = Ident::new(operation.id(), Span::call_site());
    let constant = Ident::new(&operation.id().to_uppercase(), Span::call_site());
    let names: Vec<&str> = braced(operation.path);
    let mut arguments: Vec<Ident> = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let plain = syn::parse_str::<Ident>(&snake_case(name)).ok();
        let fallback = || Ident::new(&format!("value_{}", at + 1), Span::call_site());
        arguments.push(plain.filter(|ident| !arguments.contains(ident)).unwrap_or_else(fallback));
    }
    let mut text = String::new();
    if !operation.summary().is_empty() {
        text.push_str(&format!("{}\n\n", doc_comment(operation.summary().trim())));
    }
    text.push_str(&format!("{}, {} in the document. ", code(&operation.key()), code(&operation.pointer)));
    text.push_str("It has no typed call; add query and body to the request that comes back, and send it.\n\n");
    text.push_str(&doc_comment(&format!("Why: {reason}.")));
    let documentation = docs(&text);
    quote! {
        #(#documentation)*
        pub fn #name(&self, #(#arguments: impl ::std::fmt::Display),*) -> crate::RawRequest<'_> {
            crate::RawRequest::handed_off(self, &operations::#constant, &[#((#names, #arguments.to_string())),*])
        }
    }
}

/// The names in braces of a path template, in order.
fn braced(path: &str) -> Vec<&str> {
    path.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
}
