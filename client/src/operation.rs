//! What is known of an operation, and of the document, at run time.

use std::fmt;

/// What an operation does to the account. Whether it spends money or destroys something is said apart from it:
/// [`Operation::billable`], [`Operation::destructive`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// Makes something new.
    Create,
    /// Changes something.
    Update,
    /// Removes something.
    Delete,
    /// Does something that is none of these.
    Action,
    /// Not known: nobody has classified the operation. [`Operation::reads`] says what that means.
    Unclassified,
}

/// One operation of the API, as the document has it.
///
/// ```
/// use swpanel::Operation;
///
/// // Looked up by method and path: those are the vendor's, names are ours.
/// if let Some(operation) = Operation::find("GET", "/domains/") {
///     assert_eq!(operation.effect, swpanel::Effect::Read);
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Operation {
    /// Name of the method on [`Client`](crate::Client).
    pub id: &'static str,
    /// HTTP method.
    pub method: &'static str,
    /// Path template, exactly as published.
    pub path: &'static str,
    /// Group.
    pub tag: &'static str,
    /// What it does, in a few words.
    pub summary: &'static str,
    /// What it does to the account.
    pub effect: Effect,
    /// Whether it spends money, or may. True for an unclassified operation that is not taken for a read.
    pub billable: bool,
    /// Whether it destroys something that another call cannot bring back, or may. True for an unclassified operation
    /// that is not taken for a read.
    pub destructive: bool,
    /// Whether it answers before its work is done.
    pub asynchronous: bool,
    /// Whether it reads a collection, so that "no results" is an empty list.
    pub collection: bool,
    /// Whether a successful answer promises content.
    pub answers: bool,
    /// Names of the members of its body that hold secrets (`x-sensitive` in the document, or by their name).
    pub sensitive: &'static [&'static str],
    /// The same of its successful answer.
    pub sensitive_answer: &'static [&'static str],
    /// Whether there is a generated method; otherwise [`Client::raw`](crate::Client::raw) reaches it.
    pub generated: bool,
}

impl Operation {
    /// Whether it changes nothing: it is known to read, or it is an unclassified GET whose words do not name an action.
    pub fn reads(&self) -> bool {
        !self.billable && !self.destructive && matches!(self.effect, Effect::Read | Effect::Unclassified)
    }

    /// Whether a call that the document does not have may be taken for a read: a GET or HEAD whose path does not name
    /// an action, such as `reboot` or `renovar`. Everything else may spend money and destroy something.
    ///
    /// ```
    /// use swpanel::Operation;
    ///
    /// assert!(Operation::reads_by_its_words("GET", "/cloud/7/settings/"));
    /// assert!(!Operation::reads_by_its_words("GET", "/cloud/7/reboot/"));
    /// assert!(!Operation::reads_by_its_words("POST", "/cloud/7/settings/"));
    /// ```
    pub fn reads_by_its_words(method: &str, path: &str) -> bool {
        let path = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
        let names_an_action = path.split('/').any(|segment| {
            let parts = segment.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
            let words = words(segment);
            // `powerOff` and `power-off` are `poweroff`.
            let pairs = words.windows(2).map(|pair| pair.concat());
            parts.chain(pairs).any(|word| is_action(&word)) || words.iter().any(|word| is_action(word))
        });
        matches!(method, "GET" | "HEAD") && !names_an_action
    }

    /// The operation at a method and path template.
    pub fn find(method: &str, path: &str) -> Option<&'static Self> {
        let mut all = crate::operations::ALL.iter().copied();
        all.find(|operation| operation.method == method && operation.path == path)
    }

    /// The operation that serves a method and a path with its values in it; a literal segment wins over a parameter.
    pub fn serving(method: &str, path: &str) -> Option<&'static Self> {
        let given: Vec<&str> = path.split('/').collect();
        let fits = |operation: &&'static Self| {
            let template: Vec<&str> = operation.path.split('/').collect();
            let same = |(part, value): (&&str, &&str)| part == value || (part.starts_with('{') && !value.is_empty());
            operation.method == method && template.len() == given.len() && template.iter().zip(&given).all(same)
        };
        let literals = |operation: &&'static Self| {
            let parts: Vec<bool> = operation.path.split('/').map(|part| !part.starts_with('{')).collect();
            parts
        };
        crate::operations::ALL.iter().copied().filter(fits).max_by_key(literals)
    }
}

/// Whether a word names an action, also as in `reinicia` and `restarts`.
fn is_action(word: &str) -> bool {
    let other = word.strip_suffix('s').map_or_else(|| format!("{word}r"), str::to_owned);
    let known = crate::operations::ACTION_WORDS;
    known.contains(&word) || known.contains(&other.as_str())
}

/// The words of a segment of a path in lower case, also those that only capitals part: `power` and `off` of `powerOff`.
fn words(segment: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in segment.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && !before.is_uppercase()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a call reads: by its operation, or by its words where the document does not have it.
pub(crate) fn reads(operation: Option<&Operation>, method: &str, path: &str) -> bool {
    operation.map_or_else(|| Operation::reads_by_its_words(method, path), Operation::reads)
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} {})", self.id, self.method, self.path)
    }
}

/// Who wrote the document that a client was generated from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DocumentKind {
    /// SWPanel published it.
    Published,
    /// This project reconstructed it from the vendor's example clients; the API may differ from it.
    Reconstruction,
}

/// The document that a client was generated from.
///
/// ```
/// let document = swpanel::DOCUMENT;
/// assert_eq!(document.operations, swpanel::operations::ALL.len());
/// assert_eq!(document.sha256.len(), 64);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DocumentInfo {
    /// `info.version` of the document.
    pub version: &'static str,
    /// SHA-256 of `swpanel-api.json`, lower-case hexadecimal.
    pub sha256: &'static str,
    /// Who wrote it.
    pub kind: DocumentKind,
    /// The address of its first server.
    pub server: &'static str,
    /// The day that the document gives for itself, where it does.
    pub date: Option<&'static str>,
    /// How many operations it has.
    pub operations: usize,
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Action => "action",
            Self::Unclassified => "unclassified",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Operation;

    #[test]
    fn only_a_get_without_words_of_action_is_taken_for_a_read() {
        for path in ["/nowhere/", "/domains/example.es/", "/settings", "/startups/"] {
            assert!(
                Operation::reads_by_its_words("GET", path) && !Operation::reads_by_its_words("POST", path),
                "{path}"
            );
        }
        for path in [
            "/cloud/7/reboot",
            "/cloud/7/powerOff",
            "/cloud/7/power-off",
            "/cloud/7/POWER_OFF",
            "/cloud/7/doRestart",
            "/cloud/7/re-start/",
            "/servicios/7/Reiniciar",
            "/x/renew.json",
            "/cloud/7/reinicia",
            "/cloud/7/restarts",
            "/cloud/7/re%62oot",
        ] {
            assert!(!Operation::reads_by_its_words("GET", path), "{path}");
        }
    }
}
