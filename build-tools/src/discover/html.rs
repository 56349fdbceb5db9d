//! A page's text to what discovery looks at: tags with attributes, scripts with their text, links with theirs.

use html5gum::{DefaultEmitter, Token, Tokenizer};

/// So much of a page is read, in bytes.
const MAX_PAGE: usize = 16 << 20;
/// So many of a page's tags are kept.
const MAX_TAGS: usize = 200_000;

/// What a page holds outside comments, templates and quoted code.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) tags: Vec<Tag>,
}

/// A start tag, and the text directly within it where it is a script or a link.
#[derive(Debug, Default)]
pub(super) struct Tag {
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    pub(super) text: String,
}

impl Tag {
    /// An attribute that is there, also without a value.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.trim())
    }

    /// An attribute with a value.
    pub(super) fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }
}

/// Elements whose content is shown or kept, not meant.
const QUOTED: [&str; 5] = ["template", "pre", "code", "noscript", "textarea"];

/// The quoted elements that are open, by their place in [`QUOTED`].
#[derive(Default)]
struct Quoted {
    open: Vec<usize>,
    /// How many of each kind are open, so that an end tag without a start tag needs no search.
    counts: [usize; QUOTED.len()],
}

impl Quoted {
    fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    fn open(&mut self, kind: usize) {
        self.open.push(kind);
        self.counts.iter_mut().skip(kind).take(1).for_each(|count| *count += 1);
    }

    /// Closes the last element of this kind and everything within it.
    fn close(&mut self, kind: usize) {
        if self.counts.get(kind).is_none_or(|count| *count == 0) {
            return;
        }
        while let Some(last) = self.open.pop() {
            self.counts.iter_mut().skip(last).take(1).for_each(|count| *count -= 1);
            if last == kind {
                return;
            }
        }
    }
}

impl Page {
    /// Reads a page; nothing is an error.
    pub(super) fn read(text: &str) -> Self {
        let end = (0..=text.len().min(MAX_PAGE)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let text = text.get(..end).unwrap_or_default();
        let mut emitter: DefaultEmitter<()> = DefaultEmitter::default();
        emitter.naively_switch_states(true);
        let mut page = Self::default();
        // How deep within quoted elements, and which tag collects text.
        let (mut quoted, mut collecting) = (Quoted::default(), None);
        for token in Tokenizer::new_with_emitter(text, emitter) {
            let Ok(token) = token;
            match token {
                Token::StartTag(tag) => {
                    let name = lossy(&tag.name);
                    if let Some(kind) = QUOTED.iter().position(|known| *known == name).filter(|_| !tag.self_closing) {
                        quoted.open(kind);
                        continue;
                    }
                    if !quoted.is_empty() || page.tags.len() >= MAX_TAGS {
                        collecting = None;
                        continue;
                    }
                    if matches!(name.as_str(), "script" | "a") {
                        collecting = Some(page.tags.len());
                    }
                    let attributes: Vec<_> =
                        tag.attributes.iter().map(|(key, value)| (lossy(key), lossy(value))).collect();
                    page.tags.push(Tag { name, attributes, text: String::new() });
                }
                Token::EndTag(tag) => {
                    let name = lossy(&tag.name);
                    if let Some(kind) = QUOTED.iter().position(|known| *known == name) {
                        quoted.close(kind);
                    }
                    if matches!(name.as_str(), "script" | "a") {
                        collecting = None;
                    }
                }
                Token::String(text) if quoted.is_empty() => {
                    if let Some(tag) = collecting.and_then(|at| page.tags.get_mut(at)) {
                        tag.text.push_str(&lossy(&text));
                    }
                }
                _ => {}
            }
        }
        page
    }

    /// Tags of a name.
    pub(super) fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Tag> {
        self.tags.iter().filter(move |tag| tag.name == name)
    }

    /// What relative addresses are resolved against, where the page says it.
    pub(super) fn base(&self) -> Option<&str> {
        self.named("base").find_map(|tag| tag.filled("href"))
    }

    /// What tells a login page.
    pub(super) fn login(&self) -> Option<String> {
        let asks = |tag: &Tag| tag.get("type").is_some_and(|kind| kind.eq_ignore_ascii_case("password"));
        if self.named("input").any(asks) {
            return Some("it asks for a password".to_owned());
        }
        let refresh = self
            .named("meta")
            .filter(|tag| tag.get("http-equiv").is_some_and(|kind| kind.eq_ignore_ascii_case("refresh")));
        let target = refresh.filter_map(|tag| tag.get("content")).find(|content| is_login_address(content))?;
        Some(format!("it sends on to `{target}`"))
    }
}

/// Whether a path speaks of logging in.
pub(super) fn is_login_address(address: &str) -> bool {
    let lower = address.to_ascii_lowercase();
    let path = lower.split_once("://").map_or(lower.as_str(), |(_, rest)| rest);
    path.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| {
        matches!(word, "login" | "signin" | "sso" | "oauth" | "oauth2" | "logon") || word.ends_with("login")
    }) || path.contains("sign-in")
        || path.contains("sign_in")
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_templates_and_shown_code_are_not_the_page() {
        let page = Page::read(
            "<!-- <redoc spec-url=a> --><template><redoc spec-url=b></redoc></template><pre><redoc spec-url=c></pre>\
             <textarea><redoc spec-url=e></textarea><redoc SPEC-URL='d&amp;x=1'></redoc><script>if (1<2) '<redoc spec-url=f>'</script>",
        );
        let found: Vec<_> = page.named("redoc").map(|tag| tag.get("spec-url")).collect();
        assert_eq!(found, [Some("d&x=1")]);
        assert_eq!(page.named("script").next().map(|tag| tag.text.as_str()), Some("if (1<2) '<redoc spec-url=f>'"));
    }

    #[test]
    fn knows_a_login_page() {
        assert!(Page::read("<form><input name=p type=PASSWORD></form>").login().is_some());
        assert!(Page::read("<meta http-equiv=refresh content='0; url=/user/login'>").login().is_some());
        assert!(Page::read("<p>login</p>").login().is_none());
        assert!(is_login_address("https://a.es/sso/start") && !is_login_address("https://a.es/docs/catalog"));
    }
}
