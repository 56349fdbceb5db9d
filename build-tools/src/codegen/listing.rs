//! The generated module to its printed public API: one sorted line an item, for people and for comparing.

use quote::quote;
use syn::{Attribute, Fields, File, FnArg, ImplItem, Item, ItemImpl, ReturnType, Visibility};

const HEAD: &str = "# Public API of the generated part of the `swpanel` crate.\n\
# Written by `cargo xtask sync` and checked by `cargo test`. Do not edit.\n";

/// The listing.
pub(super) fn listing(file: &File) -> String {
    let mut lines = Vec::new();
    items(&file.items, "swpanel", &mut lines);
    lines.sort();
    lines.dedup();
    let mut out = HEAD.to_owned();
    for line in lines {
        out.push_str(&line);
        out.push('\n');
    }
    out
}

fn items(list: &[Item], path: &str, lines: &mut Vec<String>) {
    for item in list {
        match item {
            Item::Mod(item) if is_public(&item.vis) => {
                let inner = item.content.as_ref().map(|(_, items)| items.as_slice()).unwrap_or_default();
                items(inner, &format!("{path}::{}", item.ident), lines);
            }
            Item::Struct(item) if is_public(&item.vis) => {
                let here = format!("{path}::{}", item.ident);
                lines.push(format!("{here}: struct{}", derives(&item.attrs)));
                fields(&item.fields, &here, lines);
            }
            Item::Enum(item) if is_public(&item.vis) => {
                let here = format!("{path}::{}", item.ident);
                lines.push(format!("{here}: enum{}", derives(&item.attrs)));
                for variant in &item.variants {
                    let held = &variant.fields;
                    lines.push(format!("{here}::{}{}", variant.ident, tidy(&quote!(#held).to_string())));
                }
            }
            Item::Impl(item) => implementation(item, path, lines),
            Item::Const(item) if is_public(&item.vis) => {
                let of = &item.ty;
                lines.push(format!("{path}::{}: const {}", item.ident, tidy(&quote!(#of).to_string())));
            }
            Item::Static(item) if is_public(&item.vis) => {
                let of = &item.ty;
                lines.push(format!("{path}::{}: static {}", item.ident, tidy(&quote!(#of).to_string())));
            }
            _ => {}
        }
    }
}

fn fields(fields: &Fields, here: &str, lines: &mut Vec<String>) {
    for (index, field) in fields.iter().enumerate().filter(|(_, field)| is_public(&field.vis)) {
        let name = field.ident.as_ref().map_or_else(|| index.to_string(), ToString::to_string);
        let of = &field.ty;
        lines.push(format!("{here}.{name}: {}", tidy(&quote!(#of).to_string())));
    }
}

fn implementation(item: &ItemImpl, path: &str, lines: &mut Vec<String>) {
    let own = &item.self_ty;
    let own = tidy(&quote!(#own).to_string());
    let here = match own.strip_prefix("super::") {
        // A schema may have that name too, in `types`.
        _ if own == "Client" && path == "swpanel" => "swpanel::Client".to_owned(),
        Some(outer) => format!("{}::{outer}", path.rsplit_once("::").map_or(path, |(parent, _)| parent)),
        None => format!("{path}::{own}"),
    };
    if let Some((of, _)) = &item.trait_ {
        let of = tidy(&quote!(#of).to_string());
        // `TryFrom<X> for super::X`, within the builders: said from outside, X is the builder.
        let of = match (own.strip_prefix("super::"), of.strip_prefix("TryFrom<")) {
            (Some(_), Some(from)) => format!("TryFrom<builder::{from}"),
            _ => of,
        };
        lines.push(format!("{here}: impl {of}"));
        return;
    }
    for item in &item.items {
        let ImplItem::Fn(function) = item else { continue };
        // A builder's `new` is how methods make it; callers have the method.
        if !is_public(&function.vis) || function.sig.ident == "new" {
            continue;
        }
        let arguments: Vec<String> = function
            .sig
            .inputs
            .iter()
            .map(|argument| match argument {
                FnArg::Receiver(receiver) if matches!(receiver.kind, syn::ReceiverKind::Reference(..)) => {
                    "&self".to_owned()
                }
                FnArg::Receiver(_) => "self".to_owned(),
                FnArg::Typed(argument) => {
                    let of = &argument.ty;
                    tidy(&quote!(#of).to_string())
                }
            })
            .collect();
        let output = match &function.sig.output {
            ReturnType::Default => String::new(),
            ReturnType::Type(_, of) => format!(" -> {}", tidy(&quote!(#of).to_string())),
        };
        let bounds = function.sig.generics.where_clause.as_ref().map_or_else(String::new, |clause| {
            let first = clause.predicates.first();
            format!(" where {}", tidy(&quote!(#first).to_string()))
        });
        let asynchronous = if function.sig.asyncness.is_some() { "async " } else { "" };
        let name = &function.sig.ident;
        lines.push(format!("{here}::{name}: {asynchronous}fn({}){output}{bounds}", arguments.join(", ")));
    }
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// The derived traits, short and sorted.
fn derives(attributes: &[Attribute]) -> String {
    let mut names = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("derive")) {
        let _ = attribute.parse_nested_meta(|meta| {
            names.extend(meta.path.segments.last().map(|segment| segment.ident.to_string()));
            Ok(())
        });
    }
    names.sort();
    if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) }
}

/// Tokens as a person writes them.
fn tidy(text: &str) -> String {
    let long = [
        ("::std::option::Option", "Option"),
        ("::std::result::Result", "Result"),
        ("::std::string::String", "String"),
        ("::std::vec::Vec", "Vec"),
        ("::std::convert::", ""),
        ("::std::ops::", ""),
        ("std::convert::", ""),
        ("::serde_json::", "serde_json::"),
        ("crate::", "swpanel::"),
    ];
    let mut out =
        text.replace(" :: ", "::").replace(":: ", "::").replace(" ::", "::").replace(" <", "<").replace("< ", "<");
    out = out
        .replace(" >", ">")
        .replace(" ,", ",")
        .replace("& ", "&")
        .replace(",>", ">")
        .replace("( ", "(")
        .replace(" )", ")");
    out = out.replace(" :", ":").replace(" ;", ";");
    for (from, to) in long {
        out = out.replace(from, to);
    }
    out
}
