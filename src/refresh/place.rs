//! Where a refreshed catalog lives: `catalog/prices.catalog` of an assessment, or a file of the user's.
//!
//! The catalog that was in use is kept in `former/` beside it, so that a plan
//! made with it can still be checked. One refresh at a time: a lock that ends
//! with the process.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use analyzer::catalog::Catalog;
use anyhow::anyhow;

use crate::failure::Failure;

/// Name of the catalog within the folder.
pub const NAME: &str = "prices.catalog";

/// Where the catalog goes.
#[derive(Clone, Debug)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    downloads: PathBuf,
    lock: PathBuf,
    /// Where catalogs that were replaced are kept; nowhere for a file of the user's.
    former: Option<PathBuf>,
}

impl Place {
    /// The catalog of an assessment's `catalog/` folder.
    pub fn within(folder: &Path) -> Self {
        Self {
            file: folder.join(NAME),
            downloads: folder.join("download"),
            lock: folder.join("refresh.lock"),
            former: Some(folder.join("former")),
        }
    }

    /// A file of its own.
    pub fn at(file: &Path) -> Self {
        let with = |ending: &str| {
            let mut path = file.as_os_str().to_os_string();
            path.push(ending);
            PathBuf::from(path)
        };
        Self {
            file: file.to_path_buf(),
            downloads: with(".download"),
            lock: with(".lock"),
            former: None,
        }
    }

    /// Gives the folder of downloads that are not whole yet, or not used yet.
    pub fn downloads(&self) -> &Path {
        &self.downloads
    }

    /// Takes the lock, or says who has it.
    pub fn lock(&self) -> Result<Lock, Failure> {
        let refused = |error: std::io::Error| {
            Failure::user(error).while_trying(format!("cannot write `{}`", self.lock.display()))
        };
        if let Some(folder) = self.lock.parent() {
            fs::create_dir_all(folder).map_err(refused)?;
        }
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&self.lock)
            .map_err(refused)?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(fs::TryLockError::WouldBlock) => Err(Failure::user(anyhow!(
                "another refresh of `{}` is at work",
                self.file.display()
            ))
            .hint("wait until it has ended; a lock of a killed one does not last")),
            Err(fs::TryLockError::Error(error)) => Err(refused(error)),
        }
    }

    /// Puts a catalog in place of the one there, which is kept; gives where.
    pub fn replace(&self, bytes: &[u8]) -> Result<Option<PathBuf>, Failure> {
        let former = Catalog::read(&self.file).ok();
        let kept = match (&self.former, former) {
            (Some(folder), Some(former)) => {
                let path = folder.join(format!("{}-{}.catalog", former.built_on(), former.id()));
                telemetry::store::write_whole(&path, &fs::read(&self.file)?)?;
                Some(path)
            }
            // What cannot be read is no catalog to go back to.
            _ => None,
        };
        telemetry::store::write_whole(&self.file, bytes)?;
        Ok(kept)
    }
}

/// Holds others off while it lives. Its file stays: one that was removed could be locked by two.
pub struct Lock {
    _file: File,
}
