//! `df -kP`: size and use of the file systems that were asked for.

use std::collections::{BTreeMap, BTreeSet};

use super::FRAME_BYTES_AT_MOST;
use super::mountinfo::Mount;
use super::number::whole;
use crate::reading::Filesystem;

/// Bytes of a block, as `-k` asks for.
const BLOCK_BYTES: u64 = 1_024;

/// Reads what `df -kP` says (in the C locale) of the given mounts; what was not asked for is left out.
///
/// Device and kind are those of the mount table: the names that `df` prints may
/// hold spaces, and long ones stand on a line of their own. Never fails: a line
/// that is no file system is passed over.
#[must_use]
pub fn filesystems(df: &[u8], mounts: &[Mount]) -> Vec<Filesystem> {
    let text = String::from_utf8_lossy(df.get(..FRAME_BYTES_AT_MOST).unwrap_or(df));
    let asked: BTreeMap<&str, &Mount> = mounts.iter().map(|mount| (mount.mount_point.as_str(), mount)).collect();
    let mut lines = text.lines().peekable();
    let block_bytes = match lines.peek().and_then(|heading| unit(heading)) {
        Some(Unit::Bytes(bytes)) => bytes,
        Some(Unit::Rounded) => return Vec::new(),
        None => BLOCK_BYTES,
    };
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for line in lines {
        // The numbers of a folded entry are on the second line, and they are all that is needed.
        let Some((usage, mount)) = entry(line, &asked) else {
            continue;
        };
        let bytes = |blocks: u64| blocks.checked_mul(block_bytes);
        if let (Some(size_bytes), Some(used_bytes)) = (bytes(usage.size), bytes(usage.used))
            && size_bytes > 0
            && seen.insert(mount.mount_point.as_str())
        {
            found.push(Filesystem {
                mount: mount.mount_point.clone(),
                device: mount.source.clone(),
                kind: mount.kind.clone(),
                size_bytes,
                used_bytes,
            });
        }
    }
    found
}

enum Unit {
    Bytes(u64),
    /// For people to read (`-h`): not exact.
    Rounded,
}

/// The unit that the headings name; nothing when they are no headings.
fn unit(heading: &str) -> Option<Unit> {
    let heading = heading.strip_prefix("Filesystem")?;
    let words = || heading.split_ascii_whitespace();
    if words().any(|word| word == "Size") {
        return Some(Unit::Rounded);
    }
    let block = words().find_map(|word| word.strip_suffix("-blocks"))?;
    let bytes = match block {
        "1K" => 1 << 10,
        "1M" => 1 << 20,
        number => whole(number).ok().filter(|bytes| *bytes > 0)?,
    };
    Some(Unit::Bytes(bytes))
}

/// Blocks of one file system.
struct Usage {
    size: u64,
    used: u64,
}

/// Finds `size used available capacity mount-point` in a line, whatever stands before it.
fn entry<'m>(line: &str, asked: &BTreeMap<&str, &'m Mount>) -> Option<(Usage, &'m Mount)> {
    let mut words = Words { rest: line };
    let mut last: [&str; 3] = [""; 3];
    while let Some(word) = words.next() {
        let [size, used, available] = last;
        last = [used, available, word];
        let is_capacity = word == "-" || word.strip_suffix('%').is_some_and(|number| whole(number).is_ok());
        // Space kept for root can be overdrawn: what is available is then below zero.
        let is_available = whole(available.strip_prefix('-').unwrap_or(available)).is_ok();
        if !is_capacity || !is_available {
            continue;
        }
        if let (Ok(size), Ok(used), Some(mount)) = (whole(size), whole(used), asked.get(words.rest.trim_ascii_start()))
        {
            return Some((Usage { size, used }, mount));
        }
    }
    None
}

/// Words of a line, with what follows them.
struct Words<'a> {
    rest: &'a str,
}

impl<'a> Words<'a> {
    fn next(&mut self) -> Option<&'a str> {
        let line = self.rest.trim_ascii_start();
        let end = line
            .find(|letter: char| letter.is_ascii_whitespace())
            .unwrap_or(line.len());
        let (word, rest) = line.split_at(end);
        self.rest = rest;
        (!word.is_empty()).then_some(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADINGS: &str = "Filesystem 1024-blocks Used Available Capacity Mounted on\n";

    fn mount(mount_point: &str, source: &str) -> Mount {
        Mount {
            mount_point: mount_point.to_owned(),
            source: source.to_owned(),
            kind: "ext4".to_owned(),
            ..Mount::default()
        }
    }

    fn told(df: &str, mounts: &[Mount]) -> Vec<(String, u64, u64)> {
        filesystems(df.as_bytes(), mounts)
            .into_iter()
            .map(|one| (one.mount, one.size_bytes, one.used_bytes))
            .collect()
    }

    #[test]
    fn spaces_in_names_do_not_shift_the_numbers() {
        let mounts = [mount("/my disk 5%", "//server/my share"), mount("/", "/dev/sda1")];
        let df = format!("{HEADINGS}//server/my 1 share 100 40 60 40% /my disk 5%\n/dev/sda1 10 4 -2 105% /\n");
        assert_eq!(
            told(&df, &mounts),
            [
                ("/my disk 5%".to_owned(), 102_400, 40_960),
                ("/".to_owned(), 10_240, 4_096)
            ]
        );
    }

    #[test]
    fn folded_lines_are_read() {
        let mounts = [mount("/data", "/dev/mapper/a")];
        let df = format!("{HEADINGS}/dev/mapper/VolGroup00-LogVol00-very-long\n                 100 40 60 40% /data\n");
        assert_eq!(told(&df, &mounts), [("/data".to_owned(), 102_400, 40_960)]);
    }

    #[test]
    fn device_and_kind_come_from_the_mount_table() {
        let found = filesystems(
            format!("{HEADINGS}/dev/root 100 40 60 40% /\n").as_bytes(),
            &[mount("/", "/dev/sda1")],
        );
        assert_eq!(
            (found[0].device.as_str(), found[0].kind.as_str()),
            ("/dev/sda1", "ext4")
        );
    }

    #[test]
    fn only_what_was_asked_for_is_told_and_each_once() {
        let df = format!("{HEADINGS}a 100 40 60 40% /\na 100 41 60 40% /\nb 9 9 9 9% /other\nc 0 0 0 - /empty\n");
        let mounts = [mount("/", "a"), mount("/empty", "c"), mount("/missing", "d")];
        assert_eq!(told(&df, &mounts), [("/".to_owned(), 102_400, 40_960)]);
    }

    #[test]
    fn the_unit_of_the_headings_is_kept_to() {
        let line = "a 100 40 60 40% /\n";
        let mounts = [mount("/", "a")];
        for (headings, size) in [
            ("Filesystem 512-blocks Used Available Capacity Mounted on\n", 51_200),
            ("Filesystem 1K-blocks Used Available Use% Mounted on\n", 102_400),
            (
                "Filesystem Type 1024-blocks Used Available Capacity Mounted on\n",
                102_400,
            ),
            ("", 102_400),
        ] {
            let told = told(&format!("{headings}{line}"), &mounts);
            assert_eq!(told.first().map(|one| one.1), Some(size), "{headings}");
        }
        assert!(told(&format!("Filesystem Size Used Avail Use% Mounted on\n{line}"), &mounts).is_empty());
    }

    #[test]
    fn what_is_no_file_system_is_passed_over() {
        let mounts = [mount("/", "a")];
        for df in [
            "",
            "df: /: Permission denied\n",
            "a x 40 60 40% /\n",
            "a 100 40 60 /\n",
            "a 99999999999999999999 40 60 40% /\n",
            "a 18446744073709551615 40 60 40% /\n",
            "100 40 60 40%",
        ] {
            assert!(told(df, &mounts).is_empty(), "{df}");
        }
    }
}
