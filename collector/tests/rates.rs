//! The laws of rates: never negative, never absurd, and the same in one part or two.

#![allow(clippy::unwrap_used, missing_docs)]

use collector::rates::{LastInterval, Spacing, rows};
use collector::reading::{CpuTimes, DiskCounters, InterfaceCounters, Memory, Pressure, Reading};
use proptest::prelude::*;
use sizewright_collector as collector;
use telemetry::schema::{disk, host, network};
use telemetry::{NOT_MEASURED, Series, Table};

const SPACING: Spacing = Spacing {
    interval_ms: 60_000,
    tick_ms: 10_000,
};
const START_MS: i64 = 1_700_000_040_000;

/// A host of four CPUs that does the same every second.
fn steady(tick: i64) -> Reading {
    let seconds = (tick * 10) as u64 + 1_000;
    Reading {
        at_ms: START_MS + tick * 10_000,
        uptime_cs: seconds * 100,
        boot_id: Some(7),
        cpu: Some(CpuTimes {
            user_us: seconds * 1_000_000,
            system_us: seconds * 500_000,
            idle_us: seconds * 2_000_000,
            iowait_us: seconds * 250_000,
            steal_us: seconds * 250_000,
        }),
        online_cpus: (tick % 6 == 0).then_some(4),
        memory: (tick % 6 == 0).then_some(Memory {
            total_bytes: 8 << 30,
            available_bytes: Some(3 << 30),
            ..Memory::default()
        }),
        pressure: Pressure {
            cpu_some_us: (tick % 6 == 0).then_some(seconds * 100_000),
            ..Pressure::default()
        },
        disks: vec![DiskCounters {
            device: "sda".to_string(),
            reads: seconds * 100,
            read_bytes: seconds * 409_600,
            read_ms: seconds * 50,
            writes: seconds * 10,
            write_bytes: seconds * 40_960,
            write_ms: seconds * 20,
            busy_ms: seconds * 500,
        }],
        interfaces: vec![InterfaceCounters {
            interface: "eth0".to_string(),
            receive_bytes: seconds * 16_000,
            receive_packets: seconds * 20,
            transmit_bytes: seconds * 32_000,
            transmit_packets: seconds * 40,
        }],
        ..Reading::default()
    }
}

fn table(series: &[Series], table: Table) -> &Series {
    series.iter().find(|series| series.table == table).unwrap()
}

#[test]
fn a_constant_load_gives_that_constant() {
    let readings: Vec<Reading> = (0..60).map(steady).collect();
    let rows = rows("a", &readings, SPACING, i64::MIN, LastInterval::Open);
    let cpu = table(&rows.series, Table::Host);
    assert!(cpu.len() >= 8, "{}", cpu.len());
    for row in 1..cpu.len() {
        assert_eq!(cpu.value(host::INTERVAL_S, row), Some(60.0));
        assert_eq!(cpu.value(host::CPU_CORES, row), Some(4.0));
        assert_eq!(cpu.value(host::CPU_BUSY_CORES, row), Some(1.5));
        assert_eq!(cpu.value(host::CPU_BUSY_CORES_MAX, row), Some(1.5));
        assert_eq!(cpu.value(host::CPU_IOWAIT_CORES, row), Some(0.25));
        assert_eq!(cpu.value(host::CPU_STEAL_CORES, row), Some(0.25));
        assert_eq!(cpu.value(host::PRESSURE_CPU_SOME, row), Some(0.1));
        assert_eq!(
            cpu.value(host::MEMORY_AVAILABLE_BYTES, row),
            Some(f64::from(3 << 10) * 1_048_576.0)
        );
        assert_eq!(cpu.at_ms[row] % 60_000, 0);
    }
    let sda = table(&rows.series, Table::Disk);
    // A rate is kept to 0.2 %.
    assert!((sda.value(disk::READS_PER_S, 1).unwrap() / 100.0 - 1.0).abs() < 0.002);
    assert_eq!(sda.value(disk::READ_WAIT_MS, 1), Some(0.5));
    assert_eq!(sda.value(disk::BUSY_FRACTION, 1), Some(0.5));
    let eth0 = table(&rows.series, Table::Network);
    assert_eq!(eth0.value(network::TRANSMIT_BYTES_PER_S, 1), Some(32_000.0));
    assert_eq!(eth0.value(network::TRANSMIT_BYTES_PER_S_MAX, 1), Some(32_000.0));
}

#[test]
fn a_burst_shows_as_the_highest_sub_sample() {
    let mut readings: Vec<Reading> = (0..14).map(steady).collect();
    for reading in &mut readings[8..] {
        reading.cpu.as_mut().unwrap().user_us += 20_000_000;
    }
    let rows = rows("a", &readings, SPACING, i64::MIN, LastInterval::Close);
    let cpu = table(&rows.series, Table::Host);
    let highest: Vec<f64> = cpu.values(host::CPU_BUSY_CORES_MAX).into_iter().flatten().collect();
    assert!(highest.contains(&3.5), "{highest:?}");
}

#[test]
fn a_reboot_becomes_a_gap_and_no_rate() {
    let mut readings: Vec<Reading> = (0..30).map(steady).collect();
    for (tick, reading) in readings.iter_mut().enumerate().skip(13) {
        let seconds = (tick as u64 - 12) * 10;
        reading.boot_id = Some(8);
        reading.uptime_cs = seconds * 100;
        reading.cpu = Some(CpuTimes {
            user_us: seconds * 1_000_000,
            ..CpuTimes::default()
        });
    }
    let rows = rows("a", &readings, SPACING, i64::MIN, LastInterval::Close);
    assert_eq!(rows.oddities.reboots, 1);
    for busy in table(&rows.series, Table::Host)
        .values(host::CPU_BUSY_CORES)
        .into_iter()
        .flatten()
    {
        assert!((0.9..=1.5).contains(&busy), "{busy}");
    }
}

#[test]
fn a_pause_is_a_gap_and_not_spread_over() {
    let mut readings: Vec<Reading> = (0..12).map(steady).collect();
    readings.extend((40..52).map(steady));
    let rows = rows("a", &readings, SPACING, i64::MIN, LastInterval::Close);
    assert_eq!(rows.oddities.gaps, 1);
    let cpu = table(&rows.series, Table::Host);
    assert!(
        cpu.at_ms.windows(2).any(|pair| pair[1] - pair[0] >= 240_000),
        "{:?}",
        cpu.at_ms
    );
}

#[test]
fn a_disk_that_was_created_again_loses_one_difference_only() {
    let mut readings: Vec<Reading> = (0..24).map(steady).collect();
    for reading in &mut readings[9..] {
        reading.disks[0].read_bytes -= 409_600 * 1_080;
    }
    let rows = rows("a", &readings, SPACING, i64::MIN, LastInterval::Close);
    assert_eq!(rows.oddities.resets, 1);
    for rate in table(&rows.series, Table::Disk)
        .values(disk::READ_BYTES_PER_S)
        .into_iter()
        .flatten()
    {
        assert!((rate / 409_600.0 - 1.0).abs() < 0.002, "{rate}");
    }
}

#[test]
fn a_counter_of_32_bits_may_wrap() {
    let mut readings: Vec<Reading> = (0..14).map(steady).collect();
    for (tick, reading) in readings.iter_mut().enumerate() {
        let sent = (1_u64 << 32) - 1_000_000 + tick as u64 * 320_000;
        reading.interfaces[0].transmit_bytes = sent % (1 << 32);
    }
    let rows = rows("a", &readings, SPACING, i64::MIN, LastInterval::Close);
    assert_eq!(rows.oddities.resets, 0);
    for rate in table(&rows.series, Table::Network)
        .values(network::TRANSMIT_BYTES_PER_S)
        .into_iter()
        .flatten()
    {
        assert_eq!(rate, 32_000.0);
    }
}

/// Readings of a hostile or broken host: counters and clocks jump, devices come and go.
fn any_readings() -> impl Strategy<Value = Vec<Reading>> {
    let step = (
        prop_oneof![8 => Just(10_000_i64), 1 => -30_000_i64..200_000],
        prop_oneof![8 => Just(1_000_u64), 1 => 0_u64..30_000, 1 => any::<u64>()],
        any::<[u16; 6]>(),
        prop_oneof![9 => Just(0_u64), 1 => any::<u64>()],
        0_u8..8,
        any::<bool>(),
    );
    prop::collection::vec(step, 1..80).prop_map(|steps| {
        let mut at_ms = START_MS;
        let mut uptime_cs = 10_000_u64;
        let mut counter = 1_u64;
        steps
            .into_iter()
            .map(|(later, ran, moved, jump, parts, rebooted)| {
                at_ms += later;
                uptime_cs = uptime_cs.wrapping_add(ran);
                counter = counter.wrapping_add(u64::from(moved[0]) * 50).wrapping_add(jump);
                Reading {
                    at_ms,
                    uptime_cs,
                    boot_id: Some(u128::from(rebooted && moved[1] < 3_000)),
                    cpu: (parts & 1 == 0).then_some(CpuTimes {
                        user_us: counter.wrapping_mul(3),
                        system_us: counter,
                        idle_us: counter,
                        iowait_us: u64::from(moved[2]),
                        steal_us: u64::from(moved[3]),
                    }),
                    online_cpus: (moved[4] % 3 == 0).then_some(4),
                    memory: (moved[4] % 3 == 0).then_some(Memory {
                        total_bytes: 8 << 30,
                        ..Memory::default()
                    }),
                    pressure: Pressure {
                        io_some_us: (moved[4] % 3 == 0).then_some(counter),
                        ..Pressure::default()
                    },
                    disks: (0..parts % 3)
                        .map(|number| DiskCounters {
                            device: format!("sd{number}"),
                            reads: counter,
                            read_bytes: counter.wrapping_mul(512),
                            read_ms: u64::from(moved[5]),
                            writes: jump,
                            write_bytes: counter,
                            write_ms: counter,
                            busy_ms: counter,
                        })
                        .collect(),
                    interfaces: (0..parts % 2)
                        .map(|number| InterfaceCounters {
                            interface: format!("eth{number}"),
                            receive_bytes: counter,
                            receive_packets: counter,
                            transmit_bytes: jump,
                            transmit_packets: u64::from(moved[1]),
                        })
                        .collect(),
                    ..Reading::default()
                }
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn rates_are_never_negative_or_absurd(readings in any_readings()) {
        let rows = rows("a", &readings, SPACING, i64::MIN, LastInterval::Close);
        for series in &rows.series {
            for (number, raw) in series.columns.iter().enumerate() {
                let column = &series.table.columns()[number];
                for raw in raw.iter().flatten().filter(|&&raw| raw != NOT_MEASURED) {
                    let value = column.to_value(*raw).unwrap();
                    prop_assert!((0.0..1e13).contains(&value), "{} {value}", column.name);
                    if column.name == "busy_fraction" || column.name.starts_with("pressure") {
                        prop_assert!(value <= 1.0);
                    }
                }
            }
            if series.table == Table::Host {
                for row in 0..series.len() {
                    if let Some(cores) = series.value(host::CPU_CORES, row) {
                        prop_assert!(series.value(host::CPU_BUSY_CORES, row).unwrap() <= cores);
                    }
                }
            }
        }
    }

    #[test]
    fn two_parts_give_the_rows_of_one(load in prop::collection::vec(0_u64..4_000_000, 30..90), cut in 1_usize..89) {
        let mut total = 0;
        let readings: Vec<Reading> = load
            .iter()
            .enumerate()
            .map(|(tick, &busy)| {
                total += busy;
                let mut reading = steady(tick as i64);
                reading.cpu.as_mut().unwrap().user_us = total;
                reading
            })
            .collect();
        let cut = cut.min(readings.len());
        let whole = rows("a", &readings, SPACING, i64::MIN, LastInterval::Close);
        let first = rows("a", &readings[..cut], SPACING, i64::MIN, LastInterval::Open);
        let second = rows("a", &readings[first.open_from..], SPACING, first.done_until_ms, LastInterval::Close);
        let mut joined = first.series;
        for series in second.series {
            match joined.iter_mut().find(|known| known.table == series.table && known.labels == series.labels) {
                Some(known) => known.append(&series),
                None => joined.push(series),
            }
        }
        joined.sort_by(|a, b| (a.table, &a.labels).cmp(&(b.table, &b.labels)));
        let mut expected = whole.series;
        expected.sort_by(|a, b| (a.table, &a.labels).cmp(&(b.table, &b.labels)));
        prop_assert_eq!(joined, expected);
    }
}
