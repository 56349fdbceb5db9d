//! The accounts that an emulator may begin with. Every name and number in them is made up.

mod catalogues;
mod demo;
mod large;

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::world::{Item, World, clock};

/// What is there at the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Seed {
    /// A few dozen services of each kind with Spanish names. The first is `XX012`, a hosting of `example.es` with
    /// something in every part; what the document gives as examples of ids is there.
    #[default]
    Demo,
    /// Thousands of services.
    Large,
    /// Nothing but what belongs to the vendor: catalogues and prices.
    Empty,
}

impl FromStr for Seed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "demo" => Ok(Self::Demo),
            "large" => Ok(Self::Large),
            "empty" => Ok(Self::Empty),
            other => Err(format!("`{other}` is no seed; there are: demo, large, empty")),
        }
    }
}

impl Seed {
    pub(crate) fn world(self) -> World {
        let mut world = World::default();
        world.now = clock::START;
        catalogues::fill(&mut world);
        match self {
            Self::Demo => demo::fill(&mut world),
            Self::Large => large::fill(&mut world),
            Self::Empty => {}
        }
        world
    }
}

/// The members of an object written with `json!`.
fn item(value: serde_json::Value) -> Item {
    match value {
        serde_json::Value::Object(members) => members,
        _ => Item::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::SERVICES;

    #[test]
    fn the_same_seed_is_the_same_account() {
        for seed in [Seed::Demo, Seed::Large, Seed::Empty] {
            assert_eq!(seed.world(), seed.world());
        }
        assert!(Seed::Large.world().count(SERVICES) >= 2_000);
        assert_eq!(Seed::Empty.world().count(SERVICES), 0);
    }
}
