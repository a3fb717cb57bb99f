//! What each node of a workload asks for, and what that rests on.
//!
//! The order is: the service's own counters, its process group's share of the
//! host, the whole host. CPU carries the host's own rule: the row's demand times
//! the group's share of the host's busy CPUs.

use telemetry::inventory::Role;
use telemetry::units::{GIBIBYTE, MEBIBYTE};

use super::need::{Ask, Evidence, Need};
use crate::profile::{HostProfile, MetricProfile};
use crate::service::{HostMemory, Node, Stat, Used};
use crate::size::{CpuEquivalence, number};

/// Netflix's fit of Erlang C: the share of cores to keep free is 0.712 / cores^0.448; method §2.
const ERLANG: (f64, f64) = (0.712, 0.448);
/// Days over which storage must grow without being touched.
pub(super) const HORIZON_DAYS: f64 = 365.0;

/// A host as its row of the plan has it.
#[derive(Clone, Debug)]
pub struct HostView<'a> {
    /// What was measured of it.
    pub profile: &'a HostProfile,
    /// Cores that the host's rule asks for; absent under rule `sizewright`, which is weighed against EC2's prices: then
    /// P99 counts with size-aware headroom.
    pub cpu_demand_cores: Option<f64>,
    /// How its cores become vCPUs.
    pub equivalence: &'a CpuEquivalence,
    /// Services on it that do work: with one, the host is the service.
    pub working_services: usize,
    /// Name of the sizing rule.
    pub rule: &'a str,
}

/// One node and what it used.
#[derive(Clone, Debug)]
pub struct NodeDemand<'a> {
    /// The node.
    pub node: &'a Node,
    /// Its host; absent where the plan has no telemetry of it.
    pub host: Option<HostView<'a>>,
    /// Its counters and its process group.
    pub used: Option<&'a Used>,
    /// Memory and disks of its host.
    pub memory: Option<&'a HostMemory>,
}

/// What a workload's nodes used.
#[derive(Clone, Debug)]
pub struct WorkloadDemand<'a> {
    /// The nodes, in the workload's order.
    pub nodes: Vec<NodeDemand<'a>>,
}

/// Bytes that are stored and how fast they grow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stored {
    pub(super) bytes: f64,
    pub(super) growth_bytes_per_day: f64,
    pub(super) from: Evidence,
}

impl Stored {
    /// Gives what must be held at the end of the horizon, GiB: the policy's growth, or what was measured if that is more.
    pub(super) fn grown_gib(&self, policy_growth: f64) -> (f64, String) {
        let used = self.bytes / GIBIBYTE;
        let measured = (self.growth_bytes_per_day * HORIZON_DAYS / GIBIBYTE).max(0.0);
        let assumed = used * policy_growth;
        let words = if measured > assumed {
            format!(
                "{} GiB today and {} GiB in a year if it goes on as it grew, an assumption",
                number(used),
                number(measured)
            )
        } else {
            format!(
                "{} GiB today and {:.0} % growth by the policy",
                number(used),
                policy_growth * 100.0
            )
        };
        (used + measured.max(assumed), words)
    }
}

impl<'a> WorkloadDemand<'a> {
    /// Gives the nodes that hold data or take requests: all but those that only vote.
    pub(super) fn working(&self) -> impl Iterator<Item = &NodeDemand<'a>> {
        self.nodes.iter().filter(|node| node.node.role != Some(Role::Arbiter))
    }

    /// Gives the node whose demand sizes a copy of all data: the one that takes the writes, or the busiest in CPU.
    pub(super) fn leading(&self) -> Option<&NodeDemand<'a>> {
        self.nodes
            .iter()
            .find(|node| node.node.role == Some(Role::Primary))
            .or_else(|| {
                self.working().reduce(|best, node| {
                    let busy = |one: &NodeDemand<'_>| one.cpu().map_or(0.0, |need| need.amount);
                    if busy(node) > busy(best) { node } else { best }
                })
            })
    }

    /// Gives the CPU of all working nodes together: their P99 added up, which is at most what comes at once, divided by
    /// `busy`, or with size-aware headroom where that is nothing.
    pub(super) fn cpu_together(&self, busy: Option<f64>) -> Option<Need> {
        let has_rule = |node: &NodeDemand<'_>| node.host.as_ref().is_some_and(|host| host.cpu_demand_cores.is_some());
        if self.working().all(has_rule) {
            // The rule keeps its own headroom.
            return self.sum(NodeDemand::cpu);
        }
        let nodes: Vec<(f64, Evidence)> = self.working().map(NodeDemand::busy_p99).collect::<Option<_>>()?;
        let sum: f64 = nodes.iter().map(|(cores, _)| cores).sum();
        let from = nodes.iter().map(|(_, from)| *from).max()?;
        let each: Vec<String> = nodes.iter().map(|(cores, _)| number(*cores)).collect();
        let (amount, words) = match busy {
            Some(busy) => (sum / busy, format!("at most {:.0} % busy", busy * 100.0)),
            None => (with_headroom(sum), "with size-aware headroom".to_string()),
        };
        Some(Need::new(
            Ask::Cpu,
            amount,
            from,
            format!("P99 {} cores {words}", each.join(" + ")),
        ))
    }

    /// Gives how the cores of the leading node become vCPUs.
    pub(super) fn equivalence(&self) -> CpuEquivalence {
        self.leading()
            .and_then(|node| node.host.as_ref())
            .map_or(CpuEquivalence::OneToOne, |host| host.equivalence.clone())
    }

    /// Adds up what the working nodes ask for in one thing; nothing when one of them is not known.
    pub(super) fn sum(&self, of: impl Fn(&NodeDemand<'a>) -> Option<Need>) -> Option<Need> {
        let needs: Vec<Need> = self.working().map(of).collect::<Option<_>>()?;
        let first = needs.first()?.clone();
        if needs.len() == 1 {
            return Some(first);
        }
        let amounts: Vec<String> = needs.iter().map(|need| number(need.amount)).collect();
        let amount = needs.iter().map(|need| need.amount).sum();
        let from = needs.iter().map(|need| need.from).max().unwrap_or(first.from);
        let mut together = Need::new(
            first.ask,
            amount,
            from,
            format!("{} of {} nodes together", amounts.join(" + "), needs.len()),
        );
        // The peaks of nodes added up: at most what came at once.
        let peaks: Option<f64> = needs.iter().map(|need| need.peak).sum();
        if let (Some(peak), Some(at_ms)) = (peaks, first.peak_at_ms) {
            together = together.with_peak(peak, at_ms);
        }
        Some(together)
    }
}

impl NodeDemand<'_> {
    /// Gives one of its own counters.
    pub(super) fn counter(&self, metric: &str) -> Option<&Stat> {
        self.used?.metrics.get(metric)
    }

    fn is_alone(&self) -> bool {
        self.host.as_ref().is_some_and(|host| host.working_services <= 1)
    }

    /// Gives the CPU it asks for, source cores.
    pub(super) fn cpu(&self) -> Option<Need> {
        let host = self.host.as_ref()?;
        let group = self.used.and_then(|used| used.cpu_cores.as_ref());
        let of_host = host.profile.cpu.as_ref();
        let whole = |from: Evidence| {
            let cpu = of_host?;
            let (amount, words) = host_cpu(host, cpu);
            Some(Need::new(Ask::Cpu, amount, from, words).with_peak(cpu.maximum, cpu.maximum_at_ms))
        };
        let Some(group) = group.filter(|group| group.samples > 0) else {
            return whole(Evidence::WholeHost);
        };
        let Some((demand, cpu)) = host
            .cpu_demand_cores
            .zip(of_host.filter(|cpu| cpu.quantile(0.99) > 0.0))
        else {
            let amount = capped(with_headroom(group.p99), host);
            return Some(
                Need::new(
                    Ask::Cpu,
                    amount,
                    Evidence::ProcessGroup,
                    format!("P99 {} cores with size-aware headroom", number(group.p99)),
                )
                .with_peak(group.maximum, group.maximum_at_ms),
            );
        };
        let share = (group.p99 / cpu.quantile(0.99)).min(1.0);
        Some(
            Need::new(
                Ask::Cpu,
                demand * share,
                Evidence::ProcessGroup,
                format!(
                    "rule {} asks {} cores for the host, of which its processes take {:.0} %",
                    host.rule,
                    number(demand),
                    share * 100.0
                ),
            )
            .with_peak(group.maximum, group.maximum_at_ms),
        )
    }

    /// Gives P99 of its busy cores before any headroom, and what that rests on.
    pub(super) fn busy_p99(&self) -> Option<(f64, Evidence)> {
        if let Some(group) = self.used.and_then(|used| used.cpu_cores.as_ref()) {
            return Some((group.p99, Evidence::ProcessGroup));
        }
        let cpu = self.host.as_ref()?.profile.cpu.as_ref()?;
        Some((cpu.quantile(0.99), Evidence::WholeHost))
    }

    /// Gives the share of the host's memory and disks that is its own, and what that rests on.
    pub(super) fn share(&self) -> (f64, Evidence) {
        if self.is_alone() {
            return (1.0, Evidence::WholeHost);
        }
        let memory = self
            .host
            .as_ref()
            .and_then(|host| host.profile.memory.as_ref())
            .map(|memory| memory.maximum);
        let resident = self.used.and_then(|used| used.resident_bytes.as_ref());
        match (resident, memory) {
            (Some(resident), Some(memory)) if memory > 0.0 => {
                ((resident.maximum / memory).min(1.0), Evidence::ProcessGroup)
            }
            _ => (1.0, Evidence::WholeHost),
        }
    }

    /// Gives the memory of its processes at most, bytes.
    pub(super) fn resident(&self) -> Option<(f64, Evidence)> {
        let group = self.used.and_then(|used| used.resident_bytes.as_ref());
        if let Some(group) = group {
            return Some((group.maximum, Evidence::ProcessGroup));
        }
        let memory = self.host.as_ref()?.profile.memory.as_ref()?;
        Some((memory.maximum, Evidence::WholeHost))
    }

    /// Gives the memory of its host, bytes.
    pub(super) fn source_memory(&self) -> Option<f64> {
        self.host.as_ref()?.profile.source.memory_bytes
    }

    /// Gives what it stores: its own count, else the file systems of its data.
    pub(super) fn stored(&self, metric: &str, mounts: &[&str]) -> Option<Stored> {
        if let Some(own) = self.counter(metric) {
            return Some(Stored {
                bytes: own.maximum,
                growth_bytes_per_day: own.growth_per_day.max(0.0),
                from: Evidence::OwnCounters,
            });
        }
        let profile = self.host.as_ref()?.profile;
        let named: Vec<_> = profile
            .filesystems
            .iter()
            .filter(|one| mounts.iter().any(|mount| one.mount.contains(mount)))
            .collect();
        let apart: Vec<_> = profile.filesystems.iter().filter(|one| one.mount != "/").collect();
        let (used, share, from) = match (named.is_empty(), apart.is_empty()) {
            (false, _) => (named, 1.0, Evidence::WholeHost),
            (true, false) => {
                let (share, from) = self.share();
                (apart, share, from)
            }
            (true, true) => {
                let (share, from) = self.share();
                (profile.filesystems.iter().collect(), share, from)
            }
        };
        (!used.is_empty()).then(|| Stored {
            bytes: used.iter().map(|one| one.used_bytes).sum::<f64>() * share,
            growth_bytes_per_day: used.iter().map(|one| one.growth_bytes_per_day.max(0.0)).sum::<f64>() * share,
            from,
        })
    }

    /// Gives the disk operations it asks for: P99.5 with 20 % headroom.
    pub(super) fn disk_operations(&self) -> Option<Need> {
        let metric = self.host.as_ref()?.profile.disk_operations.as_ref()?;
        Some(self.rate(metric, Ask::DiskOperations, 1.0))
    }

    /// Gives the disk bytes it asks for: P99.5 with 20 % headroom.
    pub(super) fn disk_throughput(&self) -> Option<Need> {
        let metric = self.host.as_ref()?.profile.disk_bytes.as_ref()?;
        Some(self.rate(metric, Ask::DiskThroughput, MEBIBYTE))
    }

    /// Gives the network it asks for in the busier direction: P99.5 with 20 % headroom.
    pub(super) fn network(&self) -> Option<Need> {
        let own = ["sent_bytes_per_s", "received_bytes_per_s"]
            .iter()
            .filter_map(|metric| self.counter(metric))
            .reduce(|one, other| if other.p995 > one.p995 { other } else { one });
        if let Some(own) = own {
            let megabits = |bytes: f64| bytes * 8.0 / 1e6;
            let formula = format!("P99.5 {} Mbit/s × 1.2", number(megabits(own.p995)));
            return Some(
                Need::new(Ask::Network, megabits(own.p995) * 1.2, Evidence::OwnCounters, formula)
                    .with_peak(megabits(own.maximum), own.maximum_at_ms),
            );
        }
        let profile = self.host.as_ref()?.profile;
        let busier = [&profile.network_receive, &profile.network_transmit]
            .into_iter()
            .flatten()
            .reduce(|one, other| {
                if other.quantile(0.995) > one.quantile(0.995) {
                    other
                } else {
                    one
                }
            })?;
        Some(self.rate(busier, Ask::Network, 1e6 / 8.0))
    }

    fn rate(&self, metric: &MetricProfile, ask: Ask, per_unit: f64) -> Need {
        let (share, from) = self.share();
        let value = metric.quantile(0.995) / per_unit * share;
        let of_host = if share < 1.0 {
            format!(" ({:.0} % of the host)", share * 100.0)
        } else {
            String::new()
        };
        Need::new(
            ask,
            value * 1.2,
            from,
            format!("P99.5 {} {}{of_host} × 1.2", number(value), ask.unit()),
        )
        .with_peak(metric.maximum / per_unit, metric.maximum_at_ms)
    }

    /// Gives mean reads and writes a second of its disks.
    pub(super) fn mean_disk_operations(&self) -> Option<(f64, f64)> {
        let memory = self.memory?;
        let (share, _) = self.share();
        Some((
            memory.reads_per_s.as_ref()?.mean * share,
            memory.writes_per_s.as_ref()?.mean * share,
        ))
    }

    /// Gives the most clients that were connected at once.
    pub(super) fn connections(&self) -> Option<Need> {
        let own = self.counter("connections")?;
        Some(
            Need::new(
                Ask::Connections,
                own.maximum * 1.2,
                Evidence::OwnCounters,
                format!("at most {} clients × 1.2", number(own.maximum)),
            )
            .with_peak(own.maximum, own.maximum_at_ms),
        )
    }
}

/// Gives what the host's rule asks for, else P99 with size-aware headroom.
fn host_cpu(host: &HostView<'_>, cpu: &MetricProfile) -> (f64, String) {
    match host.cpu_demand_cores {
        Some(demand) => (
            demand,
            format!("rule {} asks {} cores for the host", host.rule, number(demand)),
        ),
        None => {
            let p99 = cpu.quantile(0.99);
            (
                capped(with_headroom(p99), host),
                format!("P99 {} cores of the host with size-aware headroom", number(p99)),
            )
        }
    }
}

/// Asks for no more than the source has: headroom on a full host buys nothing that was observed; method §2.
fn capped(cores: f64, host: &HostView<'_>) -> f64 {
    cores.min(host.profile.source.vcpus.unwrap_or(f64::MAX))
}

/// Solves `c·(1 − a·c^−b) = demand` by fixed point; method §2.
pub(super) fn with_headroom(demand: f64) -> f64 {
    let (scale, power) = ERLANG;
    let mut cores = demand.max(1e-3) * 1.5;
    for _ in 0..60 {
        // Below one core the fit would keep everything free; a twentieth is always used.
        let used = (1.0 - scale * cores.powf(-power)).max(0.05);
        let next = demand / used;
        if (next - cores).abs() < 1e-6 {
            break;
        }
        cores = 0.5 * (cores + next);
    }
    cores
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headroom_shrinks_with_size() {
        for cores in [2.0, 8.0, 64.0] {
            let demand = cores * (1.0 - 0.712 * f64::powf(cores, -0.448));
            assert!((with_headroom(demand) - cores).abs() < 0.01, "{cores}");
        }
    }
}
