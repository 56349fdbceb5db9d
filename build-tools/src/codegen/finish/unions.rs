//! Choices whose arms a tag tells apart: decoded by it, and open for values that no arm has.

use proc_macro2::Span;
use quote::quote;
use syn::{Fields, Ident, Item, ItemEnum, Type, parse_quote};

use super::docs;
use crate::codegen::prepare::tags::Union;
use crate::safe_text::markdown::code;

/// Gives an untagged enum that is such a choice a decoder of its own, and a variant for everything else.
pub(super) fn decode_by_tag(item: &mut ItemEnum, unions: &[Union]) -> Option<Item> {
    let payloads: Option<Vec<&Type>> = item.variants.iter().map(payload).collect();
    let payloads = payloads?;
    let names: Vec<String> = payloads.iter().map(|of| name(of)).collect();
    let mut fitting = unions.iter().filter(|union| union.types == names);
    let union = fitting.next()?;
    // The same types with another tag elsewhere: which of the two this is, nothing says.
    if fitting.any(|other| other != union) {
        return None;
    }
    let untagged =
        item.attrs.iter().any(|attribute| quote!(#attribute).to_string().replace(' ', "") == "#[serde(untagged)]");
    if !untagged {
        return None;
    }
    let own = &item.ident;
    let mut arms = Vec::new();
    for ((variant, of), values) in item.variants.iter().zip(&payloads).zip(&union.values) {
        let variant = &variant.ident;
        arms.push(
            quote! { #(Some(#values))|* => ::serde_json::from_value::<#of>(value.into_value()).map(Self::#variant), },
        );
    }
    let taken = |name: &str| item.variants.iter().any(|variant| variant.ident == name);
    let open = ["Unknown", "UnknownTag", "AnyOther"].into_iter().find(|name| !taken(name))?;
    let open = Ident::new(open, Span::call_site());
    let tag = &union.tag;
    let decoder = parse_quote! {
        impl<'de> ::serde::Deserialize<'de> for #own {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                let value = <crate::Json as ::serde::Deserialize>::deserialize(deserializer)?;
                let tag = value.get(#tag).map(::std::string::ToString::to_string);
                let found = match tag.as_deref() {
                    #(#arms)*
                    _ => return ::std::result::Result::Ok(Self::#open(value)),
                };
                found.map_err(<D::Error as ::serde::de::Error>::custom)
            }
        }
    };
    for attribute in item.attrs.iter_mut().filter(|attribute| attribute.path().is_ident("derive")) {
        let mut kept: Vec<syn::Path> = Vec::new();
        let _ = attribute.parse_nested_meta(|meta| {
            if meta.path.segments.last().is_none_or(|segment| segment.ident != "Deserialize") {
                kept.push(meta.path.clone());
            }
            Ok(())
        });
        *attribute = parse_quote! { #[derive(#(#kept),*)] };
    }
    let documentation = docs(&format!("A value whose {} is none of the known ones, as the server sent it.", code(tag)));
    item.variants.push(parse_quote! { #(#documentation)* #open(crate::Json) });
    Some(decoder)
}

fn payload(variant: &syn::Variant) -> Option<&Type> {
    let Fields::Unnamed(fields) = &variant.fields else { return None };
    match fields.unnamed.iter().collect::<Vec<_>>()[..] {
        [field] => Some(&field.ty),
        _ => None,
    }
}

/// The name of a type, without the box that breaks a circle.
fn name(of: &Type) -> String {
    let text = quote!(#of).to_string().replace(' ', "");
    let inner = text.strip_prefix("::std::boxed::Box<").and_then(|text| text.strip_suffix('>'));
    inner.map_or_else(|| text.clone(), str::to_owned)
}
