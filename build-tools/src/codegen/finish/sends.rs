//! The `builder` module: the tail of each `send` becomes one call of the runtime's dispatch function.

use std::collections::BTreeMap;

use proc_macro2::TokenTree;
use quote::quote;
use syn::visit_mut::VisitMut;
use syn::{Expr, Ident, ImplItem, ImplItemFn, Item, ItemMod, ReturnType, Stmt, Type, parse_quote};

use super::answers::AnswerTypes;
use super::{content, shape};
use crate::codegen::CodegenError;
use crate::codegen::prepare::GeneratorView;
use crate::codegen::prepare::wire::{Spelling, Wired};
use crate::document::{Document, ParameterPlace};
use crate::names::setter_name;

/// What is known of the operations besides their generated code.
pub(super) struct Known<'a> {
    pub(super) view: &'a GeneratorView,
    pub(super) answers: &'a AnswerTypes,
}

/// Rewrites every builder.
pub(super) fn finish(
    mut module: ItemMod,
    document: &Document,
    wanted: usize,
    known: &Known<'_>,
) -> Result<ItemMod, CodegenError> {
    let ids: BTreeMap<String, String> = document
        .operations()
        .iter()
        .map(|operation| (operation.id().to_owned(), operation.id().to_uppercase()))
        .collect();
    let mut sends = 0;
    let items = content(&mut module)?;
    items.retain(|item| !matches!(item, Item::Use(_)));
    for item in items.iter_mut() {
        let Item::Impl(item) = item else { continue };
        let mut waiting = None;
        for item in &mut item.items {
            if let ImplItem::Fn(function) = item
                && function.sig.ident == "send"
            {
                send(function, &ids, known)?;
                waiting = Some(send_blocking(function));
                sends += 1;
            }
        }
        item.items.extend(waiting);
    }
    if sends != wanted {
        return Err(shape(format!("{sends} `send` in `builder` where {wanted} were expected")));
    }
    if sends > 0 {
        items.insert(0, parse_quote! { use super::types; });
        items.insert(
            1,
            parse_quote! {
                #[allow(unused_imports)]
                use progenitor_client::RequestBuilderExt;
            },
        );
    }
    module.attrs = vec![parse_quote! { #[allow(clippy::all, clippy::pedantic, missing_docs)] }];
    module.attrs.splice(0..0, super::docs("One builder for each operation: set what it needs, then `send`."));
    Ok(module)
}

fn send(function: &mut ImplItemFn, ids: &BTreeMap<String, String>, known: &Known<'_>) -> Result<(), CodegenError> {
    let answer = answer(&function.sig.output)?;
    let statements = std::mem::take(&mut function.block.stmts);
    let mut kept = Vec::new();
    let mut id = None;
    for statement in statements {
        if let Some(found) = operation_id(&statement) {
            id = Some(found);
            break;
        }
        kept.push(statement);
    }
    let id = id.ok_or_else(|| shape("a `send` without its operation info"))?;
    let constant = ids.get(&id).ok_or_else(|| shape(format!("an operation `{id}` that the document has not")))?;
    let constant = Ident::new(constant, proc_macro2::Span::call_site());
    let headers = drop_version_header(&mut kept);
    let wired = known.view.wired.get(&id).map(Vec::as_slice).unwrap_or_default();
    let answers = known.view.answers.get(&id);
    let accept = answers.and_then(|answers| answers.accept.clone());
    let mut rewriter = Rewriter { headers, builds: 0, wired, accept, accepts: 0 };
    for statement in &mut kept {
        rewriter.visit_stmt_mut(statement);
    }
    if rewriter.builds != 1 {
        return Err(shape(format!("`{id}` builds its request {} times", rewriter.builds)));
    }
    if let Some((answer, tail)) = known.answers.tail(&id, &constant) {
        kept.push(Stmt::Expr(tail, None));
        function.block.stmts = kept;
        function.sig.output = parse_quote! { -> ::std::result::Result<crate::Response<#answer>, crate::Error> };
        return Ok(());
    }
    let may_be_empty = answers.is_some_and(|answers| answers.may_be_empty);
    let (answer, dispatch): (Type, Ident) = match answer {
        Answer::Json(answer) if may_be_empty => (*answer, parse_quote! { dispatch_optional }),
        Answer::Json(answer) => (*answer, parse_quote! { dispatch }),
        Answer::Empty => (parse_quote! { () }, parse_quote! { dispatch_empty }),
        Answer::Bytes => (parse_quote! { crate::Binary }, parse_quote! { dispatch_bytes }),
    };
    kept.push(Stmt::Expr(
        parse_quote! { crate::runtime::#dispatch(client, &super::operations::#constant, request).await },
        None,
    ));
    function.block.stmts = kept;
    function.sig.output = parse_quote! { -> ::std::result::Result<crate::Response<#answer>, crate::Error> };
    Ok(())
}

/// The same for programs without an async runtime.
fn send_blocking(send: &ImplItemFn) -> ImplItem {
    let output = &send.sig.output;
    parse_quote! {
        /// Waits for [`send`](Self::send), in a program without an async runtime.
        #[cfg(feature = "blocking")]
        pub fn send_blocking(self) #output {
            crate::blocking::wait(self.send())
        }
    }
}

enum Answer {
    Json(Box<Type>),
    Empty,
    Bytes,
}

/// `T` of `Result<ResponseValue<T>, Error<E>>`.
fn answer(output: &ReturnType) -> Result<Answer, CodegenError> {
    let ReturnType::Type(_, output) = output else { return Err(shape("a `send` that returns nothing")) };
    let value = argument(output).ok_or_else(|| shape("a `send` that returns no `Result`"))?;
    let answer = argument(&value).ok_or_else(|| shape("a `send` that returns no `ResponseValue`"))?;
    let text = quote!(#answer).to_string();
    Ok(match text.as_str() {
        "()" => Answer::Empty,
        "ByteStream" => Answer::Bytes,
        _ => Answer::Json(Box::new(answer)),
    })
}

/// The first generic argument of a type.
fn argument(of: &Type) -> Option<Type> {
    let Type::Path(path) = of else { return None };
    let syn::PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else { return None };
    match arguments.args.first()? {
        syn::GenericArgument::Type(argument) => Some(argument.clone()),
        _ => None,
    }
}

/// The id in `let info = OperationInfo { operation_id: "..." };`, where the statement is that.
fn operation_id(statement: &Stmt) -> Option<String> {
    let Stmt::Local(local) = statement else { return None };
    let Expr::Struct(info) = local.init.as_ref()?.expr.as_ref() else { return None };
    if !info.path.is_ident("OperationInfo") {
        return None;
    }
    match &info.fields.first()?.expr {
        Expr::Lit(literal) => match &literal.lit {
            syn::Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

/// Takes out the `api-version` header, which the vendor did not ask for; tells whether others remain.
fn drop_version_header(statements: &mut Vec<Stmt>) -> bool {
    let mut texts: Vec<String> = statements.iter().map(|statement| quote!(#statement).to_string()).collect();
    let mut at = texts.iter();
    statements.retain(|_| at.next().is_some_and(|text| !text.contains("\"api-version\"")));
    texts.retain(|text| !text.contains("\"api-version\""));
    let remain = texts.iter().any(|text| text.contains("header_map . append"));
    if !remain {
        let mut at = texts.iter();
        let declares = |text: &String| text.contains("header_map :") || text.starts_with("let mut header_map");
        statements.retain(|_| at.next().is_some_and(|text| !declares(text)));
    }
    remain
}

/// Points what remains of `send` at the runtime's error, and writes parameters the way the document says.
struct Rewriter<'a> {
    headers: bool,
    builds: usize,
    wired: &'a [Wired],
    /// The media types to ask for, where they are not plain JSON.
    accept: Option<String>,
    accepts: usize,
}

impl Rewriter<'_> {
    fn wired(&self, place: ParameterPlace, view: &str) -> Option<&Wired> {
        self.wired.iter().find(|wired| wired.place == place && wired.view == view)
    }

    /// `QueryParam::new("name", &value)` by the name and in the spelling that the document has.
    fn query(&self, call: &syn::ExprCall) -> Option<Expr> {
        let Expr::Path(path) = call.func.as_ref() else { return None };
        let names: Vec<String> = path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let (true, Some(name), Some(value)) =
            (names.ends_with(&["QueryParam".to_owned(), "new".to_owned()]), call.args.first(), call.args.get(1))
        else {
            return None;
        };
        let wired = self.wired(ParameterPlace::Query, &text(name)?)?;
        let (wire, func) = (&wired.wire, &call.func);
        Some(match spelling(wired.spelling) {
            None => parse_quote! { #func(#wire, #value) },
            Some(spelling) => parse_quote! { crate::runtime::wire::query(#wire, #value, #spelling)? },
        })
    }

    /// The building of the request, with the media types that are asked for where the generator asks for none.
    fn accepting(&self, build: &Expr) -> Expr {
        match (build, &self.accept) {
            (Expr::MethodCall(call), Some(accept)) if self.accepts == 0 => {
                let receiver = &call.receiver;
                parse_quote! {
                    #receiver.header(::reqwest::header::ACCEPT, ::reqwest::header::HeaderValue::from_static(#accept)).build()
                }
            }
            _ => build.clone(),
        }
    }

    /// `header_map.append("name", value.to_string().try_into()?)` in the same way.
    fn header(&self, call: &mut syn::ExprMethodCall) {
        let wired =
            call.args.first().and_then(text).and_then(|name| self.wired(ParameterPlace::Header, &name)).cloned();
        let Some(wired) = wired.filter(|_| call.method == "append") else { return };
        let wire = &wired.wire;
        if let Some(name) = call.args.first_mut() {
            *name = parse_quote! { #wire };
        }
        if let (Some(value), Some(spelling)) = (call.args.get_mut(1), spelling(wired.spelling)) {
            Words { name: wire, spelling }.visit_expr_mut(value);
        }
    }
}

/// `value.to_string()` to the text that the document says.
struct Words<'a> {
    name: &'a str,
    spelling: Expr,
}

impl VisitMut for Words<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        match expr {
            Expr::MethodCall(call) if call.method == "to_string" && call.args.is_empty() => {
                let (value, name, spelling) = (&call.receiver, self.name, &self.spelling);
                *expr = parse_quote! { crate::runtime::wire::text(#name, &#value, #spelling)? };
            }
            // What is done with an error is not about the value.
            Expr::Closure(_) => {}
            _ => syn::visit_mut::visit_expr_mut(self, expr),
        }
    }
}

/// `.header(ACCEPT, ...)`.
fn is_accept(call: &syn::ExprMethodCall) -> bool {
    let name = call.args.first().map(|name| quote!(#name).to_string()).unwrap_or_default();
    name.ends_with("ACCEPT")
}

fn text(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    }
}

/// The runtime's word for a spelling that the generator does not know.
fn spelling(of: Spelling) -> Option<Expr> {
    Some(match of {
        Spelling::Plain => return None,
        Spelling::Pairs => parse_quote! { crate::runtime::wire::Spelling::Pairs },
        Spelling::Joined(by) => parse_quote! { crate::runtime::wire::Spelling::Joined(#by) },
        Spelling::JoinedPairs(by) => parse_quote! { crate::runtime::wire::Spelling::JoinedPairs(#by) },
        Spelling::Deep => parse_quote! { crate::runtime::wire::Spelling::Deep },
        Spelling::Json => parse_quote! { crate::runtime::wire::Spelling::Json },
    })
}

impl VisitMut for Rewriter<'_> {
    /// The address is made by `format!`, whose tokens are no syntax tree: there `encode_path(&x.to_string())`
    /// becomes `crate::runtime::segment("x", &x.to_string())?`, which refuses what would change the path.
    fn visit_macro_mut(&mut self, node: &mut syn::Macro) {
        let mut tokens = Vec::new();
        let mut source = std::mem::take(&mut node.tokens).into_iter();
        while let Some(token) = source.next() {
            match token {
                TokenTree::Ident(name) if name == "encode_path" => {
                    let Some(TokenTree::Group(group)) = source.next() else { continue };
                    let argument = group.stream();
                    let first = argument.clone().into_iter().find_map(|token| match token {
                        TokenTree::Ident(name) => Some(name),
                        _ => None,
                    });
                    let name = first.as_ref().map(ToString::to_string).unwrap_or_default();
                    let wired = self
                        .wired
                        .iter()
                        .find(|wired| wired.place == ParameterPlace::Path && setter_name(&wired.view) == name);
                    match wired.and_then(|wired| spelling(wired.spelling)) {
                        Some(spelling) => tokens.extend(quote! {
                            crate::runtime::segment(#name, &crate::runtime::wire::text(#name, &#first, #spelling)?)?
                        }),
                        None => tokens.extend(quote! { crate::runtime::segment(#name, #argument)? }),
                    }
                }
                token => tokens.push(token),
            }
        }
        node.tokens = tokens.into_iter().collect();
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        syn::visit_mut::visit_expr_mut(self, expr);
        match expr {
            Expr::Path(path) => {
                let segments: Vec<String> = path.path.segments.iter().map(|s| s.ident.to_string()).collect();
                if segments == ["Error", "InvalidRequest"] {
                    *expr = parse_quote! { crate::Error::invalid_argument };
                }
            }
            Expr::Call(call) => {
                if let Some(query) = self.query(call) {
                    *expr = query;
                }
            }
            Expr::MethodCall(call) if call.method == "append" => self.header(call),
            Expr::MethodCall(call) if call.method == "header" && is_accept(call) => {
                self.accepts += 1;
                if let (Some(accept), Some(value)) = (&self.accept, call.args.get_mut(1)) {
                    *value = parse_quote! { ::reqwest::header::HeaderValue::from_static(#accept) };
                }
            }
            Expr::MethodCall(call) if call.method == "headers" && !self.headers => {
                *expr = (*call.receiver).clone();
            }
            Expr::Try(attempt) => {
                let inner = &attempt.expr;
                if matches!(inner.as_ref(), Expr::MethodCall(call) if call.method == "build") {
                    self.builds += 1;
                    let inner = self.accepting(inner);
                    *expr = parse_quote! { #inner.map_err(crate::Error::not_built)? };
                } else if matches!(inner.as_ref(), Expr::MethodCall(call) if call.method == "form_urlencoded") {
                    *expr = parse_quote! {
                        #inner.map_err(|error: progenitor_client::Error<()>| crate::Error::invalid_argument(error.to_string()))?
                    };
                } else if matches!(inner.as_ref(), Expr::MethodCall(call) if call.method == "try_into") {
                    // A header's value.
                    *expr = parse_quote! {
                        #inner.map_err(|error: ::reqwest::header::InvalidHeaderValue| {
                            crate::Error::invalid_argument(error.to_string())
                        })?
                    };
                }
            }
            _ => {}
        }
    }
}
