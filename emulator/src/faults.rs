//! Faults by rule: which calls, how often, and what goes wrong. The same seed gives the same faults.

use serde::{Deserialize, Serialize};

use crate::document::Operation;

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum FaultKind {
    /// An error body with HTTP 200.
    #[serde(rename = "error_in_200")]
    ErrorIn200 {
        /// `Error code`; `#EMULATOR-FAULT` where none is given.
        #[serde(default)]
        code: Option<String>,
        /// `Error message`.
        #[serde(default)]
        message: Option<String>,
    },
    /// An error body with a status of its own.
    Error {
        /// HTTP status.
        status: u16,
        /// `Error code`.
        #[serde(default)]
        code: Option<String>,
        /// `Error message`.
        #[serde(default)]
        message: Option<String>,
    },
    /// The page of a proxy with status 502.
    HtmlBadGateway,
    /// The call is carried out, and its answer has no body.
    EmptyBody,
    /// The call is carried out, and its answer breaks off half way.
    TruncatedBody,
    /// The connection is reset.
    Reset {
        /// The call is carried out before, so that only its answer is lost.
        #[serde(default)]
        after_effect: bool,
    },
    /// 429.
    RateLimit {
        /// `Retry-After`, where there is one.
        #[serde(default)]
        retry_after: Option<RetryAfter>,
    },
    /// The answer comes late.
    Latency {
        /// By so many milliseconds; at most a minute.
        milliseconds: u64,
    },
    /// A redirect.
    Redirect {
        /// Where to; the page of the login wall where nothing is given.
        #[serde(default)]
        to: Option<String>,
        /// HTTP status; 302 where none is given.
        #[serde(default)]
        status: Option<u16>,
    },
    /// Numbers come as texts.
    NumbersAsText,
    /// Members like `status` and `type` hold a word that nobody knows.
    UnknownEnumValues,
    /// Every object has a member more.
    ExtraFields,
}

/// The two forms of `Retry-After`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RetryAfter {
    /// A number of seconds.
    Seconds(u64),
    /// A date so many seconds from now, by the machine's clock.
    Date(u64),
}

/// A rule: the calls that it is for, how often it strikes, and what then happens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FaultRule {
    /// `METHOD /path/{template}` as in the document; `*` in place of method or path; all calls where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// What goes wrong.
    pub fault: FaultKind,
    /// Calls that pass before the rule begins.
    #[serde(default)]
    pub skip: u64,
    /// Strikes at most so often.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Strikes with this probability, 0 to 1; always where none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
}

impl FaultRule {
    /// A rule for all calls, every time.
    pub fn new(fault: FaultKind) -> Self {
        Self { operation: None, fault, skip: 0, count: None, probability: None }
    }

    /// For this operation alone: `METHOD /path/{template}`.
    #[must_use]
    pub fn on(mut self, operation: impl Into<String>) -> Self {
        self.operation = Some(operation.into());
        self
    }

    /// At most so often.
    #[must_use]
    pub fn times(mut self, count: u64) -> Self {
        self.count = Some(count);
        self
    }

    /// After so many calls that pass.
    #[must_use]
    pub fn after(mut self, calls: u64) -> Self {
        self.skip = calls;
        self
    }

    /// With a probability between 0 and 1.
    #[must_use]
    pub fn probability(mut self, probability: f64) -> Self {
        self.probability = Some(probability);
        self
    }

    fn is_for(&self, operation: &Operation) -> bool {
        let Some(wanted) = &self.operation else { return true };
        let (method, path) = wanted.split_once(' ').unwrap_or(("*", wanted));
        let path = path.trim();
        let same_path = path == "*" || operation.is_at(path);
        (method == "*" || method.eq_ignore_ascii_case(&operation.method)) && same_path
    }
}

/// A rule at work.
pub(crate) struct Active {
    pub(crate) id: u64,
    pub(crate) rule: FaultRule,
    pub(crate) seen: u64,
    pub(crate) struck: u64,
    random: fastrand::Rng,
}

/// The rules, in the order of their making.
pub(crate) struct Faults {
    rules: Vec<Active>,
    made: u64,
    seed: u64,
}

impl Faults {
    pub(crate) fn new(seed: u64) -> Self {
        Self { rules: Vec::new(), made: 0, seed }
    }

    pub(crate) fn add(&mut self, rule: FaultRule) -> u64 {
        self.made += 1;
        // Each rule draws its own numbers, so that one rule more does not change what the others do.
        let random = fastrand::Rng::with_seed(self.seed.wrapping_add(self.made.wrapping_mul(0x9E37_79B9_7F4A_7C15)));
        self.rules.push(Active { id: self.made, rule, seen: 0, struck: 0, random });
        self.made
    }

    /// Removes one rule, or all of them; how many went.
    pub(crate) fn remove(&mut self, id: Option<u64>) -> usize {
        let before = self.rules.len();
        self.rules.retain(|active| id.is_some_and(|id| active.id != id));
        before - self.rules.len()
    }

    /// Forgets everything and draws anew from the seed.
    pub(crate) fn reset(&mut self) {
        *self = Self::new(self.seed);
    }

    pub(crate) fn rules(&self) -> &[Active] {
        &self.rules
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// What strikes a call: any number of delays, and of other faults the first.
    pub(crate) fn strike(&mut self, operation: &Operation) -> Vec<(u64, FaultKind)> {
        let mut struck: Vec<(u64, FaultKind)> = Vec::new();
        for active in &mut self.rules {
            if !active.rule.is_for(operation) {
                continue;
            }
            active.seen += 1;
            let late = matches!(active.rule.fault, FaultKind::Latency { .. });
            let taken = struck.iter().any(|(_, kind)| !matches!(kind, FaultKind::Latency { .. }));
            if active.seen <= active.rule.skip
                || active.rule.count.is_some_and(|count| active.struck >= count)
                || active.rule.probability.is_some_and(|probability| active.random.f64() >= probability)
                || (taken && !late)
            {
                continue;
            }
            active.struck += 1;
            struck.push((active.id, active.rule.fault.clone()));
        }
        struck
    }
}

impl FaultKind {
    /// The kind's name, as rules write it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ErrorIn200 { .. } => "error_in_200",
            Self::Error { .. } => "error",
            Self::HtmlBadGateway => "html_bad_gateway",
            Self::EmptyBody => "empty_body",
            Self::TruncatedBody => "truncated_body",
            Self::Reset { .. } => "reset",
            Self::RateLimit { .. } => "rate_limit",
            Self::Latency { .. } => "latency",
            Self::Redirect { .. } => "redirect",
            Self::NumbersAsText => "numbers_as_text",
            Self::UnknownEnumValues => "unknown_enum_values",
            Self::ExtraFields => "extra_fields",
        }
    }
}
