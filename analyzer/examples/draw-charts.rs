//! Draws every chart from a generated estate, for looking at.
//!
//! `cargo run -p sizewright-analyzer --example draw-charts -- FOLDER` writes
//! `FOLDER/*.svg` and `FOLDER/*.png`: the charts of one busy host with a gap and
//! a peak of one minute, and those of an estate of a few and of many hosts.

use std::error::Error;
use std::f64::consts::TAU;
use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use jiff::civil::date;
use jiff::tz::TimeZone;
use sizewright_analyzer::catalog::Catalog;
use sizewright_analyzer::plan::{Plan, PlanInputs, make};
use sizewright_analyzer::policy::{Assessment, Overrides};
use sizewright_analyzer::profile::{EstateReader, HostProfile, HostSeries, ProfileOptions, profile_estate};
use sizewright_analyzer::report::chart::{
    Drawing, EstateMeasure, HostChartInputs, HostMetric, WeekMap, WeekStatistic, cost_by_environment, cost_by_family,
    estate_hosts, estate_scatter, host_chart, size_comparison, sparkline, week_map,
};
use telemetry::schema::{disk, filesystem, host, network};
use telemetry::store::Origin;
use telemetry::{Series, Store, Table};

const MINUTE_MS: i64 = 60_000;
/// Midnight of Friday 2026-05-01 in Vietnam.
const START_MS: i64 = 1_777_568_400_000;
const BUSY: &str = "erp-app-01";

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("expected a folder to write to")?;
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;
    let mut assessment = Assessment::new("Chart samples", "ap-southeast-1");
    assessment.time_zone = "Asia/Ho_Chi_Minh".to_string();
    let zone = assessment.zone()?;

    for (label, hosts) in [("few", 5), ("many", 1000)] {
        let store = tempfile::tempdir()?;
        let estate = Estate::generate(store.path(), hosts)?;
        let profiles = estate.profiles(&zone)?;
        let plan = estate.plan(&profiles, &assessment)?;
        draw_estate(folder, label, &plan)?;
        if label == "few" {
            draw_host(folder, &estate, &profiles, &plan, &zone)?;
        }
    }
    Ok(())
}

fn save(folder: &Path, name: &str, drawing: Option<Drawing>) -> Result<(), Box<dyn Error>> {
    let Some(drawing) = drawing else { return Ok(()) };
    fs::write(folder.join(format!("{name}.svg")), drawing.svg())?;
    fs::write(folder.join(format!("{name}.png")), drawing.png()?)?;
    Ok(())
}

fn draw_estate(folder: &Path, label: &str, plan: &Plan) -> Result<(), Box<dyn Error>> {
    let hosts = estate_hosts(&plan.recommendations);
    save(
        folder,
        &format!("{label}-estate"),
        estate_scatter(&hosts, EstateMeasure::ProposedVcpu),
    )?;
    save(
        folder,
        &format!("{label}-demand"),
        estate_scatter(&hosts, EstateMeasure::DemandCores),
    )?;
    save(folder, &format!("{label}-environments"), cost_by_environment(plan))?;
    save(folder, &format!("{label}-families"), cost_by_family(plan))?;
    save(folder, &format!("{label}-comparison"), size_comparison(plan))
}

fn draw_host(
    folder: &Path,
    estate: &Estate,
    profiles: &[HostProfile],
    plan: &Plan,
    zone: &TimeZone,
) -> Result<(), Box<dyn Error>> {
    let profile = profiles
        .iter()
        .find(|profile| profile.host == BUSY)
        .ok_or("the busy host has a profile")?;
    let recommendation = plan.recommendations.iter().find(|row| row.host == BUSY);
    let kind = recommendation.and_then(|row| row.instance_type.as_deref());
    let shape = kind.and_then(|kind| Catalog::embedded().shape(kind)).map(AsRef::as_ref);
    let inputs = HostChartInputs {
        series: &estate.busy,
        profile,
        recommendation,
        shape,
        zone,
    };
    for metric in HostMetric::ALL {
        save(
            folder,
            &format!("host-{}", metric.file_part()),
            host_chart(metric, &inputs),
        )?;
    }
    for (name, statistic) in [("week-mean", WeekStatistic::Mean), ("week-p95", WeekStatistic::P95)] {
        save(
            folder,
            name,
            WeekMap::cpu(profile, statistic, zone).and_then(|map| week_map(&map)),
        )?;
    }
    let days = profile
        .cpu
        .as_ref()
        .map(|cpu| cpu.daily_maxima.as_slice())
        .unwrap_or_default();
    save(folder, "sparkline", sparkline(days, Some(14.0)))
}

/// A generated estate and the series of its busiest host.
struct Estate {
    store: Store,
    busy: HostSeries,
}

impl Estate {
    fn generate(root: &Path, hosts: usize) -> Result<Self, Box<dyn Error>> {
        let store = Store::at(root);
        let mut writer = store.begin("generated")?;
        let busy = busy_host();
        let mut all: Vec<Series> = busy
            .host
            .iter()
            .chain(&busy.disks)
            .chain(&busy.networks)
            .cloned()
            .collect();
        all.extend(busy.filesystems.iter().cloned());
        for index in 1..hosts {
            all.extend(quiet_host(index));
        }
        for table in Table::ALL {
            writer.write(all.extract_if(.., |series| series.table == table).collect())?;
        }
        writer.commit(&Origin::new("generated", "generated"))?;
        Ok(Self { store, busy })
    }

    fn profiles(&self, zone: &TimeZone) -> Result<Vec<HostProfile>, Box<dyn Error>> {
        let reader = EstateReader::open(&self.store)?;
        let options = ProfileOptions {
            zone: Some(zone.clone()),
            ..ProfileOptions::default()
        };
        Ok(profile_estate(&reader, &options, &|_| (), &AtomicBool::new(false))?)
    }

    fn plan(&self, profiles: &[HostProfile], assessment: &Assessment) -> Result<Plan, Box<dyn Error>> {
        let mut plan = make(&PlanInputs {
            assessment,
            overrides: &Overrides::default(),
            profiles,
            inventory: None,
            origins: &self.store.origins()?,
            catalog: Catalog::embedded(),
            today: date(2026, 6, 1),
        })?;
        // Environments come from an assessment's patterns; here from the number of the host.
        let environment = |host: &str| {
            let number = host.bytes().map(usize::from).sum::<usize>();
            [
                "production",
                "production",
                "staging",
                "development",
                "disaster recovery",
            ][number % 5]
                .to_string()
        };
        plan.recommendations
            .iter_mut()
            .for_each(|row| row.environment = environment(&row.host));
        plan.bill
            .lines
            .iter_mut()
            .for_each(|line| line.environment = environment(&line.host));
        Ok(plan)
    }
}

/// A number from 0 to 1 that looks random and is always the same.
fn chance(seed: usize) -> f64 {
    let mixed = (seed as u64 ^ 0x9e37_79b9).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 31)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((mixed ^ (mixed >> 29)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// How busy an office is at a minute after [`START_MS`], 0 to 1.
fn office(minute: usize) -> f64 {
    let hour = minute as f64 / 60.0 % 24.0;
    // The first day is a Friday.
    let weekday = (minute / 1440 + 4) % 7;
    let day = (-((hour - 10.0) / 2.2).powi(2)).exp() + 0.9 * (-((hour - 15.0) / 2.5).powi(2)).exp();
    if weekday >= 5 { 0.12 * day } else { day }
}

fn busy_host() -> HostSeries {
    let mut series = Series::new(Table::Host, BUSY, vec![]);
    let mut data = Series::new(Table::Disk, BUSY, vec!["sda".into()]);
    let mut port = Series::new(Table::Network, BUSY, vec!["eth0".into()]);
    let mut root = Series::new(Table::Filesystem, BUSY, vec!["/".into(), "sda1".into(), "ext4".into()]);
    for minute in 0..30 * 1440 {
        // Two days and a half without data.
        if (11_200..14_800).contains(&minute) {
            continue;
        }
        let at = START_MS + (minute as i64 + 1) * MINUTE_MS;
        let noise = chance(minute);
        let backup = if (120..165).contains(&(minute % 1440)) {
            1.0
        } else {
            0.0
        };
        let busy = 0.6 + 6.5 * office(minute) + 1.8 * noise * (0.3 + office(minute)) + 2.0 * backup;
        let busy = if minute == 14 * 1440 + 160 { 15.3 } else { busy };
        let used = 21.0 + 3.0 * office(minute) + 5.0 * (minute as f64 / 43_200.0) + 0.2 * noise;
        series.push(
            at,
            &[
                (host::CPU_CORES, 16.0),
                (host::CPU_BUSY_CORES, busy),
                (host::CPU_BUSY_CORES_MAX, (busy * (1.05 + 0.25 * noise)).min(16.0)),
                (host::MEMORY_TOTAL_BYTES, 64.0 * 1_073_741_824.0),
                (host::MEMORY_AVAILABLE_BYTES, (64.0 - used) * 1_073_741_824.0),
            ],
        );
        let writes = 60.0 + 700.0 * office(minute) * (0.5 + noise) + 900.0 * backup;
        data.push(
            at,
            &[
                (
                    disk::READS_PER_S,
                    300.0 * office(minute) + 2200.0 * backup * (0.8 + 0.2 * noise),
                ),
                (disk::WRITES_PER_S, writes),
                (disk::READ_BYTES_PER_S, 6e6 * office(minute) + 9e7 * backup),
                (disk::WRITE_BYTES_PER_S, writes * 16_000.0),
            ],
        );
        let calls = office(minute) * (0.7 + 0.6 * noise);
        port.push(
            at,
            &[
                (network::RECEIVE_BYTES_PER_S, 2e5 + 4e6 * calls),
                (
                    network::TRANSMIT_BYTES_PER_S,
                    3e5 + 1.1e7 * calls * (1.0 + 0.1 * (minute as f64 / 300.0 * TAU).sin()),
                ),
            ],
        );
        if minute % 60 == 0 {
            let gib = 1_073_741_824.0;
            root.push(
                at,
                &[
                    (filesystem::SIZE_BYTES, 400.0 * gib),
                    (filesystem::USED_BYTES, (210.0 + used) * gib),
                ],
            );
        }
    }
    HostSeries {
        host: Some(series),
        disks: vec![data],
        networks: vec![port],
        filesystems: vec![root],
    }
}

/// A host with ten minutes a row, of some size, busy to some degree.
fn quiet_host(index: usize) -> Vec<Series> {
    let name = match index {
        3 => "batch<script>alert(1)</script>\u{202e}-03".to_string(),
        index => format!("{}-{index:03}", ["web", "db", "batch", "cache", "file"][index % 5]),
    };
    let cores = [2.0, 4.0, 4.0, 8.0, 8.0, 16.0, 24.0, 32.0, 64.0][(chance(index) * 9.0) as usize];
    let gib = 1_073_741_824.0;
    let memory = cores * [2.0, 4.0, 4.0, 8.0][index % 4];
    let share = 0.03 + 0.6 * chance(index + 5000).powi(2);
    let mut series = Series::new(Table::Host, name.as_str(), vec![]);
    let mut root = Series::new(
        Table::Filesystem,
        name.as_str(),
        vec!["/".into(), "sda1".into(), "ext4".into()],
    );
    let spare = 0.4 + 0.5 * chance(index + 900);
    for row in 0..30 * 144_usize {
        let at = START_MS + (row as i64 + 1) * 10 * MINUTE_MS;
        let busy = cores * share * (0.4 + 0.6 * office(row * 10) + 0.2 * chance(index * 10_000 + row));
        series.push(
            at,
            &[
                (host::CPU_CORES, cores),
                (host::CPU_BUSY_CORES, busy),
                (host::MEMORY_TOTAL_BYTES, memory * gib),
                (host::MEMORY_AVAILABLE_BYTES, memory * gib * spare),
            ],
        );
        // Every ninth host has no file system measured: its storage is not known.
        if row % 144 == 0 && index % 9 != 4 {
            root.push(
                at,
                &[
                    (filesystem::SIZE_BYTES, 200.0 * gib),
                    (filesystem::USED_BYTES, 90.0 * gib),
                ],
            );
        }
    }
    if root.is_empty() {
        vec![series]
    } else {
        vec![series, root]
    }
}
