//! A host that has grown: the same course of demand, so many times as high.

use super::host::HostProfile;
use super::metric::MetricProfile;

impl HostProfile {
    /// Gives the profile of a host that asks for so many times as much, and has so many times as much today.
    ///
    /// How its demand moved from part to part of the window stays: that is relative.
    #[must_use]
    pub fn grown(&self, factor: f64) -> Self {
        let mut grown = self.clone();
        let metrics = [
            &mut grown.cpu,
            &mut grown.cpu_interval_maxima,
            &mut grown.memory,
            &mut grown.disk_operations,
            &mut grown.disk_bytes,
            &mut grown.network_receive,
            &mut grown.network_transmit,
        ];
        for metric in metrics.into_iter().flatten() {
            grow(metric, factor);
        }
        for filesystem in &mut grown.filesystems {
            filesystem.size_bytes *= factor;
            filesystem.used_bytes *= factor;
            filesystem.growth_bytes_per_day *= factor;
        }
        for device in &mut grown.devices {
            device.operations_p995 = device.operations_p995.map(|rate| rate * factor);
            device.bytes_p995 = device.bytes_p995.map(|rate| rate * factor);
        }
        grown.cpu_decaying_p90 = grown.cpu_decaying_p90.map(|cores| cores * factor);
        grown.last_week_p99 = grown
            .last_week_p99
            .map(|(cpu, memory)| (cpu * factor, memory.map(|bytes| bytes * factor)));
        grown.source.vcpus = grown.source.vcpus.map(|vcpus| vcpus * factor);
        grown.source.memory_bytes = grown.source.memory_bytes.map(|bytes| bytes * factor);
        grown.credits = grown.credits.map(|credits| credits.grown(factor));
        grown
    }
}

fn grow(metric: &mut MetricProfile, factor: f64) {
    metric.mean *= factor;
    metric.maximum *= factor;
    metric.first_half_mean *= factor;
    metric.second_half_mean *= factor;
    for (_, value) in &mut metric.quantiles {
        *value *= factor;
    }
    for (_, value) in &mut metric.daily_maxima {
        *value *= factor;
    }
    for value in &mut metric.hour_of_week_mean {
        *value = (f64::from(*value) * factor) as f32;
    }
    metric.hour_of_week_p95 = Vec::new();
}
