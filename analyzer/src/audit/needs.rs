//! Whether the volumes hold every file system once and carry what every disk did.

use std::collections::{BTreeMap, BTreeSet};

use telemetry::schema::{disk, filesystem};
use telemetry::units::{GIBIBYTE, MEBIBYTE};
use telemetry::{ColumnId, Series};

use super::demand::{over_devices, raw};
use super::finding::Check;
use super::ledger::{Ledger, enough};
use super::subject::Subject;
use crate::profile::HostSeries;
use crate::size::{Storage, VolumeNeed};

/// Kinds of file system that keep nothing on a disk of the host: in memory, of the kernel, images, over the network.
const ELSEWHERE: [&str; 12] = [
    "cifs", "ceph", "devtmpfs", "iso9660", "nfs", "nfs4", "overlay", "proc", "ramfs", "squashfs", "sysfs", "tmpfs",
];

/// A file system as last measured.
struct Mount<'a> {
    path: &'a str,
    device: &'a str,
    size_gib: f64,
    used_gib: f64,
}

/// Checks the needs behind a host's volumes.
pub(super) fn check(subject: &Subject<'_>, series: &HostSeries, ledger: &mut Ledger) {
    let needs: Vec<&VolumeNeed> = match &subject.row.proof.storage {
        Storage::Known(volumes) => volumes.iter().map(|volume| &volume.need).collect(),
        Storage::Unknown { needs, .. } => needs.iter().collect(),
    };
    let mounts: Vec<Mount<'_>> = series.filesystems.iter().filter_map(mount).collect();
    let expected: BTreeSet<&str> = mounts.iter().map(|mount| mount.path).collect();
    let mut found: Vec<&str> = needs.iter().flat_map(|need| &need.mounts).map(String::as_str).collect();
    found.sort_unstable();
    ledger.same(
        Check::VolumeNeeds,
        "file systems on the volumes",
        expected.iter().copied().collect::<Vec<_>>().join(", "),
        found.join(", "),
    );
    for need in &needs {
        let own: Vec<&Mount<'_>> = mounts
            .iter()
            .filter(|mount| need.mounts.iter().any(|path| path == mount.path))
            .collect();
        let words = need.mounts.join(", ");
        ledger.near(
            Check::VolumeNeeds,
            &format!("GiB in use on {words}"),
            once(&own, |mount| mount.used_gib),
            need.used_gib,
        );
        ledger.near(
            Check::VolumeNeeds,
            &format!("GiB of the source of {words}"),
            once(&own, |mount| mount.size_gib),
            need.source_gib,
        );
    }
    if !needs.is_empty() {
        loads(subject, series, &mounts, &needs, ledger);
    }
}

fn mount(series: &Series) -> Option<Mount<'_>> {
    let [path, device, kind] = series.labels.as_slice() else {
        return None;
    };
    let last = |column| {
        (0..series.len())
            .rev()
            .find_map(|row| raw(series, column, row))
            .map(|raw| raw as f64 / GIBIBYTE)
    };
    let (size_gib, used_gib) = last(filesystem::SIZE_BYTES).zip(last(filesystem::USED_BYTES))?;
    (!ELSEWHERE.contains(&kind.as_str())).then_some(Mount {
        path,
        device,
        size_gib,
        used_gib,
    })
}

/// Adds up, counting a device that is mounted twice once.
fn once(mounts: &[&Mount<'_>], of: impl Fn(&Mount<'_>) -> f64) -> f64 {
    let mut devices: BTreeMap<&str, f64> = BTreeMap::new();
    for mount in mounts {
        // A name that is no device file, such as `none`, says nothing about being the same.
        let key = if mount.device.starts_with('/') {
            mount.device
        } else {
            mount.path
        };
        let most = devices.entry(key).or_insert(0.0);
        *most = most.max(of(mount));
    }
    devices.values().sum()
}

/// P99.5 of what a disk did, with the policy's headroom.
struct Load {
    iops: f64,
    mib_per_second: f64,
}

/// Checks that every disk's load is carried: by the volume that lies on it, or, where no file system names the disk
/// (members of an array, disks under a volume manager), by some volume on top of its own.
fn loads(subject: &Subject<'_>, series: &HostSeries, mounts: &[Mount<'_>], needs: &[&VolumeNeed], ledger: &mut Ledger) {
    let headroom = 1.0 + subject.policy.disk_headroom;
    let by_disk: BTreeMap<&str, Load> = series
        .disks
        .iter()
        .map(|disk| {
            let p995 = |columns: &[ColumnId]| {
                over_devices(std::slice::from_ref(disk), columns).map_or(0.0, |all| all.quantile(0.995))
            };
            let load = Load {
                iops: p995(&[disk::READS_PER_S, disk::WRITES_PER_S]) * headroom,
                mib_per_second: p995(&[disk::READ_BYTES_PER_S, disk::WRITE_BYTES_PER_S]) * headroom / MEBIBYTE,
            };
            (disk.labels.first().map_or("", String::as_str), load)
        })
        .collect();
    let home_of = |need: &VolumeNeed| {
        mounts
            .iter()
            .filter(|mount| need.mounts.iter().any(|path| path == mount.path))
            .find_map(|mount| by_disk.keys().find(|disk| lies_on(mount.device, disk)).copied())
    };
    let homes: Vec<Option<&str>> = needs.iter().map(|need| home_of(need)).collect();
    let strays: Vec<&str> = by_disk
        .keys()
        .filter(|disk| !homes.contains(&Some(**disk)))
        .copied()
        .collect();
    let served = most_provisioned(subject);
    let mut check = |what: &str, load: fn(&Load) -> f64, stated: fn(&VolumeNeed) -> Option<f64>, served: f64| {
        let mut beyond = 0.0;
        for (need, home) in needs.iter().zip(&homes) {
            let own = home.map_or(0.0, |home| load(&by_disk[home]));
            let found = stated(need).unwrap_or(0.0);
            beyond += found - own;
            let words = format!("{what} needed of {}", need.mounts.join(", "));
            ledger.expect(
                Check::VolumeNeeds,
                enough(own, Some(found)),
                &words,
                format!("at least {own}"),
                found,
            );
        }
        // An array may mirror or stripe: together its disks did no less than the busiest and no more than the sum.
        let least = strays.iter().map(|disk| load(&by_disk[disk])).fold(0.0, f64::max);
        let most: f64 = strays.iter().map(|disk| load(&by_disk[disk])).sum();
        let slack = 1e-9 * by_disk.values().map(load).sum::<f64>() + 1e-9;
        let carried = beyond >= least - slack || (beyond.abs() <= slack && served >= least);
        ledger.expect(
            Check::VolumeNeeds,
            carried && beyond <= most + slack,
            &format!(
                "{what} needed for disks that no file system names ({})",
                strays.join(", ")
            ),
            format!("{least} to {most}"),
            beyond,
        );
    };
    check("operations", |load| load.iops, |need| need.iops, served.0);
    check(
        "MiB/s",
        |load| load.mib_per_second,
        |need| need.mib_per_second,
        served.1,
    );
}

/// Gives the most operations and MiB/s that one of the volumes serves.
fn most_provisioned(subject: &Subject<'_>) -> (f64, f64) {
    let Storage::Known(volumes) = &subject.row.proof.storage else {
        return (f64::INFINITY, f64::INFINITY);
    };
    let most = |of: fn(&crate::size::VolumeProposal) -> Option<u32>| {
        volumes
            .iter()
            .map(|volume| of(volume).map_or(f64::INFINITY, f64::from))
            .fold(0.0, f64::max)
    };
    (
        most(|volume| volume.provisioned_iops),
        most(|volume| volume.provisioned_mib_per_second),
    )
}

/// Says whether a device file is a whole disk or a partition of it: `/dev/sda1` of `sda`, `/dev/nvme0n1p2` of `nvme0n1`.
fn lies_on(device: &str, disk: &str) -> bool {
    let name = device.rsplit('/').next().unwrap_or(device);
    let Some(rest) = name.strip_prefix(disk) else {
        return false;
    };
    let digits = |text: &str| !text.is_empty() && text.chars().all(|letter| letter.is_ascii_digit());
    let numbered = disk.ends_with(|letter: char| letter.is_ascii_digit());
    !disk.is_empty()
        && (rest.is_empty()
            || if numbered {
                rest.strip_prefix('p').is_some_and(digits)
            } else {
                digits(rest)
            })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_lies_on_its_own_disk_only() {
        assert!(lies_on("/dev/sda1", "sda"));
        assert!(lies_on("/dev/nvme0n1p2", "nvme0n1"));
        assert!(lies_on("/dev/vdb", "vdb"));
        assert!(!lies_on("/dev/sdaa1", "sda"));
        assert!(!lies_on("/dev/nvme0n12", "nvme0n1"));
        assert!(!lies_on("/dev/mapper/vg-root", "sda"));
    }
}
