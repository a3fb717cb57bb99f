//! What a scenario says, understood: settings by key, each with the place it was written at.
//!
//! Input: the text of a scenario's file, and `key=value` from the command
//! line. Output: [`Settings`], which stack: what is written later goes over
//! what is written before, key by key, so the order of different keys does not
//! matter.

use std::collections::BTreeMap;
use std::fmt;

use telemetry::untrusted::for_terminal;
use toml::de::{DeTable, DeValue};

use super::cause::Cause;
use super::error::ScenarioError;
use super::key::{KEYS, Key, Path, Scope};
use super::value::Value;
use crate::catalog::names::nearest;

/// A value and where it was written.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The value.
    pub value: Value,
    /// File and line, or the words of the command line.
    pub place: String,
}

impl PartialEq for Setting {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

/// What a scenario says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings(BTreeMap<Path, Setting>);

/// A file of a scenario.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScenarioFile {
    /// Its own settings.
    pub settings: Settings,
    /// Scenarios that it stands on, the lowest first.
    pub based_on: Vec<String>,
    /// Whether others are compared with it.
    pub is_base: bool,
}

impl Settings {
    /// Says whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Gives the settings by path.
    pub fn iter(&self) -> impl Iterator<Item = (&Path, &Setting)> {
        self.0.iter()
    }

    /// Gives the value at the top level; nothing where it is not said.
    #[must_use]
    pub fn whole(&self, name: &str) -> Option<&Setting> {
        self.0.get(&Path::Whole(name.to_string()))
    }

    /// Gives the value that holds in an environment: its own, else that of all.
    #[must_use]
    pub fn of_environment(&self, environment: &str, name: &str) -> Option<&Setting> {
        let own = Path::Environment(environment.to_string(), name.to_string());
        self.0.get(&own).or_else(|| self.whole(name))
    }

    /// Gives the entries of a table, such as `discounts`.
    pub fn of_table<'s>(&'s self, table: &'s str) -> impl Iterator<Item = (&'s str, &'s Setting)> {
        self.0.iter().filter_map(move |(path, setting)| match path {
            Path::Table(own, name) if own == table => Some((name.as_str(), setting)),
            _ => None,
        })
    }

    /// Gives the environments that are named, with the place of one of their settings.
    pub fn environments(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter_map(|(path, setting)| match path {
            Path::Environment(name, _) => Some((name.as_str(), setting.place.as_str())),
            _ => None,
        })
    }

    /// Puts other settings on top.
    #[must_use]
    pub fn with(&self, on_top: &Self) -> Self {
        let mut stacked = self.0.clone();
        stacked.extend(on_top.0.iter().map(|(path, setting)| (path.clone(), setting.clone())));
        Self(stacked)
    }

    /// Takes the settings of one cause from another scenario, said or unsaid, and keeps the rest.
    #[must_use]
    pub fn with_cause_of(&self, other: &Self, cause: Cause) -> Self {
        let is_of = |path: &Path| Key::of(path).and_then(|key| key.cause) == Some(cause);
        let kept = self.0.iter().filter(|(path, _)| !is_of(path));
        let taken = other.0.iter().filter(|(path, _)| is_of(path));
        Self(
            kept.chain(taken)
                .map(|(path, setting)| (path.clone(), setting.clone()))
                .collect(),
        )
    }

    /// Says whether two scenarios say the same of a cause.
    #[must_use]
    pub fn same_of_cause(&self, other: &Self, cause: Cause) -> bool {
        let of = |settings: &Self| -> BTreeMap<Path, Setting> {
            let own = settings
                .0
                .iter()
                .filter(|(path, _)| Key::of(path).and_then(|key| key.cause) == Some(cause));
            own.map(|(path, setting)| (path.clone(), setting.clone())).collect()
        };
        of(self) == of(other)
    }

    /// Gives the settings of one cause in words, `key=value`; none where nothing is said.
    #[must_use]
    pub fn words_of_cause(&self, cause: Cause) -> Vec<String> {
        let own = self
            .0
            .iter()
            .filter(|(path, _)| Key::of(path).and_then(|key| key.cause) == Some(cause));
        own.map(|(path, setting)| format!("{path}={}", setting.value)).collect()
    }

    /// Sets one value.
    ///
    /// # Errors
    /// When the key is not known or the value not understood.
    pub fn set(&mut self, parts: &[&str], texts: &[String], place: &str) -> Result<(), ScenarioError> {
        let mut path = Path::of(parts);
        let Some(key) = Key::of(&path) else {
            return Err(unknown(&path, place));
        };
        let value = key.kind.read(texts).map_err(|expected| ScenarioError::Value {
            place: place.to_string(),
            key: for_terminal(&path.to_string()).into_owned(),
            value: shown(texts),
            expected,
        })?;
        // A percentile is a rule by another name; what is said later goes over what was said before.
        if let Path::Whole(name) | Path::Environment(_, name) = &mut path
            && name == "percentile"
        {
            *name = "rule".to_string();
        }
        let setting = Setting {
            value,
            place: place.to_string(),
        };
        self.0.insert(path, setting);
        Ok(())
    }

    /// Reads `key=value` of the command line; the values of a list are separated by commas.
    ///
    /// # Errors
    /// When it has no `=`, the key is not known or the value not understood.
    pub fn set_typed(&mut self, typed: &str) -> Result<(), ScenarioError> {
        let place = format!("--set {}", for_terminal(typed));
        let Some((key, value)) = typed.split_once('=') else {
            return Err(ScenarioError::Value {
                place,
                key: for_terminal(typed).into_owned(),
                value: "without a value".to_string(),
                expected: "key=value, such as `headroom=20%`".to_string(),
            });
        };
        let parts: Vec<&str> = key.trim().split('.').collect();
        let list = Key::of(&Path::of(&parts))
            .is_some_and(|key| matches!(key.kind, super::value::Kind::Words | super::value::Kind::Architectures));
        let texts: Vec<String> = if list {
            value.split(',').map(str::to_string).collect()
        } else {
            vec![value.to_string()]
        };
        self.set(&parts, &texts, &place)
    }
}

impl ScenarioFile {
    /// Reads the text of a file; `file` is its name for messages.
    ///
    /// # Errors
    /// When it is not TOML, a key is not known or a value not understood; with file and line.
    pub fn from_toml(text: &str, file: &str) -> Result<Self, ScenarioError> {
        let table = DeTable::parse(text).map_err(|source| ScenarioError::Toml {
            place: file.to_string(),
            source: Box::new(source),
        })?;
        let mut read = Self::default();
        read.take(&mut Vec::new(), table.get_ref(), text, file)?;
        Ok(read)
    }

    fn take(
        &mut self,
        before: &mut Vec<String>,
        table: &DeTable<'_>,
        text: &str,
        file: &str,
    ) -> Result<(), ScenarioError> {
        for (name, value) in table {
            let line = text[..name.span().start.min(text.len())].matches('\n').count() + 1;
            let place = format!("{file}:{line}");
            before.push(name.get_ref().to_string());
            if let DeValue::Table(inner) = value.get_ref() {
                self.take(before, inner, text, file)?;
            } else {
                let parts: Vec<&str> = before.iter().map(String::as_str).collect();
                let texts = texts(value.get_ref()).ok_or_else(|| ScenarioError::Value {
                    place: place.clone(),
                    key: for_terminal(&parts.join(".")).into_owned(),
                    value: "a date or a list of lists".to_string(),
                    expected: "text, a number, true, false or a list of texts".to_string(),
                })?;
                self.put(&parts, &texts, &place)?;
            }
            before.pop();
        }
        Ok(())
    }

    fn put(&mut self, parts: &[&str], texts: &[String], place: &str) -> Result<(), ScenarioError> {
        match parts {
            ["based_on"] => self.based_on = texts.to_vec(),
            ["base"] => {
                self.is_base = match texts {
                    [flag] if flag == "true" => true,
                    [flag] if flag == "false" => false,
                    _ => {
                        return Err(ScenarioError::Value {
                            place: place.to_string(),
                            key: "base".to_string(),
                            value: shown(texts),
                            expected: "true or false".to_string(),
                        });
                    }
                };
            }
            parts => {
                let before = self.settings.0.len();
                self.settings.set(parts, texts, place)?;
                // TOML has no key twice, so what did not add a setting said one by its other name.
                if self.settings.0.len() == before {
                    return Err(ScenarioError::Twice {
                        place: place.to_string(),
                        key: for_terminal(&parts.join(".")).into_owned(),
                    });
                }
            }
        }
        Ok(())
    }
}

/// Gives a value as it is written; nothing for a date or nested lists.
fn texts(value: &DeValue<'_>) -> Option<Vec<String>> {
    let one = |value: &DeValue<'_>| match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.as_str().to_string()),
        DeValue::Float(number) => Some(number.as_str().to_string()),
        DeValue::Boolean(flag) => Some(flag.to_string()),
        _ => None,
    };
    match value {
        DeValue::Array(values) => values.iter().map(|value| one(value.get_ref())).collect(),
        value => Some(vec![one(value)?]),
    }
}

fn shown(texts: &[String]) -> String {
    let shown: Vec<String> = texts.iter().map(|text| format!("`{}`", for_terminal(text))).collect();
    if shown.is_empty() {
        "an empty list".to_string()
    } else {
        shown.join(", ")
    }
}

fn unknown(path: &Path, place: &str) -> ScenarioError {
    let (name, in_environment) = match path {
        Path::Whole(name) => (name.as_str(), false),
        Path::Environment(_, name) => (name.as_str(), true),
        Path::Table(_, name) => (name.as_str(), false),
    };
    let known = KEYS
        .iter()
        .filter(|key| !in_environment || key.scope == Scope::Policy)
        .map(|key| key.name)
        .chain(["based_on", "base"].into_iter().filter(|_| !in_environment));
    ScenarioError::UnknownKey {
        place: place.to_string(),
        key: for_terminal(&path.to_string()).into_owned(),
        nearest: nearest(name, known),
    }
}

impl fmt::Display for Settings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<String> = self
            .0
            .iter()
            .map(|(path, setting)| format!("{path}={}", setting.value))
            .collect();
        out.write_str(&words.join(" "))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(text: &str) -> Result<ScenarioFile, ScenarioError> {
        ScenarioFile::from_toml(text, "scenarios/a.toml")
    }

    #[test]
    fn a_file_and_the_command_line_say_the_same() {
        let file = read(
            "headroom = 0.2\narchitectures = [\"arm64\", \"x86_64\"]\n[environments.staging]\nschedule = \"Mon-Fri 08-19\"\n\
             [discounts]\nec2 = \"8%\"\n\"m7*\" = \"12%\"\n[hosts]\nwithout = [\"*-old-*\"]\n",
        )
        .unwrap();
        let mut typed = Settings::default();
        for words in [
            "hosts.without=*-old-*",
            "discounts.m7*=12%",
            "discounts.ec2=8%",
            "environments.staging.schedule=Mon-Fri 08-19",
            "architectures=x86_64,arm64",
            "headroom=20%",
        ] {
            typed.set_typed(words).unwrap();
        }
        assert_eq!(file.settings, typed);
    }

    #[test]
    fn what_is_not_known_is_named_with_its_place_and_the_nearest() {
        let error = read("region = \"eu-west-1\"\n\n[environments.production]\nhedroom = 0.2\n")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("scenarios/a.toml:4") && error.contains("`headroom`"),
            "{error}"
        );
        let error = read("environments.production.region = \"eu-west-1\"")
            .unwrap_err()
            .to_string();
        assert!(error.contains("no setting"), "{error}");
        let error = read("headroom = \"lots\"").unwrap_err().to_string();
        assert!(
            error.contains("a.toml:1") && error.contains("`lots`") && error.contains("20%"),
            "{error}"
        );
        let error = read("headroom = [1, 2]").unwrap_err().to_string();
        assert!(error.contains("one value"), "{error}");
        assert!(read("headroom = ").unwrap_err().to_string().contains("not TOML"));
        assert!(
            read("rule = \"peak\"\npercentile = \"p95\"")
                .unwrap_err()
                .to_string()
                .contains("twice")
        );
        assert!(read("headroom = 2020-01-01").unwrap_err().to_string().contains("date"));
    }

    #[test]
    fn hostile_keys_are_harmless_in_messages() {
        for text in [
            "\"\\u001b[2J\" = 1",
            "[environments.\"\\u001b[2J\"]\nx = 1",
            "headroom = \"\\u001b[2J\"",
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(!error.contains('\u{1b}'), "{error:?}");
        }
        let typed = Settings::default().set_typed("\u{1b}[2J").unwrap_err().to_string();
        assert!(!typed.contains('\u{1b}'));
    }

    #[test]
    fn later_settings_go_over_earlier_ones_and_the_rest_stays() {
        let one = read("headroom = 0.1\nrisk = 0.01").unwrap().settings;
        let two = read("headroom = 0.2\npercentile = \"p95\"").unwrap().settings;
        let stacked = one.with(&two);
        assert_eq!(stacked.whole("headroom").unwrap().value.fraction(), Some(0.2));
        assert_eq!(stacked.whole("risk").unwrap().value.fraction(), Some(0.01));
        assert_eq!(stacked.to_string(), "headroom=20% risk=1% rule=migration-hub:p95");
        assert_eq!(one.with_cause_of(&two, Cause::Sizing), two);
        assert_eq!(one.with_cause_of(&two, Cause::Region), one);
    }
}
