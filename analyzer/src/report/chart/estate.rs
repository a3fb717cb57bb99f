//! The whole estate in one picture: the size each host has against the size it needs.
//!
//! Input: a few numbers a host. Output: a [`Drawing`] of 900 × 540 pixels.
//! Both axes double from step to step, so that a host that is twice too large
//! lies equally far below the diagonal whatever its size.

use std::collections::BTreeMap;

use super::axis::{Scale, doubling_ticks};
use super::drawing::{Anchor, Drawing, Point, Text};
use super::estate_names::draw_names;
use super::font::Weight;
use super::palette::{AXIS, CATEGORIES, GRID, Ink, OTHER, QUIET_TEXT, TEXT, WHITE, faint};
use super::swarm::{Reaches, fanned};
use super::words::{count, dollars, figure, name};
use crate::plan::Recommendation;

const WIDTH: u32 = 900;
const HEIGHT: u32 = 540;
pub(super) const LEFT: f64 = 66.0;
pub(super) const RIGHT: f64 = 706.0;
pub(super) const TOP: f64 = 66.0;
pub(super) const BOTTOM: f64 = 478.0;
/// Smallest dot, pixels: what is cheap or of unknown cost must still be seen.
const LEAST_RADIUS: f64 = 1.8;

/// One host of the scatter.
#[derive(Clone, Debug, PartialEq)]
pub struct EstateHost {
    /// Its name, exactly as its source gave it.
    pub host: String,
    /// Its environment.
    pub environment: String,
    /// vCPUs it has.
    pub source_vcpu: Option<f64>,
    /// vCPUs proposed, all instances together.
    pub proposed_vcpu: Option<f64>,
    /// Cores it asks for.
    pub demand_cores: Option<f64>,
    /// What the proposal costs a month, US dollars.
    pub usd_per_month: Option<f64>,
}

/// What the vertical axis shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EstateMeasure {
    /// vCPUs of the proposal.
    ProposedVcpu,
    /// Cores the host asks for.
    DemandCores,
}

/// Takes the scatter's numbers from a plan's rows.
#[must_use]
pub fn estate_hosts(recommendations: &[Recommendation]) -> Vec<EstateHost> {
    recommendations
        .iter()
        .map(|row| EstateHost {
            host: row.host.clone(),
            environment: row.environment.clone(),
            source_vcpu: row.source_vcpu,
            proposed_vcpu: row.vcpu.map(|vcpu| f64::from(vcpu) * f64::from(row.instance_count)),
            demand_cores: row.cpu_demand_cores,
            usd_per_month: row
                .total_usd_per_month
                .or(row.compute_usd_per_month)
                .map(|cost| cost.approximately()),
        })
        .collect()
}

/// A host that can be placed.
pub(super) struct Placed<'a> {
    pub(super) host: &'a EstateHost,
    pub(super) today: f64,
    pub(super) needed: f64,
    pub(super) at: Point,
    pub(super) radius: f64,
    ink: Ink,
}

/// Draws the estate; nothing where no host has both numbers.
#[must_use]
pub fn estate_scatter(hosts: &[EstateHost], measure: EstateMeasure) -> Option<Drawing> {
    let needed = |host: &EstateHost| match measure {
        EstateMeasure::ProposedVcpu => host.proposed_vcpu,
        EstateMeasure::DemandCores => host.demand_cores,
    };
    let mut known: Vec<(&EstateHost, f64, f64)> = hosts
        .iter()
        .filter_map(|host| Some((host, positive(host.source_vcpu?)?, positive(needed(host)?)?)))
        .collect();
    known.sort_by(|a, b| a.0.host.cmp(&b.0.host));
    let frame = frame(&known)?;
    let inks = environment_inks(&known);
    let (placed, largest) = place(&known, measure, &frame, &inks);

    let what = match measure {
        EstateMeasure::ProposedVcpu => "vCPUs proposed",
        EstateMeasure::DemandCores => "cores asked for",
    };
    let description = format!("{}: vCPUs today against {what}", count(known.len(), "host", "hosts"));
    let mut drawing = Drawing::new(WIDTH, HEIGHT, description);
    draw_title(&mut drawing, what, hosts.len() - known.len(), known.len());
    draw_axes(&mut drawing, &frame, what);
    draw_dots(&mut drawing, &placed);
    draw_names(&mut drawing, &frame, &placed);
    draw_legend(&mut drawing, &inks, &placed, largest);
    Some(drawing)
}

fn positive(value: f64) -> Option<f64> {
    (value.is_finite() && value > 0.0).then_some(value)
}

/// Gives the range of some values, half a doubling wider on each side.
fn range(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let (low, high) = values.fold((f64::INFINITY, 0.0_f64), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    // Twelve doublings are what can be read; a lower value is drawn at the edge.
    (high > 0.0).then(|| (low.max(high / 4096.0) / 1.6, high * 1.6))
}

/// Both scales, with the values at their ends.
pub(super) struct Frame {
    pub(super) x: Scale,
    pub(super) y: Scale,
    across: (f64, f64),
    up: (f64, f64),
}

impl Frame {
    /// Gives the values at the ends of the diagonal, where it runs through the plot at all.
    pub(super) fn diagonal(&self) -> Option<(f64, f64)> {
        let (start, end) = (self.across.0.max(self.up.0), self.across.1.min(self.up.1));
        (start < end).then_some((start, end))
    }
}

fn frame(known: &[(&EstateHost, f64, f64)]) -> Option<Frame> {
    let across = range(known.iter().map(|known| known.1))?;
    let (low, high) = range(known.iter().map(|known| known.2))?;
    // The vertical range holds a good part of the diagonal, too.
    let up = (low.min(across.0 * 1.2), high.max(across.1 / 1.2));
    let (x, y) = (
        Scale::doubling(across, (LEFT, RIGHT)),
        Scale::doubling(up, (BOTTOM, TOP)),
    );
    Some(Frame { x, y, across, up })
}

/// Gives the environments their colours, the largest first.
fn environment_inks(known: &[(&EstateHost, f64, f64)]) -> Vec<(String, usize, Ink)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (host, _, _) in known {
        *counts.entry(host.environment.as_str()).or_default() += 1;
    }
    let mut sorted: Vec<(&str, usize)> = counts.into_iter().collect();
    sorted.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let ink = |index: usize| CATEGORIES.get(index).copied().unwrap_or(OTHER);
    sorted
        .into_iter()
        .enumerate()
        .map(|(index, (name, count))| (name.to_string(), count, ink(index)))
        .collect()
}

/// Gives the radius of the dearest host's dot: smaller, the more hosts there are.
fn largest_radius(hosts: usize) -> f64 {
    (60.0 / (hosts as f64).sqrt()).clamp(6.0, 15.0)
}

/// Places every host and gives the radius of the dearest one's dot.
fn place<'a>(
    known: &[(&'a EstateHost, f64, f64)],
    measure: EstateMeasure,
    Frame { x, y, .. }: &Frame,
    inks: &[(String, usize, Ink)],
) -> (Vec<Placed<'a>>, f64) {
    let dearest = known
        .iter()
        .filter_map(|known| known.0.usd_per_month)
        .fold(0.0, f64::max);
    let largest = largest_radius(known.len());
    let radius = |host: &EstateHost| match host.usd_per_month {
        Some(cost) if dearest > 0.0 => largest * (cost.max(0.0) / dearest).sqrt(),
        _ => 0.0,
    };
    let places: Vec<Point> = known
        .iter()
        .map(|known| (x.pixel(known.1), y.pixel(known.2).clamp(TOP, BOTTOM)))
        .collect();
    let doubling = (x.pixel(2.0) - x.pixel(1.0)).min(y.pixel(1.0) - y.pixel(2.0));
    let reaches = Reaches::of(&places, doubling * 0.42);
    let radii: Vec<f64> = known.iter().map(|known| radius(known.0)).collect();
    let unit = match measure {
        EstateMeasure::ProposedVcpu => largest * reaches.shrinkage(&places, &radii),
        EstateMeasure::DemandCores => largest,
    };
    let radii: Vec<f64> = radii
        .iter()
        .map(|radius| (radius / largest * unit).max(LEAST_RADIUS))
        .collect();
    let typical = radii.iter().sum::<f64>() / radii.len().max(1) as f64;
    let laid = match measure {
        EstateMeasure::ProposedVcpu => reaches.laid_out(&places, typical * 2.0),
        EstateMeasure::DemandCores => fanned(&places, typical * 2.0, doubling * 0.2),
    };
    let dots = known
        .iter()
        .zip(laid)
        .zip(radii)
        .map(|((&(host, today, needed), at), radius)| {
            let ink = inks
                .iter()
                .find(|ink| ink.0 == host.environment)
                .map_or(OTHER, |ink| ink.2);
            Placed {
                host,
                today,
                needed,
                at,
                radius,
                ink,
            }
        });
    (dots.collect(), unit)
}

fn draw_title(drawing: &mut Drawing, what: &str, left_out: usize, shown: usize) {
    let words = format!("vCPUs today against {what}");
    drawing.text(Text {
        at: (16.0, 22.0),
        words,
        size: 16.0,
        weight: Weight::Semibold,
        anchor: Anchor::Start,
        ink: TEXT,
    });
    let missing = match left_out {
        0 => String::new(),
        left_out => format!(
            " · {} without these numbers not shown",
            count(left_out, "host", "hosts")
        ),
    };
    let subtitle = format!(
        "each dot is a host ({shown}); below the diagonal it has more than it needs; dots of one size lie side by side{missing}"
    );
    drawing.words((16.0, 41.0), subtitle, 12.0, Anchor::Start, QUIET_TEXT);
}

fn draw_axes(drawing: &mut Drawing, frame: &Frame, what: &str) {
    let Frame { x, y, across, up } = frame;
    for tick in doubling_ticks(up.0, up.1, 13) {
        let pixel = y.pixel(tick);
        drawing.line(vec![(LEFT, pixel), (RIGHT, pixel)], 1.0, GRID);
        drawing.words((LEFT - 9.0, pixel + 4.2), figure(tick), 12.0, Anchor::End, QUIET_TEXT);
    }
    drawing.line(vec![(LEFT, BOTTOM), (RIGHT, BOTTOM)], 1.0, AXIS);
    for tick in doubling_ticks(across.0, across.1, 13) {
        let pixel = x.pixel(tick);
        drawing.line(vec![(pixel, BOTTOM), (pixel, BOTTOM + 5.0)], 1.0, AXIS);
        drawing.words((pixel, BOTTOM + 20.0), figure(tick), 12.0, Anchor::Middle, QUIET_TEXT);
    }
    drawing.words(
        ((LEFT + RIGHT) / 2.0, BOTTOM + 43.0),
        "vCPUs today",
        12.5,
        Anchor::Middle,
        TEXT,
    );
    drawing.words((16.0, TOP), what, 12.5, Anchor::Start, TEXT);

    if let Some((start, end)) = frame.diagonal() {
        let at = |value: f64| (x.pixel(value), y.pixel(value));
        drawing.dashes(at(start), at(end), (6.0, 4.0), 1.4, AXIS);
    }
}

fn draw_dots(drawing: &mut Drawing, placed: &[Placed<'_>]) {
    let mut order: Vec<&Placed<'_>> = placed.iter().collect();
    // Small dots lie on large ones; within a size, one colour after the other keeps the file small.
    order.sort_by(|a, b| {
        b.radius
            .total_cmp(&a.radius)
            .then_with(|| a.host.environment.cmp(&b.host.environment))
    });
    for dot in order {
        if placed.len() <= 200 {
            drawing.dot(dot.at, dot.radius + 0.8, WHITE);
        }
        drawing.dot(dot.at, dot.radius, faint(dot.ink, 0.78));
    }
}

fn draw_legend(drawing: &mut Drawing, inks: &[(String, usize, Ink)], placed: &[Placed<'_>], largest: f64) {
    let x = RIGHT + 26.0;
    let mut y = TOP + 6.0;
    for (environment, hosts, ink) in inks.iter().take(CATEGORIES.len()) {
        drawing.dot((x + 6.0, y), 6.0, faint(*ink, 0.78));
        let words = format!("{} ({hosts})", name(environment, 18));
        drawing.words((x + 20.0, y + 4.4), words, 12.0, Anchor::Start, TEXT);
        y += 22.0;
    }
    let others: usize = inks.iter().skip(CATEGORIES.len()).map(|ink| ink.1).sum();
    if others > 0 {
        drawing.dot((x + 6.0, y), 6.0, faint(OTHER, 0.78));
        drawing.words(
            (x + 20.0, y + 4.4),
            format!("others ({others})"),
            12.0,
            Anchor::Start,
            TEXT,
        );
        y += 22.0;
    }
    let dearest = placed
        .iter()
        .filter_map(|dot| dot.host.usd_per_month)
        .fold(0.0, f64::max);
    if dearest <= 0.0 {
        return;
    }
    y += 20.0;
    drawing.words((x, y), "area: cost a month", 12.0, Anchor::Start, QUIET_TEXT);
    y += 8.0;
    for part in [1.0, 0.25, 0.05] {
        let radius = (largest * f64::sqrt(part)).max(LEAST_RADIUS);
        y += radius.max(9.0) + 4.0;
        drawing.dot((x + 14.0, y), radius, faint(OTHER, 0.78));
        drawing.words((x + 36.0, y + 4.4), dollars(dearest * part), 12.0, Anchor::Start, TEXT);
        y += radius.max(9.0);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::drawing::Mark;
    use super::*;

    fn estate(hosts: usize) -> Vec<EstateHost> {
        (0..hosts)
            .map(|index| EstateHost {
                host: format!("host-{index:04}"),
                environment: ["production", "staging", "dev & <test>"][index % 3].to_string(),
                source_vcpu: Some(f64::from(1_u32 << (index % 7))),
                proposed_vcpu: Some(f64::from(1_u32 << (index * 3 % 5))),
                demand_cores: Some(0.1 + (index % 13) as f64),
                usd_per_month: (index % 11 != 0).then(|| 20.0 + (index * 37 % 900) as f64),
            })
            .collect()
    }

    fn dots(drawing: &Drawing) -> usize {
        let is_host =
            |mark: &&Mark| matches!(mark, Mark::Dot { ink, centre, .. } if ink.3 < 1.0 && centre.0 <= RIGHT + 5.0);
        drawing.marks().iter().filter(is_host).count()
    }

    #[test]
    fn every_host_with_both_numbers_is_a_dot() {
        for hosts in [1, 5, 1000] {
            let drawing = estate_scatter(&estate(hosts), EstateMeasure::ProposedVcpu).unwrap();
            assert_eq!(dots(&drawing), hosts);
            assert!(!drawing.svg().contains("NaN"));
        }
    }

    #[test]
    fn hosts_without_a_proposal_are_counted_not_drawn() {
        let mut hosts = estate(6);
        hosts[2].proposed_vcpu = None;
        let drawing = estate_scatter(&hosts, EstateMeasure::ProposedVcpu).unwrap();
        assert_eq!(dots(&drawing), 5);
        assert!(drawing.svg().contains("1 host without these numbers not shown"));
        hosts.iter_mut().for_each(|host| host.source_vcpu = None);
        assert!(estate_scatter(&hosts, EstateMeasure::ProposedVcpu).is_none());
    }

    #[test]
    fn the_order_of_hosts_is_irrelevant() {
        let hosts = estate(50);
        let mut turned = hosts.clone();
        turned.reverse();
        let draw = |hosts: &[EstateHost]| estate_scatter(hosts, EstateMeasure::DemandCores).unwrap().svg();
        assert_eq!(draw(&hosts), draw(&turned));
    }

    #[test]
    fn a_thousand_hosts_stay_below_a_hundred_kilobytes() {
        let svg = estate_scatter(&estate(1000), EstateMeasure::DemandCores).unwrap().svg();
        assert!(svg.len() < 100_000, "{}", svg.len());
        assert!(svg.contains("dev &amp; &lt;test&gt;"));
    }
}
