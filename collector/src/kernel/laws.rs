//! What holds for any text whatever: nothing panics, nothing grows, nothing unsafe gets through.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::{Layout, Parsed, filesystems, layout, reading};

const LAYOUT: &str = "boot_id:2f0c1e9a-0000-4000-8000-0000000000ff\nclock_ticks:100\npage_bytes:4096\n\
    container:docker\ndisk:sda device=1 slaves= hidden=0 removable=0\ndisk:dm-0 device=0 slaves=sda\n\
    dm:dm-0 mpath-3600\ninterface:eth0 device=1 master= lower=eth1 type=1\n\
    interface:eth1 device=1 master=eth0 lower= type=1\nroute:eth0\nmin_free_kbytes:1000\n\
    mountinfo:1 0 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n\
    mountinfo:2 1 0:9 / /mnt\\040a rw - nfs4 server:/export rw\nunreadable:pressure/io\n";

const TICK: &str = "uptime:836.26 458.34\nstat:cpu  116982 0 7934 45838 346 0 102 51 0 0\n\
    stat:cpu0 58269 0 3708 23574 57 0 15 26 0 0\nloadavg:2.55 1.97 1.10 6/136 11197\n\
    meminfo:MemTotal:       24684092 kB\nmeminfo:MemFree:        19707924 kB\nmeminfo:Active(file): 5 kB\n\
    meminfo:Inactive(file): 5 kB\nvmstat:pswpin 1\nvmstat:pswpout 2\n\
    diskstats: 253 0 dm-0 111692 26309 5260626 50771 10919 55590 8456720 29376 0 12020 80743 5123 28 1 5 3 2\n\
    diskstats: 0 0 nvme0c0n1 1 2 3 4 5 6 7 8 9 10 11\n\
    net/dev:  eth0: 251337158    9990    0    0    0     0          0         0   544092    5730    0    0    0\n\
    pressure/cpu:some avg10=0.10 avg60=2.00 avg300=3.85 total=15\n\
    /sys/fs/cgroup/cpu.stat:usage_usec 5\n/sys/fs/cgroup/cpu.max:150000 100000\n\
    /sys/fs/cgroup/memory.current:1024\n/sys/fs/cgroup/memory.max:max\n\
    /sys/fs/cgroup/memory.stat:inactive_file 24\n";

const DF: &str = "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 100 40 60 40% /\n";

/// What must hold of every layout.
fn check_layout(layout: &Layout) {
    for mount in layout.local_mounts() {
        let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"_./@:+-".contains(&byte);
        assert!(mount.mount_point.starts_with('/') && mount.mount_point.bytes().all(safe));
    }
    for name in layout.disks.keys().chain(layout.interfaces.keys()) {
        assert!(name.len() <= 255 && !name.chars().any(char::is_control), "{name:?}");
    }
}

/// What must hold of every reading.
fn check_reading(parsed: &Parsed) {
    let mut names: Vec<&str> = parsed.reading.disks.iter().map(|disk| disk.device.as_str()).collect();
    names.extend(parsed.reading.interfaces.iter().map(|one| one.interface.as_str()));
    for name in &names {
        assert!(name.len() <= 255 && !name.chars().any(char::is_control), "{name:?}");
    }
    for complaint in &parsed.complaints {
        let words = complaint.to_string();
        assert!(words.len() < 2_000 && !words.chars().any(char::is_control), "{words:?}");
    }
    if let Some(memory) = parsed.reading.memory {
        assert!(
            memory
                .available_bytes
                .is_none_or(|available| available <= memory.total_bytes)
        );
    }
}

#[test]
fn a_frame_cut_anywhere_is_read_as_far_as_it_goes() {
    let whole = layout(LAYOUT.as_bytes());
    for end in 0..=LAYOUT.len() {
        check_layout(&layout(&LAYOUT.as_bytes()[..end]));
    }
    for end in 0..=TICK.len() {
        if let Ok(parsed) = reading(&TICK.as_bytes()[..end], &whole, 0) {
            check_reading(&parsed);
        }
    }
    for end in 0..=DF.len() {
        assert!(filesystems(&DF.as_bytes()[..end], &whole.local_mounts()).len() <= 1);
    }
    let parsed = reading(TICK.as_bytes(), &whole, 0).unwrap();
    assert_eq!(parsed.complaints, []);
    assert_eq!(filesystems(DF.as_bytes(), &whole.local_mounts()).len(), 1);
}

/// Text that looks like the kernel's for long enough to get deep into a parser.
fn kernel_like() -> impl Strategy<Value = Vec<u8>> {
    let file = prop::sample::select(vec![
        "uptime:",
        "stat:cpu ",
        "stat:cpu",
        "loadavg:",
        "meminfo:MemTotal:",
        "meminfo:MemFree:",
        "meminfo:SwapTotal:",
        "meminfo:SwapFree:",
        "vmstat:pswpin",
        "vmstat:pswpout",
        "diskstats:8 0 sda",
        "diskstats:",
        "net/dev:eth0:",
        "net/dev:",
        "pressure/cpu:some total=",
        "/sys/fs/cgroup/cpu.stat:usage_usec",
        "/sys/fs/cgroup/cpu.max:",
        "/sys/fs/cgroup/memory.current:",
        "/sys/fs/cgroup/memory.max:",
        "/sys/fs/cgroup/memory.stat:inactive_file",
        "/sys/fs/cgroup/cpuacct/cpuacct.usage:",
        "/sys/fs/cgroup/cpu/cpu.cfs_quota_us:",
        "/sys/fs/cgroup/cpu/cpu.cfs_period_us:",
        "disk:",
        "dm:",
        "interface:",
        "mountinfo:1 0 8:1 / /",
        "route:",
        "boot_id:",
        "",
    ]);
    let word = prop_oneof![
        any::<u64>().prop_map(|number| number.to_string()),
        (0_u64..1_000).prop_map(|number| number.to_string()),
        (any::<u32>(), 0_u8..100).prop_map(|(units, hundredths)| format!("{units}.{hundredths:02}")),
        prop::sample::select(vec![
            "0",
            "-1",
            "max",
            "kB",
            "18446744073709551615",
            "99999999999999999999",
            "sda",
            "nvme0c0n1",
            "dm-0",
            "device=1",
            "slaves=sda",
            "master=eth0",
            "lower=eth0",
            "eth0",
            "- ext4 /dev/sda1 rw",
            "1/2",
            "40%",
            "/",
            "mpath-1",
            "\\040",
            ":",
            "\u{1b}[2J",
            "é",
        ])
        .prop_map(str::to_owned),
    ];
    let line =
        (file, prop::collection::vec(word, 0..18)).prop_map(|(file, words)| format!("{file} {}\n", words.join(" ")));
    prop::collection::vec(line, 0..24).prop_map(|lines| lines.concat().into_bytes())
}

proptest! {
    #[test]
    fn no_bytes_make_a_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let layout = layout(&bytes);
        check_layout(&layout);
        let with_uptime = [b"uptime:1.00 1.00\n".as_slice(), &bytes].concat();
        check_reading(&reading(&with_uptime, &layout, 0).unwrap());
        prop_assert!(filesystems(&bytes, &layout.mounts).len() <= layout.mounts.len());
    }

    #[test]
    fn no_text_like_the_kernels_makes_a_parser_panic(first in kernel_like(), second in kernel_like()) {
        let layout = layout(&first);
        check_layout(&layout);
        let with_uptime = [b"uptime:1.00 1.00\ncontainer:yes\n".as_slice(), &second].concat();
        check_reading(&reading(&with_uptime, &layout, 0).unwrap());
        let container = Layout { container: Some(super::Container::Other), ..layout };
        check_reading(&reading(&with_uptime, &container, 0).unwrap());
        prop_assert!(filesystems(&second, &container.mounts).len() <= container.mounts.len());
    }

    #[test]
    fn counters_come_out_as_they_went_in(counters in prop::array::uniform11(0_u64..1 << 50)) {
        let words: Vec<String> = counters.iter().map(u64::to_string).collect();
        let frame = format!("uptime:1.00 1.00\ndiskstats: 8 0 sda {}\n", words.join(" "));
        let parsed = reading(frame.as_bytes(), &Layout::default(), 0).unwrap();
        let disk = &parsed.reading.disks[0];
        prop_assert_eq!(disk.reads, counters[0]);
        prop_assert_eq!(disk.read_bytes, counters[2] * 512);
        prop_assert_eq!(disk.read_ms, counters[3]);
        prop_assert_eq!(disk.writes, counters[4]);
        prop_assert_eq!(disk.write_bytes, counters[6] * 512);
        prop_assert_eq!(disk.write_ms, counters[7]);
        prop_assert_eq!(disk.busy_ms, counters[9]);
    }

    #[test]
    fn reading_twice_says_the_same(bytes in kernel_like()) {
        prop_assert_eq!(layout(&bytes), layout(&bytes));
        let frame = [b"uptime:1.00 1.00\n".as_slice(), &bytes].concat();
        prop_assert_eq!(reading(&frame, &Layout::default(), 0), reading(&frame, &Layout::default(), 0));
    }
}
