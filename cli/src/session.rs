//! The flags of a command line to a client: which profile, which address, how patient.

use std::num::NonZeroU32;
use std::time::Duration;

use swpanel::{Client, ClientBuilder, ErrorKind, Json, Profiles, RawRequest, Response, Secret};

use crate::arguments::Given;
use crate::changes;
use crate::failure::{Exit, Failure};
use crate::profiles;
use crate::request::Request;

/// A client that requests are sent with.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) client: Client,
}

/// A variable of the environment that is not blank.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// The account in use, for a person to read: its profile, and where the token comes from if not from there.
pub(crate) fn profile_name(given: &Given) -> String {
    let profiles = || Profiles::path().and_then(|path| Profiles::load(&path).ok().flatten());
    let has_token = variable("SWPANEL_TOKEN").is_some();
    let borrowed = |name: &str| format!("{name}, with the token of SWPANEL_TOKEN");
    if let Some(name) = given.get("profile") {
        let bare = || profiles().and_then(|p| p.get(Some(name)).ok().map(|p| p.token_source() == "none"));
        return if has_token && bare() == Some(true) { borrowed(name) } else { name.to_owned() };
    }
    if let Some(name) = variable("SWPANEL_PROFILE") {
        return if has_token { borrowed(&name) } else { name };
    }
    if has_token {
        return "(SWPANEL_TOKEN)".to_owned();
    }
    let profiles = profiles();
    profiles.and_then(|p| p.get(None).ok().map(|p| p.name().to_owned())).unwrap_or_else(|| "(none)".to_owned())
}

/// What calls are let in with.
pub(crate) enum Credential {
    Token(Secret),
    /// A command that prints one.
    Command(Vec<String>),
}

/// What [`builder`] lets its calls in with, where there is something, and the profile that has it.
pub(crate) fn credential(given: &Given) -> Option<(Option<String>, Credential)> {
    let in_environment = || variable("SWPANEL_TOKEN").map(|token| (None, Credential::Token(token.into())));
    let of_profile = |name: Option<&str>| profiles::credential(name).map(|(name, credential)| (Some(name), credential));
    match given.get("profile") {
        Some(name) => of_profile(Some(name)).or_else(in_environment),
        None => in_environment().or_else(|| of_profile(variable("SWPANEL_PROFILE").as_deref())),
    }
}

/// A failure of a call with the place that it is about: whose token it was, or which address.
pub(crate) fn placed(mut failure: Failure, given: &Given) -> Failure {
    match (failure.source, failure.kind.as_str()) {
        (Some(ErrorKind::Unauthorized), _) => {
            failure.details.push(format!("profile: {}", profile_name(given)));
            match credential(given) {
                Some((Some(name), Credential::Token(_))) => failure.hint(format!(
                    "check in the panel that its token was not revoked; `swpanel login --profile {name}` stores another one"
                )),
                Some((Some(_), Credential::Command(_))) => failure
                    .hint("check what its `token_command` prints, and in the panel that this token was not revoked"),
                _ => failure,
            }
        }
        (_, "not-sent" | "no-answer" | "deadline" | "not-json" | "gateway" | "redirect" | "empty-answer") => {
            let address = failure.address.take().or_else(|| base_url(given).ok());
            failure.details.extend(address.map(|address| format!("address: {address}")));
            failure
        }
        _ => failure,
    }
}

/// What the environment and the flags set up.
pub(crate) fn builder(given: &Given) -> Result<ClientBuilder, Failure> {
    // One that cannot be read must not count as one that is not set.
    let is_unreadable = |name: &&str| matches!(std::env::var(name), Err(std::env::VarError::NotUnicode(_)));
    if let Some(name) = ["SWPANEL_TOKEN", "SWPANEL_PROFILE", "SWPANEL_BASE_URL"].into_iter().find(is_unreadable) {
        return Err(
            Failure::usage(format!("the variable {name} is not in UTF-8; nothing was sent")).hint("set it again")
        );
    }
    let mut builder = match given.get("profile") {
        // A profile that was asked for wins over a token that lies about in the environment.
        Some(name) => named(name)?,
        None => ClientBuilder::from_env().map_err(profiles::told)?,
    };
    if let Some(address) = given.get("base-url") {
        builder = builder.base_url(address);
    }
    if let Some(path) = given.get("ca-file") {
        builder = builder.ca_file(path);
    }
    if let Some(seconds) = given.number::<u64>("timeout")? {
        builder = builder.timeout(Duration::from_secs(seconds.max(1)));
    }
    if let Some(seconds) = given.number::<u64>("deadline")? {
        builder = builder.deadline(Duration::from_secs(seconds.max(1)));
    }
    if let Some(retries) = given.number::<usize>("retries")? {
        builder = builder.retries(retries);
    }
    if let Some(rate) = given.number::<u32>("rate")? {
        let rate = NonZeroU32::new(rate).ok_or_else(|| Failure::usage("`--rate` must be 1 or more"))?;
        builder = builder.calls_per_second(rate);
    }
    Ok(builder.user_agent(concat!("swpanel-cli/", env!("CARGO_PKG_VERSION"))))
}

fn named(name: &str) -> Result<ClientBuilder, Failure> {
    let path =
        Profiles::path().ok_or_else(|| Failure::usage("no place is known for the file of profiles; set HOME"))?;
    let profiles = Profiles::load(&path).map_err(profiles::told)?.ok_or_else(|| {
        Failure::usage(format!("there is no profile `{name}`: there is no file {}", path.display()))
            .hint("`swpanel login` makes one")
    })?;
    let mut builder = ClientBuilder::default();
    if let Some(address) = variable("SWPANEL_BASE_URL") {
        builder = builder.base_url(address);
    }
    let profile = profiles.get(Some(name)).map_err(profiles::told)?;
    if profile.token_source() == "none"
        && let Some(token) = variable("SWPANEL_TOKEN")
    {
        builder = builder.token_from(token, "the token from SWPANEL_TOKEN");
    }
    Ok(builder.profile(profile))
}

/// The client of a builder, or what to do where there can be none.
pub(crate) fn built(builder: ClientBuilder) -> Result<Client, Failure> {
    builder.build().map_err(|error| {
        let failure = Failure::from(error);
        if failure.exit == Exit::Auth {
            return failure.hint("`swpanel login` stores a token; or set SWPANEL_TOKEN");
        }
        failure
    })
}

impl Session {
    /// A client by flags and environment. Nothing is sent.
    pub(crate) fn open(given: &Given) -> Result<Self, Failure> {
        Ok(Self { client: built(builder(given)?)? })
    }

    /// A client by flags and environment that judges calls and sends none, so that it needs no token.
    pub(crate) fn judging(given: &Given) -> Result<Self, Failure> {
        // The token is never sent by this one.
        Ok(Self { client: builder(given)?.token("not-sent").build()? })
    }

    /// Refuses what the guardrails refuse, as sending it would. Nothing is sent.
    pub(crate) fn judge(&self, request: &Request) -> Result<(), Failure> {
        self.raw(request).judge().map(drop).map_err(Failure::from)
    }

    /// The same of many; the failure says at which.
    pub(crate) fn judge_all<'r>(&self, requests: impl ExactSizeIterator<Item = &'r Request>) -> Result<(), Failure> {
        let count = requests.len();
        for (number, request) in requests.enumerate() {
            self.judge(request).map_err(|mut failure| {
                failure.details.push(format!("at item {} of {count}; nothing was sent", number + 1));
                failure
            })?;
        }
        Ok(())
    }

    /// Sends a request.
    pub(crate) async fn send(&self, request: &Request) -> Result<Response<Json>, swpanel::Error> {
        changes::counted(request, self.raw(request).send()).await
    }

    /// Sends a request; numbers of the answer keep their digits.
    pub(crate) async fn send_exact(&self, request: &Request) -> Result<Response<String>, swpanel::Error> {
        changes::counted(request, self.raw(request).send_text()).await
    }

    fn raw(&self, request: &Request) -> RawRequest<'_> {
        let mut raw = self.client.raw(&request.method, &request.path);
        for (name, value) in &request.query {
            raw = raw.query(name, value);
        }
        if let Some(body) = &request.body {
            raw = raw.json(body);
        }
        if let Some((media, bytes)) = &request.file {
            raw = raw.body(*media, bytes.clone());
        }
        raw
    }
}

/// The address in use, also where there is no token yet.
pub(crate) fn base_url(given: &Given) -> Result<String, Failure> {
    // A client is the one judge of addresses.
    Ok(Session::judging(given)?.client.base_url().to_owned())
}

/// Runs a call, and ends with 130 where a person breaks it off.
pub(crate) fn run<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = runtime()?;
    runtime.block_on(async {
        tokio::select! {
            done = work => done,
            _ = tokio::signal::ctrl_c() => Err(interrupted()),
        }
    })
}

pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let built = tokio::runtime::Builder::new_current_thread().enable_all().build();
    built.map_err(|error| Failure::other(format!("this machine gives no room to work: {error}")))
}

pub(crate) fn interrupted() -> Failure {
    let failure = |what: &str| Failure::new(Exit::Interrupted, "interrupted", what);
    if changes::is_under_way() {
        return failure("interrupted while a change was under way")
            .hint("it may have taken effect: read the state before sending it again");
    }
    match changes::may_have_been_made() {
        true => failure("interrupted; no change was under way, and changes made before stay"),
        false => failure("interrupted; nothing was changed"),
    }
}
