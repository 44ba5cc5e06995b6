//! The knob `take` as executors read it: which of the takes they are given is meant.

use serde::{Deserialize, Deserializer, de::Error};

use crate::error::StageError;

/// `"auto"` or a number, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TakeKnob {
    Auto,
    Number(usize),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Number(usize),
    Text(String),
}

impl TakeKnob {
    /// Place among so many takes, counted from 0. A single one was chosen before, by `select.best` or by whoever composed it.
    pub(super) fn among(self, takes: usize) -> Result<usize, StageError> {
        match self {
            _ if takes == 1 => Ok(0),
            Self::Number(number) if (1..=takes).contains(&number) => Ok(number - 1),
            Self::Number(number) => Err(StageError::usage(format!(
                "there is no take {number} of {takes}; lower `take` or raise `candidates`"
            ))),
            Self::Auto => Err(StageError::usage(format!(
                "take = \"auto\" leaves {takes} takes to choose from; join select.best before, or name a take by its number"
            ))),
        }
    }
}

impl<'de> Deserialize<'de> for TakeKnob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Written::deserialize(deserializer)? {
            Written::Number(number) => Ok(Self::Number(number)),
            Written::Text(text) if text == "auto" => Ok(Self::Auto),
            Written::Text(text) => Err(D::Error::custom(format!("\"{text}\" is no take"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::from_str;

    use super::*;

    #[test]
    fn a_take_is_named_or_the_only_one() {
        let knob = |text: &str| from_str::<TakeKnob>(text).unwrap();
        assert_eq!(knob("2").among(3).unwrap(), 1);
        assert_eq!((knob("2").among(1).unwrap(), knob("\"auto\"").among(1).unwrap()), (0, 0));
        assert!(from_str::<TakeKnob>("\"best\"").is_err());
    }

    #[test]
    fn what_is_not_there_says_what_to_turn() {
        let refused = |text: &str, takes| from_str::<TakeKnob>(text).unwrap().among(takes).unwrap_err().message;
        assert!(refused("3", 2).contains("raise `candidates`"));
        assert!(refused("0", 2).contains("no take 0"));
        assert!(refused("\"auto\"", 2).contains("join select.best"));
        assert!(refused("1", 0).contains("no take 1 of 0"));
    }
}
