//! Operations that share a thing in their paths to handles: `client.service("XX012").dns().list()` is the generated
//! builder with that path value already set. Derived from paths, groups and names of operations alone.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use proc_macro2::{Ident, Span};
use quote::{ToTokens, quote};
use syn::{ImplItem, Item, ReturnType, parse_quote};

use super::{docs, plain};
use crate::document::{Document, Operation};
use crate::names::{CLIENT, snake_case};

/// One thing that operations share: where it stands and what it is called.
type Key<'d> = (&'d str, &'d str);

/// How an operation is reached by a handle: what follows `client`, the value of the thing being told by `{}`.
/// By operation id: setter of the value, and `.service({}).dns().list()`.
pub(super) type Reached = BTreeMap<String, (String, String)>;

/// `pub mod handles`, the methods of the client that lead there, and which operations they reach.
pub(super) fn items(document: &Document, items: &[Item]) -> (Vec<Item>, Reached) {
    let builders = Builders::of(items);
    let mut reached = Reached::new();
    let operations = document.operations();
    let mut things: BTreeMap<Key<'_>, Vec<&Operation<'_>>> = BTreeMap::new();
    for operation in &operations {
        let Some((before, rest)) = operation.path.split_once('{') else { continue };
        let Some((name, _)) = rest.split_once('}') else { continue };
        if builders.takes_text(operation.id(), &snake_case(name)) {
            things.entry((before, name)).or_default().push(operation);
        }
    }
    // What one operation alone has is no thing to hold on to.
    things.retain(|_, operations| operations.len() > 1);
    let taken: BTreeSet<&str> = operations.iter().map(Operation::id).collect();
    let (mut entries, mut module, mut ids) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (name, key) in named(things.keys().copied().collect(), &taken) {
        let Some(operations) = things.get(&key) else { continue };
        let (entry, types) = thing(&name, key, operations, &builders, &mut reached);
        entries.push(entry);
        module.push(types);
        ids.insert(format!("{}Id", pascal(&name)));
        module.push(newtype(&ident(&format!("{}Id", pascal(&name))), key.1));
    }
    // Ids that are no handle of their own, of records and jobs below the things.
    for operation in &operations {
        for parameter in operation.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
            let name = pascal(&snake_case(parameter));
            let fits = name.ends_with("Id") && name.len() > 2 && syn::parse_str::<Ident>(&name).is_ok();
            if fits && builders.takes_text(operation.id(), &snake_case(parameter)) && ids.insert(name.clone()) {
                module.push(newtype(&ident(&name), parameter));
            }
        }
    }
    // The hand-written part names the module, so it is there also where nothing is shared.
    let example = reached.values().find(|(_, path)| path.ends_with("().list()")).or(reached.values().next());
    let example = docs(&example.map_or_else(String::new, |(_, path)| {
        format!(
            "\n```\n# fn example(client: &swpanel::Client) {{\nlet call = client{};\n# drop(call);\n# }}\n```",
            path.replacen("{}", "\"XX012\"", 1)
        )
    }));
    let module: Item = parse_quote! {
        /// Things by their ids: each handle sets its id on the operations that it leads to. Nothing is sent for it.
        #(#example)*
        pub mod handles {
            #[allow(unused_imports)]
            use super::builder;
            #(#module)*
        }
    };
    let entries = (!entries.is_empty()).then(|| parse_quote! { impl Client { #(#entries)* } });
    (entries.into_iter().chain([module]).collect(), reached)
}

/// A name for each thing: its parameter without `_id`, or in full where two would be called the same.
fn named<'d>(keys: Vec<Key<'d>>, taken: &BTreeSet<&str>) -> Vec<(String, Key<'d>)> {
    let short = |name: &str| {
        let name = snake_case(name);
        name.strip_suffix("_id").filter(|short| !short.is_empty()).map_or(name.clone(), str::to_owned)
    };
    let long = |(before, name): Key<'_>| {
        let folder = before.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        format!("{}_{}", snake_case(folder), snake_case(name))
    };
    let mut names: Vec<(String, Key<'d>)> = Vec::new();
    let count = |name: &str, of: &dyn Fn(Key<'d>) -> String| keys.iter().filter(|key| of(**key) == name).count();
    let ways: [&dyn Fn(Key<'d>) -> String; 3] = [&|key| short(key.1), &|key| snake_case(key.1), &long];
    for key in &keys {
        let name = ways.iter().find_map(|way| {
            let name = way(*key);
            let free = !taken.contains(name.as_str()) && !CLIENT.contains(&name.as_str());
            let free = free && !names.iter().any(|(known, _)| *known == name);
            (free && count(&name, way) == 1 && syn::parse_str::<Ident>(&name).is_ok()).then_some(name)
        });
        names.extend(name.map(|name| (name, *key)));
    }
    names
}

fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

fn pascal(name: &str) -> String {
    let word =
        |word: &str| word.chars().take(1).flat_map(char::to_uppercase).chain(word.chars().skip(1)).collect::<String>();
    name.split('_').map(word).collect()
}

/// The client's method and the types of one thing.
fn thing(
    name: &str,
    (before, parameter): Key<'_>,
    operations: &[&Operation<'_>],
    builders: &Builders,
    reached: &mut Reached,
) -> (proc_macro2::TokenStream, proc_macro2::TokenStream) {
    let (own, id) = (pascal(name), format!("{}Id", pascal(name)));
    let place = format!("{before}{{{parameter}}}");
    let mut groups: BTreeMap<String, Vec<&Operation<'_>>> = BTreeMap::new();
    for operation in operations {
        groups.entry(operation.tag().to_owned()).or_default().push(operation);
    }
    // A thing with one group, or the group of the thing itself, needs no word between.
    let itself = operations.iter().find(|operation| operation.path.trim_end_matches('/') == place).map(|one| one.tag());
    let direct = if groups.len() == 1 { groups.keys().next().cloned() } else { itself.map(str::to_owned) };
    let mut direct: Vec<(String, &Operation<'_>)> =
        direct.and_then(|tag| groups.remove(&tag)).map(|group| called(&group, &place)).unwrap_or_default();
    let mut used: BTreeSet<String> = BTreeSet::from([own.clone(), id.clone()]);
    let mut words: BTreeSet<String> = BTreeSet::from(["id".to_owned()]);
    direct.retain(|(method, _)| words.insert(method.clone()));
    let mut reach = |step: &str, called: &[(String, &Operation<'_>)]| {
        for (method, operation) in called {
            let path = format!(".{name}({{}}){step}.{method}()");
            reached.insert(operation.id().to_owned(), (snake_case(parameter), path));
        }
    };
    reach("", &direct);
    let (mut steps, mut types) = (Vec::new(), Vec::new());
    for (tag, group) in groups {
        let word = snake_case(&tag);
        let holder = format!("{own}{}", pascal(&word));
        if syn::parse_str::<Ident>(&word).is_err() || !words.insert(word.clone()) || !used.insert(holder.clone()) {
            continue;
        }
        let (step, holder) = (ident(&word), ident(&holder));
        let documentation = docs(&format!("Operations of the group `{tag}` on it."));
        steps.push(quote! {
            #(#documentation)*
            pub fn #step(&self) -> #holder<'a> {
                #holder { client: self.client, id: self.id.clone() }
            }
        });
        let called = called(&group, &place);
        reach(&format!(".{word}()"), &called);
        let methods = methods(&called, parameter, builders);
        let documentation = docs(&format!("Operations of the group `{tag}` below `{place}`."));
        let id = ident(&id);
        // Not `Clone`: an operation may be called so.
        types.push(quote! {
            #(#documentation)*
            #[derive(Debug)]
            pub struct #holder<'a> { client: &'a crate::Client, id: #id }
            impl<'a> #holder<'a> { #(#methods)* }
        });
    }
    let methods = methods(&direct, parameter, builders);
    let (method, own, id) = (ident(name), ident(&own), ident(&id));
    let of_own = docs(&format!("What can be done with one `{parameter}`: operations below `{place}`."));
    let of_entry = docs(&format!(
        "What can be done with one `{parameter}`, by its id (operations below `{place}`).\n\n```\n\
         # fn example(client: &swpanel::Client) {{\nlet {name} = client.{name}(\"XX012\");\n\
         assert_eq!({name}.id().as_str(), \"XX012\");\n# }}\n```"
    ));
    let entry = quote! {
        #(#of_entry)*
        pub fn #method(&self, id: impl Into<handles::#id>) -> handles::#own<'_> {
            handles::#own { client: self, id: id.into() }
        }
    };
    let module = quote! {
        #(#of_own)*
        #[derive(Debug)]
        pub struct #own<'a> { pub(super) client: &'a crate::Client, pub(super) id: #id }
        impl<'a> #own<'a> {
            /// Its id.
            pub fn id(&self) -> &#id { &self.id }
            #(#methods)*
            #(#steps)*
        }
        #(#types)*
    };
    (entry, module)
}

/// What the operations of a group are called within it: their names without the words that all share, or without
/// those of the group's own collection (`cron_job_start` is `start` beside `cron_job_list`).
fn called<'o, 'd>(group: &[&'o Operation<'d>], place: &str) -> Vec<(String, &'o Operation<'d>)> {
    let ids: Vec<Vec<&str>> = group.iter().map(|operation| operation.id().split('_').collect()).collect();
    let common = shared(&ids.iter().collect::<Vec<_>>());
    // The path without the values at its end: that of a collection is its own and its items'.
    let shape = |operation: &Operation<'_>| {
        let rest = operation.path.strip_prefix(place).unwrap_or_default();
        let parts: Vec<&str> = rest.split('/').filter(|part| !part.is_empty() && !part.starts_with('{')).collect();
        parts.join("/")
    };
    let shapes: Vec<String> = group.iter().map(|operation| shape(operation)).collect();
    let root = shapes.iter().min_by_key(|shape| shape.len());
    // Only what several stand at is a collection; what stands at the place itself is the thing.
    let at_root: Vec<&Vec<&str>> =
        ids.iter().zip(&shapes).filter(|(_, shape)| Some(*shape) == root).map(|(words, _)| words).collect();
    let is_collection = at_root.len() > 1 || root.is_some_and(String::is_empty);
    let noun = if is_collection { shared(&at_root) } else { common };
    let noun = at_root.first().and_then(|words| words.get(..noun)).unwrap_or_default();
    let full = |words: &[&str]| words.get(common..).unwrap_or_default().join("_");
    let short = |words: &[&str]| words.strip_prefix(noun).filter(|rest| !rest.is_empty()).map(|rest| rest.join("_"));
    let wanted: Vec<String> = ids.iter().map(|words| short(words).unwrap_or_else(|| full(words))).collect();
    let mut taken = BTreeSet::new();
    let mut out = Vec::new();
    for (operation, (words, name)) in group.iter().copied().zip(ids.iter().zip(&wanted)) {
        let once = wanted.iter().filter(|other| *other == name).count() == 1;
        // Its id is no other's.
        let names = [once.then(|| name.clone()), Some(full(words)), Some(operation.id().to_owned())];
        let fits = |name: &String| syn::parse_str::<Ident>(name).is_ok() && !taken.contains(name);
        if let Some(name) = names.into_iter().flatten().find(fits) {
            taken.insert(name.clone());
            out.push((name, operation));
        }
    }
    out
}

/// How many words all of them begin with, so that each keeps one.
fn shared(ids: &[&Vec<&str>]) -> usize {
    let shortest = ids.iter().map(|words| words.len()).min().unwrap_or(1);
    let first = ids.first();
    (0..shortest.saturating_sub(1))
        .take_while(|at| ids.iter().all(|words| words.get(*at) == first.and_then(|first| first.get(*at))))
        .count()
}

/// An id as a type of its own, so that one is not given for another.
fn newtype(id: &Ident, parameter: &str) -> proc_macro2::TokenStream {
    let of_id = docs(&format!("The id of one `{parameter}`, as text: the API promises no more of it."));
    quote! {
        #(#of_id)*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct #id(::std::string::String);
        impl #id {
            /// The id as text.
            pub fn as_str(&self) -> &str { &self.0 }
        }
        impl ::std::convert::From<&str> for #id { fn from(id: &str) -> Self { Self(id.to_owned()) } }
        impl ::std::convert::From<::std::string::String> for #id { fn from(id: ::std::string::String) -> Self { Self(id) } }
        impl ::std::convert::From<&#id> for #id { fn from(id: &#id) -> Self { id.clone() } }
        impl ::std::convert::From<#id> for ::std::string::String { fn from(id: #id) -> Self { id.0 } }
        impl ::std::convert::From<&#id> for ::std::string::String { fn from(id: &#id) -> Self { id.0.clone() } }
        impl ::std::fmt::Display for #id {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result { f.write_str(&self.0) }
        }
    }
}

fn methods(called: &[(String, &Operation<'_>)], parameter: &str, builders: &Builders) -> Vec<proc_macro2::TokenStream> {
    let setter = snake_case(parameter);
    let method = |(name, operation): &(String, &Operation<'_>)| {
        let (name, call, setter) = (ident(name), ident(operation.id()), ident(&setter));
        let builder = ident(builders.of.get(operation.id())?);
        let summary = plain(operation.summary().trim());
        let summary = if summary.is_empty() { String::new() } else { format!("{summary}\n\n") };
        let documentation = docs(&format!(
            "{summary}[`{id}`](crate::Client::{id}) with its `{parameter}` set: `{key}`.",
            id = operation.id(),
            key = operation.key()
        ));
        Some(quote! {
            #(#documentation)*
            pub fn #name(&self) -> builder::#builder<'a> {
                self.client.#call().#setter(self.id.as_str())
            }
        })
    };
    called.iter().filter_map(method).collect()
}

/// The builders that were generated: by operation, and what each can be given as text.
struct Builders {
    of: HashMap<String, String>,
    setters: HashMap<String, BTreeSet<String>>,
}

impl Builders {
    fn of(items: &[Item]) -> Self {
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

    fn takes_text(&self, operation: &str, setter: &str) -> bool {
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
