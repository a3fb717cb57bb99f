//! What is the host built of? Read once per connection: it tells which disks, interfaces and mounts count.
//!
//! Input: a layout frame, lines of `key:value`. Output: a [`Layout`]; what the
//! frame does not say is empty, and no frame is too odd for one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use telemetry::untrusted::for_terminal;

use super::disks::{self, Disk, device_name};
use super::interfaces::{self, Interface, interface_name};
use super::mountinfo::{self, Mount};
use super::{FRAME_BYTES_AT_MOST, NAME_BYTES_AT_MOST, shortened};

/// Disks and interfaces that are kept, each.
const NAMES_AT_MOST: usize = 4_096;
/// Mounts that are looked at: a node with many containers has thousands, nearly all without data of their own.
const MOUNTS_LOOKED_AT: usize = 16_384;
/// Mounts that are kept.
const MOUNTS_AT_MOST: usize = 4_096;
/// Files that could not be read, at most.
const UNREADABLE_AT_MOST: usize = 256;
/// `USER_HZ` of every architecture of today.
const USUAL_CLOCK_TICKS_PER_S: u32 = 100;
/// Pages of nearly every machine; those with larger ones have the command that tells.
const USUAL_PAGE_BYTES: u32 = 4_096;

/// What a host is built of, and what of it counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// Names the boot.
    pub boot_id: Option<u128>,
    /// Ticks per second in which the kernel counts CPU time, when it was told.
    pub clock_ticks_per_s: Option<u32>,
    /// Size of a memory page in bytes, when it was told.
    pub page_bytes: Option<u32>,
    /// Processor architecture, such as `x86_64`.
    pub machine: Option<String>,
    /// Kernel release, such as `5.10.0-28-amd64`.
    pub kernel: Option<String>,
    /// The host's wall clock, UTC seconds since 1970.
    pub clock_s: Option<i64>,
    /// The kind of container that the account lives in; nothing on a machine.
    pub container: Option<Container>,
    /// Version of its control groups.
    pub cgroup: Option<CgroupVersion>,
    /// Memory the kernel keeps free, kilobytes: a part of the estimate of available memory.
    pub min_free_kilobytes: Option<u64>,
    /// Block devices by kernel name; empty when they could not be listed.
    pub disks: BTreeMap<String, Disk>,
    /// Network interfaces by name; empty when they could not be listed.
    pub interfaces: BTreeMap<String, Interface>,
    /// The interface of the default route.
    pub default_route: Option<String>,
    /// Mounts that hold data and can be seen, local and remote, in the order of mounting.
    pub mounts: Vec<Mount>,
    /// Files that were wished for and could not be read.
    pub unreadable: Vec<String>,
}

/// The kind of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Container {
    /// Docker.
    Docker,
    /// Podman.
    Podman,
    /// LXC or LXD.
    Lxc,
    /// A pod of Kubernetes.
    Kubernetes,
    /// A container of some other kind.
    Other,
}

/// Version of control groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CgroupVersion {
    /// One hierarchy per controller.
    V1,
    /// One hierarchy for all.
    V2,
}

impl Layout {
    /// Tells whether the counters of a disk are collected.
    ///
    /// Where the disks could not be listed, by name, as if every partition's whole disk were there.
    #[must_use]
    pub fn counts_disk(&self, name: &str) -> bool {
        if self.disks.is_empty() {
            return disks::counts_by_name(name, |_| true);
        }
        self.disks.get(name).is_some_and(|disk| disk.counts)
    }

    /// Tells whether the counters of an interface are collected; by name where the interfaces could not be listed.
    #[must_use]
    pub fn counts_interface(&self, name: &str) -> bool {
        if self.interfaces.is_empty() {
            return interfaces::counts_by_name(name);
        }
        self.interfaces.get(name).is_some_and(|interface| interface.counts)
    }

    /// Gives the local file systems to ask for their size: each once, at most 256, only with mount points of
    /// `A-Z a-z 0-9 _ . / @ : + -`, which no shell acts on.
    #[must_use]
    pub fn local_mounts(&self) -> Vec<Mount> {
        mountinfo::local(&self.mounts)
    }

    /// Lists what is mounted from other machines (NFS, CIFS, Ceph …).
    #[must_use]
    pub fn network_mounts(&self) -> Vec<Mount> {
        mountinfo::network(&self.mounts)
    }

    /// Says what of the host's readings is not its own; nothing on a machine.
    ///
    /// A container has CPU time, memory and interfaces of its own; the rest of `/proc` is the machine's.
    #[must_use]
    pub fn caveat(&self) -> Option<String> {
        let kind = match self.container? {
            Container::Docker => "Docker",
            Container::Podman => "Podman",
            Container::Lxc => "LXC",
            Container::Kubernetes => "Kubernetes",
            Container::Other => "of some kind",
        };
        Some(format!(
            "it is a container ({kind}): its disks, file systems, swapping and pressure are those of the whole machine \
             around it, shared with whatever else runs there"
        ))
    }

    /// Ticks per second of the kernel's CPU times, the usual ones when it was not told.
    pub(super) fn clock_ticks_per_s_or_usual(&self) -> u32 {
        self.clock_ticks_per_s.unwrap_or(USUAL_CLOCK_TICKS_PER_S)
    }

    /// Bytes of a page, the usual ones when it was not told.
    pub(super) fn page_bytes_or_usual(&self) -> u32 {
        self.page_bytes.unwrap_or(USUAL_PAGE_BYTES)
    }
}

/// Reads a layout frame. Unknown keys and notes of the shell are passed over.
#[must_use]
pub fn layout(frame: &[u8]) -> Layout {
    let text = String::from_utf8_lossy(frame.get(..FRAME_BYTES_AT_MOST).unwrap_or(frame));
    let mut layout = Layout::default();
    let mut mounts = Vec::new();
    let mut mappers: BTreeMap<String, String> = BTreeMap::new();
    for line in text.lines() {
        let Some((key, value)) = line.split_once(':') else {
            continue;
        };
        match key {
            "disk" => keep(&mut layout.disks, Disk::parse(value)),
            "dm" => keep(&mut mappers, mapper(value)),
            "interface" => keep(&mut layout.interfaces, Interface::parse(value)),
            "mountinfo" if mounts.len() < MOUNTS_LOOKED_AT => mounts.extend(Mount::parse(value)),
            "unreadable" if layout.unreadable.len() < UNREADABLE_AT_MOST => layout.unreadable.extend(words(value)),
            _ => layout.fact(key, value.trim()),
        }
    }
    for (name, mapper) in mappers {
        if let Some(disk) = layout.disks.get_mut(&name) {
            disk.mapper = Some(mapper);
        }
    }
    disks::decide(&mut layout.disks);
    interfaces::decide(&mut layout.interfaces, layout.default_route.as_deref());
    layout.mounts = mountinfo::with_data(mounts);
    layout.mounts.truncate(MOUNTS_AT_MOST);
    layout
}

impl Layout {
    /// Takes in a fact that a host has once.
    fn fact(&mut self, key: &str, value: &str) {
        match key {
            "boot_id" => self.boot_id = boot_id(value),
            // Bounds that no kernel exceeds: a lie must not become a factor.
            "clock_ticks" => self.clock_ticks_per_s = value.parse().ok().filter(|ticks| (1..=100_000).contains(ticks)),
            "page_bytes" => {
                self.page_bytes = value
                    .parse()
                    .ok()
                    .filter(|bytes: &u32| bytes.is_power_of_two() && (512..=1 << 21).contains(bytes));
            }
            "machine" => self.machine = words(value),
            "kernel" => self.kernel = words(value),
            "now" => self.clock_s = value.parse().ok(),
            "container" => self.container = container(value),
            "cgroup" => {
                self.cgroup = match value {
                    "v1" => Some(CgroupVersion::V1),
                    "v2" => Some(CgroupVersion::V2),
                    _ => None,
                };
            }
            "min_free_kbytes" => self.min_free_kilobytes = value.parse().ok(),
            "route" => self.default_route = interface_name(value),
            _ => {}
        }
    }
}

fn keep<T>(named: &mut BTreeMap<String, T>, entry: Option<(String, T)>) {
    if let Some((name, value)) = entry
        && named.len() < NAMES_AT_MOST
    {
        named.entry(name).or_insert(value);
    }
}

/// Reads `dm-0 mpath-36005…`.
fn mapper(value: &str) -> Option<(String, String)> {
    let (name, mapper) = value.trim().split_once(' ')?;
    Some((device_name(name)?, words(mapper)?))
}

/// Reads a UUID such as `2f0c1e9a-…`, with or without hyphens.
fn boot_id(value: &str) -> Option<u128> {
    let digits: String = value.chars().filter(|letter| *letter != '-').take(33).collect();
    let is_uuid = digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    u128::from_str_radix(&digits, 16).ok().filter(|_| is_uuid)
}

fn container(value: &str) -> Option<Container> {
    Some(match value {
        "" => return None,
        "docker" => Container::Docker,
        "podman" => Container::Podman,
        "lxc" => Container::Lxc,
        "kubernetes" => Container::Kubernetes,
        _ => Container::Other,
    })
}

/// Text to show: short, without control characters; nothing when it is empty.
fn words(value: &str) -> Option<String> {
    let value = value.trim();
    (!value.is_empty()).then(|| for_terminal(shortened(value, NAME_BYTES_AT_MOST)).into_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_taken_in() {
        let layout = layout(
            b"sh: 1: getconf: not found\nboot_id:2f0c1e9a-0000-4000-8000-0000000000ff\nclock_ticks:100\n\
              page_bytes:65536\nmachine:aarch64\nkernel:5.10.0-28-arm64\nnow:1700000000\ncontainer:podman\n\
              cgroup:v2\nmin_free_kbytes:45056\nroute:eth0\nunreadable:pressure/cpu\nunreadable:pressure/io\n\
              something-new:1\n",
        );
        assert_eq!(layout.boot_id, Some(0x2f0c_1e9a_0000_4000_8000_0000_0000_00ff));
        assert_eq!(layout.clock_ticks_per_s, Some(100));
        assert_eq!(layout.page_bytes, Some(65_536));
        assert_eq!(layout.machine.as_deref(), Some("aarch64"));
        assert_eq!(layout.kernel.as_deref(), Some("5.10.0-28-arm64"));
        assert_eq!(layout.clock_s, Some(1_700_000_000));
        assert_eq!(layout.container, Some(Container::Podman));
        assert!(layout.caveat().is_some_and(|caveat| caveat.contains("Podman")));
        assert_eq!(layout.cgroup, Some(CgroupVersion::V2));
        assert_eq!(layout.min_free_kilobytes, Some(45_056));
        assert_eq!(layout.default_route.as_deref(), Some("eth0"));
        assert_eq!(layout.unreadable, ["pressure/cpu", "pressure/io"]);
    }

    #[test]
    fn what_is_not_said_is_empty() {
        assert_eq!(layout(b""), Layout::default());
        assert_eq!(layout(b"").caveat(), None);
        assert_eq!(
            layout(b"boot_id:\nclock_ticks:\nroute:\nmachine:\ncontainer:\n"),
            Layout::default()
        );
        assert_eq!(
            layout(b"boot_id:2f0c\nclock_ticks:0\npage_bytes:0\nnow:x\ncgroup:v3\n"),
            Layout::default()
        );
        assert_eq!(layout(b"boot_id:+2f0c1e9a00004000800000000000000\n").boot_id, None);
    }

    #[test]
    fn mapper_names_reach_their_disks_in_any_order() {
        let layout = layout(b"dm:dm-0 mpath-3600\ndisk:dm-0 device=0 slaves=sda\ndisk:sda device=1 slaves=\n");
        assert!(layout.counts_disk("dm-0"));
        assert!(!layout.counts_disk("sda"));
        assert_eq!(layout.disks["dm-0"].mapper.as_deref(), Some("mpath-3600"));
    }

    #[test]
    fn without_a_listing_names_decide() {
        let layout = layout(b"disk:* device=0 slaves=*\ninterface:* device=0\n");
        assert!(layout.counts_disk("sda") && !layout.counts_disk("sda1") && !layout.counts_disk("dm-0"));
        assert!(layout.counts_interface("eth0") && !layout.counts_interface("docker0"));
    }

    #[test]
    fn a_host_cannot_fill_the_memory() {
        let mut frame = String::new();
        for n in 0..20_000 {
            frame.push_str(&format!(
                "disk:d{n} device=1\ninterface:i{n} device=1\nunreadable:{n}\n"
            ));
            frame.push_str(&format!("mountinfo:1 0 8:{n} / /m{n} rw - ext4 /dev/d{n} rw\n"));
        }
        frame.push_str(&format!("kernel:{}\n", "k".repeat(5_000)));
        let layout = layout(frame.as_bytes());
        assert_eq!(layout.disks.len(), NAMES_AT_MOST);
        assert_eq!(layout.interfaces.len(), NAMES_AT_MOST);
        assert_eq!(layout.mounts.len(), MOUNTS_AT_MOST);
        assert_eq!(layout.unreadable.len(), UNREADABLE_AT_MOST);
        assert_eq!(layout.kernel.unwrap().len(), NAME_BYTES_AT_MOST);
    }
}
