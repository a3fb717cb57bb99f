//! Binary `sa` files, as the system's own `sadf` reads them: their layout changes with every version of sysstat.

use std::path::Path;
use std::process::{Command, Stdio};

use super::super::Options;
use crate::import::error::ImportError;

/// First two bytes of every `sa` file since sysstat 6, in either byte order.
const MAGIC: [[u8; 2]; 2] = [[0x96, 0xd5], [0xd5, 0x96]];

/// Says whether these are the first bytes of a binary `sa` file.
pub(super) fn is_binary(start: &[u8]) -> bool {
    MAGIC.iter().any(|magic| start.starts_with(magic))
}

/// Has `sadf` write the file as JSON; a file of an older sysstat is converted first.
pub(super) fn as_json(options: &Options<'_>) -> Result<Vec<u8>, ImportError> {
    match sadf(options.path, &["-j"], Some(options.path), true) {
        Ok(json) => Ok(json),
        Err(first @ ImportError::Sadf { .. }) => {
            let converted = sadf(options.path, &["-c"], Some(options.path), false);
            let Ok(converted) = converted else { return Err(first) };
            if !is_binary(&converted) {
                return Err(first);
            }
            let name = format!("sizewright-{}-{:p}.sa", std::process::id(), &converted);
            let beside = std::env::temp_dir().join(name);
            let written = write_new(&beside, &converted);
            let json = written
                .map_err(|source| ImportError::io(&beside, source))
                .and_then(|()| sadf(options.path, &["-j"], Some(&beside), true));
            // Best effort: the system empties its folder of temporary files.
            let _ = std::fs::remove_file(&beside);
            json
        }
        Err(error) => Err(error),
    }
}

/// Writes a file that must not be there yet, so that nobody else's is followed or overwritten.
fn write_new(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(bytes)
}

fn sadf(shown: &Path, flags: &[&str], file: Option<&Path>, all: bool) -> Result<Vec<u8>, ImportError> {
    let mut command = Command::new("sadf");
    command.args(flags);
    if let Some(file) = file {
        // A name that begins with a hyphen is a file all the same.
        command.arg(std::path::absolute(file).unwrap_or_else(|_| file.to_path_buf()));
    }
    if all {
        command.args(["--", "-A"]);
    }
    let output = command
        .env("LC_ALL", "C")
        .env("TZ", "UTC")
        .stdin(Stdio::null())
        .output()
        .map_err(|source| {
            if source.kind() == std::io::ErrorKind::NotFound {
                ImportError::NoSadf {
                    path: shown.to_path_buf(),
                }
            } else {
                ImportError::io(Path::new("sadf"), source)
            }
        })?;
    if output.status.success() && !output.stdout.is_empty() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(ImportError::Sadf {
        path: shown.to_path_buf(),
        said: reason(&said),
    })
}

/// Gives what `sadf` said, without the path that the message names already.
fn reason(said: &str) -> String {
    let lines: Vec<&str> = said
        .lines()
        .map(|line| line.split_once(": /").map_or(line, |(before, _)| before).trim())
        .filter(|line| !line.is_empty())
        .take(2)
        .collect();
    if lines.is_empty() {
        return "it ended without a word".to_string();
    }
    crate::import::error::shown(&lines.join("; "))
}
