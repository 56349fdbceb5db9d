//! The `types` module: schemas behind a feature, open objects in one shape, constants that need no setter,
//! variants that take a builder.

use std::collections::{BTreeMap, BTreeSet};

use quote::quote;
use syn::visit_mut::VisitMut;
use syn::{Expr, Fields, Item, ItemEnum, ItemMod, ItemStruct, Type, parse_quote};

use super::answers::AnswerTypes;
use super::{content, docs, shape};
use crate::codegen::CodegenError;
use crate::codegen::prepare::tags::Union;

const OPEN_MAP: &str = "::serde_json::Map<::std::string::String,::serde_json::Value>";

/// Rewrites every type.
pub(super) fn finish(
    mut module: ItemMod,
    unions: &[Union],
    answers: &AnswerTypes,
    found: &mut bool,
) -> Result<ItemMod, CodegenError> {
    let items = content(&mut module)?;
    let open: BTreeSet<String> = items.iter().filter_map(open_newtype).collect();
    let constants = constants(items);
    items.retain(|item| !belongs_to_open(item, &open));
    let mut additions = Vec::new();
    let mut decoders = Vec::new();
    for item in items.iter_mut() {
        match item {
            Item::Struct(item) => structure(item, &open),
            Item::Enum(item) => {
                additions.extend(enumeration(item));
                decoders.extend(super::unions::decode_by_tag(item, unions));
            }
            Item::Mod(item) if item.ident == "builder" => builders(item, &constants)?,
            _ => {}
        }
    }
    let built: BTreeSet<String> = items
        .iter()
        .filter_map(|item| match item {
            Item::Mod(module) if module.ident == "builder" => module.content.as_ref(),
            _ => None,
        })
        .flat_map(|(_, items)| items.iter())
        .filter_map(|item| match item {
            Item::Struct(item) => Some(item.ident.to_string()),
            _ => None,
        })
        .collect();
    items.extend(additions.into_iter().filter(|(arm, _)| built.contains(arm)).map(|(_, item)| item));
    items.extend(decoders);
    items.extend(answers.types());
    for name in &open {
        let name = syn::Ident::new(name, proc_macro2::Span::call_site());
        items.push(parse_quote! {
            impl ::std::convert::From<crate::Members> for #name {
                fn from(extra: crate::Members) -> Self { Self { extra } }
            }
        });
        items.push(parse_quote! {
            impl ::std::ops::Deref for #name {
                type Target = crate::Members;
                fn deref(&self) -> &crate::Members { &self.extra }
            }
        });
        items.push(parse_quote! {
            impl ::std::ops::DerefMut for #name {
                fn deref_mut(&mut self) -> &mut crate::Members { &mut self.extra }
            }
        });
    }
    let lists: Vec<Item> = items.iter().filter_map(result_list).collect();
    items.extend(lists);
    *found = true;
    module.attrs = vec![parse_quote! { #[allow(clippy::all, clippy::pedantic, missing_docs)] }];
    module
        .attrs
        .splice(0..0, docs("The values that operations take and answer with; made from the document's schemas."));
    Ok(module)
}

/// `struct X(Map<String, Value>)`: an object of which the document declares no member.
fn open_newtype(item: &Item) -> Option<String> {
    let Item::Struct(item) = item else { return None };
    let Fields::Unnamed(fields) = &item.fields else { return None };
    let [field] = fields.unnamed.iter().collect::<Vec<_>>()[..] else { return None };
    is_open_map(&field.ty).then(|| item.ident.to_string())
}

fn is_open_map(of: &Type) -> bool {
    quote!(#of).to_string().replace(' ', "") == OPEN_MAP
}

/// The conversions that progenitor writes for such a newtype; ours come in their place.
fn belongs_to_open(item: &Item, open: &BTreeSet<String>) -> bool {
    let Item::Impl(item) = item else { return false };
    let Some((path, _)) = item.trait_.as_ref().filter(|_| !open.is_empty()) else { return false };
    // There are tens of thousands of these, and hundreds of such newtypes: each is looked up, not looked for.
    let own = &item.self_ty;
    let own = quote!(#own).to_string().replace(' ', "");
    if open.contains(&own) {
        let text = quote!(#path).to_string().replace(' ', "");
        return text.ends_with("Deref") || text.contains(OPEN_MAP);
    }
    let text = || quote!(#path).to_string().replace(' ', "");
    own == OPEN_MAP
        && text()
            .rsplit_once("From<")
            .is_some_and(|(_, name)| name.strip_suffix('>').is_some_and(|name| open.contains(name)))
}

fn structure(item: &mut ItemStruct, open: &BTreeSet<String>) {
    if open.contains(&item.ident.to_string()) {
        item.attrs.retain(|attribute| !attribute.path().is_ident("serde"));
        item.semi_token = None;
        item.fields = Fields::Named(parse_quote! { {
            #[serde(flatten)]
            pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>
        } });
    }
    if derives(&item.attrs, "Deserialize") {
        item.attrs.push(parse_quote! { #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))] });
    }
    for field in &mut item.fields {
        let text: String = field.attrs.iter().map(|attribute| quote!(#attribute).to_string()).collect();
        if text.contains("Vec::is_empty") {
            // A vendor that says `null` for "none" must not fail the whole answer.
            field.attrs.push(parse_quote! { #[serde(deserialize_with = "crate::runtime::null_as_default")] });
        }
        if field.ident.as_ref().is_some_and(|name| name == "extra") && is_open_map(&field.ty) {
            field.attrs.splice(0..0, docs("Members that the document does not name, as the server sent them."));
        }
    }
}

/// `result()` of a response whose envelope has the entries in `result`: a list, whether the document says that it is one,
/// or leaves open whether a single thing comes in an array.
fn result_list(item: &Item) -> Option<Item> {
    let Item::Struct(item) = item else { return None };
    let field = item.fields.iter().find(|field| field.ident.as_ref().is_some_and(|name| name == "result"))?;
    let (of, is_optional) = match of_one(&field.ty, "Option") {
        Some(inner) => (inner, true),
        None => (&field.ty, false),
    };
    let entry = of_one(of, "Vec").or_else(|| of_one(of, "OneOrMany"))?;
    let name = &item.ident;
    let list: Expr = match is_optional {
        true => parse_quote! { self.result.as_deref().unwrap_or_default() },
        false => parse_quote! { &self.result },
    };
    let docs = docs("The entries of `result` as a list, which is empty where there are none.");
    Some(parse_quote! {
        impl #name {
            #(#docs)*
            pub fn result(&self) -> &[#entry] { #list }
        }
    })
}

/// The argument of a type of that name, as in `Vec<T>`.
fn of_one<'t>(of: &'t Type, name: &str) -> Option<&'t Type> {
    let Type::Path(path) = of else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == name)?;
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first()? {
        syn::GenericArgument::Type(of) => Some(of),
        _ => None,
    }
}

fn derives(attributes: &[syn::Attribute], name: &str) -> bool {
    attributes
        .iter()
        .any(|attribute| attribute.path().is_ident("derive") && quote!(#attribute).to_string().contains(name))
}

/// Returns, for each variant that holds a struct, `TryFrom<its builder>` for the enum, by the struct's name.
fn enumeration(item: &mut ItemEnum) -> Vec<(String, Item)> {
    if derives(&item.attrs, "Deserialize") {
        item.attrs.push(parse_quote! { #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))] });
    }
    let name = &item.ident;
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let payloads: Vec<String> = item.variants.iter().filter_map(payload).collect();
    for payload in &payloads {
        *counts.entry(payload.clone()).or_default() += 1;
    }
    let once = payloads.into_iter().filter(|payload| counts.get(payload) == Some(&1));
    once.map(|payload| {
        let arm = syn::Ident::new(&payload, proc_macro2::Span::call_site());
        let item = parse_quote! {
            impl ::std::convert::TryFrom<builder::#arm> for #name {
                type Error = self::error::ConversionError;
                fn try_from(value: builder::#arm) -> ::std::result::Result<Self, self::error::ConversionError> {
                    ::std::result::Result::Ok(Self::from(#arm::try_from(value)?))
                }
            }
        };
        (payload, item)
    })
    .collect()
}

/// The plain type name that a variant holds.
fn payload(variant: &syn::Variant) -> Option<String> {
    let Fields::Unnamed(fields) = &variant.fields else { return None };
    let [field] = fields.unnamed.iter().collect::<Vec<_>>()[..] else { return None };
    let Type::Path(path) = &field.ty else { return None };
    path.path.get_ident().map(ToString::to_string)
}

/// Enums with one value, by name: the one expression that makes them.
fn constants(items: &[Item]) -> BTreeMap<String, Expr> {
    let mut found = BTreeMap::new();
    for item in items {
        let Item::Enum(item) = item else { continue };
        let [variant] = item.variants.iter().collect::<Vec<_>>()[..] else { continue };
        if matches!(variant.fields, Fields::Unit) {
            let (name, variant) = (&item.ident, &variant.ident);
            found.insert(format!("super::{name}"), parse_quote! { ::std::result::Result::Ok(super::#name::#variant) });
        }
    }
    found
}

/// Builders start with what can have one value only, and with no unknown members.
fn builders(module: &mut ItemMod, constants: &BTreeMap<String, Expr>) -> Result<(), CodegenError> {
    let items = content(module)?;
    let mut starts: BTreeMap<String, BTreeMap<String, Expr>> = BTreeMap::new();
    for item in items.iter() {
        let Item::Struct(item) = item else { continue };
        for field in &item.fields {
            let Some(name) = &field.ident else { continue };
            let of = &field.ty;
            let text = quote!(#of).to_string().replace(' ', "");
            let Some(value) = text
                .strip_prefix("::std::result::Result<")
                .and_then(|text| text.strip_suffix(",::std::string::String>"))
                .or_else(|| {
                    text.strip_prefix("::std::result::Result<")
                        .and_then(|text| text.strip_suffix(",::std::string::String,>"))
                })
            else {
                return Err(shape(format!("a builder field of type `{text}`")));
            };
            let value = value.trim_end_matches(',');
            let start = match value {
                "crate::True" => Some(parse_quote! { ::std::result::Result::Ok(crate::True) }),
                "crate::False" => Some(parse_quote! { ::std::result::Result::Ok(crate::False) }),
                OPEN_MAP => Some(parse_quote! { ::std::result::Result::Ok(::std::default::Default::default()) }),
                other => constants.get(other).cloned(),
            };
            if let Some(start) = start {
                starts.entry(item.ident.to_string()).or_default().insert(name.to_string(), start);
            }
        }
    }
    for item in items.iter_mut() {
        let Item::Impl(item) = item else { continue };
        let is_default = item
            .trait_
            .as_ref()
            .is_some_and(|(path, _)| path.segments.last().is_some_and(|segment| segment.ident == "Default"));
        let own = &item.self_ty;
        if let (true, Some(starts)) = (is_default, starts.get(&quote!(#own).to_string())) {
            Starts(starts).visit_item_impl_mut(item);
        }
    }
    Ok(())
}

struct Starts<'a>(&'a BTreeMap<String, Expr>);

impl VisitMut for Starts<'_> {
    fn visit_field_value_mut(&mut self, field: &mut syn::FieldValue) {
        if let syn::Member::Named(name) = &field.member
            && let Some(start) = self.0.get(&name.to_string())
        {
            field.expr = start.clone();
        }
    }
}
