//! RDS for PostgreSQL, MySQL and MariaDB: the class of the primary, its read replicas, storage; Aurora beside it.

use telemetry::inventory::Role;
use telemetry::units::{GIBIBYTE, MEBIBYTE};

use super::choose::{Class, choose, is_allowed, reason, shape_of};
use super::demand::{NodeDemand, WorkloadDemand};
use super::line::Line;
use super::need::{Ask, Evidence, Need};
use super::rds_storage::{Volume, volume};
use super::{OtherWay, Part, Setting, Sized, aurora, relational};
use crate::catalog::rds::RdsOffer;
use crate::catalog::{Price, RdsEngine};
use crate::money::UsdPerHour;
use crate::service::Workload;
use crate::size::{CpuEquivalence, number};

/// From this share of lookups in memory on, memory may shrink to the pool; method §6.
const HITS_FROM: f64 = 0.99;
/// Reads a second that count as low: a tenth of what gp3 includes.
const LOW_READS_PER_S: f64 = 300.0;
/// Memory on top of the highest need; method §2.
pub(super) const MEMORY_HEADROOM: f64 = 1.15;
/// Memory of one PostgreSQL backend beside the shared buffers; a usual figure, work_mem in use.
const POSTGRES_CONNECTION_MIB: f64 = 10.0;
/// Memory of one MySQL thread with its buffers.
const MYSQL_CONNECTION_MIB: f64 = 4.0;
/// What of an instance's memory the database has, once the system and RDS took theirs.
const DATABASE_SHARE: f64 = 0.9;
/// Region whose prices order classes where the plan's region has none.
pub(super) const REFERENCE_REGION: &str = "us-east-1";

/// Which price of a class counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum PriceOf {
    SingleAz,
    MultiAz,
}

impl PriceOf {
    fn of(self, offer: &RdsOffer) -> Option<&Price<UsdPerHour>> {
        match self {
            PriceOf::SingleAz => offer.single_az.as_ref(),
            PriceOf::MultiAz => offer.multi_az.as_ref(),
        }
    }
}

/// Sizes a relational database.
pub(super) fn size(
    workload: &Workload,
    demand: &WorkloadDemand<'_>,
    engine: RdsEngine,
    setting: &Setting<'_>,
) -> Sized {
    let Some(primary) = demand.leading() else {
        return Sized::stays("the workload has no node that takes requests");
    };
    let multi_az = workload.is_production();
    let price_of = if multi_az { PriceOf::MultiAz } else { PriceOf::SingleAz };
    let mut sized = Sized::default();
    let Some(needs) = needs(primary, engine) else {
        return Sized::stays(format!(
            "no telemetry of `{}`: neither CPU nor memory is known",
            primary.node.host
        ));
    };
    let volume = volume(primary, setting, multi_az);
    let equivalence = equivalence(primary);
    let classes = classes(engine, setting, price_of, workload.is_production(), &equivalence);
    let choice = choose(&needs, classes.clone());
    let mut part = part(workload, primary, engine, choice, &needs, &equivalence);
    part.what = "primary".to_string();
    part.deployment = if multi_az { "multi-az" } else { "single-az" }.to_string();
    part.zones = if multi_az { 2 } else { 1 };
    let name = engine_words(engine);
    let zones = if multi_az { "Multi-AZ" } else { "Single-AZ" };
    instance_line(&mut part, &format!("RDS {name} {{}} {zones} on demand"));
    add_volume(&mut part, &volume);
    if part.class.is_none() {
        sized.stays_because = Some(part.reason.clone());
    }
    sized.parts.push(part);
    replicas(workload, demand, primary, engine, setting, &mut sized);
    other_architecture(&needs, classes, &sized.parts[0], name, zones, &mut sized.others);
    sized.others.extend(volume.others);
    let days = if multi_az { 14 } else { 7 };
    sized.notes.push(format!(
        "backups are kept {days} days; as much backup as storage is provisioned costs nothing"
    ));
    sized.notes.extend(volume.notes);
    sized.assumed.push(format!(
        "a client takes {} MiB beside the buffer pool",
        number(connection_mib(engine))
    ));
    let ways = aurora::ways(workload, demand, primary, engine, &needs, setting);
    relational::decide(workload, engine, sized, ways, setting)
}

/// Makes a part for each replica that others than the cluster talk to; a pure follower becomes the standby.
fn replicas(
    workload: &Workload,
    demand: &WorkloadDemand<'_>,
    primary: &NodeDemand<'_>,
    engine: RdsEngine,
    setting: &Setting<'_>,
    sized: &mut Sized,
) {
    for node in demand.working().filter(|node| node.node.host != primary.node.host) {
        if node.node.serves_clients == Some(false) {
            let takes = if workload.is_production() {
                "the standby of Multi-AZ takes its place"
            } else {
                "outside production nothing takes its place"
            };
            sized
                .notes
                .push(format!("`{}` only follows and serves nobody: {takes}", node.node.host));
            continue;
        }
        if node.node.role == Some(Role::Member) {
            sized.notes.push(format!(
                "`{}` is one of equals that all take writes: RDS has one writer",
                node.node.host
            ));
        }
        let Some(needs) = needs(node, engine) else { continue };
        let equivalence = equivalence(node);
        let classes = classes(
            engine,
            setting,
            PriceOf::SingleAz,
            workload.is_production(),
            &equivalence,
        );
        let choice = choose(&needs, classes);
        let mut part = part(workload, node, engine, choice, &needs, &equivalence);
        part.what = "read replica".to_string();
        part.deployment = "single-az".to_string();
        part.zones = 1;
        let name = engine_words(engine);
        instance_line(&mut part, &format!("RDS {name} {{}} read replica on demand"));
        // A copy holds what the primary holds.
        add_volume(&mut part, &volume(primary, setting, false));
        part.reason.push_str(if node.node.serves_clients.is_none() {
            "; whether anybody reads from it is not known, so it stays a read replica"
        } else {
            "; sized by its own load, which is not counted with the primary's"
        });
        sized.parts.push(part);
    }
}

fn part(
    workload: &Workload,
    node: &NodeDemand<'_>,
    engine: RdsEngine,
    choice: super::choose::Choice,
    needs: &[Need],
    equivalence: &CpuEquivalence,
) -> Part {
    Part {
        host: node.node.host.clone(),
        service: node.node.service.clone(),
        what: String::new(),
        target_service: "rds".to_string(),
        engine: versioned(engine, node.node.version.as_deref()),
        deployment: String::new(),
        reason: reason(&choice, needs),
        cpu_equivalence: each_vcpu(choice.class.as_ref(), equivalence, needs),
        class: choice.class,
        count: 1,
        zones: if workload.is_production() { 2 } else { 1 },
        needs: needs.to_vec(),
        binding: choice.binding,
        rejected: choice.rejected,
        storage_gib: None,
        lines: Vec::new(),
    }
}

/// Gives the busy source cores that a vCPU of the class carries, as tables show it.
pub(super) fn each_vcpu(class: Option<&Class>, _equivalence: &CpuEquivalence, _needs: &[Need]) -> Option<f64> {
    let class = class?;
    Some(super::need::rounded(
        class.offers.get(&Ask::Cpu)? / f64::from(class.vcpu),
    ))
}

/// Puts the line of the instances first; `{}` in the words is the class.
pub(super) fn instance_line(part: &mut Part, words: &str) {
    if let Some(class) = &part.class {
        let item = words.replace("{}", &class.name);
        part.lines
            .insert(0, Line::hours(item, part.count, class.price.as_ref()));
    }
}

fn add_volume(part: &mut Part, volume: &Volume) {
    part.storage_gib = volume.size_gib;
    part.lines.extend(volume.lines.iter().cloned());
    part.needs.extend(volume.need.iter().cloned());
}

pub(super) fn equivalence(node: &NodeDemand<'_>) -> CpuEquivalence {
    node.host
        .as_ref()
        .map_or(CpuEquivalence::OneToOne, |host| host.equivalence.clone())
}

fn connection_mib(engine: RdsEngine) -> f64 {
    match engine {
        RdsEngine::Postgres | RdsEngine::AuroraPostgresql => POSTGRES_CONNECTION_MIB,
        _ => MYSQL_CONNECTION_MIB,
    }
}

/// Gives what a class must offer a node; nothing where neither CPU nor memory is known.
pub(super) fn needs(node: &NodeDemand<'_>, engine: RdsEngine) -> Option<Vec<Need>> {
    let mut needs = vec![node.cpu()?, memory(node, connection_mib(engine))?];
    needs.extend(node.connections());
    needs.extend(node.network());
    needs.extend(node.disk_operations());
    needs.extend(node.disk_throughput());
    Some(needs)
}

/// Gives the working set: the pool and the clients where that is enough, else what is read again; method §6.
fn memory(node: &NodeDemand<'_>, connection_mib: f64) -> Option<Need> {
    let total = node.source_memory();
    let (share, share_from) = node.share();
    let clients = node.counter("connections").map_or(0.0, |stat| stat.maximum);
    let pool = node.counter("buffer_size_bytes").map(|stat| stat.maximum);
    let hits = node.counter("hit_fraction").map(|stat| stat.mean);
    let reads = node
        .memory
        .and_then(|memory| memory.reads_per_s.as_ref())
        .map(|reads| reads.p95 * share);
    let gib = |bytes: f64| bytes / GIBIBYTE;
    if let Some(pool) = pool {
        let working = pool + clients * connection_mib * MEBIBYTE;
        let is_enough =
            hits.is_some_and(|hits| hits >= HITS_FROM) && reads.is_some_and(|reads| reads < LOW_READS_PER_S);
        if is_enough {
            let asked = (working * MEMORY_HEADROOM).min(total.unwrap_or(f64::MAX));
            return Some(Need::new(
                Ask::Memory,
                gib(asked),
                Evidence::OwnCounters,
                format!(
                    "buffer pool {} GiB and {clients:.0} clients × {connection_mib:.0} MiB, × {MEMORY_HEADROOM}; {:.1} % of lookups hit and {} reads/s reach the disks, so that the page cache is not missed",
                    number(gib(pool)),
                    hits.unwrap_or_default() * 100.0,
                    number(reads.unwrap_or_default())
                ),
            ));
        }
        let read_again = cached(node, share).unwrap_or(working);
        let asked = read_again.max(working * MEMORY_HEADROOM).min(total.unwrap_or(f64::MAX));
        let hit_words = hits.map_or_else(String::new, |hits| format!("{:.1} % of lookups hit", hits * 100.0));
        let read_words = reads.map_or_else(String::new, |reads| format!(", {} reads/s at P95", number(reads)));
        return Some(Need::new(
            Ask::Memory,
            gib(asked),
            Evidence::OwnCounters,
            format!(
                "processes and page cache {} GiB, capped at the source's: the cache is read again ({hit_words}{read_words}), so that the pool of {} GiB alone is not enough",
                number(gib(asked)),
                number(gib(pool))
            ),
        ));
    }
    let used = cached(node, share).or_else(|| {
        let memory = node.host.as_ref()?.profile.memory.as_ref()?;
        Some(memory.maximum * share * MEMORY_HEADROOM)
    })?;
    let asked = used.min(total.unwrap_or(f64::MAX));
    Some(Need::new(
        Ask::Memory,
        gib(asked),
        share_from,
        format!(
            "processes and page cache {} GiB, since the service was not asked for its pool{}",
            number(gib(asked)),
            if share < 1.0 {
                format!(" ({:.0} % of the host)", share * 100.0)
            } else {
                String::new()
            }
        ),
    ))
}

/// Gives memory of processes and page cache at most, bytes.
fn cached(node: &NodeDemand<'_>, share: f64) -> Option<f64> {
    let memory = node.memory?;
    Some((memory.anon_bytes.as_ref()?.maximum + memory.cached_bytes.as_ref()?.maximum) * share)
}

/// Gives the classes of an engine: those of the region, or of the reference region without a price.
pub(super) fn classes(
    engine: RdsEngine,
    setting: &Setting<'_>,
    price_of: PriceOf,
    is_production: bool,
    equivalence: &CpuEquivalence,
) -> Vec<Class> {
    let here: Option<Vec<&RdsOffer>> = setting
        .catalog
        .rds_offers(setting.region, engine)
        .ok()
        .map(Iterator::collect)
        .filter(|offers: &Vec<&RdsOffer>| !offers.is_empty());
    let is_known = here.is_some();
    let offers = here.unwrap_or_else(|| {
        setting
            .catalog
            .rds_offers(REFERENCE_REGION, engine)
            .map_or_else(|_| Vec::new(), Iterator::collect)
    });
    offers
        .into_iter()
        .filter(|offer| is_allowed(&offer.class.name, is_production))
        .filter_map(|offer| {
            let price = price_of.of(offer)?;
            let shape = shape_of(setting.catalog, offer.class.shape_name());
            let memory = f64::from(offer.class.memory_mib) / 1_024.0;
            let mut class = Class::on_shape(
                &offer.class.name,
                (offer.class.vcpu, memory),
                shape,
                equivalence,
                is_known.then(|| price.clone()),
            );
            class.rank_usd_per_hour = price.amount.approximately();
            class
                .offers
                .insert(Ask::Connections, default_connections(engine, memory));
            Some(class)
        })
        .collect()
}

/// Gives the default of `max_connections` (AWS: RDS and Aurora user guides, quotas).
pub(super) fn default_connections(engine: RdsEngine, memory_gib: f64) -> f64 {
    let bytes = memory_gib * GIBIBYTE * DATABASE_SHARE;
    match engine {
        RdsEngine::Postgres | RdsEngine::AuroraPostgresql => (bytes / 9_531_392.0).min(5_000.0),
        RdsEngine::Mysql | RdsEngine::Mariadb => (bytes / 12_582_880.0).min(100_000.0),
        RdsEngine::AuroraMysql => {
            let log = |over: f64, times: f64| (bytes / over).log2() * times;
            log(805_306_368.0, 45.0)
                .max(log(8_187_281_408.0, 1_000.0))
                .clamp(10.0, 16_000.0)
        }
    }
}

/// Shows the cheapest class of the other architecture.
fn other_architecture(
    needs: &[Need],
    classes: Vec<Class>,
    part: &Part,
    engine: &str,
    zones: &str,
    others: &mut Vec<OtherWay>,
) {
    let Some(own) = part.class.as_ref().and_then(|class| class.architecture.clone()) else {
        return;
    };
    let of_other: Vec<Class> = classes
        .into_iter()
        .filter(|class| class.architecture.as_ref().is_some_and(|other| *other != own))
        .collect();
    let Some(class) = choose(needs, of_other).class else {
        return;
    };
    let architecture = class.architecture.clone().unwrap_or_default();
    let mut lines = vec![Line::hours(
        format!("RDS {engine} {} {zones} on demand", class.name),
        1,
        class.price.as_ref(),
    )];
    lines.extend(part.lines.iter().skip(1).cloned());
    others.push(OtherWay {
        name: format!("{architecture} class"),
        what: class.name,
        lines,
        remark: "the engine is AWS's own: clients do not see the processor".to_string(),
    });
}

/// Names an engine for people.
pub(super) fn engine_words(engine: RdsEngine) -> &'static str {
    match engine {
        RdsEngine::Mysql => "MySQL",
        RdsEngine::Mariadb => "MariaDB",
        RdsEngine::Postgres => "PostgreSQL",
        RdsEngine::AuroraMysql => "Aurora MySQL",
        RdsEngine::AuroraPostgresql => "Aurora PostgreSQL",
    }
}

pub(super) fn versioned(engine: RdsEngine, version: Option<&str>) -> String {
    match version {
        Some(version) => format!("{engine} (source {version})"),
        None => engine.to_string(),
    }
}
