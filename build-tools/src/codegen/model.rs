//! The generated module seen as types and builders: what a caller has to write.

use std::collections::BTreeMap;

use quote::quote;
use syn::{Expr, Fields, File, ImplItem, Item, Type};

use crate::document::Document;

/// A type of the generated module, as far as writing a value of it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RustType {
    /// `String`.
    Text,
    /// `bool`.
    Bool,
    /// An integer.
    Integer,
    /// A floating-point number.
    Float,
    /// `swpanel::Json`.
    Json,
    /// `swpanel::Secret`.
    Secret,
    /// `swpanel::SecretJson`.
    SecretJson,
    /// `swpanel::NumberOrText`.
    NumberOrText,
    /// `swpanel::True` or `swpanel::False`.
    Constant(bool),
    /// `swpanel::Members`.
    Members,
    /// `Option<T>`.
    Optional(Box<RustType>),
    /// `Vec<T>`.
    List(Box<RustType>),
    /// A map from text.
    Map(Box<RustType>),
    /// A type of the `types` module, by name.
    Named(String),
    /// Anything else; no value of it is written.
    Other(String),
}

/// A struct of the `types` module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Struct {
    /// Rust name, JSON name, type.
    pub fields: Vec<(String, String, RustType)>,
}

/// An enum of the `types` module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Enum {
    /// Variants without content: Rust name and JSON text.
    pub units: Vec<(String, String)>,
    /// Variants that hold one value: Rust name and type.
    pub holding: Vec<(String, RustType)>,
}

/// Setters of an operation's builder, by Rust name, and whether its body has a type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Builder {
    /// Setter name to type.
    pub setters: BTreeMap<String, RustType>,
}

/// All of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Model {
    /// Structs by name.
    pub structs: BTreeMap<String, Struct>,
    /// Enums by name.
    pub enums: BTreeMap<String, Enum>,
    /// Tuple structs with one field, by name.
    pub newtypes: BTreeMap<String, RustType>,
    /// Operation builders by operation id.
    pub builders: BTreeMap<String, Builder>,
    /// How operations are reached by handles, by operation id: the setter that the handle spares, and the calls
    /// after `client` with `{}` for the value, as in `.service({}).dns().list()`.
    pub handles: BTreeMap<String, (String, String)>,
}

impl Model {
    /// What the operations are reached by with handles, as `service.dns.list`, by `METHOD /path`.
    pub fn handle_words(&self, document: &Document) -> BTreeMap<String, String> {
        let words = |path: &str| path.trim_start_matches('.').replace("({})", "").replace("()", "");
        let operations = document.operations();
        let reached = operations.iter().filter_map(|operation| {
            let (_, path) = self.handles.get(operation.id())?;
            Some((operation.key(), words(path)))
        });
        reached.collect()
    }

    /// Reads the finished module.
    pub(super) fn read(file: &File) -> Self {
        let mut model = Self::default();
        let mut methods = BTreeMap::new();
        for item in &file.items {
            match item {
                Item::Impl(item) => {
                    for item in &item.items {
                        let ImplItem::Fn(function) = item else { continue };
                        let output = &function.sig.output;
                        let text = compact(&quote!(#output).to_string());
                        if let Some(name) = text.strip_prefix("->builder::") {
                            let name = name.split('<').next().unwrap_or_default().to_owned();
                            methods.insert(name, function.sig.ident.to_string());
                        }
                    }
                }
                Item::Mod(module) if module.ident == "types" => model.types(module),
                _ => {}
            }
        }
        for item in &file.items {
            if let Item::Mod(module) = item
                && module.ident == "builder"
            {
                model.builders(module, &methods);
            }
        }
        model
    }

    fn types(&mut self, module: &syn::ItemMod) {
        for item in module.content.iter().flat_map(|(_, items)| items) {
            match item {
                Item::Struct(item) => match &item.fields {
                    Fields::Named(fields) => {
                        let fields = fields.named.iter().filter_map(|field| {
                            let rust = field.ident.as_ref()?.to_string();
                            let json =
                                renamed(&field.attrs).unwrap_or_else(|| rust.trim_start_matches("r#").to_owned());
                            Some((rust, json, rust_type(&field.ty)))
                        });
                        let fields = fields.collect();
                        self.structs.insert(item.ident.to_string(), Struct { fields });
                    }
                    Fields::Unnamed(fields) => {
                        if let Some(field) = fields.unnamed.first() {
                            self.newtypes.insert(item.ident.to_string(), rust_type(&field.ty));
                        }
                    }
                    Fields::Unit => {}
                },
                Item::Enum(item) => {
                    let mut found = Enum::default();
                    for variant in &item.variants {
                        let rust = variant.ident.to_string();
                        match &variant.fields {
                            Fields::Unit => {
                                let json = renamed(&variant.attrs).unwrap_or_else(|| rust.clone());
                                found.units.push((rust, json));
                            }
                            Fields::Unnamed(fields) => {
                                if let Some(field) = fields.unnamed.first() {
                                    found.holding.push((rust, rust_type(&field.ty)));
                                }
                            }
                            Fields::Named(_) => {}
                        }
                    }
                    self.enums.insert(item.ident.to_string(), found);
                }
                _ => {}
            }
        }
    }

    fn builders(&mut self, module: &syn::ItemMod, methods: &BTreeMap<String, String>) {
        for item in module.content.iter().flat_map(|(_, items)| items) {
            let Item::Struct(item) = item else { continue };
            let Some(id) = methods.get(&item.ident.to_string()) else { continue };
            let mut builder = Builder::default();
            for field in &item.fields {
                let of = &field.ty;
                let text = compact(&quote!(#of).to_string());
                let Some(name) = field.ident.as_ref().map(ToString::to_string) else { continue };
                let Some(inner) = text.strip_prefix("Result<").and_then(|text| text.strip_suffix(",String>")) else {
                    continue;
                };
                let inner = inner
                    .strip_prefix("types::builder::")
                    .map_or_else(|| inner.to_owned(), |name| format!("types::{name}"));
                let of = syn::parse_str::<Type>(&inner).map_or(RustType::Other(inner), |of| rust_type(&of));
                let of = match of {
                    RustType::Optional(of) => *of,
                    of => of,
                };
                builder.setters.insert(name, of);
            }
            self.builders.insert(id.clone(), builder);
        }
    }
}

fn compact(text: &str) -> String {
    text.replace(' ', "").replace(",>", ">")
}

/// The value of `rename = "..."` in a serde attribute.
fn renamed(attributes: &[syn::Attribute]) -> Option<String> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("serde")).find_map(|attribute| {
        let mut found = None;
        let _ = attribute.parse_nested_meta(|meta| {
            if let Ok(value) = meta.value() {
                let value: Expr = value.parse()?;
                if let (true, Expr::Lit(literal)) = (meta.path.is_ident("rename"), value)
                    && let syn::Lit::Str(text) = literal.lit
                {
                    found = Some(text.value());
                }
            }
            Ok(())
        });
        found
    })
}

fn rust_type(of: &Type) -> RustType {
    let text = compact(&quote!(#of).to_string());
    let Type::Path(path) = of else { return RustType::Other(text) };
    let Some(last) = path.path.segments.last() else { return RustType::Other(text) };
    let argument = |index: usize| match &last.arguments {
        syn::PathArguments::AngleBracketed(arguments) => match arguments.args.iter().nth(index) {
            Some(syn::GenericArgument::Type(of)) => Some(Box::new(rust_type(of))),
            _ => None,
        },
        _ => None,
    };
    let name = last.ident.to_string();
    let first = path.path.segments.first().map(|segment| segment.ident.to_string());
    match name.as_str() {
        "String" => RustType::Text,
        "bool" => RustType::Bool,
        "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" => RustType::Integer,
        "f32" | "f64" => RustType::Float,
        "Value" => RustType::Json,
        "Json" if first.as_deref() == Some("crate") => RustType::Json,
        "Option" => argument(0).map_or(RustType::Other(text), RustType::Optional),
        "Vec" => argument(0).map_or(RustType::Other(text), RustType::List),
        "HashMap" | "BTreeMap" => argument(1).map_or(RustType::Other(text), RustType::Map),
        "Secret" if first.as_deref() == Some("crate") => RustType::Secret,
        "SecretJson" if first.as_deref() == Some("crate") => RustType::SecretJson,
        "NumberOrText" if first.as_deref() == Some("crate") => RustType::NumberOrText,
        "True" if first.as_deref() == Some("crate") => RustType::Constant(true),
        "False" if first.as_deref() == Some("crate") => RustType::Constant(false),
        "Members" if first.as_deref() == Some("crate") => RustType::Members,
        "Map" => RustType::Members,
        _ if matches!(last.arguments, syn::PathArguments::None)
            && (path.path.segments.len() <= 2 || text == format!("crate::types::{name}")) =>
        {
            RustType::Named(name)
        }
        _ => RustType::Other(text),
    }
}
