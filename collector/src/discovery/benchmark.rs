//! How fast is one thread of this host? A reading from the answer to [`Question::Benchmark`](crate::sampler::Question).
//!
//! Input: the text of a host, which is hostile, and a reading of its counters.
//! Output: a reading that counts, one that is a lower bound since something else
//! ran, or none with why. What a reading means in another machine's cores is the
//! analyzer's to say.

use std::fmt;

use telemetry::inventory::CpuBenchmark;

use crate::reading::Reading;

/// Ticks a second of the kernel's counts where the host does not say: every Linux that is met.
const TICKS_PER_SECOND: u64 = 100;
/// Runs that are looked at; three seconds hold fewer than this on any machine.
const RUNS_AT_MOST: usize = 1_000;

/// What came of a benchmark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// One thread did this while the rest was quiet.
    Measured(CpuBenchmark),
    /// One thread did at least this: something else ran, and what.
    AtLeast(CpuBenchmark, String),
    /// There is no reading, and why.
    Unavailable(String),
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Measured(benchmark) => benchmark.fmt(formatter),
            Self::AtLeast(benchmark, why) => write!(formatter, "{benchmark}; a lower bound only: {why}"),
            Self::Unavailable(why) => write!(formatter, "not measured: {why}"),
        }
    }
}

/// Says why a host is not to be loaded now, from its counters; nothing where it may be.
///
/// Above half of its CPUs the reading would be of no use, and the host has better to do.
#[must_use]
pub fn too_busy(reading: &Reading) -> Option<String> {
    let (load, cpus) = (reading.load?.load1_hundredths, reading.online_cpus?);
    (load >= cpus.saturating_mul(50)).then(|| {
        format!(
            "its load of the last minute is {}.{:02}, half of its {cpus} CPUs or more; try at a quieter time",
            load / 100,
            load % 100
        )
    })
}

/// Reads the answer.
#[must_use]
pub fn outcome(frame: &[u8]) -> Outcome {
    let text = String::from_utf8_lossy(frame);
    match runs(&text) {
        Ok(Runs { benchmark, hindered }) => match hindered {
            Some(why) => Outcome::AtLeast(benchmark, why),
            None => Outcome::Measured(benchmark),
        },
        Err(why) => Outcome::Unavailable(why.to_string()),
    }
}

/// What was counted up to a moment, in ticks; time in hundredths of a second.
#[derive(Clone, Copy, Default)]
struct Mark {
    children: u64,
    busy: u64,
    steal: u64,
    all: u64,
    uptime_cs: u64,
}

struct Runs {
    benchmark: CpuBenchmark,
    hindered: Option<String>,
}

fn runs(text: &str) -> Result<Runs, &'static str> {
    let (mut marks, mut bytes): (Vec<Mark>, Vec<u64>) = Default::default();
    let (mut mark, mut program, mut ticks_per_second) = (Mark::default(), None, TICKS_PER_SECOND);
    let unreadable = "the kernel's counters cannot be read";
    for line in text.lines() {
        let Some((key, value)) = line.split_once(':') else {
            continue;
        };
        match key {
            "version" => program = program.or_else(|| version(value)),
            "clock_ticks" => {
                let said = number(value).filter(|ticks| (1..=1000).contains(ticks));
                ticks_per_second = said.unwrap_or(ticks_per_second);
            }
            "self" => mark.children = children(value).ok_or(unreadable)?,
            "host" => (mark.busy, mark.steal, mark.all) = host(value).ok_or(unreadable)?,
            "uptime" => {
                mark.uptime_cs = hundredths(value).ok_or(unreadable)?;
                marks.push(mark);
            }
            "bytes" => bytes.push(number(value).unwrap_or_default()),
            _ => {}
        }
        if marks.len() > RUNS_AT_MOST || bytes.len() > RUNS_AT_MOST {
            return Err("the answer has no end");
        }
    }
    let output_bytes = bytes.first().copied().filter(|bytes| *bytes > 1_000);
    let output_bytes = output_bytes.ok_or("gzip, awk or nice is missing, or may not run")?;
    let program = program.ok_or("its gzip does not say which it is")?;
    if bytes.iter().any(|other| *other != output_bytes) {
        return Err("the same work gave different results");
    }
    if marks.len() != bytes.len() + 1 {
        return Err("the answer is not whole");
    }
    let backwards = "the kernel's counters went backwards";
    let mut own: Vec<u64> = Vec::new();
    for pair in marks.windows(2) {
        let [before, after] = pair else { continue };
        own.push(after.children.checked_sub(before.children).ok_or(backwards)?);
    }
    let (first, last) = (marks.first().ok_or(unreadable)?, marks.last().ok_or(unreadable)?);
    let since = |of: fn(&Mark) -> u64| of(last).checked_sub(of(first)).ok_or(backwards);
    let whole = Whole {
        own: since(|mark| mark.children)?,
        busy: since(|mark| mark.busy)?,
        steal: since(|mark| mark.steal)?,
        all: since(|mark| mark.all)?,
        elapsed: since(|mark| mark.uptime_cs)?.saturating_mul(ticks_per_second) / 100,
    };
    own.sort_unstable();
    let best = own.first().copied().filter(|ticks| *ticks > 0);
    let best = best.ok_or("the kernel counted no CPU time for it")?;
    let median = own.get(own.len() / 2).copied().unwrap_or(best);
    let milliseconds = |ticks: u64| u32::try_from(ticks.saturating_mul(1_000) / ticks_per_second).ok();
    Ok(Runs {
        benchmark: CpuBenchmark {
            program,
            output_bytes,
            cpu_ms: milliseconds(best).ok_or(unreadable)?,
            tick_ms: milliseconds(1).ok_or(unreadable)?,
            runs: u32::try_from(own.len()).map_err(|_| unreadable)?,
        },
        hindered: whole.hindered().or_else(|| unsteady(best, median)),
    })
}

/// What was counted over all runs, in ticks.
struct Whole {
    own: u64,
    busy: u64,
    steal: u64,
    all: u64,
    elapsed: u64,
}

impl Whole {
    /// Says what ran beside the benchmark, if that was too much for the reading to count.
    fn hindered(&self) -> Option<String> {
        let percent = |part: u64, whole: u64| part.saturating_mul(100) / whole.max(1);
        // What the hypervisor gave to others may or may not be in the CPU time.
        let steal = percent(self.steal, self.elapsed);
        if steal >= 2 {
            return Some(format!("the hypervisor gave {steal} % of a CPU to others"));
        }
        let kept = percent(self.own, self.elapsed);
        if kept < 90 {
            return Some(format!("it had the core for only {kept} % of the time"));
        }
        // A busy second thread of the core, and a clock that is shared, slow it down.
        let others = percent(self.busy.saturating_sub(self.own), self.all);
        (others > 25).then(|| format!("others kept {others} % of the host's CPUs busy"))
    }
}

/// Says that runs differ by more than a tenth, beyond the step of the count.
fn unsteady(best: u64, median: u64) -> Option<String> {
    let apart = median.saturating_sub(best).saturating_sub(1);
    (apart.saturating_mul(10) > best).then(|| "its runs differ by more than 10 %".to_string())
}

/// Reads `gzip 1.12` of GNU's, `BusyBox v1.35.0 (Debian …)` of the small one's.
fn version(line: &str) -> Option<String> {
    let number = |word: &str| word.starts_with(|letter: char| letter.is_ascii_digit());
    let mut words = line.split_whitespace();
    let (first, second) = (words.next()?, words.next()?);
    let (name, second) = match first {
        "gzip" => ("gzip", second),
        "BusyBox" => ("busybox", second.strip_prefix('v')?),
        _ => return None,
    };
    let words = format!("{name} {second}");
    (number(second) && CpuBenchmark::is_program(&words)).then_some(words)
}

/// Reads the CPU time of ended children in a line of `/proc/PID/stat`; the name ends at the last parenthesis.
fn children(line: &str) -> Option<u64> {
    let (_, rest) = line.rsplit_once(") ")?;
    let mut fields = rest.split_ascii_whitespace().skip(13);
    number(fields.next()?)?.checked_add(number(fields.next()?)?)
}

/// Reads busy, stolen and all time of the host in the first line of `/proc/stat`.
fn host(line: &str) -> Option<(u64, u64, u64)> {
    let mut fields = line.strip_prefix("cpu ")?.split_ascii_whitespace().map(number);
    let mut counts = [0_u64; 8];
    for count in &mut counts {
        // Old kernels have fewer columns.
        *count = fields.next().unwrap_or(Some(0))?;
    }
    let [user, nice, system, idle, iowait, irq, softirq, steal] = counts;
    let busy = [user, nice, system, irq, softirq]
        .iter()
        .try_fold(0_u64, |sum, one| sum.checked_add(*one))?;
    let all = busy.checked_add(idle)?.checked_add(iowait)?.checked_add(steal)?;
    Some((busy, steal, all))
}

/// Reads the first number of `/proc/uptime`, which has two decimals.
fn hundredths(line: &str) -> Option<u64> {
    let (seconds, rest) = line.split_whitespace().next()?.split_once('.')?;
    let digits = rest.get(..2)?;
    number(seconds)?.checked_mul(100)?.checked_add(number(digits)?)
}

/// Reads a number that no counter exceeds.
fn number(text: &str) -> Option<u64> {
    let text = text.trim();
    let plain = !text.is_empty() && text.len() <= 18 && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::reading::Load;
    use proptest::prelude::*;

    /// What a run adds to the counters: own ticks, those of others, stolen ones, hundredths of a second.
    type Run = (u64, u64, u64, u64);

    /// An answer of a host with two CPUs.
    fn answer(version: &str, runs: &[Run]) -> String {
        let mut text = format!("version:{version}\nversion:Copyright\nclock_ticks:100\n");
        let (mut own, mut others, mut stolen, mut time) = (40, 1_000, 7, 500_000);
        let mut mark = |text: &mut String, run: Run| {
            own += run.0;
            others += run.1;
            stolen += run.2;
            time += run.3;
            let idle = 2 * time - own - others - stolen;
            text.push_str(&format!(
                "self:77 (a) sh) S 1 77 77 0 -1 4194304 200 900 0 0 1 2 {own} 0 20 0 1 0 3 4 5\n\
                 host:cpu  {own} 0 {others} {idle} 0 0 0 {stolen} 0 0\nuptime:{}.{:02} 12.00\n",
                time / 100,
                time % 100
            ));
        };
        mark(&mut text, (0, 0, 0, 0));
        for run in runs {
            text.push_str("bytes:1722000\n");
            mark(&mut text, *run);
        }
        text
    }

    fn of(text: &str) -> Outcome {
        outcome(text.as_bytes())
    }

    #[test]
    fn the_fastest_run_of_a_quiet_host_counts() {
        let quiet = [(50, 1, 0, 51), (48, 1, 0, 49), (49, 2, 0, 50)];
        let reading = CpuBenchmark {
            program: "gzip 1.12".to_string(),
            output_bytes: 1_722_000,
            cpu_ms: 480,
            tick_ms: 10,
            runs: 3,
        };
        assert_eq!(of(&answer("gzip 1.12", &quiet)), Outcome::Measured(reading.clone()));
        let small = answer("BusyBox v1.36.1 (2024-06-10) multi-call binary.", &quiet);
        let Outcome::Measured(other) = of(&small) else {
            panic!("{small}")
        };
        assert_eq!(other.program, "busybox 1.36.1");
    }

    #[test]
    fn what_ran_beside_it_makes_it_a_lower_bound_and_is_named() {
        let why = |runs: &[Run]| match of(&answer("gzip 1.12", runs)) {
            Outcome::AtLeast(_, why) => why,
            other => panic!("{other:?}"),
        };
        assert_eq!(why(&[(50, 0, 2, 51); 3]), "the hypervisor gave 3 % of a CPU to others");
        assert_eq!(why(&[(50, 10, 0, 100); 3]), "it had the core for only 50 % of the time");
        assert_eq!(why(&[(50, 40, 0, 51); 3]), "others kept 39 % of the host's CPUs busy");
        assert_eq!(
            why(&[(50, 0, 0, 51), (60, 0, 0, 61), (61, 0, 0, 62)]),
            "its runs differ by more than 10 %"
        );
    }

    #[test]
    fn no_reading_is_told_with_why() {
        let why = |text: &str| match of(text) {
            Outcome::Unavailable(why) => why,
            other => panic!("{other:?}"),
        };
        let good = answer("gzip 1.12", &[(50, 0, 0, 51); 2]);
        assert!(why("").contains("missing"));
        assert!(why(&good.replace("1722000", "20")).contains("missing"));
        assert!(why(&good.replacen("1722000", "1722001", 1)).contains("different results"));
        assert!(why(&good.replace("gzip 1.12", "pigz 2.8")).contains("which it is"));
        assert!(why(&good.replace("uptime:5001.02 12.00\n", "")).contains("not whole"));
        assert!(why(&good.replace("host:cpu", "host:disk")).contains("cannot be read"));
        assert!(why(&answer("gzip 1.12", &[(0, 0, 0, 51)])).contains("no CPU time"));
        assert!(why(&good.replace("uptime:5001.02", "uptime:4000.02")).contains("backwards"));
    }

    #[test]
    fn a_busy_host_is_left_alone() {
        let reading = |load1_hundredths: u32, cpus: u32| Reading {
            load: Some(Load {
                load1_hundredths,
                runnable: 1,
            }),
            online_cpus: Some(cpus),
            ..Reading::default()
        };
        assert_eq!(too_busy(&reading(99, 2)), None);
        let why = too_busy(&reading(204, 4)).unwrap();
        assert_eq!(
            why,
            "its load of the last minute is 2.04, half of its 4 CPUs or more; try at a quieter time"
        );
        assert_eq!(
            too_busy(&Reading::default()),
            None,
            "what is not known does not stop it"
        );
    }

    proptest! {
        #[test]
        fn no_answer_breaks_it(text in "((version|self|host|uptime|bytes|clock_ticks):[ -~]{0,60}\n){0,40}") {
            let _ = of(&text);
        }

        #[test]
        fn what_others_do_never_makes_a_reading_count_that_did_not(
            runs in prop::collection::vec((1_u64..200, 0_u64..60, 0_u64..5, 1_u64..200), 1..6),
        ) {
            let counted = |runs: &[Run]| matches!(of(&answer("gzip 1.12", runs)), Outcome::Measured(_));
            let fits = |run: &Run| run.0 + run.1 + run.2 + 40 <= 2 * run.3;
            prop_assume!(runs.iter().all(fits));
            let busier: Vec<Run> = runs.iter().map(|run| (run.0, run.1 + 20, run.2 + 1, run.3)).collect();
            prop_assert!(counted(&runs) || !counted(&busier));
        }
    }
}
