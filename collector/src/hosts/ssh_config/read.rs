//! Reads an ssh configuration and the files that it includes.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::SshConfigError;
use super::glob;
use super::line::Directive;
use crate::hosts::environment::Environment;
use crate::hosts::place::FilePlace;

/// OpenSSH's own bound.
const DEEPEST_INCLUDE: usize = 16;

/// Files that one configuration may include; some people have one for each customer.
const MOST_FILES: usize = 10_000;

/// Larger files are refused.
const LARGEST_FILE_BYTES: u64 = 8 * 1024 * 1024;

/// The configuration, read once and then asked about each host.
#[derive(Clone, Debug, Default)]
pub(in crate::hosts) struct SshConfig {
    /// The user's file, then the machine's.
    pub(super) files: Vec<ConfigFile>,
}

#[derive(Clone, Debug)]
pub(super) struct ConfigFile {
    pub(super) lines: Vec<ConfigLine>,
}

#[derive(Clone, Debug)]
pub(super) struct ConfigLine {
    pub(super) place: FilePlace,
    pub(super) directive: Directive,
    /// The files that an `Include` line stands for.
    pub(super) included: Vec<ConfigFile>,
}

/// Whose file it is: decides where relative includes are looked for, and who may write it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner {
    User,
    Machine,
}

struct Reader<'a> {
    environment: &'a Environment,
    files_left: usize,
}

impl SshConfig {
    /// Reads the files of the environment; a missing one counts as empty.
    pub(in crate::hosts) fn read(environment: &Environment) -> Result<Self, SshConfigError> {
        let mut reader = Reader {
            environment,
            files_left: MOST_FILES,
        };
        let mut files = Vec::new();
        let own = environment.user_ssh_config.iter().map(|path| (path, Owner::User));
        let machine = environment.system_ssh_config.iter().map(|path| (path, Owner::Machine));
        for (path, owner) in own.chain(machine) {
            files.extend(reader.file(path, owner, owner == Owner::User, 0)?);
        }
        Ok(Self { files })
    }
}

impl Reader<'_> {
    fn file(
        &mut self,
        path: &Path,
        owner: Owner,
        check_permissions: bool,
        depth: usize,
    ) -> Result<Option<ConfigFile>, SshConfigError> {
        let Some(text) = text_of(path, check_permissions)? else {
            return Ok(None);
        };
        let file: Arc<Path> = Arc::from(path);
        let mut lines = Vec::new();
        for (index, line) in text.split('\n').enumerate() {
            let Some(directive) = Directive::read(line) else {
                continue;
            };
            let place = FilePlace {
                file: Arc::clone(&file),
                line: index + 1,
            };
            let included = if directive.keyword == "include" {
                self.included(&directive, &place, owner, depth)?
            } else {
                Vec::new()
            };
            lines.push(ConfigLine {
                place,
                directive,
                included,
            });
        }
        Ok(Some(ConfigFile { lines }))
    }

    fn included(
        &mut self,
        directive: &Directive,
        place: &FilePlace,
        owner: Owner,
        depth: usize,
    ) -> Result<Vec<ConfigFile>, SshConfigError> {
        if depth >= DEEPEST_INCLUDE {
            return Err(SshConfigError::TooDeep {
                place: place.clone(),
                depth: DEEPEST_INCLUDE,
            });
        }
        let value = |what: &str| SshConfigError::Value {
            place: place.clone(),
            keyword: "Include",
            what: what.to_string(),
        };
        let mut files = Vec::new();
        for pattern in directive
            .words()
            .ok_or_else(|| value("has a quote that is not closed"))?
        {
            let path = self.environment.expand_home(&pattern);
            let path = path.ok_or_else(|| value("names the home folder of another account"))?;
            for path in glob::files(&self.absolute(path, owner), MOST_FILES) {
                self.files_left = self
                    .files_left
                    .checked_sub(1)
                    .ok_or_else(|| SshConfigError::TooManyFiles {
                        place: place.clone(),
                        most: MOST_FILES,
                    })?;
                files.extend(self.file(&path, owner, true, depth + 1)?);
            }
        }
        Ok(files)
    }

    fn absolute(&self, path: PathBuf, owner: Owner) -> PathBuf {
        match owner {
            _ if path.is_absolute() => path,
            Owner::User => self.environment.home.join(".ssh").join(path),
            Owner::Machine => Path::new("/etc/ssh").join(path),
        }
    }
}

/// Reads a file's text; nothing when it is missing.
fn text_of(path: &Path, check_permissions: bool) -> Result<Option<String>, SshConfigError> {
    let cannot_read = |source| SshConfigError::Read {
        path: path.to_path_buf(),
        source,
    };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(cannot_read(error)),
    };
    let about = file.metadata().map_err(cannot_read)?;
    if check_permissions && others_can_write(&about) {
        let path = path.to_path_buf();
        return Err(SshConfigError::Permissions { path });
    }
    let mut text = Vec::new();
    file.take(LARGEST_FILE_BYTES + 1)
        .read_to_end(&mut text)
        .map_err(cannot_read)?;
    if text.len() as u64 > LARGEST_FILE_BYTES {
        let path = path.to_path_buf();
        return Err(SshConfigError::TooLarge { path });
    }
    Ok(Some(String::from_utf8_lossy(&text).into_owned()))
}

/// OpenSSH's rule: it belongs to the user or to root, and neither group nor others may write it.
fn others_can_write(about: &fs::Metadata) -> bool {
    let ours = about.uid() == 0 || about.uid() == rustix::process::getuid().as_raw();
    !ours || about.mode() & 0o022 != 0
}
