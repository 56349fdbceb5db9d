//! Operations whose successful responses differ by status: one enum for each, and the call that decodes it.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Literal, Span};
use quote::quote;
use syn::{Expr, File, Ident, Item, Type, parse_quote};

use super::{docs, shape};
use crate::codegen::CodegenError;
use crate::codegen::prepare::GeneratorView;
use crate::codegen::prepare::answers::Payload;
use crate::document::Document;
use crate::names::type_name;
use crate::safe_text::markdown::code;

/// The enums, by operation id.
pub(super) struct AnswerTypes(BTreeMap<String, AnswerType>);

struct AnswerType {
    name: Ident,
    operation: String,
    arms: Vec<Arm>,
    /// The arm for statuses that the document does not name.
    other: usize,
}

struct Arm {
    status: String,
    variant: Ident,
    payload: Option<Type>,
    /// The same, as seen from the builders.
    holds: Holds,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    Json,
    Bytes,
    Nothing,
}

impl AnswerTypes {
    /// Names the enums by their operations.
    pub(super) fn of(document: &Document, view: &GeneratorView, file: &File) -> Result<Self, CodegenError> {
        let mut taken: BTreeSet<String> = BTreeSet::new();
        for item in &file.items {
            let Item::Mod(module) = item else { continue };
            for item in module.content.iter().filter(|_| module.ident == "types").flat_map(|(_, items)| items) {
                match item {
                    Item::Struct(item) => drop(taken.insert(item.ident.to_string())),
                    Item::Enum(item) => drop(taken.insert(item.ident.to_string())),
                    _ => {}
                }
            }
        }
        let mut found = BTreeMap::new();
        for operation in document.operations() {
            let Some(answers) = view.answers.get(operation.id()).filter(|answers| !answers.by_status.is_empty()) else {
                continue;
            };
            let wish = type_name(&format!("{}-answer", operation.id()));
            let numbered = (2..).map(|number: usize| format!("{wish}{number}"));
            let name =
                std::iter::once(wish.clone()).chain(numbered).find(|name| taken.insert(name.clone())).unwrap_or(wish);
            let arms: Result<Vec<Arm>, CodegenError> = answers.by_status.iter().map(arm).collect();
            let arms = arms?;
            let at = |wanted: &dyn Fn(&Arm) -> bool| arms.iter().position(wanted);
            let other = at(&|arm| arm.status == "default").or_else(|| at(&|arm| arm.holds == Holds::Json)).unwrap_or(0);
            let name = Ident::new(&name, Span::call_site());
            found.insert(operation.id().to_owned(), AnswerType { name, operation: operation.key(), arms, other });
        }
        Ok(Self(found))
    }

    /// The enums themselves, for the module of types.
    pub(super) fn types(&self) -> impl Iterator<Item = Item> {
        self.0.values().map(|answer| {
            let variants = answer.arms.iter().map(|arm| {
                let (variant, payload) = (&arm.variant, arm.payload.iter());
                let payload = payload.map(|of| quote! { (#of) });
                let documentation = docs(&format!("The response of status {}.", code(&arm.status)));
                quote! { #(#documentation)* #variant #(#payload)* }
            });
            let documentation =
                docs(&format!("What {} answers with, by the status of the response.", code(&answer.operation)));
            let name = &answer.name;
            parse_quote! {
                #(#documentation)*
                #[derive(Clone, Debug)]
                pub enum #name { #(#variants),* }
            }
        })
    }

    /// The type that a `send` returns, and the last expression of it.
    pub(super) fn tail(&self, id: &str, constant: &Ident) -> Option<(Type, Expr)> {
        let answer = self.0.get(id)?;
        let name = &answer.name;
        let mut exact = Vec::new();
        let mut classes = Vec::new();
        let mut holds = Vec::new();
        let mut decoders = Vec::new();
        for (at, arm) in answer.arms.iter().enumerate() {
            let index = Literal::usize_suffixed(at);
            let variant = &arm.variant;
            match (arm.status.parse::<u16>(), arm.status.chars().next().and_then(|class| class.to_digit(10))) {
                (Ok(status), _) => exact.push(quote! { #status => #index, }),
                (Err(_), Some(class)) => {
                    let (from, to) = (class * 100, class * 100 + 99);
                    let (from, to) = (Literal::u32_unsuffixed(from), Literal::u32_unsuffixed(to));
                    classes.push(quote! { #from..=#to => #index, });
                }
                _ => {}
            }
            let (hold, decode) = match arm.holds {
                Holds::Json => (quote!(Json), quote! { body.json().map(types::#name::#variant) }),
                Holds::Bytes => (quote!(Bytes), quote! { Ok(types::#name::#variant(body.bytes())) }),
                Holds::Nothing => (quote!(Nothing), quote! { Ok(types::#name::#variant) }),
            };
            holds.push(quote! { crate::runtime::Holds::#hold });
            let pattern = if at + 1 == answer.arms.len() { quote!(_) } else { quote!(#index) };
            decoders.push(quote! { #pattern => #decode, });
        }
        let other = Literal::usize_suffixed(answer.other);
        let tail = parse_quote! {
            crate::runtime::dispatch_by_status(
                client,
                &super::operations::#constant,
                request,
                |status| match status { #(#exact)* #(#classes)* _ => #other },
                &[#(#holds),*],
                |arm, body| match arm { #(#decoders)* },
            ).await
        };
        Some((parse_quote! { types::#name }, tail))
    }
}

fn arm((status, payload): &(String, Payload)) -> Result<Arm, CodegenError> {
    let word: String = status.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    let word = if status == "default" { "Default".to_owned() } else { format!("Status{word}") };
    let unknown = |_| shape(format!("a status `{status}` or what it holds"));
    let variant = syn::parse_str(&word).map_err(unknown)?;
    let (payload, holds) = match payload {
        Payload::Json(of) => (Some(syn::parse_str(of).map_err(unknown)?), Holds::Json),
        Payload::Bytes => (Some(parse_quote! { crate::Binary }), Holds::Bytes),
        Payload::Nothing => (None, Holds::Nothing),
    };
    Ok(Arm { status: status.clone(), variant, payload, holds })
}
