//! A command to the token that it prints. It runs without a shell; what it prints is shown nowhere.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncReadExt;

use super::{TokenFuture, TokenProvider};
use crate::error::Error;
use crate::values::Secret;

/// How long a command may take: a person may have to unlock a vault.
const PATIENCE: Duration = Duration::from_secs(60);
/// No token is longer.
const LONGEST: u64 = 64 << 10;

/// Program and arguments.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Command {
    words: Vec<String>,
    patience: Duration,
}

impl Command {
    pub(crate) fn new(words: Vec<String>) -> Self {
        Self { words, patience: PATIENCE }
    }

    async fn run(&self) -> Result<Secret, Error> {
        let Some((program, arguments)) = self.words.split_first() else {
            return Err(Error::no_token("`token_command` is empty"));
        };
        // Arguments may name places of secrets; the program alone is told.
        let failed = |what: &str| Error::no_token(format!("`token_command` ({program}) {what}"));
        // Standard input is the program's own; a vault that asks a person does so on the terminal.
        let mut command = tokio::process::Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let mut child = command.spawn().map_err(|error| failed(&format!("cannot be run: {}", error.kind())))?;
        let Some(output) = child.stdout.take() else { return Err(failed("has no output")) };
        let mut text = Vec::new();
        let whole = async {
            output.take(LONGEST).read_to_end(&mut text).await?;
            child.wait().await
        };
        let status = match tokio::time::timeout(self.patience, whole).await {
            Err(_) => return Err(failed(&format!("did not end within {} s", self.patience.as_secs()))),
            Ok(status) => status.map_err(|error| failed(&format!("broke off: {}", error.kind())))?,
        };
        if !status.success() {
            return Err(failed(&format!("failed ({status}); run it by hand to see why")));
        }
        let token = String::from_utf8(text).map_err(|_| failed("printed no text"))?;
        match token.trim() {
            "" => Err(failed("printed nothing")),
            token => Ok(Secret::from(token)),
        }
    }
}

impl TokenProvider for Command {
    fn token(&self, _renew: bool) -> TokenFuture<'_> {
        Box::pin(self.run())
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn command(words: &[&str], patience: u64) -> Command {
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        Command { words, patience: Duration::from_millis(patience) }
    }

    #[tokio::test]
    async fn what_it_prints_is_the_token() {
        let token = command(&["printf", "marker-%s\\n", "token"], 5000).token(false).await.unwrap();
        assert_eq!(token.expose(), "marker-token");
    }

    #[tokio::test]
    async fn a_failure_shows_neither_output_nor_arguments() {
        for (words, patience, says) in [
            (vec!["sh", "-c", "echo marker; echo marker >&2; exit 3"], 5000, "failed"),
            (vec!["sleep", "30"], 50, "did not end"),
            (vec!["true", "marker"], 5000, "printed nothing"),
            (vec!["/nowhere/at-all", "marker"], 5000, "cannot be run"),
            (vec![], 5000, "is empty"),
        ] {
            let error = command(&words, patience).token(false).await.unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::NoToken);
            let shown = format!("{error} {error:?}");
            assert!(shown.contains(says) && !shown.contains("marker"), "{shown}");
        }
    }

    #[tokio::test]
    async fn no_shell_reads_it() {
        let token = command(&["printf", "%s", "$HOME;`id`"], 5000).token(false).await.unwrap();
        assert_eq!(token.expose(), "$HOME;`id`");
    }
}
