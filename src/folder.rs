//! The assessment's folder: where things are, and what to say when they are not.

use std::path::{Path, PathBuf};

use analyzer::plan::{Plan, files};
use analyzer::policy::Assessment;
use analyzer::scenario::Library;
use collector::discovery::services::Fingerprints;
use telemetry::{Inventory, Store};

use crate::failure::Failure;

/// An assessment's folder.
#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// Names the folder; nothing is read yet.
    pub fn at(root: &Path) -> Self {
        Self {
            root: root.to_path_buf(),
        }
    }

    /// Gives a path within the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Gives the telemetry store.
    pub fn store(&self) -> Store {
        Store::at(self.path("telemetry"))
    }

    /// Reads assessment.toml.
    pub fn assessment(&self) -> Result<Assessment, Failure> {
        let path = self.path("assessment.toml");
        let text = std::fs::read_to_string(&path).map_err(|error| {
            let missing = error.kind() == std::io::ErrorKind::NotFound;
            let failure = Failure::user(error).while_trying(format!("cannot read `{}`", path.display()));
            if missing {
                failure.hint("start an assessment with `sizewright init DIR`, or choose its folder with `-C DIR`")
            } else {
                failure
            }
        })?;
        Assessment::from_toml(&text)
            .map_err(|error| Failure::user(error).while_trying(format!("cannot use `{}`", path.display())))
    }

    /// Reads the inventory; an assessment without one has an empty one.
    pub fn inventory(&self) -> Result<Inventory, Failure> {
        Ok(telemetry::inventory::read(&self.path("inventory"))?)
    }

    /// Gives the fingerprints of services: the built-in ones, and before them those of fingerprints.toml if it is there.
    pub fn fingerprints(&self) -> Result<Fingerprints, Failure> {
        let path = self.path("fingerprints.toml");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Fingerprints::built_in()),
            Err(error) => {
                return Err(Failure::user(error).while_trying(format!("cannot read `{}`", path.display())));
            }
        };
        Fingerprints::built_in().extended_by(&text, &path).map_err(|error| {
            let hint = error.hint();
            Failure::user(error).hint(hint)
        })
    }

    /// Reads plan/plan.json.
    pub fn plan(&self) -> Result<Plan, Failure> {
        let path = self.path("plan/plan.json");
        let bytes = std::fs::read(&path).map_err(|error| {
            Failure::user(error)
                .while_trying(format!("cannot read `{}`", path.display()))
                .hint("make a plan first with `sizewright plan`, or choose the assessment with `-C DIR`")
        })?;
        files::from_json(&bytes)
            .map_err(|error| Failure::data(error).while_trying(format!("cannot use `{}`", path.display())))
    }

    /// Reads scenarios/*.toml: names and texts; an assessment without that folder has none.
    pub fn scenarios(&self) -> Result<Library, Failure> {
        let folder = self.path("scenarios");
        let failed = |error: std::io::Error, path: &Path| {
            Failure::user(error).while_trying(format!("cannot read `{}`", path.display()))
        };
        let mut files = Vec::new();
        match std::fs::read_dir(&folder) {
            Ok(entries) => {
                for entry in entries {
                    let path = entry.map_err(|error| failed(error, &folder))?.path();
                    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
                        continue;
                    };
                    if name.ends_with(".toml") {
                        let text = std::fs::read_to_string(&path).map_err(|error| failed(error, &path))?;
                        files.push((name.to_string(), text));
                    }
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error, &folder)),
        }
        Library::read(&files).map_err(Failure::user)
    }

    /// Writes a file of the assessment as a whole.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, Failure> {
        let path = self.path(name);
        telemetry::store::write_whole(&path, bytes)?;
        Ok(path)
    }
}
