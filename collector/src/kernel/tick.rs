//! What did one tick say? A tick frame and the host's layout in, a [`Reading`] and complaints out.

use super::complaint::{Complaint, Complaints, Unparsable};
use super::error::KernelTextError;
use super::frame::{Frame, KernelFile};
use super::layout::Layout;
use super::{
    FRAME_BYTES_AT_MOST, cgroup_cpu, cgroup_memory, diskstats, loadavg, meminfo, net_dev, pressure, stat, uptime,
    vmstat,
};
use crate::reading::{Pressure, Reading};

/// A reading, and what could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// What the tick said; a file that was not asked for or did not parse leaves its place empty.
    pub reading: Reading,
    /// Files that were there and did not parse: the first problem of each.
    pub complaints: Vec<Complaint>,
}

/// Reads a tick frame: lines of `FILE:LINE`, at most 4 MiB, taken at `at_ms` (UTC milliseconds).
///
/// File systems are not in it; they come from [`super::filesystems`].
///
/// # Errors
/// When the frame holds no file, no legible uptime, or more than any host says.
pub fn reading(frame: &[u8], layout: &Layout, at_ms: i64) -> Result<Parsed, KernelTextError> {
    if frame.len() > FRAME_BYTES_AT_MOST {
        return Err(KernelTextError::TooLong { bytes: frame.len() });
    }
    let text = String::from_utf8_lossy(frame);
    let frame = Frame::split(&text);
    let uptime_cs = uptime_cs(&frame)?;
    let mut complaints = Complaints::default();
    let ticks = layout.clock_ticks_per_s_or_usual();
    let mut reading = Reading {
        at_ms,
        uptime_cs,
        boot_id: layout.boot_id,
        ..Reading::default()
    };
    let mut parsed = Parser {
        frame: &frame,
        complaints: &mut complaints,
    };
    reading.cpu = parsed.file(KernelFile::Stat, |lines| stat::cpu_times(lines, ticks));
    reading.load = parsed.file(KernelFile::Loadavg, loadavg::parse);
    reading.memory = parsed.file(KernelFile::Meminfo, |lines| {
        meminfo::parse(lines, layout.min_free_kilobytes)
    });
    reading.paging = parsed.file(KernelFile::Vmstat, |lines| {
        vmstat::parse(lines, layout.page_bytes_or_usual())
    });
    reading.pressure = Pressure {
        cpu_some_us: parsed.file(KernelFile::PressureCpu, pressure::some_us),
        memory_some_us: parsed.file(KernelFile::PressureMemory, pressure::some_us),
        io_some_us: parsed.file(KernelFile::PressureIo, pressure::some_us),
    };
    reading.disks = parsed.lines(KernelFile::Diskstats, |lines| diskstats::parse(lines, layout));
    reading.interfaces = parsed.lines(KernelFile::NetDev, |lines| net_dev::parse(lines, layout));
    reading.online_cpus = stat::online_cpus(frame.lines(KernelFile::Stat));
    // A machine has control groups too, but there they are not its limits.
    if layout.container.is_some() {
        reading.cgroup_cpu = cgroup_cpu::parse(&frame, ticks, &mut complaints);
        reading.memory = reading
            .memory
            .map(|machine| cgroup_memory::apply(machine, &frame, &mut complaints));
    }
    Ok(Parsed {
        reading,
        complaints: complaints.into_list(),
    })
}

fn uptime_cs(frame: &Frame<'_>) -> Result<u64, KernelTextError> {
    if frame.is_empty() {
        return Err(KernelTextError::NoFile);
    }
    let lines = frame.read(KernelFile::Uptime).ok_or(KernelTextError::NoUptime)?;
    uptime::parse(lines).map_err(|Unparsable { problem, text }| KernelTextError::BadUptime { text, problem })
}

/// Runs one parser per file and keeps what was wrong.
struct Parser<'a> {
    frame: &'a Frame<'a>,
    complaints: &'a mut Complaints,
}

impl Parser<'_> {
    /// Parses a file that is right or wrong as a whole; nothing when it was not read.
    fn file<T>(&mut self, file: KernelFile, parse: impl FnOnce(&[&str]) -> Result<T, Unparsable>) -> Option<T> {
        let lines = self.frame.read(file)?;
        self.complaints.parsed(file, parse(lines))
    }

    /// Parses a file with a line for each thing.
    fn lines<T>(&mut self, file: KernelFile, parse: impl FnOnce(&[&str]) -> (Vec<T>, Option<Unparsable>)) -> Vec<T> {
        let (found, unparsable) = parse(self.frame.lines(file));
        if let Some(unparsable) = unparsable {
            self.complaints.note(file, unparsable);
        }
        found
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::Problem;
    use super::super::layout::layout;
    use super::*;

    #[test]
    fn a_fine_tick_leaves_the_rest_empty_without_complaint() {
        let frame = b"uptime:836.26 458.34\nstat:cpu  100 0 30 1000\nstat:ctxt 5\n\
                      diskstats: 8 0 sda 1 0 8 1 1 0 8 1 0 1 2\nnet/dev:  eth0:1 2 3 4 5 6 7 8 9 10\n";
        let layout = layout(b"boot_id:00000000-0000-0000-0000-000000000007\n");
        let Parsed { reading, complaints } = reading(frame, &layout, 1_700_000_000_000).unwrap();
        assert_eq!(complaints, []);
        assert_eq!(reading.at_ms, 1_700_000_000_000);
        assert_eq!(reading.uptime_cs, 83_626);
        assert_eq!(reading.boot_id, Some(7));
        assert_eq!(reading.cpu.unwrap().idle_us, 10_000_000);
        assert_eq!((reading.disks.len(), reading.interfaces.len()), (1, 1));
        assert_eq!(
            (reading.memory, reading.load, reading.paging, reading.online_cpus),
            (None, None, None, None)
        );
        assert_eq!(reading.pressure, Pressure::default());
    }

    #[test]
    fn a_broken_file_costs_itself_only() {
        let frame = b"uptime:836.26 458.34\nstat:cpu  x\nloadavg:?\nmeminfo:MemTotal: 10 kB\nvmstat:pswpin 1\n\
                      pressure/cpu:some total=7\npressure/io:full total=7\n";
        let Parsed { reading, complaints } = reading(frame, &Layout::default(), 0).unwrap();
        assert_eq!((reading.cpu, reading.load, reading.paging), (None, None, None));
        assert_eq!(reading.memory.unwrap().total_bytes, 10_240);
        assert_eq!(reading.pressure.cpu_some_us, Some(7));
        assert_eq!(reading.pressure.io_some_us, None);
        let files: Vec<KernelFile> = complaints.iter().map(|complaint| complaint.file).collect();
        assert_eq!(
            files,
            [
                KernelFile::Stat,
                KernelFile::Loadavg,
                KernelFile::Vmstat,
                KernelFile::PressureIo
            ]
        );
    }

    #[test]
    fn without_uptime_there_is_no_reading() {
        let read = |frame: &[u8]| reading(frame, &Layout::default(), 0).unwrap_err();
        assert_eq!(read(b""), KernelTextError::NoFile);
        assert_eq!(read(b"This account is not available.\n"), KernelTextError::NoFile);
        assert_eq!(read(b"stat:cpu  1 2 3 4\n"), KernelTextError::NoUptime);
        assert!(read(b"").hint().is_some());
        let bad = read(b"uptime:\x1b[2Jsoon\n");
        assert_eq!(bad.to_string(), "/proc/uptime cannot be read: `\\u{1b}[2Jsoon`");
        assert!(matches!(
            bad,
            KernelTextError::BadUptime {
                problem: Problem::NotANumber,
                ..
            }
        ));
        let long = vec![b'\n'; FRAME_BYTES_AT_MOST + 1];
        assert_eq!(
            read(&long),
            KernelTextError::TooLong {
                bytes: FRAME_BYTES_AT_MOST + 1
            }
        );
    }

    #[test]
    fn control_groups_count_in_a_container_only() {
        let frame = b"uptime:1.00 1.00\nmeminfo:MemTotal: 100 kB\nmeminfo:MemAvailable: 90 kB\n\
                      /sys/fs/cgroup/cpu.stat:usage_usec 5\n/sys/fs/cgroup/memory.current:1024\n\
                      /sys/fs/cgroup/memory.max:10240\n/sys/fs/cgroup/memory.stat:inactive_file 24\n";
        let machine = reading(frame, &Layout::default(), 0).unwrap().reading;
        assert_eq!(machine.cgroup_cpu, None);
        assert_eq!(machine.memory.unwrap().total_bytes, 102_400);
        let inside = reading(frame, &layout(b"container:docker\n"), 0).unwrap().reading;
        assert_eq!(inside.cgroup_cpu.unwrap().usage_us, 5);
        assert_eq!(inside.memory.unwrap().total_bytes, 10_240);
        assert_eq!(inside.memory.unwrap().available_bytes, Some(9_240));
    }

    #[test]
    fn bytes_that_are_no_text_do_not_stop_a_reading() {
        let frame = b"uptime:1.00 1.00\n\xff\xfe:x\nnet/dev:  e\xffth: 1 2 3 4 5 6 7 8 9 10\nstat:cpu  1 2 3 4\n\xff";
        let reading = reading(frame, &Layout::default(), 0).unwrap().reading;
        assert!(reading.cpu.is_some());
    }
}
