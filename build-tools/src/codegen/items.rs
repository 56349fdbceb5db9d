//! Tokens of a Rust module to its syntax tree, one item after the other.
//!
//! Parsing copies all tokens it is given into a buffer first. The generator returns tens of megabytes of tokens for
//! thousands of operations; parsed item by item, the tokens of an item are freed before the next one is parsed.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::{File, Item};

/// Parses a module without attributes of its own.
pub(super) fn parse(tokens: TokenStream) -> syn::Result<File> {
    Ok(File { shebang: None, frontmatter: None, attrs: Vec::new(), items: items(tokens)? })
}

fn items(tokens: TokenStream) -> syn::Result<Vec<Item>> {
    let mut found = Vec::new();
    let mut item = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let ends = match &token {
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            TokenTree::Punct(punct) => punct.as_char() == ';',
            _ => false,
        };
        item.push(token);
        // `use a::{b};` and `const _: () = {};` end after their braces, with a semicolon.
        let goes_on = matches!(tokens.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == ';');
        if ends && !goes_on {
            found.push(parse_item(std::mem::take(&mut item))?);
        }
    }
    if !item.is_empty() {
        found.push(syn::parse2(item.into_iter().collect())?);
    }
    Ok(found)
}

/// Parses one item; the items of a module one by one.
fn parse_item(mut tokens: Vec<TokenTree>) -> syn::Result<Item> {
    let is_module = matches!(tokens.as_slice(), [.., TokenTree::Ident(keyword), TokenTree::Ident(_), TokenTree::Group(_)] if keyword == "mod");
    let mut within = None;
    if is_module && let Some(TokenTree::Group(group)) = tokens.pop() {
        tokens.push(Group::new(Delimiter::Brace, TokenStream::new()).into());
        within = Some(group.stream());
    }
    let mut item: Item = syn::parse2(tokens.into_iter().collect())?;
    if let (Item::Mod(module), Some(within)) = (&mut item, within)
        && let Some((_, content)) = &mut module.content
    {
        *content = items(within)?;
    }
    Ok(item)
}

#[cfg(test)]
mod tests {
    use quote::quote;

    #[test]
    fn items_are_those_of_the_whole() {
        let tokens = || {
            quote! {
                #[allow(unused_imports)]
                use a::{b, c};
                const _: () = { fn f<T: A>() {} };
                pub mod one {
                    use super::*;
                    pub struct A(u8);
                    #[derive(Debug)]
                    pub struct B<'a> where Self: Sized { a: &'a [u8; 3] }
                    pub mod two { impl A { fn a(&self) { let x = { 1 }; } } type T = [u8; 3]; }
                    mod three {}
                }
                macro_rules! m { () => {}; }
                pub static S: &str = ";";
                impl Default for A { fn default() -> Self { Self { a: 1 } } }
                mod elsewhere;
            }
        };
        assert_eq!(super::parse(tokens()).unwrap(), syn::parse2::<syn::File>(tokens()).unwrap());
        assert!(super::parse(quote! { pub struct }).is_err());
    }
}
