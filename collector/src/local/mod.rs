//! This machine as a target, without SSH.
//!
//! Memory, swap, load and the number of CPUs come from sysinfo; the counters it
//! does not know (CPU time, disks, interfaces, pressure) from /proc, through the
//! same parsers as a remote host's.

mod shell;
mod socket;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use sysinfo::{MemoryRefreshKind, System};

use crate::kernel::{self, KernelTextError, Layout, Mount, Parsed};
use crate::reading::Filesystem;
use crate::ssh::ConnectionFacts;

pub use shell::LocalShell;
pub use socket::open;

/// Files of every tick, relative to /proc.
const FAST: [&str; 4] = ["uptime", "stat", "diskstats", "net/dev"];
/// Files of one tick an interval.
const SLOW: [&str; 6] = [
    "loadavg",
    "meminfo",
    "vmstat",
    "pressure/cpu",
    "pressure/memory",
    "pressure/io",
];

/// Key of the page size among what a process is told.
const AT_PAGESZ: u64 = 6;
/// Key of the clock ticks per second.
const AT_CLKTCK: u64 = 17;

/// Reads this machine.
#[derive(Debug)]
pub struct Probe {
    root: PathBuf,
    system: Option<System>,
}

impl Default for Probe {
    fn default() -> Self {
        Self {
            root: PathBuf::from("/"),
            system: System::new().ok(),
        }
    }
}

impl Probe {
    /// Reads a copy of a machine's files under another root, for tests; nothing comes from sysinfo then.
    #[must_use]
    pub fn with_root(root: &Path) -> Self {
        Self {
            root: root.to_path_buf(),
            system: None,
        }
    }

    /// Reads what the machine is built of.
    #[must_use]
    pub fn layout(&self) -> Layout {
        let mut frame = String::new();
        let mut say = |key: &str, value: &str| {
            frame.push_str(key);
            frame.push(':');
            frame.push_str(value.trim());
            frame.push('\n');
        };
        let line = |path: String| self.line(&path);
        say("boot_id", &line("proc/sys/kernel/random/boot_id".to_string()));
        for (key, name) in [(AT_CLKTCK, "clock_ticks"), (AT_PAGESZ, "page_bytes")] {
            if let Some(value) = self.auxiliary(key) {
                say(name, &value.to_string());
            }
        }
        say("kernel", &line("proc/sys/kernel/osrelease".to_string()));
        say("machine", std::env::consts::ARCH);
        say("min_free_kbytes", &line("proc/sys/vm/min_free_kbytes".to_string()));
        for name in self.names("sys/block") {
            let folder = format!("sys/block/{name}");
            let flag = |file: &str| match line(format!("{folder}/{file}")).as_str() {
                "" => "0".to_string(),
                value => value.to_string(),
            };
            let device = u8::from(self.root.join(&folder).join("device").exists());
            let slaves = self.names(&format!("{folder}/slaves")).join(",");
            say(
                "disk",
                &format!(
                    "{name} device={device} slaves={slaves} hidden={} removable={}",
                    flag("hidden"),
                    flag("removable")
                ),
            );
            let mapper = line(format!("{folder}/dm/uuid"));
            if !mapper.is_empty() {
                say("dm", &format!("{name} {mapper}"));
            }
        }
        for name in self.names("sys/class/net") {
            let folder = self.root.join("sys/class/net").join(&name);
            let device = u8::from(folder.join("device").exists());
            let master = fs::read_link(folder.join("master"))
                .ok()
                .and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()))
                .unwrap_or_default();
            let kind = line(format!("sys/class/net/{name}/type"));
            let lower: Vec<String> = self
                .names(&format!("sys/class/net/{name}"))
                .iter()
                .filter_map(|entry| entry.strip_prefix("lower_").map(str::to_string))
                .collect();
            say(
                "interface",
                &format!(
                    "{name} device={device} master={master} lower={} type={kind}",
                    lower.join(",")
                ),
            );
        }
        for route in self.text("proc/net/route").lines() {
            let mut fields = route.split_whitespace();
            if let (Some(interface), Some("00000000")) = (fields.next(), fields.next()) {
                say("route", interface);
                break;
            }
        }
        for mount in self.text("proc/self/mountinfo").lines() {
            say("mountinfo", mount);
        }
        kernel::layout(frame.as_bytes())
    }

    /// Takes a reading; `whole` asks for what moves slowly too.
    ///
    /// # Errors
    /// When not even the uptime can be read.
    pub fn read(&mut self, layout: &Layout, whole: bool) -> Result<Parsed, KernelTextError> {
        let mut frame = String::new();
        let slow: &[&str] = if whole { &SLOW } else { &[] };
        for file in FAST.iter().chain(slow) {
            for line in self.text(&format!("proc/{file}")).lines() {
                if whole || !is_single_cpu(line) {
                    frame.push_str(file);
                    frame.push(':');
                    frame.push_str(line);
                    frame.push('\n');
                }
            }
        }
        let at_ms = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
        let mut parsed = kernel::reading(frame.as_bytes(), layout, at_ms)?;
        if whole
            && layout.container.is_none()
            && let Some(system) = &mut self.system
        {
            system.refresh_memory_specifics(MemoryRefreshKind::everything());
            if let Some(memory) = &mut parsed.reading.memory {
                memory.total_bytes = system.total_memory();
                if !memory.available_is_estimated {
                    memory.available_bytes = Some(system.available_memory());
                }
                memory.swap_used_bytes = Some(system.used_swap());
            }
        }
        Ok(parsed)
    }

    /// Asks for the sizes of the local file systems.
    #[must_use]
    pub fn filesystems(&self, layout: &Layout) -> Vec<Filesystem> {
        layout.local_mounts().iter().filter_map(measured).collect()
    }

    /// Looks up what the kernel tells every process at its start (`getauxval`, `man 3 getauxval`).
    fn auxiliary(&self, key: u64) -> Option<u64> {
        let bytes = fs::read(self.root.join("proc/self/auxv")).ok()?;
        let words: Vec<u64> = bytes
            .chunks_exact(size_of::<usize>())
            .map(|word| word.iter().rev().fold(0, |value, &byte| value << 8 | u64::from(byte)))
            .collect();
        words
            .chunks_exact(2)
            .find_map(|pair| (pair.first() == Some(&key)).then(|| pair.last().copied())?)
    }

    fn text(&self, path: &str) -> String {
        let bytes = fs::read(self.root.join(path)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn line(&self, path: &str) -> String {
        self.text(path).lines().next().unwrap_or_default().to_string()
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.root.join(folder))
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
            .collect();
        names.sort();
        names
    }
}

/// Says that there is no connection: the commands run here.
fn facts() -> ConnectionFacts {
    ConnectionFacts {
        server: "this machine".to_string(),
        ..ConnectionFacts::default()
    }
}

fn is_single_cpu(line: &str) -> bool {
    line.strip_prefix("cpu")
        .is_some_and(|rest| rest.starts_with(|letter: char| letter.is_ascii_digit()))
}

fn measured(mount: &Mount) -> Option<Filesystem> {
    let sizes = rustix::fs::statvfs(mount.mount_point.as_str()).ok()?;
    let size_bytes = sizes.f_blocks.checked_mul(sizes.f_frsize)?;
    Some(Filesystem {
        mount: mount.mount_point.clone(),
        device: mount.source.clone(),
        kind: mount.kind.clone(),
        size_bytes,
        used_bytes: size_bytes.saturating_sub(sizes.f_bfree.checked_mul(sizes.f_frsize)?),
    })
}
