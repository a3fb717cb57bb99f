//! `/proc/meminfo`: memory and swap of a machine.

use super::complaint::{Problem, Unparsable};
use super::number::value_of;
use crate::reading::Memory;

/// Reads memory; estimates what is available where the kernel does not say it.
///
/// Huge pages set aside count as used: the kernel leaves them out of what is
/// available, and nothing else can have them.
pub(super) fn parse(lines: &[&str], min_free_kilobytes: Option<u64>) -> Result<Memory, Unparsable> {
    let bytes = |key: &'static str| {
        value_of(lines, key)?
            .map(|kilobytes| kilobytes.checked_mul(1024).ok_or_else(|| Problem::TooLarge.on(key)))
            .transpose()
    };
    let total_bytes = bytes("MemTotal")?
        .filter(|total| *total > 0)
        .ok_or_else(|| Problem::Missing("MemTotal").on(""))?;
    let said = bytes("MemAvailable")?;
    let lists = Lists {
        total: total_bytes,
        free: bytes("MemFree")?,
        active_file: bytes("Active(file)")?,
        inactive_file: bytes("Inactive(file)")?,
        reclaimable: bytes("SReclaimable")?,
    };
    let available = said.or_else(|| lists.available(min_free_kilobytes));
    let swap_used_bytes = match (bytes("SwapTotal")?, bytes("SwapFree")?) {
        (Some(total), Some(free)) => Some(
            total
                .checked_sub(free)
                .ok_or_else(|| Problem::Contradiction.on("SwapFree is above SwapTotal"))?,
        ),
        _ => None,
    };
    Ok(Memory {
        total_bytes,
        available_bytes: available.map(|available| available.min(total_bytes)),
        available_is_estimated: said.is_none() && available.is_some(),
        cached_bytes: bytes("Cached")?,
        anon_bytes: bytes("AnonPages")?,
        swap_used_bytes,
    })
}

/// What the kernel says of its lists of pages, bytes.
struct Lists {
    total: u64,
    free: Option<u64>,
    active_file: Option<u64>,
    inactive_file: Option<u64>,
    reclaimable: Option<u64>,
}

impl Lists {
    /// Estimates what could be had without swapping, as `free` of procps does for kernels before 3.14.
    ///
    /// Free memory above the low watermark, plus the page cache and the
    /// reclaimable slabs, of each of which half or a watermark must stay,
    /// whichever is less. Shared memory is in neither list, unlike in `Cached`.
    /// Kernels before 2.6.28 keep no such lists: nothing is said for them.
    fn available(&self, min_free_kilobytes: Option<u64>) -> Option<u64> {
        let free = self.free?;
        let cache = self.active_file?.saturating_add(self.inactive_file?);
        let slabs = self.reclaimable.unwrap_or(0);
        let watermark = self.low_watermark(min_free_kilobytes);
        let keep = |list: u64| list - (list / 2).min(watermark);
        Some(
            free.saturating_add(keep(cache))
                .saturating_add(keep(slabs))
                .saturating_sub(watermark),
        )
    }

    /// The sum of the zones' low watermarks, which the kernel sets to 5/4 of `min_free_kbytes`.
    fn low_watermark(&self, min_free_kilobytes: Option<u64>) -> u64 {
        // The kernel's own default (mm/page_alloc.c, init_per_zone_wmark_min): the root of 16 times the memory.
        let default = || (self.total / 1024).saturating_mul(16).isqrt().clamp(128, 65_536);
        min_free_kilobytes
            .unwrap_or_else(default)
            .saturating_mul(1024)
            .saturating_mul(5)
            / 4
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const OLD: [&str; 12] = [
        "MemTotal:        1000000 kB",
        "MemFree:          100000 kB",
        "Buffers:           10000 kB",
        "Cached:           500000 kB",
        "Active(file):     200000 kB",
        "Inactive(file):   100000 kB",
        "AnonPages:        300000 kB",
        "Shmem:            200000 kB",
        "SReclaimable:      40000 kB",
        "SwapTotal:         50000 kB",
        "SwapFree:          20000 kB",
        "HugePages_Total:       7",
    ];

    #[test]
    fn what_the_kernel_says_is_available_is_taken() {
        let mut lines = OLD.to_vec();
        lines.push("MemAvailable:     345678 kB");
        let memory = parse(&lines, Some(1_000)).unwrap();
        assert_eq!(memory.available_bytes, Some(345_678 * 1024));
        assert!(!memory.available_is_estimated);
        assert_eq!(memory.swap_used_bytes, Some(30_000 * 1024));
        assert_eq!(memory.anon_bytes, Some(300_000 * 1024));
        assert_eq!(memory.cached_bytes, Some(500_000 * 1024));
    }

    #[test]
    fn an_old_kernel_gets_the_estimate_of_procps() {
        // Watermark 8,000 × 5/4 = 10,000 kB: 100,000 − 10,000 + (300,000 − 10,000) + (40,000 − 10,000).
        let memory = parse(&OLD, Some(8_000)).unwrap();
        assert_eq!(memory.available_bytes, Some(410_000 * 1024));
        assert!(memory.available_is_estimated);
        // Half of the slabs is less than a watermark of 25,000 kB: 100,000 − 25,000 + 275,000 + 20,000.
        assert_eq!(parse(&OLD, Some(20_000)).unwrap().available_bytes, Some(370_000 * 1024));
    }

    #[test]
    fn shared_memory_is_never_taken_for_available() {
        let naive = (100_000 + 500_000) * 1024;
        assert!(parse(&OLD, None).unwrap().available_bytes.unwrap() < naive);
    }

    #[test]
    fn an_estimate_is_never_negative_and_never_above_the_total() {
        let none_free = [
            "MemTotal: 1000 kB",
            "MemFree: 10 kB",
            "Active(file): 0 kB",
            "Inactive(file): 4 kB",
        ];
        assert_eq!(parse(&none_free, Some(500)).unwrap().available_bytes, Some(0));
        let balloon = ["MemTotal: 1000 kB", "MemAvailable: 4000 kB"];
        assert_eq!(parse(&balloon, None).unwrap().available_bytes, Some(1000 * 1024));
    }

    #[test]
    fn what_is_not_said_stays_unknown() {
        let memory = parse(&["MemTotal: 1000 kB", "MemFree: 10 kB"], None).unwrap();
        assert_eq!(memory.available_bytes, None);
        assert!(!memory.available_is_estimated);
        assert_eq!(memory.swap_used_bytes, None);
        assert_eq!(memory.anon_bytes, None);
    }

    #[test]
    fn text_that_is_no_memory_is_refused() {
        assert!(parse(&["MemFree: 10 kB"], None).is_err());
        assert!(parse(&["MemTotal: 0 kB"], None).is_err());
        assert!(parse(&["MemTotal: 18446744073709551615 kB"], None).is_err());
        assert!(parse(&["MemTotal: 10 kB", "SwapTotal: 1 kB", "SwapFree: 2 kB"], None).is_err());
        assert!(parse(&["MemTotal: lots"], None).is_err());
    }
}
