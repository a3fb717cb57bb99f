//! `/proc/diskstats`: counters of the disks that count.
//!
//! Lines have 14 fields, 18 since Linux 4.18 and 20 since 5.5; before 2.6.25
//! those of partitions had 7, without times.

use std::collections::{BTreeMap, BTreeSet};

use super::complaint::{Problem, Unparsable};
use super::disks::{counts_by_name, nvme_head_of_path};
use super::layout::Layout;
use super::number::whole;
use crate::reading::DiskCounters;

/// The kernel counts in sectors of this size whatever the disk's own are.
const SECTOR_BYTES: u64 = 512;
/// Fields up to and with the ones that are used.
const LEAST_FIELDS: usize = 14;
/// Fields of a partition before Linux 2.6.25.
const OLD_PARTITION_FIELDS: usize = 7;
/// Disks of one host at most.
const DISKS_AT_MOST: usize = 4_096;

/// Reads the disks that count, each once, and says what was wrong with the first line that could not be read.
pub(super) fn parse(lines: &[&str], layout: &Layout) -> (Vec<DiskCounters>, Option<Unparsable>) {
    let mut disks = Disks::default();
    let names = if layout.disks.is_empty() {
        names(lines)
    } else {
        BTreeSet::new()
    };
    for line in lines {
        let fields: Vec<&str> = line.split_ascii_whitespace().take(LEAST_FIELDS).collect();
        let Some(name) = fields.get(2).copied() else {
            disks.complain(
                Problem::TooFewFields {
                    found: fields.len(),
                    least: LEAST_FIELDS,
                },
                line,
            );
            continue;
        };
        let counts = if layout.disks.is_empty() {
            counts_by_name(name, |parent| names.contains(parent))
        } else {
            layout.counts_disk(name)
        };
        let head = nvme_head_of_path(name);
        if !(counts || head.is_some()) || fields.len() == OLD_PARTITION_FIELDS {
            continue;
        }
        match (counters(&fields), head) {
            (Err(problem), _) => disks.complain(problem, line),
            (Ok(path), Some(head)) => disks.add_path(head, &path),
            (Ok(disk), None) => disks.add(disk),
        }
    }
    disks.finish()
}

fn names<'a>(lines: &[&'a str]) -> BTreeSet<&'a str> {
    lines
        .iter()
        .filter_map(|line| line.split_ascii_whitespace().nth(2))
        .collect()
}

fn counters(fields: &[&str]) -> Result<DiskCounters, Problem> {
    let &[
        _,
        _,
        name,
        reads,
        _,
        sectors_read,
        read_ms,
        writes,
        _,
        sectors_written,
        write_ms,
        _,
        busy_ms,
        _,
    ] = fields
    else {
        return Err(Problem::TooFewFields {
            found: fields.len(),
            least: LEAST_FIELDS,
        });
    };
    let bytes = |sectors| whole(sectors)?.checked_mul(SECTOR_BYTES).ok_or(Problem::TooLarge);
    Ok(DiskCounters {
        device: name.to_owned(),
        reads: whole(reads)?,
        read_bytes: bytes(sectors_read)?,
        read_ms: whole(read_ms)?,
        writes: whole(writes)?,
        write_bytes: bytes(sectors_written)?,
        write_ms: whole(write_ms)?,
        busy_ms: whole(busy_ms)?,
    })
}

/// The disks of one tick as they are read.
#[derive(Default)]
struct Disks {
    found: Vec<DiskCounters>,
    seen: BTreeSet<String>,
    /// Sums over the hidden paths of a multipath NVMe disk.
    paths: BTreeMap<String, DiskCounters>,
    unparsable: Option<Unparsable>,
}

impl Disks {
    fn complain(&mut self, problem: Problem, line: &str) {
        self.unparsable.get_or_insert_with(|| problem.on(line));
    }

    fn add(&mut self, disk: DiskCounters) {
        if self.found.len() < DISKS_AT_MOST && self.seen.insert(disk.device.clone()) {
            self.found.push(disk);
        }
    }

    fn add_path(&mut self, head: String, path: &DiskCounters) {
        if self.paths.len() >= DISKS_AT_MOST && !self.paths.contains_key(&head) {
            return;
        }
        let sum = self.paths.entry(head).or_default();
        for (total, part) in [
            (&mut sum.reads, path.reads),
            (&mut sum.read_bytes, path.read_bytes),
            (&mut sum.read_ms, path.read_ms),
            (&mut sum.writes, path.writes),
            (&mut sum.write_bytes, path.write_bytes),
            (&mut sum.write_ms, path.write_ms),
            (&mut sum.busy_ms, path.busy_ms),
        ] {
            *total = total.saturating_add(part);
        }
    }

    /// Gives the disks. Before Linux 6.4 the kernel counted the traffic of a multipath NVMe disk on its paths only.
    fn finish(mut self) -> (Vec<DiskCounters>, Option<Unparsable>) {
        for disk in &mut self.found {
            if disk.reads == 0
                && disk.writes == 0
                && let Some(sum) = self.paths.remove(&disk.device)
            {
                *disk = DiskCounters {
                    device: std::mem::take(&mut disk.device),
                    ..sum
                };
            }
        }
        (self.found, self.unparsable)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::layout::layout;
    use super::*;

    #[test]
    fn lines_of_every_age_are_read_alike() {
        let old = "   8       0 sda 10 1 80 5 20 2 160 6 0 9 11";
        for line in [old.to_owned(), format!("{old} 1 2 3 4"), format!("{old} 1 2 3 4 5 6")] {
            let (disks, unparsable) = parse(&[&line], &Layout::default());
            assert_eq!(unparsable, None);
            assert_eq!(
                disks,
                [DiskCounters {
                    device: "sda".to_owned(),
                    reads: 10,
                    read_bytes: 40_960,
                    read_ms: 5,
                    writes: 20,
                    write_bytes: 81_920,
                    write_ms: 6,
                    busy_ms: 9,
                }]
            );
        }
    }

    #[test]
    fn partitions_of_old_kernels_are_no_reason_to_complain() {
        let lines = [
            "3 0 hda 1 0 8 1 1 0 8 1 0 1 2",
            "3 1 hda1 4 32 0 0",
            "3 65 hdb1 4 32 0 0",
        ];
        let (disks, unparsable) = parse(&lines, &Layout::default());
        assert_eq!(disks.len(), 1);
        assert_eq!(unparsable, None);
    }

    #[test]
    fn a_bad_line_costs_its_disk_only() {
        let lines = [
            "8 0 sda 1 0 8 1 1 0 8 1 0 1 2",
            "8 16 sdb 1 0 8 x 1 0 8 1 0 1 2",
            "8 32 sdc 1 0 8 1",
            "8 32 sdd 1 0 8",
            "8 48 sde 1 0 18446744073709551615 1 1 0 8 1 0 1 2",
            "8 17 sdb1 x",
        ];
        let (disks, unparsable) = parse(&lines, &Layout::default());
        assert_eq!(disks.len(), 1);
        assert_eq!(unparsable, Some(Problem::NotANumber.on(lines[1])));
    }

    #[test]
    fn the_listing_decides_where_there_is_one() {
        let layout = layout(b"disk:xvda1 device=1 slaves=\ndisk:dm-0 device=0 slaves=xvda1\n");
        let lines = [
            "202 1 xvda1 1 0 8 1 1 0 8 1 0 1 2",
            "253 0 dm-0 1 0 8 1 1 0 8 1 0 1 2",
            "202 1 xvda1 9 0 8 1 1 0 8 1 0 1 2",
            "8 0 sdz 1 0 8 1 1 0 8 1 0 1 2",
        ];
        let (disks, _) = parse(&lines, &layout);
        assert_eq!(
            disks
                .iter()
                .map(|disk| (disk.device.as_str(), disk.reads))
                .collect::<Vec<_>>(),
            [("xvda1", 1)]
        );
    }

    #[test]
    fn an_nvme_disk_without_counts_of_its_own_gets_those_of_its_paths() {
        let lines = [
            "0 0 nvme0c0n1 10 0 8 1 20 0 16 2 0 3 4",
            "0 0 nvme0c1n1 1 0 8 1 2 0 16 2 0 3 4",
            "259 1 nvme0n1 0 0 0 0 0 0 0 0 0 0 0",
            "259 2 nvme1n1 5 0 8 1 5 0 8 1 0 1 2",
            "0 0 nvme1c2n1 5 0 8 1 5 0 8 1 0 1 2",
        ];
        let (disks, _) = parse(&lines, &Layout::default());
        let told: Vec<_> = disks
            .iter()
            .map(|disk| (disk.device.as_str(), disk.reads, disk.write_bytes))
            .collect();
        assert_eq!(told, [("nvme0n1", 11, 16_384), ("nvme1n1", 5, 4_096)]);
    }
}
