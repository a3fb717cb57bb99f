//! What does the kernel's text say? Bytes of a remote host in, [`Reading`](crate::reading::Reading)s and a
//! [`Layout`] out.
//!
//! ```text
//! layout frame ─► layout ─────────────┐ which disks, interfaces and mounts count
//! tick frame ─► frame ─► one parser ──┴─► Reading + complaints
//!                        per file
//! df output ──► filesystems
//! ```
//!
//! Input is hostile: every length is bounded, nothing panics, control
//! characters never leave. Nothing here opens a file, runs a command or reads
//! a clock: the text may come from the network, this machine or a test.

mod cgroup_cpu;
mod cgroup_memory;
mod complaint;
mod df;
mod disks;
mod diskstats;
mod error;
mod frame;
mod interfaces;
mod layout;
mod loadavg;
mod meminfo;
mod mountinfo;
mod net_dev;
mod number;
mod pressure;
mod stat;
mod tick;
mod uptime;
mod vmstat;

#[cfg(test)]
mod laws;

pub use complaint::{Complaint, Problem};
pub use df::filesystems;
pub use disks::Disk;
pub(crate) use disks::counts_by_name as disk_counts_by_name;
pub use error::KernelTextError;
pub use frame::KernelFile;
pub use interfaces::Interface;
pub(crate) use interfaces::counts_by_name as interface_counts_by_name;
pub use layout::{CgroupVersion, Container, Layout, layout};
pub use mountinfo::Mount;
pub use tick::{Parsed, reading};

/// Bytes of a frame at most: many times what a large host says, small enough for a thousand hosts at once.
pub const FRAME_BYTES_AT_MOST: usize = 4 << 20;

/// Bytes of a name at most: the longest file name that Linux has.
const NAME_BYTES_AT_MOST: usize = 255;

/// Tells whether a name of the host may be kept: short, not empty, nothing that a terminal would act on.
fn is_plain_name(name: &str) -> bool {
    // A shell that finds nothing for a pattern passes the pattern on.
    !name.is_empty()
        && name != "*"
        && name.len() <= NAME_BYTES_AT_MOST
        && matches!(telemetry::untrusted::for_terminal(name), std::borrow::Cow::Borrowed(_))
}

/// Cuts text to a number of bytes, never inside a letter.
fn shortened(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_a_terminal_would_act_on_is_not_kept() {
        for name in ["sda", "cciss/c0d0", "eth0", "máy-1"] {
            assert!(is_plain_name(name), "{name}");
        }
        for name in ["", "*", "a\u{1b}[2J", "a\u{202e}b", &"x".repeat(256)] {
            assert!(!is_plain_name(name), "{name:?}");
        }
    }

    #[test]
    fn a_letter_is_never_cut_in_two() {
        assert_eq!(shortened("máy", 2), "m");
        assert_eq!(shortened("máy", 3), "má");
        assert_eq!(shortened("máy", 30), "máy");
    }
}
