//! What a series itself says of its policy: tracking target, bounds, schedule.
//!
//! Input: the first part of a history. Output: numbers of method §7, each with
//! its formula beside the code. Nothing of the part that is scored is looked at.

use super::bounds::units_for;
use super::load::{DAY, Load, Need, WEEK, quantile};
use super::policy::Schedule;

/// Data points of one minute before target tracking reacts.
const REACTION_MINUTES: u32 = 3;
/// Most changes of a schedule in a day.
pub const MOST_STEPS_A_DAY: usize = 6;
/// The maximum is a guard of the bill, not of the load: it costs nothing until a load is twice what was ever seen.
const SPENDING_GUARD: f64 = 2.0;
/// Share of growth within the history from which on it is planned for.
const GROWING: f64 = 1.15;

/// Gives the tracking target that the series' own rises allow: `1 / Q(highest need of the next boot + 3 minutes / need now)`.
///
/// `level` is the quantile Q: 0.99 for a shortage of 1 %. Nothing where no minute has so many measured minutes after it.
#[must_use]
pub fn tracking_target(need: &Need, boot_minutes: u32, level: f64) -> Option<f64> {
    let ahead = (boot_minutes + REACTION_MINUTES) as usize;
    let highest = need.highest_of_last(boot_minutes + REACTION_MINUTES);
    let mut ratios = Vec::with_capacity(need.per_minute().len());
    for stretch in need.stretches() {
        for now in stretch.start..stretch.end.saturating_sub(ahead) {
            let asked = need.per_minute()[now];
            if asked > 0.0 {
                ratios.push((highest[now + ahead] / asked).max(1.0));
            }
        }
    }
    quantile(&mut ratios, level).map(|ratio| 1.0 / ratio)
}

/// Gives the fewest units: one a zone, and what 95 % of the time is needed at least.
#[must_use]
pub fn minimum(need: &Need, zones: u32, redundant: bool) -> u32 {
    let usual = quantile(&mut measured(need), 0.05).map_or(0, units_for);
    let spread = if redundant { zones.max(2) } else { 1 };
    usual.max(spread)
}

/// Gives the most units: twice the 99.9th percentile of the history, or of what its growth leads to.
#[must_use]
pub fn maximum(need: &Need, growth: f64) -> u32 {
    let crest = quantile(&mut measured(need), 0.999).unwrap_or(0.0);
    units_for(crest * SPENDING_GUARD * growth.max(1.0)).max(1)
}

/// Gives how much the load grows over as long as the history lasts: the ratio of the medians of daily P95 of its halves, squared; 1 where that is noise.
#[must_use]
pub fn growth(load: &Load) -> f64 {
    let mut days: Vec<f32> = load
        .per_minute()
        .chunks(DAY)
        .filter_map(|day| {
            let mut day: Vec<f32> = day.iter().copied().filter(|value| !value.is_nan()).collect();
            if day.len() < DAY / 2 {
                None
            } else {
                quantile(&mut day, 0.95)
            }
        })
        .map(|value| value as f32)
        .collect();
    if days.len() < 4 {
        return 1.0;
    }
    let middle = days.len() / 2;
    let (first, second) = days.split_at_mut(middle);
    match (quantile(first, 0.5), quantile(second, 0.5)) {
        // The medians stand half a history apart.
        (Some(before), Some(after)) if before > 0.0 => {
            let ratio = after / before;
            if ratio >= GROWING {
                (ratio * ratio).min(16.0)
            } else {
                1.0
            }
        }
        _ => 1.0,
    }
}

/// Makes a weekly schedule: each hour's quantile of its highest minutes, led by `lead` minutes, merged to at most six steps a day; nothing with less than a week of data.
#[must_use]
pub fn schedule(need: &Need, minutes_of_week: &[u16], level: f64, lead: u32) -> Option<Schedule> {
    let mut hours: Vec<Vec<f32>> = vec![Vec::new(); 168];
    let mut at = 0;
    while at < minutes_of_week.len() {
        let hour = minutes_of_week[at] / 60;
        let mut end = at + 1;
        while end < minutes_of_week.len() && minutes_of_week[end] / 60 == hour {
            end += 1;
        }
        let crest = need.per_minute()[at..end]
            .iter()
            .copied()
            .filter(|value| !value.is_nan());
        if let Some(crest) = crest.reduce(f32::max) {
            hours[usize::from(hour)].push(crest);
        }
        at = end;
    }
    let mut units = Vec::with_capacity(168);
    for hour in &mut hours {
        units.push(quantile(hour, level).map(units_for)?);
    }
    let mut actions: Vec<(u16, u32)> = Vec::new();
    for day in 0..7 {
        for (start, end) in merged(&units[day * 24..day * 24 + 24]) {
            let most = units[day * 24 + start..day * 24 + end]
                .iter()
                .copied()
                .max()
                .unwrap_or(0);
            actions.push(((day * DAY + start * 60) as u16, most));
        }
    }
    // A rise is led, a fall is not: the hour before keeps what it needs.
    let mut led: Vec<(u16, u32)> = Vec::with_capacity(actions.len());
    for (index, &(minute, most)) in actions.iter().enumerate() {
        let before = actions[(index + actions.len() - 1) % actions.len()].1;
        if most == before && actions.len() > 1 {
            continue;
        }
        let shift = if most > before { lead as usize } else { 0 };
        led.push((((usize::from(minute) + WEEK - shift) % WEEK) as u16, most));
    }
    if led.is_empty() {
        led.extend(actions.first());
    }
    led.sort_unstable();
    led.dedup_by_key(|action| action.0);
    Some(Schedule { actions: led })
}

/// Merges the 24 hours of a day into at most six runs, each time the two neighbours whose union wastes least.
fn merged(units: &[u32]) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize, u32)> = units
        .iter()
        .enumerate()
        .map(|(hour, &units)| (hour, hour + 1, units))
        .collect();
    let waste = |one: &(usize, usize, u32), next: &(usize, usize, u32)| {
        let most = one.2.max(next.2) as usize;
        (most - one.2 as usize) * (one.1 - one.0) + (most - next.2 as usize) * (next.1 - next.0)
    };
    loop {
        let cheapest = runs
            .windows(2)
            .enumerate()
            .map(|(at, pair)| (waste(&pair[0], &pair[1]), at))
            .min();
        match cheapest {
            Some((wasted, at)) if wasted == 0 || runs.len() > MOST_STEPS_A_DAY => {
                let next = runs.remove(at + 1);
                runs[at].1 = next.1;
                runs[at].2 = runs[at].2.max(next.2);
            }
            _ => break,
        }
    }
    runs.into_iter().map(|(start, end, _)| (start, end)).collect()
}

fn measured(need: &Need) -> Vec<f32> {
    need.per_minute()
        .iter()
        .copied()
        .filter(|value| !value.is_nan())
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn need(values: Vec<f32>) -> Need {
        Need::new(&Load::from_minutes(0, values), 1.0, 0.0)
    }

    #[test]
    fn a_flat_load_may_be_tracked_at_the_brim_and_a_doubling_one_at_half() {
        assert_eq!(tracking_target(&need(vec![3.0; 100]), 5, 0.99), Some(1.0));
        let doubling: Vec<f32> = (0..1_000)
            .map(|minute| if minute % 100 < 50 { 1.0 } else { 2.0 })
            .collect();
        // One minute in a hundred eight times over stands before a doubling.
        assert_eq!(tracking_target(&need(doubling), 5, 0.99), Some(0.5));
        assert_eq!(tracking_target(&need(vec![1.0; 5]), 5, 0.99), None);
    }

    #[test]
    fn a_day_has_at_most_six_steps_and_covers_every_hour() {
        let units: Vec<u32> = (0..24).map(|hour| 1 + (hour * 7) % 11).collect();
        let runs = merged(&units);
        assert!(runs.len() <= MOST_STEPS_A_DAY);
        assert_eq!(runs.first().unwrap().0, 0);
        assert_eq!(runs.last().unwrap().1, 24);
        assert!(runs.windows(2).all(|pair| pair[0].1 == pair[1].0));
    }

    #[test]
    fn a_schedule_leads_its_rises_and_not_its_falls() {
        // Two weeks from a Monday: 2 units, 9 to 17 o'clock 8 units.
        let first = 4 * 1_440;
        let values: Vec<f32> = (0..2 * WEEK)
            .map(|minute| {
                if (540..1_020).contains(&(minute % DAY)) {
                    8.0
                } else {
                    2.0
                }
            })
            .collect();
        let load = Load::from_minutes(first, values);
        let week = load.minutes_of_week(&jiff::tz::TimeZone::UTC);
        let schedule = schedule(&Need::new(&load, 1.0, 0.0), &week, 0.9, 10).unwrap();
        assert_eq!(schedule.actions[..2], [(530, 8), (1_020, 2)]);
        assert_eq!(schedule.actions.len(), 14);
        assert_eq!(schedule.at(0), 2);
    }

    #[test]
    fn growth_is_planned_for_only_where_it_is_seen() {
        let flat = Load::from_minutes(0, vec![5.0; 20 * DAY]);
        assert_eq!(growth(&flat), 1.0);
        let growing: Vec<f32> = (0..20 * DAY)
            .map(|minute| 1.0 + minute as f32 / (20 * DAY) as f32)
            .collect();
        assert!(growth(&Load::from_minutes(0, growing)) > 1.5);
    }
}
