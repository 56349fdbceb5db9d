//! JSON pointers (RFC 6901): text to tokens and back.

/// The unescaped tokens of a pointer, or nothing where it is none (it must be empty or start with `/`).
pub(super) fn tokens(pointer: &str) -> Option<Vec<String>> {
    if pointer.is_empty() {
        return Some(Vec::new());
    }
    Some(pointer.strip_prefix('/')?.split('/').map(unescape).collect())
}

fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

/// A pointer one step deeper: `child("/paths", "/x/")` is `/paths/~1x~1`.
pub fn child(pointer: &str, token: &str) -> String {
    let mut out = String::with_capacity(pointer.len() + token.len() + 3);
    out.push_str(pointer);
    go_down(&mut out, token);
    out
}

/// Makes a pointer one step deeper where it stands: a walk over a whole tree has one text for all its places.
pub(crate) fn go_down(pointer: &mut String, token: &str) {
    pointer.push('/');
    if !token.bytes().any(|byte| matches!(byte, b'~' | b'/')) {
        return pointer.push_str(token);
    }
    for c in token.chars() {
        match c {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            c => pointer.push(c),
        }
    }
}

/// The pointer of a local reference (`#/components/...`, percent-encoding undone), or nothing for any other.
pub fn local_reference(reference: &str) -> Option<String> {
    let fragment = reference.strip_prefix('#')?;
    Some(percent_decode(fragment))
}

/// The kind and the name of the component that a reference leads to, where it is spelt plainly: nothing to decode in it.
pub(crate) fn plain_component(reference: &str) -> Option<(&str, &str)> {
    let (kind, name) = reference.strip_prefix("#/components/")?.split_once('/')?;
    (!name.is_empty() && !reference.bytes().any(|byte| matches!(byte, b'~' | b'%')) && !name.contains('/'))
        .then_some((kind, name))
}

/// The name of the schema component that a reference leads to, however it is spelt, where it leads to one.
pub fn schema_name(reference: &str) -> Option<String> {
    component(&local_reference(reference)?)
}

/// The name of the schema component that a pointer leads to.
pub(super) fn component(pointer: &str) -> Option<String> {
    let tokens = tokens(pointer)?;
    let [components, schemas, name] = tokens.as_slice() else { return None };
    (components == "components" && schemas == "schemas" && !name.is_empty()).then(|| name.clone())
}

/// The reference to a pointer; a percent sign is what a fragment cannot have as it is.
pub(crate) fn reference_to(pointer: &str) -> String {
    format!("#{}", pointer.replace('%', "%25"))
}

fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let pair = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match pair.filter(|_| byte == b'%').and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(decoded) => {
                bytes.push(decoded);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(byte);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_unescapes_slashes_and_tildes() {
        let pointer = child(&child("", "paths"), "/a~b/{id}");
        assert_eq!(pointer, "/paths/~1a~0b~1{id}");
        assert_eq!(tokens(&pointer), Some(vec!["paths".to_owned(), "/a~b/{id}".to_owned()]));
        assert_eq!(tokens("paths"), None);
    }

    #[test]
    fn undoes_percent_encoding_of_references() {
        assert_eq!(local_reference("#/components/schemas/Caf%C3%A9").as_deref(), Some("/components/schemas/Café"));
        assert_eq!(local_reference("#/a%zz").as_deref(), Some("/a%zz"));
        assert_eq!(local_reference("other.yaml#/a"), None);
    }
}
