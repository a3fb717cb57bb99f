//! CPU scores: `CoreMark` of EC2 families, SPEC CPU 2017, `SPECpower`.

use std::path::Path;

use sizewright_analyzer::catalog::YearMonth;
use sizewright_analyzer::catalog::cpu::{FamilyScore, REFERENCE_FAMILY, SpecPower, SpecPowerSystem, SpecRate};

use super::rows::{Row, Rows, SourceError};

const FAMILIES: &str = "cpu_relative_ec2_family.csv";

/// Reads the `CoreMark` figures of families, by name.
pub fn family_scores(folder: &Path) -> Result<Vec<FamilyScore>, SourceError> {
    let rows = Rows::read(folder, FAMILIES)?;
    let mut reference: f64 = f64::NAN;
    for row in rows.iter() {
        if row.text("family")? == REFERENCE_FAMILY {
            reference = row.number("coremark_per_vcpu_median")?;
        }
    }
    let mut scores = Vec::new();
    for row in rows.iter() {
        let coremark_per_vcpu: f64 = row.number("coremark_per_vcpu_median")?;
        let per_vcpu = coremark_per_vcpu / reference;
        if !per_vcpu.is_finite() {
            return Err(row.refused("coremark_per_vcpu_median", "a row for m7i in this table"));
        }
        scores.push(FamilyScore {
            family: row.text("family")?.to_owned(),
            cpu_models: row
                .optional("cpu_models_observed")?
                .map(|models| models.split(" | ").map(str::to_owned).collect())
                .unwrap_or_default(),
            clock_ghz: row.optional_number("clock_ghz")?,
            threads_per_core: row.number("threads_per_core")?,
            types_run: row.number("n_types_2_to_16_vcpu")?,
            coremark_per_vcpu,
            coremark_range: (row.number("min")?, row.number("max")?),
            coremark_per_core: row.number("coremark_per_physical_core")?,
            per_vcpu,
            latest_run: row.text("latest_run")?.to_owned(),
        });
    }
    scores.sort_by(|one, other| one.family.cmp(&other.family));
    Ok(scores)
}

/// Reads the SPEC CPU 2017 integer results.
pub fn spec_rates(folder: &Path) -> Result<Vec<SpecRate>, SourceError> {
    Rows::read(folder, "cpu_spec2017_int.csv")?
        .iter()
        .map(|row| {
            Ok(SpecRate {
                processor: row.text("processor")?.to_owned(),
                generation: row.text("generation")?.to_owned(),
                cores_per_chip: row.number("cores_per_chip")?,
                threads_per_core: row.number("threads_per_core")?,
                results: row.number("n_results")?,
                per_chip_median: row.number("specrate2017_int_base_per_chip_median")?,
                per_core_median: row.number("specrate2017_int_base_per_core_median")?,
                per_core_best: row.number("per_core_max")?,
                specspeed_median: row.number("specspeed2017_int_base_median")?,
                published: month_of_words(row, "a_published_month")?,
            })
        })
        .collect()
}

/// Reads the `SPECpower` results.
pub fn spec_power(folder: &Path) -> Result<Vec<SpecPower>, SourceError> {
    Rows::read(folder, "cpu_specpower_ssj2008.csv")?
        .iter()
        .map(|row| {
            Ok(SpecPower {
                processor: row.text("cpu_description")?.to_owned(),
                mhz: row.number("mhz")?,
                results: row.number("n_results")?,
                ssj_ops_per_core_median: row.number("ssj_ops_at_100pct_per_core_median")?,
                first_year: row.optional_number("first_year")?,
                last_year: row.number("last_year")?,
                example: SpecPowerSystem {
                    cores: row.number("example_total_cores")?,
                    chips: row.number("example_chips")?,
                    threads: row.number("example_threads")?,
                },
            })
        })
        .collect()
}

/// Reads a month written as `Jan-2025`.
fn month_of_words(row: Row<'_>, column: &str) -> Result<YearMonth, SourceError> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    row.text(column)?
        .split_once('-')
        .and_then(|(word, year)| {
            let at = MONTHS.iter().position(|month| *month == word)?;
            YearMonth::new(year.parse().ok()?, i8::try_from(at).ok()? + 1)
        })
        .ok_or_else(|| row.refused(column, "a month such as Jan-2025"))
}
