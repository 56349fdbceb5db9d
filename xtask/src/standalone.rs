//! A generated module to a crate of its own: the hand-written runtime of `client/` copied beside it, the manifest
//! without the workspace's inheritance, the workspace's lock file, so that it builds with versions known to work.

use std::path::{Path, PathBuf};

use swpanel_build_tools::address::redact;
use swpanel_build_tools::safe_text::markdown::code as code_span;
use toml::{Table, Value};

use crate::outcome::Failure;
use crate::regular;
use crate::workspace::Workspace;

/// What the runtime reads its generated module from, and what the standalone crate reads.
const GENERATED: (&str, &str) =
    ("include!(concat!(env!(\"OUT_DIR\"), \"/generated.rs\"));", "include!(\"generated.rs\");");

/// Paths below the crate's folder, and contents. `source` names the document.
///
/// Cargo tells packages that share a target folder apart by their names alone, so each needs one of its own.
pub(crate) fn files(
    workspace: &Workspace,
    code: &str,
    source: &str,
    name: &str,
) -> Result<Vec<(PathBuf, Vec<u8>)>, Failure> {
    let mut files = vec![
        (PathBuf::from("Cargo.toml"), manifest(workspace, name)?.into_bytes()),
        (PathBuf::from("src/generated.rs"), code.as_bytes().to_vec()),
    ];
    if let Some(bytes) = workspace.read("Cargo.lock")? {
        files.push((PathBuf::from("Cargo.lock"), bytes));
    }
    files.push((PathBuf::from("getting-a-token.md"), TOKEN_PAGE.as_bytes().to_vec()));
    sources(&workspace.path("client/src"), Path::new("src"), source, &mut files)?;
    Ok(files)
}

fn sources(from: &Path, to: &Path, source: &str, files: &mut Vec<(PathBuf, Vec<u8>)>) -> Result<(), Failure> {
    let unreadable = |error: std::io::Error| {
        Failure::new("unreadable", format!("`{}` cannot be read: {error}", from.display()), HINT)
    };
    let mut entries =
        std::fs::read_dir(from).map_err(unreadable)?.collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let (path, name) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() && !path.is_symlink() {
            sources(&path, &name, source, files)?;
            continue;
        }
        let bytes = regular::read_whole(&path).map_err(unreadable)?;
        let bytes = if name == Path::new("src/lib.rs") { root(&bytes, source)? } else { bytes };
        files.push((name.clone(), of_no_vendor(&bytes, &name)?));
    }
    Ok(())
}

/// What the crate says of tokens, in place of the page about SWPanel's.
const TOKEN_PAGE: &str = "# Credentials\n\nGive the credential that the document asks for with `ClientBuilder::token`, or in the variable \
    `API_TOKEN`: a bearer token, the value of an API key, or `name:password` for HTTP Basic. Each operation sends it in the place that \
    the document says; an operation that needs none sends none.\n";

/// What of the runtime belongs to SWPanel: its address, its variables and its file of profiles. A client of another API must
/// never send SWPanel's token anywhere, nor its own calls to SWPanel.
const OF_THE_VENDOR: [(&str, &str); 7] = [
    ("Option<&str> = Some(\"https://api.swpanel.com/v2026\");", "Option<&str> = None;"),
    ("api.swpanel.com", "api.example.com"),
    ("SWPANEL_", "API_"),
    (".join(\"swpanel\")", ".join(env!(\"CARGO_PKG_NAME\"))"),
    ("swpanel-rust/", "ingested-client/"),
    ("docs/getting-a-token.md", "getting-a-token.md"),
    ("XDG_CONFIG_HOME/swpanel/", "XDG_CONFIG_HOME/ingested-client/"),
];

/// A file of the runtime with nothing of SWPanel's in it that is sent or read.
fn of_no_vendor(bytes: &[u8], file: &Path) -> Result<Vec<u8>, Failure> {
    let mut text = String::from_utf8_lossy(bytes).into_owned();
    for (own, other) in OF_THE_VENDOR {
        text = text.replace(own, other);
    }
    let named = |file: &str| Path::new("src").join(file);
    let lost = (file == named("setup.rs") && !text.contains("DEFAULT_BASE_URL: Option<&str> = None;"))
        || (file == named("auth/profile.rs") && !text.contains(".join(env!("));
    if lost {
        let message =
            format!("`{}` of the runtime has changed, and may name SWPanel's address or files", file.display());
        return Err(Failure::new("failed", message, "adapt `OF_THE_VENDOR` in xtask/src/standalone.rs to it"));
    }
    Ok(text.into_bytes())
}

const HINT: &str = "run it in a whole checkout of the project: the runtime of `client/` is copied";

/// The crate's first file: with its own words at the head, and the generated module beside it.
fn root(bytes: &[u8], source: &str) -> Result<Vec<u8>, Failure> {
    let text = String::from_utf8_lossy(bytes);
    if !text.contains(GENERATED.0) {
        return Err(Failure::new("unreadable", "`client/src/lib.rs` does not include its generated module", HINT));
    }
    // Its documentation is that of the workspace's document, in lines and in an attribute.
    let is_code = |line: &&str| !line.starts_with("//!") && !line.starts_with("#![doc");
    let code: Vec<&str> = text.lines().filter(is_code).collect();
    let source = code_span(&redact(source));
    let head = format!(
        "//! Client made of {source}: generated for trial by `cargo xtask ingest`, on the runtime of `swpanel`.\n"
    );
    Ok((head + &code.join("\n").replace(GENERATED.0, GENERATED.1) + "\n").into_bytes())
}

/// The manifest of `client/`, every inherited value written out.
fn manifest(workspace: &Workspace, name: &str) -> Result<String, Failure> {
    let read = |file: &str| -> Result<Table, Failure> {
        let text = workspace.text(file)?;
        text.parse::<Table>()
            .map_err(|error| Failure::new("unreadable", format!("`{file}` is no manifest: {error}"), HINT))
    };
    let (whole, mut client) = (read("Cargo.toml")?, read("client/Cargo.toml")?);
    let at = |names: &[&str]| {
        let table = |value: &Value, name: &&str| value.get(*name).cloned();
        names.iter().try_fold(Value::Table(whole.clone()), |value, name| table(&value, name))
    };
    let mut package = Table::new();
    for (key, value) in
        [("name", name), ("description", "Generated for trial by `cargo xtask ingest`"), ("version", "0.0.0")]
    {
        package.insert(key.to_owned(), value.into());
    }
    for key in ["edition", "rust-version", "license"] {
        if let Some(value) = at(&["workspace", "package", key]) {
            package.insert(key.to_owned(), value);
        }
    }
    package.insert("publish".to_owned(), false.into());
    let mut out = Table::new();
    out.insert("package".to_owned(), package.into());
    // Documentation examples call it by the name of the real one.
    out.insert("lib".to_owned(), Table::from_iter([("name".to_owned(), "swpanel".into())]).into());
    out.insert("features".to_owned(), client.remove("features").unwrap_or_else(|| Table::new().into()));
    for section in ["dependencies", "dev-dependencies"] {
        let mut resolved = Table::new();
        for (name, wanted) in client.get(section).and_then(Value::as_table).into_iter().flatten() {
            let mut entry = match at(&["workspace", "dependencies", name]) {
                Some(Value::Table(entry)) => entry,
                Some(version) => Table::from_iter([("version".to_owned(), version)]),
                None => Table::new(),
            };
            for (key, value) in wanted.as_table().into_iter().flatten().filter(|(key, _)| *key != "workspace") {
                match (entry.get_mut(key), value) {
                    (Some(Value::Array(known)), Value::Array(more)) => known.extend(more.iter().cloned()),
                    _ => {
                        entry.insert(key.clone(), value.clone());
                    }
                }
            }
            resolved.insert(name.clone(), entry.into());
        }
        out.insert(section.to_owned(), resolved.into());
    }
    // On its own, also where it lies within another workspace.
    out.insert("workspace".to_owned(), Table::new().into());
    toml::to_string(&out).map_err(|error| Failure::new("failed", format!("the manifest: {error}"), "report this"))
}
