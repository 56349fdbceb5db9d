//! Finds the operation that a request went to, by the address of the request with its values in place. The rules are those
//! of [`matching`](super::matching): server and path joined, an exact match before a loose one.

use super::matching::{Endpoint, Loosened, Match, unnamed};

/// Finds the known operation that a request with this path went to.
///
/// A template that spells a segment out wins over one that has a parameter there, as in a router. Where two templates are
/// equally near, the request is [`Match::Ambiguous`].
pub fn requested(known: &[Endpoint], method: &str, path: &str) -> Match {
    let method = method.to_uppercase();
    let decoded: Vec<String> = path.split('/').map(decoded).collect();
    let exact = |endpoint: &Endpoint| segments(&endpoint.address).map(|all| (all.clone(), decoded.clone()));
    match nearest(known, &method, &exact) {
        Match::None => {}
        found => return found,
    }
    let loosened = Loosened::of(&decoded.join("/")).plain;
    // A value with an encoded slash would become two segments.
    if decoded.iter().any(|segment| segment.contains('/')) {
        return Match::None;
    }
    let loose = |endpoint: &Endpoint| Some((Loosened::of(&endpoint.address).plain, loosened.clone()));
    match nearest(known, &method, &loose) {
        Match::Exact(at) => {
            let asked = Endpoint { method, address: path.to_owned() };
            let differences = known.get(at).map(|endpoint| filled(endpoint, path).differences(&asked));
            Match::Loose(at, differences.unwrap_or_default())
        }
        found => found,
    }
}

/// The segments of a template, their parameters without names.
fn segments(address: &str) -> Option<Vec<String>> {
    address.starts_with('/').then(|| address.split('/').map(unnamed).collect())
}

/// The segments of a template, and those of a request.
type Segments = (Vec<String>, Vec<String>);

/// The one known endpoint whose segments admit those of the request and that spells out most, from the first segment on.
fn nearest(known: &[Endpoint], method: &str, split: &dyn Fn(&Endpoint) -> Option<Segments>) -> Match {
    let mut best: Option<Vec<bool>> = None;
    let mut found: Vec<usize> = Vec::new();
    for (at, endpoint) in known.iter().enumerate().filter(|(_, endpoint)| endpoint.method == method) {
        let Some((template, asked)) = split(endpoint) else { continue };
        if template.len() != asked.len() || !template.iter().zip(&asked).all(|(part, value)| admits(part, value)) {
            continue;
        }
        let open: Vec<bool> = template.iter().map(|part| part.contains("{}")).collect();
        match best.as_ref().map(|best| open.cmp(best)) {
            Some(std::cmp::Ordering::Greater) => {}
            Some(std::cmp::Ordering::Equal) => found.push(at),
            Some(std::cmp::Ordering::Less) | None => {
                best = Some(open);
                found = vec![at];
            }
        }
    }
    match found.as_slice() {
        [] => Match::None,
        [one] => Match::Exact(*one),
        _ => Match::Ambiguous(found),
    }
}

/// Whether a segment of a template, `{}` for each parameter, admits a value.
fn admits(template: &str, value: &str) -> bool {
    let Some((first, rest)) = template.split_once("{}") else { return template == value };
    let Some(mut left) = value.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split("{}").collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        // A parameter has at least one letter.
        let Some(at) = left.char_indices().nth(1).and_then(|(one, _)| left.get(one..)?.find(part).map(|at| at + one))
        else {
            return false;
        };
        left = left.get(at + part.len()..).unwrap_or_default();
    }
    left.len() > last.len() && left.ends_with(last)
}

/// A template with the values of a request, as far as both have the same number of segments: what is left differs in form.
fn filled(endpoint: &Endpoint, path: &str) -> Endpoint {
    let values: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let template: Vec<&str> = endpoint.address.split('/').collect();
    let count = template.iter().filter(|segment| !segment.is_empty()).count();
    let mut at = values.len().saturating_sub(count);
    // Where the request has fewer segments than the template, the version or a prefix is missing at the front.
    let mut missing = count.saturating_sub(values.len());
    let mut out = Vec::new();
    for segment in template {
        if segment.is_empty() {
            out.push(segment);
            continue;
        }
        if missing > 0 {
            missing -= 1;
            out.push(segment);
            continue;
        }
        let value = values.get(at).copied().unwrap_or(segment);
        at += 1;
        out.push(if segment.contains('{') { value } else { segment });
    }
    Endpoint { method: endpoint.method.clone(), address: out.join("/") }
}

/// A segment without percent-encoding; one that is not UTF-8 then stays as it is.
fn decoded(segment: &str) -> String {
    if !segment.contains('%') {
        return segment.to_owned();
    }
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        match after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(b'%');
                rest = after;
            }
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).unwrap_or_else(|_| segment.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::matching::Difference;
    use super::*;

    fn known() -> Vec<Endpoint> {
        let paths = [
            ("GET", "/services/"),
            ("GET", "/services/{service}/"),
            ("POST", "/services/create/"),
            ("POST", "/services/{service}/"),
            ("GET", "/files/{name}.{format}"),
            ("GET", "/a/{x}"),
            ("GET", "/a/{y}"),
            ("GET", "/services/{service}/cron/users/"),
            ("GET", "/services/{service}/cron/{cron_id}"),
        ];
        paths.map(|(method, path)| Endpoint::new(method, "https://api.swpanel.com/v2026", path)).to_vec()
    }

    #[test]
    fn values_lead_to_the_template_that_spells_out_most() {
        for (method, path, at) in [
            ("GET", "/v2026/services/", 0),
            ("get", "/v2026/services/HOST1234/", 1),
            ("POST", "/v2026/services/create/", 2),
            ("POST", "/v2026/services/create%20x/", 3),
            ("GET", "/v2026/files/a.b.pdf", 4),
            ("GET", "/v2026/services/x/cron/users/", 7),
            ("GET", "/v2026/services/x/cron/17", 8),
            ("GET", "/v2026/services/x%2Fy/cron/17", 8),
        ] {
            assert_eq!(requested(&known(), method, path), Match::Exact(at), "{path}");
        }
    }

    #[test]
    fn another_form_of_the_address_is_a_loose_match() {
        use Difference::{LetterCase, Prefix, Slashes, Version};
        for (path, at, differences) in [
            ("/v2026/services/HOST1234", 1, vec![Slashes]),
            ("/v2026//services/HOST1234/", 1, vec![Slashes]),
            ("/v2026/Services/HOST1234/", 1, vec![LetterCase]),
            ("/v2027/services/HOST1234/", 1, vec![Version]),
            ("/services/HOST1234/", 1, vec![Version]),
            ("/api/v2026/services/HOST1234/", 1, vec![Prefix]),
        ] {
            assert_eq!(requested(&known(), "GET", path), Match::Loose(at, differences), "{path}");
        }
    }

    #[test]
    fn what_is_doubtful_or_elsewhere_matches_nothing() {
        assert_eq!(requested(&known(), "GET", "/v2026/a/1"), Match::Ambiguous(vec![5, 6]));
        for (method, path) in
            [("DELETE", "/v2026/services/"), ("GET", "/v2026/services/x/y/z/"), ("GET", "/login"), ("GET", "")]
        {
            assert_eq!(requested(&known(), method, path), Match::None, "{path}");
        }
    }
}
