//! Facts of real machines' files, of made-up machines, and of text that means harm.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use proptest::prelude::*;

use super::*;

/// Gives the files of a folder of the fixtures; nothing where they are not, and says so.
fn fixtures(folder: &str) -> Vec<(String, PathBuf)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/fixtures")
        .join(folder);
    let Ok(entries) = fs::read_dir(&root) else {
        eprintln!("not run: ../shared/fixtures is not there");
        return Vec::new();
    };
    let mut files: Vec<(String, PathBuf)> = entries
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), path))
        .collect();
    files.sort();
    assert!(files.len() >= 20, "{folder}: {}", files.len());
    files
}

/// Puts the key before each line, as the program on a host does.
fn keyed(key: &str, text: &str) -> String {
    text.lines().map(|line| format!("{key}:{line}\n")).collect()
}

/// Gives what is found, as `name` or `name item` with its value.
fn found(frame: &str) -> BTreeMap<String, String> {
    let facts = facts("h", 1, frame.as_bytes()).facts;
    let name = |fact: &Fact| format!("{} {}", fact.name, fact.item).trim_end().to_string();
    facts.iter().map(|fact| (name(fact), fact.value.clone())).collect()
}

fn get<'f>(found: &'f BTreeMap<String, String>, name: &str) -> Option<&'f str> {
    found.get(name).map(String::as_str)
}

#[test]
fn every_distribution_says_what_a_shell_reads_of_it() {
    for (name, path) in fixtures("os-release") {
        let text = fs::read_to_string(&path).unwrap();
        let found = found(&keyed("/etc/os-release", &text));
        // The file is meant for shells: one tells what it says.
        let script = ". \"$1\"; printf '%s\\n%s\\n%s\\n' \"$ID\" \"${PRETTY_NAME:-$NAME}\" \"$VERSION_ID\"";
        let shell = Command::new("sh")
            .env_clear()
            .args(["-c", script, "sh"])
            .arg(&path)
            .output()
            .unwrap();
        let said = String::from_utf8(shell.stdout).unwrap();
        let said: Vec<&str> = said.lines().map(str::trim).collect();
        let wanted = |at: usize| said.get(at).copied().filter(|word| !word.is_empty());
        assert_eq!(get(&found, "os.id"), wanted(0), "{name}");
        assert_eq!(get(&found, "os.name"), wanted(1), "{name}");
        assert_eq!(get(&found, "os.version"), wanted(2), "{name}");
        let family = match name.trim_end_matches(|letter: char| letter.is_ascii_digit()) {
            "centos" | "centosstream" | "rhel" | "rocky" | "oracle" | "scientific" | "fedora" | "amazon"
            | "cloudlinux" => Some("redhat"),
            "debian" | "debiantesting" | "ubuntu" | "raspbian" | "kali" | "linuxmint" => Some("debian"),
            "opensuse" | "sles" => Some("suse"),
            "alpine" => Some("alpine"),
            _ => continue,
        };
        assert_eq!(get(&found, "os.family"), family, "{name}");
    }
}

#[test]
fn every_processor_has_a_name() {
    for (name, path) in fixtures("cpuinfo") {
        let text = fs::read_to_string(&path).unwrap();
        let processors = text.lines().filter(|line| line.starts_with("processor")).count();
        let found = found(&format!("{}processors:{processors}\n", keyed("cpuinfo", &text)));
        let model = get(&found, "cpu.model");
        // What stands there as a name counts, but for ARM, whose kernel names the instruction set.
        let stands = text.lines().find_map(|line| {
            let (field, value) = line.split_once(':')?;
            (field.trim() == "model name").then(|| value.split_whitespace().collect::<Vec<_>>().join(" "))
        });
        match stands.filter(|stands| !stands.starts_with("ARMv") && !stands.is_empty()) {
            Some(stands) => assert_eq!(model, Some(stands.as_str()), "{name}"),
            None => assert!(model.is_some_and(|model| model.len() > 2), "{name}: {model:?}"),
        }
        if processors > 0 {
            assert_eq!(
                get(&found, "cpu.threads"),
                Some(processors.to_string().as_str()),
                "{name}"
            );
        }
    }
}

#[test]
fn arm_and_power_are_named_by_their_numbers() {
    let part = |implementer: &str, part: &str| {
        let frame = format!("cpuinfo:CPU implementer\t: {implementer}\ncpuinfo:CPU part\t: {part}\n");
        found(&frame).get("cpu.model").cloned()
    };
    assert!(part("0x41", "0xd0c").unwrap().contains("Neoverse-N1"));
    assert!(part("0x41", "0xd49").unwrap().contains("Neoverse-N2"));
    assert!(part("0x41", "0xd4f").unwrap().contains("Neoverse-V2"));
    let power = found("cpuinfo:cpu\t\t: POWER9, altivec supported\n");
    assert_eq!(get(&power, "cpu.model"), Some("POWER9"));
}

/// Kind of machine, hypervisor and cloud.
type Told = (Option<&'static str>, Option<&'static str>, Option<&'static str>);

#[test]
fn what_carries_a_system_is_told_from_its_firmware() {
    let flag = "cpuinfo:flags\t: fpu hypervisor\n";
    let cases: [(&str, &str, &str, Told); 9] = [
        (
            "VMware, Inc.",
            "VMware Virtual Platform",
            flag,
            (Some("virtual"), Some("vmware"), None),
        ),
        (
            "QEMU",
            "Standard PC (Q35 + ICH9, 2009)",
            flag,
            (Some("virtual"), Some("kvm"), None),
        ),
        (
            "Microsoft Corporation",
            "Virtual Machine",
            flag,
            (Some("virtual"), Some("hyperv"), None),
        ),
        ("Xen", "HVM domU", flag, (Some("virtual"), Some("xen"), None)),
        (
            "Amazon EC2",
            "m5.xlarge",
            flag,
            (Some("virtual"), Some("nitro"), Some("aws")),
        ),
        ("Amazon EC2", "m5.metal", "", (Some("physical"), None, Some("aws"))),
        (
            "Google",
            "Google Compute Engine",
            flag,
            (Some("virtual"), Some("kvm"), Some("google")),
        ),
        ("Dell Inc.", "PowerEdge R740", "", (Some("physical"), None, None)),
        ("To Be Filled By O.E.M.", "Default string", "", (None, None, None)),
    ];
    for (vendor, product, more, wanted) in cases {
        let dmi = "/sys/class/dmi/id";
        let found = found(&format!(
            "{dmi}/sys_vendor:{vendor}\n{dmi}/product_name:{product}\n{more}"
        ));
        let told = (
            get(&found, "machine.kind"),
            get(&found, "machine.hypervisor"),
            get(&found, "cloud.provider"),
        );
        assert_eq!(told, wanted, "{vendor} {product}");
        let instance = product.starts_with("m5.").then_some(product);
        assert_eq!(get(&found, "cloud.instance_type"), instance, "{vendor} {product}");
    }
}

#[test]
fn disks_and_what_is_built_of_them_are_told_apart() {
    let frame = "disk:sda device=1 slaves= hidden=0 removable=0\n\
                 disk:sdb device=1 slaves= hidden=0 removable=0\n\
                 disk:md0 device=0 slaves=sda,sdb hidden=0 removable=0\n\
                 disk:dm-0 device=0 slaves=md0 hidden=0 removable=0\n\
                 dm:dm-0 LVM-abcdef\n\
                 /sys/block/sda/size:2097152\n/sys/block/sdb/size:2097152\n\
                 /sys/block/md0/size:2097152\n/sys/block/dm-0/size:1048576\n\
                 /sys/block/sda/queue/rotational:1\n/sys/block/sdb/queue/rotational:0\n\
                 /sys/block/sda/device/model:ST4000NM0023\n\
                 /sys/block/md0/md/level:raid1\n/sys/block/dm-0/dm/name:vg-data\n\
                 meminfo:MemTotal:       16384 kB\nmeminfo:SwapTotal:      2048 kB\n";
    let found = found(frame);
    for (name, value) in [
        ("disk.size_bytes sda", "1073741824"),
        ("disk.kind sda", "rotational"),
        ("disk.kind sdb", "solid-state"),
        ("disk.model sda", "ST4000NM0023"),
        ("volume.size_bytes dm-0", "536870912"),
        ("volume.kind dm-0", "lvm"),
        ("volume.name dm-0", "vg-data"),
        ("volume.members md0", "sda sdb"),
        ("volume.raid_level md0", "raid1"),
        ("memory.size_bytes", "16777216"),
        ("swap.size_bytes", "2097152"),
    ] {
        assert_eq!(get(&found, name), Some(value), "{name} in {found:#?}");
    }
    assert_eq!(
        get(&found, "disk.size_bytes md0"),
        None,
        "a volume is no disk: its bytes would count twice"
    );
}

#[test]
fn what_a_host_does_not_say_is_no_fact() {
    let found = facts("h", 1, b"");
    assert!(found.facts.is_empty() && found.packages.is_empty(), "{:?}", found.facts);
}

#[test]
fn a_hostile_host_is_bounded_and_harmless() {
    let long = "x".repeat(1 << 20);
    let frame = format!(
        "/etc/os-release:PRETTY_NAME=\"\u{1b}[2J<script>\u{7}\u{202e}\"\n/etc/os-release:ID={long}\n{}",
        (0..100_000)
            .map(|n| format!("/sys/class/net/e{n}/speed:1000\n"))
            .collect::<String>()
    );
    for fact in facts("h", 1, frame.as_bytes()).facts {
        // An escape takes ten letters for one.
        assert!(fact.value.len() <= 10 * VALUE_BYTES_AT_MOST && fact.item.len() <= 10 * ITEM_BYTES_AT_MOST);
        assert!(
            !fact
                .value
                .chars()
                .any(|letter| letter.is_control() || letter == '\u{202e}'),
            "{fact:?}"
        );
    }
}

proptest! {
    #[test]
    fn any_answer_is_read(lines in proptest::collection::vec((0..KEYS.len(), "[ -~\u{0}\u{1b}ä]{0,60}"), 0..40)) {
        let frame: String = lines.iter().map(|(key, value)| format!("{}:{value}\n", KEYS[*key])).collect();
        for fact in facts("h", 1, frame.as_bytes()).facts {
            prop_assert!(!fact.value.is_empty() && !fact.value.chars().any(char::is_control));
        }
    }
}

/// Keys whose values are taken apart.
const KEYS: [&str; 24] = [
    "/etc/os-release",
    "/etc/redhat-release",
    "/etc/SuSE-release",
    "account",
    "cpuinfo",
    "processors",
    "/sys/devices/system/cpu/online",
    "/sys/devices/system/node/node0/cpulist",
    "meminfo",
    "swaps",
    "disk",
    "dm",
    "/sys/block/sda/size",
    "/sys/class/net/eth0/speed",
    "interface",
    "address",
    "local",
    "net/route",
    "/etc/resolv.conf",
    "package",
    "apk",
    "periodic",
    "timer",
    "docker",
];
