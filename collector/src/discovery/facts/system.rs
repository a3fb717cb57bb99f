//! Distribution, kernel, name, account, clock.

use telemetry::inventory::Privilege;
use telemetry::series::instant;

use super::answer::Answer;
use super::os_release::OsRelease;
use super::{Notes, number};
use crate::kernel::Layout;

/// Groups whose members may usually become root.
const ADMINISTRATORS: [&str; 4] = ["sudo", "wheel", "admin", "root"];

/// Says with what power the host was asked.
pub(super) fn privilege(answer: &Answer<'_>) -> Privilege {
    match account(answer) {
        Some(("0", _)) => Privilege::Root,
        _ => Privilege::User,
    }
}

fn account<'a>(answer: &Answer<'a>) -> Option<(&'a str, &'a str)> {
    let (uid, name) = answer.word("account")?.split_once(' ')?;
    Some((uid, name.trim()))
}

pub(super) fn note(answer: &Answer<'_>, layout: &Layout, notes: &mut Notes<'_>) {
    distribution(answer, notes);
    if let Some(kernel) = &layout.kernel {
        notes.one("kernel.release", kernel, "uname");
    }
    if let Some(machine) = &layout.machine {
        let architecture = match machine.as_str() {
            "aarch64" => "arm64",
            "i386" | "i486" | "i586" | "i686" => "x86",
            other => other,
        };
        notes.one("machine.architecture", architecture, "uname");
    }
    if let Some(name) = answer.word("sys/kernel/hostname") {
        notes.one("host.name", name, "/proc/sys/kernel");
    }
    if let Some(domain) = answer.word("sys/kernel/domainname").filter(|name| *name != "(none)") {
        notes.one("host.domain", domain, "/proc/sys/kernel");
    }
    // The kernel's time of boot moves with each correction of the clock: to the minute it stands still.
    let boot = answer
        .lines("stat")
        .iter()
        .find_map(|line| number(line.strip_prefix("btime ")?));
    if let Some(at) = boot.and_then(|seconds| instant(i64::try_from(seconds / 60 * 60).ok()?.checked_mul(1000)?)) {
        notes.one("boot.at", at.strftime("%Y-%m-%dT%H:%MZ").to_string(), "/proc/stat");
    }
    let account = account(answer);
    let groups = answer.word("groups").unwrap_or_default();
    if let Some((uid, name)) = account {
        notes.one("account.name", name, "id");
        notes.one("account.groups", groups, "id");
        let administrator = groups.split(' ').find(|group| ADMINISTRATORS.contains(group));
        // Never tried: a refused attempt is logged as an incident, and mailed to root.
        let sudo = match (uid, answer.word("sudo"), administrator) {
            ("0", _, _) => "is root".to_string(),
            (_, None, _) => "sudo is not installed".to_string(),
            (_, Some(_), Some(group)) => format!("probably: member of {group}; not tried"),
            (_, Some(_), None) => "unknown: in no group of administrators; not tried".to_string(),
        };
        notes.one("account.sudo", sudo, "id");
    }
    clock(answer, notes);
}

fn distribution(answer: &Answer<'_>, notes: &mut Notes<'_>) {
    let mut lines = answer.lines("/etc/os-release");
    if lines.is_empty() {
        lines = answer.lines("/usr/lib/os-release");
    }
    let os = OsRelease::parse(lines.iter().copied());
    let how = "/etc/os-release";
    let debian = answer.word("/etc/debian_version");
    if let Some(id) = &os.id {
        notes.one("os.id", id, how);
    }
    if let Some(name) = os.pretty_name.as_ref().or(os.name.as_ref()) {
        notes.one("os.name", name, how);
    }
    // Debian's minor version and a rolling release stand elsewhere.
    if os.id.as_deref() == Some("debian")
        && let Some(version) = debian
    {
        notes.one("os.version", version, "/etc/debian_version");
    }
    if let Some(version) = &os.version_id {
        notes.one("os.version", version, how);
    }
    if let Some(family) = os.family() {
        notes.one("os.family", family, how);
    }
    if os == OsRelease::default() {
        without_os_release(answer, debian, notes);
    }
}

/// Reads what distributions had before 2012: RHEL and CentOS 5 and 6, SLES 11, old Debian.
fn without_os_release(answer: &Answer<'_>, debian: Option<&str>, notes: &mut Notes<'_>) {
    let version = |text: &str| {
        let word = text
            .split_whitespace()
            .find(|word| word.starts_with(|letter: char| letter.is_ascii_digit()));
        word.map(str::to_string)
    };
    if let Some(text) = answer.word("/etc/redhat-release") {
        let how = "/etc/redhat-release";
        let lower = text.to_ascii_lowercase();
        let id = if lower.contains("centos") {
            "centos"
        } else if lower.contains("fedora") {
            "fedora"
        } else if lower.contains("scientific") {
            "scientific"
        } else {
            "rhel"
        };
        notes.one("os.id", id, how);
        notes.one("os.name", text, how);
        notes.one("os.family", "redhat", how);
        if let Some(version) = version(text) {
            notes.one("os.version", version, how);
        }
    } else if let Some(text) = answer.word("/etc/SuSE-release") {
        let how = "/etc/SuSE-release";
        notes.one(
            "os.id",
            if text.contains("openSUSE") { "opensuse" } else { "sles" },
            how,
        );
        notes.one("os.name", text, how);
        notes.one("os.family", "suse", how);
        if let Some(version) = answer.field(how, "VERSION", '=') {
            let level = answer.field(how, "PATCHLEVEL", '=');
            notes.one(
                "os.version",
                level.map_or(version.to_string(), |level| format!("{version}.{level}")),
                how,
            );
        }
    } else if let Some(text) = answer.word("/etc/alpine-release") {
        notes.one("os.id", "alpine", "/etc/alpine-release");
        notes.one("os.name", format!("Alpine Linux {text}"), "/etc/alpine-release");
        notes.one("os.family", "alpine", "/etc/alpine-release");
        notes.one("os.version", text, "/etc/alpine-release");
    } else if let Some(text) = debian {
        notes.one("os.id", "debian", "/etc/debian_version");
        notes.one("os.name", format!("Debian {text}"), "/etc/debian_version");
        notes.one("os.family", "debian", "/etc/debian_version");
        notes.one("os.version", text, "/etc/debian_version");
    }
}

fn clock(answer: &Answer<'_>, notes: &mut Notes<'_>) {
    let linked = answer
        .word("localtime")
        .and_then(|path| path.rsplit_once("zoneinfo/"))
        .map(|(_, zone)| zone);
    if let Some(zone) = linked {
        notes.one("time.zone", zone, "/etc/localtime");
    } else if let Some(zone) = answer.word("/etc/timezone") {
        notes.one("time.zone", zone, "/etc/timezone");
    } else if let Some(zone) = answer.word("zone") {
        notes.one("time.zone", zone, "date");
    }
    let running = |name: &str| {
        answer
            .starting("")
            .any(|(key, lines)| key.ends_with("/comm") && lines.first().is_some_and(|line| line.trim() == name))
    };
    let programs = [
        ("chronyd", "chrony"),
        ("ntpd", "ntpd"),
        ("openntpd", "openntpd"),
        ("ptp4l", "ptp4l"),
        ("systemd-timesyn", "systemd-timesyncd"),
    ];
    if let Some((_, name)) = programs.iter().find(|(process, _)| running(process)) {
        notes.one("time.synchronised_by", name, "/proc/PID/comm");
    } else if let Some(name) = answer.word("synchronized") {
        notes.one("time.synchronised_by", name, "/run/systemd/timesync");
    }
}
