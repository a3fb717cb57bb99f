//! What is fuzzed: the parsers of kernel text, of services' answers and of price lists, and the laws that every target checks.
//!
//! The modules are included by path, not through the collector crate: that one
//! needs the store and with it a data-frame library, which under a sanitizer
//! takes longer to build than the fuzzing lasts. The paths are those of the
//! real sources, so nothing here is a copy.

// The parsers name the telemetry crate, of which they use one module.
extern crate self as telemetry;

/// What tells the services of a host, without what asks for it.
#[path = "../../collector/src/discovery"]
pub mod discovery {
    #[path = "processes/mod.rs"]
    pub mod processes;
    #[path = "redact/mod.rs"]
    pub mod redact;
    #[path = "seen.rs"]
    pub mod seen;
    #[path = "services/mod.rs"]
    pub mod services;
    #[path = "sockets/mod.rs"]
    pub mod sockets;
}
/// The types of the inventory, without its files.
#[path = "../../telemetry/src/inventory"]
pub mod inventory {
    #[path = "dependency.rs"]
    mod dependency;
    #[path = "learnt.rs"]
    mod learnt;
    #[path = "service.rs"]
    mod service;

    pub use dependency::{Dependency, Direction, End, Peer, Transport};
    pub use learnt::{Learnt, Privilege};
    pub use service::{Category, Role, Service, Sureness};
}
/// The parsers of what services say, and what they need.
#[path = "../../collector/src/counters"]
pub mod counters {
    #[path = "answer.rs"]
    mod answer;
    #[path = "metric.rs"]
    mod metric;
    #[path = "read/mod.rs"]
    pub mod read;

    pub use answer::{Answer, Value};
}
#[path = "../../collector/src/kernel/mod.rs"]
pub mod kernel;
#[path = "../../collector/src/reading.rs"]
pub mod reading;
#[path = "../../telemetry/src/untrusted.rs"]
pub mod untrusted;

#[path = "../../analyzer/src/money.rs"]
pub mod money;
#[path = "../../telemetry/src/units.rs"]
pub mod units;
/// The readers of price lists and the words of the catalog, without its tables.
#[path = "../../analyzer/src/catalog"]
pub mod catalog {
    pub mod commitment;
    pub mod ebs;
    pub mod listed;
    pub mod nodes;
    pub mod operating_system;
    pub mod price;
    pub mod rds;
    pub mod services;

    /// Without merging and checks.
    pub mod price_list {
        mod collect;
        mod csv;
        mod error;
        mod fact;
        mod field;
        mod json;
        mod offer;
        mod read;
        mod select;

        pub use self::collect::{Capacity, Conflict, LeftOut, PriceList};
        pub use self::error::ListError;
        pub use self::fact::{Commitment, Key, Subject, VolumePart};
        pub use self::offer::Offer;
        pub use self::read::{Expected, Peek, peek, read};
    }
}

use kernel::{Layout, Parsed};

/// Splits an input at the first line of three hyphens: what the host is, then what it says.
#[must_use]
pub fn split(input: &[u8]) -> (&[u8], &[u8]) {
    const MARK: &[u8] = b"\n---\n";
    let place = input.windows(MARK.len()).position(|window| window == MARK);
    place.map_or((&[], input), |place| (&input[..place], &input[place + MARK.len()..]))
}

/// Checks what must hold of every layout.
///
/// # Panics
/// When it does not hold.
pub fn check_layout(layout: &Layout) {
    for (name, disk) in &layout.disks {
        check_name(name);
        assert_eq!(layout.counts_disk(name), disk.counts);
    }
    for (name, interface) in &layout.interfaces {
        check_name(name);
        assert_eq!(layout.counts_interface(name), interface.counts);
    }
    let mounts = layout.local_mounts();
    assert!(mounts.len() <= 256);
    for (place, mount) in mounts.iter().enumerate() {
        let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || b"_./@:+-".contains(&byte);
        assert!(mount.mount_point.starts_with('/') && mount.mount_point.bytes().all(is_safe));
        let is_other = |other: &kernel::Mount| (other.major, other.minor) != (mount.major, mount.minor);
        assert!(mounts[..place].iter().all(is_other), "asked twice");
    }
    assert!(layout.network_mounts().len() <= layout.mounts.len());
}

/// Checks what must hold of every reading.
///
/// # Panics
/// When it does not hold.
pub fn check_reading(parsed: &Parsed, layout: &Layout) {
    let reading = &parsed.reading;
    let mut names: Vec<&str> = reading.disks.iter().map(|disk| disk.device.as_str()).collect();
    check_once(&mut names);
    if !layout.disks.is_empty() {
        assert!(names.iter().all(|name| layout.counts_disk(name)));
    }
    let mut names: Vec<&str> = reading.interfaces.iter().map(|one| one.interface.as_str()).collect();
    check_once(&mut names);
    assert!(names.iter().all(|name| layout.counts_interface(name)));
    if let Some(memory) = reading.memory {
        assert!(memory.available_bytes.is_none_or(|bytes| bytes <= memory.total_bytes));
    }
    assert!(reading.filesystems.is_empty());
    for complaint in &parsed.complaints {
        let words = complaint.to_string();
        assert!(words.len() < 2_000 && !words.chars().any(char::is_control), "{words:?}");
    }
}

fn check_once(names: &mut Vec<&str>) {
    let count = names.len();
    names.iter().for_each(|name| check_name(name));
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "counted twice");
}

fn check_name(name: &str) {
    assert!(
        !name.is_empty() && name.len() <= 255 && !name.chars().any(char::is_control),
        "{name:?}"
    );
}

/// Checks what must hold of every answer of a service.
///
/// # Panics
/// When it does not hold.
pub fn check_answer(answer: &counters::Answer) {
    for (metric, value) in &answer.values {
        let (counters::Value::Level(number) | counters::Value::Total(number)) = value;
        assert!(number.is_finite() && *number >= 0.0, "{metric:?}");
    }
    assert!(answer.facts.len() <= 200);
    for (name, part, value) in &answer.facts {
        assert!(!value.is_empty() || !part.is_empty(), "{name}");
        // An escape takes eight letters at most for each of 300.
        assert!(part.len() <= 4_000 && value.len() <= 4_000);
        assert!(
            !part.chars().chain(value.chars()).any(char::is_control),
            "{name} {part:?} {value:?}"
        );
    }
}
