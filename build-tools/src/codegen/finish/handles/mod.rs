//! Operations that share a thing in their paths to handles: `client.service("XX012").dns().list()` is the generated
//! builder with that path value already set.
//!
//! `builders` says what was generated, `words` what everything is named; here it becomes code.

mod builders;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, Span};
use quote::quote;
use syn::{Item, parse_quote};

use self::builders::Builders;
use self::words::{Thing, things, types};
use super::docs;
use crate::document::{Document, Operation};
use crate::names::snake_case;
use crate::safe_text::doc_comment::doc_comment;
use crate::safe_text::markdown::code;

/// How an operation is reached by a handle: what follows `client`, the value of the thing being told by `{}`.
/// By operation id: setter of the value, and `.service({}).dns().list()`.
pub(in crate::codegen) type Reached = BTreeMap<String, (String, String)>;

/// `pub mod handles`, the methods of the client that lead there, and which operations they reach.
pub(super) fn items(document: &Document, items: &[Item]) -> (Vec<Item>, Reached) {
    let builders = Builders::of(items);
    let mut reached = Reached::new();
    let operations = document.operations();
    let takes_text = |operation: &Operation<'_>, setter: &str| builders.takes_text(operation.id(), setter);
    let (mut entries, mut module) = (Vec::new(), Vec::new());
    let things = things(&operations, &takes_text);
    let mut taken: BTreeSet<String> = things.iter().flat_map(|one| types(&one.name)).collect();
    for one in &things {
        let (entry, own) = thing(one, &builders, &mut taken, &mut reached);
        entries.push(entry);
        module.push(own);
        module.push(newtype(&ident(&format!("{}Id", pascal(&one.name))), one.parameter));
    }
    // Ids that are no handle of their own, of records and jobs below the things.
    for operation in &operations {
        for parameter in operation.known_path().split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        {
            let name = pascal(&snake_case(parameter));
            let fits = name.ends_with("Id") && name.len() > 2 && syn::parse_str::<Ident>(&name).is_ok();
            if fits && builders.takes_text(operation.id(), &snake_case(parameter)) && taken.insert(name.clone()) {
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
    one: &Thing<'_, '_>,
    builders: &Builders,
    taken: &mut BTreeSet<String>,
    reached: &mut Reached,
) -> (proc_macro2::TokenStream, proc_macro2::TokenStream) {
    let (name, parameter) = (&one.name, one.parameter);
    let (shown, below) = (code(parameter), code(&one.place));
    let own_name = pascal(name);
    let mut reach = |step: &str, calls: &[(String, &Operation<'_>)]| {
        for (method, operation) in calls {
            let path = format!(".{name}({{}}){step}.{method}()");
            reached.insert(operation.id().to_owned(), (snake_case(parameter), path));
        }
    };
    reach("", &one.direct);
    let id = ident(&format!("{own_name}Id"));
    let (mut steps, mut types) = (Vec::new(), Vec::new());
    for step in &one.steps {
        let mut holder = format!("{own_name}{}", pascal(&step.word));
        while !taken.insert(holder.clone()) {
            holder.push_str("Step");
        }
        let (word, holder) = (ident(&step.word), ident(&holder));
        let plural = if step.groups.contains(", ") { "groups" } else { "group" };
        let documentation = docs(&format!("Operations of the {plural} {} on it.", step.groups));
        steps.push(quote! {
            #(#documentation)*
            pub fn #word(&self) -> #holder<'a> {
                #holder { client: self.client, id: self.id.clone() }
            }
        });
        reach(&format!(".{}()", step.word), &step.calls);
        let methods = methods(&step.calls, parameter, builders);
        let documentation = docs(&format!("Operations of the {plural} {} below {below}.", step.groups));
        // Not `Clone`: an operation may be called so.
        types.push(quote! {
            #(#documentation)*
            #[derive(Debug)]
            pub struct #holder<'a> { client: &'a crate::Client, id: #id }
            impl<'a> #holder<'a> { #(#methods)* }
        });
    }
    let methods = methods(&one.direct, parameter, builders);
    let (method, own) = (ident(name), ident(&own_name));
    let of_own = docs(&format!("What can be done with one {shown}: operations below {below}."));
    let of_entry = docs(&format!(
        "What can be done with one {shown}, by its id (operations below {below}).\n\n```\n\
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

/// An id as a type of its own, so that one is not given for another.
fn newtype(id: &Ident, parameter: &str) -> proc_macro2::TokenStream {
    let of_id = docs(&format!("The id of one {}, as text: the API promises no more of it.", code(parameter)));
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
        let summary = doc_comment(operation.summary().trim());
        let summary = if summary.is_empty() { String::new() } else { format!("{summary}\n\n") };
        let documentation = docs(&format!(
            "{summary}[`{id}`](crate::Client::{id}) with its {} set: {}.",
            code(parameter),
            code(&operation.key()),
            id = operation.id()
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
