//! Is the risk that was asked for the risk that came?
//!
//! For each dial every host gets exactly the CPU that its outlook asks for, at
//! most what it has, without rounding to a type; the share of the time short
//! in the judged part is compared with the dial, and each host's own share
//! with the interval that was stated for it.

use serde::{Deserialize, Serialize};

use super::later::Later;
use crate::size::risk::Outlook;

/// One dial on one cut.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Which cut, counted from 0.
    pub cut: usize,
    /// The share of the time asked for.
    pub asked: f64,
    /// The share of the time that came, averaged over the hosts.
    pub realised: f64,
    /// Share of the hosts whose own share lay within the interval stated for them.
    pub covered: f64,
    /// Hosts.
    pub hosts: usize,
}

/// One host's part in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    pub(super) realised: f64,
    pub(super) covered: bool,
}

impl Sample {
    /// Judges one host at a dial.
    pub(super) fn of(outlook: &Outlook, dial: f64, later: &Later) -> Self {
        let capacity = outlook.needed(dial);
        let realised = later.cpu_short(capacity);
        let (low, high) = outlook.interval(capacity);
        // A share is known to one sample of the judged part.
        let grain = 1.0 / later.samples().max(1) as f64;
        Self {
            realised,
            covered: (low - grain..=high + grain).contains(&realised),
        }
    }
}

impl Calibration {
    /// Averages the hosts of a cut.
    pub(super) fn of(cut: usize, asked: f64, samples: &[Sample]) -> Self {
        let count = samples.len().max(1) as f64;
        Self {
            cut,
            asked,
            realised: samples.iter().map(|sample| sample.realised).sum::<f64>() / count,
            covered: samples.iter().filter(|sample| sample.covered).count() as f64 / count,
            hosts: samples.len(),
        }
    }
}
