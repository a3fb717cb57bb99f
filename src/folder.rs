//! The assessment's folder: where things are, and what to say when they are not.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use analyzer::catalog::{Catalog, CatalogError};
use analyzer::plan::{Plan, files};
use analyzer::policy::Assessment;
use analyzer::scenario::Library;
use collector::discovery::services::Fingerprints;
use telemetry::{Inventory, Store};

use crate::failure::Failure;

/// What `--catalog` calls the catalog within the program.
const BUILT_IN: &str = "built-in";

/// An assessment's folder.
#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
    catalog: Option<PathBuf>,
}

impl Folder {
    /// Names the folder; nothing is read yet.
    pub fn at(root: &Path) -> Self {
        Self {
            root: root.to_path_buf(),
            catalog: None,
        }
    }

    /// Uses another catalog than the assessment's.
    pub fn with_catalog(mut self, catalog: Option<PathBuf>) -> Self {
        self.catalog = catalog;
        self
    }

    /// Gives the folder of the assessment's own catalog.
    pub fn catalog_folder(&self) -> PathBuf {
        self.path("catalog")
    }

    /// Gives the catalog in use: that of `--catalog`, else the assessment's own, else the built-in one.
    pub fn catalog(&self) -> Result<&'static Catalog, Failure> {
        match &self.catalog {
            Some(name) if name.as_os_str() == BUILT_IN => Ok(Catalog::embedded()),
            Some(path) => read_catalog(path),
            None => {
                let own = self.catalog_folder().join(crate::refresh::NAME);
                if own.exists() {
                    read_catalog(&own)
                } else {
                    Ok(Catalog::embedded())
                }
            }
        }
    }

    /// Gives the catalog that a plan names: the one in use, the built-in one, or one that a refresh replaced.
    ///
    /// Where none of them is the one, it is the one in use.
    pub fn catalog_of(&self, plan: &Plan) -> Result<&'static Catalog, Failure> {
        let in_use = self.catalog()?;
        let id = &plan.catalog.id;
        if in_use.id() == id || self.catalog.is_some() {
            return Ok(in_use);
        }
        if Catalog::embedded().id() == id {
            return Ok(Catalog::embedded());
        }
        let ending = format!("-{id}.catalog");
        let former = self.catalog_folder().join("former");
        let named = std::fs::read_dir(former).ok().and_then(|entries| {
            entries
                .filter_map(Result::ok)
                .map(|entry| entry.path())
                .find(|path| path.to_string_lossy().ends_with(&ending))
        });
        named.map_or(Ok(in_use), |path| read_catalog(&path))
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
        files::from_json(&bytes).map_err(|error| {
            Failure::data(error)
                .while_trying(format!("cannot use `{}`", path.display()))
                .hint("make the plan again with `sizewright plan`")
        })
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

/// Reads a catalog once; it lives as long as the program.
fn read_catalog(path: &Path) -> Result<&'static Catalog, Failure> {
    static READ: Mutex<BTreeMap<PathBuf, &'static Catalog>> = Mutex::new(BTreeMap::new());
    let mut read = READ
        .lock()
        .map_err(|_| Failure::internal(anyhow::anyhow!("a reader failed")))?;
    if let Some(catalog) = read.get(path) {
        return Ok(catalog);
    }
    let catalog: &'static Catalog = Box::leak(Box::new(Catalog::read(path).map_err(unusable)?));
    read.insert(path.to_path_buf(), catalog);
    Ok(catalog)
}

fn unusable(error: CatalogError) -> Failure {
    match error {
        CatalogError::Unreadable { .. } | CatalogError::Unwritable { .. } => {
            Failure::user(error).hint("check the path and its permissions, or use `--catalog built-in`")
        }
        CatalogError::TooNew { .. } => Failure::data(error).hint("use a newer sizewright, or `--catalog built-in`"),
        _ => Failure::data(error).hint(
            "move the file away and run `sizewright catalog refresh` again; `--catalog built-in` goes without it",
        ),
    }
}
