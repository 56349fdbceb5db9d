//! The state: collections of items by place, the tree they form, jobs that take their time, counters and the clock.
//!
//! Everything is deterministic: no clock of the machine, no randomness, order of creation kept. A place is the path of
//! a collection with the keys of items marked, as in `services/=XX012/dns`, so that no key is taken for a word.

pub(crate) mod clock;

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The members of one thing.
pub(crate) type Item = Map<String, Value>;

/// Where the collection of services stands: its items form a tree by their member `parent`.
pub(crate) const SERVICES: &str = "services";

/// When a job is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Due {
    /// After so many further calls.
    Calls(u32),
    /// When the clock of the emulator shows this.
    At(i64),
    /// When told so.
    Told,
}

/// What a job does to its item in the end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ending {
    /// These members are set.
    Set(Item),
    Remove,
}

/// Work that is under way on an item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) id: u64,
    pub(crate) place: String,
    pub(crate) key: String,
    pub(crate) action: String,
    pub(crate) due: Due,
    pub(crate) ending: Ending,
}

/// All state of an account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct World {
    /// Seconds since 1970.
    pub(crate) now: i64,
    collections: BTreeMap<String, IndexMap<String, Item>>,
    counters: BTreeMap<String, u64>,
    jobs: Vec<Job>,
}

/// The place of a collection below an item.
pub(crate) fn below(place: &str, key: &str, words: &str) -> String {
    let mut text = format!("{place}/=");
    push_key(&mut text, key);
    text.push('/');
    text.push_str(words);
    text
}

/// Adds a key to a place that ends in `=`; a slash in a key separates nothing.
pub(crate) fn push_key(place: &mut String, key: &str) {
    for character in key.chars() {
        match character {
            '/' => place.push_str("%2F"),
            '%' => place.push_str("%25"),
            other => place.push(other),
        }
    }
}

impl World {
    pub(crate) fn list(&self, place: &str) -> impl Iterator<Item = &Item> {
        self.collections.get(place).into_iter().flat_map(|items| items.values())
    }

    /// Keys and items of a collection.
    pub(crate) fn entries(&self, place: &str) -> impl Iterator<Item = (&str, &Item)> {
        self.collections.get(place).into_iter().flatten().map(|(key, item)| (key.as_str(), item))
    }

    #[cfg(test)]
    pub(crate) fn count(&self, place: &str) -> usize {
        self.collections.get(place).map_or(0, IndexMap::len)
    }

    pub(crate) fn get(&self, place: &str, key: &str) -> Option<&Item> {
        self.collections.get(place)?.get(key)
    }

    pub(crate) fn get_mut(&mut self, place: &str, key: &str) -> Option<&mut Item> {
        self.collections.get_mut(place)?.get_mut(key)
    }

    /// The key as it is stored: exactly, else whatever the case (the vendor's clients upper-case ids in some calls
    /// and not in others), else by the value of `alias`, such as the name of a domain.
    pub(crate) fn find_key(&self, place: &str, key: &str, alias: Option<&str>) -> Option<&str> {
        let items = self.collections.get(place)?;
        if let Some((stored, _)) = items.get_key_value(key) {
            return Some(stored);
        }
        let by_case = items.keys().find(|stored| stored.eq_ignore_ascii_case(key));
        let by_alias = || {
            let alias = alias?;
            let same =
                |item: &Item| item.get(alias).and_then(Value::as_str).is_some_and(|v| v.eq_ignore_ascii_case(key));
            items.iter().find(|(_, item)| same(item)).map(|(stored, _)| stored)
        };
        by_case.or_else(by_alias).map(String::as_str)
    }

    pub(crate) fn insert(&mut self, place: &str, key: &str, item: Item) {
        match self.collections.get_mut(place) {
            Some(items) => {
                items.insert(key.to_owned(), item);
            }
            None => {
                let items = IndexMap::from_iter([(key.to_owned(), item)]);
                self.collections.insert(place.to_owned(), items);
            }
        }
    }

    /// Removes an item and everything under it; of a service also the services that hang from it.
    pub(crate) fn remove(&mut self, place: &str, key: &str) -> bool {
        let mut waiting = vec![key.to_owned()];
        let mut found = false;
        while let Some(key) = waiting.pop() {
            let Some(items) = self.collections.get_mut(place) else { break };
            if items.shift_remove(&key).is_none() {
                continue;
            }
            found = true;
            if place == SERVICES {
                let hangs = |item: &&Item| item.get("parent").and_then(Value::as_str) == Some(key.as_str());
                let children = items.values().filter(hangs).filter_map(|item| item.get("id")?.as_str());
                waiting.extend(children.map(str::to_owned));
            }
            let prefix = below(place, &key, "");
            let under: Vec<String> = self
                .collections
                .range(prefix.clone()..)
                .map(|(place, _)| place)
                .take_while(|place| place.starts_with(&prefix))
                .cloned()
                .collect();
            under.iter().for_each(|place| {
                self.collections.remove(place);
            });
            self.counters.retain(|counter, _| !counter.starts_with(&prefix));
            self.jobs.retain(|job| !(job.place.starts_with(&prefix) || job.place == place && job.key == key));
        }
        found
    }

    /// Empties a collection, whatever hangs under it.
    pub(crate) fn clear(&mut self, place: &str, keep: impl Fn(&Item) -> bool) {
        let gone: Vec<String> = self
            .collections
            .get(place)
            .into_iter()
            .flatten()
            .filter(|(_, item)| !keep(item))
            .map(|(key, _)| key.clone())
            .collect();
        gone.iter().for_each(|key| {
            self.remove(place, key);
        });
    }

    /// The next number of a counter, which starts after `start`.
    pub(crate) fn next(&mut self, counter: &str, start: u64) -> u64 {
        let number = self.counters.entry(counter.to_owned()).or_insert(start);
        *number += 1;
        *number
    }

    pub(crate) fn jobs(&self) -> &[Job] {
        &self.jobs
    }

    /// Starts something that takes time: the item shows `pending` until the job is done. With no time to wait, the
    /// end comes at once.
    pub(crate) fn start(&mut self, place: &str, key: &str, action: &str, due: Option<Due>, ending: Ending) {
        let job = Job {
            id: self.next("jobs", 0),
            place: place.to_owned(),
            key: key.to_owned(),
            action: action.to_owned(),
            due: due.unwrap_or(Due::Told),
            ending,
        };
        if due.is_none() {
            return self.end(job);
        }
        if let Some(item) = self.get_mut(place, key) {
            item.insert("pending".to_owned(), json!(action));
            self.jobs.push(job);
        }
    }

    fn end(&mut self, job: Job) {
        match job.ending {
            Ending::Remove => {
                self.remove(&job.place, &job.key);
            }
            Ending::Set(members) => {
                if let Some(item) = self.get_mut(&job.place, &job.key) {
                    item.remove("pending");
                    item.extend(members);
                }
            }
        }
    }

    /// Forgets jobs of a kind on an item, since another one takes their place.
    pub(crate) fn drop_jobs(&mut self, place: &str, key: &str, action: &str) {
        self.jobs.retain(|job| job.place != place || job.key != key || job.action != action);
    }

    /// Ends the jobs that are due. `call` says that a call of the API has come in.
    pub(crate) fn tick(&mut self, call: bool) {
        if self.jobs.is_empty() {
            return;
        }
        let now = self.now;
        let mut ended = Vec::new();
        self.jobs.retain_mut(|job| {
            let done = match &mut job.due {
                Due::Calls(0) => true,
                Due::Calls(left) => {
                    *left -= u32::from(call);
                    false
                }
                Due::At(time) => *time <= now,
                Due::Told => false,
            };
            if done {
                ended.push(job.clone());
            }
            !done
        });
        ended.into_iter().for_each(|job| self.end(job));
    }

    /// Ends all jobs, or the one with this number; how many there were.
    pub(crate) fn finish(&mut self, id: Option<u64>) -> usize {
        let (ended, left): (Vec<Job>, Vec<Job>) =
            std::mem::take(&mut self.jobs).into_iter().partition(|job| id.is_none_or(|id| job.id == id));
        self.jobs = left;
        let count = ended.len();
        ended.into_iter().for_each(|job| self.end(job));
        count
    }

    /// Collections with their number of items.
    pub(crate) fn census(&self) -> BTreeMap<String, usize> {
        let mut census = BTreeMap::new();
        for (place, items) in &self.collections {
            let words: Vec<&str> =
                place.split('/').map(|part| if part.starts_with('=') { "*" } else { part }).collect();
            *census.entry(words.join("/")).or_insert(0) += items.len();
        }
        census
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(value: Value) -> Item {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn removing_a_service_takes_along_what_hangs_from_it() {
        let mut world = World::default();
        world.insert(SERVICES, "A", item(json!({"id": "A"})));
        world.insert(SERVICES, "B", item(json!({"id": "B", "parent": "A"})));
        world.insert(SERVICES, "AB", item(json!({"id": "AB"})));
        world.insert(&below(SERVICES, "B", "dns"), "1", item(json!({})));
        world.insert(&below(SERVICES, "AB", "dns"), "1", item(json!({})));
        assert!(world.remove(SERVICES, "A"));
        assert_eq!(world.census(), BTreeMap::from([("services".into(), 1), ("services/*/dns".into(), 1)]));
        assert!(!world.remove(SERVICES, "A"));
    }

    #[test]
    fn a_job_waits_for_its_calls_or_for_the_clock() {
        let mut world = World::default();
        world.insert("domains", "1", Item::new());
        let set = |text: &str| Ending::Set(item(json!({"status": text})));
        world.start("domains", "1", "register", Some(Due::Calls(2)), set("active"));
        for _ in 0..2 {
            world.tick(true);
            assert!(world.get("domains", "1").unwrap().contains_key("pending"));
        }
        world.tick(true);
        assert_eq!(world.get("domains", "1"), Some(&item(json!({"status": "active"}))));
        world.start("domains", "1", "expire", Some(Due::At(10)), set("expired"));
        world.tick(true);
        world.now = 10;
        world.tick(false);
        assert_eq!(world.get("domains", "1"), Some(&item(json!({"status": "expired"}))));
    }
}
