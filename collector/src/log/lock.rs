//! One collector at a time on an assessment.
//!
//! The lock is the kernel's (`flock`), so a killed collector leaves none; the
//! file only tells the second one who the first is.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// Name of the file.
const NAME: &str = "collecting.lock";
/// Far longer than a look at the lock takes ([`owner`]).
const GLANCE: Duration = Duration::from_millis(500);

/// Holds an assessment's telemetry for one collector until dropped.
#[derive(Debug)]
pub struct CampaignLock {
    _file: File,
}

/// Why the lock was not had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another collector has it.
    #[error("another collector is at work on `{}`: {owner}", folder.display())]
    Held {
        /// The telemetry folder.
        folder: PathBuf,
        /// Who, as it wrote itself down.
        owner: String,
    },
    /// The operating system refused.
    #[error("cannot lock `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

impl CampaignLock {
    /// Takes the lock of a telemetry folder and writes down who has it.
    ///
    /// # Errors
    /// When another collector has it, or the file cannot be made.
    pub fn take(folder: &Path, owner: &str) -> Result<Self, LockError> {
        let path = folder.join(NAME);
        let io = |source| LockError::Io {
            path: path.clone(),
            source,
        };
        fs::create_dir_all(folder).map_err(io)?;
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(io)?;
        let until = Instant::now() + GLANCE;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                // Perhaps only someone who looked whether a collector is at work.
                Err(TryLockError::WouldBlock) if Instant::now() < until => thread::sleep(GLANCE / 20),
                Err(TryLockError::WouldBlock) => {
                    return Err(LockError::Held {
                        folder: folder.to_path_buf(),
                        owner: first_line(&mut file),
                    });
                }
                Err(TryLockError::Error(source)) => return Err(io(source)),
            }
        }
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{owner}"))
            .map_err(io)?;
        Ok(Self { _file: file })
    }
}

/// Says who collects into a telemetry folder just now; nothing when nobody does.
#[must_use]
pub fn owner(folder: &Path) -> Option<String> {
    let mut file = File::open(folder.join(NAME)).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => Some(first_line(&mut file)),
        _ => None,
    }
}

fn first_line(file: &mut File) -> String {
    let mut text = String::new();
    // An owner that cannot be read is still an owner.
    let _ = file.take(1000).read_to_string(&mut text);
    telemetry::untrusted::for_terminal(text.lines().next().unwrap_or("unknown")).into_owned()
}
