//! When did an interval end: the values of `at` as UTC milliseconds.
//!
//! Input: one column of a batch (typed times, numbers or text). Output: a
//! number a row, each between 1990 and 2200. Nothing is guessed: a number needs
//! its unit, and a time outside those years is an error that says which unit
//! would fit.

use std::path::{Path, PathBuf};

use jiff::civil::DateTime;
use jiff::fmt::strtime::BrokenDownTime;
use jiff::fmt::temporal::Pieces;
use jiff::tz::TimeZone;
use polars::prelude::{Column, DataType, TimeUnit};
use telemetry::series::instant;

use super::error::{ImportError, Reading, RowPlace, shown};
use super::mapping::{AtUnit, Mapping};
use super::source::Batch;

/// 1990-01-01: before any system whose telemetry is still moved about.
const EARLIEST_MS: i64 = 631_152_000_000;
/// 2200-01-01: after any measurement.
const LATEST_MS: i64 = 7_258_118_400_000;

/// Turns the column of times into milliseconds.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    path: PathBuf,
    /// The column or formula, for messages.
    column: String,
    unit: Option<AtUnit>,
    format: Option<String>,
    zone: TimeZone,
    zone_name: String,
}

impl Clock {
    pub(crate) fn new(path: &Path, column: &str, mapping: &Mapping) -> Result<Self, ImportError> {
        super::mapping::known_time_zone(&mapping.time_zone)?;
        Ok(Self {
            path: path.to_path_buf(),
            column: shown(column),
            unit: mapping.at_unit,
            format: mapping.at_format.clone(),
            zone: TimeZone::get(&mapping.time_zone).unwrap_or(TimeZone::UTC),
            zone_name: mapping.time_zone.clone(),
        })
    }

    /// Gives a time for each row, UTC milliseconds.
    pub(crate) fn read(&self, times: &Column, batch: &Batch) -> Result<Vec<i64>, ImportError> {
        let failed = |source| ImportError::parquet(&self.path, source);
        match times.dtype() {
            DataType::Datetime(unit, zone) => {
                let unit = match unit {
                    TimeUnit::Milliseconds => AtUnit::Milliseconds,
                    TimeUnit::Microseconds => AtUnit::Microseconds,
                    TimeUnit::Nanoseconds => AtUnit::Nanoseconds,
                };
                let local = zone.is_none();
                let physical = times.to_physical_repr();
                let numbers = physical.i64().map_err(failed)?.iter();
                self.each(batch, numbers, |number, place| self.typed(number, unit, local, place))
            }
            DataType::Date => {
                let days = times.to_physical_repr().cast(&DataType::Int64).map_err(failed)?;
                let numbers = days.i64().map_err(failed)?.iter();
                self.each(batch, numbers, |day, place| {
                    let ms = day.saturating_mul(telemetry::series::DAY_MS);
                    self.typed(ms, AtUnit::Milliseconds, true, place)
                })
            }
            DataType::String => {
                // Sorted by time, many hosts share a text: the last answer is often the next.
                let mut last: Option<(String, i64)> = None;
                self.each(batch, times.str().map_err(failed)?.iter(), |text, place| {
                    if let Some((known, at)) = &last
                        && known == text
                    {
                        return Ok(*at);
                    }
                    let at = self.text(text, place)?;
                    last = Some((text.to_string(), at));
                    Ok(at)
                })
            }
            dtype if dtype.is_integer() => {
                let numbers = times.cast(&DataType::Int64).map_err(failed)?;
                self.each(batch, numbers.i64().map_err(failed)?.iter(), |number, place| {
                    self.number(Number::Whole(number), place)
                })
            }
            dtype if dtype.is_primitive_numeric() || dtype.is_decimal() => {
                let numbers = times.cast(&DataType::Float64).map_err(failed)?;
                self.each(batch, numbers.f64().map_err(failed)?.iter(), |number, place| {
                    self.number(Number::Broken(number), place)
                })
            }
            other => Err(ImportError::ColumnType {
                path: self.path.clone(),
                column: self.column.clone(),
                found: other.to_string(),
            }),
        }
    }

    fn each<T>(
        &self,
        batch: &Batch,
        values: impl Iterator<Item = Option<T>>,
        mut read: impl FnMut(T, RowPlace) -> Result<i64, ImportError>,
    ) -> Result<Vec<i64>, ImportError> {
        values
            .enumerate()
            .map(|(row, value)| {
                let place = batch.place(row);
                value.map_or_else(|| Err(self.missing(place)), |value| read(value, place))
            })
            .collect()
    }

    fn missing(&self, place: RowPlace) -> ImportError {
        ImportError::Missing {
            path: self.path.clone(),
            place,
            column: self.column.clone(),
            what: "time",
        }
    }

    /// A time that the file declares as one.
    fn typed(&self, number: i64, unit: AtUnit, local: bool, place: RowPlace) -> Result<i64, ImportError> {
        let ms = milliseconds(Number::Whole(number), unit);
        let ms = if local && self.zone != TimeZone::UTC {
            instant(ms)
                .map(|at| TimeZone::UTC.to_datetime(at))
                .and_then(|civil| self.zone.to_timestamp(civil).ok())
                .map_or(ms, |at| at.as_millisecond())
        } else {
            ms
        };
        self.plausible(
            ms,
            place,
            &format!("as the {} the file declares", unit.in_words()),
            None,
        )
    }

    fn number(&self, number: Number, place: RowPlace) -> Result<i64, ImportError> {
        let Some(unit) = self.unit else {
            return Err(ImportError::UnitUnknown {
                path: self.path.clone(),
                column: self.column.clone(),
                value: number.to_string(),
                others: plausible_readings(number, None),
            });
        };
        let ms = milliseconds(number, unit);
        self.plausible(ms, place, &format!("as {}", unit.in_words()), Some((number, unit)))
    }

    fn text(&self, text: &str, place: RowPlace) -> Result<i64, ImportError> {
        let text = text.trim();
        if let Some(format) = &self.format {
            let at = self
                .by_format(format, text)
                .ok_or_else(|| self.not_a_time(text, place, format!("a time of the form `{}`", shown(format))))?;
            return self.plausible(at, place, &format!("with `{}`", shown(format)), None);
        }
        let number = Number::parse(text);
        if self.unit.is_some() || number.is_some() {
            if matches!(text.to_ascii_lowercase().as_str(), "" | "na" | "nan" | "null" | "-") {
                return Err(self.missing(place));
            }
            let number = number.ok_or_else(|| {
                let unit = self.unit.map_or("", AtUnit::in_words);
                self.not_a_time(text, place, format!("a number of {unit}, as `at_unit` says"))
            })?;
            return self.number(number, place);
        }
        let at = self.by_iso(text).ok_or_else(|| {
            self.not_a_time(
                text,
                place,
                "an ISO 8601 time such as `2024-05-01T12:00:00Z`; set `at_format` for another form".to_string(),
            )
        })?;
        self.plausible(
            at,
            place,
            &format!("as ISO 8601, {} where it names no zone,", self.zone_name),
            None,
        )
    }

    fn by_iso(&self, text: &str) -> Option<i64> {
        let pieces = Pieces::parse(text).ok()?;
        let civil = DateTime::from_parts(pieces.date(), pieces.time().unwrap_or_default());
        if let Some(offset) = pieces.to_numeric_offset() {
            return Some(offset.to_timestamp(civil).ok()?.as_millisecond());
        }
        let zone = pieces.to_time_zone().ok()?.unwrap_or_else(|| self.zone.clone());
        Some(zone.to_timestamp(civil).ok()?.as_millisecond())
    }

    fn by_format(&self, format: &str, text: &str) -> Option<i64> {
        let broken = BrokenDownTime::parse(format, text).ok()?;
        if let Ok(at) = broken.to_timestamp() {
            return Some(at.as_millisecond());
        }
        let civil = broken
            .to_datetime()
            .or_else(|_| {
                broken
                    .to_date()
                    .map(|date| date.to_datetime(jiff::civil::Time::midnight()))
            })
            .ok()?;
        Some(self.zone.to_timestamp(civil).ok()?.as_millisecond())
    }

    fn not_a_time(&self, text: &str, place: RowPlace, expected: String) -> ImportError {
        ImportError::BadValue {
            path: self.path.clone(),
            place,
            column: self.column.clone(),
            value: shown(text),
            expected,
        }
    }

    fn plausible(
        &self,
        ms: i64,
        place: RowPlace,
        read_as: &str,
        number: Option<(Number, AtUnit)>,
    ) -> Result<i64, ImportError> {
        if (EARLIEST_MS..LATEST_MS).contains(&ms) {
            return Ok(ms);
        }
        Err(ImportError::ImplausibleTime {
            path: self.path.clone(),
            place,
            column: self.column.clone(),
            reading: Box::new(Reading {
                read_as: read_as.to_string(),
                gives: written(ms),
                others: number
                    .map(|(number, unit)| plausible_readings(number, Some(unit)))
                    .unwrap_or_default(),
            }),
        })
    }
}

/// A time as a bare number.
#[derive(Clone, Copy, Debug)]
enum Number {
    Whole(i64),
    Broken(f64),
}

impl Number {
    fn parse(text: &str) -> Option<Number> {
        text.parse().map(Number::Whole).ok().or_else(|| {
            text.parse()
                .ok()
                .filter(|number: &f64| number.is_finite())
                .map(Number::Broken)
        })
    }
}

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Number::Whole(number) => write!(f, "{number}"),
            Number::Broken(number) => write!(f, "{number}"),
        }
    }
}

/// Turns a number into milliseconds, towards the nearest; the ends of the range stand for what is beyond.
fn milliseconds(number: Number, unit: AtUnit) -> i64 {
    match (number, unit) {
        (Number::Whole(number), AtUnit::Seconds) => number.saturating_mul(1000),
        (Number::Whole(number), AtUnit::Milliseconds) => number,
        (Number::Whole(number), AtUnit::Microseconds) => number.div_euclid(1000),
        (Number::Whole(number), AtUnit::Nanoseconds) => number.div_euclid(1_000_000),
        (Number::Broken(number), unit) => {
            let factor = match unit {
                AtUnit::Seconds => 1e3,
                AtUnit::Milliseconds => 1.0,
                AtUnit::Microseconds => 1e-3,
                AtUnit::Nanoseconds => 1e-6,
            };
            (number * factor).round() as i64
        }
    }
}

/// Lists the units that would make a plausible time of a number, with that time.
fn plausible_readings(number: Number, but: Option<AtUnit>) -> Vec<(AtUnit, String)> {
    AtUnit::ALL
        .into_iter()
        .filter(|&unit| Some(unit) != but)
        .map(|unit| (unit, milliseconds(number, unit)))
        .filter(|(_, ms)| (EARLIEST_MS..LATEST_MS).contains(ms))
        .map(|(unit, ms)| (unit, written(ms)))
        .collect()
}

/// Finds a unit that makes a plausible time of a number written as text, with that time.
pub(crate) fn plausible_unit(text: &str) -> Option<(AtUnit, String)> {
    plausible_readings(Number::parse(text.trim())?, None).into_iter().next()
}

/// Writes an instant as ISO 8601, to the second where it is whole.
pub(crate) fn written(ms: i64) -> String {
    match instant(ms) {
        Some(at) => at.to_string(),
        None if ms < 0 => "a time before the year -9999".to_string(),
        None => "a time after the year 9999".to_string(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use polars::prelude::DataFrame;

    use super::*;

    fn read(mapping: &str, values: &[&str]) -> Result<Vec<i64>, ImportError> {
        let mapping = Mapping::parse(mapping).unwrap();
        let clock = Clock::new(Path::new("f.csv"), "ts", &mapping).unwrap();
        let column = Column::new("c0".into(), values);
        let text = DataFrame::new(values.len(), vec![column.clone()]).unwrap();
        let batch = Batch {
            first_row: 1,
            lines: vec![],
            numbers: text.clone(),
            text,
        };
        clock.read(&column, &batch)
    }

    fn message(mapping: &str, value: &str) -> String {
        read(mapping, &[value]).unwrap_err().to_string()
    }

    #[test]
    fn iso_times_with_and_without_zone_are_read() {
        let noon = 1_714_564_800_000;
        for text in [
            "2024-05-01T12:00:00Z",
            "2024-05-01 12:00:00",
            "2024-05-01T19:00:00+07:00",
            "2024-05-01 12:00",
        ] {
            assert_eq!(read("", &[text]).unwrap(), [noon], "{text}");
        }
        assert_eq!(
            read("time_zone = 'Asia/Ho_Chi_Minh'", &["2024-05-01 19:00:00"]).unwrap(),
            [noon]
        );
        assert_eq!(
            read("at_format = '%d.%m.%Y %H:%M'", &["01.05.2024 12:00"]).unwrap(),
            [noon]
        );
        assert_eq!(
            read("at_format = '%Y%m%d'", &["20240501"]).unwrap(),
            [noon - 43_200_000]
        );
        assert_eq!(
            read("at_unit = 's'", &["1714564800", "1714564800.5"]).unwrap(),
            [noon, noon + 500]
        );
        assert_eq!(read("at_unit = 'ns'", &["1714564800000000001"]).unwrap(), [noon]);
    }

    #[test]
    fn a_wrong_unit_is_named_with_the_right_one() {
        let text = message("at_unit = 'ms'", "1376314846");
        assert!(
            text.contains("read as milliseconds gives 1970-01-16T22:18:34.846Z for row 1"),
            "{text}"
        );
        assert!(
            text.contains("read as seconds it would be 2013-08-12T13:40:46Z: set `at_unit = \"s\"`"),
            "{text}"
        );
        let text = message("", "1376314846");
        assert!(
            text.contains("no `at_unit` says") && text.contains("2013-08-12T13:40:46Z"),
            "{text}"
        );
        assert!(message("at_unit = 's'", "1376314846000").contains("read as milliseconds it would be"));
    }

    #[test]
    fn what_is_no_time_is_shown_with_what_was_expected() {
        assert!(message("", "yesterday").contains("`yesterday` is not an ISO 8601 time"));
        assert!(message("at_unit = 's'", "noon").contains("a number of seconds"));
        assert!(message("at_format = '%Y'", "noon").contains("of the form `%Y`"));
        assert!(message("", "1066-10-14T09:00:00Z").contains("gives 1066-10-14"));
    }
}
