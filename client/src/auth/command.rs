//! A command to the token that it prints. It runs without a shell; what it prints is shown nowhere.

use std::process::{ExitStatus, Stdio};
use std::task::Poll;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::process::{Child, ChildStdout};

use super::{TokenFuture, TokenProvider, token};
use crate::error::Error;
use crate::values::Secret;

/// How long a command may take: a person may have to unlock a vault.
const PATIENCE: Duration = Duration::from_secs(60);
/// No token is longer.
const LONGEST: usize = 64 << 10;
/// How long the output is read on after the command has ended.
const GRACE: Duration = Duration::from_millis(200);

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
        // Standard input is the program's own; a vault that asks a person does so on the terminal. For that the command
        // stays in the process group of the terminal, and after a time-out only the command itself is killed.
        let mut command = tokio::process::Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        // A program that does not exist may be a token that was given in its place, so it is not named.
        let mut child = command.spawn().map_err(|error| {
            Error::no_token(format!("the program of `token_command` cannot be run: {}", error.kind()))
        })?;
        // Arguments may name places of secrets; only the program is named.
        let failed = |what: &str| Error::no_token(format!("`token_command` ({program}) {what}"));
        let Some(output) = child.stdout.take() else { return Err(failed("has no output")) };
        let text = match tokio::time::timeout(self.patience, finish(&mut child, output)).await {
            Err(_) => return Err(failed(&format!("did not end within {} s", self.patience.as_secs()))),
            Ok(Err(error)) => return Err(failed(&format!("broke off: {}", error.kind()))),
            Ok(Ok((status, _))) if !status.success() => {
                return Err(failed(&format!("failed ({status}); run it by hand to see why")));
            }
            Ok(Ok((_, text))) => text,
        };
        if text.len() > LONGEST {
            return Err(failed(&format!("printed more than {} KiB, which is no token", LONGEST >> 10)));
        }
        let text = String::from_utf8(text).map_err(|_| failed("printed something else than text in UTF-8"))?;
        match token::check(&text, "the token that `token_command` printed")? {
            "" => Err(failed("printed nothing")),
            token => Ok(Secret::from(token)),
        }
    }
}

/// How a child ended, and what it printed until then; one byte more than [`LONGEST`] where it prints without end.
///
/// A process that the child left in the background can hold the output open for ever. So the child's own end counts:
/// what is in the pipe by then is read, for [`GRACE`] at most.
async fn finish(child: &mut Child, mut output: ChildStdout) -> std::io::Result<(ExitStatus, Vec<u8>)> {
    let mut text = Vec::new();
    let mut read = Box::pin(read_up_to(&mut output, &mut text));
    let first = {
        let mut wait = std::pin::pin!(child.wait());
        std::future::poll_fn(|context| {
            if let Poll::Ready(status) = wait.as_mut().poll(context) {
                return Poll::Ready(First::Ended(status));
            }
            read.as_mut().poll(context).map(First::Read)
        })
        .await
    };
    let status = match first {
        First::Ended(status) => {
            // Whether this ends or not: what was read until then is in `text`.
            let _ = tokio::time::timeout(GRACE, &mut read).await;
            status?
        }
        First::Read(end) => match end? {
            End::Whole => child.wait().await?,
            // Nobody reads on, so the child would wait for ever.
            End::TooLong => {
                child.kill().await?;
                ExitStatus::default()
            }
        },
    };
    drop(read);
    Ok((status, text))
}

/// What happened first.
enum First {
    Ended(std::io::Result<ExitStatus>),
    Read(std::io::Result<End>),
}

/// Where reading ended.
enum End {
    Whole,
    TooLong,
}

async fn read_up_to(output: &mut ChildStdout, text: &mut Vec<u8>) -> std::io::Result<End> {
    let mut piece = [0; 4096];
    loop {
        match output.read(&mut piece).await? {
            0 => return Ok(End::Whole),
            count => text.extend(piece.iter().take(count)),
        }
        if text.len() > LONGEST {
            return Ok(End::TooLong);
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
    async fn a_background_process_that_keeps_the_output_open_is_not_waited_for() {
        let started = std::time::Instant::now();
        for (script, token) in [
            ("sleep 20 & echo marker-token", "marker-token"),
            // The background process writes on; the output is bounded in time.
            ("(while sleep 0.05; do echo; done) & echo marker-token", "marker-token"),
        ] {
            let found = command(&["sh", "-c", script], 8000).token(false).await.unwrap();
            assert_eq!(found.expose(), token, "{script}");
        }
        assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
    }

    #[tokio::test]
    async fn output_without_end_is_refused_at_once() {
        let started = std::time::Instant::now();
        let error = command(&["sh", "-c", "yes marker"], 8000).token(false).await.unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(shown.contains("more than 64 KiB") && !shown.contains("marker"), "{shown}");
        assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
    }

    #[tokio::test]
    async fn a_token_given_as_the_command_is_not_repeated() {
        let error = command(&["marker_token_1234"], 5000).token(false).await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("marker"), "{error}");
    }

    #[tokio::test]
    async fn no_shell_reads_it() {
        let token = command(&["printf", "%s", "$HOME;`id`"], 5000).token(false).await.unwrap();
        assert_eq!(token.expose(), "$HOME;`id`");
    }
}
