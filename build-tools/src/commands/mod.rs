//! A document to the table of commands that a command line offers: words, parameters, flags of the body, and what is
//! known of each call. [`Table::to_rust`] prints it as static data, so that nothing is parsed when the program starts.
//!
//! Words come from group, path and operation id alone, so another document makes another table without hand work.

mod flags;
mod kinds;
mod print;
mod words;

use std::collections::BTreeMap;

use crate::document::{Document, Node, Operation, Parameter, ParameterPlace, child, local_reference};
use crate::examples;
use crate::knowledge::Facts;
use crate::safe_text::{is_hidden, line, page};

/// What each operation is called, as `dns list`, by `METHOD /path`: what [`Table::of`] makes where nothing is reserved.
pub fn words(document: &Document) -> BTreeMap<String, String> {
    let operations = document.operations();
    let words = words::words(&operations, &[]).into_iter().map(|words| words.join(" "));
    operations.iter().map(Operation::key).zip(words).collect()
}

/// All commands of a document.
#[derive(Clone, Debug)]
pub struct Table {
    /// By their words, in order of the alphabet.
    pub commands: Vec<Command>,
    /// What the document says of groups of commands.
    pub groups: Vec<Group>,
}

/// Commands that share their first words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The words they share.
    pub words: Vec<String>,
    /// What the document says of them.
    pub text: String,
}

/// One operation as a command.
#[derive(Clone, Debug)]
pub struct Command {
    /// The words that call it, the verb last. No two commands have the same, and none begins another.
    pub words: Vec<String>,
    /// HTTP method.
    pub method: String,
    /// Path template.
    pub path: String,
    /// The path template under which the operation is known: that of the entry of the knowledge that it matches, else
    /// its own. Commands that are written by hand find what they call by method and this.
    pub known_path: String,
    /// Operation id; an empty text where the document has none.
    pub id: String,
    /// Group in the document.
    pub tag: String,
    /// What it does, in a few words.
    pub summary: String,
    /// What it does, at length.
    pub text: String,
    /// What is not certain about it.
    pub doubts: String,
    /// Where it was seen.
    pub evidence: Vec<String>,
    /// What it does to the account, and whether it spends or destroys.
    pub facts: Facts,
    /// Parameters of path and query, those of the path first and in its order.
    pub parameters: Vec<Argument>,
    /// The body, where it takes one.
    pub body: Option<Body>,
}

/// A parameter of path or query.
#[derive(Clone, Debug)]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// Whether it stands in the path.
    pub in_path: bool,
    /// Whether it must be given.
    pub required: bool,
    /// What it may hold.
    pub holds: Holds,
    /// What it is.
    pub text: String,
}

/// A request body.
#[derive(Clone, Debug)]
pub struct Body {
    /// JSON pointer of its schema in the document.
    pub pointer: String,
    /// Media type.
    pub media: String,
    /// Whether it must be sent.
    pub required: bool,
    /// The kinds it comes in, where no member tells them apart.
    pub kinds: Vec<Kind>,
    /// Its members, nested ones by dotted paths.
    pub flags: Vec<Flag>,
    /// A whole body as JSON, where it has no members to set: a list, a text.
    pub example: String,
}

/// One of the kinds of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its name.
    pub name: String,
    /// What it is.
    pub text: String,
    /// JSON pointer of its schema in the document.
    pub pointer: String,
}

/// What a value may be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holds {
    /// Its types, in the order of the document.
    pub types: Vec<Type>,
    /// Whether it is a list of such values.
    pub list: bool,
    /// The values allowed, where they are known; as they are written on a command line.
    pub choices: Vec<String>,
    /// Bounds and steps in words.
    pub limits: String,
    /// A value as an example; an empty text where there is none.
    pub example: String,
}

/// A JSON type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Type {
    /// A text.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// Anything; given as JSON.
    Json,
}

/// When a member must be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// Always.
    Always,
    /// Where the object is given that it stands in.
    Within,
    /// Never.
    Optional,
}

/// A member of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// Where it stands: names joined by dots, `*` for any item of an array.
    pub path: String,
    /// What it may hold.
    pub holds: Holds,
    /// When it must be given.
    pub need: Need,
    /// Whether its value must not be shown.
    pub sensitive: bool,
    /// What it is.
    pub text: String,
    /// Where it belongs to some variants alone: the member that tells them apart and the value there. The member is
    /// empty where it is the kind of the whole body, and ends in `#` where nothing tells the variants apart.
    pub when: Vec<(String, String)>,
}

impl Table {
    /// The table of a document. `reserved` are first words that the program has commands of its own for.
    pub fn of(document: &Document, reserved: &[&str]) -> Self {
        let operations = document.operations();
        let words = words::words(&operations, reserved);
        let mut commands: Vec<Command> =
            operations.iter().zip(words).map(|(operation, words)| command(operation, words)).collect();
        let groups = groups(document, &commands);
        commands.sort_by(|one, other| one.words.cmp(&other.words));
        Self { commands, groups }
    }
}

fn command(operation: &Operation<'_>, words: Vec<String>) -> Command {
    let whole = operation.node.text_at("description").unwrap_or_default();
    // How the reconstruction marks what its evidence leaves open; in a document of the vendor it is a word like others.
    let doubts = whole.split_once("Doubts:").filter(|_| operation.document().is_reconstruction());
    let (text, doubts) = doubts.unwrap_or((whole, ""));
    let evidence = operation.node.get("x-evidence").and_then(Node::as_array).unwrap_or_default();
    Command {
        words,
        method: operation.method.clone(),
        path: shown_path(operation.path),
        known_path: shown_path(operation.known_path()),
        id: operation.id().to_owned(),
        tag: line(operation.tag()).into_owned(),
        summary: line(operation.summary()).into_owned(),
        text: page(text.trim()),
        doubts: page(doubts.trim()),
        evidence: evidence.iter().filter_map(Node::as_str).map(|text| line(text).into_owned()).collect(),
        facts: operation.facts(),
        parameters: arguments(operation),
        body: body(operation),
    }
}

/// A path that is shown, and called as it was: outside of its parameters, what has no shape of its own is percent-encoded.
fn shown_path(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut in_name = false;
    for c in path.chars() {
        in_name = match c {
            '{' => true,
            '}' => false,
            _ => in_name,
        };
        if !is_hidden(c) {
            out.push(c);
        } else if in_name {
            // As `line` writes the name of the parameter.
            out.push_str(&line(c.encode_utf8(&mut [0; 4])));
        } else {
            c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| out.push_str(&format!("%{byte:02X}")));
        }
    }
    out
}

/// Parameters of the path in its own order, then those of the query. Others are set by no command.
fn arguments(operation: &Operation<'_>) -> Vec<Argument> {
    let parameters = operation.parameters();
    let made = |parameter: &Parameter<'_>| Argument {
        name: line(parameter.name).into_owned(),
        in_path: parameter.place == ParameterPlace::Path,
        required: parameter.required,
        holds: flags::parameter(operation.document(), parameter),
        text: page(parameter.node.text_at("description").unwrap_or_default()),
    };
    let names = operation.path.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name));
    let mut found: Vec<Argument> = Vec::new();
    for name in names.filter(|name| !name.is_empty()) {
        let known = parameters.iter().find(|p| p.place == ParameterPlace::Path && p.name == name);
        let unknown = || Argument {
            name: line(name).into_owned(),
            in_path: true,
            required: true,
            holds: Holds { types: vec![Type::Text], ..Holds::default() },
            text: String::new(),
        };
        if !found.iter().any(|argument| argument.name == line(name)) {
            found.push(known.map_or_else(unknown, made));
        }
    }
    found.extend(parameters.iter().filter(|parameter| parameter.place == ParameterPlace::Query).map(made));
    found
}

fn body(operation: &Operation<'_>) -> Option<Body> {
    let (media, schema, required) = operation.request_body()?;
    let node = operation.node.get("requestBody")?;
    let start = node.text_at("$ref").and_then(local_reference);
    let start = start.map_or_else(|| child(&operation.pointer, "requestBody"), |pointer| pointer.to_string());
    let pointer = child(&child(&child(&start, "content"), media), "schema");
    let (kinds, flags) = flags::body(operation.document(), schema, &pointer);
    let example = match flags.is_empty() && crate::document::is_json(media) {
        true => examples::example(operation.document(), schema, examples::Fill::Shown, 0).to_json().to_string(),
        false => String::new(),
    };
    Some(Body { pointer, media: media.to_owned(), required, kinds, flags, example })
}

/// What the document says of its tags, at the words that all commands of the tag share.
fn groups(document: &Document, commands: &[Command]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for tag in document.root().get("tags").and_then(Node::as_array).unwrap_or_default() {
        let (Some(name), Some(text)) = (tag.text_at("name"), tag.text_at("description")) else { continue };
        let name = line(name);
        let mut of_tag = commands.iter().filter(|command| command.tag == name);
        let Some(first) = of_tag.next() else { continue };
        // The verb is no part of a group.
        let mut shared: Vec<String> = first.words.split_last().map(|(_, nouns)| nouns.to_vec()).unwrap_or_default();
        for command in of_tag {
            let same = shared.iter().zip(&command.words).take_while(|(one, other)| one == other).count();
            shared.truncate(same);
        }
        if !shared.is_empty() && !groups.iter().any(|group| group.words == shared) {
            groups.push(Group { words: shared, text: page(text) });
        }
    }
    groups.sort_by(|one, other| one.words.cmp(&other.words));
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{RawDocument, convert};

    fn table(paths: &str, schemas: &str, reserved: &[&str]) -> Table {
        let text = format!("openapi: 3.0.3\ninfo: {{}}\npaths:\n{paths}\ncomponents: {{schemas: {schemas}}}\n");
        Table::of(&convert(&RawDocument::read(text.as_bytes()).unwrap()).unwrap().0, reserved)
    }

    fn names(table: &Table) -> Vec<String> {
        table.commands.iter().map(|command| command.words.join(" ")).collect()
    }

    #[test]
    fn words_of_any_house_style() {
        let paths = "
  /pet/{petId}:
    get: {tags: [pet], operationId: getPetById}
    delete: {tags: [pet], operationId: deletePet}
  /pet/findByStatus:
    get: {tags: [pet], operationId: findPetsByStatus}
  /v1/zones/{id}/records:
    get: {tags: [DNS Zones], operationId: zones.records.list}
    post: {}
  /user/login:
    post: {tags: [user], operationId: loginUser}
  /login:
    post: {tags: [login], operationId: login}
  /things/{a}/clone:
    post: {tags: [things], operationId: thing_clone}
  /things/{a}/clone/white:
    post: {tags: [things], operationId: thing_clone_white}
  /same/a:
    get: {tags: [same], operationId: one_get}
  /same/{b}/a:
    get: {tags: [same], operationId: other_get}
  /sesion:
    post: {tags: [sesión], operationId: entrar}";
        let table = table(paths, "{}", &["login"]);
        let expected = [
            "dns-zones zones-records-list",
            "login-group create",
            "pet delete",
            "pet find-by-status find",
            "pet get",
            "same one-get",
            "same other-get",
            "sesion create",
            "things clone",
            "things clone-white",
            "untagged post-v1-zones-id-records",
            "user login create",
        ];
        assert_eq!(names(&table), expected);
    }

    #[test]
    fn members_of_objects_lists_and_variants() {
        let paths = "  /x:\n    post: {tags: [x], requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/S'}}}}}";
        let schemas = "{S: {type: object, required: [k, n], properties: {k: {oneOf: [{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}]},
            n: {type: array, items: {type: string}}, o: {type: array, items: {type: object, required: [p], properties: {p: {type: integer, minimum: 1}}}},
            self: {$ref: '#/components/schemas/S'}, open: {type: object}, secret: {type: string, x-sensitive: true}}},
            A: {type: object, required: [t, a], properties: {t: {type: string, enum: [a]}, a: {type: integer}}},
            B: {type: object, required: [t], properties: {t: {type: string, enum: [b]}, b: {type: boolean}}}}";
        let table = table(paths, schemas, &[]);
        let body = table.commands[0].body.as_ref().unwrap();
        let shown: Vec<String> = body
            .flags
            .iter()
            .filter(|flag| !flag.path.starts_with("self."))
            .map(|flag| {
                let when: Vec<String> = flag.when.iter().map(|(at, value)| format!("{at}={value}")).collect();
                format!(
                    "{} {:?} {:?} {}{}",
                    flag.path,
                    flag.need,
                    flag.holds.types,
                    flag.holds.choices.join("|"),
                    when.join(",")
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                "k.t Always [Text] a|b",
                "k.a Always [Integer] k.t=a",
                "k.b Optional [Boolean] true|falsek.t=b",
                "n Always [Text] ",
                "o Optional [Json] ",
                "o.*.p Within [Integer] ",
                "open Optional [Json] ",
                "secret Optional [Text] ",
            ]
        );
        assert!(body.flags.iter().any(|flag| flag.path.starts_with("self.") && flag.holds.types == [Type::Json]));
        assert!(body.flags.iter().find(|flag| flag.path == "secret").unwrap().sensitive);
        assert_eq!(body.pointer, "/paths/~1x/post/requestBody/content/application~1json/schema");
    }

    #[test]
    fn kinds_have_names_where_no_member_tells_them_apart() {
        let paths = "  /x:\n    post: {tags: [x], requestBody: {required: true, content: {application/json: {schema: {oneOf: [{$ref: '#/components/schemas/OrderOfCloud'}, {$ref: '#/components/schemas/OrderOfHosting'}]}}}}}";
        let schemas = "{OrderOfCloud: {type: object, description: one, properties: {c: {type: string}}}, OrderOfHosting: {type: object, properties: {h: {type: string}}}}";
        let table = table(paths, schemas, &[]);
        let body = table.commands[0].body.as_ref().unwrap();
        assert_eq!(body.example, "");
        let kinds: Vec<&str> = body.kinds.iter().map(|kind| kind.name.as_str()).collect();
        assert_eq!((kinds, body.kinds[0].text.as_str(), body.required), (vec!["cloud", "hosting"], "one", true));
        assert_eq!(body.flags[0].when, [(String::new(), "cloud".to_owned())]);
        assert!(body.kinds[1].pointer.ends_with("/schema/oneOf/1"), "{}", body.kinds[1].pointer);
    }

    #[test]
    fn a_body_without_members_has_an_example() {
        let paths = "  /x:\n    post: {tags: [x], requestBody: {content: {application/json: {schema: {type: array, items: {type: object, required: [a], properties: {a: {type: integer}}}}}}}}";
        let table = table(paths, "{}", &[]);
        let body = table.commands[0].body.as_ref().unwrap();
        assert_eq!((body.flags.len(), body.example.as_str()), (0, r#"[{"a":1}]"#));
    }

    #[test]
    fn the_same_document_gives_the_same_table() {
        let paths = "  /a/{x}:\n    get: {tags: [a], operationId: a_get}\n    put: {tags: [a], operationId: a_put, x-swpanel-effect: update, description: \"It is destructive. Doubts: all of it\"}";
        let (one, other) = (table(paths, "{}", &[]), table(paths, "{}", &[]));
        assert_eq!(one.to_rust(), other.to_rust());
        let put = one.commands.iter().find(|command| command.method == "PUT").unwrap();
        // Only members decide, never words; and doubts are those of the reconstruction.
        assert!(!put.facts.asks() && put.doubts.is_empty() && put.text == "It is destructive. Doubts: all of it");
        assert_eq!(put.parameters[0].name, "x", "a parameter that only the path names");
    }
}
