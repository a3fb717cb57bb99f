//! The scenarios of an assessment by name, and how they stack.
//!
//! Input: the names and texts of `scenarios/*.toml`. Output: a [`Library`],
//! which gives the settings of a scenario with everything it is based on, and
//! of several on top of each other, `arm64+nights`.

use telemetry::untrusted::for_terminal;

use super::comparison::Named;
use super::error::ScenarioError;
use super::settings::{ScenarioFile, Settings};
use crate::catalog::names::nearest;

/// What separates scenarios that stand on each other.
const STACKED: char = '+';

/// A scenario's file with its name.
#[derive(Clone, Debug)]
struct Entry {
    name: String,
    file: String,
    read: ScenarioFile,
}

/// The scenarios of an assessment, in the order of their files.
#[derive(Clone, Debug, Default)]
pub struct Library {
    entries: Vec<Entry>,
}

impl Library {
    /// Reads the files; `1-arm64.toml` is scenario `arm64`, and the number only sorts it.
    ///
    /// # Errors
    /// When a file cannot be understood, or two are of one name.
    pub fn read(files: &[(String, String)]) -> Result<Self, ScenarioError> {
        let mut sorted: Vec<&(String, String)> = files.iter().collect();
        // `10-…` after `9-…`.
        sorted.sort_by_key(|(file, _)| (number(file), file.clone()));
        let mut library = Self::default();
        for (file, text) in sorted {
            let name = name(file).to_string();
            let shown = format!("scenarios/{}", for_terminal(file));
            if let Some(other) = library.entries.iter().find(|entry| entry.name == name) {
                return Err(ScenarioError::SameName {
                    name: for_terminal(&name).into_owned(),
                    first: other.file.clone(),
                    second: shown,
                });
            }
            library.entries.push(Entry {
                read: ScenarioFile::from_toml(text, &shown)?,
                file: shown,
                name,
            });
        }
        let bases: Vec<&Entry> = library.entries.iter().filter(|entry| entry.read.is_base).collect();
        if let [first, second, ..] = bases.as_slice() {
            return Err(ScenarioError::TwoBases {
                first: first.file.clone(),
                second: second.file.clone(),
            });
        }
        Ok(library)
    }

    /// Gives the names, in the order of the files.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.name.as_str())
    }

    /// Gives the scenario that says others are compared with it.
    #[must_use]
    pub fn base(&self) -> Option<&str> {
        self.entries
            .iter()
            .find(|entry| entry.read.is_base)
            .map(|entry| entry.name.as_str())
    }

    /// Says whether there is no scenario.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Gives a scenario with all it is based on; `a+b` is `b` on top of `a`.
    ///
    /// # Errors
    /// When there is no such scenario, or one is based on itself.
    pub fn named(&self, name: &str) -> Result<Named, ScenarioError> {
        let mut settings = Settings::default();
        // A file may be called `a+b` itself.
        if self.entry(name).is_some() || !name.contains(STACKED) {
            settings = self.stacked(name, &mut Vec::new())?;
        } else {
            for part in name.split(STACKED) {
                settings = settings.with(&self.stacked(part.trim(), &mut Vec::new())?);
            }
        }
        Ok(Named {
            name: name.to_string(),
            settings,
        })
    }

    fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == name)
    }

    fn stacked(&self, name: &str, through: &mut Vec<String>) -> Result<Settings, ScenarioError> {
        let Some(entry) = self.entry(name) else {
            return Err(ScenarioError::UnknownScenario {
                name: for_terminal(name).into_owned(),
                nearest: nearest(name, self.names()),
            });
        };
        if through.iter().any(|before| before == name) {
            return Err(ScenarioError::Circle {
                name: for_terminal(name).into_owned(),
                through: for_terminal(&through.join(", ")).into_owned(),
            });
        }
        through.push(name.to_string());
        let mut settings = Settings::default();
        for below in &entry.read.based_on {
            settings = settings.with(&self.stacked(below, through)?);
        }
        through.pop();
        Ok(settings.with(&entry.read.settings))
    }
}

/// Gives a file's scenario name: without its ending and a number that only sorts.
fn name(file: &str) -> &str {
    let stem = file.strip_suffix(".toml").unwrap_or(file);
    let rest = stem.trim_start_matches(|letter: char| letter.is_ascii_digit());
    match rest.strip_prefix('-') {
        Some(name) if !name.is_empty() => name,
        _ => stem,
    }
}

/// Gives the number that a file's name begins with; none sorts last.
fn number(file: &str) -> u64 {
    let end = file.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(file.len());
    file[..end].parse().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn library(files: &[(&str, &str)]) -> Result<Library, ScenarioError> {
        let files: Vec<(String, String)> = files
            .iter()
            .map(|(file, text)| ((*file).to_string(), (*text).to_string()))
            .collect();
        Library::read(&files)
    }

    #[test]
    fn scenarios_stand_on_others_and_numbers_only_sort() {
        let library = library(&[
            ("10-both.toml", "based_on = [\"low\", \"arm64\"]\nrisk = \"2%\""),
            ("2-arm64.toml", "architectures = \"arm64\"\nheadroom = \"30%\""),
            ("1-low.toml", "headroom = \"10%\"\nbase = true"),
            ("plain.toml", ""),
        ])
        .unwrap();
        assert_eq!(library.names().collect::<Vec<_>>(), ["low", "arm64", "both", "plain"]);
        assert_eq!(library.base(), Some("low"));
        let both = library.named("both").unwrap().settings;
        assert_eq!(both.to_string(), "architectures=arm64 headroom=30% risk=2%");
        assert_eq!(
            library.named("arm64+low").unwrap().settings.to_string(),
            "architectures=arm64 headroom=10%"
        );
        assert!(library.named("plain").unwrap().settings.is_empty());
    }

    #[test]
    fn circles_strangers_and_doubles_are_refused() {
        let circle = library(&[("a.toml", "based_on = \"b\""), ("b.toml", "based_on = [\"a\"]")]).unwrap();
        assert!(circle.named("a").unwrap_err().to_string().contains("based on itself"));
        assert!(circle.named("aa").unwrap_err().to_string().contains("nearest"));
        assert!(
            library(&[("1-a.toml", ""), ("2-a.toml", "")])
                .unwrap_err()
                .to_string()
                .contains("both")
        );
        let two = library(&[("a.toml", "base = true"), ("b.toml", "base = true")]);
        assert!(two.unwrap_err().to_string().contains("one at most"));
    }
}
