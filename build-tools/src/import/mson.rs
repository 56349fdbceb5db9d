//! Lines, members and templates of API Blueprint.

/// An item of a list: its text, how far it is indented, and its line.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) indent: usize,
    pub(super) item: bool,
    pub(super) text: String,
    pub(super) number: usize,
}

/// One member as MSON writes it: `name: sample (kinds) - description`.
pub(super) struct Member {
    pub(super) name: String,
    pub(super) example: String,
    pub(super) kinds: Vec<String>,
    pub(super) description: String,
}

pub(super) fn member(text: &str) -> Option<Member> {
    let text = text.lines().next().unwrap_or_default().trim();
    let (name, rest) = match text.strip_prefix('`') {
        Some(quoted) => quoted.split_once('`')?,
        None => {
            let end = text.find([' ', ':', '(']).unwrap_or(text.len());
            text.split_at(end)
        }
    };
    let name = name.trim_matches(['*', '_', ':']).trim_end_matches('*');
    if name.is_empty() || !name.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '@')) {
        return None;
    }
    let kinds = kinds_of(rest);
    let before = rest.split('(').next().unwrap_or_default();
    let example = before
        .trim_start()
        .strip_prefix(':')
        .unwrap_or_default()
        .split(" - ")
        .next()
        .unwrap_or_default()
        .trim()
        .trim_matches('`');
    let after = rest.rsplit_once(')').map_or(rest, |(_, after)| after);
    let description = after.trim_start_matches([' ', '.', '-', '–', '—', ':']);
    Some(Member { name: name.to_owned(), example: example.to_owned(), description: description.to_owned(), kinds })
}

/// The words in the first brackets, samples left out.
pub(super) fn kinds_of(text: &str) -> Vec<String> {
    let Some((_, inner)) = text.split_once('(') else { return Vec::new() };
    let inner = inner.split(')').next().unwrap_or_default();
    let words = inner.split(',').map(str::trim).filter(|word| !word.is_empty() && !word.starts_with('`'));
    words.map(|word| word.trim_matches('`').to_owned()).collect()
}

/// The media type in brackets.
pub(super) fn media_of(text: &str) -> Option<String> {
    let inner = text.split_once('(')?.1.split(')').next()?.trim();
    let media = inner.split(';').next().unwrap_or_default().trim();
    media.contains('/').then(|| media.to_owned())
}

/// `/a/{b}{?c,d}` as a path and the names of its query.
pub(super) fn split_template(template: &str) -> (String, Vec<String>) {
    let (mut path, mut query) = (String::new(), Vec::new());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        path.push_str(before);
        let Some((inner, after)) = after.split_once('}') else {
            rest = after;
            break;
        };
        match inner.strip_prefix(['?', '&']) {
            Some(names) => query.extend(
                names
                    .split(',')
                    .map(|name| super::url::decode(name.trim().trim_end_matches('*')))
                    .filter(|name| !name.is_empty()),
            ),
            None if inner.starts_with('#') => {}
            None => path.push_str(&format!("{{{}}}", inner.trim_start_matches('+').trim_end_matches('*'))),
        }
        rest = after;
    }
    path.push_str(rest);
    let (path, plain) = match path.split_once('?') {
        Some((path, plain)) => (path.to_owned(), plain.to_owned()),
        None => (path, String::new()),
    };
    query.extend(super::url::read_query(&plain).into_iter().map(|(name, _)| name));
    (path, query)
}
