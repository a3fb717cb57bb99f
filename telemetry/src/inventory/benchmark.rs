//! What a benchmark of one CPU thread measured, as a fact carries it from discovery to the analyzer.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Name of the fact that holds a [`CpuBenchmark`].
pub const CPU_BENCHMARK: &str = "cpu.benchmark";
/// Name of the fact that holds a reading of a busy host: the CPU does at least that.
pub const CPU_BENCHMARK_AT_LEAST: &str = "cpu.benchmark_at_least";
/// Name of the fact that says why there is no reading.
pub const CPU_BENCHMARK_UNAVAILABLE: &str = "cpu.benchmark_unavailable";

/// Letters of a program's name and version at most.
const PROGRAM_LETTERS: usize = 40;

/// A reading: one thread, the rest of the host quiet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CpuBenchmark {
    /// The program and its version, such as `gzip 1.12`.
    pub program: String,
    /// Bytes that each run made; the same bytes are the same work.
    pub output_bytes: u64,
    /// CPU time of the fastest run, milliseconds.
    pub cpu_ms: u32,
    /// The smallest step of the kernel's count of CPU time, milliseconds.
    pub tick_ms: u32,
    /// Runs.
    pub runs: u32,
}

impl CpuBenchmark {
    /// Reads the words that [`Display`](fmt::Display) writes; anything else is nothing.
    #[must_use]
    pub fn read(words: &str) -> Option<Self> {
        let (program, rest) = words.split_once(": ")?;
        let (output_bytes, rest) = rest.split_once(" bytes in ")?;
        let (cpu_ms, rest) = rest.split_once(" ms of CPU time (± ")?;
        let (tick_ms, runs) = rest.split_once(" ms), the best of ")?;
        let read = Self {
            program: program.to_string(),
            output_bytes: output_bytes.parse().ok()?,
            cpu_ms: cpu_ms.parse().ok()?,
            tick_ms: tick_ms.parse().ok()?,
            runs: runs.parse().ok()?,
        };
        (Self::is_program(program) && read.cpu_ms > 0 && read.runs > 0 && read.to_string() == words).then_some(read)
    }

    /// Says whether words can be a program with its version.
    #[must_use]
    pub fn is_program(words: &str) -> bool {
        let plain = |letter: u8| letter.is_ascii_alphanumeric() || b" .+~_-".contains(&letter);
        !words.is_empty() && words.len() <= PROGRAM_LETTERS && words.bytes().all(plain)
    }

    /// Gives the program without its version.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.program.split(' ').next().unwrap_or_default()
    }
}

impl fmt::Display for CpuBenchmark {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}: {} bytes in {} ms of CPU time (± {} ms), the best of {}",
            self.program, self.output_bytes, self.cpu_ms, self.tick_ms, self.runs
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(
            program in "[a-z]{1,8} [0-9]\\.[0-9]{1,2}",
            output_bytes: u64,
            cpu_ms in 1..u32::MAX,
            tick_ms: u32,
            runs in 1..u32::MAX,
        ) {
            let benchmark = CpuBenchmark { program, output_bytes, cpu_ms, tick_ms, runs };
            prop_assert_eq!(CpuBenchmark::read(&benchmark.to_string()), Some(benchmark));
        }

        #[test]
        fn other_words_are_nothing(words in "\\PC{0,80}") {
            prop_assert_eq!(CpuBenchmark::read(&words), None);
        }
    }

    #[test]
    fn numbers_that_mean_nothing_are_refused() {
        let good = "gzip 1.12: 1700000 bytes in 480 ms of CPU time (± 10 ms), the best of 6";
        let read = CpuBenchmark::read(good);
        assert_eq!(read.as_ref().map(CpuBenchmark::kind), Some("gzip"));
        for (from, to) in [
            ("480", "0"),
            ("480", "+480"),
            ("480", "-1"),
            ("6", "0"),
            ("gzip", "g\u{1b}zip"),
            (" of 6", " of 6 "),
        ] {
            assert_eq!(CpuBenchmark::read(&good.replace(from, to)), None, "{from} {to}");
        }
    }
}
