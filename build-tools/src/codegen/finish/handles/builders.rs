//! The generated module's items to what handles need to know: each operation's builder, and which values it takes as text.

use std::collections::{BTreeSet, HashMap};

use quote::ToTokens;
use syn::{ImplItem, Item, ReturnType};

/// The builders that were generated: by operation, and what each can be given as text.
pub(super) struct Builders {
    pub(super) of: HashMap<String, String>,
    setters: HashMap<String, BTreeSet<String>>,
}

impl Builders {
    pub(super) fn of(items: &[Item]) -> Self {
        let mut found = Self { of: HashMap::new(), setters: HashMap::new() };
        let functions = |item: &syn::ItemImpl| {
            let functions = item.items.iter().filter_map(|item| match item {
                ImplItem::Fn(function) => Some(function.clone()),
                _ => None,
            });
            functions.collect::<Vec<_>>()
        };
        for item in items {
            match item {
                Item::Impl(item) if item.trait_.is_none() => {
                    for function in functions(item) {
                        if let Some(name) = returned(&function.sig.output) {
                            found.of.insert(function.sig.ident.to_string(), name);
                        }
                    }
                }
                Item::Mod(module) if module.ident == "builder" => {
                    let inner = module.content.as_ref().map(|(_, items)| items.as_slice()).unwrap_or_default();
                    for item in inner {
                        let Item::Impl(item) = item else { continue };
                        let syn::Type::Path(own) = &*item.self_ty else { continue };
                        let Some(own) = own.path.segments.last() else { continue };
                        let takes = functions(item).into_iter().filter(|function| {
                            let bounds =
                                function.sig.generics.where_clause.to_token_stream().to_string().replace(' ', "");
                            bounds.contains("TryInto<::std::string::String>")
                        });
                        let takes = takes.map(|function| function.sig.ident.to_string());
                        found.setters.entry(own.ident.to_string()).or_default().extend(takes);
                    }
                }
                _ => {}
            }
        }
        found
    }

    pub(super) fn takes_text(&self, operation: &str, setter: &str) -> bool {
        let builder = self.of.get(operation).and_then(|builder| self.setters.get(builder));
        builder.is_some_and(|setters| setters.contains(setter))
    }
}

/// `X` of `-> builder::X<'_>`.
fn returned(output: &ReturnType) -> Option<String> {
    let ReturnType::Type(_, of) = output else { return None };
    let syn::Type::Path(path) = &**of else { return None };
    let mut segments = path.path.segments.iter();
    (segments.next()?.ident == "builder").then(|| segments.next().map(|segment| segment.ident.to_string()))?
}
