//! Aurora beside RDS: Standard, I/O-Optimized and Serverless v2, each with its own bill.
//!
//! Storage is paid by what is used; Standard pays for each request to it, and
//! I/O-Optimized pays 1.30 of the instances and more for storage instead: it is
//! the cheaper one from about a quarter of the bill in I/O on (method §6).

use telemetry::units::GIBIBYTE;

use super::choose::{Class, choose, reason};
use super::demand::{NodeDemand, WorkloadDemand};
use super::line::{Cost, Line, quantity_of};
use super::need::{Ask, Need};
use super::rds::{PriceOf, classes, each_vcpu, engine_words, equivalence, versioned};
use super::{HOURS, OtherWay, Part, Setting};
use crate::catalog::rds::AURORA_IO_OPTIMIZED_HUNDREDTHS;
use crate::catalog::{Price, PriceMethod, Product, RdsEngine};
use crate::money::UsdPerHour;
use crate::price::Category;
use crate::profile::HOURS_OF_WEEK;
use crate::service::Workload;
use crate::size::number;

/// Seconds of a month of 730 hours.
const SECONDS: f64 = 730.0 * 3_600.0;
/// Aurora counts log writes in units of 4 KiB.
const WRITE_UNIT_BYTES: f64 = 4_096.0;
/// Memory and vCPUs of an Aurora capacity unit (AWS: about 2 GiB with corresponding CPU; 8 GiB a vCPU).
const ACU: (f64, f64) = (2.0, 0.25);
/// CPU kept free above an hour's mean, since capacity follows the minute.
const ACU_ROOM: f64 = 1.5;

/// What Aurora's ways with instances are called.
pub(super) const WITH_INSTANCES: [&str; 2] = ["Aurora Standard", "Aurora I/O-Optimized"];

/// Aurora's ways to run a database: as other ways, and those with instances as parts that may be proposed.
pub(super) struct Ways {
    pub(super) others: Vec<OtherWay>,
    /// Standard and I/O-Optimized, by the name that they have among the others.
    pub(super) parts: Vec<(String, Part)>,
    /// What else is to be known where Aurora is proposed.
    pub(super) note: String,
}

/// Gives Aurora's ways for a workload; nothing where no class holds what is asked.
pub(super) fn ways(
    workload: &Workload,
    demand: &WorkloadDemand<'_>,
    primary: &NodeDemand<'_>,
    engine: RdsEngine,
    needs: &[Need],
    setting: &Setting<'_>,
) -> Option<Ways> {
    let aurora = match engine {
        RdsEngine::Postgres => RdsEngine::AuroraPostgresql,
        _ => RdsEngine::AuroraMysql,
    };
    // Aurora's storage is a service of its own: no volume's limits bind the instance.
    let needs: Vec<Need> = needs
        .iter()
        .filter(|need| !matches!(need.ask, Ask::DiskOperations | Ask::DiskThroughput))
        .cloned()
        .collect();
    let choice = choose(
        &needs,
        classes(
            aurora,
            setting,
            PriceOf::SingleAz,
            workload.is_production(),
            &equivalence(primary),
        ),
    );
    let class = choice.class.clone()?;
    let readers = demand
        .working()
        .filter(|node| node.node.host != primary.node.host && node.node.serves_clients != Some(false))
        .count();
    // A reader in another zone is the standby as well.
    let instances = u32::try_from(1 + readers.max(usize::from(workload.is_production()))).unwrap_or(1);
    let name = engine_words(aurora);
    let product = |product| setting.catalog.product(setting.region, product);
    let stored = primary.stored("data_bytes", &["postgres", "mysql", "mariadb", "pgsql"]);
    let used_gib = stored.map(|stored| stored.bytes / GIBIBYTE);
    let storage = |item: &str, of: Product| match used_gib {
        Some(gib) => Line::storage(format!("{name} {item} storage"), gib, "GiB-month", product(of)),
        None => Line::storage(
            format!("{name} {item} storage: the size is not known"),
            1.0,
            "volume-month",
            None,
        ),
    };
    let io = io_line(primary, name, product(Product::AuroraMillionIo));
    let standard = vec![
        Line::hours(
            format!("{name} {} on demand", class.name),
            instances,
            class.price.as_ref(),
        ),
        storage("Standard", Product::AuroraStandardGibMonth),
        io.clone(),
    ];
    let optimized_price = class.price.as_ref().map(io_optimized);
    let optimized = vec![
        Line::hours(
            format!("{name} I/O-Optimized {} on demand", class.name),
            instances,
            optimized_price.as_ref(),
        ),
        storage("I/O-Optimized", Product::AuroraIoOptimizedGibMonth),
    ];
    let remark = verdict(&standard, &io);
    let mut held = needs.clone();
    held.extend(stored.map(|stored| {
        let gib = stored.bytes / GIBIBYTE;
        let words = format!("{} GiB today; paid by what is used, and grows by itself", number(gib));
        Need::new(Ask::Storage, gib, stored.from, words).with_peak(gib, 0)
    }));
    let part = |kind: &str, class: Class, lines: &[Line]| Part {
        host: primary.node.host.clone(),
        service: primary.node.service.clone(),
        what: format!("cluster, {kind}"),
        target_service: "aurora".to_string(),
        engine: versioned(aurora, primary.node.version.as_deref()),
        deployment: if instances > 1 { "cluster" } else { "single-az" }.to_string(),
        cpu_equivalence: each_vcpu(Some(&class), &equivalence(primary), &needs),
        reason: reason(&choice, &needs),
        class: Some(class),
        count: instances,
        zones: instances.min(3),
        binding: choice.binding,
        rejected: choice.rejected.clone(),
        needs: held.clone(),
        storage_gib: used_gib.map(super::need::rounded),
        lines: lines.to_vec(),
    };
    let io_class = Class {
        price: optimized_price.clone(),
        ..class.clone()
    };
    let parts = vec![
        (
            WITH_INSTANCES[0].to_string(),
            part("Standard", class.clone(), &standard),
        ),
        (
            WITH_INSTANCES[1].to_string(),
            part("I/O-Optimized", io_class, &optimized),
        ),
    ];
    let what = format!("{instances} × {}", class.name);
    let mariadb = if engine == RdsEngine::Mariadb {
        "; Aurora has no MariaDB: the application would move to MySQL's dialect"
    } else {
        ""
    };
    let mut others = vec![
        OtherWay {
            name: WITH_INSTANCES[0].to_string(),
            what: what.clone(),
            lines: standard,
            remark: format!("{remark}{mariadb}"),
        },
        OtherWay {
            name: WITH_INSTANCES[1].to_string(),
            what,
            lines: optimized,
            remark: format!("instances at 1.30 of Standard, no requests to pay{mariadb}"),
        },
    ];
    others.extend(serverless(
        primary,
        &needs,
        instances,
        name,
        vec![storage("Standard", Product::AuroraStandardGibMonth), io],
        setting,
    ));
    let note = match instances {
        1 => "one instance: outside production nothing takes its place".to_string(),
        many => format!(
            "{} of {many} instances only read, over other zones, and one of them becomes the writer; replicas that only follow need no instance, since the storage is kept in three zones",
            many - 1
        ),
    };
    Some(Ways { others, parts, note })
}

/// Gives the price of an I/O-Optimized instance from Standard's.
pub(super) fn io_optimized(standard: &Price<UsdPerHour>) -> Price<UsdPerHour> {
    let factor = rust_decimal::Decimal::new(AURORA_IO_OPTIMIZED_HUNDREDTHS, 2);
    let mut price = standard.clone().map(|hour| hour.times(factor));
    if price.method == PriceMethod::Listed {
        price.method = PriceMethod::Derived;
    }
    price
}

fn io_line(primary: &NodeDemand<'_>, name: &str, price: Option<&Price<crate::money::Usd>>) -> Line {
    let reads = primary.mean_disk_operations();
    let log = primary.counter("log_written_bytes_per_s").map(|stat| stat.mean);
    let writes = log
        .map(|bytes| bytes / WRITE_UNIT_BYTES)
        .or(reads.map(|(_, writes)| writes));
    match (reads, writes) {
        (Some((reads, _)), Some(writes)) => Line::storage(
            format!("{name} Standard requests to storage, as the disks were read and the log written"),
            (reads + writes) * SECONDS / 1e6,
            "million",
            price,
        ),
        _ => Line::storage(
            format!("{name} Standard requests to storage: disk operations were not measured"),
            1.0,
            "month",
            None,
        ),
    }
}

fn verdict(standard: &[Line], io: &Line) -> String {
    let (Some(whole), Some(io)) = (Cost::of(standard).whole(), io.amount) else {
        return "whether I/O is above a quarter of the bill is not known, since a price is missing".to_string();
    };
    let share = io.approximately() / whole.approximately();
    format!(
        "I/O is {:.0} % of this bill; {} 25 % {} is the cheaper one",
        share * 100.0,
        if share > 0.25 { "above" } else { "below" },
        if share > 0.25 { "I/O-Optimized" } else { "Standard" }
    )
}

/// Gives Serverless v2 by the hours of the week: capacity is the larger of what memory and what each hour's CPU asks for.
fn serverless(
    primary: &NodeDemand<'_>,
    needs: &[Need],
    instances: u32,
    name: &str,
    rest: Vec<Line>,
    setting: &Setting<'_>,
) -> Option<OtherWay> {
    let host = primary.host.as_ref()?;
    let cpu = host.profile.cpu.as_ref()?;
    let memory = needs.iter().find(|need| need.ask == Ask::Memory)?.amount;
    let asked = needs.iter().find(|need| need.ask == Ask::Cpu)?.amount;
    let group = primary.used.and_then(|used| used.cpu_cores.as_ref());
    let share = group.map_or(1.0, |group| (group.mean / cpu.mean.max(1e-9)).min(1.0));
    let score = |cores: f64| host.equivalence.in_m7i(cores).map_or(cores, |[_, likely, _]| likely);
    let units = |cores: f64| ((score(cores) / ACU.1) * 2.0).ceil() / 2.0;
    let least = ((memory / ACU.0) * 2.0).ceil() / 2.0;
    let hours: Vec<f64> = cpu
        .hour_of_week_mean
        .iter()
        .take(HOURS_OF_WEEK)
        .filter(|mean| mean.is_finite())
        .map(|&mean| units(f64::from(mean) * share * ACU_ROOM).max(least))
        .collect();
    if hours.is_empty() {
        return None;
    }
    let mean = hours.iter().sum::<f64>() / hours.len() as f64;
    let most = units(asked).max(least).clamp(least, 256.0);
    let price = setting
        .catalog
        .product(setting.region, Product::AuroraServerlessUnitHour);
    let mut lines = vec![Line::new(
        Category::Compute,
        format!("{name} Serverless v2 capacity units by the hours of the week"),
        quantity_of(mean * f64::from(HOURS) * f64::from(instances)),
        "ACU-hour",
        price,
    )];
    lines.extend(rest);
    Some(OtherWay {
        name: "Aurora Serverless v2".to_string(),
        what: format!("{instances} × {} to {} ACU", number(least), number(most)),
        lines,
        remark: format!(
            "memory keeps it at {} ACU or more; by the hours of the week {} run on average",
            number(least),
            number(mean)
        ),
    })
}
