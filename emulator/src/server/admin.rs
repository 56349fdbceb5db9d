//! The controls under `/__emulator/`: tokens, seed, snapshot, clock, jobs, faults, journal, settings, document.
//!
//! They need no token: whoever reaches the port owns the made-up account behind it.

use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::incoming::{self, Received};
use super::{Shared, lock, own};
use crate::answer::{Answer, Basis, Body};
use crate::behaviour::age;
use crate::codes::CODES;
use crate::document::Api;
use crate::faults::FaultRule;
use crate::release;
use crate::seed::Seed;
use crate::settings::{ErrorsAs, Jobs};
use crate::tokens::Scope;
use crate::world::{World, clock};

/// The controls, for people.
const CONTROLS: &[(&str, &str)] = &[
    ("GET /__emulator/", "this list, and what is being served"),
    ("GET /__emulator/operations", "every operation, its role, and what the router could not take"),
    ("GET /__emulator/codes", "codes of errors, and which of them are the emulator's own"),
    ("GET /__emulator/tokens", "names and scopes of the tokens"),
    ("POST /__emulator/tokens", "{name, scope: {groups, read_only, services}}: makes a token and shows it"),
    ("DELETE /__emulator/tokens/NAME", "revokes a token"),
    ("POST /__emulator/seed", "{seed: demo|large|empty}: begins another account"),
    ("POST /__emulator/reset", "everything as at the start, but for the document"),
    ("GET /__emulator/snapshot", "the whole state, without tokens; it holds no passwords, since none are kept"),
    ("POST /__emulator/restore", "takes such a state over"),
    ("GET /__emulator/clock", "the time that the emulator goes by"),
    ("PUT /__emulator/clock", "{now: 2026-06-02T08:00:00Z} or {advance_seconds: N}"),
    ("GET /__emulator/jobs", "what is pending"),
    ("POST /__emulator/jobs/finish", "{id: N}, or all of them"),
    ("GET /__emulator/faults", "the rules, and how often they struck"),
    ("POST /__emulator/faults", "{operation, fault: {kind, ...}, skip, count, probability}: adds a rule"),
    ("DELETE /__emulator/faults", "removes all rules; /__emulator/faults/N removes one"),
    ("GET /__emulator/journal", "the latest requests, newest last; ?last=N"),
    ("DELETE /__emulator/journal", "empties it"),
    ("GET /__emulator/settings", "what is switched how"),
    (
        "PUT /__emulator/settings",
        "any of errors_as, strict, strict_paths, unknown_members, check_formats, integrator_mode, jobs",
    ),
    ("GET /__emulator/document", "the document being served"),
    ("PUT /__emulator/document", "serves the document in the body from now on; the state stays"),
    ("POST /__emulator/document/next", "publishes a made-up next release of the document"),
];

struct Problem(u16, String);

type Controlled = Result<Value, Problem>;

fn problem(status: u16, message: impl Into<String>) -> Problem {
    Problem(status, message.into())
}

pub(super) fn answer(shared: &Shared, parts: &Parts, received: Received) -> Answer {
    let body = match received {
        Received::Whole(bytes) => bytes,
        // Snapshots and documents may be large, but not without end.
        _ => return failed(problem(413, "the body is too large or broken off; send at most 64 MiB, whole")),
    };
    let path = crate::document::tidy(parts.uri.path());
    let words: Vec<&str> = path.split('/').skip(2).collect();
    if let ("GET", ["document"]) = (parts.method.as_str(), words.as_slice()) {
        return own(200, Body::Raw(shared.api().bytes.clone(), "application/json"));
    }
    let query = incoming::query(parts.uri.query().unwrap_or_default());
    match control(shared, parts.method.as_str(), &words, &query, &body) {
        Ok(value) => Answer::json(200, Basis::Guessed, &value),
        Err(problem) => failed(problem),
    }
}

fn failed(Problem(status, message): Problem) -> Answer {
    Answer::json(status, Basis::Guessed, &json!({"error": message}))
}

fn read<T: DeserializeOwned>(body: &[u8], form: &str) -> Result<T, Problem> {
    let body: &[u8] = if body.trim_ascii().is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| problem(422, format!("the body does not say {form}: {error}")))
}

fn control(shared: &Shared, method: &str, words: &[&str], query: &[(String, String)], body: &[u8]) -> Controlled {
    match (method, words) {
        ("GET", []) => Ok(overview(shared)),
        ("GET", ["operations"]) => Ok(operations(&shared.api())),
        ("GET", ["codes"]) => Ok(CODES
            .iter()
            .map(|code| {
                let of = if code.observed { "vendor" } else { "emulator" };
                json!({"code": code.code, "status": code.status, "meaning": code.meaning, "of": of})
            })
            .collect()),
        ("GET" | "POST" | "DELETE", ["tokens", ..]) => tokens(shared, method, words, body),
        ("POST", ["seed"]) => {
            #[derive(serde::Deserialize)]
            struct Wish {
                seed: Seed,
            }
            let wish: Wish = read(body, "{\"seed\": \"demo\"}")?;
            *lock(&shared.world) = wish.seed.world();
            Ok(json!({"seed": wish.seed}))
        }
        ("POST", ["reset"]) => {
            shared.reset();
            Ok(json!({"reset": true}))
        }
        ("GET", ["snapshot"]) => Ok(json!(*lock(&shared.world))),
        ("POST", ["restore"]) => {
            let world: World = read(body, "what GET /__emulator/snapshot answers")?;
            *lock(&shared.world) = world;
            Ok(json!({"restored": true}))
        }
        ("GET" | "PUT", ["clock"]) => set_clock(shared, method == "PUT", body),
        ("GET", ["jobs"]) => Ok(json!(lock(&shared.world).jobs())),
        ("POST", ["jobs", "finish"]) => {
            #[derive(serde::Deserialize)]
            #[serde(deny_unknown_fields)]
            struct Wish {
                id: Option<u64>,
            }
            let wish: Wish = read(body, "{\"id\": 1} or nothing")?;
            Ok(json!({"finished": lock(&shared.world).finish(wish.id)}))
        }
        ("GET" | "POST" | "DELETE", ["faults", ..]) => faults(shared, method, words, body),
        ("GET", ["journal"]) => {
            let last = query.iter().find(|(name, _)| name == "last").map(|(_, value)| {
                let refuse = |_| problem(422, format!("`last` is a number of entries, not `{value}`"));
                value.parse::<usize>().map_err(refuse)
            });
            let last = last.transpose()?;
            let journal = lock(&shared.journal);
            let skipped = last.map_or(0, |last| journal.entries().count().saturating_sub(last));
            Ok(json!(journal.entries().skip(skipped).collect::<Vec<_>>()))
        }
        ("DELETE", ["journal"]) => {
            lock(&shared.journal).clear();
            Ok(json!({"emptied": true}))
        }
        ("GET" | "PUT", ["settings"]) => settings(shared, method == "PUT", body),
        ("PUT" | "POST", ["document"]) => {
            let api =
                Api::read(bytes::Bytes::copy_from_slice(body)).map_err(|error| problem(422, error.to_string()))?;
            Ok(published(shared, api))
        }
        ("POST", ["document", "next"]) => {
            let next = release::next(&shared.api().tree);
            let api = Api::read(next.into()).map_err(|error| problem(500, error.to_string()))?;
            Ok(published(shared, api))
        }
        _ => {
            let all: Vec<&str> = CONTROLS.iter().map(|(call, _)| *call).collect();
            Err(problem(
                404,
                format!("there is no {method} /__emulator/{}; there are: {}", words.join("/"), all.join(", ")),
            ))
        }
    }
}

fn published(shared: &Shared, api: Api) -> Value {
    let answer = json!({
        "version": api.title().1,
        "operations": api.operations.len(),
        "unserved": api.unserved,
    });
    shared.publish(api);
    answer
}

fn overview(shared: &Shared) -> Value {
    let api = shared.api();
    let (title, version) = api.title();
    let world = lock(&shared.world);
    json!({
        "document": {"title": title, "version": version, "operations": api.operations.len(), "unserved": api.unserved},
        "base_path": api.base_path,
        "documentation": ["/docs/", "/panel/docs/ (behind a login)"],
        "clock": clock::instant(world.now),
        "collections": world.census(),
        "settings": shared.settings(),
        "controls": CONTROLS.iter().map(|(call, what)| json!({"call": call, "what": what})).collect::<Vec<_>>(),
    })
}

fn operations(api: &Api) -> Value {
    let served: Vec<Value> = api
        .operations
        .iter()
        .map(|operation| {
            json!({
                "method": operation.method,
                "path": operation.template,
                "group": operation.group,
                "role": operation.role.word(),
                "by_hand": operation.row.special != crate::behaviour::Special::None,
            })
        })
        .collect();
    json!({"served": served, "unserved": api.unserved})
}

fn tokens(shared: &Shared, method: &str, words: &[&str], body: &[u8]) -> Controlled {
    let mut tokens = lock(&shared.tokens);
    match (method, words) {
        ("GET", ["tokens"]) => {
            let all = tokens.all().iter();
            let one = |token: &crate::tokens::Token| json!({"name": token.name, "scope": token.scope, "revoked": token.revoked, "calls": token.calls});
            Ok(all.map(one).collect())
        }
        ("POST", ["tokens"]) => {
            #[derive(serde::Deserialize)]
            #[serde(deny_unknown_fields)]
            struct Wish {
                name: String,
                #[serde(default)]
                scope: Scope,
            }
            let form = "{\"name\": \"reader\", \"scope\": {\"read_only\": true, \"groups\": [], \"services\": []}}";
            let wish: Wish = read(body, form)?;
            let api = shared.api();
            let known = |group: &String| api.operations.iter().any(|operation| operation.group == *group);
            if let Some(unknown) = wish.scope.groups.iter().find(|group| !known(group)) {
                let groups: std::collections::BTreeSet<&str> =
                    api.operations.iter().map(|operation| operation.group.as_str()).collect();
                let groups = groups.into_iter().collect::<Vec<_>>().join(", ");
                return Err(problem(422, format!("there is no group `{unknown}`; there are: {groups}")));
            }
            let secret = tokens.make(&wish.name, wish.scope.clone());
            Ok(json!({"name": wish.name, "scope": wish.scope, "token": secret}))
        }
        ("DELETE", ["tokens", name]) => {
            let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
            match tokens.revoke(&name) {
                true => Ok(json!({"revoked": name})),
                false => Err(problem(404, format!("there is no token `{name}`; GET /__emulator/tokens lists them"))),
            }
        }
        _ => Err(problem(405, "tokens are listed (GET), made (POST) and revoked (DELETE /__emulator/tokens/NAME)")),
    }
}

fn faults(shared: &Shared, method: &str, words: &[&str], body: &[u8]) -> Controlled {
    let mut faults = lock(&shared.faults);
    match (method, words) {
        ("GET", ["faults"]) => Ok(faults
            .rules()
            .iter()
            .map(|active| json!({"id": active.id, "rule": active.rule, "seen": active.seen, "struck": active.struck}))
            .collect()),
        ("POST", ["faults"]) => {
            let form = "a rule such as {\"operation\": \"GET /services/\", \"fault\": {\"kind\": \"latency\", \"milliseconds\": 50}, \"count\": 1}";
            let rule: FaultRule = read(body, form)?;
            if let Some(probability) = rule.probability.filter(|probability| !(0.0..=1.0).contains(probability)) {
                return Err(problem(422, format!("`probability` is {probability}; it goes from 0 to 1")));
            }
            let missing = rule.operation.as_deref().is_some_and(|operation| !is_known(&shared.api(), operation));
            let id = faults.add(rule);
            let hint = missing.then_some("no operation of the document is meant by this rule at present");
            Ok(json!({"id": id, "hint": hint}))
        }
        ("DELETE", ["faults"]) => Ok(json!({"removed": faults.remove(None)})),
        ("DELETE", ["faults", id]) => match id.parse().ok().filter(|id| faults.remove(Some(*id)) > 0) {
            Some(id) => Ok(json!({"removed": 1, "id": id})),
            None => Err(problem(404, format!("there is no rule {id}; GET /__emulator/faults lists them"))),
        },
        _ => Err(problem(405, "faults are listed (GET), added (POST) and removed (DELETE)")),
    }
}

fn is_known(api: &Api, operation: &str) -> bool {
    let (method, path) = operation.split_once(' ').unwrap_or(("*", operation));
    let same = |known: &crate::document::Operation| {
        (method == "*" || known.method.eq_ignore_ascii_case(method)) && (path == "*" || known.is_at(path))
    };
    api.operations.iter().any(same)
}

fn set_clock(shared: &Shared, change: bool, body: &[u8]) -> Controlled {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Wish {
        now: Option<String>,
        advance_seconds: Option<i64>,
    }
    let mut world = lock(&shared.world);
    if change {
        let form = "{\"now\": \"2026-06-02T08:00:00Z\"} or {\"advance_seconds\": 60}";
        let wish: Wish = read(body, form)?;
        let now = match (wish.now, wish.advance_seconds) {
            (Some(text), None) => clock::parse(&text),
            (None, Some(seconds)) => {
                world.now.checked_add(seconds).filter(|now| clock::parse(&clock::instant(*now)).is_some())
            }
            _ => None,
        };
        world.now = now.ok_or_else(|| problem(422, format!("the body does not say {form}")))?;
        world.tick(false);
        age(&mut world);
    }
    Ok(json!({"now": clock::instant(world.now)}))
}

fn settings(shared: &Shared, change: bool, body: &[u8]) -> Controlled {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Wish {
        errors_as: Option<ErrorsAs>,
        strict: Option<bool>,
        strict_paths: Option<bool>,
        unknown_members: Option<bool>,
        check_formats: Option<bool>,
        integrator_mode: Option<bool>,
        jobs: Option<Jobs>,
    }
    let mut settings = shared.settings();
    if change {
        let wish: Wish = read(body, "settings such as {\"integrator_mode\": false, \"jobs\": {\"calls\": 2}}")?;
        settings.errors_as = wish.errors_as.unwrap_or(settings.errors_as);
        settings.strict = wish.strict.unwrap_or(settings.strict);
        settings.strict_paths = wish.strict_paths.unwrap_or(settings.strict_paths);
        settings.unknown_members = wish.unknown_members.unwrap_or(settings.unknown_members);
        settings.check_formats = wish.check_formats.unwrap_or(settings.check_formats);
        settings.integrator_mode = wish.integrator_mode.unwrap_or(settings.integrator_mode);
        settings.jobs = wish.jobs.unwrap_or(settings.jobs);
        shared.set(settings);
    }
    Ok(json!(settings))
}
