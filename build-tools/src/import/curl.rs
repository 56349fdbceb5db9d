//! Commands of `curl` to requests: read as words of a shell, never run.

use super::requests::{Field, Request};
use super::shape::Place;

/// The request that a command sends; none where the text is no such command.
pub(super) fn read(text: &str, place: &Place) -> Option<Request> {
    let start = text.find("curl ")?;
    let before = text.get(..start).unwrap_or_default();
    let before = before.rsplit('\n').next().unwrap_or_default().trim();
    if !matches!(before, "" | "$" | ">" | "#" | "%" | "%%") {
        return None;
    }
    let words = words(text.get(start..).unwrap_or_default());
    let mut request = Request { place: place.clone(), ..Request::default() };
    let (mut method, mut data, mut form, mut as_query) = (None, Vec::new(), Vec::new(), false);
    let mut at = words.iter().skip(1);
    while let Some(word) = at.next() {
        let (flag, attached) = match word.as_str() {
            long if long.starts_with("--") => match long.split_once('=') {
                Some((flag, value)) => (flag.to_owned(), Some(value.to_owned())),
                None => (long.to_owned(), None),
            },
            short if short.starts_with('-') && short.len() > 2 && short.get(2..).is_some() => {
                let (flag, value) = short.split_at(2);
                // `-sX POST`: flags without values before one that has.
                match flag {
                    "-X" | "-H" | "-d" | "-F" | "-u" | "-b" | "-A" | "-o" => {
                        (flag.to_owned(), Some(value.trim_start_matches('=').to_owned()))
                    }
                    _ => (format!("-{}", short.chars().last().unwrap_or('s')), None),
                }
            }
            other => (other.to_owned(), None),
        };
        let mut value = || attached.clone().or_else(|| at.next().cloned()).unwrap_or_default();
        match flag.as_str() {
            "-X" | "--request" => method = Some(value()),
            "-H" | "--header" => {
                if let Some((name, content)) = value().split_once(':') {
                    let field = Field {
                        name: name.trim().to_owned(),
                        value: Some(content.trim().to_owned()),
                        place: place.clone(),
                        ..Field::default()
                    };
                    request.headers.push(field);
                }
            }
            "-d" | "--data" | "--data-raw" | "--data-binary" | "--data-ascii" | "--json" => data.push(value()),
            "--data-urlencode" => data.push(value()),
            "-F" | "--form" | "--form-string" => form.push(value()),
            "-G" | "--get" => as_query = true,
            "-I" | "--head" => method = Some("HEAD".to_owned()),
            "-u" | "--user" => {
                let _ = value();
                request.security = Some(vec![super::model::Scheme::Basic]);
            }
            "-A" | "--user-agent" | "-b" | "--cookie" | "-o" | "--output" | "-e" | "--referer" | "-x" | "--proxy"
            | "--cacert" | "--cert" | "--key" | "-m" | "--max-time" | "--connect-timeout" | "-w" | "--write-out"
            | "-c" | "--cookie-jar" | "-T" | "--upload-file" | "--retry" => {
                let _ = value();
            }
            "--url" => request.url = value(),
            flag if flag.starts_with('-') => {}
            address if request.url.is_empty() && looks_like_address(address) => request.url = address.to_owned(),
            _ => {}
        }
    }
    if request.url.is_empty() {
        return None;
    }
    let has_body = !data.is_empty() || !form.is_empty();
    let sends = has_body && !as_query;
    request.method = method.unwrap_or_else(|| if sends { "POST" } else { "GET" }.to_owned());
    if as_query {
        for (name, value) in data.iter().flat_map(|text| super::url::read_query(text)) {
            request.query.push(Field { name, value, place: place.clone(), ..Field::default() });
        }
    } else if !form.is_empty() {
        let fields = form.iter().filter_map(|pair| pair.split_once('=')).map(|(name, value)| Field {
            name: name.to_owned(),
            value: Some(value.to_owned()),
            is_file: value.starts_with('@') || value.starts_with('<'),
            place: place.clone(),
            ..Field::default()
        });
        request.body =
            Some(super::requests::Sent::Form { media: "multipart/form-data".to_owned(), fields: fields.collect() });
    } else if !data.is_empty() {
        let media = super::postman::content_type(&request.headers);
        let text = data.join("&");
        let known = !text.starts_with(['@', '<']) && !text.starts_with("$");
        request.body = super::bodies::read(&text, media.as_deref()).filter(|_| known);
    }
    Some(request)
}

fn looks_like_address(word: &str) -> bool {
    word.contains("://")
        || word.starts_with('/')
        || word.starts_with("{{")
        || word.starts_with("localhost")
        || (word.contains('/') && word.contains('.'))
        || word.starts_with('$')
}

/// The words of the first command of a shell's text: quotes, escapes and continued lines.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut has_word) = (String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('\n') => {}
                Some('\r') => {
                    chars.next_if_eq(&'\n');
                }
                Some(next) => {
                    word.push(next);
                    has_word = true;
                }
                None => {}
            },
            '\'' => {
                has_word = true;
                for c in chars.by_ref() {
                    if c == '\'' {
                        break;
                    }
                    word.push(c);
                }
            }
            '"' => {
                has_word = true;
                while let Some(c) = chars.next() {
                    match c {
                        '"' => break,
                        '\\' => match chars.next() {
                            Some('\n') | None => {}
                            Some(next @ ('"' | '\\' | '$' | '`')) => word.push(next),
                            Some(next) => {
                                word.push('\\');
                                word.push(next);
                            }
                        },
                        c => word.push(c),
                    }
                }
            }
            // Pages forget the sign that continues a line: a flag or an address on the next line belongs to it.
            '\n' => {
                flush(&mut words, &mut word, &mut has_word);
                let rest: String = chars.clone().take(200).collect();
                let rest = rest.trim_start_matches([' ', '\t']);
                if !rest.starts_with('-')
                    && !rest.starts_with("http")
                    && !rest.starts_with("'http")
                    && !rest.starts_with("\"http")
                    && !rest.starts_with('\\')
                {
                    break;
                }
            }
            '|' | ';' => break,
            '&' if !has_word => break,
            '>' if !has_word => break,
            c if c.is_whitespace() => flush(&mut words, &mut word, &mut has_word),
            c => {
                word.push(c);
                has_word = true;
            }
        }
        if words.len() > 500 {
            break;
        }
    }
    flush(&mut words, &mut word, &mut has_word);
    words
}

fn flush(words: &mut Vec<String>, word: &mut String, has_word: &mut bool) {
    if std::mem::take(has_word) {
        words.push(std::mem::take(word));
    }
}

#[cfg(test)]
mod tests {
    use super::super::requests::Sent;
    use super::*;

    #[test]
    fn reads_commands_as_pages_write_them() {
        let of = |text: &str| read(text, &Place::default());
        let request =
            of("$ curl -sX POST \"https://a.es/v1/x?b=1\" \\\n  -H 'Accept: */*' \\\n  -d '{\"c\": 1}'\n\nHTTP/1.1")
                .unwrap();
        assert_eq!(
            (request.method.as_str(), request.url.as_str(), request.headers.len()),
            ("POST", "https://a.es/v1/x?b=1", 1)
        );
        assert!(matches!(request.body, Some(Sent::Tree { .. })));
        let request = of("curl \"https://a.es/x\"\n  -H \"Authorization: k\"").unwrap();
        assert_eq!((request.method.as_str(), request.headers.len()), ("GET", 1));
        let request = of("curl -G https://a.es/x --data-urlencode 'q=a b' -d p=2").unwrap();
        assert_eq!((request.query.len(), request.body.is_none()), (2, true));
        let request = of("curl https://a.es/up -F file=@a.txt -F name=b").unwrap();
        assert!(matches!(&request.body, Some(Sent::Form { fields, .. }) if fields.len() == 2 && fields[0].is_file));
        assert!(of("use curl or wget").is_none() && of("brew install curl ").is_none());
    }
}
