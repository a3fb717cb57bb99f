//! Labels at the right end of a chart's lines, moved apart so that none overlaps.

use super::drawing::{Anchor, Drawing, Text};
use super::font::Weight;
use super::palette::{AXIS, Ink};

/// Size of a label's letters, pixels an em.
pub(super) const LABEL_SIZE: f64 = 12.0;
/// Height a line of a label takes.
const LINE_HEIGHT: f64 = 15.0;
/// Pixels from the line's end to its label.
const REACH: f64 = 12.0;

/// A label that wants to stand beside the end of its line.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SideLabel {
    /// Where its line ends.
    pub(super) y: f64,
    /// Its lines; the first stands out.
    pub(super) lines: Vec<String>,
    pub(super) weight: Weight,
    pub(super) ink: Ink,
}

impl SideLabel {
    fn height(&self) -> f64 {
        self.lines.len() as f64 * LINE_HEIGHT
    }
}

/// Writes the labels right of `x`, between `top` and `bottom`, each tied to its line.
pub(super) fn write(drawing: &mut Drawing, x: f64, (top, bottom): (f64, f64), mut labels: Vec<SideLabel>) {
    labels.sort_by(|a, b| a.y.total_cmp(&b.y));
    let middles = apart(&labels, top, bottom);
    for (label, middle) in labels.into_iter().zip(middles) {
        drawing.line(vec![(x, label.y), (x + REACH - 3.0, middle)], 1.0, AXIS);
        let first = middle - label.height() / 2.0 + LINE_HEIGHT * 0.5 + LABEL_SIZE * 0.36;
        for (index, words) in label.lines.into_iter().enumerate() {
            let weight = if index == 0 { label.weight } else { Weight::Regular };
            let at = (x + REACH, first + index as f64 * LINE_HEIGHT);
            drawing.text(Text {
                at,
                words,
                size: LABEL_SIZE,
                weight,
                anchor: Anchor::Start,
                ink: label.ink,
            });
        }
    }
}

/// Gives the middles of the labels (sorted by where they want to be): as near as possible, in order, none overlapping.
fn apart(labels: &[SideLabel], top: f64, bottom: f64) -> Vec<f64> {
    let mut middles: Vec<f64> = Vec::with_capacity(labels.len());
    let mut free_from = top;
    for label in labels {
        let middle = label.y.max(free_from + label.height() / 2.0);
        free_from = middle + label.height() / 2.0;
        middles.push(middle);
    }
    let mut free_to = bottom;
    for (middle, label) in middles.iter_mut().zip(labels).rev() {
        *middle = middle.min(free_to - label.height() / 2.0);
        free_to = *middle - label.height() / 2.0;
    }
    middles
}

#[cfg(test)]
mod tests {
    use super::super::palette::TEXT;
    use super::*;
    use proptest::prelude::*;

    fn label(y: f64, lines: usize) -> SideLabel {
        SideLabel {
            y,
            lines: vec!["P95 9.8".to_string(); lines],
            weight: Weight::Regular,
            ink: TEXT,
        }
    }

    proptest! {
        #[test]
        fn labels_never_overlap(mut wanted in proptest::collection::vec((50.0..270.0_f64, 1_usize..3), 1..8)) {
            wanted.sort_by(|a, b| a.0.total_cmp(&b.0));
            let labels: Vec<SideLabel> = wanted.iter().map(|&(y, lines)| label(y, lines)).collect();
            let middles = apart(&labels, 40.0, 280.0);
            for index in 1..labels.len() {
                let needed = (labels[index - 1].height() + labels[index].height()) / 2.0;
                prop_assert!(middles[index] - middles[index - 1] >= needed - 1e-9);
            }
        }
    }

    #[test]
    fn a_lone_label_stands_at_its_line() {
        assert_eq!(apart(&[label(100.0, 1)], 40.0, 280.0), [100.0]);
    }

    #[test]
    fn labels_at_the_lower_edge_move_up() {
        let middles = apart(&[label(275.0, 1), label(279.0, 1)], 40.0, 280.0);
        assert_eq!(middles, [257.5, 272.5]);
    }
}
