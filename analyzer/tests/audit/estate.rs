//! A small estate made by hand, its plan, and money that adds up again after a change.

use std::sync::atomic::AtomicBool;

use rust_decimal::Decimal;
use sizewright_analyzer::audit::{AuditReport, audit};
use sizewright_analyzer::catalog::Catalog;
use sizewright_analyzer::money::{Usd, UsdPerMonth};
use sizewright_analyzer::plan::{Plan, PlanInputs, Proposal, Retirement, Summary, make_after};
use sizewright_analyzer::policy::{Assessment, Overrides};
use sizewright_analyzer::price::{Bill, BillLine, Category};
use sizewright_analyzer::profile::{EstateReader, ProfileOptions, profile_estate};
use sizewright_analyzer::size::{Activity, Storage};
use telemetry::schema::{disk, filesystem, host, network};
use telemetry::store::Origin;
use telemetry::units::GIBIBYTE;
use telemetry::{Series, Store, Table};

const START_MS: i64 = 20_577 * 86_400_000;
const STEP_MS: i64 = 300_000;

const ASSESSMENT: &str = r#"
name = "Small"
region = "ap-southeast-1"
time_zone = "Asia/Ho_Chi_Minh"
[environments.production]
[environments.development]
rule = "krr"
cpu_headroom = 0.1
[[hosts]]
pattern = "dev-*"
environment = "development"
group = "rehearsal"
[[hosts]]
pattern = "ignored-*"
ignore = true
[[hosts]]
pattern = "scored-*"
cpu_score = 0.7
[[hosts]]
pattern = "x86-*"
arm64_ready = false
[[hosts]]
pattern = "kept-*"
current_type = "KEPT"
"#;

/// A host: cores, GiB, busiest share of the CPU, disk operations, network bytes, rows.
pub struct Machine(pub &'static str, pub f64, pub f64, pub f64, pub f64, pub f64, pub usize);

/// Eight days at five minutes.
pub const ROWS: usize = 8 * 288;

const MACHINES: [Machine; 8] = [
    Machine("app-1", 8.0, 32.0, 0.5, 400.0, 4e6, ROWS),
    Machine("db-1", 16.0, 128.0, 0.3, 9000.0, 2e7, ROWS),
    Machine("dev-1", 4.0, 16.0, 0.4, 100.0, 1e5, ROWS),
    Machine("ignored-1", 4.0, 16.0, 0.4, 100.0, 1e5, ROWS),
    Machine("kept-1", 8.0, 32.0, 0.6, 400.0, 4e6, ROWS),
    Machine("scored-1", 32.0, 64.0, 0.7, 700.0, 6e7, ROWS),
    Machine("short-1", 4.0, 8.0, 0.4, 100.0, 1e5, 60),
    Machine("zombie-1", 4.0, 8.0, 0.004, 2.0, 200.0, ROWS),
];

/// A written store, opened, beside its plan.
pub struct Estate {
    _folder: tempfile::TempDir,
    store: Store,
    pub reader: EstateReader,
    pub plan: Plan,
}

impl Estate {
    /// Writes the hosts and plans for them; `kept-1` runs on what is proposed for it.
    pub fn new() -> Self {
        let mut estate = Self::of(&MACHINES, ASSESSMENT, |_| {});
        let kept = row(&estate.plan, "kept-1").instance_type.clone().unwrap();
        let assessment = assessment(&ASSESSMENT.replace("KEPT", &kept));
        estate.plan = plan(&estate.store, &estate.reader, &assessment, &Overrides::default());
        estate
    }

    /// Writes one host, altered, and plans for it.
    pub fn one(machine: Machine, alter: impl Fn(&mut Vec<Series>)) -> Self {
        Self::of(&[machine], ASSESSMENT, alter)
    }

    fn of(machines: &[Machine], text: &str, alter: impl Fn(&mut Vec<Series>)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::at(folder.path());
        let mut writer = store.begin("hand").unwrap();
        let mut series: Vec<Series> = machines.iter().flat_map(series).collect();
        alter(&mut series);
        for table in [Table::Host, Table::Disk, Table::Network, Table::Filesystem] {
            let part = series.iter().filter(|series| series.table == table).cloned().collect();
            writer.write(part).unwrap();
        }
        writer.commit(&Origin::new("hand", "test")).unwrap();
        let reader = EstateReader::open(&store).unwrap();
        let plan = plan(&store, &reader, &assessment(text), &Overrides::default());
        Self {
            _folder: folder,
            store,
            reader,
            plan,
        }
    }

    /// Plans the same hosts with changes from the command line.
    pub fn plan_with(&self, overrides: &Overrides) -> Plan {
        plan(&self.store, &self.reader, &self.plan.assessment, overrides)
    }

    /// Plans the same hosts again after an earlier plan.
    pub fn plan_after(&self, earlier: &Plan) -> Plan {
        let Plan {
            assessment, overrides, ..
        } = &self.plan;
        planned(&self.store, &self.reader, assessment, overrides, Some(earlier))
    }

    pub fn audit(&self, plan: &Plan) -> AuditReport {
        audit(plan, Catalog::embedded(), Some(&self.reader))
    }
}

pub fn assessment(text: &str) -> Assessment {
    Assessment::from_toml(text).unwrap()
}

pub fn plan(store: &Store, reader: &EstateReader, assessment: &Assessment, overrides: &Overrides) -> Plan {
    planned(store, reader, assessment, overrides, None)
}

fn planned(
    store: &Store,
    reader: &EstateReader,
    assessment: &Assessment,
    overrides: &Overrides,
    earlier: Option<&Plan>,
) -> Plan {
    let mut rules: Vec<_> = assessment
        .environments
        .keys()
        .map(|name| assessment.policy(name, overrides).unwrap().rule)
        .collect();
    rules.extend(overrides.rule);
    let options = ProfileOptions {
        credits: overrides.burstable == Some(true),
        ..ProfileOptions::for_rules(assessment.zone().unwrap(), &rules)
    };
    let profiles = profile_estate(reader, &options, &|_| {}, &AtomicBool::new(false)).unwrap();
    let inputs = PlanInputs {
        assessment,
        overrides,
        profiles: &profiles,
        inventory: None,
        origins: &store.origins().unwrap(),
        catalog: Catalog::embedded(),
        today: jiff::civil::date(2026, 5, 18),
    };
    make_after(&inputs, earlier).unwrap()
}

/// Makes a machine's series: a daily wave with a deterministic jitter.
fn series(machine: &Machine) -> Vec<Series> {
    let Machine(name, cores, gib, busy, operations, bytes, rows) = *machine;
    let mut own = Series::new(Table::Host, name, vec![]);
    let mut disks = [("sda", 0.1), ("sdb", 0.9)]
        .map(|(device, share)| (Series::new(Table::Disk, name, vec![device.to_string()]), share));
    let mut card = Series::new(Table::Network, name, vec!["eth0".to_string()]);
    let mut mounts = [("/", "/dev/sda1", 40.0), ("/srv", "/dev/sdb1", 400.0)].map(|(mount, device, size)| {
        let labels = vec![mount.to_string(), device.to_string(), "ext4".to_string()];
        (Series::new(Table::Filesystem, name, labels), size)
    });
    let mut seed = name.bytes().fold(7_u64, |seed, letter| {
        seed.wrapping_mul(31).wrapping_add(u64::from(letter))
    });
    for row in 0..rows {
        let at = START_MS + (row as i64 + 1) * STEP_MS;
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let jitter = (seed >> 40) as f64 / (1_u64 << 24) as f64;
        let wave = 0.5 + 0.5 * (row as f64 / 288.0 * std::f64::consts::TAU).sin();
        let load = (0.2 + 0.5 * wave + 0.3 * jitter).min(1.0);
        own.push(
            at,
            &[
                (host::CPU_CORES, cores),
                (host::CPU_BUSY_CORES, cores * busy * load),
                (host::CPU_BUSY_CORES_MAX, cores * busy),
                (host::CPU_STEAL_CORES, 0.01 * jitter * busy),
                (host::MEMORY_TOTAL_BYTES, gib * GIBIBYTE),
                (host::MEMORY_AVAILABLE_BYTES, gib * GIBIBYTE * (0.6 - 0.2 * load)),
            ],
        );
        for (disk, share) in &mut disks {
            let rate = operations * *share * load;
            disk.push(
                at,
                &[
                    (disk::READS_PER_S, rate * 0.4),
                    (disk::WRITES_PER_S, rate * 0.6),
                    (disk::READ_BYTES_PER_S, rate * 8e3),
                    (disk::WRITE_BYTES_PER_S, rate * 12e3),
                ],
            );
        }
        card.push(
            at,
            &[
                (network::RECEIVE_BYTES_PER_S, bytes * load),
                (network::TRANSMIT_BYTES_PER_S, bytes * (1.0 - 0.7 * load)),
            ],
        );
        if row % 12 == 0 {
            for (mount, size) in &mut mounts {
                let used = *size * (0.4 + 0.1 * row as f64 / rows as f64);
                mount.push(
                    at,
                    &[
                        (filesystem::SIZE_BYTES, *size * GIBIBYTE),
                        (filesystem::USED_BYTES, used * GIBIBYTE),
                    ],
                );
            }
        }
    }
    // What `short-1` leaves out makes it undecided, and its storage unknown.
    let mut all = vec![own];
    if name != "short-1" {
        all.extend(disks.map(|(disk, _)| disk));
        all.push(card);
        all.extend(mounts.map(|(mount, _)| mount));
    }
    all
}

/// Finds a host's row.
pub fn row<'a>(plan: &'a Plan, host: &str) -> &'a sizewright_analyzer::plan::Recommendation {
    plan.recommendations.iter().find(|row| row.host == host).unwrap()
}

/// Finds a host's row, to be changed.
pub fn row_mut<'a>(plan: &'a mut Plan, host: &str) -> &'a mut sizewright_analyzer::plan::Recommendation {
    plan.recommendations.iter_mut().find(|row| row.host == host).unwrap()
}

/// Makes costs, bill, sums and retire list follow from prices, volumes and proposals again.
pub fn settle(plan: &mut Plan) {
    let hours = |count: u32| Decimal::from(730) * Decimal::from(count);
    let mut lines = Vec::new();
    for row in &mut plan.recommendations {
        let line = |category, item: String, quantity, unit: &str| BillLine {
            phase: row.phase.clone(),
            host: row.host.clone(),
            environment: row.environment.clone(),
            group: row.proof.group.clone(),
            category,
            item,
            quantity,
            unit: unit.to_string(),
            unit_price: None,
            method: None,
            as_of: None,
            amount: None,
        };
        let month = |price: Decimal, quantity: Decimal| Some(UsdPerMonth::from_decimal(price * quantity));
        let mut own = Vec::new();
        if let (Some(name), Some(price)) = (&row.instance_type, row.price_usd_per_hour) {
            let price = price.as_decimal();
            own.push(BillLine {
                unit_price: Some(Usd::from_decimal(price)),
                method: row.proof.price_method,
                as_of: row.proof.price_as_of,
                amount: month(price, hours(row.instance_count)),
                ..line(Category::Compute, name.clone(), hours(row.instance_count), "hour")
            });
        }
        match &row.proof.storage {
            Storage::Known(volumes) => {
                own.extend(volumes.iter().flat_map(|volume| &volume.lines).map(|part| BillLine {
                    unit_price: Some(part.unit_price.amount),
                    method: Some(part.unit_price.method),
                    as_of: Some(part.unit_price.as_of),
                    amount: Some(part.amount),
                    ..line(Category::Storage, part.item.clone(), part.quantity, &part.unit)
                }))
            }
            Storage::Unknown { .. } => {
                own.push(line(Category::Storage, "unknown".into(), Decimal::ONE, "volume-month"))
            }
        }
        let known = matches!(row.proof.storage, Storage::Known(_));
        let sum = |category| {
            own.iter()
                .filter(|line| line.category == category)
                .filter_map(|line| line.amount)
                .sum()
        };
        row.compute_usd_per_month = row.instance_type.as_ref().map(|_| sum(Category::Compute));
        row.storage_usd_per_month = known.then(|| sum(Category::Storage));
        row.total_usd_per_month = row
            .compute_usd_per_month
            .zip(row.storage_usd_per_month)
            .map(|(a, b)| a + b);
        lines.extend(own);
    }
    plan.bill = Bill::of(lines);
    resum(plan);
}

/// Makes sums and retire list follow from rows and bill lines again.
pub fn resum(plan: &mut Plan) {
    plan.bill = Bill::of(std::mem::take(&mut plan.bill.lines));
    let rows = &plan.recommendations;
    plan.retire = rows
        .iter()
        .filter(|row| matches!(row.proof.activity, Activity::Idle | Activity::Zombie))
        .map(|row| Retirement {
            host: row.host.clone(),
            activity: row.proof.activity,
            evidence: row.proof.activity_evidence.clone(),
            saving_usd_per_month: row.compute_usd_per_month.map(|_| plan.bill.of_host(&row.host).known),
            saving_is_at_least: row.total_usd_per_month.is_none(),
        })
        .collect();
    let old = std::mem::take(&mut plan.summary);
    let mut sum = Summary {
        hosts: rows.len(),
        ignored_hosts: old.ignored_hosts,
        ..Summary::default()
    };
    let mut weight = 0.0;
    for row in rows {
        match row.proposal {
            Proposal::Keep => sum.keep += 1,
            Proposal::Change => sum.change += 1,
            Proposal::Undecided => sum.undecided += 1,
        }
        sum.source_vcpus += row.source_vcpu.unwrap_or(0.0);
        sum.source_memory_gib += row.source_memory_gib.unwrap_or(0.0);
        sum.proposed_vcpus += f64::from(row.vcpu.unwrap_or(0));
        sum.proposed_memory_gib += row.memory_gib.unwrap_or(0.0);
        if let Some(compute) = row.compute_usd_per_month {
            sum.compute_usd_per_month = sum.compute_usd_per_month + compute;
            sum.confidence += row.confidence * compute.approximately();
            weight += compute.approximately();
            if let Some(as_is) = &row.proof.as_is {
                sum.as_is_compute_usd_per_month =
                    sum.as_is_compute_usd_per_month + as_is.price_usd_per_hour.per_month();
            }
        }
        if let Some(arm64) = &row.proof.arm64 {
            let saving = arm64.saving_usd_per_month.as_decimal().max(Decimal::ZERO);
            sum.arm64_saving_usd_per_month = sum.arm64_saving_usd_per_month + UsdPerMonth::from_decimal(saving);
        }
    }
    sum.confidence /= weight;
    sum.storage_usd_per_month = plan
        .bill
        .lines
        .iter()
        .filter(|line| line.category == Category::Storage)
        .filter_map(|line| line.amount)
        .sum();
    sum.window_ms = rows
        .iter()
        .map(|row| row.proof.first_at_ms)
        .min()
        .zip(rows.iter().map(|row| row.proof.last_at_ms).max());
    plan.summary = sum;
}
