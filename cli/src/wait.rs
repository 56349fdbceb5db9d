//! `--wait`: after a change, reads of the state until a condition holds. What the states are called no evidence says, so
//! the condition is the caller's (`--wait-for`).

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::arguments::Parsed;
use crate::failure::{Exit, Failure};
use crate::jq;
use crate::json::Json;
use crate::output;
use crate::request::{Request, path};
use crate::session::Session;
use crate::table::{COMMANDS, Command};
use crate::text::visible;

/// The first rest between two reads; each is half as long again.
const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(10);

/// What is waited for.
pub(crate) struct Wait {
    request: Request,
    name: String,
    filter: String,
    patience: Duration,
    quiet: bool,
}

impl Wait {
    /// What the flags ask for; told before anything is sent where it cannot be done.
    pub(crate) fn of(command: &'static Command, parsed: &Parsed) -> Result<Option<Self>, Failure> {
        if !parsed.given.has("wait") || parsed.given.has("no-wait") {
            return Ok(None);
        }
        if command.reads() {
            return Err(Failure::usage("`--wait` has no use with a read"));
        }
        let state = state(command).ok_or_else(|| {
            Failure::usage(format!("the document has no read that shows what `{}` does", command.name()))
        })?;
        let filter = parsed.given.get("wait-for").ok_or_else(|| {
            Failure::usage("`--wait` needs `--wait-for FILTER`: what the states are called no evidence says").hint(
                format!(
                    "look at `swpanel {}` once, then as in `--wait-for '.result.status == \"running\"'`",
                    state.name()
                ),
            )
        })?;
        // A filter that is wrong is told now, not after the change.
        jq::check(filter)?;
        let value = |name: &str| {
            let mut pairs = command.positionals().zip(&parsed.positionals);
            pairs.find(|(argument, _)| argument.name == name).map(|(_, value)| value.clone())
        };
        let values: Vec<String> = state.positionals().filter_map(|argument| value(argument.name)).collect();
        let seconds = parsed.given.number("wait-timeout")?.unwrap_or(600);
        Ok(Some(Self {
            request: Request::raw(state.method, &path(state, &values)?, Vec::new(), None),
            name: [&[state.name()][..], &values].concat().join(" "),
            filter: filter.to_owned(),
            patience: Duration::from_secs(seconds),
            quiet: output::is_still(&parsed.given),
        }))
    }

    /// Reads until the condition holds.
    pub(crate) async fn through(&self, session: &Session) -> Result<(), Failure> {
        let started = Instant::now();
        let target = if self.quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let spinner =
            ProgressBar::with_draw_target(None, target).with_message(format!("waiting for {}", visible(&self.filter)));
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {wide_msg}") {
            spinner.set_style(style);
        }
        spinner.enable_steady_tick(Duration::from_millis(120));
        let mut rest = FIRST;
        let outcome = loop {
            match session.send(&self.request).await {
                Ok(answer) => match jq::is_true(&self.filter, &Json::from(&**answer)) {
                    Ok(true) => break Ok(()),
                    Ok(false) => {}
                    Err(failure) => break Err(failure),
                },
                // A read that fails for a moment is no reason to stop waiting.
                Err(error) if error.is_retryable() => {}
                Err(error) => break Err(Failure::from(error)),
            }
            if started.elapsed() + rest > self.patience {
                let what = format!("`{}` did not hold within {} s", self.filter, self.patience.as_secs());
                let hint =
                    format!("the change itself was answered as a success; `swpanel {}` shows the state", self.name);
                break Err(Failure::new(Exit::Server, "not-yet", what).hint(hint));
            }
            tokio::time::sleep(rest).await;
            rest = rest.mul_f64(1.5).min(LONGEST);
        };
        spinner.finish_and_clear();
        if outcome.is_ok() && !self.quiet {
            output::err(&format!("`{}` holds after {} s\n", visible(&self.filter), started.elapsed().as_secs()));
        }
        outcome
    }
}

/// The read that is nearest to what a command changes: it takes no other values, as many of them as possible, and
/// says by its last word that it shows a state.
fn state(command: &'static Command) -> Option<&'static Command> {
    let has = |name: &str| command.positionals().any(|argument| argument.name == name);
    let fits = |read: &&Command| {
        let mut needed = read.parameters.iter().filter(|parameter| parameter.required);
        read.reads() && read.positionals().next().is_some() && needed.all(|parameter| has(parameter.name))
    };
    let score = |read: &&'static Command| {
        let shared = read.positionals().count();
        let says = read.known_path.trim_end_matches('/').ends_with("/status");
        (
            shared,
            says,
            read.tag == command.tag,
            std::cmp::Reverse(read.known_path.split('/').filter(|part| !part.is_empty()).count()),
        )
    };
    COMMANDS.iter().filter(fits).max_by_key(score)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg_attr(not(usual_operations), ignore = "the document lacks one of the operations that it needs")]
    fn a_change_is_seen_in_the_read_that_is_nearest() {
        for (method, path, read) in [
            ("POST", "/services/{service}/cloud/start/", "/services/{service}/status/"),
            ("POST", "/services/{service}/cron/start/{cron_id}", "/services/{service}/cron/{cron_id}"),
            ("POST", "/services/{service}/mail/mailbox/stop/{mail}", "/services/{service}/mail/mailbox/{mail}/"),
        ] {
            let command = Command::find(method, path).unwrap();
            assert_eq!(state(command).map(|state| state.known_path), Some(read), "{path}");
        }
    }
}
