//! Where does each box of the picture stand? Tiers from left to right, environments from top to bottom.
//!
//! Layers are given (the tiers), so what is left of a layered drawing (Sugiyama
//! 1981) is the order within a layer: each box goes to the mean height of its
//! neighbours, a few times over. Only lengths are computed here, no text.

use std::collections::{BTreeMap, BTreeSet};

use super::boxes::{Wire, Work};
use super::tier::Tier;

pub(super) const BOX_WIDTH: f64 = 196.0;
const COLUMN_GAP: f64 = 108.0;
const BOX_GAP: f64 = 12.0;
pub(super) const TITLE_HEIGHT: f64 = 20.0;
pub(super) const LINE_HEIGHT: f64 = 14.0;
pub(super) const MARGIN: f64 = 16.0;
/// Height of the head with titles of the columns.
pub(super) const HEAD: f64 = 64.0;
const BAND_HEAD: f64 = 26.0;
const BAND_GAP: f64 = 14.0;
/// Lines of a box at most; the tooltip has the rest.
pub(super) const LINES_AT_MOST: usize = 8;
/// Sweeps after which the order no longer changes much.
const SWEEPS: usize = 6;

/// A place on the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Place {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) height: f64,
    pub(super) column: usize,
}

/// A band of one environment.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Band {
    pub(super) environment: String,
    pub(super) y: f64,
    pub(super) height: f64,
}

/// The places of all boxes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Layout {
    pub(super) places: Vec<Place>,
    /// Titles of the columns that are there, with their left end.
    pub(super) columns: Vec<(String, f64)>,
    pub(super) bands: Vec<Band>,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Gives the height of a box.
fn height(work: &Work) -> f64 {
    let lines = work.lines.len().min(LINES_AT_MOST) + usize::from(work.among_themselves) + usize::from(work.shared);
    TITLE_HEIGHT + lines as f64 * LINE_HEIGHT + 8.0
}

/// The column of a box: outside clients, tiers, outside servers.
fn column(at: usize, work: &Work, wires: &[Wire]) -> usize {
    match &work.place {
        Some((_, tier)) => 1 + Tier::ALL.iter().position(|one| one == tier).unwrap_or(0),
        None if wires.iter().any(|wire| wire.from == at) => 0,
        None => 1 + Tier::ALL.len(),
    }
}

/// Places the boxes.
pub(super) fn layout(works: &[Work], wires: &[Wire]) -> Layout {
    let columns: Vec<usize> = works
        .iter()
        .enumerate()
        .map(|(at, work)| column(at, work, wires))
        .collect();
    let used: BTreeSet<usize> = columns.iter().copied().collect();
    let left: BTreeMap<usize, f64> = used
        .iter()
        .enumerate()
        .map(|(position, &column)| (column, MARGIN + position as f64 * (BOX_WIDTH + COLUMN_GAP)))
        .collect();
    let mut places: Vec<Place> = works
        .iter()
        .zip(&columns)
        .map(|(work, column)| Place {
            x: left.get(column).copied().unwrap_or(MARGIN),
            y: 0.0,
            height: height(work),
            column: *column,
        })
        .collect();
    // Stacks of boxes: one per environment and column, and one for each side outside.
    let mut environments: BTreeMap<&str, BTreeMap<usize, Vec<usize>>> = BTreeMap::new();
    let mut outside: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, work) in works.iter().enumerate() {
        let Some(&column) = columns.get(at) else { continue };
        match &work.place {
            Some((environment, _)) => {
                let stacks = environments.entry(environment).or_default();
                stacks.entry(column).or_default().push(at);
            }
            None => outside.entry(column).or_default().push(at),
        }
    }
    // The environment with the most boxes first: production in most estates.
    let mut order: Vec<&str> = environments.keys().copied().collect();
    let boxes = |name: &str| {
        environments
            .get(name)
            .map_or(0, |stacks| stacks.values().map(Vec::len).sum::<usize>())
    };
    order.sort_by_key(|name| (std::cmp::Reverse(boxes(name)), *name));
    let mut bands = Vec::new();
    let mut top = HEAD;
    for name in order {
        let Some(stacks) = environments.get_mut(name) else {
            continue;
        };
        let tallest = stacks
            .values()
            .map(|stack| stack_height(stack, &places))
            .fold(0.0, f64::max);
        let height = BAND_HEAD + tallest + BOX_GAP;
        for sweep in 0..SWEEPS {
            for stack in stacks.values_mut() {
                if sweep > 0 {
                    by_neighbours(stack, wires, &places);
                }
                pile(stack, top + BAND_HEAD, tallest, &mut places);
            }
        }
        bands.push(Band {
            environment: name.to_string(),
            y: top,
            height,
        });
        top += height + BAND_GAP;
    }
    let mut bottom = top;
    for stack in outside.values_mut() {
        by_neighbours(stack, wires, &places);
        let tall = stack_height(stack, &places);
        pile(
            stack,
            HEAD + BAND_HEAD,
            tall.max(top - HEAD - BAND_HEAD - BAND_GAP),
            &mut places,
        );
        bottom = bottom.max(HEAD + BAND_HEAD + tall + BAND_GAP);
    }
    let title = |column: usize| match column.checked_sub(1).and_then(|tier| Tier::ALL.get(tier)) {
        Some(tier) => tier.title(),
        None if column == 0 => "Clients outside",
        None => "Servers outside",
    };
    Layout {
        columns: left
            .iter()
            .map(|(&column, &x)| (title(column).to_string(), x))
            .collect(),
        width: 2.0 * MARGIN + used.len() as f64 * (BOX_WIDTH + COLUMN_GAP) - COLUMN_GAP,
        height: bottom + MARGIN,
        places,
        bands,
    }
}

fn stack_height(stack: &[usize], places: &[Place]) -> f64 {
    let heights: f64 = stack
        .iter()
        .filter_map(|&at| places.get(at))
        .map(|place| place.height)
        .sum();
    heights + BOX_GAP * stack.len().saturating_sub(1) as f64
}

/// Orders a stack by the mean height of what its boxes are wired to; ties keep their order.
fn by_neighbours(stack: &mut [usize], wires: &[Wire], places: &[Place]) {
    let middle = |at: usize| places.get(at).map_or(0.0, |place| place.y + place.height / 2.0);
    let mut keyed: Vec<(f64, usize)> = stack
        .iter()
        .map(|&at| {
            let peers: Vec<f64> = wires
                .iter()
                .filter_map(|wire| match (wire.from == at, wire.to == at) {
                    (true, false) => Some(middle(wire.to)),
                    (false, true) => Some(middle(wire.from)),
                    _ => None,
                })
                .collect();
            let mean = if peers.is_empty() {
                middle(at)
            } else {
                peers.iter().sum::<f64>() / peers.len() as f64
            };
            (mean, at)
        })
        .collect();
    keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (slot, (_, at)) in stack.iter_mut().zip(keyed) {
        *slot = at;
    }
}

/// Piles a stack up within a room, spread evenly.
fn pile(stack: &[usize], top: f64, room: f64, places: &mut [Place]) {
    let free = (room - stack_height(stack, places)).max(0.0);
    let gap = free / (stack.len() as f64 + 1.0);
    // A little air only: boxes of one environment belong together.
    let gap = gap.min(60.0);
    let mut y = top + (free - gap * stack.len().saturating_sub(1) as f64) / 2.0;
    for &at in stack {
        if let Some(place) = places.get_mut(at) {
            place.y = y;
            y += place.height + BOX_GAP + gap;
        }
    }
}
