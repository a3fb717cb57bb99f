//! What a re-size and a comparison of scenarios take.

use std::path::Path;

use crate::figures::Figures;

/// Adds the figures of scenarios.
pub fn measure(_figures: &mut Figures, _root: &Path) {}
