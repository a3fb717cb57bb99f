//! Hosts read one by one out of blocks are those that are read alone, in any order, from several threads, and twice.

#![allow(clippy::unwrap_used, missing_docs)]

use sizewright_analyzer::profile::{EstateReader, HostByHost, HostSeries};
use std::thread;
use telemetry::schema::{disk, host};
use telemetry::store::Origin;
use telemetry::{Series, Store, Table};

const START_MS: i64 = 20_577 * 86_400_000;
const HOSTS: usize = 40;

fn store(folder: &std::path::Path) -> Store {
    let store = Store::at(folder);
    let mut writer = store.begin("hand").unwrap();
    let (mut hosts, mut disks) = (Vec::new(), Vec::new());
    for number in 0..HOSTS {
        let name = format!("host-{number:02}");
        let mut own = Series::new(Table::Host, &name, vec![]);
        let mut data = Series::new(Table::Disk, &name, vec!["sda".to_string()]);
        for minute in 0..1_440 {
            let at = START_MS + (minute + 1) * 60_000;
            let busy = (minute % 60) as f64 / 60.0 + number as f64;
            own.push(
                at,
                &[
                    (host::CPU_CORES, 64.0),
                    (host::CPU_BUSY_CORES, busy),
                    (host::CPU_STEAL_CORES, 0.5),
                ],
            );
            data.push(at, &[(disk::READS_PER_S, busy)]);
        }
        hosts.push(own);
        disks.push(data);
    }
    writer.write(hosts).unwrap();
    writer.write(disks).unwrap();
    writer.commit(&Origin::new("hand", "test")).unwrap();
    store
}

fn same(one: &HostSeries, other: &HostSeries) -> bool {
    one.host == other.host
        && one.disks == other.disks
        && one.networks == other.networks
        && one.filesystems == other.filesystems
}

#[test]
fn a_host_out_of_a_block_is_the_host() {
    let folder = tempfile::tempdir().unwrap();
    let reader = EstateReader::open(&store(folder.path())).unwrap();
    assert!(
        reader.blocks().len() > 1 && reader.blocks()[0].len() > 1,
        "{:?}",
        reader.blocks()
    );
    let hosts = HostByHost::new(&reader);
    let check = |numbers: &mut dyn Iterator<Item = usize>| {
        for number in numbers {
            let name = format!("host-{number:02}");
            let read = hosts.read(&name).unwrap().unwrap();
            assert!(read.host.is_some() && read.disks.len() == 1, "{name}");
            assert!(same(&read, &reader.read_host(&name).unwrap().unwrap()), "{name}");
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| check(&mut (0..HOSTS).rev()));
        scope.spawn(|| check(&mut (0..HOSTS)));
    });
    assert!(hosts.read("nobody").unwrap().is_none());
}

#[test]
fn the_cpu_alone_is_the_same_cpu_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let reader = EstateReader::open(&store(folder.path())).unwrap();
    let hosts = HostByHost::of_cpu(&reader);
    for name in ["host-17", "host-03", "host-17"] {
        let (cpu, all) = (
            hosts.read(name).unwrap().unwrap(),
            reader.read_host(name).unwrap().unwrap(),
        );
        let busy = |series: &HostSeries| sizewright_analyzer::profile::cpu_samples(series.host.as_ref().unwrap());
        assert_eq!(busy(&cpu), busy(&all));
        assert_eq!(busy(&cpu)[30].1, 0.5 + name[5..].parse::<f64>().unwrap() + 0.5);
        assert!(cpu.disks.is_empty() && cpu.networks.is_empty() && cpu.filesystems.is_empty());
    }
}
