//! Which disks count? Each byte that reaches a device once: whole physical disks, not what is built of them.
//!
//! Input: what `/sys/block` says of every block device, or, where it cannot be
//! read, names alone. Output: one decision per device.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::is_plain_name;

/// Members that a volume of many disks may have.
const MEMBERS_AT_MOST: usize = 1_024;

/// What `/sys/block` says of one block device, and whether it counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disk {
    /// Hardware (or a hypervisor's device) stands behind it, not another block device.
    pub has_device: bool,
    /// Block devices it is built of.
    pub slaves: Vec<String>,
    /// The kernel keeps it from users: a path of a multipath NVMe disk.
    pub is_hidden: bool,
    /// The medium can be taken out.
    pub is_removable: bool,
    /// Identity of a device-mapper volume, such as `mpath-36005…` or `LVM-…`.
    pub mapper: Option<String>,
    /// Its counters are collected.
    pub counts: bool,
}

impl Disk {
    /// Reads `NAME device=1 slaves=a,b hidden=0 removable=0`.
    pub(super) fn parse(text: &str) -> Option<(String, Self)> {
        let mut words = text.split_ascii_whitespace();
        let name = device_name(words.next()?)?;
        let mut disk = Self::default();
        for word in words {
            match word.split_once('=') {
                Some(("device", value)) => disk.has_device = value == "1",
                Some(("hidden", value)) => disk.is_hidden = value == "1",
                Some(("removable", value)) => disk.is_removable = value == "1",
                Some(("slaves", value)) => {
                    disk.slaves = value.split(',').filter_map(device_name).take(MEMBERS_AT_MOST).collect();
                }
                _ => {}
            }
        }
        Some((name, disk))
    }

    fn is_multipath(&self) -> bool {
        self.mapper
            .as_deref()
            .is_some_and(|mapper| mapper.starts_with("mpath-"))
    }
}

/// Gives a device the name that `/proc/diskstats` has for it: a file name in `/sys` cannot hold a slash (`cciss!c0d0`).
pub(super) fn device_name(name: &str) -> Option<String> {
    is_plain_name(name).then(|| name.replace('!', "/"))
}

/// Decides for every listed disk whether it counts.
pub(super) fn decide(disks: &mut BTreeMap<String, Disk>) {
    // A multipath volume has the traffic of all its paths, and unlike them it is there when a path fails.
    let paths: BTreeSet<String> = disks
        .values()
        .filter(|disk| disk.is_multipath())
        .flat_map(|disk| disk.slaves.iter().cloned())
        .collect();
    let any_hardware = disks
        .iter()
        .any(|(name, disk)| disk.has_device && !is_never_a_disk(name));
    let names: BTreeSet<String> = disks.keys().cloned().collect();
    for (name, disk) in disks.iter_mut() {
        disk.counts = if is_never_a_disk(name) || disk.is_hidden || nvme_head_of_path(name).is_some() {
            false
        } else if disk.is_multipath() {
            true
        } else if paths.contains(name) {
            false
        } else if any_hardware {
            disk.has_device && !is_built_of_disks(name)
        } else {
            // Started from the network (nbd, rbd), or a kernel that does not tell.
            disk.slaves.is_empty() && counts_by_name(name, |parent| names.contains(parent))
        };
    }
}

/// Decides by name alone, where `/sys/block` could not be read; a partition counts when its whole disk is not there.
///
/// Like node_exporter, but also for disks beyond `sdz`, and volumes of disks do not count.
pub(crate) fn counts_by_name(name: &str, is_present: impl Fn(&str) -> bool) -> bool {
    let is_path = nvme_head_of_path(name).is_some();
    // EC2 and Xen give a guest `xvda1` without any `xvda`.
    let is_partition = whole_disk_of_partition(name).is_some_and(is_present);
    is_plain_name(name) && !is_never_a_disk(name) && !is_built_of_disks(name) && !is_path && !is_partition
}

/// Names the NVMe disk that a hidden path (`nvme0c1n1`) belongs to (`nvme0n1`).
pub(super) fn nvme_head_of_path(name: &str) -> Option<String> {
    let rest = name.strip_prefix("nvme")?;
    let (subsystem, rest) = rest.split_once('c')?;
    let (controller, namespace) = rest.split_once('n')?;
    let are_numbers = [subsystem, controller, namespace].iter().all(|part| is_number(part));
    are_numbers.then(|| format!("nvme{subsystem}n{namespace}"))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Memory, files, floppies and optical media.
fn is_never_a_disk(name: &str) -> bool {
    ["loop", "ram", "zram", "sr", "scd", "fd"]
        .iter()
        .any(|kind| name.strip_prefix(kind).is_some_and(is_number))
}

/// Volumes whose traffic reaches other block devices of the same host, which count already.
fn is_built_of_disks(name: &str) -> bool {
    let numbered = ["dm-", "md", "drbd", "bcache", "zd"]
        .iter()
        .any(|kind| name.strip_prefix(kind).is_some_and(is_number));
    numbered || name.starts_with("md_")
}

/// Names the whole disk that a partition's name points to: `sda1` to `sda`, `nvme0n1p2` to `nvme0n1`.
fn whole_disk_of_partition(name: &str) -> Option<&str> {
    let stem = name.trim_end_matches(|letter: char| letter.is_ascii_digit());
    if stem.len() == name.len() {
        return None;
    }
    if let Some(whole) = stem.strip_suffix('p')
        && whole.ends_with(|letter: char| letter.is_ascii_digit())
    {
        return Some(whole);
    }
    let is_lettered = ["sd", "hd", "vd", "xvd", "dasd", "ubd"].iter().any(|kind| {
        stem.strip_prefix(kind)
            .is_some_and(|letters| !letters.is_empty() && letters.bytes().all(|byte| byte.is_ascii_lowercase()))
    });
    is_lettered.then_some(stem)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn counted(listing: &[&str], mappers: &[(&str, &str)]) -> Vec<String> {
        let mut disks: BTreeMap<String, Disk> = listing.iter().filter_map(|line| Disk::parse(line)).collect();
        for (name, mapper) in mappers {
            disks.get_mut(*name).unwrap().mapper = Some((*mapper).to_owned());
        }
        decide(&mut disks);
        disks
            .into_iter()
            .filter(|(_, disk)| disk.counts)
            .map(|(name, _)| name)
            .collect()
    }

    #[test]
    fn volumes_and_media_do_not_count_beside_their_disks() {
        let listing = [
            "sda device=1 slaves= hidden=0 removable=0",
            "sdb device=1 slaves= hidden=0 removable=0",
            "md127 device=0 slaves=sda1,sdb1 hidden=0 removable=0",
            "dm-0 device=0 slaves=md127 hidden=0 removable=0",
            "loop0 device=0 slaves=",
            "zram0 device=0",
            "sr0 device=1 slaves= removable=1",
            "fd0 device=1",
            "ram0 device=0",
        ];
        assert_eq!(counted(&listing, &[("dm-0", "LVM-abc")]), ["sda", "sdb"]);
    }

    #[test]
    fn a_multipath_volume_counts_and_its_paths_do_not() {
        let listing = [
            "sda device=1 slaves=",
            "sdb device=1 slaves=",
            "sdc device=1 slaves=",
            "dm-0 device=0 slaves=sda,sdb",
            "dm-1 device=0 slaves=dm-0",
        ];
        let mappers = [("dm-0", "mpath-360050768"), ("dm-1", "part1-mpath-360050768")];
        assert_eq!(counted(&listing, &mappers), ["dm-0", "sdc"]);
    }

    #[test]
    fn hidden_nvme_paths_do_not_count() {
        let listing = [
            "nvme0n1 device=1 hidden=0",
            "nvme0c0n1 device=1 hidden=1",
            "nvme1c1n1 device=1 hidden=0",
            "nvme1n1 device=1",
        ];
        assert_eq!(counted(&listing, &[]), ["nvme0n1", "nvme1n1"]);
        assert_eq!(nvme_head_of_path("nvme3c33n1").unwrap(), "nvme3n1");
        assert_eq!(nvme_head_of_path("nvme3n1"), None);
        assert_eq!(nvme_head_of_path("nvmecn"), None);
    }

    #[test]
    fn a_disk_that_is_named_like_a_partition_counts_when_it_is_listed() {
        assert_eq!(counted(&["xvda1 device=1", "xvdb device=1"], &[]), ["xvda1", "xvdb"]);
    }

    #[test]
    fn slashes_come_back_and_the_shells_pattern_does_not() {
        assert_eq!(counted(&["cciss!c0d0 device=1"], &[]), ["cciss/c0d0"]);
        assert!(Disk::parse("* device=0 slaves=*").is_none());
        assert!(Disk::parse("").is_none());
    }

    #[test]
    fn a_host_started_from_the_network_has_a_disk() {
        let listing = ["nbd0 device=0 slaves=", "dm-0 device=0 slaves=nbd0p2", "loop0 device=0"];
        assert_eq!(counted(&listing, &[]), ["nbd0"]);
    }

    #[test]
    fn names_alone_tell_disks_from_partitions() {
        let present = BTreeSet::from([
            "sda",
            "sdaa",
            "vda",
            "nvme0n1",
            "mmcblk0",
            "cciss/c0d0",
            "dasda",
            "nbd0",
        ]);
        let counts = |name| counts_by_name(name, |parent| present.contains(parent));
        for name in present.iter().copied().chain(["xvda1", "xvdf", "pmem0"]) {
            assert!(counts(name), "{name}");
        }
        for name in [
            "sda1",
            "sdaa12",
            "vda2",
            "nvme0n1p1",
            "nvme0c0n1",
            "mmcblk0p2",
            "cciss/c0d0p1",
            "dasda1",
            "nbd0p1",
            "dm-0",
            "md0",
            "md_d0",
            "loop7",
            "ram15",
            "zram0",
            "sr0",
            "fd0",
            "zd16",
            "drbd1",
            "bcache0",
            "",
            "a\u{1b}[0m",
        ] {
            assert!(!counts(name), "{name:?}");
        }
    }
}
