//! Measures the figures of cost: what-if scenarios, and what else is answered about money.
//!
//! Run with `make bench ONLY=cost`. A subject is a file with one function that
//! adds its figures; a word on the command line runs that subject alone.

#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, missing_docs)]

mod commitment;
mod forecast;
mod other_series;
mod refresh;
mod regret;
mod rules;
mod scenarios;

#[path = "../figures/mod.rs"]
mod figures;

use std::path::Path;

use figures::Figures;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Adds the figures of a subject; the folder is the repository's.
type Measure = fn(&mut Figures, &Path);

/// The subjects by name; one more file is one more line.
const SUBJECTS: [(&str, Measure); 4] = [
    ("scenarios", scenarios::measure),
    ("commitment", commitment::measure),
    ("forecast", forecast::measure),
    ("refresh", refresh::measure),
];

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let mut figures = Figures::of("cost");
    for (name, measure) in SUBJECTS {
        if wanted.is_empty() || wanted.iter().any(|word| word == name) {
            println!("{name}");
            measure(&mut figures, root);
        }
    }
    // Figures of one subject alone would stand in the place of all.
    if wanted.is_empty() {
        figures.finish(&root.join("target")).unwrap();
    }
}
