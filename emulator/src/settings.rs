//! What can be switched while the emulator runs.

use serde::{Deserialize, Serialize};

use crate::document::Strictness;
use crate::world::Due;

/// The status that refusals come with. The evidence leaves it open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ErrorsAs {
    /// 403, 404, 422 and so on: see [`CODES`](crate::CODES).
    #[default]
    #[serde(rename = "4xx")]
    Statuses,
    /// Always 200, as the vendor's Python client would not notice the difference. 401 stays 401.
    #[serde(rename = "200")]
    Success,
}

/// How long a long job (order, registration, transfer, renewal, cancellation) stays pending.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Jobs {
    /// Everything is done at once.
    #[default]
    Immediate,
    /// Done after this many further calls.
    Calls(u32),
    /// Done when the emulator's clock has moved on by so many seconds.
    Seconds(u32),
    /// Done when told so, with `POST /__emulator/jobs/finish`.
    Told,
}

impl Jobs {
    pub(crate) fn due(self, now: i64) -> Option<Due> {
        match self {
            Self::Immediate => None,
            Self::Calls(calls) => Some(Due::Calls(calls)),
            Self::Seconds(seconds) => Some(Due::At(now.saturating_add(i64::from(seconds)))),
            Self::Told => Some(Due::Told),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Settings {
    pub(crate) errors_as: ErrorsAs,
    #[serde(default)]
    pub(crate) strict: bool,
    pub(crate) strict_paths: bool,
    pub(crate) unknown_members: bool,
    pub(crate) check_formats: bool,
    pub(crate) integrator_mode: bool,
    pub(crate) jobs: Jobs,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            errors_as: ErrorsAs::default(),
            strict: false,
            strict_paths: false,
            unknown_members: false,
            check_formats: false,
            integrator_mode: true,
            jobs: Jobs::default(),
        }
    }
}

impl Settings {
    pub(crate) fn strictness(&self) -> Strictness {
        Strictness { unknown_members: self.unknown_members, formats: self.check_formats, inferred: !self.strict }
    }
}
