//! Whose line is this? Splits a tick frame (`FILE:LINE` lines, as `grep` prints them) into the files of the kernel.

use std::collections::BTreeMap;
use std::fmt;

/// A file of the kernel that a tick may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KernelFile {
    /// `/proc/uptime`.
    Uptime,
    /// `/proc/stat`.
    Stat,
    /// `/proc/loadavg`.
    Loadavg,
    /// `/proc/meminfo`.
    Meminfo,
    /// `/proc/vmstat`.
    Vmstat,
    /// `/proc/diskstats`.
    Diskstats,
    /// `/proc/net/dev`.
    NetDev,
    /// `/proc/pressure/cpu`.
    PressureCpu,
    /// `/proc/pressure/memory`.
    PressureMemory,
    /// `/proc/pressure/io`.
    PressureIo,
    /// `cpu.stat` of a version 2 control group.
    CgroupCpuStat,
    /// `cpu.max` of a version 2 control group.
    CgroupCpuMax,
    /// `cpuacct.usage` of a version 1 control group.
    CgroupCpuUsage,
    /// `cpuacct.stat` of a version 1 control group.
    CgroupCpuacctStat,
    /// `cpu.cfs_quota_us` of a version 1 control group.
    CgroupCpuQuota,
    /// `cpu.cfs_period_us` of a version 1 control group.
    CgroupCpuPeriod,
    /// `memory.current` (version 2) or `memory.usage_in_bytes` (version 1).
    CgroupMemoryUsage,
    /// `memory.max` (version 2) or `memory.limit_in_bytes` (version 1).
    CgroupMemoryLimit,
    /// `memory.stat` of a control group.
    CgroupMemoryStat,
}

impl KernelFile {
    /// Recognises a file by the name in front of its lines.
    fn named(path: &str) -> Option<Self> {
        // Controllers are mounted in many combinations and orders (`cpu,cpuacct`): only the file's own name says what it is.
        if let Some(below) = path.strip_prefix("/sys/fs/cgroup/") {
            return Some(match below.rsplit('/').next()? {
                "cpu.stat" => Self::CgroupCpuStat,
                "cpu.max" => Self::CgroupCpuMax,
                "cpuacct.usage" => Self::CgroupCpuUsage,
                "cpuacct.stat" => Self::CgroupCpuacctStat,
                "cpu.cfs_quota_us" => Self::CgroupCpuQuota,
                "cpu.cfs_period_us" => Self::CgroupCpuPeriod,
                "memory.current" | "memory.usage_in_bytes" => Self::CgroupMemoryUsage,
                "memory.max" | "memory.limit_in_bytes" => Self::CgroupMemoryLimit,
                "memory.stat" => Self::CgroupMemoryStat,
                _ => return None,
            });
        }
        Some(match path.strip_prefix("/proc/").unwrap_or(path) {
            "uptime" => Self::Uptime,
            "stat" => Self::Stat,
            "loadavg" => Self::Loadavg,
            "meminfo" => Self::Meminfo,
            "vmstat" => Self::Vmstat,
            "diskstats" => Self::Diskstats,
            "net/dev" => Self::NetDev,
            "pressure/cpu" => Self::PressureCpu,
            "pressure/memory" => Self::PressureMemory,
            "pressure/io" => Self::PressureIo,
            _ => return None,
        })
    }
}

impl fmt::Display for KernelFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Uptime => "uptime",
            Self::Stat => "stat",
            Self::Loadavg => "loadavg",
            Self::Meminfo => "meminfo",
            Self::Vmstat => "vmstat",
            Self::Diskstats => "diskstats",
            Self::NetDev => "net/dev",
            Self::PressureCpu => "pressure/cpu",
            Self::PressureMemory => "pressure/memory",
            Self::PressureIo => "pressure/io",
            Self::CgroupCpuStat => "cpu.stat of the control group",
            Self::CgroupCpuMax => "cpu.max of the control group",
            Self::CgroupCpuUsage => "cpuacct.usage of the control group",
            Self::CgroupCpuacctStat => "cpuacct.stat of the control group",
            Self::CgroupCpuQuota => "cpu.cfs_quota_us of the control group",
            Self::CgroupCpuPeriod => "cpu.cfs_period_us of the control group",
            Self::CgroupMemoryUsage => "memory use of the control group",
            Self::CgroupMemoryLimit => "memory limit of the control group",
            Self::CgroupMemoryStat => "memory.stat of the control group",
        })
    }
}

/// The lines of a tick, by file. Lines of unknown files and notes of the shell are left out.
#[derive(Debug, Default)]
pub(super) struct Frame<'a>(BTreeMap<KernelFile, Vec<&'a str>>);

impl<'a> Frame<'a> {
    /// Splits the text of a tick; the order of the files does not matter.
    pub(super) fn split(text: &'a str) -> Self {
        let mut files: BTreeMap<KernelFile, Vec<&str>> = BTreeMap::new();
        for line in text.lines() {
            // No known name holds a colon, so the first one ends it: `net/dev:  eth0:123` is safe.
            let Some((path, rest)) = line.split_once(':') else {
                continue;
            };
            if let Some(file) = KernelFile::named(path) {
                files.entry(file).or_default().push(rest);
            }
        }
        Self(files)
    }

    /// Tells whether there is no line of any known file.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Gives the lines of a file; none when it was not read.
    pub(super) fn lines(&self, file: KernelFile) -> &[&'a str] {
        self.0.get(&file).map_or(&[], Vec::as_slice)
    }

    /// Gives the lines of a file, or nothing when it was not read.
    pub(super) fn read(&self, file: KernelFile) -> Option<&[&'a str]> {
        self.0.get(&file).map(Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_go_to_their_files_in_any_order() {
        let frame = Frame::split(
            "net/dev:  eth0:1 2\nuptime:1.00 2.00\nsh: net/dev: cannot open\nnet/dev:  eth1: 3\n\n\
             stat\n/proc/stat:cpu  1\n/sys/fs/cgroup/cpu,cpuacct/cpuacct.usage:77\n/etc/passwd:root:x\n",
        );
        assert_eq!(frame.lines(KernelFile::NetDev), ["  eth0:1 2", "  eth1: 3"]);
        assert_eq!(frame.lines(KernelFile::Uptime), ["1.00 2.00"]);
        assert_eq!(frame.lines(KernelFile::Stat), ["cpu  1"]);
        assert_eq!(frame.lines(KernelFile::CgroupCpuUsage), ["77"]);
        assert_eq!(frame.read(KernelFile::Meminfo), None);
        assert!(Frame::split("sh: not found\ngrep: stat: No such file").is_empty());
    }

    #[test]
    fn the_path_of_a_control_group_does_not_matter() {
        for (path, file) in [
            ("/sys/fs/cgroup/cpu.stat", KernelFile::CgroupCpuStat),
            ("/sys/fs/cgroup/cpuacct/cpuacct.usage", KernelFile::CgroupCpuUsage),
            ("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", KernelFile::CgroupCpuQuota),
            (
                "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us",
                KernelFile::CgroupCpuPeriod,
            ),
            (
                "/sys/fs/cgroup/memory/memory.limit_in_bytes",
                KernelFile::CgroupMemoryLimit,
            ),
            ("/sys/fs/cgroup/memory.max", KernelFile::CgroupMemoryLimit),
        ] {
            assert_eq!(KernelFile::named(path), Some(file), "{path}");
        }
        assert_eq!(KernelFile::named("cpu.stat"), None);
    }
}
