//! A job of a workflow, run step by step in a clone: expressions, outputs and environments as GitHub has them, as far as
//! the workflows here use them. What it cannot read it refuses.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use swpanel_build_tools::document::RawDocument;

use super::checkout::Checkout;
use super::{Ran, workspace};

pub(crate) struct Workflow {
    root: Value,
    name: String,
}

/// What a job left.
#[derive(Debug)]
pub(crate) struct Done {
    /// What the steps printed, in order.
    pub(crate) log: String,
    /// The outputs of the job.
    pub(crate) outputs: Value,
    /// The step that failed.
    pub(crate) failed: Option<String>,
    /// The folder that the job worked in.
    pub(crate) folder: PathBuf,
    /// What was written for people.
    pub(crate) summary: String,
}

impl Workflow {
    pub(crate) fn read(name: &str) -> Self {
        let bytes = std::fs::read(workspace().join(".github/workflows").join(name)).unwrap();
        let raw = RawDocument::read(&bytes).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        Self { root: raw.root().to_json(), name: name.to_owned() }
    }

    /// The job as it is written.
    pub(crate) fn job(&self, name: &str) -> &Value {
        &self.root["jobs"][name]
    }

    pub(crate) fn jobs(&self) -> Vec<String> {
        self.root["jobs"].as_object().unwrap().keys().cloned().collect()
    }

    /// Runs a job in a new clone of `origin`. `contexts` has `github`, `inputs`, `vars` and the like.
    pub(crate) fn run(&self, checkout: &Checkout, origin: &Path, job: &str, contexts: &Value) -> Done {
        let spec = &self.root["jobs"][job];
        assert!(spec.is_object(), "{} has no job {job}", self.name);
        let number = std::fs::read_dir(checkout.beside("jobs")).unwrap().count();
        let place = checkout.beside(&format!("jobs/{number}-{job}"));
        let temporary = place.join("temporary");
        std::fs::create_dir_all(&temporary).unwrap();
        let mut done = Done {
            log: String::new(),
            outputs: json!({}),
            failed: None,
            folder: place.join("work"),
            summary: String::new(),
        };
        assert_eq!(self.root["defaults"]["run"]["shell"], "bash", "scripts are run without -e and pipefail");
        let mut contexts = contexts.clone();
        contexts["steps"] = json!({});
        contexts["runner"] = json!({"temp": temporary});
        // A job sees the outputs of those alone that it names.
        let named: Vec<&str> = match &spec["needs"] {
            Value::String(one) => vec![one],
            Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        if let Some(needs) = contexts["needs"].as_object_mut() {
            needs.retain(|name, _| named.contains(&name.as_str()));
        }
        // Whoever set up git for pushing did so in an earlier job, on another machine.
        let _ = std::fs::remove_file(checkout.beside("").join("may-push"));
        if let Some(condition) = spec["if"].as_str()
            && !truth(&value(condition, &contexts))
        {
            done.log.push_str("skipped\n");
            return done;
        }
        let steps = spec["steps"].as_array().unwrap();
        for (at, step) in steps.iter().enumerate() {
            let title = step["name"].as_str().or(step["run"].as_str()).or(step["uses"].as_str()).unwrap_or("?");
            if let Some(condition) = step["if"].as_str()
                && !truth(&value(condition, &contexts))
            {
                continue;
            }
            if let Some(action) = step["uses"].as_str() {
                let with = |name: &str| filled(step["with"][name].as_str().unwrap_or_default(), &contexts);
                let (kept, path) = (checkout.beside("artifacts"), done.folder.join(with("path")));
                match action.split('@').next().unwrap() {
                    "actions/upload-artifact" => {
                        super::copy_folder(&path, &kept.join(with("name")));
                        continue;
                    }
                    "actions/download-artifact" => {
                        let all = std::fs::read_dir(&kept).unwrap().map(|entry| entry.unwrap().path());
                        let (name, start) = (with("name"), with("pattern").trim_end_matches('*').to_owned());
                        let is_wanted = |found: &str| {
                            if name.is_empty() { !start.is_empty() && found.starts_with(&start) } else { found == name }
                        };
                        let wanted: Vec<_> =
                            all.filter(|found| is_wanted(found.file_name().unwrap().to_str().unwrap())).collect();
                        assert!(!wanted.is_empty(), "{title}: there is no such artifact");
                        wanted.iter().for_each(|folder| super::copy_folder(folder, &path));
                        continue;
                    }
                    "actions/checkout" => {}
                    _ => panic!("{action} cannot be played here"),
                }
                assert_eq!(step["with"]["persist-credentials"], json!(false), "{title}: a token would be left behind");
                let wanted = step["with"]["ref"].as_str();
                let wanted = wanted.map_or_else(|| "main".to_owned(), |text| filled(text, &contexts));
                let depth = if step["with"]["fetch-depth"] == json!(0) { "--tags" } else { "--depth 1 --no-tags" };
                let script = format!(
                    "git init --quiet --initial-branch main work && cd work && git remote add origin 'file://{}'\n\
                     git fetch --quiet {depth} origin '{wanted}'\n\
                     git checkout --quiet -B main FETCH_HEAD",
                    origin.display()
                );
                let ran = checkout.run_in(&place, &script, "", &[]);
                assert_eq!(ran.code, Some(0), "{script}: {ran:?}");
                continue;
            }
            let (outputs, summary) = (temporary.join(format!("outputs-{at}")), temporary.join("summary"));
            std::fs::write(&outputs, "").unwrap();
            let mut variables: Vec<(String, String)> = [
                ("GITHUB_OUTPUT", outputs.display().to_string()),
                ("GITHUB_STEP_SUMMARY", summary.display().to_string()),
                ("RUNNER_TEMP", temporary.display().to_string()),
                ("GITHUB_REF_NAME", text(&contexts["github"]["ref_name"])),
                ("GITHUB_REPOSITORY", "team/swpanel".to_owned()),
            ]
            .map(|(name, value)| (name.to_owned(), value))
            .to_vec();
            for environment in [&self.root["env"], &spec["env"], &step["env"]] {
                let given = environment.as_object().into_iter().flatten();
                variables.extend(given.map(|(name, value)| (name.clone(), filled(&text(value), &contexts))));
            }
            let work = if done.folder.exists() { &done.folder } else { &place };
            let ran: Ran = checkout.run_in(work, step["run"].as_str().unwrap(), "", &variables);
            done.log.push_str(&format!("== {title}\n{}{}", ran.out, ran.err));
            if let Some(id) = step["id"].as_str() {
                contexts["steps"][id] = json!({"outputs": read_outputs(&std::fs::read_to_string(&outputs).unwrap())});
            }
            if ran.code != Some(0) {
                done.failed = Some(title.to_owned());
                break;
            }
        }
        let outputs = spec["outputs"].as_object().into_iter().flatten();
        let outputs: Map<String, Value> =
            outputs.map(|(name, text)| (name.clone(), json!(filled(text.as_str().unwrap(), &contexts)))).collect();
        done.outputs = Value::Object(outputs);
        done.summary = std::fs::read_to_string(temporary.join("summary")).unwrap_or_default();
        done
    }
}

/// `name=value` lines, and `name<<END` with the lines up to `END`.
pub(crate) fn read_outputs(file: &str) -> Value {
    let mut found = Map::new();
    let mut lines = file.lines();
    while let Some(line) = lines.next() {
        if let Some((name, end)) = line.split_once("<<").filter(|(name, _)| !name.contains('=')) {
            let held: Vec<&str> = lines.by_ref().take_while(|line| *line != end).collect();
            found.insert(name.to_owned(), json!(held.join("\n")));
        } else {
            let (name, value) = line.split_once('=').unwrap_or_else(|| panic!("`{line}` is no output"));
            found.insert(name.to_owned(), json!(value));
        }
    }
    Value::Object(found)
}

/// A text with each `${{ ... }}` replaced by its value.
pub(crate) fn filled(template: &str, contexts: &Value) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("${{") {
        let (expression, after) = after.split_once("}}").unwrap_or_else(|| panic!("`{template}` does not end"));
        out.push_str(before);
        out.push_str(&text(&value(expression, contexts)));
        rest = after;
    }
    out + rest
}

/// As GitHub prints a value.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn truth(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false)) && *value != json!("") && *value != json!(0)
}

/// The value of an expression: names, texts, `!`, `==`, `!=`, `&&`, `||`.
pub(crate) fn value(expression: &str, contexts: &Value) -> Value {
    let expression = expression.trim().trim_start_matches("${{").trim_end_matches("}}").trim();
    for (operator, either) in [("||", true), ("&&", false)] {
        if let Some((left, right)) = expression.split_once(operator) {
            let left = value(left, contexts);
            return if truth(&left) == either { left } else { value(right, contexts) };
        }
    }
    for (operator, wanted) in [("==", true), ("!=", false)] {
        if let Some((left, right)) = expression.split_once(operator) {
            return json!((value(left, contexts) == value(right, contexts)) == wanted);
        }
    }
    if let Some(rest) = expression.strip_prefix('!') {
        return json!(!truth(&value(rest, contexts)));
    }
    if let Some(quoted) = expression.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        return json!(quoted);
    }
    let known = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    assert!(!expression.is_empty() && expression.chars().all(known), "`{expression}` cannot be read here");
    expression.split('.').fold(contexts.clone(), |value, name| value.get(name).cloned().unwrap_or(Value::Null))
}
