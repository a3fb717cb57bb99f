//! One host of the bench estate: cheap enough for a hundred million minutes.

use telemetry::schema::{disk, host, network};
use telemetry::series::DAY_MS;
use telemetry::units::GIBIBYTE;
use telemetry::{Series, Table};

use crate::calendar::{MINUTE_MS, Rhythm, level};
use crate::grid::{fill, fill_constant};

/// Minutes in a day.
pub(super) const MINUTES: usize = 1440;

/// The level of each minute of a week, looked up instead of computed.
pub(super) struct Rhythms {
    customers: Vec<f64>,
    office: Vec<f64>,
}

impl Rhythms {
    pub(super) fn new() -> Self {
        // The calendar's first week has no pay-day.
        let week = |rhythm| {
            (1..=7 * MINUTES as i64)
                .map(|minute| level(rhythm, crate::calendar::START_MS + minute * MINUTE_MS))
                .collect()
        };
        Self {
            customers: week(Rhythm::Customers),
            office: week(Rhythm::Office),
        }
    }
}

/// SplitMix64: one multiplication chain a draw, and a fresh stream from any seed.
///
/// Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn uniform(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// Draws a factor around 1, bell-shaped (the sum of four uniform numbers), at least one tenth.
    fn factor(&mut self, deviation: f64) -> f64 {
        let bits = self.next();
        let sum = (bits & 0xffff) + ((bits >> 16) & 0xffff) + ((bits >> 32) & 0xffff) + (bits >> 48);
        (1.0 + deviation * (sum as f64 / 65_536.0 - 2.0) * 1.732_050_8).max(0.1)
    }
}

/// A host's size and habits; its minutes are drawn from a stream per day.
pub(super) struct PlainHost {
    name: String,
    stream: u64,
    cores: f64,
    memory: f64,
    in_office_hours: bool,
    /// Minutes by which this host's day is shifted: services peak at different hours.
    shift: usize,
    /// Busy share of the cores at the crest.
    crest: f64,
    available: f64,
    reads_per_s: f64,
    writes_per_s: f64,
    read_bytes: f64,
    write_bytes: f64,
    receive: f64,
    transmit: f64,
    /// Relative spread of each metric from minute to minute.
    spread: f64,
}

impl PlainHost {
    /// Draws a host of its own size; the number alone decides, not how many others there are.
    pub(super) fn new(seed: u64, number: u32) -> Self {
        let mut draw = SplitMix(seed ^ (u64::from(number) << 32));
        let stream = draw.next();
        let cores = [2.0, 4.0, 4.0, 8.0, 8.0, 16.0, 32.0][(draw.next() % 7) as usize];
        let memory = cores * [2.0, 4.0, 8.0][(draw.next() % 3) as usize] * GIBIBYTE;
        let database = draw.uniform() < 0.25;
        let crest = draw.between(0.08, 0.65);
        let traffic = draw.between(0.2, 3.0) * 1e6 * cores * crest;
        Self {
            name: format!("bench-{number:06}"),
            stream,
            cores,
            memory,
            in_office_hours: draw.uniform() < 0.3,
            shift: (draw.next() % 180) as usize,
            crest,
            available: draw.between(0.15, 0.70),
            reads_per_s: if database {
                draw.between(20.0, 300.0) * cores
            } else {
                0.0
            },
            writes_per_s: if database {
                draw.between(30.0, 200.0) * cores
            } else {
                draw.between(2.0, 30.0)
            },
            read_bytes: draw.between(8_000.0, 40_000.0),
            write_bytes: draw.between(6_000.0, 30_000.0),
            receive: traffic,
            transmit: traffic * draw.between(0.4, 3.0),
            spread: draw.between(0.03, 0.10),
        }
    }

    /// Makes the host, disk and network series of the day that begins at an instant.
    pub(super) fn day(&self, begin_ms: i64, rhythms: &Rhythms) -> [Series; 3] {
        let mut draw = SplitMix(self.stream ^ (begin_ms / DAY_MS).wrapping_mul(0x5851_f42d) as u64);
        let week = if self.in_office_hours {
            &rhythms.office
        } else {
            &rhythms.customers
        };
        let weekday = (begin_ms - crate::calendar::START_MS).div_euclid(DAY_MS).rem_euclid(7) as usize;
        let first = weekday * MINUTES + self.shift;
        let mut load = Vec::with_capacity(MINUTES);
        for minute in 0..MINUTES {
            load.push(0.08 + 0.92 * week[(first + minute) % week.len()]);
        }
        let at_ms: Vec<i64> = (1..=MINUTES as i64)
            .map(|minute| begin_ms + minute * MINUTE_MS)
            .collect();
        [
            self.host_day(&at_ms, &load, &mut draw),
            self.disk_day(&at_ms, &load, &mut draw),
            self.network_day(&at_ms, &load, &mut draw),
        ]
    }

    fn series(&self, table: Table, label: Option<&str>, at_ms: &[i64]) -> Series {
        let labels = label.into_iter().map(str::to_string).collect();
        let mut series = Series::new(table, self.name.clone(), labels);
        series.at_ms = at_ms.to_vec();
        series
    }

    fn host_day(&self, at_ms: &[i64], load: &[f64], draw: &mut SplitMix) -> Series {
        let mut busy = Vec::with_capacity(load.len());
        let mut available = Vec::with_capacity(load.len());
        for load in load {
            busy.push((self.cores * self.crest * load * draw.factor(self.spread)).min(self.cores));
            let free = self.memory * (self.available - 0.06 * load) * draw.factor(self.spread * 0.5);
            available.push(free.min(self.memory));
        }
        let mut series = self.series(Table::Host, None, at_ms);
        fill_constant(&mut series, host::INTERVAL_S, 60.0);
        fill_constant(&mut series, host::CPU_CORES, self.cores);
        fill(&mut series, host::CPU_BUSY_CORES, &busy);
        fill_constant(&mut series, host::MEMORY_TOTAL_BYTES, self.memory);
        fill(&mut series, host::MEMORY_AVAILABLE_BYTES, &available);
        series
    }

    fn disk_day(&self, at_ms: &[i64], load: &[f64], draw: &mut SplitMix) -> Series {
        let column = || Vec::with_capacity(load.len());
        let (mut reads, mut writes) = (column(), column());
        let (mut read_bytes, mut write_bytes) = (column(), column());
        for load in load {
            let read = if self.reads_per_s > 0.0 {
                self.reads_per_s * load * draw.factor(self.spread)
            } else if draw.next() >> 58 == 0 {
                // One minute of 64 needs something that the page cache does not have.
                12.0 * draw.uniform()
            } else {
                0.0
            };
            let write = self.writes_per_s * (0.2 + 0.8 * load) * draw.factor(self.spread);
            reads.push(read);
            read_bytes.push(if read > 0.0 {
                read * self.read_bytes * draw.factor(self.spread)
            } else {
                0.0
            });
            writes.push(write);
            write_bytes.push(write * self.write_bytes * draw.factor(self.spread));
        }
        let mut series = self.series(Table::Disk, Some("nvme0n1"), at_ms);
        fill_constant(&mut series, disk::INTERVAL_S, 60.0);
        fill(&mut series, disk::READS_PER_S, &reads);
        fill(&mut series, disk::WRITES_PER_S, &writes);
        fill(&mut series, disk::READ_BYTES_PER_S, &read_bytes);
        fill(&mut series, disk::WRITE_BYTES_PER_S, &write_bytes);
        series
    }

    fn network_day(&self, at_ms: &[i64], load: &[f64], draw: &mut SplitMix) -> Series {
        let mut received = Vec::with_capacity(load.len());
        let mut sent = Vec::with_capacity(load.len());
        for load in load {
            received.push(self.receive * load * draw.factor(self.spread));
            sent.push(self.transmit * load * draw.factor(self.spread));
        }
        let mut series = self.series(Table::Network, Some("eth0"), at_ms);
        fill_constant(&mut series, network::INTERVAL_S, 60.0);
        fill(&mut series, network::RECEIVE_BYTES_PER_S, &received);
        fill(&mut series, network::TRANSMIT_BYTES_PER_S, &sent);
        series
    }
}
