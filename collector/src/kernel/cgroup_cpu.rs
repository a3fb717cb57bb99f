//! CPU time and limit of the container that the account lives in, from control groups of version 1 or 2.

use super::complaint::{Complaints, Problem, Unparsable};
use super::frame::{Frame, KernelFile};
use super::number::{only, value_of, whole};
use super::stat::microseconds;
use crate::reading::CgroupCpu;

/// Reads the container's CPU time; nothing when its files were not read.
pub(super) fn parse(frame: &Frame<'_>, clock_ticks_per_s: u32, complaints: &mut Complaints) -> Option<CgroupCpu> {
    let usage = version_2(frame, complaints).or_else(|| version_1(frame, clock_ticks_per_s, complaints))?;
    let limit_millicores = limit_2(frame, complaints).or_else(|| limit_1(frame, complaints));
    Some(CgroupCpu {
        limit_millicores,
        ..usage
    })
}

/// `cpu.stat` counts microseconds. A version 1 group has a file of that name too, without time in it.
fn version_2(frame: &Frame<'_>, complaints: &mut Complaints) -> Option<CgroupCpu> {
    let file = KernelFile::CgroupCpuStat;
    let lines = frame.read(file)?;
    let mut us = |key| complaints.parsed(file, value_of(lines, key)).flatten();
    Some(CgroupCpu {
        usage_us: us("usage_usec")?,
        user_us: us("user_usec"),
        system_us: us("system_usec"),
        limit_millicores: None,
    })
}

/// `cpuacct.usage` counts nanoseconds, `cpuacct.stat` clock ticks.
fn version_1(frame: &Frame<'_>, clock_ticks_per_s: u32, complaints: &mut Complaints) -> Option<CgroupCpu> {
    let file = KernelFile::CgroupCpuUsage;
    let usage_us = complaints.parsed(file, only(frame.read(file)?))? / 1_000;
    let file = KernelFile::CgroupCpuacctStat;
    let mut us = |key| {
        let us = value_of(frame.lines(file), key).and_then(|ticks| {
            ticks
                .map(|ticks| microseconds(ticks, clock_ticks_per_s).map_err(|problem| problem.on(key)))
                .transpose()
        });
        complaints.parsed(file, us).flatten()
    };
    Some(CgroupCpu {
        usage_us,
        user_us: us("user"),
        system_us: us("system"),
        limit_millicores: None,
    })
}

/// `cpu.max` holds `200000 100000` or `max 100000`.
fn limit_2(frame: &Frame<'_>, complaints: &mut Complaints) -> Option<u64> {
    let file = KernelFile::CgroupCpuMax;
    let line = frame.read(file)?.first().copied()?;
    let mut fields = line.split_ascii_whitespace();
    let (quota, period) = (fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
    if quota == "max" {
        return None;
    }
    complaints.parsed(file, millicores(quota, period, line))
}

/// The quota of version 1 is −1 when there is none.
fn limit_1(frame: &Frame<'_>, complaints: &mut Complaints) -> Option<u64> {
    let quota = frame.read(KernelFile::CgroupCpuQuota)?.first()?.trim();
    if quota.starts_with('-') {
        return None;
    }
    let period = frame.read(KernelFile::CgroupCpuPeriod)?.first()?.trim();
    complaints.parsed(KernelFile::CgroupCpuQuota, millicores(quota, period, quota))
}

fn millicores(quota: &str, period: &str, line: &str) -> Result<u64, Unparsable> {
    let thousandths = || {
        let period = u128::from(whole(period)?);
        let millicores = (u128::from(whole(quota)?) * 1_000)
            .checked_div(period)
            .ok_or(Problem::Contradiction)?;
        u64::try_from(millicores).map_err(|_| Problem::TooLarge)
    };
    thousandths().map_err(|problem: Problem| problem.on(line))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (Option<CgroupCpu>, usize) {
        let mut complaints = Complaints::default();
        let cpu = parse(&Frame::split(text), 100, &mut complaints);
        (cpu, complaints.into_list().len())
    }

    #[test]
    fn version_2_counts_microseconds() {
        let text = "/sys/fs/cgroup/cpu.stat:usage_usec 500\n/sys/fs/cgroup/cpu.stat:user_usec 300\n\
                    /sys/fs/cgroup/cpu.stat:system_usec 200\n/sys/fs/cgroup/cpu.max:150000 100000\n";
        let expected = CgroupCpu {
            usage_us: 500,
            user_us: Some(300),
            system_us: Some(200),
            limit_millicores: Some(1_500),
        };
        assert_eq!(parsed(text), (Some(expected), 0));
    }

    #[test]
    fn version_1_counts_nanoseconds_and_clock_ticks() {
        let text = "/sys/fs/cgroup/cpu,cpuacct/cpuacct.usage:5000000\n/sys/fs/cgroup/cpu,cpuacct/cpuacct.stat:user 3\n\
                    /sys/fs/cgroup/cpu,cpuacct/cpuacct.stat:system 2\n/sys/fs/cgroup/cpu/cpu.stat:nr_periods 0\n\
                    /sys/fs/cgroup/cpu/cpu.cfs_quota_us:50000\n/sys/fs/cgroup/cpu/cpu.cfs_period_us:100000\n";
        let expected = CgroupCpu {
            usage_us: 5_000,
            user_us: Some(30_000),
            system_us: Some(20_000),
            limit_millicores: Some(500),
        };
        assert_eq!(parsed(text), (Some(expected), 0));
    }

    #[test]
    fn no_limit_is_no_number() {
        let unlimited_2 = "/sys/fs/cgroup/cpu.stat:usage_usec 5\n/sys/fs/cgroup/cpu.max:max 100000\n";
        let unlimited_1 = "/sys/fs/cgroup/cpu/cpuacct.usage:5000\n/sys/fs/cgroup/cpu/cpu.cfs_quota_us:-1\n\
                           /sys/fs/cgroup/cpu/cpu.cfs_period_us:100000\n";
        for text in [unlimited_2, unlimited_1] {
            let (cpu, complaints) = parsed(text);
            assert_eq!(cpu.unwrap().limit_millicores, None);
            assert_eq!(cpu.unwrap().usage_us, 5);
            assert_eq!(complaints, 0);
        }
    }

    #[test]
    fn a_bad_limit_does_not_cost_the_usage() {
        for limit in ["100000 0", "100000", "x y", "99999999999999999999 1"] {
            let text = format!("/sys/fs/cgroup/cpu.stat:usage_usec 5\n/sys/fs/cgroup/cpu.max:{limit}\n");
            let (cpu, complaints) = parsed(&text);
            assert_eq!(cpu.unwrap().limit_millicores, None, "{limit}");
            assert_eq!(complaints, 1, "{limit}");
        }
        assert_eq!(parsed("/sys/fs/cgroup/cpu.stat:usage_usec x\n"), (None, 1));
        assert_eq!(parsed("uptime:1.0 1.0\n"), (None, 0));
    }
}
