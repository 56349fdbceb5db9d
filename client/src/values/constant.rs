//! Members that can be true, or false, and nothing else: they tell the variants of a body apart.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// `true` and nothing else; builders set it by themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(extend("type" = "boolean", "enum" = [true])))]
pub struct True;

/// `false` and nothing else; builders set it by themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(extend("type" = "boolean", "enum" = [false])))]
pub struct False;

impl Serialize for True {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(true)
    }
}

impl Serialize for False {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(false)
    }
}

impl<'de> Deserialize<'de> for True {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if bool::deserialize(deserializer)? { Ok(Self) } else { Err(D::Error::custom("`true` is expected")) }
    }
}

impl<'de> Deserialize<'de> for False {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if bool::deserialize(deserializer)? { Err(D::Error::custom("`false` is expected")) } else { Ok(Self) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_takes_its_own_value_only() {
        assert_eq!(serde_json::to_string(&(True, False)).unwrap(), "[true,false]");
        assert!(serde_json::from_str::<True>("true").is_ok() && serde_json::from_str::<True>("false").is_err());
        assert!(serde_json::from_str::<False>("false").is_ok() && serde_json::from_str::<False>("true").is_err());
    }
}
