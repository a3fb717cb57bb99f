//! Adds up the looks of many hosts; bounded, whatever they say.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use telemetry::inventory::{Dependency, Direction, Privilege, Service, Transport};

use super::join;
use super::look::{Flow, Look, names_one_host};

/// Flows kept of one host.
const FLOWS_AT_MOST: usize = 20_000;

/// What the looks at one host add up to.
#[derive(Clone, Debug, Default)]
pub(super) struct HostTally {
    pub(super) looks: u32,
    /// Looks that the bytes are of.
    pub(super) timed_ms: i64,
    pub(super) privilege: Privilege,
    pub(super) by_ss: bool,
    /// When each of its addresses was last seen in use.
    pub(super) addresses: BTreeMap<IpAddr, i64>,
    pub(super) listening: BTreeSet<(Transport, u16)>,
    pub(super) flows: BTreeMap<FlowKey, FlowTally>,
}

/// What flows of several looks have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FlowKey {
    pub(super) transport: Transport,
    pub(super) serves: bool,
    pub(super) port: u16,
    pub(super) remote: IpAddr,
    pub(super) local: IpAddr,
    pub(super) process: Option<String>,
}

/// What they add up to.
#[derive(Clone, Debug)]
pub(super) struct FlowTally {
    pub(super) direction: Direction,
    pub(super) other_port: Option<u16>,
    pub(super) looks_seen: u32,
    pub(super) open_max: u32,
    pub(super) sent_bytes: Option<u64>,
    pub(super) received_bytes: Option<u64>,
    pub(super) first_at_ms: i64,
    pub(super) last_at_ms: i64,
}

/// Looks at many hosts, added up.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub(super) hosts: BTreeMap<String, HostTally>,
}

impl Tally {
    /// Says that a host has an address, as facts about its interfaces tell.
    pub fn know(&mut self, host: &str, address: IpAddr, at_ms: i64) {
        let address = address.to_canonical();
        if names_one_host(address) {
            let known = self.hosts.entry(host.to_string()).or_default();
            let last = known.addresses.entry(address).or_insert(at_ms);
            *last = (*last).max(at_ms);
        }
    }

    /// Takes in a look at a host.
    pub fn add(&mut self, host: &str, look: &Look) {
        let tally = self.hosts.entry(host.to_string()).or_default();
        tally.looks = tally.looks.saturating_add(1);
        tally.timed_ms = tally.timed_ms.saturating_add(look.since_ms.unwrap_or(0).max(0));
        tally.privilege = tally.privilege.max(look.privilege);
        tally.by_ss |= look.by_ss;
        tally.listening.extend(look.listening.iter().copied());
        for &address in look.addresses.iter().filter(|&&address| names_one_host(address)) {
            let last = tally.addresses.entry(address).or_insert(look.at_ms);
            *last = (*last).max(look.at_ms);
        }
        for flow in &look.flows {
            let key = FlowKey {
                transport: flow.transport,
                serves: flow.serves,
                port: flow.port,
                remote: flow.remote,
                local: flow.local,
                process: flow.process.clone(),
            };
            if tally.flows.len() >= FLOWS_AT_MOST && !tally.flows.contains_key(&key) {
                continue;
            }
            tally
                .flows
                .entry(key)
                .or_insert_with(|| FlowTally::new(flow, look.at_ms))
                .add(flow, look.at_ms);
        }
    }

    /// Joins the hosts by address; services of these hosts lend their names.
    ///
    /// The rows are sorted and do not depend on the order in which looks came.
    #[must_use]
    pub fn dependencies(&self, services: &[Service]) -> Vec<Dependency> {
        join::dependencies(self, services)
    }
}

impl FlowTally {
    fn new(flow: &Flow, at_ms: i64) -> Self {
        Self {
            direction: flow.direction,
            other_port: flow.other_port,
            looks_seen: 0,
            open_max: 0,
            sent_bytes: None,
            received_bytes: None,
            first_at_ms: at_ms,
            last_at_ms: at_ms,
        }
    }

    fn add(&mut self, flow: &Flow, at_ms: i64) {
        let sum = |own: Option<u64>, more: Option<u64>| match (own, more) {
            (Some(own), Some(more)) => Some(own.saturating_add(more)),
            (own, more) => own.or(more),
        };
        self.looks_seen = self.looks_seen.saturating_add(1);
        self.open_max = self.open_max.max(flow.open);
        self.direction = self.direction.min(flow.direction);
        self.other_port = self.other_port.max(flow.other_port);
        self.sent_bytes = sum(self.sent_bytes, flow.sent_bytes);
        self.received_bytes = sum(self.received_bytes, flow.received_bytes);
        self.first_at_ms = self.first_at_ms.min(at_ms);
        self.last_at_ms = self.last_at_ms.max(at_ms);
    }
}
