//! One pace for all clients of a process that share a token and a host: so many calls a second, so many at once, and
//! a common rest when the server says that it was too much.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::num::NonZeroU32;
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// So long after a 429, and again after each such time without one, twice the rate is tried.
const RECOVERS: Duration = Duration::from_secs(10);
/// Where no rate was set, one this high is no limit any more.
const ENOUGH: u32 = 100;
/// The rest after a 429 that names none.
const REST: Duration = Duration::from_secs(1);

/// What was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pace {
    /// Calls a second; none is no limit until the server asks for one.
    pub(crate) per_second: Option<NonZeroU32>,
    /// Calls under way at once.
    pub(crate) at_once: usize,
}

/// Paces, shared by all who have the same token and host.
pub(crate) struct Pacer {
    slots: Arc<Semaphore>,
    state: Mutex<State>,
}

struct State {
    set: Option<NonZeroU32>,
    /// The rate in force; lower than the one set after a 429.
    rate: Option<NonZeroU32>,
    limiter: Option<Arc<DefaultDirectRateLimiter>>,
    rests_until: Option<Instant>,
    lowered: Option<Instant>,
}

/// Pacers in use, by a hash of token and host under a key of this process: no token is kept here.
static SHARED: LazyLock<Pacers> = LazyLock::new(Default::default);

type Pacers = (RandomState, Mutex<HashMap<u64, Weak<Pacer>>>);

impl State {
    /// Nobody complained for a while: twice the rate, up to the one that was set.
    fn recover(&mut self, now: Instant) {
        let twice = self.rate.map_or(u32::MAX, |rate| rate.get().saturating_mul(2));
        let set = self.set.map_or(ENOUGH, NonZeroU32::get);
        let whole = twice >= set;
        self.rate = if whole { self.set } else { NonZeroU32::new(twice) };
        self.lowered = (!whole).then_some(now);
        self.limiter = limiter(self.rate);
    }
}

fn limiter(rate: Option<NonZeroU32>) -> Option<Arc<DefaultDirectRateLimiter>> {
    // One at a time: a burst is what servers take for an attack.
    let one = NonZeroU32::MIN;
    rate.map(|rate| Arc::new(RateLimiter::direct(Quota::per_second(rate).allow_burst(one))))
}

impl Pacer {
    fn new(pace: Pace) -> Self {
        let state = State {
            set: pace.per_second,
            rate: pace.per_second,
            limiter: limiter(pace.per_second),
            rests_until: None,
            lowered: None,
        };
        Self {
            slots: Arc::new(Semaphore::new(pace.at_once.clamp(1, Semaphore::MAX_PERMITS))),
            state: Mutex::new(state),
        }
    }

    /// The pacer of a token (or of what hands it out) and a host; the first client's pace holds for all of them.
    pub(crate) fn shared(token: &[u8], host: &str, pace: Pace) -> Arc<Self> {
        let (key, pacers) = &*SHARED;
        let key = key.hash_one((token, host));
        let mut pacers = pacers.lock().unwrap_or_else(PoisonError::into_inner);
        pacers.retain(|_, pacer| pacer.strong_count() > 0);
        if let Some(pacer) = pacers.get(&key).and_then(Weak::upgrade) {
            return pacer;
        }
        let pacer = Arc::new(Self::new(pace));
        pacers.insert(key, Arc::downgrade(&pacer));
        pacer
    }

    /// A pacer that nobody else has.
    pub(crate) fn own(pace: Pace) -> Arc<Self> {
        Arc::new(Self::new(pace))
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long all still rest, where that is beyond a deadline: then waiting for a turn is of no use.
    pub(crate) fn rests_beyond(&self, deadline: Instant) -> Option<Duration> {
        let until = self.state().rests_until.filter(|until| *until > deadline)?;
        until.checked_duration_since(Instant::now())
    }

    /// Waits for a turn. Giving up waiting leaves nothing behind; the slot is free again when the permit is dropped.
    pub(crate) async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        let permit = Arc::clone(&self.slots).acquire_owned().await.ok()?;
        loop {
            let (rest, limiter) = {
                let mut state = self.state();
                let now = Instant::now();
                if state.lowered.is_some_and(|lowered| now.duration_since(lowered) > RECOVERS) {
                    state.recover(now);
                }
                (state.rests_until.and_then(|until| until.checked_duration_since(now)), state.limiter.clone())
            };
            if let Some(rest) = rest.filter(|rest| !rest.is_zero()) {
                tokio::time::sleep(rest).await;
                continue;
            }
            if let Some(limiter) = limiter {
                limiter.until_ready().await;
            }
            return Some(permit);
        }
    }

    /// The server said that it was too much: all rest, and go on at half the rate.
    pub(crate) fn too_much(&self, asked: Option<Duration>) {
        let mut state = self.state();
        let now = Instant::now();
        let until = now + asked.unwrap_or(REST).min(Duration::from_secs(3600));
        state.rests_until = Some(state.rests_until.map_or(until, |known| known.max(until)));
        // Answers to calls that were under way together are one lesson.
        if state.lowered.is_some_and(|lowered| now.duration_since(lowered) < REST) {
            return;
        }
        state.lowered = Some(now);
        let lower = state.rate.map(|rate| NonZeroU32::new(rate.get() / 2).unwrap_or(NonZeroU32::MIN));
        // Where no rate was set, a careful one is learnt.
        state.rate = lower.or(NonZeroU32::new(10));
        state.limiter = limiter(state.rate);
    }

    #[cfg(test)]
    fn rate(&self) -> Option<u32> {
        self.state().rate.map(NonZeroU32::get)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Pace = Pace { per_second: NonZeroU32::new(50), at_once: 2 };

    #[test]
    fn those_with_the_same_token_and_host_share_a_pacer() {
        let one = Pacer::shared(b"a", "x", PACE);
        assert!(Arc::ptr_eq(&one, &Pacer::shared(b"a", "x", PACE)));
        assert!(!Arc::ptr_eq(&one, &Pacer::shared(b"b", "x", PACE)));
        assert!(!Arc::ptr_eq(&one, &Pacer::shared(b"a", "y", PACE)));
        assert!(!Arc::ptr_eq(&one, &Pacer::own(PACE)));
    }

    #[tokio::test]
    async fn a_429_gives_all_a_rest_and_half_the_rate_once() {
        let pacer = Pacer::own(PACE);
        pacer.too_much(Some(Duration::from_millis(80)));
        pacer.too_much(None.or(Some(Duration::from_millis(10))));
        assert_eq!(pacer.rate(), Some(25));
        let started = Instant::now();
        drop(pacer.turn().await);
        assert!(started.elapsed() >= Duration::from_millis(75), "{:?}", started.elapsed());
        let unset = Pacer::own(Pace { per_second: None, at_once: 1 });
        unset.too_much(Some(Duration::ZERO));
        assert_eq!(unset.rate(), Some(10));
    }

    #[test]
    fn the_rate_comes_back_step_by_step() {
        let rates = |pacer: &Pacer| {
            let mut seen = vec![pacer.rate()];
            while pacer.state().lowered.is_some() {
                pacer.state().recover(Instant::now());
                seen.push(pacer.rate());
            }
            seen
        };
        let pacer = Pacer::own(PACE);
        pacer.too_much(Some(Duration::ZERO));
        assert_eq!(rates(&pacer), [Some(25), Some(50)]);
        let unset = Pacer::own(Pace { per_second: None, at_once: 1 });
        unset.too_much(Some(Duration::ZERO));
        assert_eq!(rates(&unset), [Some(10), Some(20), Some(40), Some(80), None]);
    }

    #[tokio::test]
    async fn who_gives_up_waiting_leaves_nothing_behind() {
        let pacer = Pacer::own(Pace { per_second: None, at_once: 1 });
        let held = pacer.turn().await;
        for _ in 0..100 {
            assert!(tokio::time::timeout(Duration::from_micros(10), pacer.turn()).await.is_err());
        }
        drop(held);
        assert!(tokio::time::timeout(Duration::from_secs(1), pacer.turn()).await.is_ok());
    }
}
