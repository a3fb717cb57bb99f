//! Which numbers can a machine have? Judges the cells of one row, and counts.
//!
//! A number that no machine can have is left unmeasured and counted; a number
//! that is odd but possible is kept and counted. Nothing is clamped.

use telemetry::Table;
use telemetry::schema::{Column, ColumnId, host};
use telemetry::store::HostQuality;

/// Above the capacity by more than this is counted: sources round both numbers.
const CAPACITY_TOLERANCE: f64 = 1.005;

/// What the numbers of one column can be.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bounds {
    lowest: f64,
    highest: f64,
}

impl Bounds {
    fn of(table: Table, column: &Column) -> Self {
        let name = column.name;
        let highest = if table == Table::Service {
            // Any metric may stand here; the column itself ends at 18 digits.
            return Self {
                lowest: -9e14,
                highest: 9e14,
            };
        } else if name.ends_with("_bytes_per_s") || name.ends_with("_bytes_per_s_max") {
            // A terabyte each second: no disk or link of one machine.
            1e12
        } else if name.ends_with("_bytes") {
            match table {
                // Half an exbibyte: no single file system in use, and within 18 digits.
                Table::Filesystem => 2_f64.powi(59),
                // A pebibyte of memory: no machine.
                _ => 2_f64.powi(50),
            }
        } else if name.contains("_per_s") {
            1e10
        } else if name.contains("_cores") {
            100_000.0
        } else if name.ends_with("_fraction") || name.starts_with("pressure_") {
            // Rounding may lead a little above 1; a percentage would be far above.
            1.05
        } else if name == "interval_s" {
            31.0 * 86_400.0
        } else if name.ends_with("_ms") {
            // A request that took three hours: none is waited for so long.
            1e7
        } else {
            // Threads, processes and the load they make.
            1e8
        };
        Self { lowest: 0.0, highest }
    }
}

/// Judges the rows of one table.
#[derive(Clone, Debug)]
pub(crate) struct Judge {
    bounds: Vec<Bounds>,
    /// Positions among the layout's numbers.
    cores: Option<usize>,
    busy: Option<usize>,
    memory_total: Option<usize>,
    /// Every CPU column.
    cpu: Vec<usize>,
}

impl Judge {
    /// Judges numbers that stand in the order of `ids`.
    pub(crate) fn new(table: Table, ids: &[ColumnId]) -> Self {
        let columns = table.columns();
        let is_host = table == Table::Host;
        let position = |id| ids.iter().position(|&number| is_host && number == id);
        Self {
            bounds: ids.iter().map(|id| Bounds::of(table, &columns[id.index()])).collect(),
            cores: position(host::CPU_CORES),
            busy: position(host::CPU_BUSY_CORES),
            memory_total: position(host::MEMORY_TOTAL_BYTES),
            cpu: (0..ids.len())
                .filter(|&at| is_host && columns[ids[at].index()].name.starts_with("cpu_"))
                .collect(),
        }
    }

    /// Leaves unmeasured (NaN) what cannot be, and counts what is odd.
    pub(crate) fn clean(&self, numbers: &mut [f64], quality: &mut HostQuality) {
        for (number, bounds) in numbers.iter_mut().zip(&self.bounds) {
            if number.is_nan() {
                continue;
            }
            if *number < 0.0 && bounds.lowest == 0.0 && number.is_finite() {
                quality.negative += 1;
                *number = f64::NAN;
            } else if !(bounds.lowest..=bounds.highest).contains(number) {
                quality.absurd += 1;
                *number = f64::NAN;
            }
        }
        let of = |position: Option<usize>, numbers: &[f64]| position.map_or(f64::NAN, |at| numbers[at]);
        let cores = of(self.cores, numbers);
        if cores == 0.0 {
            quality.zero_cores += 1;
            for &position in &self.cpu {
                numbers[position] = f64::NAN;
            }
        } else if of(self.busy, numbers) > cores * CAPACITY_TOLERANCE {
            quality.above_capacity += 1;
        }
        // A machine that is off reports no memory either; one that is on has some.
        if let Some(position) = self.memory_total
            && numbers[position] == 0.0
        {
            quality.absurd += u64::from(cores != 0.0);
            numbers[position] = f64::NAN;
        }
    }

    /// Gives CPUs and memory of a row that was cleaned, NaN where unknown.
    pub(crate) fn size(&self, numbers: &[f64]) -> (f64, f64) {
        let of = |position: Option<usize>| position.map_or(f64::NAN, |at| numbers[at]);
        (of(self.cores), of(self.memory_total))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn highest(table: Table, name: &str) -> f64 {
        let column = table.columns().iter().find(|column| column.name == name);
        column.map_or(f64::NAN, |column| Bounds::of(table, column).highest)
    }

    #[test]
    fn bounds_follow_the_unit_in_the_name() {
        assert_eq!(highest(Table::Host, "cpu_busy_cores_max"), 100_000.0);
        assert_eq!(highest(Table::Host, "memory_total_bytes"), 2_f64.powi(50));
        assert_eq!(highest(Table::Filesystem, "size_bytes"), 2_f64.powi(59));
        assert_eq!(highest(Table::Host, "swap_in_bytes_per_s"), 1e12);
        assert_eq!(highest(Table::Disk, "read_bytes_per_s_max"), 1e12);
        assert_eq!(highest(Table::Disk, "reads_per_s_max"), 1e10);
        assert_eq!(highest(Table::Disk, "busy_fraction"), 1.05);
        assert_eq!(highest(Table::Host, "pressure_io_some"), 1.05);
        assert_eq!(highest(Table::Disk, "read_wait_ms"), 1e7);
        assert_eq!(highest(Table::Host, "load1"), 1e8);
    }

    #[test]
    fn every_bound_fits_the_digits_of_its_column() {
        for table in Table::ALL {
            for column in table.columns() {
                let bounds = Bounds::of(table, column);
                assert!(
                    bounds.highest * (column.scale() as f64) < 1e18,
                    "{} {}",
                    table.name(),
                    column.name
                );
            }
        }
    }
}
