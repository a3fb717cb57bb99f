//! Memory of the container that the account lives in, from control groups of version 1 or 2.
//!
//! `/proc/meminfo` shows the whole machine to a container: its control group
//! says what the container may have and what it took.

use super::complaint::{Complaints, Problem, Unparsable};
use super::frame::{Frame, KernelFile};
use super::number::{only, value_of};
use crate::reading::Memory;

/// Replaces the machine's memory by the container's, where its control group was read.
///
/// Total is the limit when it is below the machine's memory. Available is the
/// total less the working set, which is the usage without cache that was not
/// touched lately (what Kubernetes evicts by).
pub(super) fn apply(machine: Memory, frame: &Frame<'_>, complaints: &mut Complaints) -> Memory {
    let file = KernelFile::CgroupMemoryUsage;
    let usage = frame.read(file).and_then(|lines| complaints.parsed(file, only(lines)));
    let limit = limit(frame, complaints);
    if usage.is_none() && limit.is_none() {
        return machine;
    }
    let total_bytes = limit.map_or(machine.total_bytes, |limit| limit.min(machine.total_bytes));
    // Version 1 sums up the groups below under names of their own; version 2 always does.
    let inactive_file = part(frame, complaints, &["total_inactive_file", "inactive_file"]);
    let working_set = usage.map(|usage| usage.saturating_sub(inactive_file.unwrap_or(0)));
    Memory {
        total_bytes,
        available_bytes: working_set.map(|working_set| total_bytes.saturating_sub(working_set)),
        available_is_estimated: working_set.is_some() && inactive_file.is_none(),
        cached_bytes: part(frame, complaints, &["file", "total_cache", "cache"]),
        anon_bytes: part(frame, complaints, &["anon", "total_rss", "rss"]),
        // Swap in meminfo is the machine's; version 2 has the container's in a file of its own, which is not read.
        swap_used_bytes: part(frame, complaints, &["total_swap", "swap"]),
    }
}

/// The limit of this group or of one above it; `max` and the huge number of version 1 both mean none.
fn limit(frame: &Frame<'_>, complaints: &mut Complaints) -> Option<u64> {
    let file = KernelFile::CgroupMemoryLimit;
    let own = frame
        .read(file)
        .filter(|lines| lines.first().is_none_or(|line| line.trim() != "max"))
        .and_then(|lines| complaints.parsed(file, only(lines).and_then(above_zero)));
    let inherited = part(frame, complaints, &["hierarchical_memory_limit"]);
    [own, inherited].into_iter().flatten().min()
}

fn above_zero(limit: u64) -> Result<u64, Unparsable> {
    match limit {
        0 => Err(Problem::Contradiction.on("0")),
        limit => Ok(limit),
    }
}

/// The first of some keys that `memory.stat` has, bytes.
fn part(frame: &Frame<'_>, complaints: &mut Complaints, keys: &[&str]) -> Option<u64> {
    let file = KernelFile::CgroupMemoryStat;
    let lines = frame.read(file)?;
    keys.iter()
        .find_map(|key| complaints.parsed(file, value_of(lines, key)).flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MACHINE: Memory = Memory {
        total_bytes: 64_000,
        available_bytes: Some(50_000),
        available_is_estimated: false,
        cached_bytes: Some(9_000),
        anon_bytes: Some(4_000),
        swap_used_bytes: Some(77),
    };

    fn applied(text: &str) -> Memory {
        apply(MACHINE, &Frame::split(text), &mut Complaints::default())
    }

    #[test]
    fn version_2_replaces_the_machines_memory() {
        let text = "/sys/fs/cgroup/memory.current:3000\n/sys/fs/cgroup/memory.max:8000\n\
                    /sys/fs/cgroup/memory.stat:anon 1500\n/sys/fs/cgroup/memory.stat:file 1400\n\
                    /sys/fs/cgroup/memory.stat:inactive_file 1000\n";
        assert_eq!(
            applied(text),
            Memory {
                total_bytes: 8_000,
                available_bytes: Some(6_000),
                available_is_estimated: false,
                cached_bytes: Some(1_400),
                anon_bytes: Some(1_500),
                swap_used_bytes: None,
            }
        );
    }

    #[test]
    fn version_1_counts_the_groups_below() {
        let folder = "/sys/fs/cgroup/memory";
        let text = format!(
            "{folder}/memory.usage_in_bytes:3000\n{folder}/memory.limit_in_bytes:9223372036854771712\n\
             {folder}/memory.stat:cache 1\n{folder}/memory.stat:inactive_file 1\n{folder}/memory.stat:rss 2\n\
             {folder}/memory.stat:hierarchical_memory_limit 16000\n{folder}/memory.stat:total_cache 1400\n\
             {folder}/memory.stat:total_rss 1500\n{folder}/memory.stat:total_inactive_file 1000\n\
             {folder}/memory.stat:total_swap 12\n"
        );
        let memory = applied(&text);
        assert_eq!(memory.total_bytes, 16_000);
        assert_eq!(memory.available_bytes, Some(14_000));
        assert_eq!(memory.anon_bytes, Some(1_500));
        assert_eq!(memory.cached_bytes, Some(1_400));
        assert_eq!(memory.swap_used_bytes, Some(12));
    }

    #[test]
    fn without_a_limit_the_machines_memory_is_the_total() {
        let memory = applied("/sys/fs/cgroup/memory.current:3000\n/sys/fs/cgroup/memory.max:max\n");
        assert_eq!(memory.total_bytes, 64_000);
        assert_eq!(memory.available_bytes, Some(61_000));
        assert!(memory.available_is_estimated, "cache could not be told apart");
        assert_eq!(applied("/sys/fs/cgroup/memory.max:max\nuptime:1.0\n"), MACHINE);
    }

    #[test]
    fn use_above_the_limit_leaves_nothing() {
        let memory = applied("/sys/fs/cgroup/memory.current:9000\n/sys/fs/cgroup/memory.max:8000\n");
        assert_eq!(memory.available_bytes, Some(0));
        let memory = applied("/sys/fs/cgroup/memory.max:8000\n");
        assert_eq!((memory.total_bytes, memory.available_bytes), (8_000, None));
        assert_eq!(applied("/sys/fs/cgroup/memory.max:0\n"), MACHINE);
    }
}
