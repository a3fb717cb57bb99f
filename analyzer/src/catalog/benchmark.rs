//! What does one thread of a host do, given what a benchmark took there?
//!
//! Input: a reading of `discover --benchmark` and the data file
//! `benchmark.toml`: the same benchmark on a CPU whose work is known, and how far
//! one program on one thread may mislead. Output: a [`ThreadScore`] in vCPUs of
//! m7i with its bound. A program that was not calibrated, or that did other
//! work, has no score.

use std::sync::OnceLock;

use serde::Deserialize;
use telemetry::inventory::CpuBenchmark;

/// What one thread of a core does with the core to itself.
#[derive(Clone, Debug, PartialEq)]
pub struct ThreadScore {
    /// Its work, in vCPUs of m7i.
    pub per_thread: f64,
    /// What a core of a CPU of known model does may be off by this much either way, as a fraction.
    pub bound: f64,
    /// The same where no model tells how many threads a core has.
    pub bound_without_model: f64,
    /// The CPU that it is measured by, with the day.
    pub beside: String,
}

/// What the second thread of a busy core is taken to add where no model tells, as a fraction: the middle of what is known.
pub const SMT_GAIN_WITHOUT_MODEL: f64 = 0.15;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    doubt: Vec<Doubt>,
    reference: Vec<Reference>,
}

/// A way in which the reading may mislead.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Doubt {
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "for who reads the file; a test holds that it is there")
    )]
    of: String,
    bound: f64,
    #[serde(default)]
    only_without_model: bool,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "for who reads the file; a test holds that it is there")
    )]
    rests_on: String,
}

/// The benchmark on a CPU whose work is known.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reference {
    /// The program without its version.
    program: String,
    output_bytes: u64,
    cpu_ms: f64,
    /// Work of the thread, in vCPUs of m7i.
    per_thread: f64,
    /// The work may be off by this much either way, as a fraction.
    bound: f64,
    cpu: String,
    date: String,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "for who reads the file; a test holds that it is there")
    )]
    source: String,
}

static TEXT: &str = include_str!("benchmark.toml");

fn document() -> Option<&'static Document> {
    static DOCUMENT: OnceLock<Option<Document>> = OnceLock::new();
    // A test reads the file as strictly; a program with a broken one scores nothing rather than something wrong.
    DOCUMENT.get_or_init(|| toml::from_str(TEXT).ok()).as_ref()
}

/// Gives the programs that were calibrated, without version, with the bytes that each must make.
pub fn calibrated() -> impl Iterator<Item = (&'static str, u64)> {
    let references = document().map_or(&[][..], |document| document.reference.as_slice());
    references
        .iter()
        .map(|reference| (reference.program.as_str(), reference.output_bytes))
}

/// Scores a reading; nothing where its program was not calibrated or did other work.
#[must_use]
pub fn thread_score(reading: &CpuBenchmark) -> Option<ThreadScore> {
    let document = document()?;
    let is_same =
        |reference: &&Reference| reference.program == reading.kind() && reference.output_bytes == reading.output_bytes;
    let reference = document.reference.iter().find(is_same)?;
    let cpu_ms = f64::from(reading.cpu_ms);
    let step = f64::from(reading.tick_ms) / cpu_ms;
    let together = |has_model: bool| {
        let doubts = document
            .doubt
            .iter()
            .filter(|doubt| !(has_model && doubt.only_without_model));
        let bounds = doubts.map(|doubt| doubt.bound).chain([reference.bound, step]);
        bounds.map(|bound| bound.ln_1p().powi(2)).sum::<f64>().sqrt().exp_m1()
    };
    Some(ThreadScore {
        per_thread: reference.per_thread * reference.cpu_ms / cpu_ms,
        bound: together(true),
        bound_without_model: together(false),
        beside: format!("{}, {}", reference.cpu, reference.date),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn reading(program: &str, cpu_ms: u32) -> CpuBenchmark {
        let document: Document = toml::from_str(TEXT).unwrap();
        CpuBenchmark {
            program: program.to_string(),
            output_bytes: document.reference[0].output_bytes,
            cpu_ms,
            tick_ms: 10,
            runs: 5,
        }
    }

    #[test]
    fn the_file_says_what_everything_rests_on() {
        let document: Document = toml::from_str(TEXT).unwrap();
        for doubt in &document.doubt {
            assert!(!doubt.of.is_empty() && !doubt.rests_on.is_empty());
            assert!((0.01..1.0).contains(&doubt.bound));
        }
        for reference in &document.reference {
            assert!(reference.source.len() > 40 && !reference.cpu.is_empty());
            assert!(reference.date.parse::<jiff::civil::Date>().is_ok());
            assert!(reference.cpu_ms > 50.0 && reference.per_thread > 0.5 && reference.bound > 0.0);
        }
    }

    #[test]
    fn half_the_time_is_twice_the_work_and_a_coarser_count_is_less_sure() {
        let slow = thread_score(&reading("gzip 1.6", 800)).unwrap();
        let fast = thread_score(&reading("gzip 1.13", 400)).unwrap();
        assert!((fast.per_thread / slow.per_thread - 2.0).abs() < 1e-12);
        assert!(slow.bound < fast.bound && fast.bound < fast.bound_without_model);
        assert!((0.35..0.60).contains(&fast.bound), "{}", fast.bound);
    }

    #[test]
    fn another_program_and_other_work_have_no_score() {
        assert_eq!(thread_score(&reading("pigz 2.8", 400)), None);
        let mut other = reading("gzip 1.12", 400);
        other.output_bytes += 1;
        assert_eq!(thread_score(&other), None);
    }
}
