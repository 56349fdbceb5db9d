//! Skeletons stay YAML when a comment mark is taken away.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on ends")]

mod common;

use common::{Desk, words};
use serde_json::Value;

/// The member of a commented line, where it is one, and how deep it stands.
fn member(line: &str) -> Option<usize> {
    let (name, value) = line.trim_start().strip_prefix("# ")?.trim_start_matches("- ").split_once(':')?;
    let value = value.trim().trim_end_matches(',');
    // What it is for is told in sentences, values are JSON.
    let is_value = ["", "{"].contains(&value) || serde_json::from_str::<Value>(value).is_ok();
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (is_name && is_value).then(|| line.len() - line.trim_start().len())
}

fn bare(line: &str) -> String {
    line.replacen("# ", "", 1)
}

#[test]
fn any_mark_may_be_taken_away() {
    let desk = Desk::new();
    let commands = desk.run(&["commands", "-o", "json"]).ends(0).json();
    let mut tried = 0;
    for command in commands.as_array().unwrap() {
        let name = command["command"].as_str().unwrap();
        let skeleton = desk.run(&[&words(name)[..], &["--skeleton"]].concat());
        if skeleton.code != 0 || skeleton.out.contains("an example of it") {
            continue;
        }
        let values = command["path"].as_str().unwrap().matches('{').count();
        let mut line: Vec<&str> = words(name);
        line.extend(std::iter::repeat_n("1", values));
        line.extend(words("--from - --no-validate --dry-run -o json"));
        let lines: Vec<&str> = skeleton.out.lines().collect();
        for (at, depth) in lines.iter().enumerate().filter_map(|(at, line)| Some((at, member(line)?))) {
            // With the members that it stands in, and what stands in it where that is commented out as well.
            let mut open = depth;
            let mut away = vec![at];
            for above in (0..at).rev() {
                let line = lines[above];
                let here = line.len() - line.trim_start().len();
                if here < open && (member(line).is_some() || !line.trim_start().starts_with('#')) {
                    open = here;
                    if member(line).is_some() {
                        away.push(above);
                    }
                }
            }
            let ends = |line: &str| line.trim_start().starts_with("# }");
            let text: String = lines
                .iter()
                .enumerate()
                .map(|(number, line)| match away.contains(&number) || ends(line) && away.iter().any(|a| *a < number) {
                    true => bare(line) + "\n",
                    false => format!("{line}\n"),
                })
                .collect();
            // Braces that end in a comment end with the member that opens them.
            if lines[at].ends_with('{')
                || away.iter().any(|above| lines[*above].trim_start().starts_with("# ") && lines[*above].ends_with('{'))
            {
                continue;
            }
            let said = desk.feed(desk.command(&line), &text);
            assert_eq!(said.code, 0, "{name}: {}\n{text}\n{}", lines[at], said.err);
            let body = serde_json::from_str::<Value>(&said.out).unwrap()["body"].clone();
            assert!(body.is_object(), "{name}: {text}");
            tried += 1;
        }
        // All at once.
        let all: String = lines
            .iter()
            .map(|line| if member(line).is_some() || line.trim_start().starts_with("# }") { bare(line) } else { (*line).to_owned() } + "\n")
            .collect();
        let said = desk.feed(desk.command(&line), &all);
        assert_eq!(said.code, 0, "{name}: {all}\n{}", said.err);
    }
    assert!(tried > 30, "{tried}");
    let shown = desk.run(&words("db update XX012 d1 --skeleton")).ends(0).out;
    assert!(shown.contains("fullcontrol: true") && shown.contains("readonly: false"), "{shown}");
}
