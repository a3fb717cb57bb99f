//! Memory, swap, disks, volumes built of them, file systems, mounts of other machines.

use super::answer::Answer;
use super::{Notes, number};
use crate::kernel::{Disk, Layout};
use crate::reading::Filesystem;

const BLOCK: &str = "/sys/block";
const MOUNTS: &str = "/proc/self/mountinfo";
/// Linux counts sectors of this size whatever the disk's own are.
const SECTOR_BYTES: u64 = 512;

pub(super) fn note(answer: &Answer<'_>, layout: &Layout, notes: &mut Notes<'_>) {
    memory(answer, notes);
    for (name, disk) in &layout.disks {
        if is_pseudo(name) {
            continue;
        }
        // A slash in a device's name stands as an exclamation mark in its path.
        let path = format!("{BLOCK}/{}", name.replace('/', "!"));
        let Some(bytes) = answer
            .word(&format!("{path}/size"))
            .and_then(number)
            .and_then(|sectors| sectors.checked_mul(SECTOR_BYTES))
            .filter(|bytes| *bytes > 0)
        else {
            // A drive without a medium.
            continue;
        };
        let (size, members, kind) = if disk.slaves.is_empty() {
            ("disk.size_bytes", "disk.members", "disk.kind")
        } else {
            ("volume.size_bytes", "volume.members", "volume.kind")
        };
        notes.of(size, name, bytes.to_string(), BLOCK);
        notes.of(members, name, disk.slaves.join(" "), BLOCK);
        let level = answer.word(&format!("{path}/md/level"));
        if let Some(level) = level {
            notes.of("volume.raid_level", name, level, BLOCK);
        }
        if disk.slaves.is_empty() {
            let rotational = answer.word(&format!("{path}/queue/rotational"));
            notes.of(kind, name, disk_kind(name, rotational), BLOCK);
        } else {
            notes.of(kind, name, volume_kind(disk, level.is_some()), BLOCK);
        }
        if let Some(label) = answer.word(&format!("{path}/dm/name")) {
            notes.of("volume.name", name, label, BLOCK);
        }
        for (fact, file) in [("disk.model", "model"), ("disk.vendor", "vendor")] {
            if let Some(text) = answer.word(&format!("{path}/device/{file}")) {
                notes.of(fact, name, text, BLOCK);
            }
        }
        if disk.is_removable {
            notes.of("disk.removable", name, "yes", BLOCK);
        }
    }
}

fn memory(answer: &Answer<'_>, notes: &mut Notes<'_>) {
    let kilobytes = |name: &str| {
        let value = answer.field("meminfo", name, ':')?;
        number(value.strip_suffix("kB")?)?.checked_mul(1024)
    };
    let meminfo = "/proc/meminfo";
    for (fact, name) in [("memory.size_bytes", "MemTotal"), ("swap.size_bytes", "SwapTotal")] {
        if let Some(bytes) = kilobytes(name) {
            notes.one(fact, bytes.to_string(), meminfo);
        }
    }
    let pages = answer.field("meminfo", "HugePages_Total", ':').and_then(number);
    if let (Some(pages), Some(size)) = (pages, kilobytes("Hugepagesize"))
        && let Some(bytes) = pages.checked_mul(size).filter(|bytes| *bytes > 0)
    {
        notes.one("memory.huge_pages_bytes", bytes.to_string(), meminfo);
    }
    for line in answer.lines("swaps").iter().skip(1).take(64) {
        let mut words = line.split_whitespace();
        if let (Some(device), Some(_), Some(bytes)) = (
            words.next(),
            words.next(),
            words
                .next()
                .and_then(number)
                .and_then(|kilobytes| kilobytes.checked_mul(1024)),
        ) {
            notes.of("swap.device_bytes", device, bytes.to_string(), "/proc/swaps");
        }
    }
}

fn is_pseudo(name: &str) -> bool {
    ["loop", "ram", "zram", "fd", "sr"]
        .iter()
        .filter_map(|kind| name.strip_prefix(kind))
        .any(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
}

fn disk_kind(name: &str, rotational: Option<&str>) -> &'static str {
    if name.starts_with("nvme") {
        return "nvme";
    }
    // A hypervisor's disk says what it was told to say.
    if ["vd", "xvd"].iter().any(|kind| name.starts_with(kind)) {
        return "virtual";
    }
    match rotational {
        Some("1") => "rotational",
        Some("0") => "solid-state",
        _ => "",
    }
}

fn volume_kind(disk: &Disk, is_raid: bool) -> &'static str {
    let mapper = disk.mapper.as_deref().unwrap_or_default();
    let kinds = [
        ("LVM-", "lvm"),
        ("mpath-", "multipath"),
        ("CRYPT-", "encrypted"),
        ("DMRAID-", "raid"),
    ];
    match kinds.iter().find(|(start, _)| mapper.starts_with(start)) {
        _ if is_raid => "raid",
        Some((_, kind)) => kind,
        None => "",
    }
}

/// Notes the file systems that were measured, and what is mounted from other machines; the latter is never touched.
pub(super) fn note_mounts(layout: &Layout, sizes: &[Filesystem], notes: &mut Notes<'_>) {
    for filesystem in sizes {
        let mount = filesystem.mount.as_str();
        notes.of("filesystem.kind", mount, &filesystem.kind, MOUNTS);
        notes.of("filesystem.device", mount, &filesystem.device, MOUNTS);
        notes.of("filesystem.size_bytes", mount, filesystem.size_bytes.to_string(), "df");
    }
    for mount in layout.network_mounts() {
        notes.of("mount.kind", &mount.mount_point, &mount.kind, MOUNTS);
        notes.of(
            "mount.source",
            &mount.mount_point,
            without_credentials(&mount.source),
            MOUNTS,
        );
    }
}

/// Takes user and password out of a source such as `https://user:secret@host/share`.
fn without_credentials(source: &str) -> String {
    match source.split_once("://") {
        Some((scheme, rest)) => {
            let host_end = rest.find('/').unwrap_or(rest.len());
            let (host, path) = rest.split_at(host_end);
            let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
            format!("{scheme}://{host}{}", path.split('?').next().unwrap_or_default())
        }
        None => source.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_of_a_mount_is_kept() {
        assert_eq!(
            without_credentials("https://bob:hunter2@dav.example/x?token=a"),
            "https://dav.example/x"
        );
        assert_eq!(without_credentials("nas:/export"), "nas:/export");
    }
}
