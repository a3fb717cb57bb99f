//! Which of the disks and interfaces of an export count? Each byte once, by name alone.
//!
//! `sar -d` without `-p` names disks by number (`dev8-0`), and volumes stand
//! beside the disks they are made of.

use crate::kernel::{disk_counts_by_name, interface_counts_by_name};

/// What a name says of a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DiskKind {
    /// A whole disk.
    Whole,
    /// A partition, volume, loop or optical device: counted elsewhere, or never.
    Other,
    /// Its name does not tell; counts where the host has no disk that is surely whole.
    Unsure,
}

/// Major numbers of whole disks in the kernel's list (`Documentation/admin-guide/devices.txt`): IDE, SCSI, DASD,
/// Compaq, Xen, MMC, NVMe.
const WHOLE_MAJORS: [u16; 25] = [
    3, 8, 22, 33, 34, 65, 66, 67, 68, 69, 70, 71, 94, 104, 105, 106, 107, 128, 129, 130, 131, 132, 179, 202, 259,
];
/// Memory, floppies, loops, software RAID, optical.
const OTHER_MAJORS: [u16; 5] = [1, 2, 7, 9, 11];

/// Tells what a name says; `is_present` knows the other names of the same host.
pub(crate) fn disk_kind(name: &str, is_present: impl Fn(&str) -> bool) -> DiskKind {
    let numbers = name
        .strip_prefix("dev")
        .and_then(|rest| rest.split_once('-'))
        .and_then(|(major, minor)| Some((major.parse::<u16>().ok()?, minor.parse::<u32>().ok()?)));
    if let Some((major, _)) = numbers {
        return match major {
            // Numbers from 240 on are given out at boot: virtio or device mapper, nobody can tell.
            _ if WHOLE_MAJORS.contains(&major) => DiskKind::Whole,
            _ if OTHER_MAJORS.contains(&major) => DiskKind::Other,
            _ => DiskKind::Unsure,
        };
    }
    if !disk_counts_by_name(name, is_present) {
        return DiskKind::Other;
    }
    let known = [
        "sd", "vd", "xvd", "hd", "nvme", "dasd", "mmcblk", "cciss", "hdisk", "pmem",
    ];
    if known.iter().any(|kind| name.starts_with(kind)) {
        DiskKind::Whole
    } else {
        DiskKind::Unsure
    }
}

/// Chooses the disks that count among all of one host.
pub(crate) fn counting_disks<'n>(names: &[&'n str]) -> Vec<&'n str> {
    let kinds: Vec<DiskKind> = names
        .iter()
        .map(|name| disk_kind(name, |other| names.contains(&other)))
        .collect();
    let wanted = if kinds.contains(&DiskKind::Whole) {
        DiskKind::Whole
    } else {
        DiskKind::Unsure
    };
    names
        .iter()
        .zip(kinds)
        .filter(|&(_, kind)| kind == wanted)
        .map(|(&name, _)| name)
        .collect()
}

/// Says whether an interface counts.
pub(crate) fn interface_counts(name: &str) -> bool {
    // nmon and old sar know AIX names too; `lo0` is its loop-back.
    name != "lo0" && interface_counts_by_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn volumes_beside_disks_do_not_count_twice() {
        assert_eq!(
            counting_disks(&["dev8-0", "dev8-16", "dev253-0", "dev253-1"]),
            ["dev8-0", "dev8-16"]
        );
        assert_eq!(
            counting_disks(&["dev253-0", "dev11-0"]),
            ["dev253-0"],
            "virtio, most likely"
        );
        assert_eq!(counting_disks(&["sda", "sda1", "dm-0", "md0", "loop0"]), ["sda"]);
        assert_eq!(counting_disks(&["rootvg-root", "nvme0n1"]), ["nvme0n1"]);
        assert!(!interface_counts("lo") && !interface_counts("virbr0-nic") && interface_counts("ens27f0"));
    }
}
