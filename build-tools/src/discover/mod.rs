//! The address of a documentation page to the API document behind it. Pure: what is to be asked goes to the caller.
//!
//! The page is data: `html` finds its marks with a real tokenizer, `script` reads literals without running anything,
//! `marks` knows the renderers, `paths` where documents usually lie, `leave` what may be asked, `public` which addresses anybody can reach, `session` the order.

mod html;
mod leave;
mod marks;
mod other;
mod paths;
mod public;
mod script;
mod session;

pub use leave::Leave;
pub use public::is_public;
pub use session::discover;

use crate::document::RawDocument;
use crate::document::Refusal;

/// One address to ask with GET, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The address.
    pub address: String,
    /// In a few words.
    pub why: String,
}

/// What came back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Where it ended, after redirects.
    pub address: String,
    /// The HTTP status.
    pub status: u16,
    /// Header names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The bytes.
    pub body: Vec<u8>,
}

/// Why nothing came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failed {
    /// It was not asked, or what came was not taken.
    Refused(Refusal),
    /// The network's reason.
    Unreachable(String),
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The end of the search.
    pub outcome: Outcome,
    /// The rule that led to it, kebab-case.
    pub renderer: Option<&'static str>,
    /// Absolute addresses of the document, the preferred one first.
    pub addresses: Vec<String>,
    /// What a person should know besides.
    pub notes: Vec<String>,
    /// Every document that the page lists, where it lists several; of these [`Found::outcome`] is the one it shows first.
    pub documents: Vec<Listed>,
}

/// One of several documents of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// What the page calls it; empty where it has no name.
    pub name: String,
    /// Its address.
    pub address: String,
}

/// The refusal of bytes that are no document of ours, or the other description language that they turn out to be.
pub(crate) fn instead(refusal: Refusal, bytes: &[u8]) -> Refusal {
    if !matches!(refusal, Refusal::NotASpec { .. } | Refusal::HtmlNotSpec | Refusal::Syntax { .. }) {
        return refusal;
    }
    let of_tree = || RawDocument::read(bytes).ok().and_then(|raw| other::of_tree(raw.root()));
    let of_text = crate::document::decode(bytes).ok().and_then(|text| other::of_text(&text));
    match of_text.or_else(of_tree) {
        Some(kind) => Refusal::OtherDescription { kind, address: String::new() },
        None => saved_login(&refusal, bytes).unwrap_or(refusal),
    }
}

/// A page that was saved in place of the document, where it asks for a login.
fn saved_login(refusal: &Refusal, bytes: &[u8]) -> Option<Refusal> {
    let text = crate::document::decode(bytes).ok().filter(|_| *refusal == Refusal::HtmlNotSpec)?;
    let sign = html::Page::read(&text).login()?;
    Some(Refusal::LoginPage { address: "the source".to_owned(), sign })
}

/// The end of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The document at the first address, as bytes.
    Document(Vec<u8>),
    /// The page names addresses, and none of them could be fetched.
    Unverified,
    /// The document stood within a page; its JSON.
    Inline(Vec<u8>),
    /// A description in another language.
    Other {
        /// Which.
        kind: &'static str,
    },
    /// Nothing may or can be taken.
    Refused(Refusal),
    /// Nothing was found.
    None,
}
