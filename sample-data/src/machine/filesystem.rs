//! Size and use of one file system, every quarter of an hour.

use telemetry::schema::filesystem;
use telemetry::series::DAY_MS;
use telemetry::units::GIBIBYTE;
use telemetry::{Series, Table};

use super::load::Day;
use crate::behaviour::FilesystemUse;
use crate::calendar::{HOUR_MS, MINUTE_MS};
use crate::estate::HostSpec;
use crate::grid::{fill, fill_constant};
use crate::noise::Noise;

const EVERY_MS: i64 = 15 * MINUTE_MS;

/// A file system in the course of the span.
pub(crate) struct Filesystem {
    behaviour: FilesystemUse,
    start_ms: i64,
}

impl Filesystem {
    pub(crate) fn new(behaviour: FilesystemUse, start_ms: i64) -> Self {
        Self { behaviour, start_ms }
    }

    /// Makes a day's series.
    pub(crate) fn day(&mut self, host: &HostSpec, day: &Day, noise: &mut Noise) -> Series {
        let used = &self.behaviour;
        let mut series = Series::new(
            Table::Filesystem,
            host.name.clone(),
            vec![used.mount.to_string(), used.device.to_string(), used.kind.to_string()],
        );
        series.at_ms = day
            .at_ms
            .iter()
            .copied()
            .filter(|at_ms| at_ms % EVERY_MS == 0)
            .collect();
        let values: Vec<f64> = series
            .at_ms
            .iter()
            .map(|&at_ms| {
                let elapsed_days = (at_ms - self.start_ms) as f64 / DAY_MS as f64;
                // Logs are rotated at local midnight, 17:00 UTC.
                let of_day = (at_ms + 7 * HOUR_MS).rem_euclid(DAY_MS) as f64 / DAY_MS as f64;
                let gib = used.size_gib * used.used_share
                    + used.growth_gib_per_day * elapsed_days
                    + used.rotated_gib * of_day * noise.factor(0.02);
                (gib.min(used.size_gib * 0.99)) * GIBIBYTE
            })
            .collect();
        fill_constant(&mut series, filesystem::SIZE_BYTES, used.size_gib * GIBIBYTE);
        fill(&mut series, filesystem::USED_BYTES, &values);
        series
    }
}
