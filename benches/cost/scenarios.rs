//! What a re-size and a comparison of scenarios take, on ten thousand profiled hosts.

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use analyzer::catalog::Catalog;
use analyzer::plan::{Estate, PlanInputs};
use analyzer::policy::{Assessment, Overrides};
use analyzer::profile::{EstateReader, HostProfile, ProfileOptions, cache, profile_estate};
use analyzer::scenario::{Named, Pricer, Settings, budget, compare, flips};
use jiff::tz::TimeZone;
use telemetry::Store;

use crate::figures::{Figures, Goal};

const HOSTS: usize = 10_000;
const SEEN: u32 = 1_000;
const DAYS: u32 = 30;
const SEED: u64 = 1;

/// Twenty what-ifs of every cause.
const SCENARIOS: [&[&str]; 20] = [
    &["rule=as-is"],
    &["architectures=x86_64,arm64"],
    &["architectures=arm64"],
    &["headroom=20%"],
    &["risk=2%"],
    &["rule=compute-optimizer"],
    &["rule=azure-migrate"],
    &["region=ap-southeast-1"],
    &["region=eu-west-1", "architectures=x86_64,arm64"],
    &["purchase=compute-savings-plan-3y"],
    &["purchase=reserved-1y-all-upfront"],
    &["architectures=x86_64,arm64", "purchase=compute-savings-plan-3y"],
    &["environments.development.schedule=Mon-Fri 08-19"],
    &["discounts.ec2=8%"],
    &["excluded_families=*-flex,c5*"],
    &["environments.production.high_availability=true"],
    &["hosts.without=*9"],
    &[
        "headroom=20%",
        "architectures=x86_64,arm64",
        "purchase=compute-savings-plan-1y",
    ],
    &["environments.production.risk=0.2%"],
    &["environments.staging.architectures=arm64", "discounts.ebs=5%"],
];

/// Adds the figures of scenarios.
pub fn measure(figures: &mut Figures, _root: &Path) {
    let profiles = profiles();
    let assessment = Assessment::from_toml(
        "name = \"bench\"\nregion = \"us-east-1\"\n\
         [[hosts]]\npattern = \"*0\"\nenvironment = \"development\"\n\
         [[hosts]]\npattern = \"*1\"\nenvironment = \"staging\"\n",
    )
    .unwrap();
    let overrides = Overrides::default();
    let inputs = PlanInputs {
        assessment: &assessment,
        overrides: &overrides,
        profiles: &profiles,
        inventory: None,
        origins: &[],
        catalog: Catalog::embedded(),
        today: jiff::civil::date(2026, 5, 18),
    };
    let how = "10,000 profiled hosts (1,000 generated, each at ten scales), one minute x 30 days, three environments";
    let (packed, seconds) = timed(|| cache::pack(&profiles, "bench").unwrap());
    figures.add("profile cache, writing", seconds * 1e3, "ms", Goal::Reported, how);
    figures.add(
        "profile cache, size",
        packed.len() as f64 / 1e6,
        "MB",
        Goal::Reported,
        how,
    );
    let reading = median(5, || timed(|| cache::unpack(&packed, "bench").unwrap()).1);
    figures.add("profile cache, reading", reading * 1e3, "ms", Goal::Reported, how);

    let looking = median(5, || timed(|| Estate::of(&inputs).unwrap()).1);
    figures.add("looking at every host once", looking * 1e3, "ms", Goal::Reported, how);
    let estate = Estate::of(&inputs).unwrap();
    let plain = Settings::default();
    let resize = median(15, || {
        let pricer = Pricer::new(&estate);
        timed(|| pricer.price(&plain).unwrap()).1
    });
    figures.add(
        "one re-size and re-price of 10,000 hosts",
        resize * 1e3,
        "ms",
        Goal::AtMost(30.0),
        format!("{how}; default rule, us-east-1, x86, two cores; nothing sized before"),
    );
    let busy = least_computing(15, || {
        Pricer::new(&estate).price(&plain).unwrap();
    });
    figures.add(
        "the re-size, CPU of all threads",
        busy * 1e3,
        "ms",
        Goal::Reported,
        format!("{how}; half of it is the wall time of two idle cores"),
    );
    let arm = settings(&["architectures=x86_64,arm64", "headroom=20%"]);
    let both = median(15, || {
        let pricer = Pricer::new(&estate);
        timed(|| pricer.price(&arm).unwrap()).1
    });
    figures.add(
        "the same on both architectures with headroom",
        both * 1e3,
        "ms",
        Goal::Reported,
        how,
    );
    let pricer = Pricer::new(&estate);
    pricer.price(&plain).unwrap();
    let cheaper = settings(&["purchase=compute-savings-plan-3y", "discounts.ec2=8%"]);
    let reprice = median(15, || timed(|| pricer.price(&cheaper).unwrap()).1);
    figures.add(
        "one re-price where sizes are known",
        reprice * 1e3,
        "ms",
        Goal::Reported,
        how,
    );

    let all: Vec<Named> = SCENARIOS
        .iter()
        .map(|words| Named {
            name: words.join(" "),
            settings: settings(words),
        })
        .collect();
    let base = Named {
        name: "plan".to_string(),
        settings: plain,
    };
    let mut compared = || {
        timed(|| {
            let profiles = cache::unpack(&packed, "bench").unwrap();
            let inputs = PlanInputs {
                profiles: &profiles,
                ..inputs
            };
            let estate = Estate::of(&inputs).unwrap();
            let pricer = Pricer::new(&estate);
            let comparison = compare(&pricer, &base, &all).unwrap();
            let found = flips(&pricer, &all, false).unwrap();
            (comparison.columns.len(), found.len())
        })
        .1
    };
    let whole = median(5, &mut compared);
    let busy = least_computing(3, || {
        compared();
    });
    figures.add(
        "compare of 20 scenarios, from the profile cache on",
        whole,
        "s",
        Goal::AtMost(1.0),
        format!("{how}; causes, risk, changed hosts and flip lines of prices included; median of 5"),
    );
    figures.add("the comparison, CPU of all threads", busy, "s", Goal::Reported, how);
    let limit = pricer.price(&base.settings).unwrap().total().known.as_decimal() * rust_decimal::Decimal::new(7, 1);
    let (_, seconds) = timed(|| budget(&Pricer::new(&estate), &base, limit).unwrap());
    figures.add("budget of 70 % of the plan", seconds, "s", Goal::Reported, how);
}

fn settings(words: &[&str]) -> Settings {
    let mut settings = Settings::default();
    for word in words {
        settings.set_typed(word).unwrap();
    }
    settings
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let started = Instant::now();
    let out = std::hint::black_box(work());
    (out, started.elapsed().as_secs_f64())
}

fn median(times: usize, mut run: impl FnMut() -> f64) -> f64 {
    let mut seconds: Vec<f64> = (0..times).map(|_| run()).collect();
    seconds.sort_by(f64::total_cmp);
    seconds[times / 2]
}

/// Gives the seconds that all threads of this process have been computing: what a busy machine does not change.
fn computing() -> f64 {
    let threads = std::fs::read_dir("/proc/self/task").unwrap();
    let nanoseconds: f64 = threads
        .filter_map(|thread| std::fs::read_to_string(thread.unwrap().path().join("schedstat")).ok())
        .filter_map(|text| text.split(' ').next()?.parse::<f64>().ok())
        .sum();
    nanoseconds * 1e-9
}

/// Gives the least seconds of CPU that a piece of work took.
fn least_computing(times: usize, mut work: impl FnMut()) -> f64 {
    let once = |_| {
        let before = computing();
        work();
        computing() - before
    };
    (0..times).map(once).fold(f64::INFINITY, f64::min)
}

/// Profiles a generated estate and scales each host ten times.
fn profiles() -> Vec<HostProfile> {
    let exe = std::env::current_exe().unwrap();
    let target = exe.ancestors().find(|path| path.join("release").is_dir()).unwrap();
    let store = Store::at(target.join("bench-data").join(format!("{SEEN}x{DAYS}")));
    if !store.has_origin(&sample_data::bench::origin_id(SEEN, DAYS, SEED)) {
        sample_data::bench::write_estate(&store, SEEN, DAYS, SEED, |_, _| {}).unwrap();
    }
    let options = ProfileOptions {
        zone: Some(TimeZone::UTC),
        extra_levels: Vec::new(),
        decaying_histogram: true,
        last_week: true,
        history: true,
        credits: true,
    };
    let reader = EstateReader::open(&store).unwrap();
    let seen = profile_estate(&reader, &options, &|_| {}, &AtomicBool::new(false)).unwrap();
    let mut all: Vec<HostProfile> = (0..10)
        .flat_map(|copy| {
            let factor = 0.4 * 1.4_f64.powi(copy);
            seen.iter().enumerate().map(move |(number, profile)| HostProfile {
                host: format!("{}-{copy}-{number:04}", profile.host),
                ..profile.grown(factor)
            })
        })
        .take(HOSTS)
        .collect();
    all.iter_mut().for_each(cache::slim);
    all
}
