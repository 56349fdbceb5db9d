//! The flags that all commands share, and what a flag of a hand-written command is.

/// A flag that is no member of a body.
#[derive(Debug)]
pub(crate) struct OwnFlag {
    /// Its name, without dashes.
    pub(crate) name: &'static str,
    /// One letter for it; a blank where it has none.
    pub(crate) short: char,
    /// What stands for its value in help; nothing where it takes none.
    pub(crate) value: Option<&'static str>,
    pub(crate) text: &'static str,
}

pub(crate) const fn flag(name: &'static str, short: char, value: Option<&'static str>, text: &'static str) -> OwnFlag {
    OwnFlag { name, short, value, text }
}

/// The flags of all commands.
pub(crate) const COMMON: [OwnFlag; 27] = [
    flag("output", 'o', Some("FORMAT"), "table, json, jsonl, yaml or csv; json is the API's own answer"),
    flag("columns", ' ', Some("A,B"), "Columns of table and csv; nested ones by dots"),
    flag("jq", ' ', Some("FILTER"), "Filter the answer with a jq expression, built in"),
    flag("csv-safe", ' ', None, "In CSV, put ' before cells that a spreadsheet would run as a formula"),
    flag("quiet", 'q', None, "Print nothing but errors"),
    flag("verbose", 'v', None, "Say on stderr what is sent and how long it took"),
    flag("profile", 'p', Some("NAME"), "Profile to use, else SWPANEL_PROFILE, else the default one"),
    flag("base-url", ' ', Some("URL"), "Another address of the API, else SWPANEL_BASE_URL"),
    flag("ca-file", ' ', Some("FILE"), "PEM file with certificates to trust besides those of the system"),
    flag("from", 'f', Some("FILE|-"), "Body from a file or standard input, JSON or YAML; flags are laid over it"),
    flag("skeleton", ' ', None, "Print the body as commented YAML to fill in; nothing is sent"),
    flag("kind", ' ', Some("KIND"), "Kind of the body, where it comes in several"),
    flag("dry-run", ' ', None, "Judge the call and print the exact request, secrets hidden; nothing is sent"),
    flag("no-validate", ' ', None, "Send the body even where it does not fit the document"),
    flag("yes", 'y', None, "Do not ask before what deletes or costs money"),
    flag("no-save", ' ', None, "Do not read and save what is about to be deleted (`swpanel undo`)"),
    flag("timeout", ' ', Some("SECONDS"), "Time for one attempt; 30 where it is not given"),
    flag("deadline", ' ', Some("SECONDS"), "Time for a call with all its attempts; 120 where it is not given"),
    flag("retries", ' ', Some("NUMBER"), "Attempts after the first, where that is harmless; 2 where it is not given"),
    flag("rate", ' ', Some("NUMBER"), "Calls a second at most"),
    flag("wait", ' ', None, "Wait until an action shows in what can be read"),
    flag("no-wait", ' ', None, "Do not wait (this is so where nothing is given)"),
    flag("wait-timeout", ' ', Some("SECONDS"), "How long to wait at most; 600 where it is not given"),
    flag("wait-for", ' ', Some("FILTER"), "jq expression over the state that is true when the wait is over"),
    flag("color", ' ', Some("WHEN"), "auto, always or never; NO_COLOR is heeded"),
    flag("help", 'h', None, "Say what there is"),
    flag("version", 'V', None, "Print the version of program and document"),
];
