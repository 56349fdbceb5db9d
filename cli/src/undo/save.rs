//! What a delete command is about to delete: read before the question, saved after the yes.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::entry::{Entry, folder, new_place};
use super::read::ReadBack;
use super::recreate::Needs;
use super::{content, creating, obstacle};
use crate::arguments::Parsed;
use crate::failure::Failure;
use crate::files::write;
use crate::output;
use crate::request::Request;
use crate::session::{self, Session};
use crate::table::{Command, Effect};

/// What is known, before a delete command is sent, of whether it can be undone.
pub(crate) enum Preview {
    /// The command deletes nothing.
    NoDeletion,
    /// Nothing was read. Settings will be saved where they can be read.
    Unread,
    /// The settings were read.
    Read { entry: Value, needs: Needs },
    /// It cannot be undone, and why.
    Impossible(String),
}

/// Reads what is about to be deleted; for a command of which [`Preview::unread`] says that it can be undone.
pub(crate) async fn preview(
    session: &Session,
    command: &'static Command,
    parsed: &Parsed,
    request: &Request,
) -> Preview {
    match read(session, command, parsed, request).await {
        Ok((entry, needs)) => Preview::Read { entry, needs },
        Err(why) => Preview::Impossible(why),
    }
}

impl Preview {
    /// What is known without asking the API.
    pub(crate) fn unread(command: &'static Command, parsed: &Parsed) -> Self {
        match command.effect {
            Effect::Delete if parsed.given.has("no-save") => Self::Impossible("`--no-save` was given".to_owned()),
            Effect::Delete => match obstacle(command) {
                Some(why) => Self::Impossible(why.to_owned()),
                None if folder().is_none() => Self::Impossible(NO_FOLDER.to_owned()),
                None => Self::Unread,
            },
            _ => Self::NoDeletion,
        }
    }

    /// What a person is told before the deletion.
    pub(crate) fn consequence(&self, command: &Command) -> String {
        let lost = content(command);
        let loses = lost.map(|lost| format!("; content ({lost}) is not saved and is lost")).unwrap_or_default();
        match self {
            Self::NoDeletion => String::new(),
            Self::Unread => {
                format!(
                    "this deletes; settings that can be read are saved, and `swpanel undo` creates a new one from them{loses}"
                )
            }
            Self::Read { needs, .. } => {
                let with = with(needs);
                format!(
                    "this deletes; the settings are saved, and `swpanel undo` creates a new one from them{with}{loses}"
                )
            }
            Self::Impossible(why) => {
                let loses = lost.map(|lost| format!(", nor its content ({lost})")).unwrap_or_default();
                format!("this deletes; nothing here can bring it back{loses}: {why}")
            }
        }
    }
}

/// What a person has to give then.
fn with(needs: &Needs) -> String {
    match needs {
        Needs::Nothing => String::new(),
        Needs::Secrets(paths) => format!(" with {} that you give then", paths.join(", ")),
        Needs::Values(why) => format!(" with values that you give then ({why})"),
    }
}

/// Saves what was read, once the deletion is decided.
///
/// # Errors
/// Where it cannot be saved and a person said yes to a question that promised it.
pub(crate) fn keep(preview: &Preview, command: &Command, parsed: &Parsed) -> Result<Option<PathBuf>, Failure> {
    let Preview::Read { entry, .. } = preview else { return Ok(None) };
    let saved = new_place().ok_or_else(|| NO_FOLDER.to_owned()).and_then(|place| {
        let bytes = serde_json::to_vec_pretty(entry).unwrap_or_default();
        write(&place, &bytes).map(|()| place.clone()).map_err(|error| format!("{}: {error}", place.display()))
    });
    match saved {
        Ok(place) => Ok(Some(place)),
        Err(why) if command.asks() && !parsed.given.has("yes") => {
            Err(Failure::other(format!("nothing was deleted: its settings could not be saved: {why}"))
                .hint("`--no-save` deletes it without saving them"))
        }
        Err(why) => {
            output::note(&parsed.given, &format!("the settings could not be saved, so this cannot be undone: {why}"));
            Ok(None)
        }
    }
}

const NO_FOLDER: &str = "no folder is known for what is saved; set HOME";

/// Removes what was saved before a call that deleted nothing; where the call may have taken effect, it stays.
pub(crate) fn discard(saved: &Path, failure: &Failure, parsed: &Parsed) {
    if !failure.may_have_taken_effect {
        // Where it stays after all, `undo` finds that the thing is still there.
        let _ = std::fs::remove_file(saved);
        return;
    }
    if let Ok(entry) = Entry::read(saved.to_owned()) {
        let id = entry.id();
        let line = format!("saved before deleting: its settings; if it was deleted, `swpanel undo {id}` recreates it");
        output::note(&parsed.given, &line);
    }
}

/// Says after a deletion what can be undone and what cannot.
pub(crate) fn finish(preview: &Preview, saved: Option<&Path>, command: &Command, parsed: &Parsed) {
    let lost = content(command);
    match (preview, saved) {
        (Preview::Read { needs, .. }, Some(saved)) => {
            let id = saved.file_stem().unwrap_or_default().to_string_lossy();
            let password = match needs {
                Needs::Secrets(paths) if paths.len() == 1 => " --password -",
                Needs::Nothing => "",
                _ => " --from FILE",
            };
            let with = with(needs);
            output::note(
                &parsed.given,
                &format!(
                    "saved before deleting: its settings; `swpanel undo {id}{password}` recreates it from them{with}"
                ),
            );
            if let Some(lost) = lost {
                output::note(&parsed.given, &format!("settings are saved; the content ({lost}) is not"));
            }
        }
        (Preview::Impossible(_), _) if parsed.given.has("no-save") => {}
        (Preview::Impossible(why), _) => {
            let lost = lost.map(|lost| format!(", nor its content ({lost})")).unwrap_or_default();
            output::note(&parsed.given, &format!("not saved{lost}, so `swpanel undo` cannot recreate it: {why}"));
        }
        _ => {}
    }
}

async fn read(
    session: &Session,
    command: &'static Command,
    parsed: &Parsed,
    request: &Request,
) -> Result<(Value, Needs), String> {
    let look = ReadBack::of(command, &parsed.positionals, request)?;
    let found = look.find(session).await;
    let found = found.map_err(|failure| format!("it could not be read before: {}", failure.what))?;
    let item = found.ok_or("no read of the API shows it")?;
    let create = creating(command).ok_or("the API has no operation that creates such a thing")?;
    let needs = Needs::of_read(create, &item);
    let entry = json!({
        "swpanel_undo": 1,
        "command": command.name(),
        "method": command.method,
        "path": command.known_path,
        "values": parsed.positionals,
        "base_url": session.client.base_url(),
        "profile": session::profile_name(&parsed.given),
        "look": look.to_json(),
        "read": item,
    });
    Ok((entry, needs))
}
