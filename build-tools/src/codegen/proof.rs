//! Proves of the generated module what the compiler would say first: every name is defined once, every type that is named
//! exists, and no type contains itself.
//!
//! The generator promises none of the three. Each fault is reported with the types and operations that it concerns, so that these
//! operations can be handed off before anything is written.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::Visit;
use syn::{Fields, File, GenericParam, Generics, ImplItem, Item, ItemMod, Type};

/// One thing that the compiler would not take.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fault {
    /// What is wrong, in one sentence.
    pub(super) message: String,
    /// The item that is wrong: a type, or the builder of an operation.
    pub(super) item: String,
}

/// All faults of a module.
pub(super) fn faults(file: &File) -> Vec<Fault> {
    let mut faults = BTreeSet::new();
    let root = Scope::of(&file.items, "the module", &mut faults);
    let mut paths =
        Paths { root: &root, modules: Vec::new(), generics: Vec::new(), item: String::new(), faults: &mut faults };
    paths.items(&file.items);
    methods(file, &mut faults);
    containment(file, &mut faults);
    faults.into_iter().collect()
}

fn fault(faults: &mut BTreeSet<Fault>, item: &str, message: String) {
    faults.insert(Fault { message, item: item.to_owned() });
}

/// The names of one module.
#[derive(Default)]
struct Scope {
    types: BTreeSet<String>,
    imported: BTreeSet<String>,
    modules: BTreeMap<String, Scope>,
}

impl Scope {
    fn of(items: &[Item], name: &str, faults: &mut BTreeSet<Fault>) -> Self {
        let mut scope = Self::default();
        let mut values = BTreeSet::new();
        for item in items {
            let (ident, is_type, is_value) = match item {
                Item::Struct(item) => (&item.ident, true, !matches!(item.fields, Fields::Named(_))),
                Item::Enum(item) => (&item.ident, true, false),
                Item::Type(item) => (&item.ident, true, false),
                Item::Trait(item) => (&item.ident, true, false),
                Item::Union(item) => (&item.ident, true, false),
                Item::Mod(item) => {
                    let inner =
                        item.content.as_ref().map(|(_, items)| Self::of(items, &item.ident.to_string(), faults));
                    scope.modules.insert(item.ident.to_string(), inner.unwrap_or_default());
                    (&item.ident, true, false)
                }
                Item::Fn(item) => (&item.sig.ident, false, true),
                Item::Const(item) if item.ident != "_" => (&item.ident, false, true),
                Item::Static(item) => (&item.ident, false, true),
                Item::Use(item) => {
                    imported(&item.tree, &mut scope.imported);
                    continue;
                }
                _ => continue,
            };
            let ident = ident.to_string();
            members(item, &ident, faults);
            let twice = (is_type && !scope.types.insert(ident.clone())) | (is_value && !values.insert(ident.clone()));
            if twice {
                fault(faults, &ident, format!("`{ident}` would be defined twice in `{name}`"));
            }
        }
        scope
    }
}

fn imported(tree: &syn::UseTree, names: &mut BTreeSet<String>) {
    let mut open = vec![tree];
    while let Some(tree) = open.pop() {
        match tree {
            syn::UseTree::Path(path) => open.push(&path.tree),
            syn::UseTree::Group(group) => open.extend(&group.items),
            syn::UseTree::Name(name) => drop(names.insert(name.ident.to_string())),
            syn::UseTree::Rename(rename) => drop(names.insert(rename.rename.to_string())),
            syn::UseTree::Glob(_) => {}
        }
    }
}

/// Fields and variants have names of their own.
fn members(item: &Item, name: &str, faults: &mut BTreeSet<Fault>) {
    let mut check = |what: &str, names: Vec<String>| {
        let mut seen = BTreeSet::new();
        for one in names {
            if !seen.insert(one.clone()) {
                fault(faults, name, format!("the {what} `{one}` of `{name}` would be defined twice"));
            }
        }
    };
    let fields =
        |fields: &Fields| fields.iter().filter_map(|field| field.ident.as_ref().map(ToString::to_string)).collect();
    match item {
        Item::Struct(item) => check("field", fields(&item.fields)),
        Item::Enum(item) => {
            check("variant", item.variants.iter().map(|variant| variant.ident.to_string()).collect());
            item.variants.iter().for_each(|variant| check("field", fields(&variant.fields)));
        }
        _ => {}
    }
}

/// Inherent methods of one type have names of their own, and so have the arguments of each.
fn methods(file: &File, faults: &mut BTreeSet<Fault>) {
    let mut open = vec![&file.items];
    while let Some(items) = open.pop() {
        let mut seen = BTreeSet::new();
        for item in items {
            let item = match item {
                Item::Mod(ItemMod { content: Some((_, items)), .. }) => {
                    open.push(items);
                    continue;
                }
                Item::Impl(item) => item,
                _ => continue,
            };
            let owner = type_text(&item.self_ty);
            for function in item.items.iter().filter_map(|item| match item {
                ImplItem::Fn(function) => Some(function),
                _ => None,
            }) {
                let name = function.sig.ident.to_string();
                let mut arguments = BTreeSet::new();
                for argument in &function.sig.inputs {
                    if let syn::FnArg::Typed(argument) = argument
                        && let syn::Pat::Ident(pattern) = argument.pat.as_ref()
                        && !arguments.insert(pattern.ident.to_string())
                    {
                        fault(faults, &owner, format!("`{name}` would have two arguments `{}`", pattern.ident));
                    }
                }
                if item.trait_.is_none() && !seen.insert((owner.clone(), name.clone())) {
                    fault(faults, &owner, format!("`{owner}` would have two methods `{name}`"));
                }
            }
        }
    }
}

/// The last name of a type without its arguments.
fn type_text(of: &Type) -> String {
    match of {
        Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default(),
        _ => String::new(),
    }
}

/// Names that every module has.
const PRELUDE: [&str; 44] = [
    "Self",
    "Option",
    "Result",
    "Vec",
    "String",
    "Box",
    "From",
    "Into",
    "TryFrom",
    "TryInto",
    "Default",
    "Clone",
    "Copy",
    "Drop",
    "Iterator",
    "IntoIterator",
    "Fn",
    "FnOnce",
    "FnMut",
    "ToString",
    "ToOwned",
    "Send",
    "Sync",
    "Sized",
    "AsRef",
    "PartialEq",
    "Eq",
    "PartialOrd",
    "Ord",
    "bool",
    "char",
    "str",
    "i8",
    "i16",
    "i32",
    "i64",
    "u8",
    "u16",
    "u32",
    "u64",
    "usize",
    "isize",
    "f32",
    "f64",
];

/// Looks every type that is named up in the module.
struct Paths<'a> {
    root: &'a Scope,
    modules: Vec<String>,
    generics: Vec<BTreeSet<String>>,
    item: String,
    faults: &'a mut BTreeSet<Fault>,
}

impl<'a> Paths<'a> {
    fn items(&mut self, items: &[Item]) {
        for item in items {
            let (name, generics) = match item {
                Item::Struct(item) => (item.ident.to_string(), Some(&item.generics)),
                Item::Enum(item) => (item.ident.to_string(), Some(&item.generics)),
                Item::Type(item) => (item.ident.to_string(), Some(&item.generics)),
                Item::Impl(item) => (type_text(&item.self_ty), Some(&item.generics)),
                Item::Mod(ItemMod { ident, content: Some((_, items)), .. }) => {
                    self.modules.push(ident.to_string());
                    self.items(items);
                    self.modules.pop();
                    continue;
                }
                _ => (String::new(), None),
            };
            self.item = name;
            self.generics.push(generics.map(parameters).unwrap_or_default());
            self.visit_item(item);
            self.generics.pop();
        }
    }

    fn scope(&self, modules: &[String]) -> Option<&'a Scope> {
        modules.iter().try_fold(self.root, |scope, name| scope.modules.get(name))
    }

    /// Whether a path leads to a type, as far as this module can tell.
    fn leads_somewhere(&self, path: &syn::Path) -> bool {
        let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let Some(first) = names.first().filter(|_| path.leading_colon.is_none()) else { return true };
        let mut at = self.modules.clone();
        let mut rest = names.as_slice();
        match first.as_str() {
            "crate" => {
                // Of what the crate has, only this module's own parts are known here.
                if !names.get(1).is_some_and(|name| self.root.modules.contains_key(name)) || names.len() < 3 {
                    return true;
                }
                at.clear();
                rest = rest.get(1..).unwrap_or_default();
            }
            "self" => rest = rest.get(1..).unwrap_or_default(),
            "super" => {
                while rest.first().is_some_and(|name| name == "super") {
                    if at.pop().is_none() {
                        return true;
                    }
                    rest = rest.get(1..).unwrap_or_default();
                }
            }
            _ => {
                let generic = self.generics.iter().any(|names| names.contains(first));
                let Some(scope) = self.scope(&at) else { return true };
                if generic || (names.len() == 1 && PRELUDE.contains(&first.as_str())) || first == "Self" {
                    return true;
                }
                if scope.imported.contains(first) {
                    // What `use super::types` brings is a module of ours.
                    if names.len() == 1 || !self.root.modules.contains_key(first) {
                        return true;
                    }
                    at.clear();
                } else if names.len() > 1 && !scope.modules.contains_key(first) {
                    // A crate, or an enum and its variant.
                    return true;
                }
            }
        }
        let Some((last, modules)) = rest.split_last() else { return true };
        at.extend(modules.iter().cloned());
        self.scope(&at).is_none_or(|scope| scope.types.contains(last) || scope.imported.contains(last))
    }
}

impl<'ast> Visit<'ast> for Paths<'_> {
    fn visit_type_path(&mut self, node: &'ast syn::TypePath) {
        if node.qself.is_none() && !self.leads_somewhere(&node.path) {
            let segments: Vec<String> = node.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            let (name, item) = (segments.join("::"), self.item.clone());
            fault(self.faults, &item, format!("`{item}` would name the type `{name}`, which does not exist"));
        }
        syn::visit::visit_type_path(self, node);
    }

    fn visit_impl_item_fn(&mut self, node: &'ast syn::ImplItemFn) {
        self.generics.push(parameters(&node.sig.generics));
        syn::visit::visit_impl_item_fn(self, node);
        self.generics.pop();
    }

    fn visit_item_mod(&mut self, _: &'ast ItemMod) {}

    // Items within functions have names of their own, which nothing else refers to.
    fn visit_item_fn(&mut self, _: &'ast syn::ItemFn) {}
}

fn parameters(generics: &Generics) -> BTreeSet<String> {
    let named = generics.params.iter().filter_map(|parameter| match parameter {
        GenericParam::Type(parameter) => Some(parameter.ident.to_string()),
        GenericParam::Const(parameter) => Some(parameter.ident.to_string()),
        GenericParam::Lifetime(_) => None,
    });
    named.collect()
}

/// No type holds a value of itself, unless behind a pointer.
fn containment(file: &File, faults: &mut BTreeSet<Fault>) {
    let held = held(file, true);
    // A type from which every way has been followed to its end is not followed again.
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for start in held.keys() {
        if done.contains(start.as_str()) {
            continue;
        }
        let mut way: Vec<(&str, Vec<&String>)> = vec![(start, held.get(start).into_iter().flatten().collect())];
        while let Some((name, open)) = way.last_mut() {
            let Some(next) = open.pop() else {
                done.insert(name);
                way.pop();
                continue;
            };
            if way.iter().any(|(name, _)| *name == next) {
                fault(faults, next, format!("`{next}` would contain itself without end"));
            } else if !done.contains(next.as_str())
                && let Some(more) = held.get(next)
            {
                way.push((next, more.iter().collect()));
            }
        }
    }
}

/// The types of `types` that each of them names; with `by_value`, only those that it holds without a pointer between.
fn held(file: &File, by_value: bool) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let types = file.items.iter().filter_map(|item| match item {
        Item::Mod(item) if item.ident == "types" => item.content.as_ref(),
        _ => None,
    });
    for item in types.flat_map(|(_, items)| items) {
        let (name, fields): (_, Vec<&Type>) = match item {
            Item::Struct(item) => (item.ident.to_string(), item.fields.iter().map(|field| &field.ty).collect()),
            Item::Enum(item) => (
                item.ident.to_string(),
                item.variants.iter().flat_map(|variant| &variant.fields).map(|field| &field.ty).collect(),
            ),
            _ => continue,
        };
        let held = found.entry(name).or_default();
        fields.into_iter().for_each(|of| names_in(of, by_value, held));
    }
    found
}

/// The names of the types in a type.
fn names_in(of: &Type, by_value: bool, names: &mut BTreeSet<String>) {
    let mut open = vec![of];
    while let Some(of) = open.pop() {
        match of {
            Type::Path(path) => {
                let Some(last) = path.path.segments.last() else { continue };
                names.insert(last.ident.to_string());
                let pointer =
                    ["Box", "Vec", "HashMap", "BTreeMap", "Map", "OneOrMany"].iter().any(|name| last.ident == name);
                if by_value && pointer {
                    continue;
                }
                if let syn::PathArguments::AngleBracketed(arguments) = &last.arguments {
                    open.extend(arguments.args.iter().filter_map(|argument| match argument {
                        syn::GenericArgument::Type(of) => Some(of),
                        _ => None,
                    }));
                }
            }
            Type::Tuple(tuple) => open.extend(&tuple.elems),
            Type::Array(array) => open.push(&array.elem),
            Type::Reference(reference) => open.push(&reference.elem),
            _ => {}
        }
    }
}

/// The builders from which a faulty item is reached, each with the first of its faults.
pub(super) fn concerned(file: &File, faults: &[Fault]) -> BTreeMap<String, String> {
    let by_item: BTreeMap<&str, &str> =
        faults.iter().rev().map(|fault| (fault.item.as_str(), fault.message.as_str())).collect();
    let held = held(file, false);
    let mut concerned = BTreeMap::new();
    let builders = file.items.iter().filter_map(|item| match item {
        Item::Mod(item) if item.ident == "builder" => item.content.as_ref(),
        _ => None,
    });
    let mut reached: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for item in builders.flat_map(|(_, items)| items) {
        match item {
            Item::Struct(item) => {
                let names = reached.entry(item.ident.to_string()).or_default();
                item.fields.iter().for_each(|field| names_in(&field.ty, false, names));
            }
            Item::Impl(item) => {
                let names = reached.entry(type_text(&item.self_ty)).or_default();
                for function in &item.items {
                    let ImplItem::Fn(function) = function else { continue };
                    if let syn::ReturnType::Type(_, of) = &function.sig.output {
                        names_in(of, false, names);
                    }
                }
            }
            _ => {}
        }
    }
    for (builder, names) in reached {
        let mut seen = BTreeSet::from([builder.clone()]);
        let mut open: Vec<&String> = names.iter().collect();
        let mut first = by_item.get(builder.as_str());
        while let (Some(name), None) = (open.pop(), first) {
            if seen.insert(name.clone()) {
                first = by_item.get(name.as_str());
                open.extend(held.get(name).into_iter().flatten());
            }
        }
        if let Some(message) = first {
            concerned.insert(builder, (*message).to_owned());
        }
    }
    concerned
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reported(text: &str) -> Vec<String> {
        faults(&syn::parse_str::<File>(text).unwrap()).into_iter().map(|fault| fault.message).collect()
    }

    #[test]
    fn a_name_that_is_defined_twice_or_nowhere_is_a_fault() {
        assert_eq!(reported("mod types { struct A; struct A { a: u8 } }"), ["`A` would be defined twice in `types`"]);
        assert_eq!(
            reported("mod types { struct A { a: u8, a: u8 } }"),
            ["the field `a` of `A` would be defined twice"]
        );
        assert_eq!(reported("mod types { enum A { B, B } }"), ["the variant `B` of `A` would be defined twice"]);
        let nowhere = "mod types { struct A { b: ::std::vec::Vec<B>, c: crate::OneOrMany<crate::types::resource> } struct Resource {} }";
        assert_eq!(
            reported(nowhere),
            [
                "`A` would name the type `B`, which does not exist",
                "`A` would name the type `crate::types::resource`, which does not exist"
            ]
        );
        let sound = "use crate::Client; mod builder { use super::types; struct X<'a> { c: &'a super::Client, b: Result<types::A, String> } \
            impl<'a> X<'a> { fn b<V>(self, value: V) -> Self where V: std::convert::TryInto<types::A> { self } } } \
            mod types { struct A<T> { t: Option<T>, e: self::error::E, j: crate::Json } mod error { struct E; } }";
        assert_eq!(reported(sound), [""; 0]);
        let twice = "struct Client; impl Client { fn a(&self) {} } impl Client { fn a(&self, b: u8, b: u8) {} }";
        assert_eq!(reported(twice), ["`Client` would have two methods `a`", "`a` would have two arguments `b`"]);
    }

    #[test]
    fn a_type_that_contains_itself_is_a_fault() {
        let endless = "mod types { struct A { b: Option<B> } enum B { One(A), Two } struct C { c: Vec<C>, b: Box<C>, a: Option<D> } struct D(u8); }";
        assert_eq!(reported(endless), ["`A` would contain itself without end"]);
        assert_eq!(reported("mod types { struct Z(pub Option<Z>); }"), ["`Z` would contain itself without end"]);
    }

    #[test]
    fn operations_are_told_from_the_types_that_they_reach() {
        let text = "mod builder { struct One { b: Result<types::builder::A, String> } struct Two; struct Three; \
            impl Two { async fn send(self) -> Result<crate::Response<types::C>, crate::Error> { loop {} } } } \
            mod types { struct A { b: Vec<B> } struct B { c: Missing } struct C {} }";
        let file = syn::parse_str::<File>(text).unwrap();
        let faults = faults(&file);
        let concerned = concerned(&file, &faults);
        assert!(concerned.contains_key("One") && !concerned.contains_key("Three"), "{faults:?} {concerned:?}");
        assert!(concerned["One"].contains("`Missing`"), "{concerned:?}");
    }
}
