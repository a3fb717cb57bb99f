//! The parsers of kernel text against text of real machines, and against this machine's own kernel.
#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sizewright_collector::kernel::{
    FRAME_BYTES_AT_MOST, KernelTextError, Layout, Parsed, filesystems, layout, reading,
};
use sizewright_collector::reading::{CpuTimes, InterfaceCounters, Load, Pressure};

fn fixture(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/fixtures")
        .join(name);
    if !path.exists() {
        eprintln!("not run: the fixture {name} is not beside this checkout");
        return None;
    }
    Some(path)
}

/// A file of a /proc tree as the sampler would send it.
fn sent(tree: &Path, file: &str) -> String {
    let text = fs::read_to_string(tree.join(file)).unwrap();
    text.lines()
        .filter(|line| !line.starts_with("intr "))
        .map(|line| format!("{file}:{line}\n"))
        .collect()
}

fn minute_tick(tree: &Path) -> String {
    let files = [
        "stat",
        "loadavg",
        "meminfo",
        "diskstats",
        "net/dev",
        "pressure/cpu",
        "pressure/memory",
        "pressure/io",
    ];
    let sent: String = files.iter().map(|file| sent(tree, file)).collect();
    format!("uptime:836.26 458.34\n{sent}")
}

#[test]
fn a_whole_proc_tree_is_read_without_complaint() {
    let Some(tree) = fixture("proc") else { return };
    let layout = layout(b"min_free_kbytes:67584\n");
    let Parsed { reading, complaints } = reading(minute_tick(&tree).as_bytes(), &layout, 1).unwrap();
    assert_eq!(complaints, []);
    let expected = CpuTimes {
        user_us: (301_854 + 612) * 10_000,
        system_us: (111_922 + 2 + 3_944) * 10_000,
        idle_us: 8_979_004 * 10_000,
        iowait_us: 3_552 * 10_000,
        steal_us: 0,
    };
    assert_eq!(reading.cpu, Some(expected));
    assert_eq!(reading.online_cpus, Some(8));
    assert_eq!(
        reading.load,
        Some(Load {
            load1_hundredths: 2,
            runnable: 1
        })
    );
    let pressure = Pressure {
        cpu_some_us: Some(15),
        memory_some_us: Some(15),
        io_some_us: Some(15),
    };
    assert_eq!(reading.pressure, pressure);
    let memory = reading.memory.unwrap();
    assert_eq!(memory.total_bytes, 15_666_184 * 1024);
    // No MemAvailable in it. Watermark 67,584 × 5/4 = 84,480 kB, kept back three times.
    let kilobytes = 440_324 - 84_480 + (6_494_020 + 6_532_440 - 84_480) + (1_738_124 - 84_480);
    assert_eq!(memory.available_bytes, Some(kilobytes * 1024));
    assert!(memory.available_is_estimated);
    assert_eq!(memory.cached_bytes, Some(12_007_640 * 1024));
    assert_eq!(memory.anon_bytes, Some(266_216 * 1024));
    assert_eq!(memory.swap_used_bytes, Some(0));
}

#[test]
fn disks_of_14_18_and_20_fields_count_once_and_their_partitions_never() {
    let Some(tree) = fixture("proc") else { return };
    let disks = reading(minute_tick(&tree).as_bytes(), &Layout::default(), 1)
        .unwrap()
        .reading
        .disks;
    let names: Vec<&str> = disks.iter().map(|disk| disk.device.as_str()).collect();
    assert_eq!(names, ["sda", "mmcblk0", "vda", "nvme0n1", "sdb", "sdc"]);
    let sda = &disks[0];
    assert_eq!(
        (sda.reads, sda.read_bytes, sda.read_ms),
        (25_354_637, 1_003_346_126 * 512, 18_492_372)
    );
    assert_eq!(
        (sda.writes, sda.write_bytes, sda.write_ms),
        (28_444_756, 505_697_032 * 512, 63_877_960)
    );
    assert_eq!(sda.busy_ms, 9_653_880);
    let sdc = &disks[5];
    assert_eq!(
        (sdc.reads, sdc.writes, sdc.write_ms, sdc.busy_ms),
        (14_202, 2_995, 40_875, 11_628)
    );
}

#[test]
fn the_listing_of_the_host_overrules_names() {
    let Some(tree) = fixture("proc") else { return };
    let listing = b"disk:sda device=1 slaves= hidden=0 removable=0\ndisk:vda device=1 slaves=\n\
        disk:nvme0n1 device=1 slaves=\ndisk:dm-0 device=0 slaves=sda\ndm:dm-0 mpath-3600508\n\
        disk:dm-1 device=0 slaves=vda2\ndm:dm-1 LVM-x\ndisk:sr0 device=1 slaves= removable=1\n\
        interface:docker0 device=0 master= lower=vethf345468 type=1\ninterface:eth0 device=0 master= lower= type=1\n\
        interface:lo device=0 master= lower= type=772\nroute:docker0\n";
    let reading = reading(minute_tick(&tree).as_bytes(), &layout(listing), 1)
        .unwrap()
        .reading;
    let names: Vec<&str> = reading.disks.iter().map(|disk| disk.device.as_str()).collect();
    assert_eq!(names, ["dm-0", "vda", "nvme0n1"]);
    let names: Vec<&str> = reading.interfaces.iter().map(|one| one.interface.as_str()).collect();
    assert_eq!(names, ["docker0"], "none is physical: the default route's");
}

#[test]
fn only_the_physical_interface_of_a_container_host_counts() {
    let Some(tree) = fixture("proc") else { return };
    let interfaces = reading(minute_tick(&tree).as_bytes(), &Layout::default(), 1)
        .unwrap()
        .reading
        .interfaces;
    let eth0 = InterfaceCounters {
        interface: "eth0".to_owned(),
        receive_bytes: 874_354_587,
        receive_packets: 1_036_395,
        transmit_bytes: 563_352_563,
        transmit_packets: 732_147,
    };
    assert_eq!(interfaces, [eth0]);
}

/// What `mount` prints, as lines of mountinfo; a device number for each source, as the kernel has one for each.
fn mountinfo(path: &Path) -> String {
    let mut sources: Vec<String> = Vec::new();
    let mut lines = String::new();
    for line in fs::read_to_string(path).unwrap().lines() {
        let (source, rest) = line.split_once(" on ").unwrap();
        let (mount_point, rest) = rest.split_once(" type ").unwrap();
        let kind = rest.split(' ').next().unwrap();
        if !sources.iter().any(|known| known == source) {
            sources.push(source.to_owned());
        }
        let minor = sources.iter().position(|known| known == source).unwrap();
        let root = if mount_point.starts_with("/var/lib/docker/") {
            mount_point
        } else {
            "/"
        };
        lines.push_str(&format!(
            "mountinfo:1 0 8:{minor} {root} {mount_point} rw - {kind} {source} rw\n"
        ));
    }
    lines
}

#[test]
fn df_of_several_distributions_tells_the_disks_and_nothing_else() {
    let Some(commands) = fixture("commands") else { return };
    for (host, expected) in [
        (
            "centos-7.7",
            vec![
                ("/", "/dev/mapper/centos-root", "xfs", 17_811_456_u64, 1_805_580_u64),
                ("/boot", "/dev/sda1", "xfs", 1_038_336, 237_600),
            ],
        ),
        ("ubuntu-18.04", vec![("/", "/dev/sda2", "ext4", 20_508_240, 5_748_028)]),
    ] {
        let layout = layout(mountinfo(&commands.join(format!("{host}--mount.out"))).as_bytes());
        let mounts = layout.local_mounts();
        assert_eq!(layout.network_mounts(), []);
        assert_eq!(mounts.len(), expected.len(), "{host}: {mounts:?}");
        let found = filesystems(&fs::read(commands.join(format!("{host}--df.out"))).unwrap(), &mounts);
        let told: Vec<_> = found
            .iter()
            .map(|one| {
                let kilobytes = (one.size_bytes / 1024, one.used_bytes / 1024);
                (
                    one.mount.as_str(),
                    one.device.as_str(),
                    one.kind.as_str(),
                    kilobytes.0,
                    kilobytes.1,
                )
            })
            .collect();
        assert_eq!(told, expected, "{host}");
        let rounded = fs::read(commands.join(format!("{host}--df-h.out"))).unwrap();
        assert_eq!(filesystems(&rounded, &mounts), [], "{host}: rounded sizes are none");
    }
}

#[test]
fn a_long_device_name_and_a_column_too_many_do_not_shift_the_numbers() {
    let Some(path) = fixture("commands/generic--df-long-filesystem.out") else {
        return;
    };
    let layout = layout(b"mountinfo:1 0 253:0 / / rw - ext3 /dev/mapper/VolGroup00-LogVol00 rw\n");
    let found = filesystems(&fs::read(path).unwrap(), &layout.local_mounts());
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].size_bytes, found[0].used_bytes),
        (6_030_784 * 1024, 1_147_932 * 1024)
    );
}

#[test]
fn of_the_block_devices_of_real_hosts_their_disk_counts() {
    let Some(commands) = fixture("commands") else { return };
    for host in ["centos-7.7", "ubuntu-18.04"] {
        let text = fs::read_to_string(commands.join(format!("{host}--lsblk.out"))).unwrap();
        let listing: String = text
            .lines()
            .filter_map(|line| {
                let words: Vec<&str> = line.split_whitespace().collect();
                let is_hardware = matches!(*words.get(5)?, "disk" | "rom");
                let is_listed = is_hardware || words[5] == "loop";
                is_listed.then(|| format!("disk:{} device={} slaves=\n", words[0], u8::from(is_hardware)))
            })
            .collect();
        let layout = layout(listing.as_bytes());
        assert!(layout.disks.len() >= 2, "{host}: {listing}");
        let counted: Vec<&String> = layout
            .disks
            .iter()
            .filter(|(_, disk)| disk.counts)
            .map(|(name, _)| name)
            .collect();
        assert_eq!(counted, ["sda"], "{host}");
    }
}

#[test]
fn a_tick_cut_anywhere_is_no_panic() {
    let Some(tree) = fixture("proc") else { return };
    let tick = minute_tick(&tree);
    let whole = reading(tick.as_bytes(), &Layout::default(), 1).unwrap().reading;
    for end in 0..tick.len() {
        match reading(&tick.as_bytes()[..end], &Layout::default(), 1) {
            Ok(parsed) => assert!(parsed.reading.disks.len() <= whole.disks.len()),
            Err(error) => assert!(end < 12, "{end}: {error}"),
        }
    }
}

/// Every fixture, whatever it is, as each kind of input.
#[test]
fn no_file_of_any_tool_makes_a_parser_panic() {
    let Some(folder) = fixture("proc") else { return };
    let mut folders = vec![folder.parent().unwrap().to_owned()];
    let mut read = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = fs::read(&path).unwrap();
            let bytes = &bytes[..bytes.len().min(200_000)];
            let text = String::from_utf8_lossy(bytes);
            for file in [
                "stat",
                "meminfo",
                "vmstat",
                "diskstats",
                "net/dev",
                "loadavg",
                "pressure/io",
                "uptime",
            ] {
                let lines: String = text.lines().map(|line| format!("{file}:{line}\n")).collect();
                let frame = format!("uptime:1.00 1.00\n{lines}");
                assert!(
                    reading(frame.as_bytes(), &Layout::default(), 1).is_ok(),
                    "{}",
                    path.display()
                );
            }
            for key in ["mountinfo", "disk", "interface", "dm"] {
                let lines: String = text.lines().map(|line| format!("{key}:{line}\n")).collect();
                let layout = layout(lines.as_bytes());
                assert!(filesystems(bytes, &layout.mounts).len() <= layout.mounts.len());
            }
            read += 1;
        }
    }
    assert!(read > 100, "only {read} files were there");
}

#[test]
fn a_layout_survives_being_written_down() {
    let before = layout(
        b"boot_id:ffffffff-ffff-ffff-ffff-ffffffffffff\ncontainer:lxc\ncgroup:v1\ndisk:sda device=1 slaves=\n\
          interface:eth0 device=1 master= lower= type=1\nmountinfo:1 0 8:1 / / rw - ext4 /dev/sda1 rw\nunreadable:x\n",
    );
    let written = serde_json::to_vec(&before).unwrap();
    assert_eq!(serde_json::from_slice::<Layout>(&written).unwrap(), before);
}

fn printed(command: &str) -> Vec<u8> {
    let output = Command::new("/bin/sh")
        .arg("-c")
        .arg(command)
        .env("LC_ALL", "C")
        .output()
        .unwrap();
    output.stdout
}

/// The sampler's own command against the kernel that runs the test.
#[test]
#[cfg(target_os = "linux")]
fn the_kernel_of_this_machine_is_understood() {
    let files = "uptime stat loadavg meminfo vmstat diskstats net/dev pressure/cpu pressure/memory pressure/io";
    let tick = printed(&format!("cd /proc && grep -v -e '^intr ' {files}"));
    assert!(tick.len() < FRAME_BYTES_AT_MOST);
    let Parsed {
        reading: first,
        complaints,
    } = reading(&tick, &Layout::default(), 1).unwrap();
    assert_eq!(complaints, []);
    assert!(first.uptime_cs > 0 && first.cpu.is_some() && first.paging.is_some());
    assert!(first.memory.unwrap().available_bytes.unwrap() > 0);
    assert!(first.online_cpus.unwrap() >= 1);
    let tick = printed("cd /proc && grep -v -e '^intr ' -e '^cpu[0-9]' uptime stat diskstats net/dev");
    let second = reading(&tick, &Layout::default(), 2).unwrap().reading;
    assert!(second.uptime_cs >= first.uptime_cs);
    assert!(second.cpu.unwrap().user_us >= first.cpu.unwrap().user_us);
    assert_eq!((second.online_cpus, second.memory), (None, None), "not asked for");
}

#[test]
#[cfg(target_os = "linux")]
fn df_of_this_machine_tells_every_mount_it_is_asked_for() {
    let mounts = layout(&printed("sed 's/^/mountinfo:/' /proc/self/mountinfo")).local_mounts();
    let places: Vec<&str> = mounts.iter().map(|mount| mount.mount_point.as_str()).collect();
    if places.is_empty() {
        eprintln!("not run: this machine has no local file system of its own");
        return;
    }
    let found = filesystems(&printed(&format!("df -kP {}", places.join(" "))), &mounts);
    assert_eq!(found.iter().map(|one| one.mount.as_str()).collect::<Vec<_>>(), places);
    assert!(
        found
            .iter()
            .all(|one| one.used_bytes <= one.size_bytes && one.size_bytes > 0)
    );
}

#[test]
fn a_reply_of_gigabytes_is_refused_before_it_is_read() {
    let long = vec![b'u'; FRAME_BYTES_AT_MOST + 1];
    assert!(matches!(
        reading(&long, &Layout::default(), 1),
        Err(KernelTextError::TooLong { .. })
    ));
    let lines = "stat:cpu\n".repeat(FRAME_BYTES_AT_MOST / 9);
    assert!(matches!(
        reading(lines.as_bytes(), &Layout::default(), 1),
        Err(KernelTextError::NoUptime)
    ));
    assert_eq!(layout(&long), Layout::default());
}
