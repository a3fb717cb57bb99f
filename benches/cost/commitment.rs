//! How fast and how good commitments are chosen.

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use analyzer::commit::{Commitments, Fleet, Outlook, Sku, Term, apply, best_mix, best_savings_plan, layered, optimum};

use crate::figures::{Figures, Goal};
use crate::regret;

/// Times a job is repeated; the median counts.
const REPEATS: usize = 5;

/// A year of hourly use of eight families, each with its days, weeks and noise: dollars.
fn year() -> Vec<Sku> {
    let mut state = 11_u64;
    let mut random = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    (0..8)
        .map(|family| {
            let rate = 0.60 + 0.03 * f64::from(family);
            let uses = (0..8_760)
                .map(|hour| {
                    let day = (f64::from(hour % 24) / 24.0 * std::f64::consts::TAU).sin();
                    let week = if (hour / 24) % 7 < 5 { 1.0 } else { 0.6 };
                    (10.0 + 4.0 * day) * week * (0.8 + 0.4 * random())
                })
                .collect();
            Sku {
                name: format!("family {family}"),
                uses,
                bound_rate: Some(rate),
                flexible_rate: Some(rate + 0.1),
            }
        })
        .collect()
}

fn median_ms(mut job: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..REPEATS)
        .map(|_| {
            let start = Instant::now();
            job();
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[REPEATS / 2]
}

/// Adds the figures of commitments.
pub fn measure(figures: &mut Figures, root: &Path) {
    let skus = year();
    let one = &skus[0];
    let terms = [
        Term {
            name: "1y".to_string(),
            years: 1,
            rate: 0.7,
        },
        Term {
            name: "3y".to_string(),
            years: 3,
            rate: 0.5,
        },
    ];
    let outlooks: Vec<Outlook> = [(0.5, 1.0), (0.25, 0.85), (0.25, 1.15)]
        .into_iter()
        .map(|(probability, yearly): (f64, f64)| Outlook {
            name: yearly.to_string(),
            probability,
            factors: (0..3).map(|year| yearly.powi(year)).collect(),
        })
        .collect();
    let how = "a year of hours, one core".to_string();
    let ms = median_ms(|| {
        black_box(optimum(black_box(&one.uses), 0.7));
    });
    figures.add("one commitment, exact", ms, "ms", Goal::AtMost(100.0), how.clone());
    let ms = median_ms(|| {
        black_box(layered(black_box(&one.uses), &terms, &outlooks, 3));
    });
    figures.add(
        "two terms layer by layer, three outlooks",
        ms,
        "ms",
        Goal::AtMost(100.0),
        how,
    );
    let fleet = Fleet::new(&skus).unwrap();
    let how = "eight families, a year of hours with no two alike".to_string();
    let ms = median_ms(|| {
        let fleet = Fleet::new(&skus).unwrap();
        black_box(best_savings_plan(black_box(&fleet), &[]));
    });
    figures.add(
        "savings plan over families, exact",
        ms,
        "ms",
        Goal::AtMost(100.0),
        how.clone(),
    );
    let ms = median_ms(|| drop(best_mix(&fleet)));
    figures.add(
        "plans of both kinds over families",
        ms,
        "ms",
        Goal::AtMost(100.0),
        format!("{how}; within 0.1 % of a proven bound by a property test"),
    );

    let best = best_savings_plan(&fleet, &[]).cost_usd;
    let most: f64 = skus
        .iter()
        .map(|sku| sku.uses.iter().copied().fold(0.0, f64::max))
        .sum();
    let tried = (0..4_000)
        .map(|step| {
            let commitments = Commitments {
                bound_uses: vec![0.0; skus.len()],
                flexible_usd_per_hour: most * f64::from(step) / 4_000.0,
            };
            apply(&fleet, &commitments, 1.0).cost_usd()
        })
        .fold(f64::INFINITY, f64::min);
    figures.add(
        "savings plan above trying 4,000 levels",
        (best / tried - 1.0) * 100.0,
        "%",
        Goal::AtMost(0.1),
        "below 0: better than every level tried".to_string(),
    );
    regret::measure(figures, root);
}
