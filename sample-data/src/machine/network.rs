//! Bytes and packets of the one interface.

use telemetry::schema::network;
use telemetry::{Series, Table};

use super::load::Day;
use crate::behaviour::NetworkUse;
use crate::estate::HostSpec;
use crate::grid::{fill, fill_constant};
use crate::noise::Noise;

/// A 10 Gbit/s link, in bytes per second.
const LINK_BYTES_PER_S: f64 = 1.25e9;

/// The interface in the course of the span.
pub(crate) struct Network {
    behaviour: NetworkUse,
}

/// One direction's columns.
#[derive(Default)]
struct Direction {
    bytes: Vec<f64>,
    top_bytes: Vec<f64>,
    packets: Vec<f64>,
    top_packets: Vec<f64>,
}

impl Direction {
    fn push(&mut self, bytes: f64, packet_bytes: f64, noise: &mut Noise) {
        let bytes = bytes.min(LINK_BYTES_PER_S);
        let top = (bytes * noise.peak_ratio(0.0)).min(LINK_BYTES_PER_S);
        let packet_bytes = packet_bytes * noise.factor(0.03);
        self.bytes.push(bytes);
        self.top_bytes.push(top);
        self.packets.push(bytes / packet_bytes);
        self.top_packets.push(top / packet_bytes);
    }
}

impl Network {
    pub(crate) fn new(behaviour: NetworkUse) -> Self {
        Self { behaviour }
    }

    /// Makes a day's series.
    pub(crate) fn day(&mut self, host: &HostSpec, day: &Day, noise: &mut Noise) -> Series {
        let used = &self.behaviour;
        let mut received = Direction::default();
        let mut sent = Direction::default();
        for &load in &day.load {
            let rest = used.rest_bytes_per_s * noise.factor(0.08);
            // Requests and answers share most of their noise.
            let traffic = load * noise.factor(used.noise);
            received.push(
                rest + used.receive_bytes_per_s * traffic * noise.factor(0.03),
                used.packet_bytes,
                noise,
            );
            sent.push(
                rest * 0.8 + used.transmit_bytes_per_s * traffic * noise.factor(0.03),
                used.packet_bytes,
                noise,
            );
        }
        let mut series = Series::new(Table::Network, host.name.clone(), vec!["eth0".to_string()]);
        series.at_ms.clone_from(&day.at_ms);
        fill_constant(&mut series, network::INTERVAL_S, 60.0);
        fill(&mut series, network::RECEIVE_BYTES_PER_S, &received.bytes);
        fill(&mut series, network::TRANSMIT_BYTES_PER_S, &sent.bytes);
        fill(&mut series, network::RECEIVE_PACKETS_PER_S, &received.packets);
        fill(&mut series, network::TRANSMIT_PACKETS_PER_S, &sent.packets);
        fill(&mut series, network::RECEIVE_BYTES_PER_S_MAX, &received.top_bytes);
        fill(&mut series, network::TRANSMIT_BYTES_PER_S_MAX, &sent.top_bytes);
        fill(&mut series, network::RECEIVE_PACKETS_PER_S_MAX, &received.top_packets);
        fill(&mut series, network::TRANSMIT_PACKETS_PER_S_MAX, &sent.top_packets);
        series
    }
}
